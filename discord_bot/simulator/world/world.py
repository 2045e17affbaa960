"""The world: everything that this Discord consists of, what is found in it, and who may do what there.

Values in, values out: no asyncio, no socket, no clock but the one given. What happens in it are functions that take the
world as their first argument, and return the gateway events that they cause: in changes.py what happens because the
world is so, in messages.py, channels.py, webhooks.py and so on what people and bots do, under Discord's rules.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from discord_bot.simulator.world.entities import (
    THREAD_TYPES,
    Application,
    Channel,
    ChannelType,
    Emoji,
    Guild,
    Interaction,
    Member,
    Message,
    Role,
    User,
    Webhook,
)
from discord_bot.simulator.world.permissions import (
    ALL_PERMISSIONS,
    DM_PERMISSIONS,
    NO_PERMISSIONS,
    TIMED_OUT_PERMISSIONS,
    Permission,
    implied,
    in_channel,
    in_guild,
)
from discord_bot.simulator.world.refusals import Because, Refusal
from discord_bot.simulator.world.snowflakes import Snowflakes

if TYPE_CHECKING:
    from discord_bot.simulator.world.events import Event

MESSAGES_PER_CHANNEL = 10_000
"""How many messages a channel keeps; the oldest go first. A machine's memory is bounded, Discord's isn't."""

FILES_SIZE = 64 * 1024 * 1024
"""How many bytes of attachments are kept in all; the oldest go first."""


