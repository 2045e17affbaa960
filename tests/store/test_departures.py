"""What is kept of a server that the bot was removed from: everything for a while, and then nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from discord_bot.simulator.model.endpoint import ModelEndpoint
from discord_bot.simulator.server import Simulator
from discord_bot.store import ChannelRules, ChannelState, Library, PersonaRecord, Place, Store
from tests.running import Running, running
from tests.test_commands import run
from tests.test_persona_library import imported, own_names

GUILD, OTHER = 1_400_000_000_000_000_001, 1_400_000_000_000_000_002
NOW = datetime(2026, 11, 22, tzinfo=UTC)


async def filled(store: Store, guild_id: int, channel_id: int) -> None:
    """A persona of a server's own, and something of each kind set for it and in a channel of it."""
    library = Library("guild", guild_id)
    await store.save_persona(PersonaRecord(library, "Mira", "{}", files={"a.png": b"a"}))
    for name, avatar in (("Rex", "0" * 64), ("Nell", f"{channel_id}" * 64), ("Nell's twin", f"{channel_id}" * 64)):
        await store.save_persona(PersonaRecord(library, name, "{}", avatar=avatar, picture=b"p"))
    for place in (Place("guild", guild_id), Place("channel", channel_id)):
        await store.bind("persona", place, "Mira")
        await store.add_companion(place, "Rex")
    await store.set_channel_rules(channel_id, ChannelRules(answers="never"))
    await store.forget(channel_id, 7)


async def test_what_is_kept_of_a_server_goes_as_a_whole_and_of_others_nothing(store: Store) -> None:
    await filled(store, GUILD, 5)
    await filled(store, OTHER, 6)
    await store.bind("persona", Place("channel", 8), "Mira")  # somebody's direct messages
    assert await store.servers() == {GUILD, OTHER}
    await store.note_departure(GUILD, (4, 5), NOW)
    await store.note_departure(GUILD, (), NOW + timedelta(days=9))  # what was noted first counts
    assert await store.departed() == {GUILD}
    assert await store.departed(NOW - timedelta(seconds=1)) == frozenset()
    assert await store.departed(NOW) == {GUILD}
    assert await store.forget_server(GUILD) == ["5" * 64]  # the other one's picture has the other server too
    assert await store.servers() == {OTHER}
    assert await store.departed() == frozenset()
    assert await store.channel_state(GUILD, 5) == ChannelState()
    assert await store.persona_files(Library("guild", GUILD), "Mira") == {}
    kept = await store.channel_state(OTHER, 6)
    assert (len(kept.bindings), len(kept.companions), kept.forgotten_up_to) == (2, 2, 7)
    assert (await store.channel_state(None, 8)).persona is not None
    heard = await store.heard()
    assert heard is not None
    assert set(heard.rules) == {6}


async def test_a_server_that_the_bot_is_in_again_has_left_nothing_behind(store: Store) -> None:
    await filled(store, GUILD, 5)
    await store.note_departure(GUILD, (5,), NOW)
    await store.note_return(GUILD)
    assert await store.departed() == frozenset()
    assert await store.servers() == {GUILD}


# ---- the bot ---------------------------------------------------------------------------------------------------------


async def removed(here: Running, simulator: Simulator) -> int:
    """The bot is thrown out of the server of the tavern; its id."""
    guild = simulator.world.guild("Harbour")
    simulator.dispatch(simulator.world.remove_member(guild, simulator.world.bot))
    await here.until(lambda: all(each.id != guild.id for each in here.bot.guilds))
    return guild.id


async def invited(here: Running, simulator: Simulator) -> None:
    guild = simulator.world.guild("Harbour")
    simulator.dispatch(simulator.world.add_member(guild, simulator.world.bot))
    await here.until(lambda: any(each.id == guild.id for each in here.bot.guilds))


async def departed(here: Running) -> set[int]:
    return set(await here.bot.store.departed())


async def until_departed(here: Running, *guilds: int) -> None:
    async with asyncio.timeout(8):
        while await departed(here) != set(guilds):
            await asyncio.sleep(0.01)


