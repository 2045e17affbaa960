"""What /channel sets, over each kind of database."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from discord_bot.errors import StoreError
from discord_bot.simulator.model import ModelEndpoint
from discord_bot.simulator.server import Simulator
from discord_bot.store import AS_EVER, ChannelRules, Place, Store
from tests.running import contents, running

CHANNEL, OTHER = 1_400_000_000_000_000_001, 1_400_000_000_000_000_002
HERE = Place("channel", CHANNEL)


async def rules(store: Store) -> Mapping[int, ChannelRules]:
    heard = await store.heard()
    assert heard is not None
    return heard.rules


async def test_what_is_set_comes_back_and_replaces_what_was(store: Store) -> None:
    assert await rules(store) == {}
    await store.set_channel_rules(HERE, ChannelRules("words", "Nova, 小月", "person", "thread"))
    await store.set_channel_rules(Place("channel", OTHER), ChannelRules(replies="thread"))
    assert await rules(store) == {
        CHANNEL: ChannelRules("words", "Nova, 小月", "person", "thread"),
        OTHER: ChannelRules(None, None, None, "thread"),
    }
    await store.set_channel_rules(HERE, ChannelRules("never"))
    assert (await rules(store))[CHANNEL] == ChannelRules("never")


async def test_what_is_taken_back_is_gone(store: Store) -> None:
    await store.set_channel_rules(HERE, ChannelRules("never"))
    assert await store.drop_channel_rules(CHANNEL)
    assert not await store.drop_channel_rules(CHANNEL)
    assert await rules(store) == {}


async def test_no_message_fits_where_the_names_stand(store: Store) -> None:
    with pytest.raises(StoreError):
        await store.set_channel_rules(HERE, ChannelRules("words", "x" * 201))
    assert await rules(store) == {}


def test_what_lies_nearer_counts_field_by_field() -> None:
    thread, channel = ChannelRules(answers="never"), ChannelRules("words", "Nova", "person")
    assert thread.over(channel).over(AS_EVER) == ChannelRules("never", "Nova", "person", "channel")


async def test_it_is_in_force_after_a_restart(lasting_url: str, tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["Here."], pace=0.0) as model:
        async with running(simulator, model, tmp_path, store=lasting_url) as here:
            await here.person("ada").command(here.channel("general"), "channel set", answers="everything")
        async with running(simulator, model, tmp_path, store=lasting_url) as here:
            await here.person("kim").send(here.channel("general"), "is anybody there?")
            await here.until(lambda: contents(here.answers("general"))[-1:] == ["Here."])
