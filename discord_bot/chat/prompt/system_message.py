"""The system message: who the bot is, where it is, and how it speaks.

It depends on the persona, and on who the conversation was begun with, and stays the same in every turn, but for lore
that its author wants in the midst of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from discord_bot.chat.tokens import estimate_tokens

if TYPE_CHECKING:
    from discord_bot.chat.lore.activation import Activation, Spot
    from discord_bot.chat.macros import Macros
    from discord_bot.chat.persona import Persona
    from discord_bot.chat.speakers import Speakers

MAIN = "You are {{char}}. Stay in character: speak and act as {{char}} would, and leave to others what they say and do."
"""What stands first where a persona has no system prompt of its own; `{{original}}` in one."""
SETTING = (
    "You are {name}, in a Discord channel where several people may be talking. "
    "Answer the last message. Write Markdown as Discord shows it: no tables, no LaTeX, no headings deeper than three."
)
NAMED = (
    " Each message of other people begins with the name of who wrote it and a colon, its further lines are indented; "
    "never begin your own answer with a name."
)
_START = re.compile(r"^[ \t]*<START>[ \t]*$", re.IGNORECASE | re.MULTILINE)


def system_text(persona: Persona, speakers: Speakers, lore: Activation, macros: Macros) -> str:
    """All of it but the examples: what the model is to be, the character with its lore before and after, the place."""
    main = macros.expand(MAIN)
    setting = SETTING.replace("{name}", persona.called) + (NAMED if speakers == "prefix" else "")

    def at(*spots: Spot) -> list[str]:
        return [each.text for each in lore.at(*spots)]

    def part(text: str, label: str = "") -> str:
        expanded = macros.expand(text).strip()
        return f"{label}{expanded}" if expanded else ""

    parts = [
        macros.expand(persona.system_prompt, original=main).strip() or main,
        *at("before_char"),
        *at("before_desc"),
        part(persona.definition),
        *at("after_desc"),
        part(persona.personality, f"{persona.called}'s personality: "),
        *at("personality"),
        part(persona.scenario, "Scenario: "),
        *at("scenario"),
        *(each.text for each in lore.at("after_char") if each.settled),
        setting,
    ]
    return "\n\n".join(part for part in parts if part)


def examples(persona: Persona, macros: Macros, budget: int) -> tuple[str, str]:
    """How the character speaks, as much of it as fits; and all of it."""
    blocks = [block.strip() for block in _START.split(macros.expand(persona.example_dialogue))]
    blocks = [block for block in blocks if block]
    if not blocks:
        return "", ""
    head = f"How {persona.called} speaks, in examples that are no part of the conversation:"
    fitting = [head]
    for block in blocks:
        budget -= estimate_tokens(block)
        if budget < 0:
            break
        fitting.append(block)
    return "\n\n".join(fitting) if len(fitting) > 1 else "", "\n\n".join((head, *blocks))
