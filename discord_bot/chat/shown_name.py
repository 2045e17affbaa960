"""A name as it can be shown: a character card may be called anything, of any length, in any characters."""

from __future__ import annotations

import unicodedata
from typing import Final

MAX_NAME: Final = 100
"""Characters of a persona's name: what a choice that Discord completes may hold.
https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-option-choice-structure
"""
_INVISIBLE: Final = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories without a sign of their own: control characters, what is not assigned, line separators."""
_DIRECTIONS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
"""Signs that turn the direction of writing, with which a name can look like another one. https://trojansource.codes"""


def shown_name(name: str) -> str:
    """The name without what can't be seen or turns the line around, at most 100 characters; it may become empty."""
    seen = "".join(
        " " if character.isspace() else character
        for character in name[: MAX_NAME * 100]
        if character.isspace() or (character not in _DIRECTIONS and unicodedata.category(character) not in _INVISIBLE)
    )
    return " ".join(seen.split())[:MAX_NAME].strip()
