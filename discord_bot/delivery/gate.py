"""The gate that every request passes which shows text: the `Pacer`'s answers, carried out.

It sees all that discord.py asks of Discord, and every answer's headers, through the trace that aiohttp offers for that
(https://docs.aiohttp.org/en/stable/tracing_reference.html). So what other parts of the bot ask counts as well, and what
Discord says of its limits is heeded.
"""

from __future__ import annotations

import asyncio
from bisect import insort
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any, Final, TypeVar, get_args

import aiohttp

from discord_bot.chat.pacing import REQUESTS_PER_SECOND, Lane, Pacer, Through, Worth
from discord_bot.delivery.limits import SERVER_ERROR, TOO_MANY, allowance, goes_by_token, lane_of, refusal
from discord_bot.delivery.ticket import Ticket

T = TypeVar("T")

UNANSWERED: Final = 20.0
"""Seconds after which an answer of Discord's is no longer waited for."""
HEARD: Final = 0.5
"""Seconds that the answer to a create gets after the gateway told of the new message."""
BUSY: Final = 0.5
"""Seconds of waiting for a first text from which on the bot does without what can be done without."""
TICK: Final = 0.001
"""Seconds: the clock of uvloop counts no shorter ones. A timer for less than half of that goes off at once, and would
find, again and again, that it is not yet time.
"""


