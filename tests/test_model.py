"""/model, as people run it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from discord import app_commands

from cogs.model import fact_line
from discord_bot.bindings import LIST_PAGES, called, meant, suggestions
from discord_bot.simulator.model import ModelEndpoint, Raw
from discord_bot.simulator.people import Invocation
from discord_bot.simulator.server import Simulator
from discord_bot.store import Place
from tests.running import Running, community, contents, running

MODELS = "  here/large: {context_length: 131072, top_p: 0.9, fallback: [here/small, here/other]}\n  here/vendor/tiny:"


async def run(here: Running, person: str, channel: str, command: str, /, **options: str) -> str:
    """What a command answers."""
    return (await invoked(here, person, channel, command, **options)).content


async def invoked(here: Running, person: str, channel: str, command: str, /, **options: str) -> Invocation:
    invocation = await here.person(person).command(here.channel(channel), command, **options)
    return await invocation.finished()


async def asked(here: Running, channel: str) -> str:
    """Which model answers in a channel, by what the server was asked for."""
    here.model.script.append("As you like.")
    await here.ask("ada", channel, "who are you?")
    model: str = here.model.requests[-1]["model"]
    return model


async def test_a_model_is_set_here_and_the_next_mention_asks_it_with_its_parameters(tmp_path: Path) -> None:
    async with community(tmp_path, models=MODELS) as here:
        assert await asked(here, "general") == "small"
        set_to = await invoked(here, "mo", "general", "model set", name="here/large")
        assert set_to.content == "**here/large** answers here from now on."
        assert not set_to.ephemeral  # it concerns everybody here
        assert await asked(here, "general") == "large"
        assert here.model.requests[-1]["top_p"] == 0.9
        assert not {"context_length", "fallback", "show_reasoning", "temperature"} & here.model.requests[-1].keys()
        assert await asked(here, "tavern") == "small"


async def test_the_nearest_setting_wins_thread_then_channel_then_server(tmp_path: Path) -> None:
    async with community(tmp_path, models=MODELS) as here:
        where_server = await run(here, "ada", "support", "model set", name="here/large", where="server")
        assert where_server.startswith("**here/large** answers in this server from now on")
        assert await asked(here, "the long voyage") == "large"
        await run(here, "ada", "tavern", "model set", name="here/vendor/tiny")
        assert await asked(here, "the long voyage") == "vendor/tiny"
        await run(here, "ada", "the long voyage", "model set", name="here/small", where="here")
        assert await asked(here, "the long voyage") == "small"
        assert "set for this place" in await run(here, "ada", "the long voyage", "model show")
        assert await run(here, "ada", "the long voyage", "model reset") == (
            "This place has no model of its own any more. **here/vendor/tiny** answers here now."
        )
        assert "set for the channel of this thread" in await run(here, "ada", "the long voyage", "model show")
        await run(here, "ada", "tavern", "model reset")
        assert "set for the whole server" in await run(here, "ada", "the long voyage", "model show")
        await run(here, "ada", "general", "model reset", where="server")
        assert "it is the default" in await run(here, "ada", "the long voyage", "model show")
        nothing = await invoked(here, "ada", "tavern", "model reset")
        assert nothing.content == "Nothing was set there. **here/small** answers here."
        assert nothing.ephemeral


async def test_the_model_and_the_persona_of_a_channel_are_set_apart(tmp_path: Path) -> None:
    async with community(tmp_path, models=MODELS) as here:
        await run(here, "ada", "general", "persona set", name="pirate")
        await run(here, "ada", "general", "model set", name="here/large")
        await run(here, "ada", "general", "persona reset")
        assert await asked(here, "general") == "large"
        assert here.sent()[0]["content"].startswith("You are the assistant")


async def test_what_is_known_of_the_model_is_shown_to_who_asks_alone(tmp_path: Path) -> None:
    async with community(tmp_path, models=MODELS) as here:
        await run(here, "ada", "general", "model set", name="large")
        shown = await invoked(here, "newcomer", "general", "model show")
        assert shown.ephemeral
        assert shown.content.splitlines() == [
            "**here/large** answers here: it was set for this place.",
            "- It can read 131,072 tokens, question and answer together.",
            "- It is asked with `top_p: 0.9`.",
            "- Where it can't answer, these are asked, in this order: **here/small**, **here/other**.",
        ]
        chinese = await run(here, "kim", "general", "model show")
        assert chinese.startswith("**here/large** 在这里回答：这是为这里设置的。")
        assert "131,072 个 token" in chinese


async def test_what_was_learned_of_a_model_is_shown_too(tmp_path: Path) -> None:
    refusal = {"error": {"message": "Unsupported parameter: 'temperature'.", "param": "temperature"}}
    refused = Raw([json.dumps(refusal).encode()], status=400, content_type="application/json")
    async with community(tmp_path, [refused, "Here I am."]) as here:
        assert "in its own way" not in await run(here, "ada", "general", "model show")
        assert contents(await here.ask("ada", "general", "where are you?")) == ["Here I am."]
        shown = await run(here, "ada", "general", "model show")
        assert "- It wants to be asked in its own way: {without: [temperature]}" in shown.replace("\\", "")


def test_a_fact_that_has_no_sentence_speaks_for_itself() -> None:
    assert fact_line("answers_to", ["@everyone", "x"], "en") == "answers\\_to: **@\u200beveryone**, **x**"
    assert fact_line("context_length", 4096, "zh") == "它最多能读 4,096 个 token，提问和回答合计。"


async def test_a_parameter_is_shown_with_its_value_only_where_that_can_be_no_secret(tmp_path: Path) -> None:
    secrets = """\
  here/odd:
    max_tokens: 500
    reasoning_effort: low
    api_key: hunter2
    service: sk-proj-1234567890abcdef
    user: somebody@example.com
    metadata: {team: secret-team}
    "``` @everyone": 1
