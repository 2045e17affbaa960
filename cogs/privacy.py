"""/privacy: what is held of people and where, and whether the bot may read what they say to others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from discord_bot import bindings
from discord_bot.bindings import plain
from discord_bot.commands import described
from discord_bot.sentences import SAID

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot

    Interaction = discord.Interaction[ChatBot]

READ = [app_commands.Choice(name=described(f"privacy read {each}"), value=each) for each in ("on", "off")]


class PrivacyCog(commands.Cog):
    """Everybody's right: no permission is needed, and no one who is blocked loses it."""

    def __init__(self, bot: ChatBot) -> None:
        self.bot = bot

    @app_commands.command(name="privacy", description=described("privacy"))
    @app_commands.describe(read=described("privacy read"))
    @app_commands.choices(read=READ)
    async def privacy(self, interaction: Interaction, read: str | None = None) -> None:
        """Says what is held; or sets whether that person is read, in all servers, from now on."""
        bot, person = self.bot, interaction.user
        if read is not None:
            await bot.hearing.let_read(person.id, read == "on")
            await bindings.say(interaction, f"privacy_set_{read}")
            return
        language = bot.language_for(interaction)
        state, library = await bindings.state_of(interaction), bindings.library_here(interaction)
        model = bot.model_in(state, (await bot.persona_in(state, library)).persona).reference
        memory = f"{bot.settings.conversation.max_messages:,}"
        yours = "privacy_read_off" if bot.hearing.is_unread(person.id) else "privacy_read_on"
        lines = [
            SAID.say("privacy_memory", language, count=memory),
            *([SAID.say("privacy_summary", language)] if bot.settings.conversation.summarise else []),
            SAID.say("privacy_disk", language, days=str(bot.settings.store.keep_left_servers)),
            SAID.say("privacy_model", language, model=plain(model)),
            SAID.say(yours, language),
        ]
        await bindings.say_list(interaction, SAID.say("privacy", language), [f"- {line}" for line in lines])


async def setup(bot: ChatBot) -> None:
    """How discord.py adds the cog."""
    await bot.add_cog(PrivacyCog(bot))
