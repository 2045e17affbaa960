"""The playground's page in a real browser, by what people see and by what assistive technology is told."""

from __future__ import annotations

import re

import discord
import pytest
from playwright.async_api import FilePayload, Locator, expect

from tests.simulator.browser import needs_chromium
from tests.simulator.desk import Desk, desk

__all__ = ["desk"]

pytestmark = [pytest.mark.asyncio(loop_scope="session"), needs_chromium]


async def test_a_mention_is_answered_in_the_page(desk: Desk) -> None:
    """`@assistant hello` and Enter, nothing picked: the answer streams into one article, in the log, as Markdown."""
    desk.bot.step.clear()
    await desk.write("@assistant hello")
    await expect(desk.page.get_by_text("assistant is typing…")).to_be_visible()
    desk.bot.step.set()
    answer = desk.said_by("assistant")
    await expect(answer.get_by_text("Hello there, sailor.")).to_be_visible()
    await expect(answer).to_have_count(1)
    await expect(answer.locator("strong", has_text="sailor")).to_be_visible()
    await expect(answer.locator("pre[data-language=py] code")).to_have_text("print('ahoy')")
    await expect(answer.get_by_text("(edited)")).to_be_visible()
    await expect(answer.locator(".reply-line")).to_contain_text("@assistant hello")
    await expect(desk.said_by("Ada").locator(".mention")).to_have_text("@assistant")
    await expect(desk.page.get_by_text("is typing…")).to_be_hidden()
    await expect(desk.box).to_be_focused()


async def test_a_command_as_plain_text(desk: Desk) -> None:
    """A command typed out runs at Enter; its answer is marked as seen by one person alone, and can be put away."""
    await desk.write("/persona set name: pirate where: server")
    answer = desk.said_by("assistant")
    await expect(answer).to_contain_text("pirate answers now (server).")
    await expect(answer).to_contain_text("Only you can see this")
    await answer.get_by_role("button", name="Dismiss").click()
    await expect(answer).to_have_count(0)
    await desk.write("/persona set ")
    await expect(desk.page.get_by_role("alert")).to_contain_text("needs “name”")
    await expect(desk.box).to_have_value("/persona set ")


async def test_the_command_picker_by_keyboard(desk: Desk) -> None:
    """Commands, the bot's own suggestions and choices can be picked without a mouse."""
    await desk.box.press_sequentially("/per")
    await expect(desk.page.get_by_role("option").filter(has_text="/persona set")).to_be_visible()
    await desk.box.press("Enter")
    await expect(desk.page.get_by_role("option", name="poet")).to_be_visible()
    await desk.box.press_sequentially("pi")
    await expect(desk.page.get_by_role("option")).to_have_text(["pirate"])
    await desk.box.press("Tab")
    await desk.box.press_sequentially("where: s")
    await desk.page.get_by_role("option", name="server").wait_for()
    await desk.box.press("ArrowDown")
    await desk.box.press("Enter")
    await expect(desk.box).to_have_value("/persona set pirate where: server ")
    await desk.box.press("Enter")
    await expect(desk.said_by("assistant")).to_contain_text("pirate answers now (server).")


async def test_people_are_completed(desk: Desk) -> None:
    """`@` offers people; what was picked is a mention."""
    await desk.box.press_sequentially("hello @ki")
    await expect(desk.page.get_by_role("option", name=re.compile("Kim"))).to_have_attribute("aria-selected", "true")
    await desk.box.press("Enter")
    await expect(desk.box).to_have_value("hello @Kim ")
    await desk.box.press("Enter")
    await expect(desk.said_by("Ada").locator(".mention")).to_have_text("@Kim")


async def test_buttons_menus_and_modals(desk: Desk) -> None:
    """What a bot offers to press, choose and fill in works."""
    await desk.write("/buttons")
    await desk.page.get_by_role("button", name="Again").click()
    await expect(desk.said_by("assistant")).to_contain_text("Pressed.")
    await desk.page.get_by_role("combobox", name="Which one?").select_option("poet")
    await expect(desk.log).to_contain_text("Chosen: poet")
    await desk.write("/form")
    form = desk.page.get_by_role("dialog", name="Tell me more")
    await form.get_by_role("textbox", name="Your answer").fill("ahoy")
    await form.get_by_role("button", name="Submit").click()
    await expect(desk.log).to_contain_text("You wrote: ahoy")
    await expect(form).to_have_count(0)
    await desk.page.keyboard.type("and on one writes")
    await expect(desk.box).to_have_value("and on one writes")


