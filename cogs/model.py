"""/model: which model answers here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from discord_bot import bindings
from discord_bot.bindings import plain
from discord_bot.chat.redaction import redact
from discord_bot.commands import described
from discord_bot.sentences import SAID

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot
    from discord_bot.sentences import Language

    Interaction = discord.Interaction[ChatBot]

WORD = re.compile(r"[\w.-]{1,24}")
"""A parameter's text that is shown; what is longer may be anything."""
SECRET_NAME = re.compile(r"auth|key|token|secret|password|signature|credential|user", re.IGNORECASE)
"""How a parameter is called whose text is nobody's business: some servers take a key among the parameters."""


class ModelCog(commands.GroupCog, group_name="model", group_description=described("model")):
    """Sets, shows and lists models."""

    def __init__(self, bot: ChatBot) -> None:
        self.bot = bot

    @app_commands.command(name="set", description=described("model set"))
    @app_commands.describe(name=described("model set name"), where=described("set where"))
    @app_commands.choices(where=bindings.WHERE)
    async def set_(self, interaction: Interaction, name: str, where: str = bindings.HERE) -> None:
        """Binds a model to this channel, thread or DM, or to the server."""
        known = bindings.meant(self.bot.models, name)
        if known is None:
            await bindings.unknown(interaction, "model", name, self.bot.models)
        else:
            await bindings.bind(interaction, "model", known, where)

    @app_commands.command(name="reset", description=described("model reset"))
    @app_commands.describe(where=described("set where"))
    @app_commands.choices(where=bindings.WHERE)
    async def reset(self, interaction: Interaction, where: str = bindings.HERE) -> None:
        """Takes a binding back."""
        await bindings.unbind(interaction, "model", where)

    @app_commands.command(name="show", description=described("model show"))
    async def show(self, interaction: Interaction) -> None:
        """Says which model answers here, which setting says so, and what is known of the model."""
        language = self.bot.language_for(interaction)
        state, library = await bindings.state_of(interaction), bindings.library_here(interaction)
        persona = (await self.bot.persona_in(state, library)).persona
        model = self.bot.model_in(state, persona)
        if persona.model == model.reference:
            why = SAID.say("why_persona", language, persona=plain(persona.name))
        else:
            why = bindings.why(await bindings.setting_of(interaction, "model"), interaction.channel_id, language)
        heading = SAID.say("model_show", language, name=plain(model.reference), why=why)
        known = self.bot.known_of(model)
        await bindings.say_list(interaction, heading, [f"- {fact_line(*each, language)}" for each in known.items()])

    @app_commands.command(name="list", description=described("model list"))
    async def list_(self, interaction: Interaction) -> None:
        """Lists the models, the default first."""
        language = self.bot.language_for(interaction)
        state, library = await bindings.state_of(interaction), bindings.library_here(interaction)
        answers = self.bot.model_in(state, (await self.bot.persona_in(state, library)).persona).reference
        lines = []
        for index, name in enumerate(self.bot.models):
            marks = [SAID.say("default_mark", language)] if index == 0 else []
            marks += [SAID.say("model_here_mark", language)] if name == answers else []
            lines.append(" ".join((f"- **{plain(name)}**", *marks)))
        await bindings.say_list(interaction, SAID.say("model_list", language), lines)

    @set_.autocomplete("name")
    async def _suggest(self, _interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return bindings.suggestions(self.bot.models, typed)


def fact_line(fact: str, value: object, language: Language) -> str:
    """What is known, in the sentence that there is for it; a fact that has none speaks for itself."""
    key = f"model_known_{fact}"
    return SAID.say(key if key in SAID else "model_known", language, fact=plain(fact), value=_shown(value))


def _shown(value: object) -> str:
    """A fact's value as people read it."""
    match value:
        case Mapping():
            return ", ".join(_parameter(str(name), each) for name, each in value.items())
        case list() | tuple():
            return ", ".join(f"**{plain(str(each))}**" for each in value)
        case int() if not isinstance(value, bool):
            return f"{value:,}"
    return plain(str(value))


def _parameter(name: str, value: object) -> str:
    """A parameter: with its value where that is a number or a harmless word, else only its name."""
    telling = isinstance(value, (bool, int, float)) or (
        isinstance(value, str)
        and WORD.fullmatch(value) is not None
        and SECRET_NAME.search(name) is None
        and redact(value) == value
    )
    text = f"{name}: {json.dumps(value)}" if telling else name
    return "`" + text[: bindings.CHOICE_LENGTH].replace("`", "'") + "`"


async def setup(bot: ChatBot) -> None:
    """How discord.py adds the cog."""
    await bot.add_cog(ModelCog(bot))
