"""What /persona does about voices, and what it says: once, to who set it, and to nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord import app_commands

from discord_bot import bindings
from discord_bot.bindings import SERVER, plain, state_of
from discord_bot.interactions import tell
from discord_bot.sentences import SAID

if TYPE_CHECKING:
    import discord

    from discord_bot.bot import ChatBot
    from discord_bot.cast import Speaking
    from discord_bot.chat.persona import Persona
    from discord_bot.sentences import Language
    from discord_bot.store import Place, Voice

    Interaction = discord.Interaction[ChatBot]

VOICES = [app_commands.Choice(name=each, value=each) for each in ("webhook", "profile", "plain")]
"""The choices of the option `voice`."""


async def voice_before(interaction: Interaction, where: str) -> Voice | None:
    """How the persona speaks that is bound to just that place, before another one is."""
    kind = "guild" if where == SERVER else "channel"
    state = await state_of(interaction)
    wanted = (each for each in state.bindings if each.kind == "persona" and each.place.kind == kind)
    binding = next((each for each in wanted if kind == "guild" or each.place.id == interaction.channel_id), None)
    return binding.voice if binding is not None else "plain"


async def settle(
    interaction: Interaction, place: Place, persona: Persona, voice: Voice | None, before: Voice | None
) -> None:
    """Lets a persona that was set just now speak as was chosen, and says what is missing for it, if anything is."""
    bot = interaction.client
    bot.calls.forget()
    channel = None if place.kind == "guild" else interaction.channel
    spoken = bot.voices.spoken(persona, voice, interaction.guild, channel)
    mute = bindings.why_mute(interaction) if channel is not None else None
    key: str | None = mute or spoken.lack
    guild = interaction.guild
    if guild is not None and spoken.way == "profile" and not await bot.voices.profiles.put_on(guild, persona):
        key = key or "voice_profile_later"
    elif spoken.way != "profile":
        await take_off(interaction, before)
    if key is not None:
        await tell(interaction, SAID.say(key, bot.language_for(interaction), name=plain(persona.name)))


async def take_off(interaction: Interaction, before: Voice | None) -> None:
    """Shows the bot as itself in the server again, where a persona that was bound there spoke in its profile."""
    interaction.client.calls.forget()
    chosen = before or interaction.client.settings.voice
    if chosen == "profile" and interaction.guild is not None:
        await interaction.client.voices.profiles.take_off(interaction.guild)


def how(interaction: Interaction, speaking: Speaking, language: Language) -> str:
    """How a persona speaks in the channel where a command is run, and who else does, as sentences."""
    bot = interaction.client
    spoken = bot.voices.spoken(speaking.persona, speaking.voice, interaction.guild, interaction.channel)
    facts: dict[str, Any] = {"name": plain(speaking.persona.name)}
    key = bindings.why_mute(interaction) or spoken.lack or f"voice_{spoken.way}"
    sentences = [SAID.say(key, language, **facts)]
    if speaking.others:
        names = ", ".join(f"**{plain(each.name)}**" for each in speaking.others)
        sentences.append(SAID.say("persona_show_others", language, names=names))
    return "\n".join(sentences)
