"""The sample cards that are kept beside the repository, each with what it must become, through the owner's commands."""

from __future__ import annotations

import hashlib
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from discord_bot.chat import cards
from discord_bot.chat.buffered import BufferedMessage
from discord_bot.chat.cards.assets import asset_bytes
from discord_bot.chat.history import History
from discord_bot.chat.macros import Macros
from discord_bot.chat.persona import from_card
from discord_bot.chat.prompt import build
from discord_bot.config import Settings, load_settings
from discord_bot.errors import CardRefused
from discord_bot.persona_commands import Terminal, export_card, import_card, show_persona

SAMPLES = Path(__file__).parent.parent.parent / "shared" / "cards"
REASON = "the sample cards of ../shared/cards are not here"
Json = dict[str, Any]


def samples(kind: str) -> list[Any]:
    found = sorted(SAMPLES.glob(f"{kind}/*.expect.json"))
    if not found:
        return [pytest.param(None, marks=pytest.mark.skip(reason=REASON))]
    return [pytest.param(path.with_name(path.name.removesuffix(".expect.json")), id=path.name) for path in found]


def expected(sample: Path) -> Json:
    told: Json = json.loads(sample.with_name(f"{sample.name}.expect.json").read_text("utf-8"))
    return told


@pytest.fixture
def owner(tmp_path: Path) -> Settings:
    (tmp_path / "config.yaml").write_text(
        "providers: {here: {base_url: http://127.0.0.1:9/v1}}\nmodels: {here/model: }\n"
        f"personas: {{assistant: Be kind.}}\nstore: {{url: 'sqlite:///{tmp_path}/bot.db'}}\n",
        "utf-8",
    )
    return load_settings(tmp_path / "config.yaml", {})


def terminal() -> tuple[Terminal, list[str], list[str]]:
    written: list[str] = []
    told: list[str] = []
    return Terminal(written.append, told.append, "en"), written, told


def same(fields: Json, wanted: Json) -> bool:
    """But for dates of writing, a picture's icon more, and where an asset is."""
    if fields.get("modification_date") is not None and "modification_date" not in wanted:
        fields = {key: value for key, value in fields.items() if key != "modification_date"}
    assets = [{**asset, "uri": ""} for asset in fields.pop("assets", [])]
    wanted_assets = [{**asset, "uri": ""} for asset in wanted.get("assets", [])]
    icon = {"type": "icon", "uri": "", "name": "main", "ext": "png"}
    rest = {key: value for key, value in wanted.items() if key != "assets"}
    return fields == rest and assets in (wanted_assets, [*wanted_assets, icon])


@pytest.mark.parametrize("sample", samples("valid"))
async def test_a_valid_card_becomes_what_it_must_and_comes_out_of_every_container(
    sample: Path, owner: Settings, tmp_path: Path
) -> None:
    wanted = expected(sample)
    speaking, written, told = terminal()
    await import_card(owner, sample, speaking)
    assert written[-1] == wanted["name"]
    for each in wanted["warnings"]:
        assert all(word in "\n".join(told) for word in each["mentions"])
    assert len(told) == len(wanted["warnings"])

    speaking, written, _ = terminal()
    await show_persona(owner, wanted["name"], speaking, as_json=True)
    shown = json.loads(written[0])
    assert (shown["name"], shown["spec"], shown["data"]) == (wanted["name"], wanted["spec"], wanted["fields"])
    assert [each["code"] for each in shown["warnings"]] == [each["code"] for each in wanted["warnings"]]
    assert shown["root"].items() >= wanted.get("root_keep", {}).items()

    for suffix in ("json", "png", "charx"):
        out = tmp_path / f"out.{suffix}"
        await export_card(owner, wanted["name"], out, speaking)
        again = cards.read(out.read_bytes())
        assert same(dict(again.data), wanted["fields"]), suffix
        assert again.document.spec == "v3"
        assert again.document.root.items() >= wanted.get("root_keep", {}).items()
        if "image" in wanted:
            assert again.picture is not None
            assert again.picture.size == tuple(wanted["image"])
        for index, digest in wanted.get("asset_sha256", {}).items():
            asset = again.data["assets"][int(index)]
            found = asset_bytes(again, asset)
            if asset["uri"] == "ccdefault:":
                assert again.picture is not None
                found = again.picture.data
            assert found is not None
            assert hashlib.sha256(found).hexdigest() == digest


