"""PNG chunks: the texts in a picture, and the same picture with other texts.

Chunks are walked here and not by a library of pictures, because most cards stand behind the pixels, where such a
library looks only once it has decoded them; nothing is decoded here. https://www.w3.org/TR/png-3/#5DataRep
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from discord_bot.chat.cards.limits import MAX_CHUNKS, MAX_FILES, MAX_TEXT
from discord_bot.errors import CardRefused

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
CARD_KEYWORDS: Final = ("ccv3", "chara")
"""The keywords of V3 and of V1 and V2, the better one first. Some write them in capitals."""
_ASSET_KEYWORD: Final = "chara-ext-asset_"
"""Before the key of an asset in a chunk of its own, with a colon behind it or not.
https://github.com/kwaroran/character-card-spec-v3/issues/8
"""
_TEXT_TYPES: Final = (b"tEXt", b"zTXt", b"iTXt")


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk of a PNG."""

    type: bytes
    data: memoryview

    @property
    def keyword(self) -> str | None:
        """What the text in it is called, without case; None where it is no text."""
        if self.type not in _TEXT_TYPES:
            return None
        word, nul, _ = bytes(self.data[:80]).partition(b"\0")  # a keyword has 1 to 79 bytes
        return word.decode("latin-1").lower() if nul else None

    @property
    def is_the_cards(self) -> bool:
        """Whether it holds a card, or something that belongs to one."""
        keyword = self.keyword
        return keyword is not None and (keyword in CARD_KEYWORDS or keyword.startswith(_ASSET_KEYWORD))


def chunks(file: bytes) -> list[Chunk]:
    """The chunks of a PNG up to its end; what comes behind that is nobody's. Raises CardRefused."""
    if not file.startswith(SIGNATURE):
        raise CardRefused("png_no_png")
    view, position, found = memoryview(file), len(SIGNATURE), list[Chunk]()
    while position + 12 <= len(file):
        length, kind = struct.unpack_from(">I4s", file, position)
        end = position + 8 + length
        if end + 4 > len(file) or not kind.isalpha():
            raise CardRefused("png_broken")
        data = view[position + 8 : end]
        if zlib.crc32(data, zlib.crc32(kind)) != struct.unpack_from(">I", file, end)[0]:
            raise CardRefused("png_crc")
        if len(found) >= MAX_CHUNKS:
            raise CardRefused("png_chunks", limit=MAX_CHUNKS)
        found.append(Chunk(kind, data))
        if found[0].type != b"IHDR" or len(found[0].data) != 13:
            raise CardRefused("png_broken")
        if kind == b"IEND":
            return found
        position = end + 4
    raise CardRefused("png_no_end")


def size(found: Iterable[Chunk]) -> tuple[int, int]:
    """The width and height that the picture claims."""
    width, height = struct.unpack_from(">II", next(iter(found)).data)
    return width, height


def card_texts(found: Iterable[Chunk]) -> Iterator[tuple[str, Chunk]]:
    """The chunks with a card, the better keyword first; of several with the same one, the first counts."""
    first: dict[str, Chunk] = {}
    for chunk in found:
        if (keyword := chunk.keyword) in CARD_KEYWORDS:
            first.setdefault(str(keyword), chunk)
    for keyword in CARD_KEYWORDS:
        if keyword in first:
            yield keyword, first[keyword]


def text(chunk: Chunk) -> bytes:
    """The text in a chunk, inflated where it is compressed, but never further than the limit. Raises CardRefused."""
    body = chunk.data[bytes(chunk.data[:80]).index(b"\0") + 1 :]
    if chunk.type == b"tEXt":
        return _bounded(body)
    if chunk.type == b"zTXt":  # a method of compression, of which there is one
        compressed, method, body = True, bytes(body[:1]), body[1:]
    else:  # whether it is compressed, and how; then a language and a translated keyword, each with a NUL behind it
        compressed, method = bytes(body[:1]) == b"\1", bytes(body[1:2])
        parts = bytes(body[2:]).split(b"\0", 2)
        if len(parts) != 3:
            raise CardRefused("png_broken")
        body = memoryview(parts[2])
    if method != b"\0":
        raise CardRefused("png_broken")
    return _inflated(body) if compressed else _bounded(body)


def assets(found: Iterable[Chunk]) -> Iterator[tuple[str, bytes]]:
    """What lies in chunks of its own beside the card, in base64: its key, and the text."""
    room = MAX_FILES * 4 // 3
    for chunk in found:
        keyword = chunk.keyword if chunk.type == b"tEXt" else None
        if keyword is None or not keyword.startswith(_ASSET_KEYWORD):
            continue
        word, _, body = bytes(chunk.data).partition(b"\0")
        room -= len(body)
        if room < 0:
            return
        yield word.decode("latin-1")[len(_ASSET_KEYWORD) :].removeprefix(":"), body


def with_texts(found: Iterable[Chunk], texts: Mapping[str, bytes]) -> bytes:
    """The picture with these texts before its end, and without every text that is a card's."""
    parts = [SIGNATURE]
    for chunk in found:
        if chunk.is_the_cards:
            continue
        if chunk.type == b"IEND":
            parts += [_written(b"tEXt", b"%b\0%b" % (word.encode("latin-1"), body)) for word, body in texts.items()]
        parts.append(_written(chunk.type, chunk.data))
    return b"".join(parts)


def _written(kind: bytes, data: bytes | memoryview) -> bytes:
    return struct.pack(">I4s", len(data), kind) + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))


def _bounded(data: memoryview) -> bytes:
    if len(data) > MAX_TEXT * 4 // 3 + 4:  # base64 is a third larger than what it stands for
        raise CardRefused("text_large", limit=MAX_TEXT >> 20)
    return bytes(data)


def _inflated(data: memoryview) -> bytes:
    limit = MAX_TEXT * 4 // 3 + 4
    inflating = zlib.decompressobj()
    try:
        inflated = inflating.decompress(data, limit + 1)
    except zlib.error:
        raise CardRefused("png_broken") from None
    if len(inflated) > limit:
        raise CardRefused("text_large", limit=MAX_TEXT >> 20)
    if not inflating.eof:
        raise CardRefused("png_broken")
    return inflated
