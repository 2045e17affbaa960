"""Who speaks in a channel, and which of them a message speaks to."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from discord_bot import reading
from discord_bot.bindings import InForce, called, in_force
from discord_bot.chat import calling
from discord_bot.voices import webhook_name

if TYPE_CHECKING:
    import discord

    from discord_bot.chat.persona import Persona
    from discord_bot.personas import Known, Personas
    from discord_bot.store import ChannelState, Library, Store, Voice

FRESH: Final = 60.0
"""Seconds for which it is taken to be true who answers to a name in a channel; it is asked for every message there."""
KNOWN_CHANNELS: Final = 2000
MOST: Final = 3
"""Personas that answer one message. The first answers who has written it; each of the others has heard the ones before,
and may answer them: that happens twice at most, and only where a person has named them all.
"""


@dataclass(frozen=True, slots=True)
class Speaking:
    """A persona that speaks in a channel, and which setting says so."""

    persona: Persona
    known: Known
    setting: InForce
    voice: Voice | None = None
    """How it speaks there; None where that was left to the configuration."""
    others: tuple[Persona, ...] = ()
    """Who speaks there beside it."""

    @property
    def key(self) -> str:
        """What stands for it in the buttons below what it says."""
        return self.known.key

    @property
    def shown(self) -> str:
        """The name under which it speaks."""
        return shown_as(self.persona)

    def name_above(self, bot_name: str) -> str | None:
        """What has to be said above its words where the bot of that name says them; None where it is clear whose."""
        return self.shown if self.others and self.shown != bot_name else None


def shown_as(persona: Persona) -> str:
    """The name under which a persona speaks, as a channel remembers it."""
    return reading.as_speaker(webhook_name(persona.called))


async def cast_of(state: ChannelState, library: Library, personas: Personas) -> tuple[Speaking, ...]:
    """All who speak in a channel: the main one, and those that were added and are still there."""
    everyone = {each.name: each for each in await personas.known(library)}
    setting = in_force("persona", state, everyone)
    present = {setting.name: (setting, setting.binding.voice if setting.binding is not None else None)}
    for companion in state.companions:
        name = called(everyone, companion.name)
        if name is not None:
            present.setdefault(name, (InForce(name), companion.voice))
    cast = [
        Speaking(await personas.persona(library, everyone[name]), everyone[name], in_force_, voice)
        for name, (in_force_, voice) in present.items()
    ]
    return tuple(replace(each, others=tuple(other.persona for other in cast if other is not each)) for each in cast)


async def speaking_of(key: str, cast: Sequence[Speaking], library: Library, personas: Personas) -> Speaking | None:
    """The persona of that key, which spoke in a channel and does so no more; None where it is gone."""
    known = await personas.by_key(library, key) if key else None
    if known is None:
        return None
    persona = await personas.persona(library, known)
    return Speaking(persona, known, InForce(known.name), others=tuple(each.persona for each in cast))


def spoken_to(message: discord.Message, text: str, cast: Sequence[Speaking], me: reading.Me) -> tuple[Speaking, ...]:
    """Whom a question speaks to: whose message it is a reply to, then all whom its text names; or else the main one."""
    if len(cast) == 1:
        return tuple(cast)
    answered = reading.spoken_to(message, me)
    named = [each for each in cast if each.shown == answered][:1]
    named += calling.called(text, ((each, each.persona.known_as) for each in cast))
    meant = {each.key: each for each in named}
    return tuple(meant.values())[:MOST] or (cast[0],)


class Calls:
    """Who answers to a name in which channel: the personas that were set there and have names. Known for a while."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._places: frozenset[int] | None = None
        """Where any persona was set: of a channel around which there is none, nothing has to be asked."""
        self._places_until = 0.0
        self._known: OrderedDict[int, tuple[float, tuple[tuple[str, ...], ...]]] = OrderedDict()

    async def look(self, now: float) -> None:
        """Learns where personas were set, unless that is known, or being asked for."""
        if self._places_until <= now:
            self._places, self._places_until = None, now + FRESH
            self._places = await self._store.places_with_personas()

    def learn(self, channel_id: int, cast: Sequence[Speaking], now: float) -> None:
        """Takes in who speaks in a channel."""
        set_there = cast if cast[0].setting.binding is not None else cast[1:]
        names = tuple(each.persona.known_as for each in set_there if each.persona.names)
        self._known[channel_id] = (now + FRESH, names)
        self._known.move_to_end(channel_id)
        if len(self._known) > KNOWN_CHANNELS:
            self._known.popitem(last=False)

    def wakes(self, message: discord.Message, now: float) -> bool | None:
        """Whether a message names somebody who answers to that there; None where that has to be asked for."""
        channel = message.channel
        if self._places is not None and self._places_until > now:
            guild_id = message.guild.id if message.guild is not None else None
            if not self._places or self._places.isdisjoint((channel.id, reading.parent_of(channel), guild_id)):
                return False
        until, names = self._known.get(channel.id, (now, ()))
        if until <= now:
            return None
        return bool(calling.called(message.content, ((each, each) for each in names)))

    def forget(self) -> None:
        """Says that a setting has changed."""
        self._known.clear()
        self._places_until = 0.0
