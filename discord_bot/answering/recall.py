"""Exchanges from before a restart: what Discord tells of a question and of the replies to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import discord

from discord_bot import reading
from discord_bot.answering.catching_up import read_back
from discord_bot.answering.controls import Action, Controls, Press
from discord_bot.answering.exchanges import Exchange
from discord_bot.answering.questions import Question
from discord_bot.answering.threads import find_question
from discord_bot.chat.versions import Version, Versions
from discord_bot.delivery import BotSender, Sent

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot
    from discord_bot.chat.buffered import BufferedMessage
    from discord_bot.sentences import Language


def question_about(bot: ChatBot, message: discord.Message, asked: BufferedMessage | None) -> Question:
    """A new question."""
    conversation = bot.conversations.open(message.channel.id)
    return Question(message, asked, conversation, is_reply=reading.replies_to(message, bot.me))


async def question_below(bot: ChatBot, press: Press, page: discord.Message) -> Question | None:
    """The question to whose reply a button belongs, read from the channel; None where it is gone."""
    try:
        message = await find_question(page.channel, press.question_id)
    except discord.NotFound:
        return None
    question = question_about(bot, message, bot.hearing.remembered(message, bot.me))
    await take_over(bot, question, page)
    exchange = question.exchange_of("", page.id) or question.first
    exchange.key = press.persona
    said = [each for each in question.conversation.buffer.answers_to(message.id) if each[0].id in exchange.page_ids]
    content = "\n".join(page.content for pages in said for page in pages)
    unfinished = replace(press, action=Action.CONTINUE).custom_id in reading.custom_ids(page)
    exchange.versions.add(Version(content or reading.own_words(page.content), unfinished=unfinished))
    return question


async def take_over(bot: ChatBot, question: Question, below: discord.Message | None = None) -> None:
    """Finds the replies that stand in the channel as answers to the question, if there are any: an exchange of each.

    Below a page of one of them, something was pressed; where the bot can't reach what went through its webhook, it is
    left there.
    """
    channel = question.message.channel
    assert not isinstance(channel, discord.GroupChannel)  # in which no bot ever is
    await read_back(bot, question.message, question.conversation, in_any_case=True)
    answers = question.conversation.buffer.answers_to(question.message.id)
    question.exchanges += [Exchange(question) for _ in answers[len(question.exchanges) :]]
    for exchange, pages in zip(question.exchanges, answers or [[]], strict=True):
        through_webhook = {page.id for page in pages if page.author_id != bot.me.id}
        if below is not None and below.webhook_id is not None:
            through_webhook.add(below.id)
        exchange.sender = sender = await bot.voices.again(question.message, through_webhook)
        reached = (page for page in pages if sender is not None or page.id not in through_webhook)
        exchange.standing = [Sent(channel.get_partial_message(page.id)) for page in reached]
        exchange.speaker = pages[0].author_name if pages and pages[0].by_name else None
        if sender is None and exchange.speaker is not None:  # whatever is shown there next is still said by that one
            exchange.sender = BotSender(question.message, exchange.speaker)


def controls_left(bot: ChatBot, press: Press, language: Language) -> discord.ui.View | None:
    """The buttons below an answer that grew when the bot went away, told from the one that stands there."""
    controls = Controls(press, bot.settings.delivery.controls, language)
    return controls.at_the_end(Versions(Version("", unfinished=True)))
