"""Personas under names and faces of their own: through a webhook, in the bot's profile, or as the bot itself."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image

from discord_bot.chat import cards
from discord_bot.simulator.faults import RestFault
from discord_bot.simulator.model import ModelEndpoint, Reply
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world import payloads, webhooks
from discord_bot.simulator.world.drafts import Draft
from discord_bot.simulator.world.events import Event, Intents
from discord_bot.simulator.world.forms import Form
from discord_bot.simulator.world.permissions import Permission
from discord_bot.voices import webhook_name
from discord_bot.voices.names import HAIR, bio, nickname
from tests.running import Running, community, contents, running

SLOWLY = Reply(pieces=[f"piece {number}, " for number in range(30)])
WHOLE = "".join(SLOWLY.pieces).strip()
MIRA = "  Mira: {system_prompt: You are Mira., names: [Captain]}\n  Rex: {system_prompt: You are Rex.}"


def names(messages: list[dict[str, Any]]) -> list[str]:
    """Under which name each message was written."""
    return [each["author"]["username"] for each in messages]


def replies(here: Running, channel: str) -> list[dict[str, Any]]:
    """What the bot has said to mentions there: commands are answered otherwise."""
    return [each for each in here.answers(channel) if "interaction_metadata" not in each]


async def set_(here: Running, channel: str = "general", name: str = "Mira", **options: str) -> list[dict[str, Any]]:
    """Sets a persona; what the bot answers to that, the hidden part too."""
    invocation = await here.person("ada").command(here.channel(channel), "persona set", name=name, **options)
    await asyncio.sleep(0.1)
    await here.settled()
    return (await invocation.finished()).messages


async def run(here: Running, command: str, channel: str = "general", /, **options: str) -> str:
    invocation = await here.person("ada").command(here.channel(channel), command, **options)
    return (await invocation.finished()).content


def asked(here: Running, route: str) -> int:
    """How often the bot asked for something."""
    return sum(each.route == route for each in here.simulator.requests)


def take_permission(here: Running, permission: Permission) -> None:
    """Nobody has that permission any more, and the bot hears of it."""
    for guild in here.simulator.world.guilds.values():
        for role in guild.roles.values():
            role.permissions &= ~permission
            d = {"guild_id": str(guild.id), "role": payloads.role(role)}
            here.simulator.dispatch([Event("GUILD_ROLE_UPDATE", d, guild.id, intent=Intents.GUILDS)])


def delete_webhooks(here: Running) -> None:
    """Somebody deletes the bot's webhooks."""
    for webhook in list(here.simulator.world.webhooks.values()):
        here.simulator.dispatch(webhooks.delete(here.simulator.world, webhook))


def folder_of(directory: Path, name: str) -> str:
    """A folder with one card that has a picture; its key in config.yaml."""
    picture = io.BytesIO()
    Image.effect_noise((400, 600), 90).convert("RGB").save(picture, "PNG")
    card = cards.made(name, description="A sailor.", first_mes="Ahoy.")
    (directory / "cards").mkdir(exist_ok=True)
    (directory / "cards" / f"{name}.png").write_bytes(cards.write_png(card, picture.getvalue())[0])
    return "persona_folder: cards"


# ---- through a webhook -----------------------------------------------------------------------------------------------


async def test_a_persona_of_its_own_speaks_under_its_name_and_the_default_one_as_the_bot(tmp_path: Path) -> None:
    async with community(tmp_path, ["Ahoy.", "Good day.", "Again."], personas=MIRA) as here:
        (said,) = await set_(here)
        assert said["content"] == "**Mira** speaks here from now on."
        assert names(await here.ask("ada", "general", "hello")) == ["Mira"]
        assert names(await here.ask("ada", "support", "hello")) == ["assistant"]
        assert names(await here.ask("mo", "general", "hello")) == ["Mira"]
        assert asked(here, "create_webhook") == 1
        assert contents(replies(here, "general")) == ["Ahoy.", "Again."]


