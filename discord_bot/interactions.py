"""How what people ask for by commands, buttons and forms is answered, whatever goes wrong.

Discord waits three seconds for a first answer, which may be "thinking…", and fifteen minutes for all others.
https://discord.com/developers/docs/interactions/receiving-and-responding
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import aiohttp
import discord

from discord_bot.chat.pages import PAGE_LIMIT
from discord_bot.errors import BotError, CardRefused, PersonaError
from discord_bot.sentences import SAID, explain
from discord_bot.sentences.cards import refusal

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot

log = logging.getLogger(__name__)

T = TypeVar("T")

ALREADY_ACKNOWLEDGED: Final = 40060
"""What Discord says where it has an answer to an interaction.
https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes
"""
NOBODY_THERE: Final = {
    10003: "its channel is gone",
    10008: "the message in which it was to stand is gone",
    10015: "the fifteen minutes that Discord gives for it were over",
    10062: "it came too late, Discord waits three seconds for it",
    ALREADY_ACKNOWLEDGED: "somebody else has answered already: does the bot run twice?",
    50027: "the fifteen minutes that Discord gives for it were over",
}
"""What Discord says where an answer can't arrive any more, in words for the log."""
HARMFUL_LINK: Final = 240000
"""What Discord says of a text with a link that it blocks."""
TRIED_AGAIN_AFTER: Final = 1.0
"""Seconds after which discord.py makes a request again at the earliest that Discord did not take."""
TOO_MANY: Final = 429
SERVER_ERROR: Final = 500
NETWORK: Final = (aiohttp.ClientError, ConnectionError)
"""What discord.py lets through where Discord can't be reached."""


class UnderWay:
    """What people have asked for by commands, buttons and forms, and what is not carried out yet."""

    def __init__(self) -> None:
        self._tasks: dict[asyncio.Task[Any], discord.Interaction[ChatBot]] = {}
        self._ends = False

    async def begin(self, interaction: discord.Interaction[ChatBot]) -> bool:
        """Takes in that the current task carries something out; False, and a sentence, where it comes too late.

        A form is left open instead, with all that was written in it: that is what Discord does where nobody answers.
        """
        if self._ends:
            if interaction.type is not discord.InteractionType.modal_submit:
                await self._tell(interaction)
            return False
        task = asyncio.current_task()
        assert task is not None  # discord.py makes one for each
        self._tasks[task] = interaction
        task.add_done_callback(lambda done: self._tasks.pop(done, None))
        return True

    async def close(self, grace: float, last_words: float) -> None:
        """Lets it come to its end for `grace` seconds, then interrupts what is left, and says so to who waits."""
        self._ends = True
        if not self._tasks:
            return
        await asyncio.wait(self._tasks, timeout=grace)
        late = dict(self._tasks)
        for task in late:
            task.cancel()
        telling = [asyncio.create_task(self._interrupt(*each)) for each in late.items()]
        if telling:
            await asyncio.wait(telling, timeout=last_words)

    async def _interrupt(self, task: asyncio.Task[Any], interaction: discord.Interaction[ChatBot]) -> None:
        await asyncio.wait({task})
        await self._tell(interaction)

    async def _tell(self, interaction: discord.Interaction[ChatBot]) -> None:
        await tell(interaction, SAID.say("restarting", interaction.client.language_for(interaction)))


class Modal(discord.ui.Modal):
    """A form in Discord that never leaves who sent it without an answer."""

    what = "a form"
    """What it is called in the log."""

    async def submitted(self, interaction: discord.Interaction[ChatBot]) -> None:
        """What happens with what was written."""
        raise NotImplementedError

    async def on_submit(self, interaction: discord.Interaction[ChatBot]) -> None:  # type: ignore[override]
        """Does that, unless the bot stops."""
        if await interaction.client.under_way.begin(interaction):
            await self.submitted(interaction)

    async def on_error(self, interaction: discord.Interaction[ChatBot], error: Exception, /) -> None:  # type: ignore[override]
        """Whatever goes wrong is said and logged."""
        await failed(interaction, self.what, error)


