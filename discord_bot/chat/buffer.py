"""What one channel remembers: its last messages, in the order in which they belong together, bounded.

The buffer is a copy of what stands in Discord, never more: an edit replaces, a deletion removes. It is cut back from
the old end in one large step, so that the beginning of a prompt stays the same for many turns (providers bill a
repeated prefix at a fraction of the price).
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from sys import getsizeof
from types import MappingProxyType

from discord_bot.chat.files import SHARE, File, FileKey, Reading, within
from discord_bot.chat.speakers import QUOTE_LENGTH, Names, Speaker
from discord_bot.chat.tokens import MESSAGE_OVERHEAD, estimate_tokens

KEPT_AFTER_CUT = 0.5
"""The part of the bound that is left after a cut: a cut a turn would change the prompt's prefix a turn."""
ROOM = 2
"""A buffer has room for what so many prompts read: a cut of it leaves one, and does not move where that begins."""
FILES_SHARE = 4
"""A fourth of what a prompt reads is for what people say, however much their files hold."""
NOBODY: Mapping[Speaker, str] = MappingProxyType({})
FILE_NOTE = 8
"""Tokens that say what became of a file, beside its text."""
QUOTE_NOTE = 8
"""Tokens that say what a message replies to, beside its text."""
Answer = tuple[int, int]
"""Which answer a page belongs to: the ids of the message that is answered, and of the answer's first page.

A message has several answers where it speaks to several personas.
"""
ASIDE = 50
"""Messages that are new at most before they are put at their places."""
BUFFER_SIZE = 2_500
"""Bytes of memory that an empty buffer takes, with the conversation around it."""
MESSAGE_SIZE = 250
"""Bytes of memory that a message takes beside its texts; of these numbers, a test sees that none is too small."""
QUOTED_SIZE = 300
ATTACHED_SIZE = 150
FILE_SIZE = 500
NAMED_SIZE = 300
"""The same of a person's name, with its place among the others."""
_tokens_of_name = lru_cache(maxsize=4096)(estimate_tokens)
"""The names are few, and come with every message."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A picture on a message: where it lies; it is fetched only when it is to be seen."""

    id: int
    url: str
    size: int
    """Bytes, as Discord says."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """The message that another one replies to, as it stands now."""

    id: int
    author_id: int = 0
    author_name: str = ""
    content: str | None = None
    """Its text; None where it is gone, or was never told of."""
    own: bool = False
    """Whether the bot itself wrote it."""
    answer: Answer | None = None
    """Of a page of the bot's: which answer it belongs to."""