class World:
    """The state of one Discord, seen from one application's bot."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self.cdn_url = "https://cdn.discordapp.com"
        """Where attachments and avatars are fetched from; the server sets its own address."""
        self.gateway_url = "wss://gateway.discord.gg"
        """Where the gateway is; the server sets its own."""
        self.leaves_out_references = False
        """Whether events tell of a reply without what it replies to, which Discord allows itself."""
        self.harmful_links: set[str] = set()
        """What no message may hold: Discord keeps such a list, and shows it to nobody."""
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        """Every channel, thread and direct conversation."""
        self.messages: dict[int, dict[int, Message]] = {}
        """By channel, the oldest first."""
        self.webhooks: dict[int, Webhook] = {}
        self.emojis: dict[int, Emoji] = {}
        """The application's own."""
        self.commands: dict[int, dict[str, Any]] = {}
        """The application's commands, as they are on the wire; a guild's have `guild_id`."""
        self.interactions: dict[int, Interaction] = {}
        self.files: dict[int, bytes] = {}
        """The bytes of attachments, by attachment id."""
        self.avatars: dict[str, bytes | str] = {}
        """Avatars by their hash: their bytes, or the address where they are."""
        self.commands_created: list[float] = []
        """When commands were created in the last day: Discord counts them."""
        self.application: Application
        self._snowflakes = Snowflakes(now)

    @classmethod
    def default(cls, now: Callable[[], float] = time.time) -> World:
        """A small community: see community.py."""
        from discord_bot.simulator.world.community import harbour

        return harbour(cls(now))

    def new_id(self) -> int:
        """An id that nothing has yet."""
        return self._snowflakes.next()

    def stay_above(self, snowflake: int) -> None:
        """Let every new id be later than this one."""
        self._snowflakes.stay_above(snowflake)

    # What is there, by id or by name

    @property
    def bot(self) -> User:
        """The application's bot user."""
        return self.users[self.application.bot_id]

    def user(self, user: int | str) -> User:
        """The user of an id or a username."""
        if isinstance(user, str):
            found = next((known for known in self.users.values() if known.username == user), None)
        else:
            found = self.users.get(user)
        if found is None:
            raise Refusal(Because.UNKNOWN_USER)
        return found

    def guild(self, guild: int | str) -> Guild:
        """The guild of an id or a name."""
        if isinstance(guild, str):
            found = next((known for known in self.guilds.values() if known.name == guild), None)
        else:
            found = self.guilds.get(guild)
        if found is None:
            raise Refusal(Because.UNKNOWN_GUILD)
        return found

    def channel(self, channel: int | str) -> Channel:
        """The channel of an id, or the oldest of a name (with or without `#`)."""
        if isinstance(channel, str):
            name = channel.removeprefix("#")
            found = next((known for known in self.channels.values() if known.name == name), None)
        else:
            found = self.channels.get(channel)
        if found is None:
            raise Refusal(Because.UNKNOWN_CHANNEL)
        return found

    def message(self, channel_id: int, message_id: int) -> Message:
        """A message of a channel."""
        found = self.messages.get(channel_id, {}).get(message_id)
        if found is None:
            raise Refusal(Because.UNKNOWN_MESSAGE)
        return found

    def member(self, guild_id: int, user_id: int) -> Member:
        """A guild's member."""
        found = self.guild(guild_id).members.get(user_id)
        if found is None:
            raise Refusal(Because.UNKNOWN_MEMBER)
        return found

    def role(self, guild_id: int, role: int | str) -> Role:
        """A guild's role, by id or name."""
        roles = self.guild(guild_id).roles
        if isinstance(role, str):
            found = next((known for known in roles.values() if known.name == role), None)
        else:
            found = roles.get(role)
        if found is None:
            raise Refusal(Because.UNKNOWN_ROLE)
        return found

    def channels_of(self, guild_id: int) -> list[Channel]:
        """A guild's channels without its threads, in the order that people see."""
        channels = [
            known for known in self.channels.values() if known.guild_id == guild_id and known.type not in THREAD_TYPES
        ]
        return sorted(channels, key=lambda channel: (channel.position, channel.id))

    def threads_of(self, guild_id: int, *, parent_id: int | None = None) -> list[Channel]:
        """A guild's threads, or a channel's, the oldest first; archived ones too."""
        return [
            known
            for known in self.channels.values()
            if known.thread and known.guild_id == guild_id and parent_id in (None, known.parent_id)
        ]

    def direct_channel(self, one: int, other: int) -> Channel | None:
        """The direct conversation of two users, if they have one."""
        both = {one, other}
        return next(
            (
                known
                for known in self.channels.values()
                if known.type is ChannelType.DM and set(known.recipients) == both
            ),
            None,
        )

    # Who may do what

    def permissions(self, user_id: int, channel: Channel | None = None, *, guild_id: int | None = None) -> Permission:
        """What a user may do in a channel, or in a guild at large. A thread inherits from its parent."""
        if channel is not None and channel.guild_id is None:
            return DM_PERMISSIONS if user_id in channel.recipients else NO_PERMISSIONS
        if channel is not None:
            guild_id = channel.guild_id
        assert guild_id is not None, "a channel or a guild"
        guild = self.guilds[guild_id]
        member = guild.members.get(user_id)
        if member is None:
            return NO_PERMISSIONS
        if guild.owner_id == user_id:
            return ALL_PERMISSIONS
        roles = [guild.roles[guild_id], *(guild.roles[role_id] for role_id in member.roles if role_id in guild.roles)]
        permissions = in_guild(role.permissions for role in roles)
        if channel is None or permissions & Permission.ADMINISTRATOR:
            return permissions
        place = self.channels[channel.parent_id] if channel.thread and channel.parent_id else channel
        permissions = in_channel(permissions, _layers(place, guild_id, member))
        if channel.type is ChannelType.PRIVATE_THREAD and not self._in_private_thread(channel, user_id, permissions):
            return NO_PERMISSIONS
        if member.timed_out_until is not None and member.timed_out_until > self.now():
            permissions &= TIMED_OUT_PERMISSIONS
        return implied(permissions, in_thread=channel.thread is not None)

    @staticmethod
    def _in_private_thread(thread: Channel, user_id: int, permissions: Permission) -> bool:
        assert thread.thread is not None
        return user_id in thread.thread.members or bool(permissions & Permission.MANAGE_THREADS)

    def may(self, user_id: int, channel: Channel, permission: Permission) -> bool:
        """Whether a user has all of these permissions in a channel."""
        return self.permissions(user_id, channel) & permission == permission

    def require(self, user_id: int, channel: Channel, permission: Permission = NO_PERMISSIONS) -> None:
        """Refuse a user who can't see a channel (Missing Access) or lacks a permission in it (Missing Permissions)."""
        permissions = self.permissions(user_id, channel)
        if not permissions & Permission.VIEW_CHANNEL:
            raise Refusal(Because.MISSING_ACCESS)
        if permissions & permission != permission:
            raise Refusal(Because.MISSING_PERMISSIONS)

    def require_in_guild(self, user_id: int, guild_id: int, permission: Permission = NO_PERMISSIONS) -> None:
        """Refuse a user who isn't in a guild (Missing Access) or lacks a permission in it (Missing Permissions)."""
        guild = self.guild(guild_id)
        if user_id not in guild.members:
            raise Refusal(Because.MISSING_ACCESS)
        if self.permissions(user_id, guild_id=guild_id) & permission != permission:
            raise Refusal(Because.MISSING_PERMISSIONS)

    def sees(self, user_id: int, event: Event) -> bool:
        """Whether an event concerns what a user may see; intents are the gateway's matter."""
        if event.audience is not None:
            return user_id in event.audience
        if event.channel_id is not None:
            channel = self.channels.get(event.channel_id)
            return channel is not None and bool(self.permissions(user_id, channel) & Permission.VIEW_CHANNEL)
        if event.guild_id is not None:
            guild = self.guilds.get(event.guild_id)
            return guild is not None and user_id in guild.members
        return True

    # What is kept, and no longer than there is room

    def keep_message(self, message: Message) -> None:
        """Put a message into its channel; the oldest one goes where there are too many."""
        messages = self.messages.setdefault(message.channel_id, {})
        messages[message.id] = message
        if len(messages) > MESSAGES_PER_CHANNEL:
            self.forget_files(messages.pop(next(iter(messages))))

    def keep_file(self, file_id: int, data: bytes) -> None:
        """Keep an attachment's bytes; the oldest go where there are too many."""
        self.files[file_id] = data
        size = sum(map(len, self.files.values()))
        while size > FILES_SIZE and len(self.files) > 1:
            size -= len(self.files.pop(next(iter(self.files))))

    def forget_files(self, message: Message) -> None:
        """Drop the bytes of a message's attachments."""
        for attachment in message.attachments:
            self.files.pop(attachment.id, None)


def _layers(place: Channel, guild_id: int, member: Member) -> list[tuple[Permission, Permission]]:
    """A channel's overwrites for a member in the order in which they count: @everyone, the roles as one, the member."""
    layers = []
    everyone = place.overwrites.get(guild_id)
    if everyone:
        layers.append((everyone.allow, everyone.deny))
    allow = deny = NO_PERMISSIONS
    for role_id in member.roles:
        overwrite = place.overwrites.get(role_id)
        if overwrite:
            allow |= overwrite.allow
            deny |= overwrite.deny
    layers.append((allow, deny))
    own = place.overwrites.get(member.user_id)
    if own:
        layers.append((own.allow, own.deny))
    return layers
