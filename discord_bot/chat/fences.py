"""Code blocks: which stretches of a message are code, and how code is ended on one page and begun again on the next.

The rule of this file: what is code is decided as Discord does it, from a message's beginning on, and what stands at
some place is never decided by what comes later. Nothing here knows how long a page may be, or where it ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

VISIBLE: Final = re.compile(r"\S")
"""What Discord does not strip, and so does not take for nothing. A zero-width space is something there, too:
https://github.com/qaisjp/go-discord-irc/pull/133
"""

LONGEST_FENCE: Final = 16
"""Backticks. A longer run is decoration, not a fence."""
LONGEST_INFO: Final = 40
"""Characters behind a fence's backticks. What is longer is not the name of a language but code on the same line."""
LONGEST_PREFIX: Final = 40
"""Characters before a fence on its line: the indentation, quote marks and list marks that it stands in."""


@dataclass(frozen=True, slots=True)
class Fence:
    """A code block, as far as one needs it to end the block on one page and begin it again on the next."""

    marks: str
    """The backticks: three or more."""
    language: str = ""
    prefix: str = ""
    """What each of its lines begins with: quote marks and indentation."""
    lead: str = ""
    """What its page begins with before all that: the mark of a quote that goes on to the reply's end."""

    @property
    def opening(self) -> str:
        """What a page begins with that goes on in this code. It can't be indented: Discord would strip that."""
        return f"{self.lead}{self.prefix.lstrip()}{self.marks}{self.language}\n"

    @property
    def closing(self) -> str:
        """What a page ends with that ends in this code."""
        return f"\n{self.prefix}{self.marks}"

    @property
    def quoted(self) -> bool:
        """Whether it stands in a quote, and ends with it."""
        return ">" in self.prefix

    def closed_at(self, text: str, position: int) -> int | None:
        """Where this block's closing fence ends, if that stands at `position`."""
        closer = self._closer("[> \t]*" if self.quoted else "").match(text, position)
        return closer.end() if closer else None

    def closed_after(self, text: str, position: int) -> tuple[int, int]:
        """Where the next fence that closes this block begins and ends; the text's end where there is none."""
        closer = self._closer("(?<!`)").search(text, position)
        return closer.span() if closer else (len(text), len(text))

    def _closer(self, before: str) -> re.Pattern[str]:
        # Discord ends a block at the next three backticks, wherever in a line they are (the rule as others have read
        # it in its client: https://github.com/brussell98/discord-markdown). A longer fence is to hold shorter ones.
        return re.compile(rf"{before}`{{{len(self.marks)},{LONGEST_FENCE}}}(?!`)")


@dataclass(frozen=True, slots=True)
class Block:
    """A code block in a window, by positions. A page that ends at `end` ends in it if `inside < end <= closer`."""

    fence: Fence
    opener: int
    """Where its fence begins; -1 if the page begins in its code."""
    inside: int
    """Its first visible character. No page ends between `opener` and here: that would be a block of nothing."""
    closer: int
    end: int
    """Where its closing fence begins and ends; where there is none, both are where the window ends, or the quote."""

    def is_bare(self, window: str) -> bool:
        """Whether the window ends with its opening fence and nothing else."""
        return _LANGUAGE_AT_MOST.fullmatch(window, self.opener + len(self.fence.marks)) is not None


# What counts outside of code: an escaped mark, a run of backticks, the end of a line.
_MARKS = re.compile(r"\\[!-/:-@\[-`{-~]|`+|\n")
_INFO = re.compile(rf"[^`\n]{{0,{LONGEST_INFO}}}")
_LANGUAGE = re.compile(r"[ \t]*([A-Za-z0-9_+\-.#]+)(?!\S)")
_LANGUAGE_AT_MOST = re.compile(r"[ \t]*[A-Za-z0-9_+\-.#]*\s*")
_PREFIX = re.compile(r"((?:[ \t]*>)*[ \t]?)((?:[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t])*[ \t]*)")
_QUOTE_END = re.compile(r"\n(?=[^\S\n]*(?:[^\s>]|\n))")


def code_blocks(window: str, reopened: Fence | None, overhead: int) -> list[Block]:
    """The code in a window of text, which begins in `reopened` if that is given.

    A block whose closing and opening again takes more than `overhead` characters is left out: it is cut like text.
    """
    blocks: list[Block] = []
    position = 0
    if reopened is not None:
        blocks.append(_block(window, reopened, -1, 0, 0))
        position = blocks[-1].end
    while (block := _next_block(window, position)) is not None:
        position = block.end
        if len(block.fence.opening) + len(block.fence.closing) <= overhead:
            blocks.append(block)
    return blocks


def _next_block(window: str, position: int) -> Block | None:
    first = window.find("```", position)
    if first < 0:
        return None
    position = max(position, window.rfind("\n", 0, first) + 1)  # nothing goes on from one line to the next
    span = 0  # the backticks that began `a piece of code` in this line: up to their like, others mean nothing
    for mark in _MARKS.finditer(window, position):
        length = mark.end() - mark.start()
        if window[mark.start()] == "\n":
            span = 0
        elif window[mark.start()] == "\\" or length > LONGEST_FENCE:
            continue
        elif span:
            span = 0 if length == span else span
        elif length >= len("```") and (block := _block_at(window, *mark.span())):
            return block
        else:
            span = length
    return None


def _block_at(window: str, opener: int, marked: int) -> Block | None:
    """The block whose opening fence is the backticks there, if it is one: it begins a line, or ends it.

    Discord knows a third kind, which stands within one line; there is nothing to be closed and opened in that.
    """
    info = found[0] if (found := _INFO.match(window, marked)) else ""
    named = window.startswith("\n", marked + len(info))  # the opening line has ended: the code begins on the next
    before = window[window.rfind("\n", 0, opener) + 1 : opener]
    prefix = _PREFIX.fullmatch(before) if len(before) <= LONGEST_PREFIX else None
    if prefix is None and not (named and _LANGUAGE_AT_MOST.fullmatch(info)):
        return None
    language = _LANGUAGE.match(info) if named else None
    fence = Fence(
        marks=window[opener:marked],
        language=language[1] if language else "",
        prefix=prefix[1].replace(">>> ", "") + re.sub(r"\S", " ", prefix[2]) if prefix else "",
    )
    return _block(window, fence, opener, marked + len(info) + 1 if named else marked, marked + len(info))


def _block(window: str, fence: Fence, opener: int, content: int, known: int) -> Block:
    """The block whose code begins at `content`. Up to `known`, it might still have become something else."""
    visible = VISIBLE.search(window, content)
    inside = max(visible.start() if visible else len(window), known)
    closer, end = fence.closed_after(window, content)
    if fence.quoted and (quote_end := _QUOTE_END.search(window, content)) and quote_end.start() < closer:
        closer = end = quote_end.start()
    return Block(fence, opener, inside, closer, end)
