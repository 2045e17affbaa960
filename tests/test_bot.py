"""A mention, answered: the real bot on the simulator, with the real client against a scripted model."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode, b64encode
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from discord_bot import reading
from discord_bot.chat.retries import TRIES
from discord_bot.delivery.notices import NOTICE
from discord_bot.sentences import SAID
from discord_bot.simulator.model import Fault, ModelEndpoint, Raw, Reply
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world import changes
from discord_bot.simulator.world.permissions import Permission
from discord_bot.store import Place
from tests.running import Running, community, contents, running, started
from tests.tiny_proxy import TinyProxy


async def test_a_mention_is_answered_as_a_reply(tmp_path: Path) -> None:
    async with community(tmp_path, ["Hello, Ada."]) as here:
        (answer,) = await here.ask("ada", "general", "hello")
        assert answer["content"] == "Hello, Ada."
        question = next(each for each in here.messages("general") if each["author"]["username"] == "ada")
        assert answer["message_reference"]["message_id"] == question["id"]
        assert here.sent()[0]["content"].startswith("You are the assistant.")
        assert here.sent()[-1]["content"].startswith("Ada: hello\n")
        assert here.model.requests[-1]["temperature"] == 0.5


async def test_its_own_managed_role_is_a_mention_too_and_everyone_is_none(tmp_path: Path) -> None:
    """Discord's completion offers the bot's role under the same name as its user."""
    async with community(tmp_path, ["Here."]) as here:
        guild = next(iter(here.bot.guilds))
        role = guild.self_role
        assert role is not None
        await here.person("ada").send(here.channel("general"), "@everyone look")
        await here.person("ada").send(here.channel("general"), f"<@&{role.id}> are you there?")
        await here.until(lambda: here.answers("general"))
        await here.idle()
        assert contents(here.answers("general")) == ["Here."]
        assert len(here.model.requests) == 1


async def test_a_reply_to_its_message_needs_no_mention(tmp_path: Path) -> None:
    async with community(tmp_path, ["One.", "Two."]) as here:
        (first,) = await here.ask("ada", "general", "count")
        await here.person("kim").send(here.channel("general"), "go on", reply_to=first)
        await here.until(lambda: len(here.answers("general")) == 2)
        await here.idle()
        assert contents(here.answers("general")) == ["One.", "Two."]
        assert [each["role"] for each in here.sent()] == ["system", "user", "assistant", "user"]


async def test_a_direct_message_is_answered(tmp_path: Path) -> None:
    async with community(tmp_path, ["Quietly."]) as here:
        assert here.bot.user is not None
        channel = await here.person("kim").open_dm(here.bot.user.id)
        await here.person("kim").send(channel, "psst")
        await here.until(lambda: contents(here.answers(channel)) == ["Quietly."])


async def test_another_bot_is_heard_but_never_answered(tmp_path: Path) -> None:
    async with community(tmp_path, ["Yes."]) as here:
        await here.person("echo").send(here.channel("general"), f"{here.mention} the build is green")
        await here.ask("ada", "general", "is it?")
        assert len(here.model.requests) == 1
        assert "the build is green" in here.sent()[-1]["content"]


async def test_what_goes_wrong_in_hearing_is_logged_and_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_message: object) -> None:
        raise LookupError

    async with community(tmp_path, ["Yes.", "Still."]) as here:
        here.bot.let_hear(SimpleNamespace(on_message=fail))
        assert contents(await here.ask("ada", "general", "are you there?")) == ["Yes."]
        assert contents(await here.ask("ada", "general", "and now?")) == ["Still."]
        assert "LookupError" in caplog.text
        assert "are you there" not in caplog.text


async def test_what_people_said_before_is_known_with_edits_and_without_what_was_deleted(tmp_path: Path) -> None:
    async with community(tmp_path, ["I know."]) as here:
        ada, kim, place = here.person("ada"), here.person("kim"), here.channel("general")
        first = await kim.send(place, "the ferry leaves at eight")
        await ada.send(place, "thanks")
        secret = await ada.send(place, "my password is swordfish")
        more = [await kim.send(place, f"noise {number}") for number in range(3)]
        await kim.edit(first, "the ferry leaves at nine")
        await ada.delete(secret)
        await here.person("mo").delete_many(place, more)
        await here.ask("ada", "general", "when does it leave?")
        heard = here.sent()[-1]["content"]
        assert "Kim: the ferry leaves at nine\n" in heard
        assert not any(word in heard for word in ("eight", "swordfish", "noise"))


async def test_after_a_restart_the_channel_is_read_back_with_what_happened_meanwhile(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["Nine.", "Still nine."], pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            await here.person("kim").send(here.channel("general"), "the ferry leaves at nine")
            gone = await here.person("kim").send(here.channel("general"), "no, at ten")
            await here.ask("ada", "general", "when does it leave?")
        await here.person("kim").delete(gone)
        await here.person("kim").send(here.channel("general"), "be there early")
        async with running(simulator, model, tmp_path) as here:
            await here.ask("ada", "general", "and now?")
            said = "\n".join(f"{each['role']}: {each['content']}" for each in here.sent())
            assert "Kim: the ferry leaves at nine" in said
            assert "assistant: Nine." in said
            assert "Kim: be there early" in said
            assert "at ten" not in said


async def test_a_long_answer_stands_in_several_pages_and_nothing_of_it_is_lost(tmp_path: Path) -> None:
    words = [f"word{number}" for number in range(900)]
    async with community(tmp_path, [" ".join(words)]) as here:
        pages = await here.ask("ada", "general", "talk")
        assert len(pages) > 2
        assert all(len(page["content"]) <= 2000 for page in pages)
        assert " ".join(contents(pages)).split() == words


async def test_four_thousand_emoji_arrive_whole(tmp_path: Path) -> None:
    async with community(tmp_path, ["😀" * 4000]) as here:
        pages = await here.ask("ada", "general", "smile")
        assert "".join(contents(pages)) == "😀" * 4000


async def test_the_text_grows_in_edits_while_it_streams(tmp_path: Path) -> None:
    pieces = [f"piece {number}, " for number in range(80)]
    async with community(tmp_path, [Reply(pieces=pieces)]) as here:
        here.model.pace = 0.05
        (answer,) = await here.ask("ada", "general", "tell me")
        edits = [each for each in here.simulator.requests if each.method == "PATCH"]
        assert answer["content"] == "".join(pieces).strip()
        assert 3 <= len(edits) <= 6


async def test_one_persons_questions_are_answered_in_order(tmp_path: Path) -> None:
    async with community(tmp_path, ["First.", "Second.", "Third."]) as here:
        for number in range(3):
            await here.person("ada").send(here.channel("general"), f"{here.mention} question {number}")
        await here.until(lambda: len(here.answers("general")) == 3)
        await here.idle()
        assert contents(here.answers("general")) == ["First.", "Second.", "Third."]
        assert [each["role"] for each in here.sent()] == ["system", *["user", "assistant"] * 2, "user"]


async def test_a_question_that_is_taken_back_while_it_waits_is_not_answered(tmp_path: Path) -> None:
    async with community(tmp_path, [Fault.HANG, "For the third."]) as here:
        ada, place = here.person("ada"), here.channel("general")
        await ada.send(place, f"{here.mention} one")
        await here.until(lambda: len(here.model.requests) == 1)
        second = await ada.send(place, f"{here.mention} two")
        await ada.send(place, f"{here.mention} three")
        await ada.delete(second)
        await here.until(lambda: "For the third." in contents(here.answers("general")))
        await here.idle()
        assert len(here.model.requests) == 2
        assert "two" not in str(here.sent())


async def test_without_the_permission_to_read_history_it_answers_what_it_hears(tmp_path: Path) -> None:
    """Discord then refuses replies as such, and the channel can't be read back."""
    async with community(tmp_path, ["Here."]) as here:
        world, place = here.simulator.world, here.channel("general")
        await here.person("kim").send(place, "the ferry leaves at nine")
        role = next(role for role in world.guild("Harbour").roles.values() if role.managed_by == world.bot.id)
        here.simulator.dispatch(changes.set_overwrite(world, place, role, deny=Permission.READ_MESSAGE_HISTORY))
        (answer,) = await here.ask("ada", "general", "when?")
        assert answer["content"] == "Here."
        assert answer.get("message_reference") is None
        assert "the ferry leaves at nine" in here.sent()[-1]["content"]


