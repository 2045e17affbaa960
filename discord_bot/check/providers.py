"""What `check` asks the providers: the default model says a word; whether the others exist, their server says."""

from __future__ import annotations

import asyncio
import difflib
from contextlib import aclosing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from discord_bot.chat.schema import ChatCompletionRequest, ChatMessage
from discord_bot.check.sentences import TERMINAL, explained, row, way
from discord_bot.check.table import Mark, Row
from discord_bot.config import split_model
from discord_bot.config.proxies import is_loopback
from discord_bot.errors import CompletionError, CompletionTimeout, NotFound, RateLimited, Unauthorized, Unreachable

if TYPE_CHECKING:
    from discord_bot.completions import CompletionsClient
    from discord_bot.config import Settings
    from discord_bot.sentences import Language

QUESTION = "Say hello in one word."
SUGGESTED = 5
"""Models that are named where one is missing."""
TELLING = (Unauthorized, Unreachable, CompletionTimeout, RateLimited)
"""What a list of models can fail with that says something about the provider; anything else: it has no such list."""


class ProviderCheck:
    """One provider that a model of the configuration belongs to."""

    def __init__(self, settings: Settings, language: Language, client: CompletionsClient, name: str) -> None:
        self._settings = settings
        self._language = language
        self._client = client
        self._name = name
        provider = settings.providers[name]
        proxy = settings.proxy_for(provider.base_url, provider.proxy)
        self._way = way(language, proxy, f"providers.{name}.proxy")

    async def rows(self) -> list[Row]:
        """A row for the default model if it is this provider's, and one for all of its others."""
        mine = {
            name: split_model(name).model for name in self._settings.models if split_model(name).provider == self._name
        }
        rows = []
        if (default := self._settings.default_model) in mine:
            rows.append(await self._answers(default))
            if rows[0].mark == "wrong":
                return rows  # what keeps this one from answering would only be said once more of the others
        if others := {name: model for name, model in mine.items() if name != default}:
            rows += await self._listed(others)
        return rows

    async def _answers(self, name: str) -> Row:
        """Lets the model say a word, with the parameters that it will be asked with.

        It is listened to only until its first words: closing the connection ends the answer, and no limit has to be
        sent under a name that some servers do not accept.
        """
        parameters: dict[str, Any] = self._settings.models[name].parameters
        request = ChatCompletionRequest.model_validate(
            {**parameters, "model": split_model(name).model, "messages": [ChatMessage(role="user", content=QUESTION)]}
        )
        clock = asyncio.get_running_loop().time
        asked, reason = clock(), "?"
        try:
            async with aclosing(self._client.stream(self._name, request)) as stream:
                async for completion in stream:
                    if completion.text or completion.reasoning:
                        return self._row("ok", "model", model=name, seconds=f"{clock() - asked:.1f}")
                    reason = completion.finish_reason or "?"
        except CompletionError as error:
            return await self._failed(error, name)
        return self._row("warning", "model_empty", model=name, reason=reason)

    async def _listed(self, names: dict[str, str]) -> list[Row]:
        """Looks the models up in the server's list, if it has one."""
        try:
            listed = [each.id for each in await self._client.models(self._name)]
        except TELLING as error:
            return [await self._failed(error)]
        except CompletionError:
            listed = []
        if not listed:
            return [self._row("ok", "models_unlisted", models=", ".join(names))]
        missing = {name: model for name, model in names.items() if not is_listed(model, listed)}
        rows = [
            self._row("warning", "model_missing", model=name, known=", ".join(nearest(model, listed)))
            for name, model in missing.items()
        ]
        if there := [name for name in names if name not in missing]:
            rows.insert(0, self._row("ok", "models_there", models=", ".join(there)))
        return rows

    async def _failed(self, error: CompletionError, name: str = "") -> Row:
        sentence, to_do = explained_for(self._settings, self._name, error, self._language)
        if name:
            sentence = TERMINAL.say("at", self._language, model=name, sentence=sentence)
        if isinstance(error, NotFound) and name and (known := await self._known(split_model(name).model)):
            to_do = TERMINAL.say("model_missing.do", self._language, known=", ".join(known))
        return Row(self._name, "wrong", sentence, to_do)

    async def _known(self, model: str) -> list[str]:
        try:
            return nearest(model, [each.id for each in await self._client.models(self._name)])
        except CompletionError:
            return []

    def _row(self, mark: Mark, key: str, **facts: Any) -> Row:
        return row(self._language, self._name, mark, key, way=self._way, **facts)


def explained_for(settings: Settings, name: str, error: CompletionError, language: Language) -> tuple[str, str]:
    """What a provider's failure is, and what to do about it, with what the settings know of that provider."""
    sentence, to_do = explained(error, language)
    base_url, proxy = settings.providers[name].base_url, settings.providers[name].proxy
    match error:
        case Unauthorized() if variable := settings.unset.get(f"providers.{name}.api_key"):
            to_do = TERMINAL.say("key_missing.do", language, variable=variable)
        case Unreachable() if is_loopback(urlsplit(base_url).hostname or "") and not settings.proxy_for(
            base_url, proxy
        ):
            to_do = TERMINAL.say("unreachable_here.do", language)
    return sentence, to_do


def is_listed(model: str, listed: list[str]) -> bool:
    """Whether a list names the model; Ollama lists `llama3.2:latest` for `llama3.2`, Gemini `models/` in front."""
    return any(model in (each, each.removeprefix("models/"), each.removesuffix(":latest")) for each in listed)


def nearest(model: str, listed: list[str]) -> list[str]:
    """A few of the listed models, the most similar ones first."""
    similar = difflib.get_close_matches(model, listed, SUGGESTED, 0.4)
    return [*similar, *(each for each in listed if each not in similar)][:SUGGESTED]
