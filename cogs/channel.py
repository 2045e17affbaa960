"""/channel: what the bot answers here, with whom it talks together, and where its answers stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast, get_args

import discord
from discord import app_commands
from discord.ext import commands

from discord_bot import bindings, reading
from discord_bot.bindings import plain
from discord_bot.chat.words import words_of
from discord_bot.commands import described
from discord_bot.interactions import answer
from discord_bot.sentences import SAID
from discord_bot.store import Answers, ChannelRules, Replies, Share

if TYPE_CHECKING:
    from collections.abc import Iterable

    from discord_bot.bot import ChatBot
    from discord_bot.sentences import Language
    from discord_bot.store import Place

    Interaction = discord.Interaction[ChatBot]

WORDS_LENGTH = 200
"""Characters of the names that it hears in a channel, as the store has room for them."""
FIELDS = ("answers", "conversation", "replies")
"""What is shown, in this order; the words stand with `answers`."""


def _choices(option: str, values: Iterable[str]) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=described(f"channel {option} {each}"), value=each) for each in values]


class ChannelCog(commands.GroupCog, group_name="channel", group_description=described("channel")):
    """Shows and sets where and how the bot answers."""

    def __init__(self, bot: ChatBot) -> None:
        self.bot = bot

    @app_commands.command(name="set", description=described("channel set"))
    @app_commands.describe(
        answers=described("channel set answers"),
        words=described("channel set words"),
        conversation=described("channel set conversation"),
        replies=described("channel set replies"),
    )
    @app_commands.choices(
        answers=_choices("answers", get_args(Answers)),
        conversation=_choices("conversation", get_args(Share)),
        replies=_choices("replies", get_args(Replies)),
    )
    async def set_(
        self,
        interaction: Interaction,
        answers: str | None = None,
        words: app_commands.Range[str, 1, WORDS_LENGTH] | None = None,
        conversation: str | None = None,
        replies: str | None = None,
    ) -> None:
        """Sets what was given for this channel, thread or DM; the rest stays as it is."""
        channel = await self._may_change(interaction)
        if channel is None:
            return
        if words is not None and not (typed := words_of(words)).can_be_heard:
            refused = typed.refused if typed.refused is not None else words
            await bindings.say(interaction, "channel_words_refused", words=plain(refused))
            return
        if words is not None and answers is None:
            answers = "words"
        chosen = ChannelRules(
            cast("Answers | None", answers), words, cast("Share | None", conversation), cast("Replies | None", replies)
        )
        if chosen == ChannelRules():
            await bindings.say(interaction, "channel_set_nothing")
            return
        rules = chosen.over(self.bot.hearing.set_for(channel.id))
        if rules.answers == "words" and not rules.words:
            await bindings.say(interaction, "channel_words_missing")
            return
        await self.bot.hearing.set_rules(channel, rules)
        await self._tell(interaction, "channel_set", ephemeral=False)

    @app_commands.command(name="reset", description=described("channel reset"))
    async def reset(self, interaction: Interaction) -> None:
        """Takes back all that was set for this channel, thread or DM."""
        channel = await self._may_change(interaction)
        if channel is not None:
            was_set = await self.bot.hearing.reset(channel.id)
            await self._tell(interaction, "channel_set" if was_set else "channel_reset_nothing", ephemeral=not was_set)

    @app_commands.command(name="show", description=described("channel show"))
    async def show(self, interaction: Interaction) -> None:
        """Says what holds here, and which setting says so."""
        await self._tell(interaction, "channel_show", ephemeral=True)

    async def _may_change(self, interaction: Interaction) -> Place | None:
        """The channel; None, and a sentence, where the person may not set anything there."""
        if refusal := self.bot.refusal(interaction, self.bot.settings.permissions.channel.here):
            await bindings.say(interaction, refusal)
            return None
        return bindings.here(interaction)

    async def _tell(self, interaction: Interaction, heading: str, *, ephemeral: bool) -> None:
        language = self.bot.language_for(interaction)
        lines = [SAID.say(heading, language), *self._lines(interaction, language)]
        await answer(interaction, "\n".join(lines), private=ephemeral)

    def _lines(self, interaction: Interaction, language: Language) -> list[str]:
        """What holds here, a line each, with the setting that says so."""
        assert interaction.channel is not None  # a command always comes from a channel
        channel, hearing = interaction.channel, self.bot.hearing
        rules, here = hearing.rules_in(channel), hearing.set_for(channel.id)
        parent_id = reading.parent_of(channel)
        above = hearing.set_for(parent_id) if parent_id is not None else ChannelRules()
        lines = []
        for field in FIELDS:
            nearest = "here" if getattr(here, field) else "parent" if getattr(above, field) else "default"
            value = getattr(rules, field)
            if field == "answers" and hearing.is_opened(channel, self.bot.me):
                nearest, value = "opened", hearing.answers_in(channel, self.bot.me)
            sentence = SAID.say(f"channel_{field}_{value}", language, words=plain(rules.words or ""))
            lines.append(SAID.say("channel_line", language, what=sentence, why=SAID.say(f"why_{nearest}", language)))
        may = interaction.app_permissions
        if rules.replies == "thread" and not isinstance(channel, discord.TextChannel):
            lines.append(SAID.say("channel_has_no_threads", language))
        elif rules.replies == "thread" and not (may.create_public_threads and may.send_messages_in_threads):
            lines.append(SAID.say("channel_lacks_threads", language))
        if (mute := bindings.why_mute(interaction)) is not None:
            lines.append(SAID.say(mute, language))
        return lines


async def setup(bot: ChatBot) -> None:
    """How discord.py adds the cog."""
    await bot.add_cog(ChannelCog(bot))
