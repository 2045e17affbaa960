"""No bytes hurt: whatever a server sends ends as a completion or one of our errors, and holds no more than is stated.

What is sent here began as something good, and was then spoiled: a value of another type anywhere, bytes lost, doubled
and swapped. Most of it is therefore understood in part, which is where parsers break.
"""

from __future__ import annotations

import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discord_bot import ask
from discord_bot.chat.answer import Answer
from discord_bot.chat.completion import MAX_IMAGES, MAX_TEXT, Completion
from discord_bot.chat.schema import ChatCompletionChunk, ModelList, Usage
from discord_bot.chat.think_tags import MAX_BLANK
from discord_bot.chat.tool_calls import MAX_CALLS
from discord_bot.errors import CompletionError, StreamInterrupted
from tests import wire


def good_documents() -> list[Any]:
    """What the cases consist of, as JSON: chunks, whole answers, errors."""
    found = []
    for case in (*wire.cases("streams"), *wire.cases("variants"), *wire.cases("refusals")):
        for text in case.get("events", [case.get("body", "")]):
            with contextlib.suppress(ValueError):
                found.append(json.loads(text))
    return [document for document in found if isinstance(document, dict | list)]


GOOD = good_documents()
NAMES = sorted({name for document in GOOD for name in document if isinstance(document, dict)} | {"type", "text", "url"})
ANY_TEXT = st.text(alphabet=st.characters(codec=None), max_size=6) | st.sampled_from(
    ["<think>", "</think>", "[DONE]", "null", "\ud83d", "\ude00", "data:image/png;base64,AA", "{}", '{"a":', "\x00"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | ANY_TEXT, inner, max_size=3),
    max_leaves=6,
)


def places(document: Any) -> list[tuple[Any, Any]]:
    """Where in a document there are values: what holds each, and its name or number there."""
    if not isinstance(document, dict | list):
        return []
    here = list(document.items() if isinstance(document, dict) else enumerate(document))
    return [place for at, value in here for place in ((document, at), *places(value))]


@st.composite
def spoiled_documents(draw: st.DrawFn) -> Any:
    """A good document in which some values became others, went, or got into something."""
    document = copy.deepcopy(draw(st.sampled_from(GOOD)))
    for _ in range(draw(st.integers(0, 3))):
        where = places(document)
        if not where:
            break
        holder, at = draw(st.sampled_from(where))
        match draw(st.sampled_from(["other", "gone", "in a list", "in an object", "doubled"])):
            case "other":
                holder[at] = draw(VALUES)
            case "gone":
                del holder[at]
            case "in a list":
                holder[at] = [holder[at]]
            case "in an object":
                holder[at] = {draw(st.sampled_from(NAMES)): holder[at]}
            case "doubled":
                holder[at] = [holder[at], copy.deepcopy(holder[at])]
    return document


@st.composite
def spoiled_streams(draw: st.DrawFn) -> bytes:
    """Spoiled documents as an event stream, a document, or lines, in which some bytes are spoiled, too."""
    texts = [json.dumps(document) for document in draw(st.lists(spoiled_documents(), max_size=4))]
    before = draw(
        st.sampled_from(["data: ", "data: ", "data:", "", "error: ", "event: error\ndata: ", ": x\n\ndata: "])
    )
    after = draw(st.sampled_from(["\n\n", "\n\n", "\r\n\r\n", "\r\r", "\n"]))
    stream = bytearray("".join(f"{before}{text}{after}" for text in [*texts, "[DONE]"]).encode())
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(stream)))
        match draw(st.sampled_from(["lost", "new", "doubled", "cut"])):
            case "lost":
                del stream[at : at + draw(st.integers(1, 5))]
            case "new":
                stream[at:at] = draw(st.binary(min_size=1, max_size=4))
            case "doubled":
                stream[at:at] = stream[at : at + draw(st.integers(1, 40))]
            case "cut":
                del stream[at:]
    return bytes(stream)


def told(outcome: Completion | CompletionError) -> str:
    """An outcome as `discord-bot ask --json` writes it; it must be possible to write, and to encode."""
    said = ask.failed(outcome) if isinstance(outcome, CompletionError) else ask.answered(outcome)
    json.dumps(said, ensure_ascii=False).encode()
    return json.dumps(said, sort_keys=True)


@given(spoiled_streams(), st.data())
def test_whatever_comes_is_a_completion_or_our_error_however_it_is_cut(stream: bytes, data: st.DataObject) -> None:
    at = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=6)))
    pieces = [stream[start:end] for start, end in zip([0, *at], [*at, len(stream)], strict=True)]
    assert told(wire.decoded(pieces)) == told(wire.decoded([stream]))


@given(st.binary(max_size=60) | spoiled_documents().map(lambda document: json.dumps(document).encode()))
def test_the_schema_raises_nothing_but_value_errors(data: bytes) -> None:
    for model in (ChatCompletionChunk, ModelList, Usage):
        with contextlib.suppress(ValueError):
            model.read(data)


# --- nothing is held without bound ------------------------------------------------------------------------------------


def fed(event: str, times: int) -> Completion:
    """What has become of an answer after the same event so many times."""
    answer = Answer()
    block = f"data: {event}\n\n".encode() * 100
    for _ in range(times // 100):
        answer.feed(block)
    return answer.completion


@pytest.mark.parametrize("name", ["content", "reasoning"])
def test_text_has_an_end(name: str) -> None:
    with pytest.raises(StreamInterrupted) as caught:
        fed(json.dumps({"choices": [{"delta": {name: "x" * 10_000}}]}), 1000)
    assert len(caught.value.partial_text) in range(MAX_TEXT + 10_001)


def test_calls_and_images_have_an_end() -> None:
    many = 10 * max(MAX_CALLS, MAX_IMAGES)
    answer = Answer()
    for number in range(many):
        call = {"id": f"c{number}", "function": {"name": "tide", "arguments": "{}"}}
        delta = {"tool_calls": [call], "images": [f"https://images.invalid/{number}"]}
        answer.feed(f"data: {json.dumps({'choices': [{'delta': delta}]})}\n\n".encode())
    assert len(answer.completion.tool_calls) == MAX_CALLS
    assert len(answer.completion.images) == MAX_IMAGES


def test_blanks_before_the_text_are_not_held_for_ever() -> None:
    """What may still become a tag is looked at with each piece, so it must stay short."""
    assert len(fed(json.dumps({"choices": [{"delta": {"content": " "}}]}), 3 * MAX_BLANK).text) >= 2 * MAX_BLANK
