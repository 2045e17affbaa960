"""No key in what a server says, and nothing that people have said."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discord_bot.chat.redaction import ECHOED, REDACTED, redact, without_echoes

KEY = "sk-proj-Qx81mZ0tLrV7bN2yKd5w"


@pytest.mark.parametrize(
    "said",
    [
        f"Incorrect API key provided: {KEY}.",
        f"Bearer {KEY} is not known",
        f"key={KEY}&x=1",
        f'{{"headers": {{"authorization": "Bearer {KEY}"}}}}',
        f"{KEY[:20]} is not a key",
        f"the key that ends with {KEY[-12:]}",
        f"{KEY[:9]}***{KEY[-4:]}",
        f"{KEY[:4]}••••{KEY[-4:]}",
        f"{KEY[:5]}…{KEY[-3:]}",
        f"{KEY}{KEY}",
    ],
)
def test_neither_the_key_nor_a_telling_part_of_it_is_left(said: str) -> None:
    """Whole, cut, or with stars in its middle: it is gone."""
    clean = redact(said, [KEY])
    assert REDACTED in clean
    assert not any(KEY[i : i + 6] in clean for i in range(8, len(KEY) - 5))
    assert KEY[-4:] not in clean


def test_other_keys_are_recognised_by_their_looks() -> None:
    """A server may quote a key that isn't ours, such as a relay's own."""
    for key in (
        "sk-or-v1-0123456789abcdef",
        "AIzaSyD1234567890abcdefghij",
        "gsk_a1b2c3d4e5f6g7h8",
        "xai-0a1b2c3d4e5f6g7h",
    ):
        assert redact(f"upstream refused {key}!") == f"upstream refused {REDACTED}!"


@pytest.mark.parametrize(
    "said",
    [
        "The model `gpt-5-mini` does not exist",
        "Rate limit reached for org on tokens per min (TPM): Limit 30000, Used 29000. Try again in 2s.",
        "**Bold** words and a * star",
        "model 'ollama/llama3.2:latest' not found",
        "wait…",
    ],
)
def test_ordinary_words_are_left_alone(said: str) -> None:
    """What helps the owner stays readable."""
    assert redact(said, [KEY, "sk-no-key-required", ""]) == said


def test_a_short_key_is_taken_out_as_a_word() -> None:
    """Local servers take any word for a key; that word may stand in others."""
    assert redact("key ollama, model ollama-3", ["ollama"]) == f"key {REDACTED}, model ollama-3"


@given(
    st.text(max_size=40), st.text(max_size=40), st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8)
)
def test_a_key_is_never_left_whole(before: str, after: str, key: str) -> None:
    """Whatever stands around it."""
    assert key not in redact(f"{before}{key}{after}", [key]).replace(REDACTED, "\0")


@pytest.mark.parametrize("written", [str, json.dumps, lambda text: json.dumps(text, ensure_ascii=False)[5:-5]])
def test_what_was_sent_is_not_quoted(written: Callable[[str], str]) -> None:
    sent = 'Ada: meet me "there" at nine, Zoë;\n  and don\'t tell Mo 🤫'
    clean = without_echoes(f"messages.1.content: not valid here (input: {written(sent)})", ["You are a pirate.", sent])
    assert clean.startswith("messages.1.content: not valid here (input: ")
    assert ECHOED in clean
    assert not any(word in clean for word in ("meet", "nine", "Zo", "tell", "Mo"))


def test_words_that_happen_to_be_the_same_stay() -> None:
    said = "messages: roles must alternate between user and assistant"
    assert without_echoes(said, ["Who was the user and when?", "", "assistant"]) == said
