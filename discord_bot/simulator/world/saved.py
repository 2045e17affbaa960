"""A world as a JSON document, to be saved and loaded: who and what is there, what was said, and the files of it.

What belongs to the program that runs rather than to the conversation stays out: the application and its token, the
commands that the bot has registered, interactions that are under way. So a document can be loaded beside any bot; it is
the bot that was there, under the name and the id that it has now. What a bot keeps of a world can be put beside it, and
is not looked at here.

The shape of the document is that of the records in entities.py. What is read is checked against their types, and
everything in it is shown once before it replaces anything: a file that somebody passed on must not break what is open.
"""

from __future__ import annotations

import json
import re
import typing
from base64 import b64decode, b64encode
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import IntEnum, IntFlag
from functools import cache
from types import NoneType, UnionType
from typing import Any

from discord_bot.simulator.world import payloads
from discord_bot.simulator.world.entities import (  # noqa: TC001 - their types are read at run time
    Channel,
    Emoji,
    Guild,
    Message,
    User,
    Webhook,
)
from discord_bot.simulator.world.world import World

FORMAT = "discord-bot playground"
VERSION = 1

_ID = re.compile(r"\d{15,20}")


NOT_TOGETHER = (KeyError, ValueError, TypeError, AttributeError, IndexError, OverflowError, AssertionError)
"""What is raised where something is shown that points nowhere, or isn't what it should be."""


class NotAWorldError(Exception):
    """A document is none that a world can be made of; the message says at which place, for a log."""


@dataclass(frozen=True, slots=True)
class _Document:
    """What is saved of a world."""

    format: str
    version: int
    bot: str
    """The id of the application's bot, which another bot takes over."""
    owner: int
    beside: Any
    """What is saved beside the world, as JSON can hold it."""
    users: dict[int, User]
    guilds: dict[int, Guild]
    channels: dict[int, Channel]
    messages: dict[int, dict[int, Message]]
    webhooks: dict[int, Webhook]
    emojis: dict[int, Emoji]
    files: dict[int, bytes]
    avatars: dict[str, bytes | str]


_OF_A_WORLD = [field.name for field in fields(_Document)][5:]
"""What of a document stands in a world, under the same name."""


def document(world: World, beside: Any = None) -> str:
    """The world as JSON, and beside it what else is to be saved."""
    kept = {name: getattr(world, name) for name in _OF_A_WORLD}
    about = {"format": FORMAT, "version": VERSION, "bot": str(world.bot.id), "owner": world.application.owner_id}
    about["beside"] = beside
    return json.dumps(about | {name: _plain(value) for name, value in kept.items()}, ensure_ascii=False)


def read(text: str, here: World) -> tuple[World, Any]:
    """The world that a document says, with the bot of another world in the place of the one that is saved there.

    With it, what was saved beside it.

    NotAWorldError where the document is none.
    """
    found = _read(text, here.bot.id)
    world = World(here.now)
    world.application = replace(here.application, owner_id=found.owner)
    for name in _OF_A_WORLD:
        setattr(world, name, getattr(found, name))
    try:
        _show_all(world)
    except NOT_TOGETHER as error:
        raise NotAWorldError(f"it does not hold together: {error!r}") from error
    return world, found.beside


def become(world: World, other: World) -> None:
    """Let a world that is in use be another one from now on; the program's own part of it stays."""
    world.application.owner_id = other.application.owner_id
    emojis = world.emojis | other.emojis  # the bot has made its own by now
    for name in _OF_A_WORLD:
        setattr(world, name, getattr(other, name))
    world.emojis = emojis
    world.interactions = {}
    made = [*world.users, *world.channels, *world.files, *(one for each in world.messages.values() for one in each)]
    world.stay_above(max(made))


def _show_all(world: World) -> None:
    """Show everything once: what points nowhere is noticed."""
    assert world.bot.id in world.users
    for guild in world.guilds.values():
        for user_id in guild.members:
            payloads.guild_created(world, guild, user_id, with_members=True)
    for channel in world.channels.values():
        assert channel.guild_id in world.guilds or channel.guild_id is None
        payloads.channel(world, channel, viewer=next(iter(channel.recipients), None))
    for channel_id, messages in world.messages.items():
        assert channel_id in world.channels
        for message in messages.values():
            payloads.message(world, message, viewer=message.only_for)


# ---- records and JSON ------------------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    """A record as what JSON can hold."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, bytes):
        return {"base64": b64encode(value).decode()}
    return int(value) if isinstance(value, (IntEnum, IntFlag)) else value


def _read(text: str, bot_id: int) -> _Document:
    try:
        raw = json.loads(text)
        if raw["format"] != FORMAT or raw["version"] != VERSION or not _ID.fullmatch(raw["bot"]):
            raise NotAWorldError("it is of another kind")
        # An id stands as a number, within texts, and as a key: wherever it stands, it is the bot's.
        same_bot = re.sub(rf"(?<!\d){raw['bot']}(?!\d)", str(bot_id), text)
        found: _Document = _record(_Document, json.loads(same_bot), "")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotAWorldError(f"it can't be read: {error!r}") from error
    return found


def _record(kind: Any, value: Any, place: str) -> Any:
    """A value of that type; NotAWorldError where it is another one's."""
    if kind is Any:
        return value
    origin, of = typing.get_origin(kind), typing.get_args(kind)
    if origin in (UnionType, typing.Union):
        return _one_of(of, value, place)
    if origin is dict and isinstance(value, dict):
        return {_key(of[0], key): _record(of[1], each, f"{place}.{key}") for key, each in value.items()}
    if origin is list and isinstance(value, list):
        return [_record(of[0], each, f"{place}.{index}") for index, each in enumerate(value)]
    if origin is tuple and isinstance(value, list):
        kinds = [of[0]] * len(value) if of[-1] is Ellipsis else of
        return tuple(_record(one, each, place) for one, each in zip(kinds, value, strict=True))
    if isinstance(kind, type) and is_dataclass(kind) and isinstance(value, dict):
        hints = _hints(kind)
        return kind(**{name: _record(hints[name], each, f"{place}.{name}") for name, each in value.items()})
    return _single(kind, value, place)


def _one_of(kinds: tuple[Any, ...], value: Any, place: str) -> Any:
    for kind in kinds:
        try:
            return _record(kind, value, place)
        except NotAWorldError:
            continue
    raise NotAWorldError(f"{place} is none of its kinds")


def _single(kind: Any, value: Any, place: str) -> Any:
    if kind is bytes and isinstance(value, dict):
        return b64decode(value["base64"], validate=True)
    if kind is float and type(value) in (int, float):
        return float(value)
    if isinstance(kind, type) and issubclass(kind, (IntEnum, IntFlag)) and type(value) is int:
        return kind(value)
    if kind is NoneType and value is None:
        return None
    if kind in (int, str, bool) and type(value) is kind:
        return value
    raise NotAWorldError(f"{place} is no {kind}")


def _key(kind: Any, text: str) -> Any:
    return int(text) if kind is int else text


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
