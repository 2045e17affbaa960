"""A character card as a value, and bytes -> `Card`. Files are told apart by their bytes, never by their names."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from discord_bot.chat.cards import charx, document, png
from discord_bot.chat.cards.assets import CHUNK_ASSET, asset_bytes, from_base64, main_icon, paths
from discord_bot.chat.cards.fields import Data, Warned
from discord_bot.chat.cards.limits import MAX_FILE, MAX_PIXELS
from discord_bot.chat.shown_name import shown_name
from discord_bot.errors import CardRefused

if TYPE_CHECKING:
    from discord_bot.chat.cards.document import Document

Container = Literal["png", "json", "charx"]

_PICTURES: Final = {"png": png.SIGNATURE, "jpeg": charx.JPEG, "gif": b"GIF8", "webp": b"RIFF"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A card's picture, as the bytes of a file. It has not been decoded."""

    data: bytes = field(repr=False)
    kind: str
    """`png`, `jpeg`, `gif` or `webp`."""

    @property
    def digest(self) -> str:
        """Its SHA-256 in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def size(self) -> tuple[int, int] | None:
        """The width and height that a PNG claims."""
        if self.kind != "png" or len(self.data) < 24:
            return None
        width, height = struct.unpack_from(">II", self.data, 16)
        return width, height


@dataclass(frozen=True, slots=True)
class Card:
    """A character card, whole."""

    document: Document
    picture: Picture | None = None
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """What came beside the card: members of a CHARX by path, assets in chunks of a PNG as `__asset:KEY`."""
    warnings: tuple[Warned, ...] = ()

    @property
    def data(self) -> Data:
        """The fields of V3's `data`, all of them."""
        return self.document.data

    @property
    def name(self) -> str:
        """The name as it can be shown."""
        return shown_name(self.data["name"])

    def edited(self, **changed: Any) -> Card:
        """The card with other values in fields of `data`; a copy of a field at the root follows."""
        data = {**self.data, **changed}
        root = {key: changed.get(key, value) for key, value in self.document.root.items()}
        return replace(self, document=replace(self.document, data=data, root=root))


# ---- reading ---------------------------------------------------------------------------------------------------------


def read(file: bytes) -> Card:
    """The card in a file. Raises CardRefused, and nothing else, whatever the bytes are."""
    if len(file) > MAX_FILE:
        raise CardRefused("file_large", limit=MAX_FILE >> 20)
    if not file.strip():
        raise CardRefused("file_empty")
    if file.startswith(png.SIGNATURE):
        card = _from_png(file)
    elif charx.is_one(file):
        card = _from_charx(file)
    elif kind := _other_kind(file):
        raise CardRefused(kind)
    else:
        card = Card(document.read(file))
        card = replace(card, picture=_icon(card))
    if not card.name:
        raise CardRefused("no_name")
    return _with_warnings(card)


def from_json(text: str, picture: bytes | None = None, files: Mapping[str, bytes] | None = None) -> Card:
    """The card that a library has kept, as `to_json` wrote it."""
    kind = _picture_kind(picture) if picture is not None else None
    return Card(
        document.read(text.encode(), ours=True),
        Picture(picture, kind) if picture is not None and kind is not None else None,
        files or {},
    )


def made(name: str, **fields: Any) -> Card:
    """A new card with these fields of `data`."""
    return Card(document.read(document.written({"spec": document.V3, "data": {**fields, "name": name}})))


def with_picture(card: Card, data: bytes) -> Card:
    """The card with another picture, and without an icon that shows another face.

    Raises CardRefused where it is none, or too large.
    """
    kind = _picture_kind(data)
    if kind is None:
        raise CardRefused("picture_unreadable")
    picture = Picture(data, kind)
    width, height = picture.size or (1, 1)
    if not 0 < width * height <= MAX_PIXELS:
        raise CardRefused("picture_pixels", limit=MAX_PIXELS // 1_000_000)
    index = main_icon(card.data)
    if index is not None and asset_bytes(card, card.data["assets"][index]) not in (None, data):
        before = card.data["assets"][index]["uri"]
        files = {path: content for path, content in card.files.items() if path not in paths(before)}
        card = card.edited(assets=[each for at, each in enumerate(card.data["assets"]) if at != index])
        card = replace(card, files=files)
    return replace(card, picture=picture)


def _from_png(file: bytes) -> Card:
    chunks = png.chunks(file)
    refused: CardRefused | None = None
    for keyword, chunk in png.card_texts(chunks):
        try:
            card = Card(document.read(_json_in(png.text(chunk))))
        except CardRefused as error:
            refused = refused or error
            continue
        if refused is not None:
            card = replace(card, warnings=(Warned("second-chunk", {"keyword": keyword}),))
        width, height = png.size(chunks)
        if 0 < width * height <= MAX_PIXELS:
            card = replace(card, picture=Picture(png.with_texts(chunks, {}), "png"))
        else:
            card = replace(card, warnings=(*card.warnings, Warned("picture-large")))
        files: dict[str, bytes] = {}
        for key, text in png.assets(chunks):
            if (data := from_base64(text)) is not None:
                files.setdefault(f"{CHUNK_ASSET}{key}", data)
        return replace(card, files=files)
    raise refused or CardRefused("png_no_card")


def _json_in(text: bytes) -> bytes:
    """The JSON in a chunk's text: in base64, though some write it as it is."""
    stripped = text.strip()
    if stripped.startswith((b"{", b"rcc||")):
        return stripped
    data = from_base64(stripped)
    if data is None:
        raise CardRefused("no_base64")
    return data


def _from_charx(file: bytes) -> Card:
    text, files, lost = charx.read(file)
    card = Card(document.read(text), files=files)
    if lost:
        card = replace(card, warnings=(Warned("files-lost", {"number": lost}),))
    picture = _icon(card)
    if picture is None and file.startswith(charx.JPEG):
        picture = Picture(file[: file.index(charx.LOCAL_FILE)], "jpeg")
    return replace(card, picture=picture)


def _icon(card: Card) -> Picture | None:
    """The main icon, where the card brings it along."""
    index = main_icon(card.data)
    if index is None:
        return None
    data = asset_bytes(card, card.data["assets"][index])
    if data is None or (kind := _picture_kind(data)) is None:
        return None
    if kind == "png":
        try:
            png.chunks(data)
        except CardRefused:
            return None  # it stays among the files, but nobody could show it
    picture = Picture(data, kind)
    width, height = picture.size or (1, 1)
    return picture if 0 < width * height <= MAX_PIXELS else None


def _picture_kind(data: bytes) -> str | None:
    kind = next((kind for kind, beginning in _PICTURES.items() if data.startswith(beginning)), None)
    return None if kind == "webp" and data[8:12] != b"WEBP" else kind


def _other_kind(file: bytes) -> str | None:
    """The sentence for a file that is plainly something else."""
    beginning = file[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if beginning.startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<svg", b"<!--")):
        return "file_html"
    return "file_picture" if _picture_kind(file) else None


def _with_warnings(card: Card) -> Card:
    """What else is to be said of it: that its name is not shown as it is, and what it brings that is not used."""
    warnings = [*card.document.warnings, *card.warnings]
    if card.name != card.data["name"].strip():
        warnings.append(Warned("name-changed", {"name": card.name}))
    return replace(card, warnings=tuple(warnings))
