"""The library of a server in Discord: made, changed, imported, exported, copied, deleted; by who may; for good."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from discord_bot import portraits
from discord_bot.chat import cards
from discord_bot.library import written_as
from discord_bot.personas import MAX_PERSONAS
from discord_bot.simulator.model import ModelEndpoint
from discord_bot.simulator.people import Invocation
from discord_bot.simulator.server import Simulator
from discord_bot.store import Library
from discord_bot.uploads import may_fetch
from tests.chat.hostile_cards import FILES
from tests.running import Running, community, running
from tests.test_commands import run, speaks

DISCORDS_LIMIT = 10 << 20
"""Bytes of a file that Discord takes."""
SERAPHINA = {
    "description": "{{char}} guards the forest.",
    "system_prompt": "You are {{char}}, keeper of the glade.",
    "first_mes": "*{{char}} looks up.* Welcome, {{user}}.",
    "alternate_greetings": ["Halt, {{user}}!", ""],
    "creator_notes": "A kind spirit.\nFor long evenings.",
    "tags": ["forest", "kind"],
    "extensions": {"somebody": {"else's": [1, 2, 3]}},
}


def card_file(name: str = "Seraphina", kind: str = "png", **fields: Any) -> tuple[str, bytes]:
    """A card as people have it on their disks."""
    card = cards.made(name, **{**SERAPHINA, **fields})
    if kind == "png":
        card = cards.with_picture(card, portraits.plain(name))
    return f"{name}.{kind}", written_as(card, kind, 0)[0]


async def done(here: Running, person: str, channel: str, command: str, /, **options: Any) -> Invocation:
    invocation = await here.person(person).command(here.channel(channel), command, **options)
    await here.settled()
    return await invocation.finished()


async def imported(here: Running, person: str = "ada", channel: str = "tavern", **fields: Any) -> Invocation:
    return await done(here, person, channel, "persona import", file=card_file(**fields))


def buttons(message: dict[str, Any]) -> dict[str, str]:
    """The custom ids of the buttons below a message, by what stands on them."""
    found = [each for row in message["components"] for each in row["components"]]
    return {each.get("label") or each["emoji"]["name"]: each["custom_id"] for each in found}


async def press(here: Running, person: str, message: dict[str, Any], label: str) -> Invocation:
    invocation = await here.person(person).press(message, buttons(message)[label])
    await here.settled()
    return await invocation.finished()


async def own_names(here: Running, channel: str = "tavern") -> list[str]:
    guild_id = here.channel(channel).guild_id
    assert guild_id is not None
    return [each.name for each in await here.bot.store.personas(Library("guild", guild_id))]


async def test_who_stops_asking_which_personas_there_are_takes_nothing_from_others(tmp_path: Path) -> None:
    """All who ask at once share one query, and it is nobody's own."""
    async with community(tmp_path) as here:
        library = Library("guild", here.channel("tavern").guild_id or 0)
        leaving, staying = (asyncio.create_task(here.bot.personas.known(library)) for _ in range(2))
        await asyncio.sleep(0)
        leaving.cancel()
        assert here.bot.personas.default in [each.name for each in await staying]


# ---- import ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["png", "json", "charx"])
async def test_a_card_becomes_a_persona_that_speaks_here_at_the_press_of_a_button(tmp_path: Path, kind: str) -> None:
    async with community(tmp_path) as here:
        answer = await imported(here, kind=kind)
        assert answer.content == "**Seraphina** was imported."
        assert answer.ephemeral
        assert answer.response is not None
        (embed,) = answer.response["embeds"]
        assert embed["description"] == "A kind spirit.\nFor long evenings."
        assert ("thumbnail" in embed) == (kind == "png")
        told = await press(here, "ada", answer.response, "Let it speak here")
        assert told.content == "**Seraphina** speaks here from now on."
        assert await speaks(here, "tavern") == "You are Seraphina, keeper of the glade"
        assert await speaks(here, "support") == "You are the assistant"


