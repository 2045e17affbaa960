"""What a model thought, shown quietly or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discord_bot.chat.reasoning import MARK, Shown, with_reasoning
from discord_bot.chat.schema import Usage
from discord_bot.chat.usage import TokenUsage, counted


def test_thoughts_stand_in_one_quiet_line() -> None:
    """Above the text, or hidden behind a spoiler, or not at all."""
    assert with_reasoning("Yes.", "hm\n\nwell", "subtext") == "-# 💭 hm well\nYes."
    assert with_reasoning("Yes.", "a || b", "spoiler") == "-# 💭 ||a b||\nYes."
    assert with_reasoning("Yes.", "hm", "hidden") == "Yes."


@pytest.mark.parametrize("shown", ["subtext", "spoiler"])
def test_thoughts_alone_are_no_answer(shown: Shown) -> None:
    """There is no line without a text, and none without thoughts."""
    assert with_reasoning("", "hm", shown) == ""
    assert with_reasoning("Yes.", " \n", shown) == "Yes."


@given(st.text(), st.text(min_size=1), st.sampled_from(["subtext", "spoiler", "hidden"]))
def test_the_text_stands_whole_below_the_line(reasoning: str, text: str, shown: Shown) -> None:
    """The line is one line, and short."""
    whole = with_reasoning(text, reasoning, shown)
    assert whole.endswith(text)
    line = whole[: len(whole) - len(text)]
    assert line == "" or (line.startswith(MARK) and line.endswith("\n") and line.count("\n") == 1 and len(line) < 1300)


def test_usage_adds_up() -> None:
    """A number that a server doesn't tell, or tells wrongly, is 0."""
    usage = Usage.mend({"prompt_tokens": 7, "completion_tokens": -3, "prompt_tokens_details": {"cached_tokens": 4}})
    assert counted(usage) == TokenUsage(7, 0, 4, 0)
    assert counted(usage) + counted(usage) + counted(None) == TokenUsage(14, 0, 8, 0)
