"""For any text, and any way in which it arrives, what stands in Discord at the end is all of it, once.

The real bot, many channels at once: so there is time for edits in between, and few examples are many replies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from discord_bot.chat.pages import PAGE_LIMIT
from discord_bot.chat.rendering import render
from discord_bot.delivery import with_notice
from discord_bot.sentences import SAID
from discord_bot.simulator.model import Reply
from discord_bot.simulator.world import changes
from discord_bot.simulator.world.entities import Channel
from tests.running import Running, community, contents

CHANNELS = 16
PIECES = st.sampled_from(
    [
        *(
            "word ",
            "words, and more of them. ",
            "\n",
            "\n\n",
            " ",
            "它不止一句话。",
            "👩‍👩‍👧‍👦",
            "e\u0301",
            "- item\n",
            "> quoted\n",
        ),
        *(
            "```python\n",
            "```\n",
            "    indented = True\n",
            "**bold** ",
            "[a link](https://example.com/path) ",
            "||spoiler|| ",
        ),
        *("| a | b |\n| --- | --- |\n| 1 | 二 |\n", "<br>", "\n---\n", "#### Deep\n", r"\(x^2\) "),
        *("x" * 700, "long sentence " * 40, "代码" * 300, "<@123456789012345678> ", "`code` ", "# Heading\n"),
    ]
)
DELTAS = st.lists(st.lists(PIECES, max_size=2).map("".join), min_size=1, max_size=50)
"""A text as it arrives; some of its pieces are empty."""


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def expected(deltas: Sequence[str]) -> list[str]:
    text = "".join(deltas)
    return (
        [page.text for page in render(text, final=True).pages]
        if text.strip()
        else with_notice([], SAID.say("empty", "en"))
    )


async def answer(here: Running, channels: Sequence[Channel], replies: Sequence[Sequence[str]]) -> None:
    """Lets the bot give those answers, one in each channel, and looks at what stands there all the time."""
    wrong: list[str] = []

    def see(event: Any) -> None:
        if event.t in ("MESSAGE_CREATE", "MESSAGE_UPDATE") and event.d["author"].get("bot"):
            content = event.d["content"]
            if not content.strip() or units(content) > PAGE_LIMIT:
                wrong.append(content)

    stop = here.simulator.observe(see)
    before = [len(here.answers(channel)) for channel in channels]
    for channel, deltas in zip(channels, replies, strict=False):
        asked = len(here.model.requests)
        here.model.script.append(Reply(list(deltas)))
        await here.person("ada").send(channel, f"{here.mention} tell me")
        await here.until(lambda asked=asked: len(here.model.requests) > asked)  # type: ignore[misc]
    await here.idle()
    stop()
    assert wrong == []
    for channel, count, deltas in zip(channels, before, replies, strict=False):
        assert contents(here.answers(channel)[count:]) == expected(deltas)


async def more_channels(here: Running) -> list[Channel]:
    guild = next(iter(here.simulator.world.guilds.values()))
    made = [changes.add_channel(here.simulator.world, guild, f"more-{number}") for number in range(CHANNELS)]
    for _, events in made:
        here.simulator.dispatch(events)
    await asyncio.sleep(0.2)
    return [channel for channel, _ in made]


def test_what_stands_there_at_the_end_is_the_text_once_and_every_page_fits_at_every_moment(tmp_path: Path) -> None:
    stack = AsyncExitStack()
    with asyncio.Runner() as runner:
        here = runner.run(stack.enter_async_context(community(tmp_path)))
        try:
            here.model.pace = 0.06
            channels = runner.run(more_channels(here))

            @settings(max_examples=4, suppress_health_check=list(HealthCheck))
            @given(st.lists(DELTAS, min_size=CHANNELS, max_size=CHANNELS))
            def check(replies: list[list[str]]) -> None:
                runner.run(answer(here, channels, replies))

            check()
            assert any(each.route == "update_message" for each in here.simulator.requests)
        finally:
            runner.run(stack.aclose())
