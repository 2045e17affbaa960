"""A chat completions endpoint whose answers lie ready in memory, so that it costs as little as a server can.

`benchmarks/client.py` starts it as a process of its own. The path says what comes: `/burst` a stream as fast as can be,
`/paced` one as a model speaks, `/whole` one JSON document.
"""

from __future__ import annotations

import asyncio
import json

CHUNKS = 500
"""Chunks of a stream."""

PACE = 0.02
"""Seconds between two chunks of a stream that comes as a model speaks; so slow that nobody measured falls behind."""


def chunk_of(delta: dict[str, str], finish_reason: str | None = None) -> bytes:
    """A chunk as OpenAI sends it, as a server-sent event in an HTTP chunk of its own."""
    chunk = {
        "id": "chatcmpl-CAtY0yfGKRlLsDNq6tYzTXbmKuqDN",
        "object": "chat.completion.chunk",
        "created": 1756800000,
        "model": "gpt-5-mini-2025-08-07",
        "service_tier": "default",
        "system_fingerprint": None,
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}],
        "obfuscation": "Jk3VbQw9",
    }
    return framed(b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n")


def framed(data: bytes) -> bytes:
    """These bytes as one HTTP chunk."""
    return b"%x\r\n%b\r\n" % (len(data), data)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
EVENTS = [
    *(chunk_of({"content": f" word{number % 100}"}) for number in range(CHUNKS - 1)),
    chunk_of({}, "stop") + framed(b"data: [DONE]\n\n") + b"0\r\n\r\n",
]
DOCUMENT = json.dumps(
    {
        "id": "chatcmpl-CAtY0yfGKRlLsDNq6tYzTXbmKuqDN",
        "object": "chat.completion",
        "created": 1756800000,
        "model": "gpt-5-mini-2025-08-07",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Good day to you. " * 10, "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 8, "completion_tokens": 50, "total_tokens": 58},
    }
).encode()
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(DOCUMENT), DOCUMENT)
BURST = HEAD + b"".join(EVENTS)


class Server(asyncio.Protocol):
    """Answers without looking: the path alone says with what."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for a request."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._held = b""

    def data_received(self, data: bytes) -> None:
        """Answer once the request's body is there, which ends with a brace."""
        self._held += data
        head, _, body = self._held.partition(b"\r\n\r\n")
        if not body.endswith(b"}"):
            return
        self._held = b""
        if head.startswith(b"POST /whole"):
            self._transport.write(WHOLE)
        elif head.startswith(b"POST /burst"):
            self._transport.write(BURST)
        else:
            self._transport.write(HEAD)
            self._go_on(0)

    def _go_on(self, at: int) -> None:
        self._transport.write(EVENTS[at])
        if at + 1 < len(EVENTS):
            asyncio.get_running_loop().call_later(PACE, self._go_on, at + 1)


async def serve() -> None:
    """Print the port, and answer until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
