"""One message as a channel remembers it, and what it comes to: in memory, and in a prompt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from sys import getsizeof
from typing import NamedTuple

from discord_bot.chat.files import SHARE, File, FileKey, Reading, within
from discord_bot.chat.speakers import QUOTE_LENGTH, Speaker
from discord_bot.chat.tokens import MESSAGE_OVERHEAD, estimate_tokens

FILE_NOTE = 8
"""Tokens that say what became of a file, beside its text."""
QUOTE_NOTE = 8
"""Tokens that say what a message replies to, beside its text."""
Answer = tuple[int, int]
"""Which answer a page belongs to: the ids of the message that is answered, and of the answer's first page.

A message has several answers where it speaks to several personas.
"""
MESSAGE_SIZE = 300
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


class BufferedMessage(NamedTuple):
    """One Discord message as a channel remembers it.

    A tuple, because one is made of every message that the bot hears: a frozen dataclass takes twice as long to make.
    """

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
    """Whether only its name says who wrote it: many speak through one webhook, or as the bot."""

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
            size += FILE_SIZE + getsizeof(file.url) + getsizeof(file.name) + getsizeof(file.line) + getsizeof(text)
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


def quote(message: BufferedMessage) -> Quoted:
    """A message as a reply to it quotes it."""
    return Quoted(message.id, message.author_id, message.author_name, message.content, message.own, message.answer)


def with_readings(message: BufferedMessage, readings: Mapping[FileKey, Reading], most: int) -> BufferedMessage:
    """A message with what was read of its files, by their keys, as far as a prompt of `most` tokens has room for it."""
    if not any(file.key in readings for file in message.files):
        return message
    files = [replace(file, reading=readings.get(file.key, file.reading)) for file in message.files]
    return message._replace(files=within(files, most // SHARE))


def told_anew(message: BufferedMessage, known: BufferedMessage | None) -> BufferedMessage:
    """A message that is told of anew, with what was read of those of its files that were known."""
    if known is None or not message.files:
        return message
    readings = {file.key: file.reading for file in known.files}
    return message._replace(files=tuple(replace(file, reading=readings.get(file.key)) for file in message.files))


def still_on(quoted: BufferedMessage, files: Iterable[File]) -> tuple[File, ...]:
    """A reply's files, without those that an edit has taken from what it replies to."""
    left = {file.id for file in quoted.files}
    return tuple(file for file in files if file.of != quoted.id or file.id in left)


def without_text(file: File) -> File:
    """A file of which the text has given way to newer ones."""
    return replace(file, reading=Reading(why="older")) if file.has_text else file


def without(message: BufferedMessage, gone: frozenset[int]) -> BufferedMessage:
    """A message that no longer quotes what is gone."""
    if message.quoted is None or message.quoted.id not in gone:
        return message
    files = tuple(file for file in message.files if file.of not in gone)
    return message._replace(quoted=Quoted(message.quoted.id), files=files)
