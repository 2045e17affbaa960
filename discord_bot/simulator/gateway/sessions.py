"""What a gateway session is, and what it is told: its intents, its shard, what its bot may see and whose text it reads.

No socket and no asyncio here: a session writes down what it is told, and hands it on to whoever listens.
https://discord.com/developers/docs/events/gateway
"""

from __future__ import annotations

import json
import secrets
from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from discord_bot.simulator.world import payloads
from discord_bot.simulator.world.entities import ApplicationFlag, Guild, Member
from discord_bot.simulator.world.events import ALL_INTENTS, PRIVILEGED_INTENTS, Event, Intents

if TYPE_CHECKING:
    from collections.abc import Callable

    from discord_bot.simulator.world.world import World

REPLAY = 1_000
"""How many events of a session are kept for a resume."""

SESSION_LIFETIME = 300.0
"""Seconds that a session waits for its client to come back."""

MEMBERS_PER_CHUNK = 1_000
"""Members in one GUILD_MEMBERS_CHUNK."""


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


_NEEDED_FLAGS = {
    Intents.GUILD_PRESENCES: ApplicationFlag.GATEWAY_PRESENCE | ApplicationFlag.GATEWAY_PRESENCE_LIMITED,
    Intents.GUILD_MEMBERS: ApplicationFlag.GATEWAY_GUILD_MEMBERS | ApplicationFlag.GATEWAY_GUILD_MEMBERS_LIMITED,
    Intents.MESSAGE_CONTENT: ApplicationFlag.GATEWAY_MESSAGE_CONTENT | ApplicationFlag.GATEWAY_MESSAGE_CONTENT_LIMITED,
}
"""Which of an application's flags switch a privileged intent on."""


class Closing(Exception):
    """The gateway ends a connection with this code."""

    def __init__(self, code: CloseCode) -> None:
        super().__init__(code.name)
        self.code = code


class CannotResumeError(Exception):
    """A session can't be resumed: the client has to begin a new one."""


@dataclass(eq=False, slots=True)
class Session:
    """One identified client: what it asked for, and what it was told lately."""

    intents: Intents
    shard: tuple[int, int]
    """Its number, and how many there are."""
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    sequence: int = 0
    sent: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=REPLAY))
    listener: Callable[[str], None] | None = None
    """Who passes on what it is told; None while its client is away."""
    away_since: float = 0.0
    """When its client was last there, in seconds since 1970."""

    def tell(self, t: str, d: dict[str, Any]) -> None:
        """Dispatch an event: to the listener if there is one, and kept for a resume."""
        self.sequence += 1
        text = json.dumps({"op": Op.DISPATCH, "t": t, "s": self.sequence, "d": d}, separators=(",", ":"))
        self.sent.append((self.sequence, text))
        if self.listener is not None:
            self.listener(text)

    def missed_since(self, sequence: int) -> list[str]:
        """What was told after `sequence`; CannotResumeError where that isn't kept any more."""
        if self.sequence - sequence > len(self.sent):
            raise CannotResumeError
        return [text for number, text in self.sent if number > sequence]

    def has_guild(self, guild_id: int | None) -> bool:
        """Whether a guild is this shard's; what is in no guild is the first one's."""
        number, count = self.shard
        return ((guild_id or 0) >> 22) % count == number


