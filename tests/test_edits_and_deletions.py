"""What becomes of an answer when people edit or delete the question, or the answer, at any stage of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from discord_bot.simulator.faults import RestFault
from discord_bot.simulator.model import Fault, ModelEndpoint, Reply, Turn
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world.messages import remove
from tests.running import Running, Said, community, contents, deleting_at_once, running

SLOWLY = Reply(pieces=[f"piece {number}, " for number in range(400)])


async def begun(here: Running, text: str = "tell me", *, pace: float = 0.02) -> Said:
    """Ada asks, and the answer has begun to grow; the question."""
    here.model.pace = pace
    question = await here.person("ada").send(here.channel("general"), f"{here.mention} {text}")
    await here.until(lambda: here.answers("general"))
    return question


def creates(here: Running) -> int:
    return sum(each.route == "create_message" for each in here.simulator.requests)


async def remembered(here: Running) -> str:
    """What the model is told of the channel when somebody else asks."""
    here.model.pace = 0
    here.model.script.appendleft("Noted.")
    await here.ask("kim", "general", "what was said?")
    return "\n".join(f"{each['role']}: {each['content']}" for each in here.sent())


# ---- the question deleted --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["one", "many"])
async def test_a_question_that_is_deleted_takes_its_growing_answer_with_it(how: str, tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY]) as here:
        place = here.channel("general")
        question = await begun(here)
        if how == "one":
            await here.person("ada").delete(question)
        else:
            other = await here.person("kim").send(place, "hm")
            await here.person("mo").delete_many(place, [question, other])
        await here.until(lambda: not here.answers("general"), seconds=2)
        await here.idle()
        assert here.answers("general") == []
        assert "piece" not in await remembered(here)


async def test_a_question_that_is_deleted_before_the_first_word_is_never_answered(tmp_path: Path) -> None:
    async with community(tmp_path, [Fault.HANG]) as here:
        question = await here.person("ada").send(here.channel("general"), f"{here.mention} tell me")
        await here.until(lambda: here.model.requests)
        await here.person("ada").delete(question)
        await here.until(lambda: not here.bot.answering.exchanges, seconds=1)
        assert here.answers("general") == []
        assert creates(here) == 0


async def test_the_models_stream_is_closed_at_once(tmp_path: Path) -> None:
    """Nobody pays for words that nobody reads."""
    async with community(tmp_path, [Fault.STALL]) as here:
        question = await begun(here, pace=0)
        ended = asyncio.get_running_loop().time()
        await here.person("ada").delete(question)
        await here.idle()
        assert asyncio.get_running_loop().time() - ended < 1  # idle: 2 seconds


async def test_a_question_that_is_deleted_while_the_last_text_is_on_its_way_takes_the_answer_along(
    tmp_path: Path,
) -> None:
    async with community(
        tmp_path, [Reply(pieces=["The first half of it. ", *["and "] * 8, "the other half."])]
    ) as here:
        question = await begun(here, pace=0.05)
        here.simulator.rest.latency = 0.6
        await here.until(lambda: contents(here.answers("general"))[0].endswith("the other half."))
        await here.person("ada").delete(question)
        await here.idle()
        await here.until(lambda: not here.answers("general"), seconds=2)


async def test_an_answer_that_is_whole_outlives_its_question(tmp_path: Path) -> None:
    async with community(tmp_path, ["All of it."]) as here:
        await here.ask("ada", "general", "tell me")
        (question, _) = here.messages("general")[-2:]
        await here.person("ada").delete(question)
        await asyncio.sleep(0.1)
        assert contents(here.answers("general")) == ["All of it."]


# ---- the question edited ---------------------------------------------------------------------------------------------


async def test_a_question_that_is_edited_while_it_is_answered_has_its_reply_revised(tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY, "It is nine."]) as here:
        question = await begun(here)
        await here.person("ada").edit(question, f"{here.mention} what time is it?")
        await here.until(lambda: contents(here.answers("general")) == ["It is nine."])
        await here.idle()
        assert creates(here) == 1
        assert "what time is it?" in str(here.sent())
        assert "tell me" not in str(here.sent())
        assert "piece" not in str(here.sent())
        heard = await remembered(here)
        assert "assistant: It is nine." in heard
        assert "piece" not in heard


async def test_edits_at_every_stage_end_in_one_reply_to_the_last_one(tmp_path: Path) -> None:
    """Before the request, before the first word, in the middle, and while the last text is on its way."""
    script: list[Turn] = [Fault.HANG, SLOWLY, "Three.", "Four."]
    async with community(tmp_path, script) as here:
        ada, place = here.person("ada"), here.channel("general")
        question = await ada.send(place, f"{here.mention} one?")
        await here.until(lambda: len(here.model.requests) == 1)
        here.model.pace = 0.02
        await ada.edit(question, f"{here.mention} two?")
        await here.until(lambda: here.answers("general"))
        here.model.pace = 0
        here.simulator.faults.rest("slow", route="update_message", seconds=0.5)
        await ada.edit(question, f"{here.mention} three?")
        await here.until(lambda: "Three." in contents(here.answers("general")))
        await ada.edit(question, f"{here.mention} four?")
        await here.until(lambda: contents(here.answers("general")) == ["Four."])
        await here.idle()
        assert creates(here) == 1
        assert "four?" in str(here.sent())
        heard = await remembered(here)
        assert "assistant: Four." in heard
        assert "Three." not in heard


async def test_an_edit_a_while_after_revises_the_reply_in_its_place(tmp_path: Path) -> None:
    async with community(tmp_path, ["Of cats.", "For Kim.", "Of dogs."]) as here:
        question = await here.person("ada").send(here.channel("general"), f"{here.mention} cats?")
        await here.until(lambda: here.answers("general"))
        await here.idle()
        await here.ask("kim", "general", "and me?")
        await here.person("ada").edit(question, f"{here.mention} dogs?")
        await here.until(lambda: "Of dogs." in contents(here.answers("general")))
        await here.idle()
        assert contents(here.answers("general")) == ["Of dogs.", "For Kim."]
        assert creates(here) == 2
        assert "For Kim." not in str(here.sent())  # it is answered where it stands
        heard = await remembered(here)
        assert heard.index("dogs?") < heard.index("Of dogs.") < heard.index("and me?") < heard.index("For Kim.")
        assert "cats" not in heard.lower()


async def test_a_longer_answer_becomes_a_shorter_one_and_its_further_pages_go(tmp_path: Path) -> None:
    async with community(tmp_path, ["word " * 900, "Short."]) as here:
        pages = await here.ask("ada", "general", "long?")
        assert len(pages) == 3
        question = here.messages("general")[-4]
        await here.person("ada").edit(question, f"{here.mention} short?")
        await here.until(lambda: contents(here.answers("general")) == ["Short."])
        await here.idle()
        await asyncio.sleep(0.1)
        heard = await remembered(here)
        assert "assistant: Short." in heard
        assert "word" not in heard


async def test_a_preview_of_a_link_is_no_edit(tmp_path: Path) -> None:
    async with community(tmp_path, ["A page.", "Never asked for."]) as here:
        await here.ask("ada", "general", "https://example.invalid/page")
        question = here.messages("general")[-2]
        here.simulator.unfurl("general", int(question["id"]), "https://example.invalid/page")
        await asyncio.sleep(0.2)
        await here.idle()
        assert contents(here.answers("general")) == ["A page."]
        assert len(here.model.requests) == 1


@pytest.mark.parametrize("setting", ["0", "0.3"])
async def test_after_the_owners_time_an_edit_changes_nothing(setting: str, tmp_path: Path) -> None:
    more = f"delivery: {{revise_within: {setting}}}"
    async with community(tmp_path, ["Of cats.", "Of dogs."], more=more) as here:
        await here.ask("ada", "general", "cats?")
        question = here.messages("general")[-2]
        await asyncio.sleep(float(setting) + 0.1)
        await here.person("ada").edit(question, f"{here.mention} dogs?")
        await asyncio.sleep(0.2)
        assert contents(here.answers("general")) == ["Of cats."]


async def test_where_edits_are_not_followed_one_in_the_middle_changes_nothing(tmp_path: Path) -> None:
    script: list[Turn] = [Reply(pieces=["one ", "two ", "three ", "four"]), "Other."]
    async with community(tmp_path, script, more="delivery: {revise_within: 0}") as here:
        question = await begun(here, pace=0.05)
        await here.person("ada").edit(question, f"{here.mention} something else")
        await here.idle()
        assert contents(here.answers("general")) == ["one two three four"]


async def test_a_message_that_an_edit_makes_a_question_is_answered(tmp_path: Path) -> None:
    async with community(tmp_path, ["Here."]) as here:
        said = await here.person("ada").send(here.channel("general"), "are you there?")
        await asyncio.sleep(0.05)
        await here.person("ada").edit(said, f"{here.mention} are you there?")
        await here.until(lambda: contents(here.answers("general")) == ["Here."])
        assert here.answers("general")[0]["message_reference"]["message_id"] == said["id"]
        await here.person("ada").edit(said, f"{here.mention} are you there")  # and from then on it is a question
        await here.until(lambda: len(here.model.requests) == 2)


async def test_a_mention_alone_can_become_a_question(tmp_path: Path) -> None:
    async with community(tmp_path, ["Yes."]) as here:
        (hint,) = await here.ask("ada", "general", "")
        assert hint["content"].startswith("You called?")
        question = here.messages("general")[-2]
        await here.person("ada").edit(question, f"{here.mention} are you there?")
        await here.until(lambda: contents(here.answers("general")) == ["Yes."])
        await here.idle()
        heard = await remembered(here)
        assert "are you there?" in heard
        assert "You called" not in heard


async def test_a_question_that_no_longer_speaks_to_the_bot_is_not_answered(tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY, "Again to you."]) as here:
        question = await begun(here)
        await here.person("ada").edit(question, "never mind")
        await here.until(lambda: not here.answers("general"), seconds=2)
        await here.idle()
        assert here.answers("general") == []
        here.model.pace = 0
        await here.person("ada").edit(question, f"{here.mention} please")  # and she thinks better of it
        await here.until(lambda: contents(here.answers("general")) == ["Again to you."])


async def test_a_reply_to_the_bot_speaks_to_it_whatever_it_is_edited_to(tmp_path: Path) -> None:
    async with community(tmp_path, ["One.", SLOWLY, "Three."]) as here:
        (first,) = await here.ask("ada", "general", "count")
        here.model.pace = 0.02
        question = await here.person("ada").send(here.channel("general"), "go on", reply_to=first, ping=False)
        await here.until(lambda: len(here.answers("general")) == 2)
        await here.person("ada").edit(question, "skip one")
        await here.until(lambda: contents(here.answers("general")) == ["One.", "Three."])


async def test_an_edit_of_a_question_that_waits_is_what_is_answered(tmp_path: Path) -> None:
    async with community(tmp_path, [Reply(pieces=["a ", "b ", "c ", "d"]), "For the second."]) as here:
        ada, place = here.person("ada"), here.channel("general")
        here.model.pace = 0.05
        await ada.send(place, f"{here.mention} first")
        second = await ada.send(place, f"{here.mention} secnd")
        withdrawn = await ada.send(place, f"{here.mention} third")
        await ada.edit(second, f"{here.mention} second")
        await ada.edit(withdrawn, "not for you")
        await here.until(lambda: "For the second." in contents(here.answers("general")))
        await here.idle()
        assert len(here.model.requests) == 2
        assert "secnd" not in str(here.sent())


async def test_after_a_restart_an_edit_revises_the_reply_that_stands(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["Of cats.", "Of dogs."], pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            await here.ask("ada", "general", "cats?")
            question = here.messages("general")[-2]
        async with running(simulator, model, tmp_path) as here:
            await here.person("ada").edit(question, f"{here.mention} dogs?")
            await here.until(lambda: contents(here.answers("general")) == ["Of dogs."])
            assert creates(here) == 1


async def test_after_a_restart_a_pin_or_a_preview_is_no_edit_even_of_a_question_that_was_edited(tmp_path: Path) -> None:
    more = "delivery: {revise_within: 0.3}"
    async with Simulator(limits=False) as simulator, ModelEndpoint(["Of dogs.", "Never."], pace=0.0) as model:
        async with running(simulator, model, tmp_path, more=more) as here:
            said = await here.person("ada").send(here.channel("general"), "dogs?")
            await here.person("ada").edit(said, f"{here.mention} dogs?")
            await here.until(lambda: contents(here.answers("general")) == ["Of dogs."])
        async with running(simulator, model, tmp_path, more=more) as here:
            await asyncio.sleep(0.3)
            simulator.unfurl("general", int(said["id"]), "https://example.invalid/page")
            await asyncio.sleep(0.2)
            assert len(model.requests) == 1


# ---- the reply deleted -----------------------------------------------------------------------------------------------


async def test_a_reply_that_somebody_deletes_stops_at_once_and_silently(tmp_path: Path) -> None:
    async with community(tmp_path, [Fault.STALL]) as here:
        await begun(here, pace=0)
        began = asyncio.get_running_loop().time()
        await here.person("mo").delete(here.answers("general")[0])
        await here.idle()
        assert asyncio.get_running_loop().time() - began < 1
        assert here.answers("general") == []
        assert "not whole" not in await remembered(here)


async def test_a_reply_that_was_deleted_does_not_come_back_by_an_edit(tmp_path: Path) -> None:
    async with community(tmp_path, ["Something rude.", "Something ruder."]) as here:
        (answer,) = await here.ask("ada", "general", "say it")
        question = here.messages("general")[-2]
        await here.person("mo").delete(answer)
        await asyncio.sleep(0.05)
        await here.person("ada").edit(question, f"{here.mention} say it!")
        await asyncio.sleep(0.2)
        assert here.answers("general") == []


@pytest.mark.parametrize(
    ("answer", "fault", "page"),
    [
        (Fault.STALL, None, 1),
        ("Something rude.", None, 1),
        ("Something rude.", "lost", 1),
        ("Something rude.", "truncated", 1),
        ("rude " * 900, None, 2),
    ],
)
async def test_a_reply_that_is_deleted_before_discord_has_answered_that_it_stands_is_over_too(
    answer: Turn, fault: RestFault | None, page: int, tmp_path: Path
) -> None:
    async with community(tmp_path, [answer]) as here:
        here.model.pace = 0
        if fault is not None:
            here.simulator.faults.rest(fault, route="create_message")
        with deleting_at_once(here, page):
            question = await here.person("ada").send(here.channel("general"), f"{here.mention} say it")
            await here.until(lambda: creates(here) == page)
            await here.idle()
        assert len(here.answers("general")) == page - 1  # and nothing is said to be wrong
        await here.person("ada").edit(question, f"{here.mention} say it!")
        heard = await remembered(here)
        assert "say it!" in heard
        assert "\nassistant: " not in heard
        assert creates(here) == page + 1
        assert contents(here.answers("general"))[page - 1 :] == ["Noted."]


@pytest.mark.parametrize("way", ["bot", "webhook", "command"])
async def test_of_a_reply_that_is_deleted_nothing_comes_any_more(way: str, tmp_path: Path) -> None:
    """Also not the page that is on its way just then."""
    async with community(tmp_path, ["word " * 900]) as here:
        ada, mo, place = here.person("ada"), here.person("mo"), here.channel("general")
        if way == "webhook":
            await ada.command(place, "persona set", name="pirate")
        before = {each["id"] for each in here.messages(place)}
        late = "create_message" if way == "bot" else "execute_webhook"
        here.simulator.faults.rest("slow", route=late, seconds=1.0, every=1 if way == "command" else 2)
        if way == "command":
            await ada.command(place, "ask", message="talk")
        else:
            await ada.send(place, f"{here.mention} talk")
        await here.until(lambda: not here.simulator.faults._pending)
        stood = [each for each in here.answers(place) if each["id"] not in before]
        assert stood
        await mo.delete(stood[0])
        await here.idle()
        assert {each["id"] for each in here.answers(place)} - before <= {each["id"] for each in stood[1:]}


async def test_a_page_that_is_deleted_while_all_of_them_are_taken_back_does_not_let_the_others_stand(
    tmp_path: Path,
) -> None:
    async with community(tmp_path, ["word " * 900]) as here:
        ada, asked = here.person("ada"), list[Said]()

        async def take_back() -> None:
            await ada.delete(asked[0])

        with deleting_at_once(here, 2, and_then=take_back):
            asked.append(await ada.send(here.channel("general"), f"{here.mention} talk"))
            await here.until(lambda: creates(here) == 2)
            await here.idle()
        assert here.answers("general") == []


async def test_a_reply_of_which_an_edit_finds_that_it_was_deleted_does_not_come_back(tmp_path: Path) -> None:
    async with community(tmp_path, [Reply(pieces=["piece, "] * 100)]) as here:
        question = await begun(here)
        world, place, answer = here.simulator.world, here.channel("general"), here.answers("general")[0]
        untold = remove(world, place, world.message(place.id, int(answer["id"])))
        await here.idle()
        here.simulator.dispatch(untold)
        await here.person("ada").edit(question, f"{here.mention} say it!")
        assert "piece" not in await remembered(here)
        assert contents(here.answers("general")) == ["Noted."]


async def test_several_people_change_their_minds_at_once(tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY, SLOWLY, "For Kim."]) as here:
        first = await begun(here)
        second = await here.person("kim").send(here.channel("general"), f"{here.mention} and me?")
        await here.until(lambda: len(here.answers("general")) == 2)
        await asyncio.gather(
            here.person("ada").delete(first), here.person("kim").edit(second, f"{here.mention} only me?")
        )
        await here.until(lambda: contents(here.answers("general")) == ["For Kim."])
        await here.idle()
        assert contents(here.answers("general")) == ["For Kim."]