async def test_files_by_button_paste_and_drop(desk: Desk) -> None:
    """Three ways to attach; a picture is shown, another file is offered, and a file can be taken back."""
    picture = bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000100000001001000000000a2e5a2c0000000e4944415478da63f80f04"
        "0c540200a9c60ff1e9a1a0a10000000049454e44ae426082"
    )
    async with desk.page.expect_file_chooser() as chooser:
        await desk.page.get_by_role("button", name="Attach a file").click()
    await (await chooser.value).set_files(FilePayload(name="light.png", mimeType="image/png", buffer=picture))
    for event, holder in (("paste", "clipboardData"), ("drop", "dataTransfer")):
        await desk.box.evaluate(
            """(box, [kind, holder]) => {
                const data = new DataTransfer();
                data.items.add(new File([kind], `${kind}.txt`, { type: "text/plain" }));
                const make = kind === "paste" ? ClipboardEvent : DragEvent;
                box.dispatchEvent(new make(kind, { [holder]: data, bubbles: true, cancelable: true }));
            }""",
            [event, holder],
        )
    await desk.page.get_by_role("button", name="Remove paste.txt").click()
    await desk.write("see these")
    said = desk.said_by("Ada")
    await expect(said.get_by_role("img", name="Picture: light.png")).to_be_visible()
    await expect(said.get_by_role("link", name=re.compile("drop.txt"))).to_be_visible()
    await expect(said).not_to_contain_text("paste.txt")
    code = b"def tide():\n    return 'in'\n" * 6 + b"# end"
    attached = FilePayload(name="tide.py", mimeType="text/x-python", buffer=code)
    await desk.page.locator(".composer input[type=file]").set_input_files(attached)
    await desk.write("and this")
    file = desk.said_by("Ada").last.locator(".text-file")
    await expect(file.locator(".code-keyword").first).to_have_text("def")
    await expect(file.get_by_text("# end")).not_to_be_in_viewport(ratio=1)
    await file.get_by_role("button", name="Show all").press("Enter")
    await expect(file.get_by_text("# end")).to_be_in_viewport(ratio=1)


async def test_somebody_else_sees_something_else(desk: Desk) -> None:
    """One click changes who one is; ephemeral answers stay with whom they are for, and direct messages too."""
    await desk.write("/persona set pirate")
    await expect(desk.said_by("assistant")).to_have_count(1)
    await desk.page.get_by_role("radio", name=re.compile("^Mo")).click()
    await expect(desk.page.get_by_role("radio", name=re.compile("^Mo"))).to_be_checked()
    await expect(desk.said_by("assistant")).to_have_count(0)
    await desk.write("good morning")
    await expect(desk.said_by("Mo")).to_contain_text("good morning")
    await (
        desk.page.get_by_role("complementary", name="Members")
        .get_by_role("button", name=re.compile("^assistant"))
        .click()
    )
    direct = desk.page.get_by_role("textbox", name="Message @assistant", exact=True)
    await direct.press_sequentially("psst")
    await direct.press("Enter")
    await expect(desk.said_by("assistant")).to_contain_text("Hello there")
    await desk.page.reload()
    await expect(desk.said_by("Mo")).to_contain_text("psst")


async def press_in(message: Locator, button: str) -> None:
    """Go to a message and press one of its actions, with keys."""
    await message.focus()
    await message.get_by_role("button", name=button).press("Enter")


