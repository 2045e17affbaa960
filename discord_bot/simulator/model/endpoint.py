"""A chat completions endpoint on this machine: the stand-in model, fixed scripts, and named faults.

It answers as OpenAI documents it (https://platform.openai.com/docs/api-reference/chat), streamed or not, and keeps what
it was sent. It can be a server of its own, or routes in another application. It knows nothing of who asks.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from discord_bot.simulator.model.stand_in import answer, pieces

NATURAL_PACE = 0.02
"""Seconds between two pieces of an answer: about the speed at which people read."""

THINKING = 20
"""How many times longer than the others the first piece takes; enough to see that somebody is typing."""

SLOWNESS = 15
"""How many times longer everything takes where the model is slow."""

KEPT_REQUESTS = 2000
"""Requests whose bodies are remembered; the oldest go first."""

MAX_REQUEST_BYTES = 64 * 2**20
"""Images come inside the request, so some megabytes are usual."""


class Fault(StrEnum):
    """What goes wrong on purpose."""

    WRONG_KEY = "wrong key"
    NO_MODEL = "no such model"
    CONTEXT_LENGTH = "context length exceeded"
    RATE_LIMITED = "rate limited"
    NO_QUOTA = "no quota"
    SERVER_ERROR = "server error"
    OVERLOADED = "overloaded"
    CUT = "cut"
    """The connection ends in the middle of the stream."""
    ERROR_IN_STREAM = "error in stream"
    STALL = "stall"
    """A few words, then silence on an open connection."""
    HANG = "hang"
    """No answer at all."""
    ONLY_COMMENTS = "only comments"
    """Signs of life, and never a word."""
    EMPTY = "empty"
    """An answer without text."""
    LENGTH = "length"
    """An answer that ends in the middle because it may not be longer."""
    CONTENT_FILTER = "content filter"
    SLOW = "slow"
    """The answer as it would be, and long in coming."""


_REFUSALS: dict[Fault, tuple[int, dict[str, str], dict[str, Any]]] = {
    Fault.WRONG_KEY: (
        401,
        {},
        {"message": "Incorrect API key provided.", "type": "invalid_request_error", "code": "invalid_api_key"},
    ),
    Fault.NO_MODEL: (
        404,
        {},
        {"message": "The model does not exist.", "type": "invalid_request_error", "code": "model_not_found"},
    ),
    Fault.CONTEXT_LENGTH: (
        400,
        {},
        {
            "message": "This model's maximum context length is 8192 tokens. Your messages resulted in 9000 tokens.",
            "type": "invalid_request_error",
            "param": "messages",
            "code": "context_length_exceeded",
        },
    ),
    Fault.RATE_LIMITED: (
        429,
        {"Retry-After": "2"},
        {"message": "Rate limit reached. Try again in 2s.", "type": "requests", "code": "rate_limit_exceeded"},
    ),
    Fault.NO_QUOTA: (
        429,
        {},
        {"message": "You exceeded your quota.", "type": "insufficient_quota", "code": "insufficient_quota"},
    ),
    Fault.SERVER_ERROR: (500, {}, {"message": "The server had an error.", "type": "server_error"}),
    Fault.OVERLOADED: (503, {}, {"message": "The engine is overloaded.", "type": "server_error"}),
}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that was written beforehand: its text in the pieces in which it is streamed."""

    pieces: Sequence[str]
    finish_reason: str | None = "stop"


@dataclass(frozen=True, slots=True)
class Raw:
    """The bytes of an answer, each item in a write of its own."""

    chunks: Sequence[bytes]
    status: int = 200
    content_type: str = "text/event-stream"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    """Whether the connection ends without the end of the answer."""


Turn = str | Reply | Raw | Fault
"""One turn of a script. A string is an answer's text."""


