"""Persona + history + budget -> the messages to send, and a record of what was left out and why.

The beginning of a prompt stays the same from turn to turn: the system message depends on the persona alone, what
changes every turn (the time, who asks) stands at the very end, and when the history outgrows the budget its beginning
moves in large steps. https://platform.openai.com/docs/guides/prompt-caching
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from discord_bot.chat.buffer import KEPT_AFTER_CUT, BufferedMessage, History
from discord_bot.chat.schema import ChatMessage
from discord_bot.chat.tokens import MESSAGE_OVERHEAD, estimate_tokens

if TYPE_CHECKING:
    from discord_bot.chat.persona import Persona

Speakers = Literal["prefix", "none"]
"""Whether people's messages begin with their name."""

SETTING = (
    "You are {name}, in a Discord channel where several people may be talking. "
    "Answer the last message. Write Markdown as Discord shows it: no tables, no LaTeX, no headings deeper than three."
)
NAMED = (
    " Each message of other people begins with the name of who wrote it and a colon; "
    "never begin your own answer with a name."
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """The messages to send, and what they stand for."""

    messages: tuple[ChatMessage, ...]
    included: tuple[int, ...]
    """The ids of the Discord messages that are in it, oldest first."""
    left_out: tuple[int, ...]
    """The ids of those that the budget had no room for."""
    tokens: int
    """About how many tokens it is, by our own estimate."""


def build(
    persona: Persona, history: History, *, budget: int, now: datetime, asker: str, speakers: Speakers = "prefix"
) -> Prompt:
    """The prompt that answers the last message of the history, within about `budget` tokens.

    The last message is always in it, and so is the persona, whatever the budget.
    """
    system = system_message(persona, speakers)
    note = f"[It is {now:%A, %Y-%m-%d %H:%M} UTC. Answer {asker}.]"
    fixed = estimate_tokens(str(system.content)) + estimate_tokens(note) + MESSAGE_OVERHEAD
    start = window_start(history, budget - fixed)
    kept = history.messages[start:]
    turns = [_turn(own, group, speakers) for own, group in groupby(kept, key=lambda message: message.own)]
    if turns and turns[-1].role == "user":
        turns[-1] = ChatMessage(role="user", content=f"{turns[-1].content}\n\n{note}")
    return Prompt(
        messages=(system, *turns),
        included=tuple(message.id for message in kept),
        left_out=tuple(message.id for message in history.messages[:start]),
        tokens=fixed + sum(message.tokens for message in kept),
    )


def system_message(persona: Persona, speakers: Speakers) -> ChatMessage:
    """Who the bot is and where; the same for every turn of a persona."""
    setting = SETTING.replace("{name}", persona.name) + (NAMED if speakers == "prefix" else "")
    return ChatMessage(role="system", content=f"{persona.system_prompt.strip()}\n\n{setting}")


def window_start(history: History, budget: int) -> int:
    """The index of the first message that goes into a prompt of so many tokens.

    Positions are counted in tokens from the history's origin, and the window's beginning only ever stands at a multiple
    of a large step: so it stays where it is until the conversation has grown by a whole step.
    """
    weights = [message.tokens for message in history.messages]
    excess = sum(weights) - budget
    if excess <= 0 or not weights:
        return 0
    step = max(1, int(budget * (1 - KEPT_AFTER_CUT)))
    edge = -(-(history.origin + excess) // step) * step
    position = history.origin
    for index, weight in enumerate(weights[:-1]):
        if position >= edge:
            return index
        position += weight
    return len(weights) - 1


def _turn(own: bool, group: Iterable[BufferedMessage], speakers: Speakers) -> ChatMessage:
    """Neighbouring messages of one side as one turn: many chat templates demand that the roles alternate."""
    if own:
        answers = groupby(group, key=lambda message: message.answers)
        texts = ["\n".join(page.content for page in pages) for _, pages in answers]
        return ChatMessage(role="assistant", content="\n\n".join(texts))
    return ChatMessage(role="user", content="\n".join(_spoken(message, speakers) for message in group))


def _spoken(message: BufferedMessage, speakers: Speakers) -> str:
    return f"{message.author_name}: {message.content}" if speakers == "prefix" else message.content
