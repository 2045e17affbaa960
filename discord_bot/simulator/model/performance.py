"""One answer on its way: in one piece or streamed, at its pace, and what goes wrong with it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from discord_bot.simulator.model.refusals import refusal
from discord_bot.simulator.model.scripts import Fault, Raw, Reply
from discord_bot.simulator.model.stand_in import pieces

THINKING = 20
"""How many times longer than the others the first piece takes; enough to see that somebody is typing."""


class Performance:
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
            await until_gone(request)
        if self._fault is Fault.CUT and request.transport is not None:
            request.transport.abort()
        if self._fault is Fault.ERROR_IN_STREAM:
            return refusal(Fault.SERVER_ERROR)
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
                await until_gone(request, response if self._fault is Fault.ONLY_COMMENTS else None)
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


async def send_raw(request: web.Request, raw: Raw) -> web.StreamResponse:
    """An answer of which every byte was written beforehand."""
    response = web.StreamResponse(status=raw.status, headers={"Content-Type": raw.content_type, **raw.headers})
    await response.prepare(request)
    for chunk in raw.chunks:
        await response.write(chunk)
    if raw.cut and request.transport is not None:
        request.transport.close()
    else:
        await response.write_eof()
    return response


async def until_gone(request: web.Request, response: web.StreamResponse | None = None) -> None:
    """Wait until the client has left, with a sign of life now and then where there is a response to write it to."""
    while request.transport is not None and not request.transport.is_closing():
        if response is not None:
            await response.write(b": keep-alive\n\n")
        await asyncio.sleep(0.05)
