"""What one channel remembers: its last messages, in the order in which they belong together, bounded.

The buffer is a copy of what stands in Discord, never more: an edit replaces, a deletion removes. It is cut back from
the old end in one large step, so that the beginning of a prompt stays the same for many turns (providers bill a
repeated prefix at a fraction of the price).
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING

from discord_bot.chat.buffered import (
    NAMED_SIZE,
    BufferedMessage,
    quote,
    still_on,
    told_anew,
    with_readings,
    without,
    without_text,
)
from discord_bot.chat.history import History, as_told
from discord_bot.chat.speakers import Names, Speaker

if TYPE_CHECKING:
    from discord_bot.chat.files import FileKey, Reading

KEPT_AFTER_CUT = 0.5
"""The part of the bound that is left after a cut: a cut a turn would change the prompt's prefix a turn."""
ROOM = 2
"""A buffer has room for what so many prompts read: a cut of it leaves one, and does not move where that begins."""
FILES_SHARE = 4
"""A fourth of what a prompt reads is for what people say, however much their files hold."""
ASIDE = 50
"""Messages that are new at most before they are put at their places."""
BUFFER_SIZE = 2_500
"""Bytes of memory that an empty buffer takes, with the conversation around it."""
NOBODY: Mapping[Speaker, str] = MappingProxyType({})


