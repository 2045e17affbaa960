"""`discord-bot check` says in plain words what is wrong with the set-up, and what to do. No secret is shown."""

from __future__ import annotations

import asyncio
import io
import json
import re
import string
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from discord_bot import errors
from discord_bot.check import check, rows, sentence_for, terminal_language
from discord_bot.check.sentences import PERMISSIONS, TERMINAL
from discord_bot.check.table import WIDTH, Row, columns, render_row, wrapped
from discord_bot.config import Settings, load_settings
from discord_bot.sentences import Language
from discord_bot.simulator.model import Fault, ModelEndpoint, Reply
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world.entities import ApplicationFlag
from tests.tiny_proxy import TinyProxy

TOKEN = "simulator-token"
KEY = "sk-hunter2-hunter2"


@pytest.fixture(autouse=True)
def _empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither this repository's config.yaml nor anybody's `.env` plays a part."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator() as simulator:
        yield simulator


@pytest.fixture
async def model() -> AsyncIterator[ModelEndpoint]:
    async with ModelEndpoint(pace=0, key=KEY, model="small") as endpoint:
        yield endpoint


def configuration(simulator: Simulator, model: ModelEndpoint, **changes: Any) -> dict[str, Any]:
    """A set-up in which all is well."""
    return {
        "discord": {"token": TOKEN, "api_url": simulator.api_url, "gateway_url": None},
        "providers": {"here": {"base_url": model.base_url, "api_key_env": "KEY"}},
        "models": {"here/small": {"temperature": 0.5}},
        "personas": {"assistant": "Be kind."},
        "store": {"url": "sqlite://"},
        "language": "en",
    } | changes


def write(configuration: dict[str, Any]) -> None:
    Path("config.yaml").write_text(json.dumps(configuration), "utf-8")


def settings_for(configuration: dict[str, Any], **environ: str) -> Settings:
    write(configuration)
    return load_settings(None, {"KEY": KEY} | environ)


async def looked_at(configuration: dict[str, Any], language: Language = "en", **environ: str) -> list[Row]:
    settings = settings_for(configuration, **environ)
    return [each async for each in rows(settings, language)]


def about(found: list[Row], subject: str) -> Row:
    return next(each for each in found if each.subject == subject)


# ---- when all is well ------------------------------------------------------------------------------------------------


async def test_a_set_up_in_which_all_is_well(simulator: Simulator, model: ModelEndpoint) -> None:
    found = await looked_at(configuration(simulator, model))
    assert [(each.subject, each.mark) for each in found] == [
        ("Settings", "ok"),
        ("Store", "ok"),
        ("Discord", "ok"),
        ("Token", "ok"),
        ("Intents", "ok"),
        ("Servers", "ok"),
        ("Install", "ok"),
        ("Gateway", "ok"),
        ("here", "ok"),
    ]
    assert about(found, "Discord").sentence == f"{simulator.api_url} answers."
    assert about(found, "Token").sentence == f"The bot is assistant (id {simulator.world.bot.id})."
    assert about(found, "Servers").sentence == "The bot is in 2 of them."
    assert about(found, "Gateway").sentence == (
        f"{simulator.gateway_url} says hello. 1000 of 1000 log-ins are left today."
    )
    assert re.fullmatch(r"here/small answers, its first words after \d+\.\d s\.", about(found, "here").sentence)
    assert not any(each.what_to_do for each in found)


async def test_check_begins_no_session_at_the_gateway(simulator: Simulator, model: ModelEndpoint) -> None:
    """A look at the set-up costs none of the day's log-ins."""
    await looked_at(configuration(simulator, model))
    assert simulator.gateway.sessions.begun == 0


async def test_the_model_is_asked_as_it_will_be(simulator: Simulator, model: ModelEndpoint) -> None:
    await looked_at(configuration(simulator, model))
    [request] = model.requests
    assert request["model"] == "small"
    assert request["stream"] is True
    assert request["temperature"] == 0.5


