"""What stands in Discord of one answer, in what it differs from what should, and the request that changes that.

Here a page is created once, also where it is unclear whether a request was carried out.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import aiohttp
import discord

from discord_bot.chat.pacing import Worth
from discord_bot.delivery.limits import SERVER_ERROR
from discord_bot.delivery.ticket import Ticket
from discord_bot.delivery.webhooks import UNKNOWN_WEBHOOK

if TYPE_CHECKING:
    from discord_bot.chat.pacing import Kind, Lane
    from discord_bot.delivery.delivery import Delivery, Expected
    from discord_bot.delivery.senders import Content, Sender, Standing

UNCLEAR = (aiohttp.ClientError, OSError, TimeoutError)
"""What discord.py lets through when a connection to Discord fails."""


@dataclass(frozen=True, slots=True)
class Page:
    """One Discord message of a reply as it stands there."""

    id: int
    content: str
    webhook_id: int | None = None
    """The webhook that it went through, if it did."""


@dataclass(frozen=True, slots=True)
class Change:
    """One request to make."""

    kind: Kind
    index: int
    """The page's."""
    content: Content | None = None
    """What it is to show; None where it is taken back."""


@dataclass(slots=True)
class Sent:
    """A page that stands in Discord, and what it shows; None for what is not known."""

    message: Standing
    content: Content | None = None

    @property
    def id(self) -> int:
        """The message's id."""
        return self.message.id


@dataclass(frozen=True, slots=True)
class _Creating:
    """A page of which it is not known yet that it stands in Discord."""

    content: Content
    nonce: int
    expected: Expected


class StandingPages:
    """The pages of one answer."""

    def __init__(self, delivery: Delivery, channel_id: int, sender: Sender, standing: Sequence[Sent]) -> None:
        self._delivery, self._gate, self._channel_id = delivery, delivery.gate, channel_id
        self.sender = sender
        """Who writes them."""
        self._sent = list(standing)
        self._deleting: Sent | None = None
        self._creating: _Creating | None = None
        self._late: discord.Message | None = None
        """A page that came when the reply was gone already."""
        self.begun = False
        """Whether anything was changed yet."""
        self.gone = False
        """Whether somebody deleted a page."""

    @property
    def pages(self) -> tuple[Page, ...]:
        """Those that stand there; of an earlier answer's, those that have been changed."""
        return tuple(
            Page(sent.message.id, sent.content.text, self.sender.webhook_of(sent.message))
            for sent in self._sent
            if sent.content is not None
        )

    @property
    def sent(self) -> tuple[Sent, ...]:
        """All of them, for another answer to take over."""
        return tuple(self._sent)

    def is_losing(self, message_id: int) -> bool:
        """Whether that message is a page that is just being taken back."""
        return self._deleting is not None and self._deleting.id == message_id

    @property
    def settled(self) -> bool:
        """Whether it is known of every page that it stands there, or does not."""
        return self._creating is None

    def lane(self, kind: Kind, index: int = -1) -> Lane:
        """Where such a request counts: it is about that page, or, as a guess, about the last one."""
        page = self._sent[index].message if self._sent and kind != "create" else None
        return self.sender.lane(kind, page)

    def lose(self) -> list[Standing]:
        """Lets go of the pages that the sender can't reach any more, so that they are written anew."""
        lost = [page for page in self._sent if not self.sender.reaches(page.message)]
        self._sent = [page for page in self._sent if page not in lost]
        return [page.message for page in lost]

    def difference(self, wanted: list[Content], *, final: bool) -> Change | None:
        """The first page in which Discord differs from what should stand there."""
        if self._creating is not None:  # first of all it must become clear whether that page stands there
            return Change("create", len(self._sent), self._creating.content)
        for index, content in enumerate(wanted):
            if index == len(self._sent):
                return Change("create", index, content)
            if self._sent[index].content != content:
                return Change("edit", index, content)
        # What is too much goes at the end: a text that grows may need its page yet.
        return Change("delete", len(self._sent) - 1) if final and len(self._sent) > len(wanted) else None

    async def make(self, change: Change, ticket: Ticket, *, needed: bool) -> None:
        """Makes a request that was admitted. It raises what discord.py raises; then nothing is known to have changed.

        A page that may have been made already is not made again where no page is `needed` any more.
        """
        if change.content is None:
            self._deleting = self._sent[change.index]
            await self._gate.carry_out_change(ticket, partial(self.sender.delete, self._deleting.message))
            self._sent.remove(self._deleting)
        elif change.kind == "create":
            created = await self._create(ticket, change.content, needed=needed)
            if created is None:
                return
            self._sent.append(created)
        else:
            page = self._sent[change.index]
            try:
                edit = partial(self.sender.edit, page.message, change.content, page.content)
                await self._gate.carry_out_change(ticket, edit)
            except discord.NotFound as error:
                if error.code in UNKNOWN_WEBHOOK:
                    raise
                self.gone = True
                return
            page.content = change.content
        self.begun = True

    async def take_away_late(self) -> None:
        """Deletes the page that was on its way when somebody deleted the reply, also where it is not known to stand."""
        with suppress(discord.HTTPException, *UNCLEAR):
            if self._creating is not None:
                self._late = await self._look_up(self._creating)
            if self._late is not None:
                await self.take_away(self._late)

    async def take_away(self, page: Standing) -> None:
        """Deletes a page that is none of these any more, if Discord lets it."""
        ticket = Ticket(Worth.EDIT, self.sender.lane("delete", page), self._gate.now())
        await self._gate.admit(ticket)
        with suppress(discord.HTTPException, *UNCLEAR):
            await self._gate.carry_out_change(ticket, partial(self.sender.delete, page))

    def expect_nothing(self) -> None:
        """Says that a page that was being created does not stand there, or that nobody wants to know any more."""
        if self._creating is not None:
            self._delivery.expect_no_more(self._creating.expected)
            self._creating = None

    async def _create(self, ticket: Ticket, content: Content, *, needed: bool) -> Sent | None:
        """A new page. Where one may have been made already, it is looked up before the very same is sent again."""
        creating = self._creating
        above = self._sent[-1].message if self._sent else None
        if creating is None:
            nonce = secrets.randbits(63)
            echo = self.sender.echo(content, nonce, above)
            creating = self._creating = _Creating(content, nonce, self._delivery.expect(self._channel_id, echo))
        elif (found := await self._look_up(creating)) is not None or not needed:
            self._gate.give_back(ticket)
            return self._settle(creating, found)
        request = partial(self.sender.create, creating.content, creating.nonce, above)
        message = await self._gate.carry_out(ticket, request, creating.expected.heard, once=self.sender.once)
        return self._settle(creating, message)

    def _settle(self, creating: _Creating, message: discord.Message | None) -> Sent | None:
        """Takes in what has come of a page that was being created; somebody may have been quicker to delete it."""
        self.expect_nothing()
        if message is None:
            return None
        if message.id in creating.expected.deleted:
            self.gone = True
        elif self.gone:
            self._late = message
        return Sent(message, creating.content)

    async def _look_up(self, creating: _Creating) -> discord.Message | None:
        """The page that an earlier try has made, if it has: the gateway told of it, or it is found in the channel."""
        if creating.expected.heard.done():
            return creating.expected.heard.result()
        try:
            return await self.sender.find(creating.content, [sent.message.id for sent in self._sent])
        except discord.HTTPException as error:
            if error.status >= SERVER_ERROR:
                raise
            return None  # the bot may not read there: the nonce has to do
