"""A stretch of a channel -> what the channel remembers of it: which page belongs to which answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import discord

    from discord_bot.chat.buffered import BufferedMessage
    from discord_bot.reading.authors import Me


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