async def test_two_people_are_answered_at_once(tmp_path: Path) -> None:
    async with community(tmp_path, [Fault.HANG, "For Kim."]) as here:
        await here.person("ada").send(here.channel("general"), f"{here.mention} one")
        await here.until(lambda: len(here.model.requests) == 1)
        await here.person("kim").send(here.channel("general"), f"{here.mention} two")
        await here.until(lambda: contents(here.answers("general")) == ["For Kim."], seconds=1.5)
        await here.idle()


async def test_two_channels_never_hear_of_each_other(tmp_path: Path) -> None:
    async with community(tmp_path, ["One.", "Two."]) as here:
        await here.ask("ada", "general", "the treasure is under the oak")
        await here.ask("ada", "tavern", "what do you know?")
        assert "treasure" not in str(here.sent())


async def test_nothing_that_a_model_writes_can_ping(tmp_path: Path) -> None:
    async with community(tmp_path, []) as here:
        ada, kim = here.person("ada"), here.person("kim")
        here.model.script.append(f"@everyone @here {kim.mention} {ada.mention} look!")
        (answer,) = await here.ask("ada", "general", "ping them all")
        assert answer["mention_everyone"] is False
        assert {user["id"] for user in answer["mentions"]} == {str(ada.id)}


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault.WRONG_KEY, "does not accept the bot's key"),
        (Fault.NO_MODEL, "does not know this model"),
        (Fault.CONTEXT_LENGTH, "too long for the model"),
        (Fault.RATE_LIMITED, "asked too much right now"),
        (Fault.SERVER_ERROR, "has a problem right now"),
        (Fault.OVERLOADED, "has a problem right now"),
        (Fault.HANG, "took too long"),
        (Fault.EMPTY, "an empty answer"),
    ],
)
async def test_a_failure_ends_in_one_plain_sentence_on_the_reply(fault: Fault, said: str, tmp_path: Path) -> None:
    async with community(tmp_path, [fault] * TRIES) as here:
        (answer,) = await here.ask("ada", "general", "hello")
        assert said in answer["content"]
        assert answer["content"].startswith("-# ⚠️ ")
        assert "sk-" not in answer["content"]
        assert "message_reference" in answer


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.SERVER_ERROR, Fault.OVERLOADED])
async def test_a_failure_that_passes_is_never_seen(fault: Fault, tmp_path: Path) -> None:
    async with community(tmp_path, [fault, "whole"]) as here:
        (answer,) = await here.ask("ada", "general", "hello")
        assert answer["content"] == "whole"


