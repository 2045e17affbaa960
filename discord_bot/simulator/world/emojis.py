"""The application's own emojis, which its bot may use everywhere.

https://discord.com/developers/docs/resources/emoji#emoji-object-applicationowned-emoji
"""

from __future__ import annotations

import re
from base64 import b64decode
from typing import TYPE_CHECKING

from discord_bot.simulator.world.entities import Emoji
from discord_bot.simulator.world.refusals import Because, Refusal

if TYPE_CHECKING:
    from discord_bot.simulator.world.forms import Form
    from discord_bot.simulator.world.world import World

EMOJIS = 2_000
"""Emojis of one application."""
IMAGE_SIZE = 256 * 1024
"""Bytes of an emoji's picture."""
_NAME = re.compile(r"\w+", re.ASCII)


def create(world: World, form: Form) -> Emoji:
    """Make an emoji of a picture that is sent as a data URI."""
    name = _read_name(form)
    image = form.text("image", required=True) or ""
    data = b""
    try:
        data = b64decode(image.partition(",")[2], validate=True) if image.startswith("data:image/") else b""
    except ValueError:
        data = b""
    if image and not data:
        form.wrong("image", "IMAGE_INVALID", "Invalid image data")
    elif len(data) > IMAGE_SIZE:
        form.wrong("image", "BINARY_TYPE_MAX_SIZE", "File cannot be larger than 256.0 kb.")
    form.done()
    if len(world.emojis) >= EMOJIS:
        raise Refusal(Because.TOO_MANY_EMOJIS)
    emoji = Emoji(world.new_id(), name, data)
    world.emojis[emoji.id] = emoji
    return emoji


def rename(emoji: Emoji, form: Form) -> None:
    """Give an emoji another name."""
    name = _read_name(form)
    form.done()
    emoji.name = name


def find(world: World, emoji_id: int) -> Emoji:
    """An emoji by its id."""
    emoji = world.emojis.get(emoji_id)
    if emoji is None:
        raise Refusal(Because.UNKNOWN_EMOJI)
    return emoji


def _read_name(form: Form) -> str:
    name = form.text("name", shortest=2, longest=32, required=True)
    if name and not _NAME.fullmatch(name):
        form.wrong("name", "STRING_TYPE_REGEX", "String value did not match validation regex.")
    return name or ""
