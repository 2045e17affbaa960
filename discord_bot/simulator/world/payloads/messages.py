"""Messages with what is on them: attachments, embeds, reactions; and what is left without MESSAGE_CONTENT."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from discord_bot.simulator.world.entities import Attachment, Message, MessageFlag, MessageType, User
from discord_bot.simulator.world.events import Event, Intents
from discord_bot.simulator.world.payloads.channels import channel
from discord_bot.simulator.world.payloads.people import member, user
from discord_bot.simulator.world.snowflakes import snowflake_time, timestamp
from discord_bot.simulator.world.specials import SILENCE

if TYPE_CHECKING:
    from discord_bot.simulator.world.world import World

LOCAL_FILE = "attachment://"
"""How an embed names a file of its own message."""
LINK_LIFETIME = 24 * 60 * 60
"""Seconds that a signed attachment link lasts. https://discord.com/developers/docs/reference#signed-attachment-cdn-urls"""


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
        "edited_timestamp": None if message.edited_at is None else timestamp(message.edited_at),
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


def _author(world: World, message: Message) -> dict[str, Any]:
    if message.webhook_id is None or message.webhook_id == message.application_id:
        return user(world.users[message.author_id])
    ghost = User(message.webhook_id, message.webhook_name, bot=True, avatar=message.webhook_avatar)
    return user(ghost) | {"discriminator": "0000"}


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


def emoji(key: str) -> dict[str, Any]:
    """A reaction's emoji: Unicode's has no id."""
    name, _, emoji_id = key.partition(":")
    return {"id": emoji_id or None, "name": name}


def snapshot(world: World, message: Message) -> dict[str, Any]:
    """A copy of a message as it is now, as a forward shows it: without who wrote it.

    https://discord.com/developers/docs/resources/message#message-snapshot-object
    """
    whole = _basic_message(world, message, None)
    kept = ("type", "content", "mentions", "mention_roles", "attachments", "embeds", "timestamp", "edited_timestamp")
    return {key: whole[key] for key in (*kept, "flags", "components", "sticker_items") if key in whole}


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
