"""The page speaks English and Chinese: by the browser's language, and by choice."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from discord_bot import playground
from tests.simulator.browser import needs_chromium
from tests.simulator.desk import opened

pytestmark = [pytest.mark.asyncio(loop_scope="session"), needs_chromium]

WORDS = sorted((Path(playground.__file__).parent / "page" / "js").glob("words*.js"))
CHINESE = re.compile("[一-鿿]")
NO_WORDS = {"between", "reactedWith", "tokens"}
"""What is made of facts and commas, or is called the same."""

TABLE = """async () => {
    const { SAID } = await import("/playground/js/words.js");
    const text = (word) => typeof word === "object" ? Object.values(word).join(" ") : String(word);
    return Object.entries(SAID).map(([name, { en, zh }]) => [name, text(en ?? ""), text(zh ?? "")]);
}"""
LABELS = """() => [...document.querySelectorAll("[aria-label], [title], [placeholder]")].flatMap((one) =>
    ["aria-label", "title", "placeholder"].map((name) => one.getAttribute(name)).filter(Boolean))"""


async def test_no_word_is_said_twice() -> None:
    """Of two that are called the same, the page would know the last one alone."""
    names = [name for path in WORDS for name in re.findall(r"^  (\w+):", path.read_text("utf-8"), re.MULTILINE)]
    assert len(names) > 200
    assert [name for name, times in Counter(names).items() if times > 1] == []


async def test_by_the_browsers_language_and_by_choice(browser: Browser) -> None:
    """A Chinese browser gets Chinese, refusals too; a choice of language stays, and loses nothing that was written."""
    async with opened(browser, locale="zh-CN") as desk:
        page = desk.page
        await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
        box = page.get_by_role("textbox", name="发消息到 #general", exact=True)
        await box.fill("/persona set ")
        await box.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("需要“name”")
        await expect(page.get_by_role("region", name="你的身份")).to_contain_text("Harbour 的所有者")

        for name, english, chinese in await page.evaluate(TABLE):
            assert english, name
            assert not CHINESE.search(english), name
            assert CHINESE.search(chinese) or name in NO_WORDS, name
        own_names = {user.global_name or user.username for user in desk.simulator.world.users.values()}
        own_names |= {guild.name for guild in desk.simulator.world.guilds.values()} | {"Mo, Moderator"}
        labels = set(await page.evaluate(LABELS))
        assert {label for label in labels - own_names if not CHINESE.search(label)} == set()

        await page.get_by_role("button", name="设置").click()
        await page.get_by_role("radio", name="English").click()
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        await expect(desk.box).to_have_value("/persona set ")
        await page.get_by_role("button", name="Settings").click()
        await expect(page.get_by_role("radio", name="English")).to_be_checked()
        await page.get_by_role("radio", name="Dark").check()
        await expect(page.locator("body")).to_have_css("background-color", "rgb(18, 23, 27)")
        await page.reload()
        await expect(page.locator("html")).to_have_attribute("data-look", "dark")
        await expect(page.locator("html")).to_have_attribute("lang", "en")
