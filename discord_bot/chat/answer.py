"""The bytes of an answer to one growing completion. All of the decoding and none of the waiting: no socket, no clock.

What a server sends is told by its first bytes and not by its Content-Type: an event stream, or one JSON document.
Either may be asked for and the other one come.
"""

from __future__ import annotations

from discord_bot.chat.completion import Completion
from discord_bot.chat.event_stream import Event, EventStream, EventTooLargeError
from discord_bot.chat.refusal import error_in, error_of_text
from discord_bot.chat.schema import ChatCompletionChunk, decode_json
from discord_bot.errors import CompletionError, StreamInterrupted

DONE = b"[DONE]"
"""OpenAI's word for the end of a stream."""

MAX_ANSWER_BYTES = 64 * 2**20
"""The most that is read of one answer. Text is never so long; a few images may be."""

HEAD_BYTES = 1000
"""Bytes of an answer's beginning that are kept, to be told where they turn out to be the words of an error."""

_WHITESPACE = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"
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
                self._read_document(bytes(self._document), failure)
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
        """Blank lines and a byte order mark may come first, in either."""
        self._head = start = (self._head + data).removeprefix(_BOM).lstrip(_WHITESPACE)
        if _BOM.startswith(start):  # nothing yet, or not all of the mark
            return False
        if start.startswith(_DOCUMENTS):
            self._document = bytearray(start)
            return False
        self._events = EventStream()
        return self._read(self._events.feed(start))

    def _read(self, events: list[Event]) -> bool:
        new = False
        for event in events:
            if self.done:
                break
            data = event.data
            if data.startswith(DONE) and data.strip() == DONE:
                self.done = new = True
            elif data:
                self._read_event(event)
                new = True
        return new

    def _read_event(self, event: Event) -> None:
        error: CompletionError | None = None
        chunk: ChatCompletionChunk | None = None
        told = event.type == b"error"
        try:
            chunk = ChatCompletionChunk.read(event.data)
            if chunk.choices is None or chunk.error or chunk.x_groq is not None or told:
                error = error_in(decode_json(event.data), certain=told)
        except ValueError:  # no JSON: an error's words, half a chunk at the end, or something that doesn't concern us
            if told:
                error = error_of_text(None, event.data)
            self._strange = self._strange or event.data
        if error is not None:
            error.partial_text = self.completion.text
            raise error
        if chunk is not None:
            self.completion.feed(chunk)

    def _words(self) -> bytes:
        """What stands where an event stream should be: the words of an error, perhaps."""
        lines = [line for line in self._head[:HEAD_BYTES].splitlines() if not line.startswith(_FIELDS)]
        return self._strange[:HEAD_BYTES] or b"\n".join(lines)

    def _read_document(self, data: bytes, failure: CompletionError | None) -> None:
        try:
            document = decode_json(data)
            error = error_in(document)
            if error is None:
                self.completion.feed(ChatCompletionChunk.mend(document))
                self.done = True
        except ValueError:
            error = failure or error_of_text(200, data)
        if error is not None:
            raise error
