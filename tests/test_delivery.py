"""How text arrives in Discord, also where Discord has its troubles."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from discord_bot.delivery import with_notice, without_notice
from discord_bot.simulator.faults import RestFault
from discord_bot.simulator.model.endpoint import ModelEndpoint, Reply
from discord_bot.simulator.server import Simulator
from tests.running import Running, community, contents, running

SLOWLY = Reply(pieces=[f"piece {number}, " for number in range(30)])
WHOLE = "".join(SLOWLY.pieces).strip()


def tries(here: Running, route: str) -> int:
    """How often the bot asked for something, whatever came of it."""
    return sum(each.route == route for each in here.simulator.requests)


@pytest.mark.parametrize("fault", ["500", "502", "503", "429", "drop", "lost", "truncated"])
async def test_a_create_that_fails_once_is_made_once(fault: RestFault, tmp_path: Path) -> None:
    """Also where Discord had made it and only the answer was lost: the gateway tells of it, so it isn't tried again."""
    async with community(tmp_path, ["Here it is."]) as here:
        here.simulator.faults.rest(fault, route="create_message", seconds=0.2)
        await here.ask("ada", "general", "hello")
        assert contents(here.answers("general")) == ["Here it is."]
        assert tries(here, "create_message") == (1 if fault in ("lost", "truncated") else 2)


@pytest.mark.parametrize("fault", ["500", "503", "429", "drop"])
async def test_an_edit_that_fails_does_not_keep_the_rest_from_coming(fault: RestFault, tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY]) as here:
        here.model.pace = 0.05
        here.simulator.faults.rest(fault, route="update_message", seconds=0.2)
        await here.ask("ada", "general", "tell me")
        assert contents(here.answers("general")) == [WHOLE]
        assert any(each.status != 200 for each in here.simulator.requests if each.route == "update_message")


@pytest.mark.parametrize("fault", ["lost", "truncated"])
async def test_a_create_with_an_unclear_end_is_made_once_also_when_the_text_grows_meanwhile(
    fault: RestFault, tmp_path: Path
) -> None:
    async with community(tmp_path, [SLOWLY]) as here:
        here.model.pace = 0.05
        here.simulator.faults.rest(fault, route="create_message")
        await here.ask("ada", "general", "tell me")
        assert contents(here.answers("general")) == [WHOLE]


async def test_a_last_text_that_is_on_its_way_when_the_bot_stops_arrives(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["All of it."], pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            simulator.faults.rest("slow", route="create_message", seconds=5)
            await here.person("ada").send(here.channel("general"), f"{here.mention} tell me")
            await here.until(lambda: model.requests)
            await asyncio.sleep(0.3)
        assert contents(here.answers("general")) == ["All of it."]


async def test_typing_that_fails_costs_nothing(tmp_path: Path) -> None:
    async with community(tmp_path, ["Here it is."]) as here:
        here.simulator.faults.rest("500", route="trigger_typing_indicator", times=5)
        await here.ask("ada", "general", "hello")
        assert contents(here.answers("general")) == ["Here it is."]
        assert tries(here, "trigger_typing_indicator") >= 1


async def test_a_reply_that_somebody_deletes_stops_and_is_not_remembered(tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY, "Fresh."]) as here:
        here.model.pace = 0.15
        await here.person("ada").send(here.channel("general"), f"{here.mention} tell me")
        await here.until(lambda: here.answers("general"))
        await here.person("mo").delete(here.answers("general")[0])
        await here.idle()
        assert here.answers("general") == []
        here.model.pace = 0
        await here.ask("ada", "general", "again")
        assert "piece" not in str(here.sent())


async def test_a_reply_to_a_question_that_was_deleted_meanwhile_still_arrives(tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY]) as here:
        here.model.pace = 0.01
        question = await here.person("ada").send(here.channel("general"), f"{here.mention} tell me")
        await here.person("ada").delete(question)
        await here.until(lambda: contents(here.answers("general")) == [WHOLE])


async def test_a_short_answer_is_one_request(tmp_path: Path) -> None:
    async with community(tmp_path, ["Yes."]) as here:
        await here.ask("ada", "general", "well?")
        shown = [each for each in here.simulator.requests if "/messages" in each.path and each.method != "GET"]
        assert [each.method for each in shown] == ["POST"]


async def test_a_page_says_whose_it_is_where_something_came_between(tmp_path: Path) -> None:
    async with community(tmp_path, [Reply(pieces=["word " * 40] * 30)]) as here:
        here.model.pace = 0.05
        await here.person("ada").send(here.channel("general"), f"{here.mention} talk")
        await here.until(lambda: len(here.answers("general")) == 1)
        await here.person("kim").send(here.channel("general"), "me too")
        await here.until(lambda: len(here.answers("general")) == 3, seconds=20)
        await here.idle()
        first, second, third = here.answers("general")
        assert second["message_reference"]["message_id"] == first["id"]
        assert third.get("message_reference") is None


def test_a_notice_stands_below_the_last_page_or_on_one_of_its_own() -> None:
    assert with_notice([], "sorry") == ["-# ⚠️ sorry"]
    assert with_notice(["a", "b"], "sorry") == ["a", "b\n-# ⚠️ sorry"]
    assert with_notice(["x" * 1995], "sorry") == ["x" * 1995, "-# ⚠️ sorry"]
    assert without_notice("b\n-# ⚠️ sorry") == "b"
    assert without_notice("-# ⚠️ sorry") == ""
