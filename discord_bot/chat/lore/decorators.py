"""Decorators: the leading lines of an entry's content that begin with `@@` and say how it is used.

https://github.com/kwaroran/character-card-spec-v3/blob/main/SPEC_V3.md#decorators
A line that isn't known, or whose value makes no sense, is ignored, and the `@@@` line below it counts in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal

Spot = Literal["after_desc", "before_desc", "personality", "scenario"]
Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Decorators:
    """What the known decorators of an entry say; the others have no effect here."""

    activate: bool = False
    dont_activate: bool = False
    activate_only_after: int | None = None
    activate_only_every: int | None = None
    keep_activate_after_match: bool = False
    dont_activate_after_match: bool = False
    is_greeting: int | None = None
    scan_depth: int | None = None
    depth: int | None = None
    reverse_depth: int | None = None
    role: Role | None = None
    position: Spot | None = None
    ignore_on_max_context: bool = False
    additional_keys: tuple[tuple[str, ...], ...] = field(default=())
    """Each line is one condition more."""
    exclude_keys: tuple[str, ...] = ()


def parse(content: str) -> tuple[Decorators, str]:
    """The decorators at the beginning of an entry's content, and the text behind them."""
    lines = content.split("\n")
    said: dict[str, Any] = {}
    additional: list[tuple[str, ...]] = []
    counted = False  # whether the last @@ line, or a fallback of it, has counted
    used = 0
    for line in lines:
        written = line.strip()
        if not written:
            used += 1
            continue
        if not written.startswith("@@"):
            break
        used += 1
        fallback = written.startswith("@@@")
        if fallback and counted:
            continue
        name, _, value = written.lstrip("@").partition(" ")
        read = _value(name, value.strip())
        counted = read is not None
        if name == "additional_keys" and read is not None:
            additional.append(read)
        elif read is not None:
            said.setdefault(name, read)  # of equal ones the first counts
    if not (said or additional) and not any(line.lstrip().startswith("@@") for line in lines[:used]):
        return Decorators(), content
    return Decorators(**said, additional_keys=tuple(additional)), "\n".join(lines[used:]).strip("\r\n")


def without_decorators(content: str) -> str:
    """The text alone, for programs that don't know decorators."""
    return parse(content)[1]


def _value(name: str, value: str) -> Any:
    """What a decorator says; None where it is unknown or makes no sense."""
    read = _KNOWN.get(name)
    return None if read is None else read(value)


def _flag(_: str) -> bool:
    return True


def _whole(value: str) -> int | None:
    digits = value.removeprefix("-")
    return int(value) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else None


def _count(value: str) -> int | None:
    number = _whole(value)
    return number if number is not None and number >= 0 else None


def _period(value: str) -> int | None:
    return _count(value) or None  # "every 0" is nothing


def _words(value: str) -> tuple[str, ...] | None:
    return tuple(_divided(value)) or None


def _divided(value: str) -> Iterator[str]:
    return (word.strip() for word in value.split(",") if word.strip())


def _one_of(*known: str) -> Callable[[str], str | None]:
    return lambda value: value.lower() if value.lower() in known else None


_KNOWN: Final[dict[str, Callable[[str], Any]]] = {
    "activate": _flag,
    "dont_activate": _flag,
    "activate_only_after": _count,
    "activate_only_every": _period,
    "keep_activate_after_match": _flag,
    "dont_activate_after_match": _flag,
    "is_greeting": _count,
    "scan_depth": _count,
    "depth": _whole,
    "reverse_depth": _count,
    "role": _one_of("system", "user", "assistant"),
    "position": _one_of("after_desc", "before_desc", "personality", "scenario"),
    "ignore_on_max_context": _flag,
    "additional_keys": _words,
    "exclude_keys": _words,
}
assert set(_KNOWN) == {each.name for each in fields(Decorators)}
