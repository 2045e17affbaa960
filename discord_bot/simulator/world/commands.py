"""Application commands: registered, replaced and looked up under Discord's rules. Kept as they look on the wire.

https://discord.com/developers/docs/interactions/application-commands
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from discord_bot.simulator.world.forms import Form
from discord_bot.simulator.world.refusals import Because, Refusal

if TYPE_CHECKING:
    from discord_bot.simulator.world.world import World

NAME_LENGTH = 32
DESCRIPTION_LENGTH = 100
OPTIONS = 25
CHOICES = 25
CHOICE_LENGTH = 100
COMMANDS = 100
"""Chat input commands in one place; also for user and message commands together five each are enough here."""
MENU_COMMANDS = 15
"""User commands, and message commands, in one place. https://discord.com/developers/docs/change-log"""
CREATES_A_DAY = 200
"""How many commands an application may create in a day and place; what only changes doesn't count."""
DAY = 24 * 60 * 60
TOTAL_LENGTH = 8_000
"""Characters of a command's names, descriptions and choices together."""

TEXT_LENGTH = 6_000
"""Characters that a string option takes."""
LARGEST_PERMISSIONS = (1 << 54) - 1

_NAME = re.compile(r"[\w'-]{1,32}")


class CommandType(IntEnum):
    """What a command is run on."""

    CHAT_INPUT = 1
    USER = 2
    MESSAGE = 3


class OptionType(IntEnum):
    """What an option takes."""

    SUB_COMMAND = 1
    SUB_COMMAND_GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


NESTING = frozenset({OptionType.SUB_COMMAND, OptionType.SUB_COMMAND_GROUP})


def registered(world: World, guild_id: int | None) -> list[dict[str, Any]]:
    """The commands of one place: a guild's own, or the global ones for None."""
    place = None if guild_id is None else str(guild_id)
    return [command for command in world.commands.values() if command.get("guild_id") == place]


def find(world: World, command_id: int, guild_id: int | None) -> dict[str, Any]:
    """A command of one place by its id."""
    command = world.commands.get(command_id)
    if command is None or command.get("guild_id") != (None if guild_id is None else str(guild_id)):
        raise Refusal(Because.UNKNOWN_COMMAND)
    return command


def create(world: World, form: Form, guild_id: int | None) -> tuple[dict[str, Any], bool]:
    """Register a command, in the place of the one of the same name; also whether it is a new one."""
    fields = read_command(form)
    form.done()
    known = _of_name(registered(world, guild_id), fields)
    command = _keep(world, fields, guild_id, known)
    _check_count(world, guild_id)
    return command, known is None


def edit(world: World, command_id: int, form: Form, guild_id: int | None) -> dict[str, Any]:
    """Change some fields of a command."""
    known = find(world, command_id, guild_id)
    merged = Form({**known, **form.fields})
    fields = read_command(merged)
    merged.done()
    return _keep(world, fields, guild_id, known)


