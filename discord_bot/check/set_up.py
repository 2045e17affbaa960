"""`discord-bot check`: what is wrong with the set-up, and what to do about it, in plain sentences.

It does what the bot would do, one step at a time and without starting the bot: reads the settings, opens the store,
asks Discord's API who the bot is and what it may (`discord`), and lets the default model say a word
(`providers`). discord.py is not used, because it would only say that something failed. Nothing is changed
anywhere, but that the store is made if there is none.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from discord_bot.check.discord import DiscordCheck
from discord_bot.check.providers import ProviderCheck
from discord_bot.check.sentences import TERMINAL, failed, row, sentence_for, terminal_language
from discord_bot.check.table import Row, columns, render_row
from discord_bot.config import Settings, load_settings, split_model
from discord_bot.config.proxies import unsupported_proxy, without_credentials
from discord_bot.config.sentences import render_problems
from discord_bot.endpoints import client_for
from discord_bot.errors import ConfigError, PersonaError, StoreError
from discord_bot.sentences.cards import refusal
from discord_bot.store import Place, Store

if TYPE_CHECKING:
    from discord_bot.sentences import Language

__all__ = ["Row", "check", "rows", "sentence_for", "tell", "terminal_language"]


async def check(config: Path | None, environ: Mapping[str, str] | None = None, out: TextIO | None = None) -> bool:
    """Looks at the whole set-up and prints a row as soon as each thing is known. Whether nothing is wrong."""
    out = out or sys.stdout
    try:
        settings = load_settings(config, environ)
    except ConfigError as error:
        language = terminal_language(None, environ)
        tell(render_problems(error, language), out)
        tell(f"\n{TERMINAL.say('settings_wrong.do', language)}", out)
        return False
    language = terminal_language(settings, environ)
    width = max(columns(subject) for subject in _subjects(settings, language))
    marks = set()
    async with aclosing(rows(settings, language)) as looked_at:
        async for each in looked_at:
            marks.add(each.mark)
            tell(render_row(each, width), out)
    end = "not_well" if "wrong" in marks else "usable" if "warning" in marks else "all_well"
    tell(f"\n{TERMINAL.say(end, language)}", out)
    return "wrong" not in marks


async def rows(settings: Settings, language: Language) -> AsyncGenerator[Row, None]:
    """What was looked at, in the order of the table. The providers are asked while Discord is."""
    names = list(dict.fromkeys(split_model(name).provider for name in settings.models))
    yield _settings_row(settings, language)
    if variable := _unused_proxy(settings, names):
        yield row(language, "proxy", "warning", "socks", variable=variable)
    yield await _store_row(settings, language)
    for each in _persona_rows(settings, language):
        yield each
    async with client_for(settings, persistent=False) as client:
        asked = [asyncio.create_task(ProviderCheck(settings, language, client, name).rows()) for name in names]
        try:
            async with aclosing(DiscordCheck(settings, language).rows()) as discord:
                async for each in discord:
                    yield each
            for task in asked:
                for each in await task:
                    yield each
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)


def _settings_row(settings: Settings, language: Language) -> Row:
    models, personas = ", ".join(settings.models), ", ".join(settings.personas)
    return row(language, "settings", "ok", "settings", source=settings.source, models=models, personas=personas)


def _persona_rows(settings: Settings, language: Language) -> list[Row]:
    """The folder of cards, if there is one, and each file in it that is none."""
    if settings.cards is None:
        return []
    from discord_bot.library import read_folder

    try:
        folder = read_folder(settings.cards)
    except PersonaError as error:
        return [Row(TERMINAL.say("subject_personas", language), "warning", refusal(error, language))]
    found = row(language, "personas", "ok", "personas", number=len(folder.cards), folder=settings.cards)
    return [
        found,
        *(
            row(language, "personas", "warning", "persona_file", file=file, sentence=refusal(error, language))
            for file, error in folder.refused
        ),
    ]


async def _store_row(settings: Settings, language: Language) -> Row:
    """The store opens and can be written: an entry that isn't there is removed, which needs the same rights as any."""
    try:
        async with Store.open(settings.store.url) as store:
            await store.unbind("persona", Place("channel", 0))
    except StoreError as error:
        return failed(language, "store", error)
    return row(language, "store", "ok", "store", url=_shown(settings.store.url))


def _shown(url: str) -> str:
    """A database's address without user, password and options."""
    return without_credentials(url).partition("?")[0]


def _unused_proxy(settings: Settings, names: list[str]) -> str | None:
    """The variable that names a proxy which would be used if it were no SOCKS proxy."""
    ways = [(settings.discord.api_url, settings.discord.proxy)]
    ways += [(settings.providers[name].base_url, settings.providers[name].proxy) for name in names]
    found = (unsupported_proxy(url, settings.environ) for url, proxy in ways if not proxy)
    return next((variable for variable in found if variable), None)


def _subjects(settings: Settings, language: Language) -> list[str]:
    """All that a row can be about, so that the column is wide enough before the first row is known."""
    fixed = [TERMINAL.say(key, language) for key in TERMINAL if key.startswith("subject_")]
    return [*fixed, *(split_model(name).provider for name in settings.models)]


def tell(text: str, out: TextIO | None = None) -> None:
    """Prints at once; what the terminal's encoding has no sign for becomes a question mark."""
    out = out or sys.stdout
    encoding = getattr(out, "encoding", None) or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), file=out, flush=True)  # this is the program's output
