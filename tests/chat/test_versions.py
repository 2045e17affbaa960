"""The answers to one question, and what becomes of one that goes on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discord_bot.chat.continuation import joined
from discord_bot.chat.versions import MOST_VERSIONS, Version, Versions


def test_a_new_answer_is_the_one_that_is_shown_and_the_old_ones_stay_within_reach() -> None:
    versions = Versions()
    assert len(versions) == 0
    for text in ("one", "two", "three"):
        versions.add(Version(text))
    assert versions.shown == Version("three")
    assert (versions.position, len(versions)) == (3, 3)
    assert not versions.step(+1)
    assert versions.step(-1)
    assert versions.step(-1)
    assert not versions.step(-1)
    assert versions.shown == Version("one")
    assert versions.position == 1
    versions.add(Version("four"))
    assert versions.shown == Version("four")
    assert (versions.position, len(versions)) == (4, 4)
    versions.clear()
    assert (len(versions), versions.size, versions.position) == (0, 0, 0)


def test_an_answer_that_goes_on_takes_the_place_of_what_it_was() -> None:
    versions = Versions(Version("one", "cut", unfinished=True), Version("two"))
    versions.step(-1)
    versions.replace(Version("one and more"))
    assert versions.shown == Version("one and more")
    assert (versions.position, len(versions)) == (1, 2)


def test_only_so_many_answers_are_kept() -> None:
    versions = Versions()
    for number in range(MOST_VERSIONS + 5):
        versions.add(Version(str(number)))
    assert (len(versions), versions.position) == (MOST_VERSIONS, MOST_VERSIONS)
    assert versions.shown == Version(str(MOST_VERSIONS + 4))


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("It was a dark", "and stormy night.", "It was a dark and stormy night."),
        ("It was a dark", " and stormy night.", "It was a dark and stormy night."),
        ("It was a dark ", "and stormy night.", "It was a dark and stormy night."),
        ("It was dark.", "Very dark.", "It was dark. Very dark."),
        ("It was dark", ", very dark.", "It was dark, very dark."),
        ("那是一个漆黑的", "夜晚。", "那是一个漆黑的夜晚。"),
        ("It was a dark and stormy night", "and stormy night, said Kim.", "It was a dark and stormy night, said Kim."),
        ("aha", "ha", "aha ha"),
        ("```py\nfor x in", " range(3):", "```py\nfor x in range(3):"),
        ("```py\nfor x in", "```py\n range(3):\n```", "```py\nfor x in range(3):\n```"),
        ("```py\na = 1\n```\nThen", "```py\nb = 2", "```py\na = 1\n```\nThen```py\nb = 2"),
        ("whole", "", "whole"),
    ],
)
def test_an_answer_and_what_follows_it_become_one_text(before: str, after: str, whole: str) -> None:
    assert joined(before, after) == whole


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_of_what_stands_is_lost_and_only_what_is_said_twice_is_left_out(before: str, after: str) -> None:
    whole = joined(before, after)
    assert whole.startswith(before)
    added = whole[len(before) :]
    assert after.endswith((added, added.removeprefix(" ")))
