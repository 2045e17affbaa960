"""How much of a conversation the model is sent, and what it teaches of that: the real bot on the simulator."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from discord_bot.chat.tokens import mix_of
from discord_bot.simulator.model import Fault, ModelEndpoint, Raw
from discord_bot.simulator.server import Simulator
from tests.running import Running, community, contents, running

WORDS = "and a few more words of what was said here "


async def talk(here: Running, count: int) -> None:
    """So many messages of about forty tokens, none of which asks anything."""
    for index in range(count):
        await here.person("kim").send(here.channel("general"), f"number {index}: {WORDS * 4}")


def refusal(message: str) -> Raw:
    body = {"error": {"message": message, "type": "invalid_request_error", "code": "context_length_exceeded"}}
    return Raw([json.dumps(body).encode()], status=400, content_type="application/json")


def size(here: Running, index: int = -1) -> float:
    return mix_of(message["content"] for message in here.sent(index)).tokens


async def shown(here: Running) -> str:
    invocation = await here.person("ada").command(here.channel("general"), "model show")
    return (await invocation.finished()).content


async def test_a_prompt_that_was_too_long_is_put_again_with_less_and_the_limit_is_known(tmp_path: Path) -> None:
    too_long = refusal("This model's maximum context length is 1200 tokens. However, you requested 2500 tokens.")
    async with community(tmp_path, [too_long, "It was forty.", "Yes."]) as here:
        await talk(here, 40)
        assert contents(await here.ask("ada", "general", "how many?")) == ["It was forty."]
        assert len(here.model.requests) == 2
        assert size(here, 0) > 1200
        assert size(here, 1) <= 900
        assert "how many?" in here.sent(1)[-1]["content"]
        assert "It can read 1,200 tokens, question and answer together." in await shown(here)
        assert contents(await here.ask("ada", "general", "really?")) == ["Yes."]
        assert len(here.model.requests) == 3
        assert size(here) <= 900


async def test_where_the_limit_is_not_told_half_of_the_prompt_is_put(tmp_path: Path) -> None:
    async with community(tmp_path, [refusal("Input is too long for requested model."), "Fine."]) as here:
        await talk(here, 40)
        assert contents(await here.ask("ada", "general", "how many?")) == ["Fine."]
        assert size(here, 1) <= size(here, 0) / 2
        assert "It has refused a prompt as too long" in await shown(here)


async def test_half_is_put_too_where_the_prompt_should_have_fitted(tmp_path: Path) -> None:
    """A server that counts more than it says, such as for tools of its own."""
    models = "  here/large: {context_length: 8192}"
    async with community(tmp_path, [Fault.CONTEXT_LENGTH, "Fine."], models=models) as here:
        await here.person("ada").command(here.channel("general"), "model set", name="here/large")
        await talk(here, 40)
        assert contents(await here.ask("ada", "general", "how many?")) == ["Fine."]
        assert size(here, 1) <= size(here, 0) / 2


async def test_what_is_too_long_twice_is_said_and_a_question_alone_is_not_put_again(tmp_path: Path) -> None:
    async with community(tmp_path, [Fault.CONTEXT_LENGTH] * 3) as here:
        (alone,) = await here.ask("ada", "general", "how many?")
        assert "too long for the model" in alone["content"]
        assert len(here.model.requests) == 1
        await talk(here, 40)
        (answer,) = await here.ask("ada", "general", "how many?")
        assert answer["content"] == alone["content"]
        assert len(here.model.requests) == 3


async def test_room_is_left_for_as_long_an_answer_as_is_asked_for(tmp_path: Path) -> None:
    models = "  here/large: {context_length: 2000, max_tokens: 1500}"
    async with community(tmp_path, models=models) as here:
        await here.person("ada").command(here.channel("general"), "model set", name="here/large")
        await talk(here, 40)
        await here.ask("ada", "general", "how many?")
        assert 250 < size(here) <= 500


@pytest.mark.parametrize("name", ["small", "models/small"])
async def test_how_much_a_model_reads_is_asked_of_its_server_once(tmp_path: Path, name: str) -> None:
    async with (
        Simulator(limits=False) as simulator,
        ModelEndpoint(["One.", "Two.", "Three."], pace=0.0, model=name, context_length=1200) as model,
        running(simulator, model, tmp_path) as here,
    ):
        await talk(here, 40)
        await here.ask("ada", "general", "how many?")
        await here.until(lambda: here.bot.models["here/small"].context_length)
        await here.ask("ada", "general", "how many?")
        assert size(here) <= 900 < size(here, 0)
        assert "It can read 1,200 tokens" in await shown(here)
        await here.ask("ada", "general", "how many?")
        assert model.lists == 1


async def test_a_server_is_not_asked_what_the_configuration_says(tmp_path: Path) -> None:
    async with community(tmp_path, models="  here/large: {context_length: 8192}") as here:
        await here.person("ada").command(here.channel("general"), "model set", name="here/large")
        await here.ask("ada", "general", "how many?")
        assert here.model.lists == 0
        assert not here.bot.models._asking


def stated(requests: list[dict[str, Any]]) -> list[str]:
    """The text of each prompt, its roles included, as a server that keeps prefixes reads it."""
    return ["\x00".join(f"{each['role']}:{each['content']}" for each in request["messages"]) for request in requests]


LETTERS_PER_TOKEN = 4
"""About what a token of English is; prefixes are kept in steps of so many, once they are long enough:"""
KEPT_FROM, KEPT_IN_STEPS = 1024, 128
"""Tokens. https://platform.openai.com/docs/guides/prompt-caching"""


def kept(before: str, text: str) -> int:
    """How many letters of a prompt a server has kept from the prompt before."""
    same = next((at for at, (one, other) in enumerate(zip(before, text, strict=False)) if one != other), len(before))
    tokens = same // LETTERS_PER_TOKEN
    return tokens // KEPT_IN_STEPS * KEPT_IN_STEPS * LETTERS_PER_TOKEN if tokens >= KEPT_FROM else 0


@pytest.mark.timeout(180)  # a channel takes a message a second
async def test_sixty_turns_cost_little_and_leave_most_of_each_prompt_as_it_was(tmp_path: Path) -> None:
    """At least 85 % of all that is sent is kept by the server; few requests; and what was heard is not read again."""
    turns = 60
    async with community(tmp_path, [f"answer {turn}: {WORDS * 7}" for turn in range(turns)]) as here:
        for turn in range(turns):
            await here.ask(("ada", "kim")[turn % 2], "general", f"question {turn}: {WORDS * 7}")
        prompts = stated(list(here.model.requests))
        requests = list(here.simulator.requests)
    assert len(prompts) == turns
    asked = [each for each in requests if re.search(r"/channels/\d+/", each.path)]
    assert len(asked) <= 3 * turns
    assert sum(each.method == "GET" for each in asked) <= 1  # of what was said before the bot came
    held = sum(kept(before, text) for before, text in pairwise(prompts))
    assert held / sum(map(len, prompts)) >= 0.85
