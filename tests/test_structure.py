"""The house is as ARCHITECTURE.md draws it: who imports whom, and what is not loaded."""

from __future__ import annotations

import ast
import re
import string
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from discord_bot.check.sentences import TERMINAL
from discord_bot.config.sentences import SENTENCES
from discord_bot.playground.sentences import SENTENCES as PLAYGROUND
from discord_bot.seen import SEEN
from discord_bot.sentences import DESCRIBED, FOR_OWNERS, SAID
from discord_bot.sentences.answers import ANSWERS
from discord_bot.sentences.cards import CARDS
from discord_bot.sentences.commands import COMMANDS
from discord_bot.sentences.failures import FAILURES
from discord_bot.sentences.files import FILES
from discord_bot.sentences.personas import PERSONAS

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*ROOT.glob("discord_bot/**/*.py"), *ROOT.glob("cogs/*.py")])

CORE = {"chat", "errors", "pydantic", "pydantic_core", "regex"}
DISCORD = {"discord", "aiohttp", "yarl"}
"""discord.py, and what it lets through: aiohttp's errors, yarl's addresses."""

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "sentences": {"errors", "sentences"},
    "chat": CORE,
    "chat.rendering.blocks": {*CORE, "markdown_it"},
    "portraits": {"errors", "PIL"},
    "library": {"chat", "errors", "portraits", "store"},
    "personas": {"chat", "errors", "library", "portraits", "sentences.cards", "store"},
    "uploads": {"errors", *DISCORD},
    "buttons": {"interactions", *DISCORD},
    "stage.editing": {"chat", "errors"},
    "stage": {
        *("bindings", "buttons", "chat", "delivery", "errors", "interactions", "library", "personas", "reading"),
        *("sentences", "stage", "store", "uploads", "voices", *DISCORD),
    },
    "process": {"check", "config", "errors", "typer", "uvloop"},
    "persona_commands": {"chat", "errors", "library", "personas", "portraits", "sentences.cards", "store"},
    "config": {"config", "errors", "sentences", "pydantic", "pydantic_core", "pydantic_settings", "yaml", "dotenv"},
    "store": {"store", "chat", "errors", "sqlalchemy", "asyncpg", "alembic"},
    "completions": {"completions", "chat", "errors", "aiohttp", "yarl"},
    "endpoints": {"chat.dialect", "completions", "config"},
    "conversations": {"chat.buffer", "chat.buffered", "chat.seen_pictures", "chat.summary"},
    "known_models": {"chat", "completions", "config", "errors"},
    "hearing": {"chat.words", "errors", "reading", "store", *DISCORD},
    "delivery": {
        *("delivery", "chat.characters", "chat.pages", "chat.reasoning", "chat.rendering", "chat.pacing", "errors"),
        *DISCORD,
    },
    "cast": {"bindings", "chat", "reading", "voices"},
    "voices": {"bindings", "delivery", "errors", "interactions", "portraits", "sentences", "voices", *DISCORD},
    "files": {"chat.files", "config", "errors", "files", "uploads"},
    "files.reader": {"charset_normalizer", "pypdf"},
    "sight": {"chat.buffered", "config", "errors", "portraits", "uploads"},
    "seen": {"bindings", "chat", "sentences", "sight", *DISCORD},
    "reading": {"chat.buffered", "chat.files", "chat.speakers", "delivery", "reading", *DISCORD},
    "answering": {
        *("answering", "cast", "chat", "completions", "delivery", "errors", "reading", "sentences", "store", "voices"),
        *DISCORD,
    },
    "bindings": {"chat.pages", "interactions", "personas", "reading", "sentences", "store", *DISCORD},
    "interactions": {"chat.pages", "errors", "sentences", *DISCORD},
    "commands": {"errors", "interactions", "sentences", "store", *DISCORD},
    "bot": {
        *("answering", "bindings", "cast", "chat", "commands", "completions", "config", "conversations", "delivery"),
        *(
            "errors",
            "files",
            "hearing",
            "interactions",
            "known_models",
            "personas",
            "reading",
            "sentences",
            "sight",
            "stage",
            "store",
            "voices",
        ),
        *DISCORD,
    },
    "cogs": {
        *("answering", "bindings", "buttons", "chat", "commands", "completions", "config", "conversations"),
        *("delivery", "errors", "interactions", "library", "personas", "reading", "sentences"),
        *("seen", "stage", "store", "uploads", "voices", *DISCORD),
    },
    "ask": {"chat", "completions", "errors", "personas", "store"},
    "models": {"check", "config", "errors", "sentences"},
    "check": {
        *("check", "chat", "completions", "config", "endpoints", "errors", "library", "sentences"),
        *("store", "aiohttp", "yarl"),
    },
    "simulator": {"simulator", "aiohttp"},
    "playground": {
        *("chat", "check", "config", "endpoints", "errors", "library", "personas", "playground"),
        *("seen", "sentences", "simulator", "store", "aiohttp", "markdown_it", "pydantic", "pygments"),
    },
}
"""A room of ours -> the rooms and the packages of others that it may import at run time.

`__main__` may import everything: it puts the rooms together.
"""