def replace_all(world: World, forms: list[Form], guild_id: int | None) -> list[dict[str, Any]]:
    """Register exactly these commands: those of the same name stay the same command, all others go."""
    all_fields = [read_command(form) for form in forms]
    seen = set()
    for form, fields in zip(forms, all_fields, strict=True):
        if (fields["type"], fields["name"]) in seen:
            form.wrong("name", "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
        seen.add((fields["type"], fields["name"]))
    for form in forms:
        form.done()
    before = registered(world, guild_id)
    kept = [_keep(world, fields, guild_id, _of_name(before, fields)) for fields in all_fields]
    ids = {command["id"] for command in kept}
    for command in before:
        if command["id"] not in ids:
            del world.commands[int(command["id"])]
    _check_count(world, guild_id)
    return kept


def _of_name(commands: list[dict[str, Any]], fields: dict[str, Any]) -> dict[str, Any] | None:
    return next(
        (known for known in commands if known["name"] == fields["name"] and known["type"] == fields["type"]), None
    )


def _keep(world: World, fields: dict[str, Any], guild_id: int | None, known: dict[str, Any] | None) -> dict[str, Any]:
    if known is None:
        since = world.now() - DAY
        world.commands_created = [created for created in world.commands_created if created > since]
        if len(world.commands_created) >= CREATES_A_DAY:
            raise Refusal(Because.TOO_MANY_COMMANDS_TODAY)
        world.commands_created.append(world.now())
    elif {**known, **fields} == known:
        return known
    command_id = str(world.new_id()) if known is None else known["id"]
    command = {
        "id": command_id,
        "application_id": str(world.application.id),
        "version": str(world.new_id()),
        **fields,
    }
    if guild_id is not None:
        command["guild_id"] = str(guild_id)
    world.commands[int(command_id)] = command
    return command


def _check_count(world: World, guild_id: int | None) -> None:
    commands = registered(world, guild_id)
    for kind in CommandType:
        limit = COMMANDS if kind is CommandType.CHAT_INPUT else MENU_COMMANDS
        if sum(command["type"] == kind for command in commands) > limit:
            raise Refusal(Because.TOO_MANY_COMMANDS)


def read_command(form: Form) -> dict[str, Any]:
    """A command's form as the command that it describes; what is wrong is noted in the form."""
    kind = form.number("type", choices=CommandType) or CommandType.CHAT_INPUT
    name = form.text("name", shortest=1, longest=NAME_LENGTH, required=True) or ""
    is_chat = kind == CommandType.CHAT_INPUT
    if is_chat:
        _check_name(form, name)
    elif form.given("description") and form.fields["description"]:
        form.wrong(
            "description", "APPLICATION_COMMAND_INVALID_DESCRIPTION", "Context menu commands cannot have description"
        )
    description = form.text("description", shortest=int(is_chat), longest=DESCRIPTION_LENGTH, required=is_chat) or ""
    permissions = form.number("default_member_permissions", least=0, most=LARGEST_PERMISSIONS)
    options = [_read_option(option, depth=0) for option in form.forms("options", most=OPTIONS)]
    _check_options(form, options)
    contexts = form.values("contexts", most=3) or None
    command: dict[str, Any] = {
        "default_member_permissions": None if permissions is None else str(permissions),
        "type": int(kind),
        "name": name,
        "name_localizations": form.fields.get("name_localizations"),
        "description": description,
        "description_localizations": form.fields.get("description_localizations"),
        "dm_permission": form.flag("dm_permission") if form.given("dm_permission") else True,
        "contexts": contexts,
        "integration_types": form.values("integration_types", most=2) or [0],
        "nsfw": form.flag("nsfw"),
    }
    if options:
        command["options"] = options
    if _length(command) > TOTAL_LENGTH:
        message = f"Command exceeds maximum size ({TOTAL_LENGTH})"
        form.wrong("", "APPLICATION_COMMAND_TOO_LARGE", message)
    return command


def _check_name(form: Form, name: str) -> None:
    if name and (not _NAME.fullmatch(name) or name != name.lower()):
        form.wrong("name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _read_option(form: Form, *, depth: int) -> dict[str, Any]:
    kind = form.number("type", choices=OptionType, required=True)
    name = form.text("name", shortest=1, longest=NAME_LENGTH, required=True) or ""
    _check_name(form, name)
    option: dict[str, Any] = {
        "type": kind,
        "name": name,
        "name_localizations": form.fields.get("name_localizations"),
        "description": form.text("description", shortest=1, longest=DESCRIPTION_LENGTH, required=True),
        "description_localizations": form.fields.get("description_localizations"),
    }
    if kind in NESTING:
        inner = [_read_option(child, depth=depth + 1) for child in form.forms("options", most=OPTIONS)]
        _check_options(form, inner)
        group = kind == OptionType.SUB_COMMAND_GROUP
        if depth > (0 if group else 1) or (group and any(one["type"] != OptionType.SUB_COMMAND for one in inner)):
            form.wrong("", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-commands are nested at most two deep")
        return option | {"options": inner}
    if form.flag("required"):
        option["required"] = True
    if form.flag("autocomplete"):
        option["autocomplete"] = True
    _read_bounds(form, option)
    choices = form.forms("choices", most=CHOICES)
    if choices and option.get("autocomplete"):
        form.wrong(
            "autocomplete", "APPLICATION_COMMAND_AUTOCOMPLETE_NO_CHOICES", "Autocomplete and choices exclude each other"
        )
    if choices:
        option["choices"] = [_read_choice(choice) for choice in choices]
    return option


def _read_bounds(form: Form, option: dict[str, Any]) -> None:
    for key, least in (("min_length", 0), ("max_length", 1)):
        number = form.number(key, least=least, most=TEXT_LENGTH)
        if number is not None:
            option[key] = number
    for key in ("min_value", "max_value"):
        if form.given(key):
            option[key] = form.fields[key]
    if form.given("channel_types"):
        option["channel_types"] = form.values("channel_types", most=20)


def _read_choice(form: Form) -> dict[str, Any]:
    name = form.text("name", shortest=1, longest=CHOICE_LENGTH, required=True)
    value = form.fields.get("value")
    if value is None:
        form.wrong("value", "BASE_TYPE_REQUIRED")
    elif isinstance(value, str):
        form.text("value", longest=CHOICE_LENGTH)
    return {"name": name, "name_localizations": form.fields.get("name_localizations"), "value": value}


def _check_options(form: Form, options: list[dict[str, Any]]) -> None:
    names = [option["name"] for option in options]
    if len(set(names)) < len(names):
        form.wrong("options", "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option names must be unique")
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        message = "Required options must be placed before non-required options"
        form.wrong("options", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
    kinds = {option["type"] in NESTING for option in options}
    if len(kinds) > 1:
        message = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        form.wrong("options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)


def _length(command: dict[str, Any]) -> int:
    own = len(command["name"]) + len(command.get("description") or "")
    choices = sum(len(choice["name"] or "") + len(str(choice["value"])) for choice in command.get("choices", ()))
    return own + choices + sum(_length(option) for option in command.get("options", ()))
