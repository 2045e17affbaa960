"""What someone sees who clones this and runs one command: the real program, a real browser."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from discord_bot import portraits
from discord_bot.chat import cards
from discord_bot.library import written_as
from tests.simulator.axe import AXE, violations
from tests.simulator.browser import browser, needs_chromium
from tests.test_main import NOWHERE, QUIET, ROOT

__all__ = ["browser"]

pytestmark = [pytest.mark.asyncio(loop_scope="session"), needs_chromium]


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, tmp_path: Path) -> AsyncIterator[Page]:
    """The page of a playground that was just started, without a key."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "discord_bot", "playground", "--no-browser", "--port", "0"),
        cwd=ROOT, env=QUIET | {"DISCORD_BOT_STORE__URL": f"sqlite:///{tmp_path}/bot.db", "HTTPS_PROXY": f"http://{NOWHERE}"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    context = await browser.new_context(locale="en-GB")
    try:
        async with asyncio.timeout(20):
            line = (await process.stdout.readline()).decode()
        address = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert address, line
        opened = await context.new_page()
        await opened.goto(address[0])
        yield opened
    finally:
        await context.close()
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 10) == 0


async def write(page: Page, text: str) -> None:
    """Types into the box of #general, and presses Enter."""
    box = page.get_by_role("textbox", name="Message #general")
    await box.fill(text)
    await box.press("Enter")


def answers(page: Page, name: str = "assistant") -> Locator:
    """The bot's messages, as itself or as a persona with a name of its own."""
    return page.get_by_role("log").get_by_role("article", name=name)


async def test_a_mention_is_answered_and_after_persona_set_somebody_else_answers(page: Page) -> None:
    await write(page, "@assistant hello")
    await expect(answers(page)).to_have_count(1, timeout=15_000)
    early = await answers(page).first.inner_text()
    await expect(answers(page).first).to_contain_text("OPENAI_API_KEY", timeout=15_000)
    assert len(await answers(page).first.inner_text()) > len(early)  # it streamed in
    await expect(answers(page).first).to_contain_text("the assistant of this Discord community")

    await page.get_by_role("button", name="Inspector").press("Enter")
    inspector = page.get_by_role("complementary", name="Inspector")
    await expect(inspector).to_contain_text("stand-in/stand-in")
    await expect(inspector).to_contain_text("Ada: hello")
    await inspector.get_by_text("Request 1 to the model").press("Enter")
    await expect(inspector).to_contain_text('"role": "system"')
    await expect(inspector).to_contain_text("data: [DONE]")
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        assert not AXE.is_file() or await violations(page) == []
    await page.keyboard.press("Escape")
    await expect(inspector).to_be_hidden()

    await page.get_by_role("textbox", name="Message #general").press_sequentially("/")
    await expect(page.get_by_role("option", name="/privacy")).to_have_count(1)  # the last of them
    await write(page, "/persona set pirate")
    await expect(answers(page).nth(1)).to_contain_text("pirate speaks here from now on.")
    await write(page, "@assistant hello again")
    pirate = answers(page, "pirate").filter(has_text="Captain Marlowe")
    await expect(pirate).to_have_count(1, timeout=15_000)
    await answers(page).nth(1).hover()
    await answers(page).nth(1).get_by_role("button", name="Inspect").click()
    await expect(inspector).to_contain_text("/persona set")


async def test_from_a_png_to_a_character_that_answers_by_keyboard_alone(page: Page, tmp_path: Path) -> None:
    fields = {
        "system_prompt": "You are {{char}}, keeper of the glade.",
        "first_mes": "Welcome, {{user}}.",
        "alternate_greetings": ["Halt, {{user}}!"],
    }
    card = cards.with_picture(cards.made("Seraphina", **fields), portraits.plain("Seraphina"))
    file = tmp_path / "Seraphina.png"
    file.write_bytes(written_as(card, "png", 0)[0])
    box = page.get_by_role("textbox", name="Message #general")
    await box.press_sequentially("/persona imp")
    await page.get_by_role("option", name="/persona import").wait_for()
    await box.press("Enter")
    await page.get_by_role("option", name="Choose a file…").wait_for()
    async with page.expect_file_chooser() as chooser:
        await box.press("Enter")
    await (await chooser.value).set_files(file)
    await expect(page.get_by_text("Seraphina.png")).to_be_visible()
    await box.press("Enter")
    imported = answers(page).first
    await expect(imported).to_contain_text("Seraphina was imported.")
    await expect(imported.locator("img.embed-thumbnail")).to_have_js_property("naturalWidth", 128)
    await imported.get_by_role("button", name="Let it speak here").press("Enter")
    greeting = answers(page, "Seraphina").first
    await expect(greeting).to_contain_text("Welcome, Ada.")
    await expect(greeting.locator("img").first).to_have_js_property("naturalWidth", 128)
    await greeting.get_by_role("button", name="▶").press("Enter")
    await expect(greeting).to_contain_text("Halt, Ada!")
    await write(page, "@assistant who are you?")
    await expect(answers(page, "Seraphina").nth(1)).to_contain_text("Again", timeout=15_000)


