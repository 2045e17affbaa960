"""What one channel remembers: its last messages, in the order in which they belong together, bounded.

The buffer is a copy of what stands in Discord, never more: an edit replaces, a deletion removes. It is cut back from
the old end in one large step, so that the beginning of a prompt stays the same for many turns (providers bill a
repeated prefix at a fraction of the price).
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass, replace

from discord_bot.chat.tokens import MESSAGE_OVERHEAD, estimate_tokens

KEPT_AFTER_CUT = 0.5
"""The part of the bound that is left after a cut: a cut a turn would change the prompt's prefix a turn."""


@dataclass(frozen=True, slots=True)
class BufferedMessage:
    """One Discord message as a channel remembers it."""

    id: int
    author_id: int
    author_name: str
    """The name as people see it in that server."""
    content: str
    """Readable text: mentions by name, attachments by file name."""
    own: bool = False
    """Whether the bot itself wrote it as an answer."""
    answers: int | None = None
    """The id of the message that an answer of the bot's belongs to."""

    @property
    def order(self) -> tuple[int, int]:
        """Where it stands: by age, but an answer right behind the message that it answers, its pages in their order."""
        return (self.id, 0) if self.answers is None else (self.answers, self.id)

    @property
    def tokens(self) -> int:
        """About how many tokens it adds to a prompt."""
        return MESSAGE_OVERHEAD + estimate_tokens(self.author_name) + estimate_tokens(self.content)


@dataclass(frozen=True, slots=True)
class History:
    """The messages that a prompt may draw on, oldest first."""

    messages: tuple[BufferedMessage, ...]
    origin: int = 0
    """How many tokens have been cut off before the first message: positions counted from here never move."""

    def with_person(self, author_id: int) -> History:
        """What one person has said, and the answers to that: the conversation with them alone."""
        said = {message.id for message in self.messages if not message.own and message.author_id == author_id}
        return replace(self, messages=tuple(each for each in self.messages if (each.answers or each.id) in said))


class ChannelBuffer:
    """The last messages of one channel, at most `max_messages` and about `max_tokens` of them."""

    __slots__ = ("_messages", "_origin", "_tokens", "max_messages", "max_tokens")

    def __init__(self, *, max_messages: int, max_tokens: int) -> None:
        self.max_messages = max_messages
        self.max_tokens = max_tokens
        self._messages: list[BufferedMessage] = []
        self._tokens = 0
        self._origin = 0

    def __len__(self) -> int:
        return len(self._messages)

    @property
    def tokens(self) -> int:
        """About how many tokens all of it is."""
        return self._tokens

    @property
    def ids(self) -> set[int]:
        """The ids of what is remembered."""
        return {message.id for message in self._messages}

    def get(self, message_id: int) -> BufferedMessage | None:
        """The message with that id, if it is remembered."""
        return next((message for message in reversed(self._messages) if message.id == message_id), None)

    def answers_to(self, question_id: int) -> list[BufferedMessage]:
        """The pages of the answer to a message, in their order."""
        return [message for message in self._messages if message.answers == question_id]

    def unanswered(self, author_id: int) -> list[int]:
        """The ids of what a person has said and nobody answered."""
        answered = {message.answers for message in self._messages}
        of_theirs = (message.id for message in self._messages if message.author_id == author_id and not message.own)
        return [each for each in of_theirs if each not in answered]

    def add(self, message: BufferedMessage) -> None:
        """Remembers a message at its place; one with the same id is replaced. Old ones may be cut off."""
        if self._messages and message.order <= self._messages[-1].order:
            self.remove((message.id,))
        insort(self._messages, message, key=lambda each: each.order)
        self._tokens += message.tokens
        self._cut_back()

    def replace(self, message: BufferedMessage) -> None:
        """Takes in an edit: nothing happens where the message is not remembered."""
        known = self.get(message.id)
        if known is not None and known != message:
            self._messages[self._messages.index(known)] = message
            self._tokens += message.tokens - known.tokens

    def remove(self, message_ids: Iterable[int]) -> None:
        """Forgets these messages; unknown ids do no harm."""
        gone = frozenset(message_ids)
        kept = [message for message in self._messages if message.id not in gone]
        if len(kept) != len(self._messages):
            self._messages = kept
            self._tokens = sum(message.tokens for message in kept)

    def history(self, *, until: int, after: int | None = None) -> History:
        """What stood in the channel up to the message `until`, and after the message `after`.

        Answers to `until` itself are not in it: where there is one, it is about to be answered anew.
        """
        return History(
            tuple(
                message
                for message in self._messages
                if message.order <= (until, 0) and (after is None or message.order[0] > after)
            ),
            self._origin,
        )

    def _cut_back(self) -> None:
        if len(self._messages) <= self.max_messages and self._tokens <= self.max_tokens:
            return
        count, tokens = len(self._messages), self._tokens
        cut = 0
        while cut < len(self._messages) - 1 and (
            count > self.max_messages * KEPT_AFTER_CUT or tokens > self.max_tokens * KEPT_AFTER_CUT
        ):
            count -= 1
            tokens -= self._messages[cut].tokens
            cut += 1
        self._origin += self._tokens - tokens
        self._tokens = tokens
        del self._messages[:cut]
