"""The gateway keeps Discord's protocol: sessions, resuming, heartbeats, close codes, compression, shards."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest

from discord_bot.simulator.gateway.sessions import REPLAY, CloseCode, Op
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world import changes
from discord_bot.simulator.world.entities import ApplicationFlag
from discord_bot.simulator.world.events import ALL_INTENTS, Intents
from tests.simulator.conftest import Client, connected


class Socket:
    """The gateway without a library."""

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse) -> None:
        self._websocket = websocket
        self._inflate = zlib.decompressobj()
        self.kinds: set[aiohttp.WSMsgType] = set()

    async def receive(self) -> dict[str, Any]:
        """The next message; AssertionError with the close code where the connection ended."""
        message = await self._websocket.receive(timeout=5)
        self.kinds.add(message.type)
        if message.type is aiohttp.WSMsgType.BINARY:
            assert message.data.endswith(b"\0\0\xff\xff")
            return dict(json.loads(self._inflate.decompress(message.data)))
        assert message.type is aiohttp.WSMsgType.TEXT, f"closed with {self._websocket.close_code}"
        return dict(json.loads(message.data))

    async def hear(self, t: str) -> dict[str, Any]:
        """The next dispatch of a name: the whole message."""
        while True:
            said = await self.receive()
            if said["t"] == t:
                return said

    async def hear_op(self, op: Op) -> dict[str, Any]:
        """The next message with an op code."""
        while True:
            said = await self.receive()
            if said["op"] == op:
                return said

    async def send(self, op: int, d: Any = None) -> None:
        await self._websocket.send_json({"op": op, "d": d})

    async def say(self, text: str) -> None:
        await self._websocket.send_str(text)

    async def closed_with(self) -> int | None:
        """The code that the gateway closes with; whatever it says before is dropped."""
        while True:
            message = await self._websocket.receive(timeout=5)
            if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING):
                return self._websocket.close_code

    async def close(self, code: int = 4000) -> None:
        await self._websocket.close(code=code)


class Door:
    """Opens sockets to one gateway."""

    def __init__(self, session: aiohttp.ClientSession, simulator: Simulator) -> None:
        self._session = session
        self._simulator = simulator

    @asynccontextmanager
    async def open(self, query: str = "v=10&encoding=json") -> AsyncIterator[Socket]:
        async with self._session.ws_connect(f"{self._simulator.gateway_url}/?{query}", max_msg_size=0) as websocket:
            yield Socket(websocket)

    def identity(self, **fields: Any) -> dict[str, Any]:
        return {"token": self._simulator.token, "intents": ALL_INTENTS.value, "properties": {}} | fields


@pytest.fixture
def door(session: aiohttp.ClientSession, simulator: Simulator) -> Door:
    return Door(session, simulator)


async def test_a_session_begins(simulator: Simulator, door: Door) -> None:
    """HELLO; after IDENTIFY, READY with the guilds unavailable; then each guild; heartbeats are acknowledged."""
    async with door.open() as socket:
        hello = await socket.receive()
        assert hello["op"] == Op.HELLO
        assert hello["d"]["heartbeat_interval"] == 41_250
        await socket.send(Op.HEARTBEAT, None)
        assert (await socket.receive())["op"] == Op.HEARTBEAT_ACK
        await socket.send(Op.IDENTIFY, door.identity())
        ready = await socket.receive()
        assert (ready["t"], ready["s"]) == ("READY", 1)
        d = ready["d"]
        assert d["v"] == 10
        assert d["resume_gateway_url"] == simulator.gateway_url
        assert d["application"]["id"] == str(simulator.world.application.id)
        assert [guild["unavailable"] for guild in d["guilds"]] == [True, True]
        created = [await socket.receive() for _ in d["guilds"]]
        assert [event["t"] for event in created] == ["GUILD_CREATE"] * 2
        assert [event["d"]["id"] for event in created] == [guild["id"] for guild in d["guilds"]]
        assert [event["s"] for event in created] == [2, 3]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ((Op.IDENTIFY, {"token": "wrong", "intents": 0}), CloseCode.AUTHENTICATION_FAILED),
        ((Op.IDENTIFY, {"intents": 0}), CloseCode.DECODE_ERROR),
        ((Op.IDENTIFY, {"token": "simulator-token"}), CloseCode.INVALID_INTENTS),
        ((Op.IDENTIFY, {"token": "simulator-token", "intents": 1 << 40}), CloseCode.INVALID_INTENTS),
        ((Op.IDENTIFY, {"token": "simulator-token", "intents": 0, "shard": [2, 2]}), CloseCode.INVALID_SHARD),
        ((Op.IDENTIFY, {"token": "simulator-token", "intents": 0, "shard": "0"}), CloseCode.INVALID_SHARD),
        ((Op.PRESENCE_UPDATE, {}), CloseCode.NOT_AUTHENTICATED),
        ((Op.RESUME, {"token": "wrong", "session_id": "x", "seq": 1}), CloseCode.AUTHENTICATION_FAILED),
        ((99, None), CloseCode.UNKNOWN_OPCODE),
    ],
)
async def test_what_is_wrong_ends_with_its_code(door: Door, said: tuple[int, Any], code: CloseCode) -> None:
    """The gateway closes on what it can't take, with the code that says why."""
    async with door.open() as socket:
        await socket.receive()
        await socket.send(*said)
        assert await socket.closed_with() == code


