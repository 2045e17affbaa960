"""Whatever goes wrong, a word is said, on the reply, once; and nothing is shown twice or half without a word."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from discord_bot.answering.catching_up import A_CALL
from discord_bot.delivery.notices import NOTICE
from discord_bot.sentences import SAID
from discord_bot.simulator.faults import RestFault
from discord_bot.simulator.model import Fault, ModelEndpoint, Reply, Turn
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world.world import World
from tests.running import Running, community, contents, running

SLOWLY = Reply(pieces=[f"piece {number}, " for number in range(30)])
WHOLE = "".join(SLOWLY.pieces).strip()
HALF = "This answer is not whole"
ALWAYS = 12
"""More turns of a script than a client with patience tries."""


def said(key: str, before: str = "") -> str:
    """What stands there: the text so far, and the sentence below it."""
    line = NOTICE + SAID.say(key, "en")
    return f"{before}\n{line}" if before else line


MODEL: dict[str, tuple[list[Turn], str | None]] = {
    "500 once": ([Fault.SERVER_ERROR, "Here it is."], "Here it is."),
    "500 always": ([Fault.SERVER_ERROR] * ALWAYS, said("ServerError")),
    "503 always": ([Fault.OVERLOADED] * ALWAYS, said("ServerError")),
    "401": ([Fault.WRONG_KEY] * ALWAYS, said("Unauthorized")),
    "no such model": ([Fault.NO_MODEL] * ALWAYS, said("NotFound")),
    "too long": ([Fault.CONTEXT_LENGTH] * ALWAYS, said("ContextLengthExceeded")),
    "429 once": ([Fault.RATE_LIMITED, "Here it is."], "Here it is."),
    "no quota": ([Fault.NO_QUOTA] * ALWAYS, said("QuotaExceeded")),
    "cut": ([Fault.CUT], said("StreamInterrupted", HALF)),
    "error in the stream": ([Fault.ERROR_IN_STREAM], None),
    "stall": ([Fault.STALL], said("CompletionTimeout", HALF)),
    "hang": ([Fault.HANG] * ALWAYS, said("CompletionTimeout")),
    "only comments": ([Fault.ONLY_COMMENTS] * ALWAYS, said("CompletionTimeout")),
    "nothing": ([Fault.EMPTY] * ALWAYS, said("empty")),
    "white space": ([Reply([" ", "\n\n", " "])], said("empty")),
    "length": ([Fault.LENGTH], said("length", HALF)),
    "content filter": ([Fault.CONTENT_FILTER], said("content_filter", HALF)),
    "content filter at once": ([Reply([], "content_filter")], said("content_filter")),
}
"""What the model does, and what stands in Discord at the end."""


@pytest.mark.parametrize("name", MODEL)
async def test_what_the_model_does_wrong_is_said_on_the_reply_once(name: str, tmp_path: Path) -> None:
    script, expected = MODEL[name]
    async with community(tmp_path, script) as here:
        await here.person("ada").send(here.channel("general"), f"{here.mention} hello")
        await here.until(lambda: here.answers("general"), 30)
        await here.until(lambda: contents(here.answers("general"))[-1:] == [expected] or not busy(here), 30)
        [answer] = contents(here.answers("general"))
        if expected is None:
            assert answer.startswith(HALF)
            assert answer.count(NOTICE) == 1
        else:
            assert answer == expected
        assert here.answers("general")[0]["message_reference"]["message_id"] == here.messages("general")[-2]["id"]


async def back(here: Running) -> None:
    """Waits until the gateway is heard again: a bot that is closed just then leaves discord.py's heartbeat behind."""
    await here.until(lambda: here.simulator.gateway.is_heard and here.bot.is_ready(), 20)
    await asyncio.sleep(0.3)


def busy(here: Running) -> bool:
    return any(each.busy for each in here.bot.conversations._channels.values())


@pytest.mark.parametrize(
    ("route", "fault", "script"),
    [
        *(("create_message", fault, ["Here it is."]) for fault in ("500", "502", "503", "429", "drop")),
        *(("create_message", fault, ["Here it is."]) for fault in ("lost", "truncated")),
        *(("create_message", fault, [SLOWLY]) for fault in ("500", "lost", "truncated")),
        *(("update_message", fault, [SLOWLY]) for fault in ("500", "503", "429", "drop", "lost")),
        *(("trigger_typing_indicator", fault, [SLOWLY]) for fault in ("500", "503", "drop")),
    ],
)
async def test_what_discord_does_wrong_costs_nothing_but_time(
    route: str, fault: RestFault, script: list[Turn], tmp_path: Path
) -> None:
    async with community(tmp_path, script) as here:
        here.model.pace = 0.02
        here.simulator.faults.rest(fault, route=route, seconds=0.2)
        await here.ask("ada", "general", "hello")
        assert contents(here.answers("general")) == [WHOLE if script == [SLOWLY] else "Here it is."]
        if fault != "truncated":  # which the log has as done
            assert any(each.status not in (200, 204) for each in here.simulator.requests if each.route == route)


@pytest.mark.parametrize("fault", ["lost", "truncated"])
async def test_a_create_that_was_made_is_not_asked_for_again(fault: RestFault, tmp_path: Path) -> None:
    """The gateway tells of it, with its nonce."""
    async with community(tmp_path, ["Here it is."]) as here:
        here.simulator.faults.rest(fault, route="create_message")
        await here.ask("ada", "general", "hello")
        assert sum(each.route == "create_message" for each in here.simulator.requests) == 1


