"""The bot's own webhooks: one in each channel, through which all personas speak there.

It is found by who made it, so nothing needs to be kept for a restart: its token is a secret, and stays in memory.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

import discord

from discord_bot.voices.names import webhook_name

if TYPE_CHECKING:
    from discord_bot.reading import Me

KNOWN: Final = 2000
"""Webhooks that are known at once; the one that was unused for longest is looked for again."""

Home = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.ForumChannel
"""A channel that can have webhooks. A thread's are its channel's."""


def home_of(channel: object) -> Home | None:
    """The channel whose webhooks write in a place; None where none can, as in a direct message."""
    home = channel.parent if isinstance(channel, discord.Thread) else channel
    return home if isinstance(home, Home) else None


class Webhooks:
    """By channel."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, discord.Webhook] = OrderedDict()
        self._looking: dict[int, asyncio.Lock] = {}

    async def of(self, home: Home, me: Me) -> discord.Webhook:
        """The channel's; made where there is none. Raises what discord.py raises."""
        lock = self._looking.setdefault(home.id, asyncio.Lock())
        try:
            async with lock:  # two that are answered at once share one
                known = self._known.get(home.id)
                if known is None:
                    known = self._known[home.id] = await _found(home, me) or await home.create_webhook(
                        name=webhook_name(me.name)
                    )
                self._known.move_to_end(home.id)
                if len(self._known) > KNOWN:
                    self._known.popitem(last=False)
                return known
        finally:
            if not lock.locked():
                self._looking.pop(home.id, None)

    async def instead_of(self, gone: discord.Webhook, home: Home, me: Me) -> discord.Webhook:
        """Another one in the place of one that somebody deleted."""
        if (known := self._known.get(home.id)) is not None and known.id == gone.id:
            del self._known[home.id]
        return await self.of(home, me)


async def _found(home: Home, me: Me) -> discord.Webhook | None:
    """The one that the bot made there before."""
    own = [each for each in await home.webhooks() if each.token and each.user is not None and each.user.id == me.id]
    return min(own, key=lambda each: each.id, default=None)