async def test_a_persona_is_made_changed_and_deleted_in_the_page(page: Page) -> None:
    await write(page, "/persona create")
    form = page.get_by_role("dialog")
    await form.get_by_label("Name").fill("Bosun")
    await form.get_by_label("Instructions").fill("You are the bosun.")
    await form.get_by_role("button", name="Submit").click()
    await expect(answers(page).last).to_contain_text("Bosun is there now.")
    await write(page, "/persona edit bosun")
    await expect(form.get_by_label("Instructions")).to_have_value("You are the bosun.")
    await form.get_by_label("Name").fill("Mate")
    await form.get_by_role("button", name="Submit").click()
    await expect(answers(page).last).to_contain_text("Mate is changed.")
    await write(page, "/persona list")
    await expect(answers(page).last).to_contain_text("This server's own")
    await write(page, "/persona delete mate")
    await answers(page).last.get_by_role("button", name="Delete", exact=True).click()
    await expect(answers(page).last).to_contain_text("Mate is deleted.")


async def test_who_may_not_is_told_so_where_only_they_see_it(page: Page) -> None:
    await page.get_by_role("radio", name="Newcomer").click()
    await write(page, "/persona set name: pirate")
    await expect(answers(page).first).to_contain_text("Manage Channels")
    await expect(answers(page).first).to_contain_text("Only you can see this")


async def test_whoever_writes_chinese_is_answered_in_chinese(page: Page) -> None:
    await write(page, "@assistant 你好，你是谁？")
    await expect(answers(page).first).to_contain_text("OPENAI_API_KEY", timeout=15_000)
    await expect(answers(page).first).to_contain_text("替身")


async def test_an_answer_is_stopped_given_again_and_leafed_through(page: Page) -> None:
    await write(page, "@assistant tell me a long story")
    said = answers(page).first
    await said.get_by_role("button", name="Stop").click(timeout=15_000)
    await expect(said).to_contain_text("This answer was stopped here.")
    await expect(said.get_by_role("button", name="Stop")).to_have_count(0)
    await page.get_by_role("radio", name="Newcomer").click()
    await said.get_by_role("button", name="Again").click()
    await expect(answers(page).last).to_contain_text("Only who asked")
    await page.get_by_role("radio", name="Ada").click()
    await said.get_by_role("button", name="Again").click()
    await expect(said).not_to_contain_text("stopped", timeout=15_000)  # the new one has begun
    await said.get_by_role("button", name="Stop").press("Enter")
    await expect(said.get_by_role("button", name="2/2")).to_be_disabled()
    await said.get_by_role("button", name="◀").click()
    await expect(said.get_by_role("button", name="1/2")).to_be_visible()
    await expect(said.get_by_role("button", name="◀")).to_be_disabled()


async def test_an_edit_of_the_question_changes_the_answer_while_it_grows(page: Page) -> None:
    await write(page, "@assistant tell me a long story")
    await expect(answers(page)).to_have_count(1, timeout=15_000)
    mine = page.get_by_role("log").get_by_role("article", name="Ada").first
    await mine.hover()
    await mine.get_by_role("button", name="Edit").click()
    box = mine.get_by_role("textbox")
    await box.fill("@assistant 你好，你是谁？")
    await box.press("Enter")
    await expect(answers(page).first).to_contain_text("替身", timeout=15_000)
    await expect(answers(page)).to_have_count(1)


async def test_a_trouble_is_switched_on_and_off_with_keys(page: Page) -> None:
    """While it is on, that is in sight, and the bot is seen to deal with it; then everything is as before."""
    button = page.get_by_role("button", name="Troubles")
    await button.press("Enter")
    await page.keyboard.press("Tab")
    cut = page.get_by_role("switch", name="Cut stream")
    await expect(cut).to_be_focused()
    await page.keyboard.press("Space")
    await expect(cut).to_be_checked()
    await page.keyboard.press("Escape")
    await expect(button).to_be_focused()
    await expect(page.get_by_role("region", name="Troubles")).to_be_hidden()
    await expect(page.get_by_role("status").filter(has_text="Cut stream")).to_be_visible()
    await write(page, "@assistant hello")
    await expect(answers(page).first).to_contain_text("The answer broke off before its end.", timeout=15_000)
    await page.get_by_role("button", name="Turn all off").click()
    await expect(page.get_by_role("status").filter(has_text="Cut stream")).to_be_hidden()
    await answers(page).first.get_by_role("button", name="Again").click()
    await expect(answers(page).first).to_contain_text("OPENAI_API_KEY", timeout=15_000)


