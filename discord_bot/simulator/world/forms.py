"""Reading what a request says: one form, its fields asked for by type and limit, and everything wrong told at once.

Discord answers a wrong form with 50035 and an object that mirrors the form, with `_errors` where a field is wrong:
https://discord.com/developers/docs/reference#error-messages
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from discord_bot.simulator.world.refusals import Because, Refusal

LARGEST_SNOWFLAKE = (1 << 63) - 1

_WORDS = {
    "BASE_TYPE_REQUIRED": "This field is required",
    "STRING_TYPE_CONVERT": "Could not interpret string value.",
    "NUMBER_TYPE_COERCE": 'Value "{value}" is not int.',
    "BOOLEAN_TYPE_CONVERT": "Must be either true or false.",
    "LIST_TYPE_CONVERT": "Only iterables may be used in a ListType",
    "MODEL_TYPE_CONVERT": "Only dictionaries may be used in a ModelType",
    "BASE_TYPE_CHOICES": "Value must be one of {value}.",
    "BASE_TYPE_MAX_LENGTH": "Must be {value} or fewer in length.",
    "BASE_TYPE_MIN_LENGTH": "Must be {value} or more in length.",
    "BASE_TYPE_BAD_LENGTH": "Must be between {value} in length.",
    "NUMBER_TYPE_MIN": "int value should be greater than or equal to {value}.",
    "NUMBER_TYPE_MAX": "int value should be less than or equal to {value}.",
}


class Form:
    """A JSON object, or one inside another. A field is missing, null, or read by one of the methods.

    A method notes what is wrong and returns None; `done()` refuses if anything was.
    """

    def __init__(self, fields: Any, *, path: tuple[str, ...] = (), errors: dict[str, Any] | None = None) -> None:
        self._path = path
        self._errors: dict[str, Any] = {} if errors is None else errors
        self.fields: Mapping[str, Any] = fields if isinstance(fields, dict) else {}
        if not isinstance(fields, dict):
            self.wrong("", "MODEL_TYPE_CONVERT")

    def __contains__(self, key: str) -> bool:
        """Whether the field was sent at all, be it null."""
        return key in self.fields

    def given(self, key: str) -> bool:
        """Whether the field was sent and isn't null."""
        return self.fields.get(key) is not None

    def wrong(self, key: str, code: str, message: str | None = None, *, value: object = "") -> None:
        """Note what is wrong with a field; the message of a general code is known.

        A field is wrong as a whole or in what is inside it, never both: what is noted first stands.
        """
        place = self._errors
        for part in (*self._path, key) if key else self._path:
            if "_errors" in place:
                return
            place = place.setdefault(part, {})
        if place.keys() - {"_errors"}:
            return
        text = message if message is not None else _WORDS[code].format(value=value)
        place.setdefault("_errors", []).append({"code": code, "message": text})

    def done(self) -> None:
        """Refuse with everything that was noted, if anything was."""
        if self._errors:
            raise Refusal(Because.INVALID_FORM_BODY, self._errors)

    def _missing(self, key: str, *, required: bool) -> bool:
        if self.given(key):
            return False
        if required:
            self.wrong(key, "BASE_TYPE_REQUIRED")
        return True

    def text(self, key: str, *, longest: int | None = None, shortest: int = 0, required: bool = False) -> str | None:
        """A string; its length is counted in code points, as Discord does."""
        if self._missing(key, required=required):
            return None
        value = self.fields[key]
        if isinstance(value, bool | int | float):
            value = str(value)
        if not isinstance(value, str):
            self.wrong(key, "STRING_TYPE_CONVERT")
            return None
        if longest is not None and shortest and not shortest <= len(value) <= longest:
            self.wrong(key, "BASE_TYPE_BAD_LENGTH", value=f"{shortest} and {longest}")
        elif longest is not None and len(value) > longest:
            self.wrong(key, "BASE_TYPE_MAX_LENGTH", value=longest)
        elif len(value) < shortest:
            self.wrong(key, "BASE_TYPE_REQUIRED" if shortest == 1 else "BASE_TYPE_MIN_LENGTH", value=shortest)
        else:
            return value
        return None

    def number(
        self,
        key: str,
        *,
        least: int | None = None,
        most: int | None = None,
        choices: Iterable[int] = (),
        required: bool = False,
    ) -> int | None:
        """An integer, or a string of one."""
        if self._missing(key, required=required):
            return None
        value = self.fields[key]
        try:
            number = int(value)
        except (TypeError, ValueError, OverflowError):
            self.wrong(key, "NUMBER_TYPE_COERCE", value=value)
            return None
        allowed = tuple(choices)
        if allowed and number not in allowed:
            self.wrong(key, "BASE_TYPE_CHOICES", value="{" + ", ".join(map(str, allowed)) + "}")
        elif least is not None and number < least:
            self.wrong(key, "NUMBER_TYPE_MIN", value=least)
        elif most is not None and number > most:
            self.wrong(key, "NUMBER_TYPE_MAX", value=most)
        else:
            return number
        return None

    def snowflake(self, key: str, *, required: bool = False) -> int | None:
        """An id, as a string or a number."""
        if self._missing(key, required=required):
            return None
        return self._as_snowflake(key, self.fields[key])

    def snowflakes(self, key: str, *, most: int) -> list[int]:
        """A list of ids, each once."""
        ids = [self._as_snowflake(key, value) for value in self.values(key, most=most)]
        return list(dict.fromkeys(known for known in ids if known is not None))

    def _as_snowflake(self, key: str, value: object) -> int | None:
        if not isinstance(value, bool) and isinstance(value, str | int) and str(value).isdecimal():
            return int(value)
        self.wrong(key, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
        return None

    def flag(self, key: str) -> bool:
        """A boolean; false where it is missing or null."""
        value = self.fields.get(key)
        if value is None or isinstance(value, bool):
            return bool(value)
        if value in (0, 1, "true", "false", "0", "1"):
            return value in (1, "true", "1")
        self.wrong(key, "BOOLEAN_TYPE_CONVERT")
        return False

    def values(self, key: str, *, most: int, least: int = 0) -> list[Any]:
        """A list of anything; empty where it is missing or null."""
        if self._missing(key, required=least > 0):
            return []
        value = self.fields[key]
        if not isinstance(value, list):
            self.wrong(key, "LIST_TYPE_CONVERT")
            return []
        if len(value) > most:
            self.wrong(key, "BASE_TYPE_MAX_LENGTH", value=most)
            return []
        if len(value) < least:
            self.wrong(key, "BASE_TYPE_MIN_LENGTH", value=least)
        return value

    def forms(self, key: str, *, most: int, least: int = 0) -> list[Form]:
        """A list of objects."""
        values = self.values(key, most=most, least=least)
        return [
            Form(value, path=(*self._path, key, str(index)), errors=self._errors) for index, value in enumerate(values)
        ]

    def form(self, key: str, *, required: bool = False) -> Form | None:
        """An object inside this one."""
        if self._missing(key, required=required):
            return None
        return Form(self.fields[key], path=(*self._path, key), errors=self._errors)
