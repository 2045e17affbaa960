"""/persona import and export: character cards in, character cards out."""

from __future__ import annotations

import asyncio
import io
import time
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from discord_bot import bindings
from discord_bot.bindings import plain
from discord_bot.chat.pages import PAGE_LIMIT
from discord_bot.commands import described
from discord_bot.errors import PersonaError
from discord_bot.interactions import think
from discord_bot.sentences import SAID
from discord_bot.sentences.cards import warning
from discord_bot.stage import shelves

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot

    Interaction = discord.Interaction[ChatBot]

FORMATS = [app_commands.Choice(name=each, value=each) for each in ("png", "json", "charx")]
MIB = 1 << 20


@app_commands.command(name="import", description=described("persona import"))
@app_commands.describe(
    file=described("persona import file"),
    name=described("persona import name"),
    replace=described("persona import replace"),
)
async def import_(
    interaction: Interaction, file: discord.Attachment, name: str | None = None, replace: bool = False
) -> None:
    """Takes a card into the library, and offers to let it speak."""
    if not await bindings.may_fill_library(interaction):
        return
    await think(interaction)
    language = interaction.client.language_for(interaction)
    card = await shelves.take_in(interaction, file, name, replaces=replace)
    told = "".join(f"\n- {warning(each.code, each.facts, language)}" for each in card.warnings)
    await shelves.show(interaction, card.name, "persona_imported", more=told[: PAGE_LIMIT // 2])


@app_commands.command(name="export", description=described("persona export"))
@app_commands.describe(name=described("persona export name"), format=described("persona export format"))
@app_commands.choices(format=FORMATS)
async def export(interaction: Interaction, name: str, format: str = "png") -> None:  # noqa: A002  # people see it
    """Gives a persona as a card, with all that it came with."""
    known = await shelves.to_hand_out(interaction, name)
    if known is None:
        return
    await think(interaction)
    from discord_bot.library import filename, written_as

    bot, language = interaction.client, interaction.client.language_for(interaction)
    card, _ = await bot.personas.card(bindings.library_here(interaction), known)
    written, lost = await asyncio.to_thread(written_as, card, format, int(time.time()))
    if len(written) > interaction.filesize_limit:
        limit = interaction.filesize_limit // MIB
        raise PersonaError("export_large", size=f"{len(written) / MIB:.1f}", limit=limit)
    content = SAID.say("persona_exported", language, name=plain(known.name))
    if lost:
        content += f"\n{warning('files-left-out', {'number': lost}, language)}"
    file = discord.File(io.BytesIO(written), f"{filename(known.name)}.{format}")
    await interaction.edit_original_response(content=content, attachments=[file])


@export.autocomplete("name")
async def _suggest(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    return await bindings.personas_suggested(interaction, typed)


async def setup(bot: ChatBot) -> None:
    """How discord.py adds them: to the group that `cogs.persona` has made."""
    group = bot.tree.get_command("persona")
    assert isinstance(group, app_commands.Group)
    group.add_command(import_)
    group.add_command(export)
