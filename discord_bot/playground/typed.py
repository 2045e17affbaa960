"""What people type becomes what Discord is sent: `@ada` a mention, `/persona set pirate` a command with its options.

Discord's own client does this while one types. Here it happens when the text is sent, so that plain typing and Enter
always work, whether or not a suggestion was taken. Pure: names and commands come in as values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from discord_bot.playground.sentences import NotUnderstoodError
from discord_bot.simulator.world.commands import NESTING, CommandType, OptionType

_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_WORD = re.compile(r'"[^"]*"|\S+')
_POINTER = re.compile(r"<(?:@[!&]?|#)(\d{1,20})>|(\d{15,20})")
_YES = frozenset({"true", "yes", "on", "1", "是"})
_NO = frozenset({"false", "no", "off", "0", "否"})
_POINTING = frozenset({OptionType.USER, OptionType.CHANNEL, OptionType.ROLE, OptionType.MENTIONABLE})


@dataclass(frozen=True, slots=True)
class Command:
    """A command that can be run, named with its subcommands, such as `persona set`."""

    name: str
    description: str
    options: tuple[Mapping[str, Any], ...]
    """The options as Discord describes them."""


@dataclass(frozen=True, slots=True)
class Call:
    """A command with the values of its options."""

    name: str
    values: Mapping[str, Any]


def with_mentions(text: str, names: Mapping[str, str]) -> str:
    """The text with each name (`@ada`, `#general`, in small letters) outside of code as what it stands for (`<@1>`)."""
    if not names:
        return text
    longest_first = sorted(names, key=len, reverse=True)
    # Letters and digits next to a name make it another word; Chinese characters, written without spaces, don't.
    name = re.compile(
        rf"(?<![A-Za-z0-9_<])(?:{'|'.join(map(re.escape, longest_first))})(?![A-Za-z0-9_])", re.IGNORECASE
    )
    parts = _CODE.split(text)
    parts[::2] = [name.sub(lambda match: names[match.group().lower()], part) for part in parts[::2]]
    return "".join(parts)


def runnable(commands: Iterable[Mapping[str, Any]], locale: str = "") -> list[Command]:
    """The chat commands among an application's commands, each subcommand for itself, by name; told in that language."""
    chat = [command for command in commands if command["type"] == CommandType.CHAT_INPUT]
    found = [leaf for command in chat for leaf in _leaves(command, "", locale)]
    return sorted(found, key=lambda command: command.name)


def _leaves(command: Mapping[str, Any], path: str, locale: str) -> list[Command]:
    name, options = f"{path}{command['name']}", command.get("options", ())
    if any(option["type"] in NESTING for option in options):
        return [leaf for option in options for leaf in _leaves(option, f"{name} ", locale)]
    return [Command(name, _told(command, "description", locale), tuple(_option(option, locale) for option in options))]


def _option(option: Mapping[str, Any], locale: str) -> Mapping[str, Any]:
    """An option with what is read of it in that language. Its name stays: it is what one types."""
    told = {**option, "description": _told(option, "description", locale)}
    if option.get("choices"):
        told["choices"] = [{**choice, "name": _told(choice, "name", locale)} for choice in option["choices"]]
    return told


def _told(what: Mapping[str, Any], key: str, locale: str) -> str:
    return str((what.get(f"{key}_localizations") or {}).get(locale) or what.get(key, ""))


def read_command(
    text: str, commands: Sequence[Command], names: Mapping[str, str], files: Sequence[tuple[str, bytes]] = ()
) -> Call | None:
    """The command that a text beginning with `/` is; None where it is no command but something to say.

    Options may be named (`name: pirate`) or stand in their order (`pirate server`); files fill those that take one.
    Raises NotUnderstoodError for a command that can't be run like this.
    """
    words = text.removeprefix("/").split(maxsplit=1)
    typed = text.removeprefix("/")
    matching = [one for one in commands if re.match(rf"{re.escape(one.name)}(?:\s|$)", typed, re.IGNORECASE)]
    if not matching:
        family = [one.name for one in commands if words and one.name.split()[0] == words[0].lower()]
        if family:
            listed = ", ".join(f"/{name}" for name in family)
            raise NotUnderstoodError("no-such-command", commands=listed)
        return None
    command = max(matching, key=lambda one: len(one.name))
    return Call(command.name, _values(command, typed[len(command.name) :], names, files))


def read_options(text: str, command: Command, names: Mapping[str, str]) -> dict[str, Any]:
    """As much of a command's values as can be understood while it is still being typed, for its autocompletion."""
    named, rest = _split(command, text)
    values = {}
    for option in command.options:
        try:
            if option["name"] in named and option["type"] != OptionType.ATTACHMENT:
                values[option["name"]] = _value(option, named[option["name"]], names)
        except NotUnderstoodError:
            continue
    first = next((option for option in command.options if option["name"] not in named), None)
    if rest and first is not None and first["type"] == OptionType.STRING:
        values[first["name"]] = rest
    return values


