"""Exchanges from before a restart: what Discord tells of a question and of the reply to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from discord_bot import reading
from discord_bot.answering.catching_up import read_back
from discord_bot.answering.controls import Action, Controls, Press
from discord_bot.answering.exchanges import Exchange
from discord_bot.answering.threads import find_question
from discord_bot.chat.versions import Version, Versions
from discord_bot.delivery import Sent, without_notice

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot
    from discord_bot.chat.buffer import BufferedMessage
    from discord_bot.sentences import Language


def exchange_about(bot: ChatBot, message: discord.Message, asked: BufferedMessage | None) -> Exchange:
    """A new exchange about a question."""
    conversation = bot.conversations.open(message.channel.id)
    return Exchange(message, asked, conversation, is_reply=reading.replies_to(message, bot.me))


async def exchange_below(bot: ChatBot, press: Press, page: discord.Message) -> Exchange | None:
    """The exchange to which a button belongs, read from the channel; None where the question is gone."""
    try:
        message = await find_question(page.channel, press.question_id)
    except discord.NotFound:
        return None
    exchange = exchange_about(bot, message, bot.hearing.remembered(message, bot.me))
    await take_over_pages(bot, exchange, page)
    content = "\n".join(each.content for each in exchange.conversation.buffer.answers_to(message.id))
    unfinished = Press(Action.CONTINUE, press.question_id, press.asker_id).custom_id in _custom_ids(page)
    exchange.versions.add(Version(content or without_notice(page.content), unfinished=unfinished))
    return exchange


async def take_over_pages(bot: ChatBot, exchange: Exchange, below: discord.Message | None = None) -> None:
    """Finds the pages that stand in the channel as the answer to the question, if there are any.

    Below one of them, something was pressed; where the bot can't reach what went through its webhook, it is left there.
    """
    channel = exchange.message.channel
    assert not isinstance(channel, discord.GroupChannel)  # in which no bot ever is
    await read_back(bot, exchange.message, exchange.conversation, in_any_case=True)
    known = exchange.conversation.buffer.answers_to(exchange.message.id)
    through_webhook = {each.id for each in known if each.author_id != bot.me.id}
    if below is not None and below.webhook_id is not None:
        through_webhook.add(below.id)
    exchange.sender = sender = await bot.voices.again(exchange.message, through_webhook)
    reached = (each for each in known if sender is not None or each.id not in through_webhook)
    exchange.standing = [Sent(channel.get_partial_message(each.id)) for each in reached]


def controls_left(bot: ChatBot, press: Press, language: Language) -> discord.ui.View | None:
    """The buttons below an answer that grew when the bot went away, told from the one that stands there."""
    controls = Controls(press.question_id, press.asker_id, bot.settings.delivery.controls, language)
    return controls.at_the_end(Versions(Version("", unfinished=True)))


def _custom_ids(message: discord.Message) -> set[str | None]:
    """The custom ids of the buttons below a message."""
    return {
        button.custom_id
        for row in message.components
        if isinstance(row, discord.ActionRow)
        for button in row.children
        if isinstance(button, discord.Button)
    }
