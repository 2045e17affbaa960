"""Takes `<think>…</think>` out of an answer, for servers that leave a reasoning model's tags in the text.

Only at the start of the answer: further on, the tag is something that the model writes about. Tags may be cut anywhere,
so what could still become one is held back until it is clear.
"""

from __future__ import annotations

import re

_OPENING = ("<think>", "<thinking>", "<thought>", "<reasoning>")

_LONE_CLOSING = re.compile(r"(?:(?<=\n)|^)\s*</think>|</think>[ \t]*(?=\n)")
"""A closing tag on a line's border: some chat templates put the opening one into the prompt, so it is never sent.
https://github.com/deepseek-ai/DeepSeek-R1#usage-recommendations"""


class ThinkTags:
    """Divides text that comes in pieces into (text, reasoning)."""

    def __init__(self) -> None:
        self.settled = False
        """Whether everything from now on is text as it stands."""
        self._held = ""  # what may still become a tag
        self._closing = ""  # the tag that ends the thinking that we are in
        self._thought = False  # the thinking is over; what comes first now are blank lines

    def feed(self, piece: str) -> tuple[str, str]:
        """The text and the reasoning that this piece makes certain."""
        if self.settled:
            return piece, ""
        self._held += piece
        reasoning = ""
        if not self._closing and not self._thought:
            self._look_for_opening()
        if self._closing:
            reasoning = self._take_reasoning()
        if self._thought:
            self._held = self._held.lstrip()
            self.settled = bool(self._held)
        return (self._release() if self.settled else ""), reasoning

    def close(self) -> tuple[str, str]:
        """What was held back, at the end of the answer."""
        self.settled = True
        return ("", self._release()) if self._closing else (self._release(), "")

    def _look_for_opening(self) -> None:
        start = self._held.lstrip()
        for tag in _OPENING:
            if start.startswith(tag):
                self._closing = f"</{tag[1:]}"
                self._held = start[len(tag) :]
                return
        self.settled = bool(start) and not any(tag.startswith(start) for tag in _OPENING)

    def _take_reasoning(self) -> str:
        reasoning, tag, rest = self._held.partition(self._closing)
        if tag:
            self._thought = True
            self._closing = ""
        else:
            begun = next(n for n in range(len(self._closing) - 1, -1, -1) if self._held.endswith(self._closing[:n]))
            reasoning, rest = self._held[: len(self._held) - begun], self._held[len(self._held) - begun :]
        self._held = rest
        return reasoning

    def _release(self) -> str:
        held, self._held = self._held, ""
        return held


def split_at_lone_closing(text: str) -> tuple[str, str] | None:
    """(text, reasoning) where a closing tag without an opening one divides them; None where none does."""
    if any(tag in text for tag in _OPENING):
        return None
    found = _LONE_CLOSING.search(text)
    return None if found is None else (text[found.end() :].lstrip(), text[: found.start()].strip())
