"""Which personas there are, and for whom: a server's own (in a DM a person's), the owner's, the folder's, the file's.

Of the same name, the nearest one counts, in that order; so a server's own may take the place of one of the owner's,
there and nowhere else. config.yaml and the folder are read at the start, the store is asked again and again: the
command line fills it too.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from discord_bot.chat.persona import Own, Persona, from_card
from discord_bot.errors import CardRefused, PersonaError, StoreError
from discord_bot.sentences.cards import refusal
from discord_bot.store import OWNER, Library

if TYPE_CHECKING:
    from discord_bot.chat.cards import Card
    from discord_bot.config import Settings
    from discord_bot.store import PersonaEntry, PersonaRecord, Store

log = logging.getLogger(__name__)

Whose = Literal["guild", "user", "owner", "folder", "config"]
"""Whose a persona is; the first two can be changed in Discord."""

FRESH: Final = 5.0
"""Seconds for which a list of the store's is taken to be true; other processes write there too."""
MAX_LISTS: Final = 512
"""Libraries whose lists are kept in memory."""
MAX_READ: Final = 128
"""Personas of the store that are kept in memory, read and taken apart."""
MAX_FACES: Final = 128
"""Small pictures that are kept in memory, of some 20 KB each."""
MAX_PERSONAS: Final = {"guild": 250, "user": 25}
"""How many a library may hold that people fill in Discord: what they bring lies on the owner's disk."""


def configured(settings: Settings) -> dict[str, Persona]:
    """The personas of config.yaml, the default one first."""
    return {
        name: Persona(
            name,
            each.system_prompt,
            each.description,
            personality=each.personality,
            scenario=each.scenario,
            greetings=tuple(each.greetings),
            example_dialogue=each.example_dialogue,
            post_history_instructions=each.post_history_instructions,
            nickname=each.nickname,
            names=tuple(each.names),
            model=each.model,
            parameters=each.parameters,
            tags=tuple(each.tags),
        )
        for name, each in settings.personas.items()
    }


@dataclass(frozen=True, slots=True)
class Known:
    """A persona as people choose it."""

    name: str
    whose: Whose
    description: str = ""
    avatar: str | None = None
    """The SHA-256 of its picture; None where it has none."""
    changed_at: datetime | None = None
    hides: bool = False
    """Whether there is another one of this name, further away."""

    @property
    def key(self) -> str:
        """A short stand-in for the name, whose case does not matter: a button's id has no room for all of it."""
        return key_of(self.name)

    @property
    def changeable(self) -> bool:
        """Whether people may change it in Discord."""
        return self.whose in ("guild", "user")


