"""config.yaml, the environment and `.env` become settings; what is wrong with them is said at once, with its line."""

from __future__ import annotations

import json
import os
import re
import string
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from discord_bot.config import Settings, load_settings, render_problems, split_model, yaml_file
from discord_bot.config.proxies import is_loopback, proxy_for, unsupported_proxy, without_credentials
from discord_bot.config.schema import json_schema, schema_text
from discord_bot.config.sentences import SENTENCES
from discord_bot.errors import ConfigError

ROOT = Path(__file__).parent.parent
WRONG = Path(__file__).parent / "data" / "config" / "wrong"
SECRET = "hunter2"

SMALLEST = """\
providers: {here: {base_url: http://127.0.0.1:8080/v1}}
models: {here/small: }
personas: {assistant: Be kind.}
"""


@pytest.fixture(autouse=True)
def _empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither this repository's config.yaml nor anybody's `.env` plays a part."""
    monkeypatch.chdir(tmp_path)


def load(text: str, **environ: str) -> Settings:
    Path("config.yaml").write_text(text, "utf-8")
    return load_settings(None, environ)


def problems(text: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text, **environ)
    return render_problems(caught.value, "en").splitlines()


# ---- the default configuration ---------------------------------------------------------------------------------------


def test_the_default_configuration_works_as_it_stands() -> None:
    settings = load_settings(None, {"DISCORD_TOKEN": "a.token", "OPENAI_API_KEY": "a-key"})
    assert settings.source == str(ROOT / "config.yaml")
    assert settings.discord.token is not None
    assert settings.discord.token.get_secret_value() == "a.token"
    assert settings.discord.api_url == "https://discord.com/api/v10"
    assert settings.discord.gateway_url is None
    openai = settings.providers["openai"]
    assert openai.base_url == "https://api.openai.com/v1"
    assert openai.api_key is not None
    assert openai.api_key.get_secret_value() == "a-key"
    assert (openai.timeouts.connect, openai.timeouts.first_token, openai.timeouts.idle) == (10, 120, 60)
    assert settings.providers["ollama"].api_key is None
    assert settings.default_model == "openai/gpt-5-mini"
    assert settings.models[settings.default_model].parameters == {"temperature": 1.0}
    assert settings.default_persona == "assistant"
    assert len(settings.personas) >= 3
    assert all(each.system_prompt.strip() and each.description for each in settings.personas.values())
    assert settings.store.url == "sqlite:///data/discord-bot.db"
    assert settings.unset == {}


def test_the_default_configuration_needs_no_variable_to_be_read() -> None:
    settings = load_settings(None, {})
    assert settings.discord.token is None
    assert settings.unset == {"discord.token": "DISCORD_TOKEN", "providers.openai.api_key": "OPENAI_API_KEY"}


def test_what_is_commented_out_in_the_default_configuration_works_too() -> None:
    """Taking the `#` away from any line that shows a key gives a file that loads."""
    text = (ROOT / "config.yaml").read_text("utf-8")
    shown = re.compile(r"^( +)# ([a-z_]+(?:/[\w./-]+)?: ?(?:[^ ].*)?)$", re.MULTILINE)
    uncommented = shown.sub(r"\1\2", text)
    assert len(shown.findall(text)) >= 8
    settings = load(uncommented)
    assert {"openrouter", "lmstudio"} <= set(settings.providers)
    assert settings.models["ollama/llama3.2"].context_length == 8192


def test_a_persona_may_be_more_than_a_system_prompt() -> None:
    settings = load("""
