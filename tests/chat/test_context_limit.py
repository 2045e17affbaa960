"""How much a model reads, as servers tell it where a prompt was too long."""

from __future__ import annotations

import json

import pytest

from discord_bot.chat.context_limit import limit_in
from discord_bot.chat.refusal import error_of_response
from discord_bot.errors import ContextLengthExceeded

SAID = {
    "OpenAI": (
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 8227 tokens.",
        8192,
    ),
    "Azure": ("Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000.", 272_000),
    "vLLM": ("maximum context length is 16384 tokens. However, you requested 19591 tokens (9591 in the …)", 16_384),
    "vLLM's engine": ("The prompt (length 9000) is longer than the maximum model length of 2048", 2048),
    "OpenRouter": (
        "This endpoint's maximum context length is 65536 tokens. However, you requested about 90000",
        65_536,
    ),
    "Anthropic": ("prompt is too long: 209000 tokens > 200000 maximum", 200_000),
    "… and the answer": (
        "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease",
        200_000,
    ),
    "Gemini": (
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        1_048_576,
    ),
    "xAI": ("This model's maximum prompt length is 131072 but the request contains 150000 tokens.", 131_072),
    "Mistral": (
        "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
        32_768,
    ),
    "Fireworks": ("The prompt is too long: 140000, model maximum context length: 131071", 131_071),
    "llama.cpp": ("request (3649 tokens) exceeds the available context size (256 tokens), try increasing it", 256),
    "LM Studio": (
        "Trying to keep the first 15857 tokens when context the overflows. However, the model is loaded with context "
        "length of only 4096 tokens, which is not enough.",
        4096,
    ),
    "LM Studio's stream": (
        "Input does not fit in context length. The input has 31430 tokens, but the context length only supports 30000 "
        "tokens.",
        30_000,
    ),
    "TGI, Together": ("`inputs` tokens + `max_new_tokens` must be <= 4097. Given: 5000 `inputs` tokens", 4097),
    "TGI": ("Input validation error: `inputs` must have less than 1,024 tokens. Given: 2000", 1024),
    "DashScope": ("Range of input length should be [1, 129024]", 129_024),
    "Cohere": ("too many tokens: total number of tokens in the prompt cannot exceed 4081", 4081),
    "Groq": (
        "Request too large for model `llama` on tokens per minute (TPM): Limit 6000, Requested 12328, please reduce",
        6000,
    ),
}


@pytest.mark.parametrize("server", SAID)
def test_the_limit_is_read_from_the_words_of_each_server(server: str) -> None:
    message, limit = SAID[server]
    data = json.dumps({"error": {"message": message}}).encode()
    error = error_of_response(413 if server == "Groq" else 400, {}, data, now=0.0)
    assert isinstance(error, ContextLengthExceeded)
    assert error.limit == limit


def test_the_limit_is_read_from_llama_cpps_own_field() -> None:
    said = {
        "code": 400,
        "message": "the request exceeds the available context size.",
        "n_prompt_tokens": 9,
        "n_ctx": 4096,
    }
    error = error_of_response(400, {}, json.dumps({"error": said}).encode(), now=0.0)
    assert isinstance(error, ContextLengthExceeded)
    assert error.limit == 4096
    assert limit_in('{"n_prompt_tokens": 9000, "n_ctx": 4096}') == 4096


@pytest.mark.parametrize(
    "message",
    ["", "Input is too long for requested model.", "context length exceeded", "context size 7", "n_ctx: " + "9" * 40],
)
def test_where_no_limit_is_told_there_is_none(message: str) -> None:
    assert limit_in(message) is None
