"""What can be made to go wrong from the page: each trouble does what its name says, and then all is right again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from discord_bot.playground.door import Playground
from discord_bot.simulator.model import ModelEndpoint
from discord_bot.simulator.model.endpoint import SLOWNESS
from discord_bot.simulator.model.performance import THINKING
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world import changes
from discord_bot.simulator.world.permissions import Permission
from tests.simulator.small_bot import small_bot
from tests.simulator.test_playground import page

ALL = {
    *("slow-model", "cut-stream", "model-429", "discord-down", "discord-429", "gateway-lost"),
    *("no-webhooks", "no-writing", "no-history"),
}


@pytest.fixture
async def model() -> AsyncIterator[ModelEndpoint]:
    async with ModelEndpoint(pace=0.0) as model:
        yield model


@pytest.fixture
async def simulator(model: ModelEndpoint) -> AsyncIterator[Simulator]:
    simulator = Simulator(limits=False)
    Playground(simulator, model)
    async with simulator:
        yield simulator


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_every_page_is_told_what_is_on(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    """A switch holds for all pages; one sentence comes where there is no such trouble."""
    async with page(simulator, http, "ada") as ada, page(simulator, http, "kim") as kim:
        assert (await kim.hear("READY"))["troubles"] == dict.fromkeys(ALL, False)
        await ada.do("trouble", name="discord-down", on=True)
        assert (await kim.hear("READY"))["troubles"]["discord-down"] is True
        await kim.do("trouble", name="no-webhooks", on=True)
        await ada.do("end_troubles")
        while (await kim.hear("READY"))["troubles"] != dict.fromkeys(ALL, False):
            pass
        assert "did not understand" in (await ada.ask("trouble", name="earthquake", on=True))["error"]


async def ask(http: aiohttp.ClientSession, model: ModelEndpoint) -> tuple[int, str]:
    """The model's answer: its status, and its text as far as it came."""
    question: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hello"}], "stream": True}
    async with http.post(f"{model.base_url}/chat/completions", json=question) as response:
        text = b""
        try:
            async for chunk in response.content.iter_any():
                text += chunk
        except aiohttp.ClientPayloadError:
            return 0, text.decode()
        return response.status, text.decode()


async def test_the_models(simulator: Simulator, http: aiohttp.ClientSession, model: ModelEndpoint) -> None:
    """The stand-in is cut off, refuses, or is slow, also where a script says what comes next."""
    async with page(simulator, http, "ada") as ada:
        await ada.do("trouble", name="cut-stream", on=True)
        status, text = await ask(http, model)
        assert (status, "[DONE]" in text, "not " in text) == (0, False, True)
        await ada.do("trouble", name="cut-stream", on=False)
        await ada.do("trouble", name="model-429", on=True)
        assert [(await ask(http, model))[0] for _ in range(3)] == [429] * 3
        await ada.do("end_troubles")
        assert "[DONE]" in (await ask(http, model))[1]
        model.script.append("Aye.")
        model.pace = 0.001
        await ada.do("trouble", name="slow-model", on=True)
        began = asyncio.get_running_loop().time()
        assert "Aye." in (await ask(http, model))[1]
        assert asyncio.get_running_loop().time() - began >= model.pace * THINKING * SLOWNESS


async def test_discords(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    """The API answers 500, or each second request 429; the gateway breaks, lets nobody in, and the bot comes back."""
    url, headers = f"{simulator.api_url}/users/@me", {"Authorization": f"Bot {simulator.token}"}

    async def statuses() -> list[int]:
        found = []
        for _ in range(4):
            async with http.get(url, headers=headers) as response:
                found.append(response.status)
        return found

    async with page(simulator, http, "ada") as ada:
        await ada.do("trouble", name="discord-down", on=True)
        assert await statuses() == [500] * 4
        await ada.do("trouble", name="discord-down", on=False)
        await ada.do("trouble", name="discord-429", on=True)
        assert sorted(await statuses()) == [200, 200, 429, 429]
        await ada.do("end_troubles")
        assert await statuses() == [200] * 4
    async with small_bot(simulator), page(simulator, http, "ada") as ada:
        await ada.do("trouble", name="gateway-lost", on=True)
        while (await ada.hear("READY"))["bot"]["online"]:
            pass
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(simulator.gateway_url)
        await ada.do("trouble", name="gateway-lost", on=False)
        async with asyncio.timeout(30):  # discord.py waits longer each time
            while not simulator.gateway.is_heard:
                await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("no-webhooks", Permission.MANAGE_WEBHOOKS),
        ("no-writing", Permission.SEND_MESSAGES),
        ("no-history", Permission.READ_MESSAGE_HISTORY),
    ],
)
async def test_a_permission_less(
    simulator: Simulator, http: aiohttp.ClientSession, name: str, lost: Permission
) -> None:
    """The bot alone has lost it, in every channel; what else was set for it there stays."""
    world = simulator.world
    tavern, quiet = world.channel("tavern"), world.channel("quiet")
    changes.set_overwrite(world, tavern, world.bot, allow=Permission.PIN_MESSAGES, deny=Permission.ADD_REACTIONS)
    mo = world.user("mo")
    mos = world.permissions(mo.id, quiet)
    before = [world.permissions(world.bot.id, channel) for channel in (tavern, quiet)]
    async with page(simulator, http, "ada") as ada:
        await ada.do("trouble", name=name, on=True)
        for channel in world.channels.values():
            assert not world.may(world.bot.id, channel, lost)
        assert world.permissions(mo.id, quiet) == mos
        await ada.do("trouble", name=name, on=False)
    assert [world.permissions(world.bot.id, channel) for channel in (tavern, quiet)] == before
    assert tavern.overwrites[world.bot.id].deny == Permission.ADD_REACTIONS
