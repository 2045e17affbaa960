"""The real bot on a real socket: simulator, scripted model and bot, put together as `__main__` does it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from discord_bot.__main__ import assembled
from discord_bot.bot import ChatBot
from discord_bot.config import load_settings
from discord_bot.playground.inspector import Inspector
from discord_bot.simulator.model import ModelEndpoint, Turn
from discord_bot.simulator.people import Person
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world.entities import Channel
from discord_bot.simulator.world.events import Event

Said = dict[str, Any]

UNDER_WAY = ("CommandTree-invoker", "discord-ui-")
"""How discord.py calls the tasks in which commands, buttons and forms are carried out."""
LATE = 0.3
"""Seconds that an answer takes which is to come behind what the gateway tells."""


@dataclass
class Running:
    """The bot, the Discord that it is in, and the model that it asks."""

    simulator: Simulator
    model: ModelEndpoint
    bot: ChatBot

    @property
    def mention(self) -> str:
        assert self.bot.user is not None
        return self.bot.user.mention

    def person(self, name: str) -> Person:
        return self.simulator.person(name)

    def channel(self, name: str) -> Channel:
        return next(each for each in self.simulator.world.channels.values() if each.name == name)

    def messages(self, channel: Channel | str) -> list[Said]:
        return self.simulator.messages(self.channel(channel) if isinstance(channel, str) else channel)

    def answers(self, channel: Channel | str) -> list[Said]:
        """What the bot has said there, be it through a webhook."""
        assert self.bot.user is not None
        user, application = str(self.bot.user.id), str(self.bot.application_id)
        return [
            each
            for each in self.messages(channel)
            if each["author"]["id"] == user or each.get("application_id") == application
        ]

    async def until(self, true: Callable[[], object], seconds: float = 8.0) -> None:
        """Waits until something holds, and fails where it does not come to that."""
        async with asyncio.timeout(seconds):
            while not true():
                await asyncio.sleep(0.01)

    async def idle(self) -> None:
        """Waits until nobody is being answered."""
        await self.until(lambda: not any(exchange.busy for exchange in self.bot.answering.exchanges))

    async def settled(self) -> None:
        """Waits until nothing that people have asked of the bot by commands, buttons and forms is under way."""
        await self.until(lambda: not any(each.get_name().startswith(UNDER_WAY) for each in asyncio.all_tasks()))

    async def ask(self, name: str, channel: str, text: str, **how: Any) -> list[Said]:
        """A person mentions the bot; the messages of the bot's that came of it, when it has finished."""
        before = {each["id"] for each in self.messages(channel)}
        await self.person(name).send(self.channel(channel), f"{self.mention} {text}".strip(), **how)
        await asyncio.sleep(0.02)
        await self.until(lambda: [each for each in self.answers(channel) if each["id"] not in before])
        await self.idle()
        return [each for each in self.answers(channel) if each["id"] not in before]

    def sent(self, index: int = -1) -> list[dict[str, Any]]:
        """The messages of a request to the model, the newest by default."""
        messages: list[dict[str, Any]] = list(self.model.requests)[index]["messages"]
        return messages


CONFIG = """
discord: {{token: simulator-token, api_url: "{api}", gateway_url: {gateway}}}
providers:
  here: {{base_url: "{model}", api_key: sk-secret, timeouts: {{connect: 2, first_token: 2, idle: 2}}}}
models:
  here/small: {{temperature: 0.5}}
{models}
personas:
  assistant: {{system_prompt: You are the assistant., description: sober}}
  pirate: {{system_prompt: You are a pirate.}}
{personas}
store: {{url: "{store}", keep_left_servers: {keep_left_servers}}}
{more}
"""


