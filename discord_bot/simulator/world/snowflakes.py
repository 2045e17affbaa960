"""Snowflakes: ids that carry the moment they were made in. This file knows ids and time, and nothing of what they name.

https://discord.com/developers/docs/reference#snowflakes
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

EPOCH = 1_420_070_400_000
"""The first moment of 2015 in milliseconds since 1970: where Discord starts to count."""

TIME_SHIFT = 22
"""The lowest 22 bits tell apart what was made in the same millisecond."""


class Snowflakes:
    """A source of ids that only ever grow, made at the moment that `now` (seconds since 1970) tells."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._last = 0

    def next(self) -> int:
        """The next id: its time is now, or just after the last one's where the clock stood still."""
        self._last = max(snowflake_at(self._now()), self._last + 1)
        return self._last

    def stay_above(self, snowflake: int) -> None:
        """Make only later ones than this from now on, whatever the clock says."""
        self._last = max(self._last, snowflake)


def snowflake_at(moment: float) -> int:
    """The lowest id of a moment (seconds since 1970)."""
    return max(0, int(moment * 1000) - EPOCH) << TIME_SHIFT


def snowflake_time(snowflake: int) -> float:
    """When an id was made, in seconds since 1970."""
    return ((snowflake >> TIME_SHIFT) + EPOCH) / 1000


def timestamp(moment: float) -> str:
    """A moment (seconds since 1970) as Discord writes it: ISO 8601, six decimals, UTC as an offset."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")


def id_text(snowflake: int | None) -> str | None:
    """An id as the API writes it, or none."""
    return None if snowflake is None else str(snowflake)
