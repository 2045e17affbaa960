"""What a single value in config.yaml may be: addresses, keys, seconds, ids, and what is sent along as it is.

Each type is a pydantic one that raises either pydantic's own errors or one whose type is a key of `sentences`,
with the facts for that sentence. None of them quotes the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal, LiteralString, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, SecretStr
from pydantic_core import PydanticCustomError

from discord_bot.config.proxies import DIRECT, SPOKEN
from discord_bot.config.yaml_file import FromEnvironment, read_variable

CommandPermission: TypeAlias = Literal["everyone", "manage_messages", "manage_channels", "manage_guild", "admins"]
"""Who may run a command: everyone, whoever has that permission of Discord's in the channel, or only the admins."""

Control: TypeAlias = Literal["stop", "again", "continue"]
"""A button that can stand below a reply."""
CONTROLS: tuple[Control, ...] = ("stop", "again", "continue")


def as_mapping(value: object) -> object:
    """Keys with values; nothing at all for none, and a variable's text read as YAML."""
    if isinstance(value, FromEnvironment):
        value = read_variable(value)
    return {} if value is None else value


def as_sent(value: Any) -> Any:
    """A value that is sent along as it is: what came from a variable is read as it would be in the file."""
    match value:
        case FromEnvironment():
            return read_variable(value)
        case dict():
            return {key: as_sent(each) for key, each in value.items()}
        case list():
            return [as_sent(each) for each in value]
        case _:
            return value


def _as_list(value: object) -> object:
    """A list; in a variable also `1, 2` without brackets, or a single value."""
    if isinstance(value, FromEnvironment):
        value = read_variable(value if value.startswith("[") else f"[{value}]")
    return [] if value is None else value


def as_names(value: object) -> object:
    """A list of names; a single one needs no brackets."""
    value = _as_list(value)
    return [value] if isinstance(value, str) else value


def _as_texts(value: object) -> object:
    """Texts; one alone is a list of it."""
    return [value] if isinstance(value, str) else [] if value is None else value


def _as_controls(value: object) -> object:
    """A list of controls; true for all of them, false for none."""
    if isinstance(value, FromEnvironment):
        read = read_variable(value)
        value = read if isinstance(read, bool) else value
    if isinstance(value, bool):
        return list(CONTROLS) if value else []
    return _as_list(value)


def _as_text(value: object) -> object:
    """Text for a header or a query, where a number or a truth value can only mean its spelling."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


def _number(value: object) -> object:
    if isinstance(value, bool):  # which Python would take for 0 or 1
        raise PydanticCustomError("want_number", "a number")
    return value


def _address(wanted: LiteralString, *schemes: str) -> Callable[[str], str]:
    """A validator: an absolute address with one of these schemes, given back without a slash at its end.

    `wanted` is the key of the sentence that says what is wanted.
    """

    def check(value: str) -> str:
        value = value.strip()
        try:
            parts = urlsplit(value)
            good = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0 and not re.search(r"\s", value)
        except ValueError:  # a port that is no number, a bracket that nothing closes
            good = False
        if not good:
            raise PydanticCustomError(wanted, "an address")
        return value.rstrip("/")

    return check


def _proxy(value: str) -> str:
    value = value.strip()
    if value.lower() == DIRECT:
        return DIRECT
    if value.lower().startswith("socks"):
        raise PydanticCustomError("proxy_socks", "no SOCKS")
    return _address("proxy", *SPOKEN)(value if "://" in value else f"http://{value}")


def _store_url(value: str) -> str:
    value = value.strip()
    scheme, separator, _ = value.partition("://")
    if not separator or scheme.partition("+")[0] not in ("sqlite", "postgresql"):
        raise PydanticCustomError("store_url", "a database")
    return value


def _key(value: SecretStr) -> SecretStr:
    """A secret that fits in a header: a key with a line break in it would only fail at the first request."""
    secret = value.get_secret_value().strip()
    if not re.fullmatch(r"[\x21-\x7e]*", secret):
        raise PydanticCustomError("secret_characters", "visible ASCII")
    return SecretStr(secret)


def _or_none(value: SecretStr | None) -> SecretStr | None:
    """An empty secret is none."""
    return value or None


def _token(value: SecretStr) -> SecretStr:
    """Without the word `Bot` that Discord's documentation shows in front of it."""
    return SecretStr(value.get_secret_value().strip().removeprefix("Bot "))


def _header_value(value: str) -> str:
    if not re.fullmatch(r"[\t\x20-\x7e\x80-\U0010ffff]*", value):
        raise PydanticCustomError("secret_characters", "one line")
    return value


def _header_name(value: str) -> str:
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", value):  # RFC 9110, 5.6.2
        raise PydanticCustomError("header_name", "a token")
    return value


HttpUrl: TypeAlias = Annotated[
    str,
    AfterValidator(_address("url_http", "http", "https")),
    Field(json_schema_extra={"format": "uri"}),
]
WebSocketUrl: TypeAlias = Annotated[
    str,
    AfterValidator(_address("url_websocket", "ws", "wss")),
    Field(json_schema_extra={"format": "uri"}),
]
ProxyUrl: TypeAlias = Annotated[str, AfterValidator(_proxy)]
StoreUrl: TypeAlias = Annotated[str, AfterValidator(_store_url)]
Number: TypeAlias = Annotated[float, BeforeValidator(_number)]
Seconds: TypeAlias = Annotated[Number, Field(gt=0, le=3600)]
Count: TypeAlias = Annotated[int, BeforeValidator(_number)]
Snowflake: TypeAlias = Annotated[int, BeforeValidator(_number), Field(ge=1, lt=1 << 64)]
"""An id of Discord's: https://discord.com/developers/docs/reference#snowflakes"""
Ids: TypeAlias = Annotated[list[Snowflake], BeforeValidator(_as_list)]
Names: TypeAlias = Annotated[list[str], BeforeValidator(as_names, json_schema_input_type=list[str] | str)]
Texts: TypeAlias = Annotated[list[str], BeforeValidator(_as_texts, json_schema_input_type=list[str] | str)]
Controls: TypeAlias = Annotated[
    list[Control], BeforeValidator(_as_controls, json_schema_input_type=list[Control] | bool)
]
Key: TypeAlias = Annotated[Annotated[SecretStr, AfterValidator(_key)] | None, AfterValidator(_or_none)]
Token: TypeAlias = Annotated[
    Annotated[SecretStr, AfterValidator(_token), AfterValidator(_key)] | None, AfterValidator(_or_none)
]
_Text: TypeAlias = Annotated[str, BeforeValidator(_as_text, json_schema_input_type=str | int | float | bool)]
HeaderName: TypeAlias = Annotated[str, AfterValidator(_header_name)]
HeaderValue: TypeAlias = Annotated[_Text, AfterValidator(_header_value)]
Headers: TypeAlias = Annotated[dict[HeaderName, HeaderValue], BeforeValidator(as_mapping)]
Query: TypeAlias = Annotated[dict[str, _Text], BeforeValidator(as_mapping)]
Body: TypeAlias = Annotated[dict[str, JsonValue], BeforeValidator(as_sent), BeforeValidator(as_mapping)]