@dataclass(frozen=True, slots=True)
class BufferedMessage:
    """One Discord message as a channel remembers it."""

    id: int
    author_id: int
    author_name: str
    """The name as people see it in that server."""
    content: str
    """Readable text, in which people are mentioned as `<@id>`: a history has the names in it."""
    own: bool = False
    """Whether the bot itself wrote it as an answer."""
    answers: int | None = None
    """The id of the message that an answer of the bot's belongs to."""
    first_page: int | None = None
    """Of an answer's further page, the id of its first one."""
    quoted: Quoted | None = None
    """What it replies to."""
    mentions: tuple[tuple[int, str], ...] = ()
    """The ids and the names of those whom it mentions."""
    pictures: tuple[Attached, ...] = ()
    """The pictures on it."""
    files: tuple[File, ...] = ()
    """The other files on it, with what was read of them."""
    greeting: int | None = None
    """Of a persona's greeting, which one it is of those that say something."""
    by_name: bool = False
    """Whether only its name says who wrote it: many speak through one webhook."""

    @property
    def answer(self) -> Answer | None:
        """Which answer it is a page of, if it is one."""
        return None if self.answers is None else (self.answers, self.first_page or self.id)

    @property
    def order(self) -> tuple[int, int, int]:
        """Where it stands: by age, but answers right behind what they answer, each with its pages in their order."""
        return (*(self.answer or (self.id, 0)), self.id)

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes, rather more than fewer."""
        size = MESSAGE_SIZE + getsizeof(self.content)
        if self.quoted is not None:
            size += QUOTED_SIZE + getsizeof(self.quoted.content)
        for picture in self.pictures:
            size += ATTACHED_SIZE + getsizeof(picture.url)
        for file in self.files:
            text = file.reading.text if file.reading is not None else ""
            size += FILE_SIZE + getsizeof(file.url) + getsizeof(text)
        return size + NAMED_SIZE * len(self.mentions)

    @property
    def speaker(self) -> Speaker:
        """Who said it."""
        return self.author_id, self.author_name if self.by_name else ""

    @property
    def texts(self) -> tuple[str, ...]:
        """What it says, and what was read of its files."""
        return (self.content, *(file.reading.text for file in self.files if file.reading is not None))

    @property
    def tokens(self) -> int:
        """About how many tokens it adds to a prompt."""
        quoted = 0 if self.quoted is None else estimate_tokens((self.quoted.content or "")[:QUOTE_LENGTH]) + QUOTE_NOTE
        return (
            MESSAGE_OVERHEAD
            + _tokens_of_name(self.author_name)
            + estimate_tokens(self.content)
            + quoted
            + (self.read_tokens if self.files else 0)
        )

    @property
    def read_tokens(self) -> int:
        """About how many of them are what was read of its files."""
        readings = (file.reading for file in self.files if file.reading is not None)
        return sum(reading.tokens + FILE_NOTE for reading in readings)


@dataclass(frozen=True, slots=True)
class History:
    """The messages that a prompt may draw on, oldest first."""

    messages: tuple[BufferedMessage, ...]
    origin: int = 0
    """How many tokens have been cut off before the first message: positions counted from here never move."""

    @property
    def people(self) -> dict[int, str]:
        """Who has taken part: the names by the ids."""
        return {each.author_id: each.author_name for each in self.messages if not each.own and not each.by_name}

    def greeting_of(self, name: str) -> int | None:
        """Which of its greetings the persona of that name has opened the conversation with; None where it has not."""
        own = (each for each in reversed(self.messages) if each.own and each.greeting is not None)
        return next((each.greeting for each in own if each.author_name == name or not each.by_name), None)

    def with_person(self, author_id: int) -> History:
        """What one person has said, and the answers to that: the conversation with them alone.

        So what somebody else has said is not told as what they reply to either.
        """
        said = {message.id for message in self.messages if not message.own and message.author_id == author_id}
        theirs = (each for each in self.messages if (each.answers or each.id) in said)
        return replace(self, messages=tuple(_quoting_only(each, author_id, said) for each in theirs))


def _quoting_only(message: BufferedMessage, author_id: int, said: Collection[int]) -> BufferedMessage:
    """A message that quotes nothing but what this person has said, and answers to that."""
    quoted = message.quoted
    if quoted is None:
        return message
    answers = quoted.answer[0] if quoted.answer is not None else None
    theirs = answers in said if quoted.own else quoted.author_id == author_id
    return message if theirs else replace(message, quoted=None)


class ChannelBuffer:
    """The last messages of one channel: at most `max_messages`, and about what two prompts of `max_tokens` read.

    What is new is only put aside, until anything is asked of the buffer or enough has come together: where people speak
    in hundreds of channels, and to the bot in none, to look through another channel's memory with each message is what
    hearing would cost most.
    """

    __slots__ = ("_aside", "_messages", "_names", "_origin", "_size", "_tokens", "max_messages", "max_tokens")

    def __init__(self, *, max_messages: int, max_tokens: int) -> None:
        self.max_messages = max_messages
        self.max_tokens = max_tokens
        self._aside: list[BufferedMessage] = []
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
        return BUFFER_SIZE + self._size + NAMED_SIZE * (len(self._names) + len(self._aside))

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
        """The ids of what a person has said and nobody answered."""
        self._settle()
        answered = {message.answers for message in self._messages}
        of_theirs = (message.id for message in self._messages if message.author_id == author_id and not message.own)
        return [each for each in of_theirs if each not in answered]

    def add(self, message: BufferedMessage) -> None:
        """Remembers a message at its place; one with the same id is replaced. Old ones may be cut off."""
        self._aside.append(message)
        self._size += message.size
        if len(self._aside) > ASIDE or len(self._aside) + len(self._messages) > self.max_messages:
            self._settle()

    def _settle(self) -> None:
        """Puts what is new at its place."""
        if self._aside:
            new, self._aside = self._aside, []
            self._size -= sum(each.size for each in new)
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
            message = _with_readings(message, known)
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
        new = {message.id: _with_readings(message, known.get(message.id)) for message in messages}
        kept = (message for message in self._messages if message.id not in new)
        self._messages = sorted((*kept, *new.values()), key=lambda each: each.order)
        known = {message.id: message for message in self._messages}
        for index, message in enumerate(self._messages):
            _learn(self._names, message)
            if message.quoted is not None and (above := known.get(message.quoted.id)) is not None:
                self._messages[index] = replace(message, quoted=quote(above))
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
        message = _with_readings(message, known)
        if known is not None and known != message:
            self._keep([message if each is known else each for each in self._messages])
            _learn(self._names, message)

    def remove(self, message_ids: Iterable[int]) -> None:
        """Forgets these messages; unknown ids do no harm."""
        self._settle()
        gone = frozenset(message_ids)
        kept = [_without(message, gone) for message in self._messages if message.id not in gone]
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
                self._messages[index] = replace(message, files=tuple(map(_without_text, message.files)))
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
                shown.append(_as_told(message, shown[-1] if shown else None, after, self._names))
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
            told.append(_as_told(message, told[-1] if told else None, None, names))
        return History(tuple(told), history.origin)

    def _quoting(self, message: BufferedMessage) -> BufferedMessage:
        """A reply with what is known of the message above, where Discord did not tell along with it."""
        if message.quoted is None or message.quoted.content is not None:
            return message
        known = self.get(message.quoted.id)
        return message if known is None else replace(message, quoted=quote(known))

    def _quote(self, message: BufferedMessage) -> None:
        """Lets the replies to a message show it as it stands now."""
        quoted = quote(message)
        if any(each.quoted is not None and each.quoted.id == message.id for each in self._messages):
            self._keep(
                [
                    replace(each, quoted=quoted, files=_still_on(message, each.files))
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


def quote(message: BufferedMessage) -> Quoted:
    """A message as a reply to it quotes it."""
    return Quoted(message.id, message.author_id, message.author_name, message.content, message.own, message.answer)


def with_readings(message: BufferedMessage, readings: Mapping[FileKey, Reading], most: int) -> BufferedMessage:
    """A message with what was read of its files, by their keys, as far as a prompt of `most` tokens has room for it."""
    if not any(file.key in readings for file in message.files):
        return message
    files = [replace(file, reading=readings.get(file.key, file.reading)) for file in message.files]
    return replace(message, files=within(files, most // SHARE))


def _with_readings(message: BufferedMessage, known: BufferedMessage | None) -> BufferedMessage:
    """A message that is told of anew, with what was read of those of its files that were known."""
    if known is None or not message.files:
        return message
    readings = {file.key: file.reading for file in known.files}
    return replace(message, files=tuple(replace(file, reading=readings.get(file.key)) for file in message.files))


def _still_on(quoted: BufferedMessage, files: Iterable[File]) -> tuple[File, ...]:
    """A reply's files, without those that an edit has taken from what it replies to."""
    left = {file.id for file in quoted.files}
    return tuple(file for file in files if file.of != quoted.id or file.id in left)


