"""People: somebody of the world, to be by a test or by the playground. What they do, they do under the world's rules.

A refusal (`Refusal`) is raised where Discord's client would show why it doesn't work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from discord_bot.simulator.world import changes, installations, interactions, invocations, messages, payloads, reactions
from discord_bot.simulator.world.drafts import Upload, read_draft
from discord_bot.simulator.world.entities import Channel, Interaction, Message, MessageFlag, User
from discord_bot.simulator.world.forms import Form
from discord_bot.simulator.world.interactions import ACKNOWLEDGE_WITHIN
from discord_bot.simulator.world.refusals import Because, Refusal
from discord_bot.simulator.world.specials import NOTHING, Special

if TYPE_CHECKING:
    from discord_bot.simulator.server import Simulator
    from discord_bot.simulator.world.events import Event
    from discord_bot.simulator.world.world import World

Place = Channel | int | str
"""A channel: itself, its id, or its name."""

Said = Mapping[str, Any] | Message | int
"""A message: its payload, itself, or its id."""


class Invocation:
    """Something that a person asked of the application, and what has come back so far."""

    def __init__(self, simulator: Simulator, interaction: Interaction) -> None:
        self._simulator = simulator
        self.interaction = interaction
        self.failed = False
        """The application did not respond in time."""

    @property
    def id(self) -> int:
        """The interaction's id."""
        return self.interaction.id

    @property
    def acknowledged(self) -> bool:
        """Whether the application has answered, be it with "thinking…"."""
        return self.interaction.callback is not None

    @property
    def modal(self) -> dict[str, Any] | None:
        """The modal that was opened, if one was."""
        return self.interaction.modal

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages that answer it, as they stand now, the first one first; ephemeral ones too."""
        standing = self._simulator.world.messages.get(self.interaction.channel_id, {})
        ids = self.interaction.message_ids
        return [
            payloads.message(self._simulator.world, standing[one], viewer=self.interaction.user_id)
            for one in ids
            if one in standing
        ]

    @property
    def response(self) -> dict[str, Any] | None:
        """The first message that answers it; None while there is none, or where it was answered otherwise."""
        return next(iter(self.messages), None)

    @property
    def content(self) -> str:
        """The first answer's text."""
        return str(self.response["content"]) if self.response else ""

    @property
    def ephemeral(self) -> bool:
        """Whether only the person sees the first answer."""
        return bool(self.response and self.response["flags"] & MessageFlag.EPHEMERAL)

    async def finished(self, within: float = 10.0) -> Invocation:
        """Wait until "thinking…" has become an answer; TimeoutError after so many seconds."""

        def done(_: Event | None = None) -> bool:
            return self.response is None or not self.response["flags"] & MessageFlag.LOADING

        if not done():
            await self._simulator.wait_for(done, timeout=within)
        return self


