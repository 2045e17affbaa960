"""What a card brings along beside its texts: where an address leads, if it leads to something in the same file.

Nothing is ever fetched or opened: an asset is found by its exact name among what came with the card, or not at all.
"""

from __future__ import annotations

from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from typing import TYPE_CHECKING, Final

from discord_bot.chat.cards.limits import MAX_FILES

if TYPE_CHECKING:
    from discord_bot.chat.cards.card import Card
    from discord_bot.chat.cards.fields import Data

EMBEDDED: Final = ("embeded://", "embedded://")
"""The specification spells it with one d, and some do not."""
CHUNK_ASSET: Final = "__asset:"
"""How an asset in a chunk of a PNG is addressed."""
DEFAULT: Final = "ccdefault:"
"""The picture of the PNG itself, or whatever a program shows for nobody in particular."""
MIME: Final = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "avif": "image/avif",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "wav": "audio/wav",
    "mp4": "video/mp4",
}
_URL_ALPHABET: Final = bytes.maketrans(b"-_", b"+/")


def main_icon(data: Data) -> int | None:
    """Which of the assets is the character's face: the icon that is named main, or else the only one."""
    icons = [
        (index, asset.get("name"))
        for index, asset in enumerate(data.get("assets", ()))
        if asset.get("type") == "icon" and isinstance(asset.get("uri"), str)
    ]
    named = [index for index, name in icons if name == "main"]
    return named[0] if named else icons[0][0] if len(icons) == 1 else None


def asset_bytes(card: Card, asset: Data) -> bytes | None:
    """What an asset is, if it came with the card; None for whatever would have to be fetched."""
    uri = asset.get("uri")
    if not isinstance(uri, str):
        return None
    if uri[:5].lower() == "data:":
        head, comma, text = uri.partition(",")
        if comma and head.lower().endswith(";base64") and len(text) <= MAX_FILES:
            return from_base64(text.encode("ascii", "replace"))
        return None
    return file_at(card, uri)


def file_at(card: Card, uri: object) -> bytes | None:
    """The file beside the card that an address means."""
    return next((card.files[path] for path in paths(uri) if path in card.files), None)


def paths(uri: object) -> tuple[str, ...]:
    """Under which paths the file that an address means may have come; none for one that leads elsewhere."""
    if not isinstance(uri, str):
        return ()
    for scheme in EMBEDDED:
        if uri.startswith(scheme):
            return (uri[len(scheme) :],)
    return (uri, uri.removeprefix(CHUNK_ASSET)) if uri.startswith(CHUNK_ASSET) else ()


def from_base64(text: bytes) -> bytes | None:
    """What base64 stands for; line breaks, missing padding and the alphabet for addresses are let pass."""
    packed = text.translate(_URL_ALPHABET, b" \t\r\n\0").rstrip(b"=")
    try:
        return a2b_base64(packed + b"=" * (-len(packed) % 4), strict_mode=True)
    except Base64Error:
        return None


def data_uri(content: bytes, extension: str) -> str:
    """The content as an address that holds it."""
    mime = MIME.get(extension.lower().lstrip("."), "application/octet-stream")
    return f"data:{mime};base64,{b2a_base64(content, newline=False).decode()}"
