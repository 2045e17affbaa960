"""The bytes of an answer to one growing completion. All of the decoding and none of the waiting: no socket, no clock.

What a server sends is told by its first bytes and not by its Content-Type: an event stream, or one JSON document.
Either may be asked for and the other one come. A stream of JSON that is no event stream, one object on each line,
is read as a document, at its end.
"""

from __future__ import annotations

import re

from discord_bot.chat.completion import Completion
from discord_bot.chat.event_stream import Event, EventStream, EventTooLargeError
from discord_bot.chat.refusal import error_in, error_of_text
from discord_bot.chat.schema import ChatCompletionChunk, decode_json
from discord_bot.chat.text import joined_surrogates
from discord_bot.errors import CompletionError, StreamInterrupted

DONE = b"[DONE]"
"""OpenAI's word for the end of a stream."""

MAX_ANSWER_BYTES = 64 * 2**20
"""The most that is read of one answer. Text is never so long; a few images may be."""

HEAD_BYTES = 1000
"""Bytes of an answer's beginning that are kept, to be told where they turn out to be the words of an error."""

_BOM = b"\xef\xbb\xbf"
_SIGNS_OF_LIFE = re.compile(rb"(?:[ \t\r\n]|:[^\r\n]*[\r\n])*")
"""Blank lines and comments, which may come before either."""
_DOCUMENTS = (b"{", b"[", b"<")
"""How JSON and HTML begin, and no line of an event stream does."""
_FIELDS = (b"data", b"event", b"id", b"retry", b":", b"error")
"""How a line of an event stream begins."""


