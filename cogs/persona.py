"""/persona: who speaks here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from discord_bot import reading
from discord_bot.chat.pages import PAGE_LIMIT
from discord_bot.commands import described
from discord_bot.sentences import SAID
from discord_bot.store import Place

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot
    from discord_bot.sentences import Language
    from discord_bot.store import ChannelState

CHOICES = 25
"""Suggestions that Discord shows.
https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-choice-structure
"""
NAME_LENGTH = 100
"""Characters of a name that are repeated to who typed it."""

Where = app_commands.Choice[str]
WHERE = [
    app_commands.Choice(name="here", value="here"),
    app_commands.Choice(name="server", value="server"),
]


class PersonaCog(commands.GroupCog, group_name="persona", group_description=described("persona")):
    """Sets, shows and lists personas."""

    def __init__(self, bot: ChatBot) -> None:
        self.bot = bot

    @app_commands.command(name="set", description=described("persona set"))
    @app_commands.describe(name=described("persona set name"), where=described("persona set where"))
    @app_commands.choices(where=WHERE)
    async def set_(self, interaction: discord.Interaction, name: str, where: Where | None = None) -> None:
        """Binds a persona to this channel, thread or DM, or to the server."""
        language = self.bot.language_for(interaction)
        persona = self.bot.persona_named(name)
        if persona is None:
            names = ", ".join(f"`{each}`" for each in list(self.bot.personas)[:CHOICES])
            await self._say(interaction, "persona_unknown", language, name=_plain(name), names=names)
            return
        place = await self._place(interaction, where, language)
        if place is None:
            return
        await self.bot.store.bind("persona", place, persona.name)
        key = "persona_set_server" if place.kind == "guild" else "persona_set_here"
        await interaction.response.send_message(SAID.say(key, language, name=_plain(persona.name)))

    @app_commands.command(name="reset", description=described("persona reset"))
    @app_commands.describe(where=described("persona set where"))
    @app_commands.choices(where=WHERE)
    async def reset(self, interaction: discord.Interaction, where: Where | None = None) -> None:
        """Takes a binding back."""
        language = self.bot.language_for(interaction)
        place = await self._place(interaction, where, language)
        if place is None:
            return
        was_set = await self.bot.store.unbind("persona", place)
        speaking = self.bot.persona_in(await self._state(interaction))
        key = f"persona_reset_{'server' if place.kind == 'guild' else 'here'}" if was_set else "persona_reset_nothing"
        await self._say(interaction, key, language, name=_plain(speaking.persona.name), ephemeral=not was_set)

    @app_commands.command(name="show", description=described("persona show"))
    async def show(self, interaction: discord.Interaction) -> None:
        """Says who speaks here and which setting says so."""
        language = self.bot.language_for(interaction)
        speaking = self.bot.persona_in(await self._state(interaction))
        why = SAID.say(f"why_{speaking.why(interaction.channel_id)}", language, gone=_plain(speaking.gone or ""))
        await self._say(interaction, "persona_show", language, name=_plain(speaking.persona.name), why=why)

    @app_commands.command(name="list", description=described("persona list"))
    async def list_(self, interaction: discord.Interaction) -> None:
        """Lists the personas, the default first."""
        language = self.bot.language_for(interaction)
        speaks = self.bot.persona_in(await self._state(interaction)).persona.name
        lines = [SAID.say("persona_list", language)]
        for index, persona in enumerate(self.bot.personas.values()):
            marks = [SAID.say("persona_default", language)] if index == 0 else []
            marks += [SAID.say("persona_speaks_here", language)] if persona.name == speaks else []
            described = f" — {_plain(persona.description)}" if persona.description else ""
            lines.append(" ".join((f"- **{_plain(persona.name)}**{described}", *marks)))
        while len("\n".join(lines)) > PAGE_LIMIT:
            lines[-2:] = ["- …"]
        await interaction.response.send_message("\n".join(lines), ephemeral=True)

    @set_.autocomplete("name")
    async def _suggest(self, _interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        """Personas whose name begins with what was typed, then those that hold it anywhere."""
        wanted = current.casefold().strip()
        found = [name for name in self.bot.personas if wanted in name.casefold()]
        found.sort(key=lambda name: not name.casefold().startswith(wanted))
        return [app_commands.Choice(name=name[:100], value=name[:100]) for name in found[:CHOICES]]

    async def _place(self, interaction: discord.Interaction, where: Where | None, language: Language) -> Place | None:
        """The place that the command is about; None, and a sentence, where there is none or the person may not."""
        server = where is not None and where.value == "server"
        if server and interaction.guild_id is None:
            await self._say(interaction, "no_server_here", language)
            return None
        who_may = self.bot.settings.permissions.persona
        if refusal := self.bot.refusal(interaction, who_may.server if server else who_may.here):
            await self._say(interaction, refusal, language)
            return None
        assert interaction.channel_id is not None  # a command always comes from a channel
        return (
            Place("guild", interaction.guild_id)
            if server and interaction.guild_id
            else Place("channel", interaction.channel_id)
        )

    async def _state(self, interaction: discord.Interaction) -> ChannelState:
        assert interaction.channel_id is not None
        return await self.bot.store.channel_state(
            interaction.guild_id, interaction.channel_id, reading.parent_of(interaction.channel)
        )

    async def _say(
        self, interaction: discord.Interaction, key: str, language: Language, *, ephemeral: bool = True, **facts: str
    ) -> None:
        sentence = SAID.say(key, language, **facts)[:PAGE_LIMIT]  # many long names might not fit
        await interaction.response.send_message(sentence, ephemeral=ephemeral)


def _plain(text: str) -> str:
    """A name as text: nothing in it becomes a mention or Markdown, and it is no longer than a name can be."""
    shown = text if len(text) <= NAME_LENGTH else f"{text[:NAME_LENGTH]}…"
    return discord.utils.escape_markdown(discord.utils.escape_mentions(shown))


async def setup(bot: ChatBot) -> None:
    """How discord.py adds the cog."""
    await bot.add_cog(PersonaCog(bot))
