"""Who the bot is, as one value, wherever it comes from: config.yaml, a character card, or a form filled in in Discord.

A persona says what a character is; the texts are kept as they were written, with their macros. What they come to in a
prompt is `prompt`'s matter, and reading and writing files is `cards`'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from discord_bot.chat.shown_name import shown_name

if TYPE_CHECKING:
    from discord_bot.chat.cards import Card
    from discord_bot.chat.lore import Lorebook

Role = Literal["system", "user", "assistant"]
"""Whose message a text is put into the prompt as."""

DESCRIPTION_LENGTH = 200
"""Characters of the line about a persona that people choose by."""
NOTE_DEPTH = 4
"""How many messages from the end a character's note stands if its card doesn't say; SillyTavern's own default."""


@dataclass(frozen=True, slots=True)
class DepthNote:
    """A text that is repeated so many messages from the end: the "character's note" of `extensions.depth_prompt`."""

    text: str
    depth: int = NOTE_DEPTH
    role: Role = "system"


@dataclass(frozen=True, slots=True)
class Persona:
    """A character that the bot speaks as. Only `name` is needed; an empty text means that there is none."""

    name: str
    """What people call it by in commands; at most 100 characters, and fit to be shown."""
    system_prompt: str = ""
    """What the model is told to be; stands first. `{{original}}` in it is the bot's own, which it replaces."""
    description: str = ""
    """A line for people who choose among personas; the model never sees it."""
    definition: str = ""
    """Who the character is, at length: the `description` of a character card."""
    personality: str = ""
    scenario: str = ""
    greetings: tuple[str, ...] = ()
    """How it may open a conversation: a card's `first_mes`, then its `alternate_greetings`, empty ones too."""
    group_greetings: tuple[str, ...] = ()
    """Greetings that are meant for several people at once (`group_only_greetings`)."""
    example_dialogue: str = ""
    """Blocks divided by `<START>`; the first thing that goes when the budget is short."""
    post_history_instructions: str = ""
    """What the model is told at the very end, after the conversation."""
    lore: Lorebook | None = None
    """What it knows, and when that comes to its mind."""
    note: DepthNote | None = None
    nickname: str = ""
    """What `{{char}}` says in the place of the name."""
    names: tuple[str, ...] = ()
    """What it answers to without a mention, besides its name and nickname."""
    model: str | None = None
    """`provider/model`, where it is not the channel's."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of its requests, over those of the model."""
    avatar: str | None = None
    """Its picture's SHA-256 in hexadecimal; the bytes lie with the library that the persona is from."""
    creator: str = ""
    creator_notes: str = ""
    """What the author tells people who use it; never for the model."""
    tags: tuple[str, ...] = ()

    @property
    def called(self) -> str:
        """What `{{char}}` stands for."""
        return self.nickname or self.name

    @property
    def greets_with(self) -> tuple[int, ...]:
        """The numbers of the greetings that there is something to read in."""
        return tuple(number for number, text in enumerate(self.greetings) if text.strip())

    @property
    def known_as(self) -> tuple[str, ...]:
        """Every name that it goes by, none twice."""
        return tuple(dict.fromkeys(name for name in (self.name, self.nickname, *self.names) if name))


@dataclass(frozen=True, slots=True)
class Own:
    """What a library keeps of a persona beside its card: choices of whoever runs it, which no card may make."""

    model: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()


def from_card(card: Card, own: Own | None = None) -> Persona:
    """The persona that a character card describes."""
    from discord_bot.chat.lore.book import lorebook

    data, own = card.data, own or Own()
    return Persona(
        name=shown_name(data["name"]),
        system_prompt=data["system_prompt"],
        description=summary(data["creator_notes"], data["tags"]),
        definition=data["description"],
        personality=data["personality"],
        scenario=data["scenario"],
        greetings=(data["first_mes"], *data["alternate_greetings"]),
        group_greetings=tuple(data["group_only_greetings"]),
        example_dialogue=data["mes_example"],
        post_history_instructions=data["post_history_instructions"],
        lore=lorebook(data["character_book"]) if "character_book" in data else None,
        note=depth_note(data["extensions"].get("depth_prompt")),
        nickname=shown_name(data.get("nickname", "")),
        names=own.names,
        model=own.model,
        parameters=own.parameters,
        avatar=card.picture.digest if card.picture is not None else None,
        creator=data["creator"],
        creator_notes=data["creator_notes"],
        tags=tuple(data["tags"]),
    )


def summary(creator_notes: str, tags: tuple[str, ...] | list[str]) -> str:
    """A line for people: the first one of the author's notes, or else the tags."""
    lines = (line.strip(" \t#*_>-") for line in creator_notes[: 20 * DESCRIPTION_LENGTH].splitlines())
    line = next((line for line in lines if line), ", ".join(tags))
    return line if len(line) <= DESCRIPTION_LENGTH else f"{line[: DESCRIPTION_LENGTH - 1]}…"


def depth_note(value: object) -> DepthNote | None:
    """The character's note in `extensions.depth_prompt`, which any program may have written in any form."""
    match value:
        case {"prompt": str(text), **rest} if text.strip():
            depth, role = rest.get("depth"), rest.get("role")
            return DepthNote(
                text,
                depth if isinstance(depth, int) and not isinstance(depth, bool) and depth >= 0 else NOTE_DEPTH,
                role if role in ("user", "assistant") else "system",
            )
        case _:
            return None
