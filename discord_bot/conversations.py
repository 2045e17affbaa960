"""Channel id -> what is remembered of it and who is being answered in it; bounded, and rebuilt from Discord.

Discord is the record of a conversation. A buffer here is a copy in memory: it grows as messages are seen, follows edits
and deletions, and is read back from the channel's own history when it is first needed, after a restart, and after a gap
in what the gateway told.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from discord_bot.chat.buffer import ChannelBuffer
from discord_bot.chat.buffered import Attached, BufferedMessage, quote
from discord_bot.chat.seen_pictures import Seen, SeenPictures
from discord_bot.chat.summary import Summaries

WEIGHED_EVERY = 2000
"""Messages after which it is seen whether all that is remembered has become too much."""
ReadBack = Callable[[], Awaitable[list[BufferedMessage]]]
"""Fetches the channel's newest messages from Discord, in any order."""


class Conversation:
    """One channel or thread: its buffer, and the turns that are being taken in it."""

    __slots__ = (
        "__weakref__",
        "_people",
        "_reading",
        "_slots",
        "_touched",
        "budget",
        "buffer",
        "complete",
        "says_it_heard_little",
        "summaries",
    )

    def __init__(self, buffer: ChannelBuffer, parallel_replies: int) -> None:
        self.buffer = buffer
        self.complete = False
        """Whether the buffer reaches back as far as it can: false until it was read back, and after a gap."""
        self.says_it_heard_little = False
        """Whether people are still to be told that the history can't be read here."""
        self.budget: int | None = None
        """How many tokens the last prompt here might have, by our guess; see `prompt.steady`."""
        self.summaries = Summaries()
        """What was said before all that is remembered, where that is wanted."""
        self._reading = asyncio.Lock()
        self._touched: set[int] | None = None
        """What the gateway tells of while Discord is asked, which is newer than the answer."""
        self._slots = asyncio.Semaphore(parallel_replies)
        self._people: dict[int, _Turns] = {}

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes, rather more than fewer."""
        return self.buffer.size + self.summaries.size

    @property
    def busy(self) -> bool:
        """Whether anybody is being answered, or waits to be."""
        return bool(self._people)

    def has_to_wait(self, user_id: int) -> bool:
        """Whether that person's turn would not come at once."""
        return user_id in self._people or self._slots.locked()

    def concerns(self, user_id: int) -> bool:
        """Whether that person is being answered, or waits to be."""
        return user_id in self._people

    @asynccontextmanager
    async def turn(self, user_id: int) -> AsyncIterator[None]:
        """One person's turn: their questions are answered one after the other, different people's side by side."""
        turns = self._people.setdefault(user_id, _Turns())
        turns.waiting += 1
        try:
            async with turns.lock, self._slots:
                yield
        finally:
            turns.waiting -= 1
            if not turns.waiting:
                del self._people[user_id]

    def remember(self, message: BufferedMessage) -> None:
        """Takes in a new message, or an answer of the bot's own."""
        self._touch(message.id)
        self.summaries.drop_telling((message.id,))  # an answer may change
        self.buffer.add(message)

    def revise(self, message: BufferedMessage) -> None:
        """Takes in an edit."""
        self._touch(message.id)
        if message != self.buffer.get(message.id):
            self.summaries.drop_telling((message.id,))
        self.buffer.replace(message)

    def remove(self, message_ids: Iterable[int]) -> None:
        """Takes in a deletion, of one message or of many."""
        gone = tuple(message_ids)
        self._touch(*gone)
        self.summaries.drop_telling(gone)
        self.buffer.remove(gone)

    async def read_back(self, fetch: ReadBack) -> None:
        """Makes the buffer complete, once. Whatever `fetch` raises comes through, and the next call tries again.

        What is fetched is the truth, but for what the gateway told in the meantime.
        """
        async with self._asking() as touched:
            if self.complete:
                return
            truth = [message for message in await fetch() if message.id not in touched]
            # What was not fetched stands there no more, or is older than all that can be remembered.
            self.buffer.remove(self.buffer.ids - {message.id for message in truth} - touched)
            self.buffer.add_all(truth)
            self.summaries.clear()  # nobody has told of what became of older ones
            self.buffer.requote(touched)
            self.complete = True

    async def look_up(self, message_id: int, fetch: Callable[[], Awaitable[BufferedMessage | None]]) -> None:
        """Learns what a message replies to, where it was never told of: unless that is changed in the meantime."""
        async with self._asking() as touched:
            answered, asked = await fetch(), self.buffer.get(message_id)
            if answered is not None and asked is not None and not touched & {message_id, answered.id}:
                self.buffer.replace(asked._replace(quoted=quote(answered)))

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[set[int]]:
        """A block in which Discord is asked what stands there: the ids of what the gateway tells of meanwhile."""
        async with self._reading:
            touched: set[int] = set()
            self._touched = touched
            try:
                yield touched
            finally:
                self._touched = None

    def _touch(self, *message_ids: int) -> None:
        if self._touched is not None:
            self._touched.update(message_ids)


class _Turns:
    """One person's place in a conversation: a lock that is handed on in the order of asking, and how many want it."""

    __slots__ = ("lock", "waiting")

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.waiting = 0


