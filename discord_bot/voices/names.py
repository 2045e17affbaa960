"""What a persona may be called in Discord: names there have their own lengths, and words that are refused."""

from __future__ import annotations

import re
from typing import Final

WEBHOOK_NAME: Final = 80
"""Characters. https://discord.com/developers/docs/resources/webhook#execute-webhook"""
NICKNAME: Final = 32
"""Characters. https://discord.com/developers/docs/resources/guild#modify-current-member"""
BIO: Final = 190
"""Characters, as Discord's OpenAPI description has it for `update_my_guild_member`.
https://github.com/discord/discord-api-spec
"""
HAIR: Final = "\u200a"
"""A space that nobody sees."""
_REFUSED = re.compile(r"(disc)(ord)|(cl)(yde)", re.IGNORECASE)
"""https://discord.com/developers/docs/resources/webhook#create-webhook"""


def webhook_name(name: str) -> str:
    """A name under which a webhook may write: where a word in it is refused, a space is put into that."""
    apart = _REFUSED.sub(lambda found: HAIR.join(part for part in found.groups() if part), name.strip())
    return apart[:WEBHOOK_NAME].strip() or "…"


def nickname(name: str) -> str:
    """A name as a nickname in a server."""
    name = name.strip()
    return name if len(name) <= NICKNAME else f"{name[: NICKNAME - 1].rstrip()}…"


def bio(description: str) -> str:
    """What a profile says about a persona."""
    return description if len(description) <= BIO else f"{description[: BIO - 1].rstrip()}…"
