"""The playground: a page on the simulator's own port, in which one is any person of the world.

The page observes: its websocket sends the gateway's events as the chosen person may see them, and takes small actions,
which are that person's. Nothing here decides what Discord would allow; that is the world's matter. Only this machine's
own browser page is served: whatever comes under another host's name, or from another site, is refused.

    from the page   {"id": 7, "do": "send", "channel": "…", "content": "@assistant hello"}
    to the page     {"id": 7, "data": …} or {"id": 7, "error": "a sentence"}
                    {"event": "MESSAGE_CREATE", "data": {…}}
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import WSCloseCode, web

from discord_bot.errors import StoreError
from discord_bot.playground.connecting import PORTS, Connecting
from discord_bot.playground.inspector import Inspector
from discord_bot.playground.replaying import Replay, empty, script
from discord_bot.playground.sentences import NotUnderstoodError
from discord_bot.playground.session import PageSession
from discord_bot.playground.troubles import Troubles
from discord_bot.playground.viewpoint import Viewpoint
from discord_bot.playground.workshop import Workshop
from discord_bot.simulator.world import saved
from discord_bot.simulator.world.world import World

if TYPE_CHECKING:
    from discord_bot.config import Settings
    from discord_bot.playground.running import Running
    from discord_bot.simulator.model import ModelEndpoint
    from discord_bot.simulator.server import Simulator

log = logging.getLogger(__name__)

ACTION_SIZE = 160 * 1024 * 1024
"""Bytes of one action: ten files of 10 MiB, a third more in base64."""

HEARTBEAT = 30.0
"""Seconds between two signs of life, so that a page that is gone is noticed."""

CLOSING = 1.0
"""Seconds that a page is given to say goodbye."""

PATH = "/playground"
HOSTS = ("127.0.0.1", "localhost", "[::1]")
"""The names under which a loopback address is this machine's own."""
HTTP_PORT = 80
"""The port that an address leaves out."""

KINDS = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
"""The page's files and what they are. Not what the operating system says: Windows' registry may call JavaScript plain
text, which no browser runs."""

PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
SANDBOX_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""For everything else on this port: a file that somebody attached must not run as if it were the page."""


class Playground:
    """The page's routes on a simulator's application, and the pages that are open.

    Make it before the simulator starts: `simulator = Simulator(); playground = Playground(simulator)`, then
    `async with simulator: …` and open `playground.url`.
    """

    def __init__(
        self, simulator: Simulator, model: ModelEndpoint | None = None, inspector: Inspector | None = None
    ) -> None:
        self.simulator = simulator
        self.inspector = inspector if inspector is not None else Inspector(simulator)
        """What Discord hides; it knows no answers where no bot tells it of any."""
        self.inspector.watchers.append(self._tell_inspectable)
        self._stand_in = model
        self.troubles = Troubles(simulator, model)
        """What can be made to go wrong; the model's part only where it is given, as the stand-in that is asked."""
        self.running: Running | None = None
        """The bot that was started with the page; None where there is none, and nothing of what needs one."""
        self.connecting: Connecting | None = None
        """What is done about its model."""
        self.workshop: Workshop | None = None
        """Where personas are written."""
        self.worlds = 0
        """How often the world has become another one."""
        self.before: str | None = None
        """What there was before it last did, as a document."""
        self.replay: Replay | None = None
        """What is played again, or was until somebody puts it away."""
        self.sessions: set[PageSession] = set()
        """The pages that are open."""
        simulator.app.middlewares.append(self._guard)
        simulator.app.on_shutdown.append(self._close)
        simulator.app.router.add_get("/", self._page)
        simulator.app.router.add_get(f"{PATH}/socket", self._socket)
        simulator.app.router.add_get(f"{PATH}/saved.json", self._saved)
        simulator.app.router.add_get(f"{PATH}/{{path:.+}}", self._file)

    def runs(self, running: Running, load: Callable[[], Settings], ports: Mapping[str, int] = PORTS) -> None:
        """Takes in the bot that was started with the page; the rest is `Connecting`'s."""
        self.running = running
        self.connecting, self.workshop = Connecting(running, load, ports), Workshop(running)

    @property
    def url(self) -> str:
        """The page's address."""
        return f"{self.simulator.url}/"

    # What the open pages share

    def tell_all(self) -> None:
        """Tell every open page everything anew."""
        for session in list(self.sessions):
            session.tell_all()

    def _tell_inspectable(self, page_ids: Sequence[int]) -> None:
        for session in list(self.sessions):
            session.tell_inspectable(page_ids)

    def model_changed(self) -> None:
        """Another model is asked now: a real one is not to be troubled."""
        is_first = self.connecting is None or self.connecting.is_first
        self.troubles.end()
        self.troubles = Troubles(self.simulator, self._stand_in if is_first else None)
        self.tell_all()

    async def document(self) -> str:
        """All that was said, and what the bot keeps of it."""
        kept = await (await self.running.bot()).store.copy() if self.running is not None else {}
        return saved.document(self.simulator.world, kept)

    async def load(self, text: str) -> None:
        """Let the world be what a document says; NotUnderstoodError where it is none."""
        await self._become(text, await self.document())

    async def start_afresh(self) -> None:
        """Let the world be new: nobody has said anything."""
        fresh = saved.document(World.default(self.simulator.world.now), {})
        await self._become(fresh, await self.document())

    async def undo(self) -> None:
        """Let the world be what it was before it last became another one."""
        if self.before is not None:
            await self._become(self.before, None)

    async def play_again(self) -> None:
        """Put everything that people have written once more, to the bot as it is now."""
        lines = script(self.simulator.world)
        if self.running is None or not lines:
            raise NotUnderstoodError("no-bot" if self.running is None else "nothing-said")
        before = await self.document()
        await self._become(json.dumps(empty(json.loads(before)), ensure_ascii=False), before)
        self.replay = Replay(self.simulator, self.running, lines, self.tell_replay)
        self.tell_replay()

    def tell_replay(self) -> None:
        """Tell every open page how far it is."""
        for session in list(self.sessions):
            session.tell_replay()

    def end_replay(self) -> None:
        """Play no further, and put it away."""
        if self.replay is not None:
            self.replay.stop()
            self.replay = None
            self.tell_replay()

    async def _become(self, text: str, before: str | None) -> None:
        """The bot is begun anew in the other world, with what it kept there.

        One that was not started here meets it as it does every change that it could not see: by a session of its own.
        """
        world, kept = _loaded(text, self.simulator.world)
        self.troubles.end()
        self.end_replay()
        if self.running is None:
            self._show(world, before)
            self.simulator.faults.gateway("invalid session")
            return
        async with self.running.anew() as store:
            try:
                await store.replace(kept)
            except (StoreError, *saved.NOT_TOGETHER) as error:
                raise _not_loaded(error) from error
            self._show(world, before)

    def _show(self, world: World, before: str | None) -> None:
        self.before = before
        saved.become(self.simulator.world, world)
        self.worlds += 1
        for session in list(self.sessions):
            session.begin_anew()

    # What is served

    async def _saved(self, _: web.Request) -> web.StreamResponse:
        headers = PAGE_HEADERS | {"Content-Disposition": 'attachment; filename="playground.json"'}
        return web.Response(text=await self.document(), content_type="application/json", headers=headers)

    async def _close(self, _: web.Application) -> None:
        """Let the open pages go: a page that is looked at must not hold up the end."""
        self.end_replay()
        await asyncio.gather(*(session.socket.close(code=WSCloseCode.GOING_AWAY) for session in list(self.sessions)))

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Refuse what was sent to another name than this machine's (DNS rebinding), or by another site's page."""
        port = urlsplit(self.simulator.url).port
        own = {f"{host}:{port}" for host in HOSTS} | (set(HOSTS) if port == HTTP_PORT else set())
        origin = request.headers.get("Origin")
        if request.headers.get("Host", "").lower() not in own:
            return _refused(f"The playground answers only on this machine: open {self.url} instead.")
        if origin is not None and origin.lower() not in {f"http://{host}" for host in own}:
            return _refused("The playground does not take requests from other sites.")
        response = await handler(request)
        if not response.prepared and "Content-Security-Policy" not in response.headers:
            response.headers.update(SANDBOX_HEADERS)
        return response

    async def _page(self, _: web.Request) -> web.StreamResponse:
        return _file("index.html")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return _file(request.match_info["path"])

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(max_msg_size=ACTION_SIZE, heartbeat=HEARTBEAT, timeout=CLOSING)
        await socket.prepare(request)
        session = PageSession(self, socket, request.query)
        self.sessions.add(session)
        try:
            await session.run()
        finally:
            self.sessions.discard(session)
        return socket


def _loaded(text: str, here: World) -> tuple[World, Any]:
    """The world of a document that somebody may have passed on: all of it can be shown, or it is refused.

    With it, what the bot kept of it.
    """
    try:
        world, kept = saved.read(text, here)
        view = Viewpoint(world, next(iter(world.users.values())))
        for messages in world.messages.values():
            for message in messages.values():
                view.message(message)
    except (saved.NotAWorldError, *saved.NOT_TOGETHER) as error:
        raise _not_loaded(error) from error
    return world, kept


def _not_loaded(error: Exception) -> NotUnderstoodError:
    log.info("a file could not be loaded: %s", type(error).__name__)
    return NotUnderstoodError("not-saved-here")


def _refused(sentence: str) -> web.Response:
    return web.Response(status=403, text=sentence + "\n", headers=PAGE_HEADERS)


def _file(path: str) -> web.Response:
    """A file of the page; nothing outside its folder has a name here."""
    found = resources.files(__package__).joinpath("page")
    kind = KINDS.get(path.rpartition(".")[2])
    parts = path.split("/")
    if (
        kind is None
        or any(part.startswith(".") or "\\" in part for part in parts)
        or not found.joinpath(*parts).is_file()
    ):
        raise web.HTTPNotFound(text="There is no such file.\n", headers=PAGE_HEADERS)
    return web.Response(
        body=found.joinpath(*parts).read_bytes(), content_type=kind, charset="utf-8", headers=PAGE_HEADERS
    )
