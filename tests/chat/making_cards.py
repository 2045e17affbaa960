"""Cards made for tests: containers from bytes up, so that each can also be made wrong."""

from __future__ import annotations

import base64
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

SIGNATURE = b"\x89PNG\r\n\x1a\n"
Json = dict[str, Any]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width: int = 2, height: int = 3) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


PIXELS = chunk(b"IDAT", zlib.compress((b"\0" + b"\x40\x80\xc0" * 2) * 3))
END = chunk(b"IEND", b"")


def text(keyword: str, value: Json | bytes, kind: bytes = b"tEXt") -> bytes:
    body = value if isinstance(value, bytes) else base64.b64encode(json.dumps(value).encode())
    word = keyword.encode("latin-1") + b"\0"
    match kind:
        case b"zTXt":
            return chunk(kind, word + b"\0" + zlib.compress(body))
        case b"iTXt":
            return chunk(kind, word + b"\1\0en\0\0" + zlib.compress(body))
        case _:
            return chunk(kind, word + body)


def png(*texts: bytes, before: bytes = b"") -> bytes:
    return SIGNATURE + header() + before + PIXELS + b"".join(texts) + END


PICTURE = png()


def charx(card: Json | bytes, files: Mapping[str, bytes] | None = None) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("card.json", card if isinstance(card, bytes) else json.dumps(card))
        for path, data in (files or {}).items():
            archive.writestr(path, data)
    return written.getvalue()


def v1(name: str = "Aria", **fields: Any) -> Json:
    return {
        "name": name,
        "description": "",
        "personality": "",
        "scenario": "",
        "first_mes": "",
        "mes_example": "",
        **fields,
    }


def v2(name: str = "Aria", **fields: Any) -> Json:
    return {"spec": "chara_card_v2", "spec_version": "2.0", "data": v1(name, **fields)}


def v3(name: str = "Aria", **fields: Any) -> Json:
    return {"spec": "chara_card_v3", "spec_version": "3.0", "data": v1(name, **fields)}


def book(*entries: Json, **fields: Any) -> Json:
    return {"extensions": {}, "entries": [entry(**each) for each in entries], **fields}


def entry(*keys: str, **fields: Any) -> Json:
    whole = {"keys": list(keys), "content": "Known.", "extensions": {}, "enabled": True, "insertion_order": 100}
    return {**whole, "use_regex": False, **fields}


def as_json(card: Any) -> bytes:
    return json.dumps(card).encode()
