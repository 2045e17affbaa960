"""The community that a new world has: two guilds, a few people, another bot, and the application's bot among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    ada = world.add_user("ada", "Ada")
    mo = world.add_user("mo", "Mo")
    kim = world.add_user("kim", "Kim", locale="zh-CN")
    newcomer = world.add_user("newcomer", "Newcomer")
    echo = world.add_user("echo", bot=True)
    assistant = world.add_user("assistant", bot=True)
    # An application and its bot user have had the same id since 2016.
    world.application = Application(assistant.id, "assistant", assistant.id, ada.id, TOKEN, ALL_PRIVILEGED)

    guild, _ = world.add_guild("Harbour", ada)
    moderator, _ = world.add_role(guild, "Moderator", MODERATOR_PERMISSIONS, mentionable=True, color=0x3BA55C)
    world.add_member(guild, mo, [moderator])
    for person in (kim, newcomer):
        world.add_member(guild, person)
    own_role = _invite(world, guild, assistant)
    _invite(world, guild, echo)

    world.add_channel(guild, "general", topic="Whatever comes to mind")
    tavern, _ = world.add_channel(guild, "tavern", topic="Stories and characters")
    world.add_channel(guild, "support", topic="Ask, and somebody knows")
    quiet, _ = world.add_channel(guild, "quiet", topic="People only: bots may read here, not write")
    world.set_overwrite(quiet, own_role, deny=Permission.SEND_MESSAGES | Permission.SEND_MESSAGES_IN_THREADS)
    _thread(world, tavern, "the long voyage", ada)

    workshop, _ = world.add_guild("Workshop", kim)
    world.add_member(workshop, ada)
    _invite(world, workshop, assistant)
    world.add_channel(workshop, "workbench", topic="Things that are being made")
    return world


def _invite(world: World, guild: Guild, bot: User) -> Role:
    """A bot joins with the role that Discord makes for it and that nobody else can have."""
    role, _ = world.add_role(guild, bot.username, BOT_PERMISSIONS, managed_by=bot.id)
    world.add_member(guild, bot, [role])
    return role


def _thread(world: World, parent: Channel, name: str, owner: User) -> Channel:
    thread = Channel(world.new_id(), ChannelType.PUBLIC_THREAD, parent.guild_id, name, parent_id=parent.id)
    thread.thread = ThreadState(owner.id, world.now(), {owner.id: world.now()})
    world.channels[thread.id] = thread
    return thread