@pytest.mark.parametrize("fault", ["503", "drop"])
async def test_a_discord_that_is_away_for_a_while_shows_it_all_when_it_is_back(
    fault: RestFault, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with community(tmp_path, [SLOWLY]) as here:
        here.model.pace = 0.02
        here.simulator.faults.rest(fault, route="create_message", times=1000)
        await here.person("ada").send(here.channel("general"), f"{here.mention} hello")
        await asyncio.sleep(3)
        assert here.answers("general") == []
        here.simulator.faults.clear()
        await here.until(lambda: contents(here.answers("general")) == [WHOLE], 15)
        await here.idle()
        assert contents(here.answers("general")) == [WHOLE]
    assert "piece" not in caplog.text


async def test_a_create_that_is_never_answered_is_looked_up_in_the_channel(tmp_path: Path) -> None:
    """Also where the gateway did not tell of it: it was away just then."""
    async with community(tmp_path, ["Here it is."]) as here:
        here.simulator.faults.gateway("refuse resumes")
        here.simulator.faults.rest("truncated", route="create_message")

        def deaf() -> bool:
            if here.model.requests:
                here.simulator.faults.gateway("drop")
            return bool(here.model.requests)

        await here.person("ada").send(here.channel("general"), f"{here.mention} hello")
        await here.until(deaf)
        await here.until(lambda: here.answers("general"), 20)
        await here.until(lambda: not busy(here), 30)
        assert contents(here.answers("general")) == ["Here it is."]
        await back(here)


async def test_the_gateway_may_drop_in_the_middle_of_an_answer(tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY]) as here:
        here.model.pace = 0.06
        await here.person("ada").send(here.channel("general"), f"{here.mention} hello")
        await here.until(lambda: here.answers("general"))
        here.simulator.faults.gateway("drop")
        await here.until(lambda: contents(here.answers("general")) == [WHOLE], 20)
        await back(here)


async def test_a_mention_that_comes_while_the_gateway_is_away_is_answered_when_it_is_back(tmp_path: Path) -> None:
    async with community(tmp_path, ["Here it is."]) as here:
        here.simulator.faults.gateway("drop")
        await here.person("ada").send(here.channel("general"), f"{here.mention} hello")
        await here.until(lambda: contents(here.answers("general")) == ["Here it is."], 20)
        await back(here)


async def test_what_is_asked_while_the_session_is_lost_for_good_is_answered_afterwards_once(tmp_path: Path) -> None:
    async with community(tmp_path, ["Before.", "In private.", *["Now."] * 4]) as here:
        ada, general = here.person("ada"), here.channel("general")
        await here.ask("ada", "general", "hello")
        private = await ada.open_dm()
        await ada.send(private, "hello")
        await here.until(lambda: here.answers(private))
        await here.idle()
        here.simulator.faults.gateway("refuse resumes")
        here.simulator.faults.gateway("drop")
        await ada.send(general, f"{here.mention} are you there?")
        await ada.send(general, "nobody is spoken to")
        await ada.send(private, "are you here?")
        await here.until(lambda: len(here.answers("general")) == 2 and len(here.answers(private)) == 2, 20)
        here.simulator.faults.gateway("drop")
        await here.until(lambda: not here.simulator.gateway.is_heard)
        await here.until(lambda: here.simulator.gateway.is_heard, 20)
        await asyncio.sleep(2)
        await here.idle()
        assert contents(here.answers("general")) == ["Before.", "Now."]
        assert contents(here.answers(private)) == ["In private.", "Now."]
        assert here.answers("general")[1]["message_reference"]["message_id"] == here.messages("general")[2]["id"]


async def test_a_question_that_was_missed_is_found_below_much_that_was_said_long_before_it(tmp_path: Path) -> None:
    late = 1800.0  # seconds: too long for whoever asked then to wait for an answer yet
    world = World.default(lambda: time.time() - late)
    async with (
        Simulator(world, limits=False) as simulator,
        ModelEndpoint(["Before.", "Now."], pace=0.0) as model,
        running(simulator, model, tmp_path) as here,
    ):
        ada, general = here.person("ada"), here.channel("general")
        await here.ask("ada", "general", "hello")
        here.simulator.faults.gateway("refuse resumes")
        here.simulator.faults.gateway("drop")
        for number in range(A_CALL + 1):
            await ada.send(general, f"{here.mention} {number}?")
        late = 0.0
        question = await ada.send(general, f"{here.mention} are you there?")
        await here.until(lambda: len(here.answers("general")) == 2, 20)
        await here.idle()
        assert contents(here.answers("general")) == ["Before.", "Now."]
        assert here.answers("general")[1]["message_reference"]["message_id"] == question["id"]


async def test_a_reply_that_is_deleted_is_not_written_again(tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY]) as here:
        here.model.pace = 0.06
        await here.person("ada").send(here.channel("general"), f"{here.mention} hello")
        await here.until(lambda: here.answers("general"))
        await here.person("mo").delete(here.answers("general")[0])
        await here.idle()
        assert here.answers("general") == []
