"""Server-sent events by the rules of the HTML standard."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discord_bot.chat.event_stream import Event, EventStream, EventTooLargeError
from tests import wire

# Some are the standard's own examples: https://html.spec.whatwg.org/multipage/server-sent-events.html
STREAMS: list[tuple[bytes, list[Event]]] = [
    (b"data: a\n\ndata: b\n\n", [Event(b"a"), Event(b"b")]),
    (b"data: YHOO\ndata: +2\ndata: 10\n\n", [Event(b"YHOO\n+2\n10")]),
    (b": c\n\ndata: a\nid: 1\n\ndata:b\nid\n\ndata:  c\n\n", [Event(b"a"), Event(b"b"), Event(b" c")]),
    (b"data\n\ndata\ndata\n\ndata:", [Event(b""), Event(b"\n"), Event(b"")]),
    (b"data:test\n\ndata: test\n\n", [Event(b"test"), Event(b"test")]),
    (b"event: add\ndata: 1\n\nevent: none\n\ndata: 2\n\n", [Event(b"1", b"add"), Event(b"2")]),
    (b"\xef\xbb\xbfdata: bom\n\n\xef\xbb\xbfdata: no field\n\n", [Event(b"bom")]),
    (b"\r\n\r\ndata: x\r\n\r\ndata: y\r\rdata: z\n\n", [Event(b"x"), Event(b"y"), Event(b"z")]),
    ("data: a\u2028b\u0085c\x0bd\x0ce\n\n".encode(), [Event("a\u2028b\u0085c\x0bd\x0ce".encode())]),
    (b"retry: 3000\n\nid: 5\n\nunknown: x\n\n", []),
    (b'error: {"code":400}\n\n', [Event(b'{"code":400}', b"error")]),
    (b"data: {}\ndata: {\ndata: }\ndata: [DONE]\n", [Event(b"{}"), Event(b"{\n}"), Event(b"[DONE]")]),
    (b'data: {}\nerror: {"code":400}\n', [Event(b"{}"), Event(b'{"code":400}', b"error")]),
    (b"data: [DONE]", [Event(b"[DONE]")]),
    (b"data: [DONE]\n", [Event(b"[DONE]")]),
    (b"", []),
]  # fmt: skip


@pytest.mark.parametrize(("data", "events"), STREAMS)
def test_a_stream_gives_its_events_however_it_is_cut(data: bytes, events: list[Event]) -> None:
    """The events depend on the bytes and not on how they arrive."""
    for how, pieces in wire.cuts(data).items():
        stream = EventStream()
        assert wire.fed(stream.feed, stream.close, pieces) == events, how


@pytest.mark.parametrize(("data", "events"), STREAMS)
def test_what_follows_an_event_does_not_change_it(data: bytes, events: list[Event]) -> None:
    """Once a stream has ended its last line, more of it adds events and changes none."""
    stream = EventStream()
    assert wire.fed(stream.feed, stream.close, [data, b"\n\n", b"data: more\n\n"]) == [*events, Event(b"more")]


def test_an_event_is_given_as_soon_as_its_blank_line_has_begun() -> None:
    """A carriage return ends a line at once; nobody waits for the line feed that may follow."""
    stream = EventStream()
    assert stream.feed(b"data: now\r") == []
    assert stream.feed(b"\n\r") == [Event(b"now")]
    assert stream.feed(b"\ndata: then\r\n") == []
    assert stream.feed(b"\r\n") == [Event(b"then")]


@pytest.mark.parametrize("piece", [b"data: " + b"x" * 200, b"data: xxxxxxxx\n", b"x" * 60, b"data\n"])
def test_an_event_may_hold_so_much_and_no_more(piece: bytes) -> None:
    """One line without end, or data in lines without end, is given up at the limit."""
    stream = EventStream(max_event_bytes=100)
    with pytest.raises(EventTooLargeError):
        wire.fed(stream.feed, stream.close, [piece] * 20)


def test_the_limit_is_one_events_and_not_the_streams() -> None:
    """Events that are small enough may be as many as they like."""
    stream = EventStream(max_event_bytes=200)
    assert sum(len(stream.feed(b"data: " + b"x" * 80 + b"\n\n")) for _ in range(50)) == 50


def by_the_book(data: bytes) -> list[Event]:
    """The standard's algorithm over the whole stream, written the slow way; what our exceptions add included."""
    events: list[Event] = []
    lines: list[bytes] = []
    kind = b""
    for line in re.split(rb"\r\n|\n|\r", data.removeprefix(b"\xef\xbb\xbf")):
        if not line:
            if lines:
                events.append(Event(b"\n".join(lines), kind or b"message"))
            lines, kind = [], b""
            continue
        field, _, value = line.partition(b":")
        value = value[1:] if value.startswith(b" ") else value
        ends = field == b"error" or (
            field == b"data" and lines and lines[-1][-1:] == b"}" and value[:1] in (b"{", b"[")
        )
        if lines and ends:
            events.append(Event(b"\n".join(lines), kind or b"message"))
            lines, kind = [], b""
        if field in {b"data", b"error"}:
            lines.append(value)
        if field in {b"event", b"error"}:
            kind = b"error" if field == b"error" else value
    return [*events, Event(b"\n".join(lines), kind or b"message")] if lines else events


FRAGMENTS = b"data event error id : x { } data:{} \xef\xbb\xbf \xe2\x80\xa8 [DONE]".split(b" ")
PIECES = st.lists(st.sampled_from([*FRAGMENTS, b" ", b"\n", b"\r", b"\r\n"]))


@given(PIECES)
def test_it_does_what_the_standard_says(pieces: list[bytes]) -> None:
    """Any stream, cut at any places, gives what the standard's own algorithm gives for the whole."""
    stream = EventStream()
    assert wire.fed(stream.feed, stream.close, pieces) == by_the_book(b"".join(pieces))
