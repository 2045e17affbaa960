"""What is set for a place, as commands do it: whose name is meant, who may, what is in force there, and why.

/persona and /model share these steps; each cog puts them together as it needs them. A `kind` is the store's word for
what is bound, and the beginning of the keys of its sentences.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import discord
from discord import app_commands

from discord_bot import reading
from discord_bot.chat.pages import PAGE_LIMIT
from discord_bot.interactions import answer
from discord_bot.sentences import SAID, Language
from discord_bot.store import Library, Place, library_of

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot
    from discord_bot.personas import Known
    from discord_bot.store import Binding, BindingKind, ChannelState

    Interaction = discord.Interaction[ChatBot]

CHOICES = 25
"""Suggestions that Discord shows.
https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-choice-structure
"""
CHOICE_LENGTH = 100
"""Characters of a suggestion; also of a name that is repeated to who typed it."""
LIST_PAGES = 5
"""Messages that a list may fill; more is a wall that nobody reads."""

HERE: Final = "here"
SERVER: Final = "server"
WHERE = [app_commands.Choice(name=each, value=each) for each in (HERE, SERVER)]
"""The choices of the option `where`."""


# ---- names -----------------------------------------------------------------------------------------------------------


def called(names: Iterable[str], name: str) -> str | None:
    """The one of the names that this is, in whatever case."""
    names, wanted = list(names), name.strip()
    if wanted in names:
        return wanted
    return next((each for each in names if each.casefold() == wanted.casefold()), None)


def meant(names: Iterable[str], typed: str) -> str | None:
    """The one of the names that somebody typed: whole, or its last part where no other one ends like that.

    `gpt-5-mini` is enough for `openai/gpt-5-mini`; and a name that is longer than a suggestion can be comes back cut.
    """
    names, wanted = list(names), typed.strip().casefold()
    if (whole := called(names, typed)) is not None or not wanted:
        return whole
    found = [
        each
        for each in names
        if each.casefold().endswith(f"/{wanted}") or each[:CHOICE_LENGTH].strip().casefold() == wanted
    ]
    return found[0] if len(found) == 1 else None


def suggestions(names: Iterable[str], typed: str) -> list[app_commands.Choice[str]]:
    """Names that hold what was typed: first those that begin with it, then those of which a part does."""
    wanted = typed.casefold().strip()
    found = [each for each in names if wanted in each.casefold()]
    found.sort(key=lambda each: (not each.casefold().startswith(wanted), f"/{wanted}" not in each.casefold()))
    return [app_commands.Choice(name=each[:CHOICE_LENGTH], value=each[:CHOICE_LENGTH]) for each in found[:CHOICES]]


def plain(name: str) -> str:
    """A name as text: nothing in it becomes a mention or Markdown, and it is no longer than a name can be."""
    shown = name if len(name) <= CHOICE_LENGTH else f"{name[:CHOICE_LENGTH]}…"
    return discord.utils.escape_markdown(discord.utils.escape_mentions(shown))


# ---- what is in force ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InForce:
    """The name that counts in a channel, and which setting says so."""

    name: str
    binding: Binding | None = None
    """What was set; None where nothing was, so that it is the default."""
    gone: str | None = None
    """The name that was set, where there is none of that name any more."""

    def why(self, channel_id: int | None) -> Literal["here", "parent", "guild", "default", "gone"]:
        """Where the setting stands, seen from that channel."""
        if self.gone is not None:
            return "gone"
        if self.binding is None:
            return "default"
        if self.binding.place.kind == "guild":
            return "guild"
        return "here" if self.binding.place.id == channel_id else "parent"


def in_force(kind: BindingKind, state: ChannelState, names: Iterable[str]) -> InForce:
    """What counts in a channel: the name that was set nearest to it, or else the first one."""
    names = list(names)
    binding = state.binding(kind)
    if binding is None:
        return InForce(names[0])
    name = called(names, binding.name)
    return InForce(names[0], gone=binding.name) if name is None else InForce(name, binding)


def why(setting: InForce, channel_id: int | None, language: Language) -> str:
    """Which setting says so, as the end of a sentence."""
    return SAID.say(f"why_{setting.why(channel_id)}", language, gone=plain(setting.gone or ""))


def library_here(interaction: Interaction) -> Library:
    """The library that people fill where a command is run."""
    return library_of(interaction.guild_id, interaction.user.id)


def here(interaction: Interaction) -> Place:
    """The channel, thread or DM that a command is run in."""
    assert interaction.channel_id is not None  # a command always comes from a channel
    return Place("channel", interaction.channel_id, interaction.guild_id)


async def setting_of(interaction: Interaction, kind: BindingKind) -> InForce:
    """What counts in the channel that a command is run in."""
    bot = interaction.client
    return in_force(kind, await state_of(interaction), await bot.names_of(kind, library_here(interaction)))


async def state_of(interaction: Interaction) -> ChannelState:
    """What the store knows of the channel that a command is run in."""
    parent_id = reading.parent_of(interaction.channel)
    return await interaction.client.store.channel_state(interaction.guild_id, here(interaction).id, parent_id)


def why_mute(interaction: Interaction) -> str | None:
    """The key of the sentence that says why the bot can't answer what people write in that place; None if it can."""
    may, guild = interaction.app_permissions, interaction.guild
    if guild is None:
        return None
    if not may.view_channel:
        return "mute_unseen"
    in_thread = isinstance(interaction.channel, discord.Thread)
    if may.send_messages_in_threads if in_thread else may.send_messages:
        return None
    me = guild.get_member(interaction.client.me.id)
    return "mute_timed_out" if me is not None and me.is_timed_out() else "mute_forbidden"


