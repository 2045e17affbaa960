"""How many tokens a reply took: plain numbers that can be added up."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from discord_bot.chat.schema import Usage


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Tokens, as the server counted them; 0 where it didn't say."""

    prompt: int = 0
    """What was sent."""
    completion: int = 0
    """What came."""
    cached: int = 0
    """The part of the prompt that the server had read before, and bills at a fraction."""
    reasoning: int = 0
    """The part of what came that was thought and not said."""

    def __add__(self, other: TokenUsage) -> TokenUsage:
        """Both together."""
        return TokenUsage(*(mine + its for mine, its in zip(astuple(self), astuple(other), strict=True)))


def counted(usage: Usage | None) -> TokenUsage:
    """A server's count as numbers; a negative one is none."""
    if usage is None:
        return TokenUsage()
    told = (usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens, usage.reasoning_tokens)
    return TokenUsage(*(max(0, number or 0) for number in told))
