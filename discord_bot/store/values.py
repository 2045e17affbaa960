"""The values that the store takes and gives, and the one rule among them: which binding reaches a channel first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

BindingKind = Literal["persona", "model"]
"""What can be set for a place."""

Voice = Literal["auto", "webhook", "profile", "plain"]
"""How a persona speaks: through a webhook with its own name and face, in the bot's profile in that server, or as the
bot itself; and `auto`, whichever suits it.
"""

PlaceKind = Literal["guild", "channel"]
"""Discord's words; a thread is a channel of its own."""


Answers = Literal["mentioned", "everything", "words", "never"]
"""What the bot answers in a channel: what mentions it or replies to it, everything, also what names one of its words,
or nothing.
"""

Share = Literal["shared", "person"]
"""Whether a channel is one conversation, or one for each person."""

Replies = Literal["channel", "thread"]
"""Where answers stand: in the channel, or in a thread that the bot opens at the question."""


LibraryKind = Literal["owner", "guild", "user"]
"""Whose personas they are: the bot's owner's (they are there in every server), a guild's, or one person's in DMs."""


@dataclass(frozen=True, slots=True)
class Library:
    """A collection of personas, in which no two have the same name (case does not matter)."""

    kind: LibraryKind
    id: int = 0
    """The guild's or the user's snowflake; 0 for the owner's, of which there is one."""


OWNER = Library("owner")
"""What `discord-bot persona import` fills."""


def library_of(guild_id: int | None, user_id: int) -> Library:
    """The library that people fill where they are: their server's, or in a direct message their own."""
    return Library("user", user_id) if guild_id is None else Library("guild", guild_id)


@dataclass(frozen=True, slots=True)
class PersonaEntry:
    """What a list shows of a persona in a library."""

    library: Library
    name: str
    description: str
    avatar: str | None
    """The SHA-256 of its picture; None where it has none."""
    made_by: int | None
    """The user who put it there; None where it came by the command line."""
    made_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class PersonaRecord:
    """A persona as a library keeps it."""

    library: Library
    name: str
    document: str
    """The character card as JSON, whole: `discord_bot.chat.cards` reads and writes it."""
    description: str = ""
    own: str = "{}"
    """What the library's owner has chosen beside the card, as JSON: a model, parameters, names."""
    avatar: str | None = None
    picture: bytes | None = field(default=None, repr=False)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """What lay beside the card in its file, by path: it goes out again with the card."""
    made_by: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is set: a guild, or a channel, thread or DM, by its snowflake."""

    kind: PlaceKind
    id: int
    guild_id: int | None = field(default=None, compare=False)
    """The guild that a channel is in; None for a DM, and where that is not known or does not matter."""

    @property
    def home(self) -> int | None:
        """The guild that it is, or is in."""
        return self.id if self.kind == "guild" else self.guild_id


@dataclass(frozen=True, slots=True)
class Binding:
    """At this place, the persona (or model) of this name is used."""

    kind: BindingKind
    place: Place
    name: str
    voice: Voice | None = None
    """How the persona speaks there; None where that was left to the configuration."""


@dataclass(frozen=True, slots=True)
class Companion:
    """At this place, the persona of this name answers to its name, beside the one that speaks there."""

    place: Place
    name: str
    voice: Voice | None = None


@dataclass(frozen=True, slots=True)
class ChannelRules:
    """Where and how the bot answers in a channel. What is None was not set there."""

    answers: Answers | None = None
    words: str | None = None
    """The names that it hears, as they were typed."""
    conversation: Share | None = None
    replies: Replies | None = None

    def over(self, wider: ChannelRules) -> ChannelRules:
        """These, and where they say nothing, those of what lies around."""
        return ChannelRules(
            self.answers or wider.answers,
            self.words or wider.words,
            self.conversation or wider.conversation,
            self.replies or wider.replies,
        )


AS_EVER = ChannelRules("mentioned", "", "shared", "channel")
"""What holds where nothing was set."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the bot keeps in memory of the store."""

    number: int
    """Of the last change of it."""
    rules: Mapping[int, ChannelRules]
    """What was set, for every channel where anything was."""
    unread: frozenset[int]
    """The ids of all who do not want to be read."""


@dataclass(frozen=True, slots=True)
class ChannelState:
    """All that the store knows about one channel at one moment."""

    bindings: tuple[Binding, ...] = ()
    """Every binding that reaches the channel, the nearest first."""
    forgotten_up_to: int | None = None
    """The snowflake of the last message that `/forget` covers here; None where nothing was forgotten."""
    companions: tuple[Companion, ...] = ()
    """The personas that speak here beside the bound one, the nearest first and then by name."""

    @property
    def persona(self) -> Binding | None:
        """The persona that speaks here, where one was set; its place says where."""
        return self.binding("persona")

    @property
    def model(self) -> Binding | None:
        """The model that answers here, where one was set."""
        return self.binding("model")

    def binding(self, kind: BindingKind) -> Binding | None:
        """The binding of that kind that is in force in the channel: the nearest one."""
        return next((binding for binding in self.bindings if binding.kind == kind), None)

    def forgets(self, message_id: int) -> bool:
        """Whether that message is no longer part of the conversation."""
        return self.forgotten_up_to is not None and message_id <= self.forgotten_up_to


def lookup_order(guild_id: int | None, channel_id: int, parent_id: int | None = None) -> tuple[Place, ...]:
    """The places whose settings reach a channel, the nearest first: the thread, its channel, the server.

    `channel_id` is the channel or thread itself, `parent_id` the channel that a thread belongs to, and `guild_id` is
    None in a DM.
    """
    places = [Place("channel", channel_id, guild_id)]
    if parent_id is not None:
        places.append(Place("channel", parent_id, guild_id))
    if guild_id is not None:
        places.append(Place("guild", guild_id))
    return tuple(places)
