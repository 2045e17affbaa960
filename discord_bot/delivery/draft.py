"""What should stand in Discord of one answer: a growing text, and what the bot adds to it -> the contents of its pages.

This file knows neither what stands there nor when anything is sent.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from discord_bot.chat.pages import PAGE_LIMIT
from discord_bot.chat.rendering import render
from discord_bot.delivery.notices import with_notice
from discord_bot.delivery.senders import Attachment, Content

if TYPE_CHECKING:
    import discord

    from discord_bot.chat.rendering import Rendering

MAX_FILES = 10
"""Attachments of one message. https://discord.com/developers/docs/resources/message#create-message"""


class Draft:
    """An answer as it should stand there. It is rendered only when somebody asks for it."""

    def __init__(self, max_pages: int, limit: int = PAGE_LIMIT) -> None:
        self.text = ""
        self._limit = limit
        self.ended = False
        self._max_pages = max_pages
        self._notice: str | None = None
        self._controls: discord.ui.View | None = None
        self.taken_back = False
        """Whether nothing is to stand there at all."""
        self._attachments: tuple[Attachment, ...] = ()
        self._instead: str | None = None
        """What is said in the place of what can't go out."""
        self._taken: list[str] | None = None
        """Where Discord has refused what was to come: the pages that it has taken."""
        self._view: Rendering | None = None
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

    def attach(self, attachments: tuple[Attachment, ...]) -> None:
        """Files that go out with the whole answer, below its last page."""
        self._attachments, self._pages = attachments, None

    def leave_out_files(self, notice: str) -> None:
        """No file goes out, whatever there is; `notice` stands in the place of them."""
        self._instead, self._pages = notice, None

    def go_no_further(self, taken: list[str], notice: str) -> None:
        """Nothing goes out any more but what Discord has taken so far; `notice` stands below it."""
        self._taken, self._instead, self._pages = taken, notice, None

    @property
    def refused(self) -> bool:
        """Whether Discord has refused what was to come."""
        return self._taken is not None

    def end(self, notice: str | None) -> None:
        """Nothing comes any more; `notice` stands below what there is."""
        self.ended, self._notice, self._pages = True, notice, None

    def take_back(self) -> None:
        """Nothing is to stand there at all."""
        self.ended, self.taken_back, self._pages = True, True, None

    def leave(self, room: int) -> None:
        """Each page leaves so many characters free from here on."""
        self._limit, self._view, self._pages = PAGE_LIMIT - room, None, None

    def pages(self) -> list[Content]:
        """The pages that should stand in Discord."""
        if self._pages is None:
            self._pages = [] if self.taken_back else self._rendered()
        return self._pages

    def _rendered(self) -> list[Content]:
        view = self._view = render(
            self.text, final=self.ended, after=self._view, max_pages=self._max_pages, limit=self._limit
        )
        texts = [page.text for page in view.pages] if self._taken is None else self._taken
        files = self._attachments if self.ended else ()
        files += tuple(Attachment(file.name, file.content.encode()) for file in view.files)
        notice = self._notice
        if (files or self.refused) and self._instead is not None:
            notice = " ".join(filter(None, (notice, self._instead)))
            files = ()
        if self.ended:
            texts = with_notice(texts, notice, self._limit)
        *above, last = texts or [""]
        if not (last or files):
            return []
        pages = [*map(Content, above), Content(last, files[:MAX_FILES], self._controls)]
        return [replace(pages[0], first=True), *pages[1:]]
