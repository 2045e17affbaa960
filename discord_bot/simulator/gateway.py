"""The gateway: the websocket that a bot hears the world through, version 10, JSON.

A session lives on while its socket is away, and is resumed from where it was. What a session is told is decided here:
its intents, its shard, what its bot may see, and whose content it may read. The world's state is only read.

zlib-stream is spoken; where zstd-stream is asked for, plain text frames are sent, which clients that ask for it read
too (the standard library has zstd only since 3.14).
https://discord.com/developers/docs/events/gateway
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import zlib
from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from aiohttp import WSCloseCode, WSMsgType, web

from . import payloads
from .entities import ApplicationFlag
from .events import ALL_INTENTS, PRIVILEGED_INTENTS, Event, Intents

if TYPE_CHECKING:
    from .world import World

HEARTBEAT_INTERVAL = 41.25
"""Seconds between two heartbeats of a client."""

SILENCE = 1.5 * HEARTBEAT_INTERVAL
"""Seconds without a word after which a client is taken for gone (4009)."""

REPLAY = 1_000
"""How many events of a session are kept for a resume."""

OUTBOX = 10_000
"""How many messages may wait for a client that doesn't read; with more of them it is let go."""

SESSIONS = 64
"""How many sessions are kept; the one that has been away for longest goes first."""

PAYLOAD_SIZE = 4_096
"""Bytes of one message from the client."""

MEMBERS_PER_CHUNK = 1_000
"""Members in one GUILD_MEMBERS_CHUNK."""

SENDS_PER_MINUTE = 120
"""Messages of a client in a minute, heartbeats counted."""


