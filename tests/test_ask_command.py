"""/ask: answered wherever somebody is, also where the bot is not, and nothing of it is remembered."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from discord_bot.answering.exchanges import Cut
from discord_bot.simulator.model import Fault, ModelEndpoint, Reply, Turn
from discord_bot.simulator.people import Invocation
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world import changes
from discord_bot.simulator.world.entities import Channel
from discord_bot.simulator.world.interactions import TOKEN_LIFETIME
from discord_bot.simulator.world.permissions import DEFAULT_PERMISSIONS, Permission
from discord_bot.simulator.world.refusals import Refusal
from discord_bot.simulator.world.world import World
from tests.running import Running, community, running
from tests.test_controls import SLOWLY, STOPPED, buttons, labels
from tests.test_sight import picture, seen

SEVERAL = "\n\n".join(f"{number}. " + "word " * 300 for number in range(4))
"""An answer of four pages."""
LONG = SEVERAL * 4
"""One of more pages than there may be follow-ups."""


@asynccontextmanager
async def with_app(directory: Path, script: Sequence[Turn] = (), **how: Any) -> AsyncIterator[Running]:
    """A community in which Ada has installed the application for herself."""
    async with community(directory, script, **how) as here:
        here.person("ada").install()
        yield here


def elsewhere(here: Running) -> Channel:
    """A channel of a server that the bot was never invited to."""
    world = here.simulator.world
    guild, _ = changes.add_guild(world, "Elsewhere", world.user("kim"))
    for name in ("ada", "mo"):
        changes.add_member(world, guild, world.user(name))
    channel, _ = changes.add_channel(world, guild, "far-away")
    return channel


async def begin(here: Running, place: Channel | str, message: str, who: str = "ada", **options: Any) -> Invocation:
    """/ask, acknowledged: it is answered soon."""
    channel = here.channel(place) if isinstance(place, str) else place
    invocation = await here.person(who).command(channel, "ask", message=message, **options)
    assert invocation.acknowledged
    return invocation


async def ask(here: Running, place: Channel | str, message: str, who: str = "ada", **options: Any) -> Invocation:
    """What /ask answers, when it has finished."""
    invocation = await begin(here, place, message, who, **options)
    await invocation.finished()
    await here.settled()
    await here.idle()
    return invocation


def says(invocation: Invocation) -> str:
    """An answer without the line that says what was asked."""
    line, _, text = invocation.content.partition("\n")
    assert line.startswith("-# ")
    return text


# ---- where it answers ------------------------------------------------------------------------------------------------


async def test_it_answers_in_servers_groups_and_direct_messages_where_the_bot_is_not(tmp_path: Path) -> None:
    async with with_app(tmp_path, ["One.", "Two.", "Three."]) as here:
        ada, mo = here.person("ada"), here.person("mo")
        group = await ada.open_group(mo.user, here.person("kim").user)
        direct = await ada.open_dm(mo.user)
        for place, number in ((elsewhere(here), "One."), (group, "Two."), (direct, "Three.")):
            await mo.send(place, "people among themselves")
            answer = await ask(here, place, "how **many**\n@everyone?")
            assert answer.content == f"-# 💬 how \\*\\*many\\*\\* @\u200beveryone?\n{number}"
            assert not answer.ephemeral
            assert [each["role"] for each in here.sent()] == ["system", "user"]
            assert here.sent()[-1]["content"].startswith("Ada: how **many**\n  @everyone?\n")
        paths = [each.path for each in here.simulator.requests if each.route != "create_interaction_response"]
        assert not any(f"/channels/{place.id}/" in path for place in (group, direct) for path in paths)


async def test_it_is_offered_to_who_has_installed_it_and_everywhere_where_the_bot_is(tmp_path: Path) -> None:
    async with with_app(tmp_path, ["Yes.", "Yes."]) as here:
        place, bot_dm = elsewhere(here), await here.person("mo").open_dm()
        offered = {each["name"] for each in here.person("ada").commands(place)}
        assert offered == {"ask", "Ask about this message"}
        assert here.person("mo").commands(place) == []
        with pytest.raises(Refusal):
            await begin(here, place, "may I?", "mo")
        for each in ("general", bot_dm):
            assert says(await ask(here, each, "may I?", "mo")) == "Yes."


async def test_where_the_bot_listens_it_knows_what_was_said_and_nobody_hears_of_it_later(tmp_path: Path) -> None:
    async with with_app(tmp_path, ["A parrot.", "Hm."]) as here:
        await here.person("kim").send(here.channel("general"), "I have a bird")
        await ask(here, "general", "which one, <@" + str(here.person("kim").id) + ">?")
        assert here.sent()[-1]["content"].startswith("Kim: I have a bird\nAda: which one, @Kim?\n")
        await here.ask("mo", "general", "well?")
        assert here.sent()[-1]["content"].startswith("Kim: I have a bird\nMo: well?\n")
        assert "parrot" not in str(here.sent())
        assert len(here.bot.answering.exchanges) == 1


async def test_no_word_of_one_place_is_told_in_another(tmp_path: Path) -> None:
    async with with_app(tmp_path, ["One.", "Two.", "Three."]) as here:
        await here.person("ada").send(await here.person("ada").open_dm(), "a secret of mine")
        await here.until(lambda: here.model.requests)
        await here.idle()
        for place in (elsewhere(here), await here.person("ada").open_group(here.person("mo").user)):
            await ask(here, place, "and now?")
            assert len(here.sent()) == 2
            assert "secret" not in str(here.sent())


async def test_the_persona_is_the_servers_and_elsewhere_the_persons_own(tmp_path: Path) -> None:
    async with with_app(tmp_path, ["Arr."] * 3) as here:
        await here.person("ada").command(await here.person("ada").open_dm(), "persona set", name="pirate")
        await ask(here, elsewhere(here), "who are you?")
        assert here.sent()[0]["content"].startswith("You are a pirate.")
        await ask(here, "general", "who are you?")
        assert here.sent()[0]["content"].startswith("You are the assistant.")
        await here.person("ada").command(here.channel("general"), "persona set", name="pirate", where="server")
        await ask(here, "general", "who are you?", "mo")
        assert here.sent()[0]["content"].startswith("You are a pirate.")


async def test_a_file_is_seen(tmp_path: Path) -> None:
    async with with_app(tmp_path, ["Forty-two.", "Another one.", "Red."]) as here:
        await ask(here, elsewhere(here), "what does it say?", file=("a.txt", b"the answer is forty-two"))
        assert "the answer is forty-two" in here.sent()[-1]["content"]
        await ask(here, "general", "and that?", file=("a.txt", b"the answer is another one"))
        assert "the answer is another one" in here.sent()[-1]["content"]
        await ask(here, elsewhere(here), "which colour?", file=("a.png", picture("png")))
        assert here.sent()[-1]["content"][0]["text"] == "Ada: which colour?\n  [picture: a.png]"
        assert len(seen(here.sent())) == 1


async def test_that_a_file_was_not_read_is_said_once(tmp_path: Path) -> None:
    async with with_app(tmp_path, ["Hm."]) as here:
        asked = await ask(here, elsewhere(here), "what does it say?", file=("a.bin", bytes(100)))
        assert says(asked) == "Hm.\n-# ⚠️ `a.bin` was not read: it holds no text."


# ---- who sees it -----------------------------------------------------------------------------------------------------


async def test_a_private_answer_is_so_on_all_its_pages(tmp_path: Path) -> None:
    async with with_app(tmp_path, [SEVERAL, SEVERAL]) as here:
        for place in (here.channel("general"), elsewhere(here)):
            answer = await ask(here, place, "tell me all", private=True)
            assert len(answer.messages) > 3
            assert all(each["flags"] & 64 for each in answer.messages)
            assert here.messages(place) == []


async def test_where_people_may_not_bring_apps_along_openly_all_pages_are_theirs_alone(tmp_path: Path) -> None:
    async with with_app(tmp_path, [SEVERAL]) as here:
        place = elsewhere(here)
        everyone = here.simulator.world.role(place.guild_id or 0, place.guild_id or 0)
        changes.set_role_permissions(everyone, DEFAULT_PERMISSIONS & ~Permission.USE_EXTERNAL_APPS)
        answer = await ask(here, place, "tell me all")
        assert len(answer.messages) > 3
        assert here.messages(place) == []


async def test_where_the_bot_answers_nothing_only_who_asks_sees_it(tmp_path: Path) -> None:
    async with with_app(tmp_path, ["Yes."]) as here:
        await here.person("ada").command(here.channel("general"), "channel set", answers="never")
        assert (await ask(here, "general", "here?")).ephemeral


async def test_it_opens_no_thread_and_shows_no_sign_that_it_types(tmp_path: Path) -> None:
    async with with_app(tmp_path, ["Yes."]) as here:
        await here.person("ada").command(here.channel("general"), "channel set", replies="thread")
        here.model.pace = 0.05
        await ask(here, "general", "here?")
        asked = {each.route for each in here.simulator.requests}
        assert not asked & {"create_thread_from_message", "trigger_typing_indicator", "create_message"}


# ---- how it ends -----------------------------------------------------------------------------------------------------


async def test_what_is_too_long_for_follow_ups_is_attached(tmp_path: Path) -> None:
    async with with_app(tmp_path, [LONG]) as here:
        pages = (await ask(here, elsewhere(here), "tell me all")).messages
        assert 4 < len(pages) <= 6  # Discord takes five follow-ups there
        assert [each["filename"] for each in pages[-1]["attachments"]]
        assert all(each["content"].strip() and len(each["content"]) <= 2_000 for each in pages)


async def test_a_page_of_which_no_answer_came_is_not_made_twice_where_the_bot_hears_of_it(tmp_path: Path) -> None:
    async with with_app(tmp_path, ["word " * 1_000]) as here:
        here.simulator.faults.rest("lost", route="execute_webhook")
        pages = [each["content"] for each in (await ask(here, "general", "tell me all")).messages]
        assert len(pages) == len(set(pages)) == 3


async def test_what_goes_wrong_is_said_in_the_persons_language(tmp_path: Path) -> None:
    async with with_app(tmp_path, [Fault.WRONG_KEY, Fault.WRONG_KEY, Fault.CUT, Fault.EMPTY]) as here:
        here.person("kim").install()
        far = elsewhere(here)
        assert "does not accept the bot's key" in says(await ask(here, far, "well?"))
        assert "密钥" in says(await ask(here, far, "well?", "kim"))
        assert "broke off before its end" in says(await ask(here, far, "well?", private=True))
        assert "empty answer" in says(await ask(here, far, "well?"))


@pytest.mark.parametrize(("turn", "said"), [(SLOWLY, "the rest is missing"), (Fault.HANG, "before it began")])
async def test_before_the_token_ends_it_says_that_the_time_is_over(turn: Turn, said: str, tmp_path: Path) -> None:
    async with with_app(tmp_path, [turn]) as here:
        here.bot.answering.answered_within, here.model.pace = 1.5, 0.05
        answer = await ask(here, elsewhere(here), "a story")
        assert said in answer.content.splitlines()[-1]
        assert answer.content.splitlines()[1].startswith("piece 0" if turn is SLOWLY else "-# ⚠️")
        assert labels(answer.messages[-1]) == []


async def test_a_question_that_waits_for_its_turn_says_so_too(tmp_path: Path) -> None:
    async with with_app(tmp_path, [SLOWLY]) as here:
        here.bot.answering.answered_within, here.model.pace = 0.3, 0.02
        story = await here.person("ada").send(here.channel("general"), f"{here.mention} a story")
        await here.until(lambda: here.answers("general"))
        answer = await begin(here, "general", "and another one", private=True)
        await answer.finished()
        assert "before it began" in answer.content
        assert any(each.busy for each in here.bot.answering.exchanges)
        await here.person("ada").delete(story)
        await here.until(lambda: not here.answers("general"))


async def test_a_token_that_ends_too_early_all_the_same_ends_the_answer(tmp_path: Path) -> None:
    late = 0.0
    world = World.default(lambda: time.time() + late)
    async with Simulator(world, limits=False) as simulator, ModelEndpoint([SLOWLY, "Yes."], pace=0.02) as model:
        async with running(simulator, model, tmp_path) as here:
            here.person("ada").install()
            place = elsewhere(here)
            answer = await begin(here, place, "a story")
            await here.until(lambda: "piece" in answer.content)
            late = TOKEN_LIFETIME + 1.0
            await here.idle()
            assert len(answer.messages) == 1
            assert says(await ask(here, place, "still there?")) == "Yes."


async def test_it_can_be_stopped_and_has_no_buttons_afterwards(tmp_path: Path) -> None:
    async with with_app(tmp_path, [SLOWLY, "Yes."]) as here:
        here.model.pace = 0.02
        answer = await begin(here, elsewhere(here), "a story", private=True)
        await here.until(lambda: answer.messages and labels(answer.messages[-1]) == ["Stop"])
        page = answer.messages[-1]
        await here.person("ada").press(page, buttons(page)["Stop"]["custom_id"])
        await here.idle()
        assert answer.content.splitlines()[-1] == STOPPED
        assert labels(answer.messages[-1]) == []
        here.model.pace = 0.0
        assert labels((await ask(here, "general", "well?")).messages[-1]) == []


async def test_one_persons_questions_are_answered_one_after_the_other(tmp_path: Path) -> None:
    async with with_app(tmp_path, [Reply(["One", " and", " more."]), "Two."]) as here:
        here.model.pace = 0.02
        place, group = elsewhere(here), await here.person("ada").open_group(here.person("mo").user)
        first, second = await begin(here, place, "one?"), await begin(here, group, "two?")
        await here.until(lambda: len(here.model.requests) == 1)
        await second.finished()
        assert says(first) == "One and more."
        assert says(second) == "Two."


async def test_an_answer_that_is_dismissed_is_written_no_further(tmp_path: Path) -> None:
    async with with_app(tmp_path, [SLOWLY]) as here:
        here.model.pace = 0.02
        answer = await begin(here, elsewhere(here), "a story", private=True)
        await here.until(lambda: "piece" in answer.content)
        await here.person("ada").dismiss(answer.messages[0])
        await here.idle()
        assert answer.messages == []


async def test_what_is_said_in_the_channel_meanwhile_is_no_part_of_it(tmp_path: Path) -> None:
    async with with_app(tmp_path, [Fault.HANG]) as here:
        answer = await begin(here, "general", "between us?", private=True)
        await here.until(lambda: here.model.requests)
        said = await here.person("ada").send(here.channel("general"), "lunch, anyone?")
        buffer = here.bot.conversations.open(here.channel("general").id).buffer
        await here.until(lambda: int(said["id"]) in buffer.ids)
        (exchange,) = here.bot.answering.exchanges
        assert exchange.cut is None
        exchange.cut_short(Cut.STOPPED)
        assert (await answer.finished()).ephemeral
        await here.idle()
        assert here.answers("general") == []


# ---- who may ---------------------------------------------------------------------------------------------------------


async def test_who_is_not_to_be_answered_is_not(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["Yes."], pace=0.0) as model:
        kim = simulator.person("kim")
        more = f"permissions: {{users: {{blocked_ids: [{kim.id}]}}}}\nallow_dms: false"
        async with running(simulator, model, tmp_path, more=more) as here:
            here.person("ada").install()
            kim.install()
            place, group = elsewhere(here), await kim.open_group(here.person("ada").user)
            for who, where in (("kim", place), ("kim", here.channel("general")), ("ada", group)):
                answer = await begin(here, where, "may I?", who)
                assert answer.ephemeral
                assert "does not allow you" in answer.content or "没有允许你" in answer.content
            assert says(await ask(here, place, "may I?")) == "Yes."
            assert len(model.requests) == 1


@pytest.mark.parametrize("only", ["roles", "channels"])
async def test_where_a_role_or_a_place_is_needed_that_is_not_enough_elsewhere(only: str, tmp_path: Path) -> None:
    async with with_app(
        tmp_path, ["Yes."], more=f"permissions: {{{only}: {{allowed_ids: [123456789012345678]}}}}"
    ) as here:
        assert "does not allow you" in (await begin(here, elsewhere(here), "may I?")).content
        group = await here.person("ada").open_group(here.person("mo").user)
        assert says(await ask(here, group, "may I?")) == "Yes."


async def test_who_is_not_read_may_ask_and_is_not_read_for_it(tmp_path: Path) -> None:
    async with with_app(tmp_path, ["Yes.", "Yes."]) as here:
        await here.person("ada").command(here.channel("general"), "privacy", read="off")
        await here.person("ada").send(here.channel("general"), "the secret")
        for who in ("ada", "mo"):
            await ask(here, "general", "well?", who)
            assert "the secret" not in str(here.sent())


async def test_a_bare_call_is_answered_and_not_remembered(tmp_path: Path) -> None:
    async with with_app(tmp_path, ["Here I am."]) as here:
        answer = await ask(here, "general", here.mention)
        assert "You called?" in answer.content
        conversation = here.bot.conversations.find(here.channel("general").id)
        assert conversation is None or not conversation.buffer.ids
        assert not here.model.requests
