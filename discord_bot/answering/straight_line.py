"""The straight line: a question -> who answers -> what the model is told -> what it says, shown while it says it.

What becomes of the reply in the end, or where the line is cut short, is `writing.py`'s.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from discord_bot import reading
from discord_bot.answering.asking import Work, asking_for
from discord_bot.answering.catching_up import look_up, read_back
from discord_bot.answering.controls import controls_of
from discord_bot.answering.showing import Showing
from discord_bot.answering.tracing import Trace
from discord_bot.chat.reasoning import thoughts
from discord_bot.chat.versions import Version
from discord_bot.delivery import WebhookSender
from discord_bot.errors import ContextLengthExceeded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discord_bot.answering.asking import Asking, Told
    from discord_bot.answering.exchanges import Exchange
    from discord_bot.bot import ChatBot
    from discord_bot.chat.reasoning import Shown
    from discord_bot.completions import Target
    from discord_bot.delivery import Reply
    from discord_bot.sentences import Language

A_MOMENT = 1.0
"""Seconds that an answer takes before there is a button to stop it: one that is whole sooner needs none."""
LOOK_EVERY = 0.25
"""Seconds between two looks at a text that grows, once there is enough of it to be shown: edits are a second apart."""
FEW = 20
"""Answers that may grow at once and be read word by word."""
GATHERING = 0.01
"""Seconds for which an answer's words are gathered before they are read, for each one more of them, and at most so long
as nobody looks: to be woken for every word costs more than the word.
"""
NOTHING = Version("")
"""What stands there before there is an answer."""


class StraightLine:
    """The way of one answer: walked once, and begun anew where the question has become another one."""

    def __init__(self, bot: ChatBot, exchange: Exchange, reply: Reply, language: Language, work: Work) -> None:
        self.bot, self.exchange, self.reply, self.work = bot, exchange, reply, work
        standing = exchange.versions.shown if work is Work.CONTINUE else None
        begun = standing if standing is not None else NOTHING
        self.showing = Showing(exchange, language, begun, begun.thoughts)
        self.trace = Trace()
        """Where the answer comes from."""

    async def walk(self) -> Version | None:
        """Asks the model, and shows its answer while it grows; None where nothing was asked."""
        bot, exchange, message = self.bot, self.exchange, self.exchange.message
        if exchange.question.asked is None and message.reference is None:
            return None
        asking = await asking_for(bot, exchange, self.work, self.showing.begun.text)
        if asking is None:
            return None
        speaking = asking.speaking
        sender, _ = await asyncio.gather(
            bot.voices.sender(
                message,
                speaking.persona,
                speaking.voice,
                exchange.sender,
                speaking.name_above(reading.own_name(message, bot.me)),
            ),
            read_back(bot, message, exchange.conversation, after=asking.after),
        )
        await look_up(bot, message, exchange.conversation)
        if isinstance(sender, WebhookSender) and (heard := exchange.question.heard_by(exchange)):
            sender.below = max(heard)
        self.reply.speak(sender)
        await self._ask(asking, await asking.look())
        return self.showing.version()

    async def _ask(self, asking: Asking, told: Told) -> None:
        """Has the model answer what fits; and where that was too long after all, once more, less."""
        model = asking.model
        try:
            await self._put(asking, told)
        except ContextLengthExceeded as error:
            model.learn_limit(error.limit, told.prompt.mix if told.prompt.spare else None)
            self.exchange.conversation.budget = None
            less = asking.tell(told.seen)
            if less.prompt.tokens >= told.prompt.tokens:
                raise
            told = less
            await self._put(asking, told)
        completion = self.showing.completion
        if completion is None:
            return
        if completion.answered_by is None:
            self.bot.models.get_to_know(model)
            if completion.usage is not None:
                model.estimator.learn(told.prompt.mix, completion.usage.prompt_tokens or 0)
        asking.sum_up(told)

    async def _put(self, asking: Asking, told: Told) -> None:
        """Asks the model, or those that stand in for it; and notes what it was asked."""
        targets = self.bot.targets(asking.model, asking.speaking.persona, told.prompt.messages)
        self.trace.asks(asking.provenance(told), targets[0].request)
        self.showing.told = told
        await self._stream(targets, asking.model.show_reasoning)

    async def _stream(self, targets: Sequence[Target], reasoning: Shown) -> None:
        """Shows what the model says while it says it, and after a moment the button that stops it."""
        exchange, reply, showing, now = self.exchange, self.reply, self.showing, asyncio.get_running_loop().time
        stop = exchange.growing or controls_of(self.bot, exchange, showing.language).while_growing()
        moment = now() + (0.0 if exchange.standing else A_MOMENT)
        first, *others = targets
        begun, look_again = bool(showing.begun.text), 0.0

        def gather() -> float:
            more = self.bot.delivery.growing.total() - FEW
            return min(GATHERING * more, LOOK_EVERY) if more > 0 and reply.readable else 0.0

        async with aclosing(self.bot.completions.stream(*first, others, gather)) as growing:
            async for completion in growing:
                showing.completion = completion
                self.trace.hears(completion)
                if reply.over:
                    break
                if reply.readable and now() < look_again:
                    continue
                look_again = now() + LOOK_EVERY
                text = showing.text
                if not begun and text.strip():
                    begun, showing.thoughts = True, thoughts(completion.reasoning, reasoning)
                shown = showing.thoughts + showing.mentioning(text)
                if reply.controls is not stop and shown != reply.text and now() >= moment:
                    reply.controls = stop  # goes out with the text: a button is not worth a request of its own
                reply.show(shown)
