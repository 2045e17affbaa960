"""A growing reply, cut into pages: texts that Discord accepts, one message each.

The rule of this file: a page is decided by what stands before its end and the one character behind it, never by what
comes later. So every page but the last is final, `paginate(text)[:-1]` is a prefix of `paginate(text + more)`, and
streaming is "call it again". A page is found in three steps, each a function below, with `fences` to say what is code:

    _begin      where the page begins: the white space behind the last cut is skipped, code goes on with its indentation
    _overflow   whether code runs over the page's end, its closing fence included
    best_end    the best place to end: paragraph, line, sentence, clause, word, and never inside what must stay whole

What is open at a page's end is closed there and opened again on the next: code (`Fence`), and quotes, bold, spoilers
and so on (`Marks`). Either knows how it is closed and opened.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from discord_bot.chat.characters import encodable, fitting, units
from discord_bot.chat.fences import VISIBLE, Fence, code_blocks
from discord_bot.chat.marks import NOTHING, QUOTE_REST, Marks, Scan, go_on
from discord_bot.chat.page_ends import best_end, lowest_end, open_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discord_bot.chat.fences import Block

PAGE_LIMIT: Final = 2000
"""Characters in a message: https://discord.com/developers/docs/resources/message#create-message

We count UTF-16 code units: `characters` says why.
"""


MARKS_SHARE: Final = 16
"""The marks of bold, spoilers and so on that are carried from page to page take at most one part in so many of it."""


@dataclass(frozen=True, slots=True)
class Page:
    """One message's worth of a reply, and which part of the reply it shows."""

    text: str
    """What to send: at most the limit long, never blank, with no white space around it."""
    start: int
    end: int
    """The page shows `reply[start:end]`. Between two pages there is white space, or the fence that ended the code."""
    reopened: Fence | Marks | None = None
    """What the page begins in; its text begins with `reopened.opening`."""
    unclosed: Fence | Marks | None = None
    """What the page ends in; its text ends with `unclosed.closing`."""


def paginate(text: str, limit: int = PAGE_LIMIT) -> list[str]:
    """The texts of the pages of a reply; none for a blank one. See `cut`."""
    return [page.text for page in cut(text, limit)]


def cut(text: str, limit: int = PAGE_LIMIT, after: Sequence[Page] = (), *, growing: bool = False) -> list[Page]:
    """The pages of a reply, of at most `limit` UTF-16 code units each (at least 2); none for a blank one.

    All but the last are final: they stay as they are while the reply grows. Who calls this at every growth passes them
    in `after`, and they are not looked at again: `pages = cut(text, after=pages[:-1])`. While it is `growing`, what is
    open at its end so far is closed there, too: half a spoiler is hidden.
    """
    if limit < 2:  # some characters are two units long
        raise ValueError(f"no page can be of {limit} characters")
    pages = list(after)
    position, unclosed = (pages[-1].end, pages[-1].unclosed) if pages else (0, None)
    while (beginning := _begin(text, position, unclosed, limit)) is not None:
        page, final = _page(text, *beginning, limit, growing)
        if page.start < page.end:  # nothing but a fence, of which more is to come, is no page yet
            pages.append(page)
        if not final:
            break
        position, unclosed = page.end, page.unclosed
    return pages


def join(pages: Sequence[Page]) -> str:
    """The reply that these pages show. White space at a cut becomes a line's end; code ends with the reply."""
    parts = []
    for page, following in zip_longest(pages, pages[1:]):
        text = page.text.removeprefix(page.reopened.opening if page.reopened else "")
        # Where the code does not go on, the fence that we wrote stands for the reply's own.
        if page.unclosed and following and (following.reopened or isinstance(page.unclosed, Marks)):
            text = text.removesuffix(page.unclosed.closing)
        parts.append(text)
    return "\n".join(parts)


# Where a page begins ---------------------------------------------------------------------------------------------


