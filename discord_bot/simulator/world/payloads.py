"""What things look like on the wire: each record as the JSON object that Discord's API v10 sends for it.

Shapes only. What may be seen by whom is decided elsewhere; `viewer` is the user for whom `me` in reactions is meant.
The tests hold these shapes against Discord's own OpenAPI description. The file is long because Discord's objects have
many fields; it decides nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from discord_bot.simulator.world.entities import (
    Application,
    Attachment,
    Channel,
    ChannelType,
    Emoji,
    Guild,
    Interaction,
    Member,
    Message,
    MessageFlag,
    MessageType,
    Overwrite,
    Role,
    User,
    Webhook,
)
from discord_bot.simulator.world.events import Event, Intents
from discord_bot.simulator.world.snowflakes import snowflake_time, timestamp
from discord_bot.simulator.world.specials import SILENCE

if TYPE_CHECKING:
    from discord_bot.simulator.world.world import World

LOCAL_FILE = "attachment://"
"""How an embed names a file of its own message."""
LINK_LIFETIME = 24 * 60 * 60
"""Seconds that a signed attachment link lasts. https://discord.com/developers/docs/reference#signed-attachment-cdn-urls"""


def _id(snowflake: int | None) -> str | None:
    return None if snowflake is None else str(snowflake)


def _time(moment: float | None) -> str | None:
    return None if moment is None else timestamp(moment)


def user(user: User) -> dict[str, Any]:
    """A user as anybody sees them."""
    payload: dict[str, Any] = {
        "id": str(user.id),
        "username": user.username,
        "avatar": user.avatar,
        "discriminator": "0",
        "public_flags": 0,
        "flags": 0,
        "global_name": user.global_name,
        "banner": None,
        "accent_color": None,
        "avatar_decoration_data": None,
        "collectibles": None,
        "primary_guild": None,
    }
    if user.bot:
        # A bot has kept its four digits. https://discord.com/developers/docs/change-log#unique-usernames-on-discord
        payload |= {"bot": True, "discriminator": f"{user.id % 9999 + 1:04}"}
    return payload


def own_user(user_: User) -> dict[str, Any]:
    """A user as they see themselves."""
    return user(user_) | {"mfa_enabled": True, "locale": user_.locale, "verified": True, "email": None, "bio": ""}


def application(world: World, application: Application) -> dict[str, Any]:
    """The application as its own bot sees it."""
    return {
        "id": str(application.id),
        "name": application.name,
        "icon": None,
        "description": application.description,
        "type": None,
        "bot": user(world.users[application.bot_id]),
        "bot_public": application.public,
        "bot_require_code_grant": False,
        "verify_key": f"{application.id:064x}",
        "flags": int(application.flags),
        "flags_new": str(int(application.flags)),
        "tags": [],
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user(world.users[application.owner_id]),
        "approximate_guild_count": sum(application.bot_id in guild.members for guild in world.guilds.values()),
        "approximate_user_install_count": len(application.installed_by),
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
        "integration_types_config": {"0": {}, "1": {}} if application.user_installable else {"0": {}},
    }


