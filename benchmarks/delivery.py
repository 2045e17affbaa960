"""How text arrives in Discord: how late, what is lost when many ask at once, and what it costs; beside a bare bot.

    python benchmarks/delivery.py [--parts latency,50,500,long] [--who bare,ours] [--tokens N] [--history]

The simulator, with Discord's limits, 60 ms to REST and back and 30 ms from the gateway, and a scripted model run in
this process; a bare discord.py bot (the floor: it sends the first piece, edits once a second and once more at the
end) and ours run in turn, each in a process of its own. What is counted:

    request   a mention reaches the bot -> its request reaches the model
    first     the model's first piece is written -> the first text stands in Discord
    last      the model has ended -> the complete answer stands in Discord
    exact     answers that stand there letter by letter; never shown: of which nothing stands there

Answers have 60 tokens; where 50 ask at once, and it is about what an answer costs, 300: a bare bot edits them about ten
times, as we do, and short ones cost us more beside it. Other work on the machine makes the times worse, the processor's
seconds hardly. The bounds are printed beside.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from aiohttp import web

from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world import changes

if TYPE_CHECKING:
    from discord_bot.simulator.world.events import Event

REST, GATEWAY = 0.060, 0.030
"""Seconds."""
THINKING, PACE = 0.3, 0.03
"""Seconds before the model's first piece, and for each token."""
SHORT, USUAL = 60, 300
"""Tokens of an answer."""
SETTLED = 3.0
"""Seconds without any change after which nothing more is expected."""
PATIENCE = 90.0
"""Seconds that all of it may take."""

CONFIG = """
discord: {{token: simulator-token, api_url: "{api}", gateway_url: "{gateway}"}}
providers: {{here: {{base_url: "{model}"}}}}
models: {{here/model: }}
personas: {{assistant: You are the assistant.}}
store: {{url: "sqlite:///{store}"}}
"""


@dataclass
class Asked:
    """One question, and when what happened; seconds of `time.perf_counter`."""

    text: str
    pieces: list[str]
    together: int
    sent: float = 0.0
    request: float = 0.0
    began: float = 0.0
    ended: float = 0.0
    pages: dict[int, str] = field(default_factory=dict)
    first: float = 0.0
    changed: float = 0.0

    @property
    def exact(self) -> bool:
        """Whether all of it stands there, however it was cut into pages."""
        return "".join(" ".join(self.pages.values()).split()) == "".join(self.text.split())


def short(number: int, tokens: int, together: int = 1) -> list[str]:
    """About so many tokens that are nobody else's, so many of them in a piece."""
    words = [f" word{number}x{index}" for index in range(tokens)]
    pieces = ["".join(words[start : start + together]) for start in range(0, len(words), together)]
    return [f"Answer {number}:", *pieces]


def long(number: int) -> list[str]:
    """About 1,500 tokens, with code blocks that run over the pages' ends."""
    pieces = [f"Answer {number}:\n\n"]
    for block in range(5):
        pieces += [f"words{block}x{index} " for index in range(60)]
        pieces += ["\n\n```python\n", *(f"value_{block}_{index} = {index}\n" for index in range(80)), "```\n\n"]
    return pieces


class Stage:
    """The Discord and the model that a bot is measured in."""

    def __init__(self, simulator: Simulator, asked: dict[int, Asked]) -> None:
        self.simulator = simulator
        self.asked = asked
        self.model = ""
        self._runner: web.AppRunner

    async def serve(self) -> None:
        """The scripted model, on a port of its own."""
        app = web.Application()
        app.add_routes([web.post("/v1/chat/completions", self._complete)])
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        # Where hundreds connect at once, none waits a second for its next try.
        await web.TCPSite(self._runner, "127.0.0.1", 0, backlog=1024).start()
        self.model = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"

    async def close(self) -> None:
        """Ends it."""
        await self._runner.cleanup()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        now = time.perf_counter()
        body = await request.json()
        number = int(re.findall(r"question (\d+)", json.dumps(body["messages"]))[-1])
        asked = self.asked[number]
        asked.request = asked.request or now
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await asyncio.sleep(THINKING)
        asked.began = time.perf_counter()
        for piece in asked.pieces:
            choice = {"index": 0, "delta": {"content": piece}, "finish_reason": None}
            await response.write(f"data: {json.dumps({'choices': [choice]})}\n\n".encode())
            await asyncio.sleep(PACE * asked.together)
        asked.ended = time.perf_counter()
        end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
        await response.write(f"data: {json.dumps(end)}\n\ndata: [DONE]\n\n".encode())
        await response.write_eof()
        return response

    def see(self, event: Event) -> None:
        """What comes to stand in Discord; the channel's name says whose answer it is."""
        if event.t not in ("MESSAGE_CREATE", "MESSAGE_UPDATE") or not event.d["author"].get("bot"):
            return
        name = self.simulator.world.channels[int(event.d["channel_id"])].name
        asked = self.asked.get(int(name.removeprefix("channel-")))
        if asked is None:
            return
        now = time.perf_counter()
        asked.first = asked.first or now
        asked.changed = now
        asked.pages[int(event.d["id"])] = event.d["content"]


