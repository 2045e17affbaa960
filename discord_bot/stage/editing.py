"""A persona taken apart into the texts of a form, and put together again from what somebody wrote there. Pure.

A form holds five texts, so there are parts. What a form doesn't ask for stays as it is, in the card and beside it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from discord_bot.chat.shown_name import MAX_NAME, shown_name
from discord_bot.errors import PersonaError

if TYPE_CHECKING:
    from discord_bot.chat.cards import Card
    from discord_bot.chat.persona import Own

Part = Literal["character", "greetings", "more", "settings"]

LONGEST: Final = 4_000
"""Characters that a text input holds.
https://discord.com/developers/docs/components/reference#text-input
"""
GREETINGS: Final = 5
LIST_LENGTH: Final = 32
"""Names or tags that can be given."""
PARAMETERS: Final = frozenset(
    {
        *("temperature", "top_p", "top_k", "min_p", "typical_p", "seed"),
        *("frequency_penalty", "presence_penalty", "repetition_penalty"),
    }
)
"""What people may choose for a persona: how the model picks its words, and nothing that costs the owner more."""
GREATEST: Final = 2**31
_PARAMETER = re.compile(r"\s*([a-z_]{1,40})\s*[:=：]\s*(-?[0-9.]{1,20})\s*")
_COMMAS = re.compile(r"[,，、\n]")


@dataclass(frozen=True, slots=True)
class Field:
    """One text of a form."""

    key: str
    sentence: str
    """The key of its label's sentence."""
    number: int = 0
    """Which one, where there are several of the kind."""
    longest: int = LONGEST
    lines: bool = True
    required: bool = False


PARTS: Final[Mapping[Part, tuple[Field, ...]]] = {
    "character": (
        Field("name", "field_name", longest=MAX_NAME, lines=False, required=True),
        Field("system_prompt", "field_system_prompt"),
        Field("description", "field_description"),
        Field("first_mes", "field_first_mes"),
        Field("mes_example", "field_mes_example"),
    ),
    "greetings": tuple(Field(f"greeting {number}", "field_greeting", number) for number in range(1, GREETINGS + 1)),
    "more": (
        Field("personality", "field_personality"),
        Field("scenario", "field_scenario"),
        Field("post_history_instructions", "field_post_history_instructions"),
        Field("creator_notes", "field_creator_notes"),
        Field("tags", "field_tags", longest=500, lines=False),
    ),
    "settings": (
        Field("nickname", "field_nickname", longest=MAX_NAME, lines=False),
        Field("names", "field_names", longest=500, lines=False),
        Field("model", "field_model", longest=200, lines=False),
        Field("parameters", "field_parameters", longest=500, lines=False),
    ),
}


def texts_of(card: Card, own: Own, part: Part) -> dict[str, str]:
    """What stands in the form of that part, by the keys of its fields."""
    data = card.data
    greetings = _greetings(card)
    texts: dict[str, str] = {
        **{key: value for key, value in data.items() if isinstance(value, str)},
        "name": card.name,
        "tags": ", ".join(data["tags"]),
        "names": ", ".join(own.names),
        "model": own.model or "",
        "parameters": ", ".join(f"{name}: {value}" for name, value in own.parameters.items()),
        **{f"greeting {number}": text for number, text in enumerate(greetings, 1)},
    }
    return {field.key: texts.get(field.key, "") for field in PARTS[part]}


def changed(card: Card, own: Own, texts: Mapping[str, str], models: Collection[str]) -> tuple[Card, Own]:
    """The card, and what is chosen beside it, with these texts. Raises PersonaError where one of them can't be."""
    fields: dict[str, Any] = {key: text for key, text in texts.items() if isinstance(card.data.get(key), str)}
    if "name" in texts:
        if not shown_name(texts["name"]):
            raise PersonaError("name_empty")
        if texts["name"] == card.name:
            del fields["name"]  # a card may be called something that can't be shown whole, and stays called that
    if "tags" in texts:
        fields["tags"] = _listed(texts["tags"])
    if "nickname" in texts and (texts["nickname"].strip() or "nickname" in card.data):
        fields["nickname"] = texts["nickname"].strip()
    greetings = _greetings(card)
    for number in range(GREETINGS):
        if (text := texts.get(f"greeting {number + 1}")) is not None:
            greetings += [""] * (number + 1 - len(greetings))
            greetings[number] = text
    if any(key.startswith("greeting ") for key in texts):
        first, *others = greetings
        fields["first_mes"], fields["alternate_greetings"] = first, [each for each in others if each.strip()]
    return card.edited(**fields), _chosen(own, texts, models)


def _greetings(card: Card) -> list[str]:
    return [card.data["first_mes"], *card.data["alternate_greetings"]]


def _chosen(own: Own, texts: Mapping[str, str], models: Collection[str]) -> Own:
    if "names" in texts:
        own = replace(own, names=tuple(filter(None, map(shown_name, _listed(texts["names"])))))
    if "model" in texts:
        model = texts["model"].strip() or None
        if model is not None and model != own.model and model not in models:
            raise PersonaError("model_unknown", known=", ".join(models))
        own = replace(own, model=model)
    if "parameters" in texts:
        own = replace(own, parameters=parameters_in(texts["parameters"], own.parameters))
    return own


def parameters_in(text: str, before: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that somebody wrote, such as `temperature: 0.8, top_p: 0.9`; those of `before` may stay."""
    found: dict[str, Any] = {}
    for piece in filter(str.strip, re.split(r"[,，;\n]", text)):
        name, _, value = piece.partition(":")
        if name.strip() in before and value.strip() == str(before[name.strip()]):
            found[name.strip()] = before[name.strip()]
            continue
        match = _PARAMETER.fullmatch(piece)
        if match is None or match[1] not in PARAMETERS:
            raise PersonaError("parameters_wrong", known=", ".join(sorted(PARAMETERS)))
        try:
            number = float(match[2])
        except ValueError:
            number = math.nan
        if not abs(number) <= GREATEST:
            raise PersonaError("parameters_wrong", known=", ".join(sorted(PARAMETERS)))
        found[match[1]] = int(number) if number == int(number) and "." not in match[2] else number
    return found


def _listed(text: str) -> list[str]:
    return list(dict.fromkeys(filter(None, (each.strip() for each in _COMMAS.split(text)))))[:LIST_LENGTH]