async def test_what_is_printed_when_all_is_well(simulator: Simulator, model: ModelEndpoint) -> None:
    write(configuration(simulator, model))
    out = io.StringIO()
    assert await check(None, {"KEY": KEY}, out)
    printed = out.getvalue()
    assert printed.splitlines()[0] == "✓ Settings  config.yaml is right. Models: here/small. Personas: assistant."
    assert printed.splitlines()[-1] == "All is well: discord-bot run starts the bot."
    assert "✗" not in printed


async def test_what_is_printed_when_something_is_wrong(simulator: Simulator, model: ModelEndpoint) -> None:
    wrong = configuration(simulator, model, language="zh")
    wrong["discord"]["token"] = "wrong-token"
    write(wrong)
    out = io.StringIO()
    assert not await check(None, {"KEY": KEY}, out)
    printed = out.getvalue()
    assert "✗ 令牌     Discord 不接受这个令牌。" in printed
    assert "→ 请生成新的令牌并替换。" in printed
    assert printed.splitlines()[-1] == "请先解决标有 ✗ 的问题。"
    assert "wrong-token" not in printed
    assert KEY not in printed


async def test_a_wrong_file_is_all_that_is_said_of(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("provders: {}\n", "utf-8")
    out = io.StringIO()
    assert not await check(tmp_path / "config.yaml", {}, out)
    assert out.getvalue().splitlines()[-3:] == [
        f"{tmp_path / 'config.yaml'}:1: provders: unknown key; did you mean providers?",
        "",
        "Mend the lines that are named; the default config.yaml shows every key.",
    ]


async def test_a_terminal_that_knows_no_such_signs_is_no_reason_to_fail(
    simulator: Simulator, model: ModelEndpoint
) -> None:
    write(configuration(simulator, model))
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert await check(None, {"KEY": KEY}, out)
    out.close()


# ---- Discord ---------------------------------------------------------------------------------------------------------


async def test_no_token(simulator: Simulator, model: ModelEndpoint) -> None:
    without = configuration(simulator, model)
    del without["discord"]["token"]
    found = await looked_at(without)
    assert about(found, "Discord").mark == "ok"
    token = about(found, "Token")
    assert (token.mark, token.sentence) == ("wrong", "There is no token to log in to Discord with.")
    assert "Set DISCORD_TOKEN, in the environment or in a file named .env." in token.what_to_do
    assert "discord-bot playground" in token.what_to_do
    assert about(found, "here").mark == "ok"


async def test_a_wrong_token(simulator: Simulator, model: ModelEndpoint) -> None:
    wrong = configuration(simulator, model)
    wrong["discord"]["token"] = "not-the-token"
    found = await looked_at(wrong)
    assert about(found, "Discord").mark == "ok"
    assert about(found, "Token") == Row("Token", "wrong", *sentence_for(errors.TokenRefused(), "en").split("\n→ "))
    assert not [each for each in found if each.subject in ("Intents", "Gateway")]


@pytest.mark.parametrize("flag", ["GATEWAY_MESSAGE_CONTENT", "GATEWAY_MESSAGE_CONTENT_LIMITED"])
async def test_the_intent_is_on_by_either_flag(simulator: Simulator, model: ModelEndpoint, flag: str) -> None:
    simulator.world.application.flags = ApplicationFlag[flag]
    assert about(await looked_at(configuration(simulator, model)), "Intents").mark == "ok"


async def test_an_intent_that_is_switched_off_is_told_before_the_gateway_tells(
    simulator: Simulator, model: ModelEndpoint
) -> None:
    simulator.world.application.flags = ApplicationFlag.GATEWAY_GUILD_MEMBERS
    intents = about(await looked_at(configuration(simulator, model)), "Intents")
    assert intents.mark == "wrong"
    assert "Message Content Intent is switched off" in intents.sentence
    assert "https://discord.com/developers/applications: your application, Bot, Privileged Gateway Intents" in (
        intents.what_to_do
    )


async def test_the_flags_are_also_asked_for_at_the_older_address(simulator: Simulator, model: ModelEndpoint) -> None:
    simulator.faults.rest("403", route="get_my_application")
    assert about(await looked_at(configuration(simulator, model)), "Intents").mark == "ok"
    assert "get_my_oauth2_application" in [each.route for each in simulator.requests]


async def test_flags_that_can_not_be_learned_are_a_warning(simulator: Simulator, model: ModelEndpoint) -> None:
    simulator.faults.rest("403", route="get_my_application")
    simulator.faults.rest("403", route="get_my_oauth2_application")
    assert about(await looked_at(configuration(simulator, model)), "Intents").mark == "warning"


async def test_a_bot_in_no_server_is_given_its_invitation(simulator: Simulator, model: ModelEndpoint) -> None:
    for guild in simulator.world.guilds.values():
        guild.members.pop(simulator.world.bot.id, None)
    servers = about(await looked_at(configuration(simulator, model)), "Servers")
    assert servers.mark == "warning"
    assert servers.what_to_do == (
        "Open this link and invite it: https://discord.com/oauth2/authorize"
        f"?client_id={simulator.world.application.id}&scope=bot+applications.commands&permissions={PERMISSIONS}"
    )


async def test_whether_people_can_bring_it_along_is_said(simulator: Simulator, model: ModelEndpoint) -> None:
    found = about(await looked_at(configuration(simulator, model)), "Install")
    assert (found.mark, found.sentence[:34]) == ("ok", "Servers can install it, and people")
    simulator.world.application.user_installable = False
    found = about(await looked_at(configuration(simulator, model)), "Install")
    assert "tick User Install" in found.sentence


async def test_an_api_that_is_not_there(model: ModelEndpoint, simulator: Simulator, unused_port: int) -> None:
    elsewhere = configuration(simulator, model)
    elsewhere["discord"]["api_url"] = f"http://127.0.0.1:{unused_port}/api/v10"
    found = await looked_at(elsewhere)
    discord = about(found, "Discord")
    assert discord.mark == "wrong"
    assert discord.sentence.startswith(f"No connection to 127.0.0.1:{unused_port}: ")
    assert "HTTPS_PROXY" in discord.what_to_do
    assert about(found, "here").mark == "ok"


async def test_a_gateway_that_is_not_there(model: ModelEndpoint, simulator: Simulator, unused_port: int) -> None:
    elsewhere = configuration(simulator, model)
    elsewhere["discord"]["gateway_url"] = f"ws://127.0.0.1:{unused_port}"
    gateway = about(await looked_at(elsewhere), "Gateway")
    assert gateway.mark == "wrong"
    assert gateway.sentence.startswith(f"No connection to 127.0.0.1:{unused_port}: ")


async def test_a_gateway_that_is_none(simulator: Simulator, model: ModelEndpoint) -> None:
    """Such as the address of the API: it answers, but not as a websocket."""
    elsewhere = configuration(simulator, model)
    elsewhere["discord"]["gateway_url"] = simulator.url.replace("http", "ws") + "/api/v10/gateway"
    gateway = about(await looked_at(elsewhere), "Gateway")
    assert gateway.mark == "wrong"
    assert "does not say hello" in gateway.sentence


async def test_an_api_that_fails(simulator: Simulator, model: ModelEndpoint) -> None:
    simulator.faults.rest("502", route="get_my_user")
    discord = about(await looked_at(configuration(simulator, model)), "Discord")
    assert (discord.mark, discord.sentence) == (
        "wrong",
        f"{simulator.api_url} answers with the status 502, which it should not.",
    )


async def test_an_api_that_ends_the_connection(simulator: Simulator, model: ModelEndpoint) -> None:
    simulator.faults.rest("drop", times=10)
    assert about(await looked_at(configuration(simulator, model)), "Discord").mark == "wrong"


async def test_an_api_that_is_something_else(simulator: Simulator, model: ModelEndpoint) -> None:
    """Such as the page at which a hotel's network wants a room number."""

    async def page(_request: web.BaseRequest) -> web.Response:
        return web.Response(text="<html>Welcome!</html>", content_type="text/html")

    async with served(page) as url:
        elsewhere = configuration(simulator, model)
        elsewhere["discord"]["api_url"] = url
        discord = about(await looked_at(elsewhere), "Discord")
    assert (discord.mark, discord.sentence) == ("wrong", f"{url} answers, but not as Discord does.")


async def test_log_ins_that_are_used_up(simulator: Simulator, model: ModelEndpoint) -> None:
    async def api(request: web.BaseRequest) -> web.Response:
        limit = {"total": 1000, "remaining": 0, "reset_after": 3_600_001, "max_concurrency": 1}
        answers = {
            "/users/@me": {"id": "1", "username": "worn\u202e out"},
            "/applications/@me": {"id": "1", "flags": 1 << 19},
            "/gateway/bot": {"url": simulator.gateway_url, "session_start_limit": limit},
        }
        return web.json_response(answers[request.path])

    async with served(api) as url:
        elsewhere = configuration(simulator, model)
        elsewhere["discord"]["api_url"] = url
        found = await looked_at(elsewhere)
    assert about(found, "Token").sentence == "The bot is worn out (id 1)."
    assert not [each for each in found if each.subject == "Servers"]
    gateway = about(found, "Gateway")
    assert gateway.mark == "wrong"
    assert gateway.sentence.endswith("Discord allows the next one in 61 minutes.")


# ---- the providers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "sentence", "what_to_do"),
    [
        (Fault.WRONG_KEY, "The key is not accepted.", "Check the provider's api_key"),
        (Fault.NO_QUOTA, "The credit of this account is used up.", "Add credit"),
        (Fault.RATE_LIMITED, "Too many requests", "Try again in a minute"),
        (Fault.SERVER_ERROR, "The server has a problem.", "Try again in a few minutes"),
        (Fault.CONTEXT_LENGTH, "The prompt is longer than the model can read.", "Lower conversation.max_tokens"),
    ],
)
async def test_what_keeps_the_model_from_answering(
    simulator: Simulator, model: ModelEndpoint, fault: Fault, sentence: str, what_to_do: str
) -> None:
    model.script.append(fault)
    found = about(await looked_at(configuration(simulator, model)), "here")
    assert found.mark == "wrong"
    assert found.sentence.startswith(f"here/small: {sentence}")
    assert found.what_to_do.startswith(what_to_do)