class Conversations:
    """All channels, at most `max_channels` of them, and `max_memory` bytes.

    The one that was quiet for longest is forgotten first.
    """

    def __init__(
        self, *, max_channels: int, max_memory: int, max_messages: int, max_tokens: int, parallel_replies: int
    ) -> None:
        self._max_channels = max_channels
        self._max_memory = max_memory
        self._max_messages = max_messages
        self._max_tokens = max_tokens
        self._parallel_replies = parallel_replies
        self._channels: OrderedDict[int, Conversation] = OrderedDict()
        self._apart: WeakValueDictionary[int, Conversation] = WeakValueDictionary()
        self._unweighed = 0
        self.seen = SeenPictures()
        """The pictures that were seen of late on what is remembered."""
        self._empty: set[int] = set()
        self._unreadable: set[int] = set()

    def __len__(self) -> int:
        return len(self._channels)

    @property
    def size(self) -> int:
        """About how many bytes of memory all of it takes, rather more than fewer."""
        return sum(each.size for each in self._channels.values())

    def find(self, channel_id: int) -> Conversation | None:
        """The conversation of that channel, if anything is remembered of it."""
        return self._channels.get(channel_id)

    def open(self, channel_id: int) -> Conversation:
        """The conversation of that channel, begun if need be, and now the most recently used."""
        conversation = self._channels.get(channel_id)
        if conversation is None:
            buffer = ChannelBuffer(max_messages=self._max_messages, max_tokens=self._max_tokens)
            conversation = self._channels[channel_id] = Conversation(buffer, self._parallel_replies)
            conversation.complete = channel_id in self._empty
            self._empty.discard(channel_id)
            while len(self._channels) > self._max_channels and self._forget_oldest() is not None:
                pass
        self._channels.move_to_end(channel_id)
        self._unweighed += 1
        if self._unweighed > WEIGHED_EVERY:
            self._weigh()
        return conversation

    def apart(self, user_id: int) -> Conversation:
        """One person's conversation in which nothing is ever said, for turns where the bot can't read.

        It is known for as long as somebody has it in hands.
        """
        conversation = self._apart.get(user_id)
        if conversation is None:
            buffer = ChannelBuffer(max_messages=self._max_messages, max_tokens=self._max_tokens)
            conversation = self._apart[user_id] = Conversation(buffer, self._parallel_replies)
            conversation.complete = True
        return conversation

    def drop(self, channel_id: int) -> None:
        """Forgets a channel, such as one that was deleted."""
        self._channels.pop(channel_id, None)
        self.seen.drop(lambda picture: picture.channel_id == channel_id)

    def remove(self, channel_id: int, message_ids: Collection[int]) -> None:
        """Takes in a deletion, of one message or of many."""
        for conversation in self._there(channel_id, *message_ids):
            conversation.remove(message_ids)
        self.seen.drop(lambda picture: picture.message_id in message_ids)

    def revise(self, channel_id: int, message_id: int, revised: BufferedMessage | None) -> None:
        """Takes in an edit; of a message that says nothing any more, or is not to be read, nothing stays."""
        if revised is None:
            self.remove(channel_id, (message_id,))
            return
        for conversation in self._there(channel_id, message_id):
            conversation.revise(revised)
        left = {picture.id for picture in revised.pictures}
        self.seen.drop(lambda picture: picture.message_id == message_id and picture.id not in left)

    def forget(self, channel_id: int, up_to: int) -> None:
        """Forgets what was said in a channel up to that message."""
        for conversation in self._there(channel_id):
            conversation.remove(each for each in conversation.buffer.ids if each <= up_to)
        self.seen.drop(lambda picture: picture.channel_id == channel_id and picture.message_id <= up_to)

    def keep_seen(self, channel_id: int, message: BufferedMessage, picture: Attached, shown: str) -> None:
        """Keeps a picture as a model is sent it, where its message is remembered, with it, still or at all."""
        for conversation in self._there(channel_id):
            known = conversation.buffer.get(message.id)
            if known is not None and picture.id in {each.id for each in known.pictures}:
                self.seen.keep(Seen(picture.id, channel_id, message.id, message.author_id, shown))

    def remove_unanswered(self, author_id: int) -> None:
        """Forgets what a person has said in any channel, but for what was answered: that was said to the bot."""
        self.seen.drop(lambda picture: picture.author_id == author_id)
        for conversation in self._channels.values():
            conversation.remove(conversation.buffer.unanswered(author_id))
            conversation.summaries.drop(lambda summary: author_id in summary.people)

    def mark_empty(self, channel_ids: Iterable[int]) -> None:
        """Says that nothing had been written in these channels yet: there is nothing to read back."""
        self._empty.update(each for each in channel_ids if each not in self._channels)

    def note_readable(self, channel_id: int, readable: bool) -> bool:
        """Takes in whether a channel's history can be read; whether people are to be told now that it can't: once."""
        if readable or channel_id in self._unreadable:
            if readable:
                self._unreadable.discard(channel_id)
            return False
        self._unreadable.add(channel_id)
        self.open(channel_id).says_it_heard_little = True
        return True

    def mark_gap(self) -> None:
        """Says that events may have been missed: what is remembered may no longer be what stands in Discord."""
        self._empty.clear()
        self.seen.drop(lambda _: True)
        for channel_id in [channel_id for channel_id, each in self._channels.items() if not each.busy]:
            del self._channels[channel_id]
        for conversation in self._channels.values():
            conversation.complete = False
            conversation.summaries.clear()

    def _there(self, channel_id: int, *message_ids: int) -> list[Conversation]:
        """What is remembered of a channel, and of the threads that were opened at these messages and have their ids."""
        return [self._channels[each] for each in (channel_id, *message_ids) if each in self._channels]

    def _weigh(self) -> None:
        """Forgets what takes too much memory."""
        self._unweighed = 0
        size = self.size
        while size > self._max_memory and (forgotten := self._forget_oldest()) is not None:
            size -= forgotten.size

    def _forget_oldest(self) -> Conversation | None:
        """Forgets the channel that was quiet for longest, but for the newest, and those where anybody is answered."""
        idle = next((channel_id for channel_id, each in self._channels.items() if not each.busy), None)
        return self._channels.pop(idle) if idle is not None and idle != next(reversed(self._channels)) else None