class Op(IntEnum):
    """What a gateway message is."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE_UPDATE = 3
    VOICE_STATE_UPDATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_GUILD_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11
    REQUEST_SOUNDBOARD_SOUNDS = 31


class CloseCode(IntEnum):
    """Why the gateway closes. https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway."""

    UNKNOWN_ERROR = 4000
    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQUENCE = 4007
    RATE_LIMITED = 4008
    SESSION_TIMED_OUT = 4009
    INVALID_SHARD = 4010
    INVALID_API_VERSION = 4012
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


_REASONS = {
    CloseCode.UNKNOWN_OPCODE: "Unknown opcode.",
    CloseCode.DECODE_ERROR: "Error while decoding payload.",
    CloseCode.NOT_AUTHENTICATED: "Not authenticated.",
    CloseCode.AUTHENTICATION_FAILED: "Authentication failed.",
    CloseCode.ALREADY_AUTHENTICATED: "Already authenticated.",
    CloseCode.INVALID_SEQUENCE: "Invalid seq.",
    CloseCode.RATE_LIMITED: "Rate limited.",
    CloseCode.SESSION_TIMED_OUT: "Session timed out.",
    CloseCode.INVALID_SHARD: "Invalid shard.",
    CloseCode.INVALID_API_VERSION: "Invalid API version.",
    CloseCode.INVALID_INTENTS: "Invalid intent(s).",
    CloseCode.DISALLOWED_INTENTS: "Disallowed intent(s).",
}

_NEEDED_FLAGS = {
    Intents.GUILD_PRESENCES: ApplicationFlag.GATEWAY_PRESENCE | ApplicationFlag.GATEWAY_PRESENCE_LIMITED,
    Intents.GUILD_MEMBERS: ApplicationFlag.GATEWAY_GUILD_MEMBERS | ApplicationFlag.GATEWAY_GUILD_MEMBERS_LIMITED,
    Intents.MESSAGE_CONTENT: ApplicationFlag.GATEWAY_MESSAGE_CONTENT | ApplicationFlag.GATEWAY_MESSAGE_CONTENT_LIMITED,
}


class Closing(Exception):  # noqa: N818 - the end of a connection, not an error of this program
    """The gateway ends a connection with this code."""

    def __init__(self, code: CloseCode) -> None:
        super().__init__(code.name)
        self.code = code


@dataclass(eq=False)
class Session:
    """One identified client: what it asked for, and what it was told lately."""

    id: str
    intents: Intents
    shard: tuple[int, int]
    sequence: int = 0
    sent: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=REPLAY))
    connection: Connection | None = None

    def tell(self, t: str, d: dict[str, Any]) -> None:
        """Dispatch an event: to the socket if there is one, and kept for a resume."""
        self.sequence += 1
        text = json.dumps({"op": Op.DISPATCH, "t": t, "s": self.sequence, "d": d}, separators=(",", ":"))
        self.sent.append((self.sequence, text))
        if self.connection is not None:
            self.connection.send_text(text)

    def has_guild(self, guild_id: int | None) -> bool:
        """Whether a guild is this shard's; what is in no guild is the first one's."""
        number, count = self.shard
        return ((guild_id or 0) >> 22) % count == number


@dataclass(eq=False)
class Connection:
    """One socket, and what waits to go out through it, each message with the moment when it may."""

    socket: web.WebSocketResponse
    compressor: Any
    latency: float
    session: Session | None = None
    outbox: asyncio.Queue[tuple[float, str]] = field(default_factory=lambda: asyncio.Queue(OUTBOX))
    received: deque[float] = field(default_factory=lambda: deque(maxlen=SENDS_PER_MINUTE))
    acknowledges: bool = True
    closing: tuple[int, bytes] | None = None
    task: asyncio.Task[None] | None = None

    def send(self, op: Op, d: Any) -> None:
        """Queue a message that isn't an event."""
        self.send_text(json.dumps({"op": op, "t": None, "s": None, "d": d}, separators=(",", ":")))

    def send_text(self, text: str) -> None:
        """Queue a message as it is."""
        due = asyncio.get_running_loop().time() + self.latency
        try:
            self.outbox.put_nowait((due, text))
        except asyncio.QueueFull:
            self.end(CloseCode.UNKNOWN_ERROR)

    def end(self, code: int, reason: str = "") -> None:
        """Close the socket once what is queued has gone out."""
        self.closing = (code, reason.encode())
        with contextlib.suppress(asyncio.QueueFull):
            self.outbox.put_nowait((0.0, ""))

    def drop(self) -> None:
        """Let the connection break: nothing more is sent, no close frame either."""
        transport = self.socket._req.transport if self.socket._req else None  # noqa: SLF001 - aiohttp has no other way
        if transport is not None:
            transport.abort()

    async def write(self) -> None:
        """Send what is queued, in order, until the connection ends."""
        loop = asyncio.get_running_loop()
        while True:
            due, text = await self.outbox.get()
            if due > loop.time():
                await asyncio.sleep(due - loop.time())
            if not text:
                break
            if self.compressor is None:
                await self.socket.send_str(text)
            else:
                data = self.compressor.compress(text.encode()) + self.compressor.flush(zlib.Z_SYNC_FLUSH)
                await self.socket.send_bytes(data)
        code, reason = self.closing or (WSCloseCode.OK, b"")
        await self.socket.close(code=code, message=reason)


