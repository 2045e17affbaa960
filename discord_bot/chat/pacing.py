"""Which request to Discord may go now: a pure function of the time and of what has been sent.

Discord allows a bot 50 requests a second in all, and each channel about five creates and five edits in five seconds
(https://discord.com/developers/docs/topics/rate-limits). A refused request counts too, and 10,000 refusals in ten
minutes ban the address; so requests are spaced here instead of being refused there.
"""

from __future__ import annotations

from enum import IntEnum

REQUESTS_PER_SECOND = 45.0
"""For the whole bot, in the long run."""
BURST = 5
"""How many may go at once after a quiet moment. Together they stay within Discord's 50 in any one second."""
CHANNEL_EDITS = 5
"""Edits that a channel takes in `CHANNEL_WINDOW`; creates are counted apart."""
CHANNEL_WINDOW = 5.0
"""Seconds."""
EDIT_SPACING = CHANNEL_WINDOW / (CHANNEL_EDITS - 1)
"""Seconds between two edits of growing text in one channel: one place in the window is always kept for a last text."""


class Worth(IntEnum):
    """What a request is worth, the most urgent first."""

    TEXT = 0
    """A first or a last text: somebody waits for it."""
    EDIT = 1
    """A text in between, soon overtaken by a newer one."""
    TYPING = 2
    """A sign of life."""


class GlobalPace:
    """The whole bot's requests: a bucket of `burst` tokens that fills at `rate` a second."""

    def __init__(self, rate: float = REQUESTS_PER_SECOND, burst: int = BURST) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._level = float(burst)
        self._at = 0.0

    def delay(self, now: float) -> float:
        """Seconds until a request may go; 0 for at once."""
        self._fill(now)
        return max(0.0, (1.0 - self._level) / self._rate)

    def spend(self, now: float) -> None:
        """One request goes."""
        self._fill(now)
        self._level -= 1.0

    def _fill(self, now: float) -> None:
        self._level = min(self._burst, self._level + max(0.0, now - self._at) * self._rate)
        self._at = now


class EditPace:
    """The edits of one channel, of all the replies that are growing there."""

    def __init__(self) -> None:
        self._last = float("-inf")

    def delay(self, now: float) -> float:
        """Seconds until an edit of growing text may go. A last text needs not ask."""
        return max(0.0, self._last + EDIT_SPACING - now)

    def spend(self, now: float) -> None:
        """One edit goes, whatever its worth."""
        self._last = now
