"""What a server says when it refuses, in any of the shapes that servers use, to one exception of our tree.

The status alone does not tell: a used-up account is a 429 at OpenAI, a wrong key a 400 at Gemini, and an error may come
after a 200. So status, code, type and the words are looked at, in the order of how sure they are. Everything here is
pure; the one clock reading that a `Retry-After` date needs comes in as an argument.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

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

MAX_MESSAGE = 2000
"""Characters of a provider's words that are kept: enough for every sentence, too few for a page."""

MAX_NESTING = 4
"""How many errors within errors are unwrapped: relays put the one they got into their own."""

_STATUS_NAMES = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
"""Google's names of statuses: https://cloud.google.com/apis/design/errors#handling_errors"""


_SAYING = ("error", "message", "msg", "detail", "errors", "title")
"""The keys under which servers say what is wrong, the most telling first."""


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """What an error body says, taken out of its shape."""

    message: str
    labels: str = ""
    """Its type, code and status name, as one string to search in."""
    param: str | None = None
    status: int | None = None
    """The status that the body itself names."""
    retry_after: float | None = None


def error_in(document: object, *, certain: bool = False) -> CompletionError | None:
    """The error that a document tells of although the status was 200. `certain`: whatever it says is an error."""
    while isinstance(document, list) and document:
        document = document[0]
    if isinstance(document, dict):
        groq = document.get("x_groq")
        if isinstance(groq, dict) and groq.get("error") and not document.get("error"):
            document = {"error": groq["error"]}
        if document.get("error") or document.get("object") == "error":
            return _error(200, _read(document))
        if not certain and (document.get("choices") is not None or not document.keys() & {"detail", "message", "msg"}):
            return None
    elif not certain:
        return None
    return _error(200, _read(document))


def error_of_text(status: int | None, data: bytes) -> CompletionError:
    """The error for bytes that are no JSON: a page, a plain sentence, or nothing."""
    return _error(status, ErrorBody(_text_of(data)))


def error_of_response(status: int, headers: Mapping[str, str], data: bytes, *, now: float) -> CompletionError:
    """The error that an answer with a status of 300 or more stands for. `now`: seconds since 1970."""
    try:
        body = _read(decode_json(data))
    except ValueError:
        body = ErrorBody(_text_of(data))
    if status < 400 and (location := headers.get("Location")):
        body = ErrorBody(_clip(f"the address has moved to {location.partition('?')[0]}"))
    elif not body.message:
        body = replace(body, message=_phrase(status))
    waiting = retry_after(headers, now)
    return _error(status, body if waiting is None else replace(body, retry_after=waiting))


# --- the shapes -------------------------------------------------------------------------------------------------------


def _read(document: object, depth: int = 0) -> ErrorBody:
    """The facts in an error body: an object, a list of one, or a text; the innermost error's words count."""
    while isinstance(document, list) and len(document) == 1:
        document = document[0]
    if isinstance(document, str):
        return _read_text(document, depth)
    if not isinstance(document, dict) or depth > MAX_NESTING:
        return ErrorBody(_clip(_sentence(document)))
    said = next((document[key] for key in _SAYING if document.get(key)), "")
    if isinstance(said, str | dict):
        inner = _read(said, depth + 1)
    else:
        inner = ErrorBody(_clip(_sentence(said)), param=_place(said))
    metadata = document.get("metadata")
    if isinstance(metadata, dict) and metadata.get("raw"):  # OpenRouter: what the provider behind it said
        raw = _read(metadata["raw"], depth + 1)
        inner = replace(inner, message=_clip(f"{inner.message}: {raw.message}"), labels=f"{inner.labels} {raw.labels}")
    return ErrorBody(
        message=inner.message,
        labels=" ".join([*_labels(document), inner.labels]).strip(),
        param=next((p for p in (inner.param, document.get("param")) if isinstance(p, str) and p), None),
        status=inner.status or _status(document),
        retry_after=inner.retry_after or _delay_in(document),
    )


def _read_text(text: str, depth: int) -> ErrorBody:
    """A text, which may be another server's error body as JSON."""
    if depth <= MAX_NESTING and text.lstrip()[:1] in ("{", "["):
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            return ErrorBody(_clip(text))
        if document:
            return _read(document, depth + 1)
    return ErrorBody(_clip(text))


def _labels(document: dict[str, Any]) -> list[str]:
    labels = [document.get(key) for key in ("type", "code", "status")]
    for key in ("innererror", "metadata"):
        if isinstance(inner := document.get(key), dict):
            labels += [inner.get("code"), inner.get("error_type")]
    return [str(label)[:200] for label in labels if isinstance(label, str | int) and label]


def _status(document: dict[str, Any]) -> int | None:
    for key in ("code", "status", "statusCode", "status_code"):
        value = document.get(key)
        if isinstance(value, str):
            value = _STATUS_NAMES.get(value) or (int(value) if re.fullmatch(r"[1-5]\d\d", value) else None)
        if isinstance(value, int) and not isinstance(value, bool) and 400 <= value < 600:
            return value
    return None


def _sentence(value: object, depth: int = 0) -> str:
    """What a list of complaints says (FastAPI's `detail`), each with its place."""
    if isinstance(value, str):
        return value
    if depth > MAX_NESTING:
        return ""
    if isinstance(value, dict):
        said = value.get("msg") or value.get("message") or value.get("detail") or value.get("type") or ""
        place = value.get("loc")
        where = f" ({'.'.join(map(str, place))})" if isinstance(place, list) else ""
        return f"{said}{where}" if isinstance(said, str) else _sentence(said, depth + 1)
    complaints = [_sentence(item, depth + 1) for item in value[:10]] if isinstance(value, list) else []
    return "; ".join(filter(None, complaints))


