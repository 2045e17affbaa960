"""/persona: who speaks here."""

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


class PersonaCog(commands.GroupCog, group_name="persona", group_description=described("persona")):
    """Sets, shows and lists personas."""

    def __init__(self, bot: ChatBot) -> None:
        self.bot = bot

    @app_commands.command(name="set", description=described("persona set"))
    @app_commands.describe(name=described("persona set name"), where=described("set where"))
    @app_commands.choices(where=bindings.WHERE)
    async def set_(self, interaction: Interaction, name: str, where: str = bindings.HERE) -> None:
        """Binds a persona to this channel, thread or DM, or to the server."""
        known = bindings.meant(self.bot.personas, name)
        if known is None:
            await bindings.unknown(interaction, "persona", name, self.bot.personas)
        else:
            await bindings.bind(interaction, "persona", known, where)

    @app_commands.command(name="reset", description=described("persona reset"))
    @app_commands.describe(where=described("set where"))
    @app_commands.choices(where=bindings.WHERE)
    async def reset(self, interaction: Interaction, where: str = bindings.HERE) -> None:
        """Takes a binding back."""
        await bindings.unbind(interaction, "persona", where)

    @app_commands.command(name="show", description=described("persona show"))
    async def show(self, interaction: Interaction) -> None:
        """Says who speaks here and which setting says so."""
        setting = self.bot.in_force("persona", await bindings.state_of(interaction))
        why = bindings.why(setting, interaction.channel_id, self.bot.language_for(interaction))
        await bindings.say(interaction, "persona_show", name=plain(setting.name), why=why)

    @app_commands.command(name="list", description=described("persona list"))
    async def list_(self, interaction: Interaction) -> None:
        """Lists the personas, the default first."""
        language = self.bot.language_for(interaction)
        speaks = self.bot.in_force("persona", await bindings.state_of(interaction)).name
        lines = []
        for index, (name, persona) in enumerate(self.bot.personas.items()):
            marks = [SAID.say("default_mark", language)] if index == 0 else []
            marks += [SAID.say("persona_here_mark", language)] if name == speaks else []
            about = f" — {plain(persona.description)}" if persona.description else ""
            lines.append(" ".join((f"- **{plain(name)}**{about}", *marks)))
        await bindings.say_list(interaction, SAID.say("persona_list", language), lines)

    @set_.autocomplete("name")
    async def _suggest(self, _interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return bindings.suggestions(self.bot.personas, typed)


async def setup(bot: ChatBot) -> None:
    """How discord.py adds the cog."""
    await bot.add_cog(PersonaCog(bot))
