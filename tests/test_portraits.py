"""Pictures: what is decoded, what is drawn, and what is too much."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from io import BytesIO

import pytest
from PIL import Image

from discord_bot import portraits
from discord_bot.errors import CardRefused
from tests.chat.making_cards import END, SIGNATURE, chunk, header


def made(kind: str, size: tuple[int, int], colour: str = "teal") -> bytes:
    written = BytesIO()
    Image.new("RGB", size, colour).save(written, kind)
    return written.getvalue()


def opened(data: bytes) -> Image.Image:
    picture = Image.open(BytesIO(data))
    picture.load()
    assert picture.format == "PNG"
    return picture


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_every_kind_becomes_a_png_of_the_same_size(kind: str) -> None:
    assert opened(portraits.as_png(made(kind, (30, 40)))).size == (30, 40)


def test_a_face_is_square_and_not_large() -> None:
    assert opened(portraits.face(made("PNG", (900, 1400)))).size == (portraits.FACE, portraits.FACE)
    assert opened(portraits.face(made("PNG", (30, 40)))).size == (30, 30)


def test_a_drawn_picture_goes_by_the_name() -> None:
    assert opened(portraits.plain("Aria")).size == portraits.DRAWN
    assert portraits.plain("Aria") == portraits.plain("Aria") != portraits.plain("林小檐")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense",
        SIGNATURE,
        b"RIFF\x10\0\0\0WEBPVP8 ",
        b"GIF89a",
        made("PNG", (50, 50))[:-60],
        made("BMP", (5, 5)),
    ],
)
def test_what_can_not_be_decoded_is_refused(data: bytes) -> None:
    with pytest.raises(CardRefused) as caught:
        portraits.face(data)
    assert caught.value.reason == "picture_unreadable"


@pytest.mark.parametrize("side", [14_143, 2**31 - 1])
def test_a_picture_of_too_many_pixels_is_not_decoded(side: int) -> None:
    rows = chunk(b"IDAT", zlib.compress(bytes(64)))
    file = SIGNATURE + header(side, side) + rows + chunk(b"tEXt", b"a\0b" + struct.pack(">I", 0)) + END
    tracemalloc.start()
    try:
        with pytest.raises(CardRefused):
            portraits.face(file)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()
