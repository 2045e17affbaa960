"""Which messages are for the bot, and which it may read, by what /channel and /privacy set.

Kept in memory: most that is said does not concern it.

A thread is as its channel, but for what was set for the thread itself.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final, NoReturn

import discord

from discord_bot import reading
from discord_bot.chat.words import words_of
from discord_bot.errors import StoreError
from discord_bot.store import AS_EVER, ChannelRules, Heard

if TYPE_CHECKING:
    from collections.abc import Callable

    from discord_bot.chat.buffered import BufferedMessage
    from discord_bot.store import Answers, Place, Store

log = logging.getLogger(__name__)

NOTHING_SET = ChannelRules()
LOOK_EVERY: Final = 2.0
"""Seconds between two looks at whether another process has set something: so soon an opt-out holds in all of them."""


class Hearing:
    """What was set for channels, and who is not to be read, as the store has it."""

    def __init__(self, store: Store, forget: Callable[[int], None]) -> None:
        """`forget` is called for whoever is not to be read any more."""
        self._store = store
        self._forget = forget
        self._known = Heard(-1, {}, frozenset())
        self._one_by_one = asyncio.Lock()

    async def load(self) -> None:
        """Reads what was set, if anything was since the last time. Raises `StoreError`."""
        async with self._one_by_one:  # or else what is read could be older than what was set meanwhile
            now = await self._store.heard(self._known.number)
            if now is not None:
                before, self._known = self._known, now
                for user_id in now.unread - before.unread:
                    self._forget(user_id)

    async def follow(self) -> NoReturn:
        """Takes in what other processes on the same store set, for as long as it runs."""
        failing = False
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.load()
            except StoreError as error:
                if not failing:
                    log.warning("whether another process has set anything can't be seen: %s", error)
                failing = True
            else:
                failing = False

    def set_for(self, channel_id: int) -> ChannelRules:
        """What was set for that channel or thread itself."""
        return self._known.rules.get(channel_id, NOTHING_SET)

    def rules_in(self, channel: discord.abc.Snowflake) -> ChannelRules:
        """What holds in a channel or thread; all of it is said."""
        rules = self._known.rules
        if not rules:
            return AS_EVER
        own, parent_id = rules.get(channel.id), reading.parent_of(channel)
        wider = rules.get(parent_id) if parent_id is not None else None
        if own is None and wider is None:
            return AS_EVER
        return (own or NOTHING_SET).over(wider or NOTHING_SET).over(AS_EVER)

    async def set_rules(self, channel: Place, rules: ChannelRules) -> None:
        """Sets what holds in a channel or thread, from now on and after a restart."""
        await self._store.set_channel_rules(channel, rules)
        await self.load()

    async def reset(self, channel_id: int) -> bool:
        """Takes back what was set there; False where nothing was."""
        was_set = await self._store.drop_channel_rules(channel_id)
        await self.load()
        return was_set

    def is_unread(self, user_id: int) -> bool:
        """Whether that person does not want to be read, but for what they say to the bot."""
        return user_id in self._known.unread

    async def let_read(self, user_id: int, read: bool) -> None:
        """Sets whether that person may be read, from now on and after a restart."""
        await (self._store.opt_in(user_id) if read else self._store.opt_out(user_id))
        await self.load()

    def may_remember(self, message: discord.Message, me: reading.Me) -> bool:
        """Whether a message may become part of what a channel remembers: its author is read, or speaks to the bot."""
        if not self._known.unread:
            return True
        begun = message.reference.resolved if message.reference is not None else None
        if message.type is discord.MessageType.thread_starter_message and isinstance(begun, discord.Message):
            return self.may_remember(begun, me)
        return not self.is_unread(message.author.id) or reading.addresses(message, me)

    def remembered(self, message: discord.Message, me: reading.Me) -> BufferedMessage | None:
        """The message as a channel remembers it, without what people have said who are not to be read."""
        return self._unquoted(reading.remembered(message, me)) if self.may_remember(message, me) else None

    def pointed_at(self, message: discord.Message, me: reading.Me) -> BufferedMessage | None:
        """A message that somebody points the bot at, as it is told of; whether it may be read is another matter."""
        return self._unquoted(reading.told(message, me))

    def _unquoted(self, read: BufferedMessage | None) -> BufferedMessage | None:
        """A message without what it quotes of somebody who is not to be read."""
        if read is not None and read.quoted is not None and self.is_unread(read.quoted.author_id):
            return read._replace(quoted=None)
        return read

    def may_be_called(self, message: discord.Message) -> bool:
        """Whether a name that a persona answers to may wake it there."""
        return not self.is_unread(message.author.id) and self.rules_in(message.channel).answers != "never"

    def is_opened(self, channel: discord.abc.Snowflake, me: reading.Me) -> bool:
        """Whether the bot has opened that thread, so that it is spoken to there without a mention."""
        if not isinstance(channel, discord.Thread) or channel.owner_id != me.id:
            return False
        return not self.set_for(channel.id).answers and self.rules_in(channel).answers != "never"

    def answers_in(self, channel: discord.abc.Snowflake, me: reading.Me) -> Answers:
        """What the bot answers in a channel or thread."""
        return "everything" if self.is_opened(channel, me) else self.rules_in(channel).answers or "mentioned"

    def hears(self, message: discord.Message, me: reading.Me) -> bool:
        """Whether a message is for the bot: it speaks to it, or the bot answers what is said there."""
        channel = message.channel
        answers = self.answers_in(channel, me)
        if answers == "never" or message.type is discord.MessageType.thread_starter_message:
            return False  # the latter repeats what was said in the channel
        if reading.addresses(message, me):
            return True
        if self.is_unread(message.author.id) or not (message.content or message.attachments):
            return False
        if answers == "words":
            return words_of(self.rules_in(channel).words or "").heard_in(message.content)
        return answers == "everything" and not reading.speaks_to_another(message, me)