async def test_a_conversation_is_saved_begun_anew_and_loaded_again(page: Page, tmp_path: Path) -> None:
    """The bot goes along: what is loaded it has read. A file that is none is refused, and nothing is lost by it."""
    log = page.get_by_role("log")
    await write(page, "@assistant hello")
    await answers(page).first.get_by_role("button", name="Stop").click(timeout=15_000)
    await expect(log).to_contain_text("This answer was stopped here.")
    settings = page.get_by_role("button", name="Settings")
    await settings.click()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Save to a file").click()
    await (await download.value).save_as(tmp_path / "saved.json")
    await page.get_by_role("button", name="Start afresh").press("Enter")
    await expect(log.get_by_role("article")).to_have_count(0)
    await expect(page.get_by_text("This is the beginning of #general.")).to_be_visible()
    await expect(page.get_by_text("This is another conversation now.")).to_be_visible()
    await page.set_viewport_size({"width": 390, "height": 800})
    await page.get_by_role("button", name="Inspector").click(trial=True)  # nothing lies over it
    await page.set_viewport_size({"width": 1280, "height": 800})

    for file in (Path(__file__), tmp_path / "saved.json"):
        await settings.click()
        async with page.expect_file_chooser() as chooser:
            await page.get_by_role("button", name="Load a file…").click()
        await (await chooser.value).set_files(file)
        if file.suffix == ".py":
            await expect(page.get_by_role("alert")).to_contain_text("This file can't be loaded")
    await expect(log).to_contain_text("stopped here")
    await expect(page.get_by_text("This is another conversation now.")).to_be_visible()
    await write(page, "@assistant do you remember?")
    await expect(answers(page).nth(1)).to_contain_text("2 messages of this conversation", timeout=15_000)
    await page.reload()
    await expect(log).to_contain_text("stopped here")


async def test_a_conversation_is_played_again_by_keyboard_alone(page: Page) -> None:
    """To somebody else who answers; then the answers are compared, and the conversation before comes back."""
    log = page.get_by_role("log")
    await write(page, "@assistant hello")
    await expect(answers(page).first.get_by_role("button", name="Again")).to_be_visible(timeout=20_000)
    await write(page, "/persona set pirate")
    await expect(answers(page).nth(1)).to_contain_text("pirate speaks here from now on.")
    await page.get_by_role("button", name="Settings").press("Enter")
    await page.get_by_role("button", name="Play it again").press("Enter")
    state = page.get_by_role("status").filter(has_text="1 of 1 message")
    await expect(state).to_be_visible()
    await expect(state).to_contain_text("1 of 1 message was played again.", timeout=30_000)
    assert not AXE.is_file() or await violations(page) == []
    await expect(log.get_by_role("article")).to_have_count(2)
    await page.get_by_role("button", name="Compare the answers").press("Enter")
    dialog = page.get_by_role("dialog", name="The answers, then and now")
    await expect(dialog).to_contain_text("the assistant of this Discord community")
    await expect(dialog).to_contain_text("Captain Marlowe")
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        assert not AXE.is_file() or await violations(page) == []
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Close", exact=True).press("Enter")
    await expect(state).to_be_hidden()
    await page.get_by_role("button", name="Go back").press("Enter")
    await expect(log).to_contain_text("pirate speaks here from now on.")


async def test_a_message_is_asked_about_by_keyboard_alone(page: Page) -> None:
    """Out of a message's menu, through a form, to an answer that only who asked sees."""
    await write(page, "a lantern in the fog")
    said = page.get_by_role("log").get_by_role("article", name="Ada").last
    await said.focus()
    await said.get_by_role("button", name="Apps").press("Enter")
    await expect(page.get_by_role("menuitem", name="Ask about this message")).to_be_focused()
    await page.keyboard.press("Enter")
    form = page.get_by_role("dialog", name="Ask about this message")
    await expect(form.get_by_role("textbox", name="Your question")).to_be_focused()
    await page.keyboard.type("what does it mean?")
    await expect(form.get_by_role("combobox", name="Who sees the answer")).to_have_value("me")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await expect(form.get_by_role("button", name="Submit")).to_be_focused()
    await page.keyboard.press("Enter")
    answer = answers(page).last
    await expect(answer).to_contain_text("OPENAI_API_KEY", timeout=15_000)
    await expect(answer).to_contain_text("Only you can see this")
    await expect(answer).to_contain_text("what does it mean?")


