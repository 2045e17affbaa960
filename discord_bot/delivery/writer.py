"""Brings Discord up to a draft: one request at a time, when each may go; and goes on where one fails.

What should stand there, and what does, changes under its hands; so it asks anew before each request.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from math import isinf
from typing import TYPE_CHECKING

import discord

from discord_bot.chat.pacing import Kind, Lane, Worth, hold_back
from discord_bot.delivery.limits import SERVER_ERROR, TOO_MANY
from discord_bot.delivery.standing import UNCLEAR, Change, StandingPages
from discord_bot.delivery.ticket import Ticket
from discord_bot.errors import FilesRefused, TextRefused

if TYPE_CHECKING:
    from discord_bot.delivery.delivery import Delivery
    from discord_bot.delivery.draft import Draft

log = logging.getLogger(__name__)

TYPING_AFTER = 0.1
"""Seconds after which an answer that has not begun gets a typing sign: the model is asked first."""
TYPING_EVERY = 8.0
"""Seconds; Discord shows a typing sign for ten. https://discord.com/developers/docs/resources/channel#trigger-typing-indicator"""
MISSING_PERMISSIONS = 50013
"""What Discord says where the bot lacks a permission, without saying which.
https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes
"""
BAD_REQUEST = 400
CLOSED = (50083, 160005)
"""What Discord says, as of a wrong text, where a thread is archived or locked."""
PATIENCE = 120.0
"""Seconds for which a text is tried again that Discord fails to take; a nonce is good for a few minutes only."""
BETWEEN_TRIES = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds from one of these tries to the next; the last one counts from there on."""


class Writer:
    """The one that talks to Discord about a reply, in a task of its own until the reply is finished."""

    def __init__(
        self,
        delivery: Delivery,
        question: discord.Message,
        draft: Draft,
        standing: StandingPages,
        explain: Callable[[BaseException], str],
    ) -> None:
        self._delivery, self._gate, self._question = delivery, delivery.gate, question
        self._draft, self._standing, self._explain = draft, standing, explain
        self._channel_id = question.channel.id
        self.when_gone: Callable[[], None] | None = None
        """What is to be done when it turns out that somebody deleted the reply."""
        self._growths = 0
        self._first_text_at = 0.0
        self._ticket: Ticket | None = None
        self._asked_at: float | None = None
        self._failing_since: float | None = None
        self._tries = 0
        self._changed = asyncio.Event()
        self._finished = asyncio.Event()

    def begin(self) -> None:
        """Begins to write, and to type until something stands there."""
        self._typing = asyncio.create_task(self._type())
        self.task = asyncio.create_task(self._write())

    @property
    def finished(self) -> bool:
        """Whether the draft is the last one."""
        return self._finished.is_set()

    @property
    def gone(self) -> bool:
        """Whether somebody deleted the reply. One that is being taken back is not gone before its last page is."""
        return self._standing.gone and not self._draft.taken_back

    @property
    def over(self) -> bool:
        """Whether nothing more is sent, but for what is missing of the last draft."""
        return self.gone or self._finished.is_set() or self.task.done() or self._draft.refused

    def note_change(self) -> None:
        """The draft is another one."""
        self._changed.set()

    def note_text(self, text: str) -> None:
        """The same where its text has grown: whether the first one is better held back depends on how it begins."""
        if self._growths < 2 and not text.isspace():
            if not self._growths:
                self._first_text_at = self._gate.now()
            self._growths += 1
        self._changed.set()

    def end(self) -> None:
        """The draft is the last one; it goes out before others that are not."""
        self._finished.set()
        self._changed.set()
        self._typing.cancel()
        if self._ticket is not None:
            self._gate.promote(self._ticket, Worth.TEXT)

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
                await self._send_next(self._standing.lane(kind))
            if self.when_gone is not None:
                self.when_gone()
            await self._standing.take_away_late()
        finally:
            self._standing.expect_nothing()

    async def _send_next(self, lane: Lane) -> None:
        """Makes the next request when it may go, if it is still needed then."""
        await self._hold_back(lane)
        first = self._finished.is_set() or not self._standing.begun
        ticket = self._ticket = Ticket(Worth.TEXT if first else Worth.EDIT, lane, self._asked_at or self._gate.now())
        try:
            await self._gate.admit(ticket)
        finally:
            self._ticket = None
        change = self._next_change()  # asked now: the text may have grown while this waited
        if self.gone or change is None or self._standing.lane(change.kind, change.index) != lane:
            self._gate.give_back(ticket)
            return
        try:
            await self._standing.make(change, ticket, needed=bool(self._draft.pages()))
        except (discord.HTTPException, *UNCLEAR) as error:
            if self._standing.sender.give_way(error, lane.kind):
                await self._take_another_way(error)
            elif not (self._goes_without_files(change, error) or self._goes_no_further(change, error)):
                await self._have_patience(ticket, error)
        else:
            self._asked_at = self._failing_since = None
            self._tries = 0
            if self._standing.begun:
                self._typing.cancel()

    async def _take_another_way(self, error: Exception) -> None:
        """Goes on after a failure from which the sender knows a way out; pages out of its reach are written anew."""
        log.warning("the persona in channel %s goes on otherwise: %s (status %s, code %s)", self._channel_id,
                    type(error).__name__, getattr(error, "status", None), getattr(error, "code", None))  # fmt: skip
        if getattr(error, "status", SERVER_ERROR) in range(1, SERVER_ERROR):
            self._standing.expect_nothing()  # it is clear that nothing was made
        for page in self._standing.lose():  # the bot may manage messages there, or not
            await self._standing.take_away(page)

    def _goes_without_files(self, change: Change, error: Exception) -> bool:
        """Whether a page may have been refused for its files: then its text goes out without them, and says so."""
        refused = getattr(error, "code", None) == MISSING_PERMISSIONS
        if not refused or change.content is None or not change.content.attachments:
            return False
        self._standing.expect_nothing()  # it is clear that nothing was made
        log.warning("no files can be attached in channel %s: the bot needs the permission to", self._channel_id)
        self._draft.leave_out_files(self._explain(FilesRefused()))
        return True

    def _goes_no_further(self, change: Change, error: Exception) -> bool:
        """Whether a page may have been refused for what it says: then what stands there stays, and a line says so."""
        refused = getattr(error, "status", None) == BAD_REQUEST and getattr(error, "code", None) not in CLOSED
        if not refused or change.content is None or self._draft.refused:
            return False
        self._standing.expect_nothing()  # it is clear that nothing was made
        log.warning("Discord refused a text in channel %s: %s", self._channel_id, error)
        self._draft.go_no_further([page.content for page in self._standing.pages], self._explain(TextRefused()))
        self._changed.set()
        return True

    async def _hold_back(self, lane: Lane) -> None:
        """Waits while a growing text is better not sent yet; the end of the reply ends the waiting."""
        while not self._finished.is_set():
            if self._standing.begun:
                delay = self._gate.lane_delay(lane, self._delivery.growing[self._channel_id])
            else:
                delay = hold_back(self._draft.text, self._growths, self._gate.now() - self._first_text_at)
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
        if self._draft.changed and not self._finished.is_set():
            return "edit" if self._standing.sent else "create"
        change = self._next_change()
        return None if change is None else change.kind

    def _next_change(self) -> Change | None:
        """The next request to make, by the newest text."""
        return self._standing.difference(self._draft.pages(), final=self._finished.is_set())

    async def _have_patience(self, ticket: Ticket, error: Exception) -> None:
        """Lets a while pass after a request that failed, so that the next one finds Discord better; or gives up."""
        refused = getattr(error, "status", None) == TOO_MANY
        if refused:
            self._standing.expect_nothing()  # it is clear that nothing was made
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
        if not self._standing.sender.types:
            return
        await asyncio.sleep(TYPING_AFTER)
        while True:
            if not self._delivery.crowded:
                ticket = Ticket(Worth.TYPING, Lane("typing", self._channel_id), self._gate.now())
                await self._gate.admit(ticket)
                await self._delivery.apart(self._gate.carry_out(ticket, self._show_typing))
            await asyncio.sleep(TYPING_EVERY)

    async def _show_typing(self) -> None:
        try:
            await self._question.channel.typing()
        except (discord.HTTPException, *UNCLEAR) as error:
            log.debug("no typing sign in channel %s: %s", self._channel_id, type(error).__name__)
