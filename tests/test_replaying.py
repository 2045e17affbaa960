"""A conversation is played again: people say the same, and the bot of now answers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from discord_bot.playground.door import Playground
from discord_bot.playground.replaying import Replay
from discord_bot.playground.sentences import NotUnderstoodError
from discord_bot.simulator.model import ModelEndpoint
from discord_bot.simulator.world import channels
from discord_bot.simulator.world.forms import Form
from tests.playing import playing


async def settled(playground: Playground) -> None:
    """Waits until nobody is being answered."""
    assert playground.running is not None
    newest = max(max(standing) for standing in playground.simulator.world.messages.values() if standing)
    await asyncio.wait_for(playground.running.until_answered(newest), 20)


async def over(replay: Replay | None) -> Replay:
    assert replay is not None
    async with asyncio.timeout(60):
        while not replay.state()["over"]:
            await asyncio.sleep(0.02)
    return replay


def said(playground: Playground, channel: str) -> list[str]:
    return [str(each["content"]) for each in playground.simulator.messages(channel)]


async def test_people_say_the_same_and_each_answer_is_waited_for(tmp_path: Path) -> None:
    """In the same channels and threads, with replies to what stands there now; the answers are beside the old ones."""
    async with ModelEndpoint(pace=0.0) as model, playing(tmp_path, model) as playground:
        simulator = playground.simulator
        ada, kim = simulator.person("ada"), simulator.person("kim")
        bot = f"<@{simulator.world.bot.id}>"
        model.script.extend(["then 1", "then 2", "then 3"])
        await kim.send("general", "the tide is low")
        await ada.send("general", f"{bot} one", attachments=[("a.txt", b"ahoy")])
        await settled(playground)
        answer = simulator.messages("general")[-1]
        await kim.send("general", "two", reply_to=answer)
        await settled(playground)
        general = simulator.world.channel("general")
        begun = await ada.send("general", "let us talk apart")
        source = simulator.world.messages[general.id][int(begun["id"])]
        thread, events = channels.start_thread(simulator.world, ada.id, general, Form({"name": "apart"}), source)
        simulator.dispatch(events)
        await ada.send(thread, f"{bot} three")
        await settled(playground)
        await (await ada.command("general", "persona set", name="pirate")).finished()
        before = said(playground, "general")

        model.script.extend(["now 1", "now 2", "now 3"])
        asked = len(model.requests)
        await playground.play_again()
        assert playground.replay is not None
        assert playground.running is not None
        playground.replay.pause(paused=True)
        await asyncio.sleep(0.1)
        assert playground.replay.state() == {"at": 0, "of": 5, "paused": True, "over": False}
        await playground.running.change(playground.running.settings)
        playground.replay.pause(paused=False)
        replay = await over(playground.replay)
        assert said(playground, "general") == [
            "the tide is low", f"{bot} one", "now 1", "two", "now 2", "let us talk apart",
        ]  # fmt: skip
        assert said(playground, "apart")[1:] == [f"{bot} three", "now 3"]
        assert simulator.messages("general")[1]["attachments"][0]["filename"] == "a.txt"
        assert simulator.messages("general")[3]["author"]["username"] == "kim"
        first, second, third = list(model.requests)[asked:]
        assert all("pirate" in str(each["messages"][0]["content"]) for each in (first, second, third))
        assert "now 1" in str(second["messages"])
        assert [(row["by"], row["place"], row["then"], row["now"]) for row in replay.compared(str)] == [
            ("Ada", "#general", ["then 1"], ["now 1"]),
            ("Kim", "#general", ["then 2"], ["now 2"]),
            ("Ada", "#apart", ["then 3"], ["now 3"]),
        ]
        await playground.undo()
        assert said(playground, "general") == before


async def test_it_can_be_stopped_and_needs_something_that_was_said(tmp_path: Path) -> None:
    async with ModelEndpoint(["then"], pace=0.0) as model, playing(tmp_path, model) as playground:
        with pytest.raises(NotUnderstoodError):
            await playground.play_again()
        simulator = playground.simulator
        for text in ("one", "two"):
            await simulator.person("ada").send("general", text)
            await simulator.person("mo").send("general", text)
        await playground.play_again()
        assert playground.replay is not None
        playground.replay.stop()
        replay = await over(playground.replay)
        assert replay.state()["at"] < 4
        assert replay.compared(str) == []
        playground.end_replay()
        assert playground.replay is None
