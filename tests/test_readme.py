"""What the README says is so; its two first commands are carried out by `.ci/run`."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import discord
import pytest
import typer.main
from discord import app_commands

from discord_bot.__main__ import app
from discord_bot.check.sentences import PERMISSIONS
from discord_bot.config import load_settings
from tests.running import community

ROOT = Path(__file__).parent.parent
READMES = ["README.md", "README.zh-CN.md"]


def blocks(name: str, language: str) -> list[str]:
    """The code blocks of that language, in order."""
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", (ROOT / name).read_text("utf-8"), re.DOTALL | re.MULTILINE)


def commands(name: str) -> list[str]:
    """The lines of the shell blocks, without what is said of them."""
    return [line.split("  #")[0].strip() for block in blocks(name, "sh") for line in block.splitlines()]


def test_both_languages_give_the_same_commands() -> None:
    english, chinese = ([each for each in commands(name) if "=" not in each] for name in READMES)
    assert english == chinese


@pytest.mark.parametrize("name", READMES)
def test_every_command_and_option_exists(name: str) -> None:
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    seen = set()
    for line in commands(name):
        for _, command, options in re.findall(r"(^|[ /])discord-bot (\w+)([^&]*)", line):
            asked = known[command]
            if subcommands := getattr(asked, "commands", None):
                asked = subcommands[options.split()[0]]
            given = {opt for parameter in asked.params for opt in (*parameter.opts, *parameter.secondary_opts)}
            assert set(re.findall(r"--[\w-]+", options)) <= given, line
            seen.add(command)
    assert {"run", "playground", "check", "ask"} <= seen


async def test_every_slash_command_is_told_with_all_its_options(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        known = {
            command.qualified_name: [each.name if each.required else f"[{each.name}]" for each in command.parameters]
            for command in here.bot.tree.walk_commands()
            if isinstance(command, app_commands.Command)
        }
    for name in READMES:
        text = (ROOT / name).read_text("utf-8")
        told = {}
        for row in re.findall(r"^\| (`/.*?) \|", text, re.MULTILINE):
            group = row.split()[0].strip("`/")
            for span in re.findall("`(.*?)`", row):
                said = span if span.startswith("/") else f"/{group} {span}"
                command = max((each for each in known if f"{said} ".startswith(f"/{each} ")), key=len)
                told[command] = said.removeprefix(f"/{command}").split()
        assert told == known, name


@pytest.mark.parametrize("name", READMES)
def test_the_example_of_a_configuration_is_one(name: str, tmp_path: Path) -> None:
    (example,) = blocks(name, "yaml")
    (tmp_path / "config.yaml").write_text(example, "utf-8")
    settings = load_settings(tmp_path / "config.yaml", {})
    assert settings.default_model == "openai/gpt-5-mini"
    assert len(settings.personas) == 2


@pytest.mark.parametrize("name", READMES)
def test_the_invitation_asks_for_what_is_named_and_no_more(name: str) -> None:
    named = discord.Permissions(
        view_channel=True,
        send_messages=True,
        send_messages_in_threads=True,
        read_message_history=True,
        add_reactions=True,
        attach_files=True,
        manage_webhooks=True,
        change_nickname=True,
        create_public_threads=True,
    )
    (asked,) = re.findall(r"permissions=(\d+)", (ROOT / name).read_text("utf-8"))
    assert int(asked) == named.value == int(PERMISSIONS)


@pytest.mark.parametrize("name", [*READMES, "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_every_file_that_is_pointed_to_is_there(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)|(?:src|srcset)=\"([^\"]+)\"", text):
        assert (ROOT / "".join(target)).exists(), target


def test_what_architecture_draws_is_there() -> None:
    drawn = re.search(r"## The house\n\n```\n(.*?)```", (ROOT / "ARCHITECTURE.md").read_text("utf-8"), re.DOTALL)
    assert drawn is not None
    named = re.findall(r"^( *)([\w.]+(?:/|\.\w+))(?= |$)", drawn[1], re.MULTILINE)
    assert len(named) > 30
    above: list[tuple[int, Path]] = [(-1, ROOT)]
    for indent, name in named:
        while above[-1][0] >= len(indent):
            above.pop()
        path = above[-1][1] / name
        assert path.exists(), path
        if name.endswith("/"):
            above.append((len(indent), path))


def test_no_shell_line_is_broken() -> None:
    for name in READMES:
        for line in commands(name):
            shlex.split(line.replace("…", ""))
