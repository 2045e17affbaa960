"""The answers to one question, of which one is shown: what "again" adds to, and what ◀ ▶ leaf through."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from discord_bot.chat.usage import TokenUsage

if TYPE_CHECKING:
    from discord_bot.chat.pictures import Picture
    from discord_bot.chat.provenance import Provenance

MOST_VERSIONS = 10
"""Answers to one question that are kept; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Version:
    """One answer, as it came to its end."""

    text: str
    """What the model said."""
    notice: str | None = None
    """What the bot says below it of how it ended."""
    unfinished: bool = False
    """Whether the model had more to say, so that it can be asked to go on."""
    thoughts: str = ""
    """The line above it of what the model thought, with its line break, if that is shown."""
    pictures: tuple[Picture, ...] = ()
    """What the model made beside the text."""
    usage: TokenUsage = field(default_factory=TokenUsage)
    """What it took."""
    provenance: Provenance | None = None
    """Where it comes from, if that is known."""
    pages: tuple[str, ...] = ()
    """How it stood in Discord, if that is all there is to it."""

    @property
    def is_nothing(self) -> bool:
        """Whether the model said and made nothing."""
        return not (self.text.strip() or self.pictures)


class Versions:
    """The answers to one question, the oldest first."""

    __slots__ = ("_kept", "_shown")

    def __init__(self, *first: Version) -> None:
        self._kept = list(first)
        self._shown = len(first) - 1

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def shown(self) -> Version | None:
        """The answer that stands in Discord; None while there is none."""
        return self._kept[self._shown] if self._kept else None

    @property
    def position(self) -> int:
        """Which one that is, counted from 1."""
        return self._shown + 1

    @property
    def size(self) -> int:
        """How many characters, and bytes of pictures, all of them have."""
        return sum(
            len(version.text) + sum(map(len, version.pages)) + sum(len(picture.data) for picture in version.pictures)
            for version in self._kept
        )

    def add(self, version: Version) -> None:
        """A further answer, which is the one that is shown now. One that was nothing but a failure is not kept."""
        self._kept = [*(each for each in self._kept if not each.is_nothing), version][-MOST_VERSIONS:]
        self._shown = len(self._kept) - 1

    def replace(self, version: Version) -> None:
        """The answer that is shown has become another one: it went on."""
        if not self._kept:
            self.add(version)
        self._kept[self._shown] = version

    def note_pages(self, pages: tuple[str, ...]) -> None:
        """The answer that is shown stands in Discord in these pages."""
        if self._kept:
            self._kept[self._shown] = replace(self._kept[self._shown], pages=pages)

    def step(self, by: int) -> bool:
        """Shows an earlier (-1) or a later (+1) answer; False where there is none."""
        if not 0 <= self._shown + by < len(self._kept):
            return False
        self._shown += by
        return True

    def clear(self) -> None:
        """None of them is an answer any more: the question has become another one."""
        self._kept, self._shown = [], -1
