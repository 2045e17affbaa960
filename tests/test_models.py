"""`discord-bot models`: what the providers list, as their owner reads it in a terminal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from discord_bot.chat.schema import ModelInfo
from tests.test_main import NOWHERE, outcome, plain


@asynccontextmanager
async def listing(answer: object, *, status: int = 200, together: asyncio.Barrier | None = None) -> AsyncIterator[str]:
    """A server that answers `GET /models` like that, be it `together` with others; its base URL."""

    async def answered(_: web.Request) -> web.Response:
        if together is not None:
            await together.wait()
        return web.json_response(answer, status=status)

    app = web.Application()
    app.add_routes([web.get("/v1/models", answered)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


def offered(*models: str | Mapping[str, Any]) -> dict[str, Any]:
    """A list of models as OpenAI's API has it."""
    return {"object": "list", "data": [{"id": each} if isinstance(each, str) else each for each in models]}


def written(directory: Path, providers: Mapping[str, str], *models: str, language: str = "en") -> str:
    """A configuration with these providers and models, by its path."""
    (directory / "config.yaml").write_text(
        json.dumps({
            "providers": {
                name: {"base_url": url, "api_key": "sk-secret", "timeouts": {"connect": 2}}
                for name, url in providers.items()
            },
            "models": dict.fromkeys(models),
            "personas": {"assistant": "Be kind."},
            "language": language,
        }),
        "utf-8",
    )  # fmt: skip
    return str(directory / "config.yaml")


DEAD = f"http://{NOWHERE}/v1"


async def test_each_provider_is_a_list_of_names_to_paste_those_in_use_first(tmp_path: Path) -> None:
    first = offered("b-model", {"id": "vendor/a-model", "context_length": 131072}, "used-second", "used-first")
    async with listing(first) as one, listing(offered({"id": "llama3.2:latest", "max_model_len": 8192})) as two:
        config = written(tmp_path, {"one": one, "two": two}, "one/used-first", "two/llama3.2", "one/used-second")
        status, output = await outcome("models", "--config", config)
    assert status == 0
    assert [line.rstrip() for line in output.splitlines()] == [
        "one: 4 listed",
        "✓ one/used-first                  (default)",
        "✓ one/used-second",
        "  one/b-model",
        "  one/vendor/a-model     131,072",
        "",
        "two: 1 listed",
        "✓ two/llama3.2       8,192",
        "",
        "✓ used in the configuration   ✗ used there, but not listed   "
        "Numbers are context lengths in tokens, where the server tells them.",
    ]


async def test_a_provider_that_cannot_be_reached_is_a_sentence_and_the_others_are_listed(tmp_path: Path) -> None:
    async with listing(offered("small")) as here:
        config = written(tmp_path, {"dead": DEAD, "here": here}, "here/small")
        status, output = await outcome("models", "--config", config)
    assert status == 0
    assert "✗ dead  No connection." in output
    assert "Start the server there" in output  # as `check` says it of a server on this machine
    assert "✓ here/small" in output
    assert plain(output)


async def test_only_where_nobody_told_anything_the_status_says_so(tmp_path: Path) -> None:
    async with listing({"error": {"message": "bad key sk-secret"}}, status=401) as refusing:
        config = written(tmp_path, {"dead": DEAD, "refusing": refusing}, "dead/small")
        status, output = await outcome("models", "--config", config)
    assert status == 1
    assert "✗ dead  No connection." in output
    assert "✗ refusing  The key is not accepted." in output
    assert "✓ used" not in output
    assert plain(output)


async def test_a_model_of_the_configuration_that_is_not_listed_is_named_with_the_nearest(tmp_path: Path) -> None:
    async with listing(offered("gpt-5-mini", "gpt-5-nano", "whisper", "dall-e")) as here:
        config = written(tmp_path, {"here": here}, "here/gpt-5-mni", "here/whisper")
        status, output = await outcome("models", "--config", config)
    assert status == 0
    assert output.splitlines()[1].startswith("✗ here/gpt-5-mni")
    assert "(default) (not in its list; it has: gpt-5-mini, " in output.splitlines()[1]


