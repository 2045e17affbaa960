"""The whole bot's way of text to Discord: what all its answers share."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from discord_bot.chat.pacing import REQUESTS_PER_SECOND
from discord_bot.delivery.gate import Gate
from discord_bot.delivery.reply import Reply
from discord_bot.delivery.senders import BotSender, Sender, echo_of

if TYPE_CHECKING:
    import discord

    from discord_bot.delivery.standing import Sent

MAX_PAGES = 10
"""Pages of a reply, where nothing else is configured."""


@dataclass(eq=False, slots=True)
class Expected:
    """What the gateway tells of a page that is being created, while no answer has come."""

    channel_id: int
    echo: str
    """What it is recognised by: see `echo_of`."""
    heard: asyncio.Future[discord.Message]
    """The message, when it was told of."""
    deleted: set[int] = field(default_factory=set)
    """The ids of all messages that were deleted there meanwhile: it may be one of them, and that is told only once."""


class Delivery:
    """The way of all text to Discord."""

    def __init__(self, max_pages: int = MAX_PAGES) -> None:
        self.gate = Gate()
        self.max_pages = max_pages
        self.growing: Counter[int] = Counter()
        """How many replies are growing in each channel."""
        self._expected: list[Expected] = []
        self._by_echo: dict[str, Expected] = {}
        self._apart: set[asyncio.Task[None]] = set()

    def reply(
        self,
        question: discord.Message,
        explain: Callable[[BaseException], str],
        *,
        standing: Sequence[Sent] = (),
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

    def expect(self, channel_id: int, echo: str) -> Expected:
        """What the gateway will tell of a page that is created there, recognised by its `echo_of`."""
        expected = Expected(channel_id, echo, asyncio.get_running_loop().create_future())
        self._expected.append(expected)
        self._by_echo.setdefault(echo, expected)  # where two say the same in one place, only the first one is told
        return expected

    def expect_no_more(self, expected: Expected) -> None:
        """Says that nobody waits for that page any more."""
        self._expected.remove(expected)
        if self._by_echo.get(expected.echo) is expected:
            del self._by_echo[expected.echo]

    def on_message(self, message: discord.Message) -> None:
        """Takes in a message that the gateway told of: it may be one of which no answer came."""
        if not self._by_echo:
            return
        echo = echo_of(message)
        expected = self._by_echo.get(echo) if echo is not None else None
        if expected is not None and not expected.heard.done():
            expected.heard.set_result(message)

    def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Takes in a deletion: it may be of a page that is not known yet."""
        self._note_deleted(payload.channel_id, {payload.message_id})

    def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """The same of many messages at once."""
        self._note_deleted(payload.channel_id, payload.message_ids)

    def _note_deleted(self, channel_id: int, message_ids: set[int]) -> None:
        for expected in self._expected:
            if expected.channel_id == channel_id:
                expected.deleted |= message_ids
