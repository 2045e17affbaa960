"""An answer that stopped for its length, and what the model adds when it is asked to go on: one text again."""

from __future__ import annotations

import re

GO_ON = (
    "[Your last message was cut off because it had reached its greatest length. Go on exactly where it stops, in the "
    "middle of a sentence or of code if need be. Repeat nothing, and don't say that you are going on.]"
)
"""What the model is asked for. English, as the rest of what the prompt says in the bot's name."""
LONGEST_OVERLAP = 300
"""Characters at the end of a text that are looked for at the beginning of what follows it."""
SHORTEST_OVERLAP = 12
"""Characters that are no coincidence."""

_FENCE = re.compile(r"^[ ]{0,3}(?:`{3,}|~{3,})", re.MULTILINE)
_OPENING = re.compile(r"\s*(?:`{3,}|~{3,})[^\n`]*\n")
_WORD = re.compile(r"[^\W_]")
_BEFORE_A_SPACE = re.compile(r"[^\W_]|[.,;:!?)\]\"”]")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Letters of scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, Japanese and Chinese."""


def joined(before: str, after: str) -> str:
    """Both as one text: what is said twice at the seam is left out once, and two words don't become one.

    `after` may still grow.
    """
    if not after:
        return before
    in_code = len(_FENCE.findall(before)) % 2 == 1
    if in_code and (opening := _OPENING.match(after)):
        after = after[opening.end() :]  # the block is open already
    after = after[_overlap(before, after) :]
    if in_code or not after:
        return before + after
    spaced = not (_UNSPACED.match(before[-1:]) or _UNSPACED.match(after))
    if spaced and _BEFORE_A_SPACE.match(before[-1:]) and _WORD.match(after):
        return f"{before} {after}"
    return before + after


def _overlap(before: str, after: str) -> int:
    """How many characters at the beginning of `after` are those at the end of `before`."""
    longest = min(len(before), len(after), LONGEST_OVERLAP)
    return next((size for size in range(longest, SHORTEST_OVERLAP - 1, -1) if before.endswith(after[:size])), 0)
