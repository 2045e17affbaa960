"""How many tokens a text is: an estimate without a tokenizer, corrected by what servers report.

Tokenizers differ from model to model and weigh megabytes; the budget of a prompt needs no more than a good guess. So
the guess is made from the kinds of characters, and each model's replies teach a factor (`TokenEstimator`).
"""

from __future__ import annotations

import re

# What byte-pair encoders of today's models make of text, in characters per token: words of Latin letters come to about
# four and a half with their space, a digit group or a sign of punctuation to about two, Chinese and Japanese to one
# and a half, an emoji to less than a half. They are guesses; `TokenEstimator` mends what they miss.
_ASCII_WORD, _ASCII_OTHER, _WIDE, _ASTRAL, _REST = 4.8, 2.0, 1.5, 0.45, 3.0

_ASCII_LETTERS = re.compile(r"[A-Za-z ]+")
_WIDE_LETTERS = re.compile(r"[぀-ヿ㐀-鿿가-힯豈-﫿＀-￯]+")
_ASTRAL_LETTERS = re.compile(r"[\U00010000-\U0010ffff]+")

MESSAGE_OVERHEAD = 4
"""Tokens that a chat template adds around each message, roughly, for the role and the delimiters."""


def estimate_tokens(text: str) -> int:
    """About how many tokens the text is: at least 1 for text that isn't empty, 0 for none."""
    if not text:
        return 0
    words = sum(map(len, _ASCII_LETTERS.findall(text)))
    if text.isascii():
        return 1 + int(words / _ASCII_WORD + (len(text) - words) / _ASCII_OTHER)
    wide = sum(map(len, _WIDE_LETTERS.findall(text)))
    astral = sum(map(len, _ASTRAL_LETTERS.findall(text)))
    other_ascii = sum(character < "\x80" for character in text) - words
    rest = len(text) - words - wide - astral - other_ascii
    return 1 + int(words / _ASCII_WORD + other_ascii / _ASCII_OTHER + wide / _WIDE + astral / _ASTRAL + rest / _REST)


class TokenEstimator:
    """One model's factor between our estimate and the server's count, learned from the usage of its replies."""

    _WEIGHT = 0.4  # of the newest reply: five replies bring the factor within a tenth of a steady truth
    _BOUNDS = (0.3, 3.0)  # a server that reports nonsense must not turn the budget into nonsense

    def __init__(self) -> None:
        self.factor = 1.0

    def learn(self, estimated: int, reported: int) -> None:
        """Takes in one reply: what we had estimated for the prompt, and the server's count of it."""
        if estimated <= 0 or reported <= 0:
            return
        low, high = self._BOUNDS
        observed = min(max(reported / estimated, low), high)
        self.factor += self._WEIGHT * (observed - self.factor)

    def allowance(self, tokens: int) -> int:
        """How much by our estimate fits into so many of the model's tokens."""
        return int(tokens / self.factor)
