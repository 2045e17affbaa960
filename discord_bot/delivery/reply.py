"""One answer: what should stand in Discord and when. `Delivery` is what all answers share."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import isinf
from types import TracebackType
from typing import Any, Self

import aiohttp
import discord

from discord_bot.chat.pacing import REQUESTS_PER_SECOND, Kind, Lane, Worth, hold_back
from discord_bot.chat.pages import Page as Cut
from discord_bot.chat.pages import cut
from discord_bot.delivery.gate import Gate, Ticket
from discord_bot.delivery.notices import with_notice
from discord_bot.delivery.senders import Attachment, BotSender, Content, Sender, Standing
from discord_bot.errors import CompletionError

log = logging.getLogger(__name__)

TYPING_AFTER = 0.1
"""Seconds after which an answer that has not begun gets a typing sign: the model is asked first."""
TYPING_EVERY = 8.0
"""Seconds; Discord shows a typing sign for ten. https://discord.com/developers/docs/resources/channel#trigger-typing-indicator"""
PATIENCE = 120.0
"""Seconds for which a text is tried again that Discord fails to take; a nonce is good for a few minutes only."""
BETWEEN_TRIES = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds from one of these tries to the next; the last one counts from there on."""
UNCLEAR = (aiohttp.ClientError, OSError, TimeoutError)
"""What discord.py lets through when a connection to Discord fails."""
TOO_MANY, SERVER_ERROR = 429, 500
"""HTTP statuses: refused for now; and from where on the fault is Discord's."""
MAX_PAGES = 10
"""Pages of a reply, where nothing else is configured."""


@dataclass(frozen=True, slots=True)
class Page:
    """One Discord message of a reply as it stands there."""

    id: int
    content: str


class Delivery:
    """The way of all text to Discord."""

    def __init__(self, max_pages: int = MAX_PAGES) -> None:
        self.gate = Gate()
        self.max_pages = max_pages
        self.growing: Counter[int] = Counter()
        """How many replies are growing in each channel."""
        self._expected: dict[str, asyncio.Future[discord.Message]] = {}
        self._apart: set[asyncio.Task[None]] = set()

    def reply(
        self,
        question: discord.Message,
        explain: Callable[[BaseException], str],
        *,
        standing: Sequence[Standing] = (),
        sender: Sender | None = None,
    ) -> Reply:
        """A new answer to a message, an async context manager; `explain` has a sentence for whatever ends it early.

        `standing` are the pages of an earlier answer, which this one takes over and edits. Whoever speaks under
        another name has a `sender` of its own.
        """
        return Reply(self, question, explain, standing, sender or BotSender(question))

    @property
    def crowded(self) -> bool:
        """Whether so many replies are growing that even one text of each would take a second.

        What can be done without is done without then: a first text has no second to spare.
        """
        return self.gate.busy or self.growing.total() > REQUESTS_PER_SECOND

    async def apart(self, request: Coroutine[Any, Any, None]) -> None:
        """Waits for a request that goes on also where the waiting ends: to tear it off would cost the connection."""
        asking = asyncio.create_task(request)
        self._apart.add(asking)
        asking.add_done_callback(self._apart.discard)
        await asyncio.shield(asking)

    def expect(self, nonce: int) -> asyncio.Future[discord.Message]:
        """The message that the gateway will tell of with that nonce."""
        heard: asyncio.Future[discord.Message] = asyncio.get_running_loop().create_future()
        self._expected[str(nonce)] = heard
        return heard

    def expect_no_more(self, nonce: int) -> None:
        """Says that nobody waits for that message any more."""
        self._expected.pop(str(nonce), None)

    def hear(self, message: discord.Message) -> None:
        """Takes in a message that the gateway told of: it may be one of which no answer came."""
        heard = self._expected.get(str(message.nonce)) if message.nonce is not None else None
        if heard is not None and not heard.done():
            heard.set_result(message)


@dataclass(slots=True)
class _Sent:
    """A page that stands in Discord, and what it shows; None for what is not known."""

    message: Standing
    content: Content | None


