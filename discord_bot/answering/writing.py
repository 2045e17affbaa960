"""What becomes of one reply: an answer is written there until it stands, shown again, or taken back.

However an answer ends, whole, cut short or failed, the reply says so; what leads there is the straight line.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from discord_bot.answering.asking import Work
from discord_bot.answering.controls import controls_of
from discord_bot.answering.exchanges import Cut
from discord_bot.answering.straight_line import StraightLine
from discord_bot.chat.versions import Version
from discord_bot.delivery import Attachment
from discord_bot.errors import CompletionError, CompletionTimeout, StreamInterrupted
from discord_bot.sentences import SAID, Language, explain

if TYPE_CHECKING:
    from discord_bot.answering.exchanges import Exchange
    from discord_bot.bot import ChatBot
    from discord_bot.delivery import Reply

CUT = {Cut.STOPPED: "stopped", Cut.OUT_OF_TIME: "out_of_time"}
"""What is said of an answer that was cut short and stays."""
HALF_DONE = (StreamInterrupted, CompletionTimeout, asyncio.CancelledError)
"""What ends an answer in its middle, so that the model can go on with it."""


@dataclass(frozen=True, slots=True)
class Writing:
    """What is being written into one reply."""

    bot: ChatBot
    exchange: Exchange
    reply: Reply
    language: Language

    async def follow(self, work: Work) -> None:
        """Writes the answer to its end, or until it is cut short; from its beginning again where it was revised.

        Whatever goes wrong stands on the reply, in one sentence, when it leaves here as an exception.
        """
        exchange, reply, line = self.exchange, self.reply, self._begin(work)
        try:
            while True:
                version = None
                async with exchange.cuttable():
                    version = await line.walk()
                if exchange.cut is not Cut.REVISED:
                    break
                if not exchange.leads:
                    return  # it is written again behind the first one
                line = self._begin(Work.ANSWER)
        except BaseException as error:  # also where the bot stops: what stands there must be true in any case
            self._end_failed(line, error)
            raise
        if exchange.cut in (Cut.TAKEN_BACK, Cut.GONE):
            await reply.finish("")  # it was told already; here is waited for it
            return
        if exchange.cut in CUT:
            self._end_cut(line, CUT[exchange.cut])
        elif version is not None:
            self._end(line, version)
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

    async def interrupt(self) -> None:
        """Says that the bot stops, before there is a word of an answer."""
        self.reply.stop(explain(asyncio.CancelledError(), self.language))
        await self.reply.finish("")

    async def take_back(self) -> None:
        """Takes back what stands there."""
        self.reply.take_back()
        await self.reply.finish("")

    def _begin(self, work: Work) -> StraightLine:
        self.exchange.begin()
        line = StraightLine(self.bot, self.exchange, self.reply, self.language, work)
        self.exchange.trace = line.trace
        return line

    def _end_cut(self, line: StraightLine, why: str) -> None:
        """Ends the reply where somebody, or the time, has cut the answer short."""
        text = line.showing.text
        key = why if text.strip() else f"{why}_early"
        self._end(line, Version(text, SAID.say(key, self.language), thoughts=line.showing.thoughts))

    def _end_failed(self, line: StraightLine, error: BaseException) -> None:
        """Ends the reply with what there is of the answer, and the one sentence for what went wrong."""
        showing, failure = line.showing, type(error).__name__
        text = showing.text
        if isinstance(error, CompletionError):
            text, failure = showing.text_with(error.partial_text), error.kind
        half = isinstance(error, HALF_DONE) and bool(text.strip())
        version = Version(text, explain(error, self.language), unfinished=half, thoughts=showing.thoughts)
        self._end(line, version, failure)

    def _end(self, line: StraightLine, version: Version, failure: str | None = None) -> None:
        """Ends the reply with a new answer; where nothing came of it, with the one that was there, and the reason."""
        showing, versions = line.showing, self.exchange.versions
        text, provenance = showing.mentioning(version.text, complete=True), line.trace.ends(showing.completion, failure)
        version = stands = replace(version, text=text, provenance=provenance)
        if version.is_nothing and versions.shown is not None and line.work is not Work.ANSWER:
            stands = versions.shown
        elif line.work is Work.CONTINUE:
            versions.replace(version)
        else:
            if line.work is Work.ANSWER:
                versions.clear()
            versions.add(version)
        self._stand(stands, version.notice)

    def _stand(self, version: Version, notice: str | None) -> None:
        """Ends the reply with an answer and the buttons below it, all in one edit. Returns at once."""
        exchange, reply = self.exchange, self.reply
        controls = controls_of(self.bot, exchange, self.language)
        # Nothing is remembered of what was asked beside the conversation: it can't be asked again.
        reply.controls = None if exchange.question.is_apart else controls.at_the_end(exchange.versions)
        reply.attach(tuple(Attachment(picture.name, picture.data) for picture in version.pictures))
        reply.show(version.thoughts + version.text)
        reply.stop(notice)

    async def _until_it_stands(self) -> None:
        await self.reply.finish(self.reply.text)
        contents = [sent.content for sent in self.reply.sent]
        if all(content is not None and not content.attachments for content in contents):
            self.exchange.versions.note_pages(tuple(content.text for content in contents if content is not None))
