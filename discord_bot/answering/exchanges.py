"""Questions and the replies to them: which are being answered, which were of late, and how one is cut short.

What an exchange is about is found by the question's id, and by the ids of the reply's pages. Only so many that are over
are kept, and only so much text of them: what is gone can still be told from the channel, but for the older answers.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from discord_bot.chat.versions import Versions

if TYPE_CHECKING:
    import discord

    from discord_bot.answering.tracing import Trace
    from discord_bot.chat.buffer import BufferedMessage
    from discord_bot.chat.provenance import Provenance
    from discord_bot.conversations import Conversation
    from discord_bot.delivery import Reply, Sender, Sent

KEPT = 500
"""Exchanges that are over and still known, in the whole bot; with them, where their answers come from."""
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
    """The question was deleted, or no longer speaks to the bot."""
    GONE = auto()
    """Somebody deleted the reply."""


class Exchange:
    """One question, and the reply to it."""

    def __init__(
        self,
        message: discord.Message,
        asked: BufferedMessage | None,
        conversation: Conversation,
        *,
        is_reply: bool = False,
    ) -> None:
        self.message = message
        """The question as it is now."""
        self.asked = asked
        """What of it is remembered; None where there is nothing to be read."""
        self.conversation = conversation
        self.is_reply = is_reply
        """Whether it speaks to the bot by answering one of its messages, which no edit changes."""
        self.parts: dict[int, str] = {}
        """What the same person said just before and belongs to the question: ids of messages, and what they say."""
        self.versions = Versions()
        self.standing: Sequence[Sent] = ()
        """The reply's pages in Discord, while nobody writes them."""
        self.sender: Sender | None = None
        """Who wrote them, and can edit them."""
        self.speaker: str | None = None
        """The name of the persona that answers."""
        self.reply: Reply | None = None
        """The reply while it is being written."""
        self.trace: Trace | None = None
        """Where the answer comes from that is being written."""
        self.busy = False
        """Whether it is being answered, or waits to be."""
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
    def is_open(self) -> bool:
        """Whether more can still belong to the question: no word of an answer was shown yet."""
        shown = self.reply is not None and bool(self.reply.text)
        return self.busy and self.cut is None and not (shown or self.standing or self.versions.shown)

    @property
    def says(self) -> str:
        """What the question says."""
        return self.asked.content if self.asked is not None else ""

    @property
    def provenance(self) -> Provenance | None:
        """Where the answer comes from that is being written, or else stands there; None where that is not known."""
        if self.trace is not None and self.trace.provenance is not None:
            return self.trace.provenance
        return self.versions.shown.provenance if self.versions.shown is not None else None

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
        self._by_question: OrderedDict[int, Exchange] = OrderedDict()
        self._text = 0

    def __len__(self) -> int:
        return len(self._by_question)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(list(self._by_question.values()))

    def add(self, exchange: Exchange) -> None:
        """A new one."""
        self._by_question[exchange.message.id] = exchange

    def about(self, question_id: int) -> Exchange | None:
        """The exchange about that question, if it is still known."""
        return self._by_question.get(question_id)

    def with_part(self, message_id: int) -> Exchange | None:
        """The exchange to whose question that message belongs, beside the last one of it."""
        return next((exchange for exchange in self._by_question.values() if message_id in exchange.parts), None)

    def open_of(self, channel_id: int, author_id: int) -> Exchange | None:
        """The newest question of that person in that channel, while more can belong to it."""
        of_theirs = (
            exchange
            for exchange in reversed(self._by_question.values())
            if (exchange.message.channel.id, exchange.message.author.id) == (channel_id, author_id)
        )
        return next((exchange for exchange in of_theirs if exchange.is_open), None)

    def with_page(self, channel_id: int, message_id: int) -> Exchange | None:
        """The exchange in whose reply that message is a page."""
        return next(
            (
                exchange
                for exchange in reversed(self._by_question.values())
                if exchange.message.channel.id == channel_id and message_id in exchange.page_ids
            ),
            None,
        )

    def over(self, exchange: Exchange) -> None:
        """One has been answered. The oldest that are over are let go where there are too many."""
        exchange.over_at = asyncio.get_running_loop().time()
        if self._by_question.get(exchange.message.id) is not exchange:
            return
        if not exchange.standing and exchange.cut is not Cut.GONE:
            self._drop(exchange)  # nothing of it is left; of a reply that somebody deleted, that it was deleted
            return
        if not exchange.standing:
            exchange.versions.clear()
        self._by_question.move_to_end(exchange.message.id)
        self._text += exchange.versions.size - exchange.counted
        exchange.counted = exchange.versions.size
        if len(self) <= KEPT and self._text <= KEPT_TEXT:
            return
        for oldest in self:
            if len(self) <= KEPT and self._text <= KEPT_TEXT:
                return
            if not oldest.busy:
                self._drop(oldest)

    def _drop(self, exchange: Exchange) -> None:
        del self._by_question[exchange.message.id]
        self._text -= exchange.counted
