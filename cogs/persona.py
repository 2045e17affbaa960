"""/persona set, reset, show and list: who speaks here. What else there is of /persona stands in the files beside."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import discord
from discord import app_commands
from discord.ext import commands

from discord_bot import bindings
from discord_bot.buttons import view
from discord_bot.chat.pages import PAGE_LIMIT
from discord_bot.commands import described
from discord_bot.interactions import answer, think
from discord_bot.stage import entrances, views
from discord_bot.stage.entrances import Afresh, Speak
from discord_bot.stage.greetings import Leaf
from discord_bot.stage.views import TurnPage
from discord_bot.voices import telling

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot
    from discord_bot.personas import Known
    from discord_bot.store import Voice

    Interaction = discord.Interaction[ChatBot]

BUTTONS = (Afresh, Leaf, Speak, TurnPage)


class PersonaCog(commands.GroupCog, group_name="persona", group_description=described("persona")):
    """Sets, shows and lists personas."""

    def __init__(self, bot: ChatBot) -> None:
        self.bot = bot

    @app_commands.command(name="set", description=described("persona set"))
    @app_commands.describe(
        name=described("persona set name"),
        where=described("set where"),
        voice=described("persona set voice"),
        keep=described("persona set keep"),
        greet=described("persona set greet"),
    )
    @app_commands.choices(where=bindings.WHERE, voice=telling.VOICES)
    async def set_(
        self,
        interaction: Interaction,
        name: str,
        where: str = bindings.HERE,
        voice: str | None = None,
        keep: bool = True,
        greet: bool = True,
    ) -> None:
        """Binds a persona to this channel, thread or DM, or to the server."""
        if (known := await self._meant(interaction, name)) is not None:
            chosen = cast("Voice | None", voice)
            await entrances.let_speak(interaction, known, where, voice=chosen, keep=keep, greet=greet)

    @app_commands.command(name="reset", description=described("persona reset"))
    @app_commands.describe(where=described("set where"))
    @app_commands.choices(where=bindings.WHERE)
    async def reset(self, interaction: Interaction, where: str = bindings.HERE) -> None:
        """Takes a binding back."""
        before = await telling.voice_before(interaction, where)
        if await bindings.unbind(interaction, "persona", where) is not None:
            await telling.take_off(interaction, before)

    @app_commands.command(name="show", description=described("persona show"))
    @app_commands.describe(name=described("persona show name"))
    async def show(self, interaction: Interaction, name: str | None = None) -> None:
        """Says who speaks here and which setting says so; or what a persona is."""
        if name is None:
            state = await bindings.state_of(interaction)
            setting = await bindings.setting_of(interaction, "persona")
            text = views.precedence(interaction, setting, state, self.bot.personas.default)
            speaking = await self.bot.persona_in(state, bindings.library_here(interaction))
            how = telling.how(interaction, speaking, self.bot.language_for(interaction))
            await answer(interaction, f"{text}\n{how}"[:PAGE_LIMIT])
        elif (known := await self._meant(interaction, name)) is not None:
            await think(interaction)
            row = view(Speak.of(known, self.bot.language_for(interaction)))
            await views.deferred(interaction, await views.details(interaction, known, row=row))

    @app_commands.command(name="list", description=described("persona list"))
    async def list_(self, interaction: Interaction) -> None:
        """Lists the personas with their faces, the default first."""
        await think(interaction)  # faces take a while to be drawn
        await views.deferred(interaction, await views.page_of_list(interaction, 0))

    async def _meant(self, interaction: Interaction, typed: str) -> Known | None:
        return await bindings.persona_meant(interaction, typed)

    @set_.autocomplete("name")
    @show.autocomplete("name")
    async def _suggest(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await bindings.personas_suggested(interaction, typed)


async def setup(bot: ChatBot) -> None:
    """How discord.py adds the cog: the buttons of before the start are recognised from now on."""
    await bot.add_cog(PersonaCog(bot))
    bot.add_dynamic_items(*BUTTONS)


async def teardown(bot: ChatBot) -> None:
    """How discord.py takes it away."""
    bot.remove_dynamic_items(*BUTTONS)
