"""The straight line: what is remembered -> the prompt -> the model -> the reply."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING

from discord_bot import reading
from discord_bot.answering.apart import settings_of
from discord_bot.answering.catching_up import look_up, read_back
from discord_bot.answering.controls import Action, Controls, Press
from discord_bot.answering.exchanges import Cut, Exchange
from discord_bot.answering.tracing import Trace
from discord_bot.cast import shown_as, speaking_of, spoken_to
from discord_bot.chat import prompt
from discord_bot.chat.continuation import joined
from discord_bot.chat.in_character import in_character
from discord_bot.chat.pictures import pictures_in, without_inline
from discord_bot.chat.provenance import Provenance, Sources
from discord_bot.chat.reasoning import thoughts
from discord_bot.chat.speakers import mentioning, unmentioned
from discord_bot.chat.summary import fitting
from discord_bot.chat.tokens import mix_of
from discord_bot.chat.usage import counted
from discord_bot.chat.versions import Version
from discord_bot.delivery import Attachment, WebhookSender
from discord_bot.errors import CompletionError, CompletionTimeout, ContextLengthExceeded, StreamInterrupted
from discord_bot.sentences import SAID, Language, explain
from discord_bot.sentences.files import not_read

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from discord_bot.bot import ChatBot
    from discord_bot.cast import Speaking
    from discord_bot.chat.buffered import BufferedMessage
    from discord_bot.chat.completion import Completion
    from discord_bot.chat.files import File
    from discord_bot.chat.history import History
    from discord_bot.chat.persona import Persona
    from discord_bot.chat.provenance import Setting
    from discord_bot.chat.reasoning import Shown
    from discord_bot.completions import Target
    from discord_bot.delivery import Reply
    from discord_bot.known_models import Model
    from discord_bot.store import ChannelState, Library

log = logging.getLogger(__name__)

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
CUT = {Cut.STOPPED: "stopped", Cut.OUT_OF_TIME: "out_of_time"}
"""What is said of an answer that was cut short and stays."""
HALF_DONE = (StreamInterrupted, CompletionTimeout, asyncio.CancelledError)
"""What ends an answer in its middle, so that the model can go on with it."""


class Work(Enum):
    """What is to be written."""

    ANSWER = auto()
    """The answer to a question, be it new or edited: there is no other."""
    AGAIN = auto()
    """A further answer to the same question, in the place of the one that stands."""
    CONTINUE = auto()
    """What the model has left to say."""


@dataclass(slots=True)
class Writing:
    """What is being written into one reply."""

    bot: ChatBot
    exchange: Exchange
    reply: Reply
    language: Language
    work: Work = Work.ANSWER
    growing: Completion | None = None
    """What the model has said so far."""
    thoughts: str = ""
    """The line of what was thought before, as it is shown."""
    speaking: Speaking | None = None
    """Who answers, once that is known."""
    _why: Setting = "default"
    """Why it is this one that answers."""
    _others: AbstractSet[str] = frozenset()
    """The names of all others in the prompt."""
    people: Mapping[int, str] = field(default_factory=dict)
    """The names of those who have taken part, by their ids: they can be mentioned."""
    seen: Mapping[int, str] = field(default_factory=dict)
    """The pictures that the model sees, by their ids."""
    told: Mapping[int, Sequence[File]] = field(default_factory=dict)
    """The files that the model was told of, by the ids of their messages."""
    _told: Sequence[BufferedMessage] = ()
    """What the prompt was made of."""
    trace: Trace = field(default_factory=Trace)
    """Where the answer comes from."""

    async def follow(self, work: Work) -> None:
        """Writes the answer to its end, or until it is cut short; from its beginning again where it was revised.

        Whatever goes wrong stands on the reply, in one sentence, when it leaves here as an exception.
        """
        exchange, reply, self.work = self.exchange, self.reply, work
        try:
            while True:
                exchange.begin()
                version, self.growing, self.thoughts = None, None, self._begun.thoughts
                self.trace = exchange.trace = Trace()
                async with exchange.cuttable():
                    version = await self._ask()
                if exchange.cut is not Cut.REVISED:
                    break
                if not exchange.leads:
                    return  # it is written again behind the first one
                self.work = Work.ANSWER
        except BaseException as error:  # also where the bot stops: what stands there must be true in any case
            partial = self._in_character(error.partial_text) if isinstance(error, CompletionError) else ""
            text = joined(self._begun.text, partial) if partial else self.text
            half = isinstance(error, HALF_DONE) and bool(text.strip())
            failed = Version(text, explain(error, self.language), unfinished=half, thoughts=self.thoughts)
            self._end(failed, error.kind if isinstance(error, CompletionError) else type(error).__name__)
            raise
        if exchange.cut in (Cut.TAKEN_BACK, Cut.GONE):
            await reply.finish("")  # it was told already; here is waited for it
            return
        if exchange.cut in CUT:
            key = CUT[exchange.cut] if self.text.strip() else f"{CUT[exchange.cut]}_early"
            version = Version(self.text, SAID.say(key, self.language), thoughts=self.thoughts)
        if version is not None:
            self._end(version)
        else:
            exchange.versions.clear()
            reply.show(SAID.say("nothing_asked", self.language))
        await self._until_it_stands()

    async def show(self) -> None:
        """Lets the answer stand there that was leafed to."""
        shown = self.exchange.versions.shown
        if shown is not None:
            self._stand(shown, shown.notice)
        await self._until_it_stands()

    async def take_back(self) -> None:
        """Takes back what stands there."""
        self.reply.take_back()
        await self.reply.finish("")

    async def _until_it_stands(self) -> None:
        await self.reply.finish(self.reply.text)
        contents = [sent.content for sent in self.reply.sent]
        if all(content is not None and not content.attachments for content in contents):
            self.exchange.versions.note_pages(tuple(content.text for content in contents if content is not None))

    @property
    def _begun(self) -> Version:
        """What stands there already of the same answer."""
        shown = self.exchange.versions.shown
        return shown if self.work is Work.CONTINUE and shown is not None else NOTHING

    async def _ask(self) -> Version | None:
        """Asks the model, and shows its answer while it grows; None where nothing was asked."""
        bot, exchange, message = self.bot, self.exchange, self.exchange.message
        if exchange.question.asked is None and message.reference is None:
            return None
        state, library = await settings_of(bot, exchange.question)
        speaking = self.speaking = await self._who_speaks(state, library)
        if speaking is None:
            return None
        persona = speaking.persona
        sender, _ = await asyncio.gather(
            bot.voices.sender(
                message,
                persona,
                speaking.voice,
                exchange.sender,
                speaking.name_above(reading.own_name(message, bot.me)),
            ),
            read_back(bot, message, exchange.conversation, after=state.forgotten_up_to),
        )
        await look_up(bot, message, exchange.conversation)
        if isinstance(sender, WebhookSender) and (before := self._heard):
            sender.below = max(before)
        self.reply.speak(sender)
        model = bot.model_in(state, persona)
        asked = await self._look(speaking, state.forgotten_up_to, model)
        return self._version(await self._answered(asked, speaking, state.forgotten_up_to, model))

    async def _who_speaks(self, state: ChannelState, library: Library) -> Speaking | None:
        """Who answers; None where an edit of the question has left this one out."""
        bot, exchange, message = self.bot, self.exchange, self.exchange.message
        cast = await bot.speaking_in(state, library)
        named = spoken_to(message, exchange.question.text, cast, bot.me)
        if exchange.question.is_apart:
            named = named[:1]  # a command is answered once
        if self.work is Work.ANSWER and exchange.leads:
            exchange.question.share_out(named, exchange)
            if exchange.cut is not None:
                return None
        own = next((each for each in cast if exchange.is_of(each)), None)
        if own is None and self.work is not Work.ANSWER:  # it speaks there no more, but here it has
            own = await speaking_of(exchange.key, cast, library, bot.personas)
        if own is None:
            own = named[0]
            exchange.give_to(own)
        self._why = own.setting.why(message.channel.id) if own.key == cast[0].key else "added"
        return own

    async def _look(self, speaking: Speaking, after: int | None, model: Model) -> prompt.Prompt:
        """What the model is asked, with what is not in the texts themselves: pictures, if it sees any, and files.

        Only those of messages are fetched that the prompt has room for, as far as is known before.
        """
        bot, sees = self.bot, self.bot.completions.known(model.reference).dialect.images
        self.seen = {}
        asked = self._prompt(speaking, after, model)
        included = frozenset(asked.included)
        messages = [message for message in self._told if message.id in included]
        if not any(message.pictures or message.files for message in messages):
            return asked
        self.seen, readings = await asyncio.gather(
            bot.sight.see(messages if sees else (), bot.settings),
            bot.files.read_newest(messages, bot.settings, self.exchange.question.ids),
        )
        conversation, most = self.exchange.conversation, bot.settings.conversation.max_tokens
        self.exchange.question.note_readings(readings, min(most, conversation.budget or most))
        return self._prompt(speaking, after, model)

    async def _answered(
        self, asked: prompt.Prompt, speaking: Speaking, after: int | None, model: Model
    ) -> Completion | None:
        """The model's answer to what fits; and where that was too long after all, once more, to less."""
        try:
            completion = await self._put(asked, speaking, after, model)
        except ContextLengthExceeded as error:
            model.learn_limit(error.limit, asked.mix if asked.spare else None)
            self.exchange.conversation.budget = None
            less = self._prompt(speaking, after, model)
            if less.tokens >= asked.tokens:
                raise
            asked = less
            completion = await self._put(asked, speaking, after, model)
        if completion is not None and completion.answered_by is None:
            self.bot.models.get_to_know(model)
            if completion.usage is not None:
                model.estimator.learn(asked.mix, completion.usage.prompt_tokens or 0)
        if completion is not None:
            self._sum_up(asked, speaking, after, model)
        return completion

    def _sum_up(self, asked: prompt.Prompt, speaking: Speaking, after: int | None, model: Model) -> None:
        """Lets what will soon be left out of a prompt be summed up, where that is wanted."""
        wanted = self.bot.settings.conversation.summarise and not self.exchange.question.is_apart
        if not (wanted and asked.falling) or self.bot.delivery.crowded:
            return
        ids, conversation = {*asked.left_out, *asked.falling}, self.exchange.conversation
        older = [each for each in self._history(after).messages if each.id in ids]  # as it stands now
        self.bot.summing_up.begin(
            conversation.summaries,
            self._whose,
            fitting(older, conversation.budget or self.bot.settings.conversation.max_tokens),
            partial(self.bot.targets, model, speaking.persona),
        )

    async def _put(
        self, asked: prompt.Prompt, speaking: Speaking, after: int | None, model: Model
    ) -> Completion | None:
        """Asks the model, or those that stand in for it; and notes what it was asked."""
        bot, persona = self.bot, speaking.persona
        targets = bot.targets(model, persona, asked.messages)
        question = self.exchange.question
        messages = [each for each in self._told if each.id != question.message.id] if question.is_apart else self._told
        provenance = Provenance(
            persona=persona.name,
            setting=self._why,
            gone=speaking.setting.gone,
            sources=Sources.of(asked, messages, self.seen, persona.lore),
            apart=question.is_apart,
            alone=self._whose is not None,
            heard_only=not self.exchange.conversation.complete,
            forgotten_up_to=after,
            model=model.reference,
            sees=bot.completions.known(model.reference).dialect.images,
            budget=model.room(bot.settings.conversation.max_tokens),
            estimate=model.estimator.estimate(asked.mix) or asked.tokens,
            goes_on=bool(self._begun.text),
        )
        self.trace.asks(provenance, targets[0].request)
        return await self._stream(targets, model.show_reasoning)

    def _prompt(self, speaking: Speaking, after: int | None, model: Model) -> prompt.Prompt:
        exchange, remembering = self.exchange, self.bot.settings.conversation
        conversation = exchange.conversation
        asked = exchange.question.asked
        if asked is not None and asked.id not in conversation.buffer.ids and not exchange.question.is_apart:
            conversation.remember(asked)  # so much was said while it waited that it had been cut off
        history = self._history(after)
        if after is not None:
            conversation.summaries.drop(lambda summary: summary.first <= after)
        self.people, self._told = history.people, history.messages
        others = {shown_as(other) for other in speaking.others}
        if others:  # what another persona said, somebody else said
            history = replace(history, messages=tuple(_said_by(others, each) for each in history.messages))
        self._others = others.union(each.author_name for each in history.messages if not each.own)
        budget = model.budget(remembering.max_tokens, mix_of(text for each in history.messages for text in each.texts))
        conversation.budget = prompt.steady(conversation.budget, budget)
        built = prompt.build(
            speaking.persona,
            history,
            budget=conversation.budget,
            now=datetime.now(UTC),
            asker=self.people.get(exchange.message.author.id) or reading.name_of(exchange.message.author),
            speakers=remembering.speakers,
            greeting=_opening(speaking.persona, history.greeting_of(speaking.shown), history.origin),
            seen=self.seen,
            summary_before=self._summary_before if remembering.summarise else None,
        )
        self.told = built.files
        return prompt.going_on(built, unmentioned(self._begun.text, self.people)) if self._begun.text else built

    def _history(self, after: int | None) -> History:
        exchange, whose = self.exchange, self._whose
        buffer = exchange.conversation.buffer
        history = buffer.history(until=exchange.message.id, after=after, heard=self._heard)
        if whose is not None:
            history = history.with_person(whose)
        question = exchange.question
        return buffer.beside(history, question.beside) if question.is_apart else history

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

    @property
    def _heard(self) -> set[int]:
        """The pages of those who have answered the same question before."""
        return {page_id for each in self.exchange.question.before(self.exchange) for page_id in each.page_ids}

    async def _stream(self, targets: Sequence[Target], reasoning: Shown) -> Completion | None:
        """Shows what the model says while it says it, and after a moment the button that stops it."""
        exchange, reply, now = self.exchange, self.reply, asyncio.get_running_loop().time
        stop = exchange.growing or self._controls.while_growing()
        moment = now() + (0.0 if exchange.standing else A_MOMENT)
        first, *others = targets
        begun, look_again = bool(self._begun.text), 0.0

        def gather() -> float:
            more = self.bot.delivery.growing.total() - FEW
            return min(GATHERING * more, LOOK_EVERY) if more > 0 and reply.readable else 0.0

        async with aclosing(self.bot.completions.stream(*first, others, gather)) as growing:
            async for completion in growing:
                self.growing = completion
                self.trace.hears(completion)
                if reply.over:
                    break
                if reply.readable and now() < look_again:
                    continue
                look_again = now() + LOOK_EVERY
                text = self.text
                if not begun and text.strip():
                    begun, self.thoughts = True, thoughts(completion.reasoning, reasoning)
                shown = self.thoughts + mentioning(text, self.people)
                if reply.controls is not stop and shown != reply.text and now() >= moment:
                    reply.controls = stop  # goes out with the text: a button is not worth a request of its own
                reply.show(shown)
        return self.growing

    @property
    def text(self) -> str:
        """What there is of the answer so far, as it is to be shown."""
        if self.growing is None:
            return ""
        said = self._in_character(without_inline(self.growing.text)[0])
        return joined(self._begun.text, said) if self._begun.text else said

    def _version(self, completion: Completion | None) -> Version:
        """What an answer that the model has ended is, and what is to be said of how it ended."""
        if completion is None:
            return Version("", SAID.say("empty", self.language))
        text, inline = without_inline(completion.text or completion.refusal)
        text = self._in_character(text, complete=True)
        pictures, addresses = pictures_in([*completion.images, *inline])
        text = "\n".join([text, *addresses]) if addresses else text
        usage, reason = counted(completion.usage), completion.finish_reason
        log.info("%s answered in channel %s: %s", completion.answered_by or "the model",
                 self.exchange.message.channel.id, usage)  # fmt: skip
        if not text.strip() and not pictures:
            return Version("", SAID.say(_why_empty(completion), self.language), usage=usage)
        notices = [SAID.say(reason, self.language)] if reason in ("length", "content_filter") else []
        if completion.answered_by is not None:
            notices.append(SAID.say("answered_by", self.language, name=completion.answered_by))
        conversation = self.exchange.conversation
        if conversation.says_it_heard_little:
            notices.append(SAID.say("no_history", self.language))
            conversation.says_it_heard_little = False
        told = [file for message_id in self.exchange.question.ids for file in self.told.get(message_id, ())]
        notices += not_read(told, self.language)
        return Version(
            joined(self._begun.text, text) if self._begun.text else text,
            " ".join(notices) or None,
            unfinished=reason == "length" and bool(text.strip()),
            thoughts=self.thoughts,
            pictures=(*self._begun.pictures, *pictures),
            usage=usage,
        )

    def _in_character(self, text: str, *, complete: bool = False) -> str:
        """What the persona says of a text, where the prompt names speakers and the model may imitate that."""
        if self.speaking is None or self.bot.settings.conversation.speakers != "prefix":
            return text
        return in_character(text, self.speaking.persona.known_as, self._others, complete=complete)

    def _end(self, version: Version, failure: str | None = None) -> None:
        """Ends the reply with a new answer; where nothing came of it, with the one that was there, and the reason."""
        provenance = self.trace.ends(self.growing, failure)
        version = replace(version, text=mentioning(version.text, self.people, complete=True), provenance=provenance)
        versions, stands = self.exchange.versions, version
        if version.is_nothing and versions.shown is not None and self.work is not Work.ANSWER:
            stands = versions.shown
        elif self.work is Work.CONTINUE:
            versions.replace(version)
        else:
            if self.work is Work.ANSWER:
                versions.clear()
            versions.add(version)
        self._stand(stands, version.notice)

    def _stand(self, version: Version, notice: str | None) -> None:
        """Ends the reply with an answer and the buttons below it, all in one edit. Returns at once."""
        # Nothing is remembered of what was asked beside the conversation: it can't be asked again.
        is_apart = self.exchange.question.is_apart
        self.reply.controls = None if is_apart else self._controls.at_the_end(self.exchange.versions)
        self.reply.attach(tuple(Attachment(picture.name, picture.data) for picture in version.pictures))
        self.reply.show(version.thoughts + version.text)
        self.reply.stop(notice)

    @property
    def _controls(self) -> Controls:
        return controls_of(self.bot, self.exchange, self.language)


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


def _why_empty(completion: Completion) -> str:
    """What is to be said of an answer without an answer."""
    if completion.finish_reason == "content_filter":
        return "content_filter"
    if not completion.reasoning.strip():
        return "empty"
    return "only_reasoning_length" if completion.finish_reason == "length" else "only_reasoning"


def controls_of(bot: ChatBot, exchange: Exchange, language: Language) -> Controls:
    """The buttons of a reply."""
    press = Press(Action.AGAIN, exchange.message.id, exchange.message.author.id, exchange.key)
    return Controls(press, bot.settings.delivery.controls, language)
