"""Threads that the bot opens at a question, where /channel wants answers there.

The question stands in the channel, and everything about it in the thread: a thread at a message has the message's id.
https://discord.com/developers/docs/resources/channel#start-thread-from-message
"""

from __future__ import annotations

import copy
import logging
import re
from typing import TYPE_CHECKING, Final

import aiohttp
import discord

from discord_bot import reading
from discord_bot.chat.pacing import Worth
from discord_bot.chat.speakers import unmentioned

if TYPE_CHECKING:
    from discord_bot.answering.questions import Question
    from discord_bot.bot import ChatBot

log = logging.getLogger(__name__)

NAME_LENGTH: Final = 100
"""Characters of a thread's name. https://discord.com/developers/docs/resources/channel#start-thread-from-message"""


_MARKDOWN: Final = re.compile(r"\*+|__+|~~|`+|\|\||^[ \t]*(?:#{1,3}|-#|>{1,3})[ \t]+", re.MULTILINE)
"""The marks that Discord hides in a message, and shows in a name."""


def at_head_of(thread: discord.Thread, message: discord.Message) -> discord.Message:
    """The message at which a thread was opened, as what is said there first: what follows it goes into the thread."""
    moved = copy.copy(message)
    moved.channel = thread
    return moved


def staying(message: discord.Message, before: discord.Message) -> discord.Message:
    """A question as it is now, where it is answered in the thread that was opened for it."""
    thread = before.channel
    return at_head_of(thread, message) if isinstance(thread, discord.Thread) and thread.id == message.id else message


async def find_question(channel: discord.abc.Messageable, message_id: int) -> discord.Message:
    """The question to an answer that stands in a channel or thread. Raises what discord.py raises."""
    parent = channel.parent if isinstance(channel, discord.Thread) and channel.id == message_id else None
    if isinstance(channel, discord.Thread) and isinstance(parent, discord.TextChannel):
        return at_head_of(channel, await parent.fetch_message(message_id))
    # Also what begins a post in a forum: it has the thread's id too, and stands in there itself.
    return await channel.fetch_message(message_id)


async def open_thread(bot: ChatBot, question: Question) -> None:
    """Lets a question be answered in a thread of its own, if that is wanted there and can be done."""
    message = question.message
    channel = message.channel
    if not isinstance(channel, discord.TextChannel) or bot.hearing.rules_in(channel).replies != "thread":
        return
    thread = channel.guild.get_thread(message.id)
    if thread is None:
        try:
            async with bot.delivery.gate.request(Worth.TEXT):
                thread = await message.create_thread(name=name_for(question))
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("no thread could be opened in channel %s, so the answer stands in it: %s", channel.id, error)
            return
        bot.conversations.mark_empty((thread.id,))
    question.message = at_head_of(thread, question.message)  # asked again: it may have been edited meanwhile
    question.conversation = bot.conversations.open(thread.id)


def name_for(question: Question) -> str:
    """What a thread is called: the question, on one line, and no longer than it may be. Names show no Markdown."""
    people = {each.id: reading.name_of(each) for each in question.message.mentions}
    name = " ".join(_MARKDOWN.sub("", unmentioned(question.says, people)).split())
    name = name or question.message.author.display_name
    return name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1].rstrip()}…"
