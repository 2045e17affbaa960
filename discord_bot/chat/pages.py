"""A growing reply, cut into pages: texts that Discord accepts, one message each.

The rule of this file: a page is decided by what stands before its end and the one character behind it, never by what
comes later. So every page but the last is final, `paginate(text)[:-1]` is a prefix of `paginate(text + more)`, and
streaming is "call it again". A page is found in three steps, each a function below, with `fences` to say what is code:

    _begin      where the page begins: the white space behind the last cut is skipped, code goes on with its indentation
    _overflow   whether code runs over the page's end, its closing fence included
    _best_end   the best place to end: paragraph, line, sentence, clause, word, and never inside what must stay whole

Only code is closed at a page's end and opened again on the next (`Fence`). Other markup that spans pages would be
carried in the same way: something open at a page's end, which knows how it is closed and opened.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from discord_bot.chat.fences import VISIBLE, Fence, code_blocks

if TYPE_CHECKING:
    from collections.abc import Sequence

    import regex  # type: ignore[import-untyped]

    from discord_bot.chat.fences import Block

PAGE_LIMIT: Final = 2000
"""Characters in a message: https://discord.com/developers/docs/resources/message#create-message

Nobody says what a character is there. We count UTF-16 code units, as Discord's own client does; code points and
grapheme clusters are never more than those, so a page fits whichever way a server counts.
"""

LAST_PART: Final = 0.4
"""The share of a page, from its end, in which a paragraph's end is preferred to the end of a mere word."""


@dataclass(frozen=True, slots=True)
class Page:
    """One message's worth of a reply, and which part of the reply it shows."""

    text: str
    """What to send: at most the limit long, never blank, with no white space around it."""
    start: int
    end: int
    """The page shows `reply[start:end]`. Between two pages there is white space, or the fence that ended the code."""
    reopened: Fence | None = None
    """The code that the page begins in; its text begins with `reopened.opening`."""
    unclosed: Fence | None = None
    """The code that the page ends in; its text ends with `unclosed.closing`."""


def paginate(text: str, limit: int = PAGE_LIMIT) -> list[str]:
    """The texts of the pages of a reply; none for a blank one. See `cut`."""
    return [page.text for page in cut(text, limit)]


def cut(text: str, limit: int = PAGE_LIMIT, after: Sequence[Page] = ()) -> list[Page]:
    """The pages of a reply, of at most `limit` UTF-16 code units each (at least 2); none for a blank one.

    All but the last are final: they stay as they are while the reply grows. Who calls this at every growth passes them
    in `after`, and they are not looked at again: `pages = cut(text, after=pages[:-1])`.
    """
    if limit < 2:  # some characters are two units long
        raise ValueError(f"no page can be of {limit} characters")
    pages = list(after)
    position, fence = (pages[-1].end, pages[-1].unclosed) if pages else (0, None)
    while (beginning := _begin(text, position, fence, limit)) is not None:
        page, final = _page(text, *beginning, limit)
        pages.append(page)
        if not final:
            break
        position, fence = page.end, page.unclosed
    return pages


def join(pages: Sequence[Page]) -> str:
    """The reply that these pages show. White space at a cut becomes a line's end; code ends with the reply."""
    parts = [
        page.text.removeprefix(page.reopened.opening if page.reopened else "").removesuffix(
            # Where the code does not go on, the fence that we wrote stands for the reply's own.
            page.unclosed.closing if page.unclosed and following and following.reopened else ""
        )
        for page, following in zip_longest(pages, pages[1:])
    ]
    return "\n".join(parts)


# Where a page begins ---------------------------------------------------------------------------------------------


