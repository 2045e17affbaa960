"""What people and bots do with messages, under Discord's rules: write, edit, delete, read back, react, pin.

Each verb takes the world and who does it, refuses as Discord would, and returns the events that it causes.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Sequence
from dataclasses import replace

from . import payloads
from .drafts import AllowedMentions, Draft, Upload
from .entities import (
    TEXT_TYPES,
    WRITTEN_TYPES,
    Attachment,
    Channel,
    ChannelType,
    Message,
    MessageFlag,
    MessageType,
    Reference,
)
from .events import Event, Intents
from .pictures import dimensions
from .permissions import Permission
from .refusals import Because, Refusal, invalid
from .snowflakes import snowflake_time, timestamp
from .world import World

NONCE_LIFETIME = 5 * 60
"""Seconds in which a message with the same enforced nonce isn't sent again: "the past few minutes", as Discord says."""

BULK_DELETE_AGE = 14 * 24 * 60 * 60
"""Seconds after which a message can't be deleted in bulk."""

BULK_DELETE_COUNT = range(2, 101)
"""How many messages one bulk deletion takes."""

HISTORY_LIMIT = 100
"""Messages in one page of a channel's history."""

REACTIONS = 20
"""Different emojis on one message."""

PINS = 250
"""Pinned messages in a channel."""

_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
_USER_MENTION = re.compile(r"<@!?(\d{1,20})>")
_ROLE_MENTION = re.compile(r"<@&(\d{1,20})>")
_EVERYONE = re.compile(r"@(?:everyone|here)\b")


def create(world: World, author_id: int, channel: Channel, draft: Draft) -> tuple[Message, list[Event]]:
    """Write a message into a channel. With an enforced nonce used lately, the message that is there already."""
    _require_sending(world, author_id, channel, draft)
    if draft.is_empty:
        raise Refusal(Because.EMPTY_MESSAGE)
    known = _with_nonce(world, author_id, channel, draft)
    if known is not None:
        return known, []
    message = Message(world.new_id(), channel.id, author_id)
    replied = _resolve_reference(world, author_id, channel, draft)
    if replied is not None:
        message.type = MessageType.REPLY
        message.reference = Reference(channel.id, replied.id, channel.guild_id)
    message.nonce, message.tts = draft.nonce, draft.tts
    message.flags = draft.flags & ~MessageFlag.EPHEMERAL
    fill(world, message, draft, channel, replied=replied)
    return message, post(world, message, channel)


