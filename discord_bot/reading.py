"""What a Discord message is to the bot: readable text, and whether it speaks to us. Only here are messages read."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import discord

from discord_bot.chat.buffered import Attached, BufferedMessage, Quoted, quote
from discord_bot.chat.files import File
from discord_bot.contents import FILES, file_line, file_name, has_more_than_text, in_words, kind_of
from discord_bot.delivery import Page, answered_by, named_on, without_line, without_name, without_notice

NAME_LENGTH = 64
"""Characters of a name that are kept; Discord allows 32, webhooks 80."""
PICTURES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
"""The kinds of pictures that are shown to a model."""
GREETING = r"greeting:(?P<key>[0-9a-f]{16}):(?P<index>\d{1,5})(?P<direction>[lrc]):(?P<above>[0-9a-z.]*)"
"""What the custom ids of the buttons below a greeting look like; of the three, the middle one says which it is."""
_BREAKS = re.compile(r"[\s:：]+")
_OTHERS = re.compile(r"\s*<@[!&]?\d+>")
"""A mention of a person or of a role at the very beginning."""


@dataclass(frozen=True, slots=True)
class Me:
    """Who the bot is in Discord: its user, and its application, which its webhooks belong to."""

    id: int
    name: str
    application_id: int | None


def is_own(message: discord.Message, me: Me) -> bool:
    """Whether the bot has said it: as itself, or as a persona through a webhook of its own.

    What a webhook has written names the application that made the webhook, so it is known after a restart too. Answers
    to commands have a webhook as well, the application itself; they are no part of a conversation.
    https://discord.com/developers/docs/resources/message#message-object
    """
    if message.webhook_id is None:
        return message.author.id == me.id
    return message.author.id != me.id and message.application_id == me.application_id is not None


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


def own_words(content: str) -> str:
    """What was said on a page of the bot's own: without its small print."""
    return without_notice(without_name(without_line(content)))


def own_name(message: discord.Message, me: Me) -> str:
    """The bot's name as people see it where a message stands."""
    shown = getattr(message.guild or message.channel, "me", None)
    return me.name if shown is None else name_of(shown)


def custom_ids(message: discord.Message) -> list[str]:
    """The custom ids of the buttons below a message."""
    rows = (row.children for row in message.components if isinstance(row, discord.ActionRow))
    return [each.custom_id for row in rows for each in row if isinstance(each, discord.Button) and each.custom_id]


def _greeting_on(message: discord.Message) -> int | None:
    """Which greeting a message is the end of, by its buttons."""
    found = (re.fullmatch(GREETING, each) for each in custom_ids(message))
    return next((int(each["index"]) for each in found if each is not None and each["direction"] == "c"), None)


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


def answer(page: Page, content: str, question: discord.Message, me: Me, name: str | None) -> BufferedMessage:
    """A page of the bot's own answer as a channel remembers it; `name` is the persona's that gave it, if it has one."""
    author, by_name = page.webhook_id or me.id, page.webhook_id is not None
    return BufferedMessage(page.id, author, name or me.name, content, own=True, answers=question.id, by_name=by_name)


def in_order(
    messages: Iterable[discord.Message], me: Me, read_one: Callable[[discord.Message, Me], BufferedMessage | None]
) -> list[BufferedMessage]:
    """A stretch of a channel's history as the channel remembers it, oldest first.

    Only the first page of an answer names the question; the pages that follow it belong to the same. What came through
    a webhook and names none stands right below it: below what was asked, or below a command's answer, as greetings do;
    or below another persona's answer to the same.
    """
    result: list[BufferedMessage] = []
    told: int | None = None
    commands: set[int] = set()
    whole: set[int] = set()
    for message in sorted(messages, key=lambda each: each.id):
        read = read_one(message, me)
        if read is None:
            told = message.id if message.interaction_metadata is not None else None
            commands.update(() if told is None else (told,))
            continue
        if read.own and read.answers is None and told is not None:
            read = read._replace(answers=told)
        elif read.own:
            read = _placed(read, message, me, result, whole)
        if read.own and read.greeting is None and read.answers in commands:
            read = read._replace(greeting=0)  # the only one has no buttons
        told = None
        if message.components:
            whole.add(message.id)  # buttons stand below the last page
        result.append(read)
    return result


def _placed(
    read: BufferedMessage, message: discord.Message, me: Me, before: Sequence[BufferedMessage], whole: Collection[int]
) -> BufferedMessage:
    """A page of the bot's own, as the first one of an answer or a further one of an answer that stands before it."""
    if read.answers is not None:
        named = (each for each in before if each.own and each.id == read.answers)  # the page before it
        same = (each for each in reversed(before) if each.answers == read.answers and _same_face(each, read))
        page = next(named, None) or next(same, None)
        return read if page is None else _further(read, page)
    above = before[-1] if before else None
    if above is None or not _below(above, read, message, me):
        return read
    if not above.own:
        return read._replace(answers=above.id)
    if above.id in whole or (read.by_name and not _same_face(above, read)):
        return read._replace(answers=above.answers)
    return _further(read, above)


def _below(above: BufferedMessage, read: BufferedMessage, message: discord.Message, me: Me) -> bool:
    """Whether a page that names no question belongs to what stands above it.

    So do further pages, what came through a webhook, and the first page in a thread that was opened at its question.
    """
    return above.own or read.author_id != me.id or above.id == message.channel.id


