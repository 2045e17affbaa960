"""A world that is saved and loaded is the same one; whatever else is loaded is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world import payloads, saved
from discord_bot.simulator.world.entities import Overwrite
from discord_bot.simulator.world.permissions import Permission
from discord_bot.simulator.world.world import World


async def talked() -> Simulator:
    """A world in which something of everything was said."""
    simulator = Simulator()
    ada, mo = simulator.person("ada"), simulator.person("mo")
    said = await ada.send(
        "general", f"hello {mo.mention}", attachments=[("a.txt", b"ahoy"), ("b.bin", bytes(range(256)))]
    )
    await mo.send("general", "indeed ✨", reply_to=said)
    await mo.react(said, "👍")
    await ada.edit(said, "hello <@1>")
    direct = await ada.open_dm("kim")
    await ada.send(direct, "psst")
    world = simulator.world
    world.channel("quiet").overwrites[mo.id] = Overwrite(mo.id, True, Permission.PIN_MESSAGES)
    return simulator


def shown(world: World) -> list[Any]:
    """Everything that the gateway and the API would say of a world."""
    told: list[Any] = [payloads.user(user) for user in world.users.values()]
    for guild in world.guilds.values():
        told += [payloads.guild_created(world, guild, user_id, with_members=True).d for user_id in guild.members]
    for messages in world.messages.values():
        told += [payloads.message(world, message) for message in messages.values()]
    return [told, {name: bytes(data) for name, data in world.files.items()}]


def _text(world: World) -> str:
    """What is shown, but for what a bot has instead of a discriminator, which is made of its id."""
    return re.sub(r'"discriminator": "\d+"', "", json.dumps(shown(world)[0]))


async def test_what_is_saved_is_what_is_loaded() -> None:
    """Loaded beside another bot, everything is as it was, but that this bot is the one that was there."""
    world = (await talked()).world
    await Simulator(world).person("ada").send("general", f"and you, <@{world.bot.id}>?")
    other = World.default()
    own = other.bot.id
    read, beside = saved.read(saved.document(world, {"kept": [1, None]}), other)
    assert beside == {"kept": [1, None]}
    assert _text(read) == _text(world).replace(str(world.bot.id), str(own))
    assert shown(read)[1] == shown(world)[1]
    saved.become(other, read)
    assert other.bot.id == own
    assert other.new_id() > max(other.messages[other.channel("general").id])
    assert saved.document(other) == saved.document(saved.read(saved.document(other), other)[0])


async def test_no_token_of_the_program_is_in_it() -> None:
    world = (await talked()).world
    assert world.application.token not in saved.document(world)


def _gone(*path: str) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        for name in path[:-1]:
            document = document[name]
        document[path[-1]] = {}

    return change


def _message(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        for messages in document["messages"].values():
            for message in messages.values():
                message[key] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        _gone("users"),
        _gone("guilds"),
        _gone("channels"),
        _message("author_id", 5),
        _message("content", ["no", "text"]),
        _message("attachments", [{"id": 1}]),
        _message("type", 4711),
        _message("reactions", {"👍": ["ada"]}),
        _message("surprise", 1),
        lambda document: document.update(format="another program's"),
        lambda document: document.update(version=99),
        lambda document: document.update(bot="0"),
        lambda document: document.update(files={"1": {"base64": "?"}}),
        lambda document: document.pop("webhooks"),
    ],
)
async def test_what_is_no_world_is_refused(change: Callable[[dict[str, Any]], None]) -> None:
    document = json.loads(saved.document((await talked()).world))
    change(document)
    with pytest.raises(saved.NotAWorldError):
        saved.read(json.dumps(document), World.default())


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", "[" * 100_000, '{"format": 1}', "ahoy"])
def test_what_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(saved.NotAWorldError):
        saved.read(text, World.default())
