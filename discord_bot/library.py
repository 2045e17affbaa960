"""Cards as libraries keep them: a record of the store, or a file in a folder, <-> `Card` and `Persona`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from discord_bot import portraits
from discord_bot.chat import cards
from discord_bot.chat.persona import Own, Persona, from_card
from discord_bot.errors import CardRefused, PersonaError
from discord_bot.store import OWNER, Library, PersonaRecord

if TYPE_CHECKING:
    from discord_bot.chat.cards import Card

SUFFIXES: Final = (".png", ".json", ".charx")
"""What a folder of cards is searched for. What a file is, its bytes say."""


# ---- the store -------------------------------------------------------------------------------------------------------


def record_of(
    card: Card, library: Library = OWNER, *, own: Own | None = None, made_by: int | None = None
) -> PersonaRecord:
    """The card as the store keeps it."""
    own = own or Own()
    persona = from_card(card)
    return PersonaRecord(
        library,
        persona.name,
        cards.to_json(card),
        persona.description,
        json.dumps(
            {
                "spec": card.document.spec,
                "model": own.model,
                "parameters": dict(own.parameters),
                "names": list(own.names),
            }
        ),
        persona.avatar,
        card.picture.data if card.picture is not None else None,
        card.files,
        made_by,
    )


def card_of(record: PersonaRecord, files: Mapping[str, bytes] | None = None) -> Card:
    """The card that was kept, with the files that `Store.persona_files` gives."""
    card = cards.from_json(record.document, record.picture, files or record.files)
    spec = json.loads(record.own).get("spec", card.document.spec)
    return replace(card, document=replace(card.document, spec=spec))


def persona_of(record: PersonaRecord) -> Persona:
    """The persona that was kept."""
    return replace(from_card(card_of(record), own_of(record)), avatar=record.avatar)


def own_of(record: PersonaRecord) -> Own:
    """What was chosen for it beside its card."""
    own: dict[str, Any] = json.loads(record.own)
    return Own(own.get("model"), own.get("parameters") or {}, tuple(own.get("names") or ()))


def made_from(persona: Persona) -> Card:
    """A persona of config.yaml as a card."""
    first, *others = persona.greetings or ("",)
    return cards.made(
        persona.name,
        creator_notes=persona.description,
        system_prompt=persona.system_prompt.strip(),
        personality=persona.personality,
        scenario=persona.scenario,
        first_mes=first,
        alternate_greetings=others,
        mes_example=persona.example_dialogue,
        post_history_instructions=persona.post_history_instructions,
        tags=list(persona.tags),
        **({"nickname": persona.nickname} if persona.nickname else {}),
    )


def filename(name: str) -> str:
    """A persona's name as that of a file on anybody's disk."""
    return re.sub(r"[^\w\-]+", "_", name).strip("_")[:60] or "persona"


def written_as(card: Card, kind: str, modified: int) -> tuple[bytes, int]:
    """The card as a file of that kind (`json`, `charx`, or else `png`), and how many files beside it were left out."""
    match kind:
        case "json":
            return cards.write_json(card, modified=modified)
        case "charx":
            return cards.write_charx(card, modified=modified), 0
        case _:
            return cards.write_png(card, picture_of(card), modified=modified)


def picture_of(card: Card) -> bytes:
    """A PNG for the card: its own picture, converted where it is another kind, or a plain one."""
    if card.picture is None:
        return portraits.plain(card.name)
    if card.picture.kind == "png":
        return card.picture.data
    try:
        return portraits.as_png(card.picture.data)
    except CardRefused:
        return portraits.plain(card.name)


# ---- files -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of cards as it was when it was read."""

    cards: Mapping[str, Card]
    """By the name of the persona; of two files with the same one, the first in the order of their names counts."""
    paths: Mapping[str, Path] = field(default_factory=dict)
    """In which file each of them is."""
    refused: tuple[tuple[str, CardRefused | PersonaError], ...] = ()
    """The files that are no cards, by name, and why."""


def read_file(path: Path) -> Card:
    """The card in a file. Raises CardRefused, or PersonaError where the file can't be read."""
    try:
        with path.open("rb") as file:
            return cards.read(file.read(cards.MAX_FILE + 1))
    except FileNotFoundError:
        raise PersonaError("file_missing", path=path) from None
    except OSError as error:
        raise PersonaError("file_unreadable", path=path, reason=error.strerror or error) from None


def read_folder(folder: Path) -> Folder:
    """The cards in a folder, without those in folders below it. Raises PersonaError where it can't be read at all."""
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    except OSError as error:
        raise PersonaError("folder_unreadable", path=folder, reason=error.strerror or error) from None
    found: dict[str, Card] = {}
    paths: dict[str, Path] = {}
    refused: list[tuple[str, CardRefused | PersonaError]] = []
    for path in files:
        try:
            card = read_file(path)
        except (CardRefused, PersonaError) as error:
            refused.append((path.name, error))
        else:
            found.setdefault(card.name, card)
            paths.setdefault(card.name, path)
    return Folder(found, paths, tuple(refused))