def role(role: Role) -> dict[str, Any]:
    """A guild's role."""
    payload: dict[str, Any] = {
        "id": str(role.id),
        "name": role.name,
        "description": None,
        "permissions": str(int(role.permissions)),
        "position": role.position,
        "color": role.color,
        "colors": {"primary_color": role.color, "secondary_color": None, "tertiary_color": None},
        "hoist": role.hoist,
        "managed": role.managed_by is not None,
        "mentionable": role.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    if role.managed_by is not None:
        payload["tags"] = {"bot_id": str(role.managed_by)}
    return payload


def member(world: World, member: Member, *, with_user: bool = True) -> dict[str, Any]:
    """A guild's member; on a message, without the user."""
    payload: dict[str, Any] = {
        "avatar": member.avatar,
        "banner": member.banner,
        "communication_disabled_until": _time(member.timed_out_until),
        "flags": 0,
        "joined_at": timestamp(member.joined_at),
        "nick": member.nick,
        "pending": False,
        "premium_since": None,
        "roles": [str(role_id) for role_id in member.roles],
        "mute": False,
        "deaf": False,
    }
    if with_user:
        payload["user"] = user(world.users[member.user_id])
    return payload


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
        "system_channel_id": _id(text.id if text else None),
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
        "last_message_id": _id(channel.last_message_id),
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
        "parent_id": _id(channel.parent_id),
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


def attachment(world: World, attachment: Attachment) -> dict[str, Any]:
    """A file on a message; its link bears the marks of a signed one."""
    made = int(snowflake_time(attachment.id))
    path = f"/attachments/{attachment.channel_id}/{attachment.id}/{quote(attachment.filename)}"
    url = f"{world.cdn_url}{path}?ex={made + LINK_LIFETIME:x}&is={made:x}&hm={attachment.id:064x}&"
    payload: dict[str, Any] = {
        "id": str(attachment.id),
        "filename": attachment.filename,
        "size": attachment.size,
        "url": url,
        "proxy_url": url,
    }
    if attachment.content_type is not None:
        payload["content_type"] = attachment.content_type
    if attachment.description is not None:
        payload["description"] = attachment.description
    if attachment.dimensions is not None:
        payload["width"], payload["height"] = attachment.dimensions
    if attachment.ephemeral:
        payload["ephemeral"] = True
    if attachment.voice_seconds is not None:
        payload |= {"duration_secs": attachment.voice_seconds, "waveform": SILENCE}
    return payload


def _with_pictures(
    embeds: list[dict[str, Any]], files: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], frozenset[str]]:
    """The embeds with their `attachment://` addresses resolved, and the names of the files that are shown like that.

    Such a file is no longer listed among the attachments.
    https://discord.com/developers/docs/reference#editing-message-attachments-using-attachments-within-embeds
    """
    named = {file["filename"]: file for file in files}
    used: set[str] = set()
    shown = []
    for embed in embeds:
        resolved = dict(embed)
        for key in ("image", "thumbnail"):
            name = str(embed.get(key, {}).get("url", "")).removeprefix(LOCAL_FILE)
            if name in named and embed[key]["url"].startswith(LOCAL_FILE):
                file = named[name]
                size = {side: file[side] for side in ("width", "height") if side in file}
                resolved[key] = embed[key] | {"url": file["url"], "proxy_url": file["proxy_url"]} | size
                used.add(name)
        shown.append(resolved)
    return shown, frozenset(used)


def emoji(key: str) -> dict[str, Any]:
    """A reaction's emoji: Unicode's has no id."""
    name, _, emoji_id = key.partition(":")
    return {"id": emoji_id or None, "name": name}


def _author(world: World, message: Message) -> dict[str, Any]:
    if message.webhook_id is None or message.webhook_id == message.application_id:
        return user(world.users[message.author_id])
    ghost = User(message.webhook_id, message.webhook_name, bot=True, avatar=message.webhook_avatar)
    return user(ghost) | {"discriminator": "0000"}


def message(world: World, message_: Message, *, viewer: int | None = None) -> dict[str, Any]:
    """A message as the REST API shows it."""
    payload = _basic_message(world, message_, viewer)
    # A system message that points to the start of a thread has no copy of it; a reply and a thread's start have one.
    if message_.reference and message_.type in (MessageType.REPLY, MessageType.THREAD_STARTER_MESSAGE):
        reference = message_.reference
        found = world.messages.get(reference.channel_id, {}).get(reference.message_id or 0)
        payload["referenced_message"] = _basic_message(world, found, viewer) if found else None
    return payload


def _basic_message(world: World, message: Message, viewer: int | None) -> dict[str, Any]:
    viewer = world.application.bot_id if viewer is None else viewer
    files = [attachment(world, known) for known in message.attachments]
    embeds, shown_in_embeds = _with_pictures(message.embeds, files)
    payload: dict[str, Any] = {
        "type": int(message.type),
        "content": message.content,
        "mentions": [user(world.users[one]) for one in message.mentions],
        "mention_roles": [str(role_id) for role_id in message.mention_roles],
        "attachments": [each for each in files if each["filename"] not in shown_in_embeds],
        "embeds": embeds,
        "timestamp": timestamp(snowflake_time(message.id)),
        "edited_timestamp": _time(message.edited_at),
        "flags": int(message.flags),
        "components": message.components,
        "id": str(message.id),
        "channel_id": str(message.channel_id),
        "author": _author(world, message),
        "pinned": message.pinned_at is not None,
        "mention_everyone": message.mention_everyone,
        "tts": message.tts,
    }
    if message.reactions:
        payload["reactions"] = [_reaction(key, users, viewer) for key, users in message.reactions.items()]
    if message.nonce is not None:
        payload["nonce"] = message.nonce
    if message.webhook_id is not None:
        payload["webhook_id"] = str(message.webhook_id)
    if message.application_id is not None:
        payload["application_id"] = str(message.application_id)
    if message.position is not None:
        payload["position"] = message.position
    if message.reference is not None:
        reference = message.reference
        ids = {"channel_id": reference.channel_id, "message_id": reference.message_id, "guild_id": reference.guild_id}
        kind = {"type": int(reference.forward)}
        payload["message_reference"] = kind | {key: str(value) for key, value in ids.items() if value}
    if message.poll is not None:
        payload["poll"] = message.poll
    if message.stickers:
        payload["sticker_items"] = message.stickers
    if message.snapshots:
        payload["message_snapshots"] = [{"message": each} for each in message.snapshots]
    if message.interaction is not None:
        payload["interaction_metadata"] = message.interaction
        if message.command_name is not None:
            # Deprecated, and sent all the same: libraries read it.
            payload["interaction"] = {
                "id": message.interaction["id"],
                "type": message.interaction["type"],
                "name": message.command_name,
                "user": message.interaction["user"],
            }
    if message.flags & MessageFlag.HAS_THREAD and message.id in world.channels:
        payload["thread"] = channel(world, world.channels[message.id], viewer=viewer)
    return payload


