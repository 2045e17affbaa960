"""Another model for the bot of a playground, while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from discord_bot.playground.connecting import Connecting
from discord_bot.playground.door import Playground
from discord_bot.playground.sentences import NotUnderstoodError
from discord_bot.simulator.model import ModelEndpoint
from discord_bot.simulator.server import Simulator
from tests.playing import opened, playing


@asynccontextmanager
async def connecting(directory: Path, other: ModelEndpoint) -> AsyncIterator[tuple[Playground, Connecting]]:
    """A playground whose bot asks a stand-in that says "first"; `other` listens where Ollama would."""
    ports = {"ollama": urlsplit(other.base_url).port or 0, "nothing": 9}
    async with ModelEndpoint(["first", "first again"], pace=0.0) as stand_in:
        async with playing(directory, stand_in, ports) as playground:
            assert playground.connecting is not None
            yield playground, playground.connecting


async def answer(simulator: Simulator) -> str:
    """What the bot says to a question, whichever model it asks."""
    before = len(simulator.messages("general"))
    bot = simulator.world.bot
    await simulator.person("ada").send("general", f"<@{bot.id}> hello")
    async with asyncio.timeout(10):
        while len(simulator.messages("general")) < before + 2:
            await asyncio.sleep(0.02)
    return str(simulator.messages("general")[-1]["content"])


async def test_a_server_on_this_machine_is_found_tried_and_asked_from_then_on(tmp_path: Path) -> None:
    async with (
        ModelEndpoint(["a word", "second"], pace=0.0) as other,
        connecting(tmp_path, other) as (playground, here),
    ):
        simulator = playground.simulator
        assert await answer(simulator) == "first"
        (found,) = await here.find()
        assert (found["name"], found["base_url"]) == ("ollama", other.base_url)
        await simulator.person("ada").command("general", "persona set", name="pirate")

        row = await here.connect(found["base_url"], "", found["models"][0], "en")
        assert row["mark"] == "ok"
        assert here.model == f"ollama/{found['models'][0]}"
        assert await answer(simulator) == "second"
        assert "You are a pirate." in str(other.requests[-1])  # what was set is not lost

        await here.disconnect()
        assert here.is_first
        assert await answer(simulator) == "first again"


async def test_what_can_not_answer_is_told_and_changes_nothing(tmp_path: Path) -> None:
    async with ModelEndpoint(["a word"], key="sk-right") as other, connecting(tmp_path, other) as (_, here):
        wrong = await here.connect(other.base_url, "sk-wrong", "small", "en")
        assert wrong["mark"] == "wrong"
        assert "key" in wrong["sentence"]
        assert "sk-wrong" not in str(wrong)
        assert "sentence" in await here.models(other.base_url, "sk-wrong", "zh")
        assert (await here.models(other.base_url, "sk-right", "en"))["models"]
        assert (await here.connect("http://127.0.0.1:9/v1", "", "small", "en"))["mark"] == "wrong"
        for base_url, model in (("over there", "small"), (other.base_url, " ")):
            with pytest.raises(NotUnderstoodError):
                await here.connect(base_url, "", model, "en")
        assert here.is_first


async def test_a_check_is_of_the_configuration_as_it_stands_now(tmp_path: Path) -> None:
    async with ModelEndpoint() as other, connecting(tmp_path, other) as (playground, here):
        simulator = playground.simulator
        (tmp_path / "config.yaml").write_text(
            f"discord: {{token: {simulator.token}, api_url: '{simulator.api_url}'}}\n"
            f"providers: {{a: {{base_url: '{other.base_url}'}}}}\nmodels: {{a/b: }}\npersonas: {{x: X}}\n"
            f"store: {{url: 'sqlite:///{tmp_path}/other.db'}}\n", "utf-8")  # fmt: skip
        rows = [row async for row in here.check("en")]
        assert {row["mark"] for row in rows} <= {"ok", "warning"}
        assert "assistant" in " ".join(row["sentence"] for row in rows)
        (tmp_path / "config.yaml").write_text("models: 7\n", "utf-8")
        (row,) = [row async for row in here.check("en")]
        assert (row["mark"], "models" in row["sentence"]) == ("wrong", True)


async def test_what_is_made_to_go_wrong_does_not_keep_another_model_from_being_connected(tmp_path: Path) -> None:
    """With the gateway lost, no bot could begin anew: so all is right first."""
    async with (
        ModelEndpoint(["a word", "second"], pace=0.0) as other,
        connecting(tmp_path, other) as (playground, here),
    ):
        async with opened(playground) as page:
            await page.do("trouble", name="gateway-lost", on=True)
            connected = await page.do("connect", base_url=other.base_url, key="", model="small")
            assert connected["data"]["mark"] == "ok"
            assert here.model == "ollama/small"
            assert not any(playground.troubles.state().values())
            assert await answer(playground.simulator) == "second"
