"""The community that a new world has: two guilds, a few people, another bot, and the application's bot among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord_bot.simulator.world import changes
from discord_bot.simulator.world.entities import (
    Application,
    ApplicationFlag,
    Channel,
    ChannelType,
    Guild,
    Role,
    ThreadState,
    User,
)
from discord_bot.simulator.world.permissions import DEFAULT_PERMISSIONS, Permission

if TYPE_CHECKING:
    from discord_bot.simulator.world.world import World

TOKEN = "simulator-token"  # noqa: S105 - it opens nothing but this
"""What the bot must log in with."""

ALL_PRIVILEGED = (
    ApplicationFlag.GATEWAY_PRESENCE_LIMITED
    | ApplicationFlag.GATEWAY_GUILD_MEMBERS_LIMITED
    | ApplicationFlag.GATEWAY_MESSAGE_CONTENT_LIMITED
)
"""All three privileged intents are on, as for an application that is in fewer than 100 guilds."""

BOT_PERMISSIONS = DEFAULT_PERMISSIONS | Permission.MANAGE_WEBHOOKS
"""What the bot's own role grants it: what an invitation would have asked for."""

MODERATOR_PERMISSIONS = (
    Permission.MANAGE_CHANNELS | Permission.MANAGE_MESSAGES | Permission.MANAGE_THREADS | Permission.PIN_MESSAGES
)


def harbour(world: World) -> World:
    """Fill an empty world: the guild Harbour with its channels and people, the guild Workshop, and the bot in both."""
    ada = changes.add_user(world, "ada", "Ada")
    mo = changes.add_user(world, "mo", "Mo")
    kim = changes.add_user(world, "kim", "Kim", locale="zh-CN")
    newcomer = changes.add_user(world, "newcomer", "Newcomer")
    echo = changes.add_user(world, "echo", bot=True)
    assistant = changes.add_user(world, "assistant", bot=True)
    # An application and its bot user have had the same id since 2016.
    world.application = Application(assistant.id, "assistant", assistant.id, ada.id, TOKEN, ALL_PRIVILEGED)

    guild, _ = changes.add_guild(world, "Harbour", ada)
    moderator, _ = changes.add_role(world, guild, "Moderator", MODERATOR_PERMISSIONS, mentionable=True, color=0x3BA55C)
    changes.add_member(world, guild, mo, [moderator])
    for person in (kim, newcomer):
        changes.add_member(world, guild, person)
    own_role = _invite(world, guild, assistant)
    _invite(world, guild, echo)

    changes.add_channel(world, guild, "general", topic="Whatever comes to mind")
    tavern, _ = changes.add_channel(world, guild, "tavern", topic="Stories and characters")
    changes.add_channel(world, guild, "support", topic="Ask, and somebody knows")
    quiet, _ = changes.add_channel(world, guild, "quiet", topic="People only: bots may read here, not write")
    changes.set_overwrite(world, quiet, own_role, deny=Permission.SEND_MESSAGES | Permission.SEND_MESSAGES_IN_THREADS)
    _thread(world, tavern, "the long voyage", ada)

    workshop, _ = changes.add_guild(world, "Workshop", kim)
    changes.add_member(world, workshop, ada)
    _invite(world, workshop, assistant)
    changes.add_channel(world, workshop, "workbench", topic="Things that are being made")
    return world


def _invite(world: World, guild: Guild, bot: User) -> Role:
    """A bot joins with the role that Discord makes for it and that nobody else can have."""
    role, _ = changes.add_role(world, guild, bot.username, BOT_PERMISSIONS, managed_by=bot.id)
    changes.add_member(world, guild, bot, [role])
    return role


def _thread(world: World, parent: Channel, name: str, owner: User) -> Channel:
    thread = Channel(world.new_id(), ChannelType.PUBLIC_THREAD, parent.guild_id, name, parent_id=parent.id)
    thread.thread = ThreadState(owner.id, world.now(), {owner.id: world.now()})
    world.channels[thread.id] = thread
    return thread
