"""The bytes of an answer to one growing completion. All of the decoding and none of the waiting: no socket, no clock.

What a server sends is told by its first bytes and not by its Content-Type: an event stream, or one JSON document.
Either may be asked for and the other one come.
"""

from __future__ import annotations

from discord_bot.chat.completion import Completion
from discord_bot.chat.error_body import error_in, error_of_text
from discord_bot.chat.event_stream import MAX_EVENT_BYTES, Event, EventStream, EventTooLargeError
from discord_bot.chat.schema import ChatCompletionChunk, decode_json
from discord_bot.errors import CompletionError, ServerError, StreamInterrupted

DONE = b"[DONE]"
"""OpenAI's word for the end of a stream."""

_WHITESPACE = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"


class Answer:
    """Takes the bytes of a 200 answer and lets its completion grow; raises CompletionError with the partial text."""

    def __init__(self) -> None:
        self.completion = Completion()
        self.done = False
        """Whether the server has said that nothing more comes. What it sends nevertheless is not looked at."""
        self._events: EventStream | None = None
        self._document: list[bytes] | None = None
        self._document_bytes = 0
        self._beginning = b""
        self._unread = b""  # the beginning of what could not be read, to be told if nothing else came

    def feed(self, data: bytes) -> bool:
        """Take bytes as they come, cut anywhere; whether they told something new."""
        if self._events is not None:
            try:
                events = self._events.feed(data)
            except EventTooLargeError as error:
                raise StreamInterrupted(str(error), partial_text=self.completion.text) from None
            return self._read(events)
        if self._document is not None:
            self._collect(data)
            return False
        return self._begin(data)

    def close(self, failure: CompletionError | None = None) -> Completion:
        """The whole completion, once the connection has ended; raises where it is not whole.

        `failure` is how the connection ended, if not cleanly.
        """
        try:
            if self._events is not None:
                self._read(self._events.close())
            elif self._document is not None and failure is None:
                self._read_document(b"".join(self._document))
            self.completion.close(done=self.done)
        except StreamInterrupted as interrupted:
            if failure is not None:
                failure.partial_text = interrupted.partial_text
                raise failure from None
            if not self.completion.started and (text := self._unread or self._beginning.strip()):
                raise error_of_text(200, text) from None
            raise
        return self.completion

    def _begin(self, data: bytes) -> bool:
        self._beginning += data
        start = self._beginning.removeprefix(_BOM).lstrip(_WHITESPACE)
        if not start or _BOM.startswith(start):
            return False
        data, self._beginning = self._beginning, b""
        if start[:1] in b"{[<":  # a line of an event stream starts with none of these
            self._document = []
            self._collect(data)
            return False
        self._unread = b"" if start.startswith((b"data", b"event", b"id", b"retry", b":", b"error")) else start[:1000]
        self._events = EventStream()
        return self.feed(data)

    def _collect(self, data: bytes) -> None:
        assert self._document is not None
        self._document.append(data)
        self._document_bytes += len(data)
        if self._document_bytes > MAX_EVENT_BYTES:
            raise ServerError(f"an answer of more than {MAX_EVENT_BYTES} bytes")

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
        try:
            chunk = ChatCompletionChunk.read(event.data)
        except ValueError:
            self._refuse(event)
            return
        if chunk.choices is None or chunk.error or chunk.x_groq is not None or event.type == b"error":
            error = error_in(decode_json(event.data), certain=event.type == b"error")
            if error is not None:
                error.partial_text = self.completion.text
                raise error
        self.completion.feed(chunk)

    def _refuse(self, event: Event) -> None:
        """An event that is no JSON: an error's words, half a chunk at the end, or something that doesn't concern us."""
        if event.type == b"error":
            error = error_of_text(None, event.data)
            error.partial_text = self.completion.text
            raise error
        self._unread = self._unread or event.data[:1000]

    def _read_document(self, data: bytes) -> None:
        try:
            document = decode_json(data)
        except ValueError:
            raise error_of_text(200, data) from None
        error = error_in(document)
        if error is not None:
            raise error
        self.completion.feed(ChatCompletionChunk.mend(document))
        self.done = True
