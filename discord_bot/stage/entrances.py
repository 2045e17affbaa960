"""A persona enters a channel: it is set there, and the conversation goes on or starts afresh."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from discord_bot import bindings
from discord_bot.bindings import HERE, plain
from discord_bot.buttons import Button, Lasting, view
from discord_bot.interactions import answer, tell
from discord_bot.sentences import SAID
from discord_bot.stage import greetings
from discord_bot.voices import telling

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot
    from discord_bot.personas import Known
    from discord_bot.sentences import Language
    from discord_bot.store import Voice

    Interaction = discord.Interaction[ChatBot]


async def let_speak(
    interaction: Interaction,
    known: Known,
    where: str = HERE,
    *,
    voice: Voice | None = None,
    keep: bool = True,
    greet: bool = True,
) -> None:
    """Sets a persona for a place, tells everybody there, and lets it greet; or says why the person may not."""
    bot = interaction.client
    place = await bindings.place_for(interaction, "persona", where)
    if place is None:
        return
    if not keep and (refusal := bot.refusal(interaction, bot.settings.permissions.forget)):
        await bindings.say(interaction, refusal)
        return
    before = await telling.voice_before(interaction, where)
    await bot.store.bind("persona", place, known.name, voice)
    if not keep:
        await bot.forget(bindings.here(interaction), interaction.id)
    language = bot.language_for(interaction)
    key = "persona_set_server" if place.kind == "guild" else "persona_set_here"
    sentence = SAID.say(key, language, name=plain(known.name))
    if keep:
        told = await answer(interaction, sentence, private=False, view=view(Afresh.labelled(language)))
    else:
        afresh = SAID.say("persona_afresh", language)
        told = await answer(interaction, f"{sentence} {afresh}", private=False)
    persona = await bot.personas.persona(bindings.library_here(interaction), known)
    await telling.settle(interaction, place, persona, voice, before)
    if greet and place.kind == "channel" and told is not None:
        await greetings.greet(interaction, persona, known, voice, behind=told)


async def start_afresh(interaction: Interaction) -> None:
    """Marks that what was written before is no longer part of the conversation here, and lets the persona greet."""
    bot, language = interaction.client, interaction.client.language_for(interaction)
    if refusal := bot.refusal(interaction, bot.settings.permissions.forget):
        await answer(interaction, SAID.say(refusal, language))
        return
    # The interaction's id is a snowflake of the same clock as the messages', so it stands between them.
    await bot.forget(bindings.here(interaction), interaction.id)
    told = await answer(interaction, SAID.say("forgotten", language), private=False)
    if told is None:
        return
    speaking = await bot.persona_in(await bindings.state_of(interaction), bindings.library_here(interaction))
    await greetings.greet(interaction, speaking.persona, speaking.known, speaking.voice, behind=told)


# ---- buttons ---------------------------------------------------------------------------------------------------------


class Afresh(Lasting, template=r"persona:afresh"):
    """Starts the conversation afresh, as /forget does."""

    @classmethod
    def labelled(cls, language: Language) -> Afresh:
        """The button, in that language."""
        return cls(Button(label=SAID.say("button_afresh", language), custom_id="persona:afresh"))

    async def press(self, interaction: Interaction) -> None:
        """Like the command."""
        await start_afresh(interaction)


class Speak(Lasting, template=r"persona:speak:(?P<key>[0-9a-f]{16})"):
    """Lets a persona speak in the channel in which its button stands."""

    @classmethod
    def of(cls, known: Known, language: Language) -> Speak:
        """The button for a persona."""
        return cls(
            Button(
                label=SAID.say("button_speak", language),
                style=discord.ButtonStyle.primary,
                custom_id=f"persona:speak:{known.key}",
            )
        )

    async def press(self, interaction: Interaction) -> None:
        """Like /persona set."""
        bot = interaction.client
        known = await bot.personas.by_key(bindings.library_here(interaction), self.facts[0])
        if known is None:
            await tell(interaction, SAID.say("button_persona_gone", bot.language_for(interaction)))
        else:
            await let_speak(interaction, known)
