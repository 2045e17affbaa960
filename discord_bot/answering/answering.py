"""Who is answered, when, and what becomes of a reply when people edit, delete or press something.

A question has one reply of each whom it speaks to, whatever happens to it. Whoever asks gets a turn: one at a time for
a person, several people side by side; pressing "Again" is asking, too.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

import discord

from discord_bot import reading
from discord_bot.answering.apart import ANSWERED_WITHIN
from discord_bot.answering.asking import Work
from discord_bot.answering.controls import controls_of
from discord_bot.answering.exchanges import KEPT, Cut, Exchange, Exchanges
from discord_bot.answering.parts import earlier_part, revise_part, take_in
from discord_bot.answering.recall import controls_left, question_about, question_below, take_over
from discord_bot.answering.threads import open_thread, staying
from discord_bot.answering.tracing import Traces
from discord_bot.answering.waiting import Waiting
from discord_bot.answering.writing import Writing
from discord_bot.delivery import BotSender, Content, Page, Sent, without_notice
from discord_bot.errors import BotError, CompletionError
from discord_bot.sentences import explain, explain_to_owner
from discord_bot.store import library_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
    from typing import Any

    from discord_bot.answering.controls import Press
    from discord_bot.answering.questions import Question
    from discord_bot.answering.tracing import Trace, Traced
    from discord_bot.bot import ChatBot
    from discord_bot.chat.buffered import BufferedMessage
    from discord_bot.sentences import Language

log = logging.getLogger(__name__)

GRACE = 4.0
"""Seconds that replies get to come to their end by themselves when the bot stops; what is left then is interrupted."""
LAST_WORDS = 4.0
"""Seconds after that for saying so in Discord. Together with the rest of the stop they stay below ten."""


class Answering:
    """All that is being answered, and the replies that can still change."""

    def __init__(self, bot: ChatBot) -> None:
        self.bot = bot
        self.exchanges = Exchanges()
        self.answered_within = ANSWERED_WITHIN
        """Seconds that the answer to a command may take."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._signs = asyncio.Lock()
        self._apart = Traces(KEPT)
        """Of the last answers to commands, which are no exchanges any more."""

    # ---- what people write, change and take back ---------------------------------------------------------------------

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
            self._keep(asyncio.create_task(self._ask_by_name(message, asked)))

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
            self._take_hold(first)
            self._begin(first, self._take_turn(first, Work.ANSWER, question.message.author.id))

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
                self._take_hold(exchange)
                self._begin(exchange, self._in_a_reply(exchange, Writing.take_back))
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
        self._begin(question.first, self._answer_apart(question.first))

    async def _answer_apart(self, exchange: Exchange) -> None:
        over = asyncio.get_running_loop().call_later(self.answered_within, exchange.cut_short, Cut.OUT_OF_TIME)
        try:
            async with AsyncExitStack() as turn:
                async with exchange.cuttable():  # when the time is over, that is said, whoever has the turn
                    await turn.enter_async_context(exchange.conversation.turn(exchange.message.author.id))
                await self._in_a_reply(exchange, partial(Writing.follow, work=Work.ANSWER))
        finally:
            over.cancel()
            self._apart.keep(exchange.page_ids, exchange.traced)
            exchange.standing = ()  # it can't be changed any more, so it need not be known

    def traced(self, channel_id: int, page_id: int) -> Traced | None:
        """Where the answer comes from of which that message is a page; None where it is none, or not known any more."""
        exchange = self.exchanges.with_page(channel_id, page_id)
        return exchange.traced if exchange is not None else self._apart.about(page_id)

    # ---- what people press -------------------------------------------------------------------------------------------

    def stop(self, press: Press, page_id: int) -> bool:
        """Ends an answer where it is; False where none is being written."""
        exchange = self.known(press, page_id)
        if exchange is None or not exchange.busy:
            return False
        exchange.cut_short(Cut.STOPPED)
        return True

    def known(self, press: Press, page_id: int) -> Exchange | None:
        """The exchange that a button below that page belongs to, where it is still known."""
        question = self.exchanges.about(press.question_id)
        return question.exchange_of(press.persona, page_id) if question is not None else None

    async def recall(self, press: Press, page: discord.Message) -> Exchange | None:
        """The exchange that a button belongs to, told from the channel where it is not known any more.

        None where the question is gone. Raises what discord.py raises where Discord can't be asked.
        """
        if self.exchanges.about(press.question_id) is None:
            read = await question_below(self.bot, press, page)
            if read is not None and self.exchanges.about(press.question_id) is None:  # it may have been pressed twice
                self.exchanges.add(read)
        exchange = self.known(press, page.id)
        if exchange is not None:
            await exchange.let_end()
        if exchange is not None and not exchange.busy and page.id not in exchange.page_ids:
            exchange.standing = [*exchange.standing, Sent(page)]
        return exchange

    async def write(
        self,
        exchange: Exchange,
        work: Work,
        person_id: int,
        show: Callable[[discord.ui.View | None], Awaitable[None]],
    ) -> bool:
        """Begins a further answer, or goes on with one; whether that has to wait for that person's other answers.

        Where it begins at once, `show` lets the button that stops it stand below the reply.
        """
        self._take_hold(exchange)
        waits = exchange.conversation.has_to_wait(person_id)
        if not waits:
            controls = controls_of(self.bot, exchange, self._language(exchange.message))
            stop = exchange.growing = controls.while_growing()
            try:
                await show(stop)
            except BaseException:
                exchange.busy, exchange.growing = False, None
                raise
            exchange.note_controls(stop)
        self._begin(exchange, self._take_turn(exchange, work, person_id))
        return waits

    def controls_now(self, press: Press, page_id: int, language: Language) -> discord.ui.View | None:
        """The buttons that belong below a reply that nobody writes, where others stand there yet."""
        exchange = self.known(press, page_id)
        if exchange is None:  # the bot was restarted while that answer grew
            return controls_left(self.bot, press, language)
        view = controls_of(self.bot, exchange, self._language(exchange.message)).at_the_end(exchange.versions)
        exchange.note_controls(view)
        return view

    async def leaf(
        self, exchange: Exchange, by: int, show: Callable[[str, discord.ui.View | None], Awaitable[None]]
    ) -> None:
        """Shows an earlier or a later answer, if there is one and nothing is being written.

        One that fits into the message goes out by `show`, as the answer to the press: that is at once, while edits are
        few in a channel.
        """
        await exchange.let_end()
        if exchange.busy or not exchange.versions.step(by):
            return
        self._take_hold(exchange)
        exchange.leafing = True
        version = exchange.versions.shown
        alone = version is not None and len(version.pages) == len(exchange.standing) == 1
        if version is not None and alone:
            await self._begin(exchange, self._leaf_at_once(exchange, version.pages[0], show))
        else:
            self._begin(exchange, self._leaf(exchange))

    # ---- turns -------------------------------------------------------------------------------------------------------

    def _take_up(self, question: Question, *, late: bool = False) -> None:
        self.exchanges.add(question)
        first = question.first
        self._take_hold(first)
        self._begin(first, self._take_turn(first, Work.ANSWER, question.message.author.id, late=late))

    def _take_hold(self, exchange: Exchange) -> None:
        """Lets nothing else be done with a reply until what is to be done now is done."""
        exchange.busy, exchange.cut = True, None
        exchange.question.conversation = self.bot.conversations.open(exchange.message.channel.id)

    def _begin(self, exchange: Exchange, doing: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        before, exchange.waits = exchange.task if exchange.waits else None, False
        exchange.task = self._keep(asyncio.create_task(self._until_done(exchange, doing, before)))
        return exchange.task

    def _keep(self, task: asyncio.Task[None]) -> asyncio.Task[None]:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

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
                await self._in_a_reply(exchange, Writing.take_back)  # it was deleted while the last text was on its way
        except asyncio.CancelledError:
            if exchange.cut is None and not (exchange.standing or exchange.versions.shown):  # it waited for its turn
                await self._in_a_reply(exchange, Writing.interrupt)
            raise
        finally:
            exchange.busy, exchange.leafing, exchange.queued, exchange.growing = exchange.waits, False, False, None
            if exchange.task is asyncio.current_task():
                exchange.task = None
            self.exchanges.over(exchange)

    @asynccontextmanager
    async def _turn(self, exchange: Exchange, work: Work, person_id: int) -> AsyncIterator[None]:
        """One person's turn; a question that waits for it has a sign that it does."""
        waiting = Waiting(self.bot, exchange.message, self._signs)
        if work is Work.ANSWER and exchange.conversation.has_to_wait(person_id):
            self._keep(asyncio.create_task(waiting.show()))
        try:
            async with exchange.conversation.turn(person_id):
                waiting.end()
                yield
        finally:
            waiting.end()

    async def _take_turn(self, exchange: Exchange, work: Work, person_id: int, *, late: bool = False) -> None:
        """Writes an answer in its turn; those that others give to the same question come in the same one."""
        if work is Work.ANSWER and not exchange.question.stands:
            await open_thread(self.bot, exchange.question)
        async with AsyncExitStack() as turn:
            exchange.queued = True
            await turn.enter_async_context(self._turn(exchange, work, person_id))
            exchange.queued = False
            if late and exchange.cut is not Cut.TAKEN_BACK:
                await take_over(self.bot, exchange.question)
            await self._write_in(turn, exchange, work)

    async def _write_in(self, turn: AsyncExitStack, exchange: Exchange, work: Work = Work.ANSWER) -> None:
        """Writes an answer, anew for as long as the question is edited, and hands the turn on to who answers next."""
        async with turn:
            if exchange.cut is Cut.REVISED:
                work = Work.ANSWER
            if exchange.cut is Cut.STOPPED:
                await self._in_a_reply(exchange, Writing.show)
            elif exchange.cut in (None, Cut.REVISED):  # otherwise it was taken back while it waited
                await self._in_a_reply(exchange, partial(Writing.follow, work=work))
            while exchange.cut is Cut.REVISED and exchange.leads:  # while the last text was on its way
                await self._in_a_reply(exchange, partial(Writing.follow, work=Work.ANSWER))
            if (following := exchange.question.waiting) is not None:
                self._begin(following, self._write_in(turn.pop_all(), following))

    async def _leaf_at_once(
        self, exchange: Exchange, page: str, show: Callable[[str, discord.ui.View | None], Awaitable[None]]
    ) -> None:
        view = controls_of(self.bot, exchange, self._language(exchange.message)).at_the_end(exchange.versions)
        standing, sender = exchange.standing[0], exchange.sender or BotSender(exchange.message)
        content = Content(page, controls=view, first=True)
        await show(sender.shown(standing.message, content), view)
        standing.content = content
        self._remember(exchange, {standing.id: Page(standing.id, page, sender.webhook_of(standing.message))})
        if exchange.cut is Cut.REVISED and exchange.leads:
            await self._take_turn(exchange, Work.ANSWER, exchange.message.author.id)

    async def _leaf(self, exchange: Exchange) -> None:
        await self._in_a_reply(exchange, Writing.show)
        if exchange.cut is Cut.REVISED and exchange.leads:
            await self._take_turn(exchange, Work.ANSWER, exchange.message.author.id)

    async def _in_a_reply(self, exchange: Exchange, write: Callable[[Writing], Awaitable[None]]) -> None:
        """Lets a reply become what it is to be; whatever goes wrong is said on it and written to the log."""
        message, question = exchange.message, exchange.question
        language = question.language or self._language(message)
        reply = self.bot.delivery.reply(
            message, partial(explain, language=language), standing=exchange.standing, sender=exchange.sender
        )
        pages_before = exchange.page_ids
        exchange.reply, reply.when_gone = reply, partial(exchange.cut_short, Cut.GONE)
        try:
            async with reply:
                await write(Writing(self.bot, exchange, reply, language))
        except CompletionError as error:
            words = explain_to_owner(error, self.bot.own_language)
            log.warning("no whole answer in channel %s: %s (%s, status %s): %s → %s",
                        message.channel.id, error.asked, error.kind, error.status, *words)  # fmt: skip
        except BotError as error:
            log.error("no answer in channel %s: %s", message.channel.id, error)  # noqa: TRY400  # known, so no traceback
        except discord.HTTPException as error:
            if isinstance(error, discord.Forbidden) and not question.is_apart:
                log.warning("the bot may not write in channel %s: it needs the permission to send messages there",
                            message.channel.id)  # fmt: skip
                await self._show_mute(message)
                return
            log.warning("Discord refused a reply in channel %s: %s", message.channel.id, error)
            if not (question.is_apart or reply.sent):  # such as in a thread that is locked
                await self._show_mute(message)
        except Exception:
            log.exception("no answer in channel %s", message.channel.id)
        finally:
            exchange.reply, exchange.standing, exchange.sender = None, reply.sent, reply.sender
            trace, exchange.trace = exchange.trace, None
            pages = {page.id: page for page in reply.pages}
            exchange.conversation.remove(pages_before - pages.keys())
            if not question.is_apart:
                self._remember(exchange, pages)
            self._tell(trace, list(pages))

    def _tell(self, trace: Trace | None, page_ids: Sequence[int]) -> None:
        """Lets who observes the bot know where an answer comes from, if a model was asked."""
        if self.bot.observer is None or trace is None:
            return
        if trace.provenance is not None and trace.request is not None:
            self.bot.observer(trace.provenance, trace.request, page_ids)

    def _language(self, message: discord.Message) -> Language:
        """The language for the bot's own words to a question."""
        locale = message.guild.preferred_locale if message.guild is not None else None
        return self.bot.language(locale, text=message.content)

    def _remember(self, exchange: Exchange, pages: Mapping[int, Page]) -> None:
        """Lets the buffer hold what stands in Discord now."""
        first = exchange.standing[0].id if exchange.standing else None
        for page_id, page in pages.items():
            if content := without_notice(page.content):
                said = reading.answer(page, content, exchange.message, self.bot.me, exchange.speaker)
                exchange.conversation.remember(said if page_id == first else said._replace(first_page=first))
            else:
                exchange.conversation.remove((page_id,))

    async def _show_mute(self, message: discord.Message) -> None:
        """Where the bot may not write, a reaction is the only word that it has."""
        with suppress(discord.HTTPException):
            await message.add_reaction("🔇")

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
