"""All that people have set is taken from one database into another."""

from __future__ import annotations

import json
from typing import Any

import pytest

from discord_bot.errors import StoreError
from discord_bot.store import Library, PersonaRecord, Place, Store

HERE = Place("channel", 5)


async def filled(store: Store) -> None:
    await store.bind("persona", HERE, "pirate", "webhook")
    await store.add_companion(HERE, "Poet")
    await store.forget(HERE, 2**62)
    record = PersonaRecord(Library("guild", 7), "Nell", "{}", picture=b"\x00\xff", files={"hat.png": b"hat"})
    await store.save_persona(record)


async def test_what_is_taken_along_is_set_elsewhere_and_nothing_else(url: str) -> None:
    async with Store.open("sqlite://") as one, Store.open(url) as other:
        await filled(one)
        await other.bind("model", HERE, "here/small")
        await other.replace(json.loads(json.dumps(await one.copy())))
        assert await other.channel_state(None, 5) == await one.channel_state(None, 5)
        assert await other.copy() == await one.copy()
        await other.replace({})
        assert not any((await other.copy()).values())


async def test_what_an_older_program_has_saved_is_taken_along(url: str) -> None:
    """It did not know yet in which server a channel is."""
    async with Store.open(url) as store:
        await store.replace({"forget_marks": [{"channel_id": 5, "message_id": 6}]})
        assert (await store.channel_state(None, 5)).forgotten_up_to == 6
        assert await store.channels_of_nobody() == {5}


@pytest.mark.parametrize(
    "rows",
    [
        {"bindings": [{"kind": "persona"}]},
        {"forget_marks": [{"channel_id": "5", "message_id": 6}]},
        {"forget_marks": [{"channel_id": 5, "message_id": 2**63}]},
        {"forget_marks": [{"channel_id": 5, "message_id": None}]},
        {"forget_marks": [{"channel_id": 5, "message_id": 6, "content": "a word"}]},
        {"opt_outs": [{"user_id": 1}, {"user_id": 1}]},
    ],
)
async def test_what_are_no_rows_changes_nothing(url: str, rows: Any) -> None:
    async with Store.open(url) as store:
        await filled(store)
        before = await store.copy()
        with pytest.raises((ValueError, StoreError)):
            await store.replace(rows)
        assert await store.copy() == before
