"""/forget: the conversation here starts afresh."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from discord_bot.commands import described
from discord_bot.sentences import SAID

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot


class Forget(commands.Cog):
    """Marks where a conversation begins."""

    def __init__(self, bot: ChatBot) -> None:
        self.bot = bot

    @app_commands.command(name="forget", description=described("forget"))
    async def forget(self, interaction: discord.Interaction) -> None:
        """Sets the mark: what is older than this command is no longer part of the conversation."""
        language = self.bot.language_for(interaction)
        if refusal := self.bot.refusal(interaction, self.bot.settings.permissions.forget):
            await interaction.response.send_message(SAID.say(refusal, language), ephemeral=True)
            return
        assert interaction.channel_id is not None  # a command always comes from a channel
        # The interaction's id is a snowflake of the same clock as the messages', so it stands between them.
        await self.bot.store.forget(interaction.channel_id, interaction.id)
        await interaction.response.send_message(SAID.say("forgotten", language))


async def setup(bot: ChatBot) -> None:
    """How discord.py adds the cog."""
    await bot.add_cog(Forget(bot))
