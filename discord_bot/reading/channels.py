"""Where a message stands: its channel, what that belongs to, the way there, and whether its past may be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    from discord_bot.reading.authors import Me


def places(channel: discord.abc.Snowflake | None) -> list[int]:
    """The ids that stand for a place: the channel's own, that of a thread's channel, the category's; none for a DM.

    A channel that discord.py has not been told of is a place too, so that no list of channels is passed by there.
    """
    if channel is None or isinstance(channel, (discord.DMChannel, discord.GroupChannel)):
        return []
    home = channel.parent if isinstance(channel, discord.Thread) else channel  # unknown, perhaps
    ids = (channel.id, parent_of(channel), getattr(home, "category_id", None))
    return [each for each in ids if each is not None]


def parent_of(channel: discord.abc.Snowflake | None) -> int | None:
    """The id of the channel that a thread belongs to; None for what is no thread."""
    return channel.parent_id if isinstance(channel, discord.Thread) else None


def address_of(channel: discord.abc.MessageableChannel, message_id: int) -> str:
    """Where a message stands, as a link; that at which a thread was opened, which has the thread's id, above it."""
    guild = getattr(channel, "guild", None)
    home = parent_of(channel) if message_id == channel.id else None
    return f"https://discord.com/channels/{guild.id if guild is not None else '@me'}/{home or channel.id}/{message_id}"


def may_read_back(message: discord.Message, me: Me) -> bool:
    """Whether the bot may read what was written before in a message's channel.

    Where it may not, Discord gives an empty history instead of a refusal.
    https://discord.com/developers/docs/resources/message#get-channel-messages
    """
    channel, guild = message.channel, message.guild
    member = guild.get_member(me.id) if guild is not None else None
    if member is None or isinstance(channel, discord.PartialMessageable):
        return True
    return channel.permissions_for(member).read_message_history
