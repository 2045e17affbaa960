"""Sentences by key, each in English and in Chinese; and which of the two somebody reads."""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "zh"]


class Sentences(dict[str, tuple[str, str]]):
    """Sentences by key, each an English and a Chinese one with the same `{facts}` in them."""

    def say(self, key: str, language: Language, /, **facts: object) -> str:
        """The sentence in that language, with the facts filled in (the facts themselves are never expanded)."""
        english, chinese = self[key]
        return (chinese if language == "zh" else english).format(**facts)


def language_of(locale: str | None) -> Language:
    """The language for a locale such as Discord's `zh-CN` or the terminal's `zh_CN.UTF-8`: Chinese, or else English."""
    return "zh" if locale is not None and locale.lower().startswith("zh") else "en"