def _without_text(file: File) -> File:
    return replace(file, reading=Reading(why="older")) if file.has_text else file


def _as_told(
    message: BufferedMessage, above: BufferedMessage | None, after: int | None, names: Names
) -> BufferedMessage:
    """A message with the names that people have in a conversation, and with what it replies to.

    What stands right above is not told again; and what was forgotten is not told at all.
    """
    quoted = message.quoted
    if quoted is not None and above is not None and _same_text(quoted, above):
        quoted = None
    elif quoted is not None and after is not None and quoted.id <= after:
        quoted = Quoted(quoted.id)
    if quoted is not None and quoted.content is not None:
        quoted = replace(
            quoted,
            author_name=quoted.author_name if quoted.own else names.of((quoted.author_id, ""), quoted.author_name),
            content=names.fill_in(quoted.content),
        )
    name = message.author_name if message.own else names.of(message.speaker, message.author_name)
    content = names.fill_in(message.content)
    if (name, content) == (message.author_name, message.content) and quoted is message.quoted:
        return message
    return replace(message, author_name=name, content=content, quoted=quoted)


def _same_text(quoted: Quoted, above: BufferedMessage) -> bool:
    """Whether what is replied to stands right above: that message, or the answer of which it is a page."""
    return quoted.id == above.id or (above.own and quoted.answer == above.answer is not None)


def _without(message: BufferedMessage, gone: frozenset[int]) -> BufferedMessage:
    """A message that no longer quotes what is gone."""
    if message.quoted is None or message.quoted.id not in gone:
        return message
    files = tuple(file for file in message.files if file.of not in gone)
    return replace(message, quoted=Quoted(message.quoted.id), files=files)


def _learn(names: Names, message: BufferedMessage, newest: Mapping[Speaker, str] = NOBODY) -> None:
    """Gives names to those who speak in a message, and to those of whom it speaks."""
    if not message.own:
        names.learn(message.speaker, newest.get(message.speaker, message.author_name))
    for person, name in message.mentions:
        names.learn((person, ""), newest.get((person, ""), name))
