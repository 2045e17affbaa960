"""Bytes to a completion: every recorded answer, however the network cuts it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discord_bot.chat.answer import MAX_ANSWER_BYTES, Answer
from discord_bot.chat.completion import Completion
from discord_bot.errors import CompletionError, StreamInterrupted
from tests import wire

CASES = [*wire.cases("streams"), *wire.cases("variants")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_an_answer_is_the_same_however_it_is_cut(case: wire.Case) -> None:
    """What comes of an answer depends on its bytes and not on how they arrive."""
    for how, pieces in wire.cuts(wire.body(case)).items():
        assert not wire.complaints(case, wire.decoded(pieces)), how


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
@given(data=st.data())
def test_an_answer_is_the_same_cut_anywhere(case: wire.Case, data: st.DataObject) -> None:
    """No place to cut at makes a difference."""
    body = wire.body(case)
    at = sorted(data.draw(st.sets(st.integers(0, len(body)), max_size=8)))
    pieces = [body[start:end] for start, end in zip([0, *at], [*at, len(body)], strict=True)]
    assert not wire.complaints(case, wire.decoded(pieces))


def test_the_text_only_grows_while_it_streams() -> None:
    """What has been shown of a text stays: each state is a prefix of the next."""
    for case in CASES:
        answer, before = Answer(), ""
        for piece in wire.cuts(wire.body(case))["byte by byte"]:
            try:
                answer.feed(piece)
            except CompletionError:
                break
            assert answer.completion.text.startswith(before), case["name"]
            before = answer.completion.text


def test_a_cut_connection_keeps_what_had_arrived() -> None:
    """A failure of the connection is told as it was, with the partial text, unless the answer had named its end."""
    answer = Answer()
    answer.feed(b'data: {"choices":[{"delta":{"content":"half an"}}]}\n\ndata: {"choices":[{"del')
    with pytest.raises(StreamInterrupted) as caught:
        answer.close(StreamInterrupted("the connection was cut"))
    assert (caught.value.message, caught.value.partial_text) == ("the connection was cut", "half an")

    answer = Answer()
    answer.feed(b'data: {"choices":[{"delta":{"content":"whole"},"finish_reason":"stop"}]}\n\n')
    assert answer.close(StreamInterrupted("the connection was cut")).text == "whole"


def test_a_document_that_is_whole_counts_however_the_connection_ends() -> None:
    """Where all of the JSON has come, a missing end of the connection takes nothing away."""
    answer = Answer()
    answer.feed(b'{"choices":[{"message":{"content":"whole"}}]}')
    assert answer.close(StreamInterrupted("the connection was cut")).text == "whole"


def test_no_answer_is_read_without_end() -> None:
    """An endless answer ends with an error that holds what had arrived."""
    answer = Answer()
    answer.feed(b'data: {"choices":[{"delta":{"content":"and so on"}}]}\n\n')
    comment = b":" + bytes(2**20) + b"\n"
    for _ in range(MAX_ANSWER_BYTES // len(comment) - 1):
        answer.feed(comment)
    with pytest.raises(StreamInterrupted) as caught:
        answer.feed(2 * comment)
    assert caught.value.partial_text == "and so on"


def outcome_is_ours(data: bytes) -> None:
    outcome = wire.decoded([data])
    assert isinstance(outcome, Completion | CompletionError)
    text = outcome.text if isinstance(outcome, Completion) else outcome.partial_text + outcome.message
    text.encode()
    if isinstance(outcome, Completion):
        json.dumps([outcome.reasoning, outcome.refusal, outcome.images, outcome.finish_reason]).encode()
        assert isinstance(outcome.tool_calls, list)


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_our_errors(data: bytes) -> None:
    """Whatever bytes come, the end is a completion or a CompletionError."""
    outcome_is_ours(data)
    outcome_is_ours(b"data: " + data)


NAMES = (
    *("choices", "delta", "message", "content", "tool_calls", "function", "name", "arguments", "index", "id", "usage"),
    *("error", "finish_reason", "reasoning", "images", "type", "text", "code", "detail", "x_groq", "prompt_tokens"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(alphabet=st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=25,
)


@given(st.lists(JSON, max_size=3))
def test_no_json_raises_anything_but_our_errors(documents: list[object]) -> None:
    """Whatever JSON comes, under the names that mean something, the end is a completion or a CompletionError."""
    texts = [json.dumps(document) for document in documents]
    outcome_is_ours("".join(f"data: {text}\n\n" for text in texts).encode())
    for text in texts:
        outcome_is_ours(text.encode())


@pytest.mark.parametrize("deep", ["[" * 100_000, '{"choices":' * 50_000, '{"error":' * 900 + "1" + "}" * 900,
                                  '{"choices":[{"delta":{"content":' + "[" * 900 + "]" * 900 + "}}]}",
                                  '{"choices":[{"delta":{"content":"x"}}],"created":' + "9" * 5000 + "}",
                                  '{"choices":[' + "0," * 100_000 + "0]}"], ids=range(6))  # fmt: skip
def test_what_is_deep_long_or_large_is_no_danger(deep: str) -> None:
    """Nesting, digits and lists beyond reason end like anything else."""
    outcome_is_ours(deep.encode())
    outcome_is_ours(f"data: {deep}\n\n".encode())