def snapshot(world: World, message: Message) -> dict[str, Any]:
    """A copy of a message as it is now, as a forward shows it: without who wrote it.

    https://discord.com/developers/docs/resources/message#message-snapshot-object
    """
    whole = _basic_message(world, message, None)
    kept = ("type", "content", "mentions", "mention_roles", "attachments", "embeds", "timestamp", "edited_timestamp")
    return {key: whole[key] for key in (*kept, "flags", "components", "sticker_items") if key in whole}


def _reaction(key: str, users: list[int], viewer: int) -> dict[str, Any]:
    return {
        "emoji": emoji(key),
        "count": len(users),
        "count_details": {"burst": 0, "normal": len(users)},
        "burst_colors": [],
        "me_burst": False,
        "burst_me": False,
        "burst_count": 0,
        "me": viewer in users,
    }


def message_event(world: World, name: str, message_: Message) -> Event:
    """MESSAGE_CREATE or MESSAGE_UPDATE: the message, its guild, and the membership of its author and the mentioned."""
    home = world.channels[message_.channel_id]
    d = message(world, message_)
    if world.leaves_out_references:
        d.pop("referenced_message", None)
    d["channel_type"] = int(home.type)
    intent = Intents.DIRECT_MESSAGES
    if home.guild_id is not None:
        intent = Intents.GUILD_MESSAGES
        members = world.guilds[home.guild_id].members
        d["guild_id"] = str(home.guild_id)
        if message_.webhook_id is None and message_.author_id in members:
            d["member"] = member(world, members[message_.author_id], with_user=False)
        for mentioned in d["mentions"]:
            if int(mentioned["id"]) in members:
                mentioned["member"] = member(world, members[int(mentioned["id"])], with_user=False)
    audience = None if message_.only_for is None else frozenset({message_.only_for})
    return Event(name, d, home.guild_id, home.id, intent, audience)


def webhook(world: World, webhook: Webhook, *, with_user: bool = True) -> dict[str, Any]:
    """A webhook; who asks by its token alone isn't told who made it."""
    payload: dict[str, Any] = {
        "application_id": _id(webhook.application_id),
        "avatar": webhook.avatar,
        "channel_id": str(webhook.channel_id),
        "guild_id": str(webhook.guild_id),
        "id": str(webhook.id),
        "name": webhook.name,
        "type": 1,
        "token": webhook.token,
        "url": f"{world.cdn_url}/api/webhooks/{webhook.id}/{webhook.token}",
    }
    if with_user:
        payload["user"] = user(world.users[webhook.creator_id])
    return payload


def own_emoji(world: World, emoji: Emoji) -> dict[str, Any]:
    """An emoji of the application's."""
    return {
        "id": str(emoji.id),
        "name": emoji.name,
        "user": user(world.bot),
        "roles": [],
        "require_colons": True,
        "managed": False,
        "animated": False,
        "available": True,
    }


def interaction_metadata(world: World, interaction: Interaction, **more: Any) -> dict[str, Any]:
    """What a message tells of the interaction that it answers."""
    return {
        "id": str(interaction.id),
        "type": int(interaction.type),
        "user": user(world.users[interaction.user_id]),
        "authorizing_integration_owners": interaction.owners,
        **more,
    }


def without_content(d: dict[str, Any], bot_id: int) -> dict[str, Any]:
    """A guild's message as a bot without the MESSAGE_CONTENT intent gets it.

    It reads what it wrote itself and what mentions it; of everything else, the fields that people fill are empty.
    https://discord.com/developers/docs/events/gateway#message-content-intent
    """
    mine = d["author"]["id"] == str(bot_id) or any(one["id"] == str(bot_id) for one in d["mentions"])
    seen = dict(d)
    if not mine:
        seen |= {"content": "", "embeds": [], "attachments": [], "components": []}
        seen.pop("poll", None)
    if seen.get("referenced_message"):
        seen["referenced_message"] = without_content(seen["referenced_message"], bot_id)
    return seen
