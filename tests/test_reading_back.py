"""What was said before the bot came: read back from the channel as far as a prompt reaches."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from discord_bot.simulator.model import ModelEndpoint
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world import changes
from discord_bot.simulator.world.permissions import Permission
from tests.running import Running, contents, running

WORDS = "and a few more words of what was said here "


async def talk(simulator: Simulator, count: int, words: str = "") -> None:
    """So many messages that nobody is there to hear."""
    place = next(each for each in simulator.world.channels.values() if each.name == "general")
    for number in range(count):
        await simulator.person(("ada", "kim")[number % 2]).send(place, f"number {number}. {words}".strip())


def numbers(here: Running, index: int = -1) -> list[int]:
    """Which of those messages the model was told."""
    return [int(each) for each in re.findall(r"number (\d+)\.", str(here.sent(index)))]


def calls(here: Running) -> int:
    """How often the bot has asked what was said in the channel."""
    path = f"/channels/{here.channel('general').id}/messages"
    return sum(each.method == "GET" and each.path.endswith(path) for each in here.simulator.requests)


@pytest.mark.parametrize(
    ("said", "words", "more", "reaches", "called"),
    [
        (30, "", "", (30, 30), 1),  # to the channel's beginning
        (350, "", "", (350, 350), 4),  # short messages: more of them
        (300, WORDS * 6, "", (75, 125), 2),  # long ones: the budget holds fewer
        (150, "", "conversation: {max_tokens: 600}", (25, 60), 1),
        (350, "", "conversation: {max_messages: 120}", (119, 120), 2),  # however short they are
    ],
)
async def test_as_far_as_a_prompt_reaches_and_a_call_for_a_hundred(
    tmp_path: Path, said: int, words: str, more: str, reaches: tuple[int, int], called: int
) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["Yes.", "Again."], pace=0.0) as model:
        await talk(simulator, said, words)
        async with running(simulator, model, tmp_path, more=more) as here:
            await here.ask("ada", "general", "and?")
            told, least = numbers(here), reaches[0]
            assert told == list(range(said - len(told), said))
            assert least <= len(told) <= reaches[1]
            await here.ask("kim", "general", "and then?")
            assert calls(here) == called  # once


async def test_what_was_forgotten_is_not_even_read(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["Yes.", "Again."], pace=0.0) as model:
        await talk(simulator, 350)
        async with running(simulator, model, tmp_path) as here:
            await (await here.person("mo").command(here.channel("general"), "forget")).finished()
        async with running(simulator, model, tmp_path) as here:
            before = calls(here)
            await here.ask("ada", "general", "and?")
            assert numbers(here) == []
            assert calls(here) == before + 1


async def test_a_call_that_fails_leaves_what_the_others_have_told(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(["Yes.", "Again."], pace=0.0) as model:
        await talk(simulator, 350)
        async with running(simulator, model, tmp_path) as here:
            simulator.faults.rest("slow", route="list_messages", seconds=0.0)  # nothing of note: the next one fails
            simulator.faults.rest("403", route="list_messages")
            await here.ask("ada", "general", "and?")
            assert numbers(here) == list(range(251, 350))  # the question is one of the hundred


async def test_what_can_not_be_read_is_said_once_and_read_as_soon_as_it_can(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint([f"{each}." for each in range(4)]) as model:
        await talk(simulator, 5)
        world = simulator.world
        place = next(each for each in world.channels.values() if each.name == "general")
        async with running(simulator, model, tmp_path) as here:
            role = next(role for role in world.guild("Harbour").roles.values() if role.managed_by == world.bot.id)
            simulator.dispatch(changes.set_overwrite(world, place, role, deny=Permission.READ_MESSAGE_HISTORY))
            await here.person("kim").send(place, "number 5.")
            (first,) = contents(await here.ask("ada", "general", "and?"))
            assert first.startswith("0.")
            assert "Read Message History" in first
            assert numbers(here) == [5]
            assert contents(await here.ask("ada", "general", "and?")) == ["1."]
            simulator.dispatch(changes.set_overwrite(world, place, role))
            assert contents(await here.ask("kim", "general", "and?")) == ["2."]
            assert numbers(here) == [0, 1, 2, 3, 4, 5]
