"""The JSON Schema of config.yaml, made from the settings' models, by which editors complete and check the file.

`discord-bot schema` prints it, and config.schema.json in the repository is exactly that. Only the command and the tests
load this file.
"""

from __future__ import annotations

import json
from typing import Any, Final

from discord_bot.config.settings import Settings
from discord_bot.config.yaml_file import ENV_SUFFIX

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_VARIABLE: Final = {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}
_BOUNDS: Final = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
"""What pydantic leaves of a bound that stands behind a validator of ours, and JSON Schema's word for it."""

Schema = dict[str, Any]


def json_schema() -> Schema:
    """The schema, in which every key may also be spelt with `_env`, and one with nothing after it means its default."""
    schema: Schema = _tidied(Settings.model_json_schema())
    for section in (schema, *schema["$defs"].values()):
        _allow_variables(section)
    return {"$schema": _DIALECT, "title": "config.yaml of discord_bot", **schema}


def schema_text() -> str:
    """The schema as config.schema.json holds it."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _tidied(value: Any) -> Any:
    """Without titles, which only repeat the key's name in capitals, and with JSON Schema's own words for bounds."""
    if isinstance(value, list):
        return [_tidied(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        _BOUNDS.get(key, key): _tidied(each)
        for key, each in value.items()
        if not (key == "title" and isinstance(each, str))
    }


def _allow_variables(section: Schema) -> None:
    """Beside each key of a section its spelling with `_env`; a required key may be given in either."""
    required: list[str] = section.pop("required", [])
    if required:
        section["allOf"] = [{"anyOf": [{"required": [key]}, {"required": [key + ENV_SUFFIX]}]} for key in required]
    _allow_named_variables(section)
    properties: Schema = {}
    for key, value in section.get("properties", {}).items():
        _allow_named_variables(value)
        properties[key] = value if key in required else _or_nothing(value)
        properties[key + ENV_SUFFIX] = {**_VARIABLE, "description": f"The environment variable that holds {key}."}
    if properties:
        section["properties"] = properties


def _allow_named_variables(mapping: Schema) -> None:
    """The same where the keys are the owner's own: `openai_env` beneath `providers`, `temperature_env` in a model."""
    if isinstance(mapping.get("additionalProperties"), dict):
        mapping["patternProperties"] = {f".{ENV_SUFFIX}$": _VARIABLE}


def _or_nothing(value: Schema) -> Schema:
    """A key that may be left empty."""
    if isinstance(kind := value.get("type"), str):
        enum = {"enum": [*value["enum"], None]} if "enum" in value else {}
        return {**value, "type": [kind, "null"], **enum}
    if "$ref" in value:
        rest = {key: each for key, each in value.items() if key != "$ref"}
        return {"anyOf": [{"$ref": value["$ref"]}, {"type": "null"}], **rest}
    return value
