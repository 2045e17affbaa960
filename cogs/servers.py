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

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed from a server, or the server deleted; an outage is told of otherwise."""
        channels = [each.id for each in (*guild.channels, *guild.threads)]
        days = self.bot.settings.store.keep_left_servers
        try:
            await self.bot.store.note_departure(guild.id, channels, discord.utils.utcnow())
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
            await self._speak_up()
            await self._note_missed()
            await self._forget()
        except StoreError as error:
            log.error("what is kept of servers that the bot has left is still there: %s", error)  # noqa: TRY400  # known

    async def _speak_up(self) -> None:
        """Takes back what says of a server that the bot has left it, where it is in there."""
        for guild_id in await self.bot.store.departed() & self._present:
            await self.bot.store.note_return(guild_id)

    async def _note_missed(self) -> None:
        """Notes the servers that it was removed from while it heard nothing: nobody knows any more what was in them."""
        store = self.bot.store
        for guild_id in await store.servers() - await store.departed() - self._present:
            if self._would_be_told(guild_id):
                await store.note_departure(guild_id, (), discord.utils.utcnow())

    async def _forget(self) -> None:
        kept = max(timedelta(days=self.bot.settings.store.keep_left_servers), OTHERS_SPEAK_UP)
        for guild_id in await self.bot.store.departed(discord.utils.utcnow() - kept) - self._present:
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
