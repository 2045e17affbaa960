"""What should stand in Discord of one answer: a growing text, and what the bot adds to it -> the contents of its pages.

This file knows neither what stands there nor when anything is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord_bot.chat.pages import Page as Cut
from discord_bot.chat.pages import cut
from discord_bot.delivery.notices import with_notice
from discord_bot.delivery.senders import Attachment, Content

if TYPE_CHECKING:
    import discord

REST = "answer.md"
"""The file with what is left of an answer that fills too many messages."""


class Draft:
    """An answer as it should stand there. It is rendered only when somebody asks for it."""

    def __init__(self, max_pages: int) -> None:
        self.text = ""
        self.ended = False
        self._max_pages = max_pages
        self._notice: str | None = None
        self._controls: discord.ui.View | None = None
        self._taken_back = False
        self._cut: list[Cut] = []
        self._cut_text = ""
        self._pages: list[Content] | None = []

    @property
    def changed(self) -> bool:
        """Whether it is another one than when it was last rendered, as far as can be told without doing that."""
        return self._pages is None

    @property
    def controls(self) -> discord.ui.View | None:
        """The buttons below the last page."""
        return self._controls

    @controls.setter
    def controls(self, view: discord.ui.View | None) -> None:
        self._controls = view
        self._pages = None

    def show(self, text: str) -> None:
        """The text so far."""
        self.text = text
        self._pages = None

    def end(self, notice: str | None) -> None:
        """Nothing comes any more; `notice` stands below what there is."""
        self.ended, self._notice, self._pages = True, notice, None

    def take_back(self) -> None:
        """Nothing is to stand there at all."""
        self.ended, self._taken_back, self._pages = True, True, None

    def pages(self) -> list[Content]:
        """The pages that should stand in Discord."""
        if self._pages is None:
            self._pages = [] if self._taken_back else self._rendered()
        return self._pages

    def _rendered(self) -> list[Content]:
        # All pages but the last are final while a text only grows; where it was changed, they are cut anew.
        final = self._cut[:-1] if self.text.startswith(self._cut_text) else []
        self._cut, self._cut_text = cut(self.text, after=final), self.text
        texts = [page.text for page in self._cut[: self._max_pages]]
        files: tuple[Attachment, ...] = ()
        if self.ended:
            if len(self._cut) > self._max_pages:
                files = (Attachment(REST, self.text[self._cut[self._max_pages - 1].end :].encode()),)
            texts = with_notice(texts, self._notice)
        *above, last = texts or [""]
        return [*map(Content, above), Content(last, files, self._controls)] if last else []
