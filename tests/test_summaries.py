"""What a prompt has no more room for, summed up by the model: in the background, and only while all of it is true."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from discord_bot.simulator.model import Reply, Turn
from tests.running import Running, Said, community

MORE = "conversation: {summarise: true, max_tokens: 2400}"
WORDS = "and a few more words of what was said here " * 3
TOLD = "Earlier here, in short: "


async def talk(here: Running, count: int, what: str = "number") -> list[Said]:
    """So many messages of about forty tokens, none of which asks anything."""
    place = here.channel("general")
    return [await here.person("kim").send(place, f"{what} {each}. {WORDS}") for each in range(count)]


async def told(here: Running, *, then: Turn | None = None) -> str:
    """Somebody asks; what the model was told. Where something is summed up thereafter, it becomes `then`."""
    here.model.script.extend(["Yes."] if then is None else ["Yes.", then])
    before = len(here.model.requests)
    await here.ask("ada", "general", "and?")
    if then is not None:
        await here.until(lambda: len(here.model.requests) == before + 2)
    assert [is_summing_up(here, each) for each in range(before, len(here.model.requests))] == [False, True][
        : 1 + bool(then)
    ]
    return str(here.sent(before))


def is_summing_up(here: Running, index: int) -> bool:
    return "Sum it up" in here.sent(index)[0]["content"]


async def made(here: Running) -> None:
    """Waits until no summary is being made."""
    await here.until(lambda: not here.bot.summing_up._tasks)


@asynccontextmanager
async def summed_up(directory: Path) -> AsyncIterator[tuple[Running, list[Said]]]:
    """A conversation whose older part is summed up already, and is left out from the next prompt on."""
    async with community(directory, more=MORE) as here:
        said = await talk(here, 50)
        assert TOLD not in await told(here, then="They counted.")
        await made(here)
        yield here, said


async def test_the_summary_is_made_beforehand_and_stands_in_the_place_of_what_is_left_out(tmp_path: Path) -> None:
    async with summed_up(tmp_path) as (here, _):
        summed = str(here.sent())
        assert "Kim: number 0. " in summed
        assert "number 49." not in summed
        await talk(here, 15, "later")
        first = await told(here)
        invocation = await here.person("ada").run_on_message(here.answers("general")[-1], "What did you see?")
        assert "it read a summary" in (await invocation.finished()).content
        told_of = await (await here.person("ada").command(here.channel("general"), "privacy")).finished()
        assert "summed up" in told_of.content
        assert f"[{TOLD}They counted.]" in first
        assert "number 0." not in first
        assert "number 49." in first
        begun = here.sent()[1]["content"].split("later 14.")[0]
        await talk(here, 3, "last")
        await told(here)
        assert here.sent()[1]["content"].startswith(begun)  # the prefix stays


async def test_the_next_one_goes_on_from_it(tmp_path: Path) -> None:
    async with summed_up(tmp_path) as (here, _):
        await talk(here, 47, "later")
        await told(here, then="They counted twice.")
        summed = str(here.sent())
        assert "in short: They counted.]" in summed
        assert "number 0." not in summed
        assert "later 0." in summed
        await made(here)
        await talk(here, 15, "last")
        assert f"[{TOLD}They counted twice.]" in await told(here)


@pytest.mark.parametrize("what", ["deleted", "deleted with others", "edited", "not to be read", "forgotten"])
@pytest.mark.parametrize("shown", [True, False])
async def test_nothing_survives_in_it_that_was_taken_back(tmp_path: Path, what: str, shown: bool) -> None:
    async with summed_up(tmp_path) as (here, said):
        await talk(here, 15, "later")
        if shown:
            assert TOLD in await told(here)
        kim, place = here.person("kim"), here.channel("general")
        match what:
            case "deleted":
                await kim.delete(said[3])
            case "deleted with others":
                await here.person("mo").delete_many(place, said[:2])
            case "edited":
                await kim.edit(said[3], "something else")
            case "not to be read":
                await (await kim.command(place, "privacy", read="off")).finished()
            case _:
                await (await here.person("mo").command(place, "forget")).finished()
        await here.settled()
        assert TOLD not in await told(here)


async def test_what_is_deleted_while_it_is_made_is_not_in_it_either(tmp_path: Path) -> None:
    async with community(tmp_path, more=MORE) as here:
        said = await talk(here, 50)
        here.model.pace = 0.05
        await told(here, then=Reply(["They ", "counted, ", "and ", "that ", "took ", "long."] * 3))
        assert here.bot.summing_up._tasks
        await here.person("kim").delete(said[3])
        here.model.pace = 0.0
        await made(here)
        await talk(here, 15, "later")
        assert TOLD not in await told(here)


async def test_everybody_has_a_summary_of_their_own_where_they_have_a_conversation(tmp_path: Path) -> None:
    async with community(tmp_path, more=MORE) as here:
        await here.person("mo").command(here.channel("general"), "channel set", conversation="person")
        for each in range(50):
            await here.person("ada").send(here.channel("general"), f"number {each}. {WORDS}")
        await told(here, then="Ada counted.")
        await made(here)
        for name in ("ada", "kim"):
            for each in range(50):
                await here.person(name).send(here.channel("general"), f"later {each}. {WORDS}")
        here.model.script.append("No.")
        await here.ask("kim", "general", "and?")
        assert "Ada counted" not in str(here.sent())
        here.model.script.append("No.")
        await here.ask("ada", "general", "and?")
        requests = [str(here.sent(each)) for each in range(-3, 0)]
        assert any(f"[{TOLD}Ada counted.]" in each for each in requests)


async def test_nothing_is_summed_up_where_that_is_not_wanted(tmp_path: Path) -> None:
    async with community(tmp_path, more="conversation: {max_tokens: 2400}") as here:
        await talk(here, 50)
        await told(here)
        assert not here.bot.summing_up._tasks
        told_of = await (await here.person("ada").command(here.channel("general"), "privacy")).finished()
        assert "summed up" not in told_of.content
