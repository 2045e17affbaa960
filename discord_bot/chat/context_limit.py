"""How much a model reads, in the words in which servers say that a prompt was too long for it."""

from __future__ import annotations

import re

SMALLEST, LARGEST = 64, 100_000_000
"""Tokens; what is said beyond these is no limit of a model's."""

_NUMBER = r"(\d{1,3}(?:,\d{3})+|\d+)"
_SAYING = tuple(
    re.compile(each.replace("#", _NUMBER), re.IGNORECASE)
    for each in (
        r"max(?:imum)? (?:context|model|prompt|input) (?:length|window|size)(?: of this model)?"
        r"(?: is| of|:)?(?: only)? \(?#",  # OpenAI, vLLM, OpenRouter, DeepSeek, xAI, Fireworks
        r"context (?:length|window|size)(?: is| of)?(?: only)?(?: supports)?(?: only)? \(?#",  # LM Studio, llama.cpp
        r"with # maximum context length",  # Mistral
        r"tokens? > # (?:maximum|max|limit)",  # Anthropic, the prompt
        r"exceed context limit: \d+ \+ \d+ > #",  # … the prompt and the answer
        r"maximum number of (?:input )?tokens allowed \(?#",  # Gemini
        r"`?max_new_tokens`? must be <= #",  # text-generation-inference, Together
        r"`?inputs`? must have less than # tokens",  # … the prompt alone
        r"input length should be \[\d+, ?#\]",  # DashScope
        r"tokens in the prompt cannot exceed #",  # Cohere
        r"exceed the configured limit of # tokens",  # Azure
        r"tokens per minute \(TPM\): Limit #, Requested \d+",  # Groq: of one request as of all in a minute
        r"n_ctx\W{1,4}#",  # llama.cpp's field, where somebody quotes it
    )
)


def limit_in(message: str) -> int | None:
    """How many tokens the model reads, where the words of a refusal tell; None where they don't."""
    found = (pattern.search(message) for pattern in _SAYING)
    told = next((int(each[1].replace(",", "")) for each in found if each is not None), None)
    return told if told is not None and SMALLEST <= told <= LARGEST else None
