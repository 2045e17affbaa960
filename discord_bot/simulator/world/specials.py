"""What people can send beside text and files: a poll, a sticker, a forwarded message, a voice message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from discord_bot.simulator.world.snowflakes import timestamp

if TYPE_CHECKING:
    from discord_bot.simulator.world.entities import Message
    from discord_bot.simulator.world.world import World

POLL_HOURS = 24
"""How long a poll is open where nobody says otherwise."""
STICKER_PNG = 1
"""https://discord.com/developers/docs/resources/sticker#sticker-object-sticker-format-types"""
SILENCE = "AAAA"
"""A waveform, in base64: a byte for each of its columns."""


@dataclass(frozen=True, slots=True)
class Special:
    """What a message is, beside its text and its files."""

    poll: tuple[str, tuple[str, ...]] | None = None
    """A question and the answers to choose from."""
    sticker: str | None = None
    """A sticker's name."""
    forwarded: Message | None = None
    voice_seconds: float | None = None
    """That the file is a voice message, and how long it is."""

    @property
    def is_something(self) -> bool:
        """Whether there is anything to see of it without a text."""
        return bool(self.poll or self.sticker or self.forwarded)


NOTHING = Special()


def poll(world: World, question: str, answers: Sequence[str]) -> dict[str, Any]:
    """A poll in which nobody has voted yet.

    https://discord.com/developers/docs/resources/poll#poll-object
    """
    return {
        "question": {"text": question},
        "answers": [
            {"answer_id": number, "poll_media": {"text": answer}} for number, answer in enumerate(answers, start=1)
        ],
        "expiry": timestamp(world.now() + POLL_HOURS * 3600),
        "allow_multiselect": False,
        "layout_type": 1,
        "results": {"is_finalized": False, "answer_counts": []},
    }


def count(message: Message, votes: Sequence[int], *, closed: bool) -> None:
    """Let a poll have so many votes for each of its answers."""
    assert message.poll is not None
    counts = [{"id": number, "count": each, "me_voted": False} for number, each in enumerate(votes, start=1) if each]
    message.poll = message.poll | {"results": {"is_finalized": closed, "answer_counts": counts}}


def sticker(world: World, name: str) -> dict[str, Any]:
    """A sticker, as a message shows it."""
    return {"id": str(world.new_id()), "name": name, "format_type": STICKER_PNG}
