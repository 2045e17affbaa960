"""A reply as the persona alone says it, where speakers are named in the prompt and the model imitates that.

Its own "Name:" at the beginning is taken away, and where it begins to write somebody else's lines, it ends. A pure
function of the text so far: what it gives is the beginning of what it gives once the text has grown, so that a growing
reply can be shown by calling it again. What may yet turn out to be a name is held back until it is clear.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

_FENCES = ("```", "~~~")
MIN_NAME = 2
"""Characters of a name that is looked for: "A:" stands in many a list."""


def in_character(text: str, names: Iterable[str], others: Iterable[str], *, complete: bool = False) -> str:
    """The reply without the persona's name before it and without other people's lines.

    `names` are the persona's own, `others` those of everybody who is named in the prompt. `complete` says that nothing
    will follow, so that nothing needs to be held back.
    """
    own, theirs = _labels_of(frozenset(names), frozenset(others))
    said = _without_own_name(text, own, complete)
    return _up_to_somebody_else(said, theirs, complete)


def _without_own_name(text: str, own: _Labels, complete: bool) -> str:
    beginning = _folded(text.lstrip()[: own.longest])
    if beginning.startswith(own.labels):
        label = next(label for label in own.labels if beginning.startswith(label))
        return text.lstrip()[len(label) :].lstrip()
    undecided = len(beginning) < own.longest and any(label.startswith(beginning) for label in own.labels)
    return "" if undecided and not complete else text


def _up_to_somebody_else(text: str, others: _Labels, complete: bool) -> str:
    fenced = False
    theirs, longest = others.labels, others.longest
    for found in others.lines.finditer(f"\n{text}"):
        start, at = found.start(), found.end() - 1  # the pattern begins one character before its line
        folded = _folded(text[at : at + longest])
        if folded.startswith(_FENCES):
            fenced = not fenced
        elif start > 0 and not fenced and folded.startswith(theirs):
            return text[:start].rstrip()
    if complete:
        return text
    settled, newline, last = text.rpartition("\n")
    if newline and not fenced:
        beginning = _folded(last.lstrip(" >")[:longest])
        if any(label.startswith(beginning) for label in theirs):
            text = settled
    return text.rstrip()


class _Labels(NamedTuple):
    """How lines of somebody's begin."""

    labels: tuple[str, ...]
    longest: int
    """Characters of a line that can be a label or a fence, and one more: a growing text is looked through often."""
    lines: re.Pattern[str]
    """What stands before such a line, or a fence: before every one, and before few others; in a label is a colon."""


@lru_cache(maxsize=64)
def _labels_of(names: frozenset[str], others: frozenset[str]) -> tuple[_Labels, _Labels]:
    """The labels of the persona, and those of everybody else: the same for all the pieces in which a reply arrives."""
    own = tuple(_labels(names))
    theirs = tuple(label for label in _labels(others) if label not in own)
    return _looked_for(own), _looked_for(theirs)


def _looked_for(labels: tuple[str, ...]) -> _Labels:
    longest = max(map(len, (*labels, *_FENCES))) + 1
    beginnings = "|".join((*_FENCES, rf"[^\n:：]{{0,{longest}}}+[:：]"))
    return _Labels(labels, longest, re.compile(rf"\n[ >]*(?={beginnings})"))


def _labels(names: Iterable[str]) -> Iterator[str]:
    """How a model writes that somebody speaks, the longer forms first."""
    for name in sorted({_folded(name.strip()) for name in names}, key=len, reverse=True):
        if len(name) >= MIN_NAME:
            for colon in ":：":
                yield f"**{name}{colon}**"
                yield f"**{name}**{colon}"
                yield f"*{name}*{colon}"
                yield f"{name}{colon}"


def _folded(text: str) -> str:
    """The text without case, character by character, so that positions stay."""
    if text.isascii():
        return text.lower()
    return "".join(lower if len(lower := character.lower()) == 1 else character for character in text)
