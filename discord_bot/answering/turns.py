"""Who waits for whom: one thing at a time is done with a reply, and one answer at a time is written for a person.

Several people are answered side by side. Where a question speaks to several personas, each hands its turn to the next.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from discord_bot.answering.asking import Work
from discord_bot.answering.exchanges import Cut
from discord_bot.answering.recall import take_over
from discord_bot.answering.replies import in_a_reply
from discord_bot.answering.threads import open_thread
from discord_bot.answering.waiting import Waiting
from discord_bot.answering.writing import Writing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine
    from typing import Any

    from discord_bot.answering.exchanges import Exchange, Exchanges
    from discord_bot.answering.questions import Question
    from discord_bot.bot import ChatBot

GRACE = 4.0
"""Seconds that replies get to come to their end by themselves when the bot stops; what is left then is interrupted."""
LAST_WORDS = 4.0
"""Seconds after that for saying so in Discord. Together with the rest of the stop they stay below ten."""


class Turns:
    """All that is being done with replies, each in a task of its own, until it is done."""

    def __init__(self, bot: ChatBot, exchanges: Exchanges) -> None:
        self._bot, self._exchanges = bot, exchanges
        self._tasks: set[asyncio.Task[None]] = set()
        self._signs = asyncio.Lock()

    def hold(self, exchange: Exchange) -> None:
        """Lets nothing else be done with a reply until what is to be done now is done."""
        exchange.busy, exchange.cut = True, None
        exchange.question.conversation = self._bot.conversations.open(exchange.message.channel.id)

    def begin(self, exchange: Exchange, doing: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Does something with a reply that was taken hold of."""
        before, exchange.waits = exchange.task if exchange.waits else None, False
        exchange.task = self.keep(self._until_done(exchange, doing, before))
        return exchange.task

    def keep(self, doing: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Does something that the end waits for."""
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def answer(self, question: Question, *, late: bool = False) -> None:
        """Begins to answer a question in a turn of who asks it; where that comes `late`, there may be replies to it."""
        first = question.first
        self.hold(first)
        self.begin(first, self.take(first, Work.ANSWER, question.message.author.id, late=late))

    async def take(self, exchange: Exchange, work: Work, person_id: int, *, late: bool = False) -> None:
        """Writes an answer in that person's turn; those that others give to the same question come in the same one."""
        if work is Work.ANSWER and not exchange.question.stands:
            await open_thread(self._bot, exchange.question)
        async with AsyncExitStack() as turn:
            exchange.queued = True
            await turn.enter_async_context(self._turn(exchange, work, person_id))
            exchange.queued = False
            if late and exchange.cut is not Cut.TAKEN_BACK:
                await take_over(self._bot, exchange.question)
            await self._write(turn, exchange, work)

    @asynccontextmanager
    async def _turn(self, exchange: Exchange, work: Work, person_id: int) -> AsyncIterator[None]:
        """One person's turn; a question that waits for it has a sign that it does."""
        waiting = Waiting(self._bot, exchange.message, self._signs)
        if work is Work.ANSWER and exchange.conversation.has_to_wait(person_id):
            self.keep(waiting.show())
        try:
            async with exchange.conversation.turn(person_id):
                waiting.end()
                yield
        finally:
            waiting.end()

    async def _write(self, turn: AsyncExitStack, exchange: Exchange, work: Work = Work.ANSWER) -> None:
        """Writes an answer, anew for as long as the question is edited, and hands the turn on to who answers next."""
        async with turn:
            if exchange.cut is Cut.REVISED:
                work = Work.ANSWER
            if exchange.cut is Cut.STOPPED:
                await in_a_reply(self._bot, exchange, Writing.show)
            elif exchange.cut in (None, Cut.REVISED):  # otherwise it was taken back while it waited
                await in_a_reply(self._bot, exchange, partial(Writing.follow, work=work))
            while exchange.cut is Cut.REVISED and exchange.leads:  # while the last text was on its way
                await in_a_reply(self._bot, exchange, partial(Writing.follow, work=Work.ANSWER))
            if (following := exchange.question.waiting) is not None:
                self.begin(following, self._write(turn.pop_all(), following))

    async def _until_done(
        self, exchange: Exchange, doing: Coroutine[Any, Any, None], before: asyncio.Task[None] | None
    ) -> None:
        try:
            if before is not None:  # a further answer, which an edit of the question has cut short
                await asyncio.wait({before})
                exchange.wait()
                exchange.waits = False
            await doing
            if exchange.cut is Cut.TAKEN_BACK and exchange.standing:
                await in_a_reply(self._bot, exchange, Writing.take_back)  # deleted while the last text was on its way
        except asyncio.CancelledError:
            if exchange.cut is None and not (exchange.standing or exchange.versions.shown):  # it waited for its turn
                await in_a_reply(self._bot, exchange, Writing.interrupt)
            raise
        finally:
            exchange.busy, exchange.leafing, exchange.queued, exchange.growing = exchange.waits, False, False, None
            if exchange.task is asyncio.current_task():
                exchange.task = None
            self._exchanges.over(exchange)

    async def until_idle(self) -> None:
        """Waits until nobody is being answered any more, for however long that takes."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """Lets replies come to their end, then interrupts what is left; each says so on its reply."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=GRACE)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=LAST_WORDS)
