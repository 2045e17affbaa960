"""Places in which the bot can do less, or things are otherwise: it does what it can, and says what it can't do."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from discord_bot.simulator.model import ModelEndpoint
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world import changes, channels, messages
from discord_bot.simulator.world.drafts import read_draft
from discord_bot.simulator.world.entities import Channel, ChannelType, Message
from discord_bot.simulator.world.forms import Form
from discord_bot.simulator.world.permissions import Permission
from tests.running import Running, community, contents, running
from tests.test_controls import buttons

GREETER = "  greeter: {system_prompt: You greet., greetings: [Good day.]}"


async def told(here: Running, place: Channel, command: str, /, **options: str) -> list[str]:
    """What a command of Ada's is answered, in all of its messages."""
    invocation = await (await here.person("ada").command(place, command, **options)).finished()
    await here.settled()
    return contents(invocation.messages)


def deny(here: Running, place: Channel, what: Permission) -> None:
    """From here on, the bot may not do that there."""
    world = here.simulator.world
    own_role = world.role(place.guild_id or 0, "assistant")
    here.simulator.dispatch(changes.set_overwrite(world, place, own_role, deny=what))


def time_out(here: Running) -> None:
    """The bot may do next to nothing for a while."""
    world = here.simulator.world
    member = world.guild("Harbour").members[world.bot.id]
    member.timed_out_until = time.time() + 600
    here.simulator.dispatch([changes.member_updated(world, member)])


@pytest.mark.parametrize(
    ("lacks", "said"),
    [
        (Permission.VIEW_CHANNEL, "can't see this place"),
        (Permission.SEND_MESSAGES, "may not write here"),
        (None, "in time-out"),
    ],
)
async def test_where_the_bot_can_answer_commands_alone_they_say_so(
    lacks: Permission | None, said: str, tmp_path: Path
) -> None:
    async with community(tmp_path, personas=GREETER) as here:
        place = here.channel("general")
        if lacks is None:
            time_out(here)
        else:
            deny(here, place, lacks)
        first, *more = await told(here, place, "persona set", name="greeter", voice="webhook")
        assert first == "**greeter** speaks here from now on."
        assert len(more) == 1  # in the place of what it lacks for a voice, or a greeting
        assert said in more[0]
        for command in ("persona show", "channel show"):
            (shown,) = await told(here, place, command)
            assert said in shown.splitlines()[-1]


async def test_without_the_history_a_button_from_before_a_restart_says_what_the_bot_lacks(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["Snow."], pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            (answer,) = await here.ask("ada", "general", "what comes?")
        async with running(simulator, model, tmp_path) as here:
            deny(here, here.channel("general"), Permission.READ_MESSAGE_HISTORY)
            pressed = await here.person("ada").press(answer, buttons(answer)["Again"]["custom_id"])
            await here.settled()
            assert "Read Message History" in pressed.content


async def test_in_a_thread_that_is_locked_a_sign_says_that_the_bot_may_not_write(tmp_path: Path) -> None:
    async with community(tmp_path, ["Never read."]) as here:
        world, ada, thread = here.simulator.world, here.person("ada"), here.channel("the long voyage")
        here.simulator.dispatch(channels.edit(world, ada.id, thread, Form({"archived": True, "locked": True})))
        await ada.send(thread, f"{here.mention} hello")
        await here.until(lambda: "reactions" in here.messages(thread)[-1])
        assert here.messages(thread)[-1]["reactions"][0]["emoji"]["name"] == "🔇"
        await here.idle()


async def test_where_no_thread_can_be_opened_that_is_said(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        world = here.simulator.world
        voice, events = changes.add_channel(world, world.guild("Harbour"), "voice", ChannelType.GUILD_VOICE)
        here.simulator.dispatch(events)
        for place in (voice, await here.person("ada").open_dm()):
            (shown,) = await told(here, place, "channel set", replies="thread")
            assert "No thread can be opened" in shown.splitlines()[-1]
        (shown,) = await told(here, here.channel("general"), "channel set", replies="thread")
        assert "No thread" not in shown


async def test_a_post_in_a_forum_is_answered_anew_after_a_restart(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["Snow.", "Rain."], pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            post = begin_post(here, f"{here.mention} what comes?")
            await here.until(lambda: contents(here.answers(post)) == ["Snow."])
            await here.idle()
        async with running(simulator, model, tmp_path) as here:
            (answer,) = here.answers(post)
            await here.person("ada").press(answer, buttons(answer)["Again"]["custom_id"])
            await here.until(lambda: contents(here.answers(post)) == ["Rain."])
            await here.idle()
            assert here.sent()[-1]["content"].startswith("Ada: what comes?")


def begin_post(here: Running, text: str) -> Channel:
    """Ada begins a post in a new forum: a thread, in which what she writes stands first and has the thread's id."""
    simulator, ada = here.simulator, here.person("ada")
    world = simulator.world
    forum, events = changes.add_channel(world, world.guild("Harbour"), "forum", ChannelType.GUILD_FORUM)
    simulator.dispatch(events)
    post, events = channels.start_thread(world, ada.id, forum, Form({"name": "weather"}))
    simulator.dispatch(events)
    message = Message(post.id, post.id, ada.id)
    messages.fill(world, message, read_draft(Form({"content": text})), post)
    simulator.dispatch(messages.post(world, message, post))
    return post
