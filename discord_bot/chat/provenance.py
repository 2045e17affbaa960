"""Where an answer comes from: what stood in the prompt and what did not, who answered, and what that took.

It holds ids, names and numbers, and nothing that anybody has written: so it can be kept for a while and shown to who
asked, who sees in Discord what the ids stand for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from discord_bot.chat.dialect import Dialect
from discord_bot.chat.usage import TokenUsage

if TYPE_CHECKING:
    from discord_bot.chat.buffered import BufferedMessage
    from discord_bot.chat.files import File
    from discord_bot.chat.lore.activation import Cause
    from discord_bot.chat.lore.book import Entry, Lorebook
    from discord_bot.chat.prompt import Prompt

Setting = Literal["here", "parent", "guild", "default", "gone", "added"]
"""Which setting lets a persona speak; `gone` is the default in the place of one that is not there any more."""
AS_ASKED = Dialect()
NOTHING_COUNTED = TokenUsage()


@dataclass(frozen=True, slots=True)
class Course:
    """What the question went through until its answer began."""

    failed: tuple[tuple[str, str], ...] = ()
    """The models that were asked before and can't answer now, each with the kind of its failure."""
    retries: int = 0
    """How often the one that answered was asked again, after a pause, because it failed."""
    otherwise: int = 0
    """How often the question was put otherwise, because the model refused something of it."""
    dialect: Dialect = AS_ASKED
    """How it was put in the end."""


STRAIGHT = Course()


@dataclass(frozen=True, slots=True)
class Recalled:
    """An entry of the persona's book that came to mind."""

    name: str
    """What its author calls it; else its first key, or its number in the book."""
    cause: Cause


@dataclass(frozen=True, slots=True)
class Pictured:
    """A picture on a message that stood in the prompt."""

    message_id: int
    note: str | None
    """What the model was told in its place; empty where that was nothing beside its name, None where it was shown."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A file that may hold text, on a message that stood in the prompt."""

    message_id: int
    state: Literal["whole", "cut", "unread"]
    """Whether the model read all of it, its beginning, or only its name and why there was no more."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What stood in one prompt, and what did not."""

    included: tuple[int, ...]
    """The ids of the messages, oldest first."""
    left_out: tuple[int, ...]
    """Of those that there was no room for."""
    quoted: tuple[int, ...]
    """Of those that only stood there because others reply to them."""
    pictures: tuple[Pictured, ...]
    files: tuple[Filed, ...]
    lore: tuple[Recalled, ...]
    lore_left_out: tuple[str, ...]
    """The names of the entries that came to mind and that there was no room for."""
    without_examples: bool
    """Whether there was no room for all that shows how the persona speaks."""
    with_summary: bool = False
    """Whether what the model has told of older messages stood there."""

    @classmethod
    def of(
        cls, asked: Prompt, messages: Sequence[BufferedMessage], seen: Mapping[int, str], book: Lorebook | None
    ) -> Sources:
        """Those of a prompt that was made of these messages, and others that are none, of pictures and of lore."""
        sent = frozenset(asked.included)
        told = [message for message in messages if message.id in sent]
        included = tuple(message.id for message in told)
        replied_to = [each.quoted.id for each in told if each.quoted is not None and each.quoted.content is not None]
        entries = book.entries if book is not None else ()
        return cls(
            included,
            asked.left_out,
            tuple(dict.fromkeys(each for each in replied_to if each not in included)),
            tuple(
                Pictured(message.id, None if (note := seen.get(picture.id, "")).startswith("data:") else note)
                for message in told
                for picture in message.pictures
            ),
            tuple(Filed(message_id, _state(file)) for message_id, files in asked.files.items() for file in files),
            tuple(Recalled(_name(entries[each.index]), each.cause) for each in asked.lore.active),
            tuple(_name(entries[index]) for index in asked.lore.over_budget),
            asked.without_examples,
            asked.with_summary,
        )


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where one answer comes from. It is begun when the model is asked, and fills as the answer comes."""

    persona: str
    setting: Setting
    """Why it was this one that spoke."""
    gone: str | None
    """The persona that was set and is not there any more."""
    sources: Sources
    apart: bool
    """Whether the question was asked by a command, so that no message stands in Discord for it."""
    alone: bool
    """Whether only the asker's messages counted, and the answers to them."""
    heard_only: bool
    """Whether what was written before the bot heard it was not read, for want of a permission or of time."""
    forgotten_up_to: int | None
    """The message before which nothing counts, since /forget."""
    model: str
    """The model that was asked first, as the configuration names it."""
    sees: bool
    """Whether it takes pictures, as far as that is known."""
    budget: int
    """How many of its tokens a prompt could have."""
    estimate: int
    """About how many the prompt is, by what has been learned of the model until then."""
    refused: int | None = None
    """The same of a longer prompt, where the server refused one as too long before."""
    goes_on: bool = False
    """Whether it is the rest of an answer that had stopped for its length."""
    answered_by: str | None = None
    """The model that answered, as the configuration names it; None while none has."""
    served_as: str | None = None
    """How its server calls it."""
    course: Course = STRAIGHT
    usage: TokenUsage = NOTHING_COUNTED
    failure: str | None = None
    """The kind of what went wrong, where that ended the answer."""
    first_token: float | None = None
    """Seconds from the question to the model until the first of its answer came, its thoughts included."""
    whole: float | None = None
    """Seconds until it was whole, or over; None while it grows."""

    @property
    def blind(self) -> bool:
        """Whether the model can't see pictures, which it may have said only now."""
        return not (self.sees and self.course.dialect.images)


def _state(file: File) -> Literal["whole", "cut", "unread"]:
    if file.reading is None or not file.has_text:
        return "unread"
    return "whole" if file.reading.is_whole else "cut"


def _name(entry: Entry) -> str:
    key = next((key for key in entry.keys if key.strip()), f"#{entry.index + 1}")
    return entry.name or key
