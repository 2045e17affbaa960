"""A reply in Discord, from when it is opened over what stands there until what stands there then is remembered.

Whatever goes wrong in it ends here: it was said on the reply, and stands in the log, without anybody's words.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import discord

from discord_bot import reading
from discord_bot.answering.controls import controls_of
from discord_bot.answering.exchanges import Cut
from discord_bot.answering.writing import Writing
from discord_bot.delivery import BotSender, Content, Page, without_notice
from discord_bot.errors import BotError, CompletionError
from discord_bot.sentences import explain, explain_to_owner

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from discord_bot.answering.exchanges import Exchange
    from discord_bot.answering.questions import Question
    from discord_bot.answering.tracing import Trace
    from discord_bot.bot import ChatBot
    from discord_bot.sentences import Language

log = logging.getLogger(__name__)


async def in_a_reply(bot: ChatBot, exchange: Exchange, write: Callable[[Writing], Awaitable[None]]) -> None:
    """Lets the reply of an exchange become what it is to be; what stood there before is its beginning."""
    message, question, language = exchange.message, exchange.question, language_for(bot, exchange.question)
    reply = bot.delivery.reply(
        message, partial(explain, language=language), standing=exchange.standing, sender=exchange.sender
    )
    pages_before = exchange.page_ids
    exchange.reply = reply
    reply.when_gone(partial(exchange.cut_short, Cut.GONE))
    try:
        async with reply:
            await write(Writing(bot, exchange, reply, language))
    except CompletionError as error:
        words = explain_to_owner(error, bot.own_language)
        log.warning("no whole answer in channel %s: %s (%s, status %s): %s → %s",
                    message.channel.id, error.asked, error.kind, error.status, *words)  # fmt: skip
    except BotError as error:
        log.error("no answer in channel %s: %s", message.channel.id, error)  # noqa: TRY400  # known, so no traceback
    except discord.HTTPException as error:
        if isinstance(error, discord.Forbidden) and not question.is_apart:
            log.warning("the bot may not write in channel %s: it needs the permission to send messages there",
                        message.channel.id)  # fmt: skip
            await _show_mute(message)
            return
        log.warning("Discord refused a reply in channel %s: %s", message.channel.id, error)
        if not (question.is_apart or reply.sent):  # such as in a thread that is locked
            await _show_mute(message)
    except Exception:
        log.exception("no answer in channel %s", message.channel.id)
    finally:
        exchange.reply, exchange.standing, exchange.sender = None, reply.sent, reply.sender
        trace, exchange.trace = exchange.trace, None
        pages = {page.id: page for page in reply.pages}
        exchange.conversation.remove(pages_before - pages.keys())
        if not question.is_apart:
            _remember(bot, exchange, pages)
        _tell(bot, trace, list(pages))


async def show_at_once(
    bot: ChatBot, exchange: Exchange, page: str, show: Callable[[str, discord.ui.View | None], Awaitable[None]]
) -> None:
    """Lets the one page of a reply show another answer by `show`, which costs no edit."""
    view = controls_of(bot, exchange, language_for(bot, exchange.question)).at_the_end(exchange.versions)
    standing, sender = exchange.standing[0], exchange.sender or BotSender(exchange.message)
    content = Content(page, controls=view, first=True)
    await show(sender.shown(standing.message, content), view)
    standing.content = content
    _remember(bot, exchange, {standing.id: Page(standing.id, page, sender.webhook_of(standing.message))})


def language_for(bot: ChatBot, question: Question) -> Language:
    """The language for the bot's own words to a question."""
    message = question.message
    locale = message.guild.preferred_locale if message.guild is not None else None
    return question.language or bot.language(locale, text=message.content)


def _remember(bot: ChatBot, exchange: Exchange, pages: Mapping[int, Page]) -> None:
    """Lets the buffer hold what stands in Discord now."""
    first = exchange.standing[0].id if exchange.standing else None
    for page_id, page in pages.items():
        if content := without_notice(page.content):
            said = reading.answer(page, content, exchange.message, bot.me, exchange.speaker)
            exchange.conversation.remember(said if page_id == first else said._replace(first_page=first))
        else:
            exchange.conversation.remove((page_id,))


def _tell(bot: ChatBot, trace: Trace | None, page_ids: Sequence[int]) -> None:
    """Lets who observes the bot know where an answer comes from, if a model was asked."""
    if bot.observer is None or trace is None:
        return
    if trace.provenance is not None and trace.request is not None:
        bot.observer(trace.provenance, trace.request, page_ids)


async def _show_mute(message: discord.Message) -> None:
    """Where the bot may not write, a reaction is the only word that it has."""
    with suppress(discord.HTTPException):
        await message.add_reaction("🔇")
