"""The README's pictures of the playground, made of a small conversation.

They are only looked at here; `PLAYGROUND_PICTURES=docs pytest tests/simulator/test_page_pictures.py` keeps them.
"""

from __future__ import annotations

import io
import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from PIL import Image, ImageDraw
from playwright.async_api import Browser

from discord_bot.__main__ import assembled
from discord_bot.chat import cards
from discord_bot.library import written_as
from discord_bot.playground import running as playground_running
from discord_bot.playground.door import Playground
from discord_bot.playground.inspector import Inspector
from discord_bot.simulator.model import ModelEndpoint, Reply
from discord_bot.simulator.model.endpoint import NATURAL_PACE
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world.world import World
from tests.running import Running, running
from tests.simulator.browser import needs_chromium

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
GREETING = "*lifts her hat* Captain Nell, at your service, {{user}}. Which tide brought you here?"
PIRATE = "Arr, at **noon** she drops anchor, and be quick on the pier: the *surprise* won't wait for ye."


def _face() -> bytes:
    """A captain, drawn with a few strokes."""
    picture = Image.new("RGB", (256, 256), "#2f6f8f")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((20, 190, 236, 380), fill="#27323a")
    draw.ellipse((64, 70, 192, 214), fill="#7a3b1d")
    draw.ellipse((76, 76, 180, 206), fill="#f1c9a5")
    draw.pieslice((36, 12, 220, 160), 180, 360, fill="#1b1f24")
    draw.rounded_rectangle((28, 78, 228, 98), 10, fill="#d9a441")
    for left in (100, 142):
        draw.ellipse((left, 124, left + 14, 140), fill="#27323a")
    draw.arc((102, 140, 154, 184), 20, 160, fill="#a3432f", width=6)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _card(folder: Path) -> None:
    """The captain's card, in a folder of cards."""
    more = {"first_mes": GREETING, "alternate_greetings": ["Who goes there?", "Ahoy!"]}
    card = cards.with_picture(cards.made("Captain Nell", description="A captain.", **more), _face())
    folder.mkdir()
    (folder / "nell.png").write_bytes(written_as(card, "png", 0)[0])


async def _talk(here: Running) -> None:
    simulator = here.simulator
    person, general = simulator.person, "general"
    places = {name: f"<#{simulator.world.channel(name).id}>" for name in ("tavern", "support")}
    here.model.script.extend([Reply(pieces=[ANSWER.format(**places)]), Reply(pieces=re.findall(r"\S*\s*", PIRATE))])
    await person("kim").send(general, "早上好！今天的船几点到？")
    await person("mo").send(general, "Two boats at ten, one at noon. The noon one brings the ||surprise|| for Friday.")
    (answer,) = await here.ask("newcomer", general, "I'm new here. What should I know?")
    for reader in ("newcomer", "kim"):
        await person(reader).react(answer, "⚓")
    await person("ada").command(general, "persona set", name="Captain Nell")
    await here.settled()
    here.model.pace = NATURAL_PACE  # so that the inspector has something to show of when what came
    await here.ask("ada", general, "when does the last boat come in?")


@pytest.mark.parametrize(("scheme", "suffix"), [("light", ".png"), ("dark", "-dark.png")])
async def test_a_picture(browser: Browser, tmp_path: Path, scheme: Literal["light", "dark"], suffix: str) -> None:
    """The page shows a conversation and its last answer in the inspector, in both colour schemes, in small pictures."""
    began = time.time()
    simulator = Simulator(World.default(lambda: MORNING.timestamp() + time.time() - began))
    inspector = Inspector(simulator)
    playground = Playground(simulator, inspector=inspector)
    _card(tmp_path / "cards")
    more = "persona_folder: cards"
    async with (
        simulator,
        ModelEndpoint(pace=0.0) as model,
        running(simulator, model, tmp_path, more=more, inspector=inspector) as here,
    ):
        settings = here.bot.settings  # with a bot that the page could begin anew, its buttons are there, too
        playground.runs(playground_running.Running(settings, assembled, simulator.token), lambda: settings)
        context = await browser.new_context(
            color_scheme=scheme, viewport={"width": 1200, "height": 900}, locale="en-GB", timezone_id="UTC"
        )
        page = await context.new_page()
        await page.clock.set_fixed_time(MORNING)
        await page.goto(playground.url)
        await page.locator("#composer").wait_for()
        await _talk(here)
        await page.get_by_text("she drops anchor").wait_for()
        await page.get_by_role("log").locator("img").first.wait_for()
        await simulator.person("mo").type("general")
        await page.get_by_text("Mo is typing…").wait_for()
        await page.mouse.move(0, 0)
        await page.get_by_role("button", name="Persona workshop").wait_for()
        pictures = {"playground": await page.screenshot(scale="css", animations="disabled")}
        await page.get_by_role("button", name="Inspector").click()
        beside = page.get_by_role("complementary", name="Inspector")
        await beside.get_by_text("when does the last boat come in?").first.wait_for()
        await page.mouse.move(0, 0)
        pictures["inspector"] = await page.screenshot(scale="css", animations="disabled")
        await context.close()
    for name, picture in pictures.items():
        Path(os.environ.get("PLAYGROUND_PICTURES", tmp_path), name + suffix).write_bytes(picture)  # noqa: ASYNC240 - it is over
        assert 20_000 < len(picture) < LARGEST
