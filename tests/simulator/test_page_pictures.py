"""The README's pictures of the playground, made of a small conversation.

They are only looked at here; `PLAYGROUND_PICTURES=docs pytest tests/simulator/test_page_pictures.py` keeps them.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser

from discord_bot.simulator.model.endpoint import ModelEndpoint, Reply
from discord_bot.simulator.playground.door import Playground
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world.world import World
from tests.running import Running, running
from tests.simulator.browser import browser, needs_chromium

__all__ = ["browser"]

pytestmark = [pytest.mark.asyncio(loop_scope="session"), needs_chromium]

LARGEST = 300_000
"""Bytes of a picture: a README is read over slow lines too."""
MORNING = datetime(2026, 5, 4, 8, 31, tzinfo=UTC)

ANSWER = """\
Welcome aboard! Two things keep this harbour afloat:

1. {tavern} is for stories; there I speak as whoever the table wants.
2. {support} is for questions. Paste your code, I read it:
```py
def tide(hour: int) -> str:
    return "in" if hour % 12 < 6 else "out"
```"""
PIRATE = "Arr, at **noon** she drops anchor, and be quick on the pier: the *surprise* won't wait for ye. 🏴‍☠️"


async def _talk(here: Running) -> None:
    simulator = here.simulator
    person, general = simulator.person, "general"
    places = {name: f"<#{simulator.world.channel(name).id}>" for name in ("tavern", "support")}
    here.model.script.extend(Reply(pieces=[answer]) for answer in (ANSWER.format(**places), PIRATE))
    await person("kim").send(general, "早上好！今天的船几点到？")
    await person("mo").send(general, "Two boats at ten, one at noon. The noon one brings the ||surprise|| for Friday.")
    (answer,) = await here.ask("newcomer", general, "I'm new here. What should I know?")
    for reader, emoji in (("newcomer", "⚓"), ("kim", "⚓"), ("mo", "👍")):
        await person(reader).react(answer, emoji)
    await person("ada").command(general, "persona set", name="pirate")
    await here.ask("ada", general, "when does the last boat come in?")
    await person("ada").command(general, "persona show")
    await person("mo").type(general)


@pytest.mark.parametrize(("scheme", "name"), [("light", "playground.png"), ("dark", "playground-dark.png")])
async def test_a_picture(browser: Browser, tmp_path: Path, scheme: Literal["light", "dark"], name: str) -> None:
    """The page shows a conversation in both colour schemes, and its picture is small enough."""
    began = time.time()
    simulator = Simulator(World.default(lambda: MORNING.timestamp() + time.time() - began))
    playground = Playground(simulator)
    async with simulator, ModelEndpoint(pace=0.0) as model, running(simulator, model, tmp_path) as here:
        context = await browser.new_context(
            color_scheme=scheme, viewport={"width": 1200, "height": 880}, locale="en-GB", timezone_id="UTC"
        )
        page = await context.new_page()
        await page.clock.set_fixed_time(MORNING)
        await page.goto(playground.url)
        await page.locator("#composer").wait_for()
        await _talk(here)
        await page.get_by_text("Mo is typing…").wait_for()
        await page.get_by_text("Only you can see this").wait_for()
        await page.mouse.move(0, 0)
        picture = await page.screenshot(scale="css", animations="disabled")
        await context.close()
    Path(os.environ.get("PLAYGROUND_PICTURES", tmp_path), name).write_bytes(picture)  # noqa: ASYNC240 - it is over
    assert 20_000 < len(picture) < LARGEST
