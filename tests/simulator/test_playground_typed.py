"""What people type and what it becomes."""

from __future__ import annotations

from typing import Any

import pytest

from discord_bot.playground.sentences import NotUnderstoodError
from discord_bot.playground.typed import (
    Call,
    read_command,
    read_options,
    runnable,
    with_mentions,
)

NAMES = {"@assistant": "<@1>", "@ada": "<@2>", "@ada lovelace": "<@3>", "@moderator": "<@&4>", "#general": "<#5>"}


def _option(kind: int, name: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "name": name, "description": f"the {name}", **more}


COMMANDS = runnable(
    [
        {"type": 1, "name": "forget", "description": "starts afresh"},
        {"type": 3, "name": "Translate"},
        {
            "type": 1,
            "name": "persona",
            "description": "personas",
            "options": [
                _option(
                    1,
                    "set",
                    options=[
                        _option(3, "name", required=True, autocomplete=True),
                        _option(
                            3, "where", choices=[{"name": "Here", "value": "here"}, {"name": "server", "value": "s"}]
                        ),
                    ],
                ),
                _option(1, "list"),
                _option(1, "import", options=[_option(11, "file", required=True), _option(3, "name")]),
            ],
        },
        {
            "type": 1,
            "name": "roll",
            "description": "dice",
            "options": [_option(4, "dice", required=True), _option(5, "secret"), _option(6, "for"), _option(7, "in")],
        },
    ]
)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("@assistant hello", "<@1> hello"),
        ("hello @Assistant!", "hello <@1>!"),
        ("@assistant你好", "<@1>你好"),
        ("你好@assistant", "你好<@1>"),
        ("@ada lovelace, meet @ada", "<@3>, meet <@2>"),
        ("@moderator look at #general", "<@&4> look at <#5>"),
        ("@assistants @assistant_2 me@assistant.org", "@assistants @assistant_2 me@assistant.org"),
        ("`@ada` ```\n@ada``` @ada", "`@ada` ```\n@ada``` <@2>"),
        ("<@1> @nobody", "<@1> @nobody"),
    ],
)
def test_a_name_becomes_a_mention(typed: str, sent: str) -> None:
    """A known name is a mention wherever it stands as a word of its own, except in code."""
    assert with_mentions(typed, NAMES) == sent


def test_without_names_a_text_stays() -> None:
    """Where nobody is known, nothing is a mention."""
    assert with_mentions("@ada", {}) == "@ada"


@pytest.mark.parametrize(
    ("typed", "name", "values"),
    [
        ("/forget", "forget", {}),
        ("/Forget ", "forget", {}),
        ("/persona list", "persona list", {}),
        ("/persona set pirate", "persona set", {"name": "pirate"}),
        ("/persona set name:pirate", "persona set", {"name": "pirate"}),
        ("/persona set name: pirate where: server", "persona set", {"name": "pirate", "where": "s"}),
        ("/persona set where：here name：海盗", "persona set", {"name": "海盗", "where": "here"}),
        ("/persona set pirate server", "persona set", {"name": "pirate", "where": "s"}),
        ("/persona set captain blackbeard", "persona set", {"name": "captain blackbeard"}),
        ("/persona set captain blackbeard HERE", "persona set", {"name": "captain blackbeard", "where": "here"}),
        ("/persona set captain blackbeard where: s", "persona set", {"name": "captain blackbeard", "where": "s"}),
        ('/persona set "here there"', "persona set", {"name": "here there"}),
        ("/roll 6", "roll", {"dice": 6}),
        ("/roll 6 yes @ada #general", "roll", {"dice": 6, "secret": True, "for": 2, "in": 5}),
        ("/roll dice: 2 for: ada", "roll", {"dice": 2, "for": 2}),
        ("/roll 6 <@77>", "roll", {"dice": 6, "for": 77}),
    ],
)
def test_a_command_is_read_however_it_is_typed(typed: str, name: str, values: dict[str, Any]) -> None:
    """Options named, in their order, or both: the same command comes out."""
    assert read_command(typed, COMMANDS, NAMES) == Call(name, values)


def test_files_fill_the_options_that_take_one() -> None:
    """An attached file is the value of the first option that takes a file."""
    call = read_command("/persona import blackbeard", COMMANDS, NAMES, [("card.png", b"png")])
    assert call == Call("persona import", {"file": ("card.png", b"png"), "name": "blackbeard"})


@pytest.mark.parametrize("typed", ["/shrug", "/ hello", "/", "/usr/bin/env", "/personality"])
def test_what_is_no_command_is_said(typed: str) -> None:
    """A slash alone makes no command: Discord sends such a text as a message."""
    assert read_command(typed, COMMANDS, NAMES) is None


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("/persona", "/persona import, /persona list, /persona set"),
        ("/persona sett pirate", "no such command"),
        ("/persona set", "needs “name”"),
        ("/persona set pirate where: nowhere", "one of: Here, server"),
        ("/persona list everything", "nothing more"),
        ("/persona import", "needs a file for “file”"),
        ("/roll many", "whole number"),
        ("/roll 6 perhaps", "Name them"),
        ("/roll dice: 6 for: nobody", "nothing here is called nobody"),
    ],
)
def test_what_can_not_be_run_is_said_in_a_sentence(typed: str, sentence: str) -> None:
    """Somebody who mistypes a command reads what would be right."""
    with pytest.raises(NotUnderstoodError, match=sentence):
        read_command(typed, COMMANDS, NAMES)


def test_a_file_too_many_is_refused() -> None:
    """A file is never dropped in silence."""
    with pytest.raises(NotUnderstoodError, match="no more files"):
        read_command("/forget", COMMANDS, NAMES, [("a.txt", b"a")])


def test_many_words_are_read_at_once() -> None:
    """Finding which words belong to which option takes no time that grows with every possible split."""
    options = [_option(3, f"o{number}") for number in range(20)] + [_option(4, "n", required=True)]
    commands = runnable([{"type": 1, "name": "x", "options": options}])
    with pytest.raises(NotUnderstoodError):
        read_command("/x " + "word " * 300, commands, {})


def test_a_command_half_typed_is_understood_as_far_as_it_goes() -> None:
    """Autocompletion is asked with the values that stand already."""
    command = next(one for one in COMMANDS if one.name == "persona set")
    assert read_options(" pi where: server", command, NAMES) == {"name": "pi", "where": "s"}
    assert read_options(" where: no", command, NAMES) == {}
