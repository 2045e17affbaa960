"""“What did you see?”, on a message: what an answer of the bot's was made from, for who asked and who manages."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from discord_bot import bindings, reading
from discord_bot.answering import KEPT
from discord_bot.commands import described
from discord_bot.interactions import answer
from discord_bot.seen import SEEN, account

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot

    Interaction = discord.Interaction[ChatBot]


class SeenCog(commands.Cog):
    """The command in a message's menu."""

    def __init__(self, bot: ChatBot) -> None:
        self.bot = bot
        # A cog's methods can't be commands of menus: https://github.com/Rapptz/discord.py/issues/7823
        self.menu = app_commands.ContextMenu(name=described("menu seen"), callback=self.seen)

    async def seen(self, interaction: Interaction, message: discord.Message) -> None:
        """Tells what stood behind an answer, in which places people can follow it up, and to whom it is told."""
        language = self.bot.language_for(interaction)
        traced = self.bot.answering.traced(message.channel.id, message.id)
        if traced is None:
            own = reading.is_own(message, self.bot.me) or message.author.id == self.bot.me.id
            await _say(interaction, SEEN.say("unknown" if own else "not_mine", language, count=KEPT))
            return
        refusal = self.bot.refusal(interaction, "manage_messages")
        if refusal == "needs_manage_messages" and interaction.user.id != traced.asker_id:
            await _say(interaction, SEEN.say("not_yours", language))
        elif refusal is not None and refusal != "needs_manage_messages":
            await bindings.say(interaction, refusal)
        else:
            lines = account(traced.provenance, partial(reading.address_of, traced.channel), language)
            lines.append(SEEN.say("kept", language, count=KEPT))
            await bindings.say_list(interaction, SEEN.say("heading", language), lines)

    async def cog_load(self) -> None:
        """From here on, the command is there."""
        self.bot.tree.add_command(self.menu)

    async def cog_unload(self) -> None:
        """It is taken away."""
        self.bot.tree.remove_command(self.menu.name, type=self.menu.type)


async def _say(interaction: Interaction, sentence: str) -> None:
    await answer(interaction, sentence)


async def setup(bot: ChatBot) -> None:
    """How discord.py adds the cog."""
    await bot.add_cog(SeenCog(bot))
