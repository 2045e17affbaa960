"""What the gateway can say, and to whom: an event with the facts that decide who may see it, and the intents.

https://discord.com/developers/docs/events/gateway#gateway-intents
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING, Any


class Intents(IntFlag):
    """Which events a session asks for."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_MODERATION = 1 << 2
    GUILD_EXPRESSIONS = 1 << 3
    GUILD_INTEGRATIONS = 1 << 4
    GUILD_WEBHOOKS = 1 << 5
    GUILD_INVITES = 1 << 6
    GUILD_VOICE_STATES = 1 << 7
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15
    GUILD_SCHEDULED_EVENTS = 1 << 16
    AUTO_MODERATION_CONFIGURATION = 1 << 20
    AUTO_MODERATION_EXECUTION = 1 << 21
    GUILD_MESSAGE_POLLS = 1 << 24
    DIRECT_MESSAGE_POLLS = 1 << 25


NO_INTENT = Intents(0)
ALL_INTENTS = Intents(sum(intent.value for intent in Intents))
PRIVILEGED_INTENTS = Intents.GUILD_MEMBERS | Intents.GUILD_PRESENCES | Intents.MESSAGE_CONTENT
"""Those that the application's owner must switch on; without that the gateway closes with 4014."""


if TYPE_CHECKING:
    from discord_bot.simulator.world.entities import Channel


@dataclass(frozen=True, slots=True)
class Event:
    """One dispatch: its name `t` and payload `d` as a bot with every intent would get them, and who may see it."""

    t: str
    d: dict[str, Any]
    guild_id: int | None = None
    channel_id: int | None = None
    """Only who may view this channel sees the event; None: the channel doesn't matter."""
    intent: Intents = NO_INTENT
    """The intent that a session needs; none: every session gets it."""
    audience: frozenset[int] | None = None
    """The only users who see it; None: decided by guild and channel alone."""

    @property
    def is_message(self) -> bool:
        """Whether `d` is a message, whose content the MESSAGE_CONTENT intent guards."""
        return self.t in ("MESSAGE_CREATE", "MESSAGE_UPDATE")


def in_channel(
    name: str,
    d: dict[str, Any],
    channel: Channel,
    guild_intent: Intents,
    direct_intent: Intents,
    audience: frozenset[int] | None = None,
) -> Event:
    """An event in a channel, which needs one intent in a guild and another one in a direct conversation."""
    if channel.guild_id is None:
        return Event(name, d, None, channel.id, direct_intent, audience)
    return Event(name, d | {"guild_id": str(channel.guild_id)}, channel.guild_id, channel.id, guild_intent, audience)
