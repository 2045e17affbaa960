"""Macros: the `{{…}}` in a card's texts, replaced in one pass.

What is filled in (a person's name, the original prompt) is text: nothing in it is expanded, whatever it looks like. A
macro that isn't known stays as it stands. https://github.com/kwaroran/character-card-spec-v3/blob/main/SPEC_V3.md
Chance comes in as a number: the same number draws the same.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Final
from zlib import crc32

MAX_CHOICES: Final = 1_000
"""Items of a `{{random:…}}`; what comes behind is never drawn."""
MAX_SIDES: Final = 1_000_000
DEFAULT_USER: Final = "User"
"""What `{{user}}` says where nobody is known."""

_MACRO: Final = re.compile(r"\{\{([^{}]*)\}\}|<(user|bot|char)>", re.IGNORECASE)
_COMMENT: Final = re.compile(r"\{\{\s*(?://|comment\s*:)[^{}]*\}\}", re.IGNORECASE)
_HIDDEN_KEY: Final = re.compile(r"\{\{\s*hidden_?key\s*:([^{}]*)\}\}", re.IGNORECASE)
_COMMA: Final = re.compile(r"(?<!\\),")


@dataclass(frozen=True, slots=True)
class Macros:
    """What macros stand for in one prompt."""

    char: str
    user: str = DEFAULT_USER
    seed: int = 0
    """Of this turn: `{{random:…}}` and `{{roll:…}}` draw anew with each, `{{pick:…}}` does not."""

    def expand(self, text: str, *, original: str | None = None) -> str:
        """The text with its macros replaced. `{{original}}` stays where there is no original prompt to replace."""
        if "{{" not in text and "<" not in text:
            return text

        def replaced(match: re.Match[str]) -> str:
            if match[2] is not None:
                return self.user if match[2].lower() == "user" else self.char
            value = self._value(match[1], text, match.start(), original)
            return match[0] if value is None else value

        return _MACRO.sub(replaced, text)

    def _value(self, macro: str, text: str, position: int, original: str | None) -> str | None:
        bare = macro.strip()
        if bare.startswith("//"):
            return ""
        name, colon, rest = macro.partition(":")
        match name.strip().lower(), bool(colon):
            case "char", False:
                return self.char
            case "user", False:
                return self.user
            case "original", False:
                return original
            case (("comment" | "hidden_key" | "hiddenkey"), True):
                return ""
            case "reverse", True:
                return rest[::-1]
            case "random", True:
                return self._drawn(rest, f"{self.seed}/{position}/{text}")
            case "pick", True:
                return self._drawn(rest, f"{position}/{text}")
            case "roll", True:
                return self._rolled(rest.strip(), position, text)
            case _:
                return None

    def _drawn(self, items: str, seed: str) -> str:
        r"""One of the items: divided by commas, of which `\,` is none, or by `::` where they begin with a colon."""
        if items.startswith(":"):
            choices = items[1:].split("::", MAX_CHOICES)
        else:
            choices = [item.strip().replace("\\,", ",") for item in _COMMA.split(items, MAX_CHOICES)]
        return _chance(seed).choice(choices[:MAX_CHOICES])

    def _rolled(self, dice: str, position: int, text: str) -> str | None:
        match = re.fullmatch(r"[dD]?(\d{1,7})", dice, re.ASCII)
        if match is None or not 1 <= int(match[1]) <= MAX_SIDES:
            return None
        return str(_chance(f"{self.seed}/{position}/{text}").randint(1, int(match[1])))


def _chance(seed: str) -> random.Random:
    return random.Random(crc32(seed.encode("utf-8", "surrogatepass")))  # noqa: S311  # a die, not a secret


def without_comments(text: str) -> str:
    """The text without `{{// …}}` and `{{comment: …}}`, which no key may match."""
    return _COMMENT.sub("", text) if "{{" in text else text


def hidden_keys(text: str) -> list[str]:
    """What stands in `{{hidden_key:…}}`: no prompt shows it, but it wakes other entries."""
    return _HIDDEN_KEY.findall(text) if "{{" in text else []
