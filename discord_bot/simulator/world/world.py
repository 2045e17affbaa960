"""The world: everything that this Discord consists of, what is found in it, and changes made by its own hand.

Values in, values out: no asyncio, no socket, no clock but the one given. What a change makes known, it returns as the
gateway events that it causes. A change here happens because the world is so (somebody joins, a role is taken away);
what people and bots do, under Discord's rules, are the verbs in messages.py, channels.py, webhooks.py and so on, which
take the world as their first argument.

One class, and so one long file: what is there, who may do what, and what changes by itself belong to one state.
"""

from __future__ import annotations

import re
import time
from base64 import b64decode
from collections.abc import Callable, Iterable
from hashlib import md5
from typing import Any

from discord_bot.simulator.world import payloads
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
    Overwrite,
    Role,
    User,
    Webhook,
)
from discord_bot.simulator.world.events import Event, Intents
from discord_bot.simulator.world.permissions import (
    ALL_PERMISSIONS,
    DEFAULT_PERMISSIONS,
    DM_PERMISSIONS,
    NO_PERMISSIONS,
    TIMED_OUT_PERMISSIONS,
    Permission,
    implied,
    in_channel,
    in_guild,
)
from discord_bot.simulator.world.refusals import Because, Refusal, invalid
from discord_bot.simulator.world.snowflakes import Snowflakes

MESSAGES_PER_CHANNEL = 10_000
"""How many messages a channel keeps; the oldest go first. A machine's memory is bounded, Discord's isn't."""

FILES_SIZE = 64 * 1024 * 1024
"""How many bytes of attachments are kept in all; the oldest go first."""

AVATARS = 256
"""How many avatars are kept; the oldest go first."""


_EMOJI = re.compile(r"https://cdn\.discordapp\.com/emojis/(\d+)\.\w+(?:\?.*)?")
"""https://discord.com/developers/docs/reference#image-formatting-cdn-endpoints"""


