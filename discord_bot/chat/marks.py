"""Markup other than code blocks that may be open where a page ends: quotes, subtext, bold, spoilers, inline code.

The rule of this file: what is open at some place is decided by what stands before it in its paragraph (and the one
character behind a mark). Discord pairs marks over paragraphs, too, but those who write Markdown never mean that; so an
asterisk that nothing closes does no harm beyond its own paragraph.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discord_bot.chat.fences import Block

QUOTE_REST: Final = ">>> "
"""Quotes all that follows in a message. https://support.discord.com/hc/en-us/articles/210298617"""


@dataclass(frozen=True, slots=True)
class Marks:
    """What is open at a page's end, as far as one needs it to close it there and open it again on the next page."""

    rest: bool = False
    """Whether it stands in a quote that goes on to the reply's end."""
    line: str = ""
    """What its line began with: a quote's mark or that of subtext."""
    spans: tuple[str, ...] = ()
    """The marks of bold, spoilers and so on, the outermost first."""

    @property
    def opening(self) -> str:
        """What a page begins with that goes on in all this."""
        return (QUOTE_REST if self.rest else "") + self.line + "".join(self.spans)

    @property
    def closing(self) -> str:
        """What a page ends with that ends in all this."""
        return "".join(reversed(self.spans))


NOTHING: Final = Marks()

_LINE_MARK = re.compile(r"[ \t]*(>>> |> |-# )")
_NEW_BLOCK = re.compile(r"[ \t>]*(?:[-*+] |\d{1,9}[.)] |#{1,6} |-# |\||[^\S\n]*(?:\n|\Z))")
# Each alternative begins with a character of its own, and in no group: only then does the search pass words by at once.
# https://github.com/python/cpython/blob/3.11/Lib/re/_compiler.py (_get_charset_prefix)
_MARKS = re.compile(
    r"""
      \\ [^\w\s]
    | https?:// [^\s<>*|`]+ | < [@#:/a-z] [^<>\n]{0,100} >  # underscores in there are none of ours
    | ` `* | \* \** | _ _* | ~ ~+ | \| \|+
    | \n
    """,
    re.VERBOSE,
)


