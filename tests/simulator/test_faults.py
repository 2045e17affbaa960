"""What goes wrong on purpose goes wrong as its name says, so often as asked, and nowhere else."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import discord
import pytest

from discord_bot.simulator.server import Simulator
from tests.simulator.conftest import Api, Client


@pytest.fixture
def general(simulator: Simulator) -> str:
    return f"/channels/{simulator.world.channel('general').id}/messages"


@pytest.mark.parametrize("status", ["500", "502", "503", "429", "403", "401"])
async def test_a_status(simulator: Simulator, api: Api, general: str, status: Any) -> None:
    """The next requests on a route are answered so, and nothing is done; then all is well."""
    simulator.faults.rest(status, route="create_message", times=2, seconds=0.5)
    assert (await api("GET", general))[0] == 200
    for _ in range(2):
        found, body = await api("POST", general, {"content": "x"})
        assert found == int(status)
        assert isinstance(body, str) == (status in ("502", "503"))
        if status == "429":
            assert body["retry_after"] == 0.5
    assert simulator.messages("general") == []
    assert (await api("POST", general, {"content": "x"}))[0] == 200


async def test_a_ban_at_the_door(simulator: Simulator, client: Client) -> None:
    """A 429 that isn't Discord's own: discord.py doesn't wait for its end but gives up."""
    simulator.faults.rest("banned", route="create_message")
    with pytest.raises(discord.HTTPException) as refused:
        await client.text("general").send("x")
    assert refused.value.status == 429


async def test_a_method(simulator: Simulator, api: Api, general: str) -> None:
    """A fault can be for a method instead of a route; `clear` ends what is still to come."""
    simulator.faults.rest("500", method="POST", times=99)
    assert (await api("GET", general))[0] == 200
    assert (await api("POST", general, {"content": "x"}))[0] == 500
    simulator.faults.clear()
    assert (await api("POST", general, {"content": "x"}))[0] == 200


async def test_nothing(simulator: Simulator, api: Api, general: str) -> None:
    """A request that is never answered leaves the client waiting, and is in the log as such."""
    simulator.faults.rest("nothing")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(api("POST", general, {"content": "x"}), 0.2)
    assert simulator.messages("general") == []


@pytest.mark.parametrize("fault", ["drop", "truncated"])
async def test_a_broken_connection(simulator: Simulator, api: Api, general: str, fault: Any) -> None:
    """The connection ends before the answer, or in the middle of it when all is done."""
    simulator.faults.rest(fault)
    with pytest.raises(aiohttp.ClientError):
        await api("POST", general, {"content": "x"})
    assert len(simulator.messages("general")) == (1 if fault == "truncated" else 0)


async def test_slow(simulator: Simulator, api: Api, general: str) -> None:
    """Slow is done, and late."""
    simulator.faults.rest("slow", seconds=0.2)
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert (await api("POST", general, {"content": "x"}))[0] == 200
    assert loop.time() - began >= 0.2


async def test_a_create_that_is_lost_is_repeated_once(simulator: Simulator, client: Client) -> None:
    """500 to a create that worked: discord.py asks again with the same nonce, and the message stands there once."""
    simulator.faults.rest("lost", route="create_message")
    sent = await client.text("general").send("only once", nonce="n")
    assert [message["id"] for message in simulator.messages("general")] == [str(sent.id)]
    assert [request.status for request in simulator.requests if request.route == "create_message"] == [500, 200]


async def test_a_client_sees_server_errors(simulator: Simulator, client: Client) -> None:
    """discord.py tries 5xx five times before it gives up; here the second try is well."""
    simulator.faults.rest("502", route="create_message")
    await client.text("general").send("at last")
    simulator.faults.rest("403", route="create_message")
    with pytest.raises(discord.Forbidden):
        await client.text("general").send("no")
