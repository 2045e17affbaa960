"""What a request and its answer say of Discord's limits: under which of them it falls, and how much is left of that.

https://discord.com/developers/docs/topics/rate-limits
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from discord_bot.chat.pacing import Allowance, Kind, Lane

if TYPE_CHECKING:
    import yarl

TOO_MANY: Final = 429
SERVER_ERROR: Final = 500
"""HTTP statuses: refused for now; and from where on the fault is Discord's."""
LONGEST_BAN: Final = 60.0
"""Seconds after which it is tried again where not even Discord's API answers a 429, but the door before it."""

_LANE = re.compile(r"/channels/(\d+)/(messages|messages/\d+|typing)$")
_WEBHOOK = re.compile(r"/webhooks/(\d+)/[^/]+(|/messages/\d+)$")
_KINDS: Final[Mapping[tuple[str, str], Kind]] = {
    ("POST", "messages"): "create",
    ("PATCH", "messages/"): "edit",
    ("DELETE", "messages/"): "delete",
    ("POST", "typing"): "typing",
    ("POST", ""): "create",
    ("PATCH", "/messages/"): "edit",
    ("DELETE", "/messages/"): "delete",
}
_BY_TOKEN = re.compile(r"/(interactions|webhooks)/\d+/")
"""What proves itself by a token in its path; Discord does not count it for the bot's requests in a second, but where
it writes through a webhook, for the address that it comes from.
https://discord.com/developers/docs/topics/rate-limits#global-rate-limit
"""


def goes_by_token(url: yarl.URL) -> bool:
    """Whether a request proves itself by a token in its path."""
    return bool(_BY_TOKEN.search(url.path))


def lane_of(method: str, url: yarl.URL) -> Lane | None:
    """The lane of a request; None where it is none that shows text."""
    found, webhook = _LANE.search(url.path), _WEBHOOK.search(url.path)
    if found is None:
        found = webhook
    if found is None:
        return None
    kind = _KINDS.get((method, re.sub(r"\d+", "", found[2])))
    return None if kind is None else Lane(kind, int(found[1]), "webhook" if webhook is not None else "channel")


def allowance(headers: Mapping[str, str]) -> Allowance | None:
    """What an answer's headers say of its lane, if anything.

    https://discord.com/developers/docs/topics/rate-limits#header-format
    """
    try:
        return Allowance(
            limit=int(headers["X-RateLimit-Limit"]),
            remaining=int(headers["X-RateLimit-Remaining"]),
            reset_after=float(headers["X-RateLimit-Reset-After"]),
            bucket=headers.get("X-RateLimit-Bucket", ""),
        )
    except (KeyError, ValueError):
        return None


def refusal(headers: Mapping[str, str], lane: Lane | None) -> tuple[float, Lane | None]:
    """For how many seconds a 429 shuts which lane; None for everything."""
    try:
        seconds = float(headers.get("X-RateLimit-Reset-After") or headers.get("Retry-After") or 1.0)
    except ValueError:
        seconds = 1.0
    if "Via" not in headers and "X-RateLimit-Scope" not in headers:
        return min(seconds, LONGEST_BAN), None  # the door before Discord: everything is shut
    return seconds, None if "X-RateLimit-Global" in headers else lane
