"""The statements about personas in libraries. A mix-in of `Store`, only so that neither file outgrows a reader.

A name is unique in its library whatever its case. What a persona's card says is not known here: it is one text.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import and_, delete, func, select, union, update

from discord_bot.store.tables import NAME_LENGTH, bindings, companions, persona_files, personas
from discord_bot.store.values import Library, PersonaEntry, PersonaRecord, Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Connection, Row, Table

    from discord_bot.store.database import Database

Saved = Literal["new", "replaced", "taken"]
"""What became of saving: `taken` means that another persona has the name, and nothing was written."""


class Libraries:
    """The personas that people have brought or made. Every method raises `StoreError` where the database fails."""

    _database: Database

    async def save_persona(
        self, record: PersonaRecord, *, replace: bool = True, instead_of: str | None = None
    ) -> Saved:
        """Puts a persona into its library; `instead_of` is its former name, where that was another one.

        One of the same name is replaced, but not where `replace` is False, nor one that another name was given up for.
        Who made it first, and when, stays.
        """
        key = name_key(record.name)
        former = key if instead_of is None else name_key(instead_of)

        def write(connection: Connection) -> Saved:
            made = connection.execute(
                select(personas.c.made_by, personas.c.made_at).where(_is(personas, record.library, former))
            ).first()
            if key != former or not replace:
                taken = connection.scalar(select(personas.c.name).where(_is(personas, record.library, key)))
                if taken is not None:
                    return "taken"
            connection.execute(delete(personas).where(_is(personas, record.library, former))).close()
            where = {"library_kind": record.library.kind, "library_id": record.library.id, "name_key": key}
            values = {
                **where,
                "name": record.name,
                "description": record.description,
                "avatar": record.avatar,
                "card": record.document,
                "own": record.own,
                "picture": record.picture,
                "made_by": record.made_by if made is None else made.made_by,
            }
            if made is not None:
                values["made_at"] = made.made_at
            connection.execute(personas.insert().values(**values)).close()
            if record.files:
                rows = [{**where, "path": path, "data": data} for path, data in record.files.items()]
                connection.execute(persona_files.insert(), rows).close()
            return "new" if made is None else "replaced"

        return await self._database.run(write, alone=True)

    async def persona(self, library: Library, name: str, *, picture: bool = True) -> PersonaRecord | None:
        """The persona of that name, with its picture if that is wanted, but without the files beside its card."""
        columns = [column for column in personas.c if picture or column.name != "picture"]
        query = select(*columns).where(_is(personas, library, name_key(name)))
        row = await self._database.run(lambda connection: connection.execute(query).first())
        if row is None:
            return None
        return PersonaRecord(
            library,
            row.name,
            row.card,
            row.description,
            row.own,
            row.avatar,
            row.picture if picture else None,
            made_by=row.made_by,
        )

    async def persona_files(self, library: Library, name: str) -> dict[str, bytes]:
        """What lay beside the persona's card in its file, by path."""
        query = select(persona_files.c.path, persona_files.c.data).where(_is(persona_files, library, name_key(name)))
        return await self._database.run(lambda connection: {row.path: row.data for row in connection.execute(query)})

    async def picture(self, digest: str) -> bytes | None:
        """The picture of that SHA-256, in whatever library it lies."""
        query = select(personas.c.picture).where(personas.c.avatar == digest).limit(1)
        return await self._database.run(lambda connection: connection.scalar(query))

    async def personas(self, *libraries: Library) -> tuple[PersonaEntry, ...]:
        """What is in these libraries, in the order given and by name, without texts and pictures."""
        columns = (
            personas.c.library_kind,
            personas.c.library_id,
            personas.c.name,
            personas.c.description,
            personas.c.avatar,
            personas.c.made_by,
            personas.c.made_at,
            personas.c.changed_at,
        )

        def read(connection: Connection) -> tuple[PersonaEntry, ...]:
            return tuple(
                _entry(row)
                for library in libraries
                for row in connection.execute(
                    select(*columns)
                    .where(personas.c.library_kind == library.kind, personas.c.library_id == library.id)
                    .order_by(personas.c.name_key)
                )
            )

        return await self._database.run(read)

    async def delete_persona(self, library: Library, name: str) -> bool:
        """Takes a persona out of its library; False where there was none. What is bound to it stays bound."""
        statement = delete(personas).where(_is(personas, library, name_key(name)))
        return await self._database.run(lambda connection: connection.execute(statement).rowcount > 0)

    async def places_of_persona(self, name: str) -> tuple[Place, ...]:
        """Where a persona of that name is in use, as the main one or beside it, in all servers."""
        bound = bindings.c.kind == "persona", func.lower(bindings.c.name) == func.lower(name)
        query = union(
            select(bindings.c.place_id, bindings.c.place_kind, bindings.c.guild_id).where(*bound),
            select(companions.c.place_id, companions.c.place_kind, companions.c.guild_id).where(
                companions.c.name_key == name_key(name)
            ),
        ).order_by("place_id", "place_kind")

        def read(connection: Connection) -> tuple[Place, ...]:
            places = (Place(row.place_kind, row.place_id, row.guild_id) for row in connection.execute(query))
            return tuple(dict.fromkeys(places))

        return await self._database.run(read)

    async def rename_persona(self, places: Iterable[Place], name: str, new: str) -> None:
        """What was set at these places for the persona called `name` counts for it under its `new` name."""
        former, key = name_key(name), name_key(new)

        def write(connection: Connection) -> None:
            for place in places:
                bound, beside = (
                    and_(table.c.place_id == place.id, table.c.place_kind == place.kind)
                    for table in (bindings, companions)
                )
                is_it = bindings.c.kind == "persona", func.lower(bindings.c.name) == func.lower(name)
                connection.execute(update(bindings).where(bound, *is_it).values(name=new, updated_at=func.now()))
                if key != former:  # one of that name that is gone may still be set there
                    connection.execute(delete(companions).where(beside, companions.c.name_key == key))
                renamed = update(companions).where(beside, companions.c.name_key == former)
                connection.execute(renamed.values(name=new, name_key=key))

        await self._database.run(write)


def name_key(name: str) -> str:
    """A name as names are compared."""
    return " ".join(name.casefold().split())[:NAME_LENGTH]


def _is(table: Table, library: Library, key: str) -> ColumnElement[bool]:
    return and_(table.c.library_kind == library.kind, table.c.library_id == library.id, table.c.name_key == key)


def _entry(row: Row[*tuple[Any, ...]]) -> PersonaEntry:
    return PersonaEntry(
        Library(row.library_kind, row.library_id),
        row.name,
        row.description,
        row.avatar,
        row.made_by,
        _aware(row.made_at),
        _aware(row.changed_at),
    )


def _aware(moment: datetime) -> datetime:
    """SQLite keeps no time zone, and its clock is UTC."""
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
