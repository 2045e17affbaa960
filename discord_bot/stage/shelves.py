"""What people do with a library in Discord: put a persona there, change it, take it away, hand it on.

Each verb does one thing for somebody who may do it, and raises CardRefused or PersonaError where it can't be done. What
reads and writes cards is loaded when somebody has one.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import discord

from discord_bot import bindings, uploads
from discord_bot.bindings import plain
from discord_bot.buttons import Button, Lasting, view
from discord_bot.chat.persona import Own
from discord_bot.chat.shown_name import shown_name
from discord_bot.errors import CardRefused, PersonaError
from discord_bot.interactions import tell
from discord_bot.sentences import SAID
from discord_bot.stage import views
from discord_bot.stage.editing import changed, texts_of
from discord_bot.stage.entrances import Speak
from discord_bot.store import Library, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from discord_bot.bot import ChatBot
    from discord_bot.chat.cards import Card
    from discord_bot.personas import Known
    from discord_bot.sentences import Language
    from discord_bot.stage.editing import Part

    Interaction = discord.Interaction[ChatBot]

MAX_TEXT: Final = 1 << 20
"""Bytes of a text with instructions; no model reads more."""
TEXT_SUFFIXES: Final = (".txt", ".md")
NO_CARD: Final = frozenset({"file_picture", "png_no_card"})
"""Why a picture is refused that holds no card: as a face it is welcome."""
SHOWN_PLACES: Final = 10


# ---- making and changing ---------------------------------------------------------------------------------------------


async def create(interaction: Interaction, texts: Mapping[str, str], file: discord.Attachment | None) -> str:
    """Makes a persona of a form's texts, with its instructions from a file where there is one; its name."""
    from discord_bot.chat import cards

    if file is not None:
        texts = {**texts, "system_prompt": await _text_in(interaction, file)}
    if not shown_name(texts["name"]):
        raise PersonaError("name_empty")
    card, own = changed(cards.made(texts["name"].strip()), Own(), texts, interaction.client.models)
    return await _save(interaction, card, own)


async def take_in(interaction: Interaction, file: discord.Attachment, name: str | None, *, replaces: bool) -> Card:
    """Imports a card; what was taken in, with what is to be known of it."""
    from discord_bot.chat import cards

    data = await uploads.fetch(file, interaction.client.settings, most=cards.MAX_FILE)
    card = await asyncio.to_thread(cards.read, data)
    if name is not None:
        if not shown_name(name):
            raise PersonaError("name_empty")
        card = card.edited(name=shown_name(name))
    try:
        await _save(interaction, card, Own(), replaces=replaces)
    except PersonaError as error:
        raise PersonaError("name_taken_import", **error.facts) if error.reason == "name_taken" else error from None
    return card


async def texts(interaction: Interaction, known: Known, part: Part) -> dict[str, str]:
    """What stands in the form of a persona that is there already."""
    card, own = await interaction.client.personas.card(bindings.library_here(interaction), known)
    return texts_of(card, own, part)


async def edit(interaction: Interaction, known: Known, texts: Mapping[str, str]) -> str:
    """Changes a persona to what was written in a form; its name, which may be a new one."""
    bot = interaction.client
    card, own = await bot.personas.card(bindings.library_here(interaction), known)
    if texts.get("model") and texts["model"].strip() != (own.model or ""):
        who_may = bot.settings.permissions.model
        if bot.refusal(interaction, who_may.server if interaction.guild_id is not None else who_may.here):
            raise PersonaError("model_not_yours")
    card, own = changed(card, own, texts, bot.models)
    name = await _save(interaction, card, own, instead_of=known.name)
    if name != known.name:
        await bot.store.rename_persona(await _places(interaction, known.name), known.name, name)
    return name


async def edit_by_file(interaction: Interaction, known: Known, file: discord.Attachment) -> str:
    """Changes a persona to what is in a file: a whole card, a picture for its face, or a text with its instructions.

    It stays called as it is.
    """
    from discord_bot.chat import cards

    bot = interaction.client
    card, own = await bot.personas.card(bindings.library_here(interaction), known)
    if file.filename.lower().endswith(TEXT_SUFFIXES):
        card = card.edited(system_prompt=await _text_in(interaction, file))
    else:
        data = await uploads.fetch(file, bot.settings, most=cards.MAX_FILE)
        try:
            new = (await asyncio.to_thread(cards.read, data)).edited(name=card.data["name"])
            card = new if new.picture is not None else replace(new, picture=card.picture)
        except CardRefused as error:
            if error.reason not in NO_CARD:
                raise
            card = await asyncio.to_thread(cards.with_picture, card, data)
    return await _save(interaction, card, own, instead_of=known.name)


async def _text_in(interaction: Interaction, file: discord.Attachment) -> str:
    data = await uploads.fetch(file, interaction.client.settings, most=MAX_TEXT)
    try:
        return data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise PersonaError("text_no_utf8") from None


