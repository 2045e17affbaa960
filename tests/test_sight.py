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
from discord_bot.simulator.model import Turn
from discord_bot.simulator.world import channels, messages
from discord_bot.simulator.world.drafts import read_draft
from discord_bot.simulator.world.forms import Form
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


async def kept(here: Running, count: int) -> None:
    """Waits until so many pictures are kept."""
    await here.until(lambda: len(here.bot.conversations.seen) == count)


@pytest.mark.parametrize(
    "how", ["deleted", "deleted in bulk", "edited away", "opted out", "forgotten", "channel deleted"]
)
async def test_what_was_seen_goes_with_its_message(how: str, tmp_path: Path) -> None:
    """And other people's pictures stay, where they are not meant, too."""
    async with community(tmp_path, ["Yes.", "Yes."]) as here:
        general, kim, mo = here.channel("general"), here.person("kim"), here.person("mo")
        await mo.send(here.channel("tavern"), "a picture", attachments=[("a.png", picture("png"))])
        await here.ask("mo", "tavern", "well?")
        mine = await post(here, "b.png", picture("png", colour="blue"))
        await here.ask("ada", "general", "well?")
        await kept(here, 2)
        match how:
            case "deleted":
                await kim.delete(mine)
            case "deleted in bulk":
                await mo.delete_many(general, [mine, await kim.send(general, "hm")])
            case "edited away":
                message = here.simulator.world.messages[general.id][int(mine["id"])]
                draft = read_draft(Form({"content": "look", "attachments": []}))
                here.simulator.dispatch(messages.edit(here.simulator.world, kim.id, general, message, draft))
            case "opted out":
                await kim.command(general, "privacy", read="off")
            case "forgotten":
                await mo.command(general, "forget")
            case _:
                here.simulator.dispatch(channels.delete(here.simulator.world, here.person("ada").id, general))
        await kept(here, 1)
        here.simulator.world.files.clear()
        await here.ask("mo", "tavern", "and now?")
        assert len(seen(here.sent())) == 1


async def test_what_is_deleted_while_it_is_fetched_is_not_kept(tmp_path: Path) -> None:
    """The answer under way is the only one that has seen it."""

    class DeletedMeanwhile(dict[int, bytes]):
        def get(self, key: int, default: Any = None) -> Any:
            data = super().get(key, default)
            here.simulator.dispatch(messages.delete(here.simulator.world, here.person("kim").id, general, message))
            return data

    async with community(tmp_path, ["Yes."]) as here:
        general = here.channel("general")
        posted = await post(here, "a.png", picture("png"))
        message = here.simulator.world.messages[general.id][int(posted["id"])]
        here.simulator.world.files = DeletedMeanwhile(here.simulator.world.files)
        await here.ask("ada", "general", "well?")
        assert message.id not in here.simulator.world.messages[general.id]
        buffer = here.bot.conversations.open(general.id).buffer
        await here.until(lambda: buffer.get(message.id) is None)
        await kept(here, 0)


async def test_what_only_a_command_shows_is_not_kept(tmp_path: Path) -> None:
    """Nobody would tell of its deletion."""
    async with community(tmp_path, ["Red."]) as here:
        asked = await here.person("ada").command(
            here.channel("general"), "ask", message="which colour?", file=("a.png", picture("png"))
        )
        await asked.finished()
        await here.idle()
        assert len(seen(here.sent())) == 1
        await kept(here, 0)


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
