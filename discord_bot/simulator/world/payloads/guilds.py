"""Guilds, and the event that shows a whole one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord_bot.simulator.world.entities import ChannelType, Guild
from discord_bot.simulator.world.events import Event, Intents
from discord_bot.simulator.world.payloads.channels import channel
from discord_bot.simulator.world.payloads.people import member, role
from discord_bot.simulator.world.snowflakes import id_text, timestamp

if TYPE_CHECKING:
    from discord_bot.simulator.world.world import World


def guild(world: World, guild: Guild) -> dict[str, Any]:
    """A guild as the REST API shows it."""
    text = next((known for known in world.channels_of(guild.id) if known.type is ChannelType.GUILD_TEXT), None)
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": None,
        "description": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": [],
        "banner": None,
        "owner_id": str(guild.owner_id),
        "application_id": None,
        "region": "us-east",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": id_text(text.id if text else None),
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 1,
        "roles": [role(known) for known in guild.roles.values()],
        "default_message_notifications": 1,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": None,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": guild.locale,
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
        "incidents_data": None,
    }


def guild_created(
    world: World, guild_: Guild, user_id: int, *, with_members: bool = False, joined: bool = False
) -> Event:
    """The event that shows one user a whole guild: at their start, when they join, and when an outage ends.

    Only with the presences intent does Discord show more members than the user themself; `with_members` says whether.
    What was there before is told apart from what was joined just now by an `unavailable` that is false.
    """
    shown = guild_.members.values() if with_members else [guild_.members[user_id]]
    threads = [
        channel(world, known, viewer=user_id)
        for known in world.threads_of(guild_.id)
        if known.thread and not known.thread.archived and world.permissions(user_id, known)
    ]
    d = guild(world, guild_) | {
        "joined_at": timestamp(guild_.members[user_id].joined_at),
        "large": False,
        "member_count": len(guild_.members),
        "voice_states": [],
        "members": [member(world, known) for known in shown],
        "channels": [channel(world, known) for known in world.channels_of(guild_.id)],
        "threads": threads,
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }
    if not joined:
        d["unavailable"] = False
    return Event("GUILD_CREATE", d, guild_.id, intent=Intents.GUILDS, audience=frozenset({user_id}))
