"""The client beside openai-python's AsyncOpenAI and a bare aiohttp + json.loads loop: what a chunk and a request cost.

    pip install openai        # to have the SDK measured as well; without it, the rest is
    python benchmarks/client.py [--runs 5]

All three ask the same server, a process of its own whose answers lie ready in memory, and each runs in processes of its
own, in turn, on the event loop that the bot uses. Streams are 100 at once of 500 chunks each, every chunk an HTTP chunk
as servers send them: once as fast as they go (many in one read), once paced as a model speaks (one in a read).
CPU is the process's own, from the socket to the growing text, which is looked at each time. Medians and ratios; beside
them the bounds that must hold.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ready_server import CHUNKS

STREAMS = 100
REQUESTS = {1: 300, 100: 3000}
"""How many are at once -> how many requests are made."""

SERVER = Path(__file__).with_name("ready_server.py")

ASKED = [{"role": "user", "content": "hi"}]

Figures = dict[str, float]


# --- who is measured --------------------------------------------------------------------------------------------------

Ask = Callable[[], Awaitable[int]]
"""One request; gives the length of the text that came."""


async def with_ours(base_url: str, stream: bool, measure: Callable[[Ask], Awaitable[Figures]]) -> Figures:
    """Our client, as the bot uses it."""
    from discord_bot.chat.schema import ChatCompletionRequest, ChatMessage
    from discord_bot.completions import CompletionsClient, Endpoint

    request = ChatCompletionRequest(model="m", messages=[ChatMessage(role="user", content="hi")], stream=stream)
    async with CompletionsClient({"x": Endpoint("x", base_url, "sk-none")}) as client:

        async def ask() -> int:
            length = 0
            async for completion in client.stream("x", request):
                length = len(completion.text)
            return length

        return await measure(ask)


async def with_bare(base_url: str, stream: bool, measure: Callable[[Ask], Awaitable[Figures]]) -> Figures:
    """The loop that everybody writes first: it knows one server and no failure."""
    import aiohttp

    body = {"model": "m", "messages": ASKED, "stream": stream}
    headers = {"Authorization": "Bearer sk-none"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), headers=headers) as session:

        async def ask() -> int:
            text = ""
            async with session.post(f"{base_url}/chat/completions", json=body) as response:
                if not stream:
                    return len((await response.json())["choices"][0]["message"]["content"])
                async for line in response.content:
                    if line.startswith(b"data: ") and line != b"data: [DONE]\n":
                        for choice in json.loads(line[6:])["choices"]:
                            text += choice["delta"].get("content") or ""
            return len(text)

        return await measure(ask)


async def with_sdk(base_url: str, stream: bool, measure: Callable[[Ask], Awaitable[Figures]]) -> Figures:
    """openai-python, as its README shows it."""
    openai = import_module("openai")  # which need not be there
    async with openai.AsyncOpenAI(base_url=base_url, api_key="sk-none") as client:

        async def ask() -> int:
            text = ""
            create: Any = client.chat.completions.create  # its overloads know no bool
            answer = await create(model="m", messages=ASKED, stream=stream)
            if not stream:
                return len(answer.choices[0].message.content)
            async for chunk in answer:
                for choice in chunk.choices:
                    text += choice.delta.content or ""
            return len(text)

        return await measure(ask)


CONTESTANTS = {"ours": with_ours, "bare": with_bare, "sdk": with_sdk}
IMPORTS = {
    "ours": "import discord_bot.completions",
    "bare": "import aiohttp, json",
    "sdk": "import openai",
}
READY = {
    "ours": """
from discord_bot.completions import CompletionsClient, Endpoint
async def main():
    async with CompletionsClient({"x": Endpoint("x", "http://127.0.0.1/v1", "sk-none")}) as client:
        client.stream
""",
    "bare": """
import aiohttp, json
async def main():
    async with aiohttp.ClientSession() as session:
        session.post
""",
    "sdk": """
import openai
async def main():
    async with openai.AsyncOpenAI(base_url="http://127.0.0.1/v1", api_key="sk-none") as client:
        client.chat.completions.create
""",
}
"""Until the first request could be sent: libraries load much only then."""


async def measured(ask: Ask, count: int, at_once: int) -> Figures:
    """Requests per second, CPU microseconds per request, and the peak of memory, once everything is warm."""
    expected = await ask()
    waiting = iter(range(count))

    async def work() -> None:
        for _ in waiting:
            assert await ask() == expected

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(work() for _ in range(at_once)))
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"per second": count / took, "cpu": cpu / count * 1e6, "peak": peak}


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The event loop on which the bot runs: uvloop's, where there is one."""
    return import_module("uvloop").new_event_loop if find_spec("uvloop") else None


