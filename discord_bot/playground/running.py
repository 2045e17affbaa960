"""The bot of a playground, which can be begun anew: in the same world or another one, over the same store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import discord

    from discord_bot.bot import ChatBot
    from discord_bot.config import Settings
    from discord_bot.store import Store

HEARD_WITHIN = 5.0
"""Seconds after which a message that the bot has not heard of is taken for one that it can't see."""

Assembling = Callable[["Settings"], AbstractAsyncContextManager["ChatBot"]]
"""Puts a bot together, not yet connected; it is closed at the end."""


class Running:
    """A bot that runs, as it would after a new start with each of its settings."""

    def __init__(self, settings: Settings, assemble: Assembling, token: str) -> None:
        self.settings = settings
        """What it runs with, or is about to."""
        self._assemble, self._token = assemble, token
        self._bot: asyncio.Future[ChatBot] = asyncio.get_running_loop().create_future()
        self._one_at_a_time = asyncio.Lock()
        self._heard = 0
        """The newest message that a bot has heard of."""
        self._hears = asyncio.Event()
        self._to_pause, self._paused, self._to_go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def run(self) -> None:
        """Runs it until `stop`."""
        while True:
            for each in (self._to_pause, self._paused, self._to_go_on):
                each.clear()
            async with self._assemble(self.settings) as bot:
                bot.let_hear(self)
                self._bot.set_result(bot)
                connected = asyncio.create_task(bot.start(self._token))
                asked = asyncio.create_task(self._to_pause.wait())
                try:
                    await asyncio.wait({connected, asked}, return_when=asyncio.FIRST_COMPLETED)
                    if not asked.done():
                        return connected.result()
                    await bot.close()
                    await connected
                finally:
                    asked.cancel()
                self._paused.set()
                await self._to_go_on.wait()

    async def stop(self) -> None:
        """Ends it for good."""
        if self._bot.done():
            await self._bot.result().close()

    @asynccontextmanager
    async def anew(self) -> AsyncIterator[Store]:
        """No bot runs in this block, which is given its store; when it is left, one is connected again."""
        async with self._one_at_a_time:
            await self.until_ready()
            bot, self._bot = self._bot.result(), asyncio.get_running_loop().create_future()
            self._to_pause.set()
            await self._paused.wait()
            try:
                yield bot.store
            finally:
                self._to_go_on.set()
            await self.until_ready()

    async def change(self, settings: Settings) -> None:
        """Begins it anew with other settings."""
        async with self.anew():
            self.settings = settings

    async def bot(self) -> ChatBot:
        """The bot that runs now, or is about to."""
        return await asyncio.shield(self._bot)

    def on_message(self, message: discord.Message) -> None:
        """The bot has heard of a message, and is about to see whether it asks."""
        self._heard = message.id
        self._hears.set()

    async def until_answered(self, message_id: int) -> None:
        """Waits until the bot has heard of a message, if it can see it, and answers nobody any more."""
        with suppress(TimeoutError):
            async with asyncio.timeout(HEARD_WITHIN):
                while self._heard < message_id:
                    self._hears.clear()
                    await self._hears.wait()
        await (await self.bot()).answering.turns.until_idle()

    async def until_ready(self) -> None:
        """Waits until it is connected: whoever is quick should not be met with silence."""
        bot = await self.bot()
        await bot.wait_until_ready()
