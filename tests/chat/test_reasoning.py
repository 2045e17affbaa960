"""What a model thought, shown quietly or not at all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from discord_bot.chat.reasoning import MARK, Shown, thoughts
from discord_bot.chat.schema import Usage
from discord_bot.chat.usage import TokenUsage, counted


def test_thoughts_stand_in_one_quiet_line() -> None:
    """To stand above the text, or hidden behind a spoiler, or not at all."""
    assert thoughts("hm\n\nwell", "subtext") == "-# 💭 hm well\n"
    assert thoughts("a || b", "spoiler") == "-# 💭 ||a b||\n"
    assert thoughts("hm", "hidden") == ""


@given(st.text(), st.sampled_from(["subtext", "spoiler", "hidden"]))
def test_the_line_is_one_line_and_short(reasoning: str, shown: Shown) -> None:
    """And where nothing was thought there is none."""
    line = thoughts(reasoning, shown)
    assert line == "" or (line.startswith(MARK) and line.endswith("\n") and line.count("\n") == 1 and len(line) < 1300)
    assert bool(line) == (
        shown != "hidden" and bool(reasoning.replace("|", " " if shown == "spoiler" else "|").split())
    )


def test_usage_adds_up() -> None:
    """A number that a server doesn't tell, or tells wrongly, is 0."""
    usage = Usage.mend({"prompt_tokens": 7, "completion_tokens": -3, "prompt_tokens_details": {"cached_tokens": 4}})
    assert counted(usage) == TokenUsage(7, 0, 4, 0)
    assert counted(usage) + counted(usage) + counted(None) == TokenUsage(14, 0, 8, 0)
