"""What people set by commands is still set after a restart, in either database."""

from __future__ import annotations

from pathlib import Path

from discord_bot.simulator.model import ModelEndpoint
from discord_bot.simulator.server import Simulator
from tests.running import Running, running

MODELS = "  here/large:"


async def asked(here: Running, channel: str) -> tuple[str, str]:
    """Which model answers in a channel, and as whom."""
    here.model.script.append("As you like.")
    await here.ask("ada", channel, "who are you?")
    return here.model.requests[-1]["model"], here.sent()[0]["content"].split(".")[0]


async def test_what_was_set_before_a_restart_is_in_force_after_it_until_it_is_taken_back(
    lasting_url: str, tmp_path: Path
) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model:
        async with running(simulator, model, tmp_path, models=MODELS, store=lasting_url) as here:
            ada = here.person("ada")
            await ada.command(here.channel("support"), "model set", name="here/large", where="server")
            await ada.command(here.channel("tavern"), "model set", name="here/small")
            await ada.command(here.channel("tavern"), "persona set", name="pirate")
        async with running(simulator, model, tmp_path, models=MODELS, store=lasting_url) as here:
            assert await asked(here, "general") == ("large", "You are the assistant")
            assert await asked(here, "the long voyage") == ("small", "You are a pirate")
            await here.person("ada").command(here.channel("tavern"), "model reset")
            assert await asked(here, "the long voyage") == ("large", "You are a pirate")
