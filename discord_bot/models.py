"""`discord-bot models`: what each provider lists, and which of it the configuration uses.

The names are written as config.yaml wants them, `provider/model`, one in a line, so that they can be searched for and
pasted. What comes from a server is shown as text: nothing in it can command the terminal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from discord_bot.check.providers import explained_for, is_listed, nearest
from discord_bot.check.sentences import TERMINAL
from discord_bot.check.table import MARKS, Row, columns, render_row
from discord_bot.config import split_model
from discord_bot.errors import BadRequest, CompletionError, CompletionTimeout, NotFound
from discord_bot.sentences import in_one_line

if TYPE_CHECKING:
    from discord_bot.chat.schema import ModelInfo
    from discord_bot.completions import CompletionsClient
    from discord_bot.config import Settings
    from discord_bot.sentences import Language

WIDEST = 60
"""Columns that names are filled up to, so that the numbers stand below each other; few names are longer."""
PATIENCE = 30.0
"""Seconds that a provider gets to list its models: a list needs no thinking, and somebody sits there and waits."""
SUGGESTED = 3
"""Models that are named where one is missing."""


@dataclass(frozen=True, slots=True)
class Line:
    """One model, as it is written down."""

    mark: str
    """Of `check`: whether the configuration uses it, and the server has it; empty where the former does not."""
    name: str
    context: int | None = None
    remark: str = ""


async def models(
    settings: Settings,
    client: CompletionsClient,
    write: Callable[[str], object],
    language: Language,
    *,
    providers: Iterable[str],
    words: Iterable[str] = (),
) -> bool:
    """Asks these providers at the same time, and writes down what each lists; whether any of them told.

    Of all that is listed, the models are shown whose names hold each of the `words`.
    """
    asked = {name: asyncio.create_task(_ask(client, name)) for name in providers}
    wanted = " ".join(words).casefold().split()
    told = False
    try:
        for number, (name, task) in enumerate(asked.items()):
            if number:
                write("")
            try:
                write(_listing(settings, name, await task, wanted, language))
                told = True
            except CompletionError as error:
                write(_failure(settings, name, error, language))
    finally:
        for task in asked.values():
            task.cancel()
        await asyncio.gather(*asked.values(), return_exceptions=True)
    if told:
        write(f"\n{TERMINAL.say('models_legend', language, ok=MARKS['ok'], wrong=MARKS['wrong'])}")
    return told


async def _ask(client: CompletionsClient, provider: str) -> list[ModelInfo]:
    try:
        async with asyncio.timeout(PATIENCE):
            return await client.models(provider)
    except TimeoutError:
        raise CompletionTimeout(f"no list of models within {PATIENCE:g} s") from None


def _failure(settings: Settings, provider: str, error: CompletionError, language: Language) -> str:
    sentence, to_do = explained_for(settings, provider, error, language)
    if isinstance(error, (NotFound, BadRequest)):
        sentence, to_do = TERMINAL.say("models_no_list", language), TERMINAL.say("models_no_list.do", language)
    return render_row(Row(provider, "wrong", sentence, to_do), columns(provider))


def _listing(settings: Settings, provider: str, listed: list[ModelInfo], words: list[str], language: Language) -> str:
    """What one provider lists: first what the configuration uses, then the rest by name."""
    lines = _lines(settings, provider, listed, language)
    shown = [line for line in lines if all(word in line.name.casefold() for word in words)]
    number = len({each.id for each in listed})
    there = sum(line.mark != MARKS["wrong"] for line in shown)
    key = "models_listed" if there == number else "models_found"
    heading = TERMINAL.say(key, language, provider=provider, number=number, shown=there)
    width = min(max((columns(line.name) for line in shown), default=0), WIDEST)
    return "\n".join([heading, *(_rendered(line, width) for line in shown)])


def _lines(settings: Settings, provider: str, listed: list[ModelInfo], language: Language) -> list[Line]:
    left = {each.id: each for each in listed}
    ids = list(left)
    lines = []
    for name in settings.models:
        home, model = split_model(name)
        if home != provider:
            continue
        remark = TERMINAL.say("models_default", language) if name == settings.default_model else ""
        found = model if model in ids else next((each for each in ids if is_listed(model, [each])), None)
        if found is not None:
            info = left.pop(found, None)
            lines.append(Line(MARKS["ok"], name, info.context if info is not None else None, remark))
        elif ids:  # an empty list tells nothing
            known = ", ".join(in_one_line(each) for each in nearest(model, ids)[:SUGGESTED])
            missing = TERMINAL.say("models_missing", language, known=known)
            lines.append(Line(MARKS["wrong"], name, None, f"{remark} {missing}".strip()))
    rest = sorted(left.values(), key=lambda each: each.id.casefold())
    return lines + [Line("", f"{provider}/{in_one_line(each.id)}", each.context) for each in rest]


def _rendered(line: Line, width: int) -> str:
    name = line.name + " " * (width - columns(line.name))
    context = "" if line.context is None else f"{line.context:,}"
    return f"{line.mark or ' '} {name}  {context:>10}  {line.remark}".rstrip()
