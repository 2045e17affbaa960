"""What a Discord is made of: users, guilds, roles, channels, messages and the rest, as plain mutable records.

Only the world and its verbs change them. Moments are seconds since 1970, ids are ints; how they look on the wire is
payloads.py's matter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import Any

from discord_bot.simulator.world.permissions import DEFAULT_PERMISSIONS, NO_PERMISSIONS, Permission


class ChannelType(IntEnum):
    """https://discord.com/developers/docs/resources/channel#channel-object-channel-types."""

    GUILD_TEXT = 0
    DM = 1
    GUILD_VOICE = 2
    GROUP_DM = 3
    GUILD_CATEGORY = 4
    GUILD_ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    GUILD_STAGE_VOICE = 13
    GUILD_FORUM = 15


THREAD_TYPES = frozenset({ChannelType.ANNOUNCEMENT_THREAD, ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD})
TEXT_TYPES = THREAD_TYPES | {
    ChannelType.GUILD_TEXT,
    ChannelType.DM,
    ChannelType.GROUP_DM,
    ChannelType.GUILD_ANNOUNCEMENT,
    ChannelType.GUILD_VOICE,
    ChannelType.GUILD_STAGE_VOICE,
}


class MessageType(IntEnum):
    """https://discord.com/developers/docs/resources/message#message-object-message-types."""

    DEFAULT = 0
    CHANNEL_PINNED_MESSAGE = 6
    USER_JOIN = 7
    THREAD_CREATED = 18
    REPLY = 19
    CHAT_INPUT_COMMAND = 20
    THREAD_STARTER_MESSAGE = 21
    CONTEXT_MENU_COMMAND = 23


WRITTEN_TYPES = frozenset(
    {MessageType.DEFAULT, MessageType.REPLY, MessageType.CHAT_INPUT_COMMAND, MessageType.CONTEXT_MENU_COMMAND}
)
"""What somebody wrote; every other type is Discord's own, a system message."""


class MessageFlag(IntFlag):
    """https://discord.com/developers/docs/resources/message#message-object-message-flags."""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    IS_VOICE_MESSAGE = 1 << 13
    HAS_SNAPSHOT = 1 << 14
    IS_COMPONENTS_V2 = 1 << 15


NO_FLAGS = MessageFlag(0)


class ApplicationFlag(IntFlag):
    """Which privileged intents are on; the _LIMITED ones are those of an application in fewer than 100 guilds."""

    GATEWAY_PRESENCE = 1 << 12
    GATEWAY_PRESENCE_LIMITED = 1 << 13
    GATEWAY_GUILD_MEMBERS = 1 << 14
    GATEWAY_GUILD_MEMBERS_LIMITED = 1 << 15
    GATEWAY_MESSAGE_CONTENT = 1 << 18
    GATEWAY_MESSAGE_CONTENT_LIMITED = 1 << 19
    APPLICATION_COMMAND_BADGE = 1 << 23


@dataclass(slots=True)
class User:
    """An account: a person or a bot."""

    id: int
    username: str
    global_name: str | None = None
    bot: bool = False
    avatar: str | None = None
    locale: str = "en-US"


@dataclass(slots=True)
class Application:
    """The bot's application: who it is, what it may ask for, and the token that proves it."""

    id: int
    name: str
    bot_id: int
    owner_id: int
    token: str = field(repr=False)
    flags: ApplicationFlag
    description: str = ""
    public: bool = True
    user_installable: bool = True
    """Whether its installation page lets people install it for themselves."""
    installed_by: set[int] = field(default_factory=set)
    """Who has done that."""


@dataclass(slots=True)
class Role:
    """A guild's role; @everyone is the one that has the guild's own id."""

    id: int
    guild_id: int
    name: str
    permissions: Permission = DEFAULT_PERMISSIONS
    position: int = 1
    color: int = 0
    hoist: bool = False
    mentionable: bool = False
    managed_by: int | None = None
    """The bot whose own role this is; nobody can be given it."""


@dataclass(slots=True)
class Member:
    """A user in a guild."""

    user_id: int
    guild_id: int
    joined_at: float
    roles: list[int] = field(default_factory=list)
    nick: str | None = None
    timed_out_until: float | None = None
    avatar: str | None = None
    banner: str | None = None
    bio: str = ""


@dataclass(slots=True)
class Guild:
    """A guild, which people call a server."""

    id: int
    name: str
    owner_id: int
    created_at: float
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    locale: str = "en-US"
    unavailable: bool = False
    """An outage: the gateway lists it as unavailable and says nothing else of it."""


