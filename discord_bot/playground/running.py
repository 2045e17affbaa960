"""The bot of a playground, which can be begun anew with other settings: in the same world, over the same store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot
    from discord_bot.config import Settings

Assembling = Callable[["Settings"], AbstractAsyncContextManager["ChatBot"]]
"""Puts a bot together, not yet connected; it is closed at the end."""


class Running:
    """A bot that runs, as it would after a new start with each of its settings."""

    def __init__(self, settings: Settings, assemble: Assembling, token: str) -> None:
        self.settings = settings
        """What it runs with, or is about to."""
        self._assemble, self._token = assemble, token
        self._bot: asyncio.Future[ChatBot] = asyncio.get_running_loop().create_future()
        self._again = asyncio.Event()

    async def run(self) -> None:
        """Runs it until `stop`."""
        while True:
            self._again.clear()
            async with self._assemble(self.settings) as bot:
                self._bot.set_result(bot)
                connected = asyncio.create_task(bot.start(self._token))
                asked = asyncio.create_task(self._again.wait())
                try:
                    await asyncio.wait({connected, asked}, return_when=asyncio.FIRST_COMPLETED)
                    if not asked.done():
                        return connected.result()
                    await bot.close()
                    await connected
                finally:
                    asked.cancel()

    async def stop(self) -> None:
        """Ends it for good."""
        if self._bot.done():
            await self._bot.result().close()

    async def change(self, settings: Settings) -> None:
        """Begins it anew with other settings; it is connected again when this returns."""
        await self.until_ready()
        self.settings, self._bot = settings, asyncio.get_running_loop().create_future()
        self._again.set()
        await self.until_ready()

    async def bot(self) -> ChatBot:
        """The bot that runs now, or is about to."""
        return await asyncio.shield(self._bot)

    async def until_ready(self) -> None:
        """Waits until it is connected: whoever is quick should not be met with silence."""
        bot = await self.bot()
        await bot.wait_until_ready()
