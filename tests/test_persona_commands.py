"""`discord-bot persona` as its owner meets it: a process, its output, its exit status; and what the bot has of it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from discord_bot.chat import cards
from discord_bot.simulator.model import ModelEndpoint
from tests.chat.hostile_cards import FILES
from tests.chat.making_cards import PICTURE, Json, as_json, charx, png, text, v1, v2, v3
from tests.running import community

ROOT = Path(__file__).parent.parent
QUIET = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": "/nonexistent"}
CONFIG = """
providers: {{here: {{base_url: "http://127.0.0.1:9/v1"}}}}
models: {{here/model: }}
personas:
  assistant: Be kind.
  pirate: {{system_prompt: Ahoy., description: Salty, greetings: [Arr., Hm.], nickname: Marlowe, tags: sea}}
store: {{url: "sqlite:///{directory}/bot.db"}}
{more}
"""


class Owner:
    """Somebody at a terminal."""

    def __init__(self, directory: Path, more: str = "") -> None:
        self.directory = directory
        self.config = directory / "config.yaml"
        self.config.write_text(CONFIG.format(directory=directory, more=more), "utf-8")

    async def __call__(self, *arguments: str, language: str = "C.UTF-8") -> tuple[int | None, str, str]:
        """The exit status, and what stands on standard output and on standard error."""
        command = [sys.executable, "-m", "discord_bot", "persona", *arguments, "--config", str(self.config)]
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=QUIET | {"LANG": language}, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with asyncio.timeout(30):
            output, errors = await process.communicate()
        return process.returncode, output.decode(), errors.decode()

    def file(self, name: str, data: bytes) -> str:
        path = self.directory / name
        path.write_bytes(data)
        return str(path)


@pytest.fixture
def owner(tmp_path: Path) -> Owner:
    return Owner(tmp_path)


async def test_from_a_png_to_every_other_kind(owner: Owner) -> None:
    card = v2("Aria Voss", description="A singer.", x_kept={"a": [1, None]})
    status, output, errors = await owner("import", owner.file("anything.bin", png(text("chara", card))))
    assert (status, output.splitlines()[-1], errors) == (0, "Aria Voss", "")
    for suffix in (".json", ".png", ".charx"):
        out = owner.directory / f"out{suffix}"
        status, output, errors = await owner("export", "aria voss", "--out", str(out))
        assert (status, output, errors) == (0, f"{out}\n", "")
        again = cards.read(out.read_bytes())
        assert card["data"].items() <= again.data.items()
        assert again.picture is not None
        assert again.picture.data == PICTURE
        assert isinstance(again.data["modification_date"], int)
    shown = json.loads((await owner("show", "Aria Voss", "--json"))[1])
    assert (shown["name"], shown["spec"], shown["data"]["x_kept"]) == ("Aria Voss", "v2", {"a": [1, None]})
    assert shown["picture"]["size"] == [2, 3]


async def test_what_is_there_is_listed_and_shown(owner: Owner) -> None:
    await owner(
        "import", owner.file("a.json", as_json(v3("Aria", creator_notes="Sings.\nAlways.", first_mes="La.\x1b[2J")))
    )
    _, output, _ = await owner("list")
    assert output.splitlines() == [
        "assistant (config.yaml)",
        "pirate (config.yaml): Salty",
        "Aria (library): Sings.",
    ]
    listed = json.loads((await owner("list", "--json"))[1])
    assert listed[2] == {"name": "Aria", "description": "Sings.", "from": "library"}
    status, output, _ = await owner("show", "Aria")
    assert status == 0
    assert "first_mes:\nLa.\N{REPLACEMENT CHARACTER}[2J" in output


async def test_a_persona_of_the_configuration_is_exported_as_a_card(owner: Owner) -> None:
    out = owner.directory / "pirate.json"
    assert (await owner("export", "Pirate", "--out", str(out)))[0] == 0
    card: Json = json.loads(out.read_bytes())["data"]
    assert (card["name"], card["system_prompt"], card["first_mes"]) == ("pirate", "Ahoy.", "Arr.")
    assert (card["alternate_greetings"], card["nickname"], card["tags"]) == (["Hm."], "Marlowe", ["sea"])


async def test_the_same_name_again_takes_the_place_and_says_so(owner: Owner) -> None:
    await owner("import", owner.file("a.json", as_json(v1("Aria", description="old"))))
    status, output, errors = await owner("import", owner.file("a.json", as_json(v1("ARIA", description="new"))))
    assert (status, output.splitlines()[-1]) == (0, "ARIA")
    assert "takes the place" in errors
    assert json.loads((await owner("show", "aria", "--json"))[1])["data"]["description"] == "new"


async def test_warnings_stand_beside_the_output(owner: Owner) -> None:
    file = owner.file("a.json", as_json({**v3(), "spec_version": "3.7"}))
    status, output, errors = await owner("import", file)
    assert (status, output) == (0, "Aria\n")
    assert "3.7" in errors
    assert "版本" in (await owner("import", file, language="zh_CN.UTF-8"))[2]


@pytest.mark.parametrize("name", ["a bomb in zTXt", "100,000 lists in each other", "a web page", "a link for the card"])
async def test_a_refused_file_is_one_sentence_and_status_1(name: str, owner: Owner) -> None:
    status, output, errors = await owner("import", owner.file("card.png", FILES[name][0]()))
    assert (status, output) == (1, "")
    assert errors.count("\n") == 1
    assert errors.endswith(".\n")
    assert "Traceback" not in errors


async def test_what_is_not_there_or_can_not_be_is_one_sentence(owner: Owner) -> None:
    await owner("import", owner.file("a.json", as_json(v1())))
    for arguments in (
        ("import", "nowhere.png"),
        ("import", str(owner.directory)),
        ("show", "nobody"),
        ("export", "nobody", "--out", str(owner.directory / "a.png")),
        ("export", "Aria", "--out", str(owner.directory / "a.txt")),
        ("export", "Aria", "--out", str(owner.directory / "no" / "a.png")),
    ):
        status, output, errors = await owner(*arguments)
        assert (status, output) == (1, ""), arguments
        assert errors.count("\n") == 1, errors
        assert "Traceback" not in errors


async def test_a_card_without_a_picture_gets_one_and_another_kind_is_converted(owner: Owner) -> None:
    from io import BytesIO

    from PIL import Image

    webp = BytesIO()
    Image.new("RGB", (20, 30), "teal").save(webp, "WEBP")
    icon = {"type": "icon", "uri": "embeded://assets/main.webp", "name": "main", "ext": "webp"}
    await owner("import", owner.file("a.json", as_json(v3("Plain"))))
    await owner(
        "import", owner.file("b.charx", charx(v3("Webb", assets=[icon]), {"assets/main.webp": webp.getvalue()}))
    )
    for name in ("Plain", "Webb"):
        out = owner.directory / f"{name}.png"
        assert (await owner("export", name, "--out", str(out)))[0] == 0
        with Image.open(out) as opened:
            opened.load()
            assert opened.size == ((20, 30) if name == "Webb" else (400, 600))
    again = cards.read((owner.directory / "Webb.png").read_bytes())
    assert again.data["assets"][0]["uri"].startswith("data:image/webp;base64,")


async def test_a_folder_of_cards_is_a_library_that_nobody_writes_to(tmp_path: Path) -> None:
    owner = Owner(tmp_path, "persona_folder: cast")
    (tmp_path / "cast").mkdir()
    owner.file("cast/1.png", png(text("ccv3", v3("Aria", description="first"))))
    owner.file("cast/2.json", as_json(v3("Aria", description="second")))
    owner.file("cast/3.json", b"nonsense")
    owner.file("cast/notes.txt", b"nonsense")
    assert "Aria (persona_folder)" in (await owner("list"))[1]
    assert json.loads((await owner("show", "ARIA", "--json"))[1])["data"]["description"] == "first"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "discord_bot", "check", "--config", str(owner.config), cwd=ROOT, env=QUIET,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output = (await process.communicate())[0].decode()
    assert "1 cards" in output
    assert "3.json: This is no character card" in " ".join(output.split())


async def test_a_folder_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    owner = Owner(tmp_path, "persona_folder: nowhere")
    status, _, errors = await owner("list")
    assert (status, errors.count("\n")) == (1, 1)
    assert "nowhere" in errors


async def test_a_question_from_the_terminal_is_answered_by_an_imported_card(tmp_path: Path) -> None:
    async with ModelEndpoint(["Tick."], pace=0.0) as model:
        owner = Owner(tmp_path)
        owner.config.write_text(
            owner.config.read_text("utf-8").replace("http://127.0.0.1:9/v1", model.base_url), "utf-8"
        )
        await owner("import", owner.file("t.json", as_json(v3("Tessa", description="{{char}} repairs clocks."))))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "discord_bot", "ask", "--config", str(owner.config), "--persona", "tessa", "Hm?",
            cwd=ROOT, env=QUIET, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output, _ = await process.communicate()
        (request,) = model.requests
    assert (process.returncode, output) == (0, b"Tick.\n")
    assert "Tessa repairs clocks." in request["messages"][0]["content"]
    assert request["messages"][-1]["content"].startswith("Hm?")


async def test_the_bot_speaks_as_an_imported_card(tmp_path: Path) -> None:
    """From a file to an answer in character: the whole way, but for the binding's own face."""
    lore = {"entries": [{"keys": ["ladder"], "content": "The third rung creaks.", "extensions": {}, "enabled": True,
                         "insertion_order": 1, "use_regex": False}]}  # fmt: skip
    owner = Owner(tmp_path)
    card = v3("Tessa", description="{{char}} repairs clocks.", character_book=lore)
    assert (await owner("import", owner.file("t.json", as_json(card))))[0] == 0
    async with community(tmp_path, ["Mind it."]) as here:
        invocation = await here.person("mo").command(here.channel("general"), "persona set", name="tessa")
        assert "Tessa" in (await invocation.finished()).content
        await here.ask("ada", "general", "May I climb the ladder?")
        told = "\n".join(each["content"] for each in here.sent())
    assert "Tessa repairs clocks." in told
    assert "The third rung creaks." in told