# ---- the commands' steps ---------------------------------------------------------------------------------------------


async def bind(interaction: Interaction, kind: BindingKind, name: str, where: str) -> Place | None:
    """Sets one of the known names for a place and tells everybody there; None where the person was refused."""
    place = await place_for(interaction, kind, where)
    if place is not None:
        await interaction.client.store.bind(kind, place, name)
        await say(interaction, f"{kind}_set_{_nearness(place)}", ephemeral=False, name=plain(name))
    return place


async def unbind(interaction: Interaction, kind: BindingKind, where: str) -> Place | None:
    """Takes back what was set for a place, and says what counts in this channel now; None where nothing was."""
    place = await place_for(interaction, kind, where)
    if place is None:
        return None
    bot = interaction.client
    was_set = await bot.store.unbind(kind, place)
    name = (await setting_of(interaction, kind)).name
    key = f"{kind}_reset_{_nearness(place)}" if was_set else f"{kind}_reset_nothing"
    await say(interaction, key, ephemeral=not was_set, name=plain(name))
    return place if was_set else None


async def place_for(interaction: Interaction, kind: BindingKind, where: str) -> Place | None:
    """The place that `where` means; None, and a sentence, where there is none or the person may not set it there."""
    bot = interaction.client
    server = where == SERVER
    if server and interaction.guild_id is None:
        await say(interaction, "no_server_here")
        return None
    who_may = bot.settings.permissions.persona if kind == "persona" else bot.settings.permissions.model
    if refusal := bot.refusal(interaction, who_may.server if server else who_may.here):
        await say(interaction, refusal)
        return None
    if server and interaction.guild_id is not None:
        return Place("guild", interaction.guild_id)
    return here(interaction)


def _nearness(place: Place) -> str:
    return SERVER if place.kind == "guild" else HERE


async def unknown(interaction: Interaction, kind: BindingKind, typed: str, names: Iterable[str]) -> None:
    """Says that there is none of that name, and which there are."""
    known = ", ".join(f"`{each}`" for each in list(names)[:CHOICES])
    await say(interaction, f"{kind}_unknown", name=plain(typed), names=known or "–")


async def persona_meant(interaction: Interaction, typed: str, *, own: bool = False) -> Known | None:
    """The persona that somebody typed; None, and a sentence, where there is none of that name.

    `own` asks for one that can be changed here.
    """
    everyone = await interaction.client.personas.known(library_here(interaction))
    name = meant([each.name for each in everyone], typed)
    known = next((each for each in everyone if each.name == name), None)
    if known is None:
        await unknown(interaction, "persona", typed, [each.name for each in everyone if each.changeable or not own])
    elif own and not known.changeable:
        await say(interaction, "persona_read_only", name=plain(known.name))
        return None
    return known


async def personas_suggested(
    interaction: Interaction, typed: str, *, own: bool = False
) -> list[app_commands.Choice[str]]:
    """Names of personas for what was typed so far; `own` leaves out those that can't be changed here."""
    everyone = await interaction.client.personas.known(library_here(interaction))
    return suggestions([each.name for each in everyone if each.changeable or not own], typed)


async def may_fill_library(interaction: Interaction) -> bool:
    """Whether the person may change the personas of this server, in a DM their own; if not, they are told."""
    bot = interaction.client
    if refusal := bot.refusal(interaction, bot.settings.permissions.persona.library):
        await say(interaction, refusal)
    return not refusal


async def say(interaction: Interaction, key: str, *, ephemeral: bool = True, **facts: str) -> None:
    """Answers with a sentence, in the person's language; only they see it unless it concerns everybody."""
    table = SAID
    sentence = table.say(key, interaction.client.language_for(interaction), **facts)[:PAGE_LIMIT]
    await answer(interaction, sentence, private=ephemeral)


async def say_list(interaction: Interaction, heading: str, lines: Iterable[str]) -> None:
    """Answers with a list that only the person sees, in as many messages as it fills."""
    pages = [heading]
    for line in lines:
        if len(pages[-1]) + 1 + len(line) <= PAGE_LIMIT:
            pages[-1] += f"\n{line}"
        elif len(pages) < LIST_PAGES:
            pages.append(line[:PAGE_LIMIT])
        else:
            pages[-1] = f"{pages[-1][: PAGE_LIMIT - 2]}\n…"
            break
    heard = await answer(interaction, pages[0]) is not None
    for page in pages[1:] if heard else ():
        await interaction.followup.send(page, ephemeral=True)