class ModelEndpoint:
    """The endpoint. It answers by its script, turn by turn, and when that is over, as the stand-in model."""

    def __init__(
        self,
        script: Iterable[Turn] = (),
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        pace: float = NATURAL_PACE,
        key: str | None = None,
        model: str = "stand-in",
        context_length: int | None = None,
    ) -> None:
        self.script: deque[Turn] = deque(script)
        """What comes next. May be added to at any time."""
        self.standing: set[Fault] = set()
        """What goes wrong with every turn, whatever the script says, for as long as it stands here."""
        self.requests: deque[dict[str, Any]] = deque(maxlen=KEPT_REQUESTS)
        """The bodies received, the oldest first."""
        self.request_headers: deque[dict[str, str]] = deque(maxlen=KEPT_REQUESTS)
        """Their headers, in the same order; of the key only that there was one."""
        self.queries: deque[dict[str, str]] = deque(maxlen=KEPT_REQUESTS)
        """Their addresses' queries, in the same order."""
        self.pace = pace
        """Seconds between two pieces of an answer."""
        self.base_url = ""
        """What a client is configured with; known once it serves on a port of its own."""
        self._host, self._port = host, port
        self._key = key
        self._model = model
        self._context_length = context_length
        self.lists = 0
        """How often its list of models was asked for."""
        self._ids = count(1)
        self._runner: web.AppRunner

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MAX_REQUEST_BYTES)
        app.add_routes(self.routes("/v1"))
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self.base_url = f"http://{self._host}:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """The routes, for another application; the prefix is the base URL's path, such as `/v1`."""
        return [
            web.post(f"{prefix}/chat/completions", self._complete),
            web.get(f"{prefix}/models", self._list_models),
        ]

    async def _list_models(self, request: web.Request) -> web.Response:
        if not self._knows(request):
            return _refusal(Fault.WRONG_KEY)
        self.lists += 1
        model = {"id": self._model, "object": "model", "created": 0, "owned_by": "this machine"}
        if self._context_length is not None:
            model["context_length"] = self._context_length
        return web.json_response({"object": "list", "data": [model]})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await request.json()
            messages = body["messages"]
            model = str(body["model"])
        except (ValueError, KeyError, TypeError):
            messages = None
        if not isinstance(messages, list):
            return _error(400, {"message": "The body needs a model and messages.", "type": "invalid_request_error"})
        self.requests.append(body)
        self.request_headers.append(_without_key(request))
        self.queries.append(dict(request.query))
        if not self._knows(request):
            return _refusal(Fault.WRONG_KEY)
        turn = self._next_turn(model, messages)
        if isinstance(turn, Raw):
            return await _send_raw(request, turn)
        if isinstance(turn, Fault):
            if turn in _REFUSALS:
                return _refusal(turn)
            if turn is Fault.HANG:
                await _until_gone(request)
                return web.Response(status=499)
        pace = self.pace * (SLOWNESS if Fault.SLOW in (turn, *self.standing) else 1)
        if turn is Fault.SLOW:
            turn = answer(model, messages)
        performance = _Performance(f"chatcmpl-{next(self._ids)}", model, turn, body, pace)
        return await (performance.stream(request) if body.get("stream") else performance.whole(request))

    def _next_turn(self, model: str, messages: list[Any]) -> Turn:
        spoiling = sorted(self.standing - {Fault.SLOW})
        if spoiling:
            return spoiling[0]
        return self.script.popleft() if self.script else answer(model, messages)

    def _knows(self, request: web.Request) -> bool:
        return self._key is None or request.headers.get("Authorization") == f"Bearer {self._key}"


