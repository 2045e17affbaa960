"""The person's half of an interaction: a command found and filled in, a component used, a modal sent in.

From what somebody does to the INTERACTION_CREATE that the application gets.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from discord_bot.simulator.world import files, payloads
from discord_bot.simulator.world.commands import NESTING, CommandType, OptionType
from discord_bot.simulator.world.components import SELECTS, ComponentType, find_component, flat
from discord_bot.simulator.world.drafts import ATTACHMENT_SIZE, Upload
from discord_bot.simulator.world.entities import Channel, Interaction, InteractionType, Message
from discord_bot.simulator.world.events import Event
from discord_bot.simulator.world.installations import (
    BROUGHT_ALONG,
    context_of,
    guild_owner,
    is_brought_along,
    owners_of,
    usable_commands,
)
from discord_bot.simulator.world.interactions import TOKEN_LIFETIME
from discord_bot.simulator.world.refusals import Because, Refusal, invalid

if TYPE_CHECKING:
    from discord_bot.simulator.world.world import World


def run_command(
    world: World, user_id: int, channel: Channel, name: str, options: Mapping[str, Any], *, focused: str | None = None
) -> tuple[Interaction, list[Event]]:
    """Run a slash command by its whole name, such as `persona set`; with `focused`, only ask to complete it."""
    first, *path = name.removeprefix("/").split() or [""]
    command = _offered(world, user_id, channel, first, CommandType.CHAT_INPUT)
    resolved: dict[str, dict[str, Any]] = {}
    # A copy of the nesting, from the outside in: each subcommand is the one option of what it is in.
    data = _data(command)
    inner, level = data, command
    for part in path:
        found = next((one for one in level.get("options", ()) if one["name"] == part and one["type"] in NESTING), None)
        if found is None:
            raise Refusal(Because.UNKNOWN_COMMAND)
        child: dict[str, Any] = {"type": found["type"], "name": part}
        inner["options"] = [child]
        inner, level = child, found
    declared = level.get("options", ())
    if any(one["type"] in NESTING for one in declared):
        raise Refusal(Because.UNKNOWN_COMMAND)
    inner["options"] = _fill_in(world, channel, declared, options, resolved, focused)
    if resolved:
        data["resolved"] = resolved
    kind = InteractionType.APPLICATION_COMMAND if focused is None else InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE
    owners = owners_of(world, user_id, channel, command)
    return _interact(world, user_id, channel, kind, data, owners, name=" ".join([first, *path]))


def run_on(
    world: World, user_id: int, channel: Channel, name: str, target: Message | int
) -> tuple[Interaction, list[Event]]:
    """Run a command from the context menu of a message, or of a user (by id)."""
    on_message = isinstance(target, Message)
    command = _offered(world, user_id, channel, name, CommandType.MESSAGE if on_message else CommandType.USER)
    data = _data(command)
    resolved: dict[str, dict[str, Any]] = {}
    if isinstance(target, Message):
        data["target_id"] = str(target.id)
        resolved["messages"] = {str(target.id): payloads.message(world, target)}
        more: dict[str, Any] = {"target_message_id": str(target.id)}
    else:
        data["target_id"] = str(target)
        _resolve_user(world, channel, target, resolved)
        more = {"target_user": payloads.user(world.user(target))}
    data["resolved"] = resolved
    owners = owners_of(world, user_id, channel, command)
    kind = InteractionType.APPLICATION_COMMAND
    return _interact(world, user_id, channel, kind, data, owners, name=name, metadata=more)


def use_component(
    world: World, user_id: int, message: Message, custom_id: str, values: Sequence[str] | None = None
) -> tuple[Interaction, list[Event]]:
    """Press a button, or choose in a menu: values, or ids of users, roles or channels."""
    channel = world.channels[message.channel_id]
    component = find_component(message.components, custom_id)
    if component is None or component.get("disabled") or message.only_for not in (None, user_id):
        raise invalid("data.custom_id", "COMPONENT_VALIDATION_FAILED", "Component validation failed")
    data: dict[str, Any] = {"component_type": component["type"], "custom_id": custom_id, "id": component["id"]}
    if component["type"] in SELECTS:
        data["values"] = list(values or ())
        _check_values(component, data["values"])
        resolved: dict[str, dict[str, Any]] = {}
        for value in data["values"] if component["type"] != ComponentType.STRING_SELECT else ():
            _resolve(world, channel, component["type"], int(value), resolved)
        if resolved:
            data["resolved"] = resolved
    metadata = {"interacted_message_id": str(message.id)}
    answers = message.interaction or {}
    owners = answers.get("authorizing_integration_owners") or guild_owner(channel)
    kind = InteractionType.MESSAGE_COMPONENT
    return _interact(world, user_id, channel, kind, data, owners, message=message, metadata=metadata)


def _check_values(component: Mapping[str, Any], values: list[str]) -> None:
    known = [option["value"] for option in component.get("options", ())]
    fits = component["min_values"] <= len(values) <= component["max_values"]
    if not fits or (known and not set(values) <= set(known)):
        raise invalid("data.values", "COMPONENT_VALIDATION_FAILED", "Component validation failed")


def submit_modal(
    world: World, user_id: int, origin: Interaction, values: Mapping[str, Any]
) -> tuple[Interaction, list[Event]]:
    """Send in the modal that an interaction was answered with, its inputs filled in by custom id."""
    if origin.modal is None:
        raise Refusal(Because.UNKNOWN_INTERACTION)
    components = [_submitted(component, values) for component in origin.modal["components"]]
    unknown = set(values) - {one.get("custom_id") for one in flat(origin.modal["components"])}
    if unknown:
        raise invalid(f"data.components.{min(unknown)}", "COMPONENT_VALIDATION_FAILED", "Component validation failed")
    data = {"custom_id": origin.modal["custom_id"], "components": components}
    channel = world.channels[origin.channel_id]
    message = world.messages[channel.id].get(origin.message_id) if origin.message_id else None
    metadata = {"triggering_interaction_metadata": origin.metadata}
    kind = InteractionType.MODAL_SUBMIT
    return _interact(world, user_id, channel, kind, data, origin.owners, message=message, metadata=metadata)


def _submitted(component: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """What a modal's component says when it is sent in."""
    sent: dict[str, Any] = {"type": component["type"], "id": component["id"]}
    if "components" in component:
        return sent | {"components": [_submitted(child, values) for child in component["components"]]}
    if "component" in component:
        return sent | {"component": _submitted(component["component"], values)}
    if "custom_id" not in component:
        return sent
    sent["custom_id"] = component["custom_id"]
    value = values.get(component["custom_id"], component.get("value", ""))
    if component["type"] in SELECTS:
        chosen = [option["value"] for option in component.get("options", ()) if option.get("default")]
        if component["custom_id"] in values:
            chosen = [value] if isinstance(value, str) else list(value)
        if chosen or component.get("required", True):
            _check_values(component, chosen)
        return sent | {"values": chosen}
    if component["type"] != ComponentType.TEXT_INPUT:
        return sent | {"values": [value] if isinstance(value, str) and value else list(value)}
    shortest, longest = component["min_length"] or 0, component["max_length"] or 4_000
    if (component["required"] and not value) or (value and not shortest <= len(value) <= longest):
        path = f"data.components.{component['custom_id']}"
        raise invalid(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {shortest} and {longest} in length.")
    return sent | {"value": value}


def _offered(world: World, user_id: int, channel: Channel, name: str, kind: CommandType) -> dict[str, Any]:
    for command in usable_commands(world, user_id, channel):
        if command["name"] == name and command["type"] == kind:
            return command
    known = {command["name"] for command in world.commands.values() if command["type"] == kind}
    raise Refusal(Because.MISSING_PERMISSIONS if name in known else Because.UNKNOWN_COMMAND)


def _data(command: Mapping[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {"id": command["id"], "name": command["name"], "type": command["type"]}
    return data | ({"guild_id": command["guild_id"]} if "guild_id" in command else {})


def _fill_in(
    world: World,
    channel: Channel,
    declared: Sequence[Mapping[str, Any]],
    values: Mapping[str, Any],
    resolved: dict[str, dict[str, Any]],
    focused: str | None,
) -> list[dict[str, Any]]:
    unknown = set(values) - {option["name"] for option in declared}
    if unknown:
        raise invalid(f"data.options.{min(unknown)}", "BASE_TYPE_CHOICES", "There is no such option")
    filled = []
    for option in declared:
        name = option["name"]
        if name == focused:
            value = values.get(name, "")
            filled.append({"type": option["type"], "name": name, "value": value, "focused": True})
        elif name in values and values[name] is not None:
            value = _value(world, channel, option, values[name], resolved, checked=focused is None)
            filled.append({"type": option["type"], "name": name, "value": value})
        elif option.get("required") and focused is None:
            raise invalid(f"data.options.{name}", "BASE_TYPE_REQUIRED", "This field is required")
    return filled


def _value(
    world: World,
    channel: Channel,
    option: Mapping[str, Any],
    value: Any,
    resolved: dict[str, dict[str, Any]],
    *,
    checked: bool,
) -> Any:
    """A value as the option's type has it on the wire; what it points to is put into `resolved`."""
    kind = option["type"]
    match kind:
        case OptionType.STRING:
            value = str(value)
        case OptionType.INTEGER:
            value = int(value)
        case OptionType.NUMBER:
            value = float(value)
        case OptionType.BOOLEAN:
            return bool(value)
        case OptionType.ATTACHMENT:
            name, data = value
            return _resolve_file(world, channel, name, data, resolved)
        case _:
            selects = {OptionType.USER: 5, OptionType.ROLE: 6, OptionType.MENTIONABLE: 7, OptionType.CHANNEL: 8}
            target = getattr(value, "id", value)
            _resolve(world, channel, selects[kind], int(target), resolved)
            return str(int(target))
    choices = [choice["value"] for choice in option.get("choices", ())]
    low, high = option.get("min_value", value), option.get("max_value", value)
    size = len(value) if isinstance(value, str) else 0
    fits = low <= value <= high and option.get("min_length", 0) <= size <= option.get("max_length", 6_000)
    if checked and (not fits or (choices and value not in choices)):
        raise invalid(f"data.options.{option['name']}", "BASE_TYPE_CHOICES", "Value must be one that the option takes.")
    return value


def _resolve(world: World, channel: Channel, kind: int, target: int, resolved: dict[str, dict[str, Any]]) -> None:
    """Put what a value points to into `resolved`; `kind` is the select component for it."""
    if kind == ComponentType.CHANNEL_SELECT:
        found = world.channel(target)
        partial = ("id", "type", "name", "parent_id", "thread_metadata", "position", "topic", "nsfw", "flags")
        payload = payloads.channel(world, found)
        shown = {key: payload[key] for key in partial if key in payload}
        shown["permissions"] = str(int(world.permissions(world.application.bot_id, found)))
        resolved.setdefault("channels", {})[str(target)] = shown
    elif kind == ComponentType.ROLE_SELECT or (kind == ComponentType.MENTIONABLE_SELECT and target not in world.users):
        if channel.guild_id is None:
            raise Refusal(Because.UNKNOWN_ROLE)
        resolved.setdefault("roles", {})[str(target)] = payloads.role(world.role(channel.guild_id, target))
    else:
        _resolve_user(world, channel, target, resolved)


def _resolve_user(world: World, channel: Channel, user_id: int, resolved: dict[str, dict[str, Any]]) -> None:
    resolved.setdefault("users", {})[str(user_id)] = payloads.user(world.user(user_id))
    member = world.guilds[channel.guild_id].members.get(user_id) if channel.guild_id else None
    if member is not None:
        permissions = str(int(world.permissions(user_id, channel)))
        shown = payloads.member(world, member, with_user=False) | {"permissions": permissions}
        resolved.setdefault("members", {})[str(user_id)] = shown


def _resolve_file(world: World, channel: Channel, name: str, data: bytes, resolved: dict[str, dict[str, Any]]) -> str:
    attachment = files.keep(world, channel, Upload(name, data), ephemeral=True)
    resolved.setdefault("attachments", {})[str(attachment.id)] = payloads.attachment(world, attachment)
    return str(attachment.id)


def _interact(
    world: World,
    user_id: int,
    channel: Channel,
    kind: InteractionType,
    data: dict[str, Any],
    owners: Mapping[str, str],
    *,
    name: str | None = None,
    message: Message | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> tuple[Interaction, list[Event]]:
    world.require(user_id, channel)
    since = world.now() - TOKEN_LIFETIME
    for old in [known.id for known in world.interactions.values() if known.created_at < since]:
        del world.interactions[old]
    token = secrets.token_urlsafe(96)
    interaction = Interaction(
        world.new_id(), token, kind, user_id, channel.id, channel.guild_id, world.now(), data, name
    )
    interaction.owners = dict(owners)
    interaction.message_id = message.id if message else None
    interaction.metadata = payloads.interaction_metadata(world, interaction, **(metadata or {}))
    world.interactions[interaction.id] = interaction
    audience = frozenset({world.application.bot_id})
    d = _payload(world, interaction, channel, message)
    return interaction, [Event("INTERACTION_CREATE", d, channel.guild_id, channel.id, audience=audience)]


def _payload(world: World, interaction: Interaction, channel: Channel, message: Message | None) -> dict[str, Any]:
    user = world.users[interaction.user_id]
    may = world.permissions(world.application.bot_id, channel)
    if is_brought_along(interaction):
        may = BROUGHT_ALONG
    shown = payloads.channel(world, channel) | {"permissions": str(int(world.permissions(user.id, channel)))}
    shown.pop("permission_overwrites", None)
    d: dict[str, Any] = {
        "id": str(interaction.id),
        "application_id": str(world.application.id),
        "type": int(interaction.type),
        "data": interaction.data,
        "channel": shown,
        "channel_id": str(channel.id),
        "token": interaction.token,
        "version": 1,
        "app_permissions": str(int(may)),
        "locale": user.locale,
        "entitlements": [],
        "authorizing_integration_owners": interaction.owners,
        "context": int(context_of(world, channel)),
        "attachment_size_limit": ATTACHMENT_SIZE,
    }
    if channel.guild_id is None:
        d["user"] = payloads.user(user)
    else:
        guild = world.guilds[channel.guild_id]
        d["guild"] = {"id": str(guild.id), "locale": guild.locale, "features": []}
        d |= {"guild_id": str(guild.id), "guild_locale": guild.locale}
        permissions = str(int(world.permissions(user.id, channel)))
        d["member"] = payloads.member(world, guild.members[user.id]) | {"permissions": permissions}
    if message is not None:
        d["message"] = payloads.message(world, message)
    return d
