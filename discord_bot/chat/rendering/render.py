"""A growing reply -> what should stand in Discord: pages, and files for what is not worth pages.

The rule of this file: what stands before the last page stays. A page is followed by another only once nothing that may
still come could change it; until then, what comes behind it is held back. So the view of a reply that grows and the
view of the whole differ in the last page alone. Files are part of the whole.

Only what is not settled is rendered again when the reply has grown: `view = render(text, final=False, after=view)`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from discord_bot.chat.characters import encodable
from discord_bot.chat.fences import VISIBLE
from discord_bot.chat.pages import PAGE_LIMIT, cut
from discord_bot.chat.rendering import blocks, code
from discord_bot.chat.rendering.edits import Edit, apply, line_start
from discord_bot.chat.rendering.sections import Place, sections

if TYPE_CHECKING:
    from collections.abc import Iterable

    from discord_bot.chat.pages import Page as Cut
    from discord_bot.chat.rendering.sections import Section

REST_NAME: Final = "rest.txt"
"""The file for what is beyond the last page that a reply may have."""

_LONGEST_BEGINNING: Final = 64
_MAY_BECOME_CONVERTIBLE = re.compile(
    r"[!<&\\\[\]|$]\Z|<[/!]?[\w-]*\Z|&\#?\w*\Z|\[[ xX^]?\]?\Z|\#+\Z|(?:[-*_=][ \t]*)+\Z"
)


@dataclass(frozen=True, slots=True)
class Page:
    """One message of a reply."""

    text: str
    """What to send: at most the limit long, never blank."""
    source_end: int
    """How much of the source this page and those before it show. The page's own source goes from there to here."""


@dataclass(frozen=True, slots=True)
class File:
    """A text file to attach."""

    name: str
    content: str
    page: int
    """The index of the page that it belongs to: the last one."""
    is_rest: bool = False
    """Whether it is the rest of a reply that has too many pages; else it is a code block of it, to be copied whole."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """What should stand in Discord of a reply."""

    source: str
    pages: tuple[Page, ...]
    files: tuple[File, ...] = ()
    """None while the reply grows."""
    settled: Settled = field(default_factory=lambda: Settled())
    """What the next rendering begins with."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What of a reply is decided, and does not change when more comes."""

    place: Place = field(default_factory=Place)
    """Up to where in the source."""
    shown: str = ""
    """What it is rendered as."""
    pieces: tuple[tuple[int, int, bool], ...] = ()
    """For each stretch of `shown`: where it begins, where its source begins, and whether it is the source as it is."""
    pages: tuple[Cut, ...] = ()


def render(
    source: str, *, final: bool, after: Rendering | None = None, max_pages: int | None = None, limit: int = PAGE_LIMIT
) -> Rendering:
    """What should stand in Discord of a reply, which is complete if this is `final`.

    `after` is an earlier rendering of the same reply, with the same limit; it only saves work. Beyond `max_pages`, the
    rest goes into a file.
    """
    settled = after.settled if after is not None and source.startswith(after.source) else Settled()
    settled, tail, stable = _grown(settled, source, final)
    shown = settled.shown + tail.shown
    cuts = cut(shown, limit, after=settled.pages, growing=not final)
    if not cuts and final and source.strip():
        cuts, tail = cut(source, limit), Settled(pieces=((0, 0, True),))  # better something strange than nothing
    fixed = _fixed(cuts, shown, len(settled.pages), stable, limit)
    settled = replace(settled, pages=tuple(cuts[:fixed]))
    if not final:
        cuts = cuts[: fixed + 1]
    visible = cuts if max_pages is None else cuts[:max_pages]
    ends = _source_ends(
        visible, settled.pieces + tail.pieces, len(source), all_shown=final and len(visible) == len(cuts)
    )
    pages = tuple(Page(each.text, end) for each, end in zip(visible, ends, strict=True))
    files = _files(source, shown, cuts, len(visible), limit) if final and pages else ()
    return Rendering(source, pages, files, settled)