class _Performance:
    """One answer on its way, whatever becomes of it."""

    def __init__(self, name: str, model: str, turn: str | Reply | Fault, body: dict[str, Any], pace: float) -> None:
        options = body.get("stream_options")
        self._fault = turn if isinstance(turn, Fault) else None
        self._reply = _reply(turn)
        self._pace = pace
        self._with_usage = isinstance(options, dict) and bool(options.get("include_usage"))
        self._usage = _usage(body["messages"], self._reply)
        self._head = {"id": name, "created": int(time.time()), "model": model, "system_fingerprint": "fp_stand_in"}

    async def whole(self, request: web.Request) -> web.StreamResponse:
        """The answer in one piece; what can only happen to a stream happens to the connection."""
        if self._fault in {Fault.STALL, Fault.ONLY_COMMENTS}:
            await _until_gone(request)
        if self._fault is Fault.CUT and request.transport is not None:
            request.transport.abort()
        if self._fault is Fault.ERROR_IN_STREAM:
            return _refusal(Fault.SERVER_ERROR)
        message = {"role": "assistant", "content": "".join(self._reply.pieces), "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self._reply.finish_reason}
        return web.json_response({**self._head, "object": "chat.completion", "choices": [choice], "usage": self._usage})

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """The answer as an event stream. A client that leaves is no fault of ours."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        try:
            await response.prepare(request)
            async for line in self._lines():
                await response.write(line.encode())
            if self._fault in {Fault.STALL, Fault.ONLY_COMMENTS}:
                await _until_gone(request, response if self._fault is Fault.ONLY_COMMENTS else None)
            elif self._fault is Fault.CUT and request.transport is not None:
                request.transport.abort()
            else:
                await response.write_eof()
        except ConnectionError:
            pass
        return response

    async def _lines(self) -> AsyncIterator[str]:
        if self._fault is Fault.ONLY_COMMENTS:
            return
        yield self._chunk({"role": "assistant", "content": "", "refusal": None})
        pause = self._pace * THINKING
        for piece in self._reply.pieces:
            if pause:
                await asyncio.sleep(pause)
            pause = self._pace
            yield self._chunk({"content": piece})
        if self._fault in {Fault.STALL, Fault.CUT}:
            return
        if self._fault is Fault.ERROR_IN_STREAM:
            yield _line({"error": {"message": "The server had an error.", "type": "server_error", "code": None}})
            return
        yield self._chunk({}, self._reply.finish_reason)
        if self._with_usage:
            yield _line({**self._head, "object": "chat.completion.chunk", "choices": [], "usage": self._usage})
        yield "data: [DONE]\n\n"

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        usage = {"usage": None} if self._with_usage else {}
        return _line({**self._head, "object": "chat.completion.chunk", "choices": [choice], **usage})


_HALF = ("This ", "answer ", "is not ", "whole")


def _reply(turn: str | Reply | Fault) -> Reply:
    """What is said in that turn."""
    match turn:
        case Reply():
            return turn
        case Fault.EMPTY:
            return Reply(())
        case Fault.LENGTH:
            return Reply(_HALF, "length")
        case Fault.CONTENT_FILTER:
            return Reply(_HALF, "content_filter")
        case Fault():
            return Reply(_HALF)
    return Reply(pieces(turn))


def _usage(messages: Any, reply: Reply) -> dict[str, Any]:
    """A rough count, at four characters a token."""
    prompt = len(json.dumps(messages, ensure_ascii=False)) // 4
    completion = len(reply.pieces)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }


def _line(document: dict[str, Any]) -> str:
    return f"data: {json.dumps(document, ensure_ascii=False, separators=(',', ':'))}\n\n"


def _refusal(fault: Fault) -> web.Response:
    status, headers, error = _REFUSALS[fault]
    return _error(status, error, headers)


def _error(status: int, error: dict[str, Any], headers: dict[str, str] | None = None) -> web.Response:
    body = {"error": {"param": None, "code": None, **error}}
    return web.json_response(body, status=status, headers=headers)


def _without_key(request: web.Request) -> dict[str, str]:
    return {name: "[a key]" if name.lower() == "authorization" else value for name, value in request.headers.items()}


async def _send_raw(request: web.Request, raw: Raw) -> web.StreamResponse:
    response = web.StreamResponse(status=raw.status, headers={"Content-Type": raw.content_type, **raw.headers})
    await response.prepare(request)
    for chunk in raw.chunks:
        await response.write(chunk)
    if raw.cut and request.transport is not None:
        request.transport.close()
    else:
        await response.write_eof()
    return response


async def _until_gone(request: web.Request, response: web.StreamResponse | None = None) -> None:
    """Wait until the client has left, with a sign of life now and then where there is a response to write it to."""
    while request.transport is not None and not request.transport.is_closing():
        if response is not None:
            await response.write(b": keep-alive\n\n")
        await asyncio.sleep(0.05)
