"""A message that names several personas of a channel is answered by each, under its own face, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from discord_bot.chat.pages import PAGE_LIMIT
from discord_bot.delivery import without_line
from discord_bot.delivery.notices import NAME
from discord_bot.simulator.model import Fault, ModelEndpoint, Reply, Turn
from discord_bot.simulator.server import Simulator
from tests.running import Running, Said, community, deleting_at_once, running

SLOWLY = Reply(pieces=[f"piece {number}, " for number in range(60)])
PERSONAS = "\n".join(f"  {name}: {{system_prompt: You are {name}.}}" for name in ("Mira", "Rex", "Nell", "Odo"))
BOTH = "Mira and Rex, who goes?"


@asynccontextmanager
async def stage(directory: Path, script: list[Turn], *names: str) -> AsyncIterator[Running]:
    """A channel in which Mira speaks, and the others are there too: Rex, if nobody else is named."""
    async with community(directory, script, personas=PERSONAS) as here:
        await enter(here, *(names or ("Rex",)))
        yield here


async def enter(here: Running, *names: str) -> None:
    await command(here, "persona set", name="Mira")
    for name in names:
        await command(here, "persona add", name=name)


async def command(here: Running, name: str, /, **options: str) -> str:
    invocation = await here.person("ada").command(here.channel("general"), name, **options)
    await here.settled()
    return (await invocation.finished()).content


def replies(here: Running) -> list[Said]:
    """What the bot has said to mentions: commands are answered otherwise."""
    return [each for each in here.answers("general") if "interaction_metadata" not in each]


def said(here: Running) -> list[tuple[str, str]]:
    """Who said what."""
    return [(each["author"]["username"], without_line(each["content"])) for each in replies(here)]


async def asked(here: Running, text: str = BOTH) -> Said:
    return await here.person("ada").send(here.channel("general"), f"{here.mention} {text}")


async def told(here: Running, *answers: tuple[str, str]) -> None:
    """Waits until just that was said, and nobody is being answered any more."""
    try:
        await here.until(lambda: said(here) == list(answers))
    except TimeoutError:
        assert said(here) == list(answers)  # so that what was said instead is seen
    await here.idle()
    assert said(here) == list(answers)


def button(message: Said, label: str) -> dict[str, Any]:
    return next(each for row in message["components"] for each in row["components"] if each["label"] == label)


async def press(here: Running, message: Said, label: str = "Again", name: str = "ada") -> str:
    return (await here.person(name).press(message, button(message, label)["custom_id"])).content


# ---- each of them answers --------------------------------------------------------------------------------------------


async def test_each_answers_under_its_own_face_and_hears_the_ones_before(tmp_path: Path) -> None:
    async with stage(tmp_path, ["I do.", "And I.", "Later."]) as here:
        question = await asked(here)
        await told(here, ("Mira", "I do."), ("Rex", "And I."))
        first, second = list(here.model.requests)
        assert first["messages"][0]["content"].startswith("You are Mira.")
        assert second["messages"][0]["content"].startswith("You are Rex.")
        assert second["messages"][-1]["content"].startswith(f"Ada: {BOTH}\nMira: I do.")
        # Nothing stands between the question and its answers, so no line has to say what they answer.
        assert not [each for each in replies(here) if "↪" in each["content"]]
        buffer = here.bot.conversations.open(here.channel("general").id).buffer
        assert [len(pages) for pages in buffer.answers_to(int(question["id"]))] == [1, 1]
        # Both stand behind the question, for whoever is asked next, its own words as its own.
        await asked(here, "and now?")
        await told(here, ("Mira", "I do."), ("Rex", "And I."), ("Mira", "Later."))
        assert [each["role"] for each in here.sent()[1:]] == ["user", "assistant", "user"]
        assert here.sent()[2]["content"] == "I do."
        assert here.sent()[3]["content"].startswith("Rex: And I.\nAda: and now?")


async def test_who_is_replied_to_comes_first_and_no_more_than_three_answer(tmp_path: Path) -> None:
    script: list[Turn] = [f"{number}." for number in range(9)]
    async with stage(tmp_path, script, "Rex", "Nell", "Odo") as here:
        await asked(here, "Rex?")
        await told(here, ("Rex", "0."))
        await here.person("ada").send(
            here.channel("general"), "is Mira right, Nell and Odo?", reply_to=replies(here)[0]
        )
        await told(here, ("Rex", "0."), ("Rex", "1."), ("Mira", "2."), ("Nell", "3."))


async def test_quick_messages_that_name_one_each_are_answered_by_both(tmp_path: Path) -> None:
    async with stage(tmp_path, [Fault.HANG, "I do.", "And I."]) as here:
        await asked(here, "who goes, Mira")
        await here.until(lambda: here.model.requests)
        await asked(here, "or Rex?")
        await told(here, ("Mira", "I do."), ("Rex", "And I."))


async def test_a_question_that_comes_meanwhile_is_answered_behind_both(tmp_path: Path) -> None:
    async with stage(tmp_path, [SLOWLY, "And I.", "Later."]) as here:
        here.model.pace = 0.02
        await asked(here)
        await here.until(lambda: replies(here))
        await asked(here, "and now?")
        await here.until(lambda: len(replies(here)) == 3)
        await here.idle()
        assert [name for name, _ in said(here)] == ["Mira", "Rex", "Mira"]
        assert "Rex: And I." in str(here.sent())


async def test_where_one_can_not_answer_it_says_so_and_the_others_do(tmp_path: Path) -> None:
    async with stage(tmp_path, [Fault.WRONG_KEY, "And I."]) as here:
        await asked(here)
        await here.until(lambda: len(replies(here)) == 2)
        await here.idle()
        assert [name for name, _ in said(here)] == ["Mira", "Rex"]
        assert "key" in said(here)[0][1]
        assert said(here)[1][1] == "And I."


async def test_they_do_not_answer_each_other_by_themselves(tmp_path: Path) -> None:
    async with stage(tmp_path, ["Ask Rex!", "Ask Mira!"]) as here:
        await asked(here)
        await told(here, ("Mira", "Ask Rex!"), ("Rex", "Ask Mira!"))
        await asyncio.sleep(0.2)
        assert len(here.model.requests) == 2


async def test_without_voices_of_their_own_small_print_says_who_speaks_and_no_prompt_has_it(
    tmp_path: Path,
) -> None:
    """Also after a restart, when only that tells them apart; and an answer of several pages says it once."""
    long = "\n\n".join(f"Verse {number}. " + "la " * 300 for number in range(5)).strip()
    script: list[Turn] = ["I do.", long, "Or I.", "Later.", "Alone."]
    async with Simulator(limits=False) as simulator, ModelEndpoint(script, pace=0.0) as model:
        async with running(simulator, model, tmp_path, personas=PERSONAS, more="voice: plain") as here:
            await enter(here, "Rex")
            question = await asked(here)
            await here.until(lambda: len(replies(here)) == 4)
            await here.idle()
            first, second, *others = replies(here)
            assert first["content"] == f"{NAME}Mira\nI do."
            assert second["content"].startswith(f"{NAME}Rex\nVerse 0.")
            assert not [each for each in others if NAME in each["content"]]
            assert [each["message_reference"]["message_id"] for each in (first, second)] == [question["id"]] * 2
            assert here.sent()[-1]["content"].startswith(f"Ada: {BOTH}\nMira: I do.")
        async with running(simulator, model, tmp_path, personas=PERSONAS, more="voice: plain") as here:
            await press(here, replies(here)[0])
            await here.until(lambda: replies(here)[0]["content"] == f"{NAME}Mira\nOr I.")
            await here.idle()
            assert here.sent()[0]["content"].startswith("You are Mira.")
        async with running(simulator, model, tmp_path, personas=PERSONAS, more="voice: plain") as here:
            await asked(here, "and now?")
            await here.until(lambda: replies(here)[-1]["content"] == f"{NAME}Mira\nLater.")
            await here.idle()
            _, one, two, three = here.sent()
            assert (two["role"], two["content"]) == ("assistant", "Or I.")
            assert one["content"].startswith(f"Ada: {BOTH}")
            assert three["content"].startswith("Rex: Verse 0.")
            assert three["content"].count("Rex: ") == 3  # further pages are told as those of the same one
            assert three["content"].count("Verse") == 5
            assert NAME.strip() not in str(here.sent())
            # Where only one speaks, nothing has to be said.
            await command(here, "persona remove", name="Rex")
            await asked(here, "alone?")
            await here.until(lambda: replies(here)[-1]["content"] == "Alone.")


async def test_where_the_webhook_fails_or_there_is_none_small_print_says_who_speaks(tmp_path: Path) -> None:
    async with stage(tmp_path, [*["I do.", "And I."] * 2, "Arr."], "Rex", "assistant") as here:
        here.simulator.faults.rest("403", route="execute_webhook", times=99, seconds=30)
        await asked(here)
        await told(here, ("assistant", f"{NAME}Mira\nI do."), ("assistant", f"{NAME}Rex\nAnd I."))
        ada = here.person("ada")
        private = await ada.open_dm()
        for name, who in (("persona set", "Mira"), ("persona add", "assistant")):
            await (await ada.command(private, name, name=who)).finished()
        await here.settled()
        before = len(here.answers(private))
        await ada.send(private, "Mira and assistant, who goes?")
        await here.until(lambda: len(here.answers(private)) == before + 2)
        await here.idle()
        # The bot bears the second one's name, so that one need not be named.
        assert [each["content"] for each in here.answers(private)[before:]] == [f"{NAME}Mira\nI do.", "And I."]


async def test_the_answer_to_a_command_says_who_speaks_as_the_bots_own_words_do(tmp_path: Path) -> None:
    verses = "\n\n".join("la " * 300 for _ in range(5)).strip()
    async with stage(tmp_path, [verses, "Arr.", "Alone."], "assistant") as here:
        ada, place = here.person("ada"), here.channel("general")
        asked = await (await ada.command(place, "ask", message="sing, Mira", private=True)).finished()
        await here.idle()
        assert asked.content.startswith(f"{NAME}Mira\n-# 💬 sing, Mira\nla la")
        assert len(asked.messages) > 1
        assert not [each for each in asked.messages[1:] if NAME in each["content"]]
        assert all(len(each["content"]) <= PAGE_LIMIT for each in asked.messages)
        assert "🎭" not in await command(here, "ask", message="and you, assistant?")  # the bot's own name
        await command(here, "persona remove", name="assistant")
        assert "🎭" not in await command(here, "ask", message="alone?")


# ---- what happens to the question happens to each --------------------------------------------------------------------


async def test_an_edit_revises_each(tmp_path: Path) -> None:
    async with stage(tmp_path, ["I do.", "And I.", "Not I.", "Nor I."]) as here:
        question = await asked(here)
        await told(here, ("Mira", "I do."), ("Rex", "And I."))
        before = [each["id"] for each in replies(here)]
        await here.person("ada").edit(question, f"{here.mention} Mira and Rex, who stays?")
        await told(here, ("Mira", "Not I."), ("Rex", "Nor I."))
        assert [each["id"] for each in replies(here)] == before
        assert "Mira: Not I." in str(here.sent())
        assert "And I." not in str(here.sent())


async def test_an_edit_brings_who_is_named_now_and_takes_back_who_is_not(tmp_path: Path) -> None:
    async with stage(tmp_path, [f"{number}." for number in range(9)]) as here:
        question = await asked(here, "Mira?")
        await told(here, ("Mira", "0."))
        await here.person("ada").edit(question, f"{here.mention} Mira? Rex?")
        await told(here, ("Mira", "1."), ("Rex", "2."))
        await here.person("ada").edit(question, f"{here.mention} only Rex!")
        await told(here, ("Rex", "3."))
        await here.person("ada").edit(question, f"{here.mention} Mira alone!")
        await told(here, ("Mira", "4."))


@pytest.mark.parametrize("which", [0, 1])
async def test_an_edit_while_one_of_them_answers_begins_with_the_first_again(tmp_path: Path, which: int) -> None:
    script: list[Turn] = ["I do.", "And I.", "Not I.", "Nor I."]
    script[which] = SLOWLY
    if which == 0:
        del script[1]
    async with stage(tmp_path, script) as here:
        here.model.pace = 0.02
        question = await asked(here)
        await here.until(lambda: len(replies(here)) == which + 1)
        await here.person("ada").edit(question, f"{here.mention} Mira and Rex, who stays?")
        await told(here, ("Mira", "Not I."), ("Rex", "Nor I."))
        assert len(here.model.requests) == len(script)


@pytest.mark.parametrize("which", [0, 1])
async def test_a_deletion_while_one_of_them_answers_takes_back_each(tmp_path: Path, which: int) -> None:
    script: list[Turn] = ["I do.", SLOWLY]
    async with stage(tmp_path, script[1 - which :]) as here:
        here.model.pace = 0.02
        question = await asked(here)
        await here.until(lambda: len(replies(here)) == which + 1)
        await here.person("ada").delete(question)
        await here.until(lambda: not replies(here))
        await here.idle()
        assert len(here.model.requests) == which + 1


# ---- what is pressed concerns one ------------------------------------------------------------------------------------


async def test_again_concerns_one_and_so_do_the_arrows(tmp_path: Path) -> None:
    async with stage(tmp_path, ["I do.", "And I.", "Or I.", "I go."]) as here:
        await asked(here)
        await told(here, ("Mira", "I do."), ("Rex", "And I."))
        await press(here, replies(here)[1])
        await told(here, ("Mira", "I do."), ("Rex", "Or I."))
        assert "Mira: I do." in str(here.sent())
        assert "And I." not in str(here.sent())
        await press(here, replies(here)[1], "◀")
        await told(here, ("Mira", "I do."), ("Rex", "And I."))
        await press(here, replies(here)[0])
        await told(here, ("Mira", "I go."), ("Rex", "And I."))
        assert "And I." not in str(here.sent())  # that came after it


async def test_a_stop_concerns_one(tmp_path: Path) -> None:
    async with stage(tmp_path, [SLOWLY, "And I."]) as here:
        here.model.pace = 0.05
        await asked(here)
        await here.until(lambda: replies(here) and any("Stop" in str(each["components"]) for each in replies(here)))
        await press(here, replies(here)[0], "Stop")
        await here.until(lambda: len(replies(here)) == 2)
        await here.idle()
        assert "was stopped here" in said(here)[0][1]
        assert said(here)[1] == ("Rex", "And I.")


async def test_one_whose_reply_somebody_deletes_says_no_more_and_the_others_do(tmp_path: Path) -> None:
    async with stage(tmp_path, [SLOWLY, "And I.", "Nor I."]) as here:
        here.model.pace = 0.02
        question = await asked(here)
        await here.until(lambda: replies(here))
        await here.person("mo").delete(replies(here)[0])
        await told(here, ("Rex", "And I."))
        await here.person("ada").edit(question, f"{here.mention} Mira and Rex, who stays?")
        await told(here, ("Rex", "Nor I."))


async def test_nor_does_one_whose_reply_is_deleted_before_discord_has_answered_that_it_stands(tmp_path: Path) -> None:
    async with stage(tmp_path, ["I do.", "And I.", "Nor I."]) as here:
        with deleting_at_once(here, 1):
            question = await asked(here)
            await told(here, ("Rex", "And I."))
        await here.person("ada").edit(question, f"{here.mention} Mira and Rex, who stays?")
        await told(here, ("Rex", "Nor I."))


async def test_again_below_one_while_the_next_still_answers_waits_for_its_turn(tmp_path: Path) -> None:
    async with stage(tmp_path, ["I do.", SLOWLY, "I go."]) as here:
        here.model.pace = 0.02
        await asked(here)
        await here.until(lambda: len(replies(here)) == 2)
        assert "this one comes next" in await press(here, replies(here)[0])
        await here.until(lambda: said(here)[0] == ("Mira", "I go."))
        await here.idle()
        assert [name for name, _ in said(here)] == ["Mira", "Rex"]


async def test_an_edit_while_a_further_answer_waits_for_its_turn_is_what_that_answers(tmp_path: Path) -> None:
    async with stage(tmp_path, ["I do.", "And I.", SLOWLY, "Not I.", "Nor I."]) as here:
        question = await asked(here)
        await told(here, ("Mira", "I do."), ("Rex", "And I."))
        here.model.pace = 0.05
        await press(here, replies(here)[0])
        await here.until(lambda: len(here.model.requests) == 3)
        assert "this one comes next" in await press(here, replies(here)[1])
        await here.person("ada").edit(question, f"{here.mention} Mira and Rex, who stays?")
        await told(here, ("Mira", "Not I."), ("Rex", "Nor I."))
        assert "Mira: Not I." in str(here.sent())


async def test_who_speaks_there_no_more_still_answers_again_below_what_it_said(tmp_path: Path) -> None:
    async with stage(tmp_path, ["I do.", "And I.", "Or I."]) as here:
        await asked(here)
        await told(here, ("Mira", "I do."), ("Rex", "And I."))
        await command(here, "persona remove", name="Rex")
        await press(here, replies(here)[1])
        await told(here, ("Mira", "I do."), ("Rex", "Or I."))
        assert here.sent()[0]["content"].startswith("You are Rex.")


# ---- after a restart -------------------------------------------------------------------------------------------------


async def test_after_a_restart_each_has_its_own_again_and_an_edit_finds_both(tmp_path: Path) -> None:
    long = "\n\n".join(f"Verse {number}. " + "la " * 300 for number in range(5)).strip()
    script: list[Turn] = [long, "And I.", "Or I.", "I go.", "Not I.", "Nor I."]
    async with Simulator(limits=False) as simulator, ModelEndpoint(script, pace=0.0) as model:
        async with running(simulator, model, tmp_path, personas=PERSONAS) as here:
            await enter(here, "Rex")
            question = await asked(here)
            await here.until(lambda: ("Rex", "And I.") in said(here))
            await here.idle()
        async with running(simulator, model, tmp_path, personas=PERSONAS) as here:
            await press(here, replies(here)[-1])
            await here.until(lambda: said(here)[-1] == ("Rex", "Or I."))
            await here.idle()
            assert {name for name, _ in said(here)[:-1]} == {"Mira"}
            assert "Verse 4." in str(here.sent())
            assert "And I." not in str(here.sent())
        async with running(simulator, model, tmp_path, personas=PERSONAS) as here:
            await press(here, replies(here)[-2])
            await told(here, ("Mira", "I go."), ("Rex", "Or I."))
        async with running(simulator, model, tmp_path, personas=PERSONAS) as here:
            await here.person("ada").edit(question, f"{here.mention} Mira and Rex, who stays?")
            await told(here, ("Mira", "Not I."), ("Rex", "Nor I."))


async def test_a_button_of_an_older_form_belongs_to_the_reply_that_it_stands_below(tmp_path: Path) -> None:
    async with stage(tmp_path, ["I do.", "And I.", "Or I.", "I go."]) as here:
        await asked(here)
        await told(here, ("Mira", "I do."), ("Rex", "And I."))
        for index, expected in ((1, ("Rex", "Or I.")), (0, ("Mira", "I go."))):
            page = replies(here)[index]
            custom_id = button(page, "Again")["custom_id"]
            stored = here.simulator.world.messages[here.channel("general").id][int(page["id"])]
            for row in stored.components:
                for each in row["components"]:
                    each["custom_id"] = each["custom_id"].rpartition(":")[0]
            older = custom_id.rpartition(":")[0]
            assert older.count(":") == 3
            await here.person("ada").press(page, older)
            await here.idle()
            assert said(here)[index] == expected
