"""Servers that the bot was removed from: what is kept of them stays for a while, and is deleted then."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import discord
from discord.ext import commands, tasks

from discord_bot.errors import StoreError

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot

log = logging.getLogger(__name__)


class Servers(commands.Cog):
    """Notes who left, and looks once a day whether it was long ago."""

    def __init__(self, bot: ChatBot) -> None:
        self.bot = bot

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed from a server, or the server deleted; an outage is told of otherwise."""
        channels = [each.id for each in (*guild.channels, *guild.threads)]
        days = self.bot.settings.store.keep_left_servers
        try:
            await self.bot.store.note_departure(guild.id, channels, discord.utils.utcnow())
        except StoreError as error:
            log.error("that the bot left server %s could not be noted: %s", guild.id, error)  # noqa: TRY400  # known
            return
        log.info("removed from server %s; what is kept of it will be deleted in %s days", guild.id, days)
        if not days:
            await self._forget()

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """It is in a server, perhaps again."""
        try:
            await self.bot.store.note_return(guild.id)
        except StoreError as error:
            log.error("that the bot is in server %s could not be noted: %s", guild.id, error)  # noqa: TRY400  # known

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """A session has begun: the servers are known, and it may have been removed from some of them meanwhile."""
        try:
            store, departed = self.bot.store, await self.bot.store.departed()
            for guild_id in departed & self._present:
                await store.note_return(guild_id)
            for guild_id in await store.servers() - departed - self._present:
                if self._would_be_told(guild_id):
                    await store.note_departure(guild_id, (), discord.utils.utcnow())
        except StoreError as error:
            log.error("which servers the bot has left could not be noted: %s", error)  # noqa: TRY400  # known
        if not self.daily.is_running():
            self.daily.start()

    @tasks.loop(hours=24)
    async def daily(self) -> None:
        """Deletes what is due."""
        await self._forget()

    async def _forget(self) -> None:
        due = discord.utils.utcnow() - timedelta(days=self.bot.settings.store.keep_left_servers)
        try:
            for guild_id in await self.bot.store.departed(due) - self._present:
                await self.bot.store.forget_server(guild_id)
                log.info("what was kept of server %s is deleted: the bot left it long ago", guild_id)
        except StoreError as error:
            log.error("what is kept of servers that the bot has left is still there: %s", error)  # noqa: TRY400  # known

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
        """It looks no more."""
        self.daily.cancel()


async def setup(bot: ChatBot) -> None:
    """How discord.py adds the cog."""
    await bot.add_cog(Servers(bot))
