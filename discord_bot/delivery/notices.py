"""The bot's own small print below a text, as opposed to what the model said."""

from __future__ import annotations

from discord_bot.chat.pages import PAGE_LIMIT
from discord_bot.chat.reasoning import MARK

NOTICE = "-# ⚠️ "
"""How a line of the bot's own begins."""


def without_notice(content: str) -> str:
    """What the model said of a page: the page without the bot's small print below it and the thoughts above it."""
    return "\n".join(line for line in content.split("\n") if not line.startswith((NOTICE, MARK))).strip()


def with_notice(pages: list[str], notice: str | None, limit: int = PAGE_LIMIT) -> list[str]:
    """The pages with a line of small print below the last one, or below a page of its own."""
    if notice is None:
        return pages
    line = NOTICE + notice
    last = f"{pages[-1]}\n{line}" if pages else line
    if len(last.encode("utf-16-le")) // 2 <= limit:
        return [*pages[:-1], last]
    return [*pages, line]