async def test_a_long_limit_says_how_long(tmp_path: Path) -> None:
    async with community(tmp_path, [Raw([b"{}"], status=429, headers={"Retry-After": "170"})]) as here:
        (answer,) = await here.ask("ada", "general", "hello")
        assert answer["content"].endswith("Please try again in 3 minutes.")


async def test_a_model_that_is_not_there_is_said_not_to_be(tmp_path: Path) -> None:
    async with ModelEndpoint() as model:
        pass  # its port is free again
    async with Simulator(limits=False) as simulator, running(simulator, model, tmp_path) as here:
        (answer,) = await here.ask("ada", "general", "hello")
        assert answer["content"].startswith("-# ⚠️ The model's server can't be reached right now.")


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.ERROR_IN_STREAM, Fault.STALL])
async def test_half_an_answer_is_kept_and_says_that_it_is_half(fault: Fault, tmp_path: Path) -> None:
    async with community(tmp_path, [fault]) as here:
        (answer,) = await here.ask("ada", "general", "hello")
        text, _, notice = answer["content"].rpartition("\n")
        assert text.strip()
        assert notice.startswith("-# ⚠️ ")
        await here.ask("ada", "general", "again")
        assert here.sent()[2] == {"role": "assistant", "content": text}


async def test_where_a_model_cannot_answer_the_next_one_does_and_is_named(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint([Fault.WRONG_KEY, "Mine."], pace=0.0) as model:
        (tmp_path / "config.yaml").write_text(f"""
discord: {{token: simulator-token, api_url: "{simulator.api_url}", gateway_url: "{simulator.gateway_url}"}}
providers: {{here: {{base_url: "{model.base_url}"}}}}
models: {{here/small: {{fallback: [here/other]}}, here/other: {{temperature: 0.1}}}}
personas: {{assistant: You are the assistant.}}
store: {{url: "sqlite://"}}
""")
        async with started(tmp_path / "config.yaml") as bot:
            here = Running(simulator, model, bot)
            (answer,) = await here.ask("ada", "general", "hello")
            assert answer["content"].startswith("Mine.\n-# ⚠️ `here/other` answered here")
            assert [each["model"] for each in model.requests] == ["small", "other"]
            assert model.requests[-1]["temperature"] == 0.1


async def test_a_mention_alone_is_answered_with_a_hint(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        (answer,) = await here.ask("ada", "general", "")
        assert answer["content"] == "You called? Write your question behind the mention."
        assert not here.model.requests


async def test_whoever_writes_chinese_gets_the_bots_own_sentences_in_chinese(tmp_path: Path) -> None:
    async with community(tmp_path, [Fault.WRONG_KEY]) as here:
        (answer,) = await here.ask("ada", "general", "你好")
        assert "不接受机器人的密钥" in answer["content"]


async def test_whom_the_owner_blocks_is_heard_but_not_answered(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["Yes."], pace=0.0) as model:
        blocked = f"permissions: {{users: {{blocked_ids: [{simulator.person('kim').id}]}}}}"
        async with running(simulator, model, tmp_path, more=blocked) as here:
            await here.person("kim").send(here.channel("general"), f"{here.mention} hello")
            await here.ask("ada", "general", "hello")
            assert len(here.model.requests) == 1


async def test_a_channel_that_discord_py_does_not_know_is_a_place_too(tmp_path: Path) -> None:
    """So the owner's lists of channels hold there; only a direct message is none."""
    async with community(tmp_path) as here:
        general, thread = here.channel("general"), here.channel("the long voyage")
        assert reading.places(here.bot.get_partial_messageable(5, guild_id=general.guild_id)) == [5]
        assert reading.places(here.bot.get_channel(general.id)) == [general.id]
        assert reading.places(here.bot.get_guild(general.guild_id or 0).get_thread(thread.id)) == [  # type: ignore[union-attr]
            thread.id,
            thread.parent_id,
        ]
        assert reading.places(None) == []


async def test_where_the_bot_may_not_write_a_reaction_says_so(tmp_path: Path) -> None:
    async with community(tmp_path, ["Never shown."]) as here:
        question = await here.person("ada").send(here.channel("quiet"), f"{here.mention} hello")
        await here.idle()
        await here.until(
            lambda: any(each["id"] == question["id"] and each.get("reactions") for each in here.messages("quiet"))
        )


async def test_when_the_bot_stops_a_growing_answer_says_that_it_was_interrupted(tmp_path: Path) -> None:
    async with (
        Simulator(limits=False) as simulator,
        ModelEndpoint([Reply(pieces=["Once upon a time "] * 500)]) as model,
    ):
        model.pace = 0.05
        async with running(simulator, model, tmp_path) as here:
            await here.person("ada").send(here.channel("general"), f"{here.mention} a story")
            await here.until(lambda: here.answers("general"))
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 10
        (answer,) = here.answers("general")
        assert answer["content"].startswith("Once upon a time")
        assert "this answer was interrupted" in answer["content"]


async def test_a_lost_connection_is_resumed_and_the_next_mention_answered(tmp_path: Path) -> None:
    async with community(tmp_path, ["Before.", "After."]) as here:
        await here.ask("ada", "general", "one")
        here.simulator.faults.gateway("drop")
        await here.person("kim").send(here.channel("general"), "said while the line was down")
        await here.ask("ada", "general", "two")
        assert contents(here.answers("general")) == ["Before.", "After."]
        assert str(here.sent()).count("said while the line was down") == 1


async def test_after_a_lost_session_what_was_missed_is_read_back(tmp_path: Path) -> None:
    async with community(tmp_path, ["Before.", "After."]) as here:
        await here.ask("ada", "general", "one")
        here.simulator.faults.gateway("refuse resumes")
        here.simulator.faults.gateway("drop")
        await here.person("kim").send(here.channel("general"), "said while the line was down")
        await here.bot.wait_for("ready", timeout=20)
        await here.ask("ada", "general", "two")
        assert str(here.sent()).count("said while the line was down") == 1


async def test_a_bot_that_was_closed_before_it_is_ready_again_tells_nobody_of_it(tmp_path: Path) -> None:
    """discord.py waits two seconds for further servers, also where the bot is closed meanwhile."""
    async with community(tmp_path) as here:
        here.simulator.faults.gateway("refuse resumes")
        here.simulator.faults.gateway("drop")
        await here.until(lambda: here.bot._connection._ready_task is not None)
        telling: asyncio.Task[None] = here.bot._connection._ready_task  # type: ignore[assignment]
    await telling


async def test_the_gateway_is_asked_for_where_none_is_configured(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["Found."], pace=0.0) as model:
        async with running(simulator, model, tmp_path, gateway=False) as here:
            assert contents(await here.ask("ada", "general", "hello")) == ["Found."]


async def test_discord_and_the_model_are_reached_through_a_proxy(tmp_path: Path, tiny_proxy: TinyProxy) -> None:
    """`discord.test` and `model.test` are names that only the proxy knows."""
    async with Simulator(limits=False) as simulator, ModelEndpoint(["Through."], pace=0.0) as model:
        (tmp_path / "config.yaml").write_text(f"""
discord:
  token: simulator-token
  api_url: {simulator.api_url.replace("127.0.0.1", "discord.test")}
  gateway_url: {simulator.gateway_url.replace("127.0.0.1", "gateway.test")}
  proxy: {tiny_proxy.url}
providers: {{here: {{base_url: "{model.base_url.replace("127.0.0.1", "model.test")}", proxy: "{tiny_proxy.url}"}}}}
models: {{here/small: }}
personas: {{assistant: You are the assistant.}}
store: {{url: "sqlite://"}}
""")
        async with started(tmp_path / "config.yaml") as bot:
            here = Running(simulator, model, bot)
            assert contents(await here.ask("ada", "general", "hello")) == ["Through."]
        hosts = {urlsplit(line.split()[1]).hostname for line in tiny_proxy.seen}
        assert hosts == {"discord.test", "gateway.test", "model.test"}


# --- what comes beside the text -------------------------------------------------------------------------------------


PNG = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")
PICTURE_URL = f"data:image/png;base64,{b64encode(PNG).decode()}"


def events(*deltas: dict[str, Any], finish_reason: str = "stop") -> Raw:
    choices = [*({"delta": delta} for delta in deltas), {"delta": {}, "finish_reason": finish_reason}]
    return Raw([*(f"data: {json.dumps({'choices': [each]})}\n\n".encode() for each in choices), b"data: [DONE]\n\n"])


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (events({"content": "Here:"}, {"images": [{"type": "image_url", "image_url": {"url": PICTURE_URL}}]}), "Here:"),
        (events({"images": [{"type": "image_url", "image_url": {"url": PICTURE_URL}}]}), ""),
        (events({"content": "Here: "}, {"content": f"![a dot]({PICTURE_URL})"}), "Here:"),
    ],
    ids=["beside a text", "alone", "in the text"],
)
async def test_pictures_that_the_model_made_are_attached(answer: Raw, text: str, tmp_path: Path) -> None:
    async with community(tmp_path, [answer]) as here:
        (said,) = await here.ask("ada", "general", "draw a dot")
        assert said["content"].strip() == text
        (attachment,) = said["attachments"]
        assert attachment["filename"] == "picture-1.png"
        assert attachment["size"] == len(PNG)


