from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from discord_bot.errors import StoreError
from discord_bot.store import Binding, ChannelState, Companion, Library, PersonaRecord, Place, Store, lookup_order

if TYPE_CHECKING:
    from pathlib import Path

GUILD, CHANNEL, THREAD = 1_400_000_000_000_000_001, 1_400_000_000_000_000_002, 1_400_000_000_000_000_003
SERVER, HERE, IN_THREAD = Place("guild", GUILD), Place("channel", CHANNEL), Place("channel", THREAD)


def persona_of(state: ChannelState) -> str | None:
    return state.persona.name if state.persona else None


def test_the_nearest_place_comes_first() -> None:
    """A thread's own setting comes before its channel's, and that before the server's; a DM has neither."""
    assert lookup_order(GUILD, THREAD, CHANNEL) == (IN_THREAD, HERE, SERVER)
    assert lookup_order(GUILD, CHANNEL) == (HERE, SERVER)
    assert lookup_order(None, CHANNEL) == (HERE,)


async def test_nothing_is_set_at_first(store: Store) -> None:
    """Where nobody has set anything, the store says so."""
    state = await store.channel_state(GUILD, CHANNEL)
    assert state == ChannelState()
    assert state.persona is None
    assert state.model is None
    assert not state.forgets(CHANNEL)


async def test_thread_before_channel_before_server(store: Store) -> None:
    """A thread speaks as its channel does, and a channel as its server does, unless set otherwise."""
    await store.bind("persona", SERVER, "librarian")
    assert persona_of(await store.channel_state(GUILD, THREAD, CHANNEL)) == "librarian"
    await store.bind("persona", HERE, "pirate")
    assert persona_of(await store.channel_state(GUILD, THREAD, CHANNEL)) == "pirate"
    await store.bind("persona", IN_THREAD, "poet")
    state = await store.channel_state(GUILD, THREAD, CHANNEL)
    assert state.bindings == (
        Binding("persona", IN_THREAD, "poet"),
        Binding("persona", HERE, "pirate"),
        Binding("persona", SERVER, "librarian"),
    )
    assert persona_of(await store.channel_state(GUILD, CHANNEL)) == "pirate"
    assert persona_of(await store.channel_state(GUILD, CHANNEL + 10)) == "librarian"
    assert persona_of(await store.channel_state(GUILD + 10, CHANNEL + 10)) is None


async def test_it_knows_where_personas_were_set(store: Store) -> None:
    """Be it as the main one or beside it; a model is no persona."""
    assert await store.places_with_personas() == frozenset()
    await store.bind("persona", SERVER, "librarian")
    await store.bind("model", HERE, "here/small")
    await store.add_companion(IN_THREAD, "Rex")
    await store.add_companion(IN_THREAD, "Mira")
    assert await store.places_with_personas() == {GUILD, THREAD}
    await store.unbind("persona", SERVER)
    assert await store.places_with_personas() == {THREAD}


async def test_how_a_persona_speaks_goes_with_its_binding(store: Store) -> None:
    """Another one that is set there without a word on it speaks as the configuration says."""
    await store.bind("persona", HERE, "pirate", "profile")
    assert (await store.channel_state(GUILD, CHANNEL)).bindings == (Binding("persona", HERE, "pirate", "profile"),)
    await store.bind("persona", HERE, "poet")
    assert (await store.channel_state(GUILD, CHANNEL)).bindings == (Binding("persona", HERE, "poet"),)


async def test_companions_speak_beside_the_bound_one(store: Store) -> None:
    """In whatever case they were named; taking one away leaves the others."""
    await store.add_companion(SERVER, "Zoe")
    await store.add_companion(HERE, "Rex", "plain")
    await store.add_companion(HERE, "Mira")
    await store.add_companion(HERE, "MIRA", "webhook")
    state = await store.channel_state(GUILD, THREAD, CHANNEL)
    assert state.companions == (
        Companion(HERE, "MIRA", "webhook"),
        Companion(HERE, "Rex", "plain"),
        Companion(SERVER, "Zoe"),
    )
    assert state.persona is None
    assert await store.remove_companion(HERE, "mira")
    assert not await store.remove_companion(HERE, "mira")
    assert [each.name for each in (await store.channel_state(GUILD, CHANNEL)).companions] == ["Rex", "Zoe"]
    assert (await store.channel_state(None, CHANNEL + 10)).companions == ()


