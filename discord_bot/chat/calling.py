"""Who is called by name: names as whole words, whatever their case and width."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")

SHORTEST = 2
"""Characters of a name that can be called: shorter ones stand in too many texts."""
KEPT = 1024
"""Sets of names of which the pattern is kept."""


def called(text: str, known: Iterable[tuple[T, tuple[str, ...]]]) -> list[T]:
    """Those of the ones known by names that a text names, in the order in which it does.

    Of two names at one place the longer one is meant: who is called "Ann" is not named by "Ann Lee".
    """
    said = folded(text)
    found: list[tuple[int, int, int, T]] = []
    for order, (who, names) in enumerate(known):
        pattern = _pattern(names)
        found += [(*each.span(), order, who) for each in pattern.finditer(said)] if pattern is not None else []
    found.sort(key=lambda each: (each[0], -each[1], each[2]))
    named: dict[int, T] = {}
    told = 0
    for start, end, order, who in found:
        if start >= told:
            told = end
            named.setdefault(order, who)
    return list(named.values())


def folded(text: str) -> str:
    """A text as names are looked for in it.

    https://www.unicode.org/reports/tr15/#Norm_Forms
    """
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(KEPT)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str] | None:
    wanted = {" ".join(folded(name).split()) for name in names}
    words = sorted((name for name in wanted if len(name) >= SHORTEST), key=len, reverse=True)
    return re.compile("|".join(map(_word, words))) if words else None


def _word(name: str) -> str:
    """A name as a whole word; where it begins or ends in a script without spaces between words, anything may follow."""
    before = r"(?<!\w)" if _spaced(name[0]) else ""
    after = r"(?!\w)" if _spaced(name[-1]) else ""
    return before + r"\s+".join(map(re.escape, name.split())) + after


def _spaced(character: str) -> bool:
    """Whether words are divided by spaces in its script: not in Chinese and Japanese, nor Thai, Lao, Khmer, Burmese."""
    point = ord(character)
    unspaced = (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0x9FFF), (0x20000, 0x3FFFF)
    return not any(first <= point <= last for first, last in unspaced)