async def failed(interaction: discord.Interaction[ChatBot], what: str, cause: BaseException) -> None:
    """Says in one sentence, which only the person sees, why something could not be done, and logs it.

    That a file is no card, or a name taken, is the person's matter alone; and what kept an answer from arriving is
    nobody's fault here.
    """
    language = interaction.client.language_for(interaction)
    if isinstance(cause, (CardRefused, PersonaError)):
        await tell(interaction, refusal(cause, language)[:PAGE_LIMIT])
        return
    if (why := unheard(cause)) is not None:
        log.warning("%s was not answered: %s", what, why)
        if _may_hear(interaction, cause):
            await tell(interaction, SAID.say("discord_trouble", language))
        return
    if getattr(cause, "code", None) == HARMFUL_LINK:
        log.warning("%s was not answered: Discord blocks a link in it", what)
        await tell(interaction, SAID.say("TextRefused", language))
        return
    if isinstance(cause, BotError):
        log.error("%s failed: %s", what, cause)
    else:
        log.error("%s failed", what, exc_info=cause)
    await tell(interaction, explain(cause, language))


async def acknowledge(request: Callable[[], Awaitable[T]]) -> T | None:
    """Makes the request that answers an interaction first; what came back, or None where nothing did.

    Discord takes one such answer. Where it has one already when this one is sent again, that was this one, of which no
    word came. So it can be sent again where the network failed; and discord.py does that where Discord had trouble.
    """
    now = asyncio.get_running_loop().time
    began = now()
    for again in (False, True):
        try:
            return await request()
        except NETWORK:
            if again:
                raise
        except discord.HTTPException as error:
            if error.code != ALREADY_ACKNOWLEDGED or not (again or now() - began >= TRIED_AGAIN_AFTER):
                raise
            break
    return None


async def think(interaction: discord.Interaction[Any], *, private: bool = True) -> None:
    """Lets "thinking…" stand there while something takes its time; `private` is whether only the person sees it."""
    await acknowledge(lambda: interaction.response.defer(ephemeral=private, thinking=True))


async def answer(
    interaction: discord.Interaction[ChatBot],
    sentence: str,
    *,
    private: bool = True,
    view: discord.ui.View | None = None,
) -> discord.Message | None:
    """Answers with a sentence; the message that it became.

    None where nobody hears it any more: then that is logged, what was done stands, and what is yet to be done can be.
    """
    more: dict[str, Any] = {} if view is None else {"view": view}
    try:
        told = await acknowledge(lambda: interaction.response.send_message(sentence, ephemeral=private, **more))
        if told is not None and isinstance(told.resource, discord.Message):
            return told.resource
        return await interaction.original_response()
    except (discord.HTTPException, *NETWORK) as error:
        if (why := unheard(error)) is None:
            raise
        log.warning("%s was not answered: %s", name_of(interaction), why)
        return None


async def tell(interaction: discord.Interaction[ChatBot], sentence: str) -> None:
    """Says something that only the person sees who ran a command or pressed a button."""
    try:
        if interaction.response.is_done() or not await _is_first(interaction, sentence):
            await interaction.followup.send(sentence, ephemeral=True)
    except (discord.HTTPException, *NETWORK, OSError, RuntimeError) as refused:  # or the bot stops
        why = unheard(refused) or type(refused).__name__
        log.warning("%s: something could not be said to who asked for it: %s", name_of(interaction), why)


async def _is_first(interaction: discord.Interaction[ChatBot], sentence: str) -> bool:
    """Says a sentence as the first answer; False where there is another one already, though no word of that came."""
    try:
        if await acknowledge(lambda: interaction.response.send_message(sentence, ephemeral=True)) is not None:
            return True
    except discord.HTTPException as error:
        if error.code != ALREADY_ACKNOWLEDGED:
            raise
    return (await interaction.original_response()).content == sentence


def unheard(error: BaseException) -> str | None:
    """Why an answer did not arrive, in words for the log; None where something else went wrong."""
    if isinstance(error, discord.HTTPException):
        trouble = error.status == TOO_MANY or error.status >= SERVER_ERROR
        return NOBODY_THERE.get(error.code, f"Discord has trouble (status {error.status})" if trouble else None)
    return f"Discord can't be reached ({type(error).__name__})" if isinstance(error, NETWORK) else None


def _may_hear(interaction: discord.Interaction[Any], error: BaseException) -> bool:
    """Whether another answer may arrive where one did not."""
    if isinstance(error, discord.HTTPException) and error.code in NOBODY_THERE:
        return False
    # Of a first one, discord.py has tried for longer than Discord waits.
    return interaction.response.is_done() or not isinstance(error, discord.HTTPException)


def name_of(interaction: discord.Interaction[Any]) -> str:
    """What somebody did, without a word of what they wrote."""
    if interaction.command is not None:
        return f"/{interaction.command.qualified_name}"
    return interaction.type.name.replace("_", " ")
