"""The simulator as a server: REST API, gateway and CDN on one port of this machine, and the people to be in it.

HTTP is spoken here and nowhere else: who asks, how much they may, what goes wrong on purpose, JSON and files in,
JSON out. What a request does is the table's in rest.py.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import unquote

from aiohttp import BodyPartReader, hdrs, web

from . import payloads
from .calls import Answer, Call
from .drafts import ATTACHMENT_SIZE, ATTACHMENTS, Upload
from .events import Event
from .faults import Faults, RestFault
from .gateway import Gateway
from .people import Person, Place
from .ratelimits import RateLimits, Verdict
from .refusals import Because, Refusal
from .rest import Route, find_route, place_of
from .world import World

REQUEST_LOG = 10_000
"""How many requests are remembered."""

BODY_SIZE = ATTACHMENTS * ATTACHMENT_SIZE + 1024 * 1024
"""Bytes of a request: ten files and what is said of them."""

STILL = 2.0
"""Seconds that requests in progress are given when the simulator ends."""

_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da6364f80f00010501012718e366"
    "0000000049454e44ae426082"
)
"""A picture of one pixel: the avatar of who has none."""


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
    """One REST request with what it said and what was answered, for who watches."""

    route: Route
    body: Any
    status: int
    answer: Any


class Simulator:
    """A Discord on this machine, while the `async with` lasts."""

    def __init__(
        self,
        world: World | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        limits: bool = True,
        latency: float = 0.0,
    ) -> None:
        self.world = World.default() if world is None else world
        self.limits = limits
        """Whether 429 is answered to who asks too much."""
        self.rest_latency = latency
        """Seconds that a REST request takes at least."""
        self.gateway = Gateway(self.world, latency=latency)
        self.faults = Faults(self.gateway)
        self.requests: deque[Request] = deque(maxlen=REQUEST_LOG)
        self.app = web.Application(client_max_size=BODY_SIZE)
        """What serves the port. Routes can be added until the simulator starts."""
        self.app.router.add_route("*", "/api/{version:v9|v10}/{path:.*}", self._serve_rest)
        self.app.router.add_get("/gateway", self.gateway.serve)
        self.app.router.add_get("/gateway/", self.gateway.serve)
        self.app.router.add_get("/attachments/{channel_id:\\d+}/{attachment_id:\\d+}/{filename}", self._serve_file)
        self.app.router.add_get("/avatars/{user_id:\\d+}/{filename}", self._serve_avatar)
        self.app.router.add_get("/embed/avatars/{filename}", self._serve_avatar)
        self._host, self._port = host, port
        self._runner: web.AppRunner | None = None
        self._ratelimits = RateLimits()
        self._observers: list[Callable[[Event], object]] = []
        self._watchers: list[Callable[[Exchange], object]] = []
        self._ending = asyncio.Event()

    # Where it is

    @property
    def url(self) -> str:
        """Its address, such as `http://127.0.0.1:8123`."""
        return f"http://{self._host}:{self._port}"

    @property
    def api_url(self) -> str:
        """Where the REST API is."""
        return f"{self.url}/api/v10"

    @property
    def gateway_url(self) -> str:
        """Where the gateway is."""
        return f"ws://{self._host}:{self._port}/gateway"

    @property
    def token(self) -> str:
        """The token that the bot logs in with."""
        return self.world.application.token

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=STILL)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        try:
            await site.start()
        except BaseException:
            await self._runner.cleanup()
            raise
        self._port = self._runner.addresses[0][1]
        self.world.cdn_url, self.world.gateway_url, self.gateway.url = self.url, self.gateway_url, self.gateway_url
        return self

    async def __aexit__(self, *_: object) -> None:
        self._ending.set()
        await self.gateway.shut_down()
        if self._runner is not None:
            await self._runner.cleanup()

    # Who is in it, and what happens

    def person(self, user: int | str) -> Person:
        """Somebody, by id or username, to be them."""
        return Person(self, self.world.user(user))

    def messages(self, channel: Place, *, viewer: int | None = None) -> list[dict[str, Any]]:
        """What stands in a channel now, the oldest first, as everybody sees it; `viewer` sees their ephemeral ones too."""
        home = self.world.channel(channel) if isinstance(channel, int | str) else channel
        standing = self.world.messages.get(home.id, {}).values()
        return [
            payloads.message(self.world, message, viewer=viewer)
            for message in standing
            if message.only_for is None or message.only_for == viewer
        ]

    def dispatch(self, events: Iterable[Event]) -> None:
        """Tell the bot's gateway sessions and all observers what has happened."""
        for event in events:
            self.gateway.deliver(event)
            for observer in list(self._observers):
                observer(event)

    def observe(self, callback: Callable[[Event], object]) -> Callable[[], None]:
        """Call back with every event, whoever may see it, until the function that this returns is called."""
        return _listen(self._observers, callback)

    def watch(self, callback: Callable[[Exchange], object]) -> Callable[[], None]:
        """Call back with every REST request that was served, until the function that this returns is called."""
        return _listen(self._watchers, callback)

    async def wait_for(self, predicate: Callable[[Event], bool], timeout: float = 5.0) -> Event:  # noqa: ASYNC109 - see people.py
        """The next event that fits; TimeoutError after so many seconds without one."""
        found: asyncio.Future[Event] = asyncio.get_running_loop().create_future()

        def look(event: Event) -> None:
            if not found.done() and predicate(event):
                found.set_result(event)

        stop = self.observe(look)
        try:
            return await asyncio.wait_for(found, timeout)
        finally:
            stop()

    # The REST API

    async def _serve_rest(self, request: web.Request) -> web.StreamResponse:
        began = self.world.now()
        parts = [unquote(part) for part in request.rel_url.raw_path.strip("/").split("/")[2:]]
        found = find_route(request.method, parts)
        status = 0
        try:
            response = await self._respond(request, found[0], dict(found[1])) if found else self._not_served(request)
            status = response.status
            return response
        finally:
            path = request.path
            self.requests.append(Request(request.method, path, found[0].name if found else None, status, began))
            if status in (401, 403, 429):
                self._ratelimits.note_invalid(self.world.now())

    def _not_served(self, request: web.Request) -> web.Response:
        """A route that isn't in the table; without the token, not even that is told."""
        if not self._is_bot(request):
            return _refused(Refusal(Because.UNAUTHORIZED))
        message = f"501: {request.method} {request.path} is not served by the simulator"
        return _json({"message": message, "code": 0}, status=501)

    async def _respond(self, request: web.Request, route: Route, parameters: dict[str, str]) -> web.StreamResponse:
        if self.limits and self._ratelimits.is_banned(self.world.now()):
            return web.Response(status=429, text="error code: 1015", headers={hdrs.RETRY_AFTER: "600"})
        if not route.by_token and not self._is_bot(request):
            return _refused(Refusal(Because.UNAUTHORIZED))
        headers: dict[str, str] = {}
        if self.limits:
            verdict = self._ratelimits.take(
                self.world.now(), route.name, place_of(parameters), route.bucket, counts_globally=not route.by_token
            )
            if not verdict.allowed:
                return _too_many(verdict)
            headers = verdict.headers
        if self.rest_latency:
            await asyncio.sleep(self.rest_latency)
        fault = self.faults.take(request.method, route.name)
        if fault is not None:
            early = await self._spoil(request, *fault)
            if early is not None:
                return early
        response = await self._do(request, route, parameters, headers)
        if fault is not None and fault[0] == "lost":
            return _json({"message": "500: Internal Server Error", "code": 0}, status=500)
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
            for watcher in list(self._watchers):
                watcher(Exchange(route, body, refusal.because.status, refusal.body))
            return _refused(refusal, headers)
        self.dispatch(answer.events)
        response = _answered(answer, headers)
        for watcher in list(self._watchers):
            watcher(Exchange(route, body, response.status, answer.body))
        return response

    def _is_bot(self, request: web.Request) -> bool:
        return request.headers.get(hdrs.AUTHORIZATION) == f"Bot {self.token}"

    async def _spoil(self, request: web.Request, fault: RestFault, seconds: float) -> web.Response | None:
        """Let a request go wrong before anything is done; None where it goes on."""
        match fault:
            case "500":
                return _json({"message": "500: Internal Server Error", "code": 0}, status=500)
            case "502" | "503":
                return web.Response(status=int(fault), text=f"<html><h1>{fault}</h1></html>", content_type="text/html")
            case "429":
                return _too_many(Verdict(False, {"X-RateLimit-Scope": "shared"}, seconds))
            case "403":
                return _refused(Refusal(Because.MISSING_PERMISSIONS))
            case "401":
                return _refused(Refusal(Because.UNAUTHORIZED))
            case "nothing":
                await self._ending.wait()
                return web.Response(status=503)
            case "drop":
                if request.transport is not None:
                    request.transport.abort()
                return web.Response(status=503)
            case "slow":
                await asyncio.sleep(seconds)
        return None

    # The CDN

    async def _serve_file(self, request: web.Request) -> web.Response:
        attachment_id = int(request.match_info["attachment_id"])
        data = self.world.files.get(attachment_id)
        if data is None:
            return web.Response(status=404, text="This content is no longer available.")
        kind = self._content_type(int(request.match_info["channel_id"]), attachment_id)
        # What people upload is never shown as a page of this address.
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
        return web.Response(body=data, headers=headers | {hdrs.CONTENT_TYPE: kind})

    def _content_type(self, channel_id: int, attachment_id: int) -> str:
        for message in self.world.messages.get(channel_id, {}).values():
            for attachment in message.attachments:
                if attachment.id == attachment_id:
                    return attachment.content_type or "application/octet-stream"
        return "application/octet-stream"

    async def _serve_avatar(self, request: web.Request) -> web.Response:
        avatar = self.world.avatars.get(request.match_info["filename"].partition(".")[0], _PIXEL)
        if isinstance(avatar, str):
            raise web.HTTPFound(avatar)
        return web.Response(body=avatar, content_type="image/png")


def _listen(listeners: list[Callable[[Any], object]], callback: Callable[[Any], object]) -> Callable[[], None]:
    listeners.append(callback)

    def stop() -> None:
        if callback in listeners:
            listeners.remove(callback)

    return stop


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
            index = int(number) if number.isdecimal() else len(files)
            files[index] = Upload(part.filename, data, part.headers.get(hdrs.CONTENT_TYPE))
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
    return _json(refusal.body, status=refusal.because.status, headers=headers)


def _too_many(verdict: Verdict) -> web.Response:
    """429, with the `Via` by which a client tells Discord's own from a ban at the door."""
    body = {"message": "You are being rate limited.", "retry_after": verdict.retry_after, "global": verdict.is_global}
    headers = {"Via": "1.1 google", hdrs.RETRY_AFTER: str(int(verdict.retry_after) + 1)} | verdict.headers
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
