"""What stands in Discord -> what is remembered: a channel's history, and what a question replies to."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import aiohttp
import discord

from discord_bot import reading
from discord_bot.chat.pacing import Worth

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot
    from discord_bot.chat.buffer import BufferedMessage
    from discord_bot.conversations import Conversation

log = logging.getLogger(__name__)


async def look_up(bot: ChatBot, message: discord.Message, conversation: Conversation) -> None:
    """Learns what a question replies to, where Discord has not told, as it sometimes does not, and nothing is known.

    https://discord.com/developers/docs/resources/message#message-object (`referenced_message`)
    """
    asked, reference = conversation.buffer.get(message.id), message.reference
    if asked is None or asked.quoted is None or asked.quoted.content is not None:
        return
    if reference is None or reference.resolved is not None:  # it is gone
        return

    async def fetch() -> BufferedMessage | None:
        async with bot.delivery.gate.request(Worth.TEXT):
            return bot.hearing.remembered(await message.channel.fetch_message(answered_id), bot.me)

    answered_id = asked.quoted.id
    try:
        await conversation.look_up(message.id, fetch)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        log.info("what a question in channel %s replies to can't be read: %s", message.channel.id, error)


async def read_back(
    bot: ChatBot, message: discord.Message, conversation: Conversation, *, in_any_case: bool = False
) -> None:
    """Makes the buffer reach back into what stands in Discord, once; without it, what was heard has to do."""
    if conversation.complete:
        return
    if bot.delivery.crowded and not in_any_case:  # the next mention reads it
        log.info("the history of channel %s is not read back now: too many ask at once", message.channel.id)
        return

    if not reading.may_read_back(message, bot.me):
        log.warning("the history of channel %s can't be read back: Read Message History is missing", message.channel.id)
        bot.conversations.mark_unreadable(message.channel.id)
        return

    async def fetch() -> list[BufferedMessage]:
        limit = bot.settings.conversation.max_messages
        async with bot.delivery.gate.request(Worth.TEXT):
            history = [each async for each in message.channel.history(limit=limit)]
            return reading.in_order(history, bot.me, bot.hearing.remembered)

    try:
        await conversation.read_back(fetch)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        conversation.complete = True  # not to be tried again at each mention
        log.warning("the history of channel %s can't be read back, only what is heard from now on is known: %s",
                    message.channel.id, error)  # fmt: skip