async def test_one_webhook_of_a_channel_serves_all_personas_and_is_found_again_after_a_restart(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["One.", "Two.", "Three."], pace=0.0) as model:
        async with running(simulator, model, tmp_path, personas=MIRA) as here:
            await set_(here)
            await here.ask("ada", "general", "hello")
            await set_(here, name="Rex")
            assert names(await here.ask("ada", "general", "hello")) == ["Rex"]
        async with running(simulator, model, tmp_path, personas=MIRA) as here:
            assert names(await here.ask("ada", "general", "hello")) == ["Rex"]
            assert len(simulator.world.webhooks) == 1
            # What both said before is the bot's own, and stands behind what it answered.
            roles = [
                (each["role"], each["content"].splitlines()[0]) for each in here.sent() if each["role"] != "system"
            ]
            assert roles == [
                ("user", "Ada: hello"),
                ("assistant", "One."),
                ("user", "Ada: hello"),
                ("assistant", "Two."),
                ("user", "Ada: hello"),
            ]


async def test_a_persona_shows_its_picture(tmp_path: Path) -> None:
    """It is uploaded once, whatever happens, and what Discord shows is cut from it."""
    more = folder_of(tmp_path, "Nell")
    async with Simulator(limits=False) as simulator, ModelEndpoint(["One.", "Two.", "Three."], pace=0.0) as model:
        for _ in range(2):
            async with running(simulator, model, tmp_path, more=more) as here:
                await set_(here, name="Nell")
                (said,) = await here.ask("ada", "general", "hello")
                assert said["author"]["username"] == "Nell"
                address = f"{simulator.url}/avatars/{said['author']['id']}/{said['author']['avatar']}.png"
                async with aiohttp.ClientSession() as session, session.get(address) as response:
                    assert Image.open(io.BytesIO(await response.read())).size == (128, 128)
        assert len(simulator.world.emojis) == 1


async def test_a_persona_whose_picture_cannot_be_uploaded_shows_the_bots(tmp_path: Path) -> None:
    more = folder_of(tmp_path, "Nell")
    async with community(tmp_path, ["One.", "Two."], more=more) as here:
        here.simulator.faults.rest("403", route="create_application_emoji")
        await set_(here, name="Nell")
        assert names(await here.ask("ada", "general", "hello")) == ["Nell"]
        assert names(await here.ask("ada", "general", "hello")) == ["Nell"]
        assert asked(here, "create_application_emoji") == 1


async def test_a_growing_answer_is_edited_through_the_webhook_page_by_page(tmp_path: Path) -> None:
    long = Reply(pieces=[f"{number} " + "word " * 19 + "\n" for number in range(40)])
    async with community(tmp_path, [long], personas=MIRA) as here:
        await set_(here)
        here.model.pace = 0.02
        pages = await here.ask("ada", "general", "tell me")
        assert set(names(pages)) == {"Mira"}
        assert len(pages) > 1
        assert "".join("".join(contents(pages)).split()) == "".join("".join(long.pieces).split())
        assert asked(here, "update_webhook_message") > 1
        assert asked(here, "create_message") == asked(here, "update_message") == 0
        buffer = here.bot.conversations.open(here.channel("general").id).buffer
        own = [each for each in buffer.history(until=1 << 62).messages if each.own]
        assert [each.author_name for each in own] == ["Mira"] * len(pages)


async def test_what_stands_apart_from_its_question_names_it_and_pings_only_who_asked(tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY, "@everyone <@1> yes"], personas=MIRA) as here:
        await set_(here)
        here.model.pace = 0.05
        question = await here.person("ada").send(here.channel("general"), f"{here.mention} tell me")
        await here.person("mo").send(here.channel("general"), "hm")
        await here.until(lambda: replies(here, "general"))
        await here.idle()
        (said,) = replies(here, "general")
        line, text = said["content"].split("\n", 1)
        ada = here.person("ada").id
        guild, channel = here.simulator.world.guild("Harbour").id, here.channel("general").id
        assert line == f"-# [↪](https://discord.com/channels/{guild}/{channel}/{question['id']}) <@{ada}>"
        assert text == WHOLE
        assert [each["id"] for each in said["mentions"]] == [str(ada)]
        await here.ask("ada", "general", "really?")
        assert {"role": "assistant", "content": WHOLE} in here.sent()
        assert not replies(here, "general")[-1]["mentions"]
        assert not replies(here, "general")[-1]["mention_everyone"]


