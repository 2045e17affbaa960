"""The gateway: the websocket that a bot hears the world through, version 10, JSON.

Sockets only: what is said through them is the sessions' matter, in sessions.py. A session lives on while its socket is
away, and is resumed from where it was.

zlib-stream is spoken. Where zstd-stream is asked for, plain text frames are sent, which the clients that ask for it
read as well: the standard library has zstd only since Python 3.14.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import zlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import WSCloseCode, WSMsgType, web

from discord_bot.simulator.gateway.sessions import CannotResumeError, CloseCode, Closing, Op, Session, Sessions

if TYPE_CHECKING:
    from discord_bot.simulator.world.world import World

HEARTBEAT_INTERVAL = 41.25
"""Seconds between two heartbeats of a client."""

SILENCE = 1.5 * HEARTBEAT_INTERVAL
"""Seconds without a word after which a client is taken for gone (4009)."""

OUTBOX = 10_000
"""How many messages may wait for a client that doesn't read; with more of them it is let go."""

PAYLOAD_SIZE = 4_096
"""Bytes of one message from the client."""

MESSAGE_SIZE = 1024 * 1024
"""Bytes that are read of a message at all; one that is larger than PAYLOAD_SIZE is closed on with a reason."""

SENDS_PER_MINUTE = 120
"""Messages of a client in a minute, heartbeats counted."""

GOODBYE = 2.0
"""Seconds that a client is given to answer a close frame."""