providers: {here: {base_url: http://localhost:1/v1}}
models: {here/small: , here/large: }
personas:
  pirate:
    system_prompt: Ahoy.
    greetings: Arr!
    names: [captain, skipper]
    personality: salty
    example_dialogue: "{{char}}: Aye."
    post_history_instructions: Stay aboard.
    model: here/large
    parameters: {temperature: 1.5}
persona_folder: cast
""")
    pirate = settings.personas["pirate"]
    assert (pirate.greetings, pirate.names, pirate.tags) == (["Arr!"], ["captain", "skipper"], [])
    assert (pirate.model, pirate.parameters) == ("here/large", {"temperature": 1.5})
    assert settings.cards == Path("cast")
    assert load(SMALLEST).cards is None


def test_the_file_in_this_directory_comes_before_the_default_one() -> None:
    settings = load(SMALLEST)
    assert settings.source == "config.yaml"
    assert list(settings.providers) == ["here"]


# ---- what the keys mean ----------------------------------------------------------------------------------------------


def test_sections_of_a_bot_like_ours_can_be_pasted() -> None:
    settings = load("""
providers:
  x-ai:
    base_url: https://api.x.ai/v1
    api_key:
  openrouter:
    base_url: https://openrouter.ai/api/v1/
    api_key: sk-or
  azure-openai:
    base_url: https://example.openai.azure.com/openai/deployments/gpt
    extra_headers: {HTTP-Referer: "https://example.com", X-Number: 5, X-Yes: true}
    extra_query: {api-version: 2024-12-01-preview, date: 2024-12-01, n: 1}
    extra_body: {reasoning: {enabled: false}}
models:
  openrouter/x-ai/grok-4:
  x-ai/grok-4: {search_parameters: {mode: auto, sources: [web]}, temperature: 0.5, stop: null}
personas: {assistant: Be kind.}
permissions:
  users: {admin_ids: [123456789012345678], allowed_ids: [], blocked_ids: []}
  roles: {allowed_ids: ["223456789012345678"], blocked_ids: }
  channels:
allow_dms: false
""")
    assert settings.default_model == "openrouter/x-ai/grok-4"
    assert split_model(settings.default_model) == ("openrouter", "x-ai/grok-4")
    assert settings.models["openrouter/x-ai/grok-4"].parameters == {}
    assert settings.models["x-ai/grok-4"].parameters == {
        "search_parameters": {"mode": "auto", "sources": ["web"]},
        "temperature": 0.5,
        "stop": None,
    }
    assert settings.providers["x-ai"].api_key is None
    assert settings.providers["openrouter"].base_url == "https://openrouter.ai/api/v1"
    azure = settings.providers["azure-openai"]
    assert azure.extra_headers == {"HTTP-Referer": "https://example.com", "X-Number": "5", "X-Yes": "true"}
    assert azure.extra_query == {"api-version": "2024-12-01-preview", "date": "2024-12-01", "n": "1"}
    assert azure.extra_body == {"reasoning": {"enabled": False}}
    assert settings.permissions.users.admin_ids == [123456789012345678]
    assert settings.permissions.roles.allowed_ids == [223456789012345678]
    assert not settings.allow_dms


def test_a_persona_can_be_its_system_prompt_alone() -> None:
    persona = load(SMALLEST).personas["assistant"]
    assert (persona.system_prompt, persona.description) == ("Be kind.", "")


def test_keys_are_text_as_they_are_written() -> None:
    """`no`, `1984` and `~` are names, not false, a number and nothing."""
    settings = load(SMALLEST.replace("assistant:", "no: Never., 1984: Big., ~: Null., 诗人:"))
    assert list(settings.personas) == ["no", "1984", "~", "诗人"]


def test_anchors_and_merges_are_read() -> None:
    settings = load("""
providers:
  one: &base {base_url: http://one.test/v1, timeouts: {idle: 5}, extra_headers: {A: b}}
  two: {<<: *base, base_url: http://two.test/v1}
  three: {<<: [{proxy: direct}, *base]}
models: {two/m: }
personas: {a: b}
""")
    assert settings.providers["two"].base_url == "http://two.test/v1"
    assert settings.providers["two"].timeouts.idle == 5
    assert settings.providers["three"].proxy == "direct"
    assert settings.providers["three"].base_url == "http://one.test/v1"


def test_a_token_is_taken_without_the_word_bot_and_without_spaces() -> None:
    token = load(SMALLEST + 'discord: {token: " Bot abc.def "}').discord.token
    assert token is not None
    assert token.get_secret_value() == "abc.def"


@pytest.mark.parametrize("empty", ['""', '"  "', "~", ""])
def test_an_empty_secret_is_none(empty: str) -> None:
    settings = load(SMALLEST.replace("/v1}", f"/v1, api_key: {empty}}}") + f"discord: {{token: {empty}}}")
    assert settings.discord.token is None
    assert settings.providers["here"].api_key is None


def test_a_file_that_says_nothing_of_a_token_means_discord_token() -> None:
    token = load(SMALLEST, DISCORD_TOKEN="abc").discord.token
    assert token is not None
    assert token.get_secret_value() == "abc"
    assert load(SMALLEST + "discord: {token_env: OTHER}", DISCORD_TOKEN="abc").discord.token is None


def admitting(**permissions: Any) -> Any:
    text = SMALLEST + "permissions: " + json.dumps(permissions)
    return load(text).permissions.admit


def test_where_nothing_is_said_everybody_is_answered() -> None:
    admit = admitting()
    assert admit(1, [2], [3])
    assert admit(1)


def test_a_block_list_holds_where_the_allow_list_is_empty() -> None:
    admit = admitting(users={"blocked_ids": [1]}, roles={"blocked_ids": [10]}, channels={"blocked_ids": [100]})
    assert not admit(1, [], [101])
    assert not admit(1)
    assert not admit(2, [9, 10], [101])
    assert not admit(2, [9], [101, 100])
    assert admit(2, [9], [101])


def test_what_is_blocked_stays_blocked_though_it_is_allowed_elsewhere() -> None:
    admit = admitting(users={"allowed_ids": [1], "blocked_ids": [1], "admin_ids": [1]})
    assert not admit(1, [], [100])


def test_an_allow_list_lets_in_by_id_or_by_role() -> None:
    admit = admitting(users={"allowed_ids": [1]}, roles={"allowed_ids": [10]})
    assert admit(1, [], [100])
    assert admit(2, [10], [100])
    assert not admit(2, [11], [100])
    assert admit(1)
    assert not admit(2)


def test_a_role_can_not_be_asked_for_in_a_direct_message() -> None:
    admit = admitting(roles={"allowed_ids": [10]})
    assert admit(2)
    assert not admit(2, [], [100])


def test_a_place_is_allowed_by_its_channel_its_parent_or_its_category_and_admins_go_everywhere() -> None:
    admit = admitting(channels={"allowed_ids": [100]}, users={"admin_ids": [7]})
    assert admit(1, [], [102, 101, 100])
    assert not admit(1, [], [102, 101])
    assert admit(7, [], [102, 101])
    assert admit(1)


# ---- the environment -------------------------------------------------------------------------------------------------


def test_any_value_at_any_depth_can_come_from_the_environment() -> None:
    settings = load(
        """
providers:
  here:
    base_url_env: BASE
    timeouts: {idle_env: IDLE}
    extra_headers: {X-Team_env: TEAM}
    extra_body: {deep: {er_env: DEEP, list: [{x_env: TRUTH}]}}
  other_env: OTHER
models:
  here/small: {temperature_env: TEMPERATURE, stop_env: STOP, user_env: NOT_SET, context_length_env: CONTEXT}
personas: {assistant: {system_prompt_env: PROMPT}, poet_env: POET}
permissions: {users: {admin_ids_env: ADMINS, allowed_ids_env: ONE}}
allow_dms_env: DMS
language_env: LANGUAGE
conversation_env: CONVERSATION
""",
        BASE="http://base.test/v1",
        IDLE="7.5",
        TEAM="42",
        DEEP="5",
        TRUTH="true",
        OTHER="{base_url: http://other.test/v1}",
        TEMPERATURE="0.25",
        STOP="[a, b]",
        CONTEXT="4096",
        PROMPT="123",
        POET="You rhyme: always.",
        ADMINS="1, 2",
        ONE="3",
        DMS="false",
        LANGUAGE="zh",
        CONVERSATION="max_messages: 5",
    )
    here = settings.providers["here"]
    assert here.base_url == "http://base.test/v1"
    assert here.timeouts.idle == 7.5
    assert here.extra_headers == {"X-Team": "42"}
    assert here.extra_body == {"deep": {"er": 5, "list": [{"x": True}]}}
    assert settings.providers["other"].base_url == "http://other.test/v1"
    assert settings.models["here/small"].parameters == {"temperature": 0.25, "stop": ["a", "b"]}
    assert settings.models["here/small"].context_length == 4096
    assert settings.personas["assistant"].system_prompt == "123"
    assert settings.personas["poet"].system_prompt == "You rhyme: always."
    assert settings.permissions.users.admin_ids == [1, 2]
    assert settings.permissions.users.allowed_ids == [3]
    assert not settings.allow_dms
    assert settings.language == "zh"
    assert settings.conversation.max_messages == 5


def test_the_keys_of_a_model_that_are_ours_are_no_parameters() -> None:
    settings = load(
        """
providers: {here: {base_url: http://here.test}, there: {base_url: http://there.test}}
models:
  here/small:
    fallback: [here/large, there/v/never-named]
    show_reasoning: spoiler
    context_length: 4096
    reasoning: {effort: low}
  here/large: {fallback_env: OTHERS, temperature: 1}
  here/whole_env: WHOLE
personas: {assistant: Be kind.}
""",
        OTHERS="here/small, there/large",
        WHOLE="{fallback: here/small}",
    )
    small, large, plain = (settings.models[f"here/{name}"] for name in ("small", "large", "whole"))
    assert small.fallback == ["here/large", "there/v/never-named"]
    assert small.show_reasoning == "spoiler"
    assert small.parameters == {"reasoning": {"effort": "low"}}  # a parameter of OpenRouter's
    assert (large.fallback, large.show_reasoning) == (["here/small", "there/large"], "hidden")
    assert large.parameters == {"temperature": 1}
    assert plain.fallback == ["here/small"]


def test_a_fallback_is_looked_at_wherever_it_comes_from() -> None:
    text = """\
providers: {here: {base_url: http://here.test}}
models:
  here/small: {fallback_env: OTHERS}
  here/large_env: LARGE
personas: {assistant: Be kind.}
"""
    assert problems(text, OTHERS="here/small", LARGE="{fallback: [nowhere/small]}") == [
        "config.yaml:3: models.here/small.fallback[0]: a model can't stand in for itself; name another one",
        "config.yaml:4: models.here/large.fallback[0]: there is no such model, nor a provider for it; "
        "did you mean here/small?",
    ]


def test_a_models_name_fits_into_the_store() -> None:
    assert load(SMALLEST.replace("small", "s" * 195)).default_model == f"here/{'s' * 195}"
    (said,) = problems(SMALLEST.replace("small", "s" * 196))
    assert said.endswith("a model's name is at most 200 characters long")


def test_a_variable_that_is_not_set_leaves_the_value_that_stands_beside_it() -> None:
    text = SMALLEST.replace("{base_url:", "{base_url_env: BASE, base_url:")
    assert load(text).providers["here"].base_url == "http://127.0.0.1:8080/v1"
    assert load(text, BASE="").providers["here"].base_url == "http://127.0.0.1:8080/v1"
    assert load(text, BASE="http://base.test").providers["here"].base_url == "http://base.test"


def test_variables_with_our_prefix_override_the_file() -> None:
    settings = load(
        SMALLEST + "conversation: {max_messages: 5, max_tokens: 500}\n",
        DISCORD_BOT_CONVERSATION__MAX_MESSAGES="7",
        DISCORD_BOT_STORE__URL="sqlite://",
        DISCORD_BOT_PROVIDERS__HERE__API_KEY="abc",
        DISCORD_BOT_PROVIDERS__HERE__TIMEOUTS__IDLE="3",
        DISCORD_BOT_PROVIDERS__SECOND="{base_url: http://second.test/v1}",
        DISCORD_BOT_PERMISSIONS__USERS__ADMIN_IDS="[1, 2]",
        DISCORD_BOT_PERMISSIONS__CHANNELS__BLOCKED_IDS="3,4",
        DISCORD_BOT_DISCORD__TOKEN="a.b",
        discord_bot_language="zh",
        DISCORD_BOT_TOKEN="another program's",
    )
    assert settings.conversation.max_messages == 7
    assert settings.conversation.max_tokens == 500
    assert settings.store.url == "sqlite://"
    here = settings.providers["here"]
    assert here.api_key is not None
    assert (here.base_url, here.api_key.get_secret_value()) == ("http://127.0.0.1:8080/v1", "abc")
    assert here.timeouts.idle == 3
    assert settings.providers["second"].base_url == "http://second.test/v1"
    assert settings.permissions.users.admin_ids == [1, 2]
    assert settings.permissions.channels.blocked_ids == [3, 4]
    assert settings.language == "zh"
    assert settings.discord.token is not None


def test_a_key_that_is_overridden_does_not_count_as_unset() -> None:
    settings = load_settings(None, {"DISCORD_BOT_PROVIDERS__OPENAI__API_KEY": "abc"})
    assert settings.unset == {"discord.token": "DISCORD_TOKEN"}


def test_a_whole_section_can_be_given_in_one_variable() -> None:
    settings = load(SMALLEST, DISCORD_BOT_MODELS='{"here/other": {"temperature": 0.5}}')
    assert settings.models["here/other"].parameters == {"temperature": 0.5}


def test_what_is_wrong_in_a_variable_names_the_variable() -> None:
    assert problems(SMALLEST, DISCORD_BOT_STORE__URLL="x", DISCORD_BOT_CONVERSATION__MAX_TOKENS="many") == [
        "config.yaml: conversation.max_tokens: expected a whole number "
        "(from the environment variable DISCORD_BOT_CONVERSATION__MAX_TOKENS)",
        "config.yaml: store.urll: unknown key; did you mean url? "
        "(from the environment variable DISCORD_BOT_STORE__URLL)",
    ]


def test_dotenv_is_read_beside_the_configuration_and_here_and_never_overrides_the_environment(tmp_path: Path) -> None:
    Path(".env").write_text("DISCORD_TOKEN=here\nBASE='http://here.test'\nexport X=1\n# a comment\nEMPTY=\n", "utf-8")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "config.yaml").write_text(SMALLEST.replace("{base_url:", "{base_url_env: BASE, base_url:"), "utf-8")
    (elsewhere / ".env").write_text(
        "\ufeffBASE=http://beside.test\nHTTPS_PROXY=http://proxy.test:1\nDISCORD_BOT_LANGUAGE=zh\n"
    )
    settings = load_settings(elsewhere / "config.yaml", {"DISCORD_BOT_STORE__URL": "sqlite://"})
    assert settings.discord.token is not None
    assert settings.discord.token.get_secret_value() == "here"
    assert settings.providers["here"].base_url == "http://beside.test"
    assert settings.language == "zh"
    proxy = settings.proxy_for("https://discord.com", None)
    assert proxy is not None
    assert proxy.url == "http://proxy.test:1"
    assert (
        load_settings(elsewhere / "config.yaml", {"BASE": "http://real.test"}).providers["here"].base_url
        == "http://real.test"
    )


def test_a_dotenv_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=1\nB=\xff\n")
    assert problems(SMALLEST) == [".env:2: this is not UTF-8 text; save the file with the encoding UTF-8"]


def test_reading_settings_changes_no_variable_of_this_process() -> None:
    Path(".env").write_text("A_NAME_OF_THIS_TEST=1\n", "utf-8")
    before = dict(os.environ)
    load(SMALLEST)
    assert dict(os.environ) == before


# ---- what is wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(WRONG.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_wrong_file_is_answered_with_line_path_and_what_would_be_right(path: Path) -> None:
    """Each file in data/config/wrong stands beside the very sentences that answer it."""
    with pytest.raises(ConfigError) as caught:
        load_settings(path, {})
    said = render_problems(caught.value, "en").replace(str(path), "config.yaml")
    assert said.splitlines() == path.with_suffix(".txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize("path", sorted(WRONG.glob("*.yaml")), ids=lambda path: path.stem)
def test_no_secret_stands_in_what_is_said_of_a_wrong_file(path: Path) -> None:
    """Neither in a sentence, in any language, nor in the exception or its chain."""
    with pytest.raises(ConfigError) as caught:
        load_settings(path, {})
    error = caught.value
    assert SECRET not in render_problems(error, "en") + render_problems(error, "zh") + repr(error) + repr(
        error.problems
    )
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None


def test_problems_are_said_in_chinese_too() -> None:
    with pytest.raises(ConfigError) as caught:
        load(SMALLEST + "permisions: {}\n", DISCORD_BOT_LANGUAGE="fr")
    assert render_problems(caught.value, "zh").splitlines() == [
        "config.yaml: language: 此处应为以下之一：auto, en, zh（来自环境变量 DISCORD_BOT_LANGUAGE）",
        "config.yaml:4: permisions: 未知的键；是否想写 permissions？",
    ]


def test_a_file_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    def said(path: Path) -> str:
        with pytest.raises(ConfigError) as caught:
            load_settings(path, {})
        return render_problems(caught.value, "en").removeprefix(f"{path}: ")

    assert said(tmp_path / "none.yaml").startswith("there is no such file; give the right path with --config")
    assert said(tmp_path) == "this is a directory; name the YAML file in it"
    file = tmp_path / "large.yaml"
    file.write_text("# " + "x" * 2**20, "utf-8")
    assert said(file) == "this file is larger than 1024 KiB; a configuration is a few KiB of text"
    assert said(file / "beneath.yaml").startswith("there is no such file")
    assert said(Path("a\0b")).startswith("this file can't be read: ")


def test_a_small_file_can_not_stand_for_a_huge_one() -> None:
    """Nine lists of nine aliases each would be hundreds of millions of values."""
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))
    assert problems(bomb) == [f"config.yaml: the file holds more than {yaml_file.MAX_VALUES} values"]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_a_file_that_goes_too_deep_is_refused(opening: str) -> None:
    assert problems("x: " * (opening == "[") + opening * 5000) == ["config.yaml: the values are nested too deeply"]


@given(st.text())
def test_whatever_text_stands_in_the_file_only_a_config_error_is_raised(text: str) -> None:
    _load_anything(text)


_SCRAPS = st.sampled_from(
    [
        *(
            "providers:",
            "models:",
            "personas:",
            "discord:",
            "permissions:",
            "conversation:",
            "store:",
            "x_env:",
            "_env:",
        ),
        *(
            "\n",
            "\n  ",
            "\n    ",
            " ",
            "- ",
            "? ",
            ": ",
            "[",
            "]",
            "{",
            "}",
            ",",
            "#",
            "|",
            ">",
            "'",
            '"',
            "\t",
            "---",
            "...",
        ),
        *(
            "&a ",
            "*a",
            "<<: ",
            "!!int ",
            "!!map ",
            "!!binary ",
            "!x ",
            "%YAML 9.9\n",
            "%TAG ! x\n",
            "\\",
            '"\\U0011ffff"',
        ),
        *(
            "1",
            "0x",
            "0b",
            "1e999",
            ".nan",
            "12:30",
            "2024-13-45",
            "null",
            "true",
            "openai/gpt",
            "base_url",
            "http://[",
            "é",
            "\ud7ff",
        ),
    ]
)


@given(st.lists(_SCRAPS, max_size=30).map("".join))
def test_whatever_scraps_of_yaml_stand_in_the_file_only_a_config_error_is_raised(text: str) -> None:
    _load_anything(text)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(string.printable, max_size=20),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(st.text(string.ascii_letters + "_/", max_size=12), below, max_size=3)
    ),
    max_leaves=8,
)
_KEYS = sorted({*Settings.model_fields, *(f"{name}_env" for name in Settings.model_fields)})


@given(st.dictionaries(st.sampled_from(_KEYS), _VALUES))
def test_whatever_values_the_keys_have_only_a_config_error_is_raised(values: dict[str, Any]) -> None:
    _load_anything(yaml.safe_dump(values))


@given(
    st.dictionaries(
        st.sampled_from(["STORE", "MODELS", "DISCORD__PROXY", "PROVIDERS__HERE__BASE_URL", "X__Y", ""]),
        st.text(max_size=20),
    )
)
def test_whatever_the_variables_hold_only_a_config_error_is_raised(variables: dict[str, str]) -> None:
    _load_anything(SMALLEST, **{f"DISCORD_BOT_{name}": value for name, value in variables.items()})


def _load_anything(text: str, **environ: str) -> None:
    """Loads it, or looks at what is said instead: something, each in one line that can be printed."""
    path = Path("anything.yaml")
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        load_settings(path, environ)
    except ConfigError as caught:
        error = caught
    else:
        return
    assert error.problems
    assert not any("\n" in each.message + each.path for each in error.problems)
    assert render_problems(error, "en").encode()
    assert render_problems(error, "zh").encode()


# ---- secrets ---------------------------------------------------------------------------------------------------------


def test_no_secret_stands_in_the_settings_repr() -> None:
    settings = load(
        f"""
discord: {{token: {SECRET}.a, proxy: "http://me:{SECRET}@proxy.test:1"}}
providers:
  here:
    base_url: http://127.0.0.1:8080/v1
    api_key: {SECRET}-b
    proxy: http://me:{SECRET}@proxy.test:1
    extra_headers: {{X-Key: {SECRET}}}
    extra_query: {{key: {SECRET}}}
    extra_body: {{key: {SECRET}}}
models: {{here/small: }}
personas: {{assistant: Be kind.}}
store: {{url: "postgresql://bot:{SECRET}@db.test/bot"}}
""",
        SOMETHING=SECRET,
    )
    assert SECRET not in repr(settings) + str(settings)
    assert SECRET not in repr(settings.proxy_for("https://discord.com", settings.discord.proxy))


# ---- proxies ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "environ", "source"),
    [
        ("https://discord.com/api", {"HTTPS_PROXY": "http://p:1"}, "HTTPS_PROXY"),
        ("https://discord.com/api", {"https_proxy": "http://p:1", "HTTPS_PROXY": "http://q:1"}, "https_proxy"),
        ("wss://gateway.discord.gg", {"HTTPS_PROXY": "http://p:1"}, "HTTPS_PROXY"),
        ("wss://gateway.discord.gg", {"HTTP_PROXY": "http://p:1"}, None),
        ("ws://gateway.test", {"HTTP_PROXY": "http://p:1"}, "HTTP_PROXY"),
        ("http://model.test/v1", {"HTTPS_PROXY": "http://p:1"}, None),
        ("http://model.test/v1", {"ALL_PROXY": "http://p:1"}, "ALL_PROXY"),
        ("https://model.test/v1", {"ALL_PROXY": "http://q:1", "HTTPS_PROXY": "http://p:1"}, "HTTPS_PROXY"),
        ("https://model.test/v1", {"HTTPS_PROXY": ""}, None),
        ("https://model.test/v1", {}, None),
        ("http://localhost:11434/v1", {"HTTP_PROXY": "http://p:1"}, None),
        ("http://127.8.9.1:11434/v1", {"HTTP_PROXY": "http://p:1"}, None),
        ("http://[::1]:11434/v1", {"HTTP_PROXY": "http://p:1"}, None),
        ("ws://ollama.localhost", {"HTTP_PROXY": "http://p:1"}, None),
        ("https://discord.com", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, None),
        ("https://discord.com", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "a.test, discord.com"}, None),
        ("https://cdn.discord.com", {"HTTPS_PROXY": "http://p:1", "no_proxy": ".discord.com"}, None),
        ("https://cdn.discord.com", {"HTTPS_PROXY": "http://p:1", "no_proxy": "*.discord.com"}, None),
        ("https://notdiscord.com", {"HTTPS_PROXY": "http://p:1", "no_proxy": "discord.com"}, "HTTPS_PROXY"),
        ("https://a.test:8443", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "a.test:8443"}, None),
        ("https://a.test:8443", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "a.test:443"}, "HTTPS_PROXY"),
        ("http://192.168.1.5:11434", {"HTTP_PROXY": "http://p:1", "NO_PROXY": "192.168.0.0/16"}, None),
        ("http://10.0.0.1", {"HTTP_PROXY": "http://p:1", "NO_PROXY": "192.168.0.0/16"}, "HTTP_PROXY"),
        ("https://discord.com", {"ALL_PROXY": "socks5://p:1"}, None),
    ],
)
def test_the_environment_names_a_proxy_as_it_does_for_other_programs(
    url: str, environ: dict[str, str], source: str | None
) -> None:
    proxy = proxy_for(url, None, environ)
    assert (proxy.source if proxy else None) == source
    assert proxy is None or proxy.url == "http://p:1"


def test_the_key_wins_over_the_environment_even_on_this_machine() -> None:
    environ = {"HTTP_PROXY": "http://p:1", "NO_PROXY": "*"}
    proxy = proxy_for("http://localhost:1", "http://me:pw@q:1", environ)
    assert proxy is not None
    assert (proxy.url, proxy.source, proxy.shown) == ("http://me:pw@q:1", "key", "http://q:1")
    assert proxy_for("https://discord.com", "direct", {"HTTPS_PROXY": "http://p:1"}) is None


def test_a_proxy_without_a_scheme_is_an_http_proxy() -> None:
    proxy = proxy_for("https://discord.com", None, {"HTTPS_PROXY": "127.0.0.1:7890"})
    assert proxy is not None
    assert proxy.url == "http://127.0.0.1:7890"
    assert load(SMALLEST + "discord: {proxy: 127.0.0.1:7890}").discord.proxy == "http://127.0.0.1:7890"


def test_a_socks_proxy_of_the_environment_is_named_and_not_used() -> None:
    environ = {"ALL_PROXY": "socks5h://p:1"}
    assert unsupported_proxy("https://discord.com", environ) == "ALL_PROXY"
    assert unsupported_proxy("https://discord.com", environ | {"HTTPS_PROXY": "http://p:2"}) is None
    assert unsupported_proxy("http://localhost", environ) is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://me:pw@host:1/x", "http://host:1/x"),
        ("http://host:1", "http://host:1"),
        ("sqlite:///data/bot.db", "sqlite:///data/bot.db"),
        ("postgresql://u:p@ss@db/x", "postgresql://db/x"),
        ("http://host/a@b", "http://host/a@b"),
    ],
)
def test_an_address_is_shown_without_credentials(url: str, shown: str) -> None:
    assert without_credentials(url) == shown


def test_loopback_is_this_machine_and_nothing_that_looks_like_it() -> None:
    assert all(is_loopback(host) for host in ("localhost", "127.0.0.1", "::1", "x.localhost"))
    assert not any(is_loopback(host) for host in ("localhost.test", "128.0.0.1", "mylocalhost", ""))


# ---- the schema ------------------------------------------------------------------------------------------------------


def test_the_published_schema_is_the_one_of_the_settings() -> None:
    """`discord-bot schema > config.schema.json` brings it up to date."""
    assert (ROOT / "config.schema.json").read_text("utf-8") == schema_text()


def test_the_schema_accepts_the_default_configuration_which_names_it() -> None:
    text = (ROOT / "config.yaml").read_text("utf-8")
    name = re.fullmatch(r"# yaml-language-server: \$schema=\./(.+)", text.splitlines()[0])
    assert name is not None
    assert (ROOT / name[1]).is_file()
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.validate(yaml.safe_load(text), json_schema(), jsonschema.Draft202012Validator)


def test_the_schema_accepts_every_key_by_its_env_spelling() -> None:
    def spelt(value: Any) -> Any:
        return {f"{key.removesuffix('_env')}_env": "A_VARIABLE" for key in value}

    default = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
    check = jsonschema.Draft202012Validator(json_schema()).validate
    check(spelt(Settings.model_fields))
    for key, value in default.items():
        if isinstance(value, dict):
            check(default | {key: spelt(value)})
    check(
        default
        | {
            "providers": {
                "openai": {"base_url_env": "A", "timeouts": {"idle_env": "B"}, "extra_headers": {"X_env": "C"}}
            }
        }
    )
    check(default | {"permissions": {"users": {"admin_ids_env": "A"}}})
    check(default | {"permissions": None, "discord": {"token": None, "proxy": None}})


@pytest.mark.parametrize(
    "change",
    [
        {"discrd": {}},
        {"discord": {"tokn": "x"}},
        {"language": "fr"},
        {"conversation": {"max_messages": 0}},
        {"conversation": {"max_messages": "5"}},
        {"providers": {"openai": {}}},
        {"personas": {"a": 5}},
        {"models": {"a/b": 5}},
        {"store_env": "not a name"},
    ],
)
def test_the_schema_refuses_what_the_settings_refuse(change: dict[str, Any]) -> None:
    default = yaml.safe_load((ROOT / "config.yaml").read_text("utf-8"))
    assert not jsonschema.Draft202012Validator(json_schema()).is_valid(default | change)


def test_every_key_is_described() -> None:
    sections = [json_schema(), *json_schema()["$defs"].values()]
    for section in sections:
        for key, value in section.get("properties", {}).items():
            assert value.get("description"), key


@pytest.mark.parametrize(
    ("written", "controls"),
    [
        ("[]", []),
        ("false", []),
        ("true", ["stop", "again", "continue"]),
        ("[again]", ["again"]),
        ("", ["stop", "again", "continue"]),
    ],
)
def test_buttons_are_named_or_all_of_them_or_none(written: str, controls: list[str], tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"{SMALLEST}delivery: {{controls: {written}}}\n", "utf-8")
    assert load_settings(file, {}).delivery.controls == controls
    file.write_text(f"{SMALLEST}delivery: {{controls_env: BUTTONS}}\n", "utf-8")
    assert load_settings(file, {"BUTTONS": written}).delivery.controls == controls


# ---- the room --------------------------------------------------------------------------------------------------------


def test_reading_settings_loads_neither_network_nor_discord_nor_what_is_not_needed() -> None:
    script = (
        "import sys; from discord_bot.config import load_settings; load_settings(None, {}); "
        "unwanted = {'discord', 'aiohttp', 'asyncio', 'pydantic_settings', 'dotenv', 'urllib.request'}; "
        "print(*sorted(unwanted & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert ran.stdout.strip() == ""


def test_every_sentence_is_there_in_both_languages_with_the_same_facts() -> None:
    def facts(sentence: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}

    for key, (english, chinese) in SENTENCES.items():
        assert facts(english) == facts(chinese), key
        assert re.search("[一-鿿]", chinese), key
