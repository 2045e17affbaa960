"""Questions and the replies to them: which are being answered, which were of late, and how one is cut short.

A question has an exchange for each persona that it speaks to, which in most channels is one. It is found by its id, and
an exchange by who answers and by the ids of the reply's pages. Only so many that are over are kept, and only so much
text of them: what is gone can still be told from the channel, but for the older answers.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from discord_bot.answering.tracing import Trace, Traced
from discord_bot.chat.versions import Versions
from discord_bot.delivery import WebhookSender

if TYPE_CHECKING:
    import discord

    from discord_bot.answering.questions import Question
    from discord_bot.cast import Speaking
    from discord_bot.conversations import Conversation
    from discord_bot.delivery import Reply, Sender, Sent

KEPT = 500
"""Questions that the bot knows before it lets go of some that are over; with them, where their answers come from."""
KEPT_TEXT = 2_000_000
"""Characters of their answers."""
ENDS_WITHIN = 1.5
"""Seconds that a press waits for an answer that ends; Discord gives us three to say that we have heard of it."""


class Cut(Enum):
    """Why an answer is ended from outside."""

    STOPPED = auto()
    """A person has pressed "Stop"."""
    REVISED = auto()
    """The question was edited."""
    TAKEN_BACK = auto()
    """The question was deleted, or no longer speaks to the bot, or not to who answers."""
    GONE = auto()
    """Somebody deleted the reply."""
    OUT_OF_TIME = auto()
    """It answers a command, and Discord lets nobody change such an answer any more in a moment."""


class Exchange:
    """One question, and the reply to it of one who answers."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.key = ""
        """What stands in buttons for the persona that answers; empty while that is not known."""
        self.speaker: str | None = None
        """The name under which it answers."""
        self.versions = Versions()
        self.standing: Sequence[Sent] = ()
        """The reply's pages in Discord, while nobody writes them."""
        self.sender: Sender | None = None
        """Who wrote them, and can edit them."""
        self.reply: Reply | None = None
        """The reply while it is being written."""
        self.trace: Trace | None = None
        """Where the answer comes from that is being written."""
        self.busy = False
        """Whether it is being answered, or waits to be."""
        self.waits = False
        """Whether it waits for those who answer before it."""
        self.queued = False
        """Whether it waits for a turn of its own, in which it answers the question as that is then."""
        self.growing: discord.ui.View | None = None
        """The button that stands below the reply while it is written, if it stands there already."""
        self.task: asyncio.Task[None] | None = None
        """What is being done, while anything is."""
        self.leafing = False
        """Whether that is only to show another answer."""
        self.cut: Cut | None = None
        """Why the answer was cut short, if it was."""
        self.over_at = 0.0
        """When it was last answered, on the event loop's clock."""
        self.counted = 0
        """How many characters of it count towards what is kept."""
        self._limit: asyncio.Timeout | None = None

    @property
    def message(self) -> discord.Message:
        """The question as it is now."""
        return self.question.message

    @property
    def conversation(self) -> Conversation:
        """That of the channel in which it is answered."""
        return self.question.conversation

    @property
    def is_open(self) -> bool:
        """Whether no word of an answer was shown yet."""
        shown = self.reply is not None and bool(self.reply.text)
        return self.busy and self.cut is None and not (shown or self.standing or self.versions.shown)

    @property
    def leads(self) -> bool:
        """Whether answering the question begins with it."""
        return self.question.first is self

    @property
    def has_a_face(self) -> bool:
        """Whether the reply stands under a name and a face of its own, which no edit changes."""
        sender = self.sender if self.reply is None else self.reply.sender
        return bool(self.page_ids) and isinstance(sender, WebhookSender)

    def is_of(self, speaking: Speaking) -> bool:
        """Whether it is that persona's; from before a restart, only the name may be known."""
        return self.key == speaking.key if self.key else self.speaker == speaking.shown

    def give_to(self, speaking: Speaking) -> None:
        """Lets that persona answer."""
        self.key, self.speaker = speaking.key, speaking.shown

    def wait(self) -> None:
        """Lets it be written when those are who answer before it."""
        self.busy = self.waits = True
        if self.task is None:
            self.begin()

    @property
    def traced(self) -> Traced | None:
        """Where the answer comes from that is being written, or else stands there; None where that is not known."""
        known = self.trace.provenance if self.trace is not None else None
        if known is None and self.versions.shown is not None:
            known = self.versions.shown.provenance
        return Traced(self.message.author.id, self.message.channel, known) if known is not None else None

    @property
    def page_ids(self) -> set[int]:
        """The ids of the reply's pages."""
        pages = self.reply.sent if self.reply is not None else self.standing
        return {page.id for page in pages}

    async def let_end(self) -> None:
        """Waits for an answer that is about to end: people see its last text before Discord has told us that it stands.

        So whoever presses a button below it at once is not too early.
        """
        ends = self.leafing or (self.reply is not None and self.reply.over)
        if self.task is not None and ends:
            await asyncio.wait({self.task}, timeout=ENDS_WITHIN)

    def begin(self) -> None:
        """It is written from here on: what cut an earlier beginning short is done with, but for what nothing undoes."""
        if self.cut in (Cut.REVISED, Cut.STOPPED):
            self.cut = None

    def note_controls(self, view: discord.ui.View | None) -> None:
        """Takes in that other buttons stand below the reply than were sent with it."""
        if self.standing and self.standing[-1].content is not None:
            self.standing[-1].content = replace(self.standing[-1].content, controls=view)

    def cut_short(self, why: Cut) -> None:
        """Ends the answer now, or as soon as its turn has come."""
        if self.cut in (Cut.TAKEN_BACK, Cut.GONE):
            return  # nothing brings it back
        self.cut = why
        if self.reply is not None and why is Cut.TAKEN_BACK:
            self.reply.take_back()
        elif self.reply is not None and why is Cut.GONE:
            self.reply.abandon()
        if self._limit is not None:
            self._limit.reschedule(asyncio.get_running_loop().time())

    def lose(self, page_id: int) -> None:
        """Takes in that a page of the reply is no longer there; where somebody deletes one that grows, that ends it."""
        self.standing = [page for page in self.standing if page.id != page_id]
        if self.reply is not None:
            if self.reply.is_losing(page_id):
                return  # the reply itself takes it back
            self.cut_short(Cut.GONE)
        elif not self.standing:
            self.cut_short(Cut.GONE)

    @asynccontextmanager
    async def cuttable(self) -> AsyncIterator[None]:
        """A block that `cut_short` ends where it is, with all that it has opened."""
        try:
            async with asyncio.timeout(None) as limit:
                self._limit = limit
                if self.cut is not None:
                    limit.reschedule(asyncio.get_running_loop().time())
                yield
        except TimeoutError:
            if not limit.expired():
                raise
        finally:
            self._limit = None


