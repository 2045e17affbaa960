"""An answer to a command: it goes out by the interaction's token, also to where the bot isn't a member.

The first page takes the place of "thinking…", further ones are follow-ups. Above the first one stands what was asked:
Discord shows to others that somebody ran a command, and not what they wrote; and where several personas speak, which
one does. Everything stays as visible as the "thinking…" was, which is settled when the interaction is acknowledged; but
each follow-up has to say so anew.
https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any, Final

import discord

from discord_bot.chat.characters import cluster_start
from discord_bot.chat.pacing import Kind, Lane
from discord_bot.delivery.notices import below, name_line, room_for
from discord_bot.delivery.senders import Content, OneWay, Standing, files_of, mentions_for

FOLLOW_UPS: Final = 5
"""Further pages where the bot isn't a member, and only a person has brought it along.
https://discord.com/developers/docs/interactions/receiving-and-responding#create-followup-message
"""
SHOWN: Final = 150
"""Characters of the question that stand above the answer."""
ASKED: Final = "-# 💬 "
ABOUT: Final = "-# [↪]({address}) "
"""How the line begins that says what was asked; and where it was asked about a message."""


class InteractionSender(OneWay):
    """The bot, answering an interaction that was acknowledged with "thinking…"."""

    once = True
    types = False  # Discord itself says that the application thinks

    def __init__(
        self,
        interaction: discord.Interaction[Any],
        question: discord.Message,
        *,
        private: bool,
        about: str | None = None,
    ) -> None:
        """`private` is whether the acknowledgement said that only the person sees it; `about` a message's address."""
        self._interaction, self._question, self._private = interaction, question, private
        self._line = (ASKED if about is None else ABOUT.format(address=about)) + _on_one_line(question.content)
        self._first: int | None = None
        is_member = interaction.is_guild_integration() or interaction.context.dm_channel
        self.most = None if is_member else FOLLOW_UPS  # with the first page, one more: for the bot's small print

    def named(self, name: str | None) -> InteractionSender:
        """The same where a line above has to say whose words they are; None where that is clear."""
        if name is None:
            return self
        named = copy(self)
        named._line = below(name_line(name), self._line)
        return named

    @property
    def room(self) -> int:
        """For the lines above the first page."""
        return room_for(self._line)

    def lane(self, kind: Kind, message: Standing | None) -> Lane:  # noqa: ARG002
        """The interaction's own."""
        return Lane(kind, self._interaction.id, "interaction")

    def echo(self, content: Content, nonce: int, above: Standing | None) -> str:  # noqa: ARG002
        """Where it is written, and what; where the bot isn't a member, nobody tells."""
        text = self._with_line(content.text) if above is None else content.text
        return f"{self._interaction.application_id}/{self._question.channel.id}/{text.strip()}"

    def shown(self, message: Standing, content: Content) -> str:
        """Below the question on the first page."""
        return self._with_line(content.text) if message.id == self._first else content.text

    async def create(self, content: Content, nonce: int, above: Standing | None) -> discord.Message:  # noqa: ARG002
        """The first page is an edit of "thinking…", so it is the same however often it is made."""
        more: dict[str, Any] = {"allowed_mentions": mentions_for(self._question)}
        if content.controls is not None:
            more["view"] = content.controls
        if above is not None:
            if content.attachments:
                more["files"] = files_of(content)
            followup = self._interaction.followup
            return await followup.send(content.text, ephemeral=self._private, wait=True, **more)
        if content.attachments:
            more["attachments"] = files_of(content)
        text = self._with_line(content.text)
        message = await self._interaction.edit_original_response(content=text, **more)
        self._first = message.id
        return message

    async def edit(self, message: Standing, content: Content, before: Content | None) -> None:
        """Sends files and controls only where they changed; an edit without them leaves them as they are."""
        changed: dict[str, Any] = {"allowed_mentions": mentions_for(self._question)}
        if before is None or before.attachments != content.attachments:
            changed["attachments"] = files_of(content)
        if before is None or before.controls is not content.controls:
            changed["view"] = content.controls
        text = self.shown(message, content)
        await self._interaction.followup.edit_message(message.id, content=text, **changed)

    async def delete(self, message: Standing) -> None:
        """A page that is gone already is as good as deleted."""
        try:
            await self._interaction.followup.delete_message(message.id)
        except discord.NotFound:
            return

    async def find(self, content: Content, known: Sequence[int]) -> discord.Message | None:  # noqa: ARG002
        """Follow-ups can't be listed. A page that stands there twice is better than one that never came."""
        return None

    def _with_line(self, text: str) -> str:
        return below(self._line, text) if text else self._line


def _on_one_line(text: str) -> str:
    """The beginning of a question as plain text: nothing in it is a mention or Markdown."""
    flat = " ".join(text.split())
    if len(flat) > SHOWN:
        flat = f"{flat[: cluster_start(flat, SHOWN - 1)].rstrip()}…"
    return discord.utils.escape_markdown(discord.utils.escape_mentions(flat))
