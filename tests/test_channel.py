"""/channel: what is answered, with whom it talks together, and where answers stand."""

from __future__ import annotations

import asyncio
from pathlib import Path

from discord_bot.simulator.model import Fault, ModelEndpoint
from discord_bot.simulator.people import Invocation
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world.entities import Channel, Overwrite
from discord_bot.simulator.world.permissions import Permission
from tests.running import Running, community, contents, running


async def invoked(here: Running, person: str, channel: Channel | str, command: str, /, **options: str) -> Invocation:
    place = here.channel(channel) if isinstance(channel, str) else channel
    return await (await here.person(person).command(place, command, **options)).finished()


async def says(here: Running, person: str, channel: Channel | str, text: str) -> list[str]:
    """Somebody says something; what the bot answers there, once it had the time for it."""
    place = here.channel(channel) if isinstance(channel, str) else channel
    before = {each["id"] for each in here.answers(place)}
    await here.person(person).send(place, text)
    await asyncio.sleep(0.1)
    await here.idle()
    return [each["content"] for each in here.answers(place) if each["id"] not in before]


async def asked_of_the_model(here: Running, times: int) -> None:
    """Waits until the model was asked so many times in all, and nobody is being answered any more."""
    await here.until(lambda: len(here.model.requests) == times)
    await here.idle()


def prompt(here: Running) -> str:
    """What the model was told last, without who it is."""
    return "\n".join(f"{each['role']}: {each['content']}" for each in here.sent()[1:])


def thread_of(here: Running, channel: str) -> Channel:
    """The thread that was opened in a channel last."""
    parent = here.channel(channel)
    return max(
        (each for each in here.simulator.world.channels.values() if each.parent_id == parent.id and each.thread),
        key=lambda each: each.id,
    )


# ---- what is answered ------------------------------------------------------------------------------------------------


async def test_everything_is_answered_where_that_was_set_and_nowhere_else(tmp_path: Path) -> None:
    async with community(tmp_path, ["One.", "Two."]) as here:
        assert await says(here, "kim", "general", "hello?") == []
        told = await invoked(here, "mo", "general", "channel set", answers="everything")
        assert told.content.splitlines()[:2] == [
            "From now on, here:",
            "- The bot answers everything but what is said to somebody else. (it was set for this place)",
        ]
        assert not told.ephemeral  # it concerns everybody here
        assert await says(here, "kim", "general", "hello?") == ["One."]
        assert await says(here, "kim", "tavern", "hello?") == []
        assert await says(here, "kim", "tavern", f"{here.mention} hello?") == ["Two."]


async def test_where_everything_is_answered_what_is_said_to_somebody_else_is_not(tmp_path: Path) -> None:
    async with community(tmp_path, (f"{number}." for number in range(9))) as here:
        await invoked(here, "mo", "general", "channel set", answers="everything")
        general, ada, kim = here.channel("general"), here.person("ada"), here.person("kim")
        assert await says(here, "ada", "general", "who has the tide table?") == ["0."]
        theirs, own = here.messages("general")[-2:]
        assert theirs["content"] == "who has the tide table?"
        await kim.send(general, "here you are", reply_to=theirs, ping=False)
        await kim.send(general, f"{ada.mention} here you are")
        await kim.send(general, f"<@!{ada.id}>, here you are")
        # What comes after that is heard after that: none of these was answered before it, or waits to be.
        assert await says(here, "kim", "general", f"is that right, {ada.mention}?") == ["1."]
        assert len(here.model.requests) == 2
        assert prompt(here).count("here you are") == 3
        mentioned = f"{here.mention} and you?"
        meant = [(kim, "and you?", own), (kim, f"{ada.mention}, ask {here.mention}", None), (kim, mentioned, theirs)]
        meant.append((ada, "I need it today", theirs))  # she goes on
        for number, (person, text, answered) in enumerate(meant, start=3):
            await person.send(general, text, reply_to=answered, ping=False)
            await asked_of_the_model(here, number)


