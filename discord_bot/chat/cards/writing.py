"""`Card` -> bytes, in any of the three containers.

The picture and the assets go along in whatever way a container has: in the file, as members, or within the JSON.
"""

from __future__ import annotations

from binascii import b2a_base64
from typing import TYPE_CHECKING, Final, Literal

from discord_bot.chat.cards import charx, document, png
from discord_bot.chat.cards.assets import (
    CHUNK_ASSET,
    DEFAULT,
    EMBEDDED,
    MIME,
    asset_bytes,
    data_uri,
    file_at,
    main_icon,
    paths,
)
from discord_bot.chat.cards.limits import MAX_INLINE, MAX_TEXT

if TYPE_CHECKING:
    from discord_bot.chat.cards.card import Card
    from discord_bot.chat.cards.fields import Data

_ICON: Final = "assets/icon/images/main"


def to_json(card: Card) -> str:
    """The card as a library keeps it: its JSON alone, without picture and files."""
    return document.written(document.v3(card.document, card.data)).decode()


def write_json(card: Card, *, modified: int | None = None) -> tuple[bytes, int]:
    """The card as JSON, its picture and assets in it; and how many of those are left out as too large."""
    data, lost = _inlined(card, "json")
    return _text(document.v3(card.document, _stamped(data, modified))), lost


def write_png(card: Card, picture: bytes, *, modified: int | None = None) -> tuple[bytes, int]:
    """The card in a PNG, whose pixels are the picture's: as V3, and as V2 beside it for programs that know no better.

    The second value is the number of assets that are left out, because they are too large.
    """
    data, lost = _inlined(card, "png")
    texts = {
        "chara": document.v2(data),
        "ccv3": document.v3(card.document, _stamped(data, modified)),
    }
    packed = {keyword: b2a_base64(document.written(value), newline=False) for keyword, value in texts.items()}
    return png.with_texts(png.chunks(picture), packed), lost


def write_charx(card: Card, *, modified: int | None = None) -> bytes:
    """The card as CHARX, with all that came beside it, and its picture as the main icon."""
    files = {path: data for path, data in card.files.items() if not path.startswith(CHUNK_ASSET)}
    data = card.data
    if "assets" in data:
        assets = [_as_member(card, asset, index, files) for index, asset in enumerate(data["assets"])]
        data = {**data, "assets": assets}
    if card.picture is not None and not _brings(card, data):
        path = f"{_ICON}.{card.picture.kind}"
        while path in files:
            path = f"{_ICON}_{len(path)}.{card.picture.kind}"
        files[path] = card.picture.data
        data = _with_icon(data, f"{EMBEDDED[0]}{path}", card.picture.kind)
    return charx.write(_text(document.v3(card.document, _stamped(data, modified))), files)


def _text(whole: Data) -> bytes:
    """JSON for people to read, where it stays far enough below what a reader takes."""
    text = document.written(whole, indent=2)
    return text if len(text) < MAX_TEXT // 2 else document.written(whole)


def _stamped(data: Data, modified: int | None) -> Data:
    return data if modified is None else {**data, "modification_date": modified}


def _brings(card: Card, data: Data) -> bool:
    """Whether the main icon already is the picture."""
    index = main_icon(data)
    return (
        index is not None and card.picture is not None and asset_bytes(card, data["assets"][index]) == card.picture.data
    )


def _with_icon(data: Data, uri: str, kind: str) -> Data:
    """The data with a main icon at that address: the one there was if it is the default, or else one more."""
    assets = list(data.get("assets", ()))
    index = main_icon(data)
    if index is not None and assets[index]["uri"] == DEFAULT:
        assets[index] = {**assets[index], "uri": uri, "ext": kind}
    elif index is None:
        assets.append({"type": "icon", "uri": uri, "name": "main", "ext": kind})
    return {**data, "assets": assets}


def _as_member(card: Card, asset: Data, index: int, files: dict[str, bytes]) -> Data:
    """An asset of a PNG's chunk as a member of a ZIP."""
    uri = asset.get("uri")
    if not isinstance(uri, str) or not uri.startswith(CHUNK_ASSET) or uri not in card.files:
        return asset
    extension = asset.get("ext")
    extension = extension if isinstance(extension, str) and extension.isalnum() else "bin"
    kind = asset.get("type")
    kind = kind if kind in ("icon", "background", "emotion", "user_icon") else "other"
    folder = "images" if MIME.get(extension, "").startswith("image/") else "other"
    path = f"assets/{kind}/{folder}/{index}.{extension}"
    files[path] = card.files[uri]
    return {**asset, "uri": f"{EMBEDDED[0]}{path}"}


def _inlined(card: Card, container: Literal["png", "json"]) -> tuple[Data, int]:
    """The data with the assets that lie in other files as `data:` addresses; and how many had no room."""
    data, lost = card.data, 0
    room = max(0, min(MAX_INLINE, (MAX_TEXT - 2 * len(to_json(card))) * 3 // 4))  # base64 takes a third more
    main = main_icon(data)
    if "assets" in data:
        assets: list[Data] = []
        for index, asset in enumerate(data["assets"]):
            content = file_at(card, asset.get("uri"))
            is_picture = index == main and card.picture is not None and content == card.picture.data
            if content is None:
                assets.append(asset)
            elif is_picture and container == "png" and card.picture is not None and card.picture.kind == "png":
                assets.append({**asset, "uri": DEFAULT})
            elif len(content) <= room:
                room -= len(content)
                assets.append({**asset, "uri": data_uri(content, str(asset.get("ext", "")))})
            else:
                lost += 1
                assets.append(asset)
        data = {**data, "assets": assets}
    used = {path for asset in card.data.get("assets", ()) for path in paths(asset.get("uri"))}
    lost += sum(path not in used for path in card.files)
    picture = card.picture
    if container == "json" and picture is not None and not _brings(card, data):
        if len(picture.data) <= room:
            data = _with_icon(data, data_uri(picture.data, picture.kind), picture.kind)
        else:
            lost += 1
    return data, lost
