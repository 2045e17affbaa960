"""How many tokens a text is: an estimate without a tokenizer, corrected by what servers report.

Tokenizers differ from model to model and weigh megabytes; the budget of a prompt needs no more than a good guess. So
the guess is made from the kinds of characters in a text, and each model's replies teach what its tokenizer makes of
each kind (`TokenEstimator`). The guess alone is off by up to a third, for emoji by up to a half. After five replies,
the corrected estimate is within a tenth of the server's count, for English, Chinese, code, emoji and what mixes them: a
test lets a real tokenizer judge it.

A buffer and a window are always measured by the guess, which for a text never changes, and it is the budget that is
converted (`TokenEstimator.allowance`): so what is learned does not move where the conversation begins in a prompt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz "
_WIDE_LETTERS = re.compile(r"[぀-ヿ㐀-鿿가-힯豈-﫿＀-￯]+")

MESSAGE_OVERHEAD = 4
"""Tokens that a chat template adds around each message, roughly, for the role and the delimiters."""


class Mix(NamedTuple):
    """About how many tokens there are of each kind, by the guess."""

    words: float = 0.0
    """Of Latin letters without accents, and spaces."""
    marks: float = 0.0
    """Of whatever else is ASCII: digits, punctuation, line breaks."""
    wide: float = 0.0
    """Of Chinese, Japanese and Korean."""
    astral: float = 0.0
    """Of characters beyond the first 65,536, most of them emoji."""
    rest: float = 0.0
    """Of all other letters and signs."""
    messages: float = 0.0
    """Around the messages."""

    @property
    def tokens(self) -> float:
        """All of them."""
        return sum(self)


# What byte-pair encoders of today's models make of text, in characters per token: words of Latin letters come to about
# four and a half with their space, a digit group or a sign of punctuation to about two, Chinese and Japanese to one
# and a half, an emoji to less than a half. They are guesses; `TokenEstimator` mends what they miss.
_CHARACTERS = Mix(words=4.8, marks=2.0, wide=1.5, astral=0.45, rest=3.0)


def estimate_tokens(text: str) -> int:
    """About how many tokens the text is: at least 1 for text that isn't empty, 0 for none."""
    if not text.isascii():
        return 1 + int(_mix_of(text).tokens)
    # The same for what most messages are, in fewer steps: it runs for every message that the bot hears.
    marks = len(text.encode().translate(None, _LETTERS))
    return 1 + int((len(text) - marks) / _CHARACTERS.words + marks / _CHARACTERS.marks) if text else 0


def mix_of(messages: Iterable[str]) -> Mix:
    """What the texts of these messages are made of, with what a chat template adds around each."""
    texts = list(messages)
    return _mix_of("".join(texts))._replace(messages=float(MESSAGE_OVERHEAD * len(texts)))


def _mix_of(text: str) -> Mix:
    """What a text is made of; the counting is left to C."""
    ascii_only = text.encode("ascii", "ignore")
    marks = len(ascii_only.translate(None, _LETTERS))
    words = len(ascii_only) - marks
    if len(ascii_only) == len(text):
        return Mix(words / _CHARACTERS.words, marks / _CHARACTERS.marks)
    wide = sum(map(len, _WIDE_LETTERS.findall(text)))
    astral = len(text.encode("utf-16-le", "surrogatepass")) // 2 - len(text)
    counts = (words, marks, wide, astral, len(text) - len(ascii_only) - wide - astral)
    return Mix(*(count / each for count, each in zip(counts, _CHARACTERS, strict=False)))


class TokenEstimator:
    """What one model's tokenizer makes of each kind, in proportion to the guess: learned from the usage of its replies.

    It is recursive least squares, which is a Kalman filter of a truth that hardly moves
    (https://en.wikipedia.org/wiki/Recursive_least_squares_filter): each report says what the factors come to for one
    mix of kinds, and changes them where they are not yet sure, in proportion to how much of each kind there was.
    """

    _UNSURE = 0.3  # how far a factor is from 1 before anything was learned: its standard deviation
    _NOISE = 0.02  # of a report: no two texts of the same kinds are the same
    _DRIFT = 0.03  # of a factor from one reply to the next: people's vocabulary changes
    _BOUNDS = (0.3, 3.0)  # a server that reports nonsense must not turn the budget into nonsense

    def __init__(self) -> None:
        kinds = range(len(Mix._fields))
        self._factors = [1.0 for _ in kinds]
        self._covariance = [[self._UNSURE**2 if row == column else 0.0 for column in kinds] for row in kinds]

    def learn(self, mix: Mix, reported: int) -> None:
        """Takes in one reply: what its prompt was made of, and the server's count of it."""
        if mix.tokens <= 0 or reported <= 0:
            return
        shares = [each / mix.tokens for each in mix]
        error = self._bounded(reported / mix.tokens) - self._factor(mix)
        gains = [_dot(row, shares) for row in self._covariance]
        certainty = _dot(gains, shares) + self._NOISE**2
        self._factors = [
            self._bounded(factor + gain / certainty * error) for factor, gain in zip(self._factors, gains, strict=True)
        ]
        for row, gain in enumerate(gains):
            for column, other in enumerate(gains):
                self._covariance[row][column] -= gain * other / certainty
            self._covariance[row][row] = min(self._covariance[row][row] + self._DRIFT**2, self._UNSURE**2)

    def estimate(self, mix: Mix) -> int:
        """About how many of the model's tokens that is."""
        return round(mix.tokens * self._factor(mix))

    def allowance(self, tokens: int, mix: Mix) -> int:
        """How much by the guess fits into so many of the model's tokens, of texts that are mixed like that."""
        return int(tokens / self._factor(mix))

    def _factor(self, mix: Mix) -> float:
        """The server's count of such a mix, in proportion to the guess."""
        return self._bounded(_dot(mix, self._factors) / mix.tokens) if mix.tokens > 0 else 1.0

    def _bounded(self, factor: float) -> float:
        low, high = self._BOUNDS
        return min(max(factor, low), high)


def _dot(one: Iterable[float], other: Iterable[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
