"""What a script is made of: answers that were written beforehand, and what goes wrong on purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """What goes wrong on purpose."""

    WRONG_KEY = "wrong key"
    NO_MODEL = "no such model"
    CONTEXT_LENGTH = "context length exceeded"
    RATE_LIMITED = "rate limited"
    NO_QUOTA = "no quota"
    SERVER_ERROR = "server error"
    OVERLOADED = "overloaded"
    CUT = "cut"
    """The connection ends in the middle of the stream."""
    ERROR_IN_STREAM = "error in stream"
    STALL = "stall"
    """A few words, then silence on an open connection."""
    HANG = "hang"
    """No answer at all."""
    ONLY_COMMENTS = "only comments"
    """Signs of life, and never a word."""
    EMPTY = "empty"
    """An answer without text."""
    LENGTH = "length"
    """An answer that ends in the middle because it may not be longer."""
    CONTENT_FILTER = "content filter"
    SLOW = "slow"
    """The answer as it would be, and long in coming."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that was written beforehand: its text in the pieces in which it is streamed."""

    pieces: Sequence[str]
    finish_reason: str | None = "stop"


@dataclass(frozen=True, slots=True)
class Raw:
    """The bytes of an answer, each item in a write of its own."""

    chunks: Sequence[bytes]
    status: int = 200
    content_type: str = "text/event-stream"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    """Whether the connection ends without the end of the answer."""


Turn = str | Reply | Raw | Fault
"""One turn of a script. A string is an answer's text."""
