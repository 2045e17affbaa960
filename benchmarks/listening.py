"""What it costs the bot to hear what is not meant for it: CPU per message, and memory.

    python benchmarks/listening.py [--runs 3] [--channels 500] [--rate 2000] [--seconds 10] [--words 20]

A bare discord.py client (the floor) and `discord-bot run` are connected at once, each a process of its own, to the same
simulator, in which people write so many messages a second, in so many channels and none of them to the bot. So both
hear the same, and share what else the machine has to do. CPU is the process's own time from the first message until it
has heard the last one and has nothing left to do; memory is what its resident set has grown by. Medians of the runs and
of their ratios, beside what they may be at most: of memory, `conversation.max_memory` of config.yaml, which is all that
is remembered.
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
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil
from idle import BARE, CONFIG

from discord_bot.config.settings import ConversationSettings
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world import changes

WORDS = "the ferry leaves at eight and nobody in the harbour minds when it rains".split()  # noqa: SIM905
MOST = 1.3
"""Times the CPU of a bare client, at most."""
SLICE = 0.02
"""Seconds of messages that are written at once."""
BEHIND = 2000
"""Messages that may wait for a client; with more, people wait for it, or else the simulator would let it go."""


class Figures(NamedTuple):
    """What one client was measured to need."""

    cpu: float
    """Microseconds for each message."""
    memory: float
    """MiB that it has grown by."""


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
        while any(each.outbox.qsize() > BEHIND for each in simulator.gateway.connections):
            await asyncio.sleep(SLICE)
    return written


async def heard(simulator: Simulator) -> None:
    """Wait until every client has taken in all that it was told: it answers an asked heartbeat only behind that."""
    asked = asyncio.get_running_loop().time()
    simulator.gateway.ask_for_heartbeat()
    async with asyncio.timeout(120):
        while any(each.received[-1] <= asked for each in simulator.gateway.connections):
            await asyncio.sleep(0.01)


@dataclass
class Client:
    """One process, and what it has used and has in memory before anybody writes."""

    process: psutil.Process
    used: float = 0.0
    memory: int = 0

    async def begin(self) -> None:
        """From here on it is measured."""
        self.used, self.memory = await settled(self.process), self.process.memory_info().rss

    async def end(self, written: int) -> Figures:
        """What so many messages have cost it."""
        spent = await settled(self.process) - self.used
        return Figures(spent / written * 1e6, (self.process.memory_info().rss - self.memory) / 2**20)


async def measure(
    simulator: Simulator, commands: Mapping[str, list[str]], options: argparse.Namespace
) -> dict[str, Figures]:
    """What the same messages cost each of the clients."""
    while simulator.gateway.connections:  # the ones before are still leaving
        await asyncio.sleep(0.01)
    nowhere = asyncio.subprocess.DEVNULL
    processes = [
        await asyncio.create_subprocess_exec(*command, stdout=nowhere, stderr=nowhere) for command in commands.values()
    ]
    try:
        async with asyncio.timeout(60):
            while sum(each.session is not None for each in simulator.gateway.connections) < len(processes):
                await asyncio.sleep(0.01)
        await asyncio.sleep(2)
        clients = [Client(psutil.Process(each.pid)) for each in processes]
        await asyncio.gather(*(each.begin() for each in clients))
        written = await write(simulator, options)
        await heard(simulator)
        return dict(zip(commands, await asyncio.gather(*(each.end(written) for each in clients)), strict=True))
    finally:
        for process in processes:
            process.terminate()
            await process.wait()


async def main(options: argparse.Namespace) -> None:
    """Measure several times, and print the medians."""
    async with Simulator(limits=False) as simulator:
        guild = simulator.world.guild("Harbour")
        for number in range(options.channels):
            changes.add_channel(simulator.world, guild, f"channel-{number}")
        with tempfile.TemporaryDirectory() as directory:
            config, store = Path(directory) / "config.yaml", Path(directory) / "bot.db"
            config.write_text(CONFIG.format(api=simulator.api_url, gateway=simulator.gateway_url, store=store))
            commands = {
                "bare": [sys.executable, "-c", BARE, simulator.api_url, simulator.gateway_url],
                "ours": [sys.executable, "-m", "discord_bot", "run", "--config", str(config)],
            }
            runs = [await measure(simulator, commands, options) for _ in range(options.runs)]
    bare, ours = ([run[name] for run in runs] for name in commands)
    ratios = [our.cpu / floor.cpu for our, floor in zip(ours, bare, strict=True)]
    (bare_cpu, bare_memory), (our_cpu, our_memory) = (
        map(statistics.median, zip(*each, strict=True)) for each in (bare, ours)
    )
    python, cores = sys.version.split()[0], os.cpu_count()
    print(f"{options.rate} messages a second in {options.channels} channels for {options.seconds} s, "
          f"medians of {options.runs} runs, Python {python}, {cores} cores")  # fmt: skip
    print(f"  CPU per message  bare {bare_cpu:6.0f} µs   ours {our_cpu:6.0f} µs   × {statistics.median(ratios):.2f}"
          f" of {MOST} at most ({', '.join(f'{each:.2f}' for each in ratios)})")  # fmt: skip
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
