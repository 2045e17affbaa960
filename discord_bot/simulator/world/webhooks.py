"""What webhooks are for: made in a channel, and written through under any name by who has the token."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from discord_bot.simulator.world import avatars, messages
from discord_bot.simulator.world.entities import TEXT_TYPES, Channel, ChannelType, Message, MessageFlag, Webhook
from discord_bot.simulator.world.events import Event, Intents
from discord_bot.simulator.world.permissions import Permission
from discord_bot.simulator.world.refusals import Because, Refusal

if TYPE_CHECKING:
    from discord_bot.simulator.world.drafts import Draft
    from discord_bot.simulator.world.forms import Form
    from discord_bot.simulator.world.world import World

WEBHOOKS = 15
"""Webhooks in one channel."""
NAME_LENGTH = 80
AVATAR_LENGTH = 10 * 1024 * 1024
"""Characters of an avatar as a data URI."""


def create(world: World, who: int, channel: Channel, form: Form) -> tuple[Webhook, list[Event]]:
    """Make a webhook in a channel."""
    if channel.guild_id is None or channel.thread is not None or channel.type is ChannelType.GUILD_CATEGORY:
        raise Refusal(Because.WRONG_CHANNEL_TYPE)
    world.require(who, channel, Permission.MANAGE_WEBHOOKS)
    name = _read_name(form, "name", required=True)
    avatar = form.text("avatar", longest=AVATAR_LENGTH)
    form.done()
    if len(of_channel(world, channel)) >= WEBHOOKS:
        raise Refusal(Because.TOO_MANY_WEBHOOKS)
    webhook = Webhook(
        world.new_id(),
        channel.id,
        channel.guild_id,
        name or "",
        secrets.token_urlsafe(51),
        who,
        avatars.keep(world, avatar),
    )
    if who == world.application.bot_id:
        webhook.application_id = world.application.id
    world.webhooks[webhook.id] = webhook
    return webhook, [_updated(channel)]


def _read_name(form: Form, key: str, *, required: bool = False) -> str | None:
    """A webhook's name; Discord refuses some. https://discord.com/developers/docs/resources/webhook#create-webhook."""
    name = form.text(key, shortest=1, longest=NAME_LENGTH, required=required)
    for word in ("clyde", "discord"):
        if name and word in name.lower():
            form.wrong(key, "USERNAME_INVALID_CONTAINS", f'Username cannot contain "{word}"')
    return name


def of_channel(world: World, channel: Channel) -> list[Webhook]:
    """A channel's webhooks."""
    return [known for known in world.webhooks.values() if known.channel_id == channel.id]


def find(world: World, webhook_id: int, token: str | None = None) -> Webhook:
    """A webhook by its id, and its token where that is what allows to use it."""
    webhook = world.webhooks.get(webhook_id)
    if webhook is None:
        raise Refusal(Because.UNKNOWN_WEBHOOK)
    if token is not None and not secrets.compare_digest(webhook.token, token):
        raise Refusal(Because.INVALID_WEBHOOK_TOKEN)
    return webhook


def edit(world: World, webhook: Webhook, form: Form) -> list[Event]:
    """Change a webhook's name or avatar, or move it to another channel of its guild."""
    name = _read_name(form, "name")
    avatar = form.text("avatar", longest=AVATAR_LENGTH)
    channel_id = form.snowflake("channel_id")
    form.done()
    webhook.name = name or webhook.name
    webhook.avatar = avatars.keep(world, avatar) if "avatar" in form else webhook.avatar
    if channel_id is not None:
        webhook.channel_id = world.channel(channel_id).id
    return [_updated(world.channels[webhook.channel_id])]


def delete(world: World, webhook: Webhook) -> list[Event]:
    """Take a webhook away; what was written through it stays."""
    del world.webhooks[webhook.id]
    return [_updated(world.channels[webhook.channel_id])]


def _updated(channel: Channel) -> Event:
    d = {"guild_id": str(channel.guild_id), "channel_id": str(channel.id)}
    return Event("WEBHOOKS_UPDATE", d, channel.guild_id, channel.id, Intents.GUILD_WEBHOOKS)


def execute(
    world: World, webhook: Webhook, draft: Draft, form: Form, thread_id: int | None
) -> tuple[Message, list[Event]]:
    """Write through a webhook, under its name or the one that is asked for."""
    name = _read_name(form, "username")
    avatar = form.text("avatar_url", longest=2_048)
    form.done()
    if draft.is_empty:
        raise Refusal(Because.EMPTY_MESSAGE)
    channel = place(world, webhook, thread_id)
    if channel.type not in TEXT_TYPES:
        raise Refusal(Because.WRONG_CHANNEL_TYPE)
    message = Message(world.new_id(), channel.id, webhook.id, webhook_id=webhook.id)
    message.webhook_name, message.webhook_avatar = name or webhook.name, webhook.avatar
    if avatar:
        message.webhook_avatar = avatars.keep(world, avatar)
    message.application_id = webhook.application_id
    message.flags, message.tts = draft.flags & ~MessageFlag.EPHEMERAL, draft.tts
    messages.fill(world, message, draft, channel)
    return message, messages.post(world, message, channel)


def place(world: World, webhook: Webhook, thread_id: int | None) -> Channel:
    """Where a webhook writes: its channel, or a thread in it."""
    if thread_id is None:
        return world.channels[webhook.channel_id]
    thread = world.channels.get(thread_id)
    if thread is None or thread.parent_id != webhook.channel_id:
        raise Refusal(Because.UNKNOWN_CHANNEL)
    return thread


def written(world: World, webhook: Webhook, message_id: int, thread_id: int | None) -> tuple[Channel, Message]:
    """A message that was written through a webhook."""
    channel = place(world, webhook, thread_id)
    message = world.message(channel.id, message_id)
    if message.webhook_id != webhook.id:
        raise Refusal(Because.UNKNOWN_MESSAGE)
    return channel, message
