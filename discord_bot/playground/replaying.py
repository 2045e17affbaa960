"""A conversation is played again: what people wrote is put once more, by them, where they wrote it, to the bot of now.

What the bot said is left out, and can be seen beside its new answers. So are commands and presses of buttons: they say
how the bot is to be set, and that stays as it is now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from discord_bot.simulator.world import channels
from discord_bot.simulator.world.entities import Channel, Message, MessageType
from discord_bot.simulator.world.forms import Form
from discord_bot.simulator.world.refusals import Refusal

if TYPE_CHECKING:
    from discord_bot.playground.running import Running
    from discord_bot.simulator.server import Simulator
    from discord_bot.simulator.world.world import World

WRITTEN = (MessageType.DEFAULT, MessageType.REPLY)


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a person's, as it stood at the end."""

    message: Message
    files: Sequence[tuple[str, bytes]]
    thread: Channel | None
    """The thread in which it stood, if that began at somebody's message."""
    answers: Sequence[Message]
    """What the bot had answered."""
    goes_on: bool
    """Whether the next line is by the same person, and nothing stood between the two: they were written in one go."""


def script(world: World) -> list[Line]:
    """What people have written in a world, in its order."""
    answered = answers(world)
    at_messages = {channel.id: channel for channel in world.channels.values() if _begins_at_message(world, channel)}
    lines: list[Line] = []
    for channel_id, standing in world.messages.items():
        row = list(standing.values())
        for message, after in zip(row, [*row[1:], None], strict=True):
            if message.id in answered:
                alone = after is None or after.id not in answered or after.author_id != message.author_id
                files = [(each.filename, world.files[each.id]) for each in message.attachments]
                goes_on = not alone and not answered[message.id]
                lines.append(Line(message, files, at_messages.get(channel_id), answered[message.id], goes_on))
    return sorted(lines, key=lambda line: line.message.id)


def answers(world: World) -> dict[int, list[Message]]:
    """Each message that a person has written, and what the bot has answered it."""
    found: dict[int, list[Message]] = {
        message.id: [] for message in _all(world) if _is_a_persons(world, message) and message.type in WRITTEN
    }
    for channel_id, standing in world.messages.items():
        question: int | None = channel_id  # a thread that began at a question has its id
        for message in standing.values():
            if message.id in found:
                question = message.id
            elif message.interaction is not None or message.type not in WRITTEN:
                question = None
            else:
                if message.reference is not None:
                    question = message.reference.message_id
                found.get(question or 0, []).append(message)
    return found


def _all(world: World) -> Iterator[Message]:
    for standing in world.messages.values():
        yield from standing.values()


def _is_a_persons(world: World, message: Message) -> bool:
    return message.author_id != world.bot.id and message.webhook_id is None and message.only_for is None


def _begins_at_message(world: World, channel: Channel) -> bool:
    return channel.thread is not None and channel.id in world.messages.get(channel.parent_id or 0, {})


def empty(document: dict[str, Any]) -> dict[str, Any]:
    """A document of the same world in which nobody has said anything."""
    said = {number for standing in document["messages"].values() for number in standing}
    kept = {number: channel for number, channel in document["channels"].items() if number not in said}
    silent = {number: channel | {"last_message_id": None} for number, channel in kept.items()}
    return document | {"messages": {}, "files": {}, "channels": silent}


class Replay:
    """A script that is played, in a world in which nobody has said anything yet."""

    def __init__(
        self, simulator: Simulator, running: Running, lines: Sequence[Line], tell: Callable[[], object]
    ) -> None:
        """`tell` is called where its state is another one."""
        self._simulator, self._running, self._tell = simulator, running, tell
        self._lines = lines
        self._put: dict[int, int] = {}
        """What was written -> what was put for it, by their ids."""
        self._at = 0
        self._goes_on = asyncio.Event()
        self._goes_on.set()
        self._task = asyncio.create_task(self._play())
        self._task.add_done_callback(lambda _: tell())

    def state(self) -> Mapping[str, Any]:
        """How far it is: for the page."""
        paused = not self._goes_on.is_set()
        return {"at": self._at, "of": len(self._lines), "paused": paused, "over": self._task.done()}

    def pause(self, *, paused: bool) -> None:
        """The answer that is on its way comes, and no further question is put, until it goes on."""
        (self._goes_on.clear if paused else self._goes_on.set)()
        self._tell()

    def stop(self) -> None:
        """No further question is put."""
        self._task.cancel()

    def compared(self, render: Callable[[str], str]) -> list[dict[str, Any]]:
        """Each message that was put and was answered, then or now: the answers side by side, for the page.

        `render` makes HTML of Markdown.
        """
        world = self._simulator.world
        answered = answers(world)

        def shown(messages: Sequence[Message]) -> list[str]:
            return [render(each.content) for each in messages if each.content]

        return [
            {
                "by": world.users[line.message.author_id].global_name or world.users[line.message.author_id].username,
                "place": self._name_of_place(line),
                "question": render(line.message.content),
                "then": shown(line.answers),
                "now": shown(answered[put]),
            }
            for line in self._lines
            if (put := self._put.get(line.message.id, 0)) in answered and (answered[put] or line.answers)
        ]

    def _name_of_place(self, line: Line) -> str:
        place = line.thread or self._simulator.world.channel(line.message.channel_id)
        return f"#{place.name}" if place.guild_id is not None else f"@{self._simulator.world.bot.username}"

    async def _play(self) -> None:
        for line in self._lines:
            await self._goes_on.wait()
            await self._running.until_ready()  # somebody may have connected another model
            try:
                put = await self._say(line)
            except Refusal:  # such as by someone who may not write there any more
                put = None
            self._at += 1
            self._tell()
            if put is not None and not line.goes_on:
                await self._running.until_answered(put)

    async def _say(self, line: Line) -> int:
        """Puts one message; its id."""
        place = self._place(line)
        person = self._simulator.person(line.message.author_id)
        said = await person.send(
            place, line.message.content, reply_to=self._replied_to(line, place), attachments=line.files
        )
        self._put[line.message.id] = int(said["id"])
        return int(said["id"])

    def _place(self, line: Line) -> Channel:
        """The channel; or the thread at what was put in the place of the message at which it began."""
        world, thread = self._simulator.world, line.thread
        if thread is None:
            return world.channel(line.message.channel_id)
        parent = world.channel(thread.parent_id or 0)
        began_at = world.messages.get(parent.id, {}).get(self._put.get(thread.id, 0))
        if began_at is None:
            return parent
        if began_at.id in world.channels:
            return world.channels[began_at.id]
        owner = thread.thread.owner_id if thread.thread is not None else 0
        if owner == world.bot.id:
            return parent  # the bot answers in the channel now
        made, events = channels.start_thread(world, owner, parent, Form({"name": thread.name}), began_at)
        self._simulator.dispatch(events)
        return made

    def _replied_to(self, line: Line, place: Channel) -> Message | None:
        """What stands now for what the message replied to, if it stands in the same place."""
        if line.message.reference is None:
            return None
        world, replied_to = self._simulator.world, line.message.reference.message_id or 0
        standing = world.messages.get(place.id, {})
        if replied_to in self._put:
            return standing.get(self._put[replied_to])
        for other in self._lines:
            if replied_to in [each.id for each in other.answers]:
                now = answers(world).get(self._put.get(other.message.id, 0), [])
                return standing.get(now[0].id) if now else None
        return None
