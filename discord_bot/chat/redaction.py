"""Takes out of what servers say what nobody is to read in a log: keys, and what people have written.

A refusal often quotes the key that it refuses, whole or with stars in it; and some servers, when a request does not fit
their model of it, quote that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable

REDACTED = "[key]"

ECHOED = "[…]"

SHORTEST_ECHO = 16
"""Characters of a text that, standing together, are no chance any more."""

SHORTEST_FRAGMENT = 8
"""Characters of a key that, standing together, already count as the key. Fewer would hit ordinary words."""

_MASKED = re.compile(r"[\w-]*(?:\*{3,}|•{2,})[\w*•-]*|[\w-]{2,}(?:\*\*|\.\.\.|…)[\w-]{2,}")
"""Something that was made unreadable in the middle, such as `sk-ab***xyz`: the rest of it is still part of a key."""

_LOOKS_LIKE_A_KEY = re.compile(
    r"\b(?:sk|pk|rk|gsk|xai|hf|nvapi|pplx|csk|tgp|fw|key|r8|AIza|ya29)[-_.]?(?=[\w-]*\d)[\w-]{12,}"
    r"|\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]+)?"
    r"|(?<=[Bb]earer )(?!\[)\S{6,}"
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without the secrets, without longer fragments of them, and without what looks like a key."""
    for secret in sorted({secret for secret in secrets if secret}, key=len, reverse=True):
        text = _without(text, secret)
    return _LOOKS_LIKE_A_KEY.sub(REDACTED, _MASKED.sub(REDACTED, text))


def _without(text: str, secret: str) -> str:
    if (
        len(secret) < SHORTEST_FRAGMENT
    ):  # such as `ollama`, which local servers take for a key: only as a word of its own
        return re.sub(rf"(?<![\w-]){re.escape(secret)}(?![\w-])", REDACTED, text)
    text = text.replace(secret, REDACTED)
    if len(secret) < 2 * SHORTEST_FRAGMENT:
        return text
    fragments = {fragment for fragment in _windows(secret, SHORTEST_FRAGMENT) if not fragment.isalpha()}
    return _without_fragments(text, fragments, SHORTEST_FRAGMENT, REDACTED)


def without_echoes(text: str, sent: Iterable[str]) -> str:
    """The text without longer pieces of what was sent, be it as it is or as JSON writes it."""
    fragments: set[str] = set()
    for each in sent:
        for written in (each, json.dumps(each)[1:-1], json.dumps(each, ensure_ascii=False)[1:-1]):
            fragments.update(_windows(written, SHORTEST_ECHO))
    return _without_fragments(text, fragments, SHORTEST_ECHO, ECHOED)


def _windows(text: str, length: int) -> Iterable[str]:
    return (text[i : i + length] for i in range(len(text) - length + 1))


def _without_fragments(text: str, fragments: Collection[str], length: int, instead: str) -> str:
    """The text with one mark in the place of each stretch of fragments, which are all of that length."""
    covered = bytearray(len(text))
    for i, window in enumerate(_windows(text, length)):
        if window in fragments:
            covered[i : i + length] = b"\1" * length
    pieces: list[str] = []
    for i, character in enumerate(text):
        if not covered[i]:
            pieces.append(character)
        elif not i or not covered[i - 1]:
            pieces.append(instead)
    return "".join(pieces)
