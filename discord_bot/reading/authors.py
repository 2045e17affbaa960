"""Who has written a message: the bot, as itself or as a persona, or somebody else; and under which name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import discord

NAME_LENGTH = 64
"""Characters of a name that are kept; Discord allows 32, webhooks 80."""
_BREAKS = re.compile(r"[\s:：]+")


@dataclass(frozen=True, slots=True)
class Me:
    """Who the bot is in Discord: its user, and its application, which its webhooks belong to."""

    id: int
    name: str
    application_id: int | None


def is_own(message: discord.Message, me: Me) -> bool:
    """Whether the bot has said it: as itself, or as a persona through a webhook of its own.

    What a webhook has written names the application that made the webhook, so it is known after a restart too. Answers
    to commands have a webhook as well, the application itself; they are no part of a conversation.
    https://discord.com/developers/docs/resources/message#message-object
    """
    if message.webhook_id is None:
        return message.author.id == me.id
    return message.author.id != me.id and message.application_id == me.application_id is not None


def own_name(message: discord.Message, me: Me) -> str:
    """The bot's name as people see it where a message stands."""
    shown = getattr(message.guild or message.channel, "me", None)
    return me.name if shown is None else name_of(shown)


def name_of(author: discord.abc.User) -> str:
    """A person's name as shown in that server, on one line and without a colon, so that it can't pose as a turn."""
    return as_speaker(author.display_name) or str(author.id)


@lru_cache(maxsize=4096)  # a name is read with each message of whoever bears it
def as_speaker(name: str) -> str:
    """A name as it stands before what somebody says."""
    return _BREAKS.sub(" ", name).strip()[:NAME_LENGTH]
