"""Takes keys out of what servers say. A refusal often quotes the key that it refuses, whole or with stars in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

REDACTED = "[key]"

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
    fragments = {secret[i : i + SHORTEST_FRAGMENT] for i in range(len(secret) - SHORTEST_FRAGMENT + 1)}
    covered = bytearray(len(text))
    for i in range(len(text) - SHORTEST_FRAGMENT + 1):
        fragment = text[i : i + SHORTEST_FRAGMENT]
        if fragment in fragments and not fragment.isalpha():
            covered[i : i + SHORTEST_FRAGMENT] = b"\1" * SHORTEST_FRAGMENT
    pieces: list[str] = []
    for i, character in enumerate(text):
        if not covered[i]:
            pieces.append(character)
        elif not i or not covered[i - 1]:
            pieces.append(REDACTED)
    return "".join(pieces)
