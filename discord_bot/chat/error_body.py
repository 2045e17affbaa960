"""What a server says when it refuses, taken out of the shape in which it says it.

There is OpenAI's shape, and there are at least ten others. Here they become one `ErrorBody`; what it means is decided
elsewhere, in `refusal`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from discord_bot.chat.retry_after import delay_in_body
from discord_bot.chat.text import joined_surrogates

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


_SAYING = ("error", "message", "msg", "detail", "errors", "title", "base_resp", "status_msg")
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
    context: int | None = None
    """How many tokens the model reads, where it stands in a field of its own (llama.cpp's `n_ctx`)."""


def read_error(document: object, depth: int = 0) -> ErrorBody:
    """The facts in an error body: an object, a list of one, or a text; the innermost error's words count."""
    while isinstance(document, list) and len(document) == 1:
        document = document[0]
    if isinstance(document, str):
        return _read_text(document, depth)
    if not isinstance(document, dict) or depth > MAX_NESTING:
        return ErrorBody(clipped(_sentence(document)))
    said = next((said for key in _SAYING if isinstance(said := document.get(key), str | dict | list) and said), "")
    if isinstance(said, list):
        inner = ErrorBody(clipped(_sentence(said)), param=_place(said))
    else:
        inner = read_error(said, depth + 1)
    if isinstance(said, str) and isinstance(more := document.get("message"), str) and more not in {said, ""}:
        inner = replace(inner, message=clipped(f"{inner.message}: {more}"))  # Spring: a word, and a sentence
    metadata = document.get("metadata")
    if isinstance(metadata, dict) and metadata.get("raw"):  # OpenRouter: what the provider behind it said
        raw = read_error(metadata["raw"], depth + 1)
        inner = replace(
            inner, message=clipped(f"{inner.message}: {raw.message}"), labels=f"{inner.labels} {raw.labels}"
        )
    return ErrorBody(
        message=inner.message,
        labels=" ".join([*_labels(document), inner.labels]).strip(),
        param=next((p for p in (inner.param, document.get("param")) if isinstance(p, str) and p), None),
        status=inner.status or _status(document),
        retry_after=inner.retry_after or delay_in_body(document),
        context=inner.context or (n_ctx if isinstance(n_ctx := document.get("n_ctx"), int) else None),
    )


def _read_text(text: str, depth: int) -> ErrorBody:
    """A text, which may be another server's error body as JSON."""
    if depth <= MAX_NESTING and text.lstrip()[:1] in ("{", "["):
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            return ErrorBody(clipped(text))
        if document:
            return read_error(document, depth + 1)
    return ErrorBody(clipped(text))


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


def text_of(data: bytes) -> str:
    """The words in a body that is no JSON: of an HTML page only its title."""
    text = data.decode("utf-8", "replace").strip()
    if text.startswith("<"):
        title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
        return clipped(" ".join(title[1].split())) if title else "an HTML page"
    return clipped(text)


def words(*alternatives: str) -> re.Pattern[str]:
    """What finds any of these patterns in what a server says, whatever the case."""
    return re.compile("|".join(alternatives), re.IGNORECASE)


def clipped(text: str) -> str:
    """The text, as much of it as a log wants, and fit to be written into one."""
    text = joined_surrogates(text.strip())
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"
