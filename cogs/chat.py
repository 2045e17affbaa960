"""Mentions, replies and direct messages -> an answer; and everything else that is said, remembered."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import aiohttp
import discord
from discord.ext import commands

from discord_bot import reading
from discord_bot.chat import prompt
from discord_bot.chat.pacing import Worth
from discord_bot.chat.schema import ChatCompletionRequest
from discord_bot.delivery import without_notice
from discord_bot.errors import BotError, CompletionError
from discord_bot.sentences import SAID, Language, explain, explain_to_owner

if TYPE_CHECKING:
    from collections.abc import Iterable

    from discord_bot.bot import ChatBot
    from discord_bot.chat.buffer import BufferedMessage
    from discord_bot.chat.completion import Completion
    from discord_bot.conversations import Conversation
    from discord_bot.delivery import Reply

log = logging.getLogger(__name__)

GRACE = 4.0
"""Seconds that replies get to come to their end by themselves when the bot stops; what is left then is interrupted."""
LAST_WORDS = 4.0
"""Seconds after that for saying so in Discord. Together with the rest of the stop they stay below ten."""


class Chat(commands.Cog):
    """The conversation."""

    def __init__(self, bot: ChatBot) -> None:
        self.bot = bot
        self._answering: set[asyncio.Task[None]] = set()

    @property
    def me(self) -> discord.ClientUser:
        """The bot's own user, known since the login."""
        assert self.bot.user is not None
        return self.bot.user

    # ---- what is said ------------------------------------------------------------------------------------------------

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Remembers a message, and answers it where it speaks to the bot."""
        if message.author.id == self.me.id and message.webhook_id is None:
            return  # answers are remembered when they are finished
        conversation = self.bot.conversations.open(message.channel.id)
        remembered = reading.remembered(message, self.me)
        if remembered is not None:
            conversation.remember(remembered)
        if message.author.bot or message.is_system() or not reading.addresses(message, self.me):
            return
        if not self._may_ask(message):
            return
        task = asyncio.create_task(self._take_turn(message, remembered, conversation))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    def _may_ask(self, message: discord.Message) -> bool:
        if message.guild is None and not self.bot.settings.allow_dms:
            return False
        return self.bot.admits(message.author, message.channel)

    async def _take_turn(
        self, message: discord.Message, question: BufferedMessage | None, conversation: Conversation
    ) -> None:
        """Answers a message in its turn; whatever goes wrong is said on the reply and written to the log."""
        guild = message.guild
        language = self.bot.language(guild.preferred_locale if guild is not None else None, text=message.content)
        async with conversation.turn(message.author.id):
            if conversation.was_removed(message.id):
                return  # taken back while it waited
            reply = self.bot.delivery.reply(message, partial(explain, language=language))
            try:
                async with reply:
                    await self._answer(message, question, conversation, reply, language)
            except CompletionError as error:
                words = explain_to_owner(error, self.bot.own_language)
                log.warning("no whole answer in channel %s: %s (%s, status %s): %s → %s",
                            message.channel.id, error.asked, error.kind, error.status, *words)  # fmt: skip
            except BotError as error:
                log.error("no answer in channel %s: %s", message.channel.id, error)  # noqa: TRY400  # known, so no traceback
            except discord.Forbidden:
                await self._show_mute(message)
            except discord.HTTPException as error:
                log.warning("Discord refused a reply in channel %s: %s", message.channel.id, error)
            except Exception:
                log.exception("no answer in channel %s", message.channel.id)
            finally:
                for page in reply.pages:
                    if content := without_notice(page.content):
                        conversation.remember(reading.answer(page.id, content, message, self.me))

    async def _answer(
        self,
        message: discord.Message,
        question: BufferedMessage | None,
        conversation: Conversation,
        reply: Reply,
        language: Language,
    ) -> None:
        """The straight line: what is remembered -> the prompt -> the model -> the reply."""
        bot, remembering = self.bot, self.bot.settings.conversation
        if question is None and message.reference is None:
            await reply.finish(SAID.say("nothing_asked", language))
            return
        guild_id = message.guild.id if message.guild is not None else None
        state = await bot.store.channel_state(guild_id, message.channel.id, reading.parent_of(message.channel))
        persona = bot.persona_in(state).persona
        model = bot.model_in(state)
        await self._read_back(message, conversation)
        if question is not None and question.id not in conversation.buffer.ids:
            conversation.remember(question)  # so much was said while it waited that it had been cut off
        asked = prompt.build(
            persona,
            conversation.buffer.history(until=message.id, after=state.forgotten_up_to),
            budget=model.budget(remembering.max_tokens),
            now=datetime.now(UTC),
            asker=reading.name_of(message.author),
            speakers=remembering.speakers,
        )
        request = ChatCompletionRequest(**{**model.parameters, "model": model.name, "messages": list(asked.messages)})
        completion: Completion | None = None
        async with aclosing(bot.completions.stream(model.provider, request)) as growing:
            async for completion in growing:
                reply.show(completion.text)
                if reply.over:
                    break
        text = completion.text if completion is not None else ""
        await reply.finish(text, _ending(completion, language))
        if completion is not None and completion.usage is not None:
            model.estimator.learn(asked.tokens, completion.usage.prompt_tokens or 0)

    async def _read_back(self, message: discord.Message, conversation: Conversation) -> None:
        """Makes the buffer reach back into what stands in Discord, once; without it, what was heard has to do."""
        if conversation.complete:
            return
        if self.bot.delivery.crowded:  # the next mention reads it
            log.info("the history of channel %s is not read back now: too many ask at once", message.channel.id)
            return

        async def fetch() -> list[BufferedMessage]:
            limit = self.bot.settings.conversation.max_messages
            async with self.bot.delivery.gate.request(Worth.TEXT):
                return reading.in_order([each async for each in message.channel.history(limit=limit)], self.me)

        try:
            await conversation.read_back(fetch)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            conversation.complete = True  # not to be tried again at each mention
            log.warning("the history of channel %s can't be read back, only what is heard from now on is known: %s",
                        message.channel.id, error)  # fmt: skip

    async def _show_mute(self, message: discord.Message) -> None:
        """Where the bot may not write, a reaction is the only word that it has."""
        log.warning(
            "the bot may not write in channel %s: it needs the permission to send messages there", message.channel.id
        )
        with suppress(discord.HTTPException):
            await message.add_reaction("🔇")

    # ---- what is changed and taken back ------------------------------------------------------------------------------

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Takes in an edit, of other people's messages: the bot's own are known from their end."""
        conversation = self.bot.conversations.find(payload.channel_id)
        if conversation is not None and payload.message.author.id != self.me.id:
            revised = reading.remembered(payload.message, self.me)
            if revised is None:
                conversation.remove((payload.message_id,))
            else:
                conversation.revise(revised)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Takes in a deletion."""
        self._remove(payload.channel_id, (payload.message_id,))

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Takes in a deletion of many messages at once."""
        self._remove(payload.channel_id, payload.message_ids)

    def _remove(self, channel_id: int, message_ids: Iterable[int]) -> None:
        conversation = self.bot.conversations.find(channel_id)
        if conversation is not None:
            conversation.remove(message_ids)

    # ---- what comes and goes -----------------------------------------------------------------------------------------

    @commands.Cog.listener()
    async def on_connect(self) -> None:
        """A new session: what happened since the last one was not told."""
        self.bot.conversations.mark_gap()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """The channels are known now; in some of them nothing was ever written."""
        channels = (channel for guild in self.bot.guilds for channel in guild.text_channels)
        self.bot.conversations.mark_empty(channel.id for channel in channels if channel.last_message_id is None)

    @commands.Cog.listener()
    async def on_guild_channel_create(self, channel: discord.abc.GuildChannel) -> None:
        """A channel that was made just now has nothing to read back."""
        self.bot.conversations.mark_empty((channel.id,))

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """What was said in a deleted channel is forgotten."""
        self.bot.conversations.drop(channel.id)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """What was said in a deleted thread is forgotten."""
        self.bot.conversations.drop(payload.thread_id)

    async def cog_unload(self) -> None:
        """Lets replies come to their end, then interrupts what is left; each says so on its reply."""
        if not self._answering:
            return
        _, late = await asyncio.wait(self._answering, timeout=GRACE)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=LAST_WORDS)


def _ending(completion: Completion | None, language: Language) -> str | None:
    """What is to be said of how an answer ended, if anything."""
    if completion is None or not completion.text.strip():
        return SAID.say(
            "content_filter" if completion and completion.finish_reason == "content_filter" else "empty", language
        )
    if completion.finish_reason in ("length", "content_filter"):
        return SAID.say(completion.finish_reason, language)
    return None


async def setup(bot: ChatBot) -> None:
    """How discord.py adds the cog."""
    await bot.add_cog(Chat(bot))