@pytest.mark.parametrize("text", ["{", "[]", "{}", json.dumps({"op": 1, "d": "x" * 5000})])
async def test_what_is_no_payload_is_a_decode_error(door: Door, text: str) -> None:
    """Broken JSON, JSON without an op, and more than 4,096 bytes."""
    async with door.open() as socket:
        await socket.say(text)
        assert await socket.closed_with() == CloseCode.DECODE_ERROR


@pytest.mark.parametrize("query", ["v=6&encoding=json", "v=10&encoding=etf"])
async def test_only_version_10_in_json(door: Door, query: str) -> None:
    """Another version or encoding is refused."""
    async with door.open(query) as socket:
        assert await socket.closed_with() == CloseCode.INVALID_API_VERSION


async def test_identifying_twice_and_too_many_messages(door: Door) -> None:
    """A second IDENTIFY is 4005; more than 120 messages in a minute are 4008."""
    async with door.open() as socket:
        await socket.send(Op.IDENTIFY, door.identity())
        await socket.send(Op.IDENTIFY, door.identity())
        assert await socket.closed_with() == CloseCode.ALREADY_AUTHENTICATED
    async with door.open() as socket:
        for _ in range(121):
            await socket.send(Op.HEARTBEAT, None)
        assert await socket.closed_with() == CloseCode.RATE_LIMITED


async def test_a_privileged_intent_that_is_off(simulator: Simulator, door: Door) -> None:
    """4014 for an intent that the application's flags don't have."""
    simulator.world.application.flags &= ~ApplicationFlag.GATEWAY_MESSAGE_CONTENT_LIMITED
    async with door.open() as socket:
        await socket.send(Op.IDENTIFY, door.identity())
        assert await socket.closed_with() == CloseCode.DISALLOWED_INTENTS


async def test_zlib_stream(simulator: Simulator, door: Door) -> None:
    """One zlib stream over all messages, each flushed; zstd, which isn't spoken, gets plain text."""
    async with door.open("v=10&encoding=json&compress=zlib-stream") as socket:
        await socket.send(Op.IDENTIFY, door.identity())
        await socket.hear("READY")
        await simulator.person("ada").send("general", "squeezed")
        assert (await socket.hear("MESSAGE_CREATE"))["d"]["content"] == "squeezed"
        assert socket.kinds == {aiohttp.WSMsgType.BINARY}
    async with door.open("v=10&encoding=json&compress=zstd-stream") as socket:
        assert (await socket.receive())["op"] == Op.HELLO
        assert socket.kinds == {aiohttp.WSMsgType.TEXT}


async def test_resuming_replays_what_was_missed(simulator: Simulator, door: Door) -> None:
    """What happened while the socket was away comes in order, then RESUMED; numbers go on."""
    async with door.open() as socket:
        await socket.send(Op.IDENTIFY, door.identity())
        ready = await socket.hear("READY")
        await simulator.person("ada").send("general", "heard")
        heard = await socket.hear("MESSAGE_CREATE")
        await socket.close()
    for number in range(3):
        await simulator.person("ada").send("general", f"missed {number}")
    resume = {"token": simulator.token, "session_id": ready["d"]["session_id"], "seq": heard["s"]}
    async with door.open() as socket:
        await socket.send(Op.RESUME, resume)
        missed = [await socket.hear("MESSAGE_CREATE") for _ in range(3)]
        assert [event["d"]["content"] for event in missed] == ["missed 0", "missed 1", "missed 2"]
        assert [event["s"] for event in missed] == [heard["s"] + number for number in (1, 2, 3)]
        assert (await socket.receive())["t"] == "RESUMED"
        await simulator.person("ada").send("general", "live")
        assert (await socket.hear("MESSAGE_CREATE"))["d"]["content"] == "live"
    assert simulator.gateway.sessions.begun == 1


