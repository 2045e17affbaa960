"""How personas are shown to people: a page of the list with faces, one with its facts, and why it speaks here."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import discord

from discord_bot import bindings
from discord_bot.bindings import CHOICE_LENGTH, InForce, plain
from discord_bot.buttons import Button, Lasting, view
from discord_bot.chat.pages import PAGE_LIMIT
from discord_bot.interactions import acknowledge
from discord_bot.sentences import SAID
from discord_bot.store import Place, lookup_order

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot
    from discord_bot.chat.persona import Persona
    from discord_bot.personas import Known
    from discord_bot.store import ChannelState, Library

    Interaction = discord.Interaction[ChatBot]

PER_PAGE: Final = 5
"""Personas on a page of the list; Discord shows ten embeds at most, and five fill a screen."""
SMALL_FACE: Final = 128
"""Pixels of a face's side in the list; Discord shows a thumbnail of 80."""
NOTES_LENGTH: Final = 1_000
"""Characters of an author's notes that are shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a message shows."""

    content: str
    embeds: Sequence[discord.Embed]
    files: Sequence[discord.File]
    view: discord.ui.View | None


async def deferred(interaction: Interaction, shown: Shown) -> None:
    """Answers, where "thinking…" or an older page stands, with that."""
    await interaction.edit_original_response(
        content=shown.content, embeds=shown.embeds, attachments=shown.files, view=shown.view
    )


async def replaced(interaction: Interaction, sentence: str) -> None:
    """Answers a press with a sentence in the place of all that the message showed."""
    await acknowledge(lambda: interaction.response.edit_message(content=sentence, embeds=[], attachments=[], view=None))


# ---- the list --------------------------------------------------------------------------------------------------------


