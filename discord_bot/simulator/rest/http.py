"""The REST API over HTTP: who asks, how much they may, what goes wrong on purpose; JSON and files in, JSON out.

What a request does is the table's matter, in routes.py.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from aiohttp import BodyPartReader, hdrs, web

from discord_bot.simulator.rest.calls import Answer, Call
from discord_bot.simulator.rest.ratelimits import RateLimits, Verdict
from discord_bot.simulator.rest.routes import Route, find_route, place_of
from discord_bot.simulator.world.drafts import Upload
from discord_bot.simulator.world.refusals import Because, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from discord_bot.simulator.faults import Faults, RestFault
    from discord_bot.simulator.world.events import Event
    from discord_bot.simulator.world.world import World

REQUEST_LOG = 10_000
"""How many requests are remembered."""

VIA = "1.1 google"
"""The header by which clients tell Discord's own 429 from a ban at the door, which has none."""


@dataclass(frozen=True, slots=True)
class Request:
    """One REST request as the log has it."""

    method: str
    path: str
    route: str | None
    """The route's name in the table; None for one that isn't served."""
    status: int
    """0: it was never answered."""
    time: float
    """When it came, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One REST request that was served: what it said, and what it was answered, for who watches."""

    route: Route
    body: Any
    status: int
    answer: Any


class RestServer:
    """The REST API of a world."""

    def __init__(
        self,
        world: World,
        faults: Faults,
        dispatch: Callable[[Iterable[Event]], None],
        *,
        limits: bool = True,
        latency: float = 0.0,
    ) -> None:
        self.world = world
        self.limits = limits
        """Whether who asks too much is answered 429."""
        self.latency = latency
        """Seconds that a request takes at least: half of them on the way here, half on the way back."""
        self.requests: deque[Request] = deque(maxlen=REQUEST_LOG)
        self.watchers: list[Callable[[Exchange], object]] = []
        self.ending = asyncio.Event()
        """Set when the simulator ends: what is never answered is let go."""
        self._faults = faults
        self._dispatch = dispatch
        self._ratelimits = RateLimits()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, and write it down."""
        began, status = self.world.now(), 0
        parts = [unquote(part) for part in request.rel_url.raw_path.strip("/").split("/")[2:]]
        found = find_route(request.method, parts)
        try:
            response = await self._respond(request, found[0], dict(found[1])) if found else self._not_served(request)
            status = response.status
            return response
        finally:
            self.requests.append(Request(request.method, request.path, found[0].name if found else None, status, began))
            if status in (401, 403, 429):
                self.note_invalid()

    def note_invalid(self) -> None:
        """Count a request that Discord holds against who makes it: too many, and the address is banned for a while."""
        self._ratelimits.note_invalid(self.world.now())

    def _not_served(self, request: web.Request) -> web.Response:
        """A route that isn't in the table; without the token, not even that is told."""
        if not self._is_bot(request):
            return _refused(Refusal(Because.UNAUTHORIZED))
        message = f"501: {request.method} {request.path} is not served by the simulator"
        return _json({"message": message, "code": 0}, status=501)

    async def _respond(self, request: web.Request, route: Route, parameters: dict[str, str]) -> web.StreamResponse:
        if self.limits and self._ratelimits.is_banned(self.world.now()):
            return _banned()
        if not route.by_token and not self._is_bot(request):
            return _refused(Refusal(Because.UNAUTHORIZED))
        headers: dict[str, str] = {}
        if self.latency:
            await asyncio.sleep(self.latency / 2)
        if self.limits:
            verdict = self._ratelimits.take(
                self.world.now(), route.name, place_of(parameters), route.bucket, counts_globally=not route.by_token
            )
            if not verdict.allowed:
                return _too_many(verdict)
            headers = verdict.headers
        fault = self._faults.take(request.method, route.name)
        if fault is not None:
            early = await self._spoil(request, *fault)
            if early is not None:
                return early
        response = await self._do(request, route, parameters, headers)
        if self.latency:
            await asyncio.sleep(self.latency / 2)
        if fault is not None and fault[0] == "lost":
            return _server_error()
        if fault is not None and fault[0] == "truncated":
            return await _truncated(request, response)
        return response

    async def _do(
        self, request: web.Request, route: Route, parameters: dict[str, str], headers: dict[str, str]
    ) -> web.Response:
        body: Any = None
        try:
            body, files = await _read_body(request)
            answer = route.serve(Call(self.world, parameters, request.query, body, files))
        except Refusal as refusal:
            self._show(Exchange(route, body, refusal.because.status, refusal.body))
            return _refused(refusal, headers)
        self._dispatch(answer.events)
        response = _answered(answer, headers)
        self._show(Exchange(route, body, response.status, answer.body))
        return response

    def _show(self, exchange: Exchange) -> None:
        for watcher in list(self.watchers):
            watcher(exchange)

    def _is_bot(self, request: web.Request) -> bool:
        return request.headers.get(hdrs.AUTHORIZATION) == f"Bot {self.world.application.token}"

    async def _spoil(self, request: web.Request, fault: RestFault, seconds: float) -> web.Response | None:
        """Let a request go wrong before anything is done; None where it goes on."""
        match fault:
            case "500":
                return _server_error()
            case "502" | "503":
                return web.Response(status=int(fault), text=f"<html><h1>{fault}</h1></html>", content_type="text/html")
            case "429":
                return _too_many(Verdict(False, {"X-RateLimit-Scope": "shared"}, seconds))
            case "banned":
                return _banned()
            case "403":
                return _refused(Refusal(Because.MISSING_PERMISSIONS))
            case "401":
                return _refused(Refusal(Because.UNAUTHORIZED))
            case "nothing":
                await self.ending.wait()
                return web.Response(status=503)
            case "drop":
                if request.transport is not None:
                    request.transport.abort()
                return web.Response(status=503)
            case "slow":
                await asyncio.sleep(seconds)
        return None