async def test_resuming_in_vain(simulator: Simulator, door: Door) -> None:
    """Unknown, said goodbye, missed too much: such a session must begin anew; a strange number is 4007."""
    async with door.open() as socket:
        await socket.send(Op.RESUME, {"token": simulator.token, "session_id": "unknown", "seq": 1})
        assert (await socket.hear_op(Op.INVALID_SESSION))["d"] is False
        await socket.send(Op.IDENTIFY, door.identity())
        ready = await socket.hear("READY")
        await socket.close(1000)
    resume = {"token": simulator.token, "session_id": ready["d"]["session_id"], "seq": 1}
    async with door.open() as socket:
        await socket.send(Op.RESUME, resume)
        assert (await socket.hear_op(Op.INVALID_SESSION))["d"] is False
        await socket.send(Op.IDENTIFY, door.identity())
        ready = await socket.hear("READY")
        await socket.close()
    resume["session_id"] = ready["d"]["session_id"]
    async with door.open() as socket:
        await socket.send(Op.RESUME, resume | {"seq": 10_000})
        assert await socket.closed_with() == CloseCode.INVALID_SEQUENCE
    session = simulator.gateway.sessions.known[ready["d"]["session_id"]]
    for _ in range(REPLAY + 1):
        session.tell("TYPING_START", {})
    async with door.open() as socket:
        await socket.send(Op.RESUME, resume)
        assert (await socket.hear_op(Op.INVALID_SESSION))["d"] is False


async def test_intents_decide_what_is_told(simulator: Simulator, door: Door) -> None:
    """A session without an intent doesn't hear of it; what needs none comes always."""
    ada = simulator.person("ada")
    async with door.open() as socket:
        await socket.send(Op.IDENTIFY, door.identity(intents=(Intents.GUILDS | Intents.GUILD_MESSAGE_REACTIONS).value))
        await socket.hear("READY")
        sent = await ada.send("general", "not told")
        await ada.type("general")
        await ada.send(await ada.open_dm(), "not told either")
        await ada.react(sent, "👍")
        told: list[str] = []
        while not told or told[-1] != "MESSAGE_REACTION_ADD":
            told.append((await socket.receive())["t"])
        assert set(told) == {"GUILD_CREATE", "MESSAGE_REACTION_ADD"}


async def test_shards_have_their_own_guilds(simulator: Simulator, door: Door) -> None:
    """A guild is told on the shard that its id gives; what is in no guild on the first."""
    world = simulator.world
    changes.add_guild(world, "Third", world.user("ada"))
    simulator.dispatch(changes.add_member(world, world.guild("Third"), world.bot))
    guilds: set[str] = set()
    for number in range(2):
        async with door.open() as socket:
            await socket.send(Op.IDENTIFY, door.identity(shard=[number, 2]))
            mine = [guild["id"] for guild in (await socket.hear("READY"))["d"]["guilds"]]
            assert all((int(guild) >> 22) % 2 == number for guild in mine)
            guilds |= set(mine)
    assert guilds == {str(guild) for guild in world.guilds}


async def test_a_hidden_channel_is_not_heard(simulator: Simulator, door: Door) -> None:
    """Messages of channels and threads that the bot can't view aren't told."""
    world = simulator.world
    everyone = world.role(world.guild("Harbour").id, "@everyone")
    hidden = discord.Permissions.view_channel.flag
    simulator.dispatch(
        changes.set_overwrite(world, world.channel("tavern"), everyone, deny=type(everyone.permissions)(hidden))
    )
    ada = simulator.person("ada")
    async with door.open() as socket:
        await socket.send(Op.IDENTIFY, door.identity())
        await socket.hear("READY")
        await ada.send("tavern", "hidden")
        await ada.send("the long voyage", "hidden as well")
        await ada.send("general", "open")
        assert (await socket.hear("MESSAGE_CREATE"))["d"]["content"] == "open"


async def test_members_are_told_in_chunks(simulator: Simulator, door: Door) -> None:
    """A guild's members come a thousand at a time; without the intent, not all at once."""
    world = simulator.world
    guild = world.guild("Harbour")
    for number in range(1_500):
        changes.add_member(world, guild, changes.add_user(world, f"member{number}"))
    async with door.open() as socket:
        await socket.send(Op.IDENTIFY, door.identity(intents=(Intents.GUILDS | Intents.GUILD_MEMBERS).value))
        created = await socket.hear("GUILD_CREATE")
        assert len(created["d"]["members"]) == 1
        assert created["d"]["member_count"] == 1_506
        request = {"guild_id": str(guild.id), "query": "", "limit": 0, "nonce": "n"}
        await socket.send(Op.REQUEST_GUILD_MEMBERS, request)
        chunks = [(await socket.hear("GUILD_MEMBERS_CHUNK"))["d"] for _ in range(2)]
        assert [len(chunk["members"]) for chunk in chunks] == [1_000, 506]
        assert [(chunk["chunk_index"], chunk["chunk_count"], chunk["nonce"]) for chunk in chunks] == [
            (0, 2, "n"),
            (1, 2, "n"),
        ]
        await socket.send(Op.REQUEST_GUILD_MEMBERS, {"guild_id": str(guild.id), "user_ids": ["1"]})
        assert (await socket.hear("GUILD_MEMBERS_CHUNK"))["d"]["not_found"] == ["1"]


