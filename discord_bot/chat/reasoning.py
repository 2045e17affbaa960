"""What a model thought, as one quiet line above what it says; and that line taken away again."""

from __future__ import annotations

from typing import Literal

Shown = Literal["hidden", "subtext", "spoiler"]
"""Whether thoughts are shown, and how: as small print, or as small print behind a spoiler."""

MARK = "-# 💭 "
"""How the line begins: Discord shows a line that begins with `-#` as small print.
https://support.discord.com/hc/en-us/articles/210298617
"""
LONGEST = {"hidden": 0, "subtext": 300, "spoiler": 1200}
"""Characters of thought that are shown; a page has 2,000, and the answer is what people asked for."""


def thoughts(reasoning: str, shown: Shown) -> str:
    """The line of what was thought, with its line break, to stand above a text; empty where nothing is to be shown.

    A text that is shown grows and is not rewritten: so give what was thought before the first word.
    """
    if shown == "hidden":
        return ""
    words = " ".join(reasoning.replace("|", " ").split()) if shown == "spoiler" else " ".join(reasoning.split())
    if not words:
        return ""
    limit = LONGEST[shown]
    words = words if len(words) <= limit else words[: limit - 1].rstrip() + "…"
    return f"{MARK}||{words}||\n" if shown == "spoiler" else f"{MARK}{words}\n"
