"""A growing reply in sections: stretches of text and of code that can be rendered each by itself.

The rule of this file: a section that is settled is decided by what stands before its end. So a reply that grows is
looked at from the end of its last settled section on (`Place`), and never again before that.

What is code is decided as those mean it who write Markdown: as in CommonMark, fences of any length, of backticks or
tildes, in lists and quotes; and as Discord sees it, where a fence begins behind text or ends behind code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from discord_bot.chat.fences import LONGEST_FENCE, LONGEST_INFO, LONGEST_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_SECTION: Final = 8000
"""Characters of text without a place where a section may end; there it ends at the next line's end, come what may.

Nobody writes paragraphs or tables of four pages; but a reply that looks like one must not be held back for ever.
"""
LONGEST_LINE: Final = 2 * LONGEST_SECTION
"""Characters of a line that is looked at as a whole. Further on, a section ends in the middle of it."""


@dataclass(frozen=True, slots=True)
class CodeFence:
    """The fence that a section of code began with."""

    marks: str
    """Backticks or tildes."""
    prefix: str = ""
    """What stood before it on its line: indentation, quote marks, list marks."""
    info: str = ""
    in_line: bool = False
    """Whether it began behind text. CommonMark does not know that; Discord does, and ends it at the next three."""

    @property
    def language(self) -> str:
        """What the code is highlighted as; empty where nobody said."""
        found = _LANGUAGE.match(self.info)
        return found[1] if found else ""

    @property
    def quoted(self) -> bool:
        """Whether it stands in a quote, and ends with it."""
        return not self.in_line and ">" in self.prefix.replace(">>>", "")

    def closer(self, line: str) -> tuple[int, int] | None:
        """Where in that line the fence stands that closes this one."""
        if self.marks[:3] not in line:
            return None
        if self.in_line:
            found = _THREE.search(line)
        elif self.marks[0] == "~":
            found = re.compile(rf"(?<![^ \t>])~{{{len(self.marks)},}}(?=\s*\Z)").search(line)
            if found and line[: found.start()].strip(" \t>"):
                return None
        else:
            found = re.compile(rf"(?<!`)`{{{len(self.marks)},{LONGEST_FENCE}}}(?=\s*\Z)").search(line)
        return found.span() if found else None


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a reply where a section begins."""

    position: int = 0
    fence: CodeFence | None = None
    """The fence that stands there, or the one that began the code which goes on there."""
    begun: bool = False
    """Whether the code has begun before that place."""
    indent: int = 0
    """The indentation of the text of the list item that the section may belong to; 0 outside lists."""


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a reply."""

    begin: Place
    after: Place
    """Where the next section begins."""
    settled: bool
    closes: bool = False
    """Whether it ends with the fence that closes the code."""


_LINE = re.compile(rf"[^\r\n]{{{LONGEST_LINE}}}|[^\r\n]*(?:\r\n?|\n)?")
_OPENER = re.compile(
    r"((?:[ \t]*>)*[ \t]?(?:[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t])*[ \t]*)(`{3,16}(?=[^`]*\Z)|~{3,16}(?!~))([^\r\n]*)\s*\Z"
)
_IN_LINE_INFO = re.compile(r"[ \t]*[A-Za-z0-9_+\-.#]*\s*\Z")
_TICKS = re.compile(r"\\[!-/:-@\[-`{-~]|`+")
_THREE = re.compile(r"(?<!`)`{3,16}(?!`)")
_LANGUAGE = re.compile(r"[ \t]*([A-Za-z0-9_+\-.#]+)(?=\s*\Z|[ \t:,;{])")
_ITEM = re.compile(r"([ \t]*)((?:[-*+]|\d{1,9}[.)])[ \t]+)(?=\S)")
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]")
_QUOTED = re.compile(r"[ \t]*>")


def sections(text: str, place: Place, *, ended: bool) -> Iterator[Section]:
    """The sections of what follows that place. Where the text has not `ended`, the last ones are not settled."""
    while place.position < len(text):
        section = _text(text, place, ended) if place.fence is None else _code(text, place, place.fence, ended)
        if section.after.position > place.position:
            yield section
        place = section.after


def line_at(text: str, position: int) -> str:
    """The line that begins there, with its end."""
    found = _LINE.match(text, position)
    return found[0] if found else ""


def _whole(text: str, line: str, end: int, ended: bool) -> bool:
    """Whether that is all of a line. At a carriage return, a line feed may yet come."""
    if end == len(text) and not line.endswith("\n") and len(line) < LONGEST_LINE:
        return ended
    return True


def _code(text: str, begin: Place, fence: CodeFence, ended: bool) -> Section:
    """From a fence, or from somewhere in code, to the closing fence; or up to the last line that is whole."""
    position = begin.position
    go_on = replace(begin, begun=True)
    while position < len(text):
        line = line_at(text, position)
        end = position + len(line)
        whole = _whole(text, line, end, ended)
        if position == begin.position and not begin.begun:
            if not whole:
                break
            position = end
            continue
        if fence.quoted and line.strip() and not _QUOTED.match(line):
            return Section(begin, Place(position), settled=True)
        closer = fence.closer(line)
        if closer and (whole or (fence.in_line and closer[1] < len(line))):
            end = position + closer[1] if fence.in_line else end
            return Section(begin, Place(end, indent=begin.indent), settled=True, closes=True)
        if not whole:
            break
        position = end
    if position > begin.position:
        return Section(begin, replace(go_on, position=position), settled=True)
    return Section(begin, replace(go_on, position=len(text)), settled=False)


def _text(text: str, begin: Place, ended: bool) -> Section:
    """Up to the next place where no markup can go on: a fence, a paragraph or an item of a list that begins."""
    position = begin.position
    indent = begin.indent
    after_blank = after_heading = False
    while position < len(text):
        line = line_at(text, position)
        end = position + len(line)
        whole = _whole(text, line, end, ended)
        is_first = position == begin.position
        first = line.lstrip(" \t")[:1]
        item = _ITEM.match(line) if first in "-*+" or first.isdigit() else None
        if item and len(item[1].expandtabs(4)) > indent + 3:
            item = None  # so far to the right, it is code
        flush = not line[0].isspace()
        begins = not is_first and (
            item or (after_blank and flush) or after_heading or position - begin.position >= LONGEST_SECTION
        )
        if flush and not item and (is_first or begins):
            indent = 0
        if fence := _fence(line, whole):
            start = position + (len(fence.prefix) if fence.in_line else 0)
            within = len(item[0].expandtabs(4)) if item else indent
            return Section(begin, Place(start, fence, indent=within), settled=whole)
        if begins:
            return Section(begin, Place(position, indent=indent), settled=True)
        if item:
            indent = len(item[0].expandtabs(4))
        after_heading = whole and first == "#" and _HEADING.match(line) is not None
        after_blank = not flush and line.isspace()
        position = end
        if len(line) >= LONGEST_LINE:
            return Section(begin, Place(position, indent=indent), settled=True)
    return Section(begin, Place(len(text), indent=indent), settled=ended)


def _fence(line: str, whole: bool) -> CodeFence | None:
    """The fence that opens code in that line; its prefix is all that stands before it."""
    if "```" not in line and "~~~" not in line:
        return None
    opener = _OPENER.match(line)
    if opener and len(opener[1]) <= LONGEST_PREFIX:
        if opener[2][0] == "~" or len(opener[3]) <= LONGEST_INFO:
            return CodeFence(opener[2], opener[1], opener[3])
        return None
    span = 0  # the backticks that began inline code in this line
    for ticks in _TICKS.finditer(line) if whole else ():
        length = len(ticks[0])
        if ticks[0][0] == "\\" or length > LONGEST_FENCE:
            continue
        if span:
            span = 0 if length == span else span
        elif length >= len("```") and _IN_LINE_INFO.match(line, ticks.end()):
            return CodeFence(ticks[0], line[: ticks.start()], line[ticks.end() :].strip(), in_line=True)
        else:
            span = length
    return None
