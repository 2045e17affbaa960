"""PostgreSQL, over asyncpg, for those who have one or run many shards. Imported only where the address asks for it."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, TypeVar

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import create_async_engine

from discord_bot.errors import StoreError
from discord_bot.store.database import CLOSED, DATABASE_ERRORS, shown, translated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy import URL, Connection, TableClause
    from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")

CONNECT_TIMEOUT: Final = 10.0
"""Seconds for a connection to be made."""
COMMAND_TIMEOUT: Final = 30.0
"""Seconds for one statement, waiting for another process's migration included."""
GRACE: Final = 2.0
"""Seconds for what is under way when it is closed; then it is cut short, and has as long to be so. The bot has waited
before that for whoever asked.
"""

ALONE_KEY: Final = int.from_bytes(b"dscrdbot")
"""Names our advisory lock among those of other programs in the same database (a bigint of our choice)."""

# asyncpg raises its own exceptions while it connects; SQLAlchemy translates only those of statements.
POSTGRES_ERRORS: Final = (*DATABASE_ERRORS, asyncpg.PostgresError, asyncpg.InterfaceError)


class PostgreSQL:
    """An open PostgreSQL database, with a pool of connections on the event loop."""

    def __init__(self, url: URL, engine: AsyncEngine) -> None:
        self._url = url
        self._engine = engine
        self._closed = False
        self._under_way: set[asyncio.Timeout] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    def insert(self, table: TableClause) -> Insert:
        """PostgreSQL's INSERT."""
        return insert(table)

    async def run(self, work: Callable[[Connection], T], *, alone: bool = False) -> T:
        """`work` in one transaction."""
        if self._closed:
            raise StoreError(shown(self._url), CLOSED)
        limit = asyncio.timeout(None)
        self._under_way.add(limit)
        self._idle.clear()
        try:
            async with limit, self._engine.begin() as connection:
                if alone:  # until the transaction ends
                    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ALONE_KEY})
                return await connection.run_sync(work)
        except POSTGRES_ERRORS as error:
            if limit.expired():
                raise StoreError(shown(self._url), CLOSED) from None
            raise translated(self._url, error) from None
        finally:
            self._under_way.remove(limit)
            if not self._under_way:
                self._idle.set()

    async def close(self) -> None:
        """Lets what is under way come to its end, or cuts it short; then no connection is left to anybody."""
        self._closed = True
        if not await self._is_idle():
            for limit in self._under_way:
                limit.reschedule(asyncio.get_running_loop().time())
            await self._is_idle()
        await self._engine.dispose()

    async def _is_idle(self) -> bool:
        """Waits a while for nothing to be under way; whether it comes to that."""
        try:
            async with asyncio.timeout(GRACE):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True


@asynccontextmanager
async def open_postgresql(url: URL) -> AsyncIterator[PostgreSQL]:
    """The database at that address. Connects at the first `run`, which raises `StoreError` where that fails."""
    engine = create_async_engine(
        _for_asyncpg(url),
        pool_pre_ping=True,  # a server that was restarted costs nobody an answer
        connect_args={"timeout": CONNECT_TIMEOUT, "command_timeout": COMMAND_TIMEOUT},
    )
    database = PostgreSQL(url, engine)
    try:
        yield database
    finally:
        await database.close()


def _for_asyncpg(url: URL) -> URL:
    """The same address for asyncpg, which takes libpq's `sslmode` under the name `ssl`."""
    query = {("ssl" if key == "sslmode" else key): value for key, value in url.query.items()}
    known = inspect.signature(asyncpg.connect).parameters
    if unknown := sorted(set(query) - set(known)):
        raise StoreError(shown(url), f"asyncpg knows no option {', '.join(unknown)}")
    return url.set(drivername="postgresql+asyncpg", query=query)
