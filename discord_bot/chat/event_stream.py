"""Bytes to server-sent events, by the rules of the HTML standard; nothing here knows what the data means.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation

Four things are done otherwise, each for servers that exist. What stands at the end without its blank line is an event
nevertheless, because KoboldCpp closes the connection right after `data: [DONE]`. The field `error`, which older
llama.cpp servers send instead of data, is an event of the type `error` (https://github.com/ggml-org/llama.cpp/pull/16104).
A line of data that ends with a brace ends its event where the next one begins with a brace or a bracket: no JSON goes
on so, and who reads line by line never notices a missing blank line. And there is a limit to what one event may hold.
"""

from __future__ import annotations

from typing import NamedTuple

MAX_EVENT_BYTES = 32 * 2**20
"""The most that one event may hold. Images come as base64 in a single event, so some megabytes are usual."""

_LINE_BYTES = 64
"""What a line costs beside its bytes, so that millions of empty ones are no way around the limit."""

_BOM = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """One event; its data is UTF-8, not yet decoded."""

    data: bytes
    type: bytes = b"message"


class EventTooLargeError(ValueError):
    """An event holds more than `MAX_EVENT_BYTES`."""


class EventStream:
    """Takes bytes as they come, cut anywhere, and gives the events that they complete."""

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max_event_bytes = max_event_bytes
        self._held = bytearray()  # a line that hasn't ended
        self._after_cr = False  # a line feed that comes next belongs to the line end before it
        self._at_start = True
        self._events: list[Event] = []  # those that are complete
        self._data: list[bytes] = []  # the lines of the one that is not
        self._data_bytes = 0
        self._type = b""

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that end in these bytes; raises EventTooLargeError."""
        if self._after_cr and chunk:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        end = chunk.rfind(b"\n") + 1
        if not end:
            self._hold(chunk)
            return []
        block = chunk[:end]
        if self._held:
            block = bytes(self._held) + block
            self._held.clear()
        if self._at_start:
            self._at_start = False
            block = block.removeprefix(_BOM)
        if end < len(chunk):
            self._hold(chunk[end:])
        lines = block.split(b"\n")
        lines.pop()  # what follows the last line end: nothing
        for line in lines:
            if not line:
                if self._data:
                    self._dispatch()
                self._type = b""
            elif line.startswith(b"data: ") and not self._data:  # nearly every line; no longer than what may be held
                self._data.append(line[6:])
                self._data_bytes = len(line)
            else:
                self._read_line(line)
        return self._taken()

    def close(self) -> list[Event]:
        """The event that stood at the end without its blank line, if one did."""
        if self._held:
            line = bytes(self._held)
            self._held.clear()
            self._read_line(line.removeprefix(_BOM) if self._at_start else line)
        if self._data:
            self._dispatch()
        return self._taken()

    def _hold(self, piece: bytes) -> None:
        self._held += piece
        self._check(len(self._held))

    def _check(self, size: int) -> None:
        if size > self._max_event_bytes:
            raise EventTooLargeError(f"an event of more than {self._max_event_bytes} bytes")

    def _read_line(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        if field == b"data":
            value = value.removeprefix(b" ")
            if self._data and self._data[-1].endswith(b"}") and value.startswith((b"{", b"[")):
                self._dispatch()
            self._data_bytes = (self._data_bytes if self._data else 0) + len(value) + _LINE_BYTES
            self._check(self._data_bytes)
            self._data.append(value)
        elif field == b"event":
            self._type = value.removeprefix(b" ")
        elif field == b"error":
            if self._data:
                self._dispatch()
            self._type = b"error"
            self._data.append(value.removeprefix(b" "))

    def _dispatch(self) -> None:
        data = b"\n".join(self._data) if len(self._data) > 1 else self._data[0]
        self._events.append(Event(data, self._type or b"message"))
        self._data.clear()
        self._data_bytes = 0
        self._type = b""

    def _taken(self) -> list[Event]:
        events, self._events = self._events, []
        return events
