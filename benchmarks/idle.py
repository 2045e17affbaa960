"""What the bot costs while nobody talks: memory, and the time from the start of the process to READY.

    python benchmarks/idle.py [--runs 5] [--channels 500]

A bare discord.py client (the floor) and `discord-bot run` connect in turn, each a process of its own, to the same
simulator with so many channels. Memory is the process's resident set three seconds after READY, time is from the start
of the process to READY as the gateway sent it, and beside it, for a busy machine, the processor's. Both find their
modules compiled, as an installation has them. Medians, and the difference, beside what that may be at most.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil

from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world import changes

LATER, MORE = 0.5, 35
"""Seconds and MiB that it may be more, at most."""
BARE = """
import discord, sys
from discord.gateway import DiscordWebSocket
from discord.http import Route
import yarl
Route.BASE = sys.argv[1]
DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(sys.argv[2])
intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=True)
client = discord.Client(intents=intents)
client.run("simulator-token", log_handler=None)
"""

CONFIG = """
discord: {{token: simulator-token, api_url: "{api}", gateway_url: "{gateway}"}}
providers: {{here: {{base_url: "http://127.0.0.1:9/v1"}}}}
models: {{here/model: }}
personas: {{assistant: You are the assistant.}}
store: {{url: "sqlite:///{store}"}}  # removed before each run: a first start is measured
"""


async def measure(simulator: Simulator, command: list[str], compiled: Path) -> tuple[float, float, float]:
    """Seconds to READY, how many of the processor, and MiB in memory of one process; its modules are `compiled`."""
    while simulator.gateway.is_heard:  # the one before is still leaving
        await asyncio.sleep(0.01)
    began = time.perf_counter()
    nowhere = asyncio.subprocess.DEVNULL
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(compiled)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    process = await asyncio.create_subprocess_exec(*command, stdout=nowhere, stderr=nowhere, env=environment)
    try:
        async with asyncio.timeout(30):
            while not simulator.gateway.is_heard:
                await asyncio.sleep(0.001)
        took, process_times = time.perf_counter() - began, psutil.Process(process.pid).cpu_times()
        await asyncio.sleep(3)
        memory = psutil.Process(process.pid).memory_info().rss / 2**20
    finally:
        process.terminate()
        await process.wait()
    return took, process_times.user + process_times.system, memory


async def main(runs: int, channels: int) -> None:
    """Measure in turn, so that both see the same machine."""
    async with Simulator(limits=False) as simulator:
        guild = simulator.world.guild("Harbour")
        for number in range(channels):
            changes.add_channel(simulator.world, guild, f"channel-{number}")
        with tempfile.TemporaryDirectory() as directory:
            config = Path(directory) / "config.yaml"
            store = Path(directory) / "bot.db"
            config.write_text(CONFIG.format(api=simulator.api_url, gateway=simulator.gateway_url, store=store))
            commands = {
                "bare": [sys.executable, "-c", BARE, simulator.api_url, simulator.gateway_url],
                "ours": [sys.executable, "-m", "discord_bot", "run", "--config", str(config)],
            }
            figures: dict[str, list[tuple[float, float, float]]] = {name: [] for name in commands}
            for run in range(runs + 1):  # the first one warms up
                for name, command in commands.items():
                    store.unlink(missing_ok=True)
                    figure = await measure(simulator, command, Path(directory) / "compiled")
                    if run:
                        figures[name].append(figure)
    (bare_time, bare_cpu, bare_memory), (our_time, our_cpu, our_memory) = (
        [statistics.median(column) for column in zip(*figures[name], strict=True)] for name in ("bare", "ours")
    )
    python, cores = sys.version.split()[0], os.cpu_count()
    time_more, cpu_more, memory_more = our_time - bare_time, our_cpu - bare_cpu, our_memory - bare_memory
    print(f"idle in {channels} channels, medians of {runs} runs, Python {python}, {cores} cores")
    print(f"  to READY   bare {bare_time:6.2f} s    ours {our_time:6.2f} s    + {time_more:5.2f} s    of {LATER}")
    print(f"  CPU of it  bare {bare_cpu:6.2f} s    ours {our_cpu:6.2f} s    + {cpu_more:5.2f} s")
    print(f"  memory     bare {bare_memory:6.1f} MiB  ours {our_memory:6.1f} MiB  + {memory_more:5.1f} MiB  of {MORE}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--channels", type=int, default=500)
    options = parser.parse_args()
    asyncio.run(main(options.runs, options.channels))
