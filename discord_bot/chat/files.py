"""Files that people attach: what was read of one, how much of it a prompt has room for, and how it is told.

A file stands on a line of its own in what its message says (`contents`); what was read of it stands below that line, in
the place where the message stands, up to a note that ends it. What a file holds is somebody's text as any other: it can
pose neither as one of the bot's notes, nor as another person's message, nor as a turn of a chat template.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from discord_bot.chat.characters import cluster_start
from discord_bot.chat.speakers import plain
from discord_bot.chat.text import joined_surrogates
from discord_bot.chat.tokens import estimate_tokens

SHARE: Final = 2
"""Half of what a model reads of a conversation may be the files of one message; what is more of them is left out. That
is settled when they are read: how much a model reads is guessed anew each turn, and what stands in a prompt is to stay.
"""
PASTED: Final = "message.txt"
"""What Discord's own client calls a message that was too long to be sent as one."""
PASTED_LINE: Final = f"[text: {PASTED}]"
"""How such a message is told of until it is read."""

WHY: Final = MappingProxyType(
    {
        "binary": "not read: it holds no text",
        "damaged": "not read: it is damaged",
        "demanding": "not read: reading it takes too much time or memory",
        "empty": "empty",
        "encrypted": "not read: it is encrypted",
        "large": "not read: it is too large",
        "late": "not read: reading it took too long",
        "many": "not read: there are too many files",
        "older": "its text is left out: newer files stand in its place",
        "pictures": "not read: its pages hold no text, they may be pictures of text",
        "unreachable": "not read: it can't be loaded",
    }
)
"""What a model is told of a file that it does not read, by the reason."""
PASSING: Final = frozenset({"late", "unreachable"})
"""The reasons that may be gone with the next question."""

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff]")
_PAGE = re.compile(r"^\[page \d+ of \d+\]$", re.MULTILINE)


FileKey = tuple[int | None, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a file: its text as far as it goes, and what lies beyond; or why there is none."""

    text: str = ""
    why: str | None = None
    """Why nothing of it is told: a key of `WHY`."""
    lines: int = 0
    """The lines that are left out behind the text …"""
    characters: int = 0
    """… or the characters, where the text is cut within its only line …"""
    pages: int = 0
    """… and the whole pages behind them."""

    @property
    def tokens(self) -> int:
        """About how many tokens the text is."""
        return estimate_tokens(self.text)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return not (self.why or self.lines or self.characters or self.pages)

    def beginning(self, most: int) -> Reading:
        """As much of it as comes to so many tokens, up to a line's end where there is one."""
        if self.tokens <= most:
            return self
        low, high = 0, len(self.text)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if estimate_tokens(self.text[:middle]) <= most else (low, middle - 1)
        line = self.text.rfind("\n", low // 2, low)
        end = line if line >= 0 else cluster_start(self.text, low)
        rest = self.text[end:]
        page = _PAGE.search(rest)
        lines = self.lines + rest[: page.start() if page is not None else len(rest)].rstrip("\n").count("\n")
        characters = len(rest) + self.characters if line < 0 and not lines else 0
        return Reading(self.text[:end], None, lines, characters, self.pages + len(_PAGE.findall(rest)))


@dataclass(frozen=True, slots=True)
class File:
    """A file on a message: where it lies, and what was read of it; it is fetched only when a model is to read it."""

    id: int
    url: str
    size: int
    """Bytes, as Discord says."""
    name: str
    line: str
    """The line by which its message tells of it."""
    reading: Reading | None = None
    """None while nobody has tried to read it."""
    of: int | None = None
    """Of one on the message that its own replies to: the id of that; it is told of only once it was read."""

    @property
    def key(self) -> FileKey:
        """What tells it from the others: the same file may be read where it stands, and with a reply to that."""
        return self.of, self.id

    @property
    def has_text(self) -> bool:
        """Whether anything was read of it."""
        return self.reading is not None and bool(self.reading.text)

    @property
    def is_to_be_read(self) -> bool:
        """Whether it is worth another try."""
        return self.reading is None or self.reading.why in PASSING


def of_text(text: str, *, lines: int = 0, characters: int = 0) -> Reading:
    """What was read of a text; so many lines, or characters, lie beyond it."""
    text = _clean(text)
    if not text.strip():
        return Reading(why="empty")
    return Reading(text, lines=lines, characters=0 if lines else characters)


def of_pages(texts: Sequence[str], count: int) -> Reading:
    """What was read of the first pages of a document that has so many."""
    told = [_clean(text).strip("\n") for text in texts]
    if not any(text.strip() for text in told):
        return Reading(why="pictures")
    pages = (f"[page {number} of {count}]\n{text}".rstrip() for number, text in enumerate(told, 1))
    return Reading("\n".join(pages), pages=max(0, count - len(told)))


def _clean(text: str) -> str:
    """A file's text without what nobody sees in it, its lines ended in one way, and unable to pose as anything else."""
    flat = "\n".join(_UNSEEN.sub("", _ESCAPES.sub("", line)).rstrip() for line in text.splitlines())
    return plain(joined_surrogates(flat.rstrip("\n")))


def shared(readings: Iterable[Reading], most: int) -> list[Reading]:
    """What a message's files have in a room of so many tokens: the small ones all of theirs, the others equal parts."""
    given = list(readings)
    result = list(given)
    by_size = sorted(range(len(given)), key=lambda index: given[index].tokens)
    for place, index in enumerate(by_size):
        result[index] = given[index].beginning(max(1, most // (len(given) - place)))
        most -= result[index].tokens
    return result


def within(files: Sequence[File], most: int) -> tuple[File, ...]:
    """A message's files with as much of their texts as there is room for: so many tokens."""
    read = [file.reading for file in files if file.reading is not None]
    if sum(reading.tokens for reading in read) <= most:
        return tuple(files)
    room = iter(shared(read, most))
    return tuple(file if file.reading is None else replace(file, reading=next(room)) for file in files)


def told(content: str, files: Iterable[File]) -> str:
    """What a message says, with what was read of its files."""
    lines = content.split("\n")
    for file in files:
        if file.reading is None:
            continue
        # Only whole lines: of those, people can write none that begins like a note of the bot's.
        at = next((index for index, line in enumerate(lines) if line == file.line), len(lines))
        lines[at : at + 1] = [_told(file, file.reading)]
    return "\n".join(lines)


def _told(file: File, reading: Reading) -> str:
    if reading.why is not None:
        return f"{file.line.removesuffix(']')} — {WHY[reading.why]}]"
    if file.line == PASTED_LINE:
        return reading.text if reading.is_whole else f"{reading.text}\n[end of what was read; {left_out(reading)}]"
    end = f"[end of {file.name}]" if reading.is_whole else f"[end of what was read of {file.name}; {left_out(reading)}]"
    return f"{file.line}\n{reading.text}\n{end}"


def left_out(reading: Reading) -> str:
    """How much lies beyond what was read."""
    units = (("line", reading.lines), ("character", reading.characters), ("page", reading.pages))
    parts = [f"{count:,} further {unit}{'s' if count > 1 else ''}" for unit, count in units if count]
    return f"{' and '.join(parts)} left out"
