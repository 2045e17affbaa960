"""What people put into a library in Discord is there after a restart, in either database: the real bot, twice."""

from __future__ import annotations

from pathlib import Path

from discord_bot.chat import cards
from discord_bot.simulator.model import ModelEndpoint
from discord_bot.simulator.server import Simulator
from tests.running import running
from tests.test_commands import run, speaks
from tests.test_persona_library import SERAPHINA, card_file, done, imported, own_names, press


async def test_a_persona_its_picture_and_its_place_outlive_the_bot(lasting_url: str, tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model:
        async with running(simulator, model, tmp_path, store=lasting_url) as here:
            await imported(here)
            assert "already" in (await imported(here, name="SERAPHINA")).content
            await run(here, "ada", "tavern", "persona set", name="seraphina")
            opened = await done(here, "ada", "tavern", "persona edit", name="Seraphina")
            await here.person("ada").submit(opened, {"name": "Séraphine"})
            await here.settled()
        async with running(simulator, model, tmp_path, store=lasting_url) as here:
            assert await own_names(here) == ["Séraphine"]
            assert await speaks(here, "tavern") == "You are Séraphine, keeper of the glade"
            exported = await done(here, "ada", "tavern", "persona export", name="séraphine")
            assert exported.response is not None
            (file,) = exported.response["attachments"]
            card = cards.read(simulator.world.files[int(file["id"])])
            assert {key: card.data[key] for key in SERAPHINA} == SERAPHINA
            assert card.picture == cards.read(card_file()[1]).picture
            question = await done(here, "ada", "tavern", "persona delete", name="séraphine")
            assert question.response is not None
        async with running(simulator, model, tmp_path, store=lasting_url) as here:
            await press(here, "ada", question.response, "Delete")
            assert await own_names(here) == []
            assert "“Séraphine” was set" in await run(here, "ada", "tavern", "persona show")
