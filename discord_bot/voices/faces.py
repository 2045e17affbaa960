"""A persona's picture -> an address that Discord can fetch it from, for the messages of a webhook.

A message's avatar must be an address. That of an attachment does not do: it expires, and Discord does not show it
there (https://github.com/discord/discord-api-docs/issues/6657). An emoji of the application's own is the same picture
at an address that lasts, needs no permission in any server, and an application may have 2,000
(https://discord.com/developers/docs/resources/emoji#emoji-object-application-owned-emoji). Its name is made of the
picture's hash, so that it is found again after a restart, and never uploaded twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Final

import aiohttp
import discord

from discord_bot import portraits
from discord_bot.errors import BotError

if TYPE_CHECKING:
    from collections.abc import MutableMapping

log = logging.getLogger(__name__)

SIDE: Final = 128
"""Pixels: what Discord keeps of an emoji."""
PREFIX: Final = "face_"
NAME_LENGTH: Final = 32
"""Characters of an emoji's name."""
TOO_MANY: Final = 30008
"""https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes"""
AGAIN_AFTER: Final = 600.0
"""Seconds after which it is tried again with a picture that could not be uploaded."""

Picture = Callable[[str], Awaitable[bytes | None]]
"""The bytes of the picture with that SHA-256, if they are still somewhere."""


class Faces:
    """The pictures that Discord has, by the names of the emojis."""

    def __init__(self, client: discord.Client, picture: Picture) -> None:
        self._client, self._picture = client, picture
        self._known: dict[str, discord.Emoji] | None = None
        self._failed: MutableMapping[str, float] = {}
        self._uploading = asyncio.Lock()

    async def url(self, digest: str) -> str | None:
        """Where the picture with that SHA-256 can be fetched; None where that can't be, or not now."""
        name = _named(digest)
        now = asyncio.get_running_loop().time()
        if now < self._failed.get(name, 0.0):
            return None
        try:
            async with self._uploading:
                known = await self._all()
                emoji = known.get(name) or await self._upload(name, digest, known)
        except (discord.HTTPException, aiohttp.ClientError, OSError, BotError) as error:
            log.warning(
                "a persona's picture can't be shown: %s (code %s)", type(error).__name__, getattr(error, "code", None)
            )
            emoji = None
        if emoji is None:
            self._failed[name] = now + AGAIN_AFTER
            return None
        return emoji.url

    async def remove(self, digests: Iterable[str]) -> None:
        """Takes away the pictures that belong to no persona any more; what stays for now goes when room is needed."""
        for digest in digests:
            name = _named(digest)
            try:
                async with self._uploading:  # anew for each, so that nobody who speaks waits for all of them
                    known = await self._all()
                    if (emoji := known.get(name)) is not None:
                        await emoji.delete()
                        del known[name]
            except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
                log.warning("pictures that belong to no persona any more are still there: %s", type(error).__name__)
                return

    async def _all(self) -> dict[str, discord.Emoji]:
        if self._known is None:
            emojis = await self._client.fetch_application_emojis()
            self._known = {each.name: each for each in emojis if each.name.startswith(PREFIX)}
        return self._known

    async def _upload(self, name: str, digest: str, known: dict[str, discord.Emoji]) -> discord.Emoji | None:
        data = await self._picture(digest)
        if data is None:
            return None
        face = await asyncio.to_thread(portraits.face, data, SIDE)
        try:
            made = await self._client.create_application_emoji(name=name, image=face)
        except discord.HTTPException as error:
            if error.code != TOO_MANY or not known:
                raise
            oldest = min(known.values(), key=lambda each: each.id)
            await oldest.delete()  # messages keep the picture that they were written with
            del known[oldest.name]
            made = await self._client.create_application_emoji(name=name, image=face)
        known[name] = made
        return made


def _named(digest: str) -> str:
    """What the emoji is called that shows the picture with that SHA-256."""
    return f"{PREFIX}{digest}"[:NAME_LENGTH]
