"""SQLite: one connection, on one thread, in one file (or in memory)."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import StaticPool, create_engine, event
from sqlalchemy.dialects.sqlite import Insert, insert

from discord_bot.errors import StoreError
from discord_bot.store.database import CLOSED, DATABASE_ERRORS, shown, translated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy import URL, Connection, Engine, TableClause

T = TypeVar("T")

BUSY_TIMEOUT: Final = 10_000
"""Milliseconds to wait for another process (a second bot, `discord-bot check`, a backup) that is writing."""

PRAGMAS: Final = (
    f"busy_timeout = {BUSY_TIMEOUT}",  # first, because the next may have to wait
    "journal_mode = WAL",  # readers and the writer don't wait for each other: https://www.sqlite.org/wal.html
    "synchronous = NORMAL",  # in WAL a power cut can't corrupt, at worst it takes the last commit
    "foreign_keys = ON",  # off by default, for SQLite's own history
)


class SQLite:
    """An open SQLite database. All its work is done in order on one thread, which is the only one to touch it."""

    def __init__(self, url: URL, engine: Engine, thread: ThreadPoolExecutor) -> None:
        self._url = url
        self._engine = engine
        self._thread = thread
        self._closed = False

    def insert(self, table: TableClause) -> Insert:
        """SQLite's INSERT."""
        return insert(table)

    async def run(self, work: Callable[[Connection], T], *, alone: bool = False) -> T:
        """`work` in one transaction. If the caller is cancelled, work that has begun is still done whole."""

        def transaction() -> T:
            with self._engine.connect().execution_options(alone=alone) as connection, connection.begin():
                return work(connection)

        if self._closed:
            raise StoreError(shown(self._url), CLOSED)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, transaction)
        except DATABASE_ERRORS as error:
            raise translated(self._url, error) from None

    async def close(self) -> None:
        """Closes the connection, behind all that the thread has to do."""
        self._closed = True
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        finally:
            self._thread.shutdown(wait=False)


@asynccontextmanager
async def open_sqlite(url: URL) -> AsyncIterator[SQLite]:
    """The database in that file; the directories to it are made. What fails does so by the first `run`."""
    url = url.set(drivername="sqlite")
    in_memory = not url.database or url.database == ":memory:"
    loop = asyncio.get_running_loop()
    # One connection for as long as the store is open: a database in memory lives no longer than its connection.
    engine = create_engine(url, poolclass=StaticPool)
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
    database = SQLite(url, engine, thread)
    try:
        if url.database and not in_memory:
            try:
                await loop.run_in_executor(thread, _make_directory, Path(url.database).parent)
            except OSError as error:
                raise translated(url, error) from None
        yield database
    finally:
        await database.close()


def _make_directory(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)


def _set_up(connection: Any, _record: object) -> None:
    # Python's sqlite3 would begin transactions by itself, but not before DDL, and not IMMEDIATE; so we begin them.
    # https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#serializable-isolation-savepoints-transactional-ddl
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    # IMMEDIATE takes the lock for writing at once. It also finds out now whether the file can be written at all.
    alone = connection.get_execution_options().get("alone", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if alone else "BEGIN")
