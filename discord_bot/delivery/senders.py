"""How a page of a reply gets to Discord: the requests, and nothing about when.

`Sender` says what a reply needs; `BotSender` is the bot speaking as itself.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import discord

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


class Sender(Protocol):
    """The requests that pages are made of. Each may raise whatever discord.py raises."""

    async def create(self, content: Content, nonce: int, above: Standing | None) -> discord.Message:
        """A new page, below the reply's last one (`above`), or the first. Discord makes one message of one nonce."""

    async def edit(self, message: Standing, content: Content, before: Content | None) -> None:
        """Another content for a page that showed `before`; None if that is not known."""

    async def delete(self, message: Standing) -> None:
        """A page is taken back."""

    async def find(self, content: Content, known: Sequence[int]) -> discord.Message | None:
        """What a create that ended unclearly has made, if anything; `known` are the ids of the other pages."""


class BotSender:
    """The bot, answering a message under its own name."""

    def __init__(self, question: discord.Message) -> None:
        self._question = question

    async def create(self, content: Content, nonce: int, above: Standing | None) -> discord.Message:
        """A reply to the question; further pages stand below the one before."""
        channel = self._question.channel
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
            more["files"] = _files(content)
        return await self._question.channel.send(content.text, nonce=nonce, allowed_mentions=self._mentions(), **more)

    async def edit(self, message: Standing, content: Content, before: Content | None) -> None:
        """Sends files and controls only where they changed; an edit without them leaves them as they are."""
        changed: dict[str, Any] = {}
        if before is None or before.attachments != content.attachments:
            changed["attachments"] = _files(content)
        if before is None or before.controls is not content.controls:
            changed["view"] = content.controls
        await message.edit(content=content.text, allowed_mentions=self._mentions(), **changed)

    async def delete(self, message: Standing) -> None:
        """A page that is gone already is as good as deleted."""
        try:
            await message.delete()
        except discord.NotFound:
            return

    async def find(self, content: Content, known: Sequence[int]) -> discord.Message | None:
        """Looks through what was written since the question."""
        place = self._question.guild or self._question.channel
        me = getattr(place, "me", None)
        async for message in self._question.channel.history(limit=LOOKED_THROUGH):
            if message.id < self._question.id:
                break
            if message.author == me and message.content == content.text and message.id not in known:
                return message
        return None

    def _mentions(self) -> discord.AllowedMentions:
        """Nothing that a model writes may ping anybody; the author of the question at most."""
        return discord.AllowedMentions(everyone=False, roles=False, users=[self._question.author], replied_user=True)


def _files(content: Content) -> list[discord.File]:
    return [discord.File(io.BytesIO(each.data), each.name) for each in content.attachments]
