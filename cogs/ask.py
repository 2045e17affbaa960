"""/ask, and “Ask about this message” on any message: answers also where the bot isn't a member.

A person can install the application for themselves, and then brings both commands along to every server, group and
direct message. https://discord.com/developers/docs/resources/application#installation-context
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from discord_bot import bindings
from discord_bot.answering import question_apart
from discord_bot.commands import described

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot

    Interaction = discord.Interaction[ChatBot]

LONGEST = 4_000
"""Characters of a question: what one of the bot's other inputs takes at most, too."""


class AskCog(commands.Cog):
    """The commands."""

    def __init__(self, bot: ChatBot) -> None:
        self.bot = bot

    @app_commands.command(name="ask", description=described("ask"))
    @app_commands.describe(
        message=described("ask message"), file=described("ask file"), private=described("ask private")
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def ask(
        self,
        interaction: Interaction,
        message: app_commands.Range[str, 1, LONGEST],
        file: discord.Attachment | None = None,
        private: bool = False,
    ) -> None:
        """Answers a question, with what was said before where the bot may read that, and remembers nothing of it."""
        if refusal := _refusal(interaction):
            await bindings.say(interaction, refusal)
            return
        private = private or _is_silent(interaction)
        await interaction.response.defer(ephemeral=private, thinking=True)
        question = await question_apart(interaction, message, file, private=private)
        self.bot.answering.ask_apart(question)


def _refusal(interaction: Interaction) -> str | None:
    """The key of the sentence that says why somebody may not ask here; None if they may."""
    bot = interaction.client
    if interaction.guild_id is None and not bot.settings.allow_dms:
        return "not_permitted"
    return bot.refusal(interaction, "everyone")


def _is_silent(interaction: Interaction) -> bool:
    """Whether the bot is to answer nothing there: then only who asks sees the answer, and it disturbs nobody."""
    channel = interaction.channel
    return channel is not None and interaction.client.hearing.rules_in(channel).answers == "never"


async def setup(bot: ChatBot) -> None:
    """How discord.py adds the cog."""
    await bot.add_cog(AskCog(bot))
