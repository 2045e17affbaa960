"""What the playground's inspector knows of an answer, with the real bot on the simulator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from discord_bot.playground import inspector as inspecting
from discord_bot.playground.inspector import Inspector
from discord_bot.simulator.model import Fault, ModelEndpoint, Turn
from discord_bot.simulator.server import Simulator
from tests.running import Running, Said, running


@asynccontextmanager
async def inspected(directory: Path, script: Iterable[Turn] = ()) -> AsyncIterator[tuple[Running, Inspector]]:
    async with Simulator(limits=False) as simulator, ModelEndpoint(script, pace=0.0) as model:
        inspector = Inspector(simulator)
        async with running(simulator, model, directory, inspector=inspector) as here:
            yield here, inspector


def about(here: Running, inspector: Inspector, said: Said) -> dict[str, Any]:
    message = here.simulator.world.message(int(said["channel_id"]), int(said["id"]))
    known = inspector.about(message, "en", lambda text: text)
    assert known is not None
    return known


async def test_of_an_answer_it_knows_what_was_sent_what_came_and_when(tmp_path: Path) -> None:
    async with inspected(tmp_path, [Fault.OVERLOADED, "Aye aye.", "And again."]) as (here, inspector):
        told: list[Any] = []
        inspector.watchers.append(told.append)
        (answer,) = await here.ask("ada", "general", "hello")
        await here.until(lambda: told)
        known = about(here, inspector, answer)
        assert [list(ids) for ids in told] == [[int(answer["id"])]]
        assert (known["persona"], known["model"], known["failure"]) == ("assistant", "here/small", None)
        assert [each["role"] for each in known["prompt"]] == ["system", "user"]
        assert "You are the assistant." in known["prompt"][0]["parts"][0]["text"]
        assert "Ada: hello" in known["prompt"][1]["parts"][0]["text"]
        assert known["unchanged"] is None
        assert known["account"][0] == "- **assistant** answered: nothing was set, so it is the default."

        first, second = known["asked"]
        assert (first["status"], second["status"]) == (503, 200)
        assert "overloaded" in first["raw"].lower()
        assert second["body"]["model"] == "small"
        assert second["body"]["messages"] == here.sent()
        assert second["raw"].startswith("data: ")
        assert second["raw"].rstrip().endswith("data: [DONE]")
        assert "sk-secret" not in str(known)

        order = [each["what"] for each in known["timeline"]]
        assert order[:3] == ["mention", "request", "first-token"]
        assert set(order[3:]) == {"last-token", "first-text", "last-text"}
        assert known["timeline"][0]["at"] == 0
        texts = [each for each in known["requests"] if each["what"] == "create"]
        assert [(each["status"], each["held"] >= 0, each["took"] >= 0) for each in texts] == [(200, True, True)]

        (again,) = await here.ask("ada", "general", "and now?")
        assert 0.4 < about(here, inspector, again)["unchanged"] < 1


async def test_what_no_longer_stands_there_is_forgotten(tmp_path: Path) -> None:
    async with inspected(tmp_path, ["Aye aye."]) as (here, inspector):
        (answer,) = await here.ask("ada", "general", "hello")
        await here.until(lambda: inspector._answers)
        message = here.simulator.world.message(int(answer["channel_id"]), int(answer["id"]))
        await here.person("ada").delete(int(answer["id"]))
        assert inspector.about(message, "en", str) is None


async def test_of_a_command_it_shows_the_interaction_without_its_token(tmp_path: Path) -> None:
    async with inspected(tmp_path) as (here, inspector):
        invocation = await here.person("ada").command("general", "persona set", name="pirate")
        await here.settled()
        answer = here.answers("general")[-1]
        known = about(here, inspector, answer)["interaction"]
        assert (known["name"], known["user"]) == ("persona set", "ada")
        assert known["data"]["options"][0]["options"][0]["value"] == "pirate"
        assert known["answers"] == [answer["id"]]
        assert here.simulator.world.interactions[invocation.id].token not in str(known)


def test_a_long_stream_is_kept_in_part() -> None:
    asked = inspecting.Asked("here", b"{}", 0.0)
    for _ in range(3):
        asked.hears(b"x" * (inspecting.MOST_RAW // 2))
    assert (len(asked.raw), asked.is_cut, asked.pieces) == (inspecting.MOST_RAW, True, 3)