NOT_IN_THE_CORE = {"asyncio", "os", "pathlib", "socket", "threading", "time"}
"""What of the standard library the core does without: I/O and the clock."""


def within(module: str, rooms: Iterable[str]) -> str | None:
    """The longest of the rooms' names that the module is or lies under."""
    return max((name for name in rooms if module == name or module.startswith(f"{name}.")), key=len, default=None)


def imports(path: Path) -> set[str]:
    """The modules that a file imports at run time, at its top or anywhere below; ours without `discord_bot.`."""
    found: set[str] = set()

    def walk(node: ast.AST) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written out"
            module = str(node.module)
            folder = ROOT / module.replace(".", "/")
            for alias in node.names:
                is_module = (folder / f"{alias.name}.py").exists() or (folder / alias.name).is_dir()
                found.add(f"{module}.{alias.name}" if is_module else module)
        for child in ast.iter_child_nodes(node):
            walk(child)

    walk(ast.parse(path.read_text("utf-8")))
    return {name.removeprefix("discord_bot.") for name in found}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_a_room_imports_only_what_lies_below_it(path: Path) -> None:
    module = module_of(path).removeprefix("discord_bot.")
    room = within(module, MAY_IMPORT)
    if room is None:
        assert module in ("discord_bot", "__main__"), f"{module} has no row in the table"
        return
    for imported in imports(path):
        top = imported.split(".")[0]
        if top in sys.stdlib_module_names:
            assert room.split(".")[0] != "chat" or top not in NOT_IN_THE_CORE, f"{module} imports {imported}"
        else:
            assert within(imported, MAY_IMPORT[room]), f"{module} imports {imported}"


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
    assert not {"discord", "aiohttp", "asyncio", "sqlalchemy", "yaml", "typer", "markdown_it", "regex"} & loaded


def test_the_bot_loads_nothing_that_only_the_simulator_the_page_or_a_migration_needs() -> None:
    loaded = loaded_by(
        "import discord_bot.__main__, discord_bot.bot, discord_bot.config; "
        "import cogs.chat, cogs.controls, cogs.missed, cogs.persona, cogs.persona_library, cogs.persona_files, "
        "cogs.persona_copy, cogs.persona_preview, cogs.persona_cast, cogs.model, cogs.channel, cogs.privacy, "
        "cogs.ask, cogs.forget, cogs.seen, cogs.servers"
    )
    assert not {name for name in loaded if name.startswith("discord_bot.simulator")}
    assert (
        not {"alembic", "markdown_it", "rich", "sqlalchemy.orm", "asyncpg", "aiohttp.web", "discord_bot.check", "PIL"}
        & loaded
    )


def test_no_test_uses_a_mock() -> None:
    for path in ROOT.glob("tests/**/*.py"):
        assert not any("mock" in imported for imported in imports(path)), path


def test_no_two_commands_share_a_name() -> None:
    names: list[str] = []
    for path in ROOT.glob("cogs/*.py"):
        group = re.search(r"group_name=\"(\w+)\"", path.read_text("utf-8"))
        own = re.findall(r"app_commands\.command\(\s*name=\"(\w+)\"", path.read_text("utf-8"))
        names += [f"{group[1]} {name}" if group else name for name in own]
    assert "persona set" in names
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "table",
    [SAID, DESCRIBED, FOR_OWNERS, TERMINAL, SENTENCES, CARDS, FILES, PLAYGROUND, SEEN],
    ids=[
        *("in Discord", "of commands", "of failures", "in the terminal", "of the file", "of cards", "of files"),
        "of the playground",
        "of answers",
    ],
)
def test_every_sentence_is_there_in_both_languages_with_the_same_facts(table: dict[str, tuple[str, str]]) -> None:
    def facts(sentence: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}

    for key, (english, chinese) in table.items():
        assert facts(english) == facts(chinese), key
        assert re.search("[一-鿿（：]", chinese) or chinese == english, key  # such as a name
        assert not re.search("[一-鿿]", english), key


def test_what_is_said_in_discord_is_one_table_in_which_no_sentence_hides_another() -> None:
    assert len(SAID) == sum(map(len, (FAILURES, ANSWERS, PERSONAS, COMMANDS)))
