"""Tables, which Discord does not know: aligned in a code block where they are narrow, a list where they are not."""

from __future__ import annotations

import html
import re
from itertools import zip_longest
from typing import Final

from discord_bot.chat.characters import width
from discord_bot.chat.rendering import inline
from discord_bot.chat.rendering.edits import apply
from discord_bot.chat.rendering.math import readable

WIDEST: Final = 56
"""Columns of an aligned table. A phone shows some 40 of a code block's before it wraps them, a desktop over 80."""
WIDEST_ROW_AS_LINE: Final = 2
"""The columns of a table that is a list with one line for each row; with more, each row is a list of its own."""

_CELL = re.compile(r"\\.|(`+)(?:(?!\1).)+?\1(?!`)|\|", re.DOTALL)
_BREAK = re.compile(r"\s*<br\s*/?>\s*", re.IGNORECASE)
# What a code block can't show: links, mentions, custom emoji, spoilers.
_NEEDS_TEXT = re.compile(r"\]\(\s*<?https?://|https?://|<a\s[^>]*href|<(?:[@#]|a?:)[^<>\s]+>|\|\|")
_PLAIN = re.compile(
    r"""
      \\ ([!-/:-@\[-`{-~])
    | (`+) (.+?) \2 (?!`)
    | (\*{1,3}|~~|__) (?=\S) (.+?) (?<=\S) \4
    | (?<!\w) _ (?=\S) ([^_]+?) (?<=\S) _ (?!\w)
    | !?\[ ([^\[\]]*) \]\([^()\s]*\)
    """,
    re.VERBOSE,
)


def render(lines: list[str], prefix: str) -> str:
    """The table in these lines, of which the second one says how it is aligned; each line begins with the prefix."""
    rows = [cells(line) for index, line in enumerate(lines) if index != 1]
    columns = max(map(len, rows))
    rows = [row + [""] * (columns - len(row)) for row in rows]
    aligned = [_alignment(cell) for cell in cells(lines[1])] + [""] * columns
    if not any(_NEEDS_TEXT.search(cell) for row in rows for cell in row):
        shown = _aligned([[plain(cell) for cell in row] for row in rows], aligned[:columns])
        if max(map(width, shown)) <= WIDEST:
            return f"\n{prefix}".join(["```", *shown, "```"])
    return f"\n{prefix}".join(_listed(rows))


def cells(line: str) -> list[str]:
    """The cells of a row. A pipe in inline code ends none, whatever GFM says: nobody who writes one means it to."""
    line = line.strip()
    parts: list[str] = []
    begin = 1 if line.startswith("|") else 0
    for found in _CELL.finditer(line, begin):
        if found[0] == "|":
            parts.append(line[begin : found.start()])
            begin = found.end()
    if line[begin:].strip():
        parts.append(line[begin:])
    return [part.strip().replace("\\|", "|") for part in parts]


def plain(cell: str) -> str:
    """A cell's text without its marks, which a code block would show."""
    text = _BREAK.sub("\n", cell)
    text = re.sub(r"\$([^$\s](?:[^$]*[^$\s])?)\$|\\\((.+?)\\\)", _formula, text)
    text = re.sub(r"</?(?:b|strong|i|em|u|ins|s|del|code|kbd|span|small)(?:\s[^<>]*)?>", "", text)
    for _ in range(2):  # bold within italics
        text = _PLAIN.sub(lambda found: next((part for part in _parts(found) if part is not None), ""), text)
    return html.unescape(text).replace("```", "``\u200b`").replace("\t", " ")


def _parts(found: re.Match[str]) -> tuple[str | None, ...]:
    escaped, _, code, _, marked, slanted, linked = found.groups()
    return escaped, code, marked, slanted, linked


def _formula(found: re.Match[str]) -> str:
    latex = found[1] or found[2]
    return (readable(latex) if re.search(r"\\[A-Za-z]|[\^_]", latex) or found[2] else None) or found[0]


def _alignment(cell: str) -> str:
    left, right = cell.startswith(":"), cell.endswith(":")
    return "^" if left and right else ">" if right else "<"


def _aligned(rows: list[list[str]], alignments: list[str]) -> list[str]:
    """The rows as lines of equally wide letters, with a rule below the first."""
    widths = [max(width(line) for row in rows for line in row[column].split("\n")) for column in range(len(rows[0]))]
    shown: list[str] = []
    for row in rows:
        for_each_line = zip_longest(*(cell.split("\n") for cell in row), fillvalue="")
        shown += (" │ ".join(map(_pad, parts, widths, alignments)).rstrip() for parts in for_each_line)
        if row is rows[0]:
            shown.append("─┼─".join("─" * each for each in widths))
    return shown


def _pad(text: str, size: int, alignment: str) -> str:
    missing = size - width(text)
    before = {">": missing, "^": missing // 2}.get(alignment, 0)
    return " " * before + text + " " * (missing - before)


def _listed(rows: list[list[str]]) -> list[str]:
    """The rows as lists of their cells, each with its column's name."""
    header, *body = [[_BREAK.sub(" / ", _rendered(cell)) for cell in row] for row in rows]
    lines: list[str] = []
    for row in body:
        title, *rest = row
        named = [(name, cell) for name, cell in zip(header[1:], rest, strict=True) if cell]
        if len(header) <= WIDEST_ROW_AS_LINE:
            lines.append(
                f"- {_bold(title)}: {named[0][1]}" if named and title else f"- {title or (named or [('', '')])[0][1]}"
            )
            continue
        lines.append(_bold(title or "–"))
        lines += [f"- {name}: {cell}" if name else f"- {cell}" for name, cell in named]
    return lines or [" · ".join(header)]


def _rendered(cell: str) -> str:
    cell = _BREAK.sub(" / ", cell)
    return apply(cell, inline.edits(cell, 0, len(cell), heading=True))


def _bold(text: str) -> str:
    return text if "**" in text else f"**{text}**"