async def test_the_line_above_a_page_belongs_to_no_memory_after_a_restart_either(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint([SLOWLY, "Two."], pace=0.05) as model:
        async with running(simulator, model, tmp_path, personas=MIRA) as here:
            await set_(here)
            question = await here.person("ada").send(here.channel("general"), f"{here.mention} tell me")
            await here.person("mo").send(here.channel("general"), "hm")
            await here.until(lambda: replies(here, "general"))
            await here.idle()
        async with running(simulator, model, tmp_path, personas=MIRA) as here:
            await here.ask("ada", "general", "and now?")
            assert {"role": "assistant", "content": WHOLE} in here.sent()
            buffer = here.bot.conversations.open(here.channel("general").id).buffer
            assert [len(pages) for pages in buffer.answers_to(int(question["id"]))] == [1]


async def test_in_a_thread_the_channels_webhook_speaks(tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY], personas=MIRA) as here:
        await set_(here, "tavern")
        here.model.pace = 0.03
        assert names(await here.ask("ada", "the long voyage", "hello")) == ["Mira"]
        assert contents(replies(here, "the long voyage")) == [WHOLE]
        (webhook,) = here.simulator.world.webhooks.values()
        assert webhook.channel_id == here.channel("tavern").id


async def test_a_reply_to_a_webhooks_message_wakes_it_and_its_own_messages_do_not(tmp_path: Path) -> None:
    async with community(tmp_path, ["@assistant, hello.", "Two.", "Three."], personas=MIRA) as here:
        await set_(here)
        here.model.script[0] = f"{here.mention} is what they call me."
        (said,) = await here.ask("ada", "general", "hello")
        await here.person("ada").send(here.channel("general"), "and then?", reply_to=said)
        await here.until(lambda: len(replies(here, "general")) == 2)
        await here.idle()
        assert len(here.model.requests) == 2


async def test_another_bots_webhook_is_somebody_else(tmp_path: Path) -> None:
    """Also one that bears the persona's name."""
    async with community(tmp_path, ["One."], personas=MIRA) as here:
        world, general = here.simulator.world, here.channel("general")
        foreign, _ = webhooks.create(world, world.user("ada").id, general, Form({"name": "Mira"}))
        _, events = webhooks.execute(world, foreign, Draft(content=f"hi {here.mention}"), Form({}), None)
        here.simulator.dispatch(events)
        await asyncio.sleep(0.2)
        assert not here.model.requests
        await here.ask("ada", "general", "hello")
        assert here.sent()[1]["content"].startswith("Mira: hi\nAda: hello")


async def test_who_deletes_the_question_takes_back_the_pages(tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY], personas=MIRA) as here:
        await set_(here)
        here.model.pace = 0.05
        question = await here.person("ada").send(here.channel("general"), f"{here.mention} tell me")
        await here.until(lambda: replies(here, "general"))
        await here.person("ada").delete(question)
        await here.idle()
        assert not replies(here, "general")


async def test_who_edits_the_question_gets_another_answer_in_the_same_place(tmp_path: Path) -> None:
    async with community(tmp_path, ["One.", "Two."], personas=MIRA) as here:
        await set_(here)
        (said,) = await here.ask("ada", "general", "tell me")
        question = here.messages("general")[-2]
        await here.person("ada").edit(question, f"{here.mention} tell me more")
        await here.until(lambda: contents(replies(here, "general")) == ["Two."])
        assert replies(here, "general")[0]["id"] == said["id"]


