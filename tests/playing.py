"""A playground with its bot, put together as the program does it, and a page's end of its websocket; no browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from discord_bot.__main__ import assembled
from discord_bot.config import Settings, load_settings
from discord_bot.playground.connecting import PORTS
from discord_bot.playground.door import Playground
from discord_bot.playground.running import Running
from discord_bot.playground.settings import on_this_machine, with_stand_in
from discord_bot.simulator.model import ModelEndpoint
from discord_bot.simulator.server import Simulator

CONFIG = """\
# mine
personas:
  assistant: You are the assistant.   # stays
  pirate: {system_prompt: You are a pirate., description: Ahoy}
providers: {a: {base_url: 'http://127.0.0.1:9/v1'}}
models: {a/b: }
"""


@asynccontextmanager
async def playing(directory: Path, model: ModelEndpoint, ports: Mapping[str, int] = PORTS) -> AsyncIterator[Playground]:
    """A playground in which nobody has a page open; its bot asks that model."""
    config = directory / "config.yaml"
    config.write_text(CONFIG, "utf-8")

    def load() -> Settings:
        return load_settings(config, {})

    simulator = Simulator(limits=False)
    playground = Playground(simulator)
    async with simulator:
        here = with_stand_in(on_this_machine(load(), simulator, directory), model.base_url)
        running = Running(here, assembled, simulator.token)
        playground.runs(running, load, ports)
        work = asyncio.create_task(running.run())
        try:
            await asyncio.wait_for(running.until_ready(), 10)
            yield playground
        finally:
            await running.stop()
            await asyncio.wait_for(work, 10)


class Socket:
    """A page's end of its websocket, without a page."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._last = 0

    async def start(self, action: str, **details: Any) -> int:
        self._last += 1
        await self._socket.send_json({"id": self._last, "do": action, **details})
        return self._last

    async def answer(self, number: int) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while (frame := await self._socket.receive_json()).get("id") != number:
                pass
        assert isinstance(frame, dict)
        return frame

    async def do(self, action: str, **details: Any) -> dict[str, Any]:
        return await self.answer(await self.start(action, **details))


@asynccontextmanager
async def opened(playground: Playground, language: str = "en") -> AsyncIterator[Socket]:
    """Somebody has its page open."""
    address = f"{playground.simulator.url}/playground/socket?language={language}"
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as socket:
        yield Socket(socket)
