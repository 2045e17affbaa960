"""What a prompt will soon have no room for is summed up by the model itself, in the background: nobody waits for it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from discord_bot.chat.summary import Summaries, Whose, request_for
from discord_bot.errors import CompletionError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from discord_bot.chat.buffered import BufferedMessage
    from discord_bot.chat.schema import ChatMessage
    from discord_bot.chat.speakers import Speakers
    from discord_bot.completions import CompletionsClient, Target

log = logging.getLogger(__name__)


class SummingUp:
    """The summaries that are being made."""

    def __init__(self, completions: CompletionsClient, speakers: Speakers) -> None:
        self._completions = completions
        self._speakers = speakers
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(
        self,
        summaries: Summaries,
        whose: Whose,
        older: Sequence[BufferedMessage],
        targets: Callable[[Sequence[ChatMessage]], Sequence[Target]],
    ) -> None:
        """Has these messages summed up by whoever the `targets` are, where they are not yet. Returns at once."""
        before = summaries.latest(whose)
        begun = summaries.begin(whose, older)
        if begun is None:
            return
        making, new = begun
        asking = targets(request_for(new, before, self._speakers))

        async def make() -> None:
            text = ""
            try:
                first, *others = asking
                text = (await self._completions.complete(*first, others)).text.strip()
            except CompletionError as error:
                log.warning("what was said before could not be summed up: %s (%s)", error.asked, error.kind)
            finally:
                summaries.end(whose, making, text)

        task = asyncio.create_task(make())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Makes no more of them."""
        for task in self._tasks:
            task.cancel()
