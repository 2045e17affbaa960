"""The buttons below a reply: who may press them, and what they do, also twice, too late, and after a restart."""

from __future__ import annotations

import asyncio
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest

from discord_bot.answering import exchanges
from discord_bot.simulator.model import Fault, ModelEndpoint, Reply, Turn
from discord_bot.simulator.people import Invocation
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world.refusals import Refusal
from tests.running import Running, Said, community, contents, running

SLOWLY = Reply(pieces=[f"piece {number}, " for number in range(400)])
STOPPED = "-# ⚠️ This answer was stopped here."


def buttons(message: Said) -> dict[str, dict[str, Any]]:
    """The buttons below a message, by what stands on them."""
    return {button["label"]: button for row in message["components"] for button in row["components"]}


def labels(message: Said) -> list[str]:
    return list(buttons(message))


def answer(here: Running) -> Said:
    """The last page of what the bot said last."""
    return here.answers("general")[-1]


async def press(here: Running, name: str, label: str, message: Said | None = None) -> Invocation:
    message = message or answer(here)
    return await here.person(name).press(message, buttons(message)[label]["custom_id"])


async def growing(here: Running, name: str = "ada", *, pace: float = 0.02) -> None:
    """Somebody asks, and the answer grows for so long already that it can be stopped."""
    here.model.pace = pace
    await here.person(name).send(here.channel("general"), f"{here.mention} a story")
    await here.until(lambda: here.answers("general") and "Stop" in buttons(answer(here)))


def edits(here: Running) -> int:
    return sum(each.route == "update_message" for each in here.simulator.requests)


# ---- what they cost --------------------------------------------------------------------------------------------------


async def test_buttons_cost_no_request_of_their_own(tmp_path: Path) -> None:
    async with community(tmp_path, ["Yes."]) as here:
        (said,) = await here.ask("ada", "general", "well?")
        assert labels(said) == ["Again"]
        shown = [each for each in here.simulator.requests if "/messages" in each.path and each.method != "GET"]
        assert [each.method for each in shown] == ["POST"]


async def test_an_answer_that_grows_changes_its_buttons_with_its_text(tmp_path: Path) -> None:
    async with community(tmp_path, [Reply(pieces=[f"{number} " for number in range(100)])]) as here:
        seen: list[tuple[str, tuple[str, ...]]] = []
        here.simulator.observe(
            lambda event: (
                seen.append((event.d["content"], tuple(labels(event.d))))
                if event.t in ("MESSAGE_CREATE", "MESSAGE_UPDATE") and "message_reference" in event.d
                else None
            )
        )
        await growing(here, pace=0.03)
        await here.idle()
        assert all(one[0] != other[0] for one, other in pairwise(seen))
        *first, growing_with, whole_with = (shown for shown, _ in groupby(shown for _, shown in seen))
        assert (growing_with, whole_with) == (("Stop",), ("Again",))
        assert first in ([()], [])  # none in the first moment, which a busy machine may pass over


@pytest.mark.parametrize(("setting", "shown"), [("[]", []), ("[stop, continue]", ["Continue"]), ("[again]", ["Again"])])
async def test_only_what_the_owner_wants_is_shown(setting: str, shown: list[str], tmp_path: Path) -> None:
    async with community(tmp_path, [Fault.LENGTH], more=f"delivery: {{controls: {setting}}}") as here:
        (said,) = await here.ask("ada", "general", "well?")
        assert labels(said) == shown


async def test_a_button_that_the_owner_has_switched_off_since_says_so(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["Yes.", "No."], pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            await here.ask("ada", "general", "well?")
        async with running(simulator, model, tmp_path, more="delivery: {controls: []}") as here:
            pressed = await press(here, "ada", "Again")
            assert pressed.ephemeral
            assert "switched this button off" in pressed.content
            assert len(model.requests) == 1


async def test_who_writes_chinese_gets_chinese_buttons(tmp_path: Path) -> None:
    async with community(tmp_path, ["好。"]) as here:
        (said,) = await here.ask("kim", "general", "你好")
        assert labels(said) == ["重新回答"]


async def test_an_answer_is_over_when_discord_has_taken_its_last_text(tmp_path: Path) -> None:
    """Also where that was the last edit for which Discord had room: discord.py comes back from it seconds later."""
    async with community(tmp_path, [f"{number}." for number in range(6)], limits=True) as here:
        await here.ask("ada", "general", "count")
        before = asyncio.get_running_loop().time()
        for _ in range(5):
            await press(here, "ada", "Again")
            await here.idle()
        assert answer(here)["content"] == "5."
        assert asyncio.get_running_loop().time() - before < 3


async def test_of_an_answer_that_is_no_longer_known_the_channel_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchanges, "KEPT", 2)
    async with community(tmp_path, [f"{number}." for number in range(5)]) as here:
        (first,) = await here.ask("ada", "general", "count")
        await press(here, "ada", "Again")
        await here.idle()
        for _ in range(3):
            await here.ask("kim", "general", "and me?")
            assert len(here.bot.answering.exchanges) <= 2
        first = here.answers("general")[0]
        assert "not kept any more" in (await press(here, "ada", "◀", first)).content
        here.model.script.append("Anew.")
        await press(here, "ada", "Again", first)
        await here.until(lambda: contents(here.answers("general"))[0] == "Anew.")


