"""Files that mean harm, or look as if they did: name -> bytes. Each is small; what it claims or unfolds to is not."""

from __future__ import annotations

import base64
import io
import json
import stat
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable

from tests.chat.making_cards import (
    END,
    PIXELS,
    SIGNATURE,
    as_json,
    book,
    charx,
    chunk,
    entry,
    header,
    png,
    text,
    v2,
    v3,
)

Refused = str | None
"""The reason; None where the file is taken in, and only what is harmful about it is not."""
MIB = 1 << 20


def bomb(mebibytes: int) -> bytes:
    squeezing = zlib.compressobj(9)
    return b"".join(squeezing.compress(b" " * MIB) for _ in range(mebibytes)) + squeezing.flush()


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data, method)
    return written.getvalue()


def special(name: str, mode: int) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.create_system = 3
    member.external_attr = (mode | 0o777) << 16
    return member


def patched(file: bytes, before: bytes, offset: int, value: bytes) -> bytes:
    """The file with other bytes so far behind the last place where `before` stands."""
    position = file.rindex(before) + offset
    return file[:position] + value + file[position + len(value) :]


def nested(depth: int, opening: str = "[", closing: str = "]", core: str = "1") -> bytes:
    inside = opening * depth + core + closing * depth
    return as_json(v2(x="?")).replace(b'"?"', inside.encode())


def in_chunk(value: bytes, kind: bytes = b"tEXt") -> bytes:
    return png(text("chara", value, kind))


CARD = as_json(v2("Bait"))
LINKED = v3("Linker", assets=[{"type": "icon", "uri": "embeded://assets/icon.png", "name": "main", "ext": "png"}])
PATTERNS = [
    "/(a+)+$/",
    "/^(([a-z])+.)+[A-Z]([a-z])+$/",
    "/(x+x+)+y/",
    "/(.*a){25}/",
    "/((a|b|ab)*)*c/",
    "/(\\w+\\s?)*!$/",
]

