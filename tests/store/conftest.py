"""The databases that the store's suite runs over: SQLite in a file and in memory, and a real PostgreSQL.

PostgreSQL is the one at `DISCORD_BOT_TEST_POSTGRES` (a user who may create databases), or else a private one that is
started here from the programs found on this machine and thrown away at the end. Each test gets a database of its own.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url

from discord_bot.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sqlalchemy import URL


@pytest.fixture(params=["sqlite file", "sqlite memory", "postgresql"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of an empty database, of each kind in turn."""
    async with _empty_database(request, tmp_path) as address:
        yield address


@pytest.fixture(params=["sqlite file", "postgresql"])
async def lasting_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of an empty database that outlives its connections, of each kind in turn."""
    async with _empty_database(request, tmp_path) as address:
        yield address


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    """A store over an empty database, of each kind in turn."""
    async with Store.open(url) as opened:
        yield opened


@asynccontextmanager
async def _empty_database(request: pytest.FixtureRequest, directory: Path) -> AsyncIterator[str]:
    match request.param:
        case "sqlite memory":
            yield "sqlite://"
        case "sqlite file":
            yield f"sqlite:///{directory / 'data' / 'bot.db'}"
        case _:
            server: URL = request.getfixturevalue("postgres_server")
            async with _postgres_database(server) as address:
                yield address


@asynccontextmanager
async def _postgres_database(server: URL) -> AsyncIterator[str]:
    import asyncpg  # type: ignore[import-untyped]

    async def administer(statement: str) -> None:
        connection = await asyncpg.connect(server.render_as_string(hide_password=False))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    name = f"discord_bot_test_{secrets.token_hex(6)}"
    await administer(f"CREATE DATABASE {name}")
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        await administer(f"DROP DATABASE {name}")  # refuses while a connection is open: one that leaks fails the test


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """A PostgreSQL server; the test that asks for it is skipped where there is none."""
    pytest.importorskip("asyncpg", reason="asyncpg is not installed (the extra `postgres`)")
    if address := os.environ.get("DISCORD_BOT_TEST_POSTGRES"):
        yield make_url(address)
        return
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("no PostgreSQL on this machine: no initdb, and DISCORD_BOT_TEST_POSTGRES is not set")
    yield from _private_server(programs)


def _postgres_programs() -> Path | None:
    """The directory of the newest initdb and pg_ctl."""
    installed = Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")  # where Debian puts them, not on PATH
    found = sorted(installed, key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0)
    if on_path := shutil.which("pg_ctl"):
        found.append(Path(on_path).resolve())
    return next((path.parent for path in reversed(found) if (path.parent / "initdb").exists()), None)


def _private_server(programs: Path) -> Iterator[URL]:
    # Not pytest's own directory: PostgreSQL refuses to run as root, and nobody but root may enter that one.
    directory = Path(tempfile.mkdtemp(prefix="discord-bot-postgres-"))
    as_user: list[str] = []
    try:
        if os.geteuid() == 0:
            if shutil.which("runuser") is None:
                pytest.skip("PostgreSQL does not run as root, and there is no runuser to run it as somebody else")
            try:
                shutil.chown(directory, "postgres")
            except LookupError:
                pytest.skip("PostgreSQL does not run as root, and there is no user `postgres` to run it as")
            as_user = ["runuser", "-u", "postgres", "--"]

        def call(program: str, *arguments: str) -> None:
            subprocess.run(
                [*as_user, programs / program, *arguments],
                check=True,
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

        password = secrets.token_hex(8)
        secret = directory / "password"
        secret.write_text(password)
        data = str(directory / "data")
        call("initdb", "-D", data, "-U", "bot", f"--pwfile={secret}", "-A", "scram-sha-256", "-E", "UTF8", "--no-sync")
        port = _free_port()
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c fsync=off"
        call("pg_ctl", "-D", data, "-o", options, "-l", str(directory / "log"), "-w", "start")
        try:
            yield make_url(f"postgresql://bot:{password}@127.0.0.1:{port}/postgres")
        finally:
            call("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
