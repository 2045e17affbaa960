"""Answers that don't arrive: too late, or while Discord has trouble. What was done stands, and the log has a line."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from discord_bot.process import without_network_tracebacks
from discord_bot.simulator.faults import RestFault
from discord_bot.simulator.model import Fault, ModelEndpoint
from discord_bot.simulator.people import Invocation
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world.events import Event
from discord_bot.simulator.world.forms import Form
from discord_bot.simulator.world.interactions import ACKNOWLEDGE_WITHIN, Callback, acknowledge
from discord_bot.simulator.world.world import World
from discord_bot.store import Place
from tests.running import Running, community, running
from tests.test_controls import buttons

CALLBACK = "create_interaction_response"
COMMANDS = 8
"""How many `all_commands` runs."""
GREETER = "  parrot: {system_prompt: You are a parrot., greetings: [Polly wants a cracker.]}"


@contextmanager
def quiet(here: Running, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """In here, nothing is logged as an error, or with a traceback, and no line holds a token or what was written."""
    caplog.clear()
    caplog.handler.addFilter(without_network_tracebacks)
    yield
    told = [each for each in caplog.records if each.name.startswith(("discord", "cogs"))]
    assert not [each.getMessage() for each in told if each.exc_info or each.levelno >= logging.ERROR]
    assert "plaintext" not in caplog.text
    tokens = [each.token for each in here.simulator.world.interactions.values()]
    assert tokens
    assert not [token for token in tokens if token in caplog.text]


async def all_commands(here: Running) -> list[Invocation]:
    """Commands of every kind, at once: those that answer at once, that think first, that open a form."""
    ada, place = here.person("ada"), here.channel("general")
    return await asyncio.gather(
        ada.command(place, "persona set", name="pirate", keep=False),
        ada.command(place, "persona add", name="assistant"),
        ada.command(place, "model set", name="small"),
        ada.command(place, "channel set", answers="everything"),
        ada.command(place, "privacy", read="off"),
        ada.command(place, "persona list"),
        ada.command(place, "persona create"),
        ada.command(place, "ask", message="plaintext"),
    )


async def test_what_comes_too_late_stands_and_is_a_line_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    late = 0.0

    def let_time_pass(event: Event) -> None:
        nonlocal late
        if event.t == "INTERACTION_CREATE":
            late += 2 * ACKNOWLEDGE_WITHIN

    world = World.default(lambda: time.time() + late)
    async with Simulator(world, limits=False) as simulator, ModelEndpoint(["Yes."], pace=0.0) as model:
        async with running(simulator, model, tmp_path) as here:
            (answer,) = await here.ask("ada", "general", "well?")
            stop = simulator.observe(let_time_pass)
            with quiet(here, caplog):
                ada, place = here.person("ada"), here.channel("general")
                made, pressed, suggested = await asyncio.gather(
                    all_commands(here),
                    ada.press(answer, buttons(answer)["Again"]["custom_id"]),
                    ada.autocomplete(place, "persona set", focused="name", options={"name": "pi"}),
                )
                await here.settled()
            stop()
            assert all(each.failed for each in (*made, pressed))
            assert suggested == []
            lines = [each.getMessage() for each in caplog.records]
            assert sum("three seconds" in line for line in lines) == len(made) + 1
            assert len([line for line in lines if "autocomplete" in line]) == 1
            state = await here.bot.store.channel_state(place.guild_id, place.id, None)
            bound = {each.kind: each.name for each in state.bindings if each.place == Place("channel", place.id)}
            assert bound == {"persona": "pirate", "model": "here/small"}
            assert [each.name for each in state.companions] == ["assistant"]
            assert state.forgotten_up_to == made[0].id
            assert here.bot.hearing.set_for(place.id).answers == "everything"
            assert here.bot.hearing.is_unread(ada.id)
            await here.idle()
            assert len(model.requests) == 1  # what was only to be answered is not: nobody could see it


@pytest.mark.parametrize("fault", ["lost", "truncated"])
async def test_what_discord_has_taken_without_saying_so_is_gone_on_with(
    fault: RestFault, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with community(tmp_path, ["Yes.", "No."], personas=GREETER) as here:
        ada, place, faults = here.person("ada"), here.channel("general"), here.simulator.faults
        (answer,) = await here.ask("ada", "general", "well?")
        with quiet(here, caplog):
            faults.rest(fault, route=CALLBACK)
            asked = await ada.command(place, "ask", message="plaintext")
            assert (await asked.finished()).content.endswith("No.")
            faults.rest(fault, route=CALLBACK)
            assert (await (await ada.command(place, "persona list")).finished()).messages[0]["embeds"]
            faults.rest(fault, route=CALLBACK)
            assert len((await ada.command(place, "privacy")).messages) == 1
            faults.rest(fault, route=CALLBACK)
            told = await ada.command(place, "persona set", name="parrot")
            await here.settled()
            assert [each["content"] for each in told.messages] == ["**parrot** speaks here from now on."]
            greeting = here.answers(place)[-1]
            assert greeting["content"] == "Polly wants a cracker."
            faults.rest(fault, route=CALLBACK)
            await ada.press(answer, buttons(answer)["Again"]["custom_id"])
            await here.idle()
        assert len(here.model.requests) == 3
        here.model.script.append(Fault.WRONG_KEY)
        faults.rest(fault, route=CALLBACK)
        failed = await ada.command(place, "persona preview", name="parrot", message="well?")
        assert "does not accept the bot's key" in (await failed.finished()).content


async def test_what_another_process_has_answered_is_left_to_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with community(tmp_path) as here:
        world = here.simulator.world

        def be_quicker(event: Event) -> None:
            if event.t == "INTERACTION_CREATE":
                form = Form({"type": int(Callback.DEFERRED_MESSAGE)})
                here.simulator.dispatch(acknowledge(world, int(event.d["id"]), event.d["token"], form, {})[1])

        stop = here.simulator.observe(be_quicker)
        with quiet(here, caplog):
            made = await all_commands(here)
            await here.settled()
        stop()
        lines = [each.getMessage() for each in caplog.records if "does the bot run twice" in each.getMessage()]
        assert len(lines) == COMMANDS
        assert not [each for each in made if each.content]
        assert not here.model.requests


async def test_where_discord_can_not_be_reached_that_is_said_when_it_can(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with community(tmp_path, ["Yes."]) as here:
        ada, place = here.person("ada"), here.channel("general")
        with quiet(here, caplog):
            here.simulator.faults.rest("drop", route=CALLBACK)
            assert (await (await ada.command(place, "persona list")).finished()).messages[0]["embeds"]
            here.simulator.faults.rest("drop", route=CALLBACK, times=2)
            assert "Discord had trouble" in (await ada.command(place, "persona list")).content
            withdraw = here.simulator.faults.rest("drop", route=CALLBACK, times=None)
            made = await all_commands(here)
            await here.settled()
            withdraw()
        assert all(each.failed for each in made)
        assert here.bot.hearing.set_for(place.id).answers == "everything"


async def test_while_discord_has_trouble_that_is_a_line_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with community(tmp_path) as here:
        with quiet(here, caplog):
            here.simulator.faults.rest("503", route=CALLBACK, times=2 * COMMANDS)  # of each, discord.py makes three
            made = await all_commands(here)
            await here.settled()
        assert all(each.failed for each in made)
        lines = [each.getMessage() for each in caplog.records if "was not answered" in each.getMessage()]
        assert len(lines) == COMMANDS
        assert not here.model.requests
