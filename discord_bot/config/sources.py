"""Where the settings' values come from: a file, `.env`, variables with our prefix; and how they are put together.

What the keys mean is not known here, but for the one that has a variable of its own: the token.
"""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from discord_bot.config.sentences import problem
from discord_bot.config.yaml_file import Document, FromEnvironment, KeyPath, Value
from discord_bot.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

MAX_FILE = 1024
"""KiB of a configuration file; ours is a few."""
TOKEN_VARIABLE = "DISCORD_TOKEN"  # noqa: S105 — the variable's name, not a token
"""Where the token is looked for when the file says nothing about it."""


def default_path() -> Path:
    """./config.yaml if there is one, or else the default configuration that comes with the program."""
    here = Path("config.yaml")
    if here.exists():
        return here
    package = Path(__file__).parent.parent
    shipped = package / "config.yaml"  # in a wheel; in a checkout it stands at the repository's top level
    return shipped if shipped.exists() else package.parent / "config.yaml"


def read_text(path: Path) -> str:
    """The file's text. Raises ConfigError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE * 1024 + 1)
        if len(data) <= MAX_FILE * 1024:
            return data.decode("utf-8-sig")
        found = problem("file_large", limit=MAX_FILE)
    except (FileNotFoundError, NotADirectoryError):
        found = problem("file_missing")
    except IsADirectoryError:
        found = problem("file_directory")
    except UnicodeDecodeError as error:
        found = problem("file_encoding", (), data.count(b"\n", 0, error.start) + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        found = problem("file_unreadable", reason=getattr(error, "strerror", None) or type(error).__name__)
    raise ConfigError(str(path), (found,))


def read_dotenv(config: Path) -> dict[str, str]:
    """What `.env` in the working directory and beside the configuration say; the latter wins. Raises ConfigError."""
    found: dict[str, str] = {}
    for path in dict.fromkeys((Path(".env"), config.parent / ".env")):
        if path.is_file():
            from dotenv import dotenv_values  # loaded only where there is such a file

            values = dotenv_values(stream=StringIO(read_text(path)), interpolate=False)
            found |= {name: value for name, value in values.items() if value is not None}
    return found


def overrides_in(
    environ: Mapping[str, str], settings: type[BaseModel]
) -> tuple[dict[str, Any], dict[tuple[str, ...], str]]:
    """What variables such as DISCORD_BOT_STORE__URL say, and which variable said it."""
    if not any(name.upper().startswith("DISCORD_BOT_") for name in environ):
        return {}, {}
    from discord_bot.config.environment import overrides  # pydantic-settings: 4 MiB, and few need it

    return overrides(settings, environ)


def merged(values: dict[str, Value], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the overriding ones in their places, at any depth."""
    result: dict[str, Any] = dict(values)
    for key, value in overrides.items():
        below = result.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            result[key] = merged(below, value)
        else:
            result[key] = value
    return result


def is_given(values: object, path: KeyPath) -> bool:
    """Whether a value stands at that path after all, because a variable with our prefix gave it."""
    for part in path:
        if not isinstance(values, dict):
            return False
        values = values.get(part)
    return values is not None


def with_token(values: dict[str, Any], document: Document, environ: Mapping[str, str]) -> dict[str, Any]:
    """A file that says nothing about a token means DISCORD_TOKEN."""
    discord = values.get("discord") or {}
    token = environ.get(TOKEN_VARIABLE, "").strip()
    if not token or not isinstance(discord, dict) or discord.get("token") or ("discord", "token") in document.unset:
        return values
    return {**values, "discord": {**discord, "token": FromEnvironment(token)}}
