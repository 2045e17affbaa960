"""How a request is refused: the statuses, headers and bodies of OpenAI's errors."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from discord_bot.simulator.model.scripts import Fault

REFUSALS: dict[Fault, tuple[int, dict[str, str], dict[str, Any]]] = {
    Fault.WRONG_KEY: (
        401,
        {},
        {"message": "Incorrect API key provided.", "type": "invalid_request_error", "code": "invalid_api_key"},
    ),
    Fault.NO_MODEL: (
        404,
        {},
        {"message": "The model does not exist.", "type": "invalid_request_error", "code": "model_not_found"},
    ),
    Fault.CONTEXT_LENGTH: (
        400,
        {},
        {
            "message": "This model's maximum context length is 8192 tokens. Your messages resulted in 9000 tokens.",
            "type": "invalid_request_error",
            "param": "messages",
            "code": "context_length_exceeded",
        },
    ),
    Fault.RATE_LIMITED: (
        429,
        {"Retry-After": "2"},
        {"message": "Rate limit reached. Try again in 2s.", "type": "requests", "code": "rate_limit_exceeded"},
    ),
    Fault.NO_QUOTA: (
        429,
        {},
        {"message": "You exceeded your quota.", "type": "insufficient_quota", "code": "insufficient_quota"},
    ),
    Fault.SERVER_ERROR: (500, {}, {"message": "The server had an error.", "type": "server_error"}),
    Fault.OVERLOADED: (503, {}, {"message": "The engine is overloaded.", "type": "server_error"}),
}


def refusal(fault: Fault) -> web.Response:
    """The refusal that goes by that fault's name."""
    status, headers, facts = REFUSALS[fault]
    return error(status, facts, headers)


def error(status: int, facts: dict[str, Any], headers: dict[str, str] | None = None) -> web.Response:
    """An error as OpenAI words it."""
    body = {"error": {"param": None, "code": None, **facts}}
    return web.json_response(body, status=status, headers=headers)
