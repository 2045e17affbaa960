"""“What did you see?” on a message: what an answer was made from, for who asked and who manages, and never a text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from discord_bot.answering import KEPT
from discord_bot.chat import cards
from discord_bot.chat.lore.activation import Cause
from discord_bot.chat.pages import PAGE_LIMIT
from discord_bot.chat.provenance import Course, Filed, Pictured, Provenance, Recalled, Sources
from discord_bot.seen import account
from discord_bot.simulator.model import Fault, ModelEndpoint, Raw, Reply, Turn
from discord_bot.simulator.people import Invocation
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world.entities import Channel
from discord_bot.simulator.world.permissions import Permission
from tests.chat.making_cards import entry
from tests.running import Running, community, running
from tests.test_budget import refusal, talk
from tests.test_controls import press
from tests.test_main import ROOT
from tests.test_persistence import refusal as refused_as
from tests.test_sight import picture, post
from tests.test_voices import take_permission

SEEN = "What did you see?"
LONG = "\n\n".join(f"Paragraph {number} of the long answer. " * 20 for number in range(6))


async def see(here: Running, name: str, message: Any) -> Invocation:
    """What that person is told about a message, which only they see."""
    told = await here.person(name).run_on_message(message, SEEN)
    await here.settled()
    assert told.ephemeral
    return told


async def text(here: Running, name: str, message: Any) -> str:
    told = await see(here, name, message)
    return "\n".join(each["content"] for each in told.messages)


def linked(said: str) -> list[int]:
    """The ids of the messages that it leads to."""
    return [int(each) for each in re.findall(r"https://discord\.com/channels/(?:\d+|@me)/\d+/(\d+)\)", said)]


def with_usage(answer: str, **usage: Any) -> Raw:
    chunks: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": {"content": answer}}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": usage},
    ]
    return Raw([f"data: {json.dumps({'model': 'small-2026', **each})}\n\n".encode() for each in chunks])


def keeper(directory: Path) -> str:
    """A folder with a persona that has lore and a name of its own; its key in config.yaml."""
    lore = {"entries": [entry("lamp", content="It burns oil.", name="Lighthouse"), entry("gull", name="Birds")]}
    (directory / "cards").mkdir()
    card = cards.made("Mira", description="A keeper.", character_book={**lore, "extensions": {}})
    (directory / "cards" / "mira.json").write_bytes(cards.write_json(card)[0])
    return "persona_folder: cards"


async def test_who_may_see_what_any_page_of_an_answer_was_made_from(tmp_path: Path) -> None:
    async with community(tmp_path, [LONG], more=keeper(tmp_path)) as here:
        observed: list[Any] = []
        here.bot.observer = lambda *what: observed.append(what)
        await here.person("ada").command("general", "persona set", name="Mira", greet=False)
        first = await here.person("mo").send(here.channel("general"), "who lit the lamp?")
        pages = await here.ask("newcomer", "general", "who was it?")
        assert len(pages) > 1
        for page in pages:
            assert page["author"]["username"] == "Mira"
            told = await text(here, "newcomer", page)
            assert "**Mira** answered: it was set for this place." in told
            assert "  - “Lighthouse”, because of `lamp`" in told
            assert "Birds" not in told
            assert "Model: **here/small**." in told
            assert re.search(r"Prompt: [\d,]+ tokens \(estimated: [\d,]+; room for 8,000\)\.", told)
            assert re.search(r"First words after [\d.]+ s, over after [\d.]+ s.", told)
            assert linked(told)[0] <= int(first["id"]) < linked(told)[1] < int(page["id"])
            assert not [each for each in ("who lit", "who was", "Paragraph", "oil", "keeper") if each in told]
        assert await text(here, "mo", pages[0]) == told  # who may manage messages
        assert "只有提问的人" in await text(here, "kim", pages[0])
        assert "no answer of the bot's" in await text(here, "newcomer", first)

        ((provenance, request, page_ids),) = observed
        assert provenance.persona == "Mira"
        assert "It burns oil." in str(request.messages)
        assert sorted(page_ids) == [int(page["id"]) for page in pages]


async def test_what_a_question_went_through_until_it_was_answered(tmp_path: Path) -> None:
    usage = {"prompt_tokens": 1_234, "completion_tokens": 56, "total_tokens": 1_290}
    details = {"prompt_tokens_details": {"cached_tokens": 1_024}, "completion_tokens_details": {"reasoning_tokens": 40}}
    too_long = refusal("This model's maximum context length is 1200 tokens. However, you requested 2500 tokens.")
    no_temperature = {"error": {"message": "Unsupported parameter: 'temperature'", "param": "temperature"}}
    script: list[Turn] = [
        with_usage("Well.", **usage, **details),
        Raw([json.dumps(no_temperature).encode()], status=400, content_type="application/json"),
        Fault.OVERLOADED,
        "At last.",
        Fault.WRONG_KEY,
        "In its place.",
        too_long,
        "Forty.",
        Fault.NO_QUOTA,
        Fault.NO_QUOTA,
    ]
    models = "  here/other: {}\n  here/with-help: {fallback: [here/other]}"
    async with community(tmp_path, script, models=models) as here:
        told = await text(here, "ada", (await here.ask("ada", "general", "hello"))[0])
        assert "Model: **here/small**, which its server calls **small-2026**." in told
        assert re.search(r"Prompt: 1,234 tokens, 1,024 of them cached \(estimated: \d+; room", told)
        assert "Answer: 56 tokens, 40 of them thoughts." in told

        told = await text(here, "ada", (await here.ask("ada", "support", "hello"))[0])
        assert "it was put otherwise: `{without: [temperature]}`" in told
        assert "tries beside the last one: 1." in told

        await here.person("ada").command("support", "model set", name="here/with-help")
        told = await text(here, "ada", (await here.ask("ada", "support", "and now?"))[0])
        assert "Model: **here/other**." in told
        assert "could not answer now: **here/with-help**." in told

        await talk(here, 40)
        told = await text(here, "ada", (await here.ask("ada", "general", "how many?"))[0])
        assert re.search(r"Left out: \d+ older messages, from \[this one\]", told)
        assert "was too long for the model's server; so it was sent less." in told
        assert len(set(linked(told))) == 4

        await here.person("ada").command("general", "forget")
        (failed,) = await here.ask("ada", "general", "and now?")
        told = await text(here, "ada", failed)
        assert "the conversation started afresh then" in told
        assert "Read: [one message]" in told
        assert "No word came" in told
        assert "It is not whole: something failed." in told


async def test_every_answer_in_a_reply_has_its_own_and_while_it_grows_too(tmp_path: Path) -> None:
    slowly = Reply([f"{number} " for number in range(2_000)])
    again = with_usage("Two.", prompt_tokens=77, completion_tokens=2)
    async with community(tmp_path, ["One.", again, Fault.LENGTH, "And its end.", slowly]) as here:
        (answer,) = await here.ask("ada", "general", "hello")
        first = await text(here, "ada", answer)
        await press(here, "ada", "Again", here.answers("general")[0])
        await here.idle()
        second = await text(here, "ada", answer)
        assert "Prompt: 77 tokens" in second
        assert "Prompt: 77 tokens" not in first
        await press(here, "ada", "◀", here.answers("general")[0])
        await here.idle()
        assert await text(here, "ada", answer) == first

        (answer,) = await here.ask("ada", "support", "hello")
        assert "when the answer went on" not in await text(here, "ada", answer)
        await press(here, "ada", "Continue", here.answers("support")[0])
        await here.idle()
        assert "when the answer went on" in await text(here, "ada", answer)

        here.model.pace = 0.02
        question = await here.person("ada").send(here.channel("tavern"), f"{here.mention} count")
        await here.until(lambda: any(each.busy and each.page_ids for each in here.bot.answering.exchanges))
        assert "It is still being written." in await text(here, "ada", here.answers("tavern")[0])
        await here.person("ada").delete(question)
        await here.idle()


async def test_after_a_restart_it_is_not_known_any_more_and_in_a_dm_it_is(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["Here.", "There."], pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            channel: Channel = await here.person("ada").open_dm()
            await here.person("ada").send(channel, "hello")
            await here.until(lambda: here.model.requests)
            await here.idle()
            (direct,) = [each for each in await here.person("ada").history(channel) if each["author"].get("bot")]
            told = await text(here, "ada", direct)
            assert "Read: [one message](https://discord.com/channels/@me/" in told
            (answer,) = await here.ask("kim", "general", "你好")
            assert "读了" in await text(here, "kim", answer)
        async with running(simulator, model, tmp_path) as here:
            for name, message in (("ada", direct), ("kim", answer)):
                told = await text(here, name, message)
                assert re.search("is gone when the bot is restarted|机器人重启后就没有了", told)
                assert linked(told) == []


async def test_pictures_by_whether_the_model_can_see_and_who_was_spoken_to(tmp_path: Path) -> None:
    no_pictures = refused_as(400, "this model does not support image input")
    script: list[Turn] = ["Red.", "Aye.", no_pictures, "A picture?"]
    async with community(tmp_path, script, personas="  Mira: {system_prompt: You are Mira., names: [Captain]}") as here:
        await post(here, "a.png", picture("png"))
        told = await text(here, "ada", (await here.ask("ada", "general", "which colour?"))[0])
        assert "Pictures that the model was shown: 1." in told
        assert "Not read" not in told
        await here.person("ada").command("general", "persona add", name="Mira")
        told = await text(here, "ada", (await here.ask("ada", "general", "Captain, and you?"))[0])
        assert "**Mira** answered: it was added here, and was spoken to." in told
        told = await text(here, "ada", (await here.ask("ada", "general", "sure?"))[0])
        assert "Pictures: 1, of which this model was told only the names, because it can't see any." in told


async def test_what_it_may_not_read_back_it_says(tmp_path: Path) -> None:
    async with community(tmp_path, ["I see."]) as here:
        await here.person("mo").send(here.channel("general"), "before")
        take_permission(here, Permission.READ_MESSAGE_HISTORY)
        here.bot.conversations.mark_gap()
        told = await text(here, "ada", (await here.ask("ada", "general", "hello"))[0])
        assert "Not read: what was written here before the bot heard of it." in told


def test_the_readmes_say_of_how_many_answers_it_is_kept() -> None:
    for name, said in (("README.md", f"for the last {KEPT} answers"), ("README.zh-CN.md", f"最近 {KEPT} 个回答")):
        assert said in (ROOT / name).read_text("utf-8")


async def test_what_was_asked_by_a_command_leads_to_the_messages_and_to_none_for_the_question(tmp_path: Path) -> None:
    async with community(tmp_path, ["Three."]) as here:
        said = [await here.person("mo").send(here.channel("general"), f"line {number}") for number in range(3)]
        asked = await here.person("newcomer").command("general", "ask", message="how many?")
        await here.settled()
        await here.idle()
        told = await text(here, "newcomer", asked.response)
        assert "The question was asked by a command." in told
        assert "Read: 3 messages" in told
        assert linked(told) == [int(said[0]["id"]), int(said[-1]["id"])]
        assert "只有提问的人" in await text(here, "kim", asked.response)


async def test_in_a_thread_that_was_opened_for_it_the_question_is_found_above_it(tmp_path: Path) -> None:
    async with community(tmp_path, ["In here."]) as here:
        await here.person("ada").command("general", "channel set", replies="thread")
        general = here.channel("general")
        question = await here.person("mo").send(general, f"{here.mention} what is it?")
        await here.until(lambda: here.model.requests)
        await here.idle()
        thread = here.simulator.world.channel(int(question["id"]))
        answer = (await here.person("mo").history(thread))[-1]
        told = await text(here, "mo", answer)
        guild = here.simulator.world.guild("Harbour").id
        assert f"Read: [one message](https://discord.com/channels/{guild}/{general.id}/{question['id']})" in told


@pytest.mark.parametrize("language", ["en", "zh"])
def test_however_much_there_is_to_tell_it_stays_readable(language: Any) -> None:
    """No line is cut in the midst of a link; what is long is counted instead of listed."""
    ids = tuple(range(1_500_000_000_000_000_000, 1_500_000_000_000_002_000))
    pictures = [Pictured(1, each) for each in (None, "", "[picture too large]", "[picture can't be read]")]
    files = [Filed(1, "whole"), Filed(2, "cut"), Filed(3, "unread")]
    lore = Recalled("*" * 500, Cause("said", "`/" + "x" * 500))
    sources = Sources(
        ids, ids, ids, tuple(pictures * 9), tuple(files * 9), (lore,) * 100, ("@everyone",) * 100, without_examples=True
    )
    known = Provenance(
        persona="_" * 100, setting="gone", gone="`" * 100, sources=sources, apart=True, alone=True, heard_only=True,
        forgotten_up_to=ids[0],
        model="here/" + "m" * 100, sees=True, budget=10**6, estimate=10**6, refused=10**7, goes_on=True, served_as="x",
        course=Course(failed=(("here/a", "server"),) * 5, retries=3, otherwise=6), first_token=0.5, whole=100.0,
    )  # fmt: skip
    lines = account(known, lambda message_id: f"https://discord.com/channels/{ids[0]}/{ids[0]}/{message_id}", language)
    assert max(map(len, lines)) < PAGE_LIMIT
    assert sum(map(len, lines)) < 4 * PAGE_LIMIT
    assert not any("@everyone" in line for line in lines)
