"""What changes by the world's own hand: somebody joins, a role is taken away, a channel is there.

No rule of Discord's is asked here; what people and bots do, under these rules, are the verbs in channels.py and so on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from discord_bot.simulator.world import payloads
from discord_bot.simulator.world.entities import Channel, ChannelType, Guild, Member, Overwrite, Role, User
from discord_bot.simulator.world.events import Event, Intents
from discord_bot.simulator.world.permissions import DEFAULT_PERMISSIONS, NO_PERMISSIONS, Permission

if TYPE_CHECKING:
    from discord_bot.simulator.world.world import World


def add_user(
    world: World, username: str, global_name: str | None = None, *, bot: bool = False, locale: str = "en-US"
) -> User:
    """A new account. Nobody is told: it is in no guild yet."""
    user = User(world.new_id(), username, global_name, bot, locale=locale)
    world.users[user.id] = user
    return user


def add_guild(world: World, name: str, owner: User) -> tuple[Guild, list[Event]]:
    """A new guild with its owner, and no channel yet; the owner alone sees it."""
    guild = Guild(world.new_id(), name, owner.id, world.now())
    guild.roles[guild.id] = Role(guild.id, guild.id, "@everyone", DEFAULT_PERMISSIONS, position=0)
    world.guilds[guild.id] = guild
    guild.members[owner.id] = Member(owner.id, guild.id, world.now())
    return guild, [payloads.guild_created(world, guild, owner.id, joined=True)]


def add_role(
    world: World,
    guild: Guild,
    name: str,
    permissions: Permission = NO_PERMISSIONS,
    *,
    managed_by: int | None = None,
    mentionable: bool = False,
    color: int = 0,
) -> tuple[Role, list[Event]]:
    """A new role at the top of a guild's roles."""
    role = Role(world.new_id(), guild.id, name, permissions, len(guild.roles), color)
    role.managed_by, role.mentionable = managed_by, mentionable
    guild.roles[role.id] = role
    return role, [_role_event("GUILD_ROLE_CREATE", role)]


def set_role_permissions(role: Role, permissions: Permission) -> list[Event]:
    """A role may do something else from now on."""
    role.permissions = permissions
    return [_role_event("GUILD_ROLE_UPDATE", role)]


def _role_event(name: str, role: Role) -> Event:
    d = {"guild_id": str(role.guild_id), "role": payloads.role(role)}
    return Event(name, d, role.guild_id, intent=Intents.GUILDS)


def add_member(world: World, guild: Guild, user: User, roles: Iterable[Role] = ()) -> list[Event]:
    """A user joins a guild. The application's bot is told of the whole guild, as when it is invited."""
    member = Member(user.id, guild.id, world.now(), [role.id for role in roles])
    guild.members[user.id] = member
    joined = {"guild_id": str(guild.id), **payloads.member(world, member)}
    events = [Event("GUILD_MEMBER_ADD", joined, guild.id, intent=Intents.GUILD_MEMBERS)]
    if user.bot:
        events.insert(0, payloads.guild_created(world, guild, user.id, joined=True))
    return events


def remove_member(guild: Guild, user: User) -> list[Event]:
    """A user leaves a guild, or was thrown out."""
    guild.members.pop(user.id, None)
    left = {"guild_id": str(guild.id), "user": payloads.user(user)}
    events = [Event("GUILD_MEMBER_REMOVE", left, guild.id, intent=Intents.GUILD_MEMBERS)]
    if user.bot:
        gone = {"id": str(guild.id)}
        events.append(Event("GUILD_DELETE", gone, intent=Intents.GUILDS, audience=frozenset({user.id})))
    return events


def set_member_roles(world: World, guild: Guild, user: User, roles: Iterable[Role]) -> list[Event]:
    """A member has these roles from now on."""
    member = world.member(guild.id, user.id)
    member.roles = [role.id for role in roles]
    return [member_updated(world, member)]


def member_updated(world: World, member: Member) -> Event:
    """The event of a changed member; a bot hears of itself without the members intent."""
    d = {"guild_id": str(member.guild_id), **payloads.member(world, member)}
    intent = Intents.GUILDS if member.user_id == world.application.bot_id else Intents.GUILD_MEMBERS
    return Event("GUILD_MEMBER_UPDATE", d, member.guild_id, intent=intent)


def add_channel(
    world: World,
    guild: Guild,
    name: str,
    type: ChannelType = ChannelType.GUILD_TEXT,  # noqa: A002 - Discord's word
    *,
    parent: Channel | None = None,
    topic: str | None = None,
    overwrites: Iterable[Overwrite] = (),
) -> tuple[Channel, list[Event]]:
    """A new channel at the end of a guild's channels."""
    channel = Channel(world.new_id(), type, guild.id, name, topic, parent.id if parent else None)
    channel.position = len(world.channels_of(guild.id))
    channel.overwrites = {overwrite.id: overwrite for overwrite in overwrites}
    world.channels[channel.id] = channel
    return channel, [payloads.channel_event(world, "CHANNEL_CREATE", channel)]


def set_overwrite(
    world: World,
    channel: Channel,
    who: Role | User,
    *,
    allow: Permission = NO_PERMISSIONS,
    deny: Permission = NO_PERMISSIONS,
) -> list[Event]:
    """A role or a member may do more or less in a channel from now on."""
    channel.overwrites[who.id] = Overwrite(who.id, isinstance(who, User), allow, deny)
    return [payloads.channel_event(world, "CHANNEL_UPDATE", channel)]


def set_unavailable(world: World, guild: Guild, *, unavailable: bool = True) -> list[Event]:
    """A guild has an outage, or is back from it."""
    guild.unavailable = unavailable
    if not unavailable:
        return [payloads.guild_created(world, guild, user_id) for user_id in guild.members if world.users[user_id].bot]
    gone = {"id": str(guild.id), "unavailable": True}
    return [Event("GUILD_DELETE", gone, guild.id, intent=Intents.GUILDS)]


def open_direct_channel(world: World, one: int, other: int) -> tuple[Channel, list[Event]]:
    """The direct conversation of two users, made if they had none."""
    known = world.direct_channel(one, other)
    if known:
        return known, []
    channel = Channel(world.new_id(), ChannelType.DM, recipients=(one, other))
    world.channels[channel.id] = channel
    return channel, [
        Event("CHANNEL_CREATE", payloads.channel(world, channel, viewer=viewer), audience=frozenset({viewer}))
        for viewer in (one, other)
        if not world.users[viewer].bot
    ]


def open_group(world: World, owner: int, *others: int) -> tuple[Channel, list[Event]]:
    """A new group, in which people talk directly; bots can't be in one."""
    channel = Channel(world.new_id(), ChannelType.GROUP_DM, recipients=(owner, *others))
    world.channels[channel.id] = channel
    return channel, [
        Event("CHANNEL_CREATE", payloads.channel(world, channel, viewer=viewer), audience=frozenset({viewer}))
        for viewer in channel.recipients
    ]
