"""What people and bots do with messages, under Discord's rules: write, edit, delete, read back.

Each verb takes the world and who does it, refuses as Discord would, and returns the events that it causes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from discord_bot.simulator.world import files, mentions, payloads, specials
from discord_bot.simulator.world.entities import (
    TEXT_TYPES,
    WRITTEN_TYPES,
    Channel,
    ChannelType,
    Message,
    MessageFlag,
    MessageType,
    Reference,
)
from discord_bot.simulator.world.events import Event, Intents, in_channel
from discord_bot.simulator.world.permissions import NO_PERMISSIONS, Permission
from discord_bot.simulator.world.refusals import Because, Refusal, invalid
from discord_bot.simulator.world.snowflakes import snowflake_time

if TYPE_CHECKING:
    from discord_bot.simulator.world.drafts import Draft
    from discord_bot.simulator.world.world import World

NONCE_LIFETIME = 5 * 60
"""Seconds in which a message with the same enforced nonce isn't sent again: "the past few minutes", as Discord says."""

BULK_DELETE_AGE = 14 * 24 * 60 * 60
"""Seconds after which a message can't be deleted in bulk."""

BULK_DELETE_COUNT = range(2, 101)
"""How many messages one bulk deletion takes."""

HISTORY_LIMIT = 100
"""Messages in one page of a channel's history."""

NO_SLOWMODE = Permission.MANAGE_MESSAGES | Permission.MANAGE_CHANNELS | Permission.BYPASS_SLOWMODE
"""Who has one of these needn't wait in slow mode."""


def create(world: World, author_id: int, channel: Channel, draft: Draft) -> tuple[Message, list[Event]]:
    """Write a message into a channel. With an enforced nonce used lately, the message that is there already."""
    _require_sending(world, author_id, channel, draft)
    if draft.is_empty:
        raise Refusal(Because.EMPTY_MESSAGE)
    known = _with_nonce(world, author_id, channel, draft)
    if known is not None:
        return known, []
    _require_patience(world, author_id, channel)
    message = Message(world.new_id(), channel.id, author_id)
    replied = _resolve_reference(world, author_id, channel, draft)
    if replied is not None:
        message.type = MessageType.REPLY
        message.reference = Reference(channel.id, replied.id, channel.guild_id)
    message.nonce, message.tts = draft.nonce, draft.tts
    message.flags = draft.flags & ~MessageFlag.EPHEMERAL
    fill(world, message, draft, channel, replied=replied)
    _fill_special(world, author_id, message, draft)
    return message, post(world, message, channel)


def _fill_special(world: World, author_id: int, message: Message, draft: Draft) -> None:
    """Put a poll, a sticker, or a copy of what is forwarded into a message."""
    special, forwarded = draft.special, draft.special.forwarded
    if special.poll is not None:
        message.poll = specials.poll(world, *special.poll)
    if special.sticker is not None:
        message.stickers = [specials.sticker(world, special.sticker)]
    if special.voice_seconds is not None:
        message.flags |= MessageFlag.IS_VOICE_MESSAGE
    if forwarded is not None:
        origin = world.channels[forwarded.channel_id]
        world.require(author_id, origin, Permission.READ_MESSAGE_HISTORY)
        message.reference = Reference(origin.id, forwarded.id, origin.guild_id, forward=True)
        message.snapshots = [payloads.snapshot(world, forwarded)]
        message.flags |= MessageFlag.HAS_SNAPSHOT


def fill(world: World, message: Message, draft: Draft, channel: Channel, *, replied: Message | None = None) -> None:
    """Put what a draft says into a message: content, embeds, components, new files, and whom it mentions."""
    if any(link in draft.content for link in world.harmful_links):
        raise Refusal(Because.HARMFUL_LINK)
    message.content = draft.content.strip()
    message.embeds, message.components = list(draft.embeds), list(draft.components)
    hidden = message.only_for is not None
    voice = draft.special.voice_seconds
    message.attachments += [
        files.keep(world, channel, upload, ephemeral=hidden, voice_seconds=voice) for upload in draft.uploads
    ]
    mentions.find(world, message, channel, draft.allowed_mentions, replied)


def post(world: World, message: Message, channel: Channel) -> list[Event]:
    """Let a message that is complete stand in its channel, and tell of it."""
    events = []
    if message.only_for is None:
        channel.last_message_id = message.id
        if channel.thread is not None:
            events += _count_in_thread(world, message, channel)
    world.keep_message(message)
    return [*events, payloads.message_event(world, "MESSAGE_CREATE", message)]


def _count_in_thread(world: World, message: Message, thread: Channel) -> list[Event]:
    """A message in a thread wakes it if it was archived, counts, and makes its author a member."""
    state = thread.thread
    assert state is not None
    events = []
    if state.archived:
        state.archived = False
        events.append(payloads.thread_event(world, "THREAD_UPDATE", thread))
    message.position = state.total_message_sent
    state.total_message_sent += 1
    state.message_count += 1
    if message.webhook_id is None and message.author_id not in state.members:
        state.members[message.author_id] = world.now()
    return events


