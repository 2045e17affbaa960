"""What a Discord message says, in words: its text as people see it, and a line for everything that is no text.

What is told of a thing stands in brackets, [like this]; people's own text is kept from looking like that, or like a
turn of a chat template (`speakers.plain`). People stay `<@id>` here: what they are called is the conversation's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice

import discord

from discord_bot.chat.files import PASTED, PASTED_LINE
from discord_bot.chat.speakers import plain

PART_LENGTH = 1_500
"""Characters that are told of one embed, poll, or text of components: more than a person would read of it."""
PARTS = 5
"""Embeds, and texts of components, that are told of."""
NAME_LENGTH = 100
"""Characters of a file's, a sticker's or a role's name."""
FILES = 10
"""Files on a message that are named; Discord allows ten."""

_USER = re.compile(r"<@!?(\d{1,20})>")
_EMOJI = re.compile(r"<a?:(\w{2,32}):\d{1,20}>")
_TIME = re.compile(r"<t:(-?\d{1,13})(?::[tTdDfFsSR])?>")
_COMMAND = re.compile(r"</([^:<>\n]{1,100}):\d{1,20}>")
_PLACE = re.compile(r"<(#|@&)(\d{1,20})>")
KINDS = ("image", "video", "audio")
MISTAKEN = frozenset({"image/svg+xml", "video/mp2t", "video/vnd.dlna.mpeg-tts"})
"""What a file with text in it is taken for by its name: SVG is a text itself, and `.ts` is TypeScript's, too."""


def in_words(message: discord.Message | discord.MessageSnapshot, text: str, guild: discord.Guild | None) -> str:
    """What a message says; `text` is its content, or what of it is to be told. Empty for nothing at all."""
    if not has_more_than_text(message):
        return as_seen(text, guild) if text.strip() else ""
    parts = [as_seen(text, guild)]
    if isinstance(message, discord.Message):
        parts += (_forwarded(each, guild) for each in message.message_snapshots)
        parts += _poll(message.poll, guild)
    parts += (_embed(each, guild) for each in message.embeds[:PARTS])
    parts += (f"[sticker: {_flat(each.name)}]" for each in message.stickers)
    parts += map(file_line, message.attachments[:FILES])
    parts += (_bounded(each, guild) for each in islice(_texts(message.components), PARTS))
    return "\n".join(part for part in parts if part.strip())


def has_more_than_text(message: discord.Message | discord.MessageSnapshot) -> bool:
    """Whether there is anything on a message beside its text, which on most there isn't."""
    beside = message.attachments or message.embeds or message.stickers or message.components
    return bool(beside or (isinstance(message, discord.Message) and (message.message_snapshots or message.poll)))


def as_seen(text: str, guild: discord.Guild | None) -> str:
    """A text as people see it: names of channels, roles, emojis and commands, and times, instead of their codes."""
    text = plain(text)
    if "<" not in text:
        return text
    text = _PLACE.sub(lambda found: _place(found, guild), _USER.sub(r"<@\1>", text))
    return _COMMAND.sub(r"/\1", _EMOJI.sub(r":\1:", _TIME.sub(_time, text)))


def _place(found: re.Match[str], guild: discord.Guild | None) -> str:
    if guild is None:
        return found.group()
    sign, identity = found[1], int(found[2])
    if sign == "#":
        channel = guild.get_channel_or_thread(identity)
        return f"#{_flat(channel.name)}" if channel is not None else found.group()
    role = guild.get_role(identity)
    return f"@{_flat(role.name)}" if role is not None else found.group()


def _time(found: re.Match[str]) -> str:
    try:
        return f"{datetime.fromtimestamp(int(found[1]), UTC):%Y-%m-%d %H:%M} UTC"
    except (OverflowError, ValueError, OSError):
        return found.group()


def _forwarded(snapshot: discord.MessageSnapshot, guild: discord.Guild | None) -> str:
    """A message that was forwarded. Whoever wrote it is not told: Discord doesn't say."""
    return f"[forwarded message:]\n{in_words(snapshot, snapshot.content, guild)}\n[end of the forwarded message]"


def _poll(poll: discord.Poll | None, guild: discord.Guild | None) -> Iterator[str]:
    if poll is None:
        return
    counted = poll.total_votes > 0 or poll.is_finalised()
    answers = []
    for answer in poll.answers:
        emoji = f"{answer.emoji.name} " if answer.emoji is not None else ""
        votes = f" ({answer.vote_count} {'vote' if answer.vote_count == 1 else 'votes'})" if counted else ""
        answers.append(f"{emoji}{_flat(answer.text or '')}{votes}".strip())
    state = ", closed" if poll.is_finalised() else ""
    yield f"[poll{state}: {_bounded(_flat(poll.question or '', 300) + ' — ' + '; '.join(answers), guild)}]"


def _embed(embed: discord.Embed, guild: discord.Guild | None) -> str:
    """What an embed says; its texts stand in the order in which they are shown."""
    fields = (f"{field.name}: {field.value}" for field in embed.fields)
    above = (embed.provider.name, embed.author.name, embed.title, embed.description)
    texts = [text.strip() for text in (*above, *fields, embed.footer.text) if text and text.strip()]
    address = embed.url if embed.url and not texts else None
    told = " | ".join(texts) or address
    return f"[embed: {_bounded(told, guild)}]" if told else ""


def kind_of(attachment: discord.Attachment) -> str:
    """What a file claims to be: one of `KINDS`, or a file as any other, which may have text in it."""
    claimed = (attachment.content_type or "").partition(";")[0]
    kind = claimed.partition("/")[0]
    return kind if kind in KINDS and claimed not in MISTAKEN else "file"


def file_line(attachment: discord.Attachment) -> str:
    """A file by its kind and name; of a voice message, how long it is."""
    if attachment.is_voice_message():
        return f"[voice message of {round(attachment.duration or 0)} seconds]"
    if is_pasted(attachment):
        return PASTED_LINE
    kind = {"image": "picture"}.get(kind := kind_of(attachment), kind)
    described = f", described as: {_flat(attachment.description, 300)}" if attachment.description else ""
    return f"[{kind}: {_flat(attachment.filename)}{described}]"


def is_pasted(attachment: discord.Attachment) -> bool:
    """Whether it is what somebody wrote: more than a message holds, which Discord's client has made a file of."""
    return attachment.filename == PASTED and not attachment.description


def file_name(attachment: discord.Attachment) -> str:
    """A file's name as it can stand in a note."""
    return _flat(attachment.filename)


def _texts(components: Iterable[object]) -> Iterator[str]:
    """The texts in a message's components, in their order: what is shown, not what buttons are called."""
    for component in components:
        content = getattr(component, "content", None)
        if isinstance(component, discord.TextDisplay) and isinstance(content, str):
            yield content
        if not isinstance(component, discord.ActionRow):
            yield from _texts(getattr(component, "children", ()))


def _bounded(text: str, guild: discord.Guild | None) -> str:
    """A text as people see it, up to the bound."""
    return as_seen(text if len(text) <= PART_LENGTH else f"{text[: PART_LENGTH - 1]}…", guild)


def _flat(name: str, most: int = NAME_LENGTH) -> str:
    """A name on one line, and without brackets: it stands in some."""
    return " ".join(name.split())[:most].translate({ord("["): "(", ord("]"): ")"})
