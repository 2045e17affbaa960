"""How a page of a reply gets to Discord: the requests, and nothing about when.

`Sender` says what a reply needs; `BotSender` is the bot speaking as itself, `WebhookSender` (in `webhooks`) a persona
speaking under a name and face of its own, and `InteractionSender` (in `interactions`) answers a command.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import discord

from discord_bot.chat.pacing import Kind, Lane
from discord_bot.delivery.notices import below, name_line, room_for

NO_REPLY_WITHOUT_HISTORY = 160002
"""What Discord answers to a reply where the bot may not read the channel's history.
https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes
"""
LOOKED_THROUGH = 50
"""How many of a channel's newest messages are looked through for one that may have been created."""

Standing = discord.Message | discord.PartialMessage
"""A message of ours that stands in Discord."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes out with a page."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Content:
    """What one page should show."""

    text: str
    attachments: tuple[Attachment, ...] = ()
    controls: discord.ui.View | None = None
    """The buttons below it. Two views are the same if they are one object: make a new one only for a change."""
    first: bool = False
    """Whether the answer begins with it."""


class Sender(Protocol):
    """The requests that pages are made of. Each may raise whatever discord.py raises."""

    most: int | None
    """Pages that it can make; None for as many as there are."""
    types: bool
    """Whether a typing sign is wanted while nothing stands there."""

    @property
    def room(self) -> int:
        """Characters of each page that are for the sender's own words."""

    @property
    def once(self) -> bool:
        """Whether Discord would make two messages of a create that is made twice."""

    def lane(self, kind: Kind, message: Standing | None) -> Lane:
        """Where Discord counts the next such request, which is about that page if there is one."""

    def echo(self, content: Content, nonce: int, above: Standing | None) -> str:
        """What the gateway's word of a page that is being created is recognised by: see `echo_of`."""

    def give_way(self, error: Exception, kind: Kind) -> bool:
        """Takes in that a request failed; whether another way is taken from now on, so that it is worth trying."""

    def reaches(self, message: Standing) -> bool:
        """Whether a page can still be edited."""

    def webhook_of(self, message: Standing) -> int | None:
        """The id of the webhook that a page went through, if it did."""

    def shown(self, message: Standing, content: Content) -> str:
        """The text of a page that says this: with the sender's own words, too."""

    async def create(self, content: Content, nonce: int, above: Standing | None) -> discord.Message:
        """A new page, below the reply's last one (`above`), or the first. Discord makes one message of one nonce."""

    async def edit(self, message: Standing, content: Content, before: Content | None) -> None:
        """Another content for a page that showed `before`; None if that is not known."""

    async def delete(self, message: Standing) -> None:
        """A page is taken back."""

    async def find(self, content: Content, known: Sequence[int]) -> discord.Message | None:
        """What a create that ended unclearly has made, if anything; `known` are the ids of the other pages."""


def echo_of(message: discord.Message) -> str | None:
    """What a message is recognised by, if it may be one of the bot's pages: its nonce, or where it was written."""
    if message.nonce is not None:
        return str(message.nonce)
    if message.webhook_id is not None:
        return f"{message.webhook_id}/{message.channel.id}/{message.content.strip()}"
    return None


class OneWay:
    """A sender that has no other way to go on, so that it is never left with pages out of its reach."""

    def give_way(self, error: Exception, kind: Kind) -> bool:  # noqa: ARG002
        """There is no other way."""
        return False

    def reaches(self, message: Standing) -> bool:  # noqa: ARG002
        """All of its pages, for as long as anything can be changed."""
        return True

    def webhook_of(self, message: Standing) -> int | None:  # noqa: ARG002
        """None that could be used again."""
        return None


class BotSender(OneWay):
    """The bot, answering a message under its own name."""

    once = False  # a nonce sees to it
    most: int | None = None
    types = True

    def __init__(self, question: discord.Message, name: str | None = None) -> None:
        """`name` is whose words they are, where a line above them has to say so."""
        self._question = question
        self._line = name_line(name) if name is not None else ""

    @property
    def room(self) -> int:
        """For that line."""
        return room_for(self._line)

    def lane(self, kind: Kind, message: Standing | None) -> Lane:  # noqa: ARG002
        """The channel's."""
        return Lane(kind, self._question.channel.id)

    def echo(self, content: Content, nonce: int, above: Standing | None) -> str:  # noqa: ARG002
        """The nonce."""
        return str(nonce)

    def shown(self, message: Standing, content: Content) -> str:  # noqa: ARG002
        """Below the line that says who speaks, where the answer begins."""
        return self._text(content)

    async def create(self, content: Content, nonce: int, above: Standing | None) -> discord.Message:
        """A reply to the question; further pages stand below the one before.

        Where a thread was opened at the question (it has its id), the first page refers to nothing.
        """
        channel = self._question.channel
        if above is None and self._question.id == channel.id:
            return await self._send(content, nonce, None)
        newest = getattr(channel, "last_message_id", None)
        # Where something came between, only a reference tells whose page it is.
        if above is None or (newest is not None and newest > above.id):
            try:
                return await self._send(
                    content, nonce, (above or self._question).to_reference(fail_if_not_exists=False)
                )
            except discord.HTTPException as error:
                if error.code != NO_REPLY_WITHOUT_HISTORY:
                    raise
        return await self._send(content, nonce, None)

    async def _send(self, content: Content, nonce: int, reference: discord.MessageReference | None) -> discord.Message:
        more: dict[str, Any] = {}
        if reference is not None:
            more["reference"] = reference
        if content.controls is not None:
            more["view"] = content.controls
        if content.attachments:
            more["files"] = files_of(content)
        text, mentions = self._text(content), self._mentions()
        return await self._question.channel.send(text, nonce=nonce, allowed_mentions=mentions, **more)

    async def edit(self, message: Standing, content: Content, before: Content | None) -> None:
        """Sends files and controls only where they changed; an edit without them leaves them as they are."""
        changed: dict[str, Any] = {}
        if before is None or before.attachments != content.attachments:
            changed["attachments"] = files_of(content)
        if before is None or before.controls is not content.controls:
            changed["view"] = content.controls
        await message.edit(content=self._text(content), allowed_mentions=self._mentions(), **changed)

    async def delete(self, message: Standing) -> None:
        """A page that is gone already is as good as deleted."""
        try:
            await message.delete()
        except discord.NotFound:
            return

    async def find(self, content: Content, known: Sequence[int]) -> discord.Message | None:
        """Looks through what was written since the question."""
        place = self._question.guild or self._question.channel
        me, text = getattr(place, "me", None), self._text(content)
        return await written_since(
            self._question,
            lambda each: each.author == me and each.content == text and each.id not in known,
        )

    def _text(self, content: Content) -> str:
        return below(self._line if content.first else "", content.text)

    def _mentions(self) -> discord.AllowedMentions:
        return mentions_for(self._question)


async def written_since(question: discord.Message, wanted: Callable[[discord.Message], bool]) -> discord.Message | None:
    """The newest message that is wanted, of those that were written since the question."""
    async for message in question.channel.history(limit=LOOKED_THROUGH):
        if message.id < question.id:
            break
        if wanted(message):
            return message
    return None


def mentions_for(question: discord.Message) -> discord.AllowedMentions:
    """Nothing that a model writes may ping anybody; the author of the question at most."""
    return discord.AllowedMentions(everyone=False, roles=False, users=[question.author], replied_user=True)


def files_of(content: Content) -> list[discord.File]:
    """The files that go out with a page."""
    return [discord.File(io.BytesIO(each.data), each.name) for each in content.attachments]
