"""What every part of config.yaml has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, model_validator

from discord_bot.config.values import as_mapping


class Section(BaseModel):
    """A part of the file. A key with nothing after it counts as not given, so that its default holds."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _as_written(cls, value: object) -> object:
        value = as_mapping(value)
        if not isinstance(value, dict):
            return value
        return {key: each for key, each in value.items() if each is not None or key not in cls.model_fields}
