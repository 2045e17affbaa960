"""A browser's page on a playground of its own, for the tests of the page."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from discord_bot.playground.door import Playground
from discord_bot.simulator.server import Simulator
from tests.simulator.small_bot import SmallBot, small_bot


@dataclass
class Desk:
    """A browser's page on a playground of its own, with the small bot in it."""

    simulator: Simulator
    playground: Playground
    bot: SmallBot
    page: Page
    complaints: list[str]
    """What the browser found wrong; a test that provokes it clears it."""

    @property
    def box(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message #general", exact=True)

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    def said_by(self, name: str) -> Locator:
        return self.log.get_by_role("article", name=re.compile(rf"^{name}, \d\d:\d\d$"))

    async def write(self, text: str) -> None:
        """Type like a person: key by key, and Enter."""
        await self.box.press_sequentially(text)
        await self.box.press("Enter")

    async def distance_from_end(self) -> float:
        distance: float = await self.page.locator("#scroller").evaluate(
            "element => element.scrollHeight - element.scrollTop - element.clientHeight"
        )
        return distance


@asynccontextmanager
async def opened(browser: Browser, **context: Any) -> AsyncIterator[Desk]:
    """Ada's page in a browser's context of that kind; whatever the browser complains about fails the test."""
    complaints: list[str] = []
    simulator = Simulator()
    playground = Playground(simulator)
    about = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", "timezone_id": "UTC"} | context
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(simulator)
        bot = await stack.enter_async_context(small_bot(simulator))
        made = await browser.new_context(**about)
        stack.push_async_callback(made.close)
        page = await made.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.extend([said.text] if said.type == "error" else []))
        page.on("dialog", lambda dialog: complaints.append(f"a dialog said {dialog.message}"))
        await page.goto(playground.url)
        desk = Desk(simulator, playground, bot, page, complaints)
        await expect(page.locator("#composer")).to_be_focused(timeout=10_000)  # the last thing that opening does
        yield desk
    assert not complaints


@pytest_asyncio.fixture(loop_scope="session")
async def desk(browser: Browser) -> AsyncIterator[Desk]:
    """Ada's page, in English."""
    async with opened(browser) as desk:
        yield desk