def _same_face(page: BufferedMessage, read: BufferedMessage) -> bool:
    """Whether two pages were written through a webhook under the same name."""
    return page.by_name and read.by_name and page.author_name == read.author_name


def _further(read: BufferedMessage, page: BufferedMessage) -> BufferedMessage:
    """A page that goes on with the answer to which another one belongs, and says no more whose that is."""
    name = read.author_name if read.by_name else page.author_name
    return read._replace(author_name=name, answers=page.answers, first_page=page.first_page or page.id)


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


def addresses(message: discord.Message, me: Me) -> bool:
    """Whether a message speaks to the bot: a DM, a mention of its user or its own role, or a reply to it.

    @everyone and other roles are no mention of it.
    """
    if message.guild is None:
        return True
    if message.mentions and any(user.id == me.id for user in message.mentions):
        return True
    if "<@" in message.content and any(mention in message.content for mention in mentions_of(message, me)):
        return True
    return message.reference is not None and replies_to(message, me)


def replies_to(message: discord.Message, me: Me) -> bool:
    """Whether a message is a reply to one of the bot's."""
    answered = message.reference.resolved if message.reference is not None else None
    return isinstance(answered, discord.Message) and is_own(answered, me)


def may_read_back(message: discord.Message, me: Me) -> bool:
    """Whether the bot may read what was written before in a message's channel.

    Where it may not, Discord gives an empty history instead of a refusal.
    https://discord.com/developers/docs/resources/message#get-channel-messages
    """
    channel, guild = message.channel, message.guild
    member = guild.get_member(me.id) if guild is not None else None
    if member is None or isinstance(channel, discord.PartialMessageable):
        return True
    return channel.permissions_for(member).read_message_history


def was_edited_within(seconds: float, message: discord.Message) -> bool:
    """Whether an update of a message is an edit of its text just now, not long after it was written.

    A pin, a thread or a link's preview comes as an update, too, at any time.
    """
    if message.edited_at is None:
        return False
    after, ago = message.edited_at - message.created_at, discord.utils.utcnow() - message.edited_at
    return after.total_seconds() <= seconds and ago.total_seconds() <= seconds


def speaks_to_another(message: discord.Message, me: Me) -> bool:
    """Whether a message that does not speak to the bot plainly speaks to somebody else.

    It begins with a mention of others, or is a reply to another person; who replies to themselves goes on.
    """
    if _OTHERS.match(message.content):
        return True
    answered = message.reference.resolved if message.type is discord.MessageType.reply and message.reference else None
    if not isinstance(answered, discord.Message) or is_own(answered, me):
        return False
    return answered.author.id not in (me.id, message.author.id)


def spoken_to(message: discord.Message, me: Me) -> str | None:
    """The name of the persona whose message this is a reply to, where it spoke under a name of its own."""
    answered = message.reference.resolved if message.reference is not None else None
    if not isinstance(answered, discord.Message) or answered.webhook_id is None or not is_own(answered, me):
        return None
    return name_of(answered.author)


def mentions_of(message: discord.Message, me: Me) -> tuple[str, ...]:
    """The ways to mention the bot there: its user (there is an old form with `!` too), and its own managed role.

    Discord's own completion offers both under the same name.
    """
    # Looked for only where any role is mentioned: this runs for every message that the bot can see.
    role = message.guild.self_role if message.guild is not None and "<@&" in message.content else None
    return (f"<@{me.id}>", f"<@!{me.id}>", *((f"<@&{role.id}>",) if role is not None else ()))


def address_of(channel: discord.abc.MessageableChannel, message_id: int) -> str:
    """Where a message stands, as a link; that at which a thread was opened, which has the thread's id, above it."""
    guild = getattr(channel, "guild", None)
    home = parent_of(channel) if message_id == channel.id else None
    return f"https://discord.com/channels/{guild.id if guild is not None else '@me'}/{home or channel.id}/{message_id}"


def places(channel: discord.abc.Snowflake | None) -> list[int]:
    """The ids that stand for a place: the channel's own, that of a thread's channel, the category's; none for a DM.

    A channel that discord.py has not been told of is a place too, so that no list of channels is passed by there.
    """
    if channel is None or isinstance(channel, (discord.DMChannel, discord.GroupChannel)):
        return []
    home = channel.parent if isinstance(channel, discord.Thread) else channel  # unknown, perhaps
    ids = (channel.id, parent_of(channel), getattr(home, "category_id", None))
    return [each for each in ids if each is not None]


def parent_of(channel: discord.abc.Snowflake | None) -> int | None:
    """The id of the channel that a thread belongs to; None for what is no thread."""
    return channel.parent_id if isinstance(channel, discord.Thread) else None


def name_of(author: discord.abc.User) -> str:
    """A person's name as shown in that server, on one line and without a colon, so that it can't pose as a turn."""
    return as_speaker(author.display_name) or str(author.id)


@lru_cache(maxsize=4096)  # a name is read with each message of whoever bears it
def as_speaker(name: str) -> str:
    """A name as it stands before what somebody says."""
    return _BREAKS.sub(" ", name).strip()[:NAME_LENGTH]
