"""What it costs the bot to hear what is not meant for it: CPU per message, and memory.

    python benchmarks/listening.py [--runs 3] [--channels 500] [--rate 2000] [--seconds 10] [--words 20]

A bare discord.py client (the floor) and `discord-bot run` connect in turn, each a process of its own, to the same
simulator, in which people write so many messages a second, in so many channels and none of them to the bot. CPU is the
process's own time from the first message until it has nothing left to do; memory is what its resident set has grown by.
Medians, and the ratio; and beside what memory has grown by, what it may grow by at most: `conversation.max_memory` of
config.yaml, which is all that is remembered.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil
from idle import BARE, CONFIG

from discord_bot.config.settings import ConversationSettings
from discord_bot.simulator.server import Simulator

WORDS = "the ferry leaves at eight and nobody in the harbour minds when it rains".split()  # noqa: SIM905
SLICE = 0.02
"""Seconds of messages that are written at once."""


def used(process: psutil.Process) -> float:
    """Seconds of CPU that the process has had."""
    times = process.cpu_times()
    return times.user + times.system


async def settled(process: psutil.Process) -> float:
    """The same, once the process has nothing left to do."""
    before = used(process)
    while True:
        await asyncio.sleep(0.5)
        after = used(process)
        if after - before < 0.02:
            return after
        before = after


async def write(simulator: Simulator, options: argparse.Namespace) -> int:
    """People write; how many messages that were."""
    people = [simulator.person(name) for name in ("ada", "kim", "mo")]
    channels = [each for each in simulator.world.channels.values() if each.name.startswith("channel-")]
    began, written, rng = time.perf_counter(), 0, random.Random(1)  # noqa: S311  # only words
    while written < options.rate * options.seconds:
        due = min(options.rate * options.seconds, int((time.perf_counter() - began) * options.rate) + 1)
        for number in range(written, due):
            text = " ".join(rng.choices(WORDS, k=options.words))
            await people[number % 3].send(channels[number % len(channels)], text)
        written = due
        await asyncio.sleep(SLICE)
    return written


async def measure(simulator: Simulator, command: list[str], options: argparse.Namespace) -> tuple[float, float]:
    """Microseconds of CPU per message, and MiB that the process has grown by."""
    while simulator.gateway.is_heard:  # the one before is still leaving
        await asyncio.sleep(0.01)
    nowhere = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdout=nowhere, stderr=nowhere)
    try:
        async with asyncio.timeout(30):
            while not simulator.gateway.is_heard:
                await asyncio.sleep(0.01)
        await asyncio.sleep(2)
        seen = psutil.Process(process.pid)
        before, memory = await settled(seen), seen.memory_info().rss
        written = await write(simulator, options)
        spent = await settled(seen) - before
        return spent / written * 1e6, (seen.memory_info().rss - memory) / 2**20
    finally:
        process.terminate()
        await process.wait()


async def main(options: argparse.Namespace) -> None:
    """Measure in turn, so that both see the same machine."""
    async with Simulator(limits=False) as simulator:
        guild = simulator.world.guild("Harbour")
        for number in range(options.channels):
            simulator.world.add_channel(guild, f"channel-{number}")
        with tempfile.TemporaryDirectory() as directory:
            config, store = Path(directory) / "config.yaml", Path(directory) / "bot.db"
            config.write_text(CONFIG.format(api=simulator.api_url, gateway=simulator.gateway_url, store=store))
            commands = {
                "bare": [sys.executable, "-c", BARE, simulator.api_url, simulator.gateway_url],
                "ours": [sys.executable, "-m", "discord_bot", "run", "--config", str(config)],
            }
            figures: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
            for _ in range(options.runs):
                for name, command in commands.items():
                    figures[name].append(await measure(simulator, command, options))
    (bare, bare_memory), (ours, our_memory) = (
        [statistics.median(column) for column in zip(*figures[name], strict=True)] for name in ("bare", "ours")
    )
    python, cores = sys.version.split()[0], os.cpu_count()
    print(f"{options.rate} messages a second in {options.channels} channels for {options.seconds} s, "
          f"medians of {options.runs} runs, Python {python}, {cores} cores")  # fmt: skip
    print(f"  CPU per message  bare {bare:6.0f} µs   ours {ours:6.0f} µs   × {ours / bare:.2f}")
    bound = ConversationSettings().max_memory
    print(f"  memory grown by  bare {bare_memory:6.1f} MiB  ours {our_memory:6.1f} MiB  of {bound} at most")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--channels", type=int, default=500)
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--words", type=int, default=20)
    asyncio.run(main(parser.parse_args()))