@dataclass(frozen=True, slots=True)
class _Creating:
    """A page of which it is not known yet that it stands in Discord."""

    content: Content
    nonce: int
    heard: asyncio.Future[discord.Message]


Change = tuple[int, Content | None]
"""One request to make: the page's index, and its new content, or None to take the page back."""


class Reply:
    """One answer in one channel, growing until it is finished.

    An exception that leaves the context finishes the reply too: with the text so far and the sentence that `explain`
    has for it; then it goes on its way. So whatever happens, the reply says how it ended.
    """

    def __init__(
        self,
        delivery: Delivery,
        question: discord.Message,
        explain: Callable[[BaseException], str],
        standing: Sequence[Standing],
        sender: Sender,
    ) -> None:
        self.question = question
        self._delivery, self._gate = delivery, delivery.gate
        self._explain = explain
        self._sender = sender
        self._channel_id = question.channel.id
        self._text = ""
        self._notice: str | None = None
        self._controls: discord.ui.View | None = None
        self._taken_back = False
        self._growths = 0
        self._first_text_at = 0.0
        self._cut: list[Cut] = []
        self._cut_text = ""
        self._wanted: list[Content] | None = []
        self._sent = [_Sent(message, None) for message in standing]
        self._shown = False
        self._creating: _Creating | None = None
        self._ticket: Ticket | None = None
        self._asked_at: float | None = None
        self._failing_since: float | None = None
        self._tries = 0
        self._changed = asyncio.Event()
        self._finished = asyncio.Event()
        self.gone = False
        """Whether somebody deleted the reply; nothing more is shown then, and nothing of it is to be remembered."""

    async def __aenter__(self) -> Self:
        self._delivery.growing[self._channel_id] += 1
        self._typing = asyncio.create_task(self._type())
        self._writer = asyncio.create_task(self._write())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._finished.is_set():
                if error is None or not self._writer.done():
                    await asyncio.shield(self._writer)  # cancelled while the last text is on its way, it may arrive yet
                return
            partial = error.partial_text if isinstance(error, CompletionError) else ""
            await self.finish(partial or self._text, self._explain(error) if error is not None else None)
        finally:
            self._delivery.growing[self._channel_id] -= 1
            if not self._delivery.growing[self._channel_id]:
                del self._delivery.growing[self._channel_id]

    # ---- what should stand there -------------------------------------------------------------------------------------

    @property
    def over(self) -> bool:
        """Whether nothing more will be shown: it is finished or deleted, or Discord does not take it."""
        return self.gone or self._finished.is_set() or self._writer.done()

    @property
    def text(self) -> str:
        """The text so far."""
        return self._text

    @property
    def pages(self) -> tuple[Page, ...]:
        """What stands in Discord."""
        if self.gone:
            return ()
        return tuple(Page(sent.message.id, sent.content.text) for sent in self._sent if sent.content is not None)

    @property
    def controls(self) -> discord.ui.View | None:
        """The buttons below the last page. Another view changes them, None takes them away; with the next edit."""
        return self._controls

    @controls.setter
    def controls(self, view: discord.ui.View | None) -> None:
        if view is not self._controls:
            self._controls = view
            self._change()

    def show(self, text: str) -> None:
        """The text so far. Returns at once; only the newest text is ever sent."""
        if text == self._text or self._finished.is_set():
            return
        self._text = text
        if self._growths < 2 and not text.isspace():
            if not self._growths:
                self._first_text_at = self._gate.now()
            self._growths += 1
        self._change()

    async def finish(self, text: str, notice: str | None = None) -> None:
        """The last text, with a sentence of the bot's own below it where there is something to say.

        Returns when it stands in Discord. Raises discord.HTTPException where Discord does not take it, with patience.
        A reply that has ended already, such as by `stop`, stays as it is.
        """
        if not self._finished.is_set():
            self._text = text
            self._end(notice)
        await asyncio.shield(self._writer)  # whoever stops waiting must not tear off a request

    def stop(self, notice: str | None = None) -> None:
        """Somebody ends the reply here: what there is of it stays, with a sentence below it. Returns at once."""
        if not self._finished.is_set():
            self._end(notice)

    def take_back(self) -> None:
        """Deletes what stands there of the reply, and ends it. Returns at once; `finish` waits for it."""
        self._taken_back = True
        self._end(None)

    def abandon(self) -> None:
        """Says that somebody deleted the reply: it ends without a word. Returns at once."""
        self.gone = True
        self._end(None)

    def _end(self, notice: str | None) -> None:
        self._notice = notice
        self._finished.set()
        self._typing.cancel()
        self._change()
        if self._ticket is not None:
            self._gate.promote(self._ticket, Worth.TEXT)

    def _change(self) -> None:
        self._wanted = None
        self._changed.set()

    def _pages(self) -> list[Content]:
        """The pages that should stand in Discord, by the newest text."""
        if self._wanted is None:
            texts, attachments = self._render() if not self._taken_back else ([], ())
            contents = [Content(text) for text in texts]
            if contents:
                contents[-1] = Content(texts[-1], attachments, self._controls)
            self._wanted = contents
        return self._wanted

    def _render(self) -> tuple[list[str], tuple[Attachment, ...]]:
        """The texts of the pages, and the files that go out with the last one."""
        # All pages but the last are final while a text only grows; where it was changed, they are cut anew.
        final = self._cut[:-1] if self._text.startswith(self._cut_text) else []
        self._cut, self._cut_text = cut(self._text, after=final), self._text
        pages = [page.text for page in self._cut]
        rest: tuple[Attachment, ...] = ()
        if len(pages) > self._delivery.max_pages:
            end = self._cut[self._delivery.max_pages - 1].end
            pages = pages[: self._delivery.max_pages]
            rest = (Attachment("answer.md", self._text[end:].encode()),) if self._finished.is_set() else ()
        return (with_notice(pages, self._notice) if self._finished.is_set() else pages), rest

    def _next_change(self) -> Change | None:
        """The first page in which Discord differs from what should stand there."""
        if self._creating is not None:  # first of all it must become clear whether that page stands there
            return len(self._sent), self._creating.content
        wanted = self._pages()
        for index, content in enumerate(wanted):
            if index == len(self._sent) or self._sent[index].content != content:
                return index, content
        # What is too much goes at the end: a text that grows may need its page yet.
        if self._finished.is_set() and len(self._sent) > len(wanted):
            return len(self._sent) - 1, None
        return None

    # ---- when it is sent ---------------------------------------------------------------------------------------------

    async def _write(self) -> None:
        """Brings Discord up to the newest text, one request at a time, until the reply is finished."""
        try:
            while not self.gone:
                self._changed.clear()
                kind = self._next_kind()
                if kind is None:
                    if self._finished.is_set():
                        return
                    await self._changed.wait()
                    continue
                await self._send_next(Lane(kind, self._channel_id))
        finally:
            self._forget_creating()

    async def _send_next(self, lane: Lane) -> None:
        """Makes the next request when it may go, if it is still needed then."""
        await self._hold_back(lane)
        first = self._finished.is_set() or not self._shown
        ticket = self._ticket = Ticket(Worth.TEXT if first else Worth.EDIT, lane, self._asked_at or self._gate.now())
        try:
            await self._gate.admit(ticket)
        finally:
            self._ticket = None
        change = self._next_change()  # asked now: the text may have grown while this waited
        if change is None or _kind_of(change, len(self._sent)) != lane.kind:
            self._gate.give_back(ticket)
            return
        try:
            await self._make(ticket, *change)
        except (discord.HTTPException, *UNCLEAR) as error:
            await self._have_patience(ticket, error)
        else:
            self._asked_at = self._failing_since = None
            self._tries = 0

    async def _hold_back(self, lane: Lane) -> None:
        """Waits while a growing text is better not sent yet; the end of the reply ends the waiting."""
        while not self._finished.is_set():
            if self._shown:
                delay = self._gate.lane_delay(lane, self._delivery.growing[self._channel_id])
            else:
                delay = hold_back(self._text, self._growths, self._gate.now() - self._first_text_at)
            if delay <= 0:
                return
            if isinf(delay):
                self._changed.clear()
                await self._changed.wait()
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await self._finished.wait()

    def _next_kind(self) -> Kind | None:
        """What the next request will do, if there is one. While the text grows this is a guess, and costs nothing."""
        if self._wanted is None and not self._finished.is_set():
            return "edit" if self._sent else "create"
        change = self._next_change()
        return None if change is None else _kind_of(change, len(self._sent))

    async def _make(self, ticket: Ticket, index: int, content: Content | None) -> None:
        if index == len(self._sent):
            assert content is not None
            message = await self._create(ticket, content)
            if message is None:
                return
            self._sent.append(message)
        elif content is None:
            await self._gate.carry_out(ticket, self._sender.delete(self._sent[index].message))
            del self._sent[index]
        else:
            page = self._sent[index]
            try:
                await self._gate.carry_out(ticket, self._sender.edit(page.message, content, page.content))
            except discord.NotFound:
                self.gone = True
                return
            page.content = content
        self._shown = True
        self._typing.cancel()

    async def _create(self, ticket: Ticket, content: Content) -> _Sent | None:
        """A new page. Where one may have been made already, it is looked up before the very same is sent again."""
        creating = self._creating
        if creating is None:
            nonce = secrets.randbits(63)
            creating = self._creating = _Creating(content, nonce, self._delivery.expect(nonce))
        elif (found := await self._look_up(creating)) is not None or self._taken_back:
            self._gate.give_back(ticket)
            self._forget_creating()
            return None if found is None else _Sent(found, creating.content)
        above = self._sent[-1].message if self._sent else None
        request = self._sender.create(creating.content, creating.nonce, above)
        message = await self._gate.carry_out(ticket, request, creating.heard)
        self._forget_creating()
        return _Sent(message, creating.content)

    async def _look_up(self, creating: _Creating) -> discord.Message | None:
        """The page that an earlier try has made, if it has: the gateway told of it, or it is found in the channel."""
        if creating.heard.done():
            return creating.heard.result()
        try:
            return await self._sender.find(creating.content, [sent.message.id for sent in self._sent])
        except discord.HTTPException as error:
            if error.status >= SERVER_ERROR:
                raise
            return None  # the bot may not read there: the nonce has to do

    def _forget_creating(self) -> None:
        if self._creating is not None:
            self._delivery.expect_no_more(self._creating.nonce)
            self._creating = None

    async def _have_patience(self, ticket: Ticket, error: Exception) -> None:
        """Lets a while pass after a request that failed, so that the next one finds Discord better; or gives up."""
        refused = isinstance(error, discord.HTTPException) and error.status == TOO_MANY
        if refused:
            self._forget_creating()  # it is clear that nothing was made
        elif isinstance(error, discord.HTTPException) and error.status < SERVER_ERROR:
            raise error
        now = self._gate.now()
        self._failing_since = self._failing_since or now
        if now - self._failing_since > PATIENCE:
            raise error
        log.warning("Discord did not take a text for channel %s, which is tried again: %s (status %s)",
                    self._channel_id, type(error).__name__, getattr(error, "status", None))  # fmt: skip
        self._asked_at = ticket.asked_at  # it keeps its place
        if not refused:  # where it was, the gate knows for how long
            await asyncio.sleep(BETWEEN_TRIES[min(self._tries, len(BETWEEN_TRIES) - 1)])
            self._tries += 1

    async def _type(self) -> None:
        """Shows the typing sign until the first text is there; among very many, there is no room for it."""
        await asyncio.sleep(TYPING_AFTER)
        while True:
            if not self._delivery.crowded:
                ticket = Ticket(Worth.TYPING, Lane("typing", self._channel_id), self._gate.now())
                await self._gate.admit(ticket)
                await self._delivery.apart(self._gate.carry_out(ticket, self._show_typing()))
            await asyncio.sleep(TYPING_EVERY)

    async def _show_typing(self) -> None:
        try:
            await self.question.channel.typing()
        except (discord.HTTPException, *UNCLEAR) as error:
            log.debug("no typing sign in channel %s: %s", self._channel_id, type(error).__name__)


def _kind_of(change: Change, sent: int) -> Kind:
    index, content = change
    if content is None:
        return "delete"
    return "create" if index == sent else "edit"
