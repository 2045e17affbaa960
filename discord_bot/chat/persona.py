"""Who the bot is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Persona:
    """A character that the bot speaks as."""

    name: str
    system_prompt: str
    """What the model is told to be. Stands first in every prompt."""
    description: str = ""
    """A line for people who choose among personas; the model never sees it."""
