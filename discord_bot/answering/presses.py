"""What people press below a reply: stop, again, continue, and ◀ ▶ through the answers.

It is found from what the button says of itself, after a restart too; to press "Again" is to ask, and waits for a turn.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from discord_bot.answering.asking import Work
from discord_bot.answering.controls import controls_of
from discord_bot.answering.exchanges import Cut
from discord_bot.answering.recall import controls_left, question_below
from discord_bot.answering.replies import in_a_reply, language_for, show_at_once
from discord_bot.answering.writing import Writing
from discord_bot.delivery import Sent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import discord

    from discord_bot.answering.controls import Controls, Press
    from discord_bot.answering.exchanges import Exchange, Exchanges
    from discord_bot.answering.turns import Turns
    from discord_bot.bot import ChatBot
    from discord_bot.sentences import Language


class Presses:
    """All buttons below replies, and what each does when it is pressed by somebody who may."""

    def __init__(self, bot: ChatBot, exchanges: Exchanges, turns: Turns) -> None:
        self._bot, self._exchanges, self._turns = bot, exchanges, turns

    def stop(self, press: Press, page_id: int) -> bool:
        """Ends an answer where it is; False where none is being written."""
        exchange = self.known(press, page_id)
        if exchange is None or not exchange.busy:
            return False
        exchange.cut_short(Cut.STOPPED)
        return True

    def known(self, press: Press, page_id: int) -> Exchange | None:
        """The exchange that a button below that page belongs to, where it is still known."""
        question = self._exchanges.about(press.question_id)
        return question.exchange_of(press.persona, page_id) if question is not None else None

    async def recall(self, press: Press, page: discord.Message) -> Exchange | None:
        """The exchange that a button belongs to, told from the channel where it is not known any more.

        None where the question is gone. Raises what discord.py raises where Discord can't be asked.
        """
        if self._exchanges.about(press.question_id) is None:
            read = await question_below(self._bot, press, page)
            if read is not None and self._exchanges.about(press.question_id) is None:  # it may have been pressed twice
                self._exchanges.add(read)
        exchange = self.known(press, page.id)
        if exchange is not None:
            await exchange.let_end()
        if exchange is not None and not exchange.busy and page.id not in exchange.page_ids:
            exchange.standing = [*exchange.standing, Sent(page)]
        return exchange

    async def write(
        self,
        exchange: Exchange,
        work: Work,
        person_id: int,
        show: Callable[[discord.ui.View | None], Awaitable[None]],
    ) -> bool:
        """Begins a further answer, or goes on with one; whether that has to wait for that person's other answers.

        Where it begins at once, `show` lets the button that stops it stand below the reply.
        """
        self._turns.hold(exchange)
        waits = exchange.conversation.has_to_wait(person_id)
        if not waits:
            stop = exchange.growing = self._controls_of(exchange).while_growing()
            try:
                await show(stop)
            except BaseException:
                exchange.busy, exchange.growing = False, None
                raise
            exchange.note_controls(stop)
        self._turns.begin(exchange, self._turns.take(exchange, work, person_id))
        return waits

    def controls_now(self, press: Press, page_id: int, language: Language) -> discord.ui.View | None:
        """The buttons that belong below a reply that nobody writes, where others stand there yet."""
        exchange = self.known(press, page_id)
        if exchange is None:  # the bot was restarted while that answer grew
            return controls_left(self._bot, press, language)
        view = self._controls_of(exchange).at_the_end(exchange.versions)
        exchange.note_controls(view)
        return view

    async def leaf(
        self, exchange: Exchange, by: int, show: Callable[[str, discord.ui.View | None], Awaitable[None]]
    ) -> None:
        """Shows an earlier or a later answer, if there is one and nothing is being written.

        One that fits into the message goes out by `show`, as the answer to the press: that is at once, while edits are
        few in a channel.
        """
        await exchange.let_end()
        if exchange.busy or not exchange.versions.step(by):
            return
        self._turns.hold(exchange)
        exchange.leafing = True
        version = exchange.versions.shown
        alone = version is not None and len(version.pages) == len(exchange.standing) == 1
        if version is not None and alone:
            at_once = partial(show_at_once, self._bot, exchange, version.pages[0], show)
            await self._turns.begin(exchange, self._leaf(exchange, at_once))
        else:
            self._turns.begin(exchange, self._leaf(exchange, partial(in_a_reply, self._bot, exchange, Writing.show)))

    async def _leaf(self, exchange: Exchange, show: Callable[[], Awaitable[None]]) -> None:
        await show()
        if exchange.cut is Cut.REVISED and exchange.leads:
            await self._turns.take(exchange, Work.ANSWER, exchange.message.author.id)

    def _controls_of(self, exchange: Exchange) -> Controls:
        return controls_of(self._bot, exchange, language_for(self._bot, exchange.question))
