"""Mentions, replies and direct messages -> an answer; and everything else that is said, remembered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from discord.ext import commands

from discord_bot import reading
from discord_bot.answering import GRACE, LAST_WORDS

if TYPE_CHECKING:
    from collections.abc import Collection

    import discord

    from discord_bot.bot import ChatBot


class Chat(commands.Cog):
    """The conversation."""

    def __init__(self, bot: ChatBot) -> None:
        self.bot = bot

    # ---- what is said ------------------------------------------------------------------------------------------------

    def on_message(self, message: discord.Message) -> None:
        """Remembers a message, and answers it where it speaks to the bot."""
        me = self.bot.me
        if reading.is_own(message, me):
            return  # answers are remembered when they are finished
        conversation = self.bot.conversations.open(message.channel.id)
        remembered = self.bot.hearing.remembered(message, me)
        if remembered is not None:
            conversation.remember(remembered)
        self.bot.answering.ask(message, remembered)

    # ---- what is changed and taken back ------------------------------------------------------------------------------

    def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Takes in an edit, of other people's messages: the bot's own are known from their end."""
        message = payload.message
        if message.author.id == self.bot.me.id or reading.is_own(message, self.bot.me):
            return
        revised = self.bot.hearing.remembered(message, self.bot.me)
        self.bot.conversations.revise(payload.channel_id, message.id, revised)
        self.bot.answering.edit(message, revised)

    def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Takes in a deletion."""
        self._remove(payload.channel_id, (payload.message_id,))

    def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Takes in a deletion of many messages at once."""
        self._remove(payload.channel_id, payload.message_ids)

    def _remove(self, channel_id: int, message_ids: Collection[int]) -> None:
        self.bot.conversations.remove(channel_id, message_ids)
        self.bot.answering.delete(channel_id, message_ids)

    # ---- what comes and goes -----------------------------------------------------------------------------------------

    def on_connect(self) -> None:
        """A new session: what happened since the last one was not told."""
        self.bot.conversations.mark_gap()

    def on_ready(self) -> None:
        """The channels are known now; in some of them nothing was ever written."""
        channels = (channel for guild in self.bot.guilds for channel in guild.text_channels)
        self.bot.conversations.mark_empty(channel.id for channel in channels if channel.last_message_id is None)

    def on_guild_channel_create(self, channel: discord.abc.GuildChannel) -> None:
        """A channel that was made just now has nothing to read back."""
        self.bot.conversations.mark_empty((channel.id,))

    def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """What was said in a deleted channel is forgotten."""
        self.bot.conversations.drop(channel.id)

    def on_guild_remove(self, guild: discord.Guild) -> None:
        """What was said in a server that the bot was removed from is forgotten; an outage is told of otherwise."""
        for channel in (*guild.channels, *guild.threads):
            self.bot.conversations.drop(channel.id)

    def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """What was said in a deleted thread is forgotten."""
        self.bot.conversations.drop(payload.thread_id)

    async def cog_load(self) -> None:
        """From here on, it hears of everything at once, in the order in which it happens."""
        self.bot.let_hear(self)

    async def cog_unload(self) -> None:
        """Lets replies come to an end, and what was asked for by commands."""
        self.bot.let_hear_no_more(self)
        await asyncio.gather(self.bot.answering.turns.close(), self.bot.under_way.close(GRACE, LAST_WORDS))


async def setup(bot: ChatBot) -> None:
    """How discord.py adds the cog."""
    await bot.add_cog(Chat(bot))