async def test_the_buttons_below_a_webhooks_message_work_also_after_a_restart(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["One.", "Two.", "Three."], pace=0.0) as model:
        async with running(simulator, model, tmp_path, personas=MIRA) as here:
            await set_(here)
            (said,) = await here.ask("ada", "general", "hello")
            again = said["components"][0]["components"][-1]["custom_id"]
            await here.person("ada").press(said, again)
            await here.until(lambda: contents(replies(here, "general")) == ["Two."])
            await here.idle()
        async with running(simulator, model, tmp_path, personas=MIRA) as here:
            await here.person("ada").press(said, again)
            await here.until(lambda: contents(replies(here, "general")) == ["Three."])
            await here.idle()
            assert [each["id"] for each in replies(here, "general")] == [said["id"]]


async def test_leafing_answers_the_press_and_keeps_the_line_above(tmp_path: Path) -> None:
    """No request through the webhook is needed for it, and the buffer holds what stands there."""
    async with community(tmp_path, [SLOWLY, "Two.", "Noted."], personas=MIRA) as here:
        await set_(here)
        here.model.pace = 0.05
        await here.person("ada").send(here.channel("general"), f"{here.mention} tell me")
        await here.person("mo").send(here.channel("general"), "hm")
        await here.until(lambda: replies(here, "general"))
        await here.idle()
        (said,) = replies(here, "general")
        line, _ = said["content"].split("\n", 1)
        await here.person("ada").press(said, said["components"][0]["components"][-1]["custom_id"])
        await here.until(lambda: contents(replies(here, "general")) == [f"{line}\nTwo."])
        await here.idle()
        edits = asked(here, "update_webhook_message")
        (said,) = replies(here, "general")
        await here.person("ada").press(said, said["components"][0]["components"][0]["custom_id"])
        await here.until(lambda: contents(replies(here, "general")) == [f"{line}\n{WHOLE}"])
        await here.idle()
        assert asked(here, "update_webhook_message") == edits
        buffer = here.bot.conversations.open(here.channel("general").id).buffer
        (own,) = [each for each in buffer.history(until=1 << 62).messages if each.own]
        assert own.content == WHOLE
        assert own.author_id != here.bot.me.id


# ---- where it fails --------------------------------------------------------------------------------------------------


async def test_without_the_permission_it_speaks_as_the_bot_and_says_so_once_to_who_set_it(tmp_path: Path) -> None:
    async with community(tmp_path, ["One.", "Two."], personas=MIRA) as here:
        take_permission(here, Permission.MANAGE_WEBHOOKS)
        everyone, hidden = await set_(here)
        assert everyone["content"] == "**Mira** speaks here from now on."
        assert "Manage Webhooks" in hidden["content"]
        assert hidden["flags"] & 64
        for _ in range(2):
            (said,) = await here.ask("ada", "general", "hello")
            assert said["author"]["username"] == "assistant"
        assert "Manage Webhooks" in await run(here, "persona show")
        assert len(here.messages("general")) == 5
        assert asked(here, "list_channel_webhooks") == 0


async def test_who_has_chinese_is_told_in_chinese(tmp_path: Path) -> None:
    everyone = "permissions: {persona: {here: everyone}}"
    async with community(tmp_path, personas=MIRA, more=everyone) as here:
        take_permission(here, Permission.MANAGE_WEBHOOKS)
        invocation = await here.person("kim").command(here.channel("general"), "persona set", name="Mira")
        await here.until(lambda: len(invocation.messages) == 2)
        assert "管理 Webhook" in invocation.messages[1]["content"]


@pytest.mark.parametrize("fault", ["500", "502", "drop", "lost", "truncated"])
async def test_a_webhook_that_fails_once_writes_once(fault: RestFault, tmp_path: Path) -> None:
    """Also where Discord had written it and only the answer was lost."""
    async with community(tmp_path, ["Here it is."], personas=MIRA) as here:
        await set_(here)
        here.simulator.faults.rest(fault, route="execute_webhook")
        said = await here.ask("ada", "general", "hello")
        assert (names(said), contents(said)) == (["Mira"], ["Here it is."])
        await asyncio.sleep(1.2)  # nothing comes late
        assert len(replies(here, "general")) == 1