NO_FILE = NOTICE + SAID.say("FilesRefused", "en")


@pytest.mark.parametrize("pace", [0.0, 0.3], ids=["created with a file", "edited to have one"])
async def test_without_the_permission_to_attach_files_the_text_arrives_and_says_so(pace: float, tmp_path: Path) -> None:
    here_it_is = {"images": [{"type": "image_url", "image_url": {"url": PICTURE_URL}}]}
    growing = events({"content": "Here "}, {"content": "it is:"}, here_it_is)
    async with community(tmp_path, [growing, events(here_it_is), "No picture."]) as here:
        for guild in here.simulator.world.guilds.values():
            for role in guild.roles.values():
                role.permissions &= ~Permission.ATTACH_FILES
        here.model.pace = pace
        (said,) = await here.ask("ada", "general", "draw a dot")
        assert (said["content"], said["attachments"]) == (f"Here it is:\n{NO_FILE}", [])
        assert said["components"]
        here.model.pace = 0.0
        (said,) = await here.ask("ada", "general", "only a dot")
        assert said["content"].strip() == NO_FILE
        assert contents(await here.ask("ada", "general", "and now?")) == ["No picture."]
        assert "Here it is:" in str(here.sent())
        assert "permission" not in str(here.sent())


async def test_thoughts_are_hidden_unless_the_owner_wants_them(tmp_path: Path) -> None:
    answer = events({"reasoning_content": "They greet\nme."}, {"content": "Hello!"})
    async with community(tmp_path, [answer]) as here:
        assert contents(await here.ask("ada", "general", "hello")) == ["Hello!"]
    for shown, line in (("subtext", "-# 💭 They greet me."), ("spoiler", "-# 💭 ||They greet me.||")):
        models = f"  here/thinker: {{show_reasoning: {shown}}}"
        async with community(tmp_path, [answer, "again"], models=models) as here:
            await here.bot.store.bind("model", Place("channel", here.channel("general").id), "here/thinker")
            assert contents(await here.ask("ada", "general", "hello")) == [f"{line}\nHello!"]
            await here.ask("ada", "general", "and now?")
            assert here.sent()[2] == {"role": "assistant", "content": "Hello!"}


@pytest.mark.parametrize(
    ("finish_reason", "said"),
    [("stop", "thought about it and then said nothing"), ("length", "used up its greatest length")],
)
async def test_thoughts_alone_are_said_to_be_no_answer(finish_reason: str, said: str, tmp_path: Path) -> None:
    async with community(tmp_path, [events({"reasoning": "hm"}, finish_reason=finish_reason)]) as here:
        (answer,) = await here.ask("ada", "general", "hello")
        assert said in answer["content"]


async def test_a_refusal_is_an_answer(tmp_path: Path) -> None:
    async with community(tmp_path, [events({"refusal": "I'd rather not."})]) as here:
        assert contents(await here.ask("ada", "general", "hello")) == ["I'd rather not."]
