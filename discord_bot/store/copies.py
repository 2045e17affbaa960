"""All that people have set, as plain values that JSON can hold: to be taken along, and put into another database.

When something was set is not taken along, and neither is what only the program itself needs.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, insert, select

from discord_bot.store.tables import (
    bindings,
    channel_rules,
    companions,
    forget_marks,
    opt_outs,
    persona_files,
    personas,
)

if TYPE_CHECKING:
    from sqlalchemy import Column, Connection, Table

    from discord_bot.store.database import Database

TAKEN: Final = (bindings, companions, forget_marks, channel_rules, opt_outs, personas, persona_files)
"""What points to another one stands behind it."""
LARGEST: Final = 2**63
"""A BIGINT is smaller."""

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""The rows of each table by its name, their values by the names of their columns; bytes are in base64."""


class Copies:
    """The part of the store that gives all of it away, and takes all of it from elsewhere."""

    _database: Database

    async def copy(self) -> Rows:
        """Everything that is set."""

        def read(connection: Connection) -> Rows:
            return {
                table.name: [
                    {name: _plain(value) for name, value in row.items()}
                    for row in connection.execute(select(*_columns(table))).mappings()
                ]
                for table in TAKEN
            }

        return await self._database.run(read)

    async def replace(self, rows: Rows) -> None:
        """From now on, this is set and nothing else; ValueError where these are no such rows."""
        if set(rows) - {table.name for table in TAKEN}:
            raise ValueError("these are no tables")
        read = [(table, [_row(table, each) for each in rows[table.name]]) for table in TAKEN if table.name in rows]

        def write(connection: Connection) -> None:
            for table in reversed(TAKEN):
                connection.execute(delete(table))
            for table, values in read:
                if values:
                    connection.execute(insert(table), values)

        await self._database.run(write)


def _columns(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.server_default is None]


def _plain(value: Any) -> Any:
    return b64encode(value).decode() if isinstance(value, bytes) else value


def _row(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    columns = {column.name: column for column in _columns(table)}
    if row.keys() - columns.keys():
        raise ValueError(f"{table.name} has other columns")
    # What an older program has not written is not known, where a column may say so.
    return {name: _value(column, row.get(name)) for name, column in columns.items()}


def _value(column: Column[Any], value: Any) -> Any:
    kind = column.type.python_type
    if value is None and column.nullable:
        return None
    if kind is bytes and isinstance(value, str):
        return b64decode(value, validate=True)
    if type(value) is not kind or (kind is int and not -LARGEST <= value < LARGEST):
        raise ValueError(f"{column.name} is no {kind.__name__}")
    return value
