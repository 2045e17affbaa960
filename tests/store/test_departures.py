"""What is kept of a server that the bot was removed from: everything for a while, and then nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from discord_bot.simulator.model import ModelEndpoint
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world import changes
from discord_bot.simulator.world.channels import start_thread
from discord_bot.simulator.world.entities import ChannelType
from discord_bot.simulator.world.forms import Form
from discord_bot.store import ChannelRules, ChannelState, Library, PersonaRecord, Place, Store
from tests.running import Running, configured, running, started
from tests.test_commands import run
from tests.test_persona_library import imported, own_names

GUILD, OTHER = 1_400_000_000_000_000_001, 1_400_000_000_000_000_002
NOW = datetime(2026, 11, 22, tzinfo=UTC)


async def filled(store: Store, guild_id: int, channel_id: int) -> None:
    """Personas of a server's own, and something of each kind set for it and in a channel of it."""
    library = Library("guild", guild_id)
    await store.save_persona(PersonaRecord(library, "Mira", "{}", files={"a.png": b"a"}))
    for name, avatar in (("Rex", "0" * 64), ("Nell", f"{channel_id}" * 64), ("Nell's twin", f"{channel_id}" * 64)):
        await store.save_persona(PersonaRecord(library, name, "{}", avatar=avatar, picture=b"p"))
    await store.bind("persona", Place("guild", guild_id), "Mira")
    await store.add_companion(Place("guild", guild_id), "Rex")
    await set_in(store, Place("channel", channel_id, guild_id))


async def set_in(store: Store, channel: Place) -> None:
    """Something of each kind, in a channel."""
    await store.bind("persona", channel, "Mira")
    await store.add_companion(channel, "Rex")
    await store.set_channel_rules(channel, ChannelRules(answers="never"))
    await store.forget(channel, 7)


async def rules(store: Store) -> set[int]:
    """The channels for which rules are set."""
    heard = await store.heard()
    assert heard is not None
    return set(heard.rules)


async def test_what_is_kept_of_a_server_goes_as_a_whole_and_of_others_nothing(store: Store) -> None:
    await filled(store, GUILD, 5)
    await filled(store, OTHER, 6)
    await store.bind("persona", Place("channel", 8), "Mira")  # somebody's direct messages
    assert await store.servers() == {GUILD, OTHER}
    assert await store.channels_of_nobody() == {8}
    before = await store.heard()
    assert before is not None
    await store.note_departure(GUILD, NOW)
    await store.note_departure(GUILD, NOW + timedelta(days=9))  # what was noted first counts
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
    now = await store.heard(before.number)  # also for those who keep it in memory
    assert now is not None
    assert set(now.rules) == {6}


async def test_what_was_set_of_old_goes_with_the_server_in_which_its_channel_is_seen(store: Store) -> None:
    """Until it is seen, nobody knows whether it is not somebody's direct messages."""
    for channel_id in (4, 5, 6, 8):
        await set_in(store, Place("channel", channel_id))
    await store.set_channel_rules(Place("channel", 4, OTHER), ChannelRules(answers="never"))  # set anew
    assert await store.servers() == {OTHER}
    assert await store.channels_of_nobody() == {4, 5, 6, 8}
    await store.note_servers({4: GUILD, 5: GUILD, 6: OTHER, 7: GUILD})
    await store.note_servers({5: OTHER})  # what is known stays
    await store.note_servers({})
    assert await store.channels_of_nobody() == {8}
    assert await store.servers() == {GUILD, OTHER}
    await store.forget_server(GUILD)
    assert await store.channel_state(GUILD, 5) == ChannelState()
    assert await rules(store) == {4, 6, 8}
    for channel_id in (6, 8):
        state = await store.channel_state(None, channel_id)
        assert (len(state.bindings), len(state.companions), state.forgotten_up_to) == (1, 1, 7)


async def test_a_server_that_the_bot_is_in_again_has_left_nothing_behind(store: Store) -> None:
    await filled(store, GUILD, 5)
    await store.note_departure(GUILD, NOW)
    await store.note_return(GUILD)
    assert await store.departed() == frozenset()
    assert await store.servers() == {GUILD}


# ---- the bot ---------------------------------------------------------------------------------------------------------


async def removed(here: Running, simulator: Simulator) -> int:
    """The bot is thrown out of the server of the tavern; its id."""
    guild = simulator.world.guild("Harbour")
    simulator.dispatch(changes.remove_member(guild, simulator.world.bot))
    await here.until(lambda: all(each.id != guild.id for each in here.bot.guilds))
    return guild.id


async def invited(here: Running, simulator: Simulator) -> None:
    guild = simulator.world.guild("Harbour")
    simulator.dispatch(changes.add_member(simulator.world, guild, simulator.world.bot))
    await here.until(lambda: any(each.id == guild.id for each in here.bot.guilds))


async def departed(here: Running) -> set[int]:
    return set(await here.bot.store.departed())


async def that_was_long_ago(store: Store, guild_id: int) -> None:
    """A server is due that was left just now."""
    await store.note_return(guild_id)
    await store.note_departure(guild_id, datetime.now(UTC) - timedelta(days=31))


