from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import BigInteger, CheckConstraint, DateTime, LargeBinary, String, Text, inspect, make_url, text

from discord_bot.errors import StoreError
from discord_bot.store import OWNER, Binding, ChannelState, PersonaRecord, Place, Store, migrations
from discord_bot.store.database import backend, bring_up_to_date
from discord_bot.store.tables import HEAD, NAME_LENGTH, metadata

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

FIRST = "0001"

ROWS_OF_THE_FIRST_REVISION = (
    "INSERT INTO bindings (kind, place_kind, place_id, name) VALUES ('persona', 'channel', 2, 'pirate')",
    "INSERT INTO forget_marks (channel_id, message_id) VALUES (2, 500)",
    "INSERT INTO command_fingerprints (application_id, fingerprint) VALUES (7, 'abc')",
)


def test_the_head_is_alembics_head() -> None:
    """The revision that the store looks for is the last one there is."""
    assert migrations.revisions()[0] == HEAD
    assert migrations.revisions()[-1] == FIRST


@pytest.mark.parametrize("how", ["migrated", "made anew"])
async def test_a_database_is_what_the_tables_draw(how: str, url: str) -> None:
    """Whether the migrations brought it there or it was made at once, on each kind of database."""

    def differences(connection: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    def state(connection: Connection) -> tuple[list[Any], str | None]:
        checks = {
            name: sorted(check["sqltext"] for check in inspect(connection).get_check_constraints(name))
            for name in metadata.tables
        }
        return [checks, differences(connection)], connection.scalar(text("SELECT version_num FROM alembic_version"))

    async with backend(make_url(url)) as database:
        if how == "migrated":
            await database.run(migrations.upgrade)
        await database.run(lambda connection: bring_up_to_date(connection, make_url(url)))
        (checks, differing), version = await database.run(state)
    assert differing == []
    assert version == HEAD
    assert len(checks["bindings"]) == 4


async def test_a_new_database_needs_no_alembic(tmp_path: Path) -> None:
    """The first start is as light as every other."""
    script = (
        "import asyncio, sys; from discord_bot.store import Store\n"
        "async def main():\n"
        f"    async with Store.open('sqlite:///{tmp_path}/new.db'): assert 'alembic' not in sys.modules\n"
        "asyncio.run(main())"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script)
    assert await process.wait() == 0


async def test_the_upgrade_from_the_first_revision(lasting_url: str) -> None:
    """A database that the first release made and filled is brought up to date with nothing lost."""

    def as_first_released(connection: Connection) -> None:
        migrations.upgrade(connection, FIRST)
        for row in ROWS_OF_THE_FIRST_REVISION:
            connection.execute(text(row))

    async with backend(make_url(lasting_url)) as database:
        await database.run(as_first_released)
    async with Store.open(lasting_url) as store:
        expected = ChannelState((Binding("persona", Place("channel", 2), "pirate"),), forgotten_up_to=500)
        assert await store.channel_state(1, 2) == expected
        assert await store.command_fingerprint(7) == "abc"
        assert await store.personas(OWNER) == ()
        assert await store.save_persona(PersonaRecord(OWNER, "Captain", "{}")) == "new"


ROWS_FROM_BEFORE_THE_GUILDS = (
    "INSERT INTO bindings (kind, place_kind, place_id, name) VALUES ('persona', 'guild', 1, 'pirate')",
    "INSERT INTO bindings (kind, place_kind, place_id, name) VALUES ('persona', 'channel', 2, 'pirate')",
    "INSERT INTO bindings (kind, place_kind, place_id, name) VALUES ('persona', 'guild', 9, 'pirate')",
    "INSERT INTO companions (place_kind, place_id, name_key, name) VALUES ('channel', 10, 'rex', 'Rex')",
    "INSERT INTO channel_rules (channel_id, answers) VALUES (2, 'never')",
    "INSERT INTO forget_marks (channel_id, message_id) VALUES (3, 500)",
    "INSERT INTO departures VALUES (1, 1, '2026-11-20 12:00:00+00:00')",
    "INSERT INTO departures VALUES (1, 2, '2026-11-20 12:00:00+00:00')",
    "INSERT INTO departures VALUES (1, 3, '2026-11-20 12:00:00+00:00')",
)


async def test_of_servers_that_were_left_before_it_stays_known_which_channels_were_theirs(lasting_url: str) -> None:
    def older(connection: Connection) -> None:
        migrations.upgrade(connection, "0007")
        for row in ROWS_FROM_BEFORE_THE_GUILDS:
            connection.execute(text(row))

    left = datetime(2026, 11, 20, 12, tzinfo=UTC)
    async with backend(make_url(lasting_url)) as database:
        await database.run(older)
    async with Store.open(lasting_url) as store:
        assert await store.servers() == {1, 9}
        assert await store.channels_of_nobody() == {10}
        assert await store.departed(left - timedelta(seconds=1)) == frozenset()
        assert await store.departed(left) == {1}
        await store.forget_server(1)
        assert await store.channel_state(1, 2) == await store.channel_state(None, 3) == ChannelState()
        assert (await store.channel_state(9, 10)).companions
        assert await store.servers() == {9}


async def test_a_migration_that_fails_leaves_nothing_behind(lasting_url: str) -> None:
    """Migrations are done whole or not at all: their transaction takes back even the tables."""

    def failing(connection: Connection) -> None:
        migrations.upgrade(connection)
        raise OSError("the power went")

    async with backend(make_url(lasting_url)) as database:
        with pytest.raises(StoreError, match="the power went"):
            await database.run(failing, alone=True)
        assert await database.run(lambda connection: inspect(connection).get_table_names()) == []


async def test_several_processes_migrate_at_once(lasting_url: str) -> None:
    """Processes that start together over an empty database all come up, and its tables are made once."""
    program = (
        "import asyncio, sys\n"
        "from discord_bot.store import Place, Store\n"
        "async def main(number):\n"
        "    sys.stdin.readline()\n"
        "    async with Store.open(sys.argv[1]) as store:\n"
        "        await store.forget(Place('channel', number), number)\n"
        "asyncio.run(main(int(sys.argv[2])))"
    )
    pipe = asyncio.subprocess.PIPE
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, lasting_url, str(number), stdin=pipe, stderr=pipe
        )
        for number in range(1, 5)
    ]
    ends = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    assert [stderr.decode() for _, stderr in ends] == [""] * len(processes)
    async with Store.open(lasting_url) as store:
        for number in range(1, 5):
            assert (await store.channel_state(None, number)).forgotten_up_to == number


