"""A card's JSON <-> the fields of its `data`, as Character Card V3 has them, and nothing lost on the way.

What is read is made whole (defaults for what is missing) and right (a number that was written as a text), but only in
the fields that the specifications know: `extensions` and every unknown key stay as they came, whatever is in them.

V1: https://github.com/malfoyslastname/character-card-spec-v2/blob/main/spec_v1.md
V2: https://github.com/malfoyslastname/character-card-spec-v2/blob/main/spec_v2.md
V3: https://github.com/kwaroran/character-card-spec-v3/blob/main/SPEC_V3.md
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from discord_bot.chat.cards import fields
from discord_bot.chat.cards.fields import V3_ENTRY_ONLY, V3_ONLY, Data, Warned
from discord_bot.chat.cards.limits import MAX_ENTRIES, MAX_NESTING, MAX_TEXT, MAX_VALUES
from discord_bot.chat.lore.decorators import without_decorators
from discord_bot.errors import CardRefused

Spec = Literal["v1", "v2", "v3"]

V2: Final = "chara_card_v2"
V3: Final = "chara_card_v3"
NEWEST: Final = "3.0"
"""The version of V3 that is written; a newer one that a card says stays."""
KEPT_LARGER: Final = 2
"""How many times larger a card may be with its defaults filled in: what was taken in must be readable ever after."""
_ENCRYPTED: Final = b"rcc||"
"""How a card that RisuAI has encrypted begins."""
_BACKFILL_NOTICE: Final = (
    "[This is a Character Card V3. Your program has read the reduced copy for V2, "
    "in which assets are missing and lore may work differently.]"
)
_DIALECT: Final = {
    # The fields of an old notebook for models, and what V1 calls them
    "char_name": "name",
    "char_persona": "description",
    "char_greeting": "first_mes",
    "world_scenario": "scenario",
    "example_dialogue": "mes_example",
}


@dataclass(frozen=True, slots=True)
class Document:
    """What a card's JSON says."""

    data: Data
    """All fields of V3's `data`, defaults filled in, and whatever else stood there."""
    spec: Spec
    """Which specification it was written by."""
    version: str = NEWEST
    root: Data = field(default_factory=dict)
    """What stood beside `spec` and `data`, as it came."""
    warnings: tuple[Warned, ...] = ()


def read(text: bytes, *, ours: bool = False) -> Document:
    """The card in a JSON text; `ours` says that we wrote it ourselves. Raises CardRefused."""
    root = parsed(text, KEPT_LARGER if ours else 1)
    warnings: list[Warned] = []
    spec, version, data, beside = _taken_apart(root, warnings)
    name = next(
        (each for each in (data.get("name"), root.get("name"), root.get("char_name")) if _says_something(each)), None
    )
    if name is None:
        raise CardRefused("no_name")
    whole = fields.whole_card({**data, "name": name}, warnings)
    book = whole.get("character_book")
    if book is not None and len(book["entries"]) > MAX_ENTRIES:
        raise CardRefused("book_entries", limit=MAX_ENTRIES)
    return Document(whole, spec, version, beside, tuple(warnings))


def _taken_apart(root: Data, warnings: list[Warned]) -> tuple[Spec, str, Data, Data]:
    """By which specification it is written, its version, its data, and what stands beside that."""
    spec, data = root.get("spec"), root.get("data")
    beside = {key: value for key, value in root.items() if key not in ("spec", "spec_version", "data")}
    match spec:
        case "chara_card_v3" if isinstance(data, dict):
            return "v3", _version(root.get("spec_version"), warnings), data, beside
        case "chara_card_v2" if isinstance(data, dict):
            return "v2", NEWEST, data, beside
        case "lorebook_v3":
            raise CardRefused("only_lore")
        case None if isinstance(data, dict) and _says_something(data.get("name")):
            warnings.append(Warned("no-spec"))
            return "v2", NEWEST, data, beside
        case None if _says_something(root.get("name")):
            return "v1", NEWEST, _first(root), {}
        case None if _says_something(root.get("char_name")):
            return "v1", NEWEST, _first({_DIALECT.get(key, key): value for key, value in root.items()}), {}
        case None | "chara_card_v2" | "chara_card_v3":
            raise CardRefused("no_card")
        case _:
            raise CardRefused("other_spec")