async def test_a_name_is_taken_once_whatever_its_case(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        await imported(here)
        again = await imported(here, name="SERAPHINA", first_mes="Another one.")
        assert again.content.startswith("There is a persona called SERAPHINA already.")
        other = await done(here, "ada", "tavern", "persona import", file=card_file(), name="Sera")
        assert other.content == "**Sera** was imported."
        third = await done(here, "ada", "tavern", "persona import", file=card_file("seraphina"), replace=True)
        assert third.content == "**seraphina** was imported."
        assert await own_names(here) == ["Sera", "seraphina"]


HOSTILE = {
    "a web page": (b"<!DOCTYPE html><html></html>", "web page"),
    "nothing": (b"", "empty"),
    "a picture": (portraits.plain("x"), "holds no character card"),
    "a broken PNG": (card_file()[1][:200], "again"),
    "nested JSON": (b'{"a":' * 9000, "no character card"),
    "prose": (b"Once upon a time", "no character card"),
}


@pytest.mark.parametrize("what", HOSTILE)
async def test_a_file_that_is_no_card_is_refused_with_a_sentence(tmp_path: Path, what: str) -> None:
    data, sentence = HOSTILE[what]
    async with community(tmp_path) as here:
        answer = await done(here, "ada", "tavern", "persona import", file=("card.png", data))
        assert sentence in answer.content or "nested" in answer.content
        assert answer.ephemeral
        chinese = await done(here, "kim", "tavern", "persona import", file=("card.png", data))
        assert "管理服务器" in chinese.content  # may not, before anything is fetched
        assert await own_names(here) == []


async def test_every_hostile_file_is_answered_with_its_sentence_and_the_bot_goes_on(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        await imported(here)
        refused = 0
        for name, (make, reason) in FILES.items():
            data = make()
            if len(data) > DISCORDS_LIMIT:
                continue
            answer = await done(here, "ada", "tavern", "persona import", file=("card.png", data), replace=True)
            assert answer.content, name
            assert "Something went wrong" not in answer.content, name
            assert not answer.failed, name
            refused += reason is not None
            shown = await done(here, "ada", "tavern", "persona list")
            assert shown.content.startswith("**Personas**"), name
        assert refused > 20
        assert await speaks(here, "tavern") == "You are the assistant"


async def test_only_discords_own_hosts_are_fetched_from() -> None:
    discord, simulator = "https://discord.com/api/v10", "http://127.0.0.1:8080/api/v10"
    assert may_fetch("https://cdn.discordapp.com/attachments/1/2/card.png?ex=1", discord)
    assert may_fetch("http://127.0.0.1:8080/attachments/1/2/card.png", simulator)
    for url in (
        "http://cdn.discordapp.com/attachments/1/2/card.png",
        "https://cdn.discordapp.com.evil.example/card.png",
        "https://evil.example/cdn.discordapp.com/card.png",
        "https://cdn.discordapp.com:8443/card.png",
        "https://discord.com/card.png",
        "http://127.0.0.1:8081/attachments/1/2/card.png",
        "http://169.254.169.254/latest/meta-data",
    ):
        assert not may_fetch(url, discord), url
        assert not may_fetch(url, simulator), url


async def test_what_is_worth_knowing_of_a_card_is_said_in_ones_language(tmp_path: Path) -> None:
    async with community(tmp_path, more="permissions: {persona: {library: everyone}}") as here:
        file = ("old.json", json.dumps({"data": {"name": "Old", "tags": 5}}).encode())
        answer = await done(here, "kim", "tavern", "persona import", file=file)
        assert "已经导入" in answer.content
        assert "\n- " in answer.content


# ---- create, edit ----------------------------------------------------------------------------------------------------


async def test_a_persona_is_made_in_a_form_and_changed_in_another_with_its_fields_filled_in(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        ada = here.person("ada")
        opened = await done(here, "ada", "tavern", "persona create")
        assert opened.modal is not None
        made = await (
            await ada.submit(opened, {"name": "Bosun", "system_prompt": "You are the bosun.", "first_mes": "Ahoy."})
        ).finished()
        assert made.content == "**Bosun** is there now."
        await run(here, "ada", "tavern", "persona set", name="bosun", voice="plain")
        await run(here, "ada", "general", "persona add", name="bosun")
        assert await speaks(here, "tavern") == "You are the bosun"

        opened = await done(here, "ada", "tavern", "persona edit", name="Bosun")
        assert opened.modal is not None
        filled = {each["component"]["custom_id"]: each["component"].get("value") for each in opened.modal["components"]}
        assert filled["system_prompt"] == "You are the bosun."
        texts = {key: value or "" for key, value in filled.items()}
        changed = await (
            await ada.submit(opened, {**texts, "name": "First Mate", "system_prompt": "You are the mate."})
        ).finished()
        assert changed.content == "**First Mate** is changed."
        assert await speaks(here, "tavern") == "You are the mate"  # what was set follows the name
        assert "webhook_id" not in here.answers("tavern")[-1]  # and so does the voice
        here.model.script.append("Aye.")
        await here.ask("ada", "general", "First Mate, who are you?")
        assert here.sent()[0]["content"].startswith("You are the mate")


async def test_every_part_of_a_persona_can_be_written(tmp_path: Path) -> None:
    async with community(tmp_path, models="  here/large: {}") as here:
        await imported(here)
        ada = here.person("ada")
        opened = await done(here, "ada", "tavern", "persona edit", name="Seraphina", part="settings")
        wrong = await (await ada.submit(opened, {"model": "here/huge", "parameters": "temperature: 1.5"})).finished()
        assert "There is no such model. There are: here/small, here/large." in wrong.content
        assert wrong.response is not None
        again = await press(here, "ada", wrong.response, "Open the form again")
        assert again.modal is not None
        values = {each["component"]["custom_id"]: each["component"].get("value") for each in again.modal["components"]}
        assert values["parameters"] == "temperature: 1.5"
        right = await (
            await ada.submit(
                again, {"model": "here/large", "parameters": "temperature: 1.5, seed: 7", "names": "Sera, S"}
            )
        ).finished()
        assert right.content == "**Seraphina** is changed."
        await run(here, "ada", "tavern", "persona set", name="Seraphina")
        await speaks(here, "tavern")
        request = here.model.requests[-1]
        assert (request["model"], request["temperature"], request["seed"]) == ("large", 1.5, 7)
        assert "brings it along" in await run(here, "ada", "tavern", "model show")

        opened = await done(here, "ada", "tavern", "persona edit", name="Seraphina", part="greetings")
        await (await ada.submit(opened, {"greeting 1": "One.", "greeting 2": "", "greeting 3": "Three."})).finished()
        opened = await done(here, "ada", "tavern", "persona edit", name="Seraphina", part="more")
        await (await ada.submit(opened, {"tags": "one，two, two", "scenario": "A glade."})).finished()
        guild_id = here.channel("tavern").guild_id
        assert guild_id is not None
        record = await here.bot.store.persona(Library("guild", guild_id), "seraphina")
        assert record is not None
        data = json.loads(record.document)["data"]
        assert (data["first_mes"], data["alternate_greetings"]) == ("One.", ["Three."])
        assert (data["tags"], data["scenario"]) == (["one", "two"], "A glade.")
        assert data["extensions"] == SERAPHINA["extensions"]  # what no form asks for stays
        assert json.loads(record.own)["names"] == ["Sera", "S"]


@pytest.mark.parametrize("parameters", ["max_tokens: 100000", "temperature: hot", "stream: 0", "temperature: 1e999"])
async def test_parameters_that_cost_or_are_none_are_refused(tmp_path: Path, parameters: str) -> None:
    async with community(tmp_path) as here:
        await imported(here)
        opened = await done(here, "ada", "tavern", "persona edit", name="Seraphina", part="settings")
        answer = await (await here.person("ada").submit(opened, {"parameters": parameters})).finished()
        assert answer.content.startswith("Parameters are written like")


async def test_long_texts_come_by_file_and_are_no_trouble_to_a_form(tmp_path: Path) -> None:
    long = "You are a very long story. " * 1000
    async with community(tmp_path) as here:
        ada = here.person("ada")
        opened = await done(here, "ada", "tavern", "persona create", file=("story.txt", long.encode()))
        assert opened.modal is not None
        assert any(each["type"] == 10 for each in opened.modal["components"])
        assert "created" not in (await (await ada.submit(opened, {"name": "Story"})).finished()).content
        await run(here, "ada", "tavern", "persona set", name="Story")
        here.model.script.append("Well.")
        await here.ask("ada", "tavern", "begin")
        assert long.strip() in here.sent()[0]["content"]

        opened = await done(here, "ada", "tavern", "persona edit", name="Story")
        assert opened.modal is not None
        told = [each["content"] for each in opened.modal["components"] if each["type"] == 10]
        assert told == [
            "**Instructions**: 26,999 characters, more than a form can hold. It stays as it is; a file can change it."
        ]
        await (await ada.submit(opened, {"name": "Story", "description": "new"})).finished()
        here.model.script.append("Well.")
        await here.ask("ada", "tavern", "begin")
        assert long.strip() in here.sent()[0]["content"]

        answer = await done(here, "ada", "tavern", "persona edit", name="Story", file=("short.md", b"You are short."))
        assert answer.content == "**Story** is changed."
        assert await speaks(here, "tavern") == "You are short"
        answer = await done(here, "ada", "tavern", "persona edit", name="Story", file=("bad.txt", b"\xff\xfe\x00"))
        assert "not UTF-8" in answer.content


async def test_a_picture_becomes_the_face_and_a_card_the_character(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        await imported(here, kind="json")
        answer = await done(
            here, "ada", "tavern", "persona edit", name="Seraphina", file=("x.png", portraits.plain("y"))
        )
        assert answer.response is not None
        assert "thumbnail" in answer.response["embeds"][0]
        file = card_file("Somebody", system_prompt="You are somebody.")
        answer = await done(here, "ada", "tavern", "persona edit", name="Seraphina", file=file)
        assert await own_names(here) == ["Seraphina"]  # what is set for a channel is set by name
        await run(here, "ada", "tavern", "persona set", name="Seraphina")
        assert await speaks(here, "tavern") == "You are somebody"


async def test_the_owners_personas_are_read_only_and_theirs_to_give(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        for command in ("persona edit", "persona delete"):
            assert "can't be changed here" in await run(here, "ada", "tavern", command, name="pirate")
        assert "only they can hand it out" in await run(here, "ada", "tavern", "persona export", name="pirate")
        assert "only they" in await run(here, "ada", "tavern", "persona copy", name="pirate", server="Workshop")
        choices = await here.person("ada").autocomplete(
            here.channel("general"), "persona edit", focused="name", options={"name": ""}
        )
        assert choices == []


async def test_a_servers_own_takes_the_place_of_one_of_the_same_name_there_alone(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        await imported(here, name="Assistant")
        assert await speaks(here, "general") == "You are Assistant, keeper of the glade"
        assert await speaks(here, "workbench") == "You are the assistant"
        shown = await done(here, "ada", "general", "persona show", name="assistant")
        assert shown.response is not None
        assert "in the place of" in shown.response["embeds"][0]["footer"]["text"]


async def test_a_form_that_was_kept_before_a_restart_is_said_to_be_gone(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            await imported(here)
            opened = await done(here, "ada", "tavern", "persona create")
            taken = await (await here.person("ada").submit(opened, {"name": "seraphina"})).finished()
            assert "There is a persona called seraphina already" in taken.content
            assert taken.response is not None
            again = await press(here, "ada", taken.response, "Open the form again")
            assert again.modal is not None
        async with running(simulator, model, tmp_path) as here:
            late = await press(here, "ada", taken.response, "Open the form again")
            assert late.content.startswith("The bot was started anew")


# ---- who may ---------------------------------------------------------------------------------------------------------

COMMANDS: dict[str, dict[str, Any]] = {
    "persona create": {},
    "persona edit": {"name": "Seraphina"},
    "persona delete": {"name": "Seraphina"},
    "persona import": {"file": card_file("Another")},
    "persona export": {"name": "Seraphina"},
    "persona copy": {"name": "Seraphina", "server": "Workshop"},
}


@pytest.mark.parametrize("command", COMMANDS)
async def test_the_library_is_for_who_manages_the_server(tmp_path: Path, command: str) -> None:
    async with community(tmp_path) as here:
        await imported(here)
        for person, sentence in (("newcomer", "Manage Server"), ("mo", "Manage Server"), ("kim", "管理服务器")):
            answer = await done(here, person, "tavern", command, **COMMANDS[command])
            assert sentence in answer.content
            assert answer.ephemeral
            assert answer.modal is None
        assert await own_names(here) == ["Seraphina"]


async def test_a_button_that_lets_it_speak_takes_what_setting_it_takes(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        await imported(here)
        shown = await done(here, "newcomer", "tavern", "persona show", name="seraphina")
        assert shown.response is not None
        assert "Manage Channels" in (await press(here, "newcomer", shown.response, "Let it speak here")).content
        assert await speaks(here, "tavern") == "You are the assistant"


async def test_who_may_is_a_setting(tmp_path: Path) -> None:
    async with community(tmp_path, more="permissions: {persona: {library: manage_channels}}") as here:
        assert "was imported" in (await imported(here, "mo")).content
        assert "Manage Channels" in (await imported(here, "newcomer")).content


# ---- delete ----------------------------------------------------------------------------------------------------------


async def test_deleting_asks_says_where_it_speaks_and_the_default_speaks_from_then_on(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        await imported(here)
        await run(here, "ada", "tavern", "persona set", name="seraphina")
        await run(here, "ada", "tavern", "persona set", name="seraphina", where="server")
        question = await done(here, "ada", "general", "persona delete", name="Seraphina")
        assert f"<#{here.channel('tavern').id}>" in question.content
        assert "the whole server" in question.content
        assert question.response is not None
        await press(here, "ada", question.response, "Keep it")
        assert await own_names(here) == ["Seraphina"]
        question = await done(here, "ada", "general", "persona delete", name="Seraphina")
        assert question.response is not None
        await press(here, "ada", question.response, "Delete")
        assert question.content == "**Seraphina** is deleted."
        assert question.response["components"] == []
        assert await own_names(here) == []
        assert await speaks(here, "tavern") == "You are the assistant"
        shown = await run(here, "ada", "tavern", "persona show")
        assert "“Seraphina” was set, but there is none of that name any more" in shown
        assert "1. This channel: **Seraphina** (gone)" in shown


# ---- export, copy ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["png", "json", "charx"])
async def test_what_was_imported_is_exported_without_loss(tmp_path: Path, kind: str) -> None:
    async with community(tmp_path) as here:
        await imported(here)
        answer = await done(here, "ada", "tavern", "persona export", name="seraphina", format=kind)
        assert answer.content == "Here is **Seraphina**."
        assert answer.response is not None
        (file,) = answer.response["attachments"]
        assert file["filename"] == f"Seraphina.{kind}"
        card = cards.read(here.simulator.world.files[int(file["id"])])
        assert {key: card.data[key] for key in SERAPHINA} == SERAPHINA
        assert card.picture is not None
        assert card.picture.data == cards.read(card_file()[1]).picture.data  # type: ignore[union-attr]


async def test_a_copy_goes_where_one_may_do_both_and_nowhere_else(tmp_path: Path) -> None:
    """Ada owns Harbour, where the card is, and is a plain member of Workshop, which is Kim's."""
    async with community(tmp_path) as here:
        await imported(here)
        suggested = await here.person("ada").autocomplete(
            here.channel("tavern"), "persona copy", focused="server", options={"name": "Seraphina", "server": ""}
        )
        assert suggested == []
        answer = await done(here, "ada", "tavern", "persona copy", name="Seraphina", server="Workshop")
        assert "There is no server called “Workshop”" in answer.content
        assert await own_names(here, "workbench") == []


async def test_a_copy_goes_to_another_server(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model:
        workshop = next(each for each in simulator.world.guilds.values() if each.name == "Workshop")
        workshop.owner_id = simulator.person("ada").id
        async with running(simulator, model, tmp_path) as here:
            await imported(here)
            suggested = await here.person("ada").autocomplete(
                here.channel("tavern"),
                "persona copy",
                focused="server",
                options={"name": "Seraphina", "server": "work"},
            )
            assert suggested == [{"name": "Workshop", "value": str(workshop.id)}]
            await _copied(here, str(workshop.id))


async def _copied(here: Running, workshop_id: str) -> None:
    answer = await done(here, "ada", "tavern", "persona copy", name="Seraphina", server="workshop")
    assert answer.content == "**Seraphina** is now in Workshop too."
    assert await own_names(here, "workbench") == ["Seraphina"]
    again = await done(here, "ada", "tavern", "persona copy", name="Seraphina", server=workshop_id)
    assert "There is a persona called Seraphina already" in again.content


# ---- DMs, restarts, bounds -------------------------------------------------------------------------------------------


async def test_in_a_direct_message_the_library_is_ones_own(tmp_path: Path) -> None:
    async with community(tmp_path, ["Hush."]) as here:
        newcomer = here.person("newcomer")
        channel = await newcomer.open_dm(here.bot.user.id if here.bot.user else 0)
        answer = await (await newcomer.command(channel, "persona import", file=card_file())).finished()
        assert answer.content == "**Seraphina** was imported."
        assert answer.response is not None
        await newcomer.press(answer.response, buttons(answer.response)["Let it speak here"])
        await newcomer.send(channel, "hello")
        await here.until(lambda: here.model.requests)
        assert here.sent()[0]["content"].startswith("You are Seraphina, keeper")
        assert "There is no persona called" in await run(here, "ada", "tavern", "persona set", name="Seraphina")
        question = await (await newcomer.command(channel, "persona delete", name="Seraphina")).finished()
        assert "speaks in <#" in question.content


async def test_all_of_it_survives_a_restart_and_so_do_the_buttons(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            await imported(here)
            await run(here, "ada", "tavern", "persona set", name="Seraphina")
            question = await done(here, "ada", "tavern", "persona delete", name="Seraphina")
            assert question.response is not None
            asked = question.response
        async with running(simulator, model, tmp_path) as here:
            assert await speaks(here, "tavern") == "You are Seraphina, keeper of the glade"
            await press(here, "ada", asked, "Delete")
            assert await own_names(here) == []


async def test_what_the_command_line_imports_is_there_while_the_bot_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from discord_bot import personas
    from discord_bot.library import record_of

    monkeypatch.setattr(personas, "FRESH", 0.0)
    async with community(tmp_path) as here:
        assert "There is no persona called" in await run(here, "ada", "tavern", "persona set", name="Owned")
        await here.bot.store.save_persona(record_of(cards.made("Owned", system_prompt="You are owned.")))
        await run(here, "ada", "workbench", "persona set", name="Owned")
        assert await run(here, "ada", "tavern", "persona set", name="owned") == "**Owned** speaks here from now on."
        assert await speaks(here, "tavern") == "You are owned"


async def test_a_library_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MAX_PERSONAS, "guild", 2)
    async with community(tmp_path) as here:
        await imported(here, name="One")
        await imported(here, name="Two")
        assert (await imported(here, name="Three")).content.startswith("There is room for 2 personas here")
        again = await done(here, "ada", "tavern", "persona import", file=card_file("Two"), replace=True)
        assert again.content == "**Two** was imported."


async def test_a_folder_of_cards_is_there_too_and_has_faces(tmp_path: Path) -> None:
    (tmp_path / "cards").mkdir()
    name, data = card_file()
    (tmp_path / "cards" / name).write_bytes(data)
    (tmp_path / "cards" / "broken.png").write_bytes(data[:100])
    async with community(tmp_path, more="persona_folder: cards") as here:
        assert (
            await run(here, "ada", "tavern", "persona set", name="seraphina")
            == "**Seraphina** speaks here from now on."
        )
        shown = await done(here, "ada", "tavern", "persona show", name="Seraphina")
        assert shown.response is not None
        assert shown.response["embeds"][0]["thumbnail"]["width"] == 128
        assert "can't be changed here" in await run(here, "ada", "tavern", "persona edit", name="Seraphina")
