"""How text arrives in Discord, also where Discord has its troubles."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import discord
import pytest

from discord_bot.delivery import Reply as Delivered
from discord_bot.delivery import Sent, named_on, with_notice, without_name, without_notice
from discord_bot.delivery.notices import below, name_line
from discord_bot.simulator.faults import RestFault
from discord_bot.simulator.model import ModelEndpoint, Reply
from discord_bot.simulator.server import Simulator
from tests.running import Running, Said, community, contents, running

SLOWLY = Reply(pieces=[f"piece {number}, " for number in range(30)])
WHOLE = "".join(SLOWLY.pieces).strip()


async def test_a_last_text_that_is_on_its_way_when_the_bot_stops_arrives(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["All of it."], pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            simulator.faults.rest("slow", route="create_message", seconds=5)
            await here.person("ada").send(here.channel("general"), f"{here.mention} tell me")
            await here.until(lambda: model.requests)
            await asyncio.sleep(0.3)
        assert contents(here.answers("general")) == ["All of it."]


async def test_a_reply_that_somebody_deletes_stops_and_is_not_remembered(tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY, "Fresh."]) as here:
        here.model.pace = 0.15
        await here.person("ada").send(here.channel("general"), f"{here.mention} tell me")
        await here.until(lambda: here.answers("general"))
        await here.person("mo").delete(here.answers("general")[0])
        await here.idle()
        assert here.answers("general") == []
        here.model.pace = 0
        await here.ask("ada", "general", "again")
        assert "piece" not in str(here.sent())


async def test_a_short_answer_is_one_request(tmp_path: Path) -> None:
    async with community(tmp_path, ["Yes."]) as here:
        await here.ask("ada", "general", "well?")
        shown = [each for each in here.simulator.requests if "/messages" in each.path and each.method != "GET"]
        assert [each.method for each in shown] == ["POST"]


async def test_a_page_says_whose_it_is_where_something_came_between(tmp_path: Path) -> None:
    async with community(tmp_path, [Reply(pieces=["word " * 40] * 30)]) as here:
        here.model.pace = 0.05
        await here.person("ada").send(here.channel("general"), f"{here.mention} talk")
        await here.until(lambda: len(here.answers("general")) == 1)
        await here.person("kim").send(here.channel("general"), "me too")
        await here.until(lambda: len(here.answers("general")) == 3, seconds=20)
        await here.idle()
        first, second, third = here.answers("general")
        assert second["message_reference"]["message_id"] == first["id"]
        assert third.get("message_reference") is None


async def test_an_answer_fills_so_many_messages_and_the_rest_is_a_file(tmp_path: Path) -> None:
    text = "\n".join(f"line {number} of a long answer" for number in range(400))
    async with community(tmp_path, [text], more="delivery: {max_pages: 2}") as here:
        first, second = await here.ask("ada", "general", "talk")
        assert first["attachments"] == []
        [file] = second["attachments"]
        assert file["size"] > 5_000
        async with aiohttp.ClientSession() as session, session.get(file["url"]) as response:
            rest = (await response.text()).strip()
        assert f"{first['content']}\n{second['content']}\n{rest}" == text


# ---- what the cogs ask of a reply ------------------------------------------------------------------------------------


@asynccontextmanager
async def replying(directory: Path) -> AsyncIterator[tuple[Running, Callable[..., Delivered]]]:
    """The bot, and how to answer a message of ada's in #general without the model."""
    async with community(directory) as here:
        heard: list[discord.Message] = []
        here.bot.let_hear(SimpleNamespace(on_message=heard.append))
        await here.person("ada").send(here.channel("general"), "hello")
        await here.until(lambda: heard)
        yield here, partial(here.bot.delivery.reply, heard[0], lambda error: type(error).__name__)


def buttons(label: str) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label=label, custom_id=label))
    return view


def labels(message: Said) -> list[str]:
    return [each["label"] for row in message["components"] for each in row["components"]]


async def test_controls_stand_below_the_last_page_and_change_with_an_edit(tmp_path: Path) -> None:
    async with replying(tmp_path) as (here, reply):
        async with reply() as answer:
            answer.controls = buttons("Stop")
            answer.show("So this is how it begins, and it goes on. ")
            await here.until(lambda: here.answers("general"))
            assert labels(here.answers("general")[0]) == ["Stop"]
            answer.show("words and words " * 200)
            await here.until(lambda: len(here.answers("general")) == 2)
            assert [labels(each) for each in here.answers("general")] == [[], ["Stop"]]
            answer.controls = buttons("Again")
            await answer.finish("words and words " * 200)
        assert [labels(each) for each in here.answers("general")] == [[], ["Again"]]


