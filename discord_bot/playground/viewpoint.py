"""The world as one person sees it, in the words of Discord's gateway, with rendered text beside the raw.

Reads the world and changes nothing. What a person may not see does not leave this file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from discord_bot.playground import markdown
from discord_bot.playground.sentences import Language, say
from discord_bot.playground.typed import Command, runnable
from discord_bot.simulator.world import payloads
from discord_bot.simulator.world.commands import CommandType
from discord_bot.simulator.world.entities import Channel, ChannelType, Guild, Message, User
from discord_bot.simulator.world.installations import usable_commands
from discord_bot.simulator.world.permissions import Permission

if TYPE_CHECKING:
    from discord_bot.simulator.world.events import Event
    from discord_bot.simulator.world.world import World

PAGE_OF_HISTORY = 100
"""Messages that are sent at once."""

RESHAPING = (
    "GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE", "GUILD_ROLE_", "GUILD_MEMBER_", "CHANNEL_CREATE", "CHANNEL_UPDATE",
    "CHANNEL_DELETE", "THREAD_CREATE", "THREAD_UPDATE", "THREAD_DELETE",
)  # fmt: skip
"""Events after which a person may see other places or people than before: they are shown everything anew."""


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """One person's view."""

    world: World
    user: User
    language: Language = "en"

    # What there is

    def ready(self, people: Iterable[User], *, bot_online: bool) -> dict[str, Any]:
        """Everything around the conversation: who one is and could be, servers, channels, threads, members."""
        return {
            "me": payloads.user(self.user),
            "people": [
                {"key": person.username, "user": payloads.user(person), "note": self._note(person)} for person in people
            ],
            "bot": {"user": payloads.user(self.world.bot), "online": bot_online},
            "guilds": [self._guild(guild) for guild in self.world.guilds.values() if self.user.id in guild.members],
            "private_channels": [
                self._channel(channel)
                for channel in self.world.channels.values()
                if channel.type is ChannelType.DM and self.user.id in channel.recipients
            ],
        }

    def _note(self, person: User) -> str:
        """What a person is in this world, in a word: an owner, a role, a bot."""
        if person.bot:
            return say("other-bot", self.language)
        for guild in self.world.guilds.values():
            if guild.owner_id == person.id:
                return say("owner", self.language, guild=guild.name)
            member = guild.members.get(person.id)
            if member is not None and member.roles:
                return ", ".join(guild.roles[role_id].name for role_id in member.roles if role_id in guild.roles)
        return say("member", self.language)

    def _guild(self, guild: Guild) -> dict[str, Any]:
        threads = (known for known in self.world.threads_of(guild.id) if known.thread and not known.thread.archived)
        return {
            "id": str(guild.id),
            "name": guild.name,
            "owner_id": str(guild.owner_id),
            "roles": [payloads.role(role) for role in guild.roles.values()],
            "members": [payloads.member(self.world, member) for member in guild.members.values()],
            "channels": [
                self._channel(channel)
                for channel in self.world.channels_of(guild.id)
                if channel.type is ChannelType.GUILD_CATEGORY or self.may(channel, Permission.VIEW_CHANNEL)
            ],
            "threads": [self._channel(thread) for thread in threads if self.may(thread, Permission.VIEW_CHANNEL)],
        }

    def _channel(self, channel: Channel) -> dict[str, Any]:
        payload = payloads.channel(self.world, channel, viewer=self.user.id)
        return payload | {"permissions": str(int(self.world.permissions(self.user.id, channel)))}

    def may(self, channel: Channel, permission: Permission) -> bool:
        """Whether the person has a permission in a channel."""
        return self.world.may(self.user.id, channel, permission)

    @property
    def locale(self) -> str:
        """The language of their client: a Chinese page is one in Chinese, whoever one is in it."""
        return "zh-CN" if self.language == "zh" else self.user.locale

    def commands(self, channel: Channel) -> list[Command]:
        """The commands that the person can run in a channel, subcommands each for itself, in their language."""
        return runnable(usable_commands(self.world, self.user.id, channel), self.locale)

    def message_commands(self, channel: Channel) -> list[dict[str, str]]:
        """The commands that the person is offered on a message there: each one's name, and what they read for it."""
        labels = {
            command["name"]: (command["name_localizations"] or {}).get(self.locale) or command["name"]
            for command in usable_commands(self.world, self.user.id, channel)
            if command["type"] == CommandType.MESSAGE
        }
        return [{"name": name, "label": labels[name]} for name in sorted(labels, key=labels.__getitem__)]

    def names(self, channel: Channel) -> dict[str, str]:
        """What can be mentioned in a channel: names in small letters with `@` or `#`, and what each stands for.

        A user comes before a role of the same name: a bot's own role is called as the bot is.
        """
        guild = self.world.guilds.get(channel.guild_id or 0)
        if guild is None:
            users = [self.world.users[one] for one in channel.recipients]
            return {f"@{name.lower()}": f"<@{user.id}>" for user in users for name in _names_of(user)}
        names = {f"@{role.name.lower()}": f"<@&{role.id}>" for role in guild.roles.values() if role.id != guild.id}
        places = [*self.world.channels_of(guild.id), *self.world.threads_of(guild.id)]
        names |= {f"#{place.name.lower()}": f"<#{place.id}>" for place in reversed(places) if place.name}
        for member in guild.members.values():
            if member.nick:
                names[f"@{member.nick.lower()}"] = f"<@{member.user_id}>"
        users = [self.world.users[user_id] for user_id in guild.members]
        names |= {f"@{user.global_name.lower()}": f"<@{user.id}>" for user in users if user.global_name}
        return names | {f"@{user.username.lower()}": f"<@{user.id}>" for user in users}

    # What is said

    def history(
        self, channel: Channel, *, before: int | None = None, after: int | None = None, limit: int = PAGE_OF_HISTORY
    ) -> list[dict[str, Any]]:
        """A page of a channel's messages, the oldest first, with those that the person alone sees.

        The newest, or those next to one: before it, or after it.
        """
        if not self.may(channel, Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY):
            return []
        standing = self.world.messages.get(channel.id, {}).values()
        near = reversed(standing) if after is None else iter(standing)
        seen = (
            message
            for message in near
            if message.only_for in (None, self.user.id)
            and (before is None or message.id < before)
            and (after is None or message.id > after)
        )
        page = list(islice(seen, min(limit, PAGE_OF_HISTORY)))
        return [self.message(message) for message in (page if after is not None else reversed(page))]

    def event(self, event: Event) -> dict[str, Any] | None:
        """An event's payload as the person gets it; None for what they may not see."""
        if not self.world.sees(self.user.id, event):
            return None
        if event.t == "INTERACTION_MODAL_CREATE":
            return event.d | {"components": [self.rendered_component(each) for each in event.d["components"]]}
        if not event.is_message:
            return event.d
        message = self.world.messages.get(int(event.d["channel_id"]), {}).get(int(event.d["id"]))
        return self._rendered(event.d) if message is None else self.message(message)

    def message(self, message: Message) -> dict[str, Any]:
        """A message as the person sees it: Discord's payload, with `html` beside each text."""
        return self._rendered(payloads.message(self.world, message, viewer=self.user.id))

    def _rendered(self, payload: dict[str, Any]) -> dict[str, Any]:
        shown = payload | {"html": self.html(payload["content"])}
        if payload.get("referenced_message"):
            shown["referenced_message"] = self._rendered(payload["referenced_message"])
        shown["embeds"] = [self._rendered_embed(embed) for embed in payload["embeds"]]
        shown["components"] = [self.rendered_component(component) for component in payload["components"]]
        return shown

    def _rendered_embed(self, embed: dict[str, Any]) -> dict[str, Any]:
        fields = [field | {"html": self.html(field["value"])} for field in embed.get("fields", ())]
        return embed | {"html": self.html(embed.get("description") or ""), "fields": fields}

    def rendered_component(self, component: dict[str, Any]) -> dict[str, Any]:
        """A component with `html` where it shows text, and so for those within it."""
        shown = dict(component)
        if "content" in component:
            shown["html"] = self.html(component["content"])
        if "components" in component:
            shown["components"] = [self.rendered_component(child) for child in component["components"]]
        return shown

    def html(self, text: str) -> str:
        """Somebody's text as the person sees it: safe HTML."""
        return markdown.render(text, self)

    # What ids in a text are called: markdown.Names

    def user_name(self, user_id: str) -> str | None:
        """The name that a user goes by."""
        user = self.world.users.get(int(user_id))
        return None if user is None else user.global_name or user.username

    def role_name(self, role_id: str) -> str | None:
        """A role's name."""
        roles = (guild.roles.get(int(role_id)) for guild in self.world.guilds.values())
        return next((role.name.removeprefix("@") for role in roles if role is not None), None)

    def channel_name(self, channel_id: str) -> str | None:
        """The name of a channel that the person may see."""
        channel = self.world.channels.get(int(channel_id))
        if channel is None or not self.may(channel, Permission.VIEW_CHANNEL):
            return None
        return channel.name or None


def _names_of(user: User) -> list[str]:
    return [name for name in (user.global_name, user.username) if name]