_REASONS: dict[int, str] = {
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


@dataclass(eq=False)
class Connection:
    """One socket, and what waits to go out through it, each message with the moment when it may."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    compressor: Any
    latency: float
    acknowledges: bool = True
    """Whether heartbeats are answered."""
    session: Session | None = None
    outbox: asyncio.Queue[tuple[float, str]] = field(default_factory=lambda: asyncio.Queue(OUTBOX))
    received: deque[float] = field(default_factory=lambda: deque(maxlen=SENDS_PER_MINUTE))
    closing: int | None = None
    """The code that it is being closed with."""
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
            self.drop()

    def end(self, code: int) -> None:
        """Close the socket once what is queued has gone out."""
        self.closing = code
        with contextlib.suppress(asyncio.QueueFull):
            self.outbox.put_nowait((0.0, ""))

    def drop(self) -> None:
        """Let the connection break: nothing more is sent, no close frame either."""
        if self.transport is not None:
            self.transport.abort()

    def bind(self, session: Session) -> None:
        """Be the session's ear from now on."""
        self.session, session.listener = session, self.send_text

    def unbind(self, moment: float) -> None:
        """Let the session be without a socket, unless another one has it by now."""
        if self.session is not None and self.session.listener == self.send_text:
            self.session.listener, self.session.away_since = None, moment
        self.session = None

    def count(self) -> None:
        """Count a message of the client's, and refuse too many in a minute."""
        moment = asyncio.get_running_loop().time()
        if len(self.received) == SENDS_PER_MINUTE and moment - self.received[0] < 60:
            raise Closing(CloseCode.RATE_LIMITED)
        self.received.append(moment)

    async def write(self) -> None:
        """Send what is queued, in order, until the connection ends."""
        loop = asyncio.get_running_loop()
        # A client that has gone is noticed by the side that reads.
        with contextlib.suppress(ConnectionError, RuntimeError):
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
            code = self.closing or WSCloseCode.OK
            await self.socket.close(code=code, message=_REASONS.get(code, "").encode())


class Gateway:
    """The sockets of the application's bot."""

    def __init__(self, world: World, *, latency: float = 0.0) -> None:
        self._world = world
        self.sessions = Sessions(world)
        self.connections: set[Connection] = set()
        self.latency = latency
        """Seconds until a client hears what happens."""
        self.acknowledges = True
        """Whether connections made from now on are answered their heartbeats."""
        self.is_open = True
        """Whether anybody can connect."""

    @property
    def is_heard(self) -> bool:
        """Whether any client of the bot is connected and has begun a session."""
        return any(connection.session is not None for connection in self.connections)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One client's connection, from HELLO to its end."""
        if not self.is_open:
            return web.Response(status=503)
        socket = web.WebSocketResponse(timeout=GOODBYE, max_msg_size=MESSAGE_SIZE)
        await socket.prepare(request)
        compressor = zlib.compressobj() if request.query.get("compress") == "zlib-stream" else None
        connection = Connection(socket, request.transport, compressor, self.latency, self.acknowledges)
        connection.task = asyncio.current_task()
        self.connections.add(connection)
        writer = asyncio.create_task(connection.write())
        try:
            await self._converse(connection, request.query)
        except Closing as closing:
            connection.end(closing.code)
        finally:
            self.connections.discard(connection)
            connection.unbind(self._world.now())
            # What closes itself still has its last words and its close frame to send.
            await asyncio.wait([writer], timeout=GOODBYE if connection.closing else 0)
            writer.cancel()
        return socket

    async def _converse(self, connection: Connection, query: Mapping[str, str]) -> None:
        if query.get("v", "10") not in ("9", "10") or query.get("encoding", "json") != "json":
            raise Closing(CloseCode.INVALID_API_VERSION)
        connection.send(Op.HELLO, {"heartbeat_interval": int(HEARTBEAT_INTERVAL * 1000), "_trace": []})
        while True:
            try:
                message = await connection.socket.receive(timeout=SILENCE)
            except TimeoutError:
                raise Closing(CloseCode.SESSION_TIMED_OUT) from None
            if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
                self._left(connection, message.data if message.type is WSMsgType.CLOSE else None)
                return
            connection.count()
            self._hear(connection, *_read(message.data))

    def _left(self, connection: Connection, code: int | None) -> None:
        """A client that says goodbye (1000, 1001) ends its session; any other way it may come back to it."""
        if connection.session is not None and code in (WSCloseCode.OK, WSCloseCode.GOING_AWAY):
            self.sessions.known.pop(connection.session.id, None)

    def _hear(self, connection: Connection, op: object, d: Any) -> None:
        match op:
            case Op.HEARTBEAT:
                if connection.acknowledges:
                    connection.send(Op.HEARTBEAT_ACK, None)
            case Op.IDENTIFY | Op.RESUME if connection.session is not None:
                raise Closing(CloseCode.ALREADY_AUTHENTICATED)
            case Op.IDENTIFY:
                session = self.sessions.identify(d)
                connection.bind(session)
                self.sessions.welcome(session)
            case Op.RESUME:
                self._resume(connection, d)
            case Op.PRESENCE_UPDATE | Op.VOICE_STATE_UPDATE | Op.REQUEST_GUILD_MEMBERS | Op.REQUEST_SOUNDBOARD_SOUNDS:
                if connection.session is None:
                    raise Closing(CloseCode.NOT_AUTHENTICATED)
                if op == Op.REQUEST_GUILD_MEMBERS:
                    self.sessions.send_members(connection.session, d)
            case _:
                raise Closing(CloseCode.UNKNOWN_OPCODE)

    def _resume(self, connection: Connection, d: Any) -> None:
        try:
            session, missed = self.sessions.resume(d)
        except CannotResumeError:
            connection.send(Op.INVALID_SESSION, False)
            return
        for other in self.connections:
            if other.session is session:
                other.unbind(self._world.now())
                other.end(CloseCode.UNKNOWN_ERROR)
        for text in missed:
            connection.send_text(text)
        connection.bind(session)
        session.tell("RESUMED", {"_trace": []})

    # What happens to clients on purpose, and the end

    def drop(self) -> None:
        """Let every connection break without a word; the sessions can be resumed."""
        for connection in list(self.connections):
            connection.drop()

    def close(self, code: int) -> None:
        """Close every connection with a code; the sessions can be resumed."""
        for connection in list(self.connections):
            connection.end(code)

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
                self.sessions.known.pop(connection.session.id, None)
                connection.unbind(self._world.now())

    async def shut_down(self) -> None:
        """Close every connection, and wait until it is."""
        connections = list(self.connections)
        for connection in connections:
            connection.end(WSCloseCode.GOING_AWAY)
        tasks = [connection.task for connection in connections if connection.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=2 * GOODBYE)
        self.drop()


def _read(data: str | bytes) -> tuple[object, Any]:
    """A message's op code and what it says."""
    if len(data) <= PAYLOAD_SIZE:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            said = json.loads(data)
            return said["op"], said.get("d")
    raise Closing(CloseCode.DECODE_ERROR)
