"""What things look like on the wire: each record as the JSON object that Discord's API v10 sends for it.

Shapes only. What may be seen by whom is decided elsewhere; `viewer` is the user for whom `me` in reactions is meant.
The tests hold these shapes against Discord's own OpenAPI description.

`people` are users, members and roles; `channels`, `guilds` and `messages` are those with the events that show them;
`applications` is what belongs to one.
"""

from discord_bot.simulator.world.payloads.applications import application, interaction_metadata, own_emoji, webhook
from discord_bot.simulator.world.payloads.channels import channel, channel_event, thread_event, thread_member
from discord_bot.simulator.world.payloads.guilds import guild, guild_created
from discord_bot.simulator.world.payloads.messages import (
    attachment,
    emoji,
    message,
    message_event,
    snapshot,
    without_content,
)
from discord_bot.simulator.world.payloads.people import member, own_user, role, user

__all__ = [
    "application",
    "attachment",
    "channel",
    "channel_event",
    "emoji",
    "guild",
    "guild_created",
    "interaction_metadata",
    "member",
    "message",
    "message_event",
    "own_emoji",
    "own_user",
    "role",
    "snapshot",
    "thread_event",
    "thread_member",
    "user",
    "webhook",
    "without_content",
]
