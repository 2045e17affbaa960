"""When the bot stops, whoever waits is told: for an answer, for a turn, or for what a command thinks about."""

from __future__ import annotations

import asyncio
from pathlib import Path

from discord_bot.sentences import SAID
from discord_bot.simulator.model import Reply
from tests.running import community, contents

SLOWLY = Reply(pieces=[f"piece {number}, " for number in range(1_000)])


async def test_whoever_waits_is_told_that_the_bot_is_restarted(tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY] * 4) as here:
        here.model.pace = 0.05
        ada, mo, kim, place = here.person("ada"), here.person("mo"), here.person("kim"), here.channel("general")
        grows = await ada.command(place, "ask", message="a story")
        await here.until(lambda: "piece" in grows.content)
        waits = await ada.command(place, "ask", message="and another one", private=True)
        first = await kim.send(place, f"{here.mention} 讲个故事")
        await here.until(lambda: here.answers(place)[1:])
        second = await kim.send(place, f"{here.mention} 再讲一个")
        tavern = here.channel("tavern")
        thinks = [await each.command(tavern, "persona preview", name="pirate", message="well?") for each in (mo, kim)]
        await here.until(lambda: len(here.model.requests) == 4)
        await here.until(lambda: [each for each in here.messages(place) if each.get("reactions")])
    interrupted, restarting = (SAID[key] for key in ("CancelledError", "restarting"))
    assert grows.content.startswith("-# 💬 a story\npiece 0")
    assert grows.content.endswith(interrupted[0])
    assert waits.content == f"-# 💬 and another one\n-# ⚠️ {interrupted[0]}"
    answered = {each["message_reference"]["message_id"]: each["content"] for each in here.answers(place)[1:]}
    assert answered[first["id"]].startswith("piece 0")
    assert answered[first["id"]].endswith(interrupted[1])
    assert answered[second["id"]] == f"-# ⚠️ {interrupted[1]}"
    assert not [each for each in here.messages(place) if each.get("reactions")]  # the sign that it waits is gone
    assert [contents(each.messages) for each in thinks] == [[restarting[0]], [restarting[1]]]


async def test_what_comes_while_the_bot_stops_is_not_begun(tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY]) as here:
        here.model.pace = 0.05
        ada, mo, place = here.person("ada"), here.person("mo"), here.channel("general")
        form = await ada.command(place, "persona create")
        story = await ada.send(place, f"{here.mention} a story")
        await here.until(lambda: here.answers(place))
        stopping = asyncio.create_task(here.bot.close())
        await here.until(lambda: here.bot.under_way._ends)
        asked = await mo.command(place, "ask", message="well?")
        assert asked.content == SAID.say("restarting", "en")
        submitted = await ada.submit(form, {"name": "Rex"})
        assert submitted.failed  # so that Discord leaves it open, with all that was written
        await ada.delete(story)
        await stopping
        assert len(here.model.requests) == 1