async def test_a_key_that_is_not_set_is_named(simulator: Simulator, model: ModelEndpoint) -> None:
    found = about(await looked_at(configuration(simulator, model), KEY=""), "here")
    assert found.mark == "wrong"
    assert found.what_to_do == "KEY is not set: set it to your key, in the environment or in a file named .env."


async def test_a_wrong_key_is_not_shown(simulator: Simulator, model: ModelEndpoint) -> None:
    found = await looked_at(configuration(simulator, model), KEY="sk-wrong-secret")
    assert about(found, "here").mark == "wrong"
    assert "sk-wrong-secret" not in repr(found)


async def test_an_unknown_model_is_answered_with_the_known_ones(simulator: Simulator, model: ModelEndpoint) -> None:
    model.script.append(Fault.NO_MODEL)
    found = about(await looked_at(configuration(simulator, model, models={"here/smal": None})), "here")
    assert found.mark == "wrong"
    assert found.sentence == "here/smal: There is no such model, or no such address. It says: The model does not exist"
    assert found.what_to_do == "Check the name in config.yaml. It has: small"


async def test_an_endpoint_that_is_not_there(simulator: Simulator, model: ModelEndpoint, unused_port: int) -> None:
    nowhere = configuration(simulator, model)
    nowhere["providers"]["here"]["base_url"] = f"http://127.0.0.1:{unused_port}/v1"
    found = about(await looked_at(nowhere), "here")
    assert found.mark == "wrong"
    assert found.sentence.startswith("here/small: No connection.")
    assert found.what_to_do.startswith("Start the server there. In a container")


