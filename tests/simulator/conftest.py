"""The simulator with everything it says held against Discord's description, and who speaks to it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from discord_bot.simulator.rest.http import Exchange
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world.events import Event
from tests.simulator.browser import browser
from tests.simulator.openapi import description

__all__ = ["browser"]

EVENT_OBJECTS = {
    "MESSAGE_CREATE": "MessageResponse",
    "MESSAGE_UPDATE": "MessageResponse",
    "CHANNEL_CREATE": "GuildChannelResponse",
    "CHANNEL_UPDATE": "GuildChannelResponse",
    "CHANNEL_DELETE": "GuildChannelResponse",
    "THREAD_CREATE": "ThreadResponse",
    "THREAD_UPDATE": "ThreadResponse",
    "GUILD_CREATE": "GuildResponse",
    "GUILD_MEMBER_ADD": "GuildMemberResponse",
    "GUILD_MEMBER_UPDATE": "GuildMemberResponse",
}
"""Events whose payload is an object of the REST API, with more in it."""


class Conformance:
    """Everything that a simulator answers, accepts and dispatches, checked as it happens."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def see_exchange(self, exchange: Exchange) -> None:
        known = description()
        name = exchange.route.name
        if known is None:
            return
        assert name in known.operations, f"{name} is no operation of Discord's"
        found = known.check_answer(name, exchange.status, exchange.answer)
        if exchange.status < 300 and exchange.body is not None:
            found += [f"accepted: {problem}" for problem in known.check_request(name, exchange.body)]
        self.problems += [f"{name} {exchange.status}: {problem}" for problem in found]

    def see_event(self, event: Event) -> None:
        known = description()
        if known is None or event.t not in EVENT_OBJECTS:
            return
        private = "PrivateGroupChannelResponse" if event.d.get("type") == 3 else "PrivateChannelResponse"
        schema = private if "recipients" in event.d else EVENT_OBJECTS[event.t]
        found = known.check_object(schema, event.d)
        if event.t == "GUILD_CREATE":
            for key, schema in (
                ("channels", "GuildChannelResponse"),
                ("threads", "ThreadResponse"),
                ("members", "GuildMemberResponse"),
            ):
                found += [problem for one in event.d[key] for problem in known.check_object(schema, one)]
        self.problems += [f"{event.t}: {problem}" for problem in found]


class _Errors(logging.Handler):
    """Exceptions that a handler of the server didn't expect."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._problems = problems

    def emit(self, record: logging.LogRecord) -> None:
        self._problems.append(self.format(record))


@contextlib.asynccontextmanager
async def watched(simulator: Simulator) -> AsyncIterator[Simulator]:
    """Run a simulator; what it says must be as Discord describes it."""
    conformance = Conformance()
    simulator.observe(conformance.see_event)
    simulator.watch(conformance.see_exchange)
    log, errors = logging.getLogger("aiohttp.server"), _Errors(conformance.problems)
    log.addHandler(errors)
    try:
        async with simulator:
            yield simulator
    finally:
        log.removeHandler(errors)
    assert not conformance.problems, "\n".join(conformance.problems)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with watched(Simulator(limits=False)) as simulator:
        yield simulator


@pytest.fixture
async def strict() -> AsyncIterator[Simulator]:
    """A simulator that enforces rate limits."""
    async with watched(Simulator()) as simulator:
        yield simulator


class Api:
    """The REST API without a library: what it answers, as it is."""

    def __init__(self, session: aiohttp.ClientSession, simulator: Simulator) -> None:
        self._session = session
        self._simulator = simulator
        self.headers: dict[str, str] = {}
        """Of the last answer."""

    async def __call__(
        self, method: str, path: str, json: Any = None, *, token: str | None = None, data: Any = None
    ) -> tuple[int, Any]:
        """Ask; the status and the body."""
        authorization = {"Authorization": f"Bot {self._simulator.token if token is None else token}"}
        url = yarl.URL(self._simulator.api_url + path, encoded=True)
        async with self._session.request(method, url, json=json, data=data, headers=authorization) as response:
            self.headers = dict(response.headers)
            if response.status == 204:
                return 204, None
            is_json = response.headers["Content-Type"] == "application/json"
            return response.status, await response.json() if is_json else await response.text()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def api(session: aiohttp.ClientSession, simulator: Simulator) -> Api:
    return Api(session, simulator)


@contextlib.contextmanager
def pointed_at(simulator: Simulator) -> Iterator[None]:
    """discord.py knows where Discord is from two class attributes; here is another Discord."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = simulator.api_url, yarl.URL(simulator.gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


class Client(discord.Client):
    """An unmodified client that needn't wait two seconds for more guilds."""

    def __init__(self, intents: discord.Intents | None = None, **options: Any) -> None:
        super().__init__(intents=intents or discord.Intents.all(), guild_ready_timeout=0.05, **options)
        self.tree = discord.app_commands.CommandTree(self)

    def text(self, name: str) -> discord.TextChannel:
        """A text channel by its name."""
        found = discord.utils.get(self.get_all_channels(), name=name)
        assert isinstance(found, discord.TextChannel)
        return found


@contextlib.asynccontextmanager
async def connected(simulator: Simulator, client: Client, token: str | None = None) -> AsyncIterator[Client]:
    """A client that has logged in and is ready, until the end."""
    with pointed_at(simulator):
        async with client:
            await client.login(simulator.token if token is None else token)
            running = asyncio.create_task(client.connect())
            ready = asyncio.create_task(client.wait_until_ready())
            await asyncio.wait([running, ready], return_when=asyncio.FIRST_COMPLETED)
            ready.cancel()
            if running.done():
                running.result()
            yield client
        await running


@pytest.fixture
async def client(simulator: Simulator) -> AsyncIterator[Client]:
    async with connected(simulator, Client()) as client:
        yield client