@pytest.mark.parametrize("sample", samples("hostile"))
async def test_a_hostile_file_is_refused_or_contained(sample: Path, owner: Settings, tmp_path: Path) -> None:
    wanted = expected(sample)
    speaking, written, _ = terminal()
    try:
        await import_card(owner, sample, speaking)
    except CardRefused:
        return
    assert wanted["must"] == "contain"
    name = written[-1]
    assert name.isprintable()
    assert 0 < len(name) <= 100
    for suffix in ("json", "png", "charx"):
        out = tmp_path / f"out.{suffix}"
        await export_card(owner, name, out, speaking)
        assert not any(text.encode() in out.read_bytes() for text in wanted.get("forbid", ()))
        assert cards.read(out.read_bytes()).name == name


CASES = [
    pytest.param(sample, case, id=f"{sample.name} {number}")
    for kind in ("valid", "hostile")
    for sample in (param.values[0] for param in samples(kind) if param.values[0] is not None)
    for number, case in enumerate(expected(sample).get("prompt_cases", ()))
] or [pytest.param(None, None, marks=pytest.mark.skip(reason=REASON))]


@pytest.mark.parametrize(("sample", "case"), CASES)
def test_the_prompt_holds_the_lore_that_it_must(sample: Path, case: Json) -> None:
    persona = from_card(cards.read(sample.read_bytes()))
    messages = [
        BufferedMessage(number, 1, "bot", each["content"], own=True, answers=number - 1)
        if each["role"] == "assistant"
        else BufferedMessage(number, 7, "Ada", each["content"])
        for number, each in enumerate([*case["history"], {"role": "user", "content": case["user"]}], 1)
    ]
    began = time.process_time()
    made = build(
        persona,
        History(tuple(messages)),
        budget=8_000,
        now=datetime(2026, 11, 22, tzinfo=UTC),
        asker="Ada",
        greeting=case.get("greeting_index", 0),
    )
    assert time.process_time() - began < case.get("limit_s", 2)
    text = "\n".join(str(message.content) for message in made.messages)
    active = sorted(each.index for each in made.lore.active)
    assert active in [case["activated_entries"], *case.get("activated_entries_any_of", ())]
    places = {each.index: text.index(each.text) for each in made.lore.active}
    if active == case["activated_entries"]:
        assert sorted(places, key=lambda index: places[index]) == case["order"]
    assert all(piece in text for piece in case.get("prompt_contains", ()))
    assert not any(piece in text for piece in case.get("prompt_excludes", ()))
    for index, place in case.get("placement", {}).items():
        (entry,) = (each for each in made.lore.active if each.index == int(index))
        assert (entry.depth, entry.role) == (place.get("depth", entry.depth), place.get("role", entry.role))


MACROS = [
    pytest.param(sample, case, id=case["template"])
    for sample in (param.values[0] for param in samples("valid") if param.values[0] is not None)
    for case in expected(sample).get("macro_cases", ())
] or [pytest.param(None, None, marks=pytest.mark.skip(reason=REASON))]


@pytest.mark.parametrize(("sample", "case"), MACROS)
def test_a_macro_comes_to_what_it_must(sample: Path, case: Json) -> None:
    char = from_card(cards.read(sample.read_bytes())).called
    results = {
        Macros(char, case.get("user_name", "User"), seed).expand(case["template"], original=case.get("original"))
        for seed in range(30)
    }
    assert results <= set(case["one_of"])
    assert len(results) == 1 or not case.get("stable")