def configured(simulator: Simulator, model: ModelEndpoint, store: str, directory: Path, **more: Any) -> Path:
    """The configuration of a bot, in a file; `more` is what it says beside where everything is."""
    file = directory / "config.yaml"
    facts = {"gateway": f'"{simulator.gateway_url}"', "keep_left_servers": 30, "models": "", "personas": "", "more": ""}
    file.write_text(
        CONFIG.format(
            api=simulator.api_url,
            model=model.base_url,
            store=store or f"sqlite:///{directory / 'bot.db'}",
            **(facts | more),
        ),
        "utf-8",
    )
    return file


@asynccontextmanager
async def running(
    simulator: Simulator,
    model: ModelEndpoint,
    directory: Path,
    *,
    more: str = "",
    models: str = "",
    personas: str = "",
    store: str = "",
    keep_left_servers: int = 30,
    gateway: bool = True,
    inspector: Inspector | None = None,
) -> AsyncIterator[Running]:
    """The bot, connected and ready; it is closed at the end."""
    file = configured(
        simulator,
        model,
        store,
        directory,
        gateway=f'"{simulator.gateway_url}"' if gateway else "null",
        keep_left_servers=keep_left_servers,
        models=models,
        personas=personas,
        more=more,
    )
    async with started(file, inspector=inspector) as bot:
        with suppress(TimeoutError):  # where that fails on purpose
            async with asyncio.timeout(5):
                while not simulator.world.commands:  # Discord is told of them beside the connection
                    await asyncio.sleep(0.01)
        yield Running(simulator, model, bot)


@asynccontextmanager
async def started(
    config: Path, shard: tuple[int, int] | None = None, inspector: Inspector | None = None
) -> AsyncIterator[ChatBot]:
    """The bot of that configuration, put together as the program does it, connected and ready; closed at the end.

    `shard` is which of how many it is, where there are several.
    """
    async with assembled(load_settings(config, {}), inspector) as bot:
        if shard is not None:
            bot.shard_id, bot.shard_count = shard
            bot._connection.shard_count = bot.shard_count
        connected = asyncio.create_task(bot.start("simulator-token"))
        try:
            ready = asyncio.create_task(bot.wait_until_ready())
            await asyncio.wait((connected, ready), return_when=asyncio.FIRST_COMPLETED, timeout=10)
            if connected.done():
                connected.result()
            assert ready.done()
            yield bot
        finally:
            await bot.close()
            await connected


@asynccontextmanager
async def community(
    directory: Path,
    script: Iterable[Turn] = (),
    *,
    more: str = "",
    models: str = "",
    personas: str = "",
    limits: bool = False,
) -> AsyncIterator[Running]:
    """A simulator, a model that answers by a script, and the bot between them."""
    async with (
        Simulator(limits=limits) as simulator,
        ModelEndpoint(script, pace=0.0) as model,
        running(simulator, model, directory, more=more, models=models, personas=personas) as made,
    ):
        yield made


@contextmanager
def deleting_at_once(
    here: Running, *pages: int, and_then: Callable[[], Awaitable[object]] | None = None
) -> Iterator[None]:
    """In here, each of these pages that the bot creates (the first one is 1) is deleted by mo before the bot has an
    answer to the create: whoever deletes is told of a message by the gateway, as the bot is.
    """
    simulator, created, deleting = here.simulator, 0, set[asyncio.Task[None]]()

    async def delete(message: Said) -> None:
        await here.person("mo").delete(message)
        if and_then is not None:
            await and_then()
        simulator.rest.latency = 0.0

    def see(event: Event) -> None:
        nonlocal created
        if event.t == "MESSAGE_CREATE" and event.d["author"].get("bot"):
            created += 1
            if created in pages:
                simulator.rest.latency = 2 * LATE
                deleting.add(asyncio.create_task(delete(event.d)))

    stop = simulator.observe(see)
    try:
        yield
    finally:
        stop()
    assert len(deleting) == len(pages)
    for each in deleting:
        each.result()


def contents(messages: Sequence[Said]) -> list[str]:
    return [each["content"] for each in messages]
