"""The quiet sign that a question waits for its turn."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import discord

from discord_bot.chat.pacing import Worth

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from discord_bot.bot import ChatBot

SIGN: Final = "⏳"
PATIENCE: Final = 1.0
"""Seconds that a question waits before that is shown: a turn that comes at once needs no sign."""

APART: Final = 0.3
"""Seconds between two requests for signs: Discord takes about one reaction in a quarter of a second in a channel."""


class Waiting:
    """One question's sign, from when it waits until its turn has come; the answer never waits for it."""

    def __init__(self, bot: ChatBot, message: discord.Message, one_by_one: asyncio.Lock) -> None:
        self._bot, self._message, self._one_by_one = bot, message, one_by_one
        self._over = asyncio.Event()

    def end(self) -> None:
        """Its turn has come."""
        self._over.set()

    async def show(self) -> None:
        """Lets the sign stand below the question while it waits, where the bot may do that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._over.wait()
        if self._over.is_set() or not self._permitted or self._bot.delivery.crowded:
            return
        assert self._bot.user is not None
        with suppress(discord.HTTPException, aiohttp.ClientError, OSError):
            await self._make(self._message.add_reaction(SIGN))
            try:
                await self._over.wait()
            finally:  # also where the bot stops
                await self._make(self._message.remove_reaction(SIGN, self._bot.user))

    async def _make(self, request: Coroutine[Any, Any, None]) -> None:
        """Makes a request in its turn among those of all signs."""
        async with self._one_by_one:
            async with self._bot.delivery.gate.request(Worth.TYPING):
                await request
            await asyncio.sleep(APART)

    @property
    def _permitted(self) -> bool:
        guild = self._message.guild
        if guild is None:
            return True
        may = self._message.channel.permissions_for(guild.me)
        return may.add_reactions and may.read_message_history
