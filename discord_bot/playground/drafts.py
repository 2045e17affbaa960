"""A persona that is being written in the page: its card as it came, and beside it the fields that are shown.

The page keeps the card's JSON as a text and never takes it apart, so whatever another program has put there comes back
as it was; what it shows and changes are `fields` and `lore`.

    {"document": "…", "picture": "base64" or null, "files": {"path": "base64"},
     "fields": {"name": "…", "greetings": ["…"], "parameters": "temperature: 0.8", …},
     "lore": [{"at": 0, "name": "…", "keys": "one, other", "content": "…", "constant": false, "enabled": true}]}
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Final

from discord_bot.chat import cards
from discord_bot.chat.persona import Own, Persona, from_card, summary
from discord_bot.chat.shown_name import shown_name
from discord_bot.config.writing import parameters_in, written
from discord_bot.playground.sentences import NotUnderstoodError

if TYPE_CHECKING:
    from discord_bot.chat.cards import Card

TEXTS: Final = (
    *("name", "nickname", "creator_notes", "system_prompt", "description", "personality", "scenario"),
    *("mes_example", "post_history_instructions"),
)
"""The fields of a card that are shown as they are."""
IN_CONFIG: Final = {
    # key of config.yaml -> attribute of a persona
    "description": "description", "system_prompt": "system_prompt", "personality": "personality",
    "scenario": "scenario", "greetings": "greetings", "example_dialogue": "example_dialogue",
    "post_history_instructions": "post_history_instructions", "nickname": "nickname", "names": "names",
    "model": "model", "parameters": "parameters", "tags": "tags",
}  # fmt: skip
UNCHANGED_AROUND: Final = 1
"""Lines that stay, shown before and after those that changed."""


def draft_of(card: Card, own: Own | None = None) -> dict[str, Any]:
    """A card, and what was chosen beside it, as the page has it."""
    own, data = own or Own(), card.data
    return {
        "document": cards.to_json(card),
        "picture": _packed(card.picture.data) if card.picture is not None else None,
        "files": {path: _packed(content) for path, content in card.files.items()},
        "fields": {
            **{key: data.get(key, "") for key in TEXTS},
            "greetings": [data["first_mes"], *data["alternate_greetings"]],
            "tags": ", ".join(data["tags"]),
            "names": ", ".join(own.names),
            "model": own.model or "",
            "parameters": written(dict(own.parameters)) if own.parameters else "",
        },
        "lore": [_shown_entry(at, entry) for at, entry in enumerate(_entries(card))],
    }


def card_of(draft: Mapping[str, Any]) -> tuple[Card, Own]:
    """The card that a draft comes to, and what was chosen beside it. Raises CardRefused or NotUnderstoodError."""
    fields = draft["fields"]
    if not shown_name(fields["name"]):
        raise NotUnderstoodError("needs-name")
    picture = unpacked(draft["picture"]) if draft.get("picture") else None
    files = {str(path): unpacked(content) for path, content in draft.get("files", {}).items()}
    card = cards.from_json(str(draft["document"]), picture, files)
    first, *others = [str(text) for text in fields["greetings"]] or [""]
    wanted: dict[str, Any] = {key: str(fields[key]) for key in TEXTS}
    wanted |= {"first_mes": first, "alternate_greetings": others}
    wanted["tags"] = _words(fields["tags"], card.data["tags"])
    changed = {key: value for key, value in wanted.items() if card.data.get(key, "") != value}
    lore = [_entry(each, _entries(card)) for each in draft["lore"]]
    if lore != _entries(card):
        changed["character_book"] = {"extensions": {}, **card.data.get("character_book", {}), "entries": lore}
    own = Own(fields["model"].strip() or None, _parameters(fields["parameters"]), tuple(_words(fields["names"], [])))
    return card.edited(**changed), own


def persona_of(draft: Mapping[str, Any]) -> Persona:
    """The persona that a draft comes to."""
    return from_card(*card_of(draft))


def with_picture(draft: Mapping[str, Any], picture: bytes) -> dict[str, Any]:
    """The draft with another picture. Raises CardRefused."""
    card, own = card_of(draft)
    return draft_of(cards.with_picture(card, picture), own)


def for_config(persona: Persona) -> tuple[dict[str, Any], list[str]]:
    """What config.yaml can hold of a persona, by its keys; and the fields for which it has no place."""
    notes = persona.creator_notes.strip()
    greetings = tuple(text for text in persona.greetings if text.strip())
    persona = replace(persona, greetings=greetings, description=summary(notes, ()) if "\n" in notes else notes)
    values: dict[str, Any] = {}
    for key, attribute in IN_CONFIG.items():
        value = getattr(persona, attribute)
        value = list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value
        if value or key == "system_prompt":
            values[key] = value
    without = {
        "creator_notes": "\n" in notes,
        "description": persona.definition,
        "lore": persona.lore,
        "note": persona.note,
        "picture": persona.avatar,
    }
    return values, [name for name, value in without.items() if value]


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was changed from one draft to another: for each field, its lines with `-`, `+` or a blank before them."""
    was, now = dict(_told(before)), dict(_told(after))
    return [
        {"field": field, "number": number, "lines": list(_compared(was.get(place, ""), now.get(place, "")))}
        for place in {**was, **now}
        if was.get(place, "") != now.get(place, "")
        for field, number in (place,)
    ]