async def test_everything_about_a_message_by_keyboard(desk: Desk) -> None:
    """Reply, change, react, begin a thread, delete: with keys alone, from the message that has the focus."""
    page = desk.page
    await desk.write("first")
    await desk.write("second")
    await expect(desk.said_by("Ada")).to_have_count(2)
    await desk.box.press("ArrowUp")
    editor = page.get_by_role("textbox", name="Edit the message")
    await expect(editor).to_have_value("second")
    await editor.fill("second thoughts")
    await editor.press("Enter")
    await expect(desk.said_by("Ada").last).to_contain_text("second thoughts(edited)")
    await desk.said_by("Ada").last.focus()
    await page.keyboard.press("ArrowUp")
    await expect(desk.said_by("Ada").first).to_be_focused()
    await press_in(desk.said_by("Ada").first, "Add a reaction")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="👍, 1")).to_have_attribute("aria-pressed", "true")
    await press_in(desk.said_by("Ada").first, "Reply")
    await expect(page.get_by_text("Replying to Ada")).to_be_visible()
    await desk.write("indeed")
    await expect(desk.said_by("Ada").last.locator(".reply-line")).to_contain_text("first")
    await press_in(desk.said_by("Ada").first, "Delete")
    await page.get_by_role("dialog").get_by_role("button", name="Delete").press("Enter")
    await expect(desk.said_by("Ada")).to_have_count(2)
    await expect(desk.said_by("Ada").last).to_contain_text("The original message was deleted")
    await press_in(desk.said_by("Ada").last, "Create a thread")
    name = page.get_by_role("textbox", name="Name of the thread")
    await expect(name).to_have_value("indeed")
    await name.press("Enter")
    await expect(page.get_by_role("textbox", name="Message indeed", exact=True)).to_be_focused()


async def test_the_apps_of_a_message_by_keyboard(desk: Desk) -> None:
    """The bot's commands for a message are a menu on it: gone through with the arrows, left with Escape."""
    menu = desk.page.get_by_role("menu", name="Apps")
    await desk.write("quotable")
    mine = desk.said_by("Ada").first
    await press_in(mine, "Apps")
    await expect(menu.get_by_role("menuitem")).to_have_text(["Ask about this", "Quote this"])
    await expect(menu.get_by_role("menuitem").first).to_be_focused()
    await expect(menu.get_by_role("menuitem").first).to_be_in_viewport()
    await desk.page.keyboard.press("Escape")
    await expect(menu).to_have_count(0)
    await expect(mine.get_by_role("button", name="Apps")).to_be_focused()
    await desk.page.keyboard.press("Enter")
    await expect(menu.get_by_role("menuitem").first).to_be_focused()
    await desk.page.keyboard.press("ArrowUp")
    await desk.page.keyboard.press("Enter")
    answer = desk.said_by("assistant")
    await expect(answer).to_contain_text("Quoted: quotable")
    await expect(answer.locator(".reply-line")).to_have_text(re.compile("Ada used Quote this$"))
    await expect(answer.get_by_role("button", name="Apps")).to_have_count(0)
    await press_in(mine, "Apps")
    await expect(menu.get_by_role("menuitem").first).to_be_focused()
    await desk.page.keyboard.press("Enter")
    await desk.page.get_by_role("dialog", name="Tell me more").get_by_role("textbox").fill("ahoy")
    await desk.page.keyboard.press("Enter")
    await expect(desk.log).to_contain_text("You wrote: ahoy")


async def test_a_link_to_a_message_leads_to_it(desk: Desk) -> None:
    """As in Discord: the channel opens, and the message is brought into sight."""
    mo, world = desk.simulator.person("mo"), desk.simulator.world
    wanted = await mo.send("tavern", "the message in question")
    for number in range(30):
        await mo.send("tavern", f"message {number}")
    address = f"https://discord.com/channels/{world.guild('Harbour').id}/{world.channel('tavern').id}/{wanted['id']}"
    await mo.send("general", f"see [this one]({address})")
    await desk.log.get_by_role("link", name="this one").press("Enter")
    await expect(desk.page.get_by_role("textbox", name="Message #tavern", exact=True)).to_be_visible()
    await expect(desk.log.get_by_role("article").first).to_be_focused()
    await expect(desk.log.get_by_text("the message in question")).to_be_in_viewport()


async def test_the_reader_stays_where_they_are(desk: Desk) -> None:
    """New text follows only a reader who is at the end; older messages come on scrolling up, without a jump."""
    mo = desk.simulator.person("mo")
    for number in range(250):
        await mo.send("general", f"message {number}")
    await expect(desk.log.get_by_text("message 249", exact=True)).to_be_in_viewport()
    assert await desk.distance_from_end() < 2
    await desk.page.locator("#scroller").evaluate("element => element.scrollTop -= 1500")
    await desk.page.get_by_role("button", name="Jump to the newest").wait_for()
    before = await desk.distance_from_end()
    await mo.send("general", "one more")
    await expect(desk.page.get_by_role("button", name="New messages")).to_be_visible()
    assert await desk.distance_from_end() > before
    await desk.page.reload()
    await expect(desk.log.get_by_text("one more", exact=True)).to_be_in_viewport()
    first = desk.said_by("Mo").first.locator(".content")
    looked_at = await desk.log.evaluate(
        """log => {
            log.parentElement.scrollTop = 0;
            return log.querySelector("article .content").textContent;
        }"""
    )
    await expect(first).not_to_have_text(looked_at)  # older ones have come above it
    await expect(desk.log.get_by_text(looked_at, exact=True)).to_be_in_viewport()


