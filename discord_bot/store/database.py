"""What differs between the databases, behind one verb: `run` a piece of work in one transaction.

The work is a plain function of SQLAlchemy's `Connection`, the same for both. SQLite runs it on a thread of its own
(SQLite is a library, there is nothing to await), PostgreSQL on the event loop over asyncpg. That is why SQLite does
not go through `sqlalchemy.ext.asyncio`: importing it loads SQLAlchemy's whole ORM, which costs 7 MiB and a tenth of the
start, for a thread behind a thread.

Only `StoreError` leaves this room, and never with a password in it.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from sqlalchemy import inspect, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from discord_bot.errors import StoreError
from discord_bot.store.tables import HEAD, metadata, versions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy import URL, Connection, TableClause
    from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
    from sqlalchemy.dialects.sqlite import Insert as SQLiteInsert

T = TypeVar("T")

CLOSED: Final = "the program has closed it"
"""What is said to whoever still wants something of it."""


class Database(Protocol):
    """A database that is open."""

    def insert(self, table: TableClause) -> SQLiteInsert | PostgresInsert:
        """An INSERT with `on_conflict_do_update`, which each database spells in its own dialect."""

    async def run(self, work: Callable[[Connection], T], *, alone: bool = False) -> T:
        """`work` in one transaction, committed if it returns and rolled back if it raises.

        With `alone`, no other process runs such work at the same time. Raises `StoreError`.
        """


@asynccontextmanager
async def open_database(url: str) -> AsyncIterator[Database]:
    """The database at that address, with its tables as this program knows them. Raises `StoreError`."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # What can't be read can't be shown either: nobody knows where in it the password stands.
        scheme = url.partition("://")[0] if "://" in url else "?"
        raise StoreError(f"{scheme}://…", "this is not a database's address") from None

    async with backend(parsed) as database:
        await database.run(lambda connection: bring_up_to_date(connection, parsed), alone=True)
        yield database


def backend(url: URL) -> AbstractAsyncContextManager[Database]:
    """The database at that address as it is, whatever tables it has."""
    match url.get_backend_name():
        case "sqlite":
            from discord_bot.store.sqlite import open_sqlite

            return open_sqlite(url)
        case "postgresql" | "postgres":
            try:
                from discord_bot.store.postgresql import open_postgresql
            except ModuleNotFoundError as error:
                reason = f"PostgreSQL needs the extra `postgres` (pip install 'discord-bot[postgres]'): {error}"
                raise StoreError(shown(url), reason) from None
            return open_postgresql(url)
        case other:
            raise StoreError(shown(url), f"{other} is not supported: sqlite and postgresql are")


def bring_up_to_date(connection: Connection, url: URL) -> None:
    """The tables as `HEAD` has them. Alembic loads only for a database that an older program made."""
    there = set(inspect(connection).get_table_names())
    if there.isdisjoint({versions.name, *metadata.tables}):
        metadata.create_all(connection)
        versions.create(connection)
        connection.execute(versions.insert().values(version_num=HEAD))
        return
    version = connection.scalar(select(versions.c.version_num)) if versions.name in there else None
    if version == HEAD:
        return

    from discord_bot.store import migrations

    if version is not None and version not in migrations.revisions():
        reason = f"this database is newer than the program: it is at revision {version}, the program knows {HEAD}"
        raise StoreError(shown(url), reason)
    migrations.upgrade(connection)


def shown(url: URL) -> str:
    """The address as people and logs may see it: without the password and without options that could hold one."""
    return url.set(query={}).render_as_string(hide_password=True)


def translated(url: URL, error: Exception) -> StoreError:
    """A driver's error in the driver's own words, without the statement and its values."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return StoreError(shown(url), str(cause).strip() or type(cause).__name__)


DATABASE_ERRORS: tuple[type[Exception], ...] = (SQLAlchemyError, OSError)
"""What can come out of SQLAlchemy, or of a connection that can't be made."""
