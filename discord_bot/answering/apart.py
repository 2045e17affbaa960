"""What is asked by a command, beside any conversation, and also from where the bot isn't a member.

It goes the same way as what is said in a channel. What differs is where it begins (no message stands in Discord for
it), what the model is told beside it (the channel's conversation, where the bot may read that), whose settings count,
and that nothing of it is remembered.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import aiohttp
import discord

from discord_bot.answering.questions import Question
from discord_bot.chat.pacing import Worth
from discord_bot.delivery import InteractionSender
from discord_bot.store import library_of

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot
    from discord_bot.conversations import Conversation
    from discord_bot.store import ChannelState, Library

    Interaction = discord.Interaction[ChatBot]

log = logging.getLogger(__name__)

TOKEN_LASTS: Final = 15 * 60.0
"""Seconds for which an interaction's answer can be changed.
https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-callback
"""
LAST_WORDS: Final = 30.0
"""Seconds of these for saying that they are over, also where Discord is slow to take it."""
ANSWERED_WITHIN: Final = TOKEN_LASTS - LAST_WORDS


async def question_apart(
    interaction: Interaction,
    text: str,
    file: discord.Attachment | None = None,
    about: discord.Message | None = None,
    *,
    private: bool,
) -> Question:
    """A question that was asked by a command, perhaps about a message; it was acknowledged with "thinking…"."""
    bot = interaction.client
    message = bot.question_of(interaction, text, file)
    told = [bot.hearing.pointed_at(each, bot.me) for each in (about, message) if each is not None]
    question = Question(message, told[-1], _conversation(interaction))
    question.is_apart = True
    question.beside = tuple(each for each in told if each is not None)
    question.own_place = await _own_place(interaction)
    question.language = bot.language_for(interaction)
    address = about.jump_url if about is not None else None
    question.first.sender = InteractionSender(interaction, message, private=private, about=address)
    return question


async def as_it_stands(interaction: Interaction, message: discord.Message) -> discord.Message | None:
    """A message as it is by now, where the bot can see that; None where it is gone.

    What only one person sees can't be asked for again.
    """
    channel = interaction.channel
    if not may_read(interaction) or message.flags.ephemeral or not isinstance(channel, discord.abc.Messageable):
        return message
    try:
        async with interaction.client.delivery.gate.request(Worth.TEXT):
            return await channel.fetch_message(message.id)
    except discord.NotFound:
        return None
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        log.info("a message in channel %s can't be read again: %s", interaction.channel_id, type(error).__name__)
        return message


def is_member(interaction: Interaction) -> bool:
    """Whether the bot itself is where somebody asks: in that server, or in a direct message with them alone."""
    if interaction.guild_id is None:
        return interaction.context.dm_channel
    return interaction.client.get_guild(interaction.guild_id) is not None


def may_read(interaction: Interaction) -> bool:
    """Whether the bot sees what is said there."""
    channel, guild = interaction.channel, interaction.guild
    if not is_member(interaction) or channel is None:
        return False
    if guild is None or isinstance(channel, (discord.DMChannel, discord.GroupChannel)):
        return True
    return channel.permissions_for(guild.me).read_messages


async def settings_of(bot: ChatBot, question: Question) -> tuple[ChannelState, Library]:
    """What was set for the place of a question, and whose personas are known there."""
    message, own_place = question.message, question.own_place
    guild_id = message.guild.id if message.guild is not None and own_place is None else None
    library = library_of(guild_id, message.author.id)
    # Asked for here already: it is one list for all who ask there at once, and would come behind what each asks for.
    await bot.personas.known(library)
    if own_place is not None:
        return await bot.store.channel_state(None, own_place, None), library
    return await bot.state_of(message), library


def _conversation(interaction: Interaction) -> Conversation:
    conversations = interaction.client.conversations
    assert interaction.channel_id is not None  # a command always comes from a channel
    if may_read(interaction):
        return conversations.open(interaction.channel_id)
    return conversations.apart(interaction.user.id)


async def _own_place(interaction: Interaction) -> int | None:
    """Where the bot isn't a member: the id of the person's own conversation with it, in which they choose a persona."""
    if is_member(interaction):
        return None
    known = interaction.user.dm_channel
    if known is not None:
        return known.id
    try:
        async with interaction.client.delivery.gate.request(Worth.TEXT):
            return (await interaction.user.create_dm()).id
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        log.warning("what a person has set can't be found, so the default answers: %s", type(error).__name__)
        return interaction.channel_id  # where nothing was ever set