TO_THE_EDGE = """async (element, down) => {
    let most = 0;
    const there = () => down ? element.textContent.includes("indeed") : element.querySelector(".welcome");
    while (!there()) {
        element.scrollTop = down ? element.scrollHeight : 0;
        await new Promise((resolve) => setTimeout(resolve, 10));
        most = Math.max(most, element.querySelectorAll("article").length);
    }
    return most;
}"""


async def test_a_long_channel_is_held_in_part(desk: Desk) -> None:
    """However far one scrolls, the page holds some of the messages; a reply leads to its original wherever that is."""
    mo = desk.simulator.person("mo")
    first = await mo.send("general", "message 0")
    for number in range(1, 500):
        await mo.send("general", f"message {number}")
    await mo.send("general", "indeed", reply_to=first)
    await desk.page.reload()
    await desk.log.get_by_role("button", name="message 0").click()
    await expect(desk.log.get_by_text("message 0", exact=True)).to_be_in_viewport()
    beginning = desk.page.get_by_text("This is the beginning of #general.")
    await expect(beginning).to_be_in_viewport()
    scroller = desk.page.locator("#scroller")
    assert 100 <= await scroller.evaluate(TO_THE_EDGE, True) <= 200
    await expect(beginning).to_have_count(0)
    assert 100 <= await scroller.evaluate(TO_THE_EDGE, False) <= 200
    await mo.send("general", "while you were away")
    await desk.page.get_by_role("button", name="New messages").click()
    await expect(desk.log.get_by_text("while you were away")).to_be_in_viewport()
    await expect(desk.page.get_by_role("button", name="New messages")).to_be_hidden()


HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "[click](javascript:alert(1)) <javascript:alert(1)> [x](data:text/html,<script>alert(1)</script>)",
    "[a](https://example.org/\"onmouseover=\"alert(1)) https://example.org/'onclick='alert(1)",
    "```\"><script>alert(1)</script>\nx\n``` ```py\n</code></pre><svg onload=alert(1)>\n```",
    "||<b onclick=alert(1)>|| <t:1:R> <@1> <#1> <@&1> <:a\"b:1> </x y:1> &lt;script&gt;",
    "> # <iframe srcdoc='<script>alert(1)</script>'>\n- <style>*{display:none}</style>",
)  # fmt: skip


FOUND = """() => ({
    tags: document.querySelectorAll("body :is(script, iframe, style, b, img:not([src^='/']))").length,
    handlers: [...document.querySelectorAll("*")].flatMap((one) => one.getAttributeNames())
        .filter((name) => name.startsWith("on")),
    links: [...document.querySelectorAll("a")].map((link) => new URL(link.href).protocol),
    rels: [...document.querySelectorAll(".content a[target]")].map((link) => link.rel),
    files: [...document.querySelectorAll(".file, .picture")].map((link) => link.href),
})"""