@pytest.mark.parametrize("fault", ["500", "403", "429", "drop"])
async def test_where_a_webhook_keeps_failing_the_bot_says_it_itself(fault: RestFault, tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY], personas=MIRA) as here:
        await set_(here)
        here.model.pace = 0.03
        here.simulator.faults.rest(fault, route="execute_webhook", times=99, seconds=30)
        said = await here.ask("ada", "general", "hello")
        assert (names(said), contents(said)) == (["assistant"], [WHOLE])


async def test_a_webhook_that_was_deleted_is_made_anew(tmp_path: Path) -> None:
    async with community(tmp_path, ["One.", "Two."], personas=MIRA) as here:
        await set_(here)
        await here.ask("ada", "general", "hello")
        delete_webhooks(here)
        said = await here.ask("ada", "general", "hello")
        assert (names(said), contents(said)) == (["Mira"], ["Two."])
        assert len(here.simulator.world.webhooks) == 1


async def test_a_webhook_that_is_deleted_in_the_middle_costs_no_text(tmp_path: Path) -> None:
    """What went through it can't be changed any more: the whole answer is written anew."""
    async with community(tmp_path, [SLOWLY], personas=MIRA) as here:
        await set_(here)
        here.model.pace = 0.08
        await here.person("ada").send(here.channel("general"), f"{here.mention} tell me")
        await here.until(lambda: replies(here, "general"))
        delete_webhooks(here)
        await here.idle()
        last = replies(here, "general")[-1]
        assert last["author"]["username"] == "Mira"
        assert last["content"].endswith(WHOLE)


async def test_where_no_webhook_can_be_made_the_bot_says_it_itself(tmp_path: Path) -> None:
    async with community(tmp_path, ["One."], personas=MIRA) as here:
        for number in range(webhooks.WEBHOOKS):
            webhooks.create(
                here.simulator.world,
                here.simulator.world.user("ada").id,
                here.channel("general"),
                Form({"name": f"one of many {number}"}),
            )
        await set_(here)
        said = await here.ask("ada", "general", "hello")
        assert (names(said), contents(said)) == (["assistant"], ["One."])


async def test_a_webhooks_limits_are_kept(tmp_path: Path) -> None:
    """Eight answers at once in one channel: not one request is refused."""
    async with community(tmp_path, [SLOWLY] * 8, personas=MIRA, limits=True) as here:
        await set_(here)
        here.model.pace = 0.02
        for name in ("ada", "mo", "kim", "newcomer") * 2:
            await here.person(name).send(here.channel("general"), f"{here.mention} tell me")
        await here.until(lambda: len(replies(here, "general")) == 8, 30)
        await asyncio.sleep(0.1)
        await here.until(lambda: not any(each.busy for each in here.bot.answering.exchanges), 30)
        assert all(each["content"].endswith(WHOLE) for each in replies(here, "general"))
        assert [each.route for each in here.simulator.requests if each.status == 429] == []


async def test_a_secret_token_stands_in_no_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with community(tmp_path, ["One.", "Two."], personas=MIRA) as here:
        await set_(here)
        here.simulator.faults.rest("500", route="execute_webhook", times=9)
        await here.ask("ada", "general", "hello")
        (webhook,) = here.simulator.world.webhooks.values()
        assert webhook.token not in caplog.text
        assert any("goes on otherwise" in each.message for each in caplog.records)


# ---- in the bot's profile --------------------------------------------------------------------------------------------


async def test_in_its_profile_the_bot_is_the_persona_in_that_server(tmp_path: Path) -> None:
    more = folder_of(tmp_path, "Nell")
    async with community(tmp_path, ["One.", "Two."], more=more) as here:
        guild = here.simulator.world.guild("Harbour")
        member = here.simulator.world.member(guild.id, here.simulator.world.bot.id)
        assert len(await set_(here, name="Nell", voice="profile")) == 1
        await here.until(lambda: member.nick == "Nell")
        await here.settled()
        assert member.avatar is not None
        (said,) = await here.ask("ada", "general", "hello")
        assert said["author"]["username"] == "assistant"
        assert asked(here, "execute_webhook") == 0
        changes = asked(here, "update_my_guild_member")
        await set_(here, "support", name="Nell", voice="profile")
        assert asked(here, "update_my_guild_member") == changes == 1
        await run(here, "persona reset")
        await here.until(lambda: (member.nick, member.avatar, member.bio) == (None, None, ""))


