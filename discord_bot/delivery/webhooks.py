"""A persona speaking through a webhook: under its own name, with its own face.

A webhook's messages can't be replies (https://discord.com/developers/docs/resources/webhook#execute-webhook has no
`message_reference`). Where a page does not stand right below what it answers, it begins with a line of small print
that leads to the question, and names who asked. Nor have they a nonce: a create is made once, and what has come of it
is looked up before it is made again.

Where the webhook fails, the bot goes on as itself. So what this sender has in its hands are pages of both kinds.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import discord

from discord_bot.chat.pacing import Kind, Lane
from discord_bot.delivery.limits import SERVER_ERROR, TOO_MANY
from discord_bot.delivery.notices import below
from discord_bot.delivery.senders import (
    BotSender,
    Content,
    Standing,
    files_of,
    mentions_for,
    written_since,
)

UNKNOWN_WEBHOOK: Final = (10015, 50027)
"""What Discord says of a webhook that was deleted, and of a token that is not its own.
https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes
"""
TRIES: Final = 2
"""How often a create may end unclearly before the bot speaks as itself."""
LINK: Final = "-# [↪](https://discord.com/channels/"
"""How the line begins that says what a page answers."""
LINE: Final = f"{LINK}{{guild}}/{{channel}}/{{question}})"
ASKER: Final = " <@{asker}>"
"""How it ends where a person has asked; a greeting answers what the bot itself announced."""
ROOM: Final = len(LINE.format(guild=1 << 63, channel=1 << 63, question=1 << 63) + ASKER.format(asker=1 << 63)) + 1
_LINE = re.compile(re.escape(LINK) + r"\d+/\d+/(\d+)\)(?: <@\d+>)?(?:\n|$)")


@dataclass(frozen=True, slots=True)
class Face:
    """Under which name and picture a message is shown."""

    name: str
    avatar_url: str | None = None
    """An address that Discord can fetch it from; None for the webhook's own picture."""


def without_line(content: str) -> str:
    """What was said on a page: the page without the line that says what it answers."""
    found = _LINE.match(content)
    return content if found is None else content[found.end() :]


def answered_by(content: str) -> int | None:
    """The id of the question, where a page's line names one."""
    found = _LINE.match(content)
    return None if found is None else int(found[1])


Renew = Callable[[], Awaitable[discord.Webhook]]
"""Finds or makes a webhook in the place of one that is gone."""


