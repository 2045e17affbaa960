"""The file and the environment -> the settings.

The later ones win: the file, with each `NAME_env` taken from the environment; and variables such as
`DISCORD_BOT_STORE__URL`. A file named `.env`, beside the configuration or in the working directory, is part of the
environment and never overrides the real one. All that is wrong is said at once, in one `ConfigError`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from discord_bot.config.problems import (
    problems_between_keys,
    problems_of,
    unknown_variables,
    without_consequences,
)
from discord_bot.config.sentences import dotted, problem
from discord_bot.config.settings import Settings
from discord_bot.config.sources import (
    default_path,
    is_given,
    merged,
    overrides_in,
    read_dotenv,
    read_text,
    with_token,
)
from discord_bot.config.yaml_file import read_document
from discord_bot.errors import ConfigError, Problem


def load_settings(path: Path | None, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings from that file, or from ./config.yaml, or, where there is none, the default ones.

    `environ` is the process's own if it is None. Raises ConfigError, and nothing else, with every problem in it.
    """
    path = path or default_path()
    environ = {**read_dotenv(path), **(os.environ if environ is None else environ)}
    document = read_document(read_text(path), environ)
    overrides, variables = overrides_in(environ, Settings)
    if document.value is None and not document.problems:
        raise ConfigError(str(path), (problem("file_empty"),))
    if not isinstance(document.value, dict):
        raise ConfigError(str(path), document.problems or (problem("file_no_mapping", (), 1),))
    values = with_token(merged(document.value, overrides), document, environ)
    found: list[Problem] = [
        *document.problems,
        *unknown_variables(Settings, document),
        *problems_between_keys(values, document, variables),
    ]
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        found += problems_of(error, Settings, document, variables)
    if settings is None or found:
        raise ConfigError(str(path), without_consequences(found)) from None
    unset = {dotted(key): name for key, name in document.unset.items() if not is_given(values, key)}
    return settings.read_from(str(path), environ, unset)
