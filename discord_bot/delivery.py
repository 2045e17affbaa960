"""Shows a growing text in Discord: first text soon, the newest text wins, the last text never waits for its turn.

`Delivery` is the whole bot's: every request that shows text passes its gate, in the order of what it is worth. `Reply`
is one answer: `show` says what the text is now and returns at once, so that reading the model never waits for Discord;
a task of its own brings Discord up to the newest text.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from weakref import WeakValueDictionary

import aiohttp
import discord

from discord_bot.chat.pacing import EditPace, GlobalPace, Worth
from discord_bot.chat.pages import PAGE_LIMIT, cut
from discord_bot.chat.pages import Page as Cut
from discord_bot.errors import CompletionError

log = logging.getLogger(__name__)

FIRST_TEXT_WITHIN = 0.1
"""Seconds for which a first text may be held back to become a few words instead of a single token."""
FIRST_TEXT_LENGTH = 24
"""Characters that are worth showing without waiting any longer."""
TYPING_EVERY = 8.0
"""Seconds; Discord shows a typing sign for ten. https://discord.com/developers/docs/resources/channel#trigger-typing-indicator"""
PATIENCE = (0.5, 2.0, 5.0)
"""Seconds between further tries of a first or a last text that Discord failed to take (5xx)."""
NO_REPLY_WITHOUT_HISTORY = 160002
"""What Discord answers to a reply where the bot may not read the channel's history.
https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes
"""
UNCLEAR = (aiohttp.ClientError, OSError, TimeoutError)
"""What discord.py lets through when a connection to Discord fails."""
NOTICE = "-# ⚠️ "
"""How a line of the bot's own begins, as opposed to the model's: small print."""


@dataclass(frozen=True, slots=True)
class Page:
    """One Discord message of a reply as it stands there."""

    id: int
    content: str


class Delivery:
    """The way of all text to Discord."""

    def __init__(self) -> None:
        self._pace = GlobalPace()
        self._waiting: list[_Place] = []
        self._release: asyncio.Task[None] | None = None
        self._edits: WeakValueDictionary[int, EditPace] = WeakValueDictionary()

    def reply(self, question: discord.Message, explain: Callable[[BaseException], str]) -> Reply:
        """A new answer to a message, an async context manager; `explain` has a sentence for whatever ends it early."""
        edits = self._edits.setdefault(question.channel.id, EditPace())
        return Reply(self, question, edits, explain)

    def now(self) -> float:
        """The time in seconds, from any origin; it never goes backwards."""
        return asyncio.get_running_loop().time()

    async def pass_gate(self, worth: Callable[[], Worth]) -> None:
        """Waits until a request may go; the most urgent first, and among equals the one that asked first.

        What a request is worth is asked when one may go: an edit in between may have become a last text by then.
        """
        if not self._waiting and self._pace.delay(self.now()) == 0:
            self._pace.spend(self.now())
            return
        place = _Place(worth, asyncio.get_running_loop().create_future())
        self._waiting.append(place)
        if self._release is None or self._release.done():
            self._release = asyncio.create_task(self._release_in_order())
        try:
            await place.passed
        finally:
            if place in self._waiting:  # whoever waited was cancelled
                self._waiting.remove(place)

    async def _release_in_order(self) -> None:
        while self._waiting:
            await asyncio.sleep(self._pace.delay(self.now()))
            if not self._waiting or self._pace.delay(self.now()) > 0:
                continue
            place = min(self._waiting, key=lambda each: each.worth())
            self._waiting.remove(place)
            if not place.passed.done():
                self._pace.spend(self.now())
                place.passed.set_result(None)


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """A request that waits at the gate."""

    worth: Callable[[], Worth]
    passed: asyncio.Future[None]


@dataclass(slots=True)
class _Sent:
    """A page that stands in Discord."""

    message: discord.Message
    content: str


Change = tuple[int, str | None]
"""One request to make: the page's index, and its new content, or None to take the page back."""