def _begin(text: str, position: int, fence: Fence | None, limit: int) -> tuple[int, Fence | None] | None:
    """Where the next page begins and in which code; None where nothing but white space is left."""
    visible = VISIBLE.search(text, position)
    if visible is None:
        return None
    first = visible.start()
    if fence is None:
        return first, None
    if (closed := fence.closed_at(text, first)) is not None:
        return _begin(text, closed, None, limit)  # the last page has closed it already
    new_line = text.rfind("\n", position, first)
    if fence.quoted and new_line >= 0 and text[first] != ">":
        return first, None  # the quote has ended, and the code with it
    indented = max(position, new_line + 1)
    return (indented if first - indented <= limit // 4 else first), fence


# Where a page ends -----------------------------------------------------------------------------------------------


def _page(text: str, start: int, reopened: Fence | None, limit: int) -> tuple[Page, bool]:
    """The page that begins at `start`, where something visible follows, and whether it is final."""
    opening = reopened.opening if reopened else ""
    room = limit - len(opening)
    window = _encodable(text[start : start + room + 1])
    top = _fitting(window, room)
    window = window[: top + 1]
    blocks = code_blocks(window, reopened, overhead=limit // 2)
    overflow = _overflow(window, blocks, room)
    final = overflow is not None or VISIBLE.search(text, start + top) is not None
    if not final:
        end, unclosed = _last_end(window, blocks)
    else:
        end = _best_end(window, top if overflow is None else min(top, overflow), blocks)
        unclosed = next((block.fence for block in blocks if block.inside < end <= block.closer), None)
    closing = unclosed.closing if unclosed else ""
    return Page((opening + window[:end]).rstrip() + closing, start, start + end, reopened, unclosed), final


def _overflow(window: str, blocks: list[Block], room: int) -> int | None:
    """The first visible character in code that is too much for a page that must end with a closing fence."""
    for block in blocks:
        fitting = _fitting(window, room - len(block.fence.closing))
        # The code's own closing fence is not one before its third backtick.
        stop = min(block.closer + len(block.fence.marks) - 1, block.end)
        if fitting < stop and (visible := VISIBLE.search(window, max(block.inside, fitting), stop)):
            return visible.start()
    return None


def _last_end(window: str, blocks: list[Block]) -> tuple[int, Fence | None]:
    """Where the page ends when all that is left fits on it. A fence with nothing behind it yet is not shown."""
    end = len(window.rstrip())
    last = blocks[-1] if blocks else None
    if last is None or last.closer < len(window):
        return end, None
    if last.inside < end:
        return end, last.fence
    if last.is_bare(window):
        line = window.rfind("\n", 0, last.opener) + 1 if last.fence.prefix else last.opener
        return len(window[:line].rstrip()) or end, None
    return end, None


# The ends that are looked for, the best first; where the match ends, the page does.
_ENDS: Final = (
    re.compile(r"(?=\n[^\S\n]*\n)"),  # a paragraph
    re.compile(r"(?=\n)"),  # a line
    # a sentence, though not at the dots of `1.` and `e.g.`
    re.compile(r"(?:(?<=[^\W\d_]{2})\.+|[!?…]+)[\"'”’)\]*_~|]*(?=\s)|[。！？…]+[”’」』）】》〉]*"),
    re.compile(r"[,;:](?=\s)|[，、；：]"),  # a clause
    re.compile(r"(?=[^\S\xa0\u2007\u202f])"),  # a word; those three spaces are there to hold words together
)
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


def _best_end(window: str, top: int, blocks: list[Block]) -> int:
    """Where in the window to end a page that can't hold all of it; something visible stands before.

    `top` is the most that fits. The window goes on behind it for one character, if only to show that a word ends.
    """
    possible = _ends_between_fences(window, blocks)
    good = _ends_between_wholes(window, blocks, possible)
    lowest = int(top * (1 - LAST_PART))
    for pattern in _ENDS:
        for match in reversed(list(pattern.finditer(window, lowest))):
            end = len(window[: match.end()].rstrip())
            if lowest <= end <= top and _nearest(window, end, good) == end and not _ends_in_heading(window, end):
                return end
    # No such place: one long word, or Chinese without a stop; or a link longer than the page; or even a cluster.
    return _nearest(window, top, good) or _nearest(window, top, possible) or top


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
        nearest = _cluster_start(window, len(window[: max(0, ends.rfind(1, 0, end + 1))].rstrip()))
        if nearest == end:
            return end
        end = nearest
    return 0


def _ends_in_heading(window: str, end: int) -> bool:
    return _HEADING.match(window, window.rfind("\n", 0, end) + 1, end) is not None


# Characters ------------------------------------------------------------------------------------------------------


def _fitting(text: str, room: int) -> int:
    """How many of the text's first characters are at most `room` UTF-16 code units."""
    text = text[: max(0, room)]
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le")[: 2 * room].decode("utf-16-le", "ignore"))


def _encodable(text: str) -> str:
    """The text, with what no one could send (half an emoji: a lone surrogate) replaced one for one."""
    return text if text.isascii() else re.sub("[\ud800-\udfff]", "\ufffd", text)


def _cluster_start(window: str, position: int) -> int:
    """The last place at or before `position` that is not within a grapheme cluster (an emoji, a letter with marks)."""
    while 0 < position < len(window) and not _apart(window[position - 1], window[position]):
        known = next((index for index in range(position - 1, 0, -1) if _plain(window[index])), 0)
        start = known
        for cluster in _clusters().finditer(window, known):
            if cluster.end() > position:
                break
            start = cluster.end()
        if start > known or start == position:
            return start
        position = start
    return position


def _plain(character: str) -> bool:
    """Whether the character begins a cluster, or ends one with nothing of it being of interest to what follows."""
    return " " <= character <= "~" or "\u3400" <= character <= "\u9fff"


def _apart(one: str, other: str) -> bool:
    return _plain(one) and _plain(other)


@cache
def _clusters() -> regex.Pattern[str]:
    import regex  # most pages are cut without it

    return regex.compile(r"\X")
