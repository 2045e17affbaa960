"""A file's bytes become text, whatever they are encoded in; or a reason why not, and the work on them always ends."""

from __future__ import annotations

import asyncio
import random
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

from discord_bot.chat.files import Reading
from discord_bot.files import formats
from discord_bot.files.apart import Work, work
from tests.making_files import (
    encrypted_pdf,
    endless_pdf,
    pdf,
    pdf_bomb,
    pdf_of_many_words,
    pdf_of_pictures,
)

CHINESE = "# 配置\nname = 张三\n城市：北京"
JAPANESE = "名前,年齢\n山田太郎,30\nこんにちは、世界。"
FRENCH = "café, déjà vu, naïve résumé\nligne deux"
KOREAN = "// 설정 파일을 읽습니다\nint main() {}"
RUSSIAN = "Имя,возраст\nИван,30"


async def read(data: bytes, *, characters: int = 10_000, pages: int = 20) -> Reading:
    return await formats.read(data, characters=characters, pages=pages)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((CHINESE, each) for each in ("utf-8", "utf-8-sig", "utf-16", "gb18030")),
        *((JAPANESE, each) for each in ("utf-8", "cp932")),
        *((FRENCH, each) for each in ("latin-1", "cp1252", "utf-32")),
        (KOREAN, "cp949"),
        *((RUSSIAN, each) for each in ("cp1251", "koi8-r")),
        ("def f() -> int:\n    return 1", "ascii"),
        ("plain, and Zürich\nin two lines", "utf-16-le"),
    ],
)
async def test_text_is_read_whatever_it_is_encoded_in(text: str, encoding: str) -> None:
    assert await read(text.encode(encoding)) == Reading(text)


async def test_some_broken_characters_do_not_make_another_encoding_of_it() -> None:
    found = await read(("很长的一行，都是中文。" * 20).encode() + b"\xff\n" + "完".encode())
    assert found.text.endswith("中文。\ufffd\n完")


async def test_a_long_text_is_read_up_to_the_limit_and_what_is_left_out_is_counted() -> None:
    found = await read("\n".join(f"第 {number} 行" for number in range(50_000)).encode(), characters=1_000)
    assert found.text.startswith("第 0 行\n第 1 行\n")
    assert len(found.text) <= 1_000
    assert found.lines + found.text.count("\n") == 49_999
    assert await read(b"x" * 5_000, characters=1_000) == Reading("x" * 1_000, characters=4_000)


async def test_what_nobody_sees_in_a_text_is_left_out() -> None:
    assert await read(b"\x1b[31mred\x1b[0m\x07 \r\nnext\rlast \n") == Reading("red\nnext\nlast")


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04\x14\x00\x00\x00" * 50,
        b"\x7fELF\x02\x01\x01" + bytes(200),
        bytes(range(256)) * 20,
        random.Random(7).randbytes(5_000),
        b"text at first\n" * 20 + bytes(range(20)) * 50,
    ],
    ids=["ZIP", "ELF", "all bytes", "noise", "text and noise"],
)
async def test_what_is_no_text_is_known_by_its_bytes(data: bytes) -> None:
    assert await read(data) == Reading(why="binary")


async def test_nothing_is_nothing() -> None:
    assert [await read(each) for each in (b"", b" \n\t\n", b"\xef\xbb\xbf")] == [Reading(why="empty")] * 3


async def test_the_first_pages_of_a_pdf_are_read() -> None:
    document = pdf("Hello\nsecond line", "[page 1 of 9]", "three")
    assert await read(document, pages=2) == Reading(
        "[page 1 of 3]\nHello\nsecond line\n[page 2 of 3]\n\\[page 1 of 9]", pages=1
    )
    assert await read(b"\n\n" + document, characters=5) == Reading("[page 1 of 3]\nHello\nsecond line", pages=2)


async def test_a_pdf_is_known_behind_other_bytes_and_a_text_that_speaks_of_pdfs_is_a_text() -> None:
    assert (await read(b"\x00\xff\x01 from a scanner" + pdf("Hello"))).text == "[page 1 of 1]\nHello"
    assert (await read(b'MARK = b"%PDF-1.7"')).text == 'MARK = b"%PDF-1.7"'


async def test_a_pdf_that_only_its_author_may_change_is_read() -> None:
    assert (await read(encrypted_pdf("for all", ""))).text == "[page 1 of 1]\nfor all"


@pytest.mark.skipif(find_spec("cryptography") is not None, reason="with `cryptography`, pypdf knows AES")
@pytest.mark.parametrize("bits", [128, 256])
async def test_where_that_is_said_with_aes_it_is_encrypted_though_it_asks_nobody_for_a_password(bits: int) -> None:
    """pypdf wrote these, with `cryptography` beside it."""
    document = Path(__file__).parent / "data" / "files" / f"aes_{bits}_without_a_password.pdf"
    assert await read(document.read_bytes()) == Reading(why="encrypted")


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (encrypted_pdf("secret", "password"), "encrypted"),
        (pdf_of_pictures(), "pictures"),
        (pdf_bomb(), "demanding"),
        (b"%PDF-1.7\nnothing else", "damaged"),
        (pdf("text")[:300], "damaged"),
    ],
    ids=["encrypted", "pictures", "bomb", "no PDF", "half"],
)
async def test_a_pdf_that_gives_no_text_says_why(document: bytes, why: str) -> None:
    assert await read(document) == Reading(why=why)


async def test_a_pdf_that_leads_in_a_circle_is_read_or_refused_but_ends() -> None:
    assert await read(endless_pdf()) in (Reading("[page 1 of 1]\nround"), Reading(why="damaged"))


async def test_a_page_that_takes_too_long_is_ended_and_the_pages_before_it_count() -> None:
    facts = await work(Work.PDF, pdf_of_many_words("first"), 20, 10_000, seconds=2)
    assert facts == [{"count": 2}, {"text": "first\n"}]


async def test_the_process_knows_no_secret_and_ends_when_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    def readers() -> list[psutil.Process]:
        return [each for each in psutil.Process().children() if "reader.py" in " ".join(each.cmdline())]

    monkeypatch.setenv("DISCORD_TOKEN", "secret")
    reading = asyncio.create_task(read(pdf_of_many_words()))
    async with asyncio.timeout(20):
        while not (found := readers()):
            await asyncio.sleep(0.01)
        assert "DISCORD_TOKEN" not in found[0].environ()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
    assert readers() == []