class Exchanges:
    """Those that are under way, and the last ones that are over."""

    def __init__(self) -> None:
        self._by_question: OrderedDict[int, Question] = OrderedDict()
        self._newest: dict[tuple[int, int], Question] = {}
        """Of each person in each channel, so that it need not be looked for at every message."""
        self._text = 0

    def __len__(self) -> int:
        return sum(len(question.exchanges) for question in self._by_question.values())

    def __iter__(self) -> Iterator[Exchange]:
        return iter([each for question in self._by_question.values() for each in question.exchanges])

    def add(self, question: Question) -> None:
        """A new one, or one of before that is known again."""
        self._by_question[question.message.id] = question
        newest = self._newest.get(_whose(question.message))
        if not question.is_apart and (newest is None or newest.message.id <= question.message.id):
            self._newest[_whose(question.message)] = question

    def about(self, question_id: int) -> Question | None:
        """The question with that id, if it is still known."""
        return self._by_question.get(question_id)

    def with_part(self, message_id: int) -> Question | None:
        """The question to which that message belongs, beside the last one of it."""
        return next((question for question in self._by_question.values() if message_id in question.parts), None)

    def open_of(self, message: discord.Message) -> Question | None:
        """The newest question of who wrote that message there, while more can belong to it."""
        newest = self._newest.get(_whose(message))
        return newest if newest is not None and newest.is_open else None

    def with_page(self, channel_id: int, message_id: int) -> Exchange | None:
        """The exchange in whose reply that message is a page."""
        return next(
            (
                exchange
                for question in reversed(self._by_question.values())
                if question.message.channel.id == channel_id
                for exchange in question.exchanges
                if message_id in exchange.page_ids
            ),
            None,
        )

    def over(self, exchange: Exchange) -> None:
        """One has been answered. The oldest questions that are over are let go where there are too many."""
        exchange.over_at = asyncio.get_running_loop().time()
        question = exchange.question
        if self._by_question.get(question.message.id) is not question:
            return
        if not (exchange.standing or exchange.waits or exchange.cut is Cut.GONE):
            self._drop(exchange)  # nothing of it is left; of a reply that somebody deleted, that it was deleted
            return
        if not exchange.standing:
            exchange.versions.clear()
        self._by_question.move_to_end(question.message.id)
        self._text += exchange.versions.size - exchange.counted
        exchange.counted = exchange.versions.size
        if not self._are_too_many():
            return
        for oldest in list(self._by_question.values()):
            if not self._are_too_many():
                return
            if not oldest.busy:
                for each in list(oldest.exchanges):
                    self._drop(each)

    def _are_too_many(self) -> bool:
        return len(self._by_question) > KEPT or self._text > KEPT_TEXT

    def _drop(self, exchange: Exchange) -> None:
        question = exchange.question
        self._text -= exchange.counted
        question.exchanges.remove(exchange)
        if not question.exchanges:
            del self._by_question[question.message.id]
            if self._newest.get(_whose(question.message)) is question:
                del self._newest[_whose(question.message)]


def _whose(message: discord.Message) -> tuple[int, int]:
    return message.channel.id, message.author.id
