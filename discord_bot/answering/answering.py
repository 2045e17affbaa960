"""Who is answered, and what becomes of the replies when a question is edited or deleted.

A question has one reply of each whom it speaks to, whatever happens to it. When these are written, `turns.py` settles.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

from discord_bot import reading
from discord_bot.answering.apart import ANSWERED_WITHIN
from discord_bot.answering.asking import Work
from discord_bot.answering.exchanges import KEPT, Cut, Exchange, Exchanges
from discord_bot.answering.parts import earlier_part, revise_part, take_in
from discord_bot.answering.presses import Presses
from discord_bot.answering.recall import question_about
from discord_bot.answering.replies import in_a_reply
from discord_bot.answering.threads import staying
from discord_bot.answering.tracing import Traces
from discord_bot.answering.turns import Turns
from discord_bot.answering.writing import Writing
from discord_bot.errors import BotError
from discord_bot.store import library_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    import discord

    from discord_bot.answering.questions import Question
    from discord_bot.answering.tracing import Traced
    from discord_bot.bot import ChatBot
    from discord_bot.chat.buffered import BufferedMessage

log = logging.getLogger(__name__)


class Answering:
    """All that is being answered, and the replies that can still change."""

    def __init__(self, bot: ChatBot) -> None:
        self.bot = bot
        self.exchanges = Exchanges()
        self.answered_within = ANSWERED_WITHIN
        """Seconds that the answer to a command may take."""
        self.turns = Turns(bot, self.exchanges)
        self.presses = Presses(bot, self.exchanges, self.turns)
        self._apart = Traces(KEPT)
        """Of the last answers to commands, which are no exchanges any more."""

    def ask(self, message: discord.Message, asked: BufferedMessage | None) -> None:
        """Answers a message, if it speaks to the bot and its author may ask."""
        if message.author.bot or message.is_system():
            return
        if self.exchanges.about(message.id) is not None:
            return
        speaks, earlier = self._is_for_us(message), None
        if asked is not None:
            conversation = self.bot.conversations.find(message.channel.id)
            earlier = earlier_part(self.exchanges, conversation, message, speaks=speaks)
        if speaks or earlier is not None:
            question = question_about(self.bot, message, asked)
            if earlier is not None:
                take_in(earlier, question)
            self._take_up(question)
        elif self._may_be_called(message):
            self.turns.keep(self._ask_by_name(message, asked))

    def _take_up(self, question: Question, *, late: bool = False) -> None:
        self.exchanges.add(question)
        self.turns.answer(question, late=late)

    def _may_be_called(self, message: discord.Message) -> bool:
        """Whether a message may name a persona that answers to that there."""
        if message.guild is None or self.bot.calls.wakes(message, self.bot.loop.time()) is False:
            return False
        return self.bot.hearing.may_be_called(message) and self._may_ask(message)

    async def _ask_by_name(self, message: discord.Message, asked: BufferedMessage | None) -> None:
        """Answers a message that names a persona which answers to that there; edits of it do not take that back."""
        bot, now = self.bot, asyncio.get_running_loop().time()
        assert message.guild is not None  # a direct message needs no name
        library = library_of(message.guild.id, message.author.id)
        try:
            await bot.calls.look(now)
            if bot.calls.wakes(message, now) is None:
                bot.calls.learn(message.channel.id, await bot.speaking_in(await bot.state_of(message), library), now)
        except BotError as error:
            log.error("a name was called in channel %s: %s", message.channel.id, error)  # noqa: TRY400  # known
            return
        if bot.calls.wakes(message, now):
            question = question_about(bot, message, asked)
            question.is_reply = True
            self._take_up(question)

    def edit(self, message: discord.Message, asked: BufferedMessage | None) -> None:
        """Follows an edit of a question: the same reply becomes another one, is taken back, or is written only now."""
        within = self.bot.settings.delivery.revise_within
        question = self.exchanges.about(message.id)
        if not within:
            return
        if (whole := self.exchanges.with_part(message.id)) is not None:
            if revise_part(whole, message.id, asked.content if asked is not None else ""):
                self._revise(whole, within)
            return
        if question is None or question.is_taken_back:
            # An edit has made it a question; or it was answered before the bot was restarted.
            if reading.was_edited_within(within, message) and self._speaks(message):
                self._take_up(question_about(self.bot, message, asked), late=True)
            return
        if not (self._speaks(message) or (question.is_reply and self._may_ask(message))):
            self._take_back(question)
            return
        # A link's preview comes as an update, too.
        same_edit = message.edited_at == question.message.edited_at
        unchanged = same_edit or question.says == (asked.content if asked is not None else "")
        if unchanged or not (question.busy or question.stands):
            return
        question.message, question.asked = staying(message, question.message), asked
        self._revise(question, within)

    def _revise(self, question: Question, within: float) -> None:
        """Lets a question that has become another one be answered anew, by each whom it speaks to now."""
        first, busy = question.first, question.busy
        for exchange in question.exchanges:
            if exchange is first or not exchange.waits:
                if exchange.busy:
                    exchange.cut_short(Cut.REVISED)
            elif not first.busy:  # it waits for one that comes behind the first
                exchange.waits = exchange.busy = False
        if not first.busy and (
            busy or (question.stands and asyncio.get_running_loop().time() - question.over_at <= within)
        ):
            self.turns.answer(question)

    def delete(self, channel_id: int, message_ids: Iterable[int]) -> None:
        """Follows deletions: without its question an answer is taken back, and a reply that is gone is not written."""
        for message_id in message_ids:
            question, whole = self.exchanges.about(message_id), self.exchanges.with_part(message_id)
            if whole is not None and whole.busy:
                revise_part(whole, message_id, None)
                self._revise(whole, 0.0)
            elif question is not None and question.busy:
                self._take_back(question)
            elif (exchange := self.exchanges.with_page(channel_id, message_id)) is not None:
                exchange.lose(message_id)

    def _take_back(self, question: Question) -> None:
        """Takes back the answers to a question while one of them is being written; those of before stay."""
        if not question.busy:
            return
        for exchange in question.exchanges:
            if exchange.standing and not exchange.busy:
                self.turns.hold(exchange)
                self.turns.begin(exchange, in_a_reply(self.bot, exchange, Writing.take_back))
            exchange.cut_short(Cut.TAKEN_BACK)

    def _speaks(self, message: discord.Message) -> bool:
        """Whether a message speaks to the bot, and its author may ask."""
        return not (message.author.bot or message.is_system()) and self._is_for_us(message)

    def _is_for_us(self, message: discord.Message) -> bool:
        """The same of what a person says."""
        return self.bot.hearing.hears(message, self.bot.me) and self._may_ask(message)

    def _may_ask(self, message: discord.Message) -> bool:
        if message.guild is None and not self.bot.settings.allow_dms:
            return False
        return self.bot.admits(message.author, message.channel)

    def ask_apart(self, question: Question) -> None:
        """Answers what was asked by a command, while there is time for that."""
        self.exchanges.add(question)
        question.first.busy = True
        self.turns.begin(question.first, self._answer_apart(question.first))

    async def _answer_apart(self, exchange: Exchange) -> None:
        over = asyncio.get_running_loop().call_later(self.answered_within, exchange.cut_short, Cut.OUT_OF_TIME)
        try:
            async with AsyncExitStack() as turn:
                async with exchange.cuttable():  # when the time is over, that is said, whoever has the turn
                    await turn.enter_async_context(exchange.conversation.turn(exchange.message.author.id))
                await in_a_reply(self.bot, exchange, partial(Writing.follow, work=Work.ANSWER))
        finally:
            over.cancel()
            self._apart.keep(exchange.page_ids, exchange.traced)
            exchange.standing = ()  # it can't be changed any more, so it need not be known

    def traced(self, channel_id: int, page_id: int) -> Traced | None:
        """Where the answer comes from of which that message is a page; None where it is none, or not known any more."""
        exchange = self.exchanges.with_page(channel_id, page_id)
        return exchange.traced if exchange is not None else self._apart.about(page_id)
