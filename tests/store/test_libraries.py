"""Libraries of personas, over each kind of database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from discord_bot.errors import StoreError
from discord_bot.store import OWNER, Binding, Companion, Library, PersonaRecord, Place, Store

GUILD, OTHER = Library("guild", 1_400_000_000_000_000_001), Library("guild", 1_400_000_000_000_000_002)
ME = Library("user", 1_400_000_000_000_000_001)
CARD = '{"data": {"name": "Marlo", "x": "\\u0000 \\ud83e\\uded6 冬"}}'
MARLO = PersonaRecord(
    OWNER,
    "Marlo Quill",
    CARD,
    description="Keeps the tide archive",
    own='{"names": ["Marlo"]}',
    avatar="a" * 64,
    picture=bytes(range(256)),
    files={"assets/icon/images/main.png": b"\x00\xff", "card notes/ä.txt": b""},
    made_by=7,
)


async def names(store: Store, *libraries: Library) -> list[str]:
    return [entry.name for entry in await store.personas(*libraries)]


async def test_what_is_saved_comes_back_whole(store: Store) -> None:
    assert await store.save_persona(MARLO) == "new"
    assert await store.persona(OWNER, "Marlo Quill") == replace(MARLO, files={})
    assert await store.persona_files(OWNER, "Marlo Quill") == MARLO.files
    (entry,) = await store.personas(OWNER)
    assert (entry.name, entry.description, entry.avatar, entry.made_by) == (
        "Marlo Quill",
        "Keeps the tide archive",
        "a" * 64,
        7,
    )
    assert entry.made_at.tzinfo is not None
    assert await store.persona(OWNER, "somebody") is None
    assert await store.persona(OWNER, "Marlo Quill", picture=False) == replace(MARLO, files={}, picture=None)


async def test_case_and_spaces_do_not_make_another_name(store: Store) -> None:
    await store.save_persona(replace(MARLO, name="Ödön  Straße"))
    found = await store.persona(OWNER, "ödön STRASSE ")
    assert found is not None
    assert found.name == "Ödön  Straße"


async def test_libraries_know_nothing_of_each_other(store: Store) -> None:
    """A server's personas, another's, a person's of the same snowflake, and the owner's."""
    for library in (OWNER, GUILD, OTHER, ME):
        assert await store.save_persona(replace(MARLO, library=library)) == "new"
    await store.save_persona(replace(MARLO, library=GUILD, name="Aria"))
    assert await names(store, GUILD) == ["Aria", "Marlo Quill"]
    assert await names(store, GUILD, OWNER) == ["Aria", "Marlo Quill", "Marlo Quill"]
    await store.note_departure(GUILD.id, datetime.now(UTC))
    await store.forget_server(GUILD.id)
    assert await names(store, GUILD) == []
    assert await names(store, OTHER, ME, OWNER) == ["Marlo Quill"] * 3


async def test_one_of_the_same_name_is_replaced_only_where_that_is_wanted(store: Store) -> None:
    await store.save_persona(MARLO)
    newer = replace(MARLO, name="MARLO QUILL", document="{}", files={}, made_by=8)
    assert await store.save_persona(newer, replace=False) == "taken"
    assert await store.persona(OWNER, "Marlo Quill") == replace(MARLO, files={})
    (before,) = await store.personas(OWNER)
    assert await store.save_persona(newer) == "replaced"
    (after,) = await store.personas(OWNER)
    assert (after.name, after.made_by, after.made_at) == ("MARLO QUILL", 7, before.made_at)
    assert await store.persona_files(OWNER, "marlo quill") == {}


async def test_another_name_is_taken_over_and_never_somebody_elses(store: Store) -> None:
    await store.save_persona(MARLO)
    await store.save_persona(replace(MARLO, name="Tessa"))
    renamed = replace(MARLO, name="Tessa", document="{}")
    assert await store.save_persona(renamed, instead_of="Marlo Quill") == "taken"
    assert await names(store, OWNER) == ["Marlo Quill", "Tessa"]
    assert await store.save_persona(replace(renamed, name="Marlo"), instead_of="marlo quill") == "replaced"
    assert await names(store, OWNER) == ["Marlo", "Tessa"]
    assert await store.persona_files(OWNER, "Marlo") == MARLO.files
    assert await store.persona_files(OWNER, "Marlo Quill") == {}


async def test_deleting_takes_the_files_along_and_says_whether_there_was_something(store: Store) -> None:
    await store.save_persona(MARLO)
    assert await store.delete_persona(OWNER, "marlo quill")
    assert not await store.delete_persona(OWNER, "marlo quill")
    assert await store.persona_files(OWNER, "Marlo Quill") == {}


async def test_where_a_persona_is_in_use(store: Store) -> None:
    await store.bind("persona", Place("channel", 5), "Marlo Quill")
    await store.bind("persona", Place("guild", 9), "Marlo Quill")
    await store.bind("model", Place("channel", 6), "Marlo Quill")
    await store.bind("persona", Place("channel", 7), "Tessa")
    await store.add_companion(Place("channel", 7, 9), "Marlo Quill")
    await store.add_companion(Place("guild", 9), "Marlo Quill")
    used = (Place("channel", 5), Place("channel", 7), Place("guild", 9))
    assert await store.places_of_persona("marlo quill") == used
    assert await store.places_of_persona("nobody") == ()


async def test_what_was_set_for_a_persona_counts_under_its_new_name(store: Store) -> None:
    """With the voice, as the main one and beside it; elsewhere, somebody else may have the old name."""
    tavern, hall, far = Place("channel", 5), Place("channel", 7), Place("channel", 8)
    for place in (tavern, far):
        await store.bind("persona", place, "Marlo", "profile")
    await store.bind("persona", hall, "Tessa")
    await store.add_companion(hall, "Marlo", "plain")
    await store.add_companion(hall, "Quill")  # of one that is gone
    await store.rename_persona((tavern, hall), "marlo", "Quill")
    assert (await store.channel_state(None, tavern.id)).bindings == (Binding("persona", tavern, "Quill", "profile"),)
    assert (await store.channel_state(None, hall.id)).bindings == (Binding("persona", hall, "Tessa"),)
    assert (await store.channel_state(None, hall.id)).companions == (Companion(hall, "Quill", "plain"),)
    assert (await store.channel_state(None, far.id)).bindings == (Binding("persona", far, "Marlo", "profile"),)
    await store.rename_persona((hall,), "Quill", "QUILL")
    assert (await store.channel_state(None, hall.id)).companions == (Companion(hall, "QUILL", "plain"),)


async def test_two_who_save_one_name_at_once_do_not_fail(store: Store) -> None:
    saved = await asyncio.gather(*(store.save_persona(replace(MARLO, made_by=number)) for number in range(8)))
    assert sorted(saved) == ["new", *["replaced"] * 7]
    created = await asyncio.gather(*(store.save_persona(replace(MARLO, name="Tessa"), replace=False) for _ in range(8)))
    assert sorted(created) == ["new", *["taken"] * 7]


async def test_a_failure_leaves_the_old_one_and_repeats_no_text(store: Store) -> None:
    await store.save_persona(MARLO)
    with pytest.raises(StoreError) as caught:
        await store.save_persona(replace(MARLO, description="a secret " * 40))
    assert "secret" not in str(caught.value)
    assert await store.persona(OWNER, "Marlo Quill") == replace(MARLO, files={})


async def test_a_restart_keeps_the_library(lasting_url: str) -> None:
    async with Store.open(lasting_url) as store:
        await store.save_persona(MARLO)
    async with Store.open(lasting_url) as store:
        assert await store.persona(OWNER, "Marlo Quill") == replace(MARLO, files={})
        assert await store.persona_files(OWNER, "Marlo Quill") == MARLO.files
