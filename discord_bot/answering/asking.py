"""What a model is asked: what is set and remembered -> who answers, and the prompt with all that goes with it.

Nothing here knows of a reply: what is said of an answer, and where it stands, comes behind it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING

from discord_bot import reading
from discord_bot.answering.apart import settings_of
from discord_bot.cast import shown_as, speaking_of, spoken_to
from discord_bot.chat import prompt
from discord_bot.chat.provenance import Provenance, Sources
from discord_bot.chat.speakers import unmentioned
from discord_bot.chat.summary import fitting
from discord_bot.chat.tokens import mix_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from discord_bot.answering.exchanges import Exchange
    from discord_bot.bot import ChatBot
    from discord_bot.cast import Speaking
    from discord_bot.chat.buffered import BufferedMessage
    from discord_bot.chat.history import History
    from discord_bot.chat.persona import Persona
    from discord_bot.chat.provenance import Setting
    from discord_bot.known_models import Model


class Work(Enum):
    """What is to be written."""

    ANSWER = auto()
    """The answer to a question, be it new or edited: there is no other."""
    AGAIN = auto()
    """A further answer to the same question, in the place of the one that stands."""
    CONTINUE = auto()
    """What the model has left to say."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a model is told: a prompt, and what it was made of."""

    prompt: prompt.Prompt
    messages: Sequence[BufferedMessage]
    """All that it could draw on."""
    seen: Mapping[int, str]
    """The pictures that the model sees, by their ids."""
    people: Mapping[int, str]
    """The names of those who have taken part, by their ids: they can be mentioned."""
    others: AbstractSet[str]
    """The names of all but who answers."""
    own_names: tuple[str, ...] | None
    """The names of who answers, where the prompt names speakers and the model may imitate that; else None."""


