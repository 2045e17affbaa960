"""A character book as a value, made from the JSON of a card that `cards` has read.

Rules of the specification first; where it is silent, what SillyTavern keeps in an entry's `extensions` counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from discord_bot.chat.lore.decorators import Decorators, Role, parse

NONE: Final = Decorators()
MAX_KEYS: Final = 100
"""Keys of an entry that are tried; a card may hold more."""
MAX_ALL_KEYS: Final = 10_000
"""Keys of a book that are tried, in the order of its entries."""
SCAN_DEPTH: Final = 2
"""Messages in which keys are looked for where a book does not say; SillyTavern's default."""
INSERT_DEPTH: Final = 4
"""Messages from the end for an entry that goes there and doesn't say how far; SillyTavern's default."""

Position = Literal["before_char", "after_char"]
Logic = Literal["any", "not_all", "not_any", "all"]
_LOGICS: Final[tuple[Logic, ...]] = ("any", "not_all", "not_any", "all")
_ROLES: Final[tuple[Role, ...]] = ("system", "user", "assistant")


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of lore."""

    index: int
    """Its place in the book's list."""
    text: str
    """What goes into the prompt, without decorators, with its macros."""
    keys: tuple[str, ...] = ()
    secondary_keys: tuple[str, ...] = ()
    """Empty where they don't count."""
    logic: Logic = "any"
    enabled: bool = True
    constant: bool = False
    use_regex: bool = False
    case_sensitive: bool = False
    whole_words: bool = False
    order: float = 100
    priority: float | None = None
    position: Position | None = None
    """Where the author wants it; None where the author does not say, which means after the character."""
    depth: int | None = None
    role: Role = "system"
    scan_depth: int | None = None
    decorators: Decorators = NONE
    name: str = ""
    """What its author calls it; the model is not told."""
    recursion: frozenset[str] = frozenset()
    """SillyTavern's `exclude_recursion`, `prevent_recursion` and `delay_until_recursion`, where they are set."""


@dataclass(frozen=True, slots=True)
class Lorebook:
    """What a character knows."""

    entries: tuple[Entry, ...] = ()
    scan_depth: int = SCAN_DEPTH
    token_budget: int | None = None
    recursive: bool = False

    @property
    def characters(self) -> int:
        """How much text it holds that may come into a prompt."""
        return sum(len(entry.text) for entry in self.entries if entry.enabled)


def lorebook(book: dict[str, Any]) -> Lorebook:
    """The book in a card's `character_book`, whose fields have the right types already."""
    entries: list[Entry] = []
    left = MAX_ALL_KEYS
    for index, written in enumerate(book["entries"]):
        entry = _entry(index, written)
        left -= len(entry.keys) + len(entry.secondary_keys)
        entries.append(entry if left >= 0 else replace(entry, keys=()))
    return Lorebook(
        tuple(entries),
        _depth(book.get("scan_depth"), SCAN_DEPTH),
        int(book["token_budget"]) if isinstance(book.get("token_budget"), (int, float)) else None,
        book.get("recursive_scanning", False),
    )


def _entry(index: int, entry: dict[str, Any]) -> Entry:
    decorators, text = parse(entry["content"])
    more = entry["extensions"]
    position, depth = _place(entry, more)
    return Entry(
        index,
        text,
        keys=tuple(entry["keys"][:MAX_KEYS]),
        secondary_keys=tuple(entry.get("secondary_keys", ())[:MAX_KEYS]) if entry.get("selective") else (),
        logic=_numbered(_LOGICS, more.get("selectiveLogic"), "any"),
        enabled=entry["enabled"],
        constant=entry.get("constant", False),
        use_regex=entry["use_regex"],
        case_sensitive=entry.get("case_sensitive", more.get("case_sensitive") is True),
        whole_words=more.get("match_whole_words") is True,
        order=entry["insertion_order"],
        priority=entry.get("priority"),
        position=position,
        depth=depth,
        role=decorators.role or _numbered(_ROLES, more.get("role"), "system"),
        scan_depth=decorators.scan_depth if decorators.scan_depth is not None else _depth(more.get("scan_depth"), None),
        decorators=decorators,
        name=(entry.get("name") or entry.get("comment") or "").strip(),
        recursion=frozenset(
            name
            for name in ("exclude_recursion", "prevent_recursion", "delay_until_recursion")
            if more.get(name) is True
        ),
    )


def _place(entry: dict[str, Any], more: dict[str, Any]) -> tuple[Position | None, int | None]:
    """Beside the character or at a depth, by what the entry and SillyTavern's extension say."""
    written: Position | None = entry["position"] if entry.get("position") in ("before_char", "after_char") else None
    match more.get("position"):  # SillyTavern's numbers: 4 at a depth, 0 before and 1 after the character
        case 4:
            return written, _depth(more.get("depth"), INSERT_DEPTH)
        case 0 if more["position"] is not False:
            return "before_char", None
        case 1 if more["position"] is not True:
            return "after_char", None
        case _:
            return written, None


def _depth(value: object, otherwise: Any) -> Any:
    return (
        int(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e6
        else otherwise
    )


def _numbered(values: tuple[Any, ...], number: object, otherwise: Any) -> Any:
    return values[number] if isinstance(number, int) and 0 <= number < len(values) else otherwise