async def page_of_list(interaction: Interaction, number: int) -> Shown:
    """A page of all personas that can be chosen where the person is; pages are counted from 0, and go round."""
    bot, language = interaction.client, interaction.client.language_for(interaction)
    library = bindings.library_here(interaction)
    everyone = await bot.personas.known(library)
    speaks = (await bindings.setting_of(interaction, "persona")).name
    count = -(-len(everyone) // PER_PAGE)
    number %= count
    embeds, files = [], []
    for index, known in enumerate(everyone[number * PER_PAGE : (number + 1) * PER_PAGE]):
        marks = [SAID.say("default_mark", language)] if number == index == 0 else []
        marks += [SAID.say("persona_here_mark", language)] if known.name == speaks else []
        embed = discord.Embed(title=" ".join((plain(known.name), *marks)), description=plain_line(known.description))
        embed.set_footer(text=SAID.say(f"whose_{known.whose}", language))
        face = await _face(bot, library, known, f"face-{index}.png")
        if face is not None:
            embed.set_thumbnail(url=f"attachment://{face.filename}")
            files.append(face)
        embeds.append(embed)
    heading = SAID.say("persona_list", language)
    if count == 1:
        return Shown(heading, embeds, files, None)
    heading = f"{heading} ({number + 1}/{count})"
    row = view(TurnPage.leading_to((number - 1) % count, "l"), TurnPage.leading_to((number + 1) % count, "r"))
    return Shown(heading, embeds, files, row)


async def _face(bot: ChatBot, library: Library, known: Known, filename: str) -> discord.File | None:
    face = await bot.personas.face(library, known, SMALL_FACE)
    return None if face is None else discord.File(io.BytesIO(face), filename, description=known.name)


class TurnPage(Lasting, template=r"personas:(?P<page>\d{1,4})(?P<direction>[lr])"):
    """Lets another page of the list stand there."""

    @classmethod
    def leading_to(cls, page: int, direction: str) -> TurnPage:
        """The button that leads to that page; the two of a list of two pages lead to the same one."""
        return cls(Button(label="◀" if direction == "l" else "▶", custom_id=f"personas:{page}{direction}"))

    async def press(self, interaction: Interaction) -> None:
        """The list may have changed: it is asked for anew."""
        await acknowledge(interaction.response.defer)  # faces take a while to be drawn
        await deferred(interaction, await page_of_list(interaction, int(self.facts[0])))


# ---- one of them -----------------------------------------------------------------------------------------------------


async def details(interaction: Interaction, known: Known, *, content: str = "", row: discord.ui.View | None) -> Shown:
    """All that people may know of a persona: not its texts, which may hold a surprise."""
    bot, language = interaction.client, interaction.client.language_for(interaction)
    library = bindings.library_here(interaction)
    persona = await bot.personas.persona(library, known)
    notes = persona.creator_notes or persona.description
    embed = discord.Embed(title=plain(known.name), description=plain_line(notes, NOTES_LENGTH))
    for key, value in _facts(persona, bot.models).items():
        embed.add_field(name=SAID.say(f"fact_{key}", language), value=value, inline=True)
    whose = SAID.say(f"whose_{known.whose}", language)
    embed.set_footer(text=f"{whose} · {SAID.say('persona_hides', language)}" if known.hides else whose)
    face = await _face(bot, library, known, "face.png")
    if face is not None:
        embed.set_thumbnail(url="attachment://face.png")
    return Shown(content, [embed], [face] if face is not None else [], row)


def _facts(persona: Persona, models: Mapping[str, object]) -> dict[str, str]:
    """What there is of it, by the keys of their sentences."""
    lore = len(persona.lore.entries) if persona.lore is not None else 0
    facts = {
        "nickname": plain(persona.nickname),
        "names": ", ".join(map(plain, persona.names)),
        "creator": plain(persona.creator[:CHOICE_LENGTH]),
        "tags": plain_line(", ".join(persona.tags)) or "",
        "greetings": str(sum(bool(each.strip()) for each in persona.greetings) or ""),
        "lore": str(lore or ""),
        "model": plain(persona.model) if persona.model is not None and persona.model in models else "",
        "parameters": ", ".join(f"{plain(name)}: {plain(str(value))}" for name, value in persona.parameters.items()),
    }
    return {key: value[:1_000] for key, value in facts.items() if value}


def plain_line(text: str, most: int = 300) -> str | None:
    """Somebody's text, shortened, in which nothing is a mention or Markdown; None where it is empty."""
    shortened = text if len(text) <= most else f"{text[:most]}…"
    return discord.utils.escape_markdown(discord.utils.escape_mentions(shortened.strip())) or None


# ---- why it speaks here ----------------------------------------------------------------------------------------------


def precedence(interaction: Interaction, setting: InForce, state: ChannelState, default: str) -> str:
    """Who speaks here and why, with every place that could say so, the nearest first."""
    language = interaction.client.language_for(interaction)
    why = bindings.why(setting, interaction.channel_id, language)
    lines = [SAID.say("persona_show", language, name=plain(setting.name), why=why)]
    places = lookup_order(interaction.guild_id, interaction.channel_id or 0, _parent(interaction))
    set_at = {each.place: each.name for each in state.bindings if each.kind == "persona"}
    for number, place in enumerate(places, 1):
        name = f"**{plain(set_at[place])}**" if place in set_at else "–"
        if setting.gone is not None and set_at.get(place) == setting.gone:
            name = SAID.say("persona_gone_mark", language, name=name)
        elif setting.binding is not None and setting.binding.place == place:
            name = f"{name} ←"
        lines.append(f"{number}. {SAID.say(_kind_of(place, number, interaction), language)}{name}")
    mark = "" if setting.binding is not None else " ←"
    lines.append(f"{len(places) + 1}. {SAID.say('level_default', language)}**{plain(default)}**{mark}")
    return "\n".join(lines)[:PAGE_LIMIT]


def _parent(interaction: Interaction) -> int | None:
    return interaction.channel.parent_id if isinstance(interaction.channel, discord.Thread) else None


def _kind_of(place: Place, number: int, interaction: Interaction) -> str:
    if place.kind == "guild":
        return "level_guild"
    if number > 1:
        return "level_parent"
    if interaction.guild_id is None:
        return "level_dm"
    return "level_thread" if _parent(interaction) is not None else "level_channel"