# ---- Stop ------------------------------------------------------------------------------------------------------------


async def test_stop_ends_an_answer_where_it_is_and_says_so(tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY, "Fresh."]) as here:
        await growing(here)
        pressed = await press(here, "ada", "Stop")
        assert pressed.acknowledged
        assert pressed.response is None
        await here.idle()
        said = answer(here)
        assert said["content"].startswith("piece 0, piece 1,")
        assert said["content"].endswith(STOPPED)
        assert labels(said) == ["Again"]
        assert here.model.script == here.model.script.__class__(["Fresh."])
        here.model.pace = 0
        await here.ask("ada", "general", "again")
        assert here.sent()[2]["role"] == "assistant"
        assert "stopped" not in str(here.sent()[2])


async def test_stop_closes_the_models_stream(tmp_path: Path) -> None:
    """A model that says nothing more for two seconds would otherwise be waited for."""
    async with community(tmp_path, [Fault.STALL, Fault.STALL]) as here:
        await here.ask("ada", "general", "one")
        before = asyncio.get_running_loop().time()
        await press(here, "ada", "Again")
        await here.until(lambda: here.answers("general")[0]["content"] == "This answer is not whole", seconds=1)
        await press(here, "ada", "Stop")
        await here.idle()
        assert asyncio.get_running_loop().time() - before < 1.5
        assert answer(here)["content"].endswith(STOPPED)


async def test_stop_before_the_first_word_keeps_the_answer_that_was_there(tmp_path: Path) -> None:
    async with community(tmp_path, ["The old one.", Fault.HANG]) as here:
        await here.ask("ada", "general", "well?")
        await press(here, "ada", "Again")
        assert labels(answer(here)) == ["Stop"]
        await here.until(lambda: len(here.model.requests) == 2)
        await press(here, "ada", "Stop")
        await here.idle()
        assert answer(here)["content"] == "The old one.\n-# ⚠️ Stopped before the answer began."
        assert labels(answer(here)) == ["Again"]


async def test_stop_before_the_first_word_of_a_revised_answer_says_so_in_a_line(tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY, Fault.HANG]) as here:
        await growing(here)
        question = here.messages("general")[-2]
        await here.person("ada").edit(question, f"{here.mention} something else")
        await here.until(lambda: len(here.model.requests) == 2)
        await press(here, "ada", "Stop")
        await here.idle()
        assert answer(here)["content"] == "-# ⚠️ Stopped before the answer began."


async def test_stop_twice_is_stop_once(tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY]) as here:
        await growing(here)
        message = answer(here)
        pressed = await asyncio.gather(*(press(here, "ada", "Stop", message) for _ in range(3)))
        assert all(each.acknowledged for each in pressed)
        await here.idle()
        assert answer(here)["content"].count("⚠️") == 1


# ---- who may ---------------------------------------------------------------------------------------------------------


async def test_others_are_told_that_it_is_not_theirs(tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY]) as here:
        await growing(here)
        pressed = await press(here, "kim", "Stop")
        assert pressed.ephemeral
        assert "只有提问的人" in pressed.content  # Kim's Discord is Chinese
        assert here.bot.answering.exchanges
        await press(here, "ada", "Stop")
        await here.idle()


async def test_who_manages_messages_may(tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY]) as here:
        await growing(here, "kim")
        await press(here, "mo", "Stop")
        await here.idle()
        assert answer(here)["content"].endswith(STOPPED)


