"""What is set in one process holds in all that share a database: two real bots, the shards of one application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from discord_bot.simulator.model import ModelEndpoint
from discord_bot.simulator.server import Simulator
from discord_bot.store import ChannelRules, Place, Store
from tests.running import Running, configured, started


async def test_a_change_is_seen_once_and_by_everybody(lasting_url: str) -> None:
    async with Store.open(lasting_url) as one, Store.open(lasting_url) as other:
        before = await other.heard()
        assert before is not None
        assert await other.heard(before.number) is None
        changes = (
            one.opt_out(7),
            one.set_channel_rules(Place("channel", 2), ChannelRules("never")),
            one.opt_in(7),
            one.opt_out(8),
        )
        for change in changes:
            await change
            now = await other.heard(before.number)
            assert now is not None
            assert await other.heard(now.number) is None
            before = now
        assert before.rules == {2: ChannelRules("never")}
        assert before.unread == {8}
        await one.opt_in(99)  # nothing was there
        assert not await one.drop_channel_rules(99)
        assert await other.heard(before.number) is None


async def test_changes_that_are_made_at_once_are_all_counted(lasting_url: str) -> None:
    async with Store.open(lasting_url) as one, Store.open(lasting_url) as other:
        await asyncio.gather(*((one, other)[user % 2].opt_out(user) for user in range(20)))
        heard = await one.heard()
        assert heard is not None
        assert (heard.number, len(heard.unread)) == (20, 20)


@asynccontextmanager
async def shards(
    simulator: Simulator, model: ModelEndpoint, store: str, directory: Path
) -> AsyncIterator[tuple[Running, Running]]:
    """Two shards of the bot: the one that hears direct messages, and the one that hears Harbour."""
    world = simulator.world
    count = next(each for each in range(2, 99) if (world.guild("Harbour").id >> 22) % each)
    file = configured(simulator, model, store, directory)
    number = (world.guild("Harbour").id >> 22) % count
    async with started(file, (0, count)) as first, started(file, (number, count)) as other:
        yield Running(simulator, model, first), Running(simulator, model, other)


async def test_an_opt_out_holds_in_all_of_them_within_seconds(lasting_url: str, tmp_path: Path) -> None:
    async with (
        Simulator(limits=False) as simulator,
        ModelEndpoint(["Hm.", "As you like."], pace=0.0) as model,
        shards(simulator, model, lasting_url, tmp_path) as (direct, harbour),
    ):
        kim, general = simulator.person("kim"), harbour.channel("general")
        await kim.send(general, "the first secret")
        await harbour.ask("ada", "general", "what was said?")
        assert "the first secret" in str(harbour.sent())
        home = await kim.open_dm()
        told = await (await kim.command(home, "privacy", read="off")).finished()
        assert told.acknowledged
        assert direct.bot.hearing.is_unread(kim.id)
        await harbour.until(lambda: harbour.bot.hearing.is_unread(kim.id))
        await kim.send(general, "the second secret")
        await harbour.ask("ada", "general", "and now?")
        assert "secret" not in str(harbour.sent())
        await (await kim.command(home, "privacy", read="on")).finished()
        await harbour.until(lambda: not harbour.bot.hearing.is_unread(kim.id))