class WebhookSender:
    """A persona, answering a message through a webhook of the bot's own."""

    most: int | None = None
    types = True

    def __init__(
        self,
        question: discord.Message,
        webhook: discord.Webhook,
        face: Face | None,
        renew: Renew,
        written: Iterable[int] = (),
    ) -> None:
        """`written` are pages that went through the webhook before. Without a face, new ones are the bot's own."""
        self._question, self.plain = question, BotSender(question)
        """Who goes on where the webhook fails."""
        self.below = question.id
        """Where something stands between this message and a page that is the first one, a line says what it answers."""
        self._webhook, self._renew = webhook, renew
        self.face = face
        self._lines = dict.fromkeys(written, "")
        """The pages that went through the webhook, and the line above each."""
        self._lost: set[int] = set()
        self._line = ""
        """The line above the page that is being created."""
        self._unclear = 0

    @property
    def room(self) -> int:
        """For a line above a page, be it the webhook's or the bot's."""
        return max(ROOM, self.plain.room)

    @property
    def once(self) -> bool:
        """Whether new pages go through the webhook."""
        return self.face is not None

    def lane(self, kind: Kind, message: Standing | None) -> Lane:
        """The webhook's, or the channel's where the bot writes as itself."""
        if self.once if message is None or kind == "create" else self._wrote(message):
            return Lane(kind, self._webhook.id, "webhook")
        return self.plain.lane(kind, message)

    def echo(self, content: Content, nonce: int, above: Standing | None) -> str:
        """Where it is written, and what. The line above it is settled here: it must not change from try to try."""
        if not self.once:
            return self.plain.echo(content, nonce, above)
        newest = getattr(self._question.channel, "last_message_id", None)
        between = newest is not None and newest > (self.below if above is None else above.id)
        self._line = self._link() if between else ""
        return f"{self._webhook.id}/{self._question.channel.id}/{below(self._line, content.text).strip()}"

    def give_way(self, error: Exception, kind: Kind) -> bool:
        """A webhook that is gone, is refused, or keeps failing is no longer spoken through."""
        status, code = getattr(error, "status", 0), getattr(error, "code", 0)
        if code in UNKNOWN_WEBHOOK and kind != "create":
            self._lost.update(self._lines)  # what is written anew goes through another webhook
            self._lines.clear()
            return True
        if kind != "create" or not self.once:
            return False
        if status == 0 or (status != TOO_MANY and status >= SERVER_ERROR):
            self._unclear += 1
            if self._unclear < TRIES:
                return False
        self.face = None
        return True

    def reaches(self, message: Standing) -> bool:
        """All pages but those of a webhook that is gone."""
        return message.id not in self._lost

    def webhook_of(self, message: Standing) -> int | None:
        """Its own, or that of a page whose webhook is gone."""
        return self._webhook.id if self._wrote(message) else getattr(message, "webhook_id", None)

    def shown(self, message: Standing, content: Content) -> str:
        """Below the page's line, which stays as it is."""
        if not self._wrote(message):
            return self.plain.shown(message, content)
        return below(self._lines.get(message.id) or self._kept_line(message), content.text)

    async def create(self, content: Content, nonce: int, above: Standing | None) -> discord.Message:
        """A message under the persona's name and face."""
        if not self.once:
            return await self.plain.create(content, nonce, above)
        try:
            message = await self._execute(content)
        except discord.HTTPException as error:
            if error.code not in UNKNOWN_WEBHOOK:
                raise
            self._webhook = await self._renew()
            message = await self._execute(content)
        self._lines[message.id] = self._line
        return message

    async def _execute(self, content: Content) -> discord.Message:
        assert self.face is not None
        more = self._thread()
        if content.controls is not None:
            more["view"] = content.controls
        if content.attachments:
            more["files"] = files_of(content)
        if self.face.avatar_url is not None:
            more["avatar_url"] = self.face.avatar_url
        return await self._webhook.send(
            below(self._line, content.text),
            username=self.face.name,
            allowed_mentions=mentions_for(self._question),
            wait=True,
            **more,
        )

    async def edit(self, message: Standing, content: Content, before: Content | None) -> None:
        """Through the webhook what went through it. Its line stays above it."""
        if not self._wrote(message):
            await self.plain.edit(message, content, before)
            return
        changed: dict[str, Any] = self._thread()
        if before is None or before.attachments != content.attachments:
            changed["attachments"] = files_of(content)
        if before is None or before.controls is not content.controls:
            changed["view"] = content.controls
        await self._webhook.edit_message(
            message.id,
            content=self.shown(message, content),
            allowed_mentions=mentions_for(self._question),
            **changed,
        )

    async def delete(self, message: Standing) -> None:
        """Through the webhook what went through it; where that is gone, the bot may manage messages."""
        if not self._wrote(message):
            await self.plain.delete(message)
            return
        with suppress(discord.NotFound):
            await self._webhook.delete_message(message.id, **self._thread())

    async def find(self, content: Content, known: Sequence[int]) -> discord.Message | None:
        """A message of the webhook's or of the bot's that says just that."""
        shown = below(self._line, content.text).strip()

        def wanted(message: discord.Message) -> bool:
            return message.webhook_id == self._webhook.id and message.content == shown and message.id not in known

        found = await written_since(self._question, wanted)
        if found is not None:
            self._lines[found.id] = self._line
            return found
        return None if self.once else await self.plain.find(content, known)

    def _wrote(self, message: Standing) -> bool:
        return message.id in self._lines or getattr(message, "webhook_id", None) == self._webhook.id

    def _kept_line(self, message: Standing) -> str:
        """The line above a page from before a restart, as far as it was read."""
        found = _LINE.match(getattr(message, "content", ""))
        return found[0].rstrip() if found is not None else ""

    def _link(self) -> str:
        guild = self._question.guild
        assert guild is not None  # there are no webhooks in direct messages
        question, asker = self._question, self._question.author
        line = LINE.format(guild=guild.id, channel=question.channel.id, question=question.id)
        return line if asker.bot or question.webhook_id is not None else line + ASKER.format(asker=asker.id)

    def _thread(self) -> dict[str, Any]:
        channel = self._question.channel
        return {"thread": channel} if isinstance(channel, discord.Thread) else {}
