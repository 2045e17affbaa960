"""What the playground's page costs the browser: scrolling through a long channel, and an answer that grows.

    python benchmarks/page.py [--messages 10000] [--tokens 8000] [--edits 10]

Scrolling: from the end of a channel with so many messages to its beginning and back, a screen at a time, beside
the same in a channel of 200 (the floor). Told are the frames that came later than two of the screen's intervals, the
main thread's share of the time, the slowest frame, and how many elements the page holds at most.

Growing: an answer of so many tokens, rich in Markdown, page by page, so many edits a second, which is ten times what
Discord would take. Told is how late each edit is to be seen, beside the same for a message of one word.

Shares and medians of one run on one machine: compare them with each other, not with another machine's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import statistics
import time
from typing import TYPE_CHECKING, Any

from playwright.async_api import Page, async_playwright

from discord_bot.playground.door import Playground
from discord_bot.simulator.server import Simulator

if TYPE_CHECKING:
    from discord_bot.simulator.people import Person

FLOOR = 200
"""Messages of the short channel."""
STEP = 800
"""Pixels of one turn of the wheel: a screen."""
LONG_PAGE = 1900
"""Characters of a page of the answer."""
TOKEN = 4
"""Characters of a token, about."""

WORDS = "the ferry leaves at eight and nobody in the harbour minds when it rains".split()  # noqa: SIM905
BLOCKS = (
    "**{0}** and *{1}*, then `{2}`; see https://example.org/{0}\n",
    "- {0} {1}\n- {2}\n  - {0}\n",
    "```python\ndef {0}({1}: int) -> str:\n    return f\"{{{1}}}\" + '{2}'  # {0}\n```\n",
    "> {0} {1} {2}\n",
    "{0} {1} {2} ||{0} {1}|| {2} {1} {0} {1} {0} {2} {1} {0} {1} {2} {0} {0} {1} {2} {0} {2} {1} {0}\n",
)

WATCH = """() => {
    const seen = { frames: [], busy: 0, most: 0, going: true };
    new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => (seen.busy += duration)))
        .observe({ type: "longtask", buffered: false });
    let last = performance.now();
    const frame = (now) => {
        seen.frames.push(now - last);
        last = now;
        seen.most = Math.max(seen.most, document.querySelectorAll("#log *").length);
        if (seen.going) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    window.seen = seen;
}"""

GROWING = """() => {
    const seen = window.growing = { late: [], busy: 0 };
    let last = "";
    new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => (seen.busy += duration)))
        .observe({ type: "longtask", buffered: false });
    new MutationObserver(() => {
        const text = [...document.querySelectorAll("#log article .content")].at(-1)?.textContent ?? "";
        const at = /at ([0-9]{13})/.exec(text)?.[1];
        if (!at || at === last) return;
        last = at;
        requestAnimationFrame(() => seen.late.push(Date.now() - Number(at)));
    }).observe(document.getElementById("log"), { childList: true, subtree: true, characterData: true });
}"""


def rich(rng: random.Random, length: int) -> str:
    """A text of so many characters, or a little more, in which every kind of mark is found."""
    text = ""
    while len(text) < length:
        text += rng.choice(BLOCKS).format(*rng.choices(WORDS, k=3))
    return text


async def scroll(page: Page, up: bool) -> int:
    """Turn the wheel until there is no further way; how often it was turned."""
    turns = still = 0
    place = "element => [element.scrollTop, element.scrollHeight - element.scrollTop - element.clientHeight]"
    while still < 30:
        await page.mouse.wheel(0, -STEP if up else STEP)
        await asyncio.sleep(0.016)
        turns += 1
        if turns % 10 == 0:
            above, below = await page.locator("#scroller").evaluate(place)
            still = still + 10 if (above if up else below) < 2 else 0
    return turns


async def scrolled(page: Page, channel: str) -> dict[str, Any]:
    """Open a channel, scroll to its beginning and back, and tell what that was like."""
    began = time.perf_counter()
    await page.get_by_role("button", name=channel, exact=True).click()
    await page.locator("article").first.wait_for()
    opened = time.perf_counter() - began
    await page.mouse.move(700, 400)
    await page.evaluate(WATCH)
    began = time.perf_counter()
    turns = await scroll(page, up=True)
    first = await page.locator("article .content").first.inner_text()
    turns += await scroll(page, up=False)
    took = time.perf_counter() - began
    seen = await page.evaluate("() => { seen.going = false; return seen; }")
    frames = sorted(seen["frames"])
    usual = statistics.median(frames)
    return {
        "opened (s)": round(opened, 2),
        "reached": first.split()[0],
        "turns of the wheel": turns,
        "usual frame (ms)": round(usual, 1),
        "late frames": f"{sum(frame > 2.5 * usual for frame in frames) / len(frames):.1%}",
        "slowest frame (ms)": round(frames[-1]),
        "in long tasks": f"{seen['busy'] / 1000 / took:.1%}",
        "most elements": seen["most"],
    }


async def grown(page: Page, bot: Person, channel: str, pages: list[list[str]], pause: float) -> dict[str, Any]:
    """Let an answer grow, and tell how late each of its states was to be seen."""
    await page.evaluate(GROWING)
    began = time.perf_counter()
    edits = 0
    for states in pages:
        said = None
        for state in states:
            text = f"{state}\n-# at {time.time_ns() // 1_000_000}"
            said = await bot.send(channel, text) if said is None else await bot.edit(said, text)
            edits += 1
            await asyncio.sleep(pause)
    took = time.perf_counter() - began
    await asyncio.sleep(0.5)
    seen = await page.evaluate("() => growing")
    late = sorted(seen["late"])
    return {
        "edits": edits,
        "seen": len(late),
        "median delay (ms)": statistics.median(late),
        "99% within (ms)": late[int(len(late) * 0.99)],
        "in long tasks": f"{seen['busy'] / 1000 / took:.1%}",
    }


def states(text: str, edits: int) -> list[list[str]]:
    """A text as it grows, in so many edits: the states of each of its pages."""
    pages = [text[start : start + LONG_PAGE] for start in range(0, len(text), LONG_PAGE)]
    step = max(1, len(text) // edits)
    return [[page[:end] for end in range(step, len(page) + step, step)] for page in pages]


async def main(options: argparse.Namespace) -> None:
    """Measure, and print."""
    rng = random.Random(1)  # noqa: S311  # only words
    simulator = Simulator(limits=False)
    playground = Playground(simulator)
    people = [simulator.person(name) for name in ("ada", "kim", "mo")]
    for channel, count in (("tavern", FLOOR), ("support", options.messages)):
        for number in range(count):
            text = f"#{number} " + rich(rng, rng.choice((20, 60, 120, 400)))
            await rng.choice(people).send(channel, text)
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
    async with simulator, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        await page.goto(playground.url)
        await page.locator("#composer").wait_for()
        for channel, count in (("tavern", FLOOR), ("support", options.messages)):
            print(f"scrolling through {count} messages", json.dumps(await scrolled(page, channel)), flush=True)
        bot, pause = simulator.person("assistant"), 1 / options.edits
        await page.get_by_role("button", name="general", exact=True).click()
        await page.get_by_text("This is the beginning of #general.").wait_for()
        for name, growing in (
            ("a word", [["ahoy"] * 50]),
            (f"{options.tokens} tokens", states(rich(rng, options.tokens * TOKEN), options.tokens // 40)),
        ):
            await page.reload()
            await page.locator("#composer").wait_for()
            print(f"growing: {name}", json.dumps(await grown(page, bot, "general", growing, pause)), flush=True)
        await browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--tokens", type=int, default=8_000)
    parser.add_argument("--edits", type=float, default=10.0, help="edits a second")
    asyncio.run(main(parser.parse_args()))