async def asking_for(bot: ChatBot, exchange: Exchange, work: Work, begun: str) -> Asking | None:
    """Settles who answers, by what is set there; None where an edit of the question has left this one out."""
    question = exchange.question
    state, library = await settings_of(bot, question)
    message = exchange.message
    cast = await bot.speaking_in(state, library)
    named = spoken_to(message, question.text, cast, bot.me)
    if question.is_apart:
        named = named[:1]  # a command is answered once
    if work is Work.ANSWER and exchange.leads:
        question.share_out(named, exchange)
        if exchange.cut is not None:
            return None
    own = next((each for each in cast if exchange.is_of(each)), None)
    if own is None and work is not Work.ANSWER:  # it speaks there no more, but here it has
        own = await speaking_of(exchange.key, cast, library, bot.personas)
    if own is None:
        own = named[0]
        exchange.give_to(own)
    return Asking(
        bot,
        exchange,
        speaking=own,
        why=own.setting.why(message.channel.id) if own.key == cast[0].key else "added",
        model=bot.model_in(state, own.persona),
        after=state.forgotten_up_to,
        begun=begun,
    )


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is to answer a question, and by what: settled once, before anything of it is read or fetched."""

    bot: ChatBot
    exchange: Exchange
    speaking: Speaking
    why: Setting
    """Why it is this one that answers."""
    model: Model
    after: int | None
    """The message up to which everything was forgotten."""
    begun: str
    """What stands there already of the same answer."""

    async def look(self) -> Told:
        """What the model is told, with what is not in the texts themselves: pictures, if it sees any, and files.

        Only those of messages are fetched that the prompt has room for, as far as is known before.
        """
        bot, question = self.bot, self.exchange.question
        told = self.tell({})
        included = frozenset(told.prompt.included)
        messages = [message for message in told.messages if message.id in included]
        if not any(message.pictures or message.files for message in messages):
            return told
        seen, readings = await asyncio.gather(
            bot.sight.see(self.exchange.message.channel.id, messages if self._sees else (), bot.settings),
            bot.files.read_newest(messages, bot.settings, question.ids),
        )
        conversation, most = self.exchange.conversation, bot.settings.conversation.max_tokens
        question.note_readings(readings, min(most, conversation.budget or most))
        return self.tell(seen)

    def tell(self, seen: Mapping[int, str]) -> Told:
        """What the model is told of what is remembered now, within what it reads as far as that is known now."""
        exchange, persona, remembering = self.exchange, self.speaking.persona, self.bot.settings.conversation
        conversation, asked = exchange.conversation, exchange.question.asked
        if asked is not None and asked.id not in conversation.buffer.ids and not exchange.question.is_apart:
            conversation.remember(asked)  # so much was said while it waited that it had been cut off
        history = self._history()
        if (after := self.after) is not None:
            conversation.summaries.drop(lambda summary: summary.first <= after)
        people, messages = history.people, history.messages
        others = {shown_as(other) for other in self.speaking.others}
        if others:  # what another persona said, somebody else said
            history = replace(history, messages=tuple(_said_by(others, each) for each in messages))
        mix = mix_of(text for each in history.messages for text in each.texts)
        conversation.budget = prompt.steady(conversation.budget, self.model.budget(remembering.max_tokens, mix))
        built = prompt.build(
            persona,
            history,
            budget=conversation.budget,
            now=datetime.now(UTC),
            asker=people.get(exchange.message.author.id) or reading.name_of(exchange.message.author),
            speakers=remembering.speakers,
            greeting=_opening(persona, history.greeting_of(self.speaking.shown), history.origin),
            seen=seen,
            summary_before=self._summary_before if remembering.summarise else None,
        )
        return Told(
            prompt.going_on(built, unmentioned(self.begun, people)) if self.begun else built,
            messages,
            seen,
            people,
            others=others.union(each.author_name for each in history.messages if not each.own),
            own_names=persona.known_as if remembering.speakers == "prefix" else None,
        )

    def provenance(self, told: Told) -> Provenance:
        """Where the answer comes from, as far as that is known when the model is asked."""
        question, persona, model = self.exchange.question, self.speaking.persona, self.model
        messages = told.messages
        if question.is_apart:  # no message stands in Discord for it
            messages = [each for each in messages if each.id != question.message.id]
        return Provenance(
            persona=persona.name,
            setting=self.why,
            gone=self.speaking.setting.gone,
            sources=Sources.of(told.prompt, messages, told.seen, persona.lore),
            apart=question.is_apart,
            alone=self._whose is not None,
            heard_only=not self.exchange.conversation.complete,
            forgotten_up_to=self.after,
            model=model.reference,
            sees=self._sees,
            budget=model.room(self.bot.settings.conversation.max_tokens),
            estimate=model.estimator.estimate(told.prompt.mix) or told.prompt.tokens,
            goes_on=bool(self.begun),
        )

    def sum_up(self, told: Told) -> None:
        """Lets what will soon be left out of a prompt be summed up, where that is wanted."""
        asked, wanted = told.prompt, self.bot.settings.conversation.summarise and not self.exchange.question.is_apart
        if not (wanted and asked.falling) or self.bot.delivery.crowded:
            return
        ids, conversation = {*asked.left_out, *asked.falling}, self.exchange.conversation
        older = [each for each in self._history().messages if each.id in ids]  # as it stands now
        self.bot.summing_up.begin(
            conversation.summaries,
            self._whose,
            fitting(older, conversation.budget or self.bot.settings.conversation.max_tokens),
            partial(self.bot.targets, self.model, self.speaking.persona),
        )

    def _history(self) -> History:
        """What a prompt may draw on now."""
        exchange, question, whose = self.exchange, self.exchange.question, self._whose
        buffer = exchange.conversation.buffer
        history = buffer.history(until=exchange.message.id, after=self.after, heard=question.heard_by(exchange))
        if whose is not None:
            history = history.with_person(whose)
        return buffer.beside(history, question.beside) if question.is_apart else history

    @property
    def _sees(self) -> bool:
        """Whether the model takes pictures, as far as that is known."""
        return self.bot.completions.known(self.model.reference).dialect.images

    @property
    def _whose(self) -> int | None:
        """Whose conversation it is: the asker's, where everybody has one, or that of all."""
        message = self.exchange.message
        alone = self.bot.hearing.rules_in(message.channel).conversation == "person"
        return message.author.id if alone else None

    def _summary_before(self, begins: BufferedMessage) -> str:
        summaries = self.exchange.conversation.summaries
        is_apart = self.exchange.question.is_apart  # which must not change what the conversation is told
        summary = summaries.shown(self._whose) if is_apart else summaries.before(self._whose, begins)
        return summary.text if summary is not None else ""


def _opening(persona: Persona, said: int | None, origin: int) -> int | None:
    """The number of the greeting that stands at the beginning: one that has been cut off is taken to be the first."""
    if said is None:
        return 0 if origin else None
    return persona.greets_with[said] if said < len(persona.greets_with) else None


def _said_by(others: Collection[str], message: BufferedMessage) -> BufferedMessage:
    """A message of which somebody else's it is, and what it replies to, where one of the other personas said it."""
    quoted = message.quoted
    if quoted is not None and quoted.own and quoted.author_name in others:
        quoted = replace(quoted, own=False)
    return message._replace(own=message.own and message.author_name not in others, quoted=quoted)
