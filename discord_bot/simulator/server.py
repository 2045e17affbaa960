"""The simulator as a server: REST API, gateway and CDN on one port of this machine, and the people to be in it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from discord_bot.simulator.faults import Faults
from discord_bot.simulator.gateway.socket import Gateway
from discord_bot.simulator.people import Person, Place
from discord_bot.simulator.rest.cdn import Cdn
from discord_bot.simulator.rest.http import Exchange, Request, RestServer
from discord_bot.simulator.world import messages, payloads
from discord_bot.simulator.world.drafts import ATTACHMENT_SIZE, ATTACHMENTS
from discord_bot.simulator.world.world import World

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Iterable

    from discord_bot.simulator.world.events import Event

BODY_SIZE = ATTACHMENTS * ATTACHMENT_SIZE + 1024 * 1024
"""Bytes of a request: ten files and what is said of them."""

STILL = 2.0
"""Seconds that requests in progress are given when the simulator ends."""


class Simulator:
    """A Discord on this machine, while the `async with` lasts.

    `port` 0 takes a free one. `limits` says whether Discord's rate limits are enforced; `latency` is in seconds,
    for the REST API and the gateway alike, and can be set for each: `rest.latency`, `gateway.latency`.
    """

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
        self.gateway = Gateway(self.world, latency=latency)
        self.faults = Faults(self.gateway)
        self.rest = RestServer(self.world, self.faults, self.dispatch, limits=limits, latency=latency)
        self.app = web.Application(client_max_size=BODY_SIZE)
        """What serves the port. Routes can be added until the simulator starts."""
        self.app.router.add_route("*", "/api/{version:v9|v10}/{path:.*}", self.rest.serve)
        self.app.router.add_get("/gateway", self.gateway.serve)
        self.app.router.add_get("/gateway/", self.gateway.serve)
        Cdn(self.world).add_routes(self.app.router)
        self._host, self._port = host, port
        self._runner: web.AppRunner | None = None
        self._observers: list[Callable[[Event], object]] = []

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

    @property
    def requests(self) -> deque[Request]:
        """The REST requests of late, the oldest first."""
        return self.rest.requests

    async def __aenter__(self) -> Self:
        runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=STILL)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except BaseException:
            await runner.cleanup()
            raise
        self._runner, self._port = runner, runner.addresses[0][1]
        self.world.cdn_url, self.world.gateway_url = self.url, self.gateway_url
        return self

    async def __aexit__(self, *_: object) -> None:
        self.rest.ending.set()
        await self.gateway.shut_down()
        if self._runner is not None:
            await self._runner.cleanup()

    # Who is in it, and what happens

    def person(self, user: int | str, *, locale: str | None = None) -> Person:
        """Somebody, by id or username, to be them; with `locale`, in a client in another language than theirs."""
        return Person(self, self.world.user(user), locale=locale)

    def messages(self, channel: Place, *, viewer: int | None = None) -> list[dict[str, Any]]:
        """What stands in a channel, the oldest first, as everybody sees it; and a viewer's ephemeral messages."""
        home = self.world.channel(channel) if isinstance(channel, int | str) else channel
        standing = self.world.messages.get(home.id, {}).values()
        return [
            payloads.message(self.world, message, viewer=viewer)
            for message in standing
            if message.only_for in (None, viewer)
        ]

    def unfurl(self, channel: Place, message_id: int, url: str, title: str = "A page") -> None:
        """Let Discord show the preview of a link below a message, as it does a moment after that was written."""
        home = self.world.channel(channel) if isinstance(channel, int | str) else channel
        self.dispatch(messages.unfurl(self.world, self.world.message(home.id, message_id), url, title))

    def dispatch(self, events: Iterable[Event]) -> None:
        """Tell the bot's gateway sessions and all observers what has happened."""
        for event in events:
            self.gateway.sessions.deliver(event)
            for observer in list(self._observers):
                observer(event)

    def observe(self, callback: Callable[[Event], object]) -> Callable[[], None]:
        """Call back with every event, whoever may see it, until the function that this returns is called."""
        return _listen(self._observers, callback)

    def watch(self, callback: Callable[[Exchange], object]) -> Callable[[], None]:
        """Call back with every REST request that was served, until the function that this returns is called."""
        return _listen(self.rest.watchers, callback)

    def expect(self, predicate: Callable[[Event], bool]) -> asyncio.Future[Event]:
        """The next event that fits, looked for from now on; who cancels it ends the search."""
        found: asyncio.Future[Event] = asyncio.get_running_loop().create_future()

        def look(event: Event) -> None:
            if not found.done() and predicate(event):
                found.set_result(event)

        stop = self.observe(look)
        found.add_done_callback(lambda _: stop())
        return found

    async def wait_for(
        self,
        predicate: Callable[[Event], bool],
        timeout: float = 5.0,  # noqa: ASYNC109 - it is asyncio.wait_for on events
    ) -> Event:
        """The next event that fits; TimeoutError after so many seconds without one."""
        return await asyncio.wait_for(self.expect(predicate), timeout)


def _listen(listeners: list[Callable[[Any], object]], callback: Callable[[Any], object]) -> Callable[[], None]:
    listeners.append(callback)

    def stop() -> None:
        if callback in listeners:
            listeners.remove(callback)

    return stop
