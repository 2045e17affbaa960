"""Takes `<think>…</think>` out of an answer, for servers that leave a reasoning model's tags in the text.

Only at the start of the answer: further on, the tag is something that the model writes about. Tags may be cut anywhere,
so what could still become one is held back until it is clear.
"""

from __future__ import annotations

import re

TAGS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<reasoning>": "</reasoning>",
    "<seed:think>": "</seed:think>",  # ByteDance Seed-OSS
    "[THINK]": "[/THINK]",  # Mistral's Magistral
    "◁think▷": "◁/think▷",  # Moonshot's Kimi-VL
    # gpt-oss, where nobody took its channels apart: https://github.com/openai/harmony
    "<|channel|>analysis<|message|>": "<|end|><|start|>assistant<|channel|>final<|message|>",
    "<|channel|>final<|message|>": "",
}
"""What opens the thinking -> what ends it; where that is nothing, the tag is only taken out."""

MAX_BLANK = 1000
"""Characters of white space before a tag; what has more is no model's thinking."""

_LONGEST = max(map(len, TAGS))

_STRAY = ("</think>", "</thinking>", "</seed:think>", "[/THINK]", "◁/think▷")
"""The ends of thinking that may stand alone: some chat templates put the beginning into the prompt.
https://github.com/deepseek-ai/DeepSeek-R1#usage-recommendations"""

_ANY = f"(?:{'|'.join(map(re.escape, _STRAY))})"
_FIRSTS = frozenset(tag[0] for tag in (*TAGS, *_STRAY))
_LONE_CLOSING = re.compile(
    rf"(?:(?<=\n)|^)\s*{_ANY}"  # at a line's beginning,
    rf"|{_ANY}[ \t]*(?=\n)"  # … at its end,
    rf"|(?<=[^\s`'\"“(]){_ANY}(?![`'\"”).,;:!?])"  # … or behind a word without a space, as nobody writes about it
)


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
        if start and start[0] not in _FIRSTS:
            self.settled = True
            return
        begun = start[:_LONGEST]
        for tag in (*TAGS, *_STRAY):
            if begun.startswith(tag):
                self._closing = TAGS.get(tag, "")
                self._thought = not self._closing
                self._held = start[len(tag) :]
                return
        if start:
            self.settled = not any(tag.startswith(begun) for tag in (*TAGS, *_STRAY))
        else:
            self.settled = len(self._held) > MAX_BLANK

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
    if not any(tag in text for tag in _STRAY) or any(tag in text for tag in TAGS):
        return None
    found = _LONE_CLOSING.search(text)
    if found is None or text.count("```", 0, found.start()) % 2:  # within code it is something written about
        return None
    answer = text[found.end() :].lstrip()
    return (answer, text[: found.start()].strip()) if answer else None