def _begin(
    text: str, position: int, unclosed: Fence | Marks | None, limit: int
) -> tuple[int, Fence | Marks | None] | None:
    """Where the next page begins and in what; None where nothing but white space is left."""
    visible = VISIBLE.search(text, position)
    if visible is None:
        return None
    first = visible.start()
    if unclosed is None:
        return first, None
    if isinstance(unclosed, Marks):
        start, marks = go_on(text, position, first, unclosed)
        return (start, marks) if start == first else _begin(text, start, marks, limit)
    fence = unclosed
    outside = Marks(rest=True) if fence.lead else None
    if (closed := fence.closed_at(text, first)) is not None:
        return _begin(text, closed, outside, limit)  # the last page has closed it already
    new_line = text.rfind("\n", position, first)
    if fence.quoted and new_line >= 0 and text[first] != ">":
        return first, outside  # the quote has ended, and the code with it
    indented = max(position, new_line + 1)
    return (indented if first - indented <= limit // 4 else first), fence


# Backticks at the end of a line that still grows: a fence, if nothing comes that makes them something else.
_DANGLING = re.compile(r"`{3,}[^\S\n]*[\w+\-.#]*\s*\Z")


# Where a page ends -----------------------------------------------------------------------------------------------


def _page(text: str, start: int, reopened: Fence | Marks | None, limit: int, growing: bool) -> tuple[Page, bool]:
    """The page that begins at `start`, where something visible follows, and whether it is final."""
    room = limit - len(reopened.opening if reopened else "")
    window = encodable(text[start : start + room + 1])
    top = fitting(window, room)
    window = window[: top + 1]
    blocks = code_blocks(window, reopened if isinstance(reopened, Fence) else None, overhead=limit // 2)
    overflow = _overflow(window, blocks, room)
    final = overflow is not None or VISIBLE.search(text, start + top) is not None
    top = top if overflow is None else min(top, overflow)
    reopened, scan = _marks(
        window, blocks, reopened, limit, ended=not final and not growing, lowest=lowest_end(top) if final else top
    )
    unclosed: Fence | Marks | None = None
    if not final:
        end, unclosed = _last_end(window, blocks, growing)
    else:
        end = best_end(window, top, blocks, scan, room)
        unclosed = next((block.fence for block in blocks if block.inside < end <= block.closer), None)
    marks = open_at(window, end, scan)
    if isinstance(unclosed, Fence):
        unclosed = replace(unclosed, lead=QUOTE_REST if marks.rest else "")
    elif final or (growing and units(window[:end]) + len(marks.closing) <= room and not scan.begins_at(end)):
        unclosed = marks if marks != NOTHING else None
    body = ((reopened.opening if reopened else "") + window[:end]).rstrip()
    return Page(body + (unclosed.closing if unclosed else ""), start, start + end, reopened, unclosed), final


def _marks(
    window: str, blocks: list[Block], reopened: Fence | Marks | None, limit: int, *, ended: bool, lowest: int
) -> tuple[Fence | Marks | None, Scan]:
    """What the page is opened with, and what is open at each of its places.

    A mark that nothing on the page closes, though its paragraph ends there, was none: it is not opened again.
    """
    most = limit // MARKS_SHARE
    if isinstance(reopened, Fence):
        return reopened, Scan(window, blocks, Marks(rest=bool(reopened.lead)), most, lowest)
    begun = reopened or NOTHING
    scan = Scan(window, blocks, begun, most, lowest)
    kept = scan.worth_reopening(ended)
    if kept != begun:
        scan = Scan(window, blocks, kept, most, lowest)
    return (kept if kept.opening else None), scan


def _overflow(window: str, blocks: list[Block], room: int) -> int | None:
    """The first visible character in code that is too much for a page that must end with a closing fence."""
    for block in blocks:
        most = fitting(window, room - len(block.fence.closing))
        # The code's own closing fence is not one before its third backtick.
        stop = min(block.closer + len(block.fence.marks) - 1, block.end)
        if most < stop and (visible := VISIBLE.search(window, max(block.inside, most), stop)):
            return visible.start()
    return None


def _last_end(window: str, blocks: list[Block], growing: bool) -> tuple[int, Fence | None]:
    """Where the page ends when all that is left fits on it. A fence with nothing behind it yet is not shown."""
    end = len(window.rstrip())
    last = blocks[-1] if blocks else None
    if last is None or last.closer < len(window):
        dangling = _DANGLING.search(window, last.end if last else 0) if growing else None
        return len(window[: dangling.start()].rstrip()) if dangling else end, None
    if last.inside < end:
        return end, last.fence
    if last.is_bare(window):
        line = window.rfind("\n", 0, last.opener) + 1 if last.fence.prefix else last.opener
        return len(window[:line].rstrip()) or (0 if growing else end), None
    return end, None