async def test_hostile_texts_stay_text_wherever_they_stand(desk: Desk) -> None:
    """Nothing that a message, a name, a topic, an embed or a file says becomes a tag, an attribute or a script."""
    world, mo = desk.simulator.world, desk.simulator.person("mo")
    tag = '<img src=x onerror="alert(1)">'
    world.role(world.guild("Harbour").id, "Moderator").name = tag
    general, tavern = world.channel("general"), world.channel("tavern")
    general.topic = tavern.topic = world.channel("the long voyage").name = tag
    world.guild("Harbour").name = mo.user.global_name = world.user("echo").username = tavern.name = tag
    for text in HOSTILE:
        await mo.send(general, text)
    drawing = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"
    files = [("<b onclick=alert(1)>.html", b"<script>alert(1)</script>"), ("drawing.svg", drawing)]
    files.append(('"><script>alert(1)</script>.png', bytes(8)))
    said = await mo.send(general, "files", attachments=files)
    await mo.react(said, "👍")
    embed = discord.Embed(title=tag, description="\n".join(HOSTILE), url="https://example.org/?'\"><script>")
    embed.set_author(name=tag, url="https://example.org/").set_footer(text=tag).add_field(name=tag, value=HOSTILE[0])
    view = discord.ui.View()
    view.add_item(discord.ui.Button(label=tag)).add_item(discord.ui.Select(options=[discord.SelectOption(label=tag)]))
    await desk.bot.get_partial_messageable(general.id).send(embed=embed, view=view)
    await desk.page.reload()
    await expect(desk.log.get_by_role("article")).to_have_count(len(HOSTILE) + 2)
    await desk.box.press_sequentially("@<")
    await desk.page.get_by_role("listbox", name="Suggestions").get_by_text("onerror").first.wait_for()
    found = await desk.page.evaluate(FOUND)
    assert (found["tags"], found["handlers"]) == (0, [])
    assert set(found["links"]) <= {"http:", "https:"}
    assert set(found["rels"]) == {"noopener noreferrer"}
    assert len(found["files"]) == len(files)
    for address in found["files"]:  # opened for itself, a file runs nothing, and is no page of ours
        answer = await desk.page.request.get(address)
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    view.stop()


async def test_the_policy_stops_what_should_ever_get_through(desk: Desk) -> None:
    """Even if markup got into the page, no inline script runs, and nothing is fetched from elsewhere."""
    blocked = await desk.page.evaluate(
        """async () => {
            const violations = [];
            document.addEventListener("securitypolicyviolation", (event) => violations.push(event.effectiveDirective));
            document.body.insertAdjacentHTML("beforeend", "<img src=x: onerror='window.broken = true'>");
            const script = document.createElement("script");
            script.textContent = "window.broken = true";
            document.body.append(script);
            await fetch("http://127.0.0.1:9/").catch(() => {});
            await new Promise((resolve) => setTimeout(resolve, 300));
            return { violations, broken: window.broken ?? false };
        }"""
    )
    desk.complaints.clear()
    assert not blocked["broken"]
    assert {"script-src-elem", "connect-src"} <= set(blocked["violations"])


async def test_a_lost_connection_comes_back(desk: Desk) -> None:
    """The page says that the connection is lost, finds it again by itself, and shows what was said meanwhile."""
    await desk.page.context.set_offline(True)
    await desk.page.evaluate("() => window.dispatchEvent(new Event('offline'))")
    for session in list(desk.playground.sessions):
        await session.socket.close()
    await expect(desk.page.get_by_text("The connection to the playground is lost.")).to_be_visible()
    await desk.simulator.person("mo").send("general", "are you there?")
    await desk.page.context.set_offline(False)
    await expect(desk.said_by("Mo")).to_contain_text("are you there?")
    await expect(desk.page.get_by_text("The connection to the playground is lost.")).to_be_hidden()


async def test_a_narrow_screen(desk: Desk) -> None:
    """On a phone's width the conversation has the room, and everything else is one button away."""
    await desk.page.set_viewport_size({"width": 360, "height": 700})
    await expect(desk.page.get_by_role("navigation", name="Channels")).to_be_hidden()
    await desk.page.get_by_role("button", name="Show or hide the channels").click()
    await desk.page.get_by_role("navigation", name="Channels").get_by_role("button", name="tavern").click()
    await expect(desk.page.get_by_role("textbox", name="Message #tavern", exact=True)).to_be_visible()
    await expect(desk.page.get_by_role("navigation", name="Channels")).to_be_hidden()
    assert await desk.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


async def test_the_inspector_opens_where_nothing_was_said_too(desk: Desk) -> None:
    """It says what it is for; Escape closes it, and its button has the focus again."""
    button = desk.page.get_by_role("button", name="Inspector")
    await button.press("Enter")
    panel = desk.page.get_by_role("complementary", name="Inspector")
    await expect(panel).to_contain_text("What Discord hides")
    await expect(button).to_have_attribute("aria-expanded", "true")
    await panel.get_by_role("button", name="Close").press("Escape")
    await expect(panel).to_be_hidden()
    await expect(button).to_be_focused()
