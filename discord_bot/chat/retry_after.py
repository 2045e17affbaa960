"""How long a server wants to be left alone, in seconds, wherever it says so: headers, the body, or a sentence.

What is no time is None. Nobody waits here; whether a wait is worth it is for others to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_AMOUNT = (
    r"(\d+(?:\.\d+)?) ?"
    r"(ms|milliseconds?|s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?)(?![a-z])"
)
_DURATION = re.compile(rf"(?:{_AMOUNT} ?)+", re.IGNORECASE)
_DELAY_WORDS = re.compile(
    rf"(?:(?:try again|retry|available|reset\w*|wait)(?: \w+)? (?:in|after|for)|wait) ((?:{_AMOUNT} ?)+)",
    re.IGNORECASE,
)


def delay_in_headers(headers: Mapping[str, str], now: float) -> float | None:
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


def delay_in_text(text: str) -> float | None:
    """Seconds to wait, as a sentence says: "Please try again in 7.66s"."""
    found = _DELAY_WORDS.search(text)
    return seconds(found[1]) if found else None


def delay_in_body(document: Mapping[str, Any]) -> float | None:
    """Google's RetryInfo, a `retry_after` in the body, or Hugging Face's guess of when a model is loaded."""
    for key in ("retry_after", "estimated_time"):
        value = document.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
            return float(value)
    details = document.get("details")
    for detail in details if isinstance(details, list) else []:
        if isinstance(detail, dict) and isinstance(delay := detail.get("retryDelay"), str):
            return seconds(delay)
    return None