async def until_only_nobodys(store: Store, *channel_ids: int) -> None:
    """Waits until only of these channels it is not known in which server they are."""
    async with asyncio.timeout(8):
        while await store.channels_of_nobody() != set(channel_ids):
            await asyncio.sleep(0.01)


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
            simulator.dispatch(changes.set_unavailable(simulator.world, guild))
            await here.until(lambda: any(each.unavailable for each in here.bot.guilds))
            simulator.dispatch(changes.set_unavailable(simulator.world, guild, unavailable=False))
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
        changes.remove_member(guild, simulator.world.bot)
        async with running(simulator, model, tmp_path, store=lasting_url) as here:
            await until_departed(here, guild.id)
        changes.add_member(simulator.world, guild, simulator.world.bot)
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
            await that_was_long_ago(here.bot.store, guild_id)
        async with running(simulator, model, tmp_path, store=lasting_url) as here:
            await until_departed(here)
            assert await here.bot.store.servers() == frozenset()
            assert await here.bot.store.channel_state(guild_id, channel_id) == ChannelState()


async def test_so_is_what_was_set_for_channels_alone_of_a_server_that_was_left_unnoticed(
    lasting_url: str, tmp_path: Path
) -> None:
    """By commands, and by an older program, which did not say whose channel it was; direct messages stay."""
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model:
        guild = simulator.world.guild("Harbour")
        async with running(simulator, model, tmp_path, store=lasting_url) as here:
            store = here.bot.store
            tavern, general = here.channel("tavern").id, here.channel("general").id
            home = await here.person("ada").open_dm()
            await run(here, "ada", "tavern", "channel set", answers="everything")
            await run(here, "ada", "tavern", "persona set", name="pirate")
            await run(here, "ada", "tavern", "persona add", name="assistant")
            await run(here, "ada", "tavern", "model set", name="here/small")
            await run(here, "ada", "tavern", "forget")
            await (await here.person("ada").command(home, "forget")).finished()
            assert await store.servers() == {guild.id}
            assert await store.channels_of_nobody() == {home.id}
            await set_in(store, Place("channel", general))
        async with running(simulator, model, tmp_path, store=lasting_url) as here:
            await until_only_nobodys(here.bot.store, home.id)
        changes.remove_member(guild, simulator.world.bot)
        async with running(simulator, model, tmp_path, store=lasting_url) as here:
            await until_departed(here, guild.id)
            assert (await here.bot.store.channel_state(guild.id, tavern)).companions
            assert await rules(here.bot.store) == {tavern, general}
            await that_was_long_ago(here.bot.store, guild.id)
        async with running(simulator, model, tmp_path, store=lasting_url) as here:
            await until_departed(here)
            for channel_id in (tavern, general):
                assert await here.bot.store.channel_state(guild.id, channel_id) == ChannelState()
            assert await rules(here.bot.store) == set()
            assert (await here.bot.store.channel_state(None, home.id)).forgotten_up_to


async def test_an_archived_thread_is_known_again_when_it_wakes(tmp_path: Path) -> None:
    """Of one that sleeps, nothing is told at the start."""
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model:
        world, ada = simulator.world, simulator.person("ada")
        tavern = next(each for each in world.channels.values() if each.name == "tavern")
        form = Form({"name": "asleep", "type": ChannelType.PUBLIC_THREAD.value})
        thread, _ = start_thread(world, ada.id, tavern, form)
        assert thread.thread is not None
        thread.thread.archived = True
        async with Store.open(f"sqlite:///{tmp_path / 'bot.db'}") as store:
            for channel_id in (tavern.id, thread.id):
                await set_in(store, Place("channel", channel_id))
        async with running(simulator, model, tmp_path) as here:
            await until_only_nobodys(here.bot.store, thread.id)
            await ada.send(thread, "anybody here?")
            await until_only_nobodys(here.bot.store)
            assert await here.bot.store.servers() == {tavern.guild_id}


async def test_a_server_with_an_outage_at_the_start_was_not_left(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model:
        guild = simulator.world.guild("Harbour")
        changes.set_unavailable(simulator.world, guild)
        async with Store.open(f"sqlite:///{tmp_path / 'bot.db'}") as store:
            await filled(store, guild.id, 5)
            await filled(store, OTHER, 6)
        async with running(simulator, model, tmp_path) as here:
            assert [each.id for each in here.bot.guilds if each.unavailable] == [guild.id]
            await until_departed(here, OTHER)


async def test_a_process_judges_only_the_servers_of_its_own_shard(lasting_url: str, tmp_path: Path) -> None:
    """Of the others it is not told: neither whether the bot is in them, nor whether it came back."""
    own, others = 4 << 22, 5 << 22
    left = {(4 + 2 * number) << 22 for number in range(1, 3)}
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model:
        file = configured(simulator, model, lasting_url, tmp_path)
        async with Store.open(lasting_url) as store:
            for guild_id in (own, others, *left, *(each + (1 << 22) for each in left)):
                await set_in(store, Place("channel", guild_id + 1, guild_id))
            for guild_id in (own, others):
                await store.note_departure(guild_id, datetime.now(UTC) - timedelta(days=31))
            async with started(file, (0, 2)) as bot:
                here = Running(simulator, model, bot)
                await until_departed(here, others, *left)
                assert await rules(store) == {each + 1 for each in await store.servers()}
                assert others in await store.servers()
                assert own not in await store.servers()


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
            await here.bot.store.note_departure(OTHER, yesterday)
            await here.bot.store.note_departure(simulator.world.guild("Harbour").id, yesterday)
            cog: Any = here.bot.get_cog("Servers")
            await cog.daily()
            assert await departed(here) == {OTHER}  # whoever is in that one has yet to say so
            assert await own_names(here) == ["Seraphina"]
