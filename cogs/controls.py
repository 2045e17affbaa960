"""The buttons below a reply: who may press them, and one call into the answering. They work after a restart too."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import discord

from discord_bot.answering import TEMPLATE, Action, Press, Work
from discord_bot.buttons import Lasting
from discord_bot.interactions import acknowledge, tell
from discord_bot.sentences import SAID

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot

    Interaction = discord.Interaction[ChatBot]

WORK = {Action.AGAIN: Work.AGAIN, Action.CONTINUE: Work.CONTINUE}
STEP = {Action.EARLIER: -1, Action.LATER: +1}


class Control(Lasting, template=TEMPLATE):
    """Any of the buttons; which one, and to what it belongs, stands in its custom id."""

    async def press(self, interaction: Interaction) -> None:
        """Acts on it; what it may not or can't do is said to who pressed it."""
        said = await self._act(interaction, Press.of(*self.facts))
        if said is not None:
            await tell(interaction, SAID.say(said, interaction.client.language_for(interaction)))
        elif not interaction.response.is_done():
            await acknowledge(interaction.response.defer)

    async def _act(self, interaction: Interaction, press: Press) -> str | None:
        """Does what the button is for; the key of a sentence for the person who pressed it, where there is one."""
        presses, page = interaction.client.answering.presses, interaction.message
        assert page is not None  # a button stands below a message
        if (refusal := _refusal(interaction, press)) is not None:
            return refusal
        if press.action is Action.STOP:
            if not presses.stop(press, page.id):
                language = interaction.client.language_for(interaction)
                await _show(interaction, presses.controls_now(press, page.id, language))
            return None
        if press.action in STEP:
            exchange = presses.known(press, page.id)
            if exchange is None or len(exchange.versions) < 2:
                return "versions_gone"
            await presses.leaf(exchange, STEP[press.action], partial(_show_text, interaction))
            return None
        return await self._write(interaction, press, page)

    async def _write(self, interaction: Interaction, press: Press, page: discord.Message) -> str | None:
        """A further answer, or more of it."""
        answering, work = interaction.client.answering, WORK[press.action]
        if answering.exchanges.about(press.question_id) is None:
            # Discord has to be asked, which may take longer than it waits for us.
            await acknowledge(interaction.response.defer)
        try:
            exchange = await answering.presses.recall(press, page)
        except discord.Forbidden:
            return "question_unread"
        if exchange is None:
            return "question_gone"
        if exchange.busy:
            return None
        if work is Work.CONTINUE and (exchange.versions.shown is None or not exchange.versions.shown.unfinished):
            return "nothing_to_continue"
        waits = await answering.presses.write(exchange, work, interaction.user.id, partial(_show, interaction))
        return "control_waits" if waits else None


def _refusal(interaction: Interaction, press: Press) -> str | None:
    """The key of the sentence that says why somebody may not press; None if they may: who asked, and who manages."""
    bot = interaction.client
    if press.action.setting not in bot.settings.delivery.controls:
        return "control_off"
    refusal = bot.refusal(interaction, "manage_messages")
    if refusal == "needs_manage_messages":
        return None if interaction.user.id == press.asker_id else "not_your_reply"
    return refusal


async def _show(interaction: Interaction, view: discord.ui.View | None) -> None:
    """Answers a press with other buttons below the same message."""
    if interaction.response.is_done():
        await interaction.edit_original_response(view=view)
    else:
        await acknowledge(lambda: interaction.response.edit_message(view=view))


async def _show_text(interaction: Interaction, text: str, view: discord.ui.View | None) -> None:
    """Answers a press with another text in the same message."""
    await acknowledge(lambda: interaction.response.edit_message(content=text, view=view))


async def setup(bot: ChatBot) -> None:
    """How discord.py adds the cog: the buttons of before the start are recognised from now on."""
    bot.add_dynamic_items(Control)


async def teardown(bot: ChatBot) -> None:
    """How discord.py takes it away."""
    bot.remove_dynamic_items(Control)
