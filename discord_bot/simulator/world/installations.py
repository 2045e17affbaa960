"""Where the application is installed, and so what somebody may run where.

Guilds install it, and its bot is a member of them; and people do, who bring it along also to where its bot isn't.

https://discord.com/developers/docs/resources/application#installation-context
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from discord_bot.simulator.world.commands import registered
from discord_bot.simulator.world.permissions import Permission

if TYPE_CHECKING:
    from discord_bot.simulator.world.entities import Channel, Interaction
    from discord_bot.simulator.world.world import World

FOLLOW_UPS = 5
"""Further answers to an interaction where the application was only brought along.
https://discord.com/developers/docs/interactions/receiving-and-responding#create-followup-message
"""
BROUGHT_ALONG = Permission.EMBED_LINKS | Permission.ATTACH_FILES | Permission.MENTION_EVERYONE
"""What the application may do in an answer where its bot isn't.
https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object-interaction-structure
"""


class Installation(IntEnum):
    """By whom it is installed."""

    GUILD = 0
    USER = 1


class Context(IntEnum):
    """Where a command is run."""

    GUILD = 0
    BOT_DM = 1
    PRIVATE_CHANNEL = 2


def context_of(world: World, channel: Channel) -> Context:
    """What a channel is to the application."""
    if channel.guild_id is not None:
        return Context.GUILD
    with_bot = len(channel.recipients) == 2 and world.application.bot_id in channel.recipients
    return Context.BOT_DM if with_bot else Context.PRIVATE_CHANNEL


def usable_commands(world: World, user_id: int, channel: Channel) -> list[dict[str, Any]]:
    """The commands that somebody is offered in a channel: the guild's own before global ones of the same name."""
    context, by = context_of(world, channel), _installed(world, user_id, channel)
    if context is not Context.GUILD:
        return [one for one in registered(world, None) if set(by) & _types(one) and _in_context(one, context)]
    permissions = world.permissions(user_id, channel)
    if not permissions & Permission.USE_APPLICATION_COMMANDS:
        return []
    offered: dict[tuple[int, str], dict[str, Any]] = {}
    own = registered(world, channel.guild_id) if Installation.GUILD in by else []
    for command in own + registered(world, None):
        if set(by) & _types(command) and _in_context(command, context) and _permitted(command, permissions):
            offered.setdefault((command["type"], command["name"]), command)
    return list(offered.values())


def owners_of(world: World, user_id: int, channel: Channel, command: Mapping[str, Any]) -> dict[str, str]:
    """Whose installations a command that is run there uses, as `authorizing_integration_owners` names them."""
    by = _installed(world, user_id, channel)
    return {str(int(kind)): str(owner) for kind, owner in by.items() if kind in _types(command)}


def guild_owner(channel: Channel) -> dict[str, str]:
    """The same for what somebody does with a message of the bot's own: its guild's, which is 0 in a direct message."""
    return {str(int(Installation.GUILD)): str(channel.guild_id or 0)}


def is_brought_along(interaction: Interaction) -> bool:
    """Whether the application is there only because the person has installed it."""
    return set(interaction.owners) == {str(int(Installation.USER))}


def _installed(world: World, user_id: int, channel: Channel) -> dict[Installation, int]:
    """By whom it is installed, of those who count in a channel."""
    by: dict[Installation, int] = {}
    guild = world.guilds.get(channel.guild_id or 0)
    is_member = guild is not None and world.application.bot_id in guild.members
    if is_member or context_of(world, channel) is Context.BOT_DM:
        by[Installation.GUILD] = channel.guild_id or 0
    if user_id in world.application.installed_by:
        by[Installation.USER] = user_id
    return by


def _types(command: Mapping[str, Any]) -> set[int]:
    return set(command["integration_types"])


def _in_context(command: Mapping[str, Any], context: Context) -> bool:
    if command["contexts"] is None:
        return context is Context.GUILD or bool(command["dm_permission"])
    return int(context) in command["contexts"]


def _permitted(command: Mapping[str, Any], permissions: Permission) -> bool:
    """Whether a member may run it. "0" is for administrators alone.

    https://discord.com/developers/docs/interactions/application-commands#permissions
    """
    needed = command["default_member_permissions"]
    if needed is None or permissions & Permission.ADMINISTRATOR:
        return True
    return bool(int(needed)) and int(permissions) & int(needed) == int(needed)
