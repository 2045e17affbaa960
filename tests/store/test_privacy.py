"""Who does not want to be read, over each kind of database."""

from __future__ import annotations

from discord_bot.store import Store


async def unread(store: Store) -> frozenset[int]:
    heard = await store.heard()
    assert heard is not None
    return heard.unread


async def test_who_opts_out_stays_out_until_they_opt_in(store: Store) -> None:
    assert await unread(store) == frozenset()
    await store.opt_out(1_400_000_000_000_000_001)
    await store.opt_out(1_400_000_000_000_000_001)  # twice is once
    await store.opt_out(2)
    assert await unread(store) == {1_400_000_000_000_000_001, 2}
    await store.opt_in(2)
    await store.opt_in(3)
    assert await unread(store) == {1_400_000_000_000_000_001}
