"""What was said in a playground is saved, loaded and begun anew, and its bot goes along with what it keeps."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from discord_bot.playground.door import Playground
from discord_bot.playground.sentences import NotUnderstoodError
from discord_bot.simulator.model import ModelEndpoint
from tests.playing import playing


async def told(playground: Playground, model: ModelEndpoint) -> list[str]:
    """What the model is sent for a question in #general."""
    asked = len(model.requests)
    simulator = playground.simulator
    await simulator.person("ada").send("general", f"<@{simulator.world.bot.id}> hello")
    async with asyncio.timeout(10):
        while len(model.requests) == asked or "said" not in simulator.messages("general")[-1]["content"]:
            await asyncio.sleep(0.02)
    return [str(each["content"]) for each in model.requests[-1]["messages"]]


async def test_what_the_bot_keeps_goes_along(tmp_path: Path) -> None:
    """A fresh start knows nothing; what is loaded is as it was, be it into another playground."""
    (tmp_path / "other").mkdir()
    async with ModelEndpoint(["said"] * 9, pace=0.0) as model:
        async with playing(tmp_path, model) as playground:
            ada = playground.simulator.person("ada")
            await told(playground, model)
            await (await ada.command("general", "persona set", name="pirate")).finished()
            assert "pirate" in (await told(playground, model))[0]
            document = await playground.document()
            await playground.start_afresh()
            system, *rest = await told(playground, model)
            assert "assistant" in system
            assert len(rest) == 1
            await playground.undo()
            assert "pirate" in (await told(playground, model))[0]
        async with playing(tmp_path / "other", model) as playground:
            await playground.load(document)
            system, *rest = await told(playground, model)
            assert "pirate" in system
            assert len(rest) > 1


async def test_a_file_whose_rows_are_none_is_refused_and_the_bot_stays(tmp_path: Path) -> None:
    async with ModelEndpoint(["said"] * 2, pace=0.0) as model, playing(tmp_path, model) as playground:
        document = json.loads(await playground.document())
        for kept in ([1], {"bindings": [{"kind": 1}]}, {"bindings": 5}):
            with pytest.raises(NotUnderstoodError):
                await playground.load(json.dumps(document | {"beside": kept}))
        assert playground.worlds == 0
        await asyncio.wait_for(playground.running.until_ready() if playground.running else asyncio.sleep(0), 10)
        await told(playground, model)
