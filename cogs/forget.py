"""/forget: the conversation here starts afresh."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from discord_bot.commands import described
from discord_bot.stage import entrances

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot


class Forget(commands.Cog):
    """Marks where a conversation begins."""

    def __init__(self, bot: ChatBot) -> None:
        self.bot = bot

    @app_commands.command(name="forget", description=described("forget"))
    async def forget(self, interaction: discord.Interaction[ChatBot]) -> None:
        """Sets the mark: what is older than this command is no longer part of the conversation."""
        await entrances.start_afresh(interaction)


async def setup(bot: ChatBot) -> None:
    """How discord.py adds the cog."""
    await bot.add_cog(Forget(bot))