async def _save(
    interaction: Interaction, card: Card, own: Own, *, replaces: bool = False, instead_of: str | None = None
) -> str:
    from discord_bot.library import record_of

    library = bindings.library_here(interaction)
    record = await asyncio.to_thread(record_of, card, library, own=own, made_by=interaction.user.id)
    await interaction.client.personas.save(record, replaces=replaces, instead_of=instead_of)
    return record.name


async def show(interaction: Interaction, name: str, key: str, *, more: str = "") -> None:
    """Answers with the persona as it is now, what became of it, and a button that lets it speak."""
    bot, language = interaction.client, interaction.client.language_for(interaction)
    everyone = await bot.personas.known(bindings.library_here(interaction))
    known = next((each for each in everyone if each.name == name), None)
    if known is None:  # somebody was faster
        raise PersonaError("persona_gone", name=name)
    content = SAID.say(key, language, name=plain(name)) + more
    row = view(Speak.of(known, language))
    await views.deferred(interaction, await views.details(interaction, known, content=content, row=row))


# ---- taking away -----------------------------------------------------------------------------------------------------


async def _places(interaction: Interaction, name: str) -> list[Place]:
    """Where a persona of that name speaks, of the places that belong to the library of where the command is run."""
    found = await interaction.client.store.places_of_persona(name)
    if interaction.guild_id is None:
        return [place for place in found if place == bindings.here(interaction)]
    return [place for place in found if place.home == interaction.guild_id]


async def in_use(interaction: Interaction, known: Known) -> str:
    """Where a persona speaks, in words; empty where it does not."""
    language = interaction.client.language_for(interaction)
    places = await _places(interaction, known.name)
    shown = [
        SAID.say("the_server", language) if place.kind == "guild" else f"<#{place.id}>"
        for place in places[:SHOWN_PLACES]
    ]
    if len(places) > SHOWN_PLACES:
        shown.append(SAID.say("and_more", language, count=len(places) - SHOWN_PLACES))
    return ("、" if language == "zh" else ", ").join(shown)


class Delete(Lasting, template=r"persona:delete:(?P<key>[0-9a-f]{16})"):
    """Deletes a persona, once somebody was asked."""

    @classmethod
    def of(cls, known: Known, language: Language) -> Delete:
        """The button for a persona."""
        label = SAID.say("button_delete", language)
        return cls(Button(label=label, style=discord.ButtonStyle.danger, custom_id=f"persona:delete:{known.key}"))

    async def press(self, interaction: Interaction) -> None:
        """Permissions may have changed since it was asked."""
        bot, language = interaction.client, interaction.client.language_for(interaction)
        if not await bindings.may_fill_library(interaction):
            return
        library = bindings.library_here(interaction)
        known = await bot.personas.by_key(library, self.facts[0])
        if known is None or not known.changeable or not await bot.personas.delete(library, known.name):
            await tell(interaction, SAID.say("button_persona_gone", language))
            return
        said = SAID.say("persona_deleted", language, name=plain(known.name))
        await views.replaced(interaction, said)


class Keep(Lasting, template=r"persona:keep:(?P<key>[0-9a-f]{16})"):
    """Puts the question away."""

    @classmethod
    def of(cls, known: Known, language: Language) -> Keep:
        """The button for a persona."""
        label = SAID.say("button_keep", language)
        return cls(Button(label=label, style=discord.ButtonStyle.secondary, custom_id=f"persona:keep:{known.key}"))

    async def press(self, interaction: Interaction) -> None:
        """Nothing happens."""
        bot, language = interaction.client, interaction.client.language_for(interaction)
        known = await bot.personas.by_key(bindings.library_here(interaction), self.facts[0])
        said = SAID.say("persona_kept", language, name=plain(known.name if known is not None else "?"))
        await views.replaced(interaction, said)


# ---- handing on ------------------------------------------------------------------------------------------------------


async def to_hand_out(interaction: Interaction, name: str) -> Known | None:
    """The persona of that name, for somebody who may take it along whole; None, and a sentence, where that is not so.

    One of the owner's is the owner's to give: what a model is told in it may be nobody's business.
    """
    if not await bindings.may_fill_library(interaction):
        return None
    known = await bindings.persona_meant(interaction, name)
    if (
        known is None
        or known.changeable
        or interaction.user.id in interaction.client.settings.permissions.users.admin_ids
    ):
        return known
    await bindings.say(interaction, "persona_private", name=plain(known.name))
    return None


async def copy(interaction: Interaction, known: Known, guild: discord.Guild) -> None:
    """Puts a persona into the library of another server."""
    from discord_bot.library import record_of

    personas = interaction.client.personas
    card, own = await personas.card(bindings.library_here(interaction), known)
    library = Library("guild", guild.id)
    record = await asyncio.to_thread(record_of, card, library, own=own, made_by=interaction.user.id)
    await personas.save(replace(record, library=library))