async def test_a_picture_is_found_by_what_it_is(store: Store) -> None:
    """Whoever's library it lies in."""
    record = PersonaRecord(Library("guild", GUILD), "Mira", "{}", avatar="ab" * 32, picture=b"png")
    await store.save_persona(record)
    assert await store.picture("ab" * 32) == b"png"
    assert await store.picture("cd" * 32) is None


async def test_kinds_are_looked_up_apart(store: Store) -> None:
    """A model set here does not hide a persona set for the server."""
    await store.bind("model", HERE, "openai/gpt-5-mini")
    await store.bind("persona", SERVER, "librarian")
    state = await store.channel_state(GUILD, CHANNEL)
    assert state.model == Binding("model", HERE, "openai/gpt-5-mini")
    assert state.persona == Binding("persona", SERVER, "librarian")


async def test_a_guild_is_not_the_channel_of_the_same_id(store: Store) -> None:
    """Places are told apart by kind: a guild's first channel used to have the guild's own id."""
    await store.bind("persona", Place("guild", GUILD), "librarian")
    assert (await store.channel_state(None, GUILD)).persona is None
    await store.bind("persona", Place("channel", GUILD), "pirate")
    assert (await store.channel_state(GUILD, GUILD)).persona == Binding("persona", Place("channel", GUILD), "pirate")
    assert persona_of(await store.channel_state(GUILD, CHANNEL)) == "librarian"


async def test_binding_again_replaces(store: Store) -> None:
    """A place has one persona: the last one that was set."""
    await store.bind("persona", HERE, "pirate")
    await store.bind("persona", HERE, "诗人 🏴‍☠️")
    assert (await store.channel_state(None, CHANNEL)).bindings == (Binding("persona", HERE, "诗人 🏴‍☠️"),)


async def test_unbinding_says_whether_there_was_something(store: Store) -> None:
    """Resetting a place brings back what is set further out, and tells whether anything was set there."""
    await store.bind("persona", SERVER, "librarian")
    await store.bind("persona", HERE, "pirate")
    await store.bind("model", HERE, "openai/gpt-5-mini")
    assert await store.unbind("persona", HERE)
    assert not await store.unbind("persona", HERE)
    state = await store.channel_state(GUILD, CHANNEL)
    assert persona_of(state) == "librarian"
    assert state.model is not None


async def test_forgetting_covers_the_message_and_all_before_it(store: Store) -> None:
    """The mark is inclusive, and is one channel's own: not its threads', not its server's."""
    await store.forget(HERE, 500)
    state = await store.channel_state(GUILD, CHANNEL)
    assert state.forgotten_up_to == 500
    assert [state.forgets(message_id) for message_id in (499, 500, 501)] == [True, True, False]
    assert (await store.channel_state(GUILD, THREAD, CHANNEL)).forgotten_up_to is None


async def test_a_forget_mark_never_moves_back(store: Store) -> None:
    """What was forgotten stays forgotten, in whichever order two commands arrive."""
    await store.forget(HERE, 500)
    await store.forget(HERE, 400)
    assert (await store.channel_state(None, CHANNEL)).forgotten_up_to == 500
    await store.forget(HERE, 600)
    assert (await store.channel_state(None, CHANNEL)).forgotten_up_to == 600


async def test_a_mark_and_bindings_come_together(store: Store) -> None:
    """One query brings both what is bound and what is forgotten."""
    await store.forget(HERE, 500)
    await store.bind("persona", HERE, "pirate")
    expected = ChannelState((Binding("persona", HERE, "pirate"),), forgotten_up_to=500)
    assert await store.channel_state(GUILD, CHANNEL) == expected


async def test_the_commands_fingerprint(store: Store) -> None:
    """Each application has one fingerprint, which can be replaced."""
    assert await store.command_fingerprint(7) is None
    await store.set_command_fingerprint(7, "a" * 64)
    await store.set_command_fingerprint(8, "b" * 128)
    await store.set_command_fingerprint(7, "c" * 64)
    assert await store.command_fingerprint(7) == "c" * 64
    assert await store.command_fingerprint(8) == "b" * 128