async def test_a_reply_that_somebody_stops_keeps_its_text_and_says_so(tmp_path: Path) -> None:
    async with replying(tmp_path) as (here, reply):
        async with reply() as answer:
            answer.show("So this is how it begins, and")
            answer.stop("Stopped.")
            assert answer.over
            answer.show("So this is how it begins, and more")
            await answer.finish("So this is how it begins, and it ends")
        assert contents(here.answers("general")) == ["So this is how it begins, and\n-# ⚠️ Stopped."]


async def test_a_reply_that_is_taken_back_leaves_nothing(tmp_path: Path) -> None:
    async with replying(tmp_path) as (here, reply):
        async with reply() as answer:
            answer.show("words and words " * 200)
            await here.until(lambda: len(here.answers("general")) == 2)
            answer.take_back()
        assert here.answers("general") == []
        assert answer.pages == ()


@pytest.mark.parametrize("fault", ["lost", "truncated", "drop"])
async def test_a_reply_that_is_taken_back_leaves_nothing_also_where_a_create_was_unclear(
    fault: RestFault, tmp_path: Path
) -> None:
    async with replying(tmp_path) as (here, reply):
        here.simulator.faults.rest(fault, route="create_message")
        async with reply() as answer:
            answer.show("So this is how it begins, and it goes on. ")
            await here.until(lambda: any(each.route == "create_message" for each in here.simulator.requests))
            answer.take_back()
        assert here.answers("general") == []


async def test_a_reply_takes_over_what_stands_there(tmp_path: Path) -> None:
    async with replying(tmp_path) as (here, reply):
        async with reply() as first:
            first.controls = buttons("Again")
            await first.finish("one " * 1200)
        place = here.bot.get_partial_messageable(here.channel("general").id)
        standing = [Sent(place.get_partial_message(page.id)) for page in first.pages]
        assert len(standing) == 3
        async with reply(standing=standing) as second:
            second.show("two " * 600)
            await second.finish("two " * 600)
        assert [int(each["id"]) for each in here.answers("general")] == [page.id for page in first.pages[:2]]
        assert " ".join(contents(here.answers("general"))) == ("two " * 600).strip()
        assert [labels(each) for each in here.answers("general")] == [[], []]


async def test_a_reply_that_knows_what_stands_there_changes_nothing_that_stays(tmp_path: Path) -> None:
    async with replying(tmp_path) as (here, reply):
        async with reply() as first:
            await first.finish("one " * 1200)
        before = len(here.simulator.requests)
        async with reply(standing=first.sent) as second:
            await second.finish("one " * 1200 + "and two")
        made = [each.route for each in list(here.simulator.requests)[before:]]
        assert made == ["update_message"]
        assert second.pages[:-1] == first.pages[:-1]


async def test_a_reply_that_was_deleted_says_nothing_more(tmp_path: Path) -> None:
    async with replying(tmp_path) as (here, reply):
        async with reply() as answer:
            answer.show("So this is how it begins, and it goes on. ")
            await here.until(lambda: here.answers("general"))
            await here.person("mo").delete(here.answers("general")[0])
            answer.abandon()
            assert answer.over
            await answer.finish("So this is how it begins, and it ends.")
        assert here.answers("general") == []
        assert answer.pages == ()


def test_a_notice_stands_below_the_last_page_or_on_one_of_its_own() -> None:
    assert with_notice([], "sorry") == ["-# ⚠️ sorry"]
    assert with_notice(["a", "b"], "sorry") == ["a", "b\n-# ⚠️ sorry"]
    assert with_notice(["x" * 1995], "sorry") == ["x" * 1995, "-# ⚠️ sorry"]
    assert without_notice("b\n-# ⚠️ sorry") == "b"
    assert without_notice("-# ⚠️ sorry") == ""


def test_a_line_says_who_speaks_whatever_the_name_and_is_taken_away_again() -> None:
    for name in ("Mira", "Mira_the *bold*", "<@1234>", "@everyone", "雪 (2)", "a\\b", "# ||x|| `y`", "🎭"):
        line = name_line(name)
        page = below(line, f"text\n{line}")
        assert (named_on(page), without_name(page)) == (name, f"text\n{line}")
        assert "<@" not in line
        assert "**" not in line
        assert (named_on(line), without_name(line)) == (name, "")
    for text in ("Mira", f"said: {name_line('Mira')}", "-# 💭 hm\ntext", "-# 🎭 "):
        assert named_on(text) is None
        assert without_name(text) == text