async def test_an_edit_that_turns_to_somebody_else_takes_back_what_is_being_answered(tmp_path: Path) -> None:
    async with community(tmp_path, ["In here.", Fault.HANG]) as here:
        await invoked(here, "mo", "general", "channel set", replies="thread")
        await says(here, "ada", "general", f"{here.mention} why?")
        thread = thread_of(here, "general")
        asked = await here.person("kim").send(thread, "and now?")
        await here.until(lambda: len(here.model.requests) == 2)
        await here.person("kim").edit(asked, f"{here.person('ada').mention} and now?")
        await here.idle()
        assert contents(here.answers(thread))[-1] == "In here."


async def test_nothing_is_answered_where_that_was_set(tmp_path: Path) -> None:
    async with community(tmp_path, ["Back."]) as here:
        await invoked(here, "mo", "general", "channel set", answers="never")
        assert await says(here, "ada", "general", f"{here.mention} hello?") == []
        assert not here.model.requests
        await invoked(here, "mo", "general", "channel reset")
        assert await says(here, "ada", "general", f"{here.mention} hello?") == ["Back."]


async def test_its_words_are_heard_beside_mentions(tmp_path: Path) -> None:
    async with community(tmp_path, ["One.", "Two.", "Three."]) as here:
        told = await invoked(here, "mo", "general", "channel set", words="Nova, ship's cat")
        assert "has one of these words: Nova, ship's cat." in told.content
        assert await says(here, "kim", "general", "a supernova is bright") == []
        assert await says(here, "kim", "general", "NOVA, are you there?") == ["One."]
        assert await says(here, "kim", "general", f"{here.mention} and you?") == ["Two."]
        await invoked(here, "mo", "general", "channel set", words="/no+va/")
        assert await says(here, "kim", "general", "noooova!") == ["Three."]


