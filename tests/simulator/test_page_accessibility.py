"""axe-core finds nothing wrong with the page, light and dark, in what people have open."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.async_api import Browser, expect

from tests.simulator.axe import needs_axe, violations
from tests.simulator.browser import needs_chromium
from tests.simulator.desk import opened

pytestmark = [pytest.mark.asyncio(loop_scope="session"), needs_chromium, needs_axe]

EVERYTHING = """\
# A heading
**bold**, *slanted*, ~~gone~~, `code`, ||hidden||, <t:1700000000:f>, @Ada, @Moderator and https://example.org
> a quote
```python
@cached
def greet(name: str = None) -> int:  # hi
    return len("ahoy") + 1
```
- a list
-# small print"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_keeps_anybody_out(browser: Browser, scheme: Literal["light", "dark"]) -> None:
    async with opened(browser, color_scheme=scheme) as desk:
        page, mo = desk.page, desk.simulator.person("mo")
        await mo.send("general", EVERYTHING.replace("@Ada", desk.simulator.person("ada").mention))
        await mo.send("tavern", desk.simulator.person("ada").mention)
        said = await mo.send("general", "look", attachments=[("notes.txt", b"ahoy")])
        await mo.edit(said, "look here")
        await mo.react(said, "👍")
        await desk.write("@assistant hello")
        await expect(desk.said_by("assistant")).to_contain_text("sailor")
        await desk.write("/buttons")
        await page.get_by_role("button", name="Again").wait_for()
        await expect(page.get_by_role("button", name="Harbour 1 new mention")).to_be_visible()
        assert await violations(page) == []
        await desk.said_by("Mo").first.hover()
        await desk.said_by("Mo").first.get_by_role("button", name="Apps").click()
        await page.get_by_role("menu").wait_for()
        assert await violations(page) == []
        await page.keyboard.press("Escape")
        await desk.box.press_sequentially("/")
        await page.get_by_role("option", name="/persona set").wait_for()
        assert await violations(page) == []
        await desk.box.fill("")
        await desk.write("/form")
        await page.get_by_role("dialog").wait_for()
        assert await violations(page) == []
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Troubles").click()
        await page.get_by_role("switch", name="No history").click()
        await page.get_by_role("button", name="Turn all off").wait_for()
        assert await violations(page) == []
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Settings").click()
        assert await violations(page) == []
        await page.keyboard.press("Escape")
        await page.set_viewport_size({"width": 390, "height": 800})
        assert await violations(page) == []
        await page.get_by_role("button", name="Show or hide the channels").click()
        assert await violations(page) == []
