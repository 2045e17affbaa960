"""The whole bot's way of text to Discord: what all its answers share."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
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

    def expect(self, echo: str) -> asyncio.Future[discord.Message]:
        """The message that the gateway will tell of, recognised by its `echo_of`."""
        heard: asyncio.Future[discord.Message] = asyncio.get_running_loop().create_future()
        self._expected.setdefault(echo, heard)  # where two say the same in one place, only the first one is told
        return heard

    def expect_no_more(self, echo: str, heard: asyncio.Future[discord.Message]) -> None:
        """Says that nobody waits for that message any more."""
        if self._expected.get(echo) is heard:
            del self._expected[echo]

    def on_message(self, message: discord.Message) -> None:
        """Takes in a message that the gateway told of: it may be one of which no answer came."""
        if not self._expected:
            return
        echo = echo_of(message)
        heard = self._expected.get(echo) if echo is not None else None
        if heard is not None and not heard.done():
            heard.set_result(message)
