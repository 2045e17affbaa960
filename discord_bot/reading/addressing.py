"""Whom a message speaks to: the bot, one of its personas, or somebody else."""

from __future__ import annotations

import re

import discord

from discord_bot.reading.authors import Me, is_own, name_of

_OTHERS = re.compile(r"\s*<@[!&]?\d+>")
"""A mention of a person or of a role at the very beginning."""


def addresses(message: discord.Message, me: Me) -> bool:
    """Whether a message speaks to the bot: a DM, a mention of its user or its own role, or a reply to it.

    @everyone and other roles are no mention of it.
    """
    if message.guild is None:
        return True
    if message.mentions and any(user.id == me.id for user in message.mentions):
        return True
    if "<@" in message.content and any(mention in message.content for mention in mentions_of(message, me)):
        return True
    return message.reference is not None and replies_to(message, me)


def mentions_of(message: discord.Message, me: Me) -> tuple[str, ...]:
    """The ways to mention the bot there: its user (there is an old form with `!` too), and its own managed role.

    Discord's own completion offers both under the same name.
    """
    # Looked for only where any role is mentioned: this runs for every message that the bot can see.
    role = message.guild.self_role if message.guild is not None and "<@&" in message.content else None
    return (f"<@{me.id}>", f"<@!{me.id}>", *((f"<@&{role.id}>",) if role is not None else ()))


def replies_to(message: discord.Message, me: Me) -> bool:
    """Whether a message is a reply to one of the bot's."""
    answered = message.reference.resolved if message.reference is not None else None
    return isinstance(answered, discord.Message) and is_own(answered, me)


def spoken_to(message: discord.Message, me: Me) -> str | None:
    """The name of the persona whose message this is a reply to, where it spoke under a name of its own."""
    answered = message.reference.resolved if message.reference is not None else None
    if not isinstance(answered, discord.Message) or answered.webhook_id is None or not is_own(answered, me):
        return None
    return name_of(answered.author)


def speaks_to_another(message: discord.Message, me: Me) -> bool:
    """Whether a message that does not speak to the bot plainly speaks to somebody else.

    It begins with a mention of others, or is a reply to another person; who replies to themselves goes on.
    """
    if _OTHERS.match(message.content):
        return True
    answered = message.reference.resolved if message.type is discord.MessageType.reply and message.reference else None
    if not isinstance(answered, discord.Message) or is_own(answered, me):
        return False
    return answered.author.id not in (me.id, message.author.id)
