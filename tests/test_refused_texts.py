"""What Discord refuses of an answer, such as a link that it blocks: what it has taken stays, and a line says so.

https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes (240000)
"""

from __future__ import annotations

from pathlib import Path

import pytest

from discord_bot.delivery.notices import NOTICE
from discord_bot.sentences import SAID
from discord_bot.simulator.model import Reply, Turn
from tests.running import community, contents
from tests.test_controls import labels

HARMFUL = "https://harmful.example"
REFUSED = NOTICE + SAID.say("TextRefused", "en")
FIRST = "word " * 300
SECOND = [f"\n\n{'more ' * 300}", f"and {HARMFUL}", " and more"]


async def test_what_discord_has_taken_of_an_answer_stays_and_the_rest_is_told_of(tmp_path: Path) -> None:
    grows = [FIRST.strip(), *SECOND]
    script: list[Turn] = [
        Reply([HARMFUL]),
        Reply(["Look: ", HARMFUL]),
        Reply(grows),
        "Well.",
        Reply([HARMFUL]),
        Reply(grows),
    ]
    async with community(tmp_path, script) as here:
        here.simulator.world.harmful_links.add(HARMFUL)
        ada, place = here.person("ada"), here.channel("general")
        for text in ("at once?", "soon?"):
            assert contents(await here.ask("ada", "general", text))[0].endswith(REFUSED)
        here.model.pace = 0.02
        answer = await here.ask("ada", "general", "after a page?")
        assert answer[0]["content"].startswith("word word")
        assert answer[-1]["content"].endswith(REFUSED)
        assert labels(answer[-1]) == ["Again"]
        here.model.pace = 0
        assert contents(await here.ask("ada", "general", "and otherwise?")) == ["Well."]
        asked = await (await ada.command(place, "ask", message="at once?")).finished()
        assert asked.content == f"-# 💬 at once?\n{REFUSED}"
        await here.idle()
        asked = await (await ada.command(place, "ask", message="after a page?")).finished()
        await here.idle()
        assert asked.content.startswith("-# 💬 after a page?\n")
        assert asked.messages[-1]["content"].endswith(REFUSED)
        assert HARMFUL not in str(here.messages(place))


async def test_a_command_says_so_too_and_it_is_a_line_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with community(tmp_path, [Reply([HARMFUL])]) as here:
        here.simulator.world.harmful_links.add(HARMFUL)
        place = here.channel("general")
        shown = await here.person("ada").command(place, "persona preview", name="pirate", message="well?")
        assert (await shown.finished()).content == SAID.say("TextRefused", "en")
        assert [each.getMessage() for each in caplog.records if each.exc_info] == []


async def test_also_where_a_persona_speaks_through_a_webhook(tmp_path: Path) -> None:
    async with community(tmp_path, [Reply([HARMFUL]), "Arr."]) as here:
        here.simulator.world.harmful_links.add(HARMFUL)
        await here.person("ada").command(here.channel("general"), "persona set", name="pirate")
        assert contents(await here.ask("ada", "general", "well?")) == [REFUSED]
        assert contents(await here.ask("ada", "general", "and now?")) == ["Arr."]
