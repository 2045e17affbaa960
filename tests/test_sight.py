"""Pictures that people post: seen by a model that can, told of in a line where it can't, and never a danger."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from discord_bot.errors import CardRefused
from discord_bot.portraits import SEEN, for_a_model
from discord_bot.simulator.model.endpoint import Turn
from tests.running import Running, community
from tests.test_persistence import refusal


def picture(kind: str, size: tuple[int, int] = (40, 30), colour: str = "red") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, kind)
    return written.getvalue()


def bomb() -> bytes:
    """A PNG that claims 60,000 times 60,000 pixels in a few hundred bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    )


def seen(messages: list[dict[str, Any]]) -> list[Image.Image]:
    """The pictures in a request, decoded."""
    parts = [part for each in messages if isinstance(each["content"], list) for part in each["content"]]
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return [Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) for url in urls]


async def post(here: Running, name: str, data: bytes) -> dict[str, Any]:
    return await here.person("kim").send(here.channel("general"), "look", attachments=[(name, data)])


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "gif"])
async def test_a_model_sees_the_picture_below_its_message(tmp_path: Path, kind: str) -> None:
    async with community(tmp_path, ["Red."]) as here:
        await post(here, f"a.{kind}", picture(kind, (3_000, 1_500)))
        await here.ask("ada", "general", "which colour?")
        text, image, question = here.sent()[-1]["content"][:3]
        assert text["text"].startswith("Kim: look\n  [picture: a.")
        assert image["image_url"]["url"].startswith("data:image/jpeg;base64,")
        assert question["text"].startswith("Ada: which colour?")
        [shown] = seen(here.sent())
        assert max(shown.size) == SEEN
        red, green, blue = shown.convert("RGB").getpixel((9, 9))  # type: ignore[misc]
        assert red > 200 > 60 > max(green, blue)


async def test_only_the_newest_few_are_fetched_once_each_and_only_when_somebody_asks(tmp_path: Path) -> None:
    async with community(tmp_path, ["Yes.", "Yes.", "Yes."], more="conversation: {max_images: 2}") as here:
        for colour in ("red", "green", "blue"):
            await post(here, f"{colour}.png", picture("png", colour=colour))
        await here.ask("ada", "general", "well?")
        assert len(seen(here.sent())) == 2
        here.simulator.world.files.clear()
        await here.ask("ada", "general", "and now?")
        assert len(seen(here.sent())) == 2  # they were kept
        await post(here, "late.png", picture("png"))
        here.simulator.world.files.clear()
        await here.ask("ada", "general", "and that?")
        assert len(seen(here.sent())) == 1
        assert "[picture: late.png]\n  [picture can't be loaded]" in here.sent()[-1]["content"]


async def test_where_the_model_cannot_see_it_says_so_in_a_line_and_is_not_shown_again(tmp_path: Path) -> None:
    script: list[Turn] = [refusal(400, "this model does not support image input"), "I can't see it.", "Still not."]
    async with community(tmp_path, script) as here:
        await post(here, "a.png", picture("png"))
        assert [each["content"] for each in await here.ask("ada", "general", "well?")] == ["I can't see it."]
        assert "a picture that this model can't see" in here.sent()[-1]["content"]
        await here.ask("ada", "general", "and now?")
        assert "[picture: a.png]" in here.sent()[1]["content"]
        assert len(here.model.requests) == 3


@pytest.mark.parametrize(
    ("data", "said"), [(bomb(), "[picture too large]"), (b"\x89PNG\r\n\x1a\nno", "[picture can't be read]")]
)
async def test_a_bomb_is_refused_with_a_word(tmp_path: Path, data: bytes, said: str) -> None:
    async with community(tmp_path, ["I see."]) as here:
        await post(here, "a.png", data)
        await here.ask("ada", "general", "well?")
        assert f"[picture: a.png]\n  {said}\n" in here.sent()[-1]["content"]


async def test_a_deleted_picture_is_not_seen(tmp_path: Path) -> None:
    async with community(tmp_path, ["What?"]) as here:
        gone = await post(here, "a.png", picture("png"))
        await here.person("kim").delete(gone)
        await here.ask("ada", "general", "well?")
        assert seen(here.sent()) == []


def test_a_picture_is_turned_upright_and_its_metadata_left_behind() -> None:
    written, exif = io.BytesIO(), Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "where I live"
    Image.new("RGB", (40, 20)).save(written, "JPEG", exif=exif)
    made = for_a_model(written.getvalue())
    assert Image.open(io.BytesIO(made)).size == (20, 40)
    assert b"where I live" not in made


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(CardRefused):
        for_a_model(b"<svg/>")
