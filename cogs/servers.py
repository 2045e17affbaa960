"""Servers that the bot was removed from: what is kept of them stays for a while, and is deleted then."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import discord
from discord.ext import commands, tasks

from discord_bot.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from discord_bot.bot import ChatBot

log = logging.getLogger(__name__)

OTHERS_SPEAK_UP = timedelta(days=2)
"""How long nothing is deleted after a start that no longer saw a server.

Another bot on the same store may be in it, and says so once a day.
"""


class Servers(commands.Cog):
    """Notes who left, and looks at each start and once a day whether it was long ago."""

    def __init__(self, bot: ChatBot) -> None:
        self.bot = bot
        self._of_nobody: frozenset[int] = frozenset()
        """The channels of which it was not known in which server they are, when that was looked at last."""

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed from a server, or the server deleted; an outage is told of otherwise."""
        days = self.bot.settings.store.keep_left_servers
        try:
            await self._note_servers((guild,))
            await self.bot.store.note_departure(guild.id, discord.utils.utcnow())
            if not days:
                await self._delete(guild.id)
        except StoreError as error:
            log.error("that the bot left server %s could not be noted: %s", guild.id, error)  # noqa: TRY400  # known
            return
        log.info("removed from server %s; what is kept of it will be deleted in %s days", guild.id, days)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """It is in a server, perhaps again."""
        try:
            await self.bot.store.note_return(guild.id)
        except StoreError as error:
            log.error("that the bot is in server %s could not be noted: %s", guild.id, error)  # noqa: TRY400  # known

    @commands.Cog.listener()
    async def on_raw_thread_update(self, payload: discord.RawThreadUpdateEvent) -> None:
        """A thread that was archived, and so not told of, may be known again."""
        if payload.thread_id not in self._of_nobody:
            return
        try:
            await self.bot.store.note_servers({payload.thread_id: payload.guild_id})
        except StoreError as error:
            log.error("in which server thread %s is could not be noted: %s", payload.thread_id, error)  # noqa: TRY400

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """A session has begun: the servers are known, and it may have been removed from some of them meanwhile."""
        if self.daily.is_running():
            self.daily.restart()
        else:
            self.daily.start()

    @tasks.loop(hours=24)
    async def daily(self) -> None:
        """Notes which servers it is in after all and which no more, and deletes what is due."""
        try:
            await self._note_servers(self.bot.guilds)
            await self._speak_up()
            await self._note_missed()
            await self._forget()
        except StoreError as error:
            log.error("what is kept of servers that the bot has left is still there: %s", error)  # noqa: TRY400  # known

    async def _note_servers(self, guilds: Iterable[discord.Guild]) -> None:
        """Notes of the channels of these servers that they are theirs, where that could not be known before."""
        store = self.bot.store
        self._of_nobody = await store.channels_of_nobody()
        if self._of_nobody:
            channels = ((guild, each) for guild in guilds for each in (*guild.channels, *guild.threads))
            await store.note_servers({each.id: guild.id for guild, each in channels if each.id in self._of_nobody})

    async def _speak_up(self) -> None:
        """Takes back what says of a server that the bot has left it, where it is in there."""
        for guild_id in await self.bot.store.departed() & self._present:
            await self.bot.store.note_return(guild_id)

    async def _note_missed(self) -> None:
        """Notes the servers that it was removed from while it heard nothing."""
        store = self.bot.store
        for guild_id in await store.servers() - await store.departed() - self._present:
            if self._would_be_told(guild_id):
                await store.note_departure(guild_id, discord.utils.utcnow())

    async def _forget(self) -> None:
        kept = max(timedelta(days=self.bot.settings.store.keep_left_servers), OTHERS_SPEAK_UP)
        for guild_id in await self.bot.store.departed(discord.utils.utcnow() - kept) - self._present:
            if self._would_be_told(guild_id):
                await self._delete(guild_id)
                log.info("what was kept of server %s is deleted: the bot left it long ago", guild_id)

    async def _delete(self, guild_id: int) -> None:
        """Deletes what is kept of a server, and the faces that nobody has any more."""
        pictures = await self.bot.store.forget_server(guild_id)
        await self.bot.voices.faces.remove(each for each in pictures if not self.bot.personas.in_folder(each))

    @property
    def _present(self) -> frozenset[int]:
        """The servers that it is in, those with an outage too."""
        return frozenset(guild.id for guild in self.bot.guilds)

    def _would_be_told(self, guild_id: int) -> bool:
        """Whether this process is told of that server, where several share one store.

        https://discord.com/developers/docs/events/gateway#sharding
        """
        count = self.bot.shard_count or 1
        return count == 1 or (guild_id >> 22) % count == (self.bot.shard_id or 0)

    async def cog_unload(self) -> None:
        """It looks no more; before the store is closed."""
        looking = self.daily.get_task()
        self.daily.cancel()
        if looking is not None:
            await asyncio.wait({looking})


async def setup(bot: ChatBot) -> None:
    """How discord.py adds the cog."""
    await bot.add_cog(Servers(bot))
