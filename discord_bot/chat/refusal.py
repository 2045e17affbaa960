"""What a refusal means: which exception of our tree it is, and with which facts.

The status alone does not tell: a used-up account is a 429 at OpenAI, a wrong key a 400 at Gemini, and an error may come
after a 200. So status, code, type and the words are looked at, in the order of how sure they are. Everything here is
pure; the one clock reading that a `Retry-After` date needs comes in as an argument.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from discord_bot.chat.context_limit import limit_in
from discord_bot.chat.error_body import ErrorBody, clipped, read_error, text_of, words
from discord_bot.chat.retry_after import delay_in_headers, delay_in_text
from discord_bot.chat.schema import decode_json
from discord_bot.errors import (
    BadRequest,
    CompletionError,
    CompletionTimeout,
    ContentFiltered,
    ContextLengthExceeded,
    NotFound,
    QuotaExceeded,
    RateLimited,
    ServerError,
    Unauthorized,
)


def error_in(document: object, *, certain: bool = False) -> CompletionError | None:
    """The error that a document tells of although the status was 200. `certain`: whatever it says is an error."""
    while isinstance(document, list) and document:
        document = document[0]
    if isinstance(document, dict) and isinstance(groq := document.get("x_groq"), dict) and _tells(groq.get("error")):
        document = {"error": groq["error"]}
    if certain or (isinstance(document, dict) and _is_error(document)):
        return _error(200, read_error(document))
    return None


def error_of_text(status: int | None, data: bytes) -> CompletionError:
    """The error for bytes that are no JSON: a page, a plain sentence, or nothing."""
    return _error(status, ErrorBody(text_of(data)))


def error_of_response(status: int, headers: Mapping[str, str], data: bytes, *, now: float) -> CompletionError:
    """The error that an answer with a status of 300 or more stands for. `now`: seconds since 1970."""
    try:
        body = read_error(decode_json(data))
    except ValueError:
        body = ErrorBody(text_of(data))
    if status < 400 and (location := headers.get("Location")):
        body = ErrorBody(clipped(f"the address has moved to {location.partition('?')[0]}"))
    elif not body.message:
        body = replace(body, message=_phrase(status))
    waiting = delay_in_headers(headers, now)
    error = _error(status, body if waiting is None else replace(body, retry_after=waiting))
    if headers.get("x-should-retry", "").lower() == "false":  # OpenAI, whose own clients obey it
        error.retryable = False
    return error


def _is_error(document: dict[str, Any]) -> bool:
    """Whether a document says that something is wrong, where an answer should be."""
    if _tells(document.get("error")) or document.get("object") == "error":
        return True
    return not document.get("choices") and bool(document.keys() & {"detail", "message", "msg", "errors", "base_resp"})


def _tells(error: object) -> bool:
    """Whether there is anything in an error: some gateways send an empty one with every answer."""
    return any(error.values()) if isinstance(error, dict) else bool(error)


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"status {status}"


def _error(status: int | None, body: ErrorBody) -> CompletionError:
    kind = kind_of(status, body)
    waiting = body.retry_after if body.retry_after is not None else delay_in_text(body.message)
    error = kind(
        body.message or "no reason was given",
        status=body.status if status is None or status < 300 else status,
        param=param_of(body) if issubclass(kind, BadRequest) else None,
        retry_after=waiting if kind.retryable or kind is QuotaExceeded else None,
    )
    if isinstance(error, ContextLengthExceeded):
        error.limit = body.context or limit_in(body.message)
    return error


# --- the kinds --------------------------------------------------------------------------------------------------------


_TOO_LONG = words(
    r"context.?length",
    r"context.?window",
    r"context.?size",
    r"fit in (the )?context",
    r"prompt (is )?too long",
    r"(input|prompt|request) is too (long|large)",
    r"request too large",
    r"too many (input |prompt )?tokens",
    r"reduce (the length|your (message|prompt|input))",
    r"input (token count|length).{0,60}exceed",
    r"maximum prompt length",
    r"maximum model length",  # vLLM
    r"context limit",
    r"tokens \+ `max_new_tokens` must be",  # text-generation-inference, Together
    r"input length should be",  # DashScope
    r"`?inputs`? must have less than [\d,]+ tokens",  # text-generation-inference
    r"exceed the configured limit",  # Azure
    r"tokens in the prompt cannot exceed",  # Cohere
)
_QUOTA = words(
    r"insufficient.?(quota|balance|credit|funds)",
    r"credit balance",
    r"billing_hard_limit",
    r"(run out of|used all|no|any) (available )?credits(?! were)",
    r"exceeded.(your.)?current.quota",
    r"quota.?exceeded",
    r"billing.?(not.?active|details)",
    r"balance is (insufficient|too low)",
    r"arrear",  # DashScope
    r"欠费|余额不足",  # Zhipu and others
)
_FILTERED = words(
    r"content.?filter",
    r"content.?policy",
    r"content.?management.?policy",
    r"ResponsibleAIPolicyViolation",
    r"moderation",
    r"safety (system|settings)",
    r"usage policy",
    r"data_inspection_failed|inappropriate content",  # DashScope
    r"敏感内容",  # Zhipu
)
_KEY = words(
    r"(invalid|incorrect|wrong|missing|no) .{0,12}api.?key",
    r"api.?key.{0,20}(not valid|invalid|missing|expired|required)",
    r"invalid_api_key",
    r"auth(entication)?.?error",
    r"no connected db",  # LiteLLM without a database, asked with a key that it doesn't know
    r"unauthenticated",
)
_MISSING = words(
    r"model_not_found",
    r"DeploymentNotFound",
    r"model.{0,80}(not found|does not exist|doesn.t exist|not exist)",
    r"(invalid|unknown)[ _]model",
    r"no such model",
    r"not a valid model",
    r"unexpected endpoint",
    r"decommissioned",  # Groq
)
_RATE = words(r"rate.?limit", r"too many requests", r"resource_exhausted", r"throttl")
_UNFIT = words(
    r"roles must alternate",
    r"jinja",
    r"chat template",
    r"image input is not supported",
    r"mmproj",
    r"parse error|failed to parse",
)
"""What some servers answer 500 to although the request is what is wrong: sending it again does not help."""
_INVALID = words(
    r"invalid.?request", r"invalid_argument", r"badrequest", r"bad_request", r"unsupported_(parameter|value)"
)


def kind_of(status: int | None, body: ErrorBody) -> type[CompletionError]:
    """Which exception it is. The status is the one of HTTP, or else what the body itself says."""
    if status is None or status < 300:
        status = body.status
    said = f"{body.labels} {body.message}"
    too_long = status in {None, 400, 422, 429, 500} and _TOO_LONG.search(said)
    if status == 413 or (too_long and (status != 429 or "too large" in said)):
        return ContextLengthExceeded
    if status == 402 or (_QUOTA.search(said) and not (status == 429 and _waiting_helps(body))):
        return QuotaExceeded
    if status in {None, 400, 403, 422, 451, 500} and _FILTERED.search(said):
        return ContentFiltered
    if status in {401, 403, 407} or (status in {None, 400, 500} and _KEY.search(said)):
        return Unauthorized
    if (
        status in {404, 405, 410}
        or (status is not None and 300 <= status < 400)
        or (status in {None, 400, 422} and _MISSING.search(said))
    ):
        return NotFound
    if status == 429:
        return RateLimited
    if status in {408, 504, 522, 524}:
        return CompletionTimeout
    if status is not None and (status >= 500 or status in {409, 425, 498}):
        return BadRequest if status == 500 and _UNFIT.search(said) else ServerError
    if status is not None and status >= 300:
        return BadRequest
    return _kind_bywords(said)


def _kind_bywords(said: str) -> type[CompletionError]:
    """The kind where no status says anything: an error in a stream, or in a 200 answer."""
    if _RATE.search(said):
        return RateLimited
    if _INVALID.search(said):
        return BadRequest
    return ServerError


def _waiting_helps(body: ErrorBody) -> bool:
    """Gemini uses OpenAI's sentence about a used-up quota for a limit per minute, but says how long to wait."""
    return body.retry_after is not None or "RESOURCE_EXHAUSTED" in body.labels


_PARAMS = (
    re.compile(r"unknown name \\?\"([\w.]+)", re.IGNORECASE),
    re.compile(r"`\w+` and `(\w+)` cannot both", re.IGNORECASE),
    re.compile(
        r"(?:unsupported|unrecognized|unknown|unexpected)\b[^'\"`:]{0,60}[:]? ?['\"`{]+([\w.\[\]]+)['\"`]",
        re.IGNORECASE,
    ),
    re.compile(r"argument not supported[^:]*: (\w+)", re.IGNORECASE),
)


def param_of(body: ErrorBody) -> str | None:
    """The request's parameter that is complained about, in the spelling in which we send it."""
    if body.param is not None:
        return body.param
    for pattern in _PARAMS:
        if found := pattern.search(body.message):
            return re.sub(r"(?<=[a-z])([A-Z])", lambda letter: "_" + letter[1].lower(), found[1])
    return None