async def test_whom_the_owner_blocks_may_not_even_their_own(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["Yes."], pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            await here.ask("kim", "general", "well?")
        blocked = f"permissions: {{users: {{blocked_ids: [{simulator.person('kim').id}]}}}}"
        async with running(simulator, model, tmp_path, more=blocked) as here:
            assert (await press(here, "kim", "重新回答" if "重新回答" in buttons(answer(here)) else "Again")).ephemeral
            assert len(model.requests) == 1


async def test_in_a_direct_message_they_are_ones_own(tmp_path: Path) -> None:
    async with community(tmp_path, ["One.", "Two."]) as here:
        assert here.bot.user is not None
        place = await here.person("ada").open_dm(here.bot.user.id)
        await here.person("ada").send(place, "well?")
        await here.until(lambda: here.answers(place))
        await here.idle()
        message = here.answers(place)[0]
        await here.person("ada").press(message, buttons(message)["Again"]["custom_id"])
        await here.until(lambda: contents(here.answers(place)) == ["Two."])


# ---- Again -----------------------------------------------------------------------------------------------------------


async def test_again_answers_anew_in_the_same_message_and_the_old_answers_can_be_leafed_to(tmp_path: Path) -> None:
    async with community(tmp_path, ["One.", "Two.", "Three.", "Noted."]) as here:
        await here.ask("ada", "general", "count")
        for number, said in ((2, "Two."), (3, "Three.")):
            await press(here, "ada", "Again")
            await here.idle()
            assert contents(here.answers("general")) == [said]
            assert labels(answer(here)) == ["◀", f"{number}/{number}", "▶", "Again"]
            assert "One." not in str(here.sent())
        assert buttons(answer(here))["▶"]["disabled"]
        for label, text, place in (("◀", "Two.", "2/3"), ("◀", "One.", "1/3"), ("▶", "Two.", "2/3")):
            await press(here, "ada", label)
            await here.until(lambda text=text: answer(here)["content"] == text)  # type: ignore[misc]
            await here.idle()
            assert place in buttons(answer(here))
        assert sum(each.route == "create_message" for each in here.simulator.requests) == 1
        await here.ask("ada", "general", "what was it?")
        assert here.sent()[2] == {"role": "assistant", "content": "Two."}


async def test_a_button_can_be_pressed_as_soon_as_it_is_seen(tmp_path: Path) -> None:
    """Which is before Discord has answered the request that put it there."""
    async with community(tmp_path, ["One.", "Two.", "Three."]) as here:
        await here.ask("ada", "general", "count")
        await press(here, "ada", "Again")
        here.simulator.rest.latency = 0.4
        await here.until(lambda: "2/2" in buttons(answer(here)))
        await press(here, "ada", "◀")
        await here.until(lambda: "1/2" in buttons(answer(here)))
        await press(here, "ada", "Again")
        await here.until(lambda: contents(here.answers("general")) == ["Three."])


async def test_again_makes_a_long_answer_short_and_leafing_makes_it_long(tmp_path: Path) -> None:
    async with community(tmp_path, ["word " * 900, "Short."]) as here:
        before = contents(await here.ask("ada", "general", "talk"))
        await press(here, "ada", "Again")
        await here.until(lambda: contents(here.answers("general")) == ["Short."])
        await here.idle()
        await press(here, "ada", "◀")
        await here.until(lambda: contents(here.answers("general")) == before)
        assert [labels(each) for each in here.answers("general")] == [[], [], ["◀", "1/2", "▶", "Again"]]


async def test_again_twice_fast_is_once(tmp_path: Path) -> None:
    async with community(tmp_path, ["One.", "Two.", "Three."]) as here:
        await here.ask("ada", "general", "count")
        message = answer(here)
        pressed = await asyncio.gather(*(press(here, "ada", "Again", message) for _ in range(3)))
        assert all(each.acknowledged for each in pressed)
        await here.idle()
        await asyncio.sleep(0.05)
        assert contents(here.answers("general")) == ["Two."]
        assert len(here.model.requests) == 2


async def test_again_while_another_answer_of_theirs_grows_waits_and_says_so(tmp_path: Path) -> None:
    async with community(tmp_path, ["One.", Reply(pieces=["piece "] * 100), "Two."]) as here:
        (first,) = await here.ask("ada", "general", "count")
        await growing(here)
        pressed = await press(here, "ada", "Again", first)
        assert pressed.ephemeral
        assert "this one comes next" in pressed.content
        again = await press(here, "ada", "Again", first)
        assert again.acknowledged
        await here.until(lambda: contents(here.answers("general"))[0] == "Two.")
        await here.idle()
        assert len(here.model.requests) == 3
        assert contents(here.answers("general"))[1] == ("piece " * 100).strip()


async def test_again_that_fails_keeps_the_answer_that_was_there(tmp_path: Path) -> None:
    async with community(tmp_path, ["One.", Fault.WRONG_KEY, "Three."]) as here:
        await here.ask("ada", "general", "count")
        await press(here, "ada", "Again")
        await here.idle()
        assert answer(here)["content"].startswith("One.\n-# ⚠️ The model's server does not accept")
        assert labels(answer(here)) == ["Again"]
        await press(here, "ada", "Again")
        await here.idle()
        assert answer(here)["content"] == "Three."
        assert "2/2" in buttons(answer(here))


async def test_again_after_a_failure_is_the_first_answer(tmp_path: Path) -> None:
    async with community(tmp_path, [Fault.WRONG_KEY, "One."]) as here:
        await here.ask("ada", "general", "count")
        assert labels(answer(here)) == ["Again"]
        await press(here, "ada", "Again")
        await here.idle()
        assert answer(here)["content"] == "One."
        assert labels(answer(here)) == ["Again"]


async def test_an_edited_question_forgets_the_answers_to_what_it_was(tmp_path: Path) -> None:
    async with community(tmp_path, ["One.", "Two.", "Dogs."]) as here:
        await here.ask("ada", "general", "count")
        await press(here, "ada", "Again")
        await here.idle()
        await here.person("ada").edit(here.messages("general")[-2], f"{here.mention} dogs?")
        await here.until(lambda: answer(here)["content"] == "Dogs.")
        await here.idle()
        assert labels(answer(here)) == ["Again"]


async def test_again_while_two_people_talk_answers_where_it_stands(tmp_path: Path) -> None:
    async with community(tmp_path, ["For Ada.", "For Kim.", "For Ada, anew.", "For Kim, anew."]) as here:
        (first,) = await here.ask("ada", "general", "one")
        (second,) = await here.ask("kim", "general", "two")
        await press(here, "ada", "Again", first)
        await here.idle()
        assert "For Kim." not in str(here.sent())
        await press(here, "kim", "Again", second)
        await here.idle()
        assert contents(here.answers("general")) == ["For Ada, anew.", "For Kim, anew."]
        assert "For Ada, anew." in str(here.sent())


async def test_again_after_a_lost_session_knows_what_was_missed(tmp_path: Path) -> None:
    async with community(tmp_path, ["One.", "Two.", "Noted."]) as here:
        await here.person("kim").send(here.channel("general"), "we meet at eight")
        await here.ask("ada", "general", "when?")
        here.simulator.faults.gateway("refuse resumes")
        here.simulator.faults.gateway("drop")
        await here.person("kim").edit(here.messages("general")[-3], "we meet at nine")
        await here.bot.wait_for("ready", timeout=20)
        await press(here, "ada", "Again")
        await here.idle()
        assert "nine" in str(here.sent())
        assert "eight" not in str(here.sent())
        await here.ask("kim", "general", "what was said?")
        assert here.sent()[2] == {"role": "assistant", "content": "Two."}


async def test_a_press_below_a_reply_that_was_deleted_is_no_trouble(tmp_path: Path) -> None:
    async with community(tmp_path, ["One.", "Two."]) as here:
        await here.ask("ada", "general", "count")
        message = answer(here)
        pressing = asyncio.create_task(press(here, "ada", "Again", message))
        await asyncio.sleep(0)
        await here.person("mo").delete(message)
        await pressing
        await here.idle()
        assert here.answers("general") == []
        with pytest.raises(Refusal):
            await press(here, "ada", "Again", message)


# ---- Continue --------------------------------------------------------------------------------------------------------


async def test_continue_goes_on_where_the_model_stopped_for_length(tmp_path: Path) -> None:
    script: list[Turn] = [Reply(pieces=["It was a dark and"], finish_reason="length"), "stormy night.", "Noted."]
    async with community(tmp_path, script) as here:
        (said,) = await here.ask("ada", "general", "a story")
        assert said["content"].endswith("reached its greatest length and ends here.")
        assert labels(said) == ["Continue", "Again"]
        await press(here, "ada", "Continue")
        await here.idle()
        assert contents(here.answers("general")) == ["It was a dark and stormy night."]
        assert labels(answer(here)) == ["Again"]
        assert [each["role"] for each in here.sent()] == ["system", "user", "assistant", "user"]
        assert here.sent()[2]["content"] == "It was a dark and"
        await here.ask("ada", "general", "and then?")
        assert here.sent()[2] == {"role": "assistant", "content": "It was a dark and stormy night."}


async def test_continue_over_many_pages_touches_only_the_end(tmp_path: Path) -> None:
    words = [f"word{number}" for number in range(900)]
    script: list[Turn] = [Reply(pieces=[f"{' '.join(words[:500])}"], finish_reason="length"), " ".join(words[500:])]
    async with community(tmp_path, script) as here:
        before = await here.ask("ada", "general", "talk")
        await press(here, "ada", "Continue")
        await here.idle()
        assert " ".join(contents(here.answers("general"))).split() == words
        assert here.answers("general")[0] == before[0]


async def test_what_continues_can_be_stopped_and_keeps_both_halves(tmp_path: Path) -> None:
    async with community(tmp_path, [Reply(pieces=["The beginning:"], finish_reason="length"), SLOWLY]) as here:
        await here.ask("ada", "general", "a story")
        here.model.pace = 0.02
        await press(here, "ada", "Continue")
        await here.until(lambda: "piece 3" in answer(here)["content"])
        await press(here, "ada", "Stop")
        await here.idle()
        assert answer(here)["content"].startswith("The beginning: piece 0, piece 1,")
        assert answer(here)["content"].endswith(STOPPED)


async def test_an_answer_that_broke_off_can_be_continued(tmp_path: Path) -> None:
    async with community(tmp_path, [Fault.CUT, "at all, as I said."]) as here:
        (said,) = await here.ask("ada", "general", "a story")
        assert labels(said) == ["Continue", "Again"]
        await press(here, "ada", "Continue")
        await here.idle()
        assert answer(here)["content"] == "This answer is not whole at all, as I said."


# ---- over a restart --------------------------------------------------------------------------------------------------


async def test_after_a_restart_again_works_and_the_older_answers_are_said_to_be_gone(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["One.", "Two.", "Three."], pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            await here.ask("ada", "general", "count")
            await press(here, "ada", "Again")
            await here.idle()
        async with running(simulator, model, tmp_path) as here:
            pressed = await press(here, "ada", "◀")
            assert pressed.ephemeral
            assert "not kept any more" in pressed.content
            pressed = await press(here, "ada", "Again")
            assert pressed.response is None
            await here.until(lambda: contents(here.answers("general")) == ["Three."])
            await here.idle()
            assert "2/2" in buttons(answer(here))
            await press(here, "ada", "◀")
            await here.until(lambda: contents(here.answers("general")) == ["Two."])


async def test_after_a_restart_a_long_answer_is_taken_over_whole(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["word " * 900, "Short."], pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            await here.ask("ada", "general", "talk")
        async with running(simulator, model, tmp_path) as here:
            await press(here, "ada", "Again")
            await here.until(lambda: contents(here.answers("general")) == ["Short."])


async def test_after_a_restart_an_answer_goes_on(tmp_path: Path) -> None:
    script: list[Turn] = [Reply(pieces=["It was a dark and"], finish_reason="length"), "stormy night."]
    async with Simulator(limits=False) as simulator, ModelEndpoint(script, pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            await here.ask("ada", "general", "a story")
        async with running(simulator, model, tmp_path) as here:
            await press(here, "ada", "Continue")
            await here.until(lambda: contents(here.answers("general")) == ["It was a dark and stormy night."])


async def test_what_a_restart_interrupted_can_be_asked_again_or_continued(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint([SLOWLY, "Whole."]) as model:
        async with running(simulator, model, tmp_path) as here:
            await growing(here, pace=0.05)
        said = here.answers("general")[0]
        assert "this answer was interrupted" in said["content"]
        assert labels(said) == ["Continue", "Again"]
        async with running(simulator, model, tmp_path) as here:
            model.pace = 0
            await press(here, "ada", "Again")
            await here.until(lambda: contents(here.answers("general")) == ["Whole."])


async def test_a_stop_button_that_a_crash_left_behind_becomes_again(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint([SLOWLY]) as model:
        async with running(simulator, model, tmp_path) as here:
            await growing(here)
            left_behind = answer(here)["components"]
            await press(here, "ada", "Stop")
            await here.idle()
        message = simulator.world.message(here.channel("general").id, int(answer(here)["id"]))
        message.components = left_behind
        async with running(simulator, model, tmp_path) as here:
            pressed = await press(here, "ada", "Stop")
            assert pressed.acknowledged
            assert labels(answer(here)) == ["Continue", "Again"]


async def test_again_without_its_question_says_so(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["One."], pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            await here.ask("ada", "general", "count")
            question = here.messages("general")[-2]
        await here.person("ada").delete(question)
        async with running(simulator, model, tmp_path) as here:
            pressed = await press(here, "ada", "Again")
            await here.until(lambda: pressed.messages)
            assert pressed.ephemeral
            assert "is not there any more" in pressed.content