async def test_a_library_survives_a_removal_by_mistake_and_an_outage_is_none(lasting_url: str, tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model:
        async with running(simulator, model, tmp_path, store=lasting_url) as here:
            await imported(here)
            await run(here, "ada", "tavern", "persona set", name="seraphina")
            guild = simulator.world.guild("Harbour")
            simulator.dispatch(simulator.world.set_unavailable(guild))
            await here.until(lambda: any(each.unavailable for each in here.bot.guilds))
            simulator.dispatch(simulator.world.set_unavailable(guild, unavailable=False))
            await here.until(lambda: not any(each.unavailable for each in here.bot.guilds))
            assert await departed(here) == set()
            await until_departed(here)
            guild_id = await removed(here, simulator)
            await until_departed(here, guild_id)
        async with running(simulator, model, tmp_path, store=lasting_url) as here:
            await until_departed(here, guild_id)
            await invited(here, simulator)
            await until_departed(here)
            assert await own_names(here) == ["Seraphina"]
            assert "**Seraphina** speaks here" in await run(here, "ada", "tavern", "persona show")


async def test_a_removal_while_the_bot_was_away_is_noted_at_its_start(lasting_url: str, tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model:
        async with running(simulator, model, tmp_path, store=lasting_url) as here:
            await imported(here)
        guild = simulator.world.guild("Harbour")
        simulator.world.remove_member(guild, simulator.world.bot)
        async with running(simulator, model, tmp_path, store=lasting_url) as here:
            await until_departed(here, guild.id)
        simulator.world.add_member(guild, simulator.world.bot)
        async with running(simulator, model, tmp_path, store=lasting_url) as here:
            await until_departed(here)
            assert await own_names(here) == ["Seraphina"]


async def test_when_it_is_due_all_of_it_is_deleted_at_the_start(lasting_url: str, tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model:
        async with running(simulator, model, tmp_path, store=lasting_url) as here:
            await imported(here)
            await run(here, "ada", "tavern", "persona set", name="seraphina")
            channel_id = here.channel("tavern").id
            guild_id = await removed(here, simulator)
            await until_departed(here, guild_id)
            # It was long ago.
            await here.bot.store.note_return(guild_id)
            long_ago = datetime.now(UTC) - timedelta(days=31)
            await here.bot.store.note_departure(guild_id, (channel_id,), long_ago)
        async with running(simulator, model, tmp_path, store=lasting_url) as here:
            await until_departed(here)
            assert await here.bot.store.servers() == frozenset()
            assert await here.bot.store.channel_state(guild_id, channel_id) == ChannelState()


async def test_an_owner_may_want_it_deleted_at_once_and_its_faces_go_too(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["Hi."], pace=0.0) as model:
        async with running(simulator, model, tmp_path, keep_left_servers=0) as here:
            await imported(here)
            await run(here, "ada", "tavern", "persona set", name="seraphina")
            await here.ask("ada", "tavern", "hello")
            assert len(simulator.world.emojis) == 1  # its face
            await removed(here, simulator)
            async with asyncio.timeout(8):
                while await here.bot.store.servers() or simulator.world.emojis:
                    await asyncio.sleep(0.01)


async def test_what_was_said_there_is_forgotten_at_once(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            tavern = here.channel("tavern")
            await here.person("ada").send(tavern, "a word among us")
            await here.until(lambda: here.bot.conversations.find(tavern.id) is not None)
            await removed(here, simulator)
            await here.until(lambda: here.bot.conversations.find(tavern.id) is None)


async def test_what_another_bot_on_the_same_store_has_left_is_kept_where_one_is_in_it(tmp_path: Path) -> None:
    """Two bots that are run in one folder share its database, and each knows only its own servers."""
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model:
        async with running(simulator, model, tmp_path, keep_left_servers=0) as here:
            await imported(here)
            yesterday = datetime.now(UTC) - timedelta(days=1)
            await here.bot.store.note_departure(OTHER, (), yesterday)
            await here.bot.store.note_departure(simulator.world.guild("Harbour").id, (), yesterday)
            cog: Any = here.bot.get_cog("Servers")
            await cog.daily()
            assert await departed(here) == {OTHER}  # whoever is in that one has yet to say so
            assert await own_names(here) == ["Seraphina"]
