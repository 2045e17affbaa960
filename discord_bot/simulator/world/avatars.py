"""The pictures of people, bots and webhooks: each is kept once, and known by its hash."""

from __future__ import annotations

import re
from base64 import b64decode
from hashlib import md5
from typing import TYPE_CHECKING

from discord_bot.simulator.world.refusals import invalid

if TYPE_CHECKING:
    from discord_bot.simulator.world.world import World

AVATARS = 256
"""How many avatars are kept; the oldest go first."""
_EMOJI = re.compile(r"https://cdn\.discordapp\.com/emojis/(\d+)\.\w+(?:\?.*)?")
"""https://discord.com/developers/docs/reference#image-formatting-cdn-endpoints"""
_NOBODYS = "https://cdn.discordapp.com/embed/avatars/"
"""Where the pictures of those are who have none of their own."""


def keep(world: World, avatar: str | None) -> str | None:
    """Keep an avatar that is sent as a data URI or named by its address; its hash, or None for none.

    What the address leads to is fetched at once and kept, so the picture stays when it is gone from there. An
    emoji's picture is at Discord's own address.
    """
    if not avatar or avatar.startswith(_NOBODYS):
        return None
    avatar_hash = md5(avatar.encode(), usedforsecurity=False).hexdigest()
    if avatar.startswith("data:"):
        try:
            world.avatars[avatar_hash] = b64decode(avatar.partition(",")[2], validate=True)
        except ValueError:
            raise invalid("avatar", "BASE_TYPE_BAD_ENCODING", "Invalid image data") from None
    else:
        emoji = _EMOJI.fullmatch(avatar)
        known = world.emojis.get(int(emoji[1])) if emoji else None
        world.avatars[avatar_hash] = known.image if known else avatar
    if len(world.avatars) > AVATARS:
        del world.avatars[next(iter(world.avatars))]
    return avatar_hash
