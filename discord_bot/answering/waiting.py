"""The quiet sign that a question waits for its turn."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import aiohttp
import discord

from discord_bot.chat.pacing import Worth

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot

SIGN: Final = "⏳"
PATIENCE: Final = 1.0
"""Seconds that a question waits before that is shown: a turn that comes at once needs no sign."""


class Waiting:
    """One question's sign, from when it waits until its turn has come; the answer never waits for it."""

    def __init__(self, bot: ChatBot, message: discord.Message) -> None:
        self._bot, self._message = bot, message
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
            async with self._bot.delivery.gate.request(Worth.TYPING):
                await self._message.add_reaction(SIGN)
            await self._over.wait()
            async with self._bot.delivery.gate.request(Worth.TYPING):
                await self._message.remove_reaction(SIGN, self._bot.user)

    @property
    def _permitted(self) -> bool:
        guild = self._message.guild
        if guild is None:
            return True
        may = self._message.channel.permissions_for(guild.me)
        return may.add_reactions and may.read_message_history