async def test_another_model_is_connected_and_the_way_to_discord_is_shown(page: Page) -> None:
    address = page.url.split("#")[0]
    await page.get_by_role("button", name="Model: stand-in/stand-in").press("Enter")
    dialog = page.get_by_role("dialog", name="Connect a model")
    await expect(dialog).to_contain_text("stand-in/stand-in answers now.")
    await dialog.get_by_label("Base URL").fill("http://127.0.0.1:9/v1")
    await dialog.get_by_label("Model").fill("tiny")
    await dialog.get_by_label("Model").press("Enter")
    await expect(dialog).to_contain_text("No connection.")
    await dialog.get_by_label("Base URL").fill(f"{address}stand-in/v1")
    await dialog.get_by_label("Key").fill("sk-never-shown")
    await dialog.get_by_role("button", name="What does it have?").press("Enter")
    await expect(dialog).to_contain_text("It lists 1 model;")
    await dialog.get_by_role("button", name="Try it, and use it").press("Enter")
    await expect(dialog).to_contain_text("127.0.0.1/tiny answers now.", timeout=20_000)
    assert not AXE.is_file() or await violations(page) == []
    await page.keyboard.press("Escape")
    await expect(page.locator("#composer")).to_be_focused()  # the button that opened it has another name by now
    await write(page, "@assistant hello")
    await expect(answers(page)).to_have_count(1, timeout=15_000)
    assert "sk-never-shown" not in await page.content()

    await page.get_by_role("button", name="From here to Discord").press("Enter")
    guide = page.get_by_role("dialog", name="From here to Discord")
    await guide.get_by_label("Application id").press_sequentially("123456789012345678")
    invite = guide.get_by_role("link", name="Invite the bot")
    await expect(invite).to_have_attribute("href", re.compile("client_id=123456789012345678&scope=bot"))
    await guide.get_by_role("button", name="Run the check").press("Enter")
    await expect(guide).to_contain_text("DISCORD_TOKEN", timeout=30_000)
    assert not AXE.is_file() or await violations(page) == []


async def test_a_persona_is_written_in_the_workshop_and_speaks_in_the_chat(page: Page, tmp_path: Path) -> None:
    card = cards.with_picture(cards.made("Seraphina", first_mes="Welcome, {{user}}."), portraits.plain("Seraphina"))
    file = tmp_path / "Seraphina.png"
    file.write_bytes(written_as(card, "png", 0)[0])
    await page.get_by_role("button", name="Persona workshop").press("Enter")
    workshop = page.get_by_role("main", name="Persona workshop")
    await expect(workshop.get_by_label("Name", exact=True)).to_have_value("assistant")
    await workshop.locator("input[accept='.png,.json,.charx']").set_input_files(file)
    await expect(workshop.get_by_label("Name", exact=True)).to_have_value("Seraphina")
    await expect(workshop.get_by_role("button", name="Change the picture").locator("img")).to_have_js_property(
        "naturalWidth", 400
    )
    await expect(workshop.get_by_role("article").first).to_contain_text("Welcome, Ada.")

    box = workshop.get_by_role("textbox", name="Say something to it")
    await box.fill("Who are you?")
    await box.press("Enter")
    prompts = workshop.locator("summary", has_text="Prompt, ")
    await expect(prompts).to_have_count(1)
    await workshop.get_by_label("Instructions", exact=False).first.fill("You are Seraphina, keeper of the glade.")
    await workshop.get_by_role("button", name="Ask again").press("Enter")
    await expect(prompts).to_have_count(2)
    await expect(workshop.locator("ins")).to_contain_text("keeper of the glade")
    await prompts.last.press("Enter")
    await expect(workshop.locator(".prompt-message.system:visible").first).to_contain_text("keeper of the glade")

    await workshop.get_by_role("tab", name="Questions").click()
    await workshop.get_by_label("Questions", exact=False).last.fill("Who are you?")
    for persona in ("As it is now", "pirate"):
        await workshop.get_by_label("The persona").last.select_option(persona)
        await workshop.get_by_role("button", name="Ask all").click()
        await expect(workshop.get_by_role("button", name="Ask all")).to_be_enabled()
    await expect(workshop.get_by_role("cell").filter(has_text="Captain Marlowe")).to_have_count(1)
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        assert not AXE.is_file() or await violations(page) == []

    async with page.expect_download() as download:
        await workshop.get_by_role("button", name="CHARX").press("Enter")
    saved = cards.read((await (await download.value).path()).read_bytes())
    assert saved.data["system_prompt"] == "You are Seraphina, keeper of the glade."
    assert saved.picture == card.picture
    await workshop.get_by_role("button", name="Save to Harbour").press("Enter")
    await expect(workshop.get_by_role("status")).to_contain_text("/persona set")
    await page.reload()
    await expect(workshop.get_by_label("Name", exact=True)).to_have_value("Seraphina")
    await expect(workshop.locator("ins")).to_contain_text("keeper of the glade")
    await workshop.get_by_role("button", name="Back to the chat").press("Enter")
    await write(page, "/persona set Seraphina")
    await expect(answers(page, "Seraphina").first).to_contain_text("Welcome, Ada.")
