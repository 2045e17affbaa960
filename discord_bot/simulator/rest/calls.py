"""One REST request and its answer, as values: what the routes' functions take and give. No HTTP here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from discord_bot.simulator.world import payloads
from discord_bot.simulator.world.entities import ApplicationFlag, Channel, Guild, Message
from discord_bot.simulator.world.forms import LARGEST_SNOWFLAKE, Form
from discord_bot.simulator.world.refusals import Because, Refusal, invalid

if TYPE_CHECKING:
    from discord_bot.simulator.world.drafts import Upload
    from discord_bot.simulator.world.events import Event
    from discord_bot.simulator.world.world import World

_MAY_READ_CONTENT = ApplicationFlag.GATEWAY_MESSAGE_CONTENT | ApplicationFlag.GATEWAY_MESSAGE_CONTENT_LIMITED


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered with, and the events that it caused. No body is 204."""

    body: Any = None
    events: Sequence[Event] = ()
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A request of the bot's: the route's parameters, the query, the body and its files."""

    world: World
    parameters: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    files: Mapping[int, Upload] = field(default_factory=dict)

    @property
    def me(self) -> int:
        """Who asks: the application's bot."""
        return self.world.application.bot_id

    @property
    def form(self) -> Form:
        """The body, to be read field by field."""
        return Form({} if self.body is None else self.body)

    @property
    def forms(self) -> list[Form]:
        """A body that is a list of objects."""
        if not isinstance(self.body, list):
            raise invalid("_", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        errors: dict[str, Any] = {}
        return [Form(item, path=(str(index),), errors=errors) for index, item in enumerate(self.body)]

    def id(self, name: str) -> int:
        """An id in the path; `@me` is the bot's own."""
        value = self.parameters[name]
        if value == "@me":
            return self.me
        if not value.isdecimal() or int(value) > LARGEST_SNOWFLAKE:
            raise invalid(name, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
        return int(value)

    def query_id(self, name: str) -> int | None:
        """An id in the query."""
        return self._query_form.snowflake(name)

    def query_number(self, name: str, default: int, *, most: int, least: int = 1) -> int:
        """A number in the query, within its limits."""
        form = self._query_form
        number = form.number(name, least=least, most=most)
        form.done()
        return default if number is None else number

    def query_flag(self, name: str) -> bool:
        """A boolean in the query."""
        return self.query.get(name, "").lower() in ("true", "1")

    @property
    def _query_form(self) -> Form:
        return Form(dict(self.query))

    # What most routes start with

    def application(self) -> None:
        """Refuse an application that isn't the bot's own."""
        if self.id("application_id") != self.world.application.id:
            raise Refusal(Because.UNKNOWN_APPLICATION)

    def guild(self) -> Guild:
        """The path's guild, if the bot is in it."""
        guild = self.world.guilds.get(self.id("guild_id"))
        if guild is None:
            raise Refusal(Because.UNKNOWN_GUILD)
        self.world.require_in_guild(self.me, guild.id)
        return guild

    def channel(self) -> Channel:
        """The path's channel, if the bot can see it."""
        channel = self.world.channel(self.id("channel_id"))
        self.world.require(self.me, channel)
        return channel

    def message(self) -> tuple[Channel, Message]:
        """The path's message in the path's channel; an ephemeral one is unknown here."""
        channel = self.channel()
        message = self.world.message(channel.id, self.id("message_id"))
        if message.only_for is not None:
            raise Refusal(Because.UNKNOWN_MESSAGE)
        return channel, message

    def shown(self, message: Message) -> dict[str, Any]:
        """A message as the bot may see it: without the intent, others' content is empty in the REST API too."""
        payload = payloads.message(self.world, message)
        home = self.world.channels[message.channel_id]
        if home.guild_id is not None and not self.world.application.flags & _MAY_READ_CONTENT:
            return payloads.without_content(payload, self.me)
        return payload