class Scan:
    """What is open at each place of a page."""

    def __init__(self, window: str, blocks: Sequence[Block], reopened: Marks, most: int, lowest: int) -> None:
        """What is open is of interest from `lowest` on; and as paragraphs end it all, most of the page is passed by.

        The spans that are kept may have marks of `most` characters together; others are cut like text.
        """
        self._window = window
        self._most = most
        self._reopened = reopened
        self._places = [0]
        self._states = [(reopened.rest, reopened.line, reopened.spans)]
        self._rest, self._line = reopened.rest, reopened.line
        self._spans = [_Span(mark, index) for index, mark in enumerate(reopened.spans)]
        self._begun: set[int] = set()
        self._closed: set[int] = set()  # which of the reopened ones
        self._first_paragraph = True
        position = 0 if reopened.spans or QUOTE_REST in window else max(window.rfind("\n\n", 0, lowest), 0)
        for block in blocks:
            if block.end <= position:
                continue
            self._read(position, max(position, block.opener))
            self._end_paragraph(block.end)
            position = block.end
        self._read(position, len(window))

    def at(self, position: int) -> Marks:
        """What is open at a position."""
        return Marks(*self._states[bisect_right(self._places, position) - 1])

    def begins_at(self, position: int) -> bool:
        """Whether a span begins right before that position: what ended there would be a span of nothing."""
        return position in self._begun

    def worth_reopening(self, ended: bool) -> Marks:
        """Of what the page begins in, that which is closed on it, or may yet be; not if the text has `ended` here."""
        open_yet = set() if ended or not self._first_paragraph else {span.reopened for span in self._spans}
        kept = (mark for index, mark in enumerate(self._reopened.spans) if index in self._closed | open_yet)
        return replace(self._reopened, spans=tuple(kept))

    def _read(self, position: int, stop: int) -> None:
        """Looks at a stretch of text between code blocks."""
        window = self._window
        if window[position - 1] == "\n" if position else not (self._reopened.line or self._spans):
            self._begin_line(position)
        while position < stop and (found := _MARKS.search(window, position, stop)) is not None:
            position = found.end()
            match window[found.start()]:
                case "`" | "*" | "_" | "~" | "|":
                    self._run(found[0], *found.span())
                case "\n":
                    self._begin_line(position)

    def _begin_line(self, position: int) -> None:
        mark = line_mark(self._window, position) if self._most >= len(QUOTE_REST) else ""
        if mark != self._line or begins_block(self._window, position):
            self._end_paragraph(position)
        elif self._spans and self._spans[-1].mark[0] == "`":
            self._spans.pop()  # nobody means inline code to go over lines
        if mark == QUOTE_REST:
            self._rest, mark = True, ""
        self._line = mark
        self._note(position)

    def _end_paragraph(self, position: int) -> None:
        self._first_paragraph = False
        if self._spans:
            self._spans.clear()
            self._note(position)

    def _run(self, run: str, start: int, end: int) -> None:
        """A run of marks: what it closes, and what it opens."""
        before = self._window[start - 1] if start else " "
        after = self._window[end] if end < len(self._window) else " "
        if self._spans and self._spans[-1].mark[0] == "`":  # in there, other marks mean nothing
            if run == self._spans[-1].mark:
                self._close(end)
            return
        underscores = run[0] == "_"
        pairs = run[0] in "~|"  # the next two close the first two, whatever stands beside them
        left = min(len(run), 2) if pairs else len(run)
        if run[0] != "`" and (pairs or not before.isspace()) and not (underscores and _in_word(after)):
            while left and (closing := self._innermost(run[0], left)):
                left -= closing
                self._close(end)
        longest = 2 if run[0] == "`" else 3
        if not 0 < left <= longest or (after.isspace() and run[0] != "`") or (underscores and _in_word(before)):
            return
        if left + sum(len(span.mark) for span in self._spans) <= self._most:
            self._spans.append(_Span(run[0] * left, None))
            self._begun.add(end)
            self._note(end)

    def _innermost(self, character: str, most: int) -> int:
        """Makes the innermost mark of that character the last one, and returns its length: `most`, or less; 0 for none.

        What was opened within it and never closed is dropped; `***a** b*` closes in two steps.
        """
        for index in reversed(range(len(self._spans))):
            mark, reopened = self._spans[index]
            if mark[0] != character:
                continue
            if len(mark) > most and character in "~|":
                return 0
            parts = [mark] if len(mark) <= most else [mark[most:], mark[:most]]
            self._spans[index:] = [_Span(part, reopened) for part in parts]
            return len(parts[-1])
        return 0

    def _close(self, position: int) -> None:
        span = self._spans.pop()
        if span.reopened is not None:
            self._closed.add(span.reopened)
        self._note(position)

    def _note(self, position: int) -> None:
        self._places.append(position)
        self._states.append((self._rest, self._line, tuple([span.mark for span in self._spans])))


class _Span(NamedTuple):
    """A span that is open."""

    mark: str
    reopened: int | None
    """Which of the spans it is that the page begins in; None for one of the page's own."""


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def line_mark(text: str, line_start: int) -> str:
    """The mark of a quote or of subtext that the line begins with which begins there; empty for none."""
    found = _LINE_MARK.match(text, line_start)
    return found[1] if found else ""


def begins_block(text: str, line_start: int) -> bool:
    """Whether the line that begins there begins something of its own, an item or a heading; or is blank."""
    return _NEW_BLOCK.match(text, line_start) is not None


def go_on(text: str, position: int, first: int, open_before: Marks) -> tuple[int, Marks]:
    """Where a page begins that follows one that ended at `position` with all this open, and what of it still is.

    `first` is the first visible character of what is left.
    """
    spans = list(open_before.spans)
    while spans and text.startswith(spans[-1], position):
        position += len(spans.pop())  # the last page has closed it already
    if position >= first:
        return position, replace(open_before, spans=tuple(spans))
    line_start = text.rfind("\n", position, first) + 1
    if not line_start:
        return first, replace(open_before, spans=tuple(spans))
    mark = line_mark(text, line_start)
    same = mark == open_before.line and not begins_block(text, line_start)
    if not spans or not same or text.count("\n", position, first) > 1:
        return first, replace(open_before, line="", spans=())
    # Bold that goes on in the next line of a quote is opened again behind that line's own mark.
    behind = _LINE_MARK.match(text, line_start)
    return (behind.end() if behind else first), replace(open_before, spans=tuple(spans))
