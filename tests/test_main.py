"""The program as its owner meets it: a process, its output, its exit status."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

import pytest

from discord_bot.simulator.model import Fault, ModelEndpoint, Raw, Reply, Turn
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world.entities import ApplicationFlag
from tests.running import CONFIG

ROOT = Path(__file__).parent.parent
QUIET = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": "/nonexistent"}


async def start(*arguments: str, environ: dict[str, str] | None = None, cwd: Path = ROOT) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "discord_bot", *arguments, cwd=cwd, env=QUIET | (environ or {}),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip


async def outcome(*arguments: str, environ: dict[str, str] | None = None, cwd: Path = ROOT) -> tuple[int | None, str]:
    """The exit status and all that was printed."""
    process = await start(*arguments, environ=environ, cwd=cwd)
    async with asyncio.timeout(30):
        output, _ = await process.communicate()
    return process.returncode, output.decode()


NOWHERE = "127.0.0.1:9"


def configured(
    directory: Path,
    *,
    api: str = f"http://{NOWHERE}",
    gateway: str = f"ws://{NOWHERE}",
    model: str = f"http://{NOWHERE}/v1",
    token: str = "simulator-token",
    store: str = "",
) -> str:
    """A configuration file, by its path."""
    file = directory / "config.yaml"
    store = store or f"sqlite:///{directory}/bot.db"
    text = CONFIG.format(
        api=api, gateway=f'"{gateway}"', model=model, store=store, keep_left_servers=30, models="", personas="", more=""
    )
    file.write_text(text.replace("simulator-token", token), "utf-8")
    return str(file)


def plain(output: str, *secrets: str) -> bool:
    """No traceback and no secret."""
    return "Traceback" not in output and not any(secret in output for secret in ("sk-secret", *secrets))


async def test_no_token(tmp_path: Path) -> None:
    status, output = await outcome("run", "--config", str(ROOT / "config.yaml"), cwd=tmp_path)
    assert status == 1
    assert "DISCORD_TOKEN" in output
    assert plain(output)


async def test_a_wrong_token(tmp_path: Path) -> None:
    async with Simulator() as simulator:
        config = configured(tmp_path, api=simulator.api_url, gateway=simulator.gateway_url, token="wrong.token.here")
        status, output = await outcome("run", "--config", config)
        assert status == 1
        assert "token" in output
        assert plain(output, "wrong.token.here")


async def test_an_intent_that_is_switched_off(tmp_path: Path) -> None:
    async with Simulator() as simulator:
        simulator.world.application.flags &= ~ApplicationFlag.GATEWAY_MESSAGE_CONTENT_LIMITED
        config = configured(tmp_path, api=simulator.api_url, gateway=simulator.gateway_url)
        status, output = await outcome("run", "--config", config)
        assert status == 1
        assert "Message Content Intent" in output
        assert plain(output)


@pytest.mark.parametrize("reached", ["api", "nothing"])
async def test_a_discord_that_cannot_be_reached(reached: str, tmp_path: Path) -> None:
    async with Simulator() as simulator:
        api = simulator.api_url if reached == "api" else "http://127.0.0.1:9/api/v10"
        status, output = await outcome("run", "--config", configured(tmp_path, api=api))
        assert status == 1
        assert "127.0.0.1:9" in output
        assert plain(output)


async def test_an_address_at_which_something_else_answers(tmp_path: Path) -> None:
    async with Simulator() as simulator:
        simulator.faults.rest("403", route="get_my_user")
        refused, output = await outcome("run", "--config", configured(tmp_path, api=simulator.api_url))
        assert (refused, plain(output)) == (1, True)
    async with ModelEndpoint() as model:  # its answers are JSON, but no user's
        status, output = await outcome("run", "--config", configured(tmp_path, api=f"{model.base_url}"))
        assert (status, plain(output)) == (1, True)
        assert model.base_url in output


async def test_a_database_that_cannot_be_made(tmp_path: Path) -> None:
    config = configured(tmp_path, store="sqlite:////dev/null/data/bot.db")
    status, output = await outcome("run", "--config", config)
    assert status == 1
    assert "/dev/null/data" in output
    assert plain(output)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("discord: {token: [", "config.yaml:1"),
        ("providers:\n  here: {bas_url: http://localhost}\nmodels: {here/m: }\npersonas: {a: b}", "config.yaml:2"),
        ("providers:\n  here: {bas_url: http://localhost}\nmodels: {here/m: }\npersonas: {a: b}", "base_url"),
        ("providers:\n  here: {base_url: http://localhost}\npersonas: {a: b}", "models"),
        ("", "says nothing"),
    ],
)
@pytest.mark.parametrize("command", ["run", "playground", "check", "ask"])
async def test_a_wrong_file(command: str, text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(text)
    question = ["hello"] if command == "ask" else []
    status, output = await outcome(command, *question, "--config", "config.yaml", cwd=tmp_path)
    assert status == 1
    assert said in output
    assert plain(output)


async def test_a_port_that_is_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        status, output = await outcome("playground", "--no-browser", "--port", port)
        assert status == 1
        assert port in output
        assert plain(output)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_it_in_time_with_the_reply_marked_as_interrupted(
    number: signal.Signals, tmp_path: Path
) -> None:
    endless = Reply(pieces=["word "] * 10_000)
    async with Simulator(limits=False) as simulator, ModelEndpoint([endless], pace=0.02) as model:
        config = configured(tmp_path, api=simulator.api_url, gateway=simulator.gateway_url, model=model.base_url)
        process = await start("run", "--config", config)
        async with asyncio.timeout(20):
            while not simulator.gateway.is_heard:
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.3)
            general = next(each for each in simulator.world.channels.values() if each.name == "general")
            me = simulator.world.bot
            await simulator.person("ada").send(general, f"<@{me.id}> talk")
            while not [each for each in simulator.messages(general) if each["author"]["id"] == str(me.id)]:
                await asyncio.sleep(0.02)
            began = time.monotonic()
            process.send_signal(number)
            output, _ = await process.communicate()
        assert time.monotonic() - began < 10
        assert process.returncode == 0
        assert plain(output.decode())
        assert "interrupted" in simulator.messages(general)[-1]["content"]


async def test_a_signal_ends_it_also_while_discord_does_not_answer(tmp_path: Path) -> None:
    async with Simulator() as simulator:
        simulator.faults.rest("nothing", route="get_my_user")
        process = await start("run", "--config", configured(tmp_path, api=simulator.api_url))
        async with asyncio.timeout(30):
            while simulator.faults._pending:  # until it has asked, and waits
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.2)
            process.send_signal(signal.SIGTERM)
            output, _ = await process.communicate()
        assert process.returncode == 0
        assert plain(output.decode())


async def test_a_discord_that_goes_away_is_a_line_in_the_log(tmp_path: Path) -> None:
    async with Simulator() as simulator:
        config = configured(tmp_path, api=simulator.api_url, gateway=simulator.gateway_url)
        process = await start("run", "--config", config)
        async with asyncio.timeout(20):
            while not simulator.gateway.is_heard:
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.5)
    await asyncio.sleep(2)
    process.terminate()
    output, _ = await process.communicate()
    assert "Attempting a reconnect" in output.decode()
    assert plain(output.decode())
    assert process.returncode == 0


async def test_the_log_holds_neither_what_is_said_nor_a_secret(tmp_path: Path) -> None:
    echo = Raw([b'{"detail": [{"msg": "not valid", "input": "Ada: plaintext-question"}]}'], 422, "application/json")
    script: list[Turn] = ["the answer is plaintext-answer", Fault.WRONG_KEY, Fault.CUT, echo]
    async with Simulator(limits=False) as simulator, ModelEndpoint(script, pace=0.0) as model:
        config = configured(tmp_path, api=simulator.api_url, gateway=simulator.gateway_url, model=model.base_url)
        process = await start("run", "--config", config)
        async with asyncio.timeout(30):
            while not simulator.gateway.is_heard:
                await asyncio.sleep(0.02)
            general = next(each for each in simulator.world.channels.values() if each.name == "general")
            me = simulator.world.bot
            for number in range(len(script)):
                await simulator.person("ada").send(general, f"<@{me.id}> plaintext-question")
                while sum(each["author"]["id"] == str(me.id) for each in simulator.messages(general)) <= number:
                    await asyncio.sleep(0.02)
            process.terminate()
            output, _ = await process.communicate()
        assert plain(output.decode(), "plaintext", "simulator-token")


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(Fault.WRONG_KEY, "auth"), (Fault.NO_MODEL, "not_found"), (Fault.SERVER_ERROR, "server"), (None, "server")],
)
async def test_a_question_that_fails(fault: Fault | None, kind: str, tmp_path: Path) -> None:
    async with ModelEndpoint([fault] * 8 if fault else [], pace=0.0) as model:
        config = configured(tmp_path, model=model.base_url if fault else "http://127.0.0.1:9/v1")
        status, output = await outcome("ask", "hello", "--config", config)
        assert status == 1
        assert plain(output)
        status, output = await outcome("ask", "hello", "--config", config, "--json")
        assert status == 1
        assert json.loads(output)["error"]["kind"] == kind


async def test_a_question_that_is_answered(tmp_path: Path) -> None:
    async with ModelEndpoint(["Forty-two.", "Forty-two.", "Arr."], pace=0.0) as model:
        config = configured(tmp_path, model=model.base_url)
        assert await outcome("ask", "what is it?", "--config", config) == (0, "Forty-two.\n")
        status, output = await outcome("ask", "what is it?", "--config", config, "--json", "--no-stream")
        assert (status, json.loads(output)["text"]) == (0, "Forty-two.")
        await outcome("ask", "what is it?", "--config", config, "--persona", "pirate")
        assert model.requests[-1]["messages"][0]["content"] == "You are a pirate."


@pytest.mark.parametrize("wrong", [["--persona", "nobody"], ["--model", "nowhere/m"]])
async def test_a_question_to_nobody(wrong: list[str], tmp_path: Path) -> None:
    status, output = await outcome("ask", "hello", "--config", configured(tmp_path), *wrong)
    assert status == 2
    assert plain(output)


async def test_the_schema_in_the_repository_is_the_models_own() -> None:
    status, output = await outcome("schema")
    assert status == 0
    assert output == (ROOT / "config.schema.json").read_text("utf-8")
