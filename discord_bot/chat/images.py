"""Images in an answer, in the shapes in which servers send them, as URLs: mostly `data:` ones, which hold the image."""

from __future__ import annotations

from typing import Any

MAX_NESTING = 3
"""How deep an image may lie in what a part holds."""

_HOLDERS = ("image_url", "image", "url", "source", "inline_data", "inlineData", "b64_json", "image_base64", "data")
"""The keys under which an image's URL or data stands, or what holds it."""

_TYPES = ("mime_type", "mimeType", "media_type", "content_type")

_BEGINNINGS = {"iVBOR": "png", "/9j/": "jpeg", "R0lG": "gif", "UklG": "webp"}
"""How the base64 of an image begins -> what it is."""


def image_in(part: object) -> str | None:
    """The URL of the image that a part is; None where it is none.

    A part is `{"type": "image_url", "image_url": {"url": …}}` (OpenRouter), a URL alone, base64 alone, or base64 beside
    its type (the image APIs of OpenAI, Gemini and Anthropic).
    """
    return _image_in(part, "", 0)


def _image_in(part: object, media_type: str, depth: int) -> str | None:
    if isinstance(part, str):
        return _url_of(part, media_type)
    if not isinstance(part, dict) or depth > MAX_NESTING:
        return None
    media_type = _type_of(part) or media_type
    return next((url for key in _HOLDERS if (url := _image_in(part.get(key), media_type, depth + 1))), None)


def _type_of(part: dict[str, Any]) -> str:
    return next((value for key in _TYPES if isinstance(value := part.get(key), str)), "")


def _url_of(text: str, media_type: str) -> str | None:
    if text.startswith(("https://", "http://", "data:image/")):
        return text
    if media_type.startswith("image/"):
        return f"data:{media_type};base64,{text}"
    kind = next((kind for beginning, kind in _BEGINNINGS.items() if text.startswith(beginning)), None)
    return kind and f"data:image/{kind};base64,{text}"
