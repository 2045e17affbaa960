"""What is replaced in a text; all the rest of it stays as it is, byte for byte."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Edit(NamedTuple):
    """A stretch of the text, and what stands there instead."""

    start: int
    end: int
    new: str


def apart(edits: Iterable[Edit]) -> list[Edit]:
    """Edits in order. Of two that want the same place, the first: one line may be two things at once."""
    kept: list[Edit] = []
    for edit in sorted(set(edits)):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with its edits, which are in order and don't overlap."""
    parts: list[str] = []
    position = 0
    for edit in edits:
        parts += (text[position : edit.start], edit.new)
        position = edit.end
    parts.append(text[position:])
    return "".join(parts)


_PREFIX = re.compile(r"((?:[ \t]*>)*[ \t]?)((?:[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)*[ \t]*)")


def prefix_at(text: str, line_start: int) -> str:
    """The quote marks, list marks and indentation that the line begins with which begins there."""
    found = _PREFIX.match(text, line_start)
    return found[0] if found else ""


def next_line(prefix: str) -> str:
    """What the next line of the same item or quote begins with."""
    found = _PREFIX.match(prefix)
    return found[1] + re.sub(r"\S", " ", found[2]) if found else ""


def line_start(text: str, position: int) -> int:
    """Where the line begins in which that position is."""
    return max(text.rfind("\n", 0, position), text.rfind("\r", 0, position)) + 1
