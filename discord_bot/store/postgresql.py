"""PostgreSQL, over asyncpg, for those who have one or run many shards. Imported only where the address asks for it."""

from __future__ import annotations

import inspect
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, TypeVar

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import create_async_engine

from discord_bot.errors import StoreError
from discord_bot.store.database import DATABASE_ERRORS, shown, translated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy import URL, Connection, TableClause
    from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")

CONNECT_TIMEOUT: Final = 10.0
"""Seconds for a connection to be made."""
COMMAND_TIMEOUT: Final = 30.0
"""Seconds for one statement, waiting for another process's migration included."""

ALONE_KEY: Final = int.from_bytes(b"dscrdbot")
"""Names our advisory lock among those of other programs in the same database (a bigint of our choice)."""

# asyncpg raises its own exceptions while it connects; SQLAlchemy translates only those of statements.
POSTGRES_ERRORS: Final = (*DATABASE_ERRORS, asyncpg.PostgresError, asyncpg.InterfaceError)


class PostgreSQL:
    """An open PostgreSQL database, with a pool of connections on the event loop."""

    def __init__(self, url: URL, engine: AsyncEngine) -> None:
        self._url = url
        self._engine = engine

    def insert(self, table: TableClause) -> Insert:
        """PostgreSQL's INSERT."""
        return insert(table)

    async def run(self, work: Callable[[Connection], T], *, alone: bool = False) -> T:
        """`work` in one transaction."""
        try:
            async with self._engine.begin() as connection:
                if alone:  # until the transaction ends
                    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ALONE_KEY})
                return await connection.run_sync(work)
        except POSTGRES_ERRORS as error:
            raise translated(self._url, error) from None


@asynccontextmanager
async def open_postgresql(url: URL) -> AsyncIterator[PostgreSQL]:
    """The database at that address. Connects at the first `run`, which raises `StoreError` where that fails."""
    engine = create_async_engine(
        _for_asyncpg(url),
        pool_pre_ping=True,  # a server that was restarted costs nobody an answer
        connect_args={"timeout": CONNECT_TIMEOUT, "command_timeout": COMMAND_TIMEOUT},
    )
    try:
        yield PostgreSQL(url, engine)
    finally:
        await engine.dispose()


def _for_asyncpg(url: URL) -> URL:
    """The same address for asyncpg, which takes libpq's `sslmode` under the name `ssl`."""
    query = {("ssl" if key == "sslmode" else key): value for key, value in url.query.items()}
    known = inspect.signature(asyncpg.connect).parameters
    if unknown := sorted(set(query) - set(known)):
        raise StoreError(shown(url), f"asyncpg knows no option {', '.join(unknown)}")
    return url.set(drivername="postgresql+asyncpg", query=query)
