"""Pictures that a model made, out of the shapes in which servers send them: a `data:` URL, bare base64, or an address.

What is inside an answer becomes a file to attach. What is only an address stays one: it is shown, and never fetched.
https://datatracker.ietf.org/doc/html/rfc2397
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

MAX_BYTES = 10 * 2**20
"""What one attachment may hold where nobody pays for more.
https://discord.com/developers/docs/reference#uploading-files
"""
MAX_PICTURES = 10
"""Attachments of one message. https://discord.com/developers/docs/resources/message#create-message"""
MAX_ADDRESS = 1500
"""Characters of an address that are shown; more do not fit on a page beside anything."""

_KINDS = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"), (b"GIF8", "gif"))
_INLINE = re.compile(r"!\[[^\]\n]*\]\(\s*(data:image/[^)\s]*)\s*(?:\)|\Z)")
"""A picture that stands in the text itself, as Markdown; at the text's end it may not be whole yet."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a file."""

    name: str
    data: bytes = field(repr=False)


def pictures_in(urls: Iterable[str]) -> tuple[list[Picture], list[str]]:
    """The pictures in these URLs, and the addresses among them. What is neither, or too large, is left out."""
    pictures: list[Picture] = []
    addresses: list[str] = []
    for url in urls:
        if url.startswith(("https://", "http://")):
            if len(url) <= MAX_ADDRESS and not re.search(r"[\s<>]", url):
                addresses.append(url)
        elif len(pictures) < MAX_PICTURES and (data := _data(url)) is not None and (kind := _kind(data)) is not None:
            pictures.append(Picture(f"picture-{len(pictures) + 1}.{kind}", data))
    return pictures, addresses[:MAX_PICTURES]


def without_inline(text: str) -> tuple[str, list[str]]:
    """The text without the pictures that stand in it as `data:` URLs, and these; one that still grows is not shown."""
    if "](data:image/" not in text and "]( data:image/" not in text:
        return text, []
    urls = [found[1] for found in _INLINE.finditer(text)]
    return _INLINE.sub("", text), urls


def _data(url: str) -> bytes | None:
    """The bytes in a `data:` URL, or in bare base64; None where they are none or too many."""
    if len(url) > MAX_BYTES * 3:  # an escaped byte takes three characters
        return None
    head, comma, body = url.partition(",")
    if not url.startswith("data:"):
        head, body = ";base64", url
    elif not comma:
        return None
    try:
        data = b64decode(re.sub(r"\s", "", body)) if head.endswith(";base64") else unquote_to_bytes(body)
    except (binascii.Error, ValueError):
        return None
    return data if len(data) <= MAX_BYTES else None


def _kind(data: bytes) -> str | None:
    """The ending for what the bytes really are: what a server calls them is not looked at."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return next((kind for magic, kind in _KINDS if data.startswith(magic)), None)
