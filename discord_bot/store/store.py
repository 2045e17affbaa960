"""The store: each method is one transaction, here of one statement.

Those about personas stand in `libraries`, those about where the bot answers and whom it reads in `heard`, those that
take everything along in `copies`.
What differs between SQLite and PostgreSQL stands in `discord_bot.store.database` and is not known here.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import BigInteger, and_, bindparam, cast, delete, func, literal, null, or_, select, union, union_all

from discord_bot.store.copies import Copies
from discord_bot.store.database import open_database
from discord_bot.store.departures import Departures
from discord_bot.store.heard import WhatIsHeard
from discord_bot.store.libraries import Libraries, name_key
from discord_bot.store.tables import bindings, command_fingerprints, companions, forget_marks
from discord_bot.store.values import (
    Binding,
    BindingKind,
    ChannelState,
    Companion,
    Place,
    PlaceKind,
    Voice,
    lookup_order,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import ColumnElement, CompoundSelect, Connection, Table

    from discord_bot.store.database import Database


COMPANION: Final = "companion"
"""What a companion's row says in the place of a binding's kind."""


class Store(Copies, Departures, Libraries, WhatIsHeard):
    """What the bot remembers in its database. Every method raises `StoreError` where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Store]:
        """The store at that address, brought up to date if it must be, and closed at the end of the block.

        `sqlite:///data/bot.db` is relative to the working directory (its directories are made), `sqlite:////srv/bot.db`
        is absolute, `sqlite://` is in memory; `postgresql://user:password@host/name` needs the extra `postgres`.
        """
        async with open_database(url) as database:
            yield cls(database)

    async def channel_state(self, guild_id: int | None, channel_id: int, parent_id: int | None = None) -> ChannelState:
        """What reaches a channel, in one query. The ids are those of `lookup_order`."""
        places = lookup_order(guild_id, channel_id, parent_id)
        query = _state_query(len(places))
        facts: dict[str, object] = {"channel_id": channel_id}
        for index, place in enumerate(places):
            facts |= {f"kind_{index}": place.kind, f"id_{index}": place.id}

        def read(connection: Connection) -> ChannelState:
            found: list[Binding] = []
            beside: list[Companion] = []
            forgotten_up_to: int | None = None
            for kind, place_kind, place_id, name, voice, message_id in connection.execute(query, facts):
                if message_id is not None:
                    forgotten_up_to = message_id
                elif kind == COMPANION:
                    beside.append(Companion(Place(place_kind, place_id), name, voice))
                else:
                    found.append(Binding(kind, Place(place_kind, place_id), name, voice))
            found.sort(key=lambda binding: places.index(binding.place))
            beside.sort(key=lambda companion: (places.index(companion.place), name_key(companion.name)))
            return ChannelState(tuple(found), forgotten_up_to, tuple(beside))

        return await self._database.run(read)

    async def bind(self, kind: BindingKind, place: Place, name: str, voice: Voice | None = None) -> None:
        """From now on, `place` uses the persona (or model) of that name. The name is at most 200 characters long."""
        insert = self._database.insert(bindings).values(
            kind=kind,
            place_kind=place.kind,
            place_id=place.id,
            name=name,
            updated_at=func.now(),
            voice=voice,
            guild_id=place.home,
        )
        new = insert.excluded
        upsert = insert.on_conflict_do_update(
            index_elements=["place_id", "place_kind", "kind"],
            set_={"name": new.name, "updated_at": new.updated_at, "voice": new.voice, "guild_id": new.guild_id},
        )
        await self._database.run(lambda connection: connection.execute(upsert).close())

    async def unbind(self, kind: BindingKind, place: Place) -> bool:
        """Nothing is set at `place` any more; False where nothing was."""
        statement = delete(bindings).where(
            bindings.c.kind == kind, bindings.c.place_kind == place.kind, bindings.c.place_id == place.id
        )
        return await self._database.run(lambda connection: connection.execute(statement).rowcount > 0)

    async def places_with_personas(self) -> frozenset[int]:
        """The ids of the guilds and channels where any persona was set, as the main one or beside it."""
        query = union(select(bindings.c.place_id).where(bindings.c.kind == "persona"), select(companions.c.place_id))
        return await self._database.run(lambda connection: frozenset(connection.scalars(query)))

    async def add_companion(self, place: Place, name: str, voice: Voice | None = None) -> None:
        """From now on, the persona of that name speaks at `place` beside the one that is bound there."""
        insert = self._database.insert(companions).values(
            place_kind=place.kind,
            place_id=place.id,
            name_key=name_key(name),
            name=name,
            voice=voice,
            guild_id=place.home,
        )
        new = insert.excluded
        upsert = insert.on_conflict_do_update(
            index_elements=["place_id", "place_kind", "name_key"],
            set_={"name": new.name, "voice": new.voice, "guild_id": new.guild_id},
        )
        await self._database.run(lambda connection: connection.execute(upsert).close())

    async def remove_companion(self, place: Place, name: str) -> bool:
        """The persona of that name speaks at `place` no more, but where it is bound; False where it did not."""
        statement = delete(companions).where(
            companions.c.place_kind == place.kind,
            companions.c.place_id == place.id,
            companions.c.name_key == name_key(name),
        )
        return await self._database.run(lambda connection: connection.execute(statement).rowcount > 0)

    async def forget(self, channel: Place, message_id: int) -> None:
        """The message and all before it are no longer part of the channel's conversation. A mark never moves back."""
        insert = self._database.insert(forget_marks).values(
            channel_id=channel.id, message_id=message_id, guild_id=channel.home
        )
        new = insert.excluded
        upsert = insert.on_conflict_do_update(
            index_elements=["channel_id"],
            set_={"message_id": new.message_id, "guild_id": new.guild_id},
            where=new.message_id > forget_marks.c.message_id,
        )
        await self._database.run(lambda connection: connection.execute(upsert).close())

    async def command_fingerprint(self, application_id: int) -> str | None:
        """What the application's commands looked like when Discord was last told of them."""
        query = select(command_fingerprints.c.fingerprint).where(
            command_fingerprints.c.application_id == application_id
        )
        return await self._database.run(lambda connection: connection.scalar(query))

    async def set_command_fingerprint(self, application_id: int, fingerprint: str) -> None:
        """Discord now knows the application's commands as they are in that fingerprint (at most 128 characters)."""
        insert = self._database.insert(command_fingerprints).values(
            application_id=application_id, fingerprint=fingerprint
        )
        upsert = insert.on_conflict_do_update(
            index_elements=["application_id"], set_={"fingerprint": insert.excluded.fingerprint}
        )
        await self._database.run(lambda connection: connection.execute(upsert).close())


@cache
def _state_query(places: int) -> CompoundSelect[Any, PlaceKind, int, str, Any, int | None]:
    """The bindings and companions of so many places and the channel's forget mark, as rows of one shape.

    It is asked with every mention, and to build it takes longer than to answer it.
    """

    def here(table: Table) -> ColumnElement[bool]:
        return or_(
            *(
                and_(table.c.place_kind == bindparam(f"kind_{index}"), table.c.place_id == bindparam(f"id_{index}"))
                for index in range(places)
            )
        )

    nothing = cast(null(), BigInteger).label("message_id")
    bound = select(
        bindings.c.kind, bindings.c.place_kind, bindings.c.place_id, bindings.c.name, bindings.c.voice, nothing
    ).where(here(bindings))
    beside = select(
        literal(COMPANION),
        companions.c.place_kind,
        companions.c.place_id,
        companions.c.name,
        companions.c.voice,
        nothing,
    ).where(here(companions))
    forgotten = select(
        literal(""), literal("channel"), forget_marks.c.channel_id, literal(""), literal(""), forget_marks.c.message_id
    ).where(forget_marks.c.channel_id == bindparam("channel_id"))
    return union_all(bound, beside, forgotten)