@pytest.mark.parametrize("status", [404, 405])
async def test_a_provider_without_a_list_is_said_to_have_none(status: int, tmp_path: Path) -> None:
    async with listing({"detail": "no"}, status=status) as here:
        code, output = await outcome("models", "--config", written(tmp_path, {"here": here}, "here/small"))
    assert code == 1
    assert "✗ here  It does not list its models." in output


async def test_an_empty_list_says_nothing_against_the_models_in_use(tmp_path: Path) -> None:
    async with listing(offered()) as here:
        code, output = await outcome("models", "--config", written(tmp_path, {"here": here}, "here/small"))
    assert code == 0
    assert output.startswith("here: 0 listed\n")
    assert "here/small" not in output


async def test_among_hundreds_the_words_find_those_that_hold_all_of_them(tmp_path: Path) -> None:
    many = [f"vendor-{number % 20}/model-{number}" for number in range(400)]
    async with listing(offered(*many, "OpenAI/GPT-5-mini", "openai/gpt-5")) as here:
        config = written(tmp_path, {"here": here, "dead": DEAD}, "here/openai/gpt-5")
        status, output = await outcome("models", "gpt", "MINI", "--provider", "here", "--config", config)
        assert status == 0
        assert output.splitlines()[:3] == ["here: 1 of 402 listed", "  here/OpenAI/GPT-5-mini", ""]
        assert "dead" not in output
        _, output = await outcome("models", "--provider", "here", "--config", config)
        names = [line.split()[-1] for line in output.splitlines() if "/vendor" in line]
        assert len(names) == 400
        assert names == sorted(names)
        _, output = await outcome("models", "nothing-like-it", "--provider", "here", "--config", config)
        assert output.startswith("here: 0 of 402 listed\n")


async def test_the_providers_are_asked_at_the_same_time(tmp_path: Path) -> None:
    together = asyncio.Barrier(2)  # neither answers before the other one was asked
    async with listing(offered("a"), together=together) as one, listing(offered("b"), together=together) as two:
        status, output = await outcome("models", "--config", written(tmp_path, {"one": one, "two": two}, "one/a"))
    assert status == 0
    assert output.startswith("one: 1 listed\n✓ one/a")
    assert "\n\ntwo: 1 listed\n  two/b" in output


async def test_what_a_server_lists_cannot_command_the_terminal(tmp_path: Path) -> None:
    async with listing(offered("evil\x1b[2J\nhere/forged\r")) as here:
        _, output = await outcome("models", "--config", written(tmp_path, {"here": here}, "here/small"))
    assert "\x1b" not in output
    assert not any(line.strip() == "here/forged" for line in output.splitlines())


async def test_it_speaks_chinese_too(tmp_path: Path) -> None:
    async with listing(offered("small", "large")) as here:
        config = written(tmp_path, {"here": here, "dead": DEAD}, "here/smal", language="zh")
        _, output = await outcome("models", "--config", config)
    assert "here：共 2 个模型" in output
    assert "（默认） （不在它的列表中；它有：small, large）" in output
    assert "✗ dead  无法连接。" in output


async def test_a_provider_that_is_not_configured_is_answered_with_those_that_are(tmp_path: Path) -> None:
    status, output = await outcome("models", "--provider", "nowhere", "--config", written(tmp_path, {"a": DEAD}, "a/b"))
    assert status == 2
    assert "there are a" in " ".join(output.replace("│", " ").split())
    assert plain(output)


@pytest.mark.parametrize(
    ("told", "context"),
    [
        ({"context_length": 131072}, 131072),  # OpenRouter, Together
        ({"max_model_len": 4096, "meta": {"n_ctx_train": 131072}}, 4096),  # vLLM
        ({"context_window": 8192}, 8192),  # Groq
        ({"max_context_length": 32768}, 32768),  # Mistral, LM Studio
        ({"meta": {"n_ctx_train": 2048, "n_vocab": 32000}}, 2048),  # llama.cpp
        ({"context_length": None, "meta": None}, None),
        ({"context_length": "many", "meta": [], "max_context_length": 16}, 16),
        ({"context_length": 0}, None),
    ],
)
def test_how_much_a_model_reads_is_told_in_many_words(told: dict[str, Any], context: int | None) -> None:
    assert ModelInfo.mend({"id": "m", **told}).context == context
