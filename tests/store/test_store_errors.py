from __future__ import annotations

import asyncio
import os
import re
import socket
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url

from discord_bot.errors import StoreError
from discord_bot.store import Store

if TYPE_CHECKING:
    from sqlalchemy import URL

SECRET = "hunter2hunter2"


async def refusal(url: str) -> StoreError:
    """How the store refuses that address: with a reason, and never with the password."""
    with pytest.raises(StoreError) as caught:
        async with Store.open(url):
            pass
    assert SECRET not in str(caught.value)
    assert caught.value.reason
    return caught.value


@pytest.mark.parametrize(
    "url", ["", "data/bot.db", f"postgresql//bot:{SECRET}@host", f"postgresql://bot:{SECRET}@host:port/db"]
)
async def test_what_is_no_address(url: str) -> None:
    """Something that is no database's address is refused as such."""
    assert "address" in (await refusal(url)).reason


@pytest.mark.parametrize("url", [f"mysql://bot:{SECRET}@127.0.0.1/db", "nosuch://"])
async def test_a_database_of_another_make(url: str) -> None:
    """A database that we don't speak to is named, with those that we do."""
    error = await refusal(url)
    assert "sqlite and postgresql" in error.reason


async def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    """Where the data directory can't be made, the reason names it."""
    (tmp_path / "data").write_text("a file stands where the directory should be")
    error = await refusal(f"sqlite:///{tmp_path}/data/deeper/bot.db")
    assert str(tmp_path / "data") in error.reason


NOBODY = 65534
"""A user id that owns nothing."""


@contextmanager
def as_somebody_ordinary(directory: Path) -> Iterator[None]:
    """Who runs the tests as root may write everywhere, and is nobody in here, with this directory for their own."""
    if os.geteuid() != 0:
        yield
        return
    for each in [directory, *directory.rglob("*")]:
        os.chown(each, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


async def test_a_directory_that_cannot_be_written() -> None:
    """A data directory without the right to write is found out when the store opens, not at the first write."""
    with TemporaryDirectory() as name:  # pytest's own are closed to others
        data = Path(name) / "data"
        async with Store.open(f"sqlite:///{data}/bot.db"):
            pass
        with as_somebody_ordinary(Path(name)):
            (data / "bot.db").chmod(0o400)
            data.chmod(0o500)
            try:
                await refusal(f"sqlite:///{data}/bot.db")
                await refusal(f"sqlite:///{data}/other.db")
            finally:
                data.chmod(0o700)


async def test_a_directory_where_the_file_should_be(tmp_path: Path) -> None:
    """A directory is no database."""
    assert "unable to open" in (await refusal(f"sqlite:///{tmp_path}")).reason


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """A file of something else is refused and left as it is."""
    file = tmp_path / "notes.txt"
    file.write_text("these are my notes\n" * 100)
    assert "not a database" in (await refusal(f"sqlite:///{file}")).reason
    assert file.read_text() == "these are my notes\n" * 100


async def test_a_database_with_other_tables_of_our_names(tmp_path: Path) -> None:
    """Another program's tables are not taken for ours, and nothing is added beside them."""
    file = tmp_path / "other.db"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE forget_marks (something TEXT)")
    connection.close()
    assert "forget_marks" in (await refusal(f"sqlite:///{file}")).reason
    connection = sqlite3.connect(file)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("forget_marks",)]
    connection.close()


async def test_a_database_that_is_newer_than_the_program(lasting_url: str) -> None:
    """A database of a later version is left alone, and the reason says which version it is at."""
    from sqlalchemy import text

    from discord_bot.store.database import open_database

    async with open_database(lasting_url) as database:
        await database.run(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")).close())
    error = await refusal(lasting_url)
    assert "newer" in error.reason
    assert "9999" in error.reason


async def test_a_server_that_is_not_there() -> None:
    """A PostgreSQL that can't be reached is named, without the password."""
    pytest.importorskip("asyncpg", reason="asyncpg is not installed (the extra `postgres`)")
    with socket.socket() as closed:  # bound but not listening: nobody answers, and nobody else can take the port
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        error = await refusal(f"postgresql://bot:{SECRET}@127.0.0.1:{port}/db?password={SECRET}")
    assert error.url == f"postgresql://bot:***@127.0.0.1:{port}/db"
    assert re.search("refused|connect", error.reason, re.IGNORECASE)


async def test_a_wrong_password(postgres_server: URL) -> None:
    """A password that the server refuses is not repeated."""
    if "DISCORD_BOT_TEST_POSTGRES" in os.environ:
        pytest.skip("the given server may let everybody in")
    url = postgres_server.set(password=SECRET).render_as_string(hide_password=False)
    assert "password authentication failed" in (await refusal(url)).reason


async def test_a_database_that_does_not_exist(postgres_server: URL) -> None:
    """The server's own words say that there is no such database."""
    url = postgres_server.set(database="nosuch").render_as_string(hide_password=False)
    assert '"nosuch" does not exist' in (await refusal(url)).reason


async def test_an_option_that_asyncpg_does_not_know() -> None:
    """An option for another driver is named instead of ending in a TypeError."""
    pytest.importorskip("asyncpg", reason="asyncpg is not installed (the extra `postgres`)")
    assert "keepalives" in (await refusal(f"postgresql://bot:{SECRET}@127.0.0.1/db?keepalives=1")).reason


async def test_sslmode_is_understood(postgres_server: URL) -> None:
    """Addresses are given out with libpq's `sslmode`; asyncpg's own name for it is another."""
    url = postgres_server.update_query_dict({"sslmode": "require"}).render_as_string(hide_password=False)
    if "DISCORD_BOT_TEST_POSTGRES" in os.environ:
        pytest.skip("the given server may have a certificate")
    assert "SSL" in (await refusal(url)).reason


async def test_without_asyncpg_the_extra_is_named() -> None:
    """Without the driver, the reason says what to install."""
    program = (
        "import asyncio, sys; sys.modules['asyncpg'] = None\n"
        "from discord_bot.errors import StoreError\n"
        "from discord_bot.store import Store\n"
        "async def main():\n"
        "    try:\n"
        "        async with Store.open('postgresql://bot:secret@127.0.0.1/db'): pass\n"
        "    except StoreError as error: print(error)\n"
        "asyncio.run(main())"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    assert b"discord-bot[postgres]" in output
    assert b"secret" not in output


async def test_the_server_comes_back(postgres_server: URL) -> None:
    """A connection that the server has ended costs nobody an answer: the next one is made anew."""
    from sqlalchemy import text

    from discord_bot.store.database import open_database

    all_but_mine = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    url = make_url(postgres_server).render_as_string(hide_password=False)
    async with open_database(url) as one:
        async with open_database(url) as other:
            ended = await other.run(lambda connection: connection.execute(text(all_but_mine)).all())
        assert ended
        assert await one.run(lambda connection: connection.scalar(text("SELECT 1"))) == 1
