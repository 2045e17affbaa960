"""How a store is closed while something is still wanted of it, and how the bot stops then."""

from __future__ import annotations

import asyncio
import gc
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from discord_bot import bot
from discord_bot.errors import StoreError
from discord_bot.simulator.model import ModelEndpoint
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world import changes
from discord_bot.store import Place, Store, postgresql
from discord_bot.store.database import CLOSED
from tests.running import Running, running
from tests.test_persona_library import imported

HERE = Place("channel", 5)
ONLY_POSTGRESQL = pytest.mark.parametrize("lasting_url", ["postgresql"], indirect=True)
LONG = 60.0
"""Seconds that no stall of the machine takes."""


@asynccontextmanager
async def held(url: str) -> AsyncIterator[None]:
    """In here, another program writes, and whoever wants to do so, too, has to wait."""
    if url.startswith("sqlite"):
        lock = sqlite3.connect(str(make_url(url).database), isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            lock.execute("ROLLBACK")
            lock.close()
        return
    import asyncpg  # type: ignore[import-untyped]

    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE departures, forget_marks IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


async def mark(url: str) -> int | None:
    """Where the conversation begins in the channel, for who looks afterwards."""
    gc.collect()  # a connection that was left to nobody would say so now
    async with Store.open(url) as store:
        return (await store.channel_state(None, HERE.id)).forgotten_up_to


async def begun(url: str, closing: AsyncExitStack, lock: AsyncExitStack) -> tuple[Store, asyncio.Task[None]]:
    """A store, and something that is to be written to it, for which it waits until the lock is undone."""
    store = await closing.enter_async_context(Store.open(url))
    await lock.enter_async_context(held(url))
    task = asyncio.create_task(store.forget(HERE, 7))
    await asyncio.sleep(0)  # it has begun
    return store, task


def is_closed(store: Store) -> bool:
    """Whether a store takes no more work."""
    return bool(vars(store._database)["_closed"])


async def test_what_is_under_way_is_done_before_the_store_is_closed(
    lasting_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "GRACE", LONG)
    async with AsyncExitStack() as everything, AsyncExitStack() as lock:
        store, task = await begun(lasting_url, everything, lock)
        closing = asyncio.create_task(everything.aclose())
        while not is_closed(store):
            await asyncio.sleep(0)
        with pytest.raises(StoreError, match=CLOSED):
            await store.channel_state(None, HERE.id)
        assert not task.done()
        assert not closing.done()
        await lock.aclose()
        await asyncio.gather(task, closing)
    assert await mark(lasting_url) == 7


@ONLY_POSTGRESQL
async def test_what_does_not_come_to_an_end_is_cut_short(lasting_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no connection is left: the test's database could not be deleted."""
    monkeypatch.setattr(postgresql, "GRACE", 0.2)
    async with AsyncExitStack() as lock:
        async with AsyncExitStack() as closing:
            _, task = await begun(lasting_url, closing, lock)
        with pytest.raises(StoreError, match=CLOSED):
            await task
    assert await mark(lasting_url) is None


# ---- the bot ---------------------------------------------------------------------------------------------------------


async def removed(here: Running) -> None:
    """The bot is thrown out of its server, of which everything is to be deleted at once."""
    guild = here.simulator.world.guild("Harbour")
    here.simulator.dispatch(changes.remove_member(guild, here.simulator.world.bot))
    await here.until(lambda: not here.bot.get_guild(guild.id))


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


async def test_what_is_being_handled_when_the_bot_stops_is_done(
    lasting_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(bot, "HANDLED_WITHIN", LONG)
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model:
        async with running(simulator, model, tmp_path, store=lasting_url, keep_left_servers=0) as here:
            await imported(here)
            async with held(lasting_url):
                await removed(here)
                stopping = asyncio.create_task(here.bot.close())
                await here.until(lambda: not here.bot.extensions)
                assert not stopping.done()
            await stopping
    async with Store.open(lasting_url) as store:
        assert await store.servers() == await store.departed() == frozenset()
    assert warned(caplog) == []


@ONLY_POSTGRESQL
async def test_a_bot_whose_database_hangs_stops_all_the_same(
    lasting_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(bot, "HANDLED_WITHIN", 0.2)
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model, AsyncExitStack() as lock:
        async with running(simulator, model, tmp_path, store=lasting_url) as here:
            await imported(here)
            await lock.enter_async_context(held(lasting_url))
            await removed(here)
    gc.collect()
    assert warned(caplog) == []
