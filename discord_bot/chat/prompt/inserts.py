"""What a persona brings into the conversation: the lore that came to mind, and its note."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from discord_bot.chat.lore.activation import Activation, Heard, activate
from discord_bot.chat.prompt.turns import Insert, says

if TYPE_CHECKING:
    from discord_bot.chat.buffered import BufferedMessage
    from discord_bot.chat.macros import Macros
    from discord_bot.chat.persona import Persona

LORE_SHARE = 4
"""A fourth of the budget is for lore where its book does not say how much, and never more than half."""
LORE_DEPTH = 1
"""Messages behind the lore that comes and goes: only the last one, so that all before stays as it was."""
NO_LORE = Activation()


def lore_of(
    persona: Persona, units: Sequence[Sequence[BufferedMessage]], macros: Macros, budget: int, greeting: int | None
) -> tuple[Activation, int]:
    """What comes to mind; and how much room lore is given in every turn, so that the history's beginning stays."""
    if persona.lore is None:
        return NO_LORE, 0
    wanted = persona.lore.token_budget
    room = budget // LORE_SHARE if wanted is None else min(wanted, budget // 2)
    heard = [Heard("\n".join(map(says, unit)), unit[0].own) for unit in units]
    active = activate(persona.lore, heard, macros, budget=room, greeting=greeting)
    return active, min(room, persona.lore.characters // 3)


def inserts_of(persona: Persona, lore: Activation, macros: Macros) -> list[Insert]:
    """What stands in the conversation, the farthest from its end first."""
    inserts = [Insert(each.depth, each.role, each.text) for each in lore.at("depth")]
    if persona.note is not None:
        inserts.append(Insert(persona.note.depth, persona.note.role, macros.expand(persona.note.text)))
    passing = [each for each in lore.at("after_char") if not each.settled]
    if passing:  # above all others: it belongs to the character
        depth = max(LORE_DEPTH, *(each.depth for each in inserts)) if inserts else LORE_DEPTH
        inserts.insert(0, Insert(depth, "system", "\n\n".join(each.text for each in passing)))
    return sorted((each for each in inserts if each.text.strip()), key=lambda each: -each.depth)