_NOBODYS = "https://cdn.discordapp.com/embed/avatars/"
"""Where the pictures of those are who have none of their own."""


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

    # Changes by the world's own hand

    def add_user(
        self, username: str, global_name: str | None = None, *, bot: bool = False, locale: str = "en-US"
    ) -> User:
        """A new account. Nobody is told: it is in no guild yet."""
        user = User(self.new_id(), username, global_name, bot, locale=locale)
        self.users[user.id] = user
        return user

    def add_guild(self, name: str, owner: User) -> tuple[Guild, list[Event]]:
        """A new guild with its owner, and no channel yet; the owner alone sees it."""
        guild = Guild(self.new_id(), name, owner.id, self.now())
        guild.roles[guild.id] = Role(guild.id, guild.id, "@everyone", DEFAULT_PERMISSIONS, position=0)
        self.guilds[guild.id] = guild
        guild.members[owner.id] = Member(owner.id, guild.id, self.now())
        return guild, [payloads.guild_created(self, guild, owner.id, joined=True)]

    def add_role(
        self,
        guild: Guild,
        name: str,
        permissions: Permission = NO_PERMISSIONS,
        *,
        managed_by: int | None = None,
        mentionable: bool = False,
        color: int = 0,
    ) -> tuple[Role, list[Event]]:
        """A new role at the top of a guild's roles."""
        role = Role(self.new_id(), guild.id, name, permissions, len(guild.roles), color)
        role.managed_by, role.mentionable = managed_by, mentionable
        guild.roles[role.id] = role
        return role, [self._role_event("GUILD_ROLE_CREATE", role)]

    def set_role_permissions(self, role: Role, permissions: Permission) -> list[Event]:
        """A role may do something else from now on."""
        role.permissions = permissions
        return [self._role_event("GUILD_ROLE_UPDATE", role)]

    @staticmethod
    def _role_event(name: str, role: Role) -> Event:
        d = {"guild_id": str(role.guild_id), "role": payloads.role(role)}
        return Event(name, d, role.guild_id, intent=Intents.GUILDS)

    def add_member(self, guild: Guild, user: User, roles: Iterable[Role] = ()) -> list[Event]:
        """A user joins a guild. The application's bot is told of the whole guild, as when it is invited."""
        member = Member(user.id, guild.id, self.now(), [role.id for role in roles])
        guild.members[user.id] = member
        joined = {"guild_id": str(guild.id), **payloads.member(self, member)}
        events = [Event("GUILD_MEMBER_ADD", joined, guild.id, intent=Intents.GUILD_MEMBERS)]
        if user.bot:
            events.insert(0, payloads.guild_created(self, guild, user.id, joined=True))
        return events

    def remove_member(self, guild: Guild, user: User) -> list[Event]:
        """A user leaves a guild, or was thrown out."""
        guild.members.pop(user.id, None)
        left = {"guild_id": str(guild.id), "user": payloads.user(user)}
        events = [Event("GUILD_MEMBER_REMOVE", left, guild.id, intent=Intents.GUILD_MEMBERS)]
        if user.bot:
            gone = {"id": str(guild.id)}
            events.append(Event("GUILD_DELETE", gone, intent=Intents.GUILDS, audience=frozenset({user.id})))
        return events

    def set_member_roles(self, guild: Guild, user: User, roles: Iterable[Role]) -> list[Event]:
        """A member has these roles from now on."""
        member = self.member(guild.id, user.id)
        member.roles = [role.id for role in roles]
        return [self.member_updated(member)]

    def member_updated(self, member: Member) -> Event:
        """The event of a changed member; a bot hears of itself without the members intent."""
        d = {"guild_id": str(member.guild_id), **payloads.member(self, member)}
        intent = Intents.GUILDS if member.user_id == self.application.bot_id else Intents.GUILD_MEMBERS
        return Event("GUILD_MEMBER_UPDATE", d, member.guild_id, intent=intent)

    def add_channel(
        self,
        guild: Guild,
        name: str,
        type: ChannelType = ChannelType.GUILD_TEXT,  # noqa: A002 - Discord's word
        *,
        parent: Channel | None = None,
        topic: str | None = None,
        overwrites: Iterable[Overwrite] = (),
    ) -> tuple[Channel, list[Event]]:
        """A new channel at the end of a guild's channels."""
        channel = Channel(self.new_id(), type, guild.id, name, topic, parent.id if parent else None)
        channel.position = len(self.channels_of(guild.id))
        channel.overwrites = {overwrite.id: overwrite for overwrite in overwrites}
        self.channels[channel.id] = channel
        return channel, [payloads.channel_event(self, "CHANNEL_CREATE", channel)]

    def set_overwrite(
        self,
        channel: Channel,
        who: Role | User,
        *,
        allow: Permission = NO_PERMISSIONS,
        deny: Permission = NO_PERMISSIONS,
    ) -> list[Event]:
        """A role or a member may do more or less in a channel from now on."""
        channel.overwrites[who.id] = Overwrite(who.id, isinstance(who, User), allow, deny)
        return [payloads.channel_event(self, "CHANNEL_UPDATE", channel)]

    def set_unavailable(self, guild: Guild, *, unavailable: bool = True) -> list[Event]:
        """A guild has an outage, or is back from it."""
        guild.unavailable = unavailable
        if not unavailable:
            return [
                payloads.guild_created(self, guild, user_id) for user_id in guild.members if self.users[user_id].bot
            ]
        gone = {"id": str(guild.id), "unavailable": True}
        return [Event("GUILD_DELETE", gone, guild.id, intent=Intents.GUILDS)]

    def open_direct_channel(self, one: int, other: int) -> tuple[Channel, list[Event]]:
        """The direct conversation of two users, made if they had none."""
        known = self.direct_channel(one, other)
        if known:
            return known, []
        channel = Channel(self.new_id(), ChannelType.DM, recipients=(one, other))
        self.channels[channel.id] = channel
        return channel, [
            Event("CHANNEL_CREATE", payloads.channel(self, channel, viewer=viewer), audience=frozenset({viewer}))
            for viewer in (one, other)
            if not self.users[viewer].bot
        ]

    def open_group(self, owner: int, *others: int) -> tuple[Channel, list[Event]]:
        """A new group, in which people talk directly; bots can't be in one."""
        channel = Channel(self.new_id(), ChannelType.GROUP_DM, recipients=(owner, *others))
        self.channels[channel.id] = channel
        return channel, [
            Event("CHANNEL_CREATE", payloads.channel(self, channel, viewer=viewer), audience=frozenset({viewer}))
            for viewer in channel.recipients
        ]

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

    def keep_avatar(self, avatar: str | None) -> str | None:
        """Keep an avatar that is sent as a data URI or named by its address; its hash, or None for none.

        What the address leads to is fetched at once and kept, so the picture stays when it is gone from there. An
        emoji's picture is at Discord's own address.
        """
        if not avatar or avatar.startswith(_NOBODYS):
            return None
        avatar_hash = md5(avatar.encode(), usedforsecurity=False).hexdigest()
        if avatar.startswith("data:"):
            try:
                self.avatars[avatar_hash] = b64decode(avatar.partition(",")[2], validate=True)
            except ValueError:
                raise invalid("avatar", "BASE_TYPE_BAD_ENCODING", "Invalid image data") from None
        else:
            emoji = _EMOJI.fullmatch(avatar)
            known = self.emojis.get(int(emoji[1])) if emoji else None
            self.avatars[avatar_hash] = known.image if known else avatar
        if len(self.avatars) > AVATARS:
            del self.avatars[next(iter(self.avatars))]
        return avatar_hash

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
