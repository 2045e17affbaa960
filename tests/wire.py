"""The recorded answers in tests/data/wire, and how an incremental parser is fed with one.

A case is what a server sends and what must come of it; the same cases run through the pure decoder and over a socket.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from discord_bot.chat.answer import Answer
from discord_bot.errors import CompletionError

if TYPE_CHECKING:
    from discord_bot.chat.completion import Completion

DATA = Path(__file__).parent / "data" / "wire"
SHARED = Path(__file__).parent.parent.parent / "shared"

Case = dict[str, Any]


def cases(name: str) -> list[Case]:
    """The cases in a file of tests/data/wire."""
    found: list[Case] = tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))["case"]
    return found


def body(case: Case) -> bytes:
    """The bytes of a case's answer."""
    if "events" in case:
        return "".join(f"data: {event}\n\n" for event in case["events"]).encode()
    text: str = case["body"]
    return text.encode()


def cuts(data: bytes) -> dict[str, list[bytes]]:
    """The same bytes as one block, byte by byte, and in lines: how a network may cut them."""
    return {
        "whole": [data],
        "byte by byte": [data[i : i + 1] for i in range(len(data))],
        "in lines": data.splitlines(keepends=True),
        "in sevens": [data[i : i + 7] for i in range(0, len(data), 7)],
    }


def fed(feed: Callable[[bytes], list[Any]], close: Callable[[], list[Any]], pieces: list[bytes]) -> list[Any]:
    """All that an incremental parser gives for these pieces."""
    return [*(item for piece in pieces for item in feed(piece)), *close()]


def decoded(pieces: list[bytes]) -> Completion | CompletionError:
    """What comes of an answer in these pieces."""
    answer = Answer()
    try:
        for piece in pieces:
            answer.feed(piece)
        return answer.close()
    except CompletionError as error:
        return error


def complaints(case: Case, outcome: Completion | CompletionError) -> list[str]:
    """In what the outcome is not what the case expects; empty where it is."""
    return list(_complaints(case, outcome))


def _complaints(case: Case, outcome: Completion | CompletionError) -> Iterator[str]:
    wanted = case.get("error") or ({key: case[key] for key in ERROR if key in case} if "kind" in case else None)
    if wanted is not None:
        if not isinstance(outcome, CompletionError):
            yield f"no error: {outcome.text!r}"
            return
        for key, value in wanted.items():
            got = getattr(outcome, key)
            if got != value and not (key == "message" and str(value) in got):
                yield f"{key}: {got!r}, not {value!r}"
        return
    if isinstance(outcome, CompletionError):
        yield f"an error: {outcome!r}"
        return
    for key in ("text", "reasoning", "refusal", "finish_reason", "finish_reason_raw", "images", "model"):
        if key in case and getattr(outcome, key) != case[key]:
            yield f"{key}: {getattr(outcome, key)!r}, not {case[key]!r}"
    for key, value in case.get("usage", {}).items():
        if getattr(outcome.usage, key) != value:
            yield f"{key}: {getattr(outcome.usage, key)!r}, not {value!r}"
    if "tool_calls" in case:
        got_calls = [{"id": call.id, "name": call.name, "arguments": call.arguments} for call in outcome.tool_calls]
        if got_calls != case["tool_calls"]:
            yield f"tool calls: {got_calls}, not {case['tool_calls']}"


ERROR = ("kind", "message", "param", "retry_after", "partial_text")
