"""What stands in Discord -> what is remembered: a channel's history, and what a question replies to."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import aiohttp
import discord

from discord_bot import reading
from discord_bot.chat.pacing import Worth

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot
    from discord_bot.chat.buffered import BufferedMessage
    from discord_bot.conversations import Conversation

log = logging.getLogger(__name__)

UNANSWERED: Final = (discord.HTTPException, aiohttp.ClientError, OSError)
"""What a request to Discord ends with where it does not tell."""

A_CALL: Final = 100
"""Messages that one call tells. https://discord.com/developers/docs/resources/message#get-channel-messages"""


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
    except UNANSWERED as error:
        log.info("what a question in channel %s replies to can't be read: %s", message.channel.id, error)


async def read_back(
    bot: ChatBot,
    message: discord.Message,
    conversation: Conversation,
    *,
    after: int | None = None,
    in_any_case: bool = False,
) -> None:
    """Makes the buffer reach back into what stands in Discord, once: as far as a prompt can.

    What stands there up to the message `after` was forgotten, and is not read. Without the permission to read history,
    what was heard has to do, until the bot has it.
    """
    if conversation.complete:
        return
    if bot.delivery.crowded and not in_any_case:  # the next mention reads it
        log.info("the history of channel %s is not read back now: too many ask at once", message.channel.id)
        return

    readable = reading.may_read_back(message, bot.me)
    if bot.conversations.note_readable(message.channel.id, readable):
        log.warning("the history of channel %s can't be read back: Read Message History is missing", message.channel.id)
    if not readable:
        return

    async def fetch() -> list[BufferedMessage]:
        return reading.in_order(await _newest(bot, message.channel, after), bot.me, bot.hearing.remembered)

    try:
        await conversation.read_back(fetch)
    except UNANSWERED as error:
        conversation.complete = True  # not to be tried again at each mention
        log.warning("the history of channel %s can't be read back, only what is heard from now on is known: %s",
                    message.channel.id, error)  # fmt: skip


async def _newest(bot: ChatBot, channel: discord.abc.Messageable, after: int | None) -> list[discord.Message]:
    """The newest messages of a channel, the newest first: by full calls, as many as fill a prompt, or a buffer."""
    remembering, told = bot.settings.conversation, list[discord.Message]()
    weight = 0
    while weight < remembering.max_tokens and (room := min(A_CALL, remembering.max_messages - len(told))) > 0:
        try:
            async with bot.delivery.gate.request(Worth.TEXT):
                page = [each async for each in channel.history(limit=room, before=told[-1] if told else None)]
        except UNANSWERED as error:
            if not told:
                raise
            log.warning("a channel's history is read back no further than %s messages: %s", len(told), error)
            break
        told += page
        heard = (bot.hearing.remembered(each, bot.me) for each in page)
        weight += sum(each.tokens for each in heard if each is not None)
        if len(page) < room or (after is not None and page[-1].id <= after):
            break
    return told
