"""The workshop of personas, without its page: drafts, answers, and where a persona is saved."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from discord_bot import portraits
from discord_bot.chat import cards
from discord_bot.chat.persona import Own, from_card
from discord_bot.config import load_settings
from discord_bot.errors import CardRefused, CompletionError, PersonaError
from discord_bot.library import written_as
from discord_bot.playground.drafts import card_of, changes, draft_of, for_config, with_picture
from discord_bot.playground.sentences import NotUnderstoodError, explain
from discord_bot.playground.workshop import Turn, Workshop
from discord_bot.simulator.model import Fault, ModelEndpoint
from discord_bot.simulator.server import Simulator
from discord_bot.store import Library
from tests.playing import CONFIG, opened, playing

ODD = {
    "spec": "chara_card_v3",
    "spec_version": "3.0",
    "theirs": {"number": 12345678901234567890, "one": 1.0},
    "data": {
        "name": "Seraphina",
        "system_prompt": "You are {{char}}.",
        "first_mes": "Welcome, {{user}}.",
        "tags": ["forest, deep", "calm"],
        "unknown": [1.0, {"x": None}],
        "character_book": {
            "name": "glade",
            "entries": [
                {"keys": ["a{1,2}", "b"], "content": "A pattern.", "use_regex": True, "theirs": 1},
                {
                    "keys": ["glade", "trees"],
                    "content": "It is old.",
                    "position": "before_char",
                    "comment": "The glade",
                },
            ],
        },
    },
}


def odd() -> cards.Card:
    return cards.with_picture(cards.read(json.dumps(ODD).encode()), portraits.plain("Seraphina"))


def through_the_page(draft: dict[str, Any]) -> dict[str, Any]:
    """The draft as it comes back from a page, which has kept all of it as JSON."""
    back = json.loads(json.dumps(draft))
    assert isinstance(back, dict)
    return back


# ---- drafts ----------------------------------------------------------------------------------------------------------


def test_a_card_that_nobody_has_changed_comes_back_as_it_was() -> None:
    card = odd()
    own = Own("a/b", {"temperature": 0.8}, ("Sera",))
    back, back_own = card_of(through_the_page(draft_of(card, own)))
    assert cards.to_json(back) == cards.to_json(card)
    assert back.picture == card.picture
    assert back_own == own
    assert "12345678901234567890" in cards.to_json(back)


def test_what_was_changed_is_changed_and_all_else_of_the_card_stays() -> None:
    draft = through_the_page(draft_of(odd()))
    draft["fields"] |= {"name": "Sera", "greetings": ["Hello.", "Halt!"], "tags": "forest, deep, new", "names": "S, Ra"}
    draft["fields"] |= {"parameters": "temperature: 0.5", "nickname": "S."}
    pattern, glade = draft["lore"]
    new = {"at": None, "name": "New", "keys": "moon", "content": "Full.", "constant": False, "enabled": True}
    draft["lore"] = [{**glade, "keys": "glade, moss", "constant": True}, pattern, new]
    card, own = card_of(draft)
    persona = from_card(card, own)
    assert (persona.name, persona.nickname, persona.greetings) == ("Sera", "S.", ("Hello.", "Halt!"))
    assert persona.tags == ("forest", "deep", "new")
    assert (persona.names, persona.parameters) == (("S", "Ra"), {"temperature": 0.5})
    assert card.data["unknown"] == [1.0, {"x": None}]
    first, second, third = card.data["character_book"]["entries"]
    assert card.data["character_book"]["name"] == "glade"
    assert (first["keys"], first["constant"], first["position"]) == (["glade", "moss"], True, "before_char")
    assert (second["keys"], second["theirs"]) == (["a{1,2}", "b"], 1)
    assert (third["name"], third["keys"], third["content"]) == ("New", ["moon"], "Full.")
    found = {(each["field"], each["number"]): each["lines"] for each in changes(draft_of(odd()), draft)}
    assert found["name", 0] == [("-", "Seraphina"), ("+", "Sera")]
    assert found["greetings", 1] == [("+", "Halt!")]
    assert ("system_prompt", 0) not in found


def test_config_yaml_gets_what_it_has_a_place_for() -> None:
    bare = from_card(cards.made("Ann", system_prompt="You are Ann.", creator_notes="A line."))
    assert for_config(bare) == ({"description": "A line.", "system_prompt": "You are Ann."}, [])
    long = from_card(cards.made("Ann", creator_notes="A line.\nAnd more.", description="Tall."))
    assert for_config(long) == ({"description": "A line.", "system_prompt": ""}, ["creator_notes", "description"])


def test_another_picture_is_the_one_that_every_kind_of_card_shows() -> None:
    first = cards.with_picture(odd(), portraits.plain("somebody"))
    draft = draft_of(cards.read(cards.write_charx(first)))
    other = portraits.plain("somebody else")
    card, _ = card_of(with_picture(draft, other))
    for kind in ("png", "json", "charx"):
        read = cards.read(written_as(card, kind, 0)[0])
        assert read.picture is not None
        assert read.picture.data == other, kind
    with pytest.raises(CardRefused):
        with_picture(draft, b"no picture")


def test_what_can_not_be_read_is_told_of() -> None:
    draft = through_the_page(draft_of(odd()))
    for field, text in (("name", " \n"), ("parameters", "hot")):
        with pytest.raises(NotUnderstoodError):
            card_of({**draft, "fields": {**draft["fields"], field: text}})


# ---- with the bot ----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def working(directory: Path, model: ModelEndpoint) -> AsyncIterator[tuple[Workshop, Simulator]]:
    """The workshop of a playground whose bot asks that model."""
    async with playing(directory, model) as playground:
        assert playground.workshop is not None
        yield playground.workshop, playground.simulator


async def test_from_a_card_to_an_answer_and_into_the_servers_library(tmp_path: Path) -> None:
    scripts = ["Seraphina: I am old.", "I am very old.", "Ahoy"]
    async with ModelEndpoint(scripts, pace=0.0) as model, working(tmp_path, model) as (workshop, simulator):
        guild = next(iter(simulator.world.guilds.values()))
        library = Library("guild", guild.id)
        assert [each["name"] for each in await workshop.known(library)] == ["assistant", "pirate"]
        before = {channel: len(said) for channel, said in simulator.world.messages.items()}

        persona = from_card(odd())
        turns = [Turn("", workshop.greeting(persona, "Ada")), Turn("How old are you?")]
        told: list[str] = []
        answer = await workshop.ask(persona, turns, "Ada", "", told.append)
        assert answer["text"] == "I am old."  # the name before it is the model's imitation
        assert answer["model"] == "stand-in/stand-in"
        assert answer["tokens"]["prompt"] > 0
        roles = [(message["role"], message["parts"][0]["text"]) for message in answer["prompt"]]
        assert roles[0][1].startswith("You are Seraphina.")
        assert ("assistant", "Welcome, Ada.") in roles
        assert any(role == "user" and "How old are you?" in text for role, text in roles)
        assert "Welcome, Ada." in str(model.requests[-1])

        again = [*turns[:-1], Turn("How old are you?", answer["text"]), Turn("Really?")]
        assert (await workshop.ask(persona, again, "Ada", "", told.append))["text"] == "I am very old."
        assert "I am old." in str(model.requests[-1])
        pirate = await workshop.persona(library, "pirate")
        assert (await workshop.ask(pirate, [Turn("Hello")], "Ada", "stand-in/stand-in", told.append))["text"] == "Ahoy"
        assert before == {channel: len(said) for channel, said in simulator.world.messages.items()}

        draft = draft_of(odd())
        assert await workshop.save(draft, library, 1, replaces=False) == "Seraphina"
        with pytest.raises(PersonaError):
            await workshop.save(draft, library, 1, replaces=False)
        await workshop.save(
            {**draft, "fields": {**draft["fields"], "system_prompt": "New."}}, library, 1, replaces=True
        )
        assert (await workshop.take(library, "seraphina"))["fields"]["system_prompt"] == "New."
        with pytest.raises(PersonaError):
            await workshop.take(library, "nobody")

        ada = simulator.person("ada")
        await ada.command("general", "persona set", name="Seraphina")
        async with asyncio.timeout(10):
            while "Seraphina" not in str(simulator.messages("general")):
                await asyncio.sleep(0.02)


async def test_a_model_that_fails_says_so(tmp_path: Path) -> None:
    async with ModelEndpoint([Fault.WRONG_KEY]) as model, working(tmp_path, model) as (workshop, _):
        with pytest.raises(CompletionError) as failed:
            await workshop.ask(from_card(odd()), [Turn("Hello")], "Ada", "", lambda _: None)
        assert "key" in explain(failed.value, "en")


async def test_the_configuration_gets_the_persona_and_keeps_everything_else(tmp_path: Path) -> None:
    async with ModelEndpoint() as model, working(tmp_path, model) as (workshop, _):
        path = tmp_path / "config.yaml"
        path.chmod(0o640)
        draft = draft_of(odd())
        section = workshop.section(draft)
        assert section["text"].startswith("Seraphina:\n  system_prompt: You are {{char}}.\n")
        assert section["without"] == ["lore", "picture"]
        assert await workshop.write(draft) == str(path.resolve())
        text = path.read_text("utf-8")
        indented = "".join(f"  {line}\n" for line in section["text"].splitlines())
        assert text == CONFIG.replace("providers:", f"{indented}providers:")
        assert stat.S_IMODE(path.stat().st_mode) == 0o640 or os.name == "nt"
        assert load_settings(path, {}).personas["Seraphina"].greetings == ["Welcome, {{user}}."]
        assert not [name for name in os.listdir(tmp_path) if name.startswith(".config-")]  # noqa: PTH208

        path.write_text("personas: {assistant: x}\n", "utf-8")
        with pytest.raises(NotUnderstoodError, match="left alone"):
            await workshop.write(draft)
        assert path.read_text("utf-8") == "personas: {assistant: x}\n"
        assert base64.b64decode(draft["picture"]) == portraits.plain("Seraphina")


async def test_what_a_page_asks_for_is_answered_or_a_sentence_says_why_not(tmp_path: Path) -> None:
    async with (
        ModelEndpoint([Fault.HANG, Fault.WRONG_KEY]) as model,
        playing(tmp_path, model) as playground,
        opened(playground, "zh") as page,
    ):
        refused = await page.do("read_card", base64=base64.b64encode(b"<html>").decode())
        assert "网页" in refused["error"]
        card = base64.b64encode(written_as(odd(), "charx", 0)[0]).decode()
        draft = (await page.do("read_card", base64=card))["data"]["draft"]
        assert (await page.do("greeting", draft=draft))["data"]["text"] == "Welcome, Ada."
        assert "nobody" in (await page.do("take_persona", name="nobody"))["error"]

        asking = await page.start("ask_persona", ask="1", draft=draft, turns=[{"question": "Hello"}])
        async with asyncio.timeout(10):
            while not model.requests:
                await asyncio.sleep(0.02)
        await page.start("stop_persona", ask="1")
        assert (await page.answer(asking))["data"] == {"stopped": True}
        failed = await page.do("ask_persona", ask="2", draft=draft, turns=[{"question": "Hello"}])
        assert "Incorrect API key provided" in failed["error"]

        guild = str(next(iter(playground.simulator.world.guilds)))
        saved = await page.do("save_persona", draft=draft, guild=guild, replaces=False)
        assert saved["data"] == {"saved": "Seraphina"}
        assert (await page.do("save_persona", draft=draft, guild=guild, replaces=False))["data"] == {"taken": True}
        known = (await page.do("workshop", guild=guild))["data"]
        assert {"name": "Seraphina", "whose": "guild"}.items() <= known["personas"][1].items()
        exported = (await page.do("export_persona", draft=draft, kind="png"))["data"]
        assert exported["name"] == "Seraphina.png"
        assert odd().data.items() <= cards.read(base64.b64decode(exported["base64"])).data.items()
        (tmp_path / "config.yaml").write_text("personas: {}\n", "utf-8")
        assert "没有动它" in (await page.do("write_persona", draft=draft))["error"]