class NotAgain(ConnectionError):
    """A request that must not be made twice unseen got no answer, or a bad one: nobody knows what has come of it."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


_TICKET: ContextVar[Ticket | None] = ContextVar("ticket", default=None)


class Gate:
    """Lets requests pass as the pacer allows, the most urgent first, and among equals the one that asked first."""

    def __init__(self) -> None:
        self._pacer = Pacer()
        self._waiting: dict[Through, dict[Worth, list[Ticket]]] = {
            through: {worth: [] for worth in Worth} for through in get_args(Through)
        }
        self._timer: asyncio.TimerHandle | None = None
        self._lingering: set[asyncio.Task[Any]] = set()
        self.watchers: list[Callable[[Ticket], object]] = []
        """Who is shown each request that shows text, when it was answered."""
        self.trace = self._made_trace()
        """For discord.py's `http_trace`."""

    def now(self) -> float:
        """The time in seconds, from any origin; it never goes backwards."""
        return asyncio.get_running_loop().time()

    @property
    def busy(self) -> bool:
        """Whether a first text would have to wait for long."""
        return sum(len(waiting[Worth.TEXT]) for waiting in self._waiting.values()) > BUSY * REQUESTS_PER_SECOND

    def lane_delay(self, lane: Lane, kept: int) -> float:
        """Seconds until the lane has room for an edit in between and `kept` last texts."""
        return self._pacer.lane_delay(self.now(), lane, kept)

    async def admit(self, ticket: Ticket) -> None:
        """Waits until the request may go. Its worth may rise meanwhile, by `promote`."""
        ticket.passed = asyncio.get_running_loop().create_future()
        waiting = self._waiting[ticket.through]
        insort(waiting[ticket.worth], ticket, key=_asked_at)
        self._let_pass()
        try:
            await ticket.passed
        except asyncio.CancelledError:
            if not ticket.passed.cancelled():
                self.give_back(ticket)
            elif ticket in waiting[ticket.worth]:
                waiting[ticket.worth].remove(ticket)
            raise

    def promote(self, ticket: Ticket, worth: Worth) -> None:
        """Says that a request has become more urgent while it waits."""
        if ticket.passed is not None and not ticket.passed.done() and worth < ticket.worth:
            waiting = self._waiting[ticket.through]
            waiting[ticket.worth].remove(ticket)
            insort(waiting[worth], ticket, key=_asked_at)
            ticket.worth = worth
            self._let_pass()

    def give_back(self, ticket: Ticket) -> None:
        """Says that a request is not made after all."""
        self._pacer.give_back(self.now(), ticket.lane)

    async def carry_out(
        self,
        ticket: Ticket,
        request: Callable[[], Coroutine[Any, Any, T]],
        heard: asyncio.Future[T] | None = None,
        *,
        patience: float = HEARD,
        once: bool = False,
    ) -> T:
        """Makes a request that was admitted. TimeoutError where Discord does not answer it.

        `heard` may bring the result by another way: then an answer that is bad, or comes after `patience`, is not
        needed. What is made `once` ends with NotAgain at a refusal for now (429) or a fault of Discord's, after which
        discord.py would try again by itself.
        """
        if once:
            ticket.bad = asyncio.get_running_loop().create_future()
        token = _TICKET.set(ticket)
        try:
            asking = asyncio.create_task(request())
        finally:
            _TICKET.reset(token)
        ends: set[asyncio.Future[Any]] = {each for each in (asking, heard, ticket.bad) if each is not None}
        try:
            while not asking.done():
                await asyncio.wait(ends, timeout=UNANSWERED, return_when=asyncio.FIRST_COMPLETED)
                if ticket.bad is not None and ticket.bad.done() and not asking.done():
                    return await _told(ticket, heard)
                if heard is not None and heard.done() and not asking.done():
                    if patience:
                        await asyncio.wait({asking}, timeout=patience)
                    if not asking.done() and ticket.status != TOO_MANY:
                        return heard.result()
                # discord.py waits by itself where it was told to; nothing is torn off but what has no answer.
                if ticket.sent_at is not None and self.now() - ticket.sent_at >= UNANSWERED:
                    raise TimeoutError
        finally:
            if not asking.done() and 200 <= ticket.status < 300:
                # It was answered, and discord.py only waits for the bucket to be full again. Cancelled there, it would
                # never release the lock of a webhook (`discord.webhook.async_.AsyncDeferredLock.__aexit__`).
                self._lingering.add(asking)
                asking.add_done_callback(self._let_go)
            else:
                asking.cancel()
        if asking.exception() is not None and heard is not None and heard.done():
            return heard.result()
        return asking.result()

    async def carry_out_change(self, ticket: Ticket, request: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """The same for a request whose answer says nothing but that it was carried out.

        The one that empties a bucket comes back from discord.py only when the bucket is full again, seconds later
        (`discord.http.Ratelimit.__aexit__`); what it was for stands in Discord long before.
        """
        ticket.accepted = asyncio.get_running_loop().create_future()
        await self.carry_out(ticket, request, ticket.accepted, patience=0.0)

    def _let_go(self, asking: asyncio.Task[Any]) -> None:
        self._lingering.discard(asking)
        if not asking.cancelled():
            asking.exception()  # whatever came behind the answer, it was carried out

    @asynccontextmanager
    async def request(self, worth: Worth) -> AsyncIterator[None]:
        """Waits until a request that shows no text may go, and lets the next one of this task be that."""
        ticket = Ticket(worth, None, self.now())
        await self.admit(ticket)
        token = _TICKET.set(ticket)
        try:
            yield
        finally:
            _TICKET.reset(token)
            if not ticket.counted:
                self.give_back(ticket)

    def _let_pass(self) -> None:
        """Lets everything pass that may, and comes back when the next one may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while (wait := self._let_one_pass()) == 0.0:
            pass
        if wait is not None:
            self._timer = asyncio.get_running_loop().call_later(max(wait, TICK), self._let_pass)

    def _let_one_pass(self) -> float | None:
        """0 where one has passed; otherwise the seconds until one may, or None where nobody waits."""
        now = self.now()
        waits = [self._let_one_through(now, through) for through in self._waiting]
        return min((wait for wait in waits if wait is not None), default=None)

    def _let_one_through(self, now: float, through: Through) -> float | None:
        """The same of those that Discord counts together."""
        wait: float | None = None
        for worth, waiting in self._waiting[through].items():
            if not waiting:
                continue
            delay = 0.0 if through == "interaction" else self._pacer.delay(now, worth, by_token=through == "webhook")
            if delay > 0:  # where a more urgent one waits, no other one goes before it
                return delay if wait is None else min(wait, delay)
            for ticket in waiting:
                delay = 0.0 if ticket.lane is None else self._pacer.lane_delay(now, ticket.lane)
                if delay <= 0:
                    waiting.remove(ticket)
                    if ticket.passed is not None and not ticket.passed.done():
                        self._pacer.spend(now, ticket.lane)
                        ticket.passed.set_result(None)
                    return 0.0
                wait = delay if wait is None else min(wait, delay)
        return wait

    # ---- what Discord is asked, and what it answers ------------------------------------------------------------------

    def _made_trace(self) -> aiohttp.TraceConfig:
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._on_start)
        trace.on_request_end.append(self._on_end)
        trace.on_request_exception.append(self._on_exception)
        return trace

    async def _on_start(
        self, _session: aiohttp.ClientSession, context: SimpleNamespace, params: aiohttp.TraceRequestStartParams
    ) -> None:
        ticket = context.ticket = _TICKET.get()
        context.by_token = goes_by_token(params.url)
        through_webhook = ticket is not None and ticket.lane is not None and ticket.lane.by_token
        context.counts = params.url.scheme in ("http", "https") and (not context.by_token or through_webhook)
        if ticket is not None:
            ticket.sent_at = self.now()
        if ticket is not None and not ticket.counted:
            ticket.counted = True
        elif context.counts:
            self._pacer.spend(self.now(), lane_of(params.method, params.url))

    async def _on_end(
        self, _session: aiohttp.ClientSession, context: SimpleNamespace, params: aiohttp.TraceRequestEndParams
    ) -> None:
        self._on_answer(context, params.response.status)
        now, headers = self.now(), params.response.headers
        # What answers interactions looks like what writes through a webhook: whose it is only its ticket tells.
        ticket: Ticket | None = context.ticket
        lane = lane_of(params.method, params.url) if context.counts else None if ticket is None else ticket.lane
        said = allowance(headers)
        if params.response.status == TOO_MANY:
            self._pacer.refuse(now, *refusal(headers, lane))
        elif lane is not None and said is not None:
            self._pacer.learn(now, lane, said)

    async def _on_exception(
        self, _session: aiohttp.ClientSession, context: SimpleNamespace, _params: aiohttp.TraceRequestExceptionParams
    ) -> None:
        self._on_answer(context, 0)

    def _on_answer(self, context: SimpleNamespace, status: int) -> None:
        if context.counts:
            self._pacer.answered(self.now(), by_token=context.by_token)
        ticket = context.ticket
        if ticket is not None:
            ticket.status = status
            for watcher in self.watchers:
                watcher(ticket)
            ticket.sent_at = None
            if 200 <= status < 300 and ticket.accepted is not None and not ticket.accepted.done():
                ticket.accepted.set_result(None)
            bad = status in (0, TOO_MANY) or status >= SERVER_ERROR
            if bad and ticket.bad is not None and not ticket.bad.done():
                ticket.bad.set_result(None)


async def _told(ticket: Ticket, heard: asyncio.Future[T] | None) -> T:
    """What the gateway tells, in the moment that it gets, of a request that is not made again. Raises NotAgain."""
    if heard is not None and ticket.status != TOO_MANY:
        await asyncio.wait({heard}, timeout=HEARD)
        if heard.done():
            return heard.result()
    raise NotAgain(ticket.status)


def _asked_at(ticket: Ticket) -> float:
    return ticket.asked_at