@dataclass
class Figures:
    """What one bot did with a number of questions."""

    asked: list[Asked]
    refused: int
    processor: float
    memory: float
    """The largest resident set, in MiB."""

    def times(self, name: str) -> list[float]:
        """Milliseconds of one of the three."""
        answered = [each for each in self.asked if each.request and each.first]
        match name:
            case "request":
                return [(each.request - each.sent - GATEWAY) * 1000 for each in self.asked if each.request]
            case "first":
                return [(each.first - each.began) * 1000 for each in answered]
        return [(each.changed - each.ended) * 1000 for each in answered if each.exact]


@contextlib.asynccontextmanager
async def started(stage: Stage, who: str, directory: Path) -> AsyncIterator[psutil.Process]:
    """That bot in a process of its own, connected."""
    simulator = stage.simulator
    if who == "bare":
        command = [sys.executable, __file__, "--bare", simulator.api_url, simulator.gateway_url, stage.model]
    else:
        file = directory / "config.yaml"
        store = directory / "bot.db"
        file.write_text(
            CONFIG.format(api=simulator.api_url, gateway=simulator.gateway_url, model=stage.model, store=store)
        )
        command = [sys.executable, "-m", "discord_bot", "run", "--config", str(file)]
    log = (directory / f"{who}.log").open("w")
    process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
    try:
        async with asyncio.timeout(30):
            while not simulator.gateway.is_heard:
                await asyncio.sleep(0.01)
        await asyncio.sleep(1.5)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        await process.wait()
        log.close()


async def measure(who: str, texts: list[list[str]], *, gap: float, together: int, history: bool) -> Figures:
    """Asks in as many channels as there are texts, `gap` seconds after each other."""
    asked = {number: Asked("".join(pieces), pieces, together) for number, pieces in enumerate(texts)}
    async with Simulator() as simulator:
        simulator.rest.latency, simulator.gateway.latency = REST, GATEWAY
        guild = simulator.world.guild("Harbour")
        channels = [changes.add_channel(simulator.world, guild, f"channel-{number}")[0] for number in range(len(texts))]
        person = simulator.person("ada")
        if history:
            for channel in channels:
                for index in range(20):
                    await person.send(channel, f"something said before, {index}")
        stage = Stage(simulator, asked)
        await stage.serve()
        simulator.observe(stage.see)
        with tempfile.TemporaryDirectory() as directory:
            async with started(stage, who, Path(directory)) as process:
                simulator.requests.clear()
                before, memory = process.cpu_times(), 0.0
                mention = f"<@{simulator.world.application.bot_id}>"
                for number, channel in enumerate(channels):
                    asked[number].sent = time.perf_counter()
                    await person.send(channel, f"{mention} question {number}")
                    await asyncio.sleep(gap)
                began = time.perf_counter()
                while time.perf_counter() - began < PATIENCE:
                    await asyncio.sleep(0.05)
                    memory = max(memory, process.memory_info().rss / 2**20)
                    newest = max(began, *(max(each.changed, each.ended, each.request) for each in asked.values()))
                    done = all(each.exact for each in asked.values())
                    if time.perf_counter() - newest > (0.3 if done else SETTLED + 4 * (who == "bare")):
                        break
                after = process.cpu_times()
        await stage.close()
        refused = sum(each.status == 429 for each in simulator.requests)
    processor = after.user + after.system - before.user - before.system
    return Figures(list(asked.values()), refused, processor, memory)


def quantiles(values: list[float]) -> str:
    """The median and the 95th percentile."""
    if len(values) < 2:
        return f"{values[0] if values else float('nan'):6.1f} /      –"
    return f"{statistics.median(values):6.1f} / {statistics.quantiles(values, n=20)[-1]:6.1f}"


