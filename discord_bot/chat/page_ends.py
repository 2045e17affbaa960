"""Where a page ends: at the best place that there is, and never inside what must stay whole.

The rule of this file: only the window counts, what is on the page and the one character behind it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from discord_bot.chat.characters import cluster_start, fitting

if TYPE_CHECKING:
    from discord_bot.chat.fences import Block
    from discord_bot.chat.marks import Marks, Scan

LAST_PART: Final = 0.4
"""The share of a page, from its end, in which a paragraph's end is preferred to the end of a mere word."""

# The ends that are looked for, the best first; where the match ends, the page does.
_ENDS: Final = (
    re.compile(r"(?=\n[^\S\n]*\n)"),  # a paragraph
    re.compile(r"(?=\n[^\s>])"),  # a line that no part of the same list or quote follows
    re.compile(r"(?=\n)"),  # a line
    # a sentence, though not at the dots of `1.` and `e.g.`
    re.compile(r"(?:(?<=[^\W\d_]{2})\.+|[!?…]+)[\"'”’)\]*_~|]*(?=\s)|[。！？…]+[”’」』）】》〉]*"),
    re.compile(r"[,;:](?=\s)|[，、；：]"),  # a clause
    re.compile(r"(?=[^\S\xa0\u2007\u202f])"),  # a word; those three spaces are there to hold words together
)
_PARAGRAPH_END: Final = re.compile(r"\n[^\S\n]*\n")
_HEADING = re.compile(r"[ >]*#{1,3} ")

# What stays whole where it can, also while it is still arriving (\Z).
# https://discord.com/developers/docs/reference#message-formatting
_WHOLE: Final = re.compile(
    r"""
      \[ [^\[\]\n]{1,300} (?: \Z | \] (?: \Z
        | \( (?: [^\s()] | \([^\s()]*\) )* (?: [ ] (?: \Z | "[^"\n]{0,200} (?: \Z | " )))? \)? ))  # [a](link "title")
    | <https?: [^\s<>]* >?
    | https?:// [^\s<>\u3000-\u3003\u3008-\u3011\uff01\uff0c\uff1a\uff1b\uff1f]*
    | h (?: t (?: t (?: p (?: s? (?: : /? )? )? )? )? )? \Z
    | < (?: [@#:/] | a: | t: | id: ) [^<>\n]{0,100} (?: > | \Z )   # mentions, commands, emoji, timestamps
    | < [a-z]{0,5} \Z
    | `+ | \*{2,3} | __ | ~~ | \|\| | \\ [^\w\s]                   # marks of several characters
    | [^\s，。、；：！？…」』）】》〉”’] [，。、；：！？…」』）】》〉”’]{1,4}  # what may begin no line in Chinese
    | [「『（【《〈“‘] \S                                            # … and what may end none
    """,
    re.VERBOSE,
)
_BACKTICKS = re.compile("`{2,}")


def best_end(window: str, top: int, blocks: list[Block], marks: Scan, room: int) -> int:
    """Where in the window to end a page that can't hold all of it; something visible stands before.

    `top` is the most that fits. The window goes on behind it for one character, if only to show that a word ends.
    What is open at the end is closed there; with that, the page may be `room` long.
    """

    def fits(end: int) -> int:
        """That end, or the most that fits where the marks that are open there are closed."""
        return min(end, fitting(window, room - len(open_at(window, end, marks).closing)))

    def last(ends: bytearray) -> int:
        """The last of those ends that fits; 0 for none."""
        end = _nearest(window, top, ends)
        while (fitting_end := fits(end)) < end:
            end = _nearest(window, fitting_end, ends)
        return end

    possible = _ends_between_fences(window, blocks)
    good = _ends_between_wholes(window, blocks, possible)
    lowest = lowest_end(top)
    for pattern in _ENDS:
        for match in reversed(list(pattern.finditer(window, lowest))):
            end = len(window[: match.end()].rstrip())
            if (
                lowest <= end <= top
                and _nearest(window, end, good) == end == fits(end)
                and not _ends_in_heading(window, end)
                and not marks.begins_at(end)
            ):
                return end
    # No such place: one long word, or Chinese without a stop; or a link longer than the page; or even a cluster.
    return last(good) or last(possible) or fits(fits(top))


def lowest_end(top: int) -> int:
    """Where the last part of a page begins that holds so much; its end is looked for there first."""
    return int(top * (1 - LAST_PART))


def open_at(window: str, end: int, marks: Scan) -> Marks:
    """What is open where a page ends: nothing where its paragraph ends, too."""
    found = marks.at(end)
    return replace(found, line="", spans=()) if _PARAGRAPH_END.match(window, end) else found


def _ends_between_fences(window: str, blocks: list[Block]) -> bytearray:
    """For each position, 1 if the page may end there as far as code is concerned."""
    possible = bytearray(b"\1" * (len(window) + 1))
    possible[0] = 0
    for block in blocks:
        _forbid(possible, block.opener + 1, block.inside + 1)
        _forbid(possible, block.closer + 1, block.end)
    return possible


def _ends_between_wholes(window: str, blocks: list[Block], possible: bytearray) -> bytearray:
    """The same, and between links, mentions and so on. In code, only backticks stay together."""
    good = possible[:]
    wholes: list[re.Match[str]] = []
    text = 0
    for block in blocks:
        wholes += _WHOLE.finditer(window, text, max(block.opener, text))
        wholes += _BACKTICKS.finditer(window, block.inside, block.closer)
        text = block.end
    wholes += _WHOLE.finditer(window, text)
    for whole in wholes:
        _forbid(good, whole.start() + 1, whole.end())
    return good


def _forbid(ends: bytearray, first: int, stop: int) -> None:
    ends[first:stop] = bytes(max(0, min(stop, len(ends)) - first))


def _nearest(window: str, end: int, ends: bytearray) -> int:
    """The last of those ends at or before `end` that has no white space before it and cuts no cluster; 0 for none."""
    while end > 0:
        nearest = cluster_start(window, len(window[: max(0, ends.rfind(1, 0, end + 1))].rstrip()))
        if nearest == end:
            return end
        end = nearest
    return 0


def _ends_in_heading(window: str, end: int) -> bool:
    return _HEADING.match(window, window.rfind("\n", 0, end) + 1, end) is not None
