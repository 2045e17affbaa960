"""Which model the bot of a playground asks: the first one, one of a server on this machine, or one that somebody names.

A key stays in the bot's settings, in memory; no page is ever told it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError

from discord_bot.check import rows
from discord_bot.check.providers import ProviderCheck, explained_for
from discord_bot.check.sentences import INVITE, PERMISSIONS, PORTAL
from discord_bot.config import ModelSettings, ProviderSettings, render_problems
from discord_bot.config.models import TimeoutSettings
from discord_bot.endpoints import client_for
from discord_bot.errors import CompletionError, ConfigError
from discord_bot.playground.sentences import NotUnderstoodError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from discord_bot.config import Settings
    from discord_bot.playground.running import Running
    from discord_bot.playground.sentences import Language

PORTS: Final[Mapping[str, int]] = {
    "ollama": 11434,
    "lm-studio": 1234,
    "llama-cpp": 8080,
    "koboldcpp": 5001,
    "vllm": 8000,
}
"""Where the usual servers of models listen, if nobody has told them otherwise.

https://github.com/ollama/ollama/blob/main/docs/faq.mdx, https://lmstudio.ai/docs/developer/core/server,
https://github.com/ggml-org/llama.cpp/tree/master/tools/server, https://github.com/LostRuins/koboldcpp/wiki,
https://docs.vllm.ai/en/latest/serving/openai_compatible_server/
"""
HERE: Final = TimeoutSettings(connect=0.5, first_token=2.0, idle=2.0)
"""Seconds that a server on this machine is given to say what it has."""
LISTED: Final = 200
"""Models of a server that are named; OpenRouter has more."""


class Connecting:
    """What is asked and done about the model of one playground."""

    def __init__(self, running: Running, load: Callable[[], Settings], ports: Mapping[str, int] = PORTS) -> None:
        """`load` reads the configuration anew, with which the bot would run in Discord."""
        self._running = running
        self._first = running.settings
        self._load = load
        self._ports = ports

    @property
    def model(self) -> str:
        """The model that is asked, as `provider/model`."""
        return self._running.settings.default_model

    @property
    def is_first(self) -> bool:
        """Whether it is the one that the playground was started with."""
        return self._running.settings is self._first

    async def find(self) -> list[dict[str, Any]]:
        """The servers of models that run on this machine: the name, address and models of each."""
        providers = {
            name: ProviderSettings(base_url=f"http://127.0.0.1:{port}/v1", timeouts=HERE)
            for name, port in self._ports.items()
        }
        settings = self._first.model_copy(update={"providers": providers})
        async with client_for(settings, persistent=False) as client:
            listed = await asyncio.gather(*(client.models(name) for name in providers), return_exceptions=True)
        return [
            {"name": name, "base_url": providers[name].base_url, "models": [each.id for each in models]}
            for name, models in zip(providers, listed, strict=True)
            if not isinstance(models, BaseException) and models
        ]

    async def models(self, base_url: str, key: str, language: Language) -> dict[str, Any]:
        """What a server lists; or what is wrong with it, and what to do."""
        name, settings = self._settings(base_url, key, "?")
        async with client_for(settings, persistent=False) as client:
            try:
                listed = await client.models(name)
            except CompletionError as error:
                sentence, what_to_do = explained_for(settings, name, error, language)
                return {"sentence": sentence, "what_to_do": what_to_do}
        return {"models": [each.id for each in listed[:LISTED]]}

    async def connect(self, base_url: str, key: str, model: str, language: Language) -> dict[str, Any]:
        """Lets the model say a word; where it does, the bot asks it from now on. The row of a `check`."""
        if not model.strip():
            raise NotUnderstoodError("no-model")
        name, settings = self._settings(base_url, key, model.strip())
        async with client_for(settings, persistent=False) as client:
            (row,) = await ProviderCheck(settings, language, client, name).rows()
        if row.mark == "ok":
            await self._running.change(settings)
        return asdict(row)

    async def disconnect(self) -> None:
        """The bot asks the first model again."""
        if not self.is_first:
            await self._running.change(self._first)

    async def check(self, language: Language) -> AsyncIterator[dict[str, Any]]:
        """What `discord-bot check` says of the configuration as it stands now, row by row."""
        try:
            settings = self._load()
        except ConfigError as error:
            yield {
                "subject": "config.yaml",
                "mark": "wrong",
                "sentence": render_problems(error, language),
                "what_to_do": "",
            }
            return
        async with aclosing(rows(settings, language)) as looked_at:
            async for row in looked_at:
                yield asdict(row)

    def guide(self) -> dict[str, str]:
        """The addresses and names that the way to Discord needs."""
        return {"portal": PORTAL, "invite": INVITE, "permissions": str(PERMISSIONS), "source": self._first.source}

    def _settings(self, base_url: str, key: str, model: str) -> tuple[str, Settings]:
        """A name for that server, and the settings with it as the only one."""
        try:
            provider = ProviderSettings(
                base_url=base_url.strip(), api_key=SecretStr(key.strip()) if key.strip() else None
            )
        except ValidationError:
            raise NotUnderstoodError("no-address") from None
        address = urlsplit(provider.base_url)
        name = next((name for name, port in self._ports.items() if port == address.port), address.hostname or "?")
        update = {"providers": {name: provider}, "models": {f"{name}/{model}": ModelSettings()}}
        return name, self._first.model_copy(update=update)
