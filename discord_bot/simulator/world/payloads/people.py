"""Who there is: users, a guild's members and its roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord_bot.simulator.world.snowflakes import timestamp

if TYPE_CHECKING:
    from discord_bot.simulator.world.entities import Member, Role, User
    from discord_bot.simulator.world.world import World


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
    until = member.timed_out_until
    payload: dict[str, Any] = {
        "avatar": member.avatar,
        "banner": member.banner,
        "communication_disabled_until": None if until is None else timestamp(until),
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