class Answer:
    """Takes the bytes of a 200 answer and lets its completion grow; raises CompletionError with the partial text."""

    def __init__(self) -> None:
        self.completion = Completion()
        self.done = False
        """Whether the server has said that nothing more comes. What it sends nevertheless is not looked at."""
        self._events: EventStream | None = None
        self._document: bytearray | None = None
        self._bytes = 0
        self._head = b""
        self._strange = b""  # the first event that is no JSON

    def feed(self, data: bytes) -> bool:
        """Take bytes as they come, cut anywhere; whether they told something new."""
        self._bytes += len(data)
        if self._bytes > MAX_ANSWER_BYTES:
            message = f"an answer of more than {MAX_ANSWER_BYTES} bytes"
            raise StreamInterrupted(message, partial_text=self.completion.text)
        if self._events is not None:
            if len(self._head) < HEAD_BYTES:
                self._head += data
            try:
                events = self._events.feed(data)
            except EventTooLargeError as error:
                raise StreamInterrupted(str(error), partial_text=self.completion.text) from None
            return self._read(events)
        if self._document is not None:
            self._document += data
            return False
        return self._begin(data)

    def close(self, failure: CompletionError | None = None) -> Completion:
        """The whole completion, once the connection has ended; raises where it is not whole.

        `failure` is how the connection ended, if not cleanly.
        """
        try:
            if self._events is not None:
                self._read(self._events.close())
            elif self._document is not None:
                self._head = bytes(self._document[:HEAD_BYTES])
                self._read_whole(bytes(self._document), failure)
            self.completion.close(done=self.done)
        except StreamInterrupted as interrupted:
            if failure is not None:
                failure.partial_text = interrupted.partial_text
                raise failure from None
            if not self.completion.started and (words := self._words()):
                raise error_of_text(200, words) from None
            raise
        return self.completion

    def _begin(self, data: bytes) -> bool:
        """Blank lines, comments and a byte order mark may come first, in either."""
        start = (self._head + data).removeprefix(_BOM)
        self._head = start = start[_SIGNS_OF_LIFE.match(start).end() :]  # type: ignore[union-attr]  # nothing matches too
        if _BOM.startswith(start) or (start.startswith(b":") and len(start) < HEAD_BYTES):  # not all of it
            return False
        if start.startswith(_DOCUMENTS):
            self._document = bytearray(start)
            return False
        self._events = EventStream()
        return self._read(self._events.feed(start))

    def _read(self, events: list[Event]) -> bool:
        new = False
        for data, kind in events:
            if self.done:
                break
            if data.startswith(b"data:"):  # some relays say it twice
                data = data[5:].strip()
            if _is_done(data):
                self.done = new = True
            elif data:
                self._read_event(data, told=kind == b"error")
                new = True
        return new

    def _read_event(self, data: bytes, *, told: bool) -> None:
        """Grow by an event's data; `told`: it is an error, whatever it looks like."""
        try:
            self._read_json(data, told=told)
        except ValueError:  # no JSON: an error's words, half a chunk at the end, or something that doesn't concern us
            if told:
                raise self._failed(error_of_text(None, data)) from None
            self._strange = self._strange or data

    def _read_json(self, data: bytes, *, told: bool = False) -> None:
        """Grow by what is JSON; raises ValueError where it is none, CompletionError where it tells of an error."""
        if data.startswith(b"{"):
            chunk = ChatCompletionChunk.read(data)
            if chunk.is_plain and not told:
                self.completion.feed(chunk)
                return
        self._read_document(decode_json(data), told=told)

    def _read_document(self, document: object, *, told: bool) -> None:
        """Grow by what is no plain chunk: a whole answer, several in a list, one in a wrapping, or an error.

        Raises CompletionError where it tells of an error (`told`: it surely does), ValueError where it holds nothing.
        """
        if isinstance(document, str) and not told:
            document = decode_json(document.encode("utf-8", "replace"))
        several = isinstance(document, list) and len(document) > 1 and all(isinstance(part, dict) for part in document)
        for part in document if several and isinstance(document, list) else [document]:
            error = error_in(part, certain=told) or _error_in_choice(part)
            if error is not None:
                raise self._failed(error)
            self.completion.feed(ChatCompletionChunk.mend(_unwrapped(part)))

    def _read_whole(self, data: bytes, failure: CompletionError | None) -> None:
        """Read what has come instead of an event stream, once all of it has."""
        try:
            self._read_json(data)
            self.done = True
        except ValueError:
            lines = [line for line in data.splitlines() if line.strip()]
            if len(lines) < 2 or not _is_json(lines[0]):
                raise failure or error_of_text(200, data) from None
            self._read([Event(line.strip()) for line in lines])

    def _failed(self, error: CompletionError) -> CompletionError:
        error.message = joined_surrogates(error.message)
        error.args = (error.message,)
        error.partial_text = self.completion.text
        return error

    def _words(self) -> bytes:
        """What stands where an event stream should be: the words of an error, perhaps."""
        lines = [line for line in self._head[:HEAD_BYTES].splitlines() if not line.startswith(_FIELDS)]
        return self._strange[:HEAD_BYTES] or b"\n".join(lines)


def _is_done(data: bytes) -> bool:
    """Whether that is `[DONE]`, also in small letters or in quotes, as some gateways write it."""
    return not data.startswith(b"{") and len(data) < 20 and data.strip(b' \t"').upper() == DONE


def _is_json(data: bytes) -> bool:
    try:
        return isinstance(decode_json(data), dict)
    except ValueError:
        return False


def _unwrapped(document: object) -> object:
    """The object in a document that has the choices: OpenRouter sometimes puts an answer into another's `provider`.

    https://github.com/pydantic/pydantic-ai/issues/3994
    """
    if not isinstance(document, dict) or document.get("choices"):
        return document
    inner = (value for value in document.values() if isinstance(value, dict) and value.get("choices"))
    return next(inner, document)


def _error_in_choice(document: object) -> CompletionError | None:
    """The error that stands within the answer that it ended, and not beside it."""
    choices = document.get("choices") if isinstance(document, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    return error_in({"error": first.get("error")}) if isinstance(first, dict) else None
