"""The known fields of a card, a book, an entry and an asset: what is missing, and what was meant by a wrong type.

A field that is null is one that is not there. A required one gets its default, an optional one stays away; what can't
be what the field wants (a list where a text belongs) counts as not there, and a warning says so. Unknown keys stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

Data: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Warned:
    """Something about a card that people should know though it was taken in: a key of `sentences.cards`."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


V3_ONLY: Final = frozenset(
    {
        *("group_only_greetings", "nickname", "creator_notes_multilingual", "source", "assets"),
        *("creation_date", "modification_date"),
    }
)
"""Keys of `data` that V2 does not know."""
V3_ENTRY_ONLY: Final = frozenset({"use_regex"})


class _Unfit(Exception):
    """A value that can't be what its field wants."""


def is_number(value: object) -> bool:
    """Whether it is one of JSON's numbers; Python counts true and false among them."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if is_number(value):
        return str(value)
    raise _Unfit


def _texts(value: object) -> list[str]:
    """Texts; one that stands alone is the only one."""
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, list):
        return [_text(each) for each in value if each is not None]
    raise _Unfit


def _words(value: object) -> list[str]:
    """Words; in one text they are divided by commas."""
    if isinstance(value, str):
        return [word.strip() for word in value.split(",") if word.strip()]
    return _texts(value)


def _number(value: object) -> int | float:
    if isinstance(value, str):
        digits = value.strip()
        if re.fullmatch(r"[+-]?\d{1,15}", digits):
            return int(digits)
        if re.fullmatch(r"[+-]?\d{1,15}\.\d{1,15}", digits):
            return float(digits)
    if is_number(value):
        return value  # type: ignore[return-value]
    raise _Unfit


def _truth(value: object) -> bool:
    if isinstance(value, str):
        value = {"true": True, "false": False, "1": True, "0": False}.get(value.strip().lower(), value)
    if isinstance(value, bool):
        return value
    if value in (0, 1):
        return value == 1
    raise _Unfit


def _mapping(value: object) -> Data:
    if isinstance(value, dict):
        return value
    raise _Unfit


def _position(value: object) -> object:
    """SillyTavern's own books count the places; here they have names."""
    if value == 0 and is_number(value):
        return "before_char"
    if value == 1 and is_number(value):
        return "after_char"
    return _text(value)


def _as_it_is(value: object) -> object:
    return value


Reading: TypeAlias = Callable[[object], object]

_CARD: Final[dict[str, tuple[Reading, object]]] = {
    # field -> how it is read, and what it is where it is missing; None: it stays away
    "name": (_text, ""),
    "description": (_text, ""),
    "personality": (_text, ""),
    "scenario": (_text, ""),
    "first_mes": (_text, ""),
    "mes_example": (_text, ""),
    "creator_notes": (_text, ""),
    "system_prompt": (_text, ""),
    "post_history_instructions": (_text, ""),
    "alternate_greetings": (_texts, []),
    "tags": (_words, []),
    "creator": (_text, ""),
    "character_version": (_text, ""),
    "extensions": (_mapping, {}),
    "group_only_greetings": (_texts, []),
    "nickname": (_text, None),
    "creator_notes_multilingual": (_mapping, None),
    "source": (_texts, None),
    "creation_date": (_number, None),
    "modification_date": (_number, None),
}
_BOOK: Final[dict[str, tuple[Reading, object]]] = {
    "name": (_text, None),
    "description": (_text, None),
    "scan_depth": (_number, None),
    "token_budget": (_number, None),
    "recursive_scanning": (_truth, None),
    "extensions": (_mapping, {}),
}
_ENTRY: Final[dict[str, tuple[Reading, object]]] = {
    "keys": (_words, []),
    "content": (_text, ""),
    "extensions": (_mapping, {}),
    "enabled": (_truth, True),
    "insertion_order": (_number, 100),  # what SillyTavern gives a new one
    "use_regex": (_truth, False),
    "case_sensitive": (_truth, None),
    "constant": (_truth, None),
    "name": (_text, None),
    "comment": (_text, None),
    "id": (_as_it_is, None),
    "priority": (_number, None),
    "selective": (_truth, None),
    "secondary_keys": (_words, None),
    "position": (_position, None),
}
_WORLD_ENTRY: Final = {"key": "keys", "keysecondary": "secondary_keys", "order": "insertion_order"}
"""What SillyTavern's own world books call the fields of an entry."""


def whole_card(data: Data, warnings: list[Warned]) -> Data:
    """All fields of a card's `data`, in the order in which they came, the missing ones behind."""
    whole = _whole(data, _CARD, "", warnings)
    for key, reading in (("character_book", _book), ("assets", _assets)):
        if key not in data:
            continue
        try:
            if data[key] is not None:
                whole[key] = reading(data[key], warnings)
                continue
        except _Unfit:
            _warn(key, warnings)
        del whole[key]
    return whole


def _whole(data: Data, known: dict[str, tuple[Reading, object]], path: str, warnings: list[Warned]) -> Data:
    whole: Data = {}
    for key, value in data.items():
        if key not in known:
            whole[key] = value
        elif value is not None:
            read, _ = known[key]
            try:
                whole[key] = read(value)
            except _Unfit:
                if value not in ("", [], {}):
                    _warn(f"{path}{key}", warnings)
    for key, (_, default) in known.items():
        if key not in whole and default is not None:
            whole[key] = default.copy() if isinstance(default, (list, dict)) else default
    return whole


def _book(value: object, warnings: list[Warned]) -> Data:
    book = {"entries": value} if isinstance(value, list) else _mapping(value)
    whole = _whole(book, _BOOK, "character_book.", warnings)
    entries = book.get("entries")
    if isinstance(entries, dict):  # by number, as SillyTavern's world books have them
        entries = list(entries.values())
    if not isinstance(entries, list):
        if entries is not None:
            _warn("character_book.entries", warnings)
        entries = []
    whole["entries"] = [_entry(each, warnings) for each in entries if isinstance(each, dict)]
    if len(whole["entries"]) < len(entries):
        _warn("character_book.entries", warnings)
    return whole


def _entry(entry: Data, warnings: list[Warned]) -> Data:
    for theirs, ours in _WORLD_ENTRY.items():
        if theirs in entry and ours not in entry:
            entry = {**entry, ours: entry[theirs]}
    if "enabled" not in entry and isinstance(entry.get("disable"), bool):
        entry = {**entry, "enabled": not entry["disable"]}
    return _whole(entry, _ENTRY, "character_book.entries.", warnings)


def _assets(value: object, warnings: list[Warned]) -> list[Data]:
    """Assets stay as they came, also the unusable ones; only what is none at all is left out."""
    if not isinstance(value, list):
        raise _Unfit
    kept = [each for each in value if isinstance(each, dict)]
    if len(kept) < len(value):
        _warn("assets", warnings)
    return kept


def _warn(key: str, warnings: list[Warned]) -> None:
    warned = Warned("wrong-type", {"key": key})
    if warned not in warnings:
        warnings.append(warned)
