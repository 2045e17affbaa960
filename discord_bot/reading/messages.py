"""discord.Message -> BufferedMessage: what is remembered of one message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import discord

from discord_bot.chat.buffered import Attached, BufferedMessage, Quoted, quote
from discord_bot.chat.files import File
from discord_bot.delivery import Page, answered_by, named_on, without_line, without_name, without_notice
from discord_bot.reading.addressing import mentions_of
from discord_bot.reading.authors import Me, as_speaker, is_own, name_of
from discord_bot.reading.contents import FILES, file_line, file_name, has_more_than_text, in_words, kind_of

PICTURES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
"""The kinds of pictures that are shown to a model."""
GREETING = r"greeting:(?P<key>[0-9a-f]{16}):(?P<index>\d{1,5})(?P<direction>[lrc]):(?P<above>[0-9a-z.]*)"
"""What the custom ids of the buttons below a greeting look like; of the three, the middle one says which it is."""


def remembered(message: discord.Message, me: Me) -> BufferedMessage | None:
    """The message as a channel remembers it; None for what is no part of a conversation.

    That is what Discord itself says (somebody joined, something was pinned), answers to commands, the bot's notices.
    """
    if message.is_system() or message.interaction_metadata is not None:
        return None
    if message.type is discord.MessageType.thread_starter_message:
        # A thread's first message has no text; it refers to the one in the channel, at which the thread was opened.
        begun = message.reference.resolved if message.reference is not None else None
        return remembered(begun, me) if isinstance(begun, discord.Message) else None
    return told(message, me)


def told(message: discord.Message, me: Me) -> BufferedMessage | None:
    """Any message as it would be remembered, be it part of a conversation or not; None where it says nothing."""
    own = is_own(message, me) or message.author.id == me.id
    content = own_words(message.content) if own else readable(message, me)
    if not content:
        return None
    reference = message.reference
    named = named_on(message.content) if own and message.webhook_id is None else None
    only_text = own or not has_more_than_text(message)
    return BufferedMessage(
        id=message.id,
        author_id=message.author.id,
        author_name=as_speaker(named or "") or name_of(message.author),
        content=content,
        own=own,
        answers=(reference.message_id if reference is not None else answered_by(message.content)) if own else None,
        quoted=None if own else quoted_by(message, me),
        mentions=() if own or not message.mentions else mentioned_in(message, me),
        pictures=() if only_text else tuple(pictures_on(message)),
        files=() if own or (only_text and reference is None) else tuple(files_on(message)),
        by_name=message.webhook_id is not None or named is not None,
        greeting=_greeting_on(message) if own else None,
    )


def readable(message: discord.Message, me: Me) -> str:
    """What a message says, as a person would read it: `contents.in_words`.

    A mention of the bot at the very beginning or end only says who is spoken to, and is left out.
    """
    text = (message.system_content if message.is_system() else message.content).strip()
    if "<@" in text:
        for mention in mentions_of(message, me):
            text = text.removeprefix(mention).removesuffix(mention).strip()
        text = re.sub(rf"<@!?{me.id}>", f"@{as_speaker(me.name)}", text)
    return in_words(message, text, message.guild)


def own_words(content: str) -> str:
    """What was said on a page of the bot's own: without its small print."""
    return without_notice(without_name(without_line(content)))


def quoted_by(message: discord.Message, me: Me) -> Quoted | None:
    """What a message replies to, as Discord tells it along with the reply; None where it is no reply."""
    reference = message.reference
    if message.type is not discord.MessageType.reply or reference is None or reference.message_id is None:
        return None
    answered = reference.resolved
    if not isinstance(answered, discord.Message):
        return Quoted(reference.message_id)
    read = remembered(answered, me)
    return quote(read) if read is not None else Quoted(answered.id)


def mentioned_in(message: discord.Message, me: Me) -> tuple[tuple[int, str], ...]:
    """The ids and names of the people whom a message mentions, but for the bot."""
    return tuple((user.id, name_of(user)) for user in message.mentions if user.id != me.id)


def pictures_on(message: discord.Message) -> Iterator[Attached]:
    """The pictures on a message, and on what it forwards."""
    for attachment in _attachments(message):
        if (attachment.content_type or "").partition(";")[0] in PICTURES:
            yield Attached(attachment.id, attachment.url, attachment.size)


def files_on(message: discord.Message) -> Iterator[File]:
    """The files on a message, and on what it replies to or forwards, that may have text in them."""
    answered = message.reference.resolved if message.reference is not None else None
    if message.type is discord.MessageType.reply and isinstance(answered, discord.Message):
        for attachment in _attachments(answered):
            if (file := as_file(attachment)) is not None:
                yield replace(file, line=f"[file: {file.name}]", of=answered.id)
    for attachment in _attachments(message):
        if (file := as_file(attachment)) is not None:
            yield file


def as_file(attachment: discord.Attachment) -> File | None:
    """An attachment that may have text in it; None for a picture, a video and what is to be heard."""
    if attachment.is_voice_message() or kind_of(attachment) != "file":
        return None
    name, line = file_name(attachment), file_line(attachment)
    return File(attachment.id, attachment.url, attachment.size, name, line)


def _attachments(message: discord.Message) -> Iterator[discord.Attachment]:
    """Those of a message's attachments, and of what it forwards, that its text tells of."""
    yield from message.attachments[:FILES]
    for each in message.message_snapshots:
        yield from each.attachments[:FILES]


def custom_ids(message: discord.Message) -> list[str]:
    """The custom ids of the buttons below a message."""
    rows = (row.children for row in message.components if isinstance(row, discord.ActionRow))
    return [each.custom_id for row in rows for each in row if isinstance(each, discord.Button) and each.custom_id]


def _greeting_on(message: discord.Message) -> int | None:
    """Which greeting a message is the end of, by its buttons."""
    found = (re.fullmatch(GREETING, each) for each in custom_ids(message))
    return next((int(each["index"]) for each in found if each is not None and each["direction"] == "c"), None)


def answer(page: Page, content: str, question: discord.Message, me: Me, name: str | None) -> BufferedMessage:
    """A page of the bot's own answer as a channel remembers it; `name` is the persona's that gave it, if it has one."""
    author, by_name = page.webhook_id or me.id, page.webhook_id is not None
    return BufferedMessage(page.id, author, name or me.name, content, own=True, answers=question.id, by_name=by_name)


def was_edited_within(seconds: float, message: discord.Message) -> bool:
    """Whether an update of a message is an edit of its text just now, not long after it was written.

    A pin, a thread or a link's preview comes as an update, too, at any time.
    """
    if message.edited_at is None:
        return False
    after, ago = message.edited_at - message.created_at, discord.utils.utcnow() - message.edited_at
    return after.total_seconds() <= seconds and ago.total_seconds() <= seconds