def _grown(settled: Settled, source: str, final: bool) -> tuple[Settled, Settled, int]:
    """What is settled now; what is not; and how much of what is shown can't change any more."""
    shown: list[str] = []
    length = len(settled.shown)
    pieces = list(settled.pieces[-1:])
    place = settled.place
    tail: list[str] = []
    tail_pieces: list[tuple[int, int, bool]] = []
    certain = 0
    for section in sections(source, settled.place, ended=final):
        text = source[section.begin.position : section.after.position]
        edits = _edits(text, section)
        into, its_pieces = (shown, pieces) if section.settled and not tail else (tail, tail_pieces)
        if into is tail and not tail:
            certain = _verbatim(text, section)
        its_pieces += _pieces(edits, length, section.begin.position)
        into.append(apply(text, edits) if edits else text)
        length += len(into[-1])
        if into is shown:
            place = section.after
    grown = replace(
        settled, place=place, shown=settled.shown + "".join(shown), pieces=settled.pieces[:-1] + _merged(pieces)
    )
    return grown, Settled(shown="".join(tail), pieces=tuple(tail_pieces)), len(grown.shown) + certain


def _edits(text: str, section: Section) -> list[Edit]:
    if section.begin.fence is not None:
        return code.edits(text, section)
    return blocks.edits(text, section.begin.indent)


def _verbatim(text: str, section: Section) -> int:
    """How much of a section of text that still grows stays as it is, whatever comes.

    It ends before what is replaced, or may yet become the beginning of that, and before two lines that may yet become
    a heading or the first row of a table.
    """
    if section.begin.fence is not None:
        return 0
    found = blocks.CONVERTIBLE.search(text) or _MAY_BECOME_CONVERTIBLE.search(
        text, max(0, len(text) - _LONGEST_BEGINNING)
    )
    stop = found.start() if found else len(text)
    line = line_start(text, stop)
    if stop - line > blocks.LONGEST_HEADER:
        return stop if found else stop - 1
    before = line_start(text, len(text[:line].rstrip("\r\n")))
    return line if line - before > blocks.LONGEST_HEADER + len("\r\n") else before


def _pieces(edits: list[Edit], shown_at: int, source_at: int) -> Iterable[tuple[int, int, bool]]:
    yield shown_at, source_at, True
    moved = shown_at - source_at
    for edit in edits:
        start = source_at + edit.start + moved
        yield start, source_at + edit.start, False
        moved += len(edit.new) - (edit.end - edit.start)
        yield start + len(edit.new), source_at + edit.end, True


def _merged(pieces: list[tuple[int, int, bool]]) -> tuple[tuple[int, int, bool], ...]:
    """The pieces, without those that only go on as the one before."""
    kept: list[tuple[int, int, bool]] = []
    for piece in pieces:
        if kept and kept[-1][2] and piece[2] and piece[0] - kept[-1][0] == piece[1] - kept[-1][1]:
            continue
        kept.append(piece)
    return tuple(kept)


def _fixed(cuts: list[Cut], shown: str, known: int, stable: int, limit: int) -> int:
    """How many of the pages were decided by what can't change: what is on them and something visible behind."""
    fixed = known
    while fixed < len(cuts) - 1 and VISIBLE.search(shown, cuts[fixed].start + limit + 1, stable):
        fixed += 1
    return fixed


def _source_ends(
    cuts: list[Cut], pieces: tuple[tuple[int, int, bool], ...], length: int, *, all_shown: bool
) -> Iterable[int]:
    """Where in the source each page ends; what was replaced and is not shown whole belongs to the next page."""
    starts = [piece[0] for piece in pieces]
    for index, each in enumerate(cuts):
        if all_shown and index == len(cuts) - 1:
            yield length
            continue
        shown_at, source_at, verbatim = pieces[bisect_right(starts, each.end) - 1]
        yield source_at + (each.end - shown_at if verbatim else 0)


def _files(source: str, shown: str, cuts: list[Cut], visible: int, limit: int) -> tuple[File, ...]:
    last = visible - 1
    files = [File(file.name, encodable(file.content), last) for file in code.files(source, limit)]
    if visible < len(cuts):
        following = cuts[visible]
        opening = following.reopened.opening if following.reopened else ""
        files.append(File(REST_NAME, encodable(opening + shown[following.start :]), last, is_rest=True))
    return tuple(files)
