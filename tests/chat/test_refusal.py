"""Refusals: what status, headers and words mean together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from discord_bot.chat.refusal import error_of_response
from discord_bot.chat.retry_after import delay_in_headers, seconds
from discord_bot.errors import CompletionError
from tests import wire

NOW = 2_000_000_000.0


@pytest.mark.parametrize("case", wire.cases("refusals"), ids=lambda case: str(case["name"]))
def test_a_refusal_is_understood(case: wire.Case) -> None:
    """The kind, the provider's words, the parameter and the time to wait are found, wherever a server puts them."""
    error = error_of_response(case["status"], CIMultiDict(case.get("headers", {})), wire.body(case), now=NOW)
    assert not wire.complaints(case, error)
    assert error.status == case["status"]
    assert error.retry_after is None or error.retryable


@pytest.mark.parametrize(
    ("duration", "expected"),
    [("7.66s", 7.66), ("6m0s", 360), ("114h18m0s", 411480), ("50ms", 0.05), ("2 seconds", 2), ("1 minute", 60),
     ("1h", 3600), ("1 day", 86400), ("soon", None), ("5", None), ("", None), ("5 apples", None)],
)  # fmt: skip
def test_a_duration_is_read(duration: str, expected: float | None) -> None:
    """Durations come in letters and in words."""
    assert seconds(duration) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "30s"}, 30),
        ({"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}, 0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "x", "retry-after": "3"}, 3),
        ({"llm_provider-retry-after": "4"}, 4),
        ({"Retry-After": "9" * 400}, None),
    ],
)
def test_the_headers_say_how_long_to_wait(headers: dict[str, str], expected: float | None) -> None:
    """Seconds, milliseconds or a date; what is none of these is nothing."""
    assert delay_in_headers(CIMultiDict(headers), NOW) == expected


@given(st.integers(300, 599), st.binary(max_size=200))
def test_any_refusal_is_one_of_our_errors(status: int, body: bytes) -> None:
    """Whatever a server refuses with, there is a kind for it, and words."""
    error = error_of_response(status, {}, body, now=NOW)
    assert isinstance(error, CompletionError)
    assert error.message
    assert error.status == status


def test_a_page_of_words_is_kept_short() -> None:
    """A log line is not a page."""
    assert len(error_of_response(500, {}, b'{"error":"' + b"x" * 50_000 + b'"}', now=NOW).message) <= 2000