def measure_here(who: str, what: str, port: int) -> Figures:
    """One measurement in this process, on the loop that the bot uses."""
    path, _, at_once = what.partition(" ")
    stream = path != "whole"
    count = STREAMS if stream else REQUESTS[int(at_once)]
    contestant = CONTESTANTS[who](
        f"http://127.0.0.1:{port}/{path}/v1", stream, lambda ask: measured(ask, count, int(at_once))
    )
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(contestant)


# --- the figures ------------------------------------------------------------------------------------------------------


def in_a_process(*arguments: str) -> Figures:
    """A measurement in a process of its own."""
    command = [sys.executable, __file__, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own words
    figures: Figures = json.loads(done.stdout)
    return figures


def starting_time(statements: str) -> Figures:
    """CPU milliseconds that these take in a new process, without the interpreter's own start."""

    def cpu(program: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603 - our own words
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return {"cpu": (cpu(statements) - cpu("pass")) * 1000}


def measure(who: str, what: str, port: int) -> Figures:
    """One measurement, in a process of its own."""
    match what:
        case "import":
            return starting_time(IMPORTS[who])
        case "ready":
            return starting_time(f"import asyncio\n{READY[who]}\nasyncio.run(main())")
        case _:
            return in_a_process("--measure", who, what, str(port))


MEASUREMENTS = ("burst 100", "paced 100", "whole 1", "whole 100", "import", "ready")


def collect(runs: int, port: int) -> dict[tuple[str, str], Figures]:
    """(what, who) -> its figures, each the median of the runs; who is measured takes turns."""
    present = [who for who in CONTESTANTS if who != "sdk" or find_spec("openai")]
    found: dict[tuple[str, str], Figures] = {}
    for what in MEASUREMENTS:
        taken: dict[str, list[Figures]] = {who: [] for who in present}
        for _ in range(runs):
            for who in present:
                taken[who].append(measure(who, what, port))
        for who, several in taken.items():
            found[what, who] = {name: statistics.median(one[name] for one in several) for name in several[0]}
    return found


LINES = (
    # what, which figure, divided by, its unit, to the bare loop: at most, to the SDK: at most
    ("burst 100", "cpu", CHUNKS, "µs CPU per chunk, many in a read", 1.6, 1 / 6),
    ("paced 100", "cpu", CHUNKS, "µs CPU per chunk, one in a read", 1.6, None),
    ("whole 1", "cpu", 1, "µs CPU per request, one at a time", None, None),
    ("whole 100", "cpu", 1, "µs CPU per request, 100 at once", None, None),
    ("whole 1", "per second", 1, "requests per second, one at a time", None, None),
    ("whole 100", "per second", 1, "requests per second, 100 at once", None, 10),
    ("import", "cpu", 1, "ms CPU to import", None, 1 / 3),
    ("ready", "cpu", 1, "ms CPU until a client is ready", None, 1 / 3),
    ("burst 100", "peak", 1, "MiB at most, 100 streams at once", None, None),
)


def report(found: dict[tuple[str, str], Figures], runs: int) -> None:
    """Print each figure, our ratios, and the bounds."""
    print(f"medians of {runs} runs, Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    if ("import", "sdk") not in found:
        print("openai-python is not installed here: `pip install openai` has it measured as well")
    print(f"{'':38}{'ours':>9}{'bare':>9}{'SDK':>9}   ours : bare      ours : SDK")
    for what, name, divisor, label, to_bare, to_sdk in LINES:
        ours, bare, sdk = (found.get((what, who), {}).get(name, float("nan")) / divisor for who in CONTESTANTS)
        more_is_better = name == "per second"
        told = [
            f"{ratio:6.2f}" + ("" if bound is None else f" ({'≥' if more_is_better else '≤'} {bound:.2f})")
            for ratio, bound in ((ours / bare, to_bare), (ours / sdk, to_sdk))
        ]
        print(f"{label:38}{ours:9.1f}{bare:9.1f}{sdk:9.1f}   {told[0]:16}{told[1]}")


def main() -> None:
    """Measure, or be the one who is measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        who, what, port = options.measure
        print(json.dumps(measure_here(who, what, int(port))))
    else:
        command = [sys.executable, str(SERVER)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - our own words
            try:
                assert server.stdout is not None
                port = int(server.stdout.readline())
                report(collect(options.runs, port), options.runs)
            finally:
                server.terminate()


if __name__ == "__main__":
    main()
