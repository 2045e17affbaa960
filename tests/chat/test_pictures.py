"""Pictures in answers, in the shapes in which servers send them."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discord_bot.chat.pictures import MAX_BYTES, MAX_PICTURES, Picture, pictures_in, without_inline

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 20
WEBP = b"RIFF\0\0\0\0WEBPVP8 "


def url(data: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{b64encode(data).decode()}"


@pytest.mark.parametrize(
    ("given_as", "name", "data"),
    [
        (url(PNG), "picture-1.png", PNG),
        (url(JPEG, "image/png"), "picture-1.jpg", JPEG),
        (url(WEBP, "image/webp"), "picture-1.webp", WEBP),
        (url(b"GIF89a" + b"\0" * 9, "image/gif"), "picture-1.gif", b"GIF89a" + b"\0" * 9),
        (b64encode(PNG).decode(), "picture-1.png", PNG),
        ("data:image/png;base64," + "\n".join(b64encode(PNG).decode()), "picture-1.png", PNG),
        ("data:image/gif," + "".join(f"%{byte:02x}" for byte in b"GIF89a\0"), "picture-1.gif", b"GIF89a\0"),
    ],
)
def test_a_picture_is_named_for_what_its_bytes_are(given_as: str, name: str, data: bytes) -> None:
    """Whatever the server calls it."""
    assert pictures_in([given_as]) == ([Picture(name, data)], [])


@pytest.mark.parametrize(
    "given_as",
    ["", "data:", "data:image/png;base64", "data:image/png;base64,@@", url(b"<svg/>", "image/svg+xml"), url(b"MZ\x90"),
     "javascript:alert(1)", "https://x/ y", "https://x/" + "y" * 2000, url(PNG + b"\0" * MAX_BYTES)],
)  # fmt: skip
def test_what_is_no_picture_is_left_out(given_as: str) -> None:
    """Or what is too large, or would run somewhere."""
    assert pictures_in([given_as]) == ([], [])


def test_an_address_is_not_fetched() -> None:
    """It is an address, to be shown."""
    assert pictures_in(["https://cdn.invalid/a.png", url(PNG)]) == (
        [Picture("picture-1.png", PNG)], ["https://cdn.invalid/a.png"],
    )  # fmt: skip


def test_there_are_never_more_than_a_message_holds() -> None:
    """The first ones."""
    assert len(pictures_in([url(PNG)] * 40)[0]) == MAX_PICTURES


def test_a_picture_in_the_text_is_taken_out_of_it() -> None:
    """It comes back as a URL; other pictures, and words, stay."""
    text = f"Look: ![cat]({url(PNG)})\nand ![dog](https://x/dog.png)"
    assert without_inline(text) == ("Look: \nand ![dog](https://x/dog.png)", [url(PNG)])


@given(st.integers(0, 200))
def test_a_growing_picture_is_never_shown(cut: int) -> None:
    """However much of it has come, no base64 stands in the text."""
    text = f"Look: ![cat]({url(PNG * 4)}) there"
    shown, _ = without_inline(text[:cut])
    assert "base64" not in shown


@given(st.text())
def test_any_text_is_survived(text: str) -> None:
    """Without a picture it stays as it is; as a URL it is at most an address."""
    if "data:image/" not in text:
        assert without_inline(text) == (text, [])
    pictures_in([text, f"data:{text}", f"data:image/png;base64,{text}"])
