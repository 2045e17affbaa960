"""What was asked while the gateway's session was lost for good: found in the channels afterwards, and answered, once.

A session that is resumed brings what happened meanwhile by itself; a new one does not.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp
import discord
from discord.ext import commands

from discord_bot.chat.pacing import Worth

if TYPE_CHECKING:
    from collections.abc import Iterable

    from discord_bot.bot import ChatBot

log = logging.getLogger(__name__)

STILL_WAITED_FOR = timedelta(minutes=10)
"""How old a question may be to be answered yet."""
CHANNELS = 50
"""Channels that are looked through after a new session; those with the newest messages come first."""
PEOPLE = 20
"""People whose direct messages are looked through: Discord does not tell in which of them something was written."""
HEARD = 1000
"""Messages of late that are known to have been heard."""


class Missed(commands.Cog):
    """Looks for what was missed, whenever a new session begins."""

    def __init__(self, bot: ChatBot) -> None:
        self.bot = bot
        self._newest: int | None = None
        """The newest message that was heard, or stood somewhere at the start; None before that."""
        self._since: int | None = None
        """The same when the session began: what is newer and was not heard was missed."""
        self._heard: deque[int] = deque(maxlen=HEARD)
        self._people: OrderedDict[int, discord.User | discord.Member] = OrderedDict()
        self._looking: asyncio.Task[None] | None = None

    async def cog_load(self) -> None:
        """From here on, it hears of messages and sessions at once."""
        self.bot.let_hear(self)

    def on_message(self, message: discord.Message) -> None:
        """Notes that a message was heard."""
        self._heard.append(message.id)
        if self._newest is not None:
            self._newest = max(self._newest, message.id)
        if message.guild is None and not message.author.bot:
            self._people[message.author.id] = message.author
            self._people.move_to_end(message.author.id)
            if len(self._people) > PEOPLE:
                self._people.popitem(last=False)

    def on_connect(self) -> None:
        """A new session: nothing tells what happened since the last one."""
        self._since = self._newest

    def on_ready(self) -> None:
        """The channels are known, and with them where something was written last."""
        channels: list[discord.TextChannel | discord.Thread] = []
        for guild in self.bot.guilds:
            channels += guild.text_channels
            channels += guild.threads
        if self._since is None:  # the bot has only just started
            self._newest = max((each.last_message_id or 0 for each in channels), default=0)
            return
        since, self._since = self._since, None
        written = [each for each in channels if (each.last_message_id or 0) > since]
        written.sort(key=lambda each: each.last_message_id or 0, reverse=True)
        self._looking = asyncio.create_task(self._look_through(written[:CHANNELS], since))

    async def _look_through(self, channels: Iterable[discord.TextChannel | discord.Thread], since: int) -> None:
        for channel in channels:
            await self._answer_missed(channel, since)
        for person in reversed(list(self._people.values())):
            try:
                place = await person.create_dm()
            except (discord.HTTPException, aiohttp.ClientError, OSError):
                continue
            await self._answer_missed(place, since)

    async def _answer_missed(self, channel: discord.abc.Messageable, since: int) -> None:
        """Lets what speaks to the bot there be heard now, as if the gateway had told of it."""
        # What was said before that is no longer waited for, and must not take the room.
        oldest = discord.utils.time_snowflake(discord.utils.utcnow() - STILL_WAITED_FOR)
        after = discord.Object(max(since, oldest))
        try:
            async with self.bot.delivery.gate.request(Worth.EDIT):
                messages = [each async for each in channel.history(limit=100, after=after)]
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("what was missed in channel %s can't be read: %s", getattr(channel, "id", None), error)
            return
        for message in messages:
            known = message.id in self._heard or message.author.bot
            late = discord.utils.utcnow() - message.created_at > STILL_WAITED_FOR
            if not known and not late and self.bot.hearing.hears(message, self.bot.me):
                log.info("a question in channel %s was missed, and is answered now", message.channel.id)
                self.bot.dispatch("message", message)

    async def cog_unload(self) -> None:
        """Looks no further."""
        self.bot.let_hear_no_more(self)
        if self._looking is not None:
            self._looking.cancel()


async def setup(bot: ChatBot) -> None:
    """How discord.py adds the cog."""
    await bot.add_cog(Missed(bot))
