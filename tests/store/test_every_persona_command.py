"""Every /persona command as it is typed, by whom it is for and by whom it isn't, in either database, twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from discord_bot.playground.typed import read_command, runnable
from discord_bot.simulator.model import ModelEndpoint
from discord_bot.simulator.people import Invocation
from discord_bot.simulator.server import Simulator
from tests.running import Running, running
from tests.test_persona_library import card_file, own_names, press

TYPED: tuple[tuple[str, str, str], ...] = (
    # what is typed, what a manager reads, and what somebody without any permission does
    ("/persona import", "was imported", "Manage Server"),
    ("/persona edit Seraphina", "", "Manage Server"),
    ("/persona create", "", "Manage Server"),
    ("/persona set seraphina here", "**Seraphina** speaks here from now on.", "Manage Channels"),
    ("/persona set pirate server", "**pirate** speaks", "Manage Server"),
    ("/persona add name: Mira voice: plain", "**Mira** is here too", "Manage Channels"),
    ("/persona add pirate", "**pirate** is here too", "Manage Channels"),
    ("/persona remove pirate", "**pirate**", "Manage Channels"),
    ("/persona show", "**Seraphina** speaks here", "**Seraphina** speaks here"),
    ("/persona show name: mira", "", ""),
    ("/persona list", "**Personas**", "**Personas**"),
    ("/persona preview name: mira message: who are you?", "only for you", "only for you"),
    ("/persona export Seraphina json", "Here is **Seraphina**", "Manage Server"),
    ("/persona copy Seraphina Workshop", "is now in Workshop too", "Manage Server"),
    ("/persona delete Seraphina", "Delete", "Manage Server"),
    ("/persona reset here", "**pirate** speaks here", "Manage Channels"),
)


async def typed(here: Running, person: str, text: str) -> Invocation:
    """Somebody types a command into the tavern, with a card at hand where it takes a file."""
    place, who = here.channel("tavern"), here.person(person)
    files = [card_file()] if "import" in text else []
    call = read_command(text, runnable(who.commands(place)), {}, files)
    assert call is not None, text
    invocation = await who.command(place, call.name, **call.values)
    await here.settled()
    return await invocation.finished()


async def written(here: Running, opened: Invocation, fields: dict[str, Any]) -> str:
    """What comes of a form that is filled in."""
    invocation = await here.person("ada").submit(opened, fields)
    await here.settled()
    return (await invocation.finished()).content


async def test_every_command_does_what_it_says_for_whom_it_is_for(lasting_url: str, tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["I am."] * 4, pace=0.0) as model:
        workshop = simulator.world.guild("Workshop")
        workshop.owner_id = simulator.person("ada").id
        async with running(simulator, model, tmp_path, store=lasting_url) as here:
            known = {each.name for each in runnable(here.person("ada").commands(here.channel("tavern")))}
            tried = {" ".join(text.removeprefix("/").split()[:2]) for text, _, _ in TYPED}
            assert tried == {name for name in known if name.startswith("persona ")}
            for text, said, refused in TYPED:
                answer = await typed(here, "newcomer", text)
                assert refused in answer.content, text
                assert answer.ephemeral, text
                if refused == "Manage Server":
                    assert answer.modal is None, text
                answer = await typed(here, "ada", text)
                if answer.modal is not None:
                    fields = {"name": "Mira"} if "create" in text else {"first_mes": "Come in."}
                    assert "Mira" in await written(here, answer, fields) or "edit" in text
                else:
                    assert said in (answer.content or str(answer.response)), text
            await typed(here, "ada", "/persona set mira here")
            await typed(here, "ada", "/persona add seraphina")
            before = (await typed(here, "newcomer", "/persona show")).content
            (deletion,) = [await typed(here, "ada", "/persona delete Seraphina")]
        async with running(simulator, model, tmp_path, store=lasting_url) as here:
            assert (await typed(here, "newcomer", "/persona show")).content == before
            assert await own_names(here) == ["Mira", "Seraphina"]
            assert await own_names(here, "workbench") == ["Seraphina"]
            assert deletion.response is not None
            await press(here, "ada", deletion.response, "Delete")
            assert await own_names(here) == ["Mira"]
            assert "**Mira** speaks here" in (await typed(here, "newcomer", "/persona show")).content
