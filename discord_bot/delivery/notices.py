"""The bot's own small print on a page, as opposed to what the model said: who speaks, above, and notices, below."""

from __future__ import annotations

import re

from discord_bot.chat.characters import units
from discord_bot.chat.pages import PAGE_LIMIT
from discord_bot.chat.reasoning import MARK

NOTICE = "-# ⚠️ "
"""How a line of the bot's own begins."""
NAME = "-# 🎭 "
"""How the line begins that says who speaks, where several speak as the bot."""
_NAME = re.compile(re.escape(NAME) + r"([^\n]+)(?:\n|\Z)")
_MARKUP = re.compile(r"[!-/:-@\[-`{-~]")
_ESCAPED = re.compile(r"\\(.)")


def name_line(name: str) -> str:
    """The line that says who speaks; nothing in a name becomes a mention or Markdown."""
    return NAME + _MARKUP.sub(r"\\\g<0>", name)


def named_on(content: str) -> str | None:
    """Who speaks, where the line above a page says so."""
    found = _NAME.match(content)
    return None if found is None else _ESCAPED.sub(r"\1", found[1]).strip() or None


def without_name(content: str) -> str:
    """What was said on a page: the page without the line that says who speaks."""
    found = _NAME.match(content)
    return content if found is None else content[found.end() :]


def below(line: str, text: str) -> str:
    """A text below a line of the bot's own, if there is one."""
    return f"{line}\n{text}" if line else text


def room_for(line: str) -> int:
    """Characters of a page, as Discord counts them, that such a line takes."""
    return units(line) + 1 if line else 0


def without_notice(content: str) -> str:
    """What the model said of a page: the page without the bot's small print below it and the thoughts above it."""
    return "\n".join(line for line in content.split("\n") if not line.startswith((NOTICE, MARK))).strip()


def with_notice(pages: list[str], notice: str | None, limit: int = PAGE_LIMIT) -> list[str]:
    """The pages with a line of small print below the last one, or below a page of its own."""
    if notice is None:
        return pages
    line = NOTICE + notice
    last = f"{pages[-1]}\n{line}" if pages else line
    if units(last) <= limit:
        return [*pages[:-1], last]
    return [*pages, line]
