"""/ask, and “Ask about this message” on any message: answers also where the bot isn't a member.

A person can install the application for themselves, and then brings both commands along to every server, group and
direct message. https://discord.com/developers/docs/resources/application#installation-context
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord
from discord import app_commands
from discord.ext import commands

from discord_bot import bindings
from discord_bot.answering import as_it_stands, question_apart
from discord_bot.commands import described
from discord_bot.interactions import Modal, tell, think
from discord_bot.sentences import SAID

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot
    from discord_bot.sentences import Language

    Interaction = discord.Interaction[ChatBot]

LONGEST: Final = 4_000
"""Characters of a question: what a text in a form takes at most.
https://discord.com/developers/docs/components/reference#text-input
"""
KEPT_OPEN: Final = 60 * 60.0
"""Seconds for which a form can be sent in: Discord does not tell when somebody closes one."""
ONLY_ME: Final = "me"
EVERYBODY: Final = "everybody"
INSTALLS = app_commands.AppInstallationType(guild=True, user=True)
CONTEXTS = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)


class AskCog(commands.Cog):
    """The commands."""

    def __init__(self, bot: ChatBot) -> None:
        self.bot = bot
        # A cog's methods can't be commands of menus: https://github.com/Rapptz/discord.py/issues/7823
        self.menu = app_commands.ContextMenu(
            name=described("menu ask"), callback=self.ask_about, allowed_installs=INSTALLS, allowed_contexts=CONTEXTS
        )

    @app_commands.command(name="ask", description=described("ask"))
    @app_commands.describe(
        message=described("ask message"), file=described("ask file"), private=described("ask private")
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def ask(
        self,
        interaction: Interaction,
        message: app_commands.Range[str, 1, LONGEST],
        file: discord.Attachment | None = None,
        private: bool = False,
    ) -> None:
        """Answers a question, with what was said before where the bot may read that, and remembers nothing of it."""
        if refusal := _refusal(interaction):
            await bindings.say(interaction, refusal)
            return
        private = private or _is_silent(interaction)
        await think(interaction, private=private)
        question = await question_apart(interaction, message, file, private=private)
        self.bot.answering.ask_apart(question)

    async def ask_about(self, interaction: Interaction, message: discord.Message) -> None:
        """Opens a form for the question, and answers that."""
        if refusal := _refusal(interaction) or _unreadable(interaction, message):
            await bindings.say(interaction, refusal)
        else:
            await interaction.response.send_modal(AboutForm(message, self.bot.language_for(interaction)))

    async def cog_load(self) -> None:
        """From here on, the command is in the menus."""
        self.bot.tree.add_command(self.menu)

    async def cog_unload(self) -> None:
        """It is taken away."""
        self.bot.tree.remove_command(self.menu.name, type=self.menu.type)


class AboutForm(Modal):
    """The form for a question about a message, and who is to see the answer.

    That is only who asks, unless they choose otherwise: people point at what others have said to understand, translate
    or check it, and an answer in the channel would be a word to everybody about somebody who has not asked for it.
    Whoever wants that replies to the message and mentions the bot, or chooses it here.
    """

    what = "the form of a question"

    def __init__(self, about: discord.Message, language: Language) -> None:
        super().__init__(title=SAID.say("ask_about", language), timeout=KEPT_OPEN)
        self._about = about
        self._text: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="question", style=discord.TextStyle.paragraph, max_length=LONGEST
        )
        choices = [
            discord.SelectOption(label=SAID.say(f"ask_about_{each}", language), value=each, default=each == ONLY_ME)
            for each in (ONLY_ME, EVERYBODY)
        ]
        self._who: discord.ui.Select[Any] = discord.ui.Select(custom_id="who", options=choices)
        self.add_item(discord.ui.Label(text=SAID.say("ask_about_question", language), component=self._text))
        self.add_item(discord.ui.Label(text=SAID.say("ask_about_who", language), component=self._who))

    async def submitted(self, interaction: Interaction) -> None:
        """Answers, about the message as it stands now."""
        private = EVERYBODY not in self._who.values or _is_silent(interaction)
        await think(interaction, private=private)
        about = await as_it_stands(interaction, self._about)
        refusal = "ask_about_gone" if about is None else _unreadable(interaction, about)
        if refusal is not None:
            await tell(interaction, SAID.say(refusal, interaction.client.language_for(interaction)))
            return
        question = await question_apart(interaction, self._text.value, about=about, private=private)
        interaction.client.answering.ask_apart(question)


def _refusal(interaction: Interaction) -> str | None:
    """The key of the sentence that says why somebody may not ask here; None if they may."""
    bot = interaction.client
    if interaction.guild_id is None and not bot.settings.allow_dms:
        return "not_permitted"
    return bot.refusal(interaction, "everyone")


def _unreadable(interaction: Interaction, message: discord.Message) -> str | None:
    """The key of the sentence that says why a message can't be asked about; None if it can."""
    bot = interaction.client
    if bot.hearing.is_unread(message.author.id) and message.author.id != interaction.user.id:
        return "ask_about_unread"
    return None if bot.hearing.pointed_at(message, bot.me) is not None else "ask_about_nothing"


def _is_silent(interaction: Interaction) -> bool:
    """Whether the bot is to answer nothing there: then only who asks sees the answer, and it disturbs nobody."""
    channel = interaction.channel
    return channel is not None and interaction.client.hearing.rules_in(channel).answers == "never"


async def setup(bot: ChatBot) -> None:
    """How discord.py adds the cog."""
    await bot.add_cog(AskCog(bot))
