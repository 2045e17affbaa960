"""/persona create, edit and delete: the library of a server, or in a direct message one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from discord_bot import bindings
from discord_bot.bindings import plain
from discord_bot.buttons import view
from discord_bot.commands import described
from discord_bot.interactions import think
from discord_bot.sentences import SAID
from discord_bot.stage import shelves, views
from discord_bot.stage.editing import PARTS
from discord_bot.stage.forms import Form, OpenAgain
from discord_bot.stage.shelves import Delete, Keep
from discord_bot.uploads import check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from discord_bot.bot import ChatBot
    from discord_bot.stage.editing import Part

    Interaction = discord.Interaction[ChatBot]

BUTTONS = (Delete, Keep, OpenAgain)
PART_CHOICES = [app_commands.Choice(name=described(f"part {part}"), value=part) for part in PARTS]


@app_commands.command(name="create", description=described("persona create"))
@app_commands.describe(file=described("persona create file"))
async def create(interaction: Interaction, file: discord.Attachment | None = None) -> None:
    """Opens an empty form, and makes a persona of what is written there."""
    if not await bindings.may_fill_library(interaction):
        return
    bot, language = interaction.client, interaction.client.language_for(interaction)
    if file is not None:
        check(file, bot.settings, most=shelves.MAX_TEXT)  # before anything is written: a form can't be taken back

    async def make(submitted: Interaction, texts: Mapping[str, str]) -> None:
        name = await shelves.create(submitted, texts, file)
        await shelves.show(submitted, name, "persona_created")

    elsewhere = () if file is None else ("system_prompt",)
    title = SAID.say("form_create", language)
    await interaction.response.send_modal(Form(title, PARTS["character"], {}, make, language, elsewhere))


@app_commands.command(name="edit", description=described("persona edit"))
@app_commands.describe(
    name=described("persona edit name"), part=described("persona edit part"), file=described("persona edit file")
)
@app_commands.choices(part=PART_CHOICES)
async def edit(
    interaction: Interaction, name: str, part: str = "character", file: discord.Attachment | None = None
) -> None:
    """Opens a form with what the persona is, or takes it from a file."""
    if not await bindings.may_fill_library(interaction):
        return
    known = await bindings.persona_meant(interaction, name, own=True)
    if known is None:
        return
    bot, language = interaction.client, interaction.client.language_for(interaction)
    if file is not None:
        await think(interaction)
        await shelves.show(interaction, await shelves.edit_by_file(interaction, known, file), "persona_changed")
        return
    chosen: Part = next(each for each in PARTS if each == part)

    async def change(submitted: Interaction, texts: Mapping[str, str]) -> None:
        await shelves.show(submitted, await shelves.edit(submitted, known, texts), "persona_changed")

    texts = await shelves.texts(interaction, known, chosen)
    title = SAID.say("form_edit", language)
    await interaction.response.send_modal(Form(title, PARTS[chosen], texts, change, bot.language_for(interaction)))


@app_commands.command(name="delete", description=described("persona delete"))
@app_commands.describe(name=described("persona delete name"))
async def delete(interaction: Interaction, name: str) -> None:
    """Asks first, and says where the persona speaks."""
    if not await bindings.may_fill_library(interaction):
        return
    known = await bindings.persona_meant(interaction, name, own=True)
    if known is None:
        return
    language = interaction.client.language_for(interaction)
    await think(interaction)
    question = SAID.say("persona_delete", language, name=plain(known.name))
    if places := await shelves.in_use(interaction, known):
        question = f"{question}\n{SAID.say('persona_in_use', language, places=places)}"
    row = view(Delete.of(known, language), Keep.of(known, language))
    await views.deferred(interaction, await views.details(interaction, known, content=question, row=row))


@edit.autocomplete("name")
@delete.autocomplete("name")
async def _suggest_own(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    return await bindings.personas_suggested(interaction, typed, own=True)


async def setup(bot: ChatBot) -> None:
    """How discord.py adds them: to the group that `cogs.persona` has made."""
    group = bot.tree.get_command("persona")
    assert isinstance(group, app_commands.Group)
    group.add_command(create)
    group.add_command(edit)
    group.add_command(delete)
    bot.add_dynamic_items(*BUTTONS)


async def teardown(bot: ChatBot) -> None:
    """How discord.py takes them away."""
    bot.remove_dynamic_items(*BUTTONS)