async def test_words_that_can_not_be_heard_are_refused_and_nothing_is_set(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        assert (
            "“/(/” can't be listened for"
            in (await invoked(here, "mo", "general", "channel set", words="/(/", answers="everything")).content
        )
        refused = await invoked(here, "mo", "general", "channel set", words=" , ,")
        assert "“ , ,” can't be listened for" in refused.content
        assert "Which names" in (await invoked(here, "mo", "general", "channel set", answers="words")).content
        assert "Nothing was chosen" in (await invoked(here, "mo", "general", "channel set")).content
        assert (
            "(nothing was set, so it is the default)" in (await invoked(here, "mo", "general", "channel show")).content
        )


async def test_a_thread_is_as_its_channel_but_for_what_was_set_for_it(tmp_path: Path) -> None:
    async with community(tmp_path, ["One.", "Two."]) as here:
        await invoked(here, "ada", "tavern", "channel set", answers="everything", conversation="person")
        assert await says(here, "kim", "the long voyage", "hello?") == ["One."]
        await invoked(here, "ada", "the long voyage", "channel set", answers="mentioned")
        assert await says(here, "kim", "the long voyage", "hello?") == []
        shown = (await invoked(here, "kim", "the long voyage", "channel show")).content.splitlines()
        assert shown == [
            "这里：",
            "- 机器人回答提及它或回复它的消息。（这是为这里设置的）",
            "- 每个人单独和它聊：模型只读到这个人自己的消息和对它们的回答。（这是为本子区所在的频道设置的）",
            "- 回答写在频道里。（没有设置，所以用默认的）",
        ]
        nothing = await invoked(here, "ada", "general", "channel reset")
        assert nothing.content.startswith("Nothing was set here.")
        assert nothing.ephemeral


async def test_who_may_not_is_told_what_they_lack_and_who_may_is_a_setting(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        assert (
            "Manage Channels"
            in (await invoked(here, "newcomer", "general", "channel set", answers="everything")).content
        )
        assert "管理频道" in (await invoked(here, "kim", "general", "channel reset")).content
        assert await says(here, "kim", "general", "hello?") == []
    async with community(tmp_path, more="permissions: {channel: {here: everyone}}") as here:
        assert "answers nothing" in (await invoked(here, "newcomer", "general", "channel set", answers="never")).content


# ---- whose conversation it is ----------------------------------------------------------------------------------------


async def test_a_persons_prompt_holds_only_their_messages_and_the_answers_to_them(tmp_path: Path) -> None:
    async with community(tmp_path, ["Rain.", "Snow.", "Again rain."]) as here:
        await invoked(here, "mo", "general", "channel set", conversation="person")
        await says(here, "mo", "general", "the tide is low")
        await says(here, "ada", "general", f"{here.mention} the weather here?")
        await says(here, "kim", "general", f"{here.mention} the weather there?")
        told = prompt(here)
        assert "the weather there?" in told
        assert not {"tide", "the weather here?", "Rain."} & {each for each in told.split("\n") if each}
        assert "weather here" not in told
        await says(here, "ada", "general", f"{here.mention} and tomorrow?")
        told = prompt(here)
        assert "weather here" in told
        assert "assistant: Rain." in told
        assert "Snow" not in told
        assert "tide" not in told


async def test_what_somebody_else_said_is_not_told_there_as_what_a_reply_is_to(tmp_path: Path) -> None:
    async with community(tmp_path, ["Lemon.", "Hm.", "Ah.", "Sugar."]) as here:
        await invoked(here, "mo", "general", "channel set", conversation="person")
        tea = await here.person("kim").send(here.channel("general"), f"{here.mention} my plan is tea")
        await here.until(lambda: here.model.requests)
        await here.idle()
        lemon = here.answers("general")[-1]
        await here.person("ada").send(here.channel("general"), "the tide is low")
        for replied_to in (tea, lemon):
            await here.ask("ada", "general", "why that?", reply_to=replied_to)
            assert "tea" not in prompt(here)
            assert "Lemon" not in prompt(here)
        await here.ask("kim", "general", "and mine?", reply_to=lemon)
        assert 'replying to you: "Lemon."' in prompt(here)


async def test_it_is_so_after_a_restart_too(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["Rain.", "Snow.", "Hm."], pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            await invoked(here, "mo", "general", "channel set", conversation="person")
            await says(here, "ada", "general", f"{here.mention} the weather here?")
            await says(here, "kim", "general", f"{here.mention} the weather there?")
        async with running(simulator, model, tmp_path) as here:
            await says(here, "ada", "general", f"{here.mention} and tomorrow?")
            told = prompt(here)
            assert "assistant: Rain." in told
            assert "there?" not in told
            assert "Snow" not in told


# ---- where answers stand ---------------------------------------------------------------------------------------------


async def test_an_answer_stands_in_a_thread_named_after_the_question_where_no_mention_is_needed(tmp_path: Path) -> None:
    async with community(tmp_path, ["In here.", "Still here."]) as here:
        await invoked(here, "mo", "general", "channel set", replies="thread")
        await says(here, "kim", "general", "the tide is low")
        before = len(here.answers("general"))
        question = await here.person("ada").send(here.channel("general"), f"{here.mention} " + "why is it so? " * 20)
        await here.until(lambda: here.model.requests)
        await here.idle()
        thread = thread_of(here, "general")
        assert thread.id == int(question["id"])
        assert thread.name.startswith("why is it so? why")
        assert len(thread.name) <= 100
        assert len(here.answers("general")) == before
        assert contents(here.answers(thread))[-1] == "In here."
        shown = (await invoked(here, "kim", thread, "channel show")).content
        assert "机器人回答所有消息，明显对别人说的除外。（这个子区就是为此而开的）" in shown
        assert "tide" not in prompt(here)  # what is said in the channel is no part of the thread
        assert await says(here, "kim", thread, "and now?") == ["Still here."]
        told = prompt(here)
        assert "why is it so?" in told
        assert "assistant: In here." in told
        assert "and now?" in told


async def test_a_threads_name_shows_people_by_their_names_and_no_markdown(tmp_path: Path) -> None:
    async with community(tmp_path, ["In here."]) as here:
        await invoked(here, "mo", "general", "channel set", replies="thread")
        asked = f"{here.mention} # **Why** does {here.person('kim').mention}\n> say `snake_case` ||now||?"
        await here.person("ada").send(here.channel("general"), asked)
        await here.until(lambda: here.model.requests)
        await here.idle()
        assert thread_of(here, "general").name == "Why does @Kim say snake_case now?"


async def test_a_persona_speaks_in_its_thread_under_its_own_name(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["Arr.", "Aye."], pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            await invoked(here, "mo", "general", "persona set", name="pirate", voice="webhook")
            await invoked(here, "mo", "general", "channel set", replies="thread")
            await here.person("ada").send(here.channel("general"), f"{here.mention} why?")
            await here.until(lambda: here.model.requests)
            await here.idle()
            thread = thread_of(here, "general")
            answer = here.messages(thread)[-1]
            assert answer["content"].endswith("Arr.")
            assert answer["author"]["username"] == "pirate"
        async with running(simulator, model, tmp_path) as here:
            await here.person("kim").send(thread, "and now?")
            await here.until(lambda: here.messages(thread)[-1]["content"].endswith("Aye."))
            told = prompt(here)
            assert "why?" in told
            assert "assistant: Arr." in told


async def test_a_thread_that_somebody_else_opened_is_no_such_thread(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        await invoked(here, "ada", "tavern", "channel set", replies="thread")
        assert await says(here, "kim", "the long voyage", "hello?") == []


async def test_a_thread_goes_on_after_a_restart(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["In here.", "Still.", "Anew."], pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            await invoked(here, "mo", "general", "channel set", replies="thread")
            await says(here, "ada", "general", f"{here.mention} why?")
            thread = thread_of(here, "general")
        async with running(simulator, model, tmp_path) as here:
            assert await says(here, "kim", thread, "and now?") == ["Still."]
            told = prompt(here)
            assert "Ada: why?" in told or "ada: why?" in told
            assert "assistant: In here." in told
            answer = next(each for each in here.answers(thread) if each["content"] == "In here.")
            again = next(
                button["custom_id"]
                for row in answer["components"]
                for button in row["components"]
                if button.get("label") == "Again"
            )
            await here.person("ada").press(answer, again)
            await here.until(lambda: "Anew." in contents(here.answers(thread)))
            assert "why?" in prompt(here)


async def test_what_is_edited_or_deleted_in_the_channel_is_followed_in_the_thread(tmp_path: Path) -> None:
    async with community(tmp_path, ["Rain.", "Snow.", "Hm."]) as here:
        await invoked(here, "mo", "general", "channel set", replies="thread")
        question = await here.person("ada").send(here.channel("general"), f"{here.mention} the weather?")
        await here.until(lambda: here.model.requests)
        await here.idle()
        thread = thread_of(here, "general")
        await here.person("ada").edit(question, f"{here.mention} the winter?")
        await here.until(lambda: contents(here.answers(thread))[-1] == "Snow.")
        await here.idle()
        await here.person("ada").delete(question)
        await asyncio.sleep(0.05)
        await says(here, "kim", thread, "and now?")
        told = prompt(here)
        assert "weather" not in told
        assert "winter" not in told


async def test_without_the_permission_the_answer_stands_in_the_channel(tmp_path: Path) -> None:
    async with community(tmp_path, ["Here."]) as here:
        await invoked(here, "mo", "general", "channel set", replies="thread")
        forbid_threads(here)
        assert await says(here, "ada", "general", f"{here.mention} why?") == ["Here."]


def forbid_threads(here: Running) -> None:
    """Takes the permission to open threads from the bot in #general."""
    channel = here.channel("general")
    assert here.bot.user is not None
    me = here.bot.user.id
    channel.overwrites[me] = Overwrite(me, is_member=True, deny=Permission.CREATE_PUBLIC_THREADS)
