"""CHARX: a ZIP with `card.json` at its root and files beside it. It is only ever read in memory, and by exact names.

https://github.com/kwaroran/character-card-spec-v3/blob/main/SPEC_V3.md#charx
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final

from discord_bot.chat.cards.limits import (
    MAX_DIRECTORY,
    MAX_FILES,
    MAX_MEMBERS,
    MAX_PATH,
    MAX_RATIO,
    MAX_TEXT,
    MIB,
)
from discord_bot.errors import CardRefused

CARD: Final = "card.json"
LOCAL_FILE: Final = b"PK\x03\x04"
JPEG: Final = b"\xff\xd8\xff"
"""A picture may stand before the ZIP, so that the file can also be shown."""
_END: Final = b"PK\x05\x06"
_END_SIZE: Final = 22
_END_64: Final = b"PK\x06\x07"
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Those that the specification names; others can ask for gigabytes before the first byte."""
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
"""When every member is said to be from: the earliest time that a ZIP can hold, so that equal cards are equal files."""
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, ValueError, OSError)


def is_one(file: bytes) -> bool:
    """Whether it is a ZIP, or a JPEG with a ZIP behind it."""
    return file.startswith((LOCAL_FILE, _END)) or (file.startswith(JPEG) and LOCAL_FILE in file)


def read(file: bytes) -> tuple[bytes, dict[str, bytes], int]:
    """The card's JSON, the files beside it by path, and how many of those could not be kept. Raises CardRefused."""
    _look_at_the_directory(file)
    try:
        with zipfile.ZipFile(io.BytesIO(file)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS:
                raise CardRefused("zip_members", limit=MAX_MEMBERS)
            card = next((each for each in members if each.filename == CARD), None)
            if card is None:
                raise CardRefused("zip_no_card")
            if card.flag_bits & 1:
                raise CardRefused("zip_encrypted")
            if card.file_size > MAX_TEXT:
                raise CardRefused("text_large", limit=MAX_TEXT >> 20)
            if card.compress_type not in _METHODS or not _is_a_file(card):
                raise CardRefused("zip_broken")
            return _content(archive, card), *_beside(archive, members)
    except _BROKEN:
        raise CardRefused("zip_broken") from None


def write(card: bytes, files: Mapping[str, bytes]) -> bytes:
    """A CHARX with that card and those files."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in {CARD: card, **files}.items():
            member = zipfile.ZipInfo(path, _LONG_AGO)
            member.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(member, data, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def safe(path: str) -> bool:
    """Whether a path stays where it is put, on every system, should anybody ever unpack it."""
    return (
        0 < len(path) <= MAX_PATH
        and path.isprintable()
        and "\\" not in path
        and path[1:2] != ":"  # a drive of Windows
        and all(part not in ("", ".", "..") for part in path.split("/"))
    )


def _look_at_the_directory(file: bytes) -> None:
    """Refuses a central directory that is too long, before anything of it is read. zipfile reads all of it at once."""
    end = file.rfind(_END, max(0, len(file) - _END_SIZE - 0xFFFF))
    if end < 0 or end + _END_SIZE > len(file):
        raise CardRefused("zip_broken")
    count, length = struct.unpack_from("<HI", file, end + 10)
    if count > MAX_MEMBERS or length > MAX_DIRECTORY or file.rfind(_END_64, max(0, end - 20), end) >= 0:
        raise CardRefused("zip_members", limit=MAX_MEMBERS)


def _is_a_file(member: zipfile.ZipInfo) -> bool:
    """Not a directory, a link or a device."""
    mode = member.external_attr >> 16
    return not member.is_dir() and stat.S_IFMT(mode) in (0, stat.S_IFREG)


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """What a member holds, inflated no further than it says it is: `ZipFile.read` would inflate all of it first."""
    with archive.open(member) as opened:
        return opened.read(member.file_size + 1)


def _beside(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> tuple[dict[str, bytes], int]:
    files: dict[str, bytes] = {}
    room, lost = MAX_FILES, 0
    for member in members:
        if member.filename == CARD or member.is_dir() or member.filename in files:
            continue
        bomb = member.file_size > MIB and member.file_size > MAX_RATIO * member.compress_size
        readable = _is_a_file(member) and not member.flag_bits & 1 and member.compress_type in _METHODS
        if bomb or not readable or not safe(member.filename) or member.file_size > room:
            lost += 1
            continue
        try:
            files[member.filename] = _content(archive, member)
        except _BROKEN:
            lost += 1
            continue
        room -= member.file_size
    return files, lost
