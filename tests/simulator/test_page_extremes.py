"""What the page makes of long words, small screens and quick fingers."""

from __future__ import annotations

import discord
import pytest
from playwright.async_api import FilePayload, expect

from tests.simulator.browser import needs_chromium
from tests.simulator.desk import Desk, desk

__all__ = ["desk"]

pytestmark = [pytest.mark.asyncio(loop_scope="session"), needs_chromium]

LONG = "Donaudampfschifffahrtsgesellschaftskapitaensmuetzenabzeichen"

BEYOND = """element => [...element.querySelectorAll("*")]
    .filter((one) => one.getBoundingClientRect().right > element.getBoundingClientRect().right + 1)
    .map((one) => one.outerHTML.slice(0, 200))"""
"""What reaches over the right edge of an element that it is in."""


async def test_a_word_without_an_end_stays_where_it_belongs(desk: Desk) -> None:
    """A name, a file, a title, a thread: whatever people call something, nothing is pushed out of sight."""
    mo, world = desk.simulator.person("mo"), desk.simulator.world
    mo.user.global_name = LONG * 2
    said = await mo.send("general", "look", attachments=[(f"{LONG * 2}.txt", b"ahoy"), (f"{LONG * 2}.bin", bytes(9))])
    await mo.send("general", "indeed", reply_to=said)
    embed = discord.Embed(title=LONG * 2).set_footer(text=LONG * 2).add_field(name=LONG * 2, value=LONG)
    await desk.bot.get_partial_messageable(world.channel("general").id).send(embed=embed)
    world.channel("the long voyage").name = LONG + LONG[:40]
    await desk.page.reload()
    await expect(desk.log.get_by_role("article")).to_have_count(3)
    await expect(desk.log.locator(".text-file pre")).to_be_visible()
    long = FilePayload(name=f"{LONG * 2}.txt", mimeType="text/plain", buffer=b"ahoy")
    await desk.page.locator(".composer input[type=file]").set_input_files(long)
    await expect(desk.page.locator(".composer-files li")).to_have_count(1)
    await desk.box.press_sequentially("@Donau")
    await desk.page.get_by_role("option").first.wait_for()
    for width in (1280, 390):
        await desk.page.set_viewport_size({"width": width, "height": 800})
        for part in (desk.log, desk.page.locator(".popup"), desk.page.locator(".composer")):
            assert await part.evaluate(BEYOND) == []
    await desk.page.goto(f"{desk.page.url.split('#')[0]}#{world.channel(LONG + LONG[:40]).id}")
    await expect(desk.page.get_by_text("This is the beginning of")).to_be_visible()
    assert await desk.log.evaluate(BEYOND) == []
    box = await desk.page.locator("#composer").bounding_box()
    assert box is not None
    assert box["height"] < 40  # one line: an empty box is no taller for what stands in it until somebody writes


TWO_ENTERS = """box => {
    const enter = { key: "Enter", bubbles: true };
    for (let times = 0; times < 2; times += 1) box.dispatchEvent(new KeyboardEvent("keydown", enter));
}"""


async def test_enter_sends_once_however_often_it_is_pressed(desk: Desk) -> None:
    """A file takes a moment to be read: what is on its way is no more in the box."""
    file = FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"ahoy" * 250_000)
    await desk.page.locator(".composer input[type=file]").set_input_files(file)
    await desk.box.fill("look at this")
    await desk.box.evaluate(TWO_ENTERS)
    await expect(desk.said_by("Ada").first).to_contain_text("look at this")
    await desk.write("and then")
    await expect(desk.said_by("Ada").last).to_contain_text("and then")
    await expect(desk.said_by("Ada")).to_have_count(2)


async def test_the_way_to_the_newest_message_covers_no_box(desk: Desk) -> None:
    for number in range(60):
        await desk.simulator.person("mo").send("general", f"message {number}")
    await expect(desk.log.get_by_text("message 59", exact=True)).to_be_in_viewport()
    await desk.box.fill("a long draft\n" * 9)
    await desk.page.locator("#scroller").evaluate("element => element.scrollTop = 0")
    jump = await desk.page.get_by_role("button", name="Jump to the newest").bounding_box()
    box = await desk.page.locator(".below").bounding_box()
    assert jump is not None
    assert box is not None
    assert jump["y"] + jump["height"] <= box["y"]


async def test_escape_closes_one_thing_at_a_time(desk: Desk) -> None:
    """A dialog over the channels of a small screen; the channels stay until they are left, too."""
    page = desk.page
    await page.set_viewport_size({"width": 390, "height": 800})
    await page.get_by_role("button", name="Show or hide the channels").click()
    await page.get_by_role("button", name="Settings").click()
    await page.get_by_role("dialog", name="Settings").wait_for()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_role("button", name="Settings")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Settings")).to_be_hidden()


async def test_what_becomes_of_the_conversation_is_in_sight(desk: Desk) -> None:
    """On a small screen the settings are beside the channels, which lie over what is said of it."""
    await desk.page.set_viewport_size({"width": 390, "height": 800})
    await desk.page.get_by_role("button", name="Show or hide the channels").click()
    await desk.page.get_by_role("button", name="Settings").click()
    await desk.page.get_by_role("button", name="Play it again").click()
    await expect(desk.page.get_by_role("alert")).to_have_text("No bot was started here.")
    await expect(desk.page.get_by_role("button", name="Settings")).to_be_hidden()


async def test_where_nobody_was_written_to_the_bot_is_one_button_away(desk: Desk) -> None:
    await desk.page.get_by_role("button", name="Direct messages").click()
    await desk.page.get_by_role("navigation", name="Channels").get_by_role("button", name="Write to assistant").click()
    await expect(desk.page.get_by_role("textbox", name="Message @assistant", exact=True)).to_be_focused()


async def test_whoever_is_at_the_end_stays_there_when_the_room_becomes_narrower(desk: Desk) -> None:
    """The inspector opens beside the chat, and all messages grow longer."""
    for number in range(40):
        await desk.simulator.person("mo").send("general", f"message {number}: {'all that can be said of it ' * 9}")
    await expect(desk.log.get_by_text("message 39")).to_be_in_viewport()
    for _ in range(4):
        await desk.page.get_by_role("button", name="Inspector").click()
        await desk.page.evaluate(TWO_FRAMES)
        await desk.page.wait_for_function(AT_THE_END)


TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
AT_THE_END = """() => {
    const { scrollHeight, scrollTop, clientHeight } = document.getElementById("scroller");
    return scrollHeight - scrollTop - clientHeight < 2;
}"""
