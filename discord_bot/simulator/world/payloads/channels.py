"""Channels, threads and direct conversations, and the events that tell of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord_bot.simulator.world.entities import Channel, ChannelType, Overwrite
from discord_bot.simulator.world.events import Event, Intents
from discord_bot.simulator.world.payloads.people import user
from discord_bot.simulator.world.snowflakes import id_text, timestamp

if TYPE_CHECKING:
    from discord_bot.simulator.world.world import World


def overwrite(overwrite: Overwrite) -> dict[str, Any]:
    """A channel's overwrite."""
    return {
        "id": str(overwrite.id),
        "type": int(overwrite.is_member),
        "allow": str(int(overwrite.allow)),
        "deny": str(int(overwrite.deny)),
    }


def channel(world: World, channel: Channel, *, viewer: int | None = None) -> dict[str, Any]:
    """A channel, a thread, or a direct conversation as `viewer` has it: the other one is its recipient."""
    payload: dict[str, Any] = {
        "id": str(channel.id),
        "type": int(channel.type),
        "last_message_id": id_text(channel.last_message_id),
        "flags": 0,
    }
    if channel.last_pin_at is not None:
        payload["last_pin_timestamp"] = timestamp(channel.last_pin_at)
    if channel.type is ChannelType.DM:
        viewer = world.application.bot_id if viewer is None else viewer
        payload["recipients"] = [user(world.users[one]) for one in channel.recipients if one != viewer]
        return payload
    if channel.type is ChannelType.GROUP_DM:
        owner = {"owner_id": str(channel.recipients[0]), "name": channel.name or None, "icon": None}
        return payload | owner | {"recipients": [user(world.users[one]) for one in channel.recipients if one != viewer]}
    payload |= {
        "guild_id": str(channel.guild_id),
        "name": channel.name,
        "parent_id": id_text(channel.parent_id),
        "rate_limit_per_user": channel.slowmode,
    }
    if channel.thread is not None:
        return payload | _thread(channel, viewer)
    payload |= {
        "topic": channel.topic,
        "position": channel.position,
        "nsfw": channel.nsfw,
        "permission_overwrites": [overwrite(known) for known in channel.overwrites.values()],
    }
    if channel.type in (ChannelType.GUILD_VOICE, ChannelType.GUILD_STAGE_VOICE):
        payload |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
    if channel.type is ChannelType.GUILD_FORUM:
        payload |= {"available_tags": [], "default_reaction_emoji": None, "default_sort_order": None}
    return payload


def _thread(channel: Channel, viewer: int | None) -> dict[str, Any]:
    state = channel.thread
    assert state is not None
    payload: dict[str, Any] = {
        "owner_id": str(state.owner_id),
        "thread_metadata": {
            "archived": state.archived,
            "archive_timestamp": timestamp(state.archived_at or state.created_at),
            "auto_archive_duration": state.auto_archive_duration,
            "locked": state.locked,
            "create_timestamp": timestamp(state.created_at),
        },
        "message_count": state.message_count,
        # Discord stops to count there. https://discord.com/developers/docs/resources/channel#channel-object
        "member_count": min(50, len(state.members)),
        "total_message_sent": state.total_message_sent,
    }
    if channel.type is ChannelType.PRIVATE_THREAD:
        payload["thread_metadata"]["invitable"] = state.invitable
    if viewer in state.members:
        payload["member"] = thread_member(channel, viewer)
    return payload


def thread_member(thread: Channel, user_id: int) -> dict[str, Any]:
    """Somebody's place in a thread."""
    assert thread.thread is not None
    return {
        "id": str(thread.id),
        "user_id": str(user_id),
        "join_timestamp": timestamp(thread.thread.members[user_id]),
        "flags": 0,
    }


def channel_event(world: World, name: str, channel_: Channel) -> Event:
    """CHANNEL_CREATE, CHANNEL_UPDATE or CHANNEL_DELETE. A guild's bots hear of every channel, hidden ones too."""
    return Event(name, channel(world, channel_), channel_.guild_id, intent=Intents.GUILDS)


def thread_event(world: World, name: str, thread: Channel, **more: Any) -> Event:
    """THREAD_CREATE or THREAD_UPDATE, as the bot sees the thread."""
    d = channel(world, thread, viewer=world.application.bot_id) | more
    return Event(name, d, thread.guild_id, thread.id, Intents.GUILDS)
