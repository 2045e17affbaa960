"""Who is called by name."""

from __future__ import annotations

import pytest

from discord_bot.chat.calling import called

KNOWN = (("mira", ("Mira", "Captain Mira")), ("rex", ("Rex",)), ("poet", ("诗人", "听雨楼主")), ("x", ("X", "ＡＢ")))


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Mira, what do you think?", ["mira"]),
        ("what does MIRA think?", ["mira"]),
        ("ask mira and rex, and mira again", ["mira", "rex"]),
        ("Rex! And you, Mira", ["rex", "mira"]),
        ("captain   mira is here", ["mira"]),
        ("admiral and miracle", []),
        ("mira_2 and mira2", []),
        ("that's Mira's ship", ["mira"]),
        ("Ｍｉｒａ？", ["mira"]),
        ("请诗人作诗", ["poet"]),
        ("诗人，你好", ["poet"]),
        ("x marks the spot", []),
        ("ab!", ["x"]),
        ("", []),
    ],
)
def test_names_are_whole_words_in_any_case_and_count_in_their_order(text: str, who: list[str]) -> None:
    """Where words are divided by spaces; and one letter is no name."""
    assert called(text, KNOWN) == who


def test_of_two_names_at_one_place_the_longer_one_is_meant() -> None:
    known = (("ann", ("Ann",)), ("ann lee", ("Ann Lee",)), ("lee", ("Lee",)))
    assert called("hello Ann Lee", known) == ["ann lee"]
    assert called("hello Ann", known) == ["ann"]
    assert called("Ann Lee and Lee and Ann", known) == ["ann lee", "lee", "ann"]


def test_a_name_is_no_pattern() -> None:
    assert called("a.b", (("dot", ("a.b",)),)) == ["dot"]
    assert called("axb", (("dot", ("a.b",)), ("none", ()))) == []
