"""One open page of the playground: who one is there, what one does, and what one is told. See door.py."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from discord_bot.playground.again import ConversationActions
from discord_bot.playground.at_work import ModelActions, WorkshopActions
from discord_bot.playground.drafts import unpacked
from discord_bot.playground.highlighting import coloured
from discord_bot.playground.sentences import EXPLAINED, explain, language_of, say
from discord_bot.playground.typed import read_command, read_options, with_mentions
from discord_bot.playground.viewpoint import RESHAPING, Viewpoint
from discord_bot.simulator.people import Invocation
from discord_bot.simulator.world import channels
from discord_bot.simulator.world.forms import Form
from discord_bot.simulator.world.refusals import Because, Refusal

if TYPE_CHECKING:
    from discord_bot.playground.door import Playground
    from discord_bot.simulator.people import Person
    from discord_bot.simulator.world.entities import Channel, Message, User
    from discord_bot.simulator.world.events import Event

log = logging.getLogger(__name__)

OUTBOX = 5_000
"""Frames that may wait for a page that doesn't read; then it is let go, and comes back by itself."""

PREVIEW = 20_000
"""Characters of a file that are shown in the page."""

GLANCE = 1.0
"""Seconds between two looks at whether the bot is connected."""


class PageSession:
    """One open page: who it is, what it does, and what it is told."""

    def __init__(self, playground: Playground, socket: web.WebSocketResponse, wishes: Mapping[str, str]) -> None:
        """`wishes`: the `be` and the `language` that the page asks for in its address."""
        self.simulator = simulator = playground.simulator
        self.playground = playground
        self.world = simulator.world
        self.socket = socket
        self.outbox: asyncio.Queue[str | None] = asyncio.Queue(OUTBOX)
        self.view = Viewpoint(self.world, self._person(wishes.get("be")), language_of(wishes.get("language")))
        self.bot_online = False
        self.actions: dict[str, Callable[[dict[str, Any]], Awaitable[Any]]] = {
            name.removeprefix("_do_"): getattr(group, name)
            for group in (self, ConversationActions(self), ModelActions(self), WorkshopActions(self))
            for name in dir(group)
            if name.startswith("_do_")
        }

    @property
    def people(self) -> list[User]:
        """Everybody whom one can be here."""
        return [user for user in self.world.users.values() if user.id != self.world.bot.id]

    def _person(self, username: str | None) -> User:
        """Who is called so, or else the first of all."""
        people = self.people
        return next((user for user in people if user.username == username), people[0])

    @property
    def person(self) -> Person:
        """Who acts: the simulator's person for the user that was chosen."""
        return self.simulator.person(self.view.user.id, locale=self.view.locale)

    async def run(self) -> None:
        """Serve the page until it goes away."""
        end = self.simulator.observe(self._observe)
        work = [asyncio.create_task(self._write()), asyncio.create_task(self._glance())]
        self.tell_all()
        try:
            async for message in self.socket:
                if message.type is WSMsgType.TEXT:
                    task = asyncio.create_task(self._act(message.data))
                    work.append(task)
                    task.add_done_callback(work.remove)
        finally:
            end()
            unfinished = [*work]
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)

    # What the page is told

    def _observe(self, event: Event) -> None:
        if event.t.startswith(RESHAPING) and (event.audience is None or self.view.user.id in event.audience):
            self.tell_all()
            return
        payload = self.view.event(event)
        if payload is not None:
            self.tell({"event": event.t, "data": payload})

    def begin_anew(self) -> None:
        """Be who one was in a world that is another one now, or its first person."""
        self.view = replace(self.view, user=self._person(self.view.user.username))
        self.tell_all()

    def tell_all(self) -> None:
        """Tell the page everything around the conversation."""
        self.bot_online = self._is_bot_online()
        data = self.view.ready(self.people, bot_online=self.bot_online)
        here = {"troubles": self.playground.troubles.state(), "world": self.playground.worlds, "model": self._model()}
        here["replay"] = self._replay()
        self.tell({"event": "READY", "data": data | here | {"undo": self.playground.before is not None}})

    def _model(self) -> dict[str, Any] | None:
        connecting = self.playground.connecting
        return None if connecting is None else {"name": connecting.model, "first": connecting.is_first}

    def _replay(self) -> Mapping[str, Any] | None:
        return None if self.playground.replay is None else self.playground.replay.state()

    def tell_replay(self) -> None:
        """Tell the page how far what is played again is."""
        self.tell({"event": "REPLAY", "data": {"state": self._replay()}})

    def tell_inspectable(self, page_ids: Sequence[int]) -> None:
        """Tell the page that there is more to see of an answer."""
        self.tell({"event": "INSPECTABLE", "data": {"messages": [str(each) for each in page_ids]}})

    def tell(self, frame: dict[str, Any]) -> None:
        """Tell the page something; one that doesn't read it is let go."""
        try:
            self.outbox.put_nowait(json.dumps(frame))
        except asyncio.QueueFull:
            with contextlib.suppress(asyncio.QueueEmpty):
                while True:
                    self.outbox.get_nowait()
            self.outbox.put_nowait(None)

    async def _write(self) -> None:
        while (text := await self.outbox.get()) is not None:
            await self.socket.send_str(text)
        await self.socket.close(message=b"too slow")

    async def _glance(self) -> None:
        """Notice when the bot comes and goes; the gateway has no event for it that everybody sees."""
        while True:
            await asyncio.sleep(GLANCE)
            if self._is_bot_online() != self.bot_online:
                self.tell_all()

    def _is_bot_online(self) -> bool:
        return self.simulator.gateway.is_heard

    # What the page does

    async def _act(self, text: str) -> None:
        frame: Any = None
        try:
            frame = json.loads(text)
            answer: dict[str, Any] = {"data": await self.actions[frame["do"]](frame)}
        except EXPLAINED as refused:
            answer = {"error": explain(refused, self.view.language)}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            log.debug("an action of the page failed", exc_info=True)
            answer = {"error": say("not-understood", self.view.language, what=type(error).__name__)}
        self.tell({"id": frame.get("id") if isinstance(frame, dict) else None, **answer})

    def _channel(self, frame: dict[str, Any]) -> Channel:
        channel = self.world.channel(int(frame["channel"]))
        self.world.require(self.view.user.id, channel)
        return channel

    def _message(self, frame: dict[str, Any]) -> Message:
        wanted = int(frame["message"])
        found = next((messages[wanted] for messages in self.world.messages.values() if wanted in messages), None)
        if found is None or found.only_for not in (None, self.view.user.id):
            raise Refusal(Because.UNKNOWN_MESSAGE)
        self.world.require(self.view.user.id, self.world.channel(found.channel_id))
        return found

    async def _do_be(self, frame: dict[str, Any]) -> None:
        chosen = next((user for user in self.people if user.username == frame["person"]), None)
        if chosen is None:
            raise Refusal(Because.UNKNOWN_USER)
        self.view = replace(self.view, user=chosen)
        self.tell_all()

    async def _do_history(self, frame: dict[str, Any]) -> list[dict[str, Any]]:
        where = {name: int(frame[name]) for name in ("before", "after", "limit") if frame.get(name) is not None}
        return self.view.history(self._channel(frame), **where)

    async def _do_send(self, frame: dict[str, Any]) -> dict[str, Any]:
        """Send what was typed: a command where it is one, else a message with its mentions."""
        if self.playground.running is not None:
            await self.playground.running.until_ready()  # a bot that is only being begun would never hear of it
        channel, content = self._channel(frame), str(frame["content"])
        picks = {str(name).lower(): str(value) for name, value in frame.get("picks", {}).items()}
        names = self.view.names(channel) | {name: value for name, value in picks.items() if name[:1] in ("@", "#")}
        files = [(str(file["name"]), unpacked(file["base64"])) for file in frame.get("files", ())]
        if content.startswith("/"):
            call = read_command(content, self.view.commands(channel), names, files)
            if call is not None:
                values = {name: picks.get(str(value).lower(), value) for name, value in call.values.items()}
                await self.person.command(channel, call.name, **values)
                return {}
        reply_to = frame.get("reply_to")
        text = with_mentions(content, names)
        await self.person.send(channel, text, reply_to=int(reply_to) if reply_to else None, attachments=files)
        return {}

    async def _do_edit(self, frame: dict[str, Any]) -> dict[str, Any]:
        message = self._message(frame)
        names = self.view.names(self.world.channel(message.channel_id))
        await self.person.edit(message.id, with_mentions(str(frame["content"]), names))
        return {}

    async def _do_delete(self, frame: dict[str, Any]) -> None:
        await self.person.delete(self._message(frame).id)

    async def _do_dismiss(self, frame: dict[str, Any]) -> None:
        await self.person.dismiss(self._message(frame).id)

    async def _do_react(self, frame: dict[str, Any]) -> None:
        await self.person.react(self._message(frame).id, str(frame["emoji"]))

    async def _do_unreact(self, frame: dict[str, Any]) -> None:
        await self.person.unreact(self._message(frame).id, str(frame["emoji"]))

    async def _do_typing(self, frame: dict[str, Any]) -> None:
        await self.person.type(self._channel(frame))

    async def _do_commands(self, frame: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {"name": command.name, "description": command.description, "options": list(command.options)}
            for command in self.view.commands(self._channel(frame))
        ]

    async def _do_autocomplete(self, frame: dict[str, Any]) -> list[dict[str, Any]]:
        channel = self._channel(frame)
        command = next((one for one in self.view.commands(channel) if one.name == frame["command"]), None)
        if command is None:
            raise Refusal(Because.UNKNOWN_COMMAND)
        text = str(frame["text"]).removeprefix("/")[len(command.name) :]
        values = read_options(text, command, self.view.names(channel)) | {frame["focused"]: frame["value"]}
        return list(await self.person.autocomplete(channel, command.name, focused=frame["focused"], options=values))

    async def _do_message_commands(self, frame: dict[str, Any]) -> list[dict[str, str]]:
        return self.view.message_commands(self._channel(frame))

    async def _do_run_on_message(self, frame: dict[str, Any]) -> None:
        await self.person.run_on_message(self._message(frame).id, str(frame["name"]))

    async def _do_preview(self, frame: dict[str, Any]) -> dict[str, Any] | None:
        """The beginning of a text that hangs on a message, in colours; None for what is no text."""
        found = self._message(frame)
        file = next((one for one in found.attachments if one.id == int(frame["file"])), None)
        if file is None:
            return None
        try:
            text = self.world.files[file.id].decode()[:PREVIEW]
        except UnicodeDecodeError:
            return None
        return {"html": coloured(text, file.filename.rpartition(".")[2]), "lines": text.count("\n") + 1}

    async def _do_press(self, frame: dict[str, Any]) -> None:
        await self.person.press(self._message(frame).id, str(frame["custom_id"]))

    async def _do_select(self, frame: dict[str, Any]) -> None:
        await self.person.select(
            self._message(frame).id, str(frame["custom_id"]), [str(one) for one in frame["values"]]
        )

    async def _do_submit(self, frame: dict[str, Any]) -> None:
        opened = self.world.interactions.get(int(frame["interaction"]))
        if opened is None or opened.user_id != self.view.user.id:
            raise Refusal(Because.UNKNOWN_INTERACTION)
        await self.person.submit(Invocation(self.simulator, opened), dict(frame["values"]))

    async def _do_inspect(self, frame: dict[str, Any]) -> dict[str, Any] | None:
        return self.playground.inspector.about(self._message(frame), self.view.language, self.view.html)

    async def _do_trouble(self, frame: dict[str, Any]) -> None:
        self.playground.troubles.switch(str(frame["name"]), on=bool(frame["on"]))
        self.playground.tell_all()

    async def _do_end_troubles(self, _: dict[str, Any]) -> None:
        self.playground.troubles.end()
        self.playground.tell_all()

    async def _do_open_dm(self, frame: dict[str, Any]) -> dict[str, Any]:
        channel = await self.person.open_dm(int(frame["user"]))
        return {"id": str(channel.id)}

    async def _do_thread(self, frame: dict[str, Any]) -> dict[str, Any]:
        message = self._message(frame)
        parent = self.world.channel(message.channel_id)
        thread, events = channels.start_thread(
            self.world, self.view.user.id, parent, Form({"name": str(frame["name"])}), message
        )
        self.simulator.dispatch(events)
        return {"id": str(thread.id)}
