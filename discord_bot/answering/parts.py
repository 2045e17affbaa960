"""Several quick messages of one person are one question: which of them belong together."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from discord_bot.answering.exchanges import Cut

if TYPE_CHECKING:
    import discord

    from discord_bot.answering.exchanges import Exchanges
    from discord_bot.answering.questions import Question
    from discord_bot.conversations import Conversation

QUICK: Final = timedelta(seconds=15)
"""How soon after the one before a message must be written to belong to it."""
MOST: Final = 10
"""Messages of one question: each of them asks the model anew."""


def earlier_part(
    exchanges: Exchanges, conversation: Conversation | None, message: discord.Message, *, speaks: bool
) -> Question | None:
    """What the same person asked a moment ago and was not told a word about yet, if this message belongs to it.

    One that does not speak to the bot belongs to it only where it doesn't speak to anybody else either.
    """
    if conversation is None or not conversation.concerns(message.author.id):
        return None
    if not speaks and (message.reference is not None or message.mentions or message.role_mentions):
        return None
    earlier = exchanges.open_of(message)
    if earlier is None or len(earlier.parts) + 1 >= MOST or message.created_at - earlier.message.created_at > QUICK:
        return None
    return earlier


def take_in(earlier: Question, question: Question) -> None:
    """Makes an earlier question a part of a newer one, which is answered in its place.

    Its text needs no copying: both stand in the channel's buffer, one below the other.
    """
    question.parts = {**earlier.parts, earlier.message.id: earlier.says}
    question.is_reply = True  # whatever becomes of one part's mention, all were for the bot
    for exchange in earlier.exchanges:
        exchange.cut_short(Cut.TAKEN_BACK)


def revise_part(question: Question, message_id: int, says: str | None) -> bool:
    """Takes in an edit of a part, or its deletion (None); whether that changes the question."""
    unchanged = question.parts[message_id] == says
    if says is None:
        del question.parts[message_id]
    else:
        question.parts[message_id] = says
    return not unchanged
