"""The personas that the bot has from its start: those of config.yaml, those of its folder of cards, the owner's own.

Of the same name, the one that is named first counts. Whatever a server or a person has, the store is asked for.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from discord_bot.card_sentences import refusal
from discord_bot.chat.persona import Persona, from_card
from discord_bot.errors import PersonaError
from discord_bot.store import OWNER

if TYPE_CHECKING:
    from datetime import datetime

    from discord_bot.chat.schema import ChatMessage
    from discord_bot.config import Settings
    from discord_bot.store import Store

log = logging.getLogger(__name__)


def configured(settings: Settings) -> dict[str, Persona]:
    """The personas of config.yaml, the default one first."""
    return {
        name: Persona(
            name,
            each.system_prompt,
            each.description,
            personality=each.personality,
            scenario=each.scenario,
            greetings=tuple(each.greetings),
            example_dialogue=each.example_dialogue,
            post_history_instructions=each.post_history_instructions,
            nickname=each.nickname,
            names=tuple(each.names),
            model=each.model,
            parameters=each.parameters,
            tags=tuple(each.tags),
        )
        for name, each in settings.personas.items()
    }


async def named(settings: Settings, name: str) -> Persona | None:
    """The persona of that name, where case does not matter. The store is opened only for one that is not configured."""
    from discord_bot.store import Store

    found = configured(settings)
    if name not in found:
        async with Store.open(settings.store.url) as store:
            found = await everyone(settings, store)
    wanted = name.strip().casefold()
    return found.get(name) or next((each for key, each in found.items() if key.casefold() == wanted), None)


def prompt_for(persona: Persona, text: str, budget: int, now: datetime) -> tuple[ChatMessage, ...]:
    """What the model is told for one question outside of Discord; nothing for who is no more than a system prompt."""
    if persona == Persona(persona.name, persona.system_prompt, persona.description):
        return ()
    from discord_bot.chat.buffer import BufferedMessage, History
    from discord_bot.chat.macros import DEFAULT_USER
    from discord_bot.chat.prompt import build

    asked = History((BufferedMessage(1, 0, DEFAULT_USER, text),))
    return build(persona, asked, budget=budget, now=now, asker=DEFAULT_USER, speakers="none").messages


async def everyone(settings: Settings, store: Store) -> dict[str, Persona]:
    """All of them, by name. A file that is no card is told of in the log, and so is a folder that can't be read."""
    found = configured(settings)
    if settings.cards is not None:
        from discord_bot.library import read_folder

        try:
            folder = await asyncio.to_thread(read_folder, settings.cards)
        except PersonaError as error:
            log.warning("%s", refusal(error, "en"))
        else:
            for file, refused in folder.refused:
                log.warning("persona_folder: %s: %s", file, refusal(refused, "en"))
            for name, card in folder.cards.items():
                found.setdefault(name, from_card(card))
    for entry in await store.personas(OWNER):
        record = await store.persona(OWNER, entry.name, picture=False)
        if record is not None and entry.name not in found:
            from discord_bot.library import persona_of

            found[entry.name] = persona_of(record)
    return found