async def _read_body(request: web.Request) -> tuple[Any, dict[int, Upload]]:
    """A request's JSON, and the files that came with it by their number."""
    if request.content_type.startswith("multipart/"):
        return await _read_multipart(request)
    raw = await request.read()
    return (_parse(raw) if raw else None), {}


async def _read_multipart(request: web.Request) -> tuple[Any, dict[int, Upload]]:
    body: Any = None
    files: dict[int, Upload] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise Refusal(Because.BAD_REQUEST)
        name = part.name or ""
        data = bytes(await part.read(decode=True))
        if name == "payload_json":
            body = _parse(data)
        elif part.filename is not None:
            number = name.removeprefix("files[").removesuffix("]")
            files[int(number) if number.isdecimal() else len(files)] = Upload(part.filename, data)
    return body, files


def _parse(raw: bytes) -> Any:
    try:
        body = json.loads(raw)
        # Half a surrogate pair passes Python's reader; it is no text, and Discord refuses it.
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refusal(Because.INVALID_JSON) from None
    return body


def _json(body: Any, *, status: int, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON answer; clients compare the content type letter by letter, and Discord names no charset."""
    data = json.dumps(body, separators=(",", ":")).encode()
    return web.Response(body=data, status=status, headers={**(headers or {}), hdrs.CONTENT_TYPE: "application/json"})


def _answered(answer: Answer, headers: dict[str, str]) -> web.Response:
    if answer.body is None:
        return web.Response(status=answer.status or 204, headers=headers)
    return _json(answer.body, status=answer.status or 200, headers=headers)


def _refused(refusal: Refusal, headers: dict[str, str] | None = None) -> web.Response:
    headers = dict(headers or {})
    if refusal.retry_after is not None:
        headers |= {"Via": VIA, hdrs.RETRY_AFTER: str(ceil(refusal.retry_after))}
    return _json(refusal.body, status=refusal.because.status, headers=headers)


def _server_error() -> web.Response:
    return _json({"message": "500: Internal Server Error", "code": 0}, status=500)


def _banned() -> web.Response:
    """429 as the door says it: whoever reads it doesn't speak with Discord itself any more."""
    return web.Response(status=429, text="error code: 1015", headers={hdrs.RETRY_AFTER: "600"})


def _too_many(verdict: Verdict) -> web.Response:
    """429, as Discord itself says it."""
    body = {"message": "You are being rate limited.", "retry_after": verdict.retry_after, "global": verdict.is_global}
    headers = {"Via": VIA, hdrs.RETRY_AFTER: str(ceil(verdict.retry_after))} | verdict.headers
    return _json(body, status=429, headers=headers)


async def _truncated(request: web.Request, response: web.Response) -> web.StreamResponse:
    """The start of an answer, and then the connection's end."""
    body = response.body if isinstance(response.body, bytes) else b""
    cut = web.StreamResponse(status=response.status, headers={hdrs.CONTENT_TYPE: "application/json"})
    cut.content_length = max(1, len(body))
    await cut.prepare(request)
    await cut.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return cut
