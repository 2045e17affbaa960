"""What people and bots put on a message that is there: reactions, and a pin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord_bot.simulator.world import messages, payloads
from discord_bot.simulator.world.entities import Channel, Message, MessageType, Reference
from discord_bot.simulator.world.events import Event, Intents, in_channel
from discord_bot.simulator.world.permissions import Permission
from discord_bot.simulator.world.refusals import Because, Refusal
from discord_bot.simulator.world.snowflakes import timestamp

if TYPE_CHECKING:
    from discord_bot.simulator.world.world import World

REACTIONS = 20
"""Different emojis on one message."""

PINS = 250
"""Pinned messages in a channel."""


def react(world: World, who: int, channel: Channel, message: Message, emoji: str) -> list[Event]:
    """Add a reaction; a new emoji needs more permission than one that is there."""
    needed = Permission.READ_MESSAGE_HISTORY
    if emoji not in message.reactions:
        needed |= Permission.ADD_REACTIONS
        _require_emoji(emoji)
    world.require(who, channel, needed)
    users = message.reactions.get(emoji, [])
    if who in users:
        return []
    if emoji not in message.reactions and len(message.reactions) >= REACTIONS:
        raise Refusal(Because.TOO_MANY_REACTIONS)
    message.reactions[emoji] = [*users, who]
    d = _reaction(who, message, emoji) | {"message_author_id": str(message.author_id), "type": 0}
    if channel.guild_id is not None:
        d["member"] = payloads.member(world, world.member(channel.guild_id, who))
    return [_reaction_event("MESSAGE_REACTION_ADD", d, channel)]


def unreact(world: World, who: int, channel: Channel, message: Message, emoji: str, *, whose: int) -> list[Event]:
    """Take a reaction away: one's own, or anybody's for who manages messages."""
    world.require(who, channel, Permission.READ_MESSAGE_HISTORY if who == whose else Permission.MANAGE_MESSAGES)
    _require_emoji(emoji)
    if whose not in message.reactions.get(emoji, ()):
        return []
    message.reactions[emoji].remove(whose)
    if not message.reactions[emoji]:
        del message.reactions[emoji]
    return [_reaction_event("MESSAGE_REACTION_REMOVE", _reaction(whose, message, emoji) | {"type": 0}, channel)]


def clear(world: World, who: int, channel: Channel, message: Message, emoji: str | None = None) -> list[Event]:
    """Take all reactions away, or all of one emoji."""
    world.require(who, channel, Permission.MANAGE_MESSAGES)
    d: dict[str, Any] = {"channel_id": str(channel.id), "message_id": str(message.id)}
    if emoji is None:
        message.reactions.clear()
        return [_reaction_event("MESSAGE_REACTION_REMOVE_ALL", d, channel)]
    _require_emoji(emoji)
    message.reactions.pop(emoji, None)
    return [_reaction_event("MESSAGE_REACTION_REMOVE_EMOJI", d | {"emoji": payloads.emoji(emoji)}, channel)]


def _require_emoji(emoji: str) -> None:
    """Refuse what can't be an emoji: a word, or nothing. Whether a sign is one, Unicode's tables would have to say."""
    name, _, emoji_id = emoji.partition(":")
    if not (emoji_id.isdecimal() if emoji_id else (name and not name.isascii()) or name[-1:] == "\u20e3"):
        raise Refusal(Because.UNKNOWN_EMOJI)


def _reaction(who: int, message: Message, emoji: str) -> dict[str, Any]:
    return {
        "user_id": str(who),
        "channel_id": str(message.channel_id),
        "message_id": str(message.id),
        "emoji": payloads.emoji(emoji),
        "burst": False,
    }


def _reaction_event(name: str, d: dict[str, Any], channel: Channel) -> Event:
    return in_channel(name, d, channel, Intents.GUILD_MESSAGE_REACTIONS, Intents.DIRECT_MESSAGE_REACTIONS)


# Pins


def pin(world: World, who: int, channel: Channel, message: Message, *, pinned: bool) -> list[Event]:
    """Pin a message or let it go; pinning is told in the channel by a message of Discord's own."""
    world.require(who, channel, Permission.PIN_MESSAGES)
    if (message.pinned_at is not None) == pinned:
        return []
    if pinned and len(pins(world, channel)) >= PINS:
        raise Refusal(Because.TOO_MANY_PINS)
    message.pinned_at = world.now() if pinned else None
    if pinned:
        channel.last_pin_at = message.pinned_at
    events = [payloads.message_event(world, "MESSAGE_UPDATE", message)]
    last = None if channel.last_pin_at is None else timestamp(channel.last_pin_at)
    d: dict[str, Any] = {"channel_id": str(channel.id), "last_pin_timestamp": last}
    events.append(in_channel("CHANNEL_PINS_UPDATE", d, channel, Intents.GUILDS, Intents.DIRECT_MESSAGES))
    if pinned:
        notice = Message(world.new_id(), channel.id, who, type=MessageType.CHANNEL_PINNED_MESSAGE)
        notice.reference = Reference(channel.id, message.id, channel.guild_id)
        events += messages.post(world, notice, channel)
    return events


def pins(world: World, channel: Channel) -> list[Message]:
    """A channel's pinned messages, the one pinned last first."""
    pinned = [known for known in world.messages.get(channel.id, {}).values() if known.pinned_at is not None]
    return sorted(pinned, key=lambda message: message.pinned_at or 0.0, reverse=True)
