"""Who speaks where and why, how a persona enters a channel, and what it greets with; and the list, and previews."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from discord_bot.bindings import LIST_PAGES
from discord_bot.chat.pages import PAGE_LIMIT, paginate
from discord_bot.delivery import with_notice, without_line
from discord_bot.delivery.notices import NAME
from discord_bot.delivery.webhooks import ROOM
from discord_bot.sentences import SAID
from discord_bot.simulator.faults import RestFault
from discord_bot.simulator.model import Fault, ModelEndpoint
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world import webhooks
from discord_bot.simulator.world.permissions import Permission
from tests.chat.making_cards import entry
from tests.running import Running, community, contents, running
from tests.test_commands import run, speaks
from tests.test_persona_library import buttons, done, imported, press

HELLO = "*Seraphina looks up.* Welcome, Ada."
HALT = "Halt, Ada!"
OPENED = tuple(f"Opened by {number}." for number in (0, 1, 2))


async def entered(here: Running, *, channel: str = "tavern", **options: Any) -> list[dict[str, Any]]:
    """Seraphina is imported and set there; the messages that came of it besides the announcement."""
    await imported(here)
    told = await done(here, "ada", channel, "persona set", name="seraphina", **options)
    return [each for each in here.answers(channel) if told.response is None or each["id"] != told.response["id"]]


def said(messages: list[dict[str, Any]]) -> list[str]:
    """What stands in messages, without the lines that say what they answer."""
    return [without_line(each["content"]) for each in messages]


# ---- greetings -------------------------------------------------------------------------------------------------------


async def test_a_persona_greets_who_sets_it_and_the_model_knows_that_it_did(tmp_path: Path) -> None:
    async with community(tmp_path, ["I am."]) as here:
        (greeting,) = await entered(here)
        assert greeting["content"] == HELLO
        assert greeting["author"]["username"] == "Seraphina"
        await here.ask("mo", "tavern", "who are you?")
        roles = [(each["role"], each["content"]) for each in here.sent()]
        assert ("assistant", HELLO) in roles
        assert roles[-1][0] == "user"


async def test_a_greeting_is_known_as_its_own_words_after_a_restart_and_after_forget(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["One.", "Two."], pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            await here.ask("ada", "tavern", "the treasure is under the oak")
            await entered(here, keep=False)
        async with running(simulator, model, tmp_path) as here:
            await here.ask("ada", "tavern", "and now?")
            said = [(each["role"], each["content"]) for each in here.sent()[1:]]
            assert said[0] == ("assistant", HELLO)
            assert "oak" not in str(said)


async def test_with_keep_what_was_said_stays_and_a_button_starts_afresh(tmp_path: Path) -> None:
    async with community(tmp_path, ["One.", "Two.", "Three."]) as here:
        await here.ask("ada", "tavern", "the treasure is under the oak")
        await imported(here)
        told = await done(here, "ada", "tavern", "persona set", name="seraphina")
        await here.ask("ada", "tavern", "where is it?")
        assert "oak" in str(here.sent())
        assert told.response is not None
        afresh = await press(here, "kim", told.response, "Start afresh")
        assert "重新开始" in afresh.content
        assert contents(here.answers("tavern"))[-1] == "*Seraphina looks up.* Welcome, Kim."
        await here.ask("ada", "tavern", "where is it?")
        assert "oak" not in str(here.sent())
        assert "Welcome, Kim." in str(here.sent())


async def test_a_greeting_through_a_webhook_is_no_answer_to_what_was_asked_before(tmp_path: Path) -> None:
    """Neither at once nor after a restart, whoever wrote something meanwhile; so no edit takes it over."""
    async with Simulator(limits=False) as simulator, ModelEndpoint(["One.", "Two.", "Three."], pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            await here.person("ada").send(here.channel("tavern"), "nobody is asked")
            simulator.faults.rest("slow", route="list_channel_webhooks", seconds=0.5)
            await imported(here)
            invocation = await here.person("ada").command(here.channel("tavern"), "persona set", name="seraphina")
            await here.until(lambda: here.answers("tavern"))
            await here.person("mo").send(here.channel("tavern"), "who comes there?")
            await here.settled()
            announced, greeting = here.answers("tavern")
            assert greeting["content"].startswith("-# [↪](https://discord.com/channels/")
            assert greeting["content"].endswith(f"/{announced['id']})\n{HELLO}")
            assert announced["id"] == (await invocation.finished()).messages[0]["id"]
            await run(here, "ada", "tavern", "forget")
            assert here.answers("tavern")[-1]["content"] == HELLO
        async with running(simulator, model, tmp_path) as here:
            await here.ask("mo", "tavern", "hm?")
            messages = here.bot.conversations.open(here.channel("tavern").id).buffer.history(until=1 << 62).messages
            greetings = [each for each in messages if each.content == HELLO]
            told = [int(each["id"]) for each in here.answers("tavern") if "interaction_metadata" in each]
            assert [each.answers for each in greetings] == told
            assert all(each.own for each in greetings)
            assert [each["content"].split("\n")[0] for each in here.sent()[1:]] == [HELLO, "Mo: hm?"]


@pytest.mark.parametrize("fault", ["500", "403", "lost"])
async def test_a_greeting_is_neither_lost_nor_said_twice_where_the_webhook_fails(
    tmp_path: Path, fault: RestFault
) -> None:
    async with community(tmp_path, ["One."]) as here:
        here.simulator.faults.rest(fault, route="execute_webhook", times=1 if fault == "lost" else 99, seconds=30)
        (greeting,) = await entered(here)
        assert greeting["content"] == HELLO
        assert greeting["author"]["username"] == ("Seraphina" if fault == "lost" else "assistant")
        await here.ask("ada", "tavern", "hm?")
        assert ("assistant", HELLO) in [(each["role"], each["content"]) for each in here.sent()]


async def test_whose_webhook_was_deleted_can_be_leafed_no_more_and_is_told(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            (greeting,) = await entered(here)
            for webhook in list(simulator.world.webhooks.values()):
                simulator.dispatch(webhooks.delete(simulator.world, webhook))
        async with running(simulator, model, tmp_path) as here:
            assert (await press(here, "ada", greeting, "▶")).content == "There is no such greeting any more."
            assert here.answers("tavern")[-1]["content"] == HELLO


async def test_with_a_plain_voice_the_bot_itself_greets(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        (greeting,) = await entered(here, voice="plain")
        assert (greeting["author"]["username"], greeting["content"]) == ("assistant", HELLO)
        await press(here, "ada", greeting, "▶")
        assert here.answers("tavern")[-1]["content"] == HALT


async def test_beside_others_a_greeting_of_the_bots_own_says_whose_it_is(tmp_path: Path) -> None:
    script = ["One.", "Two."]
    async with Simulator(limits=False) as simulator, ModelEndpoint(script, pace=0.0) as model:
        async with running(simulator, model, tmp_path, more="voice: plain") as here:
            await done(here, "ada", "tavern", "persona add", name="pirate")
            greeting = (await entered(here))[-1]
            assert greeting["content"] == f"{NAME}Seraphina\n{HELLO}"
            await here.ask("ada", "tavern", "who is that, pirate?")
            assert f"Seraphina: {HELLO}" in str(here.sent())
        async with running(simulator, model, tmp_path, more="voice: plain") as here:
            await press(here, "ada", greeting, "▶")
            (shown,) = [each for each in here.answers("tavern") if each["id"] == greeting["id"]]
            assert shown["content"] == f"{NAME}Seraphina\n{HALT}"
            (answer,) = await here.ask("ada", "tavern", "and now, pirate?")
            assert answer["content"] == f"{NAME}pirate\nTwo."
            assert here.sent()[0]["content"].startswith("You are a pirate.")
            assert f"Seraphina: {HALT}" in str(here.sent())
            assert [each["content"] for each in here.sent() if each["role"] == "assistant"] == ["One."]


async def test_one_leafs_through_the_greetings_and_the_model_reads_the_one_that_stands(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["One."], pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            (greeting,) = await entered(here)
            assert list(buttons(greeting)) == ["◀", "1/2", "▶"]  # the empty one is none
            await press(here, "ada", greeting, "▶")
            (shown,) = [each for each in here.answers("tavern") if each["id"] == greeting["id"]]
            assert shown["content"] == HALT
            assert list(buttons(shown)) == ["◀", "2/2", "▶"]
        async with running(simulator, model, tmp_path) as here:
            await press(here, "ada", shown, "▶")
            (shown,) = [each for each in here.answers("tavern") if each["id"] == greeting["id"]]
            assert shown["content"] == HELLO
            await press(here, "ada", shown, "◀")
            await here.ask("ada", "tavern", "hm?")
            assert HALT in str(here.sent())
            assert "Welcome" not in str(here.sent())


OPENINGS = {
    "entries": [entry(content=f"@@is_greeting {number}\nOpened by {number}.", constant=True) for number in (0, 1, 2)]
}


async def test_lore_of_a_greeting_goes_by_the_one_that_stands_also_after_a_restart(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["Hm."] * 9, pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            # An empty one has a number, too, but can't be leafed to.
            await imported(here, character_book=OPENINGS, alternate_greetings=["", "Halt!"])
            await done(here, "ada", "tavern", "persona set", name="seraphina", greet=False)
            await here.ask("ada", "tavern", "hello")
            assert "Opened by" not in here.sent()[0]["content"]
            await run(here, "ada", "tavern", "forget")
            await here.ask("ada", "tavern", "hello")
            assert "Opened by 0." in here.sent()[0]["content"]
            await run(here, "ada", "tavern", "forget")
            await press(here, "ada", here.answers("tavern")[-1], "▶")
            await here.ask("ada", "tavern", "hello")
            assert [each for each in OPENED if each in str(here.sent())] == [OPENED[2]]
        async with running(simulator, model, tmp_path) as here:
            await here.ask("ada", "tavern", "hello")
            assert [each for each in OPENED if each in str(here.sent())] == [OPENED[2]]
            assert here.sent()[1]["content"] == "Halt!"
            assert "looks up" not in str(here.sent())
            await run(here, "ada", "tavern", "forget")
        async with running(simulator, model, tmp_path) as here:
            await imported(here, character_book=OPENINGS, alternate_greetings=[], replace=True)
            await here.ask("ada", "tavern", "hello")
            assert [each for each in OPENED if each in str(here.sent())] == [OPENED[0]]


async def test_where_people_alternate_the_persona_knows_who_began_and_the_prefix_stays(tmp_path: Path) -> None:
    async with community(tmp_path, ["Hm."] * 9) as here:
        await imported(here, description="{{char}} is a friend of {{user}}.", first_mes="", alternate_greetings=[])
        await done(here, "ada", "tavern", "persona set", name="seraphina")
        await here.person("kim").send(here.channel("tavern"), "nobody is asked yet")
        for turn, name in enumerate(("ada", "mo", "ada", "mo")):
            await here.ask(name, "tavern", f"question {turn}")
        firsts = {each["messages"][0]["content"] for each in here.model.requests}
        assert len(firsts) == 1
        assert "Seraphina is a friend of Ada." in firsts.pop()
        for earlier, later in pairwise(here.model.requests):
            told = [each["content"] for each in later["messages"]]
            assert told[: len(earlier["messages"]) - 1] == [each["content"] for each in earlier["messages"][:-1]]
        await run(here, "mo", "tavern", "channel set", conversation="person")
        for name in ("Ada", "Mo"):
            await here.ask(name.lower(), "tavern", "and I?")
            assert f"Seraphina is a friend of {name}." in here.sent()[0]["content"]


async def test_a_long_greeting_stands_in_several_messages_and_gives_way_as_a_whole(tmp_path: Path) -> None:
    long = "\n\n".join(f"Verse {number}. " + "La, " * 150 for number in range(8)).strip()
    async with community(tmp_path, ["One."]) as here:
        await imported(here, first_mes=long, alternate_greetings=["Short."])
        told = await done(here, "ada", "tavern", "persona set", name="seraphina")
        assert told.response is not None
        pages = here.answers("tavern")[1:]
        assert said(pages) == paginate(long, PAGE_LIMIT - ROOM)
        assert len(pages) > 2
        await press(here, "ada", pages[-1], "▶")
        assert contents(here.answers("tavern")[1:]) == ["Short."]
        await press(here, "ada", here.answers("tavern")[-1], "◀")
        pages = here.answers("tavern")[1:]
        assert said(pages) == paginate(long, PAGE_LIMIT - ROOM)
        assert {each["author"]["username"] for each in pages} == {"Seraphina"}
        assert [bool(each["components"]) for each in pages] == [False] * (len(pages) - 1) + [True]
        await here.ask("ada", "tavern", "go on")
        assert "Verse 7." in str(here.sent())
        assert "Short." not in str(here.sent())


async def test_who_may_not_start_afresh_may_not_choose_the_greeting_either(tmp_path: Path) -> None:
    async with community(tmp_path, more="permissions: {forget: manage_messages}") as here:
        (greeting,) = await entered(here)
        assert "Manage Messages" in (await press(here, "newcomer", greeting, "▶")).content
        assert here.answers("tavern")[-1]["content"] == HELLO


async def test_a_greeting_of_a_persona_that_is_gone_says_so(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        (greeting,) = await entered(here)
        question = await done(here, "ada", "tavern", "persona delete", name="seraphina")
        assert question.response is not None
        await press(here, "ada", question.response, "Delete")
        assert (await press(here, "ada", greeting, "▶")).content == "There is no such greeting any more."


@pytest.mark.parametrize("how", ["option", "setting"])
async def test_greeting_can_be_left_out(tmp_path: Path, how: str) -> None:
    more = "conversation: {greeting: false}" if how == "setting" else ""
    async with community(tmp_path, more=more) as here:
        options: dict[str, Any] = {"greet": False} if how == "option" else {}
        assert await entered(here, **options) == []
        if how == "setting":
            await run(here, "ada", "tavern", "forget")
            assert HELLO not in contents(here.answers("tavern"))


async def test_who_may_not_forget_may_not_start_afresh_by_setting_a_persona(tmp_path: Path) -> None:
    async with community(tmp_path, more="permissions: {forget: admins}") as here:
        assert "Only those whom" in await run(here, "ada", "tavern", "persona set", name="pirate", keep=False)
        assert await speaks(here, "tavern") == "You are the assistant"
        assert "speaks here" in await run(here, "ada", "tavern", "persona set", name="pirate")


async def test_forget_lets_who_speaks_greet_and_a_sober_assistant_has_nothing_to_say(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        await run(here, "ada", "general", "forget")
        assert len(here.answers("general")) == 1
        await entered(here, greet=False)
        await run(here, "mo", "tavern", "forget")
        assert here.answers("tavern")[-1]["content"] == "*Seraphina looks up.* Welcome, Mo."


async def test_where_the_bot_may_not_write_it_says_so_instead_of_greeting(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        await imported(here)
        told = await done(here, "ada", "quiet", "persona set", name="seraphina")
        assert told.content == "**Seraphina** speaks here from now on."
        assert "may not write here" in told.messages[-1]["content"]


async def test_nothing_in_a_greeting_pings(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        await imported(here, first_mes="@everyone look, {{user}}!", alternate_greetings=[])
        await run(here, "ada", "tavern", "persona set", name="seraphina")
        greeting = here.answers("tavern")[-1]
        assert greeting["content"] == "@everyone look, Ada!"
        assert not greeting["mention_everyone"]


# ---- why -------------------------------------------------------------------------------------------------------------


async def test_show_tells_the_order_of_precedence(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        await imported(here)
        await run(here, "ada", "tavern", "persona set", name="seraphina")
        await run(here, "ada", "support", "persona set", name="pirate", where="server")
        assert await speaks(here, "the long voyage") == "You are Seraphina, keeper of the glade"
        assert (await run(here, "ada", "the long voyage", "persona show")).splitlines() == [
            "**Seraphina** speaks here: it was set for the channel of this thread.",
            "1. This thread: –",
            "2. Its channel: **Seraphina** ←",
            "3. The server: **pirate**",
            "4. The default: **assistant**",
            "It speaks under its own name and face.",
        ]
        shown = await done(here, "kim", "general", "persona show")
        assert shown.ephemeral
        assert shown.content.splitlines()[1:-1] == [
            "1. 这个频道：–",
            "2. 服务器：**pirate** ←",
            "3. 默认：**assistant**",
        ]
        assert shown.content.endswith("它用自己的名字和头像说话。")


async def test_show_tells_what_a_persona_is_but_not_its_texts(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        await imported(here)
        shown = await done(here, "newcomer", "tavern", "persona show", name="SERAPHINA")
        assert shown.response is not None
        (embed,) = shown.response["embeds"]
        assert {each["name"]: each["value"] for each in embed["fields"]} == {"Tags": "forest, kind", "Greetings": "2"}
        assert "keeper of the glade" not in str(shown.response)
        assert "There is no persona called" in await run(here, "newcomer", "tavern", "persona show", name="nobody")


# ---- the list --------------------------------------------------------------------------------------------------------


async def test_the_list_has_pages_with_faces_and_its_buttons_outlive_the_bot(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            for name in ("One", "Two", "Three", "Four"):
                await imported(here, name=name)
            listed = await done(here, "newcomer", "tavern", "persona list")
            assert listed.ephemeral
            assert listed.content == "**Personas** (1/2)"
            assert listed.response is not None
            titles = [each["title"] for each in listed.response["embeds"]]
            assert titles == ["assistant (default) ← speaks here", "Four", "One", "Three", "Two"]
            assert [each.get("thumbnail", {}).get("width") for each in listed.response["embeds"]] == [None, *[128] * 4]
            before = listed.response
        async with running(simulator, model, tmp_path) as here:
            await press(here, "newcomer", before, "▶")
            assert listed.content == "**Personas** (2/2)"
            assert listed.response is not None
            assert [each["title"] for each in listed.response["embeds"]] == ["pirate"]


async def test_names_are_completed_over_all_libraries(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        await imported(here)
        for command in ("persona set", "persona show", "persona preview", "persona export"):
            choices = await here.person("ada").autocomplete(
                here.channel("tavern"), command, focused="name", options={"name": "r"}
            )
            assert sorted(each["value"] for each in choices) == ["Seraphina", "pirate"], command
        elsewhere = await here.person("kim").autocomplete(
            here.channel("workbench"), "persona set", focused="name", options={"name": "s"}
        )
        assert [each["value"] for each in elsewhere] == ["assistant"]


# ---- previews --------------------------------------------------------------------------------------------------------


async def test_a_preview_is_seen_by_one_person_and_remembered_by_nobody(tmp_path: Path) -> None:
    async with community(tmp_path, ["Just between us.", "Later."]) as here:
        await imported(here)
        answer = await done(here, "newcomer", "tavern", "persona preview", name="seraphina", message="a secret")
        assert answer.content == "-# Seraphina, only for you; nothing of this is remembered\nJust between us."
        assert answer.ephemeral
        assert here.sent()[0]["content"].startswith("You are Seraphina")
        await here.ask("ada", "tavern", "hello")
        assert "secret" not in str(here.sent())
        assert "between us" not in str(here.sent())


async def test_a_long_preview_has_pages_that_only_one_person_sees(tmp_path: Path) -> None:
    async with community(tmp_path, ["word " * 900]) as here:
        answer = await done(here, "ada", "tavern", "persona preview", name="pirate", message="talk")
        assert len(answer.messages) == 3
        assert all(each["flags"] & 64 for each in answer.messages)


async def test_a_preview_that_is_not_whole_says_so(tmp_path: Path) -> None:
    async with community(tmp_path, [Fault.LENGTH, Fault.CONTENT_FILTER, "word " * 3_000]) as here:
        for key in ("length", "content_filter", "length"):
            answer = await done(here, "ada", "tavern", "persona preview", name="pirate", message="talk")
            assert answer.messages[-1]["content"].endswith(with_notice([], SAID.say(key, "en"))[0])
        assert len(answer.messages) <= LIST_PAGES + 1


async def test_a_preview_that_fails_says_so(tmp_path: Path) -> None:
    async with community(tmp_path, [Fault.WRONG_KEY]) as here:
        answer = await done(here, "kim", "tavern", "persona preview", name="pirate", message="x")
        assert "不接受机器人的密钥" in answer.content
        assert answer.ephemeral


async def test_previews_of_one_person_come_one_at_a_time(tmp_path: Path) -> None:
    async with (
        Simulator(limits=False) as simulator,
        ModelEndpoint(["slow " * 40], pace=0.02) as model,
        running(simulator, model, tmp_path) as here,
    ):
        place = here.channel("tavern")
        first = await here.person("ada").command(place, "persona preview", name="pirate", message="x")
        second = await here.person("ada").command(place, "persona preview", name="pirate", message="x")
        assert "One preview at a time" in second.content
        assert "slow" in (await first.finished()).content
        await asyncio.sleep(0)


# ---- the moment that Discord waits -----------------------------------------------------------------------------------


async def test_no_command_of_a_library_takes_longer_than_discord_waits(tmp_path: Path) -> None:
    """Each is acknowledged before anything slow is done; the simulator would call it failed."""
    async with community(tmp_path, ["Yes."]) as here:
        await imported(here)
        for command, options in (
            ("persona list", {}),
            ("persona show", {"name": "seraphina"}),
            ("persona preview", {"name": "seraphina", "message": "?"}),
            ("persona export", {"name": "seraphina"}),
            ("persona delete", {"name": "seraphina"}),
            ("persona copy", {"name": "seraphina", "server": "nowhere"}),
        ):
            invocation = await done(here, "ada", "tavern", command, **options)
            assert not invocation.failed, command
            assert invocation.response is not None, command
            assert not invocation.response["flags"] & 128, command  # it does not think for ever


async def test_the_bot_may_lack_the_right_to_write_and_everything_else_works(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        world = here.simulator.world
        role = next(
            each for each in world.guilds[here.channel("general").guild_id or 0].roles.values() if each.managed_by
        )
        assert role.permissions & Permission.SEND_MESSAGES
        assert "was imported" in (await imported(here, "ada", "quiet")).content