class Reply:
    """One answer in one channel, growing until it is finished.

    An exception that leaves the context finishes the reply too: with the text so far and the sentence that `explain`
    has for it; then it goes on its way. So whatever happens, the reply says how it ended.
    """

    def __init__(
        self, delivery: Delivery, question: discord.Message, edits: EditPace, explain: Callable[[BaseException], str]
    ) -> None:
        self._delivery = delivery
        self._question = question
        self._edits = edits
        self._explain = explain
        self._text = self._cut_text = ""
        self._notice: str | None = None
        self._first_text_at: float | None = None
        self._cut: list[Cut] = []
        self._sent: list[_Sent] = []
        self._creating: tuple[str, int] | None = None
        self._changed = asyncio.Event()
        self._finished = asyncio.Event()
        self.gone = False
        """Whether somebody deleted the reply while it grew; nothing more is shown then."""

    async def __aenter__(self) -> Self:
        self._typing = asyncio.create_task(self._type())
        self._writer = asyncio.create_task(self._write())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._finished.is_set():
            if not self._writer.done():  # cancelled while the last text is on its way: it may still arrive
                await asyncio.shield(self._writer)
            return
        partial = error.partial_text if isinstance(error, CompletionError) else ""
        await self.finish(partial or self._text, self._explain(error) if error is not None else None)

    @property
    def over(self) -> bool:
        """Whether nothing more will be shown: somebody deleted the reply, or Discord does not take it."""
        return self.gone or self._writer.done()

    @property
    def pages(self) -> tuple[Page, ...]:
        """What stands in Discord."""
        return () if self.gone else tuple(Page(sent.message.id, sent.content) for sent in self._sent)

    def show(self, text: str) -> None:
        """The text so far. Returns at once; only the newest text is ever sent."""
        if text == self._text:
            return
        self._text = text
        if self._first_text_at is None and text.strip():
            self._first_text_at = self._delivery.now()
        self._changed.set()

    async def finish(self, text: str, notice: str | None = None) -> None:
        """The last text, with a sentence of the bot's own below it where there is something to say.

        Returns when it stands in Discord. Raises discord.HTTPException where Discord does not take it, with patience.
        """
        self._text, self._notice = text, notice
        self._finished.set()
        self._changed.set()
        self._typing.cancel()
        await asyncio.shield(self._writer)  # whoever stops waiting must not tear off a request

    async def _write(self) -> None:
        """Brings Discord up to the newest text, one request at a time, until the reply is finished."""
        failures = 0
        while not self.gone:
            self._changed.clear()
            if self._next_change() is None:
                if self._finished.is_set():
                    return
                await self._changed.wait()
                continue
            await self._hold_back()
            await self._delivery.pass_gate(self._worth)
            change = self._next_change()  # asked again: the text may have grown while this waited
            if change is None:
                continue
            try:
                await self._make(*change)
                failures = 0
            except (discord.DiscordServerError, *UNCLEAR) as error:
                if failures == len(PATIENCE):
                    raise
                log.warning("Discord did not take a text for channel %s: %r", self._question.channel.id, type(error))
                await asyncio.sleep(PATIENCE[failures])
                failures += 1

    def _wanted(self) -> list[str]:
        """The pages that should stand in Discord."""
        # All pages but the last are final while a text only grows; where it was changed, they are cut anew.
        final = self._cut[:-1] if self._text.startswith(self._cut_text) else []
        self._cut, self._cut_text = cut(self._text, after=final), self._text
        pages = [page.text for page in self._cut]
        return with_notice(pages, self._notice) if self._finished.is_set() else pages

    def _next_change(self) -> Change | None:
        """The first page in which Discord differs from the newest text."""
        wanted = self._wanted()
        for index, content in enumerate(wanted):
            if index == len(self._sent) or self._sent[index].content != content:
                return index, content
        return (len(self._sent) - 1, None) if len(self._sent) > len(wanted) else None

    def _worth(self) -> Worth:
        return Worth.TEXT if self._finished.is_set() or not self._sent else Worth.EDIT

    async def _hold_back(self) -> None:
        """Waits while a growing text is better not sent yet; the end of the reply ends the waiting."""
        if self._sent:
            delay = self._edits.delay(self._delivery.now())
        elif self._first_text_at is None or len(self._text) >= FIRST_TEXT_LENGTH:
            delay = 0.0
        else:
            delay = self._first_text_at + FIRST_TEXT_WITHIN - self._delivery.now()
        if delay > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await self._finished.wait()

    async def _make(self, index: int, content: str | None) -> None:
        if index == len(self._sent) and content is not None:
            self._typing.cancel()
            # Where it is unclear whether a create was made, the very same is sent again: Discord knows it by its nonce.
            self._creating = self._creating or (content, secrets.randbits(63))
            self._sent.append(_Sent(await self._create(*self._creating), self._creating[0]))
            self._creating = None
            return
        page = self._sent[index]
        try:
            if content is None:
                await page.message.delete()
                self._sent.remove(page)
            else:
                self._edits.spend(self._delivery.now())
                await page.message.edit(content=content, allowed_mentions=self._mentions())
                page.content = content
        except discord.NotFound:
            self.gone = True

    async def _create(self, content: str, nonce: int) -> discord.Message:
        channel = self._question.channel
        above = self._sent[-1].message if self._sent else self._question
        # A further page stands below the one before; where something came between, only a reference tells whose it is.
        newest = getattr(channel, "last_message_id", None)
        refers = not self._sent or (newest is not None and newest > above.id)
        if refers:
            try:
                reference = above.to_reference(fail_if_not_exists=False)
                return await channel.send(content, nonce=nonce, reference=reference, allowed_mentions=self._mentions())
            except discord.HTTPException as error:
                if error.code != NO_REPLY_WITHOUT_HISTORY:
                    raise
        return await channel.send(content, nonce=nonce, allowed_mentions=self._mentions())

    def _mentions(self) -> discord.AllowedMentions:
        """Nothing that a model writes may ping anybody; the author of the question at most."""
        return discord.AllowedMentions(everyone=False, roles=False, users=[self._question.author], replied_user=True)

    async def _type(self) -> None:
        """Shows the typing sign until the first text is there."""
        while True:
            await self._delivery.pass_gate(lambda: Worth.TYPING)
            try:
                await self._question.channel.typing()
            except (discord.HTTPException, *UNCLEAR) as error:
                log.debug("No typing sign in channel %s: %r", self._question.channel.id, type(error))
            await asyncio.sleep(TYPING_EVERY)


def without_notice(content: str) -> str:
    """What the model said of a page: the page without the bot's own small print below it."""
    return "\n".join(line for line in content.split("\n") if not line.startswith(NOTICE)).strip()


def with_notice(pages: list[str], notice: str | None) -> list[str]:
    """The pages with a line of small print below the last one, or below a page of its own."""
    if notice is None:
        return pages
    line = NOTICE + notice
    last = f"{pages[-1]}\n{line}" if pages else line
    if len(last.encode("utf-16-le")) // 2 <= PAGE_LIMIT:
        return [*pages[:-1], last]
    return [*pages, line]
