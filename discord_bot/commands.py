"""The slash commands: described in both languages, told to Discord only when they changed, never met with silence."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
from discord import app_commands

from discord_bot.errors import StoreError
from discord_bot.interactions import failed, name_of
from discord_bot.sentences import DESCRIBED, language_of

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot
    from discord_bot.store import Store

log = logging.getLogger(__name__)


def described(key: str) -> app_commands.locale_str:
    """The description of a command or an option, in English until `Descriptions` is asked for another language."""
    return app_commands.locale_str(DESCRIBED.say(key, "en"), key=key)


class Commands(app_commands.CommandTree["ChatBot"]):
    """All commands. One that fails says so to whoever ran it."""

    async def interaction_check(self, interaction: discord.Interaction[ChatBot]) -> bool:
        """Whether it is carried out: while the bot stops, none is begun."""
        if interaction.type is discord.InteractionType.autocomplete:
            return True
        return await interaction.client.under_way.begin(interaction)

    async def on_error(self, interaction: discord.Interaction[ChatBot], error: app_commands.AppCommandError) -> None:
        """Says what went wrong in one sentence, which only that person sees, and logs it."""
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        await failed(interaction, name_of(interaction), cause)


class Descriptions(app_commands.Translator):
    """Gives Discord the descriptions in Chinese; whoever uses another language sees the English ones."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContext[Any, Any],  # noqa: ARG002  # discord.py passes it
    ) -> str | None:
        """The text in that language, where it has one of its own."""
        key = string.extras.get("key")
        return DESCRIBED.say(key, "zh") if key is not None and language_of(locale.value) == "zh" else None


async def synchronise(tree: app_commands.CommandTree[Any], store: Store, api_url: str) -> None:
    """Tells Discord of the commands, where they differ from what it was told last.

    Creations are limited to 200 a day.
    https://discord.com/developers/docs/interactions/application-commands#registering-a-command
    """
    application_id = tree.client.application_id
    assert application_id is not None  # known since the login
    translator = tree.translator
    assert translator is not None
    payload = [await command.get_translated_payload(tree, translator) for command in tree.get_commands()]
    fingerprint = hashlib.sha256(json.dumps([api_url, payload], sort_keys=True, default=str).encode()).hexdigest()
    try:
        if await store.command_fingerprint(application_id) == fingerprint:
            return
        await tree.sync()
        await store.set_command_fingerprint(application_id, fingerprint)
        log.info("told Discord of %d commands", len(payload))
    except (discord.HTTPException, app_commands.AppCommandError, aiohttp.ClientError, OSError, StoreError) as error:
        log.warning("the commands could not be synchronised; the next start tries again: %s", error)
