"""Several quick messages of one person are one question; later ones wait their turn, and that can be seen."""

from __future__ import annotations

import asyncio
from pathlib import Path

from discord_bot.simulator.model import Fault, Reply
from discord_bot.simulator.world.entities import Overwrite
from discord_bot.simulator.world.permissions import Permission
from tests.running import Running, Said, community, contents

SLOWLY = Reply(pieces=[f"piece {number}, " for number in range(200)])
HOURGLASS = "⏳"


async def asked(here: Running, person: str, text: str, *, requests: int) -> Said:
    """Somebody says something, and the model has been asked so often by then."""
    said = await here.person(person).send(here.channel("general"), text)
    await here.until(lambda: len(here.model.requests) >= requests)
    return said


def prompt(here: Running) -> str:
    return "\n".join(f"{each['role']}: {each['content']}" for each in here.sent()[1:])


def signs(here: Running, said: Said) -> bool:
    message = next(each for each in here.messages("general") if each["id"] == said["id"])
    return any(each["emoji"]["name"] == HOURGLASS for each in message.get("reactions", []))


async def test_what_follows_before_the_first_word_is_taken_in(tmp_path: Path) -> None:
    """With a mention or without; one answer comes, to the last of them, and the model was asked for all."""
    async with community(tmp_path, [Fault.HANG, Fault.HANG, "Sunny."]) as here:
        await asked(here, "ada", f"{here.mention} hello", requests=1)
        await asked(here, "ada", "what is the weather", requests=2)
        last = await asked(here, "ada", f"{here.mention} in Paris?", requests=3)
        await here.until(lambda: contents(here.answers("general"))[-1:] == ["Sunny."])
        await here.idle()
        told = prompt(here)
        assert told.index("hello") < told.index("what is the weather") < told.index("in Paris?")
        (answer,) = here.answers("general")[-1:]
        assert answer["message_reference"]["message_id"] == last["id"]
        assert contents(here.answers("general")).count("Sunny.") == 1
        assert len(here.bot.answering.exchanges) == 1


async def test_what_is_for_somebody_else_is_not_taken_in(tmp_path: Path) -> None:
    async with community(tmp_path, [Fault.HANG]) as here:
        await asked(here, "ada", f"{here.mention} hello", requests=1)
        await here.person("kim").send(here.channel("general"), "hm")
        await here.person("ada").send(here.channel("general"), f"{here.person('mo').mention} lunch?")
        await asyncio.sleep(0.1)
        assert len(here.model.requests) == 1


async def test_an_edit_of_any_part_is_followed_and_a_deleted_one_is_gone(tmp_path: Path) -> None:
    async with community(tmp_path, [Fault.HANG, Fault.HANG, Fault.HANG, "Mild.", "Dry."]) as here:
        first = await asked(here, "ada", f"{here.mention} hello", requests=1)
        second = await asked(here, "ada", "the weather in Paris?", requests=2)
        await here.person("ada").edit(first, f"{here.mention} good day")
        await here.until(lambda: len(here.model.requests) == 3)
        assert "hello" not in prompt(here)
        assert "good day" in prompt(here)
        await here.person("ada").delete(first)
        await here.until(lambda: contents(here.answers("general"))[-1:] == ["Mild."])
        await here.idle()
        assert "good day" not in prompt(here)
        await here.person("ada").edit(second, "the weather in Rome?")
        await here.until(lambda: contents(here.answers("general"))[-1:] == ["Dry."])
        assert "Rome" in prompt(here)


async def test_what_comes_after_the_first_word_waits_with_a_sign_that_goes_away(tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY, "Second."]) as here:
        here.model.pace = 0.02
        first = await here.person("ada").send(here.channel("general"), f"{here.mention} tell me")
        await here.until(lambda: here.answers("general"))
        second = await here.person("ada").send(here.channel("general"), f"{here.mention} and then?")
        await here.until(lambda: signs(here, second))
        assert not signs(here, first)
        await here.until(lambda: contents(here.answers("general"))[-1:] == ["Second."], seconds=15)
        await here.until(lambda: not signs(here, second))
        assert "piece 199" in "".join(contents(here.answers("general")))


async def test_where_the_bot_may_not_react_the_answer_comes_all_the_same(tmp_path: Path) -> None:
    async with community(tmp_path, [SLOWLY, "Second."]) as here:
        assert here.bot.user is not None
        me = here.bot.user.id
        here.channel("general").overwrites[me] = Overwrite(me, is_member=True, deny=Permission.ADD_REACTIONS)
        here.model.pace = 0.02
        await here.person("ada").send(here.channel("general"), f"{here.mention} tell me")
        await here.until(lambda: here.answers("general"))
        await here.person("ada").send(here.channel("general"), f"{here.mention} and then?")
        await here.until(lambda: contents(here.answers("general"))[-1:] == ["Second."], seconds=15)
        await here.idle()
        assert all("reactions" not in each for each in here.messages("general"))
