"""What the bot says to people, in English and in Chinese, in one table.

`say(key, language, **facts)` gives the sentence. Rooms that speak to people in the terminal (`check`, `config`) have
their own tables of the same shape, made with the same class.
"""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "zh"]


class Sentences(dict[str, tuple[str, str]]):
    """Sentences by key, each an English and a Chinese one with the same `{facts}` in them."""

    def say(self, key: str, language: Language, **facts: object) -> str:
        """The sentence in that language, with the facts filled in (the facts themselves are never expanded)."""
        english, chinese = self[key]
        return (chinese if language == "zh" else english).format(**facts)


def language_of(locale: str | None) -> Language:
    """The language for a locale such as Discord's `zh-CN` or the terminal's `zh_CN.UTF-8`: Chinese, or else English."""
    return "zh" if locale is not None and locale.lower().startswith("zh") else "en"
