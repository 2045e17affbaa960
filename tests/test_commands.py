"""/persona and /forget, as people run them."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from discord_bot.simulator.model import ModelEndpoint
from discord_bot.simulator.server import Simulator
from discord_bot.store import Place
from tests.running import Running, community, contents, running


async def run(here: Running, person: str, channel: str, command: str, /, **options: Any) -> str:
    """What a command answers."""
    invocation = await here.person(person).command(here.channel(channel), command, **options)
    await here.settled()
    return (await invocation.finished()).content


async def speaks(here: Running, channel: str) -> str:
    """Who speaks in a channel, by what the model was told."""
    here.model.script.append("As you like.")
    await here.ask("ada", channel, "who are you?")
    system: str = here.sent()[0]["content"]
    return system.split(".")[0]


async def test_a_persona_is_set_here_and_speaks_from_then_on(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        assert await speaks(here, "general") == "You are the assistant"
        assert await run(here, "mo", "general", "persona set", name="Pirate") == "**pirate** speaks here from now on."
        assert await speaks(here, "general") == "You are a pirate"
        assert await speaks(here, "tavern") == "You are the assistant"


async def test_the_nearest_setting_wins_thread_then_channel_then_server(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        await run(here, "ada", "support", "persona set", name="pirate", where="server")
        assert await speaks(here, "the long voyage") == "You are a pirate"
        await run(here, "ada", "tavern", "persona set", name="assistant")
        assert await speaks(here, "the long voyage") == "You are the assistant"
        await run(here, "ada", "the long voyage", "persona set", name="pirate", where="here")
        assert await speaks(here, "the long voyage") == "You are a pirate"
        assert "set for this place" in await run(here, "ada", "the long voyage", "persona show")
        await run(here, "ada", "the long voyage", "persona reset")
        assert "set for the channel of this thread" in await run(here, "ada", "the long voyage", "persona show")
        await run(here, "ada", "tavern", "persona reset")
        assert "set for the whole server" in await run(here, "ada", "the long voyage", "persona show")
        await run(here, "ada", "general", "persona reset", where="server")
        assert "it is the default" in await run(here, "ada", "the long voyage", "persona show")
        assert "Nothing was set there" in await run(here, "ada", "tavern", "persona reset")


async def test_a_setting_survives_a_restart(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            await run(here, "ada", "general", "persona set", name="pirate")
        async with running(simulator, model, tmp_path) as here:
            assert await speaks(here, "general") == "You are a pirate"


async def test_who_may_not_is_told_what_they_lack_in_their_language(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        assert "Manage Channels" in await run(here, "newcomer", "general", "persona set", name="pirate")
        assert "管理频道" in await run(here, "kim", "general", "persona set", name="pirate")
        assert "Manage Server" in await run(here, "mo", "general", "persona set", name="pirate", where="server")
        assert await speaks(here, "general") == "You are the assistant"


async def test_who_may_is_a_setting(tmp_path: Path) -> None:
    everyone = "permissions: {persona: {here: everyone, server: admins}, forget: manage_messages}"
    async with community(tmp_path, more=everyone) as here:
        assert "from now on" in await run(here, "newcomer", "general", "persona set", name="pirate")
        assert "Only those" in await run(here, "ada", "general", "persona set", name="pirate", where="server")
        assert "Manage Messages" in await run(here, "newcomer", "general", "forget")
        assert "starts afresh" in await run(here, "mo", "general", "forget")


async def test_a_persona_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        answer = await here.person("ada").command(here.channel("general"), "persona set", name="@everyone **x**")
        assert "There are: `assistant`, `pirate`." in answer.content
        assert "@everyone" not in answer.content
        assert answer.ephemeral


async def test_four_thousand_emoji_are_no_persona_either(tmp_path: Path) -> None:
    async with community(tmp_path, ["So many!"]) as here:
        answer = await run(here, "ada", "general", "persona set", name="🦜" * 4000)
        assert "There is no persona called" in answer
        assert len(answer) < 2000
        assert contents(await here.ask("ada", "general", "🦜" * 1900)) == ["So many!"]


async def test_a_persona_that_left_the_configuration_gives_way_to_the_default(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model:
        async with running(simulator, model, tmp_path, more="language: en") as here:
            guild = here.channel("general").guild_id
            assert guild is not None
            await here.bot.store.bind("persona", Place("guild", guild), "ghost")
            assert "“ghost” was set, but there is none of that name any more" in await run(
                here, "ada", "general", "persona show"
            )
            assert await speaks(here, "general") == "You are the assistant"


async def test_names_are_completed_as_they_are_typed(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        choices = await here.person("ada").autocomplete(
            here.channel("general"), "persona set", focused="name", options={"name": "PI"}
        )
        assert [choice["value"] for choice in choices] == ["pirate"]


async def test_the_list_marks_the_default_and_who_speaks_here(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        await run(here, "ada", "general", "persona set", name="pirate")
        listed = await (await here.person("ada").command(here.channel("general"), "persona list")).finished()
        assert listed.response is not None
        assert [(each["title"], each.get("description")) for each in listed.response["embeds"]] == [
            ("assistant (default)", "sober"),
            ("pirate ← speaks here", None),
        ]


async def test_in_a_direct_message_everybody_chooses_for_themselves(tmp_path: Path) -> None:
    async with community(tmp_path, ["Arr."]) as here:
        assert here.bot.user is not None
        newcomer = here.person("newcomer")
        channel = await newcomer.open_dm(here.bot.user.id)
        assert (
            "no server here" in (await newcomer.command(channel, "persona set", name="pirate", where="server")).content
        )
        assert "speaks here" in (await newcomer.command(channel, "persona set", name="pirate")).content
        await newcomer.send(channel, "hello")
        await here.until(lambda: "Arr." in contents(here.answers(channel)))
        assert here.sent()[0]["content"].startswith("You are a pirate")


async def test_after_forget_nothing_from_before_is_sent_not_even_after_a_restart(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["One.", "Two.", "Three."], pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            await here.ask("ada", "general", "the treasure is under the oak")
            assert "starts afresh" in await run(here, "ada", "general", "forget")
            await here.ask("ada", "general", "where is it?")
            assert "oak" not in str(here.sent())
            assert len(here.messages("general")) >= 4  # nothing was deleted
        async with running(simulator, model, tmp_path) as here:
            await here.ask("ada", "general", "and now?")
            assert "oak" not in str(here.sent())
            assert "where is it?" in str(here.sent())


async def test_a_command_and_a_mention_that_fail_say_so(tmp_path: Path) -> None:
    async with community(tmp_path, ["Never asked."]) as here:
        with closing(sqlite3.connect(tmp_path / "bot.db")) as database:
            database.execute("DROP TABLE bindings")
        answer = await here.person("ada").command(here.channel("general"), "persona show")
        assert "can't read its own database" in answer.content
        assert answer.ephemeral
        assert "读不了自己的数据库" in await run(here, "kim", "general", "persona list")
        (reply,) = await here.ask("ada", "general", "hello")
        assert "can't read its own database" in reply["content"]


async def test_every_command_and_option_is_described_in_chinese_too(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        await here.until(lambda: here.simulator.world.commands)
        undescribed: list[str] = []

        def look(described: dict[str, Any], told: str = "description") -> None:
            if not re.search("[一-鿿]", (described.get(f"{told}_localizations") or {}).get("zh-CN", "")):
                undescribed.append(described["name"])
            for option in described.get("options", []):
                look(option)

        for command in here.simulator.world.commands.values():
            look(command, "description" if command["description"] else "name")  # in a message's menu is only a name
        assert undescribed == []


async def test_commands_are_told_to_discord_only_when_they_changed(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model:
        for _ in range(2):
            async with running(simulator, model, tmp_path) as here:
                await here.until(lambda: simulator.world.commands)
        told = [each for each in simulator.requests if each.method == "PUT" and each.path.endswith("/commands")]
        assert len(told) == 1
