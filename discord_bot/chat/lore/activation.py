"""Which entries of a book come to mind in a conversation, and where in the prompt each of them belongs.

https://github.com/malfoyslastname/character-card-spec-v2/blob/main/spec_v2.md#character_book
https://github.com/kwaroran/character-card-spec-v3/blob/main/SPEC_V3.md#lorebook
In this order: what can't be active at all is left out, keys are looked for, found entries may wake others, the budget
is spent on what matters most, and what is left is placed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from discord_bot.chat.lore.keys import Scanner, Texts
from discord_bot.chat.macros import Macros, hidden_keys, without_comments
from discord_bot.chat.tokens import estimate_tokens

if TYPE_CHECKING:
    from discord_bot.chat.lore.book import Entry, Lorebook
    from discord_bot.chat.lore.decorators import Role

MAX_ROUNDS: Final = 16
"""How often found entries may wake further ones."""

Spot = Literal["before_char", "before_desc", "after_desc", "personality", "scenario", "after_char", "depth"]
"""Where an entry goes; `personality` and `scenario` mean right behind that part."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as lore hears it."""

    content: str
    own: bool = False
    """Whether the character said it."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an entry came to mind."""

    way: Literal["always", "said", "earlier", "woken"]
    """It always does; a key was said of late, or in an earlier turn; or another entry holds a key of it."""
    key: str = ""
    """That key, as it is written in the book."""


ALWAYS: Final = Cause("always")


@dataclass(frozen=True, slots=True)
class Active:
    """An entry that came to mind, and its place."""

    index: int
    """In the book's list of entries."""
    text: str
    """With its macros replaced."""
    spot: Spot
    depth: int = 0
    """For the spot `depth`: how many messages stand behind it."""
    role: Role = "system"
    order: float = 100
    settled: bool = False
    """Whether it stands above everything that comes and goes in its place, and is there in every turn itself."""
    cause: Cause = ALWAYS


@dataclass(frozen=True, slots=True)
class Activation:
    """What came to mind, in the order in which it goes into the prompt within each place."""

    active: tuple[Active, ...] = ()
    over_budget: tuple[int, ...] = ()
    """Entries that were found but had no room."""
    overruns: int = 0
    """Regular expressions that came to no end in their time, and so did not match."""

    def at(self, *spots: Spot) -> tuple[Active, ...]:
        """What belongs there."""
        return tuple(each for each in self.active if each.spot in spots)


def activate(
    book: Lorebook, messages: Sequence[Heard], macros: Macros, *, budget: int, greeting: int | None = 0
) -> Activation:
    """What of the book is active for the last of these messages, within so many tokens.

    `greeting` is the number of the greeting that opened the conversation.
    """
    scanner = Scanner(macros)
    spoken = sum(message.own for message in messages)
    possible = [entry for entry in book.entries if _possible(entry, spoken, greeting)]
    heard = _Heard(messages)
    causes = {entry.index: cause for entry in possible if (cause := _cause(entry, book, heard, scanner)) is not None}
    if book.recursive:
        _wake_further(causes, possible, scanner, macros)
    found = [entry for entry in possible if entry.index in causes]
    texts = {entry.index: macros.expand(entry.text).strip("\r\n") for entry in found}
    kept, dropped = _within((entry for entry in found if texts[entry.index].strip()), texts, budget)
    edge = _first_that_comes_and_goes(book)
    active = tuple(
        Active(
            entry.index,
            texts[entry.index],
            _spot(entry),
            _depth(entry, len(messages)),
            entry.role,
            entry.order,
            _lasting(entry) and (entry.order, entry.index) < edge,
            causes[entry.index],
        )
        for entry in sorted(kept, key=lambda entry: (entry.order, entry.index))
    )
    return Activation(active, tuple(sorted(entry.index for entry in dropped)), scanner.overruns)


class _Heard:
    """The messages, and what of them was scanned already."""

    def __init__(self, messages: Sequence[Heard]) -> None:
        self._contents = [without_comments(message.content) for message in messages]
        self._scanned: dict[tuple[int, int], Texts] = {}
        last_own = max((index for index, message in enumerate(messages) if message.own), default=-1)
        self._earlier = last_own + 1

    def last(self, count: int) -> Texts:
        """The newest messages."""
        return self._between(max(0, len(self._contents) - count), len(self._contents))

    def before_this_turn(self) -> Texts:
        """All that was said up to the character's last words: what earlier turns have scanned."""
        return self._between(0, self._earlier)

    def _between(self, start: int, end: int) -> Texts:
        if (start, end) not in self._scanned:
            self._scanned[start, end] = Texts(self._contents[start:end])
        return self._scanned[start, end]


