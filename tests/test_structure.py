"""The house is as ARCHITECTURE.md draws it: who imports whom, and what is not loaded."""

from __future__ import annotations

import ast
import re
import string
import subprocess
import sys
from pathlib import Path

import pytest

from discord_bot.sentences import SAID, Sentences

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*ROOT.glob("discord_bot/**/*.py"), *ROOT.glob("cogs/*.py")])

# A room -> the rooms of ours and the packages of others that it may import at run time; the longest fitting name counts.
CORE = {"discord_bot.chat", "discord_bot.errors", "pydantic", "pydantic_core", "regex"}
CONFIG = {"discord_bot.config", "discord_bot.errors", "discord_bot.sentences", "pydantic", "pydantic_core",
          "pydantic_settings", "yaml", "dotenv"}  # fmt: skip
MAY_IMPORT: dict[str, set[str]] = {
    "discord_bot": set(),
    "discord_bot.errors": set(),
    "discord_bot.sentences": set(),
    "discord_bot.chat": CORE,
    "discord_bot.config": CONFIG,
    "discord_bot.store": {"discord_bot.store", "discord_bot.chat", "discord_bot.errors", "sqlalchemy"},
    "discord_bot.store.migrations": {"discord_bot.store", "sqlalchemy", "alembic"},
    "discord_bot.completions": {"discord_bot.chat", "discord_bot.errors", "aiohttp", "yarl"},
    "discord_bot.conversations": {"discord_bot.chat.buffer"},
    "discord_bot.delivery": {
        "discord_bot.chat.pages",
        "discord_bot.chat.pacing",
        "discord_bot.errors",
        "discord",
        "aiohttp",
    },
    "discord_bot.reading": {"discord_bot.chat.buffer", "discord_bot.delivery", "discord"},
    "discord_bot.bot": {
        "discord_bot.chat",
        "discord_bot.completions",
        "discord_bot.config",
        "discord_bot.conversations",
        "discord_bot.delivery",
        "discord_bot.errors",
        "discord_bot.sentences",
        "discord_bot.store",
        "discord",
        "aiohttp",
        "yarl",
    },
    "cogs": {
        "discord_bot.chat",
        "discord_bot.completions",
        "discord_bot.config",
        "discord_bot.conversations",
        "discord_bot.delivery",
        "discord_bot.errors",
        "discord_bot.reading",
        "discord_bot.sentences",
        "discord_bot.store",
        "discord",
        "aiohttp",
    },
    "discord_bot.simulator": {"discord_bot.simulator", "aiohttp"},
    "discord_bot.simulator.markdown": {"markdown_it"},
}
"""What is not named here (`__main__` and the commands that it alone calls) may import everything."""


def room(module: str, rooms: dict[str, set[str]]) -> str | None:
    """The longest of the names that the module is, or lies under; `config_file` counts as a part of `config`."""
    return max(
        (name for name in rooms if module == name or module.startswith((f"{name}.", f"{name}_"))), key=len, default=None
    )


def imports(path: Path) -> set[str]:
    """The modules that a file imports at run time, at its top or anywhere below."""
    found: set[str] = set()

    def walk(node: ast.AST) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found.update(
                f"{node.module}.{alias.name}"
                if (ROOT / node.module.replace(".", "/") / f"{alias.name}.py").exists()
                else node.module
                for alias in node.names
            )
        for child in ast.iter_child_nodes(node):
            walk(child)

    walk(ast.parse(path.read_text("utf-8")))
    return found


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_a_room_imports_only_what_lies_below_it(path: Path) -> None:
    module = module_of(path)
    name = room(module, {key: value for key, value in MAY_IMPORT.items() if key != "discord_bot" or module == key})
    if name is None:
        return
    for imported in imports(path):
        if imported.split(".")[0] in sys.stdlib_module_names:
            assert not (
                name == "discord_bot.chat" and imported.split(".")[0] in {"asyncio", "time", "os", "pathlib", "socket"}
            ), imported
            continue
        assert any(
            imported == allowed or imported.startswith((f"{allowed}.", f"{allowed}_")) for allowed in MAY_IMPORT[name]
        ), f"{module} imports {imported}"


def loaded_by(statement: str) -> set[str]:
    script = f"import sys; {statement}; print('\\n'.join(sys.modules))"
    return set(
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
        ).stdout.split()
    )


def test_the_core_alone_loads_neither_discord_nor_network_nor_database() -> None:
    core = ", ".join(module_of(path) for path in SOURCES if "chat" in path.parts and path.name != "__init__.py")
    loaded = loaded_by(f"import {core}")
    assert not {"discord", "aiohttp", "asyncio", "sqlalchemy", "yaml", "typer"} & loaded


def test_the_bot_loads_nothing_that_only_the_simulator_the_page_or_a_migration_needs() -> None:
    loaded = loaded_by(
        "import discord_bot.__main__, discord_bot.bot, discord_bot.config, cogs.chat, cogs.persona, cogs.forget"
    )
    assert not {name for name in loaded if name.startswith("discord_bot.simulator")}
    assert (
        not {"alembic", "markdown_it", "rich", "sqlalchemy.orm", "asyncpg", "aiohttp.web", "discord_bot.check"} & loaded
    )


def test_no_test_uses_a_mock() -> None:
    for path in ROOT.glob("tests/**/*.py"):
        assert not any("mock" in imported for imported in imports(path)), path


def test_no_two_commands_share_a_name() -> None:
    names = re.findall(
        r"@app_commands.command\(name=\"(\w+)\"|group_name=\"(\w+)\"",
        "".join(p.read_text("utf-8") for p in ROOT.glob("cogs/*.py")),
    )
    per_file = [
        name
        for path in ROOT.glob("cogs/*.py")
        for name in set(re.findall(r"app_commands.command\(name=\"(\w+)\"", path.read_text("utf-8")))
    ]
    assert names
    assert len(per_file) == len(set(per_file))


@pytest.mark.parametrize("table", [SAID], ids=["said"])
def test_every_sentence_is_there_in_both_languages_with_the_same_facts(table: Sentences) -> None:
    def facts(sentence: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}

    for key, (english, chinese) in table.items():
        assert facts(english) == facts(chinese), key
        assert re.search("[一-鿿]", chinese), key
        assert not re.search("[一-鿿]", english), key
