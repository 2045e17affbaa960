"""Buttons that work for ever, after a restart too: what one does stands in its custom id, and a class knows the form.

Discord sends that id back when the button is pressed, and nothing about it is kept here.
https://discord.com/developers/docs/components/reference#anatomy-of-a-component-custom-id
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import discord

from discord_bot.interactions import failed

if TYPE_CHECKING:
    import re

    from discord_bot.bot import ChatBot

    Interaction = discord.Interaction[ChatBot]

Button = discord.ui.Button[discord.ui.View]


class Lasting(discord.ui.DynamicItem[Button], template=r"lasting:no button has this id"):
    """A button whose class gives the template of its custom id, and says in `press` what it does."""

    def __init__(self, button: Button, *facts: str) -> None:
        super().__init__(button)
        self.facts = facts
        """What the template's groups hold, in their order."""

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """How discord.py makes it of a press."""
        assert isinstance(item, discord.ui.Button)
        return cls(item, *match.groups(""))

    async def press(self, interaction: Interaction) -> None:
        """What happens then."""
        raise NotImplementedError

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Does what the button is for, and never leaves a press without an answer."""
        try:
            if await interaction.client.under_way.begin(interaction):
                await self.press(interaction)
        except Exception as error:  # noqa: BLE001  # it is logged there
            await failed(interaction, f"the button {self.custom_id}", error)


def view(*buttons: Lasting) -> discord.ui.View:
    """The buttons in a row."""
    row = discord.ui.View(timeout=None)
    for button in buttons:
        row.add_item(button)
    return row
