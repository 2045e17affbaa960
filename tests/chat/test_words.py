"""Names that are heard in what people write."""

from __future__ import annotations

import time

import pytest

from discord_bot.chat.words import words_of


@pytest.mark.parametrize(
    ("typed", "text", "heard"),
    [
        ("Nova", "hey NOVA, are you there?", True),
        ("Nova", "a supernova", False),
        ("Nova", "Novae", False),
        ("ship's cat, Nova", "where is the Ship's  Cat", False),  # as it was typed, and not otherwise
        ("ship's cat, Nova", "where is the Ship's Cat?", True),
        ("Zoë", "zoë!", True),
        ("Zoë", "Zoëlle", False),
        ("小月，Nova", "我问小月一下", True),
        ("a.b", "axb", False),
        ("C++", "I like C++ a lot", True),
        ("/no(va|w)\\b/", "NOW then", True),
        ("/no(va|w)\\b/", "novas", False),
    ],
)
def test_a_name_is_a_whole_word_whatever_its_case(typed: str, text: str, heard: bool) -> None:
    assert words_of(typed).heard_in(text) is heard


@pytest.mark.parametrize(("typed", "refused"), [("Nova, x", "x"), ("/(/", "/(/"), ("Nova", None), ("/a/", None)])
def test_what_can_not_be_listened_for_is_named(typed: str, refused: str | None) -> None:
    assert words_of(typed).refused == refused


def test_a_pattern_that_takes_for_ever_was_not_said() -> None:
    words = words_of("/(a+)+$/")
    began = time.process_time()
    assert not words.heard_in("a" * 3000 + "!")
    assert time.process_time() - began < 1.0  # without its limit it would take longer than the universe
