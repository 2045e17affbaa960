"""The form in which people write a persona: five texts at most, filled in; and nothing that was written is lost.

Where what was written can't be kept (the name is taken, say), a button opens the form again with all of it.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import discord

from discord_bot.buttons import Button, Lasting, view
from discord_bot.chat.pages import PAGE_LIMIT
from discord_bot.errors import CardRefused, PersonaError
from discord_bot.interactions import Modal, tell, think
from discord_bot.sentences import SAID
from discord_bot.sentences.cards import refusal

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot
    from discord_bot.sentences import Language
    from discord_bot.stage.editing import Field

    Interaction = discord.Interaction[ChatBot]
    Then = Callable[[Interaction, Mapping[str, str]], Awaitable[None]]

DRAFTS: Final = 100
"""Forms that are kept to be opened again; each holds some 20,000 characters at most."""


class Form(Modal):
    """Texts to be written. `then` gets them once they are, in an interaction that is deferred, by their keys.

    `elsewhere` are the fields that come from somewhere else, such as a file. One that is too long is told of.
    """

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        texts: Mapping[str, str],
        then: Then,
        language: Language,
        elsewhere: Sequence[str] = (),
    ) -> None:
        super().__init__(title=title)
        self._again = (title, fields, then, language, elsewhere)
        self._inputs: dict[str, discord.ui.TextInput[Any]] = {}
        for field in fields:
            label, text = SAID.say(field.sentence, language, number=field.number), texts.get(field.key, "")
            if field.key in elsewhere:
                self.add_item(discord.ui.TextDisplay(SAID.say("form_from_file", language, label=label)))
            elif len(text) > field.longest:
                told = SAID.say("form_long", language, label=label, count=f"{len(text):,}")
                self.add_item(discord.ui.TextDisplay(told))
            else:
                written: discord.ui.TextInput[Any] = discord.ui.TextInput(
                    custom_id=field.key,
                    style=discord.TextStyle.paragraph if field.lines else discord.TextStyle.short,
                    default=text or None,
                    required=field.required,
                    max_length=field.longest,
                )
                self._inputs[field.key] = written
                hint = f"hint_{field.key}"
                description = SAID.say(hint, language) if hint in SAID else None
                self.add_item(discord.ui.Label(text=label, description=description, component=written))

    async def submitted(self, interaction: Interaction) -> None:
        """Hands on what was written."""
        await think(interaction)
        texts = {key: written.value for key, written in self._inputs.items()}
        title, fields, then, language, elsewhere = self._again
        try:
            await then(interaction, texts)
        except (CardRefused, PersonaError) as error:
            again = Form(title, fields, texts, then, language, elsewhere)
            button = OpenAgain.of(interaction.client.drafts.keep(again), language)
            await interaction.edit_original_response(content=refusal(error, language)[:PAGE_LIMIT], view=view(button))


class Drafts:
    """Forms whose texts could not be kept: in memory only, and not for ever."""

    def __init__(self) -> None:
        self._forms: OrderedDict[str, Form] = OrderedDict()

    def keep(self, form: Form) -> str:
        """Keeps a form; the key that stands for it."""
        key = secrets.token_hex(8)
        self._forms[key] = form
        while len(self._forms) > DRAFTS:
            self._forms.popitem(last=False)
        return key

    def get(self, key: str) -> Form | None:
        """The form that was kept."""
        return self._forms.get(key)


class OpenAgain(Lasting, template=r"persona:again:(?P<key>[0-9a-f]{16})"):
    """Opens a form with all that was written in it."""

    @classmethod
    def of(cls, key: str, language: Language) -> OpenAgain:
        """The button for a form that is kept."""
        return cls(Button(label=SAID.say("button_form_again", language), custom_id=f"persona:again:{key}"))

    async def press(self, interaction: Interaction) -> None:
        """Forms don't outlive the bot, and then that is said."""
        form = interaction.client.drafts.get(self.facts[0])
        if form is None:
            await tell(interaction, SAID.say("form_gone", interaction.client.language_for(interaction)))
        else:
            await interaction.response.send_modal(form)