"""
    async with community(tmp_path, models=secrets) as here:
        await run(here, "ada", "general", "model set", name="here/odd")
        shown = await run(here, "newcomer", "general", "model show")
        assert '`max_tokens: 500`, `reasoning_effort: "low"`, `api_key`, `service`, `user`, `metadata`' in shown
        assert not any(secret in shown for secret in ("hunter2", "sk-proj", "somebody", "secret-team", "```"))


async def test_who_may_not_is_told_what_they_lack_and_nothing_changes(tmp_path: Path) -> None:
    async with community(tmp_path, models=MODELS) as here:
        refused = await invoked(here, "newcomer", "general", "model set", name="here/large")
        assert "Manage Channels" in refused.content
        assert refused.ephemeral
        assert "管理频道" in await run(here, "kim", "general", "model set", name="here/large")
        assert "Manage Server" in await run(here, "mo", "general", "model set", name="here/large", where="server")
        await run(here, "mo", "general", "model set", name="here/large")
        assert "Manage Channels" in await run(here, "newcomer", "general", "model reset")
        assert await asked(here, "general") == "large"


async def test_who_may_is_a_setting_apart_from_that_of_personas(tmp_path: Path) -> None:
    async with community(
        tmp_path, models=MODELS, more="permissions: {model: {here: everyone, server: admins}}"
    ) as here:
        assert "from now on" in await run(here, "newcomer", "general", "model set", name="here/large")
        assert "Only those" in await run(here, "ada", "general", "model set", name="here/large", where="server")
        assert "Manage Channels" in await run(here, "newcomer", "general", "persona set", name="pirate")


async def test_a_model_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    async with community(tmp_path, models=MODELS) as here:
        answer = await invoked(here, "ada", "general", "model set", name="@everyone **gpt-9**")
        assert "There are: `here/small`, `here/large`, `here/vendor/tiny`." in answer.content
        assert "@everyone" not in answer.content
        assert answer.ephemeral
        assert "There is no model called" in await run(here, "ada", "general", "model set", name="🦜" * 4000)
        assert await asked(here, "general") == "small"


async def test_a_model_that_left_the_configuration_gives_way_to_the_default(tmp_path: Path) -> None:
    async with Simulator(limits=False) as simulator, ModelEndpoint(pace=0.0) as model:
        async with running(simulator, model, tmp_path, models=MODELS) as here:
            await run(here, "ada", "general", "model set", name="here/large")
        async with running(simulator, model, tmp_path) as here:
            assert "“here/large” was set, but there is none of that name any more" in await run(
                here, "ada", "general", "model show"
            )
            assert await asked(here, "general") == "small"
        async with running(simulator, model, tmp_path, models=MODELS) as here:
            assert await asked(here, "general") == "large"  # it came back, and so did what was set


async def test_names_are_completed_as_they_are_typed(tmp_path: Path) -> None:
    many = "\n".join(f"  here/other-{number}:" for number in range(60))
    async with community(tmp_path, models=f"{MODELS}\n{many}") as here:

        async def completed(typed: str) -> Sequence[str]:
            found = await here.person("newcomer").autocomplete(
                here.channel("general"), "model set", focused="name", options={"name": typed}
            )
            return [choice["value"] for choice in found]

        assert await completed("TINY") == ["here/vendor/tiny"]
        assert (await completed(""))[:3] == ["here/small", "here/large", "here/vendor/tiny"]
        assert len(await completed("other")) == 25
        assert await completed("nothing like it") == []


async def test_a_name_that_is_longer_than_a_suggestion_can_be_is_set_by_its_suggestion(tmp_path: Path) -> None:
    long = f"here/{'x' * 120}"
    async with community(tmp_path, models=f"  {long}:") as here:
        (choice,) = await here.person("ada").autocomplete(
            here.channel("general"), "model set", focused="name", options={"name": "xxx"}
        )
        assert len(choice["value"]) == 100
        assert "from now on" in await run(here, "ada", "general", "model set", name=choice["value"])
        assert await asked(here, "general") == "x" * 120


async def test_the_list_marks_the_default_and_the_one_that_answers_here(tmp_path: Path) -> None:
    async with community(tmp_path, models=MODELS) as here:
        await run(here, "ada", "general", "model set", name="here/large")
        assert (await run(here, "ada", "the long voyage", "model list")).splitlines() == [
            "**Models**", "- **here/small** (default) ← answers here", "- **here/large**", "- **here/vendor/tiny**",
        ]  # fmt: skip
        assert "- **here/large** ← answers here" in await run(here, "ada", "general", "model list")


async def test_a_long_list_comes_in_several_messages_and_not_in_endless_ones(tmp_path: Path) -> None:
    many = "\n".join(f"  here/a-model-with-a-rather-long-name-{number:03}:" for number in range(100))
    async with community(tmp_path, models=many) as here:
        listed = await invoked(here, "ada", "general", "model list")
        await here.until(lambda: "name-099" in str(listed.messages))
        lines = "\n".join(contents(listed.messages)).splitlines()
        assert len(lines) == 1 + 1 + 100
        assert all(len(each) <= 2000 for each in contents(listed.messages))
    too_many = "\n".join(f"  here/a-model-with-a-rather-long-name-{number:03}:" for number in range(400))
    async with community(tmp_path, models=too_many) as here:
        listed = await invoked(here, "ada", "general", "model list")
        await here.until(lambda: len(listed.messages) == LIST_PAGES)
        assert listed.messages[-1]["content"].endswith("\n…")
        assert all(each["flags"] & 64 for each in listed.messages)  # nobody else sees them


async def test_in_a_direct_message_everybody_chooses_for_themselves(tmp_path: Path) -> None:
    async with community(tmp_path, ["Arr."], models=MODELS) as here:
        assert here.bot.user is not None
        newcomer = here.person("newcomer")
        channel = await newcomer.open_dm(here.bot.user.id)
        refused = await newcomer.command(channel, "model set", name="here/large", where="server")
        assert "no server here" in refused.content
        assert "answers here" in (await newcomer.command(channel, "model set", name="here/large")).content
        assert "set for this place" in (await newcomer.command(channel, "model show")).content
        await newcomer.send(channel, "hello")
        await here.until(lambda: "Arr." in contents(here.answers(channel)))
        assert here.model.requests[-1]["model"] == "large"


async def test_a_name_that_was_bound_in_other_letters_still_counts(tmp_path: Path) -> None:
    async with community(tmp_path, models=MODELS) as here:
        await here.bot.store.bind("model", Place("channel", here.channel("general").id), "Here/LARGE")
        assert await asked(here, "general") == "large"


# ---- which name is meant ---------------------------------------------------------------------------------------------

NAMES = ("openai/gpt-5", "openrouter/openai/gpt-5-mini", "openrouter/x-ai/grok-4", "OPENAI/GPT-5", "azure/gpt-5")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("openai/gpt-5", "openai/gpt-5"),
        ("OPENAI/GPT-5", "OPENAI/GPT-5"),  # as it is written, where two differ in their case only
        (" Openrouter/X-AI/grok-4 ", "openrouter/x-ai/grok-4"),
        ("grok-4", "openrouter/x-ai/grok-4"),
        ("x-ai/GROK-4", "openrouter/x-ai/grok-4"),
        ("gpt-5", None),  # three end like that
        ("ok-4", None),
        ("", None),
        ("/", None),
        ("gpt-5-mini/", None),
    ],
)
def test_a_name_is_meant_as_a_whole_or_by_an_end_that_only_it_has(typed: str, name: str | None) -> None:
    assert meant(NAMES, typed) == name


def test_an_end_alone_is_no_name() -> None:
    assert called(NAMES, "grok-4") is None


def test_suggestions_that_begin_with_what_was_typed_come_first_then_those_of_which_a_part_does() -> None:
    found: list[app_commands.Choice[str]] = suggestions(["a/xgpt", "b/gpt", "gpt/c"], "GPT")
    assert [each.value for each in found] == ["gpt/c", "b/gpt", "a/xgpt"]