def _require_sending(world: World, author_id: int, channel: Channel, draft: Draft) -> None:
    if channel.type not in TEXT_TYPES:
        world.require(author_id, channel)
        raise Refusal(Because.NOT_A_TEXT_CHANNEL)
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel.thread else Permission.SEND_MESSAGES
    if draft.uploads:
        needed |= Permission.ATTACH_FILES
    if draft.embeds:
        needed |= Permission.EMBED_LINKS
    if draft.tts:
        needed |= Permission.SEND_TTS_MESSAGES
    world.require(author_id, channel, needed)
    if channel.thread and channel.thread.locked and not world.may(author_id, channel, Permission.MANAGE_THREADS):
        raise Refusal(Because.THREAD_LOCKED)
    if channel.type is ChannelType.DM and all(world.users[one].bot for one in channel.recipients):
        raise Refusal(Because.CANNOT_MESSAGE_USER)


def _require_patience(world: World, author_id: int, channel: Channel) -> None:
    """In slow mode, one message in so many seconds, but for who may do without, as every bot may.

    https://discord.com/developers/docs/resources/channel#channel-object-channel-structure (rate_limit_per_user)
    """
    bypasses = world.user(author_id).bot or world.permissions(author_id, channel) & NO_SLOWMODE
    if not channel.slowmode or bypasses:
        return
    for message in reversed(world.messages.get(channel.id, {}).values()):
        wait = snowflake_time(message.id) + channel.slowmode - world.now()
        if wait <= 0:
            return
        if message.author_id == author_id:
            raise Refusal(Because.SLOW_MODE, retry_after=round(wait, 3))


def _with_nonce(world: World, author_id: int, channel: Channel, draft: Draft) -> Message | None:
    if not draft.enforce_nonce or draft.nonce is None:
        return None
    since = world.now() - NONCE_LIFETIME
    for message in reversed(world.messages.get(channel.id, {}).values()):
        if snowflake_time(message.id) < since:
            return None
        if message.author_id == author_id and message.nonce is not None and str(message.nonce) == str(draft.nonce):
            return message
    return None


