"""What was said before all that a prompt has room for, in the model's own words: in memory, and only while it is true.

A summary is made before it is needed, of what the next step of the window leaves out (`Prompt.falling`). While a prompt
begins with the same message, the same summary stands before it: so both change the prefix at once, and seldom.
Whatever is edited, deleted or forgotten of what a summary tells takes the summary along.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from sys import getsizeof
from typing import TYPE_CHECKING, Final

from discord_bot.chat.prompt.turns import spoken
from discord_bot.chat.prompt.window import with_room
from discord_bot.chat.schema import ChatMessage
from discord_bot.chat.speakers import indented

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from discord_bot.chat.buffered import BufferedMessage
    from discord_bot.chat.speakers import Speakers

MOST_TOLD: Final = 2_000
"""Messages that a summary tells, with those that it has from the one before; then one is begun anew."""
MOST_PEOPLE: Final = 20
"""People of one channel whose own conversations have a summary, where everybody has one."""
ID_SIZE: Final = 32
"""Bytes of memory that an id takes."""
SUMMARY_SIZE: Final = 600
"""Bytes of memory that a summary takes beside its ids and its text."""
TASK: Final = (
    "Below is the older part of a conversation in a Discord channel, in which you took part. Sum it up in at most 200 "
    "words, for yourself, so that you can go on with the conversation without it: who took part, what was said, asked, "
    "promised and decided, and what is still open. Write in the language of the conversation, and write nothing else."
)

Whose = int | None
"""Whose conversation it is: a person's, or None for the one that all share."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was said in a stretch of a conversation; without a text while it is being made."""

    of: frozenset[int]
    """The ids of the messages that it tells, and of those that are quoted there."""
    people: frozenset[int]
    """The ids of those who wrote them."""
    first: int
    """The oldest of these messages, or the question that it answers."""
    last: tuple[int, int, int]
    """Where the newest stands: its `order`."""
    text: str = ""

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes, rather more than fewer."""
        ids = sum(getsizeof(each) + ID_SIZE * len(each) for each in (self.of, self.people))
        return SUMMARY_SIZE + ids + getsizeof(self.text)


def summary_of(messages: Sequence[BufferedMessage], before: Summary | None) -> Summary:
    """What is to be made of these messages, and of what was told of those before."""
    quoted = [message.quoted for message in messages if message.quoted is not None]
    of = frozenset(message.id for message in messages) | {each.id for each in quoted}
    people = frozenset(message.author_id for message in messages) | {each.author_id for each in quoted}
    first, last = messages[0].order[0], messages[-1].order
    if before is None:
        return Summary(of, people, first, last)
    return Summary(of | before.of, people | before.people, min(first, before.first), last)


def fitting(messages: Sequence[BufferedMessage], budget: int) -> list[BufferedMessage]:
    """The newest of these messages, as many as so many tokens hold."""
    fit: list[BufferedMessage] = []
    for message in reversed(messages):
        short = with_room(message, budget)
        budget -= short.tokens
        if budget < 0:
            break
        fit.insert(0, short)
    return fit


def request_for(
    messages: Iterable[BufferedMessage], before: Summary | None, speakers: Speakers
) -> tuple[ChatMessage, ...]:
    """What the model is asked."""
    lines = [f"You: {indented(each.content)}" if each.own else spoken(each, speakers) for each in messages]
    if before is not None:
        lines.insert(0, f"[What was said before that, in short: {indented(before.text)}]")
    return ChatMessage(role="system", content=TASK), ChatMessage(role="user", content="\n".join(lines))


class Summaries:
    """The summaries of one channel."""

    __slots__ = ("_made", "_making", "_shown")

    def __init__(self) -> None:
        self._made: dict[Whose, Summary] = {}
        self._making: dict[Whose, Summary] = {}
        self._shown: dict[Whose, tuple[int, Summary | None]] = {}
        """What stands before a prompt, by the message with which that begins."""

    @property
    def size(self) -> int:
        """About how many bytes of memory all of them take beside the empty room, rather more than fewer."""
        shown = [each for _, each in self._shown.values() if each is not None]
        return sum(each.size for each in (*self._made.values(), *self._making.values(), *shown))

    def shown(self, whose: Whose) -> Summary | None:
        """What stood before the last prompt."""
        return self._shown.get(whose, (0, None))[1]

    def before(self, whose: Whose, begins: BufferedMessage) -> Summary | None:
        """What stands before a prompt that begins with this message: the same for as long as it does."""
        at, shown = self._shown.get(whose, (0, None))
        if at != begins.id:
            shown = self._made.get(whose, shown)  # it may tell some of what stands below, too: that does no harm
            self._shown[whose] = begins.id, shown
        return shown

    def begin(self, whose: Whose, older: Sequence[BufferedMessage]) -> tuple[Summary, Sequence[BufferedMessage]] | None:
        """Which summary is to be made now, and the messages that are new in it; None where there is nothing to do."""
        before = self.latest(whose)
        new = [each for each in older if before is None or each.order > before.last]
        if not new or whose in self._making:
            return None
        self._making[whose] = making = summary_of(new, before)
        return making, new

    def latest(self, whose: Whose) -> Summary | None:
        """The newest that was made, if another can go on from it."""
        made = self._made.get(whose)
        return made if made is not None and len(made.of) < MOST_TOLD else None

    def end(self, whose: Whose, making: Summary, text: str) -> None:
        """It was made, or was not, where there is no text. Nothing comes of one that was dropped meanwhile."""
        if self._making.get(whose) is not making:
            return
        del self._making[whose]
        if text:
            self._made.pop(whose, None)
            self._made[whose] = replace(making, text=text)
            while len(self._made) > MOST_PEOPLE:
                del self._made[next(iter(self._made))]

    def drop(self, untrue: Callable[[Summary], bool]) -> None:
        """Forgets those of which that holds, be they made yet or not."""
        for known in (self._made, self._making):
            for whose in [whose for whose, each in known.items() if untrue(each)]:
                del known[whose]
        for whose in [whose for whose, (_, each) in self._shown.items() if each is not None and untrue(each)]:
            del self._shown[whose]

    def drop_telling(self, message_ids: Iterable[int]) -> None:
        """Forgets those that tell any of these messages."""
        if self._made or self._making or self._shown:
            gone = frozenset(message_ids)
            self.drop(lambda each: not gone.isdisjoint(each.of))

    def clear(self) -> None:
        """Forgets all."""
        self.drop(lambda _: True)
