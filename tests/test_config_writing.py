"""A persona put into a configuration's text: it says what it should, and nothing else moves."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discord_bot.config.writing import parameters_in, with_persona, written
from discord_bot.config.yaml_file import read_document
from tests.test_main import ROOT

OWN = """\
# mine
personas:
  a: You are a.   # short
  # about b
  b:
    # what it is
    system_prompt: |
      one
      # not a comment
    # its model
    model: x/y  # fast
    greetings:
      - hi   # the first
      - ho
    description: >-
      folded
      text

  # c: commented out
# behind
models: {x/y: }
"""


def lines_lost(before: str, after: str) -> list[str]:
    """The lines of a text that another one has no longer."""
    return list((Counter(before.splitlines()) - Counter(after.splitlines())).elements())


def said(text: str) -> dict[str, Any]:
    document = read_document(text, {})
    assert not document.problems
    assert isinstance(document.value, dict)
    return document.value


def test_a_new_persona_stands_behind_the_last_one_and_every_byte_stays() -> None:
    text = (ROOT / "config.yaml").read_text("utf-8")
    values = {"description": "a: b # c", "system_prompt": "You are\n# Heading\n\n- a\n", "greetings": ["hi", "ho\nho"]}
    result = with_persona(text, "Seraphina", values)
    assert result is not None
    assert said(result)["personas"]["Seraphina"] == values
    before, _, behind = result.partition("  Seraphina:\n")
    assert text.startswith(before.rstrip())
    assert text.endswith(behind[behind.index("\n# A folder of character cards") :])
    assert lines_lost(text, result) == []
    assert with_persona(text.replace("\n", "\r\n"), "Seraphina", values) == result.replace("\n", "\r\n")


def test_only_what_changed_of_a_persona_is_written_anew_and_its_comments_stay() -> None:
    kept = {"system_prompt": "one\n# not a comment\n", "greetings": ["hi", "ho"], "description": "folded text"}
    result = with_persona(OWN, "b", {**kept, "model": "x/z"})
    assert result == OWN.replace("x/y  # fast", "x/z  # fast")
    assert with_persona(OWN, "b", {**kept, "system_prompt": "one\n# not a comment", "model": "x/y"}) == OWN
    result = with_persona(OWN, "b", {"system_prompt": "two\nthree", "greetings": ["ahoy"], "tags": ["t"]})
    assert result is not None
    assert said(result)["personas"]["b"] == {"system_prompt": "two\nthree", "greetings": ["ahoy"], "tags": ["t"]}
    for comment in ("# what it is", "# its model", "# fast", "# the first", "# c: commented out", "# behind", "# mine"):
        assert comment in result
    result = with_persona(OWN, "a", {"system_prompt": "You are\nA."})
    assert result is not None
    assert "# short" in result
    assert lines_lost(OWN, result) == ["  a: You are a.   # short"]


@pytest.mark.parametrize(
    "text",
    [
        "personas: {a: You are a.}\n",
        "personas: &all\n  a: &one You are a.\n  b: *one\n",
        "models: {x/y: }\n",
        "personas:\n  a: You are a.\nmodels: [\n",
        "- a\n",
        "",
        "personas:\n  a: {system_prompt_env: PROMPT}\n",
    ],
)
def test_what_can_not_be_done_safely_is_not_done(text: str) -> None:
    result = with_persona(text, "a", {"system_prompt": "new"})
    assert result is None or said(result)["personas"]["a"] == {"system_prompt": "new"}
    assert with_persona("personas: {a: b}\n", "c", {"system_prompt": "new"}) is None


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\t #:-'\"|>{}&*!"), max_size=40)


@given(st.dictionaries(st.sampled_from(["system_prompt", "description", "scenario"]), TEXTS), TEXTS.filter(str.strip))
@settings(max_examples=25)
def test_whatever_is_written_is_what_is_read(values: dict[str, str], name: str) -> None:
    for persona in ("a", "b", name):
        result = with_persona(OWN, persona, {"system_prompt": "", **values})
        if result is not None:
            assert said(result)["personas"] == {**said(OWN)["personas"], persona: {"system_prompt": "", **values}}
        else:
            assert "\n" in name or persona == name, "a text can always be written for a persona that is there"


def test_parameters_are_a_mapping_or_nothing() -> None:
    assert parameters_in("temperature: 0.8\nstop: [a]") == {"temperature": 0.8, "stop": ["a"]}
    assert parameters_in(" ") == {}
    assert parameters_in("hot") is None
    assert parameters_in("a: [") is None
    assert parameters_in(written({"a": {"b": [1, "two\nlines"]}})) == {"a": {"b": [1, "two\nlines"]}}