FILES: dict[str, tuple[Callable[[], bytes], Refused]] = {
    # ---- PNG ---------------------------------------------------------------------------------------------------------
    "a bomb in zTXt": (lambda: png(chunk(b"zTXt", b"chara\0\0" + bomb(200))), "text_large"),
    "a bomb in iTXt": (lambda: png(chunk(b"iTXt", b"ccv3\0\1\0\0\0" + bomb(200))), "text_large"),
    "bombs in two chunks": (
        lambda: png(chunk(b"zTXt", b"chara\0\0" + bomb(100)), chunk(b"zTXt", b"ccv3\0\0" + bomb(100))),
        "text_large",
    ),
    "deflate that breaks off": (lambda: png(chunk(b"zTXt", b"chara\0\0" + zlib.compress(CARD)[:-8])), "png_broken"),
    "deflate that is none": (lambda: png(chunk(b"zTXt", b"chara\0\0nonsense")), "png_broken"),
    "another compression": (lambda: png(chunk(b"zTXt", b"chara\0\7" + zlib.compress(CARD))), "png_broken"),
    "iTXt without its parts": (lambda: png(chunk(b"iTXt", b"chara\0\0\0")), "png_broken"),
    "a chunk of 2 GB": (lambda: SIGNATURE + header() + struct.pack(">I", 2**31 - 1) + b"tEXtchara\0", "png_broken"),
    "a chunk of 4 GB": (lambda: SIGNATURE + header() + b"\xff\xff\xff\xfftEXt" + bytes(64), "png_broken"),
    "12,000 chunks": (lambda: png(*[text("Comment", b"x")] * 12_000, text("chara", v2())), "png_chunks"),
    "a wrong checksum of the card": (lambda: patched(png(text("chara", v2())), b"IEND", -8, b"0000"), "png_crc"),
    "a wrong checksum of the header": (lambda: png(text("chara", v2())).replace(header()[-4:], b"0000", 1), "png_crc"),
    "no IEND": (lambda: png(text("chara", v2()))[: -len(END)], "png_no_end"),
    "a header that comes late": (lambda: SIGNATURE + text("chara", v2()) + header() + PIXELS + END, "png_broken"),
    "a chunk whose type is no word": (lambda: SIGNATURE + header() + chunk(b"t\0Xt", b"") + END, "png_broken"),
    "nothing but the signature": (lambda: SIGNATURE, "png_no_end"),
    "a keyword without end": (lambda: png(chunk(b"tEXt", b"chara" * 1000)), "png_no_card"),
    "a picture of 200 megapixels": (lambda: SIGNATURE + header(14143, 14143) + text("chara", v2()) + END, None),
    "a picture of 2^62 pixels": (lambda: SIGNATURE + header(2**31 - 1, 2**31 - 1) + text("chara", v2()) + END, None),
    "no base64": (lambda: in_chunk(b"*" * 100), "no_base64"),
    "base64 that breaks off": (lambda: in_chunk(base64.b64encode(CARD)[:200]), "no_json"),
    "8 MiB of base64": (lambda: in_chunk(base64.b64encode(bytes(8 * MIB))), "text_large"),
    "an encrypted card": (lambda: in_chunk(b"rcc||rccv1||abcdef"), "encrypted"),
    # ---- CHARX -------------------------------------------------------------------------------------------------------
    "a bomb for a card": (lambda: zipped(("card.json", CARD + b" " * 200 * MIB)), "text_large"),
    "a card that is larger than it says": (
        lambda: patched(zipped(("card.json", CARD + b" " * 50 * MIB)), b"PK\1\2", 24, struct.pack("<I", 100)),
        "zip_broken",
    ),
    "a bomb beside the card": (lambda: charx(v3(), {"assets/a.png": bytes(100 * MIB)}), None),
    "many bombs beside the card": (lambda: charx(v3(), {f"assets/{n}.png": bytes(MIB) for n in range(60)}), None),
    "5,000 members": (lambda: charx(v3(), {f"a{n}": b"" for n in range(5_000)}), "zip_members"),
    "more members than it says": (
        lambda: patched(charx(v3(), {f"a{n}": b"" for n in range(5_000)}), b"PK\5\6", 8, struct.pack("<HH", 1, 1)),
        "zip_members",
    ),
    "paths that lead out": (
        lambda: charx(LINKED, {"../../a": b"x", "/tmp/b": b"x", "C:/c": b"x", "d\\e": b"x", "f/./g": b"x"}),
        None,
    ),
    "links for files": (
        lambda: zipped(("card.json", as_json(LINKED)), (special("assets/icon.png", stat.S_IFLNK), b"/etc/passwd")),
        None,
    ),
    "a link for the card": (lambda: zipped((special("card.json", stat.S_IFLNK), b"/etc/passwd")), "zip_broken"),
    "a device for a file": (
        lambda: zipped(("card.json", as_json(LINKED)), (special("assets/icon.png", stat.S_IFCHR), b"")),
        None,
    ),
    "a password": (lambda: patched(charx(v3()), b"PK\1\2", 8, b"\1\0"), "zip_encrypted"),
    "LZMA, which may ask for gigabytes": (lambda: zipped(("card.json", CARD), method=zipfile.ZIP_LZMA), "zip_broken"),
    "a ZIP that breaks off": (lambda: charx(v3())[:-30], "zip_broken"),
    "a ZIP of nothing": (lambda: b"PK\5\6" + bytes(18), "zip_no_card"),
    "a ZIP without a card": (lambda: zipped(("cards/card.json", CARD)), "zip_no_card"),
    "a directory that is elsewhere": (
        lambda: patched(charx(v3()), b"PK\5\6", 16, b"\xff\xff\xff\x7f"),
        "zip_broken",
    ),
    # ---- JSON --------------------------------------------------------------------------------------------------------
    "100,000 lists in each other": (lambda: nested(100_000), "json_deep"),
    "20,000 objects in each other": (lambda: nested(20_000, '{"a":', "}"), "json_deep"),
    "200 lists in each other": (lambda: nested(200), "json_deep"),
    "lists that nothing closes": (lambda: b"[" * 1_000_000, "json_many"),
    "two million empty lists": (lambda: nested(1, "[" + "[]," * 2_000_000), "text_large"),
    "a million empty lists": (lambda: nested(1, "[" + "[]," * 1_000_000), "json_many"),
    "an integer of 100,000 digits": (lambda: nested(0, core="9" * 100_000), "no_json"),
    "not a number": (lambda: nested(0, core="NaN"), "no_json"),
    "infinity": (lambda: nested(0, core="-Infinity"), "no_json"),
    "infinity in digits": (lambda: nested(0, core="1e999"), "no_json"),
    "half of a surrogate pair": (lambda: nested(0, core='"\\ud83e"'), "not_utf8"),
    "no UTF-8": (lambda: CARD.replace(b"Bait", b"\xff\xfe\xc3("), "not_utf8"),
    "UTF-16": (lambda: json.dumps(v2()).encode("utf-16"), "not_utf8"),
    "JSON that breaks off": (lambda: CARD[:-5], "no_json"),
    "JSON with more behind": (lambda: CARD + b"{}", "no_json"),
    "a list": (lambda: b"[1]", "no_card"),
    "a text": (lambda: b'"card"', "no_card"),
    "data that is a list": (lambda: as_json({**v2(), "data": []}), "no_card"),
    "another specification": (lambda: as_json({**v2(), "spec": "chara_card_v9"}), "other_spec"),
    "a specification that is a list": (lambda: as_json({**v2(), "spec": ["chara_card_v2"]}), "other_spec"),
    "a lorebook": (lambda: as_json({"spec": "lorebook_v3", "data": book()}), "only_lore"),
    "no name": (lambda: as_json(v2("")), "no_name"),
    "a name that can't be seen": (lambda: as_json(v2("\u202e\u2066\0")), "no_name"),
    "10,000 entries": (lambda: as_json(v3(character_book={"entries": [{}] * 10_000})), "book_entries"),
    "a name of 10,000 characters": (lambda: as_json(v2("N" * 10_000)), None),
    "a name that moves the cursor": (lambda: as_json(v2("Eve\0.png\x1b[2J\u202egnp")), None),
    "a text of 3 MiB": (lambda: as_json(v2(description="🫖" + "a" * 3 * MIB)), None),
    "macros without end": (lambda: as_json(v2(description="{{" * 50_000 + "{{random:" + "a," * 50_000)), None),
    "patterns that never end": (
        lambda: as_json(v3(character_book=book(*[entry(*PATTERNS, use_regex=True)] * 200))),
        None,
    ),
    # ---- something else ----------------------------------------------------------------------------------------------
    "an empty file": (lambda: b"", "file_empty"),
    "spaces": (lambda: b" \n" * 1000, "file_empty"),
    "a web page": (lambda: b"<!DOCTYPE html><html><body>Not found</body></html>", "file_html"),
    "a picture in SVG": (lambda: b"\xef\xbb\xbf<svg onload='x'/>", "file_html"),
    "a JPEG": (lambda: b"\xff\xd8\xff\xe0" + bytes(1000), "file_picture"),
    "a WebP": (lambda: b"RIFF\x10\0\0\0WEBPVP8 " + bytes(1000), "file_picture"),
    "a program": (lambda: b"\x7fELF" + bytes(1000), "no_json"),
    "33 MiB": (lambda: bytes(33 * MIB), "file_large"),
}

if __name__ == "__main__":
    # In a process of its own: what each file on the command line costs, in a child that has done nothing else yet.
    import os
    import resource

    from discord_bot.chat import cards
    from discord_bot.chat.persona import from_card
    from discord_bot.errors import CardRefused

    cards.read(charx(v3(), {"a": b""})), cards.read(png(text("chara", v2())))
    for path in sys.argv[1:]:
        with open(path, "rb") as opened:  # noqa: PTH123
            file = opened.read()
        sys.stdout.flush()
        if os.fork() == 0:
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
            try:
                from_card(cards.read(file))
                reason = None
            except CardRefused as error:
                reason = error.reason
            after = resource.getrusage(resource.RUSAGE_SELF)
            print(json.dumps([reason, after.ru_utime - before, (after.ru_maxrss - memory) / 1024]))  # noqa: T201
            sys.stdout.flush()
            os._exit(0)
        os.wait()
