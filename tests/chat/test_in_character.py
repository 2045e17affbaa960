"""What a reply loses before it is shown: its own name, and other people's lines."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discord_bot.chat.in_character import in_character

NAMES, OTHERS = ("Captain Marlowe", "Marlowe"), ("Ada", "Kim Lee", "Marlowe")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Ahoy!", "Ahoy!"),
        ("Marlowe: Ahoy!", "Ahoy!"),
        ("captain marlowe:\n\nAhoy!", "Ahoy!"),
        ("**Marlowe:** Ahoy!", "Ahoy!"),
        ("**Marlowe**: Ahoy!", "Ahoy!"),
        ("Marlowe：你好", "你好"),
        ("Marlowe said: ahoy", "Marlowe said: ahoy"),
        ("Marl", "Marl"),
        ("Ahoy!\nAda: And who are you?\nMarlowe: A pirate.", "Ahoy!"),
        ("Ahoy!\n\n**Kim Lee:** hm", "Ahoy!"),
        ("Ahoy!\n> ada: quoted in her place", "Ahoy!"),
        ("Ada: so you say.", "Ada: so you say."),
        ("Ahoy!\nAdalbert: a port", "Ahoy!\nAdalbert: a port"),
        ("A list:\nMarlowe: captain\nmate: nobody", "A list:\nMarlowe: captain\nmate: nobody"),
        ("```yaml\nAda: 5\n```\nThat is all.\nAda: oh", "```yaml\nAda: 5\n```\nThat is all."),
        ("", ""),
        ("Marlowe:", ""),
    ],
)
def test_what_is_left_of_a_whole_reply(said: str, shown: str) -> None:
    assert in_character(said, NAMES, OTHERS, complete=True) == shown


def test_what_may_become_a_name_is_held_back_until_it_is_clear() -> None:
    grown = [in_character("Marlowe: Aye.\nAda"[:end], NAMES, OTHERS) for end in range(18)]
    assert grown[:10] == [""] * 10
    assert grown[-1] == "Aye."
    assert in_character("Marlowe: Aye.\nAda", NAMES, OTHERS, complete=True) == "Aye.\nAda"


pieces = st.sampled_from(
    ["Marlowe", "Captain Marlowe", "Ada", "Kim Lee", ":", "：", "**", "\n", "\n\n", " ", "```", "> ", "ahoy", "İ", "ß"]
)


@settings(max_examples=600)
@given(st.lists(pieces, max_size=14).map("".join))
def test_what_is_shown_only_ever_grows(text: str) -> None:
    before = ""
    for end in range(len(text) + 1):
        shown = in_character(text[:end], NAMES, OTHERS)
        assert shown.startswith(before)
        before = shown
    assert in_character(text, NAMES, OTHERS, complete=True).startswith(before)


@settings(max_examples=300)
@given(st.lists(pieces, max_size=14).map("".join))
def test_where_nobody_is_named_nothing_is_lost(text: str) -> None:
    assert in_character(text, (), (), complete=True) == text
