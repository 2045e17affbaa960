"""Which way a persona speaks in a place, what is missing for it, and who then writes its pages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import aiohttp
import discord

from discord_bot.delivery import BotSender, Face, InteractionSender, Sender, WebhookSender
from discord_bot.voices.faces import Faces
from discord_bot.voices.names import webhook_name
from discord_bot.voices.profiles import Profiles, nameable
from discord_bot.voices.webhooks import Home, Webhooks, home_of

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot
    from discord_bot.chat.persona import Persona
    from discord_bot.store import Voice
    from discord_bot.voices.faces import Picture

log = logging.getLogger(__name__)

Way = Literal["webhook", "profile", "plain"]
"""How a persona speaks."""
Lack = Literal["voice_lacks_webhooks", "voice_lacks_nickname", "voice_not_here"]
"""Why it does not: the keys of the sentences for it."""
PATIENCE = 4.0
"""Seconds for which an answer waits for its webhook and its face; after that, the bot speaks as itself."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """How a persona speaks in a place."""

    way: Way
    lack: Lack | None = None
    """What is missing for the way that was wanted, where it is another one."""


class Voices:
    """All ways to speak, and what each needs."""

    def __init__(self, bot: ChatBot, picture: Picture) -> None:
        self._bot = bot
        self.webhooks = Webhooks()
        self.faces = Faces(bot, picture)
        self.profiles = Profiles(picture)

    def wanted(self, persona: Persona, voice: Voice | None) -> Way:
        """The way that was chosen. Left to us, whoever isn't the default one, or has a face, has a voice of its own."""
        chosen = voice or self._bot.settings.voice
        if chosen != "auto":
            return chosen
        own = persona.avatar is not None or persona.name != self._bot.personas.default
        return "webhook" if own else "plain"

    def spoken(self, persona: Persona, voice: Voice | None, guild: discord.Guild | None, channel: object) -> Spoken:
        """How a persona speaks in a channel; without one, in a whole server."""
        way = self.wanted(persona, voice)
        if way == "plain":
            return Spoken(way)
        home = home_of(channel)
        if guild is None or (channel is not None and home is None):
            asked_for = (voice or self._bot.settings.voice) != "auto"
            return Spoken("plain", "voice_not_here" if asked_for else None)
        if way == "profile":
            return Spoken(way, None if nameable(guild) else "voice_lacks_nickname")
        permissions = guild.me.guild_permissions if home is None else home.permissions_for(guild.me)
        if not permissions.manage_webhooks:
            return Spoken("plain", "voice_lacks_webhooks")
        in_thread = isinstance(channel, discord.Thread)
        writes = permissions.send_messages_in_threads if in_thread else permissions.send_messages
        return Spoken(way if writes or home is None else "plain")  # where the bot may not write, no webhook evades that

    async def sender(
        self,
        question: discord.Message,
        persona: Persona,
        voice: Voice | None,
        before: Sender | None,
        name: str | None = None,
    ) -> Sender:
        """Who writes the persona's pages; `before` is who wrote those that stand there. Never raises Discord's no.

        The bot, where it writes them as itself, says above them that they are those of `name`, if there is one. What
        answers a command has no other name or face than the bot's.
        """
        if isinstance(before, InteractionSender):
            return before.named(name)
        plain = BotSender(question, name)
        if isinstance(before, WebhookSender):
            before.plain = plain
        way = self.spoken(persona, voice, question.guild, question.channel).way
        home = home_of(question.channel)
        if way != "webhook" or home is None:
            if isinstance(before, WebhookSender):  # it still has its own pages in hand
                before.face = None
                return before
            return plain
        try:
            async with asyncio.timeout(PATIENCE):
                face = await self._face(persona)
                if isinstance(before, WebhookSender):
                    before.face = face
                    return before
                sender = await self._through_webhook(question, home, face)
                sender.plain = plain
                return sender
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("no webhook in channel %s, the bot speaks as itself: %s (code %s)", home.id,
                        type(error).__name__, getattr(error, "code", None))  # fmt: skip
            return before if isinstance(before, WebhookSender) else plain

    async def again(self, question: discord.Message, written: Collection[int]) -> Sender | None:
        """Who can edit pages from before a restart; `written` are those that went through a webhook."""
        home = home_of(question.channel)
        if not written or home is None:
            return None
        try:
            return await self._through_webhook(question, home, None, written)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("the webhook's messages in channel %s can't be changed: %s", home.id, type(error).__name__)
            return None

    async def _through_webhook(
        self, question: discord.Message, home: Home, face: Face | None, written: Collection[int] = ()
    ) -> WebhookSender:
        webhook = await self.webhooks.of(home, self._bot.me)

        async def renew() -> discord.Webhook:
            nonlocal webhook
            webhook = await self.webhooks.instead_of(webhook, home, self._bot.me)
            return webhook

        return WebhookSender(question, webhook, face, renew, written)

    async def _face(self, persona: Persona) -> Face:
        """The persona's own picture, or the bot's."""
        url = await self.faces.url(persona.avatar) if persona.avatar is not None else None
        assert self._bot.user is not None
        return Face(webhook_name(persona.called), url or self._bot.user.display_avatar.url)