class Sessions:
    """All sessions of the application's bot."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.known: dict[str, Session] = {}
        self.resumable = True
        """Whether a session can be resumed at all; tests switch it off."""
        self.begun = 0
        """How many sessions were begun: a client that resumes doesn't begin one."""

    def deliver(self, event: Event) -> None:
        """Tell every session that may hear of an event."""
        oldest = self.world.now() - SESSION_LIFETIME
        for session in list(self.known.values()):
            if session.listener is None and session.away_since < oldest:
                del self.known[session.id]
            elif self._hears(session, event):
                session.tell(event.t, self._as_heard(session, event))

    def _hears(self, session: Session, event: Event) -> bool:
        if event.intent and not event.intent & session.intents:
            return False
        guild = self.world.guilds.get(event.guild_id or 0)
        if guild is not None and guild.unavailable and event.t != "GUILD_DELETE":
            return False
        return session.has_guild(event.guild_id) and self.world.sees(self.world.application.bot_id, event)

    def _as_heard(self, session: Session, event: Event) -> dict[str, Any]:
        if event.is_message and event.guild_id is not None and not session.intents & Intents.MESSAGE_CONTENT:
            return payloads.without_content(event.d, self.world.application.bot_id)
        return event.d

    def identify(self, d: Any) -> Session:
        """Begin a session for a client that proves who it is; it has been told nothing yet."""
        if not isinstance(d, dict) or not isinstance(d.get("token"), str):
            raise Closing(CloseCode.DECODE_ERROR)
        self._authenticate(d)
        session = Session(self._read_intents(d.get("intents")), _read_shard(d.get("shard")))
        session.away_since = self.world.now()
        self.known[session.id] = session
        self.begun += 1
        return session

    def resume(self, d: Any) -> tuple[Session, list[str]]:
        """The session that a client comes back to, and what it missed."""
        if not isinstance(d, dict):
            raise Closing(CloseCode.DECODE_ERROR)
        self._authenticate(d)
        session, heard = self.known.get(str(d.get("session_id"))), d.get("seq") or 0
        if session is None or not self.resumable:
            raise CannotResumeError
        if not isinstance(heard, int) or heard > session.sequence:
            raise Closing(CloseCode.INVALID_SEQUENCE)
        return session, session.missed_since(heard)

    def _authenticate(self, d: dict[str, Any]) -> None:
        if str(d.get("token")).removeprefix("Bot ") != self.world.application.token:
            raise Closing(CloseCode.AUTHENTICATION_FAILED)

    def _read_intents(self, wanted: object) -> Intents:
        if not isinstance(wanted, int) or isinstance(wanted, bool) or wanted & ~ALL_INTENTS.value:
            raise Closing(CloseCode.INVALID_INTENTS)
        intents = Intents(wanted)
        for intent in intents & PRIVILEGED_INTENTS:
            if not self.world.application.flags & _NEEDED_FLAGS[intent]:
                raise Closing(CloseCode.DISALLOWED_INTENTS)
        return intents

    def welcome(self, session: Session) -> None:
        """READY, then each guild of the shard as a GUILD_CREATE."""
        world, bot = self.world, self.world.bot
        mine = [guild for guild in world.guilds.values() if bot.id in guild.members and session.has_guild(guild.id)]
        session.tell("READY", self._ready(session, mine))
        if not session.intents & Intents.GUILDS:
            return
        # Members come along only with the presences intent, else the bot alone.
        # https://discord.com/developers/docs/events/gateway-events#guild-create
        with_members = bool(session.intents & Intents.GUILD_PRESENCES)
        for guild in mine:
            if not guild.unavailable:
                event = payloads.guild_created(world, guild, bot.id, with_members=with_members)
                session.tell(event.t, event.d)

    def _ready(self, session: Session, guilds: list[Guild]) -> dict[str, Any]:
        application = self.world.application
        return {
            "v": 10,
            "user": payloads.own_user(self.world.bot),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.world.gateway_url,
            "shard": list(session.shard),
            "application": {"id": str(application.id), "flags": int(application.flags)},
            "private_channels": [],
            "relationships": [],
            "presences": [],
            "user_settings": {},
            "user_settings_proto": "",
            "geo_ordered_rtc_regions": [],
            "guild_join_requests": [],
            "auth": {},
            "_trace": [],
        }

    def send_members(self, session: Session, d: Any) -> None:
        """Answer a request for a guild's members: all of them, by the start of their names, or by id."""
        if not isinstance(d, dict) or not str(d.get("guild_id")).isdecimal():
            raise Closing(CloseCode.DECODE_ERROR)
        guild = self.world.guilds.get(int(d["guild_id"]))
        if guild is None or self.world.application.bot_id not in guild.members or not session.has_guild(guild.id):
            return
        found, not_found = self._find_members(session, guild, d)
        chunks = [found[start : start + MEMBERS_PER_CHUNK] for start in range(0, len(found), MEMBERS_PER_CHUNK)]
        for index, chunk in enumerate(chunks or [[]]):
            told: dict[str, Any] = {
                "guild_id": str(guild.id),
                "members": [payloads.member(self.world, member) for member in chunk],
                "chunk_index": index,
                "chunk_count": max(1, len(chunks)),
            }
            told |= {"not_found": not_found} if not_found else {}
            told |= {"nonce": d["nonce"]} if d.get("nonce") else {}
            told |= {"presences": []} if d.get("presences") else {}
            session.tell("GUILD_MEMBERS_CHUNK", told)

    def _find_members(self, session: Session, guild: Guild, d: dict[str, Any]) -> tuple[list[Member], list[str]]:
        """The members asked for, and the ids that are nobody's. All at once needs the members intent."""
        members = guild.members
        if d.get("user_ids"):
            wanted = d["user_ids"] if isinstance(d["user_ids"], list) else [d["user_ids"]]
            ids = [int(one) for one in wanted if str(one).isdecimal()]
            return [members[one] for one in ids if one in members], [str(one) for one in ids if one not in members]
        query, limit = str(d.get("query") or "").lower(), int(d.get("limit") or 0)
        if not query and not limit and not session.intents & Intents.GUILD_MEMBERS:
            return [], []
        users = self.world.users
        found = [one for one in members.values() if users[one.user_id].username.lower().startswith(query)]
        return (found[:limit] if limit else found), []


def _read_shard(shard: object) -> tuple[int, int]:
    if shard is None:
        return (0, 1)
    match shard:
        case [int(number), int(count)] if 0 <= number < count:
            return number, count
    raise Closing(CloseCode.INVALID_SHARD)
