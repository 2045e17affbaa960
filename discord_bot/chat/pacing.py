"""Which request to Discord may go now: a pure function of the time, of what has been sent, and of what came back.

Discord allows a bot 50 requests a second in all (what answers an interaction does not count), and each channel so many
creates, edits and so on in a few seconds (https://discord.com/developers/docs/topics/rate-limits). A refused request
counts too, and 10,000 refusals in ten minutes ban the address; so requests are spaced here instead of being refused
there. What a channel takes differs from route to route and changes: Discord says it with every answer, and the `Pacer`
believes what it says.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Literal

REQUESTS_PER_SECOND: Final = 48.0
"""For the whole bot, in the long run."""
BURST: Final = 24
"""How many may go at once after a quiet moment."""
IN_ANY_SECOND: Final = 50
"""What Discord may come to count for the whole bot in any second, however late requests arrive: what it allows."""
LOST_AFTER: Final = 5.0
"""Seconds after which a request that was never answered is no longer held to be on its way."""
LEFT: Final = (0, 12, 16)
"""How much of a burst, and of a second, each `Worth` leaves to those above it."""

LIMIT: Final = 5
"""Requests that a channel takes of one kind in `WINDOW`, until Discord has said how many."""
WINDOW: Final = 5.0
"""Seconds."""
SPACING: Final = 1.0
"""Seconds between two edits in between in one channel, at least: a growing text need not move faster."""
KNOWN_LANES: Final = 2048
"""Lanes of which the window is remembered, before those that have passed are looked for and forgotten."""

FIRST_TEXT_WITHIN: Final = 0.08
"""Seconds for which a first text may be held back to become a few words; a single token is not shown at all."""
FIRST_TEXT_LENGTH: Final = 24
"""Characters that are worth showing without waiting any longer."""

Kind = Literal["create", "edit", "delete", "typing"]
"""What is done with a page, as far as Discord counts it apart."""
Through = Literal["channel", "webhook", "interaction"]
"""Where a page is written: straight into a channel, through a webhook, for which Discord counts apart, or as what
answers an interaction."""


class Worth(IntEnum):
    """What a request is worth, the most urgent first."""

    TEXT = 0
    """A first or a last text: somebody waits for it."""
    EDIT = 1
    """A text in between, soon overtaken by a newer one."""
    TYPING = 2
    """A sign of life."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Requests that Discord counts together: of one kind, in one channel or through one webhook."""

    kind: Kind
    place_id: int
    """The channel's, the webhook's, or the interaction's."""
    through: Through = "channel"

    @property
    def by_token(self) -> bool:
        """Whether a token in the path proves who asks: then it counts for the address that it comes from, not the bot.

        https://discord.com/developers/docs/topics/rate-limits#global-rate-limit
        """
        return self.through == "webhook"

    @property
    def is_free(self) -> bool:
        """Whether it counts neither for the bot nor for the address: what answers an interaction.

        https://discord.com/developers/docs/interactions/receiving-and-responding#endpoints
        """
        return self.through == "interaction"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What Discord says of a lane with an answer: its `X-RateLimit-…` headers."""

    limit: int
    remaining: int
    reset_after: float
    """Seconds until `remaining` is `limit` again."""
    bucket: str = ""
    """Kinds of the same bucket are counted together."""


class Pacer:
    """What the bot may ask of Discord. Who hears 0 from both delays sends the request, and says so: `spend`."""

    def __init__(self, rate: float = REQUESTS_PER_SECOND, burst: int = BURST) -> None:
        self._whole = {by_token: _Whole(rate, burst) for by_token in (False, True)}
        self._windows: dict[tuple[str, int], _Window] = {}
        self._buckets: dict[tuple[Through, Kind], str] = {}
        self._sizes: dict[str, tuple[int, float]] = {}

    def delay(self, now: float, worth: Worth, *, by_token: bool = False) -> float:
        """Seconds until a request of that worth may go, as far as the whole bot is concerned; 0 for at once."""
        return self._whole[by_token].delay(now, LEFT[worth])

    def lane_delay(self, now: float, lane: Lane, kept: int = 0) -> float:
        """The same, as far as its lane is concerned. What is in between leaves room there for `kept` last texts."""
        window = self._windows.get(self._key(lane))
        return 0.0 if window is None else window.delay(now, kept)

    def spend(self, now: float, lane: Lane | None = None) -> None:
        """One request goes."""
        if lane is None or not lane.is_free:
            self._whole[lane is not None and lane.by_token].spend(now)
        if lane is not None:
            self._window(now, lane).spend(now)

    def give_back(self, now: float, lane: Lane | None = None) -> None:
        """A request that was spent did not go after all."""
        if lane is None or not lane.is_free:
            self._whole[lane is not None and lane.by_token].give_back()
        if lane is not None:
            window = self._window(now, lane)
            window.used = max(0, window.used - 1)

    def answered(self, now: float, *, by_token: bool = False) -> None:
        """A request has come to its end, one way or another."""
        self._whole[by_token].answered(now)

    def learn(self, now: float, lane: Lane, said: Allowance) -> None:
        """Takes in what Discord says of a lane."""
        known = self._bucket(lane)
        if said.bucket and said.bucket != known:  # what is known of all channels is that bucket's
            self._buckets[lane.through, lane.kind] = said.bucket
            for bucket, place_id in [each for each in self._windows if each[0] == known]:
                self._windows.setdefault((said.bucket, place_id), self._windows.pop((bucket, place_id)))
        window = self._window(now, lane)
        window.learn(now, said)
        self._sizes[self._key(lane)[0]] = (window.limit, window.seconds)

    def refuse(self, now: float, retry_after: float, lane: Lane | None = None) -> None:
        """Discord has refused a request (429) for so many seconds: in that lane, or, without one, whatever it is."""
        if lane is None:
            for whole in self._whole.values():
                whole.closed_until = max(whole.closed_until, now + retry_after)
        else:
            window = self._window(now, lane)
            window.closed_until = max(window.closed_until, now + retry_after)

    def _key(self, lane: Lane) -> tuple[str, int]:
        return self._bucket(lane), lane.place_id

    def _bucket(self, lane: Lane) -> str:
        return self._buckets.get((lane.through, lane.kind), f"{lane.through} {lane.kind}")

    def _window(self, now: float, lane: Lane) -> _Window:
        key = self._key(lane)
        window = self._windows.get(key)
        if window is None:
            if len(self._windows) >= KNOWN_LANES:
                self._windows = {each: one for each, one in self._windows.items() if not one.is_over(now)}
            window = self._windows[key] = _Window(*self._sizes.get(key[0], (LIMIT, WINDOW)))
        return window


class _Whole:
    """The whole bot's requests.

    A bucket of `burst` tokens that fills at `rate` a second spaces them. What Discord counts in a second may still be
    more, where it or the way there stood still and then has many at once. So this holds besides: what is under way, and
    what was answered within the last second, are together never more than `IN_ANY_SECOND`. A request that Discord
    counts within a second of this one is either on its way when this one goes, or its answer came within that second.
    """

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = self._level = float(burst)
        self._at = 0.0
        self._under_way: deque[float] = deque()
        self._answered: deque[float] = deque()
        self.closed_until = float("-inf")

    def delay(self, now: float, left: int) -> float:
        self._pass_on(now)
        delay = max(0.0, (1.0 + left - self._level) / self._rate, self.closed_until - now)
        too_many = len(self._under_way) + len(self._answered) + 1 + left - IN_ANY_SECOND
        if too_many > len(self._answered):
            delay = max(delay, 1.0 / self._rate)  # an answer may come at any moment
        elif too_many > 0:
            delay = max(delay, self._answered[too_many - 1] + 1.0 - now)
        return delay

    def spend(self, now: float) -> None:
        self._pass_on(now)
        self._level -= 1.0
        self._under_way.append(now)

    def give_back(self) -> None:
        self._level = min(self._burst, self._level + 1.0)
        if self._under_way:
            self._under_way.pop()

    def answered(self, now: float) -> None:
        if self._under_way:
            self._under_way.popleft()  # which of them does not matter, only how many there are
        self._answered.append(now)

    def _pass_on(self, now: float) -> None:
        self._level = min(self._burst, self._level + max(0.0, now - self._at) * self._rate)
        self._at = now
        while self._answered and self._answered[0] + 1.0 < now:
            self._answered.popleft()
        while self._under_way and self._under_way[0] + LOST_AFTER < now:
            self._under_way.popleft()


@dataclass(slots=True)
class _Window:
    """What was asked of one lane since its window began; the next one begins with the first request after its end."""

    limit: int
    seconds: float
    used: int = 0
    ends: float = float("-inf")
    last: float = float("-inf")
    closed_until: float = float("-inf")

    def delay(self, now: float, kept: int) -> float:
        """Seconds until a request may go that leaves room for `kept` others."""
        usable = max(1, self.limit - kept)
        delay = self.closed_until - now
        if now < self.ends and self.used >= usable:
            delay = max(delay, self.ends - now)
        if kept:
            delay = max(delay, self.last + max(SPACING, self.seconds / usable) - now)
        return max(0.0, delay)

    def spend(self, now: float) -> None:
        if now >= self.ends:
            self.used, self.ends = 0, now + self.seconds
        self.used += 1
        self.last = now

    def learn(self, now: float, said: Allowance) -> None:
        used = max(0, said.limit - said.remaining)
        if used == 1:  # the first request of a window: it says how long a window is
            self.seconds = max(said.reset_after, 0.001)
        # What is still under way has not been counted there yet.
        self.used = max(self.used, used) if now < self.ends else used
        self.limit = max(1, said.limit)
        self.ends = now + said.reset_after

    def is_over(self, now: float) -> bool:
        return now > max(self.ends, self.closed_until) + self.seconds


def hold_back(text: str, growths: int, waited: float) -> float:
    """Seconds for which a first text is better not shown yet; infinite where only more of it can help."""
    if len(text) >= FIRST_TEXT_LENGTH:
        return 0.0
    return max(0.0, FIRST_TEXT_WITHIN - waited) if growths > 1 else float("inf")