async def test_an_up_to_date_database_needs_no_alembic(tmp_path: Any) -> None:
    """`run` does not pay for what only a migration needs, nor for SQLAlchemy's ORM."""
    url = f"sqlite:///{tmp_path}/bot.db"
    async with Store.open(url):
        pass
    program = (
        "import asyncio, sys\n"
        "from discord_bot.store import Store\n"
        "async def main():\n"
        "    async with Store.open(sys.argv[1]) as store:\n"
        "        await store.channel_state(1, 2, 3)\n"
        "asyncio.run(main())\n"
        "print({name.split('.')[0] for name in sys.modules} & {'alembic', 'mako', 'asyncpg', 'greenlet'})\n"
        "print([name for name in sys.modules if name.startswith('sqlalchemy.orm')])\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, url, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    assert output.decode().splitlines() == ["set()", "[]"]


WRITTEN_FOR_KEEPING = {
    "personas.card": Text,
    "personas.own": Text,
    "personas.picture": LargeBinary,
    "persona_files.data": LargeBinary,
}
"""What somebody gave to be kept: a persona and what belongs to it. Nothing else at rest is longer than a name."""


def test_no_column_can_hold_a_message() -> None:
    """Nothing at rest is longer than a name, but for personas: ids, times and short words are all that a column is."""
    for table in metadata.tables.values():
        for column in table.columns:
            name = f"{table.name}.{column.name}"
            if name in WRITTEN_FOR_KEEPING:
                assert type(column.type) is WRITTEN_FOR_KEEPING[name]
                continue
            assert type(column.type) in {BigInteger, DateTime, String}, name
            assert not {"content", "text", "body"} & set(column.name.split("_")), name
            if isinstance(column.type, String):
                length = column.type.length
                assert length is not None
                assert length <= NAME_LENGTH
                checks = [str(check.sqltext) for check in column.constraints if isinstance(check, CheckConstraint)]
                assert checks == [f"length({column.name}) <= {length}"]
