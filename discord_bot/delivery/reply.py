"""One answer as the rest of the bot sees it: `show` what it says now, and `finish` it; Discord follows by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from discord_bot.chat.pacing import FIRST_TEXT_LENGTH
from discord_bot.chat.pages import PAGE_LIMIT
from discord_bot.delivery.draft import Draft
from discord_bot.delivery.standing import Page, Sent, StandingPages
from discord_bot.delivery.writer import Writer
from discord_bot.errors import CompletionError

if TYPE_CHECKING:
    import discord

    from discord_bot.delivery.delivery import Delivery
    from discord_bot.delivery.senders import Attachment, Sender


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
        standing: Sequence[Sent],
        sender: Sender,
    ) -> None:
        self._delivery, self._explain = delivery, explain
        self._channel_id = question.channel.id
        self._draft = Draft(min(delivery.max_pages, sender.most or delivery.max_pages), PAGE_LIMIT - sender.room)
        self._standing = StandingPages(delivery, self._channel_id, sender, standing)
        self._writer = Writer(delivery, question, self._draft, self._standing, explain)

    async def __aenter__(self) -> Self:
        self._delivery.growing[self._channel_id] += 1
        self._writer.begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._writer.finished:
                if error is None or not self._writer.task.done():
                    # Cancelled while the last text is on its way, it may arrive yet.
                    await asyncio.shield(self._writer.task)
                return
            partial = error.partial_text if isinstance(error, CompletionError) else ""
            await self.finish(partial or self.text, self._explain(error) if error is not None else None)
        finally:
            self._delivery.growing[self._channel_id] -= 1
            if not self._delivery.growing[self._channel_id]:
                del self._delivery.growing[self._channel_id]

    @property
    def over(self) -> bool:
        """Whether nothing more will be shown: it is finished or deleted, or Discord does not take it."""
        return self._writer.over

    @property
    def readable(self) -> bool:
        """Whether there is enough of it to be shown, or some of it stands there already: more of it is not urgent."""
        return self._standing.begun or len(self.text) >= FIRST_TEXT_LENGTH

    @property
    def gone(self) -> bool:
        """Whether somebody deleted the reply; nothing more is shown then, and nothing of it is to be remembered."""
        return self._writer.gone

    def when_gone(self, tell: Callable[[], None]) -> None:
        """Has it told when that turns out."""
        self._writer.when_gone = tell

    @property
    def text(self) -> str:
        """The text so far."""
        return self._draft.text

    @property
    def pages(self) -> tuple[Page, ...]:
        """What stands in Discord."""
        return () if self.gone else self._standing.pages

    @property
    def sent(self) -> tuple[Sent, ...]:
        """The pages in Discord, for another reply to take over."""
        return () if self.gone else self._standing.sent

    def is_losing(self, message_id: int) -> bool:
        """Whether that message is a page which the reply itself is just taking back."""
        return self._standing.is_losing(message_id)

    @property
    def sender(self) -> Sender:
        """Who speaks."""
        return self._standing.sender

    def speak(self, sender: Sender) -> None:
        """Lets somebody else speak from here on; not in the midst of a page of which it is not known that it stands."""
        if self._standing.settled and sender is not self.sender:
            self._standing.sender = sender
            self._draft.leave(sender.room)
            self._writer.note_change()

    @property
    def controls(self) -> discord.ui.View | None:
        """The buttons below the last page. Another view changes them, None takes them away; with the next edit."""
        return self._draft.controls

    @controls.setter
    def controls(self, view: discord.ui.View | None) -> None:
        if view is not self._draft.controls:
            self._draft.controls = view
            self._writer.note_change()

    def show(self, text: str) -> None:
        """The text so far. Returns at once; only the newest text is ever sent."""
        if text == self.text or self._writer.finished:
            return
        self._draft.show(text)
        self._writer.note_text(text)

    def attach(self, attachments: tuple[Attachment, ...]) -> None:
        """Files to go out with the whole answer."""
        self._draft.attach(attachments)

    async def finish(self, text: str, notice: str | None = None) -> None:
        """The last text, with a sentence of the bot's own below it where there is something to say.

        Returns when it stands in Discord. Raises discord.HTTPException where Discord does not take it, with patience.
        A reply that has ended already, such as by `stop`, stays as it is.
        """
        if not self._writer.finished:
            self._draft.show(text)
            self._end(notice)
        await asyncio.shield(self._writer.task)  # whoever stops waiting must not tear off a request

    def stop(self, notice: str | None = None) -> None:
        """Somebody ends the reply here: what there is of it stays, with a sentence below it. Returns at once."""
        if not self._writer.finished:
            self._end(notice)

    def take_back(self) -> None:
        """Deletes what stands there of the reply, and ends it. Returns at once; `finish` waits for it."""
        self._draft.take_back()
        self._end(None)

    def abandon(self) -> None:
        """Says that somebody deleted the reply: it ends without a word. Returns at once."""
        self._standing.gone = True
        self._end(None)

    def _end(self, notice: str | None) -> None:
        self._draft.end(notice)
        self._writer.end()
