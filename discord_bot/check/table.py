"""Rows of plain sentences as a table for the terminal: a mark, a subject, a sentence, and what to do.

Pure: rows in, text out. Characters that take two columns, as Chinese ones do, count as two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Mark = Literal["ok", "warning", "wrong"]

MARKS: Final = {"ok": "✓", "warning": "!", "wrong": "✗"}
WIDTH = 80
"""Columns of a terminal that nobody has made wider."""

_WIDE = "\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6"
_NO_START = "，。；：、！？）」』】》”’"
"""Chinese punctuation that can't begin a line."""
_PIECES: Final = re.compile(rf"[{_WIDE}“‘][{_NO_START}]*|[^\s{_WIDE}]+[{_NO_START}]*|\s+")


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was looked at."""

    subject: str
    mark: Mark
    sentence: str
    what_to_do: str = ""


def render_row(row: Row, subject_width: int, width: int = WIDTH) -> str:
    """The row's lines: the sentence beside its subject, and what to do beneath, after an arrow."""
    indent = " " * (2 + subject_width + 2)
    room = max(width - len(indent), 20)
    subject = row.subject + " " * (subject_width - columns(row.subject))
    lines = list(wrapped(row.sentence, room)) or [""]
    text = [f"{MARKS[row.mark]} {subject}  {lines[0]}".rstrip(), *(indent + line for line in lines[1:])]
    for number, line in enumerate(wrapped(row.what_to_do, room - 2)):
        text.append(indent + ("→ " if number == 0 else "  ") + line)
    return "\n".join(text)


def columns(text: str) -> int:
    """How many columns a text takes in a terminal."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def wrapped(text: str, width: int) -> Iterator[str]:
    """The text in lines of at most that many columns; only what has no place to break, such as a link, is longer."""
    for paragraph in text.splitlines():
        line = ""
        for piece in _PIECES.findall(paragraph):
            if line and columns(line + piece.rstrip()) > width:
                yield line.rstrip()
                line = ""
            if line or not piece.isspace():
                line += piece
        if line.strip():
            yield line.rstrip()
