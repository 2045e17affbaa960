"""Whom a message mentions: outside of code, as far as its sender allows it and may do it.

https://discord.com/developers/docs/resources/message#allowed-mentions-object
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from discord_bot.simulator.world.permissions import Permission

if TYPE_CHECKING:
    from discord_bot.simulator.world.drafts import AllowedMentions
    from discord_bot.simulator.world.entities import Channel, Message
    from discord_bot.simulator.world.world import World

_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
_USER = re.compile(r"<@!?(\d{1,20})>")
_ROLE = re.compile(r"<@&(\d{1,20})>")
_EVERYONE = re.compile(r"@(?:everyone|here)\b")


def find(
    world: World, message: Message, channel: Channel, allowed: AllowedMentions, replied: Message | None = None
) -> None:
    """Write into a message whom its content mentions, and whom it answers."""
    text = _CODE.sub(" ", message.content)
    users = [int(found) for found in _USER.findall(text)]
    mentioned = [one for one in users if one in world.users and (allowed.all_users or one in allowed.users)]
    if replied is not None and allowed.replied_user and replied.webhook_id is None:
        mentioned.append(replied.author_id)
    message.mentions = list(dict.fromkeys(mentioned))
    message.mention_roles, message.mention_everyone = [], False
    if channel.guild_id is None:
        return
    as_webhook = message.webhook_id is not None and message.webhook_id != message.application_id
    powerful = as_webhook or world.may(message.author_id, channel, Permission.MENTION_EVERYONE)
    roles = world.guilds[channel.guild_id].roles
    for role_id in dict.fromkeys(int(found) for found in _ROLE.findall(text)):
        role = roles.get(role_id)
        if role and (role.mentionable or powerful) and (allowed.all_roles or role_id in allowed.roles):
            message.mention_roles.append(role_id)
    message.mention_everyone = bool(allowed.everyone and powerful and _EVERYONE.search(text))