async def test_another_persona_there_takes_the_profile_off(tmp_path: Path) -> None:
    async with community(tmp_path, personas=MIRA) as here:
        guild = here.simulator.world.guild("Harbour")
        member = here.simulator.world.member(guild.id, here.simulator.world.bot.id)
        await set_(here, voice="profile", where="server")
        assert member.nick == "Mira"
        await set_(here, name="Rex", where="server", voice="plain")
        assert member.nick is None


async def test_a_profile_that_may_not_be_changed_is_said_once(tmp_path: Path) -> None:
    async with community(tmp_path, personas=MIRA) as here:
        here.simulator.faults.rest("403", route="update_my_guild_member")
        _, hidden = await set_(here, voice="profile")
        assert "in a few minutes" in hidden["content"]
        take_permission(here, Permission.CHANGE_NICKNAME)
        _, hidden = await set_(here, voice="profile")
        assert "Change Nickname" in hidden["content"]


# ---- as the bot itself -----------------------------------------------------------------------------------------------


async def test_plain_is_the_bot_itself_and_the_configuration_may_say_so_for_all(tmp_path: Path) -> None:
    async with community(tmp_path, ["One.", "Two.", "Three."], personas=MIRA, more="voice: plain") as here:
        await set_(here)
        assert names(await here.ask("ada", "general", "hello")) == ["assistant"]
        assert "as the bot itself" in await run(here, "persona show")
        await set_(here, voice="webhook")
        assert names(await here.ask("ada", "general", "hello")) == ["Mira"]
        assert "its own name and face" in await run(here, "persona show")
        await set_(here, voice="plain")
        assert names(await here.ask("ada", "general", "hello")) == ["assistant"]


async def test_in_a_direct_message_there_is_no_other_way(tmp_path: Path) -> None:
    async with community(tmp_path, ["One."], personas=MIRA) as here:
        dm = await here.person("ada").open_dm()
        invocation = await here.person("ada").command(dm, "persona set", name="Mira")
        assert len((await invocation.finished()).messages) == 1
        await here.person("ada").send(dm, "hello")
        await here.until(lambda: any(each["content"] == "One." for each in here.simulator.messages(dm)))
        invocation = await here.person("ada").command(dm, "persona set", name="Mira", voice="webhook")
        await asyncio.sleep(0.1)
        assert "no other way" in (await invocation.finished()).messages[1]["content"]


# ---- names -----------------------------------------------------------------------------------------------------------


async def test_a_persona_with_names_answers_to_them_where_it_was_set(tmp_path: Path) -> None:
    async with community(tmp_path, ["Aye."], personas=MIRA) as here:
        await set_(here)
        for channel, text in (("general", "miracle"), ("support", "Mira?"), ("general", "Rex?")):
            await here.person("mo").send(here.channel(channel), text)
        await asyncio.sleep(0.2)
        assert not here.model.requests
        await here.person("mo").send(here.channel("general"), "what does the CAPTAIN say?")
        await here.until(lambda: contents(replies(here, "general")) == ["Aye."])


async def test_several_personas_in_one_channel_answer_to_their_names(tmp_path: Path) -> None:
    async with community(tmp_path, ["I am Mira.", "I am Rex.", "Still Rex.", "Mira again."], personas=MIRA) as here:
        await set_(here)
        assert "is here too" in await run(here, "persona add", name="rex")
        assert "**Rex**" in await run(here, "persona show")
        assert names(await here.ask("ada", "general", "hello")) == ["Mira"]
        (said,) = await here.ask("ada", "general", "Rex, what do you think?")
        assert said["author"]["username"] == "Rex"
        assert here.sent()[0]["content"].startswith("You are Rex.")
        # What Mira said, somebody else said.
        assert here.sent()[1]["content"].splitlines()[:2] == ["Ada: hello", "Mira: I am Mira."]
        await here.person("mo").send(here.channel("general"), "why?", reply_to=said)
        await here.until(lambda: names(replies(here, "general"))[2:] == ["Rex"])
        await here.idle()
        assert names(await here.ask("ada", "general", "and Mira?")) == ["Mira"]
        assert len(here.model.requests) == 4
        assert "does not answer" in await run(here, "persona remove", name="REX")
        assert "had not been added" in await run(here, "persona remove", name="Rex")