class ChannelBuffer:
    """The last messages of one channel: at most `max_messages`, and about what two prompts of `max_tokens` read.

    What is new is only put aside, until anything is asked of the buffer or enough has come together: where people speak
    in hundreds of channels, and to the bot in none, to look through another channel's memory with each message is what
    hearing would cost most.
    """

    __slots__ = (
        "_aside",
        "_aside_size",
        "_messages",
        "_names",
        "_origin",
        "_size",
        "_tokens",
        "max_messages",
        "max_tokens",
    )

    def __init__(self, *, max_messages: int, max_tokens: int) -> None:
        self.max_messages = max_messages
        self.max_tokens = max_tokens
        self._aside: list[BufferedMessage] = []
        self._aside_size = 0
        self._messages: list[BufferedMessage] = []
        self._names = Names()
        self._tokens = 0
        self._size = 0
        self._origin = 0

    def __len__(self) -> int:
        self._settle()
        return len(self._messages)

    @property
    def tokens(self) -> int:
        """About how many tokens all of it is."""
        self._settle()
        return self._tokens

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes, rather more than fewer."""
        return BUFFER_SIZE + self._size + self._aside_size + NAMED_SIZE * (len(self._names) + len(self._aside))

    @property
    def ids(self) -> set[int]:
        """The ids of what is remembered."""
        self._settle()
        return {message.id for message in self._messages}

    def get(self, message_id: int) -> BufferedMessage | None:
        """The message with that id, if it is remembered."""
        self._settle()
        return next((message for message in reversed(self._messages) if message.id == message_id), None)

    def answers_to(self, question_id: int) -> list[list[BufferedMessage]]:
        """The answers to a message, in their order: the pages of each."""
        self._settle()
        pages = (message for message in self._messages if message.answers == question_id)
        return [list(answer) for _, answer in groupby(pages, key=lambda page: page.answer)]

    def unanswered(self, author_id: int) -> list[int]:
        """The ids of what a person has said and nobody answered, also where only a reply quotes it."""
        self._settle()
        answered = {message.answers for message in self._messages}
        quoted = [message.quoted for message in self._messages if message.quoted is not None]
        of_theirs = [each.id for each in self._messages if each.author_id == author_id and not each.own]
        of_theirs += [each.id for each in quoted if each.author_id == author_id and not each.own]
        return [each for each in of_theirs if each not in answered]

    def add(self, message: BufferedMessage) -> None:
        """Remembers a message at its place; one with the same id is replaced. Old ones may be cut off."""
        self._aside.append(message)
        self._aside_size += message.size
        if len(self._aside) > ASIDE or len(self._aside) + len(self._messages) > self.max_messages:
            self._settle()

    def _settle(self) -> None:
        """Puts what is new at its place."""
        if self._aside:
            new, self._aside, self._aside_size = self._aside, [], 0
            for message in new:
                self._place(self._quoting(message))

    def _place(self, message: BufferedMessage) -> None:
        is_newest = not self._messages or message.order > self._messages[-1].order
        if is_newest:
            self._messages.append(message)
            self._tokens += message.tokens
            self._size += message.size
        else:
            known = self.get(message.id)
            message = told_anew(message, known)
            kept = [each for each in self._messages if each is not known]
            insort(kept, message, key=lambda each: each.order)
            self._keep(kept)
        _learn(self._names, message)
        if not is_newest:  # nothing replies to what was said just now
            self._quote(message)
        self._cut_back()

    def add_all(self, messages: Iterable[BufferedMessage]) -> None:
        """Remembers a stretch of the channel's past: as `add` for each of them, in one go."""
        self._settle()
        known = {message.id: message for message in self._messages}
        new = {message.id: told_anew(message, known.get(message.id)) for message in messages}
        kept = (message for message in self._messages if message.id not in new)
        self._messages = sorted((*kept, *new.values()), key=lambda each: each.order)
        known = {message.id: message for message in self._messages}
        for index, message in enumerate(self._messages):
            _learn(self._names, message)
            if message.quoted is not None and (above := known.get(message.quoted.id)) is not None:
                self._messages[index] = message._replace(quoted=quote(above))
        self._keep(self._messages)
        self._cut_back()
        if self._origin or self._tokens > self.max_tokens:
            # From where positions are counted is free now: so that the next prompt is filled to three quarters, and its
            # beginning stays for the fourth that is left.
            step = int(self.max_tokens * (1 - KEPT_AFTER_CUT))
            self._origin = (step // 2 - self._tokens) % step

    def replace(self, message: BufferedMessage) -> None:
        """Takes in an edit: nothing happens where the message is not remembered."""
        self._settle()
        message = self._quoting(message)
        self._quote(message)
        known = self.get(message.id)
        message = told_anew(message, known)
        if known is not None and known != message:
            self._keep([message if each is known else each for each in self._messages])
            _learn(self._names, message)

    def remove(self, message_ids: Iterable[int]) -> None:
        """Forgets these messages; unknown ids do no harm."""
        self._settle()
        gone = frozenset(message_ids)
        kept = [without(message, gone) for message in self._messages if message.id not in gone]
        if kept != self._messages:
            self._keep(kept)

    def requote(self, message_ids: Iterable[int]) -> None:
        """Lets the replies to these messages show them as they are remembered, and as gone where they are not."""
        self._settle()
        known = {each.id: each for each in self._messages}
        for message_id in message_ids:
            if message_id in known:
                self._quote(known[message_id])
        self.remove(frozenset(message_ids) - known.keys())

    def note_readings(self, readings: Mapping[FileKey, Reading], most: int) -> None:
        """Notes what was read of files, by their keys, for prompts of `most` tokens; of what is gone, nothing is kept.

        What the files of one message hold has a room of its own, and so has what all of them hold: the older ones give
        way, and stay away, so that a prompt's beginning changes no more often than it must.
        """
        if not readings:
            return
        self._settle()
        for index, message in enumerate(self._messages):
            self._messages[index] = with_readings(message, readings, most)
        left = self.max_tokens // FILES_SHARE * (FILES_SHARE - 1)
        for index, message in reversed(list(enumerate(self._messages))):
            left -= message.read_tokens
            if message.files and left < 0:
                self._messages[index] = message._replace(files=tuple(map(without_text, message.files)))
        self._keep(self._messages)
        self._cut_back()

    def history(self, *, until: int, after: int | None = None, heard: Collection[int] = ()) -> History:
        """What stood in the channel up to the message `until`, and after the message `after`.

        Of the answers to `until` itself only the pages that were `heard` are in it: the others are about to be written
        anew.
        """
        self._settle()
        shown: list[BufferedMessage] = []
        for message in self._messages:
            place = message.order[0]
            stood = place < until or message.id == until or (place == until and message.id in heard)
            if stood and (after is None or place > after):
                shown.append(as_told(message, shown[-1] if shown else None, after, self._names))
        return History(tuple(shown), self._origin)

    def beside(self, history: History, asked: Sequence[BufferedMessage]) -> History:
        """A history of this channel with what is asked beside the conversation at its end, which nothing remembers.

        What of it stands in the history already is moved there.
        """
        self._settle()
        names, ids = self._names.copy(), {each.id for each in asked}
        told = [each for each in history.messages if each.id not in ids]
        for message in asked:
            _learn(names, message)
            told.append(as_told(message, told[-1] if told else None, None, names))
        return History(tuple(told), history.origin)

    def _quoting(self, message: BufferedMessage) -> BufferedMessage:
        """A reply with what is known of the message above, where Discord did not tell along with it."""
        if message.quoted is None or message.quoted.content is not None:
            return message
        known = self.get(message.quoted.id)
        return message if known is None else message._replace(quoted=quote(known))

    def _quote(self, message: BufferedMessage) -> None:
        """Lets the replies to a message show it as it stands now."""
        quoted = quote(message)
        if any(each.quoted is not None and each.quoted.id == message.id for each in self._messages):
            self._keep(
                [
                    each._replace(quoted=quoted, files=still_on(message, each.files))
                    if each.quoted is not None and each.quoted.id == message.id and each.quoted != quoted
                    else each
                    for each in self._messages
                ]
            )

    def _keep(self, messages: list[BufferedMessage]) -> None:
        """Lets these be all that is remembered."""
        self._messages = messages
        self._tokens = sum(each.tokens for each in messages)
        self._size = sum(each.size for each in messages)

    def _cut_back(self) -> None:
        if len(self._messages) <= self.max_messages and self._tokens <= self.max_tokens * ROOM:
            return
        most, heaviest = self.max_messages * KEPT_AFTER_CUT, self.max_tokens * ROOM * KEPT_AFTER_CUT
        count, tokens = len(self._messages), self._tokens
        cut = 0
        while cut < len(self._messages) - 1 and (count > most or tokens > heaviest):
            count -= 1
            tokens -= self._messages[cut].tokens
            cut += 1
        self._origin += self._tokens - tokens
        self._keep(self._messages[cut:])
        # Who has another name by now is called by it from here on: that changes the prefix, but seldom.
        self._names = Names()
        newest = {message.speaker: message.author_name for message in self._messages if not message.own}
        for message in self._messages:
            _learn(self._names, message, newest)


def _learn(names: Names, message: BufferedMessage, newest: Mapping[Speaker, str] = NOBODY) -> None:
    """Gives names to those who speak in a message, and to those of whom it speaks."""
    if not message.own:
        names.learn(message.speaker, newest.get(message.speaker, message.author_name))
    for person, name in message.mentions:
        names.learn((person, ""), newest.get((person, ""), name))
