"""Who is called by name."""

from __future__ import annotations

import pytest

from discord_bot.chat.calling import called

KNOWN = (("mira", ("Mira", "Captain Mira")), ("rex", ("Rex",)), ("poet", ("诗人", "听雨楼主")), ("x", ("X", "ＡＢ")))


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Mira, what do you think?", "mira"),
        ("what does MIRA think?", "mira"),
        ("ask mira and rex", "mira"),
        ("Rex! And you, Mira", "rex"),
        ("captain   mira is here", "mira"),
        ("admiral and miracle", None),
        ("mira_2 and mira2", None),
        ("that's Mira's ship", "mira"),
        ("Ｍｉｒａ？", "mira"),
        ("请诗人作诗", "poet"),
        ("诗人，你好", "poet"),
        ("x marks the spot", None),
        ("ab!", "x"),
        ("", None),
    ],
)
def test_a_name_is_a_whole_word_in_any_case(text: str, who: str | None) -> None:
    """Where words are divided by spaces; and one letter is no name."""
    assert called(text, KNOWN) == who


def test_of_two_names_at_one_place_the_longer_one_is_meant() -> None:
    known = (("ann", ("Ann",)), ("ann lee", ("Ann Lee",)))
    assert called("hello Ann Lee", known) == "ann lee"
    assert called("hello Ann", known) == "ann"


def test_a_name_is_no_pattern() -> None:
    assert called("a.b", (("dot", ("a.b",)),)) == "dot"
    assert called("axb", (("dot", ("a.b",)), ("none", ()))) is None