def unpacked(text: object) -> bytes:
    """What the page sent in base64."""
    try:
        return base64.b64decode(str(text), validate=True)
    except binascii.Error:
        raise NotUnderstoodError("file-not-whole") from None


def _packed(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _words(written: object, before: list[str]) -> list[str]:
    """Words that are divided by commas; those there were, where nothing was changed."""
    text = str(written)
    return before if text == ", ".join(before) else [word.strip() for word in text.split(",") if word.strip()]


def _parameters(text: object) -> dict[str, Any]:
    if (found := parameters_in(str(text))) is None:
        raise NotUnderstoodError("parameters-not-read")
    return found


def _entries(card: Card) -> list[dict[str, Any]]:
    return list(card.data.get("character_book", {}).get("entries", ()))


def _shown_entry(at: int, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "at": at,
        "name": entry.get("name") or entry.get("comment") or "",
        "keys": _between(entry).join(entry["keys"]),
        "content": entry["content"],
        "constant": entry.get("constant", False),
        "enabled": entry["enabled"],
    }


def _between(entry: Mapping[str, Any]) -> str:
    """What stands between an entry's keys: regular expressions may have commas in them, and get a line each."""
    return "\n" if entry["use_regex"] else ", "


def _entry(shown: Mapping[str, Any], entries: list[dict[str, Any]]) -> dict[str, Any]:
    """An entry of the page's: the card's own, with what was changed of it."""
    at = shown.get("at")
    new = {"keys": [], "content": "", "extensions": {}, "enabled": True, "insertion_order": 100, "use_regex": False}
    entry: dict[str, Any] = entries[at] if isinstance(at, int) and 0 <= at < len(entries) else new
    was, changed = _shown_entry(0, entry), dict(entry)
    for key in ("name", "content", "constant", "enabled"):
        if shown[key] != was[key]:
            changed[key] = shown[key]
    if shown["keys"] != was["keys"]:
        keys = str(shown["keys"]).split("\n" if entry["use_regex"] else ",")
        changed["keys"] = [key.strip() for key in keys if key.strip()]
    return changed


def _told(draft: Mapping[str, Any]) -> Iterator[tuple[tuple[str, int], str]]:
    """Each text of a draft, by its field and its number among several."""
    for key, value in draft["fields"].items():
        for number, text in enumerate(value if isinstance(value, list) else [value]):
            yield (key, number), str(text)
    for number, entry in enumerate(draft["lore"]):
        marks = [
            f"[{mark}]" for mark, holds in (("constant", entry["constant"]), ("off", not entry["enabled"])) if holds
        ]
        yield ("lore", number), "\n".join([" ".join([entry["name"], *marks]), entry["keys"], entry["content"]])


def _compared(before: str, after: str) -> Iterator[tuple[str, str]]:
    was, now = before.splitlines(), after.splitlines()
    for group in SequenceMatcher(None, was, now, autojunk=False).get_grouped_opcodes(UNCHANGED_AROUND):
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                yield from ((" ", line) for line in was[i1:i2])
            else:
                yield from (("-", line) for line in was[i1:i2])
                yield from (("+", line) for line in now[j1:j2])