def fill(world: World, message: Message, draft: Draft, channel: Channel, *, replied: Message | None = None) -> None:
    """Put what a draft says into a message: content, embeds, components, new files, and whom it mentions."""
    message.content = draft.content.strip()
    message.embeds, message.components = list(draft.embeds), list(draft.components)
    message.attachments += [_keep(world, message, upload) for upload in draft.uploads]
    _mention(world, message, channel, draft.allowed_mentions, replied)


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
    assert state is not None  # noqa: S101 - only called for threads
    events = []
    if state.archived:
        state.archived = False
        events.append(payloads.channel_event(world, "THREAD_UPDATE", thread))
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
    """The message that a draft replies to; None where it replies to none, or to one that is gone and needn't be there."""
    reference = draft.reference
    if reference is None:
        return None
    if not world.may(author_id, channel, Permission.READ_MESSAGE_HISTORY):
        raise Refusal(Because.NO_HISTORY_FOR_REPLY)
    if reference.channel_id not in (None, channel.id):
        raise invalid(
            "message_reference", "REPLIES_CANNOT_REFERENCE_OTHER_CHANNEL", "Cannot reply to a message in a different channel"
        )
    found = world.messages.get(channel.id, {}).get(reference.message_id)
    if found is None or found.only_for is not None:
        if reference.fail_if_not_exists:
            raise invalid("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
        return None
    if found.type not in WRITTEN_TYPES:
        raise invalid("message_reference", "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE", "Cannot reply to a system message")
    return found


def describe_file(name: str, data: bytes) -> tuple[str | None, tuple[int, int] | None]:
    """What Discord takes a file for, by its name, with the charset where it is text; and a picture's size."""
    guessed = mimetypes.guess_type(name)[0]
    if guessed is not None and (guessed.startswith("text/") or guessed == "application/json"):
        try:
            data.decode()
        except UnicodeDecodeError:
            return guessed, None
        return f"{guessed}; charset=utf-8", None
    return guessed, dimensions(data)


def _keep(world: World, message: Message, upload: Upload) -> Attachment:
    content_type, size = describe_file(upload.name, upload.data)
    attachment = Attachment(
        id=world.new_id(),
        channel_id=message.channel_id,
        filename=_safe_filename(upload.name),
        size=len(upload.data),
        content_type=content_type,
        description=upload.description,
        dimensions=size,
        ephemeral=message.only_for is not None,
    )
    world.keep_file(attachment.id, upload.data)
    return attachment


def _safe_filename(name: str) -> str:
    """A filename as Discord keeps it: no path, and an underscore for what isn't a letter, a digit, `-`, `_` or `.`."""
    return re.sub(r"[^\w.\-]+", "_", name.rsplit("/", 1)[-1].rsplit("\\", 1)[-1]).strip("_") or "unknown"


def _mention(
    world: World, message: Message, channel: Channel, allowed: AllowedMentions, replied: Message | None = None
) -> None:
    """Find whom a message mentions: outside of code, as far as its sender allows it and may do it."""
    text = _CODE.sub(" ", message.content)
    users = [int(found) for found in _USER_MENTION.findall(text)]
    mentioned = [one for one in users if one in world.users and (allowed.all_users or one in allowed.users)]
    if replied is not None and allowed.replied_user and replied.webhook_id is None:
        mentioned.append(replied.author_id)
    message.mentions = list(dict.fromkeys(mentioned))
    message.mention_roles, message.mention_everyone = [], False
    if channel.guild_id is None:
        return
    as_webhook = message.webhook_id is not None and message.webhook_id != message.application_id
    powerful = as_webhook or world.may(message.author_id, channel, Permission.MENTION_EVERYONE)
    roles = world.guilds[channel.guild_id].roles
    for role_id in dict.fromkeys(int(found) for found in _ROLE_MENTION.findall(text)):
        role = roles.get(role_id)
        if role and (role.mentionable or powerful) and (allowed.all_roles or role_id in allowed.roles):
            message.mention_roles.append(role_id)
    message.mention_everyone = bool(allowed.everyone and powerful and _EVERYONE.search(text))


def edit(world: World, editor_id: int, channel: Channel, message: Message, draft: Draft) -> list[Event]:
    """Change a message: its author changes everything, who manages messages only whether embeds are shown."""
    world.require(editor_id, channel)
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
        known
        for known in message.attachments
        if draft.kept_attachments is None or known.id in draft.kept_attachments
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
    d = {"id": str(message.id), "channel_id": str(channel.id)}
    audience = None if message.only_for is None else frozenset({message.only_for})
    return [_event("MESSAGE_DELETE", d, channel, Intents.GUILD_MESSAGES, Intents.DIRECT_MESSAGES, audience)]


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
    d = {"ids": [str(message.id) for message in gone], "channel_id": str(channel.id)}
    return [_event("MESSAGE_DELETE_BULK", d, channel, Intents.GUILD_MESSAGES, Intents.DIRECT_MESSAGES)] if gone else []


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
    d = {"channel_id": str(channel.id), "user_id": str(who), "timestamp": int(world.now())}
    if channel.guild_id is not None:
        d |= {"guild_id": str(channel.guild_id), "member": payloads.member(world, world.member(channel.guild_id, who))}
    return [_event("TYPING_START", d, channel, Intents.GUILD_MESSAGE_TYPING, Intents.DIRECT_MESSAGE_TYPING)]


def _event(
    name: str,
    d: dict[str, object],
    channel: Channel,
    in_guild: Intents,
    in_dm: Intents,
    audience: frozenset[int] | None = None,
) -> Event:
    if channel.guild_id is None:
        return Event(name, d, None, channel.id, in_dm, audience)
    return Event(name, d | {"guild_id": str(channel.guild_id)}, channel.guild_id, channel.id, in_guild, audience)


# Reactions


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


def clear_reactions(world: World, who: int, channel: Channel, message: Message, emoji: str | None = None) -> list[Event]:
    """Take all reactions away, or all of one emoji."""
    world.require(who, channel, Permission.MANAGE_MESSAGES)
    d: dict[str, object] = {"channel_id": str(channel.id), "message_id": str(message.id)}
    if emoji is None:
        message.reactions.clear()
        return [_reaction_event("MESSAGE_REACTION_REMOVE_ALL", d, channel)]
    _require_emoji(emoji)
    message.reactions.pop(emoji, None)
    return [_reaction_event("MESSAGE_REACTION_REMOVE_EMOJI", d | {"emoji": payloads.emoji(emoji)}, channel)]


def _require_emoji(emoji: str) -> None:
    """Refuse what can't be an emoji: a word, or nothing. Whether a sign is one, Unicode's tables would have to say."""
    name, _, emoji_id = emoji.partition(":")
    if not (emoji_id.isdecimal() if emoji_id else name and not name.isascii() or name[-1:] == "\u20e3"):
        raise Refusal(Because.UNKNOWN_EMOJI)


def _reaction(who: int, message: Message, emoji: str) -> dict[str, object]:
    return {
        "user_id": str(who),
        "channel_id": str(message.channel_id),
        "message_id": str(message.id),
        "emoji": payloads.emoji(emoji),
        "burst": False,
    }


def _reaction_event(name: str, d: dict[str, object], channel: Channel) -> Event:
    return _event(name, d, channel, Intents.GUILD_MESSAGE_REACTIONS, Intents.DIRECT_MESSAGE_REACTIONS)


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
    d: dict[str, object] = {"channel_id": str(channel.id), "last_pin_timestamp": last}
    events.append(_event("CHANNEL_PINS_UPDATE", d, channel, Intents.GUILDS, Intents.DIRECT_MESSAGES))
    if pinned:
        notice = Message(world.new_id(), channel.id, who, type=MessageType.CHANNEL_PINNED_MESSAGE)
        notice.reference = Reference(channel.id, message.id, channel.guild_id)
        events += post(world, notice, channel)
    return events


def pins(world: World, channel: Channel) -> list[Message]:
    """A channel's pinned messages, the one pinned last first."""
    pinned = [known for known in world.messages.get(channel.id, {}).values() if known.pinned_at is not None]
    return sorted(pinned, key=lambda message: message.pinned_at or 0.0, reverse=True)