async def test_a_model_that_says_nothing_in_time(simulator: Simulator, model: ModelEndpoint) -> None:
    slow = configuration(simulator, model)
    slow["providers"]["here"]["timeouts"] = {"first_token": 0.2}
    model.script.append(Fault.HANG)
    found = about(await looked_at(slow), "here")
    assert found.mark == "wrong"
    assert found.sentence.startswith("here/small: No answer in time.")


async def test_a_model_that_answers_with_no_text(simulator: Simulator, model: ModelEndpoint) -> None:
    model.script.append(Reply([], "length"))
    found = about(await looked_at(configuration(simulator, model)), "here")
    assert (found.mark, found.sentence) == ("warning", "here/small answers, but with no text (length).")


async def test_other_models_are_only_looked_up(simulator: Simulator, model: ModelEndpoint) -> None:
    async with ModelEndpoint(model="llama3.2:latest") as second:
        several = configuration(simulator, model)
        several["providers"]["second"] = {"base_url": second.base_url}
        several["models"] = {"here/small": None, "second/llama3.2": None, "second/llama4": None}
        found = [each for each in await looked_at(several) if each.subject == "second"]
        assert [(each.mark, each.sentence) for each in found] == [
            ("ok", "second/llama3.2: in its list of models."),
            ("warning", "second/llama4 is not in its list of models."),
        ]
        assert found[1].what_to_do == "Check the name in config.yaml. It has: llama3.2:latest"
        assert not second.requests