def show(part: str, results: dict[str, Figures], bounds: dict[str, str]) -> None:
    """One part's figures, a column for each bot and one for the bounds."""
    rows: dict[str, dict[str, str]] = {}
    for who, figures in results.items():
        asked, count = figures.asked, len(figures.asked)
        fences = sum(page.count("```") % 2 for each in asked for page in each.pages.values())
        begun = min(each.sent for each in asked)
        shown = sorted(each.first - each.sent for each in asked if each.first)
        complete = max((each.changed - begun for each in asked if each.exact), default=float("nan"))
        for name, value in {
            "request, ms, p50 / p95": quantiles(figures.times("request")),
            "first text, ms, p50 / p95": quantiles(figures.times("first")),
            "last text, ms, p50 / p95": quantiles(figures.times("last")),
            "exact / never shown": f"{sum(each.exact for each in asked)} / {sum(not each.pages for each in asked)}",
            "refusals (429)": str(figures.refused),
            "first text p50, all complete, s": f"{statistics.median(shown or [float('nan')]):.1f} / {complete:.1f}",
            "peak memory, MiB": f"{figures.memory:.1f}",
            "processor per reply, ms": f"{figures.processor / count * 1000:.1f}",
            "pages with broken fences": f"{fences} of {sum(len(each.pages) for each in asked)}",
        }.items():
            rows.setdefault(name, {})[who] = value
    print(f"\n{part}")
    for name, row in rows.items():
        columns = "".join(f"{row.get(who, ''):>22}" for who in results)
        print(f"  {name:34}{columns}   {bounds.get(name, '')}")


async def main(parts: list[str], bots: list[str], *, tokens: int | None, history: bool) -> None:
    """Measure in turn, so that all see the same machine."""
    python, cores = sys.version.split()[0], os.cpu_count()
    print(f"Python {python}, {cores} cores, load {os.getloadavg()[0]:.1f}; columns: {', '.join(bots)}, bounds")
    for part in parts:
        # Where hundreds ask at once, it is not to be measured how fast this process writes.
        together = 4 if part.isdecimal() and int(part) >= 200 else 1
        length = tokens or (USUAL if part == "50" else SHORT)
        if part == "latency":
            texts, gap = [short(number, length) for number in range(40)], 0.25
            bounds = {
                "request, ms, p50 / p95": "≤ 4 × bare",
                "first text, ms, p50 / p95": "≤ 135",
                "last text, ms, p50 / p95": "≤ 60 / 120",
            }
        elif part == "long":
            texts, gap = [long(number) for number in range(12)], 0.0
            bounds = {"pages with broken fences": "0"}
        else:
            texts, gap = [short(number, length, together) for number in range(int(part))], 0.0
            bounds = {"exact / never shown": f"{part} / 0", "refusals (429)": "≤ 5"}
            bounds |= {"processor per reply, ms": "≤ 1.5 × bare"} if part == "50" else {}
            bounds |= (
                {"first text p50, all complete, s": "≤ 6.2 / 17", "peak memory, MiB": "≤ 130"} if part == "500" else {}
            )
        results = {who: await measure(who, texts, gap=gap, together=together, history=history) for who in bots}
        show(part, results, bounds)


def bare(api: str, gateway: str, model: str) -> None:
    """The floor: what a first bot with discord.py looks like."""
    import aiohttp
    import discord
    import yarl
    from discord.gateway import DiscordWebSocket
    from discord.http import Route

    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = api, yarl.URL(gateway)
    intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=True)

    class Bare(discord.Client):
        async def setup_hook(self) -> None:
            self.session = aiohttp.ClientSession()

        async def on_message(self, message: discord.Message) -> None:
            if message.author.bot or self.user not in message.mentions:
                return
            body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": message.content}]}
            text, sent, edited = "", list[discord.Message](), 0.0
            async with self.session.post(f"{model}/chat/completions", json=body) as response:
                async for line in response.content:
                    if not line.startswith(b"data: {"):
                        continue
                    piece = json.loads(line[6:])["choices"][0]["delta"].get("content", "")
                    text += piece
                    if piece and (not sent or time.monotonic() - edited > 1.0):
                        await self.put(message, sent, text)
                        edited = time.monotonic()
            await self.put(message, sent, text)

        async def put(self, message: discord.Message, sent: list[discord.Message], text: str) -> None:
            pages = [text[start : start + 2000] for start in range(0, len(text), 2000)]
            for index, page in enumerate(pages):
                if index == len(sent):
                    sent.append(await message.channel.send(page))
                elif sent[index].content != page:
                    sent[index] = await sent[index].edit(content=page)

    Bare(intents=intents).run("simulator-token", log_handler=None)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", default="latency,1,50,200,500,long")
    parser.add_argument("--who", default="bare,ours")
    parser.add_argument("--tokens", type=int, help="of an answer; those of `long` have 1,500")
    parser.add_argument("--history", action="store_true", help="in channels where something was said before")
    parser.add_argument("--bare", nargs=3, metavar=("API", "GATEWAY", "MODEL"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bare:
        bare(*options.bare)
    else:
        asyncio.run(
            main(options.parts.split(","), options.who.split(","), tokens=options.tokens, history=options.history)
        )
