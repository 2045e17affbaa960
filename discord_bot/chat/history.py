"""What a prompt may draw on of what a channel remembers: its messages as they are told to the model."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from discord_bot.chat.buffered import BufferedMessage, Quoted

if TYPE_CHECKING:
    from discord_bot.chat.speakers import Names


@dataclass(frozen=True, slots=True)
class History:
    """The messages that a prompt may draw on, oldest first."""

    messages: tuple[BufferedMessage, ...]
    origin: int = 0
    """How many tokens have been cut off before the first message: positions counted from here never move."""

    @property
    def people(self) -> dict[int, str]:
        """Who has taken part: the names by the ids."""
        return {each.author_id: each.author_name for each in self.messages if not each.own and not each.by_name}

    @property
    def first_answered(self) -> BufferedMessage | None:
        """The question with which the conversation began: the first that was answered; None before there was any."""
        answered = {message.answers for message in self.messages}
        return next((each for each in self.messages if each.id in answered and each.answers is None), None)

    def greeting_of(self, name: str) -> int | None:
        """Which of its greetings the persona of that name has opened the conversation with; None where it has not."""
        own = (each for each in reversed(self.messages) if each.own and each.greeting is not None)
        return next((each.greeting for each in own if each.author_name == name or not each.by_name), None)

    def with_person(self, author_id: int) -> History:
        """What one person has said, and the answers to that: the conversation with them alone.

        So what somebody else has said is not told as what they reply to either.
        """
        said = {message.id for message in self.messages if not message.own and message.author_id == author_id}
        theirs = (each for each in self.messages if (each.answers or each.id) in said)
        return replace(self, messages=tuple(_quoting_only(each, author_id, said) for each in theirs))


def _quoting_only(message: BufferedMessage, author_id: int, said: Collection[int]) -> BufferedMessage:
    """A message that quotes nothing but what this person has said, and answers to that."""
    quoted = message.quoted
    if quoted is None:
        return message
    answers = quoted.answer[0] if quoted.answer is not None else None
    theirs = answers in said if quoted.own else quoted.author_id == author_id
    return message if theirs else message._replace(quoted=None)


def as_told(
    message: BufferedMessage, above: BufferedMessage | None, after: int | None, names: Names
) -> BufferedMessage:
    """A message with the names that people have in a conversation, and with what it replies to.

    What stands right above is not told again; and what was forgotten is not told at all.
    """
    quoted = message.quoted
    if quoted is not None and above is not None and _same_text(quoted, above):
        quoted = None
    elif quoted is not None and after is not None and quoted.id <= after:
        quoted = Quoted(quoted.id)
    if quoted is not None and quoted.content is not None:
        quoted = replace(
            quoted,
            author_name=quoted.author_name if quoted.own else names.of((quoted.author_id, ""), quoted.author_name),
            content=names.fill_in(quoted.content),
        )
    name = message.author_name if message.own else names.of(message.speaker, message.author_name)
    content = names.fill_in(message.content)
    if (name, content) == (message.author_name, message.content) and quoted is message.quoted:
        return message
    return message._replace(author_name=name, content=content, quoted=quoted)


def _same_text(quoted: Quoted, above: BufferedMessage) -> bool:
    """Whether what is replied to stands right above: that message, or the answer of which it is a page."""
    return quoted.id == above.id or (above.own and quoted.answer == above.answer is not None)