class Person:
    """A user of the world, acting in it."""

    def __init__(self, simulator: Simulator, user: User, *, locale: str | None = None) -> None:
        """`locale`: the language of the client in which they act; by default the one of their account."""
        self._simulator = simulator
        self.user = user
        self.locale = locale or user.locale

    @property
    def id(self) -> int:
        """The user's id."""
        return self.user.id

    @property
    def mention(self) -> str:
        """What mentions this person in a text."""
        return f"<@{self.user.id}>"

    async def send(
        self,
        channel: Place,
        content: str = "",
        *,
        reply_to: Said | None = None,
        attachments: Sequence[tuple[str, bytes]] = (),
        ping: bool = True,
        special: Special = NOTHING,
    ) -> dict[str, Any]:
        """Write a message, as a reply to another one if given; `ping` says whether a reply mentions whom it answers."""
        home = self._channel(channel)
        fields: dict[str, Any] = {"content": content}
        if reply_to is not None:
            fields["message_reference"] = {"message_id": str(self._message(reply_to, home).id)}
            fields["allowed_mentions"] = {"parse": ["users", "roles", "everyone"], "replied_user": ping}
        files = {number: Upload(name, data) for number, (name, data) in enumerate(attachments)}
        draft = replace(read_draft(Form(fields), files), special=special)
        message, events = messages.create(self._world, self.id, home, draft)
        self._simulator.dispatch(events)
        return self._shown(message)

    async def forward(self, message: Said, channel: Place) -> dict[str, Any]:
        """Pass a message on into a channel, as it is now."""
        return await self.send(channel, special=Special(forwarded=self._message(message)))

    async def edit(self, message: Said, content: str) -> dict[str, Any]:
        """Change the text of an own message."""
        found = self._message(message)
        draft = read_draft(Form({"content": content}))
        home = self._world.channels[found.channel_id]
        self._simulator.dispatch(messages.edit(self._world, self.id, home, found, draft))
        return self._shown(found)

    async def delete(self, message: Said) -> None:
        """Take a message away."""
        found = self._message(message)
        home = self._world.channels[found.channel_id]
        self._simulator.dispatch(messages.delete(self._world, self.id, home, found))

    async def delete_many(self, channel: Place, gone: Sequence[Said]) -> None:
        """Take several messages of a channel away at once, as a moderator's bot does."""
        home = self._channel(channel)
        ids = [self._message(one, home).id for one in gone]
        self._simulator.dispatch(messages.bulk_delete(self._world, self.id, home, ids))

    async def react(self, message: Said, emoji: str) -> None:
        """Add a reaction."""
        found = self._message(message)
        home = self._world.channels[found.channel_id]
        self._simulator.dispatch(reactions.react(self._world, self.id, home, found, emoji))

    async def unreact(self, message: Said, emoji: str) -> None:
        """Take an own reaction away."""
        found = self._message(message)
        home = self._world.channels[found.channel_id]
        self._simulator.dispatch(reactions.unreact(self._world, self.id, home, found, emoji, whose=self.id))

    async def type(self, channel: Place) -> None:
        """Show for ten seconds that this person writes."""
        self._simulator.dispatch(messages.typing(self._world, self.id, self._channel(channel)))

    async def history(self, channel: Place, limit: int = 100) -> list[dict[str, Any]]:
        """What this person sees in a channel, the oldest first: with the ephemeral messages that are theirs."""
        home = self._channel(channel)
        self._world.require(self.id, home)
        seen = [known for known in self._world.messages.get(home.id, {}).values() if known.only_for in (None, self.id)]
        return [self._shown(message) for message in seen[-limit:]]

    async def open_dm(self, user: User | int | str = 0) -> Channel:
        """The direct conversation with somebody, by default with the application's bot."""
        other = user if isinstance(user, User) else self._world.user(user or self._world.application.bot_id)
        channel, events = changes.open_direct_channel(self._world, self.id, other.id)
        self._simulator.dispatch(events)
        return channel

    async def open_group(self, *others: User | Person) -> Channel:
        """A group with others, in which they all talk directly."""
        channel, events = changes.open_group(self._world, self.id, *(other.id for other in others))
        self._simulator.dispatch(events)
        return channel

    def install(self) -> None:
        """Install the application for oneself, to bring it along to wherever one is. Nobody is told."""
        self._world.application.installed_by.add(self.id)

    async def dismiss(self, message: Said) -> None:
        """Put an ephemeral message away: it is this person's own view only."""
        found = self._message(message)
        if found.only_for != self.id:
            raise Refusal(Because.UNKNOWN_MESSAGE)
        self._simulator.dispatch(messages.remove(self._world, self._world.channels[found.channel_id], found))

    # With the application

    def commands(self, channel: Place) -> list[dict[str, Any]]:
        """The application's commands that this person is offered in a channel."""
        return installations.usable_commands(self._world, self.id, self._channel(channel))

    async def autocomplete(
        self, channel: Place, name: str, *, focused: str, options: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """What the application suggests for the option that is being typed; nothing if it is too late with it."""
        home = self._channel(channel)
        interaction, events = invocations.run_command(self._world, self.id, home, name, options or {}, focused=focused)
        await self._invoke(interaction, events)
        return interaction.choices or []

    async def command(self, channel: Place, name: str, /, **options: Any) -> Invocation:
        """Run a slash command such as `persona set`; files are given as (name, bytes)."""
        home = self._channel(channel)
        return await self._invoke(*invocations.run_command(self._world, self.id, home, name, options))

    async def run_on_message(self, message: Said, name: str) -> Invocation:
        """Run a command from a message's context menu."""
        found = self._message(message)
        home = self._world.channels[found.channel_id]
        return await self._invoke(*invocations.run_on(self._world, self.id, home, name, found))

    async def run_on_user(self, channel: Place, user: User | Person | int, name: str) -> Invocation:
        """Run a command from a user's context menu."""
        target = user if isinstance(user, int) else user.id
        return await self._invoke(*invocations.run_on(self._world, self.id, self._channel(channel), name, target))

    async def press(self, message: Said, custom_id: str) -> Invocation:
        """Press a button."""
        return await self._invoke(*invocations.use_component(self._world, self.id, self._message(message), custom_id))

    async def select(self, message: Said, custom_id: str, values: Sequence[str]) -> Invocation:
        """Choose in a menu: values, or ids of users, roles or channels."""
        found = self._message(message)
        return await self._invoke(*invocations.use_component(self._world, self.id, found, custom_id, values))

    async def submit(self, modal: Invocation, values: Mapping[str, Any]) -> Invocation:
        """Send in a modal that something opened, its inputs filled in by custom id."""
        return await self._invoke(*invocations.submit_modal(self._world, self.id, modal.interaction, values))

    async def _invoke(self, interaction: Interaction, events: list[Event]) -> Invocation:
        """Tell the application, and wait until it has acknowledged or the time for that is over."""
        invocation = Invocation(self._simulator, interaction)
        told = [replace(event, d=event.d | {"locale": self.locale}) for event in events]
        acknowledged = self._simulator.expect(
            lambda event: event.t == "INTERACTION_SUCCESS" and event.d["id"] == str(interaction.id)
        )
        self._simulator.dispatch(told)
        try:
            await asyncio.wait_for(acknowledged, ACKNOWLEDGE_WITHIN)
        except TimeoutError:
            invocation.failed = True
            self._simulator.dispatch([interactions.failed(interaction)])
        return invocation

    @property
    def _world(self) -> World:
        return self._simulator.world

    def _channel(self, channel: Place) -> Channel:
        return channel if isinstance(channel, Channel) else self._simulator.world.channel(channel)

    def _message(self, message: Said, home: Channel | None = None) -> Message:
        """The message that is meant: the only one of an id, wherever it stands."""
        if isinstance(message, Message):
            return message
        message_id = message if isinstance(message, int) else int(message["id"])
        places = [home.id] if home else list(self._simulator.world.messages)
        for channel_id in places:
            found = self._simulator.world.messages.get(channel_id, {}).get(message_id)
            if found is not None and found.only_for in (None, self.id):
                return found
        raise Refusal(Because.UNKNOWN_MESSAGE)

    def _shown(self, message: Message) -> dict[str, Any]:
        return payloads.message(self._simulator.world, message, viewer=self.id)