async def test_who_is_added_speaks_as_was_chosen_for_it(tmp_path: Path) -> None:
    async with community(tmp_path, ["I am Rex.", "I am Mira."], personas=MIRA) as here:
        await set_(here)
        await run(here, "persona add", name="rex", voice="plain")
        assert names(await here.ask("ada", "general", "Rex?")) == ["assistant"]
        assert names(await here.ask("ada", "general", "Mira?")) == ["Mira"]
        take_permission(here, Permission.MANAGE_WEBHOOKS)
        invocation = await here.person("ada").command(
            here.channel("general"), "persona add", name="rex", voice="webhook"
        )
        await here.settled()
        assert "Manage Webhooks" in (await invocation.finished()).messages[1]["content"]


async def test_personas_do_not_answer_each_other(tmp_path: Path) -> None:
    async with community(tmp_path, ["Captain Mira, what do you say?"], personas=MIRA) as here:
        await set_(here, name="Rex")
        await run(here, "persona add", name="Mira")
        await here.ask("ada", "general", "hello")
        await asyncio.sleep(0.2)
        assert len(here.model.requests) == 1


# ---- in character ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pace", [0.0, 0.05])
async def test_neither_its_own_name_nor_other_peoples_lines_are_shown_or_remembered(
    pace: float, tmp_path: Path
) -> None:
    pieces = ["Mira", ": Aye", ", the ship is", " ours.\n", "Ad", "a: Hooray", "!\nMira: Aye."]
    async with community(tmp_path, [Reply(pieces=pieces), "Two."], personas=MIRA) as here:
        await set_(here)
        shown: set[str] = set()
        here.simulator.observe(lambda event: shown.add(str(event.d.get("content", ""))))
        here.model.pace = pace
        assert contents(await here.ask("ada", "general", "whose ship?")) == ["Aye, the ship is ours."]
        assert not [each for each in shown if "Mira:" in each or "Hooray" in each]
        await here.ask("ada", "general", "really?")
        assert {"role": "assistant", "content": "Aye, the ship is ours."} in here.sent()


async def test_where_speakers_are_not_named_nothing_is_taken_away(tmp_path: Path) -> None:
    more = "conversation: {speakers: none}"
    async with community(tmp_path, ["Mira: Aye.\nAda: no."], personas=MIRA, more=more) as here:
        await set_(here)
        assert contents(await here.ask("ada", "general", "hello")) == ["Mira: Aye.\nAda: no."]


# ---- what names may be -----------------------------------------------------------------------------------------------


def test_a_name_that_discord_refuses_is_written_otherwise() -> None:
    assert webhook_name("Discordia") == f"Disc{HAIR}ordia"
    assert webhook_name("CLYDE of discord") == f"CL{HAIR}YDE of disc{HAIR}ord"
    assert webhook_name("x" * 90) == "x" * 80
    assert webhook_name("  ") == "…"
    assert nickname("x" * 40) == "x" * 31 + "…"
    assert bio("word " * 38) == "word " * 38
    assert bio("word " * 60) == ("word " * 38).rstrip() + "…"


async def test_a_persona_with_a_refused_name_speaks(tmp_path: Path) -> None:
    personas = "  Discordia: {system_prompt: You are she.}"
    async with community(tmp_path, ["One."], personas=personas) as here:
        await set_(here, name="Discordia")
        assert names(await here.ask("ada", "general", "hello")) == [f"Disc{HAIR}ordia"]
