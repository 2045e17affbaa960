"""Variables such as `DISCORD_BOT_STORE__URL`, each of which overrides one key of config.yaml.

pydantic-settings reads them. It is a module of its own because few set such variables, and those who don't need not
load it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from pydantic_settings import BaseSettings, EnvSettingsSource

from discord_bot.config.yaml_file import FromEnvironment

if TYPE_CHECKING:
    from pydantic import BaseModel

PREFIX = "DISCORD_BOT_"
DELIMITER = "__"


class _Given(EnvSettingsSource):
    """The variables of a given environment, instead of the process's."""

    def __init__(self, settings: type[BaseModel], environ: Mapping[str, str]) -> None:
        self._environ = {name.lower(): value for name, value in environ.items() if value.strip()}
        super().__init__(cast("type[BaseSettings]", settings), env_prefix=PREFIX, env_nested_delimiter=DELIMITER)
        # Text stays text: what the key wants is read from it later, as with `NAME_env`.
        self.config = {**self.config, "enable_decoding": False}

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return self._environ


def overrides(
    settings: type[BaseModel], environ: Mapping[str, str]
) -> tuple[dict[str, Any], dict[tuple[str, ...], str]]:
    """The values that variables give, nested as the keys are, and each one's variable by the key's path."""
    values: dict[str, Any] = _marked(_Given(settings, environ)())
    named = {name.lower(): name for name in environ}
    variables = {}
    for lower, name in named.items():
        if lower.startswith(PREFIX.lower()):
            variables[tuple(lower.removeprefix(PREFIX.lower()).split(DELIMITER))] = name
    return values, variables


def _marked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _marked(each) for key, each in value.items()}
    return FromEnvironment(value.strip()) if isinstance(value, str) else value
