"""What a request has at the gate while it waits, while it is made, and until it was answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from discord_bot.chat.pacing import Lane, Through, Worth


class Ticket:
    """A request's place at the gate, and what became of the request."""

    __slots__ = ("accepted", "asked_at", "bad", "counted", "lane", "passed", "sent_at", "status", "worth")

    def __init__(self, worth: Worth, lane: Lane | None, asked_at: float) -> None:
        self.worth = worth
        self.lane = lane
        self.asked_at = asked_at
        self.bad: asyncio.Future[None] | None = None
        """Done once the answer is a bad one; where that is the request's end, because it must not be made again."""
        self.passed: asyncio.Future[None] | None = None
        self.accepted: asyncio.Future[None] | None = None
        """Done when Discord has said that it was carried out."""
        self.counted = False
        """Whether the request that was paid for has begun; what discord.py tries again by itself costs anew."""
        self.sent_at: float | None = None
        """When it was sent, while it is unanswered."""
        self.status = 0
        """What it was answered last."""

    @property
    def through(self) -> Through:
        """With which others it waits: those that Discord counts together."""
        return "channel" if self.lane is None else self.lane.through
