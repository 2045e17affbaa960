"""What is shown of what a model says: its growing completion -> the text so far, and in the end a whole answer.

The text is the persona's alone, and goes on where an answer had stopped; nothing here sends anything.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from discord_bot.chat.continuation import joined
from discord_bot.chat.in_character import in_character
from discord_bot.chat.pictures import pictures_in, without_inline
from discord_bot.chat.speakers import mentioning
from discord_bot.chat.usage import counted
from discord_bot.chat.versions import Version
from discord_bot.sentences import SAID, Language
from discord_bot.sentences.files import not_read

if TYPE_CHECKING:
    from discord_bot.answering.asking import Told
    from discord_bot.answering.exchanges import Exchange
    from discord_bot.chat.completion import Completion

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Showing:
    """What one completion says, as it is to be shown."""

    exchange: Exchange
    language: Language
    begun: Version
    """What stands there already of the same answer."""
    thoughts: str
    """The line of what was thought before, as it is shown."""
    told: Told | None = None
    """What the model was told; None before it is asked."""
    completion: Completion | None = None
    """What it has said so far."""

    @property
    def text(self) -> str:
        """What there is of the answer so far."""
        if self.completion is None:
            return ""
        return self._going_on(self.in_character(without_inline(self.completion.text)[0]))

    def text_with(self, partial: str) -> str:
        """The same where the answer broke off: with that text, if it is known."""
        said = self.in_character(partial)
        return self._going_on(said) if said else self.text

    def mentioning(self, text: str, *, complete: bool = False) -> str:
        """A text in which people are mentioned whom the model has called by their names."""
        return mentioning(text, self.told.people, complete=complete) if self.told is not None else text

    def version(self) -> Version:
        """What an answer that the model has ended is, and what is to be said of how it ended."""
        completion = self.completion
        if completion is None:
            return Version("", SAID.say("empty", self.language))
        text, inline = without_inline(completion.text or completion.refusal)
        text = self.in_character(text, complete=True)
        pictures, addresses = pictures_in([*completion.images, *inline])
        text = "\n".join([text, *addresses]) if addresses else text
        usage = counted(completion.usage)
        log.info("%s answered in channel %s: %s", completion.answered_by or "the model",
                 self.exchange.message.channel.id, usage)  # fmt: skip
        if not text.strip() and not pictures:
            return Version("", SAID.say(_why_empty(completion), self.language), usage=usage)
        return Version(
            self._going_on(text),
            " ".join(self._notices(completion)) or None,
            unfinished=completion.finish_reason == "length" and bool(text.strip()),
            thoughts=self.thoughts,
            pictures=(*self.begun.pictures, *pictures),
            usage=usage,
        )

    def _notices(self, completion: Completion) -> list[str]:
        """What is to be said below an answer: of how it ended, and of what the model was not told."""
        reason, notices = completion.finish_reason, list[str]()
        if reason in ("length", "content_filter"):
            notices.append(SAID.say(reason, self.language))
        if completion.answered_by is not None:
            notices.append(SAID.say("answered_by", self.language, name=completion.answered_by))
        conversation = self.exchange.conversation
        if conversation.says_it_heard_little:
            notices.append(SAID.say("no_history", self.language))
            conversation.says_it_heard_little = False
        if self.told is not None:
            files = self.told.prompt.files
            asked_with = [file for message_id in self.exchange.question.ids for file in files.get(message_id, ())]
            notices += not_read(asked_with, self.language)
        return notices

    def in_character(self, text: str, *, complete: bool = False) -> str:
        """What the persona says of a text."""
        if self.told is None or self.told.own_names is None:
            return text
        return in_character(text, self.told.own_names, self.told.others, complete=complete)

    def _going_on(self, said: str) -> str:
        """What stands there already, with what is said now behind it."""
        return joined(self.begun.text, said) if self.begun.text else said


def _why_empty(completion: Completion) -> str:
    """What is to be said of an answer without an answer."""
    if completion.finish_reason == "content_filter":
        return "content_filter"
    if not completion.reasoning.strip():
        return "empty"
    return "only_reasoning_length" if completion.finish_reason == "length" else "only_reasoning"