class Gateway:
    """All sessions of the application's bot, and the sockets that they are connected through."""

    def __init__(self, world: World, *, latency: float = 0.0) -> None:
        self.world = world
        self.latency = latency
        """Seconds until what happens is heard."""
        self.url = ""
        """Its own address, which READY gives for resuming."""
        self.refuse_resumes = False
        self.acknowledge_heartbeats = True
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self.identifies = 0
        """How often a session was begun: a client that resumes doesn't begin one."""

    # What the world tells

    def deliver(self, event: Event) -> None:
        """Tell every session that may hear of an event."""
        for session in list(self.sessions.values()):
            if self._hears(session, event):
                session.tell(event.t, self._as_heard(session, event))

    def _hears(self, session: Session, event: Event) -> bool:
        if event.intent and not event.intent & session.intents:
            return False
        if event.guild_id is not None:
            guild = self.world.guilds.get(event.guild_id)
            if guild is not None and guild.unavailable and event.t != "GUILD_DELETE":
                return False
        return session.has_guild(event.guild_id) and self.world.sees(self.world.application.bot_id, event)

    def _as_heard(self, session: Session, event: Event) -> dict[str, Any]:
        if event.is_message and event.guild_id is not None and not session.intents & Intents.MESSAGE_CONTENT:
            return payloads.without_content(event.d, self.world.application.bot_id)
        return event.d

    # One connection

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One client's connection, from HELLO to its end."""
        socket = web.WebSocketResponse(max_msg_size=1 << 20, autoclose=True)
        await socket.prepare(request)
        compressor = zlib.compressobj() if request.query.get("compress") == "zlib-stream" else None
        connection = Connection(socket, compressor, self.latency, acknowledges=self.acknowledge_heartbeats)
        connection.task = asyncio.current_task()
        self.connections.add(connection)
        writer = asyncio.create_task(self._write(connection))
        try:
            if request.query.get("v", "10") not in ("9", "10") or request.query.get("encoding", "json") != "json":
                raise Closing(CloseCode.INVALID_API_VERSION)
            connection.send(Op.HELLO, {"heartbeat_interval": int(HEARTBEAT_INTERVAL * 1000), "_trace": []})
            await self._read(connection)
        except Closing as closing:
            connection.end(closing.code, _REASONS.get(closing.code, ""))
            await writer
        finally:
            self.connections.discard(connection)
            if connection.session is not None and connection.session.connection is connection:
                connection.session.connection = None
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
            if not socket.closed:
                await socket.close()
        return socket

    @staticmethod
    async def _write(connection: Connection) -> None:
        with contextlib.suppress(ConnectionError, RuntimeError):  # the client has gone; the reading side notices too
            await connection.write()

    async def _read(self, connection: Connection) -> None:
        while True:
            try:
                message = await connection.socket.receive(timeout=SILENCE)
            except TimeoutError:
                raise Closing(CloseCode.SESSION_TIMED_OUT) from None
            if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
                self._left(connection, message.data if message.type is WSMsgType.CLOSE else None)
                return
            self._count(connection)
            try:
                if len(message.data) > PAYLOAD_SIZE:
                    raise Closing(CloseCode.DECODE_ERROR)
                said = json.loads(message.data)
                op, d = said["op"], said.get("d")
            except (ValueError, KeyError, TypeError):
                raise Closing(CloseCode.DECODE_ERROR) from None
            self._hear(connection, op, d)

    def _left(self, connection: Connection, code: int | None) -> None:
        """A client that says goodbye (1000, 1001) ends its session; any other way it may come back to it."""
        if connection.session is not None and code in (WSCloseCode.OK, WSCloseCode.GOING_AWAY):
            self.sessions.pop(connection.session.id, None)

    @staticmethod
    def _count(connection: Connection) -> None:
        moment = asyncio.get_running_loop().time()
        if len(connection.received) == SENDS_PER_MINUTE and moment - connection.received[0] < 60:
            raise Closing(CloseCode.RATE_LIMITED)
        connection.received.append(moment)

    def _hear(self, connection: Connection, op: object, d: Any) -> None:
        match op:
            case Op.HEARTBEAT:
                if connection.acknowledges:
                    connection.send(Op.HEARTBEAT_ACK, None)
            case Op.IDENTIFY:
                self._identify(connection, d)
            case Op.RESUME:
                self._resume(connection, d)
            case Op.PRESENCE_UPDATE | Op.VOICE_STATE_UPDATE | Op.REQUEST_GUILD_MEMBERS | Op.REQUEST_SOUNDBOARD_SOUNDS:
                if connection.session is None:
                    raise Closing(CloseCode.NOT_AUTHENTICATED)
                if op == Op.REQUEST_GUILD_MEMBERS:
                    self._send_members(connection.session, d)
            case _:
                raise Closing(CloseCode.UNKNOWN_OPCODE)

    # Sessions

    def _identify(self, connection: Connection, d: Any) -> None:
        if connection.session is not None:
            raise Closing(CloseCode.ALREADY_AUTHENTICATED)
        if not isinstance(d, dict) or not isinstance(d.get("token"), str):
            raise Closing(CloseCode.DECODE_ERROR)
        if d["token"].removeprefix("Bot ") != self.world.application.token:
            raise Closing(CloseCode.AUTHENTICATION_FAILED)
        session = Session(secrets.token_hex(16), self._intents(d.get("intents")), _shard(d.get("shard")))
        self.identifies += 1
        self._bind(connection, session)
        self._make_room()
        self.sessions[session.id] = session
        self._welcome(session)

    def _intents(self, wanted: object) -> Intents:
        if not isinstance(wanted, int) or isinstance(wanted, bool) or wanted & ~ALL_INTENTS.value:
            raise Closing(CloseCode.INVALID_INTENTS)
        intents = Intents(wanted)
        for intent in intents & PRIVILEGED_INTENTS:
            if not self.world.application.flags & _NEEDED_FLAGS[intent]:
                raise Closing(CloseCode.DISALLOWED_INTENTS)
        return intents

    @staticmethod
    def _bind(connection: Connection, session: Session) -> None:
        if session.connection is not None:
            session.connection.end(CloseCode.UNKNOWN_ERROR)
        connection.session, session.connection = session, connection

    def _make_room(self) -> None:
        away = [known for known in self.sessions.values() if known.connection is None]
        for session in away[: max(0, len(self.sessions) + 1 - SESSIONS)]:
            del self.sessions[session.id]

    def _welcome(self, session: Session) -> None:
        """READY, then each guild of the shard as a GUILD_CREATE."""
        world, bot = self.world, self.world.bot
        mine = [guild for guild in world.guilds.values() if bot.id in guild.members and session.has_guild(guild.id)]
        session.tell(
            "READY",
            {
                "v": 10,
                "user": payloads.own_user(bot),
                "guilds": [{"id": str(guild.id), "unavailable": True} for guild in mine],
                "session_id": session.id,
                "session_type": "normal",
                "resume_gateway_url": self.url,
                "shard": list(session.shard),
                "application": {"id": str(world.application.id), "flags": int(world.application.flags)},
                "private_channels": [],
                "relationships": [],
                "presences": [],
                "user_settings": {},
                "user_settings_proto": "",
                "geo_ordered_rtc_regions": [],
                "guild_join_requests": [],
                "auth": {},
                "_trace": [],
            },
        )
        if not session.intents & Intents.GUILDS:
            return
        # Members come along only with the presences intent, else the bot alone.
        # https://discord.com/developers/docs/events/gateway-events#guild-create
        with_members = bool(session.intents & Intents.GUILD_PRESENCES)
        for guild in mine:
            if not guild.unavailable:
                event = payloads.guild_created(world, guild, bot.id, with_members=with_members)
                session.tell(event.t, event.d)

    def _resume(self, connection: Connection, d: Any) -> None:
        if connection.session is not None:
            raise Closing(CloseCode.ALREADY_AUTHENTICATED)
        if not isinstance(d, dict):
            raise Closing(CloseCode.DECODE_ERROR)
        if str(d.get("token")).removeprefix("Bot ") != self.world.application.token:
            raise Closing(CloseCode.AUTHENTICATION_FAILED)
        session = self.sessions.get(str(d.get("session_id")))
        heard = d.get("seq") or 0
        if session is not None and (not isinstance(heard, int) or heard > session.sequence):
            raise Closing(CloseCode.INVALID_SEQUENCE)
        if session is None or self.refuse_resumes or session.sequence - heard > len(session.sent):
            connection.send(Op.INVALID_SESSION, False)  # noqa: FBT003 - the wire's own word
            return
        self._bind(connection, session)
        for sequence, text in session.sent:
            if sequence > heard:
                connection.send_text(text)
        session.tell("RESUMED", {"_trace": []})

    def _send_members(self, session: Session, d: Any) -> None:
        """Answer a request for a guild's members: all of them, by the start of their names, or by id."""
        if not isinstance(d, dict) or not str(d.get("guild_id")).isdecimal():
            raise Closing(CloseCode.DECODE_ERROR)
        guild = self.world.guilds.get(int(d["guild_id"]))
        if guild is None or self.world.application.bot_id not in guild.members or not session.has_guild(guild.id):
            return
        not_found: list[str] = []
        if d.get("user_ids"):
            wanted = d["user_ids"] if isinstance(d["user_ids"], list) else [d["user_ids"]]
            found = [guild.members[int(one)] for one in wanted if int(one) in guild.members]
            not_found = [str(one) for one in wanted if int(one) not in guild.members]
        else:
            query, limit = str(d.get("query") or "").lower(), int(d.get("limit") or 0)
            if not query and not limit and not session.intents & Intents.GUILD_MEMBERS:
                return
            users = self.world.users
            found = [one for one in guild.members.values() if users[one.user_id].username.lower().startswith(query)]
            found = found[:limit] if limit else found
        chunks = [found[start : start + MEMBERS_PER_CHUNK] for start in range(0, len(found), MEMBERS_PER_CHUNK)] or [[]]
        for index, chunk in enumerate(chunks):
            told: dict[str, Any] = {
                "guild_id": str(guild.id),
                "members": [payloads.member(self.world, member) for member in chunk],
                "chunk_index": index,
                "chunk_count": len(chunks),
            }
            told |= {"not_found": not_found} if not_found else {}
            told |= {"nonce": d["nonce"]} if d.get("nonce") else {}
            told |= {"presences": []} if d.get("presences") else {}
            session.tell("GUILD_MEMBERS_CHUNK", told)

    # What goes wrong on purpose, and the end

    def drop(self) -> None:
        """Let every connection break without a word; the sessions can be resumed."""
        for connection in list(self.connections):
            connection.drop()

    def close(self, code: int) -> None:
        """Close every connection with a code; the sessions can be resumed."""
        for connection in list(self.connections):
            connection.end(code, _REASONS.get(code, "") if code in list(CloseCode) else "")  # type: ignore[call-overload]

    def ask_to_reconnect(self) -> None:
        """Send RECONNECT to every client."""
        for connection in self.connections:
            connection.send(Op.RECONNECT, None)

    def ask_for_heartbeat(self) -> None:
        """Send HEARTBEAT to every client, which answers with its own at once."""
        for connection in self.connections:
            connection.send(Op.HEARTBEAT, None)

    def invalidate(self, *, resumable: bool = False) -> None:
        """Send INVALID_SESSION to every client; unless it is resumable, the sessions are forgotten."""
        for connection in self.connections:
            connection.send(Op.INVALID_SESSION, resumable)
            if connection.session is not None and not resumable:
                self.sessions.pop(connection.session.id, None)
                connection.session = None

    async def shut_down(self) -> None:
        """Close every connection and wait until it is."""
        connections = list(self.connections)
        for connection in connections:
            connection.end(WSCloseCode.GOING_AWAY)
        tasks = [connection.task for connection in connections if connection.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=2)
        for connection in list(self.connections):
            connection.drop()


def _shard(shard: object) -> tuple[int, int]:
    """A client's shard: its number and how many there are."""
    if shard is None:
        return (0, 1)
    if not isinstance(shard, list) or len(shard) != 2 or not all(isinstance(part, int) for part in shard):
        raise Closing(CloseCode.INVALID_SHARD)
    number, count = shard
    if not 0 <= number < count:
        raise Closing(CloseCode.INVALID_SHARD)
    return number, count
