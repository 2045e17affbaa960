"""Names that are heard in what people write: as whole words, whatever their case; or a pattern between slashes.

Whoever may set them writes the patterns, so each search has little time; what was not found in time was not said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from discord_bot.chat.lore.keys import compile_javascript

SHORTEST: Final = 2
"""Characters of a name; shorter ones stand in too many texts."""
SEARCH_TIME: Final = 0.002
"""Seconds of the processor for a search by a pattern; a sound one needs a hundredth of that."""
MAX_SCANNED: Final = 4_000
"""Characters of a message that are searched: Discord allows no more.
https://discord.com/developers/docs/resources/message#create-message
"""
KEPT: Final = 512
"""Settings of which the patterns are kept."""

UNSPACED: Final = "\u0e00"
"""Where the scripts begin that have no spaces between words, or whose words grow at their end."""

_PATTERN: Final = re.compile(r"/(.+)/(i?)", re.DOTALL)
_BETWEEN: Final = re.compile(r"[,，、;；\n]")


@dataclass(frozen=True, slots=True)
class Words:
    """What is listened for."""

    names: tuple[str, ...] = ()
    pattern: Any | None = None
    """A regular expression; one that runs out of time matches nothing."""
    refused: str | None = None
    """What was typed and can't be listened for: a pattern that is none, or a name that is too short."""

    @property
    def can_be_heard(self) -> bool:
        """Whether all of it can be listened for, and there is anything."""
        return self.refused is None and bool(self.names or self.pattern)

    def heard_in(self, text: str) -> bool:
        """Whether a text has one of them."""
        text = text[:MAX_SCANNED]
        if self.pattern is not None:
            try:
                return self.pattern.search(text, timeout=SEARCH_TIME) is not None
            except TimeoutError:
                return False
        spoken = text.casefold()
        return any(name in spoken and re.search(_whole(name), spoken) is not None for name in self.names)


@lru_cache(KEPT)
def words_of(typed: str) -> Words:
    """What somebody typed, names with commas between them or one `/pattern/`, as what is listened for."""
    typed = typed.strip()
    if form := _PATTERN.fullmatch(typed):
        pattern = compile_javascript(form[1], "i")
        return Words(refused=typed) if pattern is None else Words(pattern=pattern)
    names = [name for name in (" ".join(part.split()) for part in _BETWEEN.split(typed)) if name]
    short = next((name for name in names if len(name) < SHORTEST), None)
    return Words(tuple(name.casefold() for name in names), refused=short)


def _whole(name: str) -> str:
    """A name as a whole word."""
    before = r"(?<!\w)" if name[0] < UNSPACED else ""
    after = r"(?!\w)" if name[-1] < UNSPACED else ""
    return before + re.escape(name) + after
