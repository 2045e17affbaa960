"""`discord-bot persona`: the owner's library from the terminal, over the same store as the bot's.

What is imported is there in every server. `write` takes what belongs on standard output, `tell` what is said beside it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from discord_bot.chat.shown_name import shown_name
from discord_bot.errors import PersonaError
from discord_bot.library import card_of, made_from, read_file, read_folder, record_of, written_as
from discord_bot.personas import configured
from discord_bot.sentences.cards import CARDS, warning
from discord_bot.store import OWNER, Store

if TYPE_CHECKING:
    from discord_bot.chat.cards import Card
    from discord_bot.config import Settings
    from discord_bot.sentences import Language

Write = Callable[[str], object]
Whose = Literal["library", "persona_folder", "config.yaml"]


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where the answers go, and in which language they are given."""

    write: Write
    tell: Write
    language: Language


async def import_card(settings: Settings, file: Path, terminal: Terminal) -> None:
    """Takes a card into the owner's library; the last line is the persona's name."""
    card = read_file(file)
    async with Store.open(settings.store.url) as store:
        saved = await store.save_persona(record_of(card, OWNER))
    for each in card.warnings:
        terminal.tell(warning(each.code, each.facts, terminal.language))
    if saved == "replaced":
        terminal.tell(CARDS.say("replaced", terminal.language))
    terminal.write(card.name)


async def export_card(settings: Settings, name: str, out: Path, terminal: Terminal) -> None:
    """Writes a persona as a card, of the kind that the suffix says."""
    if out.suffix.lower() not in (".png", ".json", ".charx"):
        raise PersonaError("suffix_unknown")
    async with Store.open(settings.store.url) as store:
        card, _ = await _find(settings, store, name)
    written, lost = written_as(card, out.suffix.lower().removeprefix("."), int(time.time()))
    _write(out, written)
    if lost:
        terminal.tell(warning("files-left-out", {"number": lost}, terminal.language))
    terminal.write(str(out))


def _write(out: Path, data: bytes) -> None:
    try:
        out.write_bytes(data)
    except OSError as error:
        raise PersonaError("file_unwritable", path=out, reason=error.strerror or error) from None


async def list_personas(settings: Settings, terminal: Terminal, *, as_json: bool) -> None:
    """Every persona that is there in all servers, a line each: its name, whose it is, and what it is."""
    rows: list[tuple[str, str, Whose]] = [
        (name, persona.description, "config.yaml") for name, persona in configured(settings).items()
    ]
    if settings.cards is not None:
        folder = read_folder(settings.cards)
        rows += [(name, _summary(card), "persona_folder") for name, card in folder.cards.items()]
    async with Store.open(settings.store.url) as store:
        rows += [(entry.name, entry.description, "library") for entry in await store.personas(OWNER)]
    if as_json:
        terminal.write(json.dumps([{"name": n, "description": d, "from": f} for n, d, f in rows], ensure_ascii=False))
        return
    for name, description, whose in rows:
        terminal.write(f"{name} ({whose})" + (f": {shown_name(description)}" if description else ""))


async def show_persona(settings: Settings, name: str, terminal: Terminal, *, as_json: bool) -> None:
    """What a persona is: its fields and where it is from; as JSON, the whole card."""
    async with Store.open(settings.store.url) as store:
        card, whose = await _find(settings, store, name)
    warnings = (*card.document.warnings, *card.warnings)
    if as_json:
        shown: dict[str, Any] = {
            "name": card.name,
            "from": whose,
            "spec": card.document.spec,
            "spec_version": card.document.version,
            "data": card.data,
            "root": card.document.root,
            "picture": _picture(card),
            "files": {path: len(data) for path, data in card.files.items()},
            "warnings": [
                {"code": each.code, "message": warning(each.code, each.facts, terminal.language)} for each in warnings
            ],
        }
        terminal.write(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    terminal.write(f"{card.name} ({whose}, {card.document.spec.upper()})")
    for key, value in card.data.items():
        if isinstance(value, str) and value and key != "name":
            terminal.write(f"\n{key}:\n{_printable(value)}")
        elif isinstance(value, list) and value and all(isinstance(each, str) for each in value):
            terminal.write(f"\n{key}:" + "".join(f"\n- {_printable(each)}" for each in value))
    if "character_book" in card.data:
        terminal.write(f"\ncharacter_book: {len(card.data['character_book']['entries'])}")
    if card.picture is not None:
        terminal.write(f"\npicture: {card.picture.kind}, {len(card.picture.data)} B")
    for each in warnings:
        terminal.tell(warning(each.code, each.facts, terminal.language))


def _picture(card: Card) -> dict[str, Any] | None:
    picture = card.picture
    if picture is None:
        return None
    return {"kind": picture.kind, "size": picture.size, "bytes": len(picture.data), "sha256": picture.digest}


def _printable(text: str) -> str:
    """A text whose control characters can't move a terminal's cursor or colour it."""
    return "".join(each if each.isprintable() or each in "\n\t" else "\N{REPLACEMENT CHARACTER}" for each in text)


def _summary(card: Card) -> str:
    from discord_bot.chat.persona import from_card

    return from_card(card).description


async def _find(settings: Settings, store: Store, name: str) -> tuple[Card, Whose]:
    """The card of a persona: in the owner's library, in the folder, or made from config.yaml. Raises PersonaError."""
    record = await store.persona(OWNER, name)
    if record is not None:
        return card_of(record, await store.persona_files(OWNER, record.name)), "library"
    key = shown_name(name).casefold()
    if settings.cards is not None:
        for found, card in read_folder(settings.cards).cards.items():
            if found.casefold() == key:
                return card, "persona_folder"
    for persona in configured(settings).values():
        if persona.name.casefold() == key:
            return made_from(persona), "config.yaml"
    raise PersonaError("persona_unknown", name=shown_name(name))
