"""How much a bot may ask for: the buckets of each route and the one of the whole bot. Time is an argument.

https://discord.com/developers/docs/topics/rate-limits
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import md5
from math import ceil

GLOBAL_LIMIT = 50
"""Requests of one bot in a second, all routes together."""

INVALID_LIMIT = 10_000
"""Requests answered with 401, 403 or 429 in ten minutes, after which the address is banned for a while."""
INVALID_WINDOW = 600.0


@dataclass(frozen=True, slots=True)
class Bucket:
    """So many requests in so many seconds."""

    limit: int
    seconds: float
    name: str = ""
    """What several routes share; empty: each route has its own."""


@dataclass(slots=True)
class _Window:
    """The requests since a window began; it begins with the first one after the last window's end."""

    ends: float = 0.0
    used: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, and the headers that tell how much is left."""

    allowed: bool
    headers: dict[str, str]
    retry_after: float = 0.0
    is_global: bool = False


@dataclass(slots=True)
class RateLimits:
    """What has been asked for lately: by the whole bot, and on each route at each place."""

    _windows: dict[str, _Window] = field(default_factory=dict)
    _global: _Window = field(default_factory=_Window)
    _invalid: _Window = field(default_factory=_Window)

    def take(self, now: float, route: str, place: str, bucket: Bucket | None, *, counts_globally: bool) -> Verdict:
        """Count a request on a route at a place (the channel, guild or webhook in its path), or refuse it."""
        if counts_globally:
            if now >= self._global.ends:
                self._global = _Window(now + 1.0)
            if self._global.used >= GLOBAL_LIMIT:
                wait = _milliseconds(self._global.ends - now)
                headers = {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global", "Retry-After": str(ceil(wait))}
                return Verdict(False, headers, wait, is_global=True)
            self._global.used += 1
        if bucket is None:
            return Verdict(True, {})
        name = bucket.name or route
        window = self._window(now, f"{name} {place}", bucket)
        if window.used >= bucket.limit:
            wait = _milliseconds(window.ends - now)
            headers = _headers(name, bucket, window, now) | {
                "X-RateLimit-Scope": "user",
                "Retry-After": str(ceil(wait)),
            }
            return Verdict(False, headers, wait)
        window.used += 1
        return Verdict(True, _headers(name, bucket, window, now))

    def note_invalid(self, now: float) -> None:
        """Count a request that was answered with 401, 403 or 429."""
        if now >= self._invalid.ends:
            self._invalid = _Window(now + INVALID_WINDOW)
        self._invalid.used += 1

    def is_banned(self, now: float) -> bool:
        """Whether there were so many invalid requests that nothing is answered any more for a while."""
        return now < self._invalid.ends and self._invalid.used >= INVALID_LIMIT

    def _window(self, now: float, key: str, bucket: Bucket) -> _Window:
        window = self._windows.get(key)
        if window is None or now >= window.ends:
            if len(self._windows) > 4_096:
                self._windows = {known: one for known, one in self._windows.items() if now < one.ends}
            window = self._windows[key] = _Window(now + bucket.seconds)
        return window


def _milliseconds(seconds: float) -> float:
    """Seconds, rounded up to whole milliseconds: who waits that long never comes too early."""
    return ceil(max(0.0, seconds) * 1000) / 1000


def _headers(name: str, bucket: Bucket, window: _Window, now: float) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(bucket.limit),
        "X-RateLimit-Remaining": str(max(0, bucket.limit - window.used)),
        "X-RateLimit-Reset": f"{window.ends:.3f}",
        "X-RateLimit-Reset-After": f"{_milliseconds(window.ends - now):.3f}",
        "X-RateLimit-Bucket": md5(name.encode(), usedforsecurity=False).hexdigest(),
    }
