"""Discord is the record: whatever happens in a channel, what is remembered is what stands there."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from discord_bot.simulator.model import ModelEndpoint
from discord_bot.simulator.people import Person
from discord_bot.simulator.server import Simulator
from tests.running import Running, running

STEPS = 60
PLACES = ("general", "support")


def standing(here: Running, place: str) -> list[tuple[int, str]]:
    """What stands in a channel, as far as it is part of a conversation."""
    return [(int(each["id"]), each["content"]) for each in here.messages(place) if each["content"]]


def remembered(here: Running, place: str) -> list[tuple[int, str]]:
    conversation = here.bot.conversations.open(here.channel(place).id)
    return [(each.id, each.content) for each in conversation.buffer.history(until=10**19).messages]


async def something_happens(people: list[Person], simulator: Simulator, chance: random.Random) -> None:
    """One of the things that change a channel."""
    place = chance.choice(PLACES)
    person = chance.choice(people)
    home = simulator.world.channel(place)
    told = list(simulator.world.messages.get(home.id, {}).values())
    own = [each for each in told if each.author_id == person.id]
    what = chance.random()
    if what < 0.15 and own:
        await person.edit(chance.choice(own), f"edited {chance.random()}")
    elif what < 0.3 and own:
        await person.delete(chance.choice(own))
    elif what < 0.35 and len(told) > 2:
        await simulator.person("mo").delete_many(home, chance.sample(told, 2))
    else:
        above = chance.choice([each for each in told if each.type in (0, 19)] or [None])
        answered = above if chance.random() < 0.4 else None
        await person.send(home, f"said {chance.random()}", reply_to=answered)


async def the_truth_is_remembered(here: Running, chance: random.Random) -> None:
    """Asks in every place, and compares what is known there then, and what the model was told."""
    for place in PLACES:
        await here.ask(chance.choice(("ada", "kim")), place, "and?")
        truth = [(each, words.removeprefix(f"{here.mention} ")) for each, words in standing(here, place)]
        assert sorted(remembered(here, place)) == sorted(truth)
        told = set(re.findall(r"0\.\d+", "\n".join(str(each["content"]) for each in here.sent())))
        assert told <= set(re.findall(r"0\.\d+", str(truth)))  # in quotes, too


@pytest.mark.parametrize(("seed", "lost_sessions"), [(0, True), (1, False), (2, False), (3, False), (4, True)])
async def test_what_is_remembered_is_what_stands_in_discord(tmp_path: Path, seed: int, lost_sessions: bool) -> None:
    """Random histories, in a running process, over lost sessions, and over restarts; quotes too."""
    chance = random.Random(seed)
    async with Simulator(limits=False) as simulator, ModelEndpoint(["Yes."] * 99, pace=0.0) as model:
        people = [simulator.person(name) for name in ("ada", "kim", "mo")]
        for _ in range(2):
            for _ in range(STEPS // 6):  # nobody is there to hear it
                await something_happens(people, simulator, chance)
            async with running(simulator, model, tmp_path) as here:
                for _ in range(3):
                    for _ in range(STEPS // 6):
                        await something_happens(people, simulator, chance)
                    await the_truth_is_remembered(here, chance)
                simulator.faults.gateway("drop")  # and the session is resumed
                await something_happens(people, simulator, chance)
                await the_truth_is_remembered(here, chance)
                if lost_sessions:
                    simulator.faults.gateway("refuse resumes")
                    simulator.faults.gateway("drop")
                    for _ in range(5):
                        await something_happens(people, simulator, chance)
                    await here.bot.wait_for("ready", timeout=20)
                    simulator.faults.clear()
                    await the_truth_is_remembered(here, chance)