def _resolve_reference(world: World, author_id: int, channel: Channel, draft: Draft) -> Message | None:
    """The message that a draft replies to; None for none, and for one that is gone and needn't be there."""
    reference = draft.reference
    if reference is None:
        return None
    if not world.may(author_id, channel, Permission.READ_MESSAGE_HISTORY):
        raise Refusal(Because.NO_HISTORY_FOR_REPLY)
    if reference.channel_id not in (None, channel.id):
        raise invalid(
            "message_reference",
            "REPLIES_CANNOT_REFERENCE_OTHER_CHANNEL",
            "Cannot reply to a message in a different channel",
        )
    found = world.messages.get(channel.id, {}).get(reference.message_id)
    if found is None or found.only_for is not None:
        if reference.fail_if_not_exists:
            raise invalid("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
        return None
    if found.type not in WRITTEN_TYPES:
        raise invalid("message_reference", "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE", "Cannot reply to a system message")
    return found


def edit(world: World, editor_id: int, channel: Channel, message: Message, draft: Draft) -> list[Event]:
    """Change a message: its author changes everything, who manages messages only whether embeds are shown."""
    world.require(editor_id, channel, Permission.ATTACH_FILES if draft.uploads else NO_PERMISSIONS)
    if message.author_id != editor_id:
        only_flags = draft.given <= {"flags"} and bool(draft.given)
        if not (only_flags and world.may(editor_id, channel, Permission.MANAGE_MESSAGES)):
            raise Refusal(Because.NOT_THE_AUTHOR)
    if message.type not in WRITTEN_TYPES:
        raise Refusal(Because.SYSTEM_MESSAGE)
    return revise(world, channel, message, draft)


def revise(world: World, channel: Channel, message: Message, draft: Draft) -> list[Event]:
    """Apply the fields that a draft was given to a message, whoever asked for it."""
    attachments = [
        known for known in message.attachments if draft.kept_attachments is None or known.id in draft.kept_attachments
    ]
    after = replace(
        draft,
        content=draft.content if "content" in draft.given else message.content,
        embeds=draft.embeds if "embeds" in draft.given else tuple(message.embeds),
        components=draft.components if "components" in draft.given else tuple(message.components),
    )
    if after.is_empty and not attachments:
        raise Refusal(Because.EMPTY_MESSAGE)
    for dropped in message.attachments:
        if dropped not in attachments:
            world.files.pop(dropped.id, None)
    message.attachments = attachments
    if "flags" in draft.given:
        kept = message.flags & ~MessageFlag.SUPPRESS_EMBEDS
        message.flags = kept | draft.flags & (MessageFlag.SUPPRESS_EMBEDS | MessageFlag.IS_COMPONENTS_V2)
    replied = None
    if message.type is MessageType.REPLY and message.reference and message.author_id:
        replied = world.messages.get(channel.id, {}).get(message.reference.message_id or 0)
        replied = replied if replied and replied.author_id in message.mentions else None
    fill(world, message, after, channel, replied=replied)
    if draft.given - {"flags"}:
        message.edited_at = world.now()
    return [payloads.message_event(world, "MESSAGE_UPDATE", message)]


def unfurl(world: World, message: Message, url: str, title: str) -> list[Event]:
    """Put the preview of a link below a message, as Discord does by itself a moment after it was written.

    The event is the one of an edit, but the message was not edited: `edited_timestamp` stays as it was.
    https://discord.com/developers/docs/events/gateway-events#message-update
    """
    message.embeds.append({"type": "link", "url": url, "title": title})
    return [payloads.message_event(world, "MESSAGE_UPDATE", message)]


def delete(world: World, who: int, channel: Channel, message: Message) -> list[Event]:
    """Take a message away: one's own, or anybody's for who manages messages."""
    world.require(who, channel)
    if message.author_id != who:
        if channel.guild_id is None:
            raise Refusal(Because.NOT_IN_DM)
        world.require(who, channel, Permission.MANAGE_MESSAGES)
    return remove(world, channel, message)


def remove(world: World, channel: Channel, message: Message) -> list[Event]:
    """Let a message be gone, whoever asked for it."""
    del world.messages[channel.id][message.id]
    world.forget_files(message)
    if channel.thread is not None and message.only_for is None:
        channel.thread.message_count -= 1
    d: dict[str, Any] = {"id": str(message.id), "channel_id": str(channel.id)}
    audience = None if message.only_for is None else frozenset({message.only_for})
    return [in_channel("MESSAGE_DELETE", d, channel, Intents.GUILD_MESSAGES, Intents.DIRECT_MESSAGES, audience)]


def bulk_delete(world: World, who: int, channel: Channel, ids: Sequence[int]) -> list[Event]:
    """Take up to 100 messages away at once, none older than two weeks. Unknown ids don't matter."""
    if channel.guild_id is None:
        raise Refusal(Because.NOT_IN_DM)
    world.require(who, channel, Permission.MANAGE_MESSAGES)
    if len(ids) not in BULK_DELETE_COUNT:
        raise Refusal(Because.WRONG_BULK_DELETE_COUNT)
    oldest = world.now() - BULK_DELETE_AGE
    if any(snowflake_time(message_id) < oldest for message_id in ids):
        raise Refusal(Because.TOO_OLD_TO_BULK_DELETE)
    messages = world.messages.get(channel.id, {})
    gone = [messages[message_id] for message_id in dict.fromkeys(ids) if message_id in messages]
    for message in gone:
        remove(world, channel, message)
    d: dict[str, Any] = {"ids": [str(message.id) for message in gone], "channel_id": str(channel.id)}
    return (
        [in_channel("MESSAGE_DELETE_BULK", d, channel, Intents.GUILD_MESSAGES, Intents.DIRECT_MESSAGES)] if gone else []
    )


def history(
    world: World,
    viewer_id: int,
    channel: Channel,
    *,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    limit: int = 50,
) -> list[Message]:
    """A page of what was written in a channel, the newest first; nothing where the viewer may not read history."""
    world.require(viewer_id, channel)
    if not world.may(viewer_id, channel, Permission.READ_MESSAGE_HISTORY):
        return []
    messages = [known for known in world.messages.get(channel.id, {}).values() if known.only_for is None]
    if around is not None:
        older = [known for known in messages if known.id < around]
        newer = [known for known in messages if known.id >= around]
        half = limit // 2
        page = older[-half:] if half else []
        page += newer[: limit - len(page)]
    elif after is not None:
        page = [known for known in messages if known.id > after][:limit]
    else:
        page = [known for known in messages if before is None or known.id < before][-limit:]
    return page[::-1]


def typing(world: World, who: int, channel: Channel) -> list[Event]:
    """Show for ten seconds that somebody writes."""
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel.thread else Permission.SEND_MESSAGES
    world.require(who, channel, needed)
    d: dict[str, Any] = {"channel_id": str(channel.id), "user_id": str(who), "timestamp": int(world.now())}
    if channel.guild_id is not None:
        d |= {"guild_id": str(channel.guild_id), "member": payloads.member(world, world.member(channel.guild_id, who))}
    return [in_channel("TYPING_START", d, channel, Intents.GUILD_MESSAGE_TYPING, Intents.DIRECT_MESSAGE_TYPING)]