def _possible(entry: Entry, spoken: int, greeting: int | None) -> bool:
    """Whether an entry may be active at all in this turn, whatever was said."""
    says = entry.decorators
    return (
        entry.enabled
        and bool(entry.text.strip())
        and (says.is_greeting is None or says.is_greeting == greeting)
        and (says.activate_only_after is None or spoken >= says.activate_only_after)
        and (says.activate_only_every is None or spoken % says.activate_only_every == 0)
        and (says.activate or not says.dont_activate)
    )


def _cause(entry: Entry, book: Lorebook, heard: _Heard, scanner: Scanner) -> Cause | None:
    """Why an entry comes to mind by what was said; None where it doesn't."""
    says = entry.decorators
    if says.activate:
        return ALWAYS
    if says.dont_activate_after_match and scanner.wakes(entry, heard.before_this_turn()):
        return None
    if entry.constant:
        return ALWAYS
    if says.keep_activate_after_match and (key := scanner.wakes(entry, heard.before_this_turn())):
        return Cause("earlier", key)
    if "delay_until_recursion" in entry.recursion:
        return None
    depth = book.scan_depth if entry.scan_depth is None else entry.scan_depth
    key = scanner.wakes(entry, heard.last(depth))
    return Cause("said", key) if key is not None else None


def _wake_further(causes: dict[int, Cause], possible: Sequence[Entry], scanner: Scanner, macros: Macros) -> None:
    """Looks for keys in what was found, until that finds nothing new."""
    new: Iterable[Entry] = [entry for entry in possible if entry.index in causes]
    for _ in range(MAX_ROUNDS):
        texts = [
            text for entry in new if "prevent_recursion" not in entry.recursion for text in _heard_of(entry, macros)
        ]
        if not texts:
            return
        scanned = Texts(texts)
        woken = {
            entry.index: Cause("woken", key)
            for entry in possible
            if entry.index not in causes
            and "exclude_recursion" not in entry.recursion
            and (key := scanner.wakes(entry, scanned))
        }
        causes.update(woken)
        new = [entry for entry in possible if entry.index in woken]


def _heard_of(entry: Entry, macros: Macros) -> list[str]:
    """What of an entry can wake others: its text as the prompt shows it, and the keys hidden in it."""
    return [macros.expand(entry.text), *hidden_keys(entry.text)]


def _within(entries: Iterable[Entry], texts: dict[int, str], budget: int) -> tuple[list[Entry], list[Entry]]:
    """The entries that fit, the more important ones first; one that doesn't is skipped, and smaller ones may follow."""

    def rank(entry: Entry) -> tuple[bool, float, float, int]:
        priority = entry.order if entry.priority is None else entry.priority
        return entry.decorators.ignore_on_max_context, -priority, -entry.order, entry.index

    kept: list[Entry] = []
    dropped: list[Entry] = []
    for entry in sorted(entries, key=rank):
        tokens = estimate_tokens(texts[entry.index])
        (kept if tokens <= budget else dropped).append(entry)
        budget -= tokens if tokens <= budget else 0
    return kept, dropped


def _spot(entry: Entry) -> Spot:
    says = entry.decorators
    if says.position is not None:
        return says.position
    if entry.depth is not None or says.depth is not None or says.reverse_depth is not None:
        return "depth"
    return entry.position or "after_char"


def _depth(entry: Entry, messages: int) -> int:
    says = entry.decorators
    if says.depth is not None:
        return max(0, says.depth)
    if says.reverse_depth is not None:
        return max(0, messages - says.reverse_depth)
    return entry.depth or 0


def _lasting(entry: Entry) -> bool:
    """Whether it is active in every turn."""
    says = entry.decorators
    return (entry.constant or says.activate) and not (
        says.activate_only_after or says.activate_only_every or says.dont_activate_after_match
    )


def _first_that_comes_and_goes(book: Lorebook) -> tuple[float, int]:
    """The order of the highest entry behind the character that is not there in every turn."""
    passing = (
        (entry.order, entry.index)
        for entry in book.entries
        if entry.enabled and _spot(entry) == "after_char" and not _lasting(entry)
    )
    return min(passing, default=(float("inf"), 0))
