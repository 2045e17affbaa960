"""/persona add and remove: several personas in one place, each answering to its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import discord
from discord import app_commands

from discord_bot import bindings
from discord_bot.bindings import plain
from discord_bot.commands import described
from discord_bot.voices import telling

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot
    from discord_bot.store import Voice

    Interaction = discord.Interaction[ChatBot]

BESIDE = [each for each in telling.VOICES if each.value != "profile"]
"""How one may speak beside others: the bot's profile has room for the main one only."""


@app_commands.command(name="add", description=described("persona add"))
@app_commands.describe(
    name=described("persona set name"), where=described("set where"), voice=described("persona set voice")
)
@app_commands.choices(where=bindings.WHERE, voice=BESIDE)
async def add(interaction: Interaction, name: str, where: str = bindings.HERE, voice: str | None = None) -> None:
    """Lets a persona answer to its name, beside the one that speaks there."""
    bot, chosen = interaction.client, cast("Voice | None", voice)
    known = await bindings.persona_meant(interaction, name)
    if known is not None and (place := await bindings.place_for(interaction, "persona", where)) is not None:
        await bot.store.add_companion(place, known.name, chosen)
        await bindings.say(interaction, "persona_added", ephemeral=False, name=plain(known.name))
        persona = await bot.personas.persona(bindings.library_here(interaction), known)
        await telling.settle(interaction, place, persona, chosen, "plain")


@app_commands.command(name="remove", description=described("persona remove"))
@app_commands.describe(name=described("persona set name"), where=described("set where"))
@app_commands.choices(where=bindings.WHERE)
async def remove(interaction: Interaction, name: str, where: str = bindings.HERE) -> None:
    """Takes back what `add` did, also for a persona that there is no more."""
    bot = interaction.client
    place = await bindings.place_for(interaction, "persona", where)
    if place is None:
        return
    everyone = await bot.personas.known(bindings.library_here(interaction))
    meant = bindings.meant([each.name for each in everyone], name) or name
    was_there = await bot.store.remove_companion(place, meant)
    bot.calls.forget()
    key = "persona_removed" if was_there else "persona_removed_nothing"
    await bindings.say(interaction, key, ephemeral=not was_there, name=plain(meant))


@add.autocomplete("name")
@remove.autocomplete("name")
async def suggest(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Names of personas for what was typed so far."""
    return await bindings.personas_suggested(interaction, typed)


async def setup(bot: ChatBot) -> None:
    """How discord.py adds them: to the group that `cogs.persona` has made."""
    group = bot.tree.get_command("persona")
    assert isinstance(group, app_commands.Group)
    group.add_command(add)
    group.add_command(remove)