async def test_a_server_without_a_list_of_models_is_no_error(simulator: Simulator, model: ModelEndpoint) -> None:
    async def nothing(_request: web.BaseRequest) -> web.Response:
        return web.Response(status=404, text="404: Not Found")

    async with served(nothing) as url:
        several = configuration(simulator, model)
        several["providers"]["plain"] = {"base_url": f"{url}/v1"}
        several["models"]["plain/model"] = None
        found = about(await looked_at(several), "plain")
    assert (found.mark, found.sentence) == (
        "ok",
        "It does not list its models, so plain/model could not be looked up.",
    )


async def test_a_provider_that_no_model_needs_is_left_alone(simulator: Simulator, model: ModelEndpoint) -> None:
    more = configuration(simulator, model)
    more["providers"]["unused"] = {"base_url": "http://127.0.0.1:9/v1"}
    assert not [each for each in await looked_at(more) if each.subject == "unused"]


# ---- the store -------------------------------------------------------------------------------------------------------


async def test_a_store_that_can_not_be_made(simulator: Simulator, model: ModelEndpoint, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    found = await looked_at(configuration(simulator, model, store={"url": "sqlite:///file/beneath/bot.db"}))
    store = about(found, "Store")
    assert store.mark == "wrong"
    assert store.sentence.startswith("The database sqlite:///file/beneath/bot.db can't be used: ")
    assert store.what_to_do.startswith("Check store.url in config.yaml")


async def test_a_store_that_is_no_database(simulator: Simulator, model: ModelEndpoint, tmp_path: Path) -> None:
    (tmp_path / "bot.db").write_text("This is a diary, not a database. " * 100, "utf-8")
    assert (
        about(await looked_at(configuration(simulator, model, store={"url": "sqlite:///bot.db"})), "Store").mark
        == "wrong"
    )


async def test_looking_at_the_store_leaves_no_trace_in_it(simulator: Simulator, model: ModelEndpoint) -> None:
    there = configuration(simulator, model, store={"url": "sqlite:///data/bot.db"})
    assert about(await looked_at(there), "Store").sentence == "sqlite:///data/bot.db opens and can be written."
    assert about(await looked_at(there), "Store").mark == "ok"


# ---- proxies ---------------------------------------------------------------------------------------------------------


def away(url: str, name: str) -> str:
    """The address of something on this machine under a name that only the proxy knows."""
    return url.replace("127.0.0.1", f"{name}.test")


async def test_a_proxy_of_the_environment_is_used_for_rest_gateway_and_providers_and_named(
    simulator: Simulator, model: ModelEndpoint, tiny_proxy: TinyProxy
) -> None:
    """The names below exist only for the proxy, so that nothing could have gone past it."""
    elsewhere = configuration(simulator, model)
    elsewhere["discord"] |= {
        "api_url": away(simulator.api_url, "discord"),
        "gateway_url": away(simulator.gateway_url, "gateway"),
    }
    elsewhere["providers"]["here"]["base_url"] = away(model.base_url, "model")
    found = await looked_at(elsewhere, HTTP_PROXY=tiny_proxy.url.replace("//", "//me:hunter2@"))
    assert {each.mark for each in found} == {"ok"}
    through = f", through the proxy {tiny_proxy.url} (from HTTP_PROXY)."
    for subject in ("Discord", "here"):
        assert about(found, subject).sentence.endswith(through)
    assert f"{through} 1000 of 1000" in about(found, "Gateway").sentence
    assert {urlsplit(each.split(" ")[1]).hostname for each in tiny_proxy.seen} == {
        "discord.test",
        "gateway.test",
        "model.test",
    }
    assert "hunter2" not in repr(found)


async def test_a_proxy_of_the_configuration_is_used_and_named(
    simulator: Simulator, model: ModelEndpoint, tiny_proxy: TinyProxy
) -> None:
    with_proxies = configuration(simulator, model)
    with_proxies["discord"]["proxy"] = tiny_proxy.url
    with_proxies["providers"]["here"]["proxy"] = tiny_proxy.url
    found = await looked_at(with_proxies)
    assert {each.mark for each in found} == {"ok"}
    assert f"through the proxy {tiny_proxy.url} (from discord.proxy)." in about(found, "Gateway").sentence
    assert about(found, "here").sentence.endswith(f"through the proxy {tiny_proxy.url} (from providers.here.proxy).")
    assert any(simulator.api_url in each for each in tiny_proxy.seen)
    assert any(model.base_url in each for each in tiny_proxy.seen)


async def test_what_is_on_this_machine_is_reached_without_the_proxy_of_the_environment(
    simulator: Simulator, model: ModelEndpoint, tiny_proxy: TinyProxy
) -> None:
    found = await looked_at(configuration(simulator, model), HTTP_PROXY=tiny_proxy.url, ALL_PROXY=tiny_proxy.url)
    assert {each.mark for each in found} == {"ok"}
    assert not tiny_proxy.seen


async def test_a_proxy_that_is_not_there_is_said_to_be(
    simulator: Simulator, model: ModelEndpoint, unused_port: int
) -> None:
    with_proxies = configuration(simulator, model)
    with_proxies["discord"]["proxy"] = f"http://me:hunter2@127.0.0.1:{unused_port}"
    found = await looked_at(with_proxies)
    assert "the proxy can't be reached" in about(found, "Discord").sentence
    assert "hunter2" not in repr(found)


async def test_a_socks_proxy_of_the_environment_is_a_warning(simulator: Simulator, model: ModelEndpoint) -> None:
    socks = "socks5://127.0.0.1:1"
    here = configuration(simulator, model)
    assert not [each for each in await looked_at(here, ALL_PROXY=socks) if each.subject == "Proxy"]
    here["discord"]["api_url"] = "https://discord.test/api"
    async with aclosing(rows(settings_for(here, ALL_PROXY=socks), "en")) as found:
        assert (await anext(found)).subject == "Settings"
        proxy = await anext(found)
    assert (proxy.subject, proxy.mark) == ("Proxy", "warning")
    assert proxy.sentence == "ALL_PROXY names a SOCKS proxy, which is not supported, so it is not used."


# ---- sentences -------------------------------------------------------------------------------------------------------


def test_every_exception_of_ours_has_a_sentence_of_its_own_and_says_what_to_do() -> None:
    """In the terminal; abstract ones above them share theirs."""
    concrete = {
        errors.StoreError("sqlite:///x", "disk full."),
        errors.DiscordUnreachable("discord.com", "no route"),
        errors.TokenMissing(),
        errors.TokenRefused(),
        errors.IntentRefused(),
        errors.PortTaken(8420, "Address already in use"),
        *(
            kind("it said so")
            for kind in vars(errors).values()
            if isinstance(kind, type)
            and issubclass(kind, errors.CompletionError)
            and kind is not errors.CompletionError
        ),
    }
    for language in ("en", "zh"):
        said = {type(error): sentence_for(error, language) for error in concrete}
        assert len(set(said.values())) == len(concrete)
        for kind, sentence in said.items():
            assert kind.__name__ in TERMINAL
            assert re.fullmatch(r".+\n→ .+", sentence), sentence


def test_a_provider_s_own_words_are_quoted_on_one_line_and_shortened() -> None:
    said = sentence_for(errors.BadRequest("No\n\x1b[31m such  parameter: " + "x" * 5000, status=400), "en")
    assert said.startswith("The request is not accepted as it is. It says: No [31m such parameter: xxx")
    assert len(said) < 600
    assert said.count("\n") == 1


def test_words_of_ours_are_not_given_out_as_the_provider_s() -> None:
    assert sentence_for(errors.Unreachable("here: Connection refused"), "en").startswith(
        "No connection. (here: Connection refused)\n"
    )


def test_every_sentence_is_there_in_both_languages_with_the_same_facts() -> None:
    def facts(sentence: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}

    for key, (english, chinese) in TERMINAL.items():
        assert facts(english) == facts(chinese), key


def test_the_language_is_the_configured_one_or_the_terminal_s(simulator: Simulator, model: ModelEndpoint) -> None:
    assert terminal_language(None, {"LANG": "zh_CN.UTF-8"}) == "zh"
    assert terminal_language(None, {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}) == "en"
    assert terminal_language(None, {}) == "en"
    assert terminal_language(settings_for(configuration(simulator, model)), {"LANG": "zh_CN"}) == "en"


# ---- the table -------------------------------------------------------------------------------------------------------


def test_a_row_stays_within_eighty_columns_and_its_lines_stand_beneath_one_another() -> None:
    sentence = "The model answers, and this sentence goes on for much longer than a terminal is wide. " * 2
    row = render_row(Row("openai", "warning", sentence.strip(), "Do this, do that, and " * 6), 10)
    lines = row.splitlines()
    assert lines[0].startswith("! openai      The model answers")
    assert all(columns(line) <= WIDTH for line in lines)
    assert all(line.startswith(" " * 14) for line in lines[1:])
    assert sum("→" in line for line in lines) == 1
    assert " ".join(re.sub("[→!]|openai", "", row).split()) == " ".join(
        (sentence + "Do this, do that, and " * 6).split()
    )


def test_chinese_takes_two_columns_and_no_line_begins_with_its_punctuation() -> None:
    row = render_row(Row("令牌", "wrong", "机器人读不到大家写的内容，" * 8), 8)
    assert row.splitlines()[0].startswith("✗ 令牌      机器人")
    assert all(columns(line) <= WIDTH for line in row.splitlines())
    assert not any(line.strip().startswith("，") for line in row.splitlines())


def test_a_link_is_never_broken() -> None:
    link = "https://discord.com/oauth2/authorize?client_id=1&scope=bot+applications.commands&permissions=274877975616"
    assert link in list(wrapped(f"Open this link: {link} and invite it.", 40))


# ---- servers for these tests -----------------------------------------------------------------------------------------


@asynccontextmanager
async def served(handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """A server that answers every request so."""
    runner = web.ServerRunner(web.Server(handler))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.fixture
async def unused_port() -> int:
    """A port that nobody listens on."""
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port
