"""Macros: what they come to, and that what is filled in is never read as one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discord_bot.chat.macros import Macros, hidden_keys, without_comments

ARIA = Macros("Aria", "Ada")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{{char}} {{CHAR}} <BOT> <char> {{ Char }}", "Aria Aria Aria Aria Aria"),
        ("{{user}} <USER> {{User}}", "Ada Ada Ada"),
        ("a{{// gone}}b{{comment: gone}}c{{hidden_key:gone}}d{{hiddenkey: x}}", "abcd"),
        ("{{reverse:né}}", "én"),
        ("{{RANDOM:x,x}}{{random::y::y}}{{pick:z}}", "xyz"),
        ("{{roll:1}}{{roll:d1}}{{ROLL:D1}}", "111"),
        ("{{roll:0}} {{roll:2d6}} {{roll:9999999999}}", "{{roll:0}} {{roll:2d6}} {{roll:9999999999}}"),
        ("{{no_such:5}} {{}} {{{char}}} {{char", "{{no_such:5}} {{}} {Aria} {{char"),
        ("{{original}}", "{{original}}"),
        ("{0} {char} %s", "{0} {char} %s"),
    ],
)
def test_what_a_macro_comes_to(written: str, said: str) -> None:
    assert ARIA.expand(written) == said


def test_the_original_prompt_is_filled_in_wherever_it_is_wanted() -> None:
    assert ARIA.expand("{{original}} Be {{char}}. {{ORIGINAL}}", original="Base.") == "Base. Be Aria. Base."
    assert ARIA.expand("{{original}}", original="{{char}}") == "{{char}}"


@pytest.mark.parametrize("name", ["{{char}}", "{{roll:6}}", "\\1 \\g<0>", "{0}", "<BOT>", "{{original}}"])
def test_a_persons_name_is_text(name: str) -> None:
    assert Macros("Aria", name).expand("Hail, {{user}}!", original="x") == f"Hail, {name}!"
    assert Macros(name).expand("{{char}}") == name


def test_an_escaped_comma_is_none_and_colons_make_commas_text() -> None:
    drawn = {Macros("A", seed=seed).expand("{{random:a\\,b,c}}") for seed in range(50)}
    assert drawn == {"a,b", "c"}
    drawn = {Macros("A", seed=seed).expand("{{random::left::right, centre}}") for seed in range(50)}
    assert drawn == {"left", "right, centre"}


def test_random_draws_anew_each_turn_and_pick_does_not() -> None:
    drawn = {Macros("A", seed=seed).expand("{{random:1,2,3,4,5,6,7,8}}") for seed in range(100)}
    assert len(drawn) == 8
    assert len({Macros("A", seed=seed).expand("{{pick:1,2,3,4,5,6,7,8}}") for seed in range(100)}) == 1
    assert len({Macros("A", seed=seed).expand("{{roll:d4}}") for seed in range(100)}) == 4
    assert Macros("A", seed=3).expand("{{roll:100}}") == Macros("A", seed=3).expand("{{roll:100}}")
    two = Macros("A").expand("{{pick:1,2,3,4,5,6,7,8}}" * 20)
    assert len(set(two)) > 1  # each place draws for itself


@given(st.text())
def test_text_without_macros_stays_as_it_is(text: str) -> None:
    plain = text.replace("{{", "").replace("<", "")
    assert ARIA.expand(plain) == plain


def test_what_keys_may_not_see_and_what_only_they_see() -> None:
    assert without_comments("a{{// Speaker }}b{{Comment: Korrin}}c{{char}}") == "abc{{char}}"
    assert hidden_keys("a{{hidden_key:lamp}}b{{HIDDENKEY: oil}}") == ["lamp", " oil"]
