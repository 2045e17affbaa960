"""What of a conversation there is room for: where it begins in a prompt, so that it stays there from turn to turn.

Positions are counted in tokens from the history's origin, and the beginning only ever moves in large steps: what a
provider has read before is cheaper, and only for as long as it is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord_bot.chat.buffer import KEPT_AFTER_CUT
from discord_bot.chat.files import SHARE, within

if TYPE_CHECKING:
    from discord_bot.chat.buffered import BufferedMessage
    from discord_bot.chat.history import History

MOST_OF_IT = 0.75
"""The part of a budget that a message's files may have before they are cut anew, to what is theirs."""
NEARLY_FULL = 0.8
"""The part of its room from which on the next step of the window is near."""
STEADY = 0.06
"""The part by which a budget, guessed anew each turn, may differ before the conversation's beginning follows it."""


def steady(before: int | None, budget: int) -> int:
    """The budget of a conversation that had one before: the same for as long as it is about that."""
    return before if before is not None and abs(budget - before) <= STEADY * before else budget


def window_start(history: History, budget: int, steps: int = 0) -> int:
    """The index of the first message that goes into a prompt of so many tokens; or will, after so many steps more.

    The window's beginning only ever stands at a multiple of a large step: so it stays where it is until the
    conversation has grown by a whole step.
    """
    weights = [message.tokens for message in history.messages]
    step = max(1, int(budget * (1 - KEPT_AFTER_CUT)))
    excess = history.origin + sum(weights) - budget + steps * step
    if excess <= 0 or not weights:
        return 0
    edge = -(-excess // step) * step
    position = history.origin
    for index, weight in enumerate(weights[:-1]):
        if position >= edge:
            return index
        position += weight
    return len(weights) - 1


def falling(history: History, start: int, room: int) -> tuple[int, ...]:
    """The messages that the next step of the window leaves out, once the room is nearly full."""
    if sum(message.tokens for message in history.messages[start:]) < room * NEARLY_FULL:
        return ()
    return tuple(message.id for message in history.messages[start : window_start(history, room, steps=1)])


def with_room(message: BufferedMessage, budget: int) -> BufferedMessage:
    """A message with as much of what its files hold as there is room for: mostly as much as when they were read."""
    if not message.files or message.read_tokens <= budget * MOST_OF_IT:
        return message
    return message._replace(files=within(message.files, budget // SHARE))
