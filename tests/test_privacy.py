"""/privacy: what is held, and whose messages are never remembered."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from discord_bot.simulator.model import ModelEndpoint
from discord_bot.simulator.server import Simulator
from tests.running import Running, community, running


async def privacy(here: Running, person: str, channel: str = "general", **options: str) -> str:
    invocation = await (await here.person(person).command(here.channel(channel), "privacy", **options)).finished()
    assert invocation.ephemeral
    return invocation.content


async def told(here: Running, person: str = "ada") -> str:
    """What the model is told when somebody asks in #general."""
    here.model.script.append("As you like.")
    await here.ask(person, "general", "what was said?")
    return "\n".join(f"{each['role']}: {each['content']}" for each in here.sent()[1:])


async def test_what_is_held_is_said_in_plain_words_in_both_languages(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        english, chinese = await privacy(here, "ada"), await privacy(here, "kim")
        assert "No text of a message is on disk" in english
        assert "at most 1,000 of each" in english
        assert "**here/small**" in english
        assert "You are read like everybody else" in english
        assert "磁盘上没有任何消息的文字" in chinese
        assert len(english) <= 2000


async def test_nothing_of_who_is_not_read_is_ever_told_to_the_model_unless_it_was_said_to_the_bot(
    tmp_path: Path,
) -> None:
    async with community(tmp_path, ["Hm."]) as here:
        place, kim = here.channel("general"), here.person("kim")
        await kim.send(place, "the first secret")
        await here.ask("kim", "general", "an open question")
        assert "the first secret" in await told(here)
        assert "不再读取" in await privacy(here, "kim", read="off")
        later = await kim.send(place, "the second secret")
        await kim.edit(later, "the third secret")
        no_question = await kim.send(place, f"{here.mention} an open word")
        await here.idle()
        await kim.edit(no_question, "the fourth secret")
        await asyncio.sleep(0.05)
        await here.idle()
        text = await told(here)
        assert "secret" not in text
        assert "an open question" in text
        await privacy(here, "kim", read="on")
        await kim.send(place, "now for all")
        assert "now for all" in await told(here)


async def test_it_is_honoured_after_a_restart_and_when_the_channel_is_read_back(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["Hm."], pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            await here.person("kim").send(here.channel("general"), "the first secret")
            await privacy(here, "kim", read="off")
            await here.ask("kim", "general", "an open question")
        await simulator.person("kim").send(here.channel("general"), "the second secret")
        async with running(simulator, model, tmp_path) as here:
            text = await told(here)
            assert "secret" not in text
            assert "an open question" in text
            assert "You are not read" in (await privacy(here, "kim")) or "不会被读取" in (await privacy(here, "kim"))


async def test_who_is_not_read_is_answered_only_when_they_speak_to_the_bot(tmp_path: Path) -> None:
    async with community(tmp_path, ["Yes?"]) as here:
        await here.person("mo").command(here.channel("general"), "channel set", answers="everything")
        await privacy(here, "kim", read="off")
        await here.person("kim").send(here.channel("general"), "to nobody")
        await asyncio.sleep(0.1)
        assert not here.model.requests
        assert [each["content"] for each in await here.ask("kim", "general", "to you")] == ["Yes?"]
        assert "to nobody" not in str(here.sent())


async def test_whoever_is_blocked_may_opt_out_too(tmp_path: Path) -> None:
    async with community(tmp_path, more="permissions: {roles: {allowed_ids: [1]}}") as here:
        assert "From now on" in await privacy(here, "ada", read="off")


async def test_only_an_id_is_kept(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        await privacy(here, "ada", read="off")
        with closing(sqlite3.connect(tmp_path / "bot.db")) as database:
            assert database.execute("SELECT * FROM opt_outs").fetchall() == [(here.person("ada").id,)]


async def test_nor_is_it_told_as_what_somebody_else_replies_to(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            await privacy(here, "kim", read="off")
            secret = await here.person("kim").send(here.channel("general"), "the secret")
            model.script.append("Hm.")
            await here.ask("ada", "general", "what do they mean?", reply_to=secret)
            assert "the secret" not in str(here.sent())
        async with running(simulator, model, tmp_path) as here:
            assert "secret" not in await told(here)