def key_of(name: str) -> str:
    """A short stand-in for a name; of those in one library, no two will ever be the same."""
    return hashlib.sha256(" ".join(name.casefold().split()).encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Personas:
    """All personas that there are."""

    def __init__(
        self, store: Store, configured: Mapping[str, Persona], folder: Mapping[Path, Persona] | None = None
    ) -> None:
        self._store = store
        self._files = {persona.name: path for path, persona in (folder or {}).items()}
        self._fixed: dict[Whose, dict[str, Persona]] = {
            "folder": {persona.name: persona for persona in (folder or {}).values()},
            "config": dict(configured),
        }
        self._lists: OrderedDict[Library, tuple[float, asyncio.Task[tuple[Known, ...]]]] = OrderedDict()
        self._read: OrderedDict[tuple[Library, str, datetime | None], Persona] = OrderedDict()
        self._faces: OrderedDict[tuple[str, int], bytes | None] = OrderedDict()

    @classmethod
    async def open(cls, settings: Settings, store: Store) -> Personas:
        """With those of the configuration. A file that is no card is told of in the log, and so is a missing folder."""
        found: dict[Path, Persona] = {}
        if settings.cards is not None:
            from discord_bot.library import read_folder

            try:
                folder = await asyncio.to_thread(read_folder, settings.cards)
            except PersonaError as error:
                log.warning("%s", refusal(error, "en"))
            else:
                for file, refused in folder.refused:
                    log.warning("persona_folder: %s: %s", file, refusal(refused, "en"))
                found = {folder.paths[name]: from_card(card) for name, card in folder.cards.items()}
        return cls(store, configured(settings), found)

    # ---- which there are ---------------------------------------------------------------------------------------------

    @property
    def default(self) -> str:
        """The name of the one that speaks where nothing is set."""
        return next(iter(self._fixed["config"]))

    async def known(self, library: Library) -> tuple[Known, ...]:
        """All that people who fill that library can choose: the default first, then the nearest.

        Many who ask at once share one query.
        """
        until, listing = self._lists.get(library, (0.0, None))
        if listing is None or until < time.monotonic():
            listing = asyncio.create_task(self._listed(library))
            self._lists[library] = (time.monotonic() + FRESH, listing)
            while len(self._lists) > MAX_LISTS:
                self._lists.popitem(last=False)
        self._lists.move_to_end(library)
        try:
            return await asyncio.shield(listing)  # it is not of one who asks alone
        except StoreError:
            self._lists.pop(library, None)
            raise

    async def _listed(self, library: Library) -> tuple[Known, ...]:
        return self._in_order(library, await self._store.personas(*dict.fromkeys((library, OWNER))))

    def _in_order(self, library: Library, entries: tuple[PersonaEntry, ...]) -> tuple[Known, ...]:
        everyone = [
            Known(each.name, each.library.kind, each.description, each.avatar, each.changed_at)
            for each in sorted(entries, key=lambda each: each.library != library)
        ]
        for whose, personas in self._fixed.items():
            everyone += [Known(name, whose, each.description, each.avatar) for name, each in personas.items()]
        nearest: dict[str, Known] = {}
        for each in everyone:
            first = nearest.setdefault(each.key, each)
            if first is not each:
                nearest[each.key] = replace(first, hides=True)
        default = key_of(self.default)
        return tuple(sorted(nearest.values(), key=lambda each: each.key != default))

    async def by_key(self, library: Library, key: str) -> Known | None:
        """The one that a key stands for."""
        return next((each for each in await self.known(library) if each.key == key), None)

    # ---- what they are -----------------------------------------------------------------------------------------------

    async def persona(self, library: Library, known: Known) -> Persona:
        """The persona itself. One of the store's that was deleted a moment ago is an empty one of that name."""
        if known.whose in self._fixed:
            return self._fixed[known.whose][known.name]
        kept_in = library if known.changeable else OWNER
        place = (kept_in, known.key, known.changed_at)
        if place not in self._read:
            from discord_bot.library import persona_of

            record = await self._store.persona(kept_in, known.name, picture=False)
            self._read[place] = Persona(known.name) if record is None else await asyncio.to_thread(persona_of, record)
            while len(self._read) > MAX_READ:
                self._read.popitem(last=False)
        self._read.move_to_end(place)
        return self._read[place]

    async def card(self, library: Library, known: Known) -> tuple[Card, Own]:
        """Its card, whole, and what was chosen beside it. Raises PersonaError where it is gone."""
        from discord_bot.library import card_of, made_from, own_of, read_file

        if known.whose == "config":
            persona = self._fixed["config"][known.name]
            return made_from(persona), Own(persona.model, persona.parameters, persona.names)
        if known.whose == "folder":
            return await asyncio.to_thread(read_file, self._files[known.name]), Own()
        kept_in = library if known.changeable else OWNER
        record = await self._store.persona(kept_in, known.name)
        if record is None:
            raise PersonaError("persona_gone", name=known.name)
        files = await self._store.persona_files(kept_in, known.name)
        return await asyncio.to_thread(card_of, record, files), own_of(record)

    async def face(self, library: Library, known: Known, side: int) -> bytes | None:
        """A square PNG of its picture, so many pixels wide; None where it has none that can be shown."""
        if known.avatar is None:
            return None
        place = (known.avatar, side)
        if place not in self._faces:
            from discord_bot import portraits

            drawn: bytes | None = None
            try:
                if (picture := await self._picture(library, known)) is not None:
                    drawn = await asyncio.to_thread(portraits.face, picture, side)
            except (CardRefused, PersonaError):
                log.debug("a picture can't be shown", exc_info=True)
            self._faces[place] = drawn
            while len(self._faces) > MAX_FACES:
                self._faces.popitem(last=False)
        return self._faces[place]

    async def _picture(self, library: Library, known: Known) -> bytes | None:
        if known.whose == "folder":
            card, _ = await self.card(library, known)
            return card.picture.data if card.picture is not None else None
        record = await self._store.persona(library if known.changeable else OWNER, known.name)
        return record.picture if record is not None else None

    async def picture(self, digest: str) -> bytes | None:
        """The picture with that SHA-256, from whatever library has it. Raises CardRefused or PersonaError."""
        found, name = await self._store.picture(digest), self.in_folder(digest)
        if found is None and name is not None:
            from discord_bot.library import read_file

            card = await asyncio.to_thread(read_file, self._files[name])
            found = card.picture.data if card.picture is not None else None
        return found

    def in_folder(self, digest: str) -> str | None:
        """Which persona of the folder has the picture with that SHA-256, if any does."""
        return next((each.name for each in self._fixed["folder"].values() if each.avatar == digest), None)

    # ---- changes -----------------------------------------------------------------------------------------------------

    async def save(self, record: PersonaRecord, *, replaces: bool = False, instead_of: str | None = None) -> None:
        """Puts a persona into a library, by default a new one; `instead_of` is its former name.

        Raises PersonaError where the name is taken, or the library is full.
        """
        library = record.library
        most = MAX_PERSONAS.get(library.kind)
        if instead_of is None and most is not None and len(await self._store.personas(library)) >= most:
            taken = replaces and await self._store.persona(library, record.name) is not None
            if not taken:
                raise PersonaError("library_full", limit=most)
        saved = await self._store.save_persona(
            record, replace=replaces or instead_of is not None, instead_of=instead_of
        )
        if saved == "taken":
            raise PersonaError("name_taken", name=record.name)
        self._forget(library)

    async def delete(self, library: Library, name: str) -> bool:
        """Takes a persona out of a library; False where there was none."""
        deleted = await self._store.delete_persona(library, name)
        self._forget(library)
        return deleted

    def _forget(self, library: Library) -> None:
        self._lists.pop(library, None)
        for place in [place for place in self._read if place[0] == library]:
            del self._read[place]
