"""/persona preview: an answer that only one person sees, and of which nothing is remembered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from discord_bot import bindings, reading
from discord_bot.bindings import LIST_PAGES, plain
from discord_bot.chat import prompt
from discord_bot.chat.buffered import BufferedMessage
from discord_bot.chat.history import History
from discord_bot.chat.pages import PAGE_LIMIT, paginate
from discord_bot.chat.pictures import without_inline
from discord_bot.chat.tokens import mix_of
from discord_bot.commands import described
from discord_bot.delivery import with_notice
from discord_bot.interactions import think
from discord_bot.sentences import SAID

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot
    from discord_bot.chat.completion import Completion
    from discord_bot.personas import Known

    Interaction = discord.Interaction[ChatBot]

MESSAGE_LENGTH = 2_000
"""Characters of the question: what a message of Discord's holds."""


class Previews:
    """The command, and whose preview is being written: one a person, because each is paid for."""

    def __init__(self) -> None:
        self.writing: set[int] = set()

    async def preview(self, interaction: Interaction, known: Known, message: str) -> None:
        """Answers with what the persona would say to that."""
        person = interaction.user.id
        if person in self.writing:
            await bindings.say(interaction, "preview_busy")
            return
        self.writing.add(person)
        try:
            await think(interaction)
            await _show(interaction, known, await _answer(interaction, known, message))
        finally:
            self.writing.discard(person)


async def _answer(interaction: Interaction, known: Known, message: str) -> Completion:
    """The straight line, without a history and without a trace."""
    bot, remembering = interaction.client, interaction.client.settings.conversation
    persona = await bot.personas.persona(bindings.library_here(interaction), known)
    model = bot.model_in(await bindings.state_of(interaction), persona)
    asker = reading.name_of(interaction.user)
    question = BufferedMessage(interaction.id, interaction.user.id, asker, message[:MESSAGE_LENGTH])
    asked = prompt.build(
        persona,
        History((question,)),
        budget=model.budget(remembering.max_tokens, mix_of((question.content,))),
        now=datetime.now(UTC),
        asker=asker,
        speakers=remembering.speakers,
    )
    target, *fallback = bot.targets(model, persona, asked.messages)
    return await bot.completions.complete(target.provider, target.request, fallback)


async def _show(interaction: Interaction, known: Known, completion: Completion) -> None:
    language, reason = interaction.client.language_for(interaction), completion.finish_reason
    text = without_inline(completion.text or completion.refusal)[0].strip() or SAID.say("empty", language)
    heading = SAID.say("preview_of", language, name=plain(known.name))
    pages = paginate(f"{heading}\n{text}", PAGE_LIMIT)
    ended = "length" if len(pages) > LIST_PAGES else reason if reason in ("length", "content_filter") else None
    pages = with_notice(pages[:LIST_PAGES], SAID.say(ended, language) if ended is not None else None)
    await interaction.edit_original_response(content=pages[0])
    for page in pages[1:]:
        await interaction.followup.send(page, ephemeral=True)


async def setup(bot: ChatBot) -> None:
    """How discord.py adds it: to the group that `cogs.persona` has made."""
    previews = Previews()

    @app_commands.command(name="preview", description=described("persona preview"))
    @app_commands.describe(name=described("persona preview name"), message=described("persona preview message"))
    async def preview(interaction: Interaction, name: str, message: str) -> None:
        if interaction.guild_id is None and not bot.settings.allow_dms:
            await bindings.say(interaction, "not_permitted")
        elif refusal := bot.refusal(interaction, "everyone"):
            await bindings.say(interaction, refusal)
        elif not message.strip():
            await bindings.say(interaction, "preview_empty")
        elif (known := await bindings.persona_meant(interaction, name)) is not None:
            await previews.preview(interaction, known, message)

    @preview.autocomplete("name")
    async def suggest(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await bindings.personas_suggested(interaction, typed)

    group = bot.tree.get_command("persona")
    assert isinstance(group, app_commands.Group)
    group.add_command(preview)