def _values(
    command: Command, text: str, names: Mapping[str, str], files: Sequence[tuple[str, bytes]]
) -> dict[str, Any]:
    named, rest = _split(command, text)
    declared = {option["name"]: option for option in command.options}
    values = {
        name: _value(declared[name], given, names)
        for name, given in named.items()
        if declared[name]["type"] != OptionType.ATTACHMENT  # what stands there is what it says beside the file
    }
    waiting = iter(files)
    for name, option in declared.items():
        if option["type"] == OptionType.ATTACHMENT and (file := next(waiting, None)) is not None:
            values[name] = file
    if next(waiting, None) is not None:
        raise NotUnderstoodError("no-more-files", command=command.name)
    free = [
        option for name, option in declared.items() if name not in values and option["type"] != OptionType.ATTACHMENT
    ]
    if rest:
        values |= _in_order(command, free, rest, names)
    for name, option in declared.items():
        if option.get("required") and name not in values:
            key = "needs-file" if option["type"] == OptionType.ATTACHMENT else "needs"
            raise NotUnderstoodError(key, command=command.name, option=name, description=option["description"])
    return values


def _split(command: Command, text: str) -> tuple[dict[str, str], str]:
    """What stands behind each option that is named (`where: server`), and what stands before the first of them."""
    if not command.options:
        return {}, text.strip()
    known = "|".join(re.escape(option["name"]) for option in command.options)
    marks = list(re.finditer(rf"(?:^|(?<=\s))({known})[:：]\s*", text, re.IGNORECASE))
    starts = [*(mark.start() for mark in marks), len(text)]
    named = {mark[1].lower(): text[mark.end() : end].strip() for mark, end in zip(marks, starts[1:], strict=True)}
    return named, text[: starts[0]].strip()


def _in_order(
    command: Command, free: Sequence[Mapping[str, Any]], text: str, names: Mapping[str, str]
) -> dict[str, Any]:
    """Values for the options that were not named, in their order. The last text takes all that is left."""
    if not free:
        raise NotUnderstoodError("nothing-more", command=command.name)
    words = [(match.start(), match.end()) for match in _WORD.finditer(text)]
    dead_ends: set[tuple[int, int]] = set()

    def fit(option: int, word: int) -> dict[str, Any] | None:
        """The values of the options from here on with the words from here on; None where they don't fit."""
        if word == len(words):
            return {}
        if option == len(free) or (option, word) in dead_ends:
            return None
        left = len(words) - word
        if option == len(free) - 1:
            counts: Iterable[int] = (left,)
        else:
            counts = range(1, left + 1) if free[option]["type"] == OptionType.STRING else (1,)
        for count in counts:
            given = text[words[word][0] : words[word + count - 1][1]]
            try:
                value = _value(free[option], given, names)
            except NotUnderstoodError:
                continue
            rest = fit(option + 1, word + count)
            if rest is not None:
                return {free[option]["name"]: value, **rest}
        dead_ends.add((option, word))
        return None if free[option].get("required") else fit(option + 1, word)

    fitted = fit(0, 0)
    if fitted is None:
        if len(free) == 1 or free[0].get("required"):
            start, end = words[0] if len(free) > 1 else (0, len(text))
            _value(free[0], text[start:end], names)  # says what is wrong with it, if it is this one
        listed = ", ".join(f"{option['name']}: …" for option in free)
        raise NotUnderstoodError("not-clear", command=command.name, options=listed)
    return fitted


def _value(option: Mapping[str, Any], text: str, names: Mapping[str, str]) -> Any:
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    if option.get("choices"):
        return _choice(option, text)
    kind = option["type"]
    if kind == OptionType.STRING:
        return text
    if kind in _POINTING:
        return _pointed_to(option, text, names)
    read, wanted = _READ[kind]
    try:
        return read(text)
    except ValueError:
        raise NotUnderstoodError(wanted, option=option["name"]) from None


def _choice(option: Mapping[str, Any], text: str) -> Any:
    for choice in option["choices"]:
        if text.casefold() in (str(choice["name"]).casefold(), str(choice["value"]).casefold()):
            return choice["value"]
    listed = ", ".join(str(choice["name"]) for choice in option["choices"])
    raise NotUnderstoodError("one-of", option=option["name"], choices=listed)


def _pointed_to(option: Mapping[str, Any], text: str, names: Mapping[str, str]) -> int:
    sigil = "#" if option["type"] == OptionType.CHANNEL else "@"
    known = names.get(text.lower()) or names.get(sigil + text.lower()) or text
    match = _POINTER.fullmatch(known)
    if match is None:
        raise NotUnderstoodError("not-here", option=option["name"], name=text)
    return int(match[1] or match[2])


def _yes_or_no(text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise ValueError(text)
    return text.lower() in _YES


_READ: dict[int, tuple[Callable[[str], Any], str]] = {
    OptionType.INTEGER: (int, "whole-number"),
    OptionType.NUMBER: (float, "number"),
    OptionType.BOOLEAN: (_yes_or_no, "yes-or-no"),
}
