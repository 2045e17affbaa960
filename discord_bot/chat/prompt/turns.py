"""What was said, as the turns of a chat: people's messages by their names, the bot's, and what is inserted between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from discord_bot.chat.files import told
from discord_bot.chat.schema import ChatMessage, ImagePart, ImageURL, TextPart
from discord_bot.chat.speakers import INDENT, excerpt, indented, plain
from discord_bot.chat.tokens import estimate_tokens

if TYPE_CHECKING:
    from discord_bot.chat.buffered import BufferedMessage
    from discord_bot.chat.persona import Role
    from discord_bot.chat.speakers import Speakers

Content = str | list[TextPart | ImagePart]


@dataclass(frozen=True, slots=True)
class Insert:
    """A text that stands in the conversation, so many messages from its end."""

    depth: int
    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Telling:
    """How people's messages are told, and which of their pictures are shown."""

    speakers: Speakers
    seen: Mapping[int, str]
    """The pictures by their ids: as a `data:` address, or as a line that says why it is not shown."""

    def content(self, messages: Iterable[BufferedMessage]) -> Content:
        """The messages as one text; as parts only where there is a picture to show, which stands below its message."""
        parts: list[TextPart | ImagePart] = []
        lines: list[str] = []
        for message in messages:
            lines.append(spoken(message, self.speakers))
            for picture in message.pictures:
                shown = self.seen.get(picture.id)
                if shown is None:
                    continue
                if not shown.startswith("data:"):
                    lines.append(f"{INDENT}{shown}")
                    continue
                parts += [TextPart(text="\n".join(lines))] if lines else []
                parts.append(ImagePart(image_url=ImageURL(url=shown)))
                lines = []
        text = "\n".join(lines)
        return [*parts, *([TextPart(text=text)] if text else [])] if parts else text


def units_of(messages: Iterable[BufferedMessage]) -> list[list[BufferedMessage]]:
    """The messages as lore and inserts count them: the pages of one answer are one."""
    units: list[list[BufferedMessage]] = []
    for message in messages:
        if message.own and message.answer is not None and units and units[-1][0].answer == message.answer:
            units[-1].append(message)
        else:
            units.append([message])
    return units


def conversation(
    units: Sequence[list[BufferedMessage]], inserts: Sequence[Insert], telling: Telling, note: str
) -> list[ChatMessage]:
    """The conversation as turns, with what is inserted into it; the note stands with the last words of a person."""
    before: dict[int, list[Insert]] = {}
    for insert in inserts:
        before.setdefault(max(0, len(units) - insert.depth), []).append(insert)
    turns: list[ChatMessage] = []
    edges = sorted({0, len(units), *before})
    for start, end in zip(edges, [*edges[1:], len(units)], strict=True):
        turns += [ChatMessage(role=insert.role, content=insert.text) for insert in before.get(start, ())]
        messages = [message for unit in units[start:end] for message in unit]
        added = [_turn(own, group, telling) for own, group in groupby(messages, key=lambda message: message.own)]
        if added and end == len(units) and added[-1].role == "user":
            added[-1] = ChatMessage(role="user", content=_with_note(added[-1].content, note))
        turns += added
    return turns


def _turn(own: bool, group: Iterable[BufferedMessage], telling: Telling) -> ChatMessage:
    """Neighbouring messages of one side as one turn: many chat templates demand that the roles alternate."""
    if own:
        answers = groupby(group, key=lambda message: message.answer)
        texts = ["\n".join(page.content for page in pages) for _, pages in answers]
        return ChatMessage(role="assistant", content="\n\n".join(texts))
    return ChatMessage(role="user", content=telling.content(group))


def _with_note(content: Content, note: str) -> Content:
    return f"{content}\n\n{note}" if isinstance(content, str) else [*content, TextPart(text=note)]


def behind_summary(turns: list[ChatMessage], summary: str, tokens: int) -> list[ChatMessage]:
    """The turns of a conversation behind what was said before, in so many tokens at most.

    It stands with what people say first, or before what the bot does: as a note that nobody else can write.
    """
    weight = estimate_tokens(summary)
    if weight > tokens:
        summary = f"{summary[: len(summary) * tokens // weight]}…"
    note = f"[Earlier here, in short: {indented(plain(summary))}]"
    first = turns[0]
    if first.role != "user":
        return [ChatMessage(role="user", content=note), *turns]
    said = first.content
    content = f"{note}\n{said}" if isinstance(said, str) else [TextPart(text=note), *said]
    return [ChatMessage(role="user", content=content), *turns[1:]]


def spoken(message: BufferedMessage, speakers: Speakers) -> str:
    """A person's message, with what it replies to; its lines can't pose as somebody else's."""
    said = says(message)
    text = f"{note} {said}" if (note := _replying(message)) else said
    return f"{message.author_name}: {indented(text)}" if speakers == "prefix" else text


def says(message: BufferedMessage) -> str:
    """What a message says, with what was read of its files."""
    return told(message.content, message.files) if message.files else message.content


def _replying(message: BufferedMessage) -> str:
    quoted = message.quoted
    if quoted is None:
        return ""
    if quoted.content is None:
        return "[replying to a message that is gone]"
    return f"[replying to {'you' if quoted.own else quoted.author_name}: {excerpt(quoted.content)}]"
