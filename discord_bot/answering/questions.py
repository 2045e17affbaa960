"""One question, and who answers it: as a rule one, and several where it speaks to several.

They answer one after the other, in one turn of whoever asked, so that each has heard the ones before. What happens to
the question happens to all of them; what is pressed below one reply concerns that one alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord_bot.answering.exchanges import Cut, Exchange
from discord_bot.chat.buffered import with_readings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import discord

    from discord_bot.cast import Speaking
    from discord_bot.chat.buffered import BufferedMessage
    from discord_bot.chat.files import FileKey, Reading
    from discord_bot.conversations import Conversation
    from discord_bot.sentences import Language


class Question:
    """What somebody asked, and the exchanges about it: one for each who answers, in their order."""

    def __init__(
        self,
        message: discord.Message,
        asked: BufferedMessage | None,
        conversation: Conversation,
        *,
        is_reply: bool = False,
    ) -> None:
        self.message = message
        """The question as it is now."""
        self.asked = asked
        """What of it is remembered; None where there is nothing to be read."""
        self.conversation = conversation
        self.is_reply = is_reply
        """Whether it speaks to the bot by answering one of its messages, which no edit changes."""
        self.is_apart = False
        """Whether it was asked by a command, beside the conversation, which remembers nothing of it."""
        self.beside: tuple[BufferedMessage, ...] = ()
        """What is asked by a command: the question, and above it the message that it is about, if there is one."""
        self.own_place: int | None = None
        """The person's conversation with the bot, whose settings count where the bot knows nothing of the place."""
        self.language: Language | None = None
        """The language for the bot's own words, where it is known of the person; None to tell it from the message."""
        self.parts: dict[int, str] = {}
        """What the same person said just before and belongs to the question: ids of messages, and what they say."""
        self.exchanges = [Exchange(self)]
        """Before it is known who answers, there is one that nobody has yet."""

    @property
    def says(self) -> str:
        """What the question says."""
        return self.asked.content if self.asked is not None else ""

    @property
    def text(self) -> str:
        """All that it says, its parts too, as it was written."""
        return "\n".join((*self.parts.values(), self.message.content))

    @property
    def ids(self) -> list[int]:
        """The ids of the messages that are the question, and of one that it is about."""
        beside = (each.id for each in self.beside)  # of a command, the question too
        return list(dict.fromkeys((*self.parts, *beside, self.message.id)))

    @property
    def busy(self) -> bool:
        """Whether it is being answered, or waits to be."""
        return any(each.busy for each in self.exchanges)

    @property
    def is_open(self) -> bool:
        """Whether more that is said in the channel can still belong to it: no word of an answer was shown yet."""
        return not self.is_apart and all(each.is_open for each in self.exchanges)

    @property
    def over_at(self) -> float:
        """When it was last answered, on the event loop's clock."""
        return max(each.over_at for each in self.exchanges)

    @property
    def stands(self) -> bool:
        """Whether anything of an answer stands in Discord."""
        return any(each.standing for each in self.exchanges)

    @property
    def first(self) -> Exchange:
        """The exchange with which answering begins; a reply that was taken back or deleted does not come back."""
        over = (Cut.TAKEN_BACK, Cut.GONE)
        return next((each for each in self.exchanges if each.cut not in over), self.exchanges[0])

    @property
    def is_taken_back(self) -> bool:
        """Whether all that was an answer to it is being taken back."""
        return all(each.cut is Cut.TAKEN_BACK for each in self.exchanges)

    @property
    def waiting(self) -> Exchange | None:
        """The exchange that is to be written when the ones before it are."""
        return next((each for each in self.exchanges if each.waits), None)

    def note_readings(self, readings: Mapping[FileKey, Reading], most: int) -> None:
        """Notes what was read of files, for prompts of `most` tokens: in the conversation, and beside it."""
        self.conversation.buffer.note_readings(readings, most)
        self.beside = tuple(with_readings(each, readings, most) for each in self.beside)

    def heard_by(self, exchange: Exchange) -> set[int]:
        """The pages of those who answer before that one, which it has heard."""
        before = self.exchanges[: self.exchanges.index(exchange)] if exchange in self.exchanges else []
        return {page_id for each in before for page_id in each.page_ids}

    def exchange_of(self, key: str, page_id: int) -> Exchange | None:
        """The exchange to which a button below a page belongs, which says who has answered, or is of an old form."""
        with_key = (each for each in self.exchanges if key and each.key == key)
        with_page = (each for each in self.exchanges if page_id in each.page_ids)
        alone = iter(self.exchanges if len(self.exchanges) == 1 else ())
        return next(with_key, None) or next(with_page, None) or next(alone, None)

    def share_out(self, speaking: Sequence[Speaking], writing: Exchange) -> None:
        """Gives an exchange to each whom the question speaks to; they wait, but for the one that is being written.

        Who answered it before has its own. A reply of somebody else's becomes that of who has none yet, if it can; what
        is left over is taken back.
        """
        left = list(speaking)
        others: list[Exchange] = []
        for exchange in self.exchanges:
            own = next((each for each in left if exchange.is_of(each)), None)
            if own is not None:
                left.remove(own)
                exchange.give_to(own)
            elif exchange.cut is not Cut.GONE:
                others.append(exchange)
        for exchange in others:
            if left and not exchange.has_a_face:
                exchange.give_to(left.pop(0))
            else:
                exchange.cut_short(Cut.TAKEN_BACK)
        for each in left:
            self.exchanges.append(Exchange(self))
            self.exchanges[-1].give_to(each)
        for exchange in self.exchanges:
            if exchange is not writing and exchange.cut is not Cut.GONE and not exchange.queued:
                exchange.wait()
