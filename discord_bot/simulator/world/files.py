"""Files: what Discord makes of what is uploaded: a safe name, a content type, a picture's size; and its bytes kept."""

from __future__ import annotations

import mimetypes
import re
import struct
from typing import TYPE_CHECKING

from discord_bot.simulator.world.entities import Attachment

if TYPE_CHECKING:
    from discord_bot.simulator.world.drafts import Upload
    from discord_bot.simulator.world.entities import Channel
    from discord_bot.simulator.world.world import World

WEBP_HEADER = 30
"""Bytes until an extended WebP file has told its size."""


def keep(
    world: World, channel: Channel, upload: Upload, *, ephemeral: bool, voice_seconds: float | None = None
) -> Attachment:
    """Keep an upload's bytes in the world; the attachment that a message shows for it."""
    attachment = Attachment(
        id=world.new_id(),
        channel_id=channel.id,
        filename=safe_name(upload.name),
        size=len(upload.data),
        content_type=content_type(upload.name, upload.data),
        description=upload.description,
        dimensions=dimensions(upload.data),
        ephemeral=ephemeral,
        voice_seconds=voice_seconds,
    )
    world.keep_file(attachment.id, upload.data)
    return attachment


def safe_name(name: str) -> str:
    """A filename as Discord keeps it: no path, and an underscore for what isn't a letter, a digit, `-`, `_` or `.`."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return re.sub(r"[^\w.\-]+", "_", last).strip("_") or "unknown"


def content_type(name: str, data: bytes) -> str | None:
    """What a file is by its name, with the charset where it is text; None where the name doesn't tell."""
    guessed = mimetypes.guess_type(name)[0]
    if guessed is None or not (guessed.startswith("text/") or guessed == "application/json"):
        return guessed
    try:
        data.decode()
    except UnicodeDecodeError:
        return guessed
    return f"{guessed}; charset=utf-8"


def dimensions(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels, or None for what isn't such a picture or is broken."""
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            width, height = struct.unpack_from(">II", data, 16)
            return width, height
        if data.startswith((b"GIF87a", b"GIF89a")):
            width, height = struct.unpack_from("<HH", data, 6)
            return width, height
        if data.startswith(b"\xff\xd8"):
            return _jpeg(data)
        if data.startswith(b"RIFF") and data[8:16] == b"WEBPVP8X" and len(data) >= WEBP_HEADER:
            return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    except (struct.error, IndexError):
        return None
    return None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    """A JPEG's size stands in its frame header, behind segments that each tell their own length."""
    position = 2
    while position < len(data) and data[position] == 0xFF:
        marker, length = struct.unpack_from(">xBH", data, position)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, position + 5)
            return width, height
        position += 2 + length
    return None