def _first(root: Data) -> Data:
    """A V1 card's fields, with those that SillyTavern wrote beside them."""
    data = {key: value for key, value in root.items() if key not in ("spec", "spec_version")}
    notes = data.get("creatorcomment")
    if not data.get("creator_notes") and isinstance(notes, str) and notes:
        data["creator_notes"] = notes
    return data


def _version(written: object, warnings: list[Warned]) -> str:
    """The version to write. Compared as a number, as the specification says; a newer one is told of and kept."""
    try:
        number = float(written) if isinstance(written, (str, int, float)) else float(NEWEST)
    except (ValueError, OverflowError):
        return NEWEST
    if not number > float(NEWEST) or math.isinf(number):
        return NEWEST
    version = str(written).strip()[:16]
    warnings.append(Warned("newer-spec-version", {"version": version}))
    return version


def _says_something(value: object) -> bool:
    return (isinstance(value, str) and bool(value.strip())) or (fields.is_number(value))


# ---- JSON ------------------------------------------------------------------------------------------------------------


def parsed(text: bytes, times: int = 1) -> Data:
    """A JSON object, as strictly as RFC 8259 and no larger than that many times the limits. Raises CardRefused."""
    if len(text) > MAX_TEXT * times:
        raise CardRefused("text_large", limit=MAX_TEXT >> 20)
    if text.count(b",") + text.count(b"[") + text.count(b"{") > MAX_VALUES * times:
        raise CardRefused("json_many", limit=MAX_VALUES)
    if text.startswith(_ENCRYPTED):
        raise CardRefused("encrypted")
    try:
        value = json.loads(text.decode("utf-8-sig"), parse_constant=_no_number, parse_float=_number)
        json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair is JSON, but no text
    except UnicodeError:
        raise CardRefused("not_utf8") from None
    except RecursionError:
        raise CardRefused("json_deep", limit=MAX_NESTING) from None
    except ValueError:  # which is also what an integer of thousands of digits ends in
        raise CardRefused("no_json") from None
    if not isinstance(value, dict):
        raise CardRefused("no_card")
    if any(depth > MAX_NESTING for depth in _depths(value)):
        raise CardRefused("json_deep", limit=MAX_NESTING)
    return value


def _no_number(name: str) -> float:
    raise ValueError(name)


def _number(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(digits[:20])
    return number


def _depths(value: object) -> Iterator[int]:
    """How deep each container lies, without recursion."""
    waiting: list[tuple[Any, int]] = [(value, 1)]
    while waiting:
        container, depth = waiting.pop()
        yield depth
        within = container.values() if isinstance(container, dict) else container
        waiting += [(each, depth + 1) for each in within if isinstance(each, (dict, list))]


def written(value: object, *, indent: int | None = None) -> bytes:
    """A value as JSON in UTF-8, without a byte order mark."""
    return json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False).encode()


# ---- what is written -------------------------------------------------------------------------------------------------


def v3(document: Document, data: Data) -> Data:
    """The card as V3, with `data` in the place of the document's own."""
    return {"spec": V3, "spec_version": document.version, "data": data, **document.root}


def v2(data: Data) -> Data:
    """The card as V2, for programs that know no better: without what V3 has brought, and with a word about that."""
    reduced = {key: value for key, value in data.items() if key not in V3_ONLY}
    notes = data["creator_notes"]
    reduced["creator_notes"] = f"{notes}\n\n{_BACKFILL_NOTICE}" if notes else _BACKFILL_NOTICE
    if "character_book" in data:
        book = data["character_book"]
        entries = [
            {key: value for key, value in entry.items() if key not in V3_ENTRY_ONLY}
            | {"content": without_decorators(entry["content"])}
            for entry in book["entries"]
        ]
        reduced["character_book"] = {**book, "entries": entries}
    return {"spec": V2, "spec_version": "2.0", "data": reduced}