async def test_an_outage(simulator: Simulator, door: Door) -> None:
    """A guild that is unavailable is said to be, and nothing of it is told until it is back."""
    world = simulator.world
    guild = world.guild("Harbour")
    async with door.open() as socket:
        await socket.send(Op.IDENTIFY, door.identity())
        await socket.hear("READY")
        simulator.dispatch(changes.set_unavailable(world, guild))
        assert (await socket.hear("GUILD_DELETE"))["d"] == {"id": str(guild.id), "unavailable": True}
        await simulator.person("ada").send("general", "unheard")
        simulator.dispatch(changes.set_unavailable(world, guild, unavailable=False))
        assert (await socket.receive())["t"] == "GUILD_CREATE"


async def test_latency_keeps_the_order(simulator: Simulator, door: Door) -> None:
    """With latency everything is heard later, and in order."""
    simulator.gateway.latency = 0.1
    loop = asyncio.get_running_loop()
    async with door.open() as socket:
        await socket.send(Op.IDENTIFY, door.identity())
        await socket.hear("READY")
        began = loop.time()
        for number in range(5):
            await simulator.person("ada").send("general", str(number))
        heard = [(await socket.hear("MESSAGE_CREATE"))["d"]["content"] for _ in range(5)]
        assert heard == ["0", "1", "2", "3", "4"]
        assert loop.time() - began >= 0.1


# With discord.py: what a client does when its gateway misbehaves


async def _hears(simulator: Simulator, client: Client, text: str) -> discord.Message:
    heard = asyncio.create_task(client.wait_for("message", check=lambda message: message.content == text, timeout=15))
    await asyncio.sleep(0)
    await simulator.person("ada").send("general", text)
    message: discord.Message = await heard
    return message


@pytest.mark.parametrize("fault", ["drop", "reconnect", "resumable invalid session"])
async def test_a_client_resumes(simulator: Simulator, client: Client, fault: Any) -> None:
    """After a broken socket and after being asked to, a client resumes its session and has missed nothing."""
    resumed = asyncio.create_task(client.wait_for("resumed", timeout=15))
    missed = asyncio.create_task(client.wait_for("message", timeout=15))
    await asyncio.sleep(0)
    simulator.faults.gateway(fault)
    await simulator.person("ada").send("general", "while away")
    assert (await missed).content == "while away"
    await resumed
    await _hears(simulator, client, "back again")
    assert simulator.gateway.sessions.begun == 1


@pytest.mark.parametrize("faults", [["invalid session"], ["refuse resumes", "drop"]])
async def test_a_client_begins_anew(simulator: Simulator, client: Client, faults: list[Any]) -> None:
    """After an invalid session, or where resuming is refused, a client identifies again."""
    ready = asyncio.create_task(client.wait_for("ready", timeout=20))
    await asyncio.sleep(0)
    for fault in faults:
        simulator.faults.gateway(fault)
    await ready
    await _hears(simulator, client, "a new start")
    assert simulator.gateway.sessions.begun == 2


async def test_a_client_answers_a_heartbeat_that_is_asked_for(simulator: Simulator, client: Client) -> None:
    """The gateway may ask for a heartbeat, and is answered at once."""
    connection = next(iter(simulator.gateway.connections))
    before = len(connection.received)
    simulator.faults.gateway("heartbeat")
    async with asyncio.timeout(5):
        while len(connection.received) == before:
            await asyncio.sleep(0.01)
    assert client.latency < 5


async def test_heartbeats_that_are_not_acknowledged(simulator: Simulator, door: Door) -> None:
    """A gateway that has stopped to answer still lets one identify: what a zombie connection looks like."""
    simulator.faults.gateway("no heartbeat acks")
    async with door.open() as socket:
        await socket.receive()
        await socket.send(Op.HEARTBEAT, None)
        await socket.send(Op.IDENTIFY, door.identity())
        assert (await socket.receive())["t"] == "READY"
    simulator.faults.clear()
    async with door.open() as socket:
        await socket.receive()
        await socket.send(Op.HEARTBEAT, None)
        assert (await socket.receive())["op"] == Op.HEARTBEAT_ACK


async def test_several_sessions_hear_the_same(simulator: Simulator, client: Client) -> None:
    """Two clients of one bot both hear everything."""
    async with connected(simulator, Client()) as other:
        heard = asyncio.create_task(other.wait_for("message", timeout=5))
        await _hears(simulator, client, "to both")
        assert (await heard).content == "to both"