async def test_snowflakes_fit(store: Store) -> None:
    """The largest snowflake that Discord can ever give (63 bits) is kept whole."""
    largest = 2**63 - 1
    await store.forget(Place("channel", largest), largest)
    await store.bind("persona", Place("channel", largest), "pirate")
    state = await store.channel_state(largest, largest, largest)
    assert state.forgotten_up_to == largest
    assert persona_of(state) == "pirate"


async def test_many_write_at_once(store: Store) -> None:
    """Writers at the same time wait for each other; none is lost and none fails."""
    await asyncio.gather(
        *(store.bind("persona", Place("channel", number), f"persona {number}") for number in range(60)),
        *(store.bind("model", HERE, f"model {number}") for number in range(30)),
        *(store.forget(HERE, number) for number in range(1, 61)),
    )
    states = await asyncio.gather(*(store.channel_state(None, number) for number in range(60)))
    assert [persona_of(state) for state in states] == [f"persona {number}" for number in range(60)]
    here = await store.channel_state(None, CHANNEL)
    assert here.model is not None
    assert here.forgotten_up_to == 60


async def test_a_cancelled_caller_leaves_the_store_whole(store: Store) -> None:
    """Somebody who stops waiting for the store does not break it for the others."""
    writers = [asyncio.ensure_future(store.forget(HERE, number)) for number in range(1, 21)]
    await asyncio.sleep(0)
    for writer in writers[::2]:
        writer.cancel()
    await asyncio.gather(*writers, return_exceptions=True)
    await store.forget(HERE, 30)
    assert (await store.channel_state(None, CHANNEL)).forgotten_up_to == 30


async def test_a_name_that_is_a_text_is_refused(store: Store) -> None:
    """No text fits where a name belongs, and the refusal does not repeat it; the store goes on working."""
    text = "a secret told in a channel, " * 10
    with pytest.raises(StoreError) as caught:
        await store.bind("persona", HERE, text)
    assert "secret" not in str(caught.value)
    with pytest.raises(StoreError):
        await store.set_command_fingerprint(7, text)
    assert await store.channel_state(GUILD, CHANNEL) == ChannelState()


async def test_a_restart_keeps_everything(lasting_url: str) -> None:
    """What was set is still set after the program was stopped and started again."""
    async with Store.open(lasting_url) as store:
        await store.bind("persona", HERE, "pirate")
        await store.forget(HERE, 500)
        await store.set_command_fingerprint(7, "a" * 64)
    async with Store.open(lasting_url) as store:
        expected = ChannelState((Binding("persona", HERE, "pirate"),), forgotten_up_to=500)
        assert await store.channel_state(GUILD, CHANNEL) == expected
        assert await store.command_fingerprint(7) == "a" * 64


async def test_two_programs_write_to_one_database(lasting_url: str) -> None:
    """Two stores over the same database take turns: none is told that it is locked."""
    async with Store.open(lasting_url) as one, Store.open(lasting_url) as other:
        channels = [Place("channel", number) for number in range(80)]
        await asyncio.gather(*((one, other)[each.id % 2].forget(each, each.id) for each in channels))
        states = await asyncio.gather(*(one.channel_state(None, number) for number in range(80)))
        assert [state.forgotten_up_to for state in states] == list(range(80))


async def test_memory_is_its_own() -> None:
    """Two stores in memory share nothing."""
    async with Store.open("sqlite://") as one, Store.open("sqlite://") as other:
        await one.forget(HERE, 500)
        assert (await other.channel_state(None, CHANNEL)).forgotten_up_to is None


async def test_the_directory_is_made(tmp_path: Path) -> None:
    """The data directory need not be there before."""
    file = tmp_path / "some" / "where" / "bot.db"
    async with Store.open(f"sqlite:///{file}"):
        assert file.exists()
    assert not file.with_name("bot.db-wal").exists(), "closing folds the log into the file"


async def test_a_relative_address_is_relative_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`sqlite:///data/bot.db` is `data/bot.db` where the program was started."""
    monkeypatch.chdir(tmp_path)
    async with Store.open("sqlite:///data/bot.db"):
        assert (tmp_path / "data" / "bot.db").exists()
