"""The providers and models of config.yaml as the client wants them: the one place where settings become endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord_bot.chat.dialect import Dialect
from discord_bot.completions import CompletionsClient, Endpoint, Timeouts

if TYPE_CHECKING:
    from discord_bot.completions.reading import Listening
    from discord_bot.config import Settings
    from discord_bot.config.models import DialectSettings


def client_for(settings: Settings, *, persistent: bool = True, listening: Listening | None = None) -> CompletionsClient:
    """A client for all that is configured, not yet opened."""
    dialects = {name: _dialect(model.dialect) for name, model in settings.models.items()}
    return CompletionsClient(endpoints(settings), dialects=dialects, persistent=persistent, listening=listening)


def _dialect(written: DialectSettings) -> Dialect:
    return Dialect(**{**dict(written), "without": frozenset(written.without)})


def endpoints(settings: Settings) -> dict[str, Endpoint]:
    """Each provider by its name, with its key and the proxy that it is reached through."""
    found = {}
    for name, provider in settings.providers.items():
        proxy = settings.proxy_for(provider.base_url, provider.proxy)
        found[name] = Endpoint(
            name=name,
            base_url=provider.base_url,
            api_key=provider.api_key.get_secret_value() if provider.api_key is not None else None,
            timeouts=Timeouts(provider.timeouts.connect, provider.timeouts.first_token, provider.timeouts.idle),
            proxy=proxy.url if proxy is not None else None,
            extra_headers=provider.extra_headers,
            extra_query=provider.extra_query,
            extra_body=provider.extra_body,
        )
    return found