@dataclass(slots=True)
class Overwrite:
    """What one role or member may do otherwise in one channel."""

    id: int
    is_member: bool
    allow: Permission = NO_PERMISSIONS
    deny: Permission = NO_PERMISSIONS


@dataclass(slots=True)
class ThreadState:
    """What a thread has beyond a channel."""

    owner_id: int
    created_at: float
    members: dict[int, float] = field(default_factory=dict)
    """Who is in it, and since when."""
    archived: bool = False
    archived_at: float = 0.0
    locked: bool = False
    invitable: bool = True
    auto_archive_duration: int = 1440
    """Minutes of silence until Discord would archive it."""
    message_count: int = 0
    total_message_sent: int = 0


@dataclass(slots=True)
class Channel:
    """A guild's channel, a thread, or a direct conversation."""

    id: int
    type: ChannelType
    guild_id: int | None = None
    name: str = ""
    topic: str | None = None
    parent_id: int | None = None
    position: int = 0
    nsfw: bool = False
    slowmode: int = 0
    """Seconds that a person has to wait between two messages."""
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    last_message_id: int | None = None
    last_pin_at: float | None = None
    recipients: tuple[int, ...] = ()
    """Both users of a direct conversation, or all of a group, its owner first."""
    thread: ThreadState | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file on a message; its bytes are in the world's files under the same id."""

    id: int
    channel_id: int
    filename: str
    size: int
    content_type: str | None
    description: str | None = None
    dimensions: tuple[int, int] | None = None
    ephemeral: bool = False
    voice_seconds: float | None = None
    """How long a voice message is; None for any other file."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What a message points to: the message that it replies to, or that a thread started from."""

    channel_id: int
    message_id: int | None
    guild_id: int | None
    forward: bool = False
    """Whether the message passes that one on, with a copy of it as it was."""


@dataclass(slots=True)
class Message:
    """A message."""

    id: int
    channel_id: int
    author_id: int
    """The user, or the webhook where `webhook_id` is set to it."""
    content: str = ""
    type: MessageType = MessageType.DEFAULT
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    mentions: list[int] = field(default_factory=list)
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    reference: Reference | None = None
    nonce: str | int | None = None
    flags: MessageFlag = NO_FLAGS
    tts: bool = False
    edited_at: float | None = None
    pinned_at: float | None = None
    reactions: dict[str, list[int]] = field(default_factory=dict)
    """Who reacted with what: an emoji as itself, or a guild's own as `name:id`."""
    webhook_id: int | None = None
    webhook_name: str = ""
    webhook_avatar: str | None = None
    application_id: int | None = None
    interaction: dict[str, Any] | None = None
    """The interaction that it answers, as `interaction_metadata` shows it."""
    command_name: str | None = None
    only_for: int | None = None
    """The one person who sees an ephemeral message."""
    position: int | None = None
    """Its place in a thread, about."""
    poll: dict[str, Any] | None = None
    stickers: list[dict[str, Any]] = field(default_factory=list)
    snapshots: list[dict[str, Any]] = field(default_factory=list)
    """The copies of what it forwards."""


@dataclass(slots=True)
class Webhook:
    """A webhook of a channel; who has its token writes under any name."""

    id: int
    channel_id: int
    guild_id: int
    name: str
    token: str = field(repr=False)
    creator_id: int
    avatar: str | None = None
    application_id: int | None = None


@dataclass(slots=True)
class Emoji:
    """An emoji that the application owns."""

    id: int
    name: str
    image: bytes = field(repr=False)


class InteractionType(IntEnum):
    """https://discord.com/developers/docs/interactions/receiving-and-responding."""

    APPLICATION_COMMAND = 2
    MESSAGE_COMPONENT = 3
    APPLICATION_COMMAND_AUTOCOMPLETE = 4
    MODAL_SUBMIT = 5


@dataclass(slots=True)
class Interaction:
    """Something that a person did and the application has to answer."""

    id: int
    token: str = field(repr=False)
    type: InteractionType
    user_id: int
    channel_id: int
    guild_id: int | None
    created_at: float
    data: dict[str, Any]
    name: str | None = None
    """The command's whole name, such as `persona set`."""
    message_id: int | None = None
    """The message whose component was used, or where the modal came from."""
    metadata: dict[str, Any] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    """Whose installations of the application it uses: see installations.py."""
    callback: int | None = None
    """The type of callback that it was acknowledged with; None until then."""
    original_id: int | None = None
    """The message that answered it first."""
    message_ids: list[int] = field(default_factory=list)
    """The messages that answered it, the first one first."""
    choices: list[dict[str, Any]] | None = None
    modal: dict[str, Any] | None = None
