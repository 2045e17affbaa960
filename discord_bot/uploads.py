"""The bytes of a file that somebody attached to a command: from Discord's hosts alone, and never too many of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import aiohttp
import yarl

from discord_bot.errors import CardRefused, PersonaError

if TYPE_CHECKING:
    from discord_bot.config import Settings

CDN_HOSTS: Final = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
"""Where attachments lie. https://discord.com/developers/docs/reference#image-formatting"""
DISCORD: Final = "discord.com"
PATIENCE: Final = aiohttp.ClientTimeout(total=60, connect=10, sock_read=20)
"""Seconds; the answer to a command may come for fifteen minutes."""


class Attached(Protocol):
    """What is needed of a `discord.Attachment`."""

    @property
    def url(self) -> str:
        """Where it lies."""

    @property
    def size(self) -> int:
        """How many bytes it has, as Discord says."""


def may_fetch(url: str, api_url: str) -> bool:
    """Whether an attachment's address is Discord's: the CDN's, or that of the API where another one is configured."""
    address, api = yarl.URL(url), yarl.URL(api_url)
    if address.scheme == "https" and address.host in CDN_HOSTS and address.port == 443:
        return True
    return api.host != DISCORD and address.origin() == api.origin()


def check(attachment: Attached, settings: Settings, *, most: int) -> None:
    """Raises CardRefused where a file has more bytes than that, PersonaError where it does not lie with Discord."""
    if attachment.size > most:
        raise CardRefused("file_large", limit=most >> 20)
    if not may_fetch(attachment.url, settings.discord.api_url):
        raise PersonaError("upload_elsewhere")


async def fetch(attachment: Attached, settings: Settings, *, most: int) -> bytes:
    """The file's bytes. Raises as `check` does, and PersonaError where the file can't be had."""
    check(attachment, settings, most=most)
    proxy = settings.proxy_for(attachment.url, settings.discord.proxy)
    try:
        async with (
            aiohttp.ClientSession(timeout=PATIENCE) as session,
            session.get(
                attachment.url, proxy=proxy.url if proxy is not None else None, allow_redirects=False
            ) as response,
        ):
            if response.status != 200:
                raise PersonaError("upload_missing")
            read = bytearray()
            async for piece in response.content.iter_chunked(1 << 16):
                read += piece
                if len(read) > most:
                    raise CardRefused("file_large", limit=most >> 20)
            return bytes(read)
    except (aiohttp.ClientError, TimeoutError, OSError):
        raise PersonaError("upload_missing") from None