def _place(value: object) -> str | None:
    """The parameter that a FastAPI complaint is about: the last name of its place."""
    first = value[0] if isinstance(value, list) and value else value
    place = first.get("loc") if isinstance(first, dict) else None
    return str(place[-1]) if isinstance(place, list) and len(place) > 1 else None


def _text_of(data: bytes) -> str:
    """The words in a body that is no JSON: of an HTML page only its title."""
    text = data.decode("utf-8", "replace").strip()
    if text.startswith("<"):
        title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
        return _clip(" ".join(title[1].split())) if title else "an HTML page"
    return _clip(text)


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"status {status}"


def _clip(text: str) -> str:
    text = text.strip()
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"


# --- the kinds --------------------------------------------------------------------------------------------------------


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_TOO_LONG = _words(
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
)
_QUOTA = _words(
    r"insufficient.?(quota|balance|credit|funds)",
    r"credit balance",
    r"billing_hard_limit",
    r"(run out of|used all|no) (available )?credits",
    r"exceeded your current quota",
    r"quota.?exceeded",
)
_FILTERED = _words(
    r"content.?filter",
    r"content.?policy",
    r"content.?management.?policy",
    r"ResponsibleAIPolicyViolation",
    r"moderation",
    r"safety (system|settings)",
)
_KEY = _words(
    r"(invalid|incorrect|wrong|missing|no) .{0,12}api.?key",
    r"api.?key.{0,20}(not valid|invalid|missing|expired|required)",
    r"invalid_api_key",
    r"auth(entication)?.?error",
    r"no connected db",  # LiteLLM without a database, asked with a key that it doesn't know
    r"unauthenticated",
)
_MISSING = _words(
    r"model_not_found",
    r"DeploymentNotFound",
    r"model.{0,80}(not found|does not exist|doesn.t exist|not exist)",
    r"(invalid|unknown)[ _]model",
    r"no such model",
    r"not a valid model",
    r"unexpected endpoint",
)
_RATE = _words(r"rate.?limit", r"too many requests", r"resource_exhausted", r"throttl")
_UNFIT = _words(
    r"roles must alternate",
    r"jinja",
    r"chat template",
    r"image input is not supported",
    r"mmproj",
    r"parse error|failed to parse",
)
"""What some servers answer 500 to although the request is what is wrong: sending it again does not help."""
_INVALID = _words(
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
    return _kind_by_words(said)


def _kind_by_words(said: str) -> type[CompletionError]:
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


def _error(status: int | None, body: ErrorBody) -> CompletionError:
    kind = kind_of(status, body)
    waiting = body.retry_after if body.retry_after is not None else _delay_of_text(body.message)
    return kind(
        body.message or "no reason was given",
        status=body.status if status is None or status < 300 else status,
        param=param_of(body) if issubclass(kind, BadRequest) else None,
        retry_after=waiting if kind.retryable or kind is QuotaExceeded else None,
    )


# --- how long to wait -------------------------------------------------------------------------------------------------

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_AMOUNT = (
    r"(\d+(?:\.\d+)?) ?"
    r"(ms|milliseconds?|s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?)(?![a-z])"
)
_DURATION = re.compile(rf"(?:{_AMOUNT} ?)+", re.IGNORECASE)
_DELAY_WORDS = re.compile(
    rf"(?:try again|retry|available|reset\w*|wait)(?: \w+)? (?:in|after|for) ((?:{_AMOUNT} ?)+)",
    re.IGNORECASE,
)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait, as the headers say: the exact one first. LiteLLM hands the provider's on under another name."""
    for prefix in ("", "llm_provider-"):
        if (value := _number(headers.get(f"{prefix}retry-after-ms"))) is not None:
            return value / 1000
        said = headers.get(f"{prefix}retry-after")
        if (value := _number(said)) is not None:
            return value
        if said is not None and (value := _seconds_until(said, now)) is not None:
            return value
    return None


def seconds(duration: str) -> float | None:
    """What a duration such as `7.66s`, `6m0s`, `114h18m0s`, `50ms` or `2 seconds` is in seconds; None if it is none."""
    if not _DURATION.fullmatch(duration.strip()):
        return None
    total = 0.0
    for amount, unit in re.findall(_AMOUNT, duration, re.IGNORECASE):
        short = unit.lower()
        total += float(amount) * _UNITS["ms" if short.startswith(("ms", "milli")) else short[0]]
    return total


def _number(value: str | None) -> float | None:
    if value is None or not re.fullmatch(r"\d{1,9}(\.\d+)?", value.strip()):
        return None
    return float(value)


def _seconds_until(date: str, now: float) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - now)
    except (ValueError, OverflowError):
        return seconds(date)


def _delay_of_text(text: str) -> float | None:
    found = _DELAY_WORDS.search(text)
    return seconds(found[1]) if found else None


def _delay_in(document: dict[str, Any]) -> float | None:
    """Google's RetryInfo, or a `retry_after` in the body."""
    value = document.get("retry_after")
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return float(value)
    details = document.get("details")
    for detail in details if isinstance(details, list) else []:
        if isinstance(detail, dict) and isinstance(delay := detail.get("retryDelay"), str):
            return seconds(delay)
    return None
