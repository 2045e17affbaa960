"""The REST routes of webhooks. Those with a token in the path need no other proof of who asks.

An interaction's token is used through the same routes: there the application's id stands where a webhook's would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord_bot.simulator.rest import interactions
from discord_bot.simulator.rest.calls import Answer, Call
from discord_bot.simulator.world import messages, payloads, webhooks
from discord_bot.simulator.world.drafts import read_draft
from discord_bot.simulator.world.permissions import Permission

if TYPE_CHECKING:
    from discord_bot.simulator.world.entities import Webhook


def create_webhook(call: Call) -> Answer:
    """POST /channels/{channel_id}/webhooks."""
    webhook, events = webhooks.create(call.world, call.me, call.channel(), call.form)
    return Answer(payloads.webhook(call.world, webhook), events)


def list_channel_webhooks(call: Call) -> Answer:
    """GET /channels/{channel_id}/webhooks."""
    channel = call.channel()
    call.world.require(call.me, channel, Permission.MANAGE_WEBHOOKS)
    return Answer([payloads.webhook(call.world, known) for known in webhooks.of_channel(call.world, channel)])


def list_guild_webhooks(call: Call) -> Answer:
    """GET /guilds/{guild_id}/webhooks."""
    guild = call.guild()
    call.world.require_in_guild(call.me, guild.id, Permission.MANAGE_WEBHOOKS)
    known = [one for one in call.world.webhooks.values() if one.guild_id == guild.id]
    return Answer([payloads.webhook(call.world, one) for one in known])


def _managed(call: Call) -> Webhook:
    """The path's webhook, if the bot may manage it."""
    webhook = webhooks.find(call.world, call.id("webhook_id"))
    call.world.require(call.me, call.world.channels[webhook.channel_id], Permission.MANAGE_WEBHOOKS)
    return webhook


def _held(call: Call) -> Webhook:
    """The path's webhook, by the token in the path."""
    return webhooks.find(call.world, call.id("webhook_id"), call.parameters["webhook_token"])


def _is_interaction(call: Call) -> bool:
    return call.id("webhook_id") == call.world.application.id


def get_webhook(call: Call) -> Answer:
    """GET /webhooks/{webhook_id}."""
    return Answer(payloads.webhook(call.world, _managed(call)))


def update_webhook(call: Call) -> Answer:
    """PATCH /webhooks/{webhook_id}."""
    webhook = _managed(call)
    events = webhooks.edit(call.world, webhook, call.form)
    return Answer(payloads.webhook(call.world, webhook), events)


def delete_webhook(call: Call) -> Answer:
    """DELETE /webhooks/{webhook_id}."""
    return Answer(events=webhooks.delete(call.world, _managed(call)))


def get_webhook_by_token(call: Call) -> Answer:
    """GET /webhooks/{webhook_id}/{webhook_token}."""
    return Answer(payloads.webhook(call.world, _held(call), with_user=False))


def update_webhook_by_token(call: Call) -> Answer:
    """PATCH /webhooks/{webhook_id}/{webhook_token}."""
    webhook = _held(call)
    events = webhooks.edit(call.world, webhook, call.form)
    return Answer(payloads.webhook(call.world, webhook, with_user=False), events)


def delete_webhook_by_token(call: Call) -> Answer:
    """DELETE /webhooks/{webhook_id}/{webhook_token}."""
    return Answer(events=webhooks.delete(call.world, _held(call)))


def execute_webhook(call: Call) -> Answer:
    """POST /webhooks/{webhook_id}/{webhook_token}: 204, or the message for who waits for it."""
    if _is_interaction(call):
        return interactions.create_followup(call)
    webhook = _held(call)
    form = call.form
    draft = read_draft(form, call.files)
    message, events = webhooks.execute(call.world, webhook, draft, form, call.query_id("thread_id"))
    return Answer(payloads.message(call.world, message) if call.query_flag("wait") else None, events)


def get_webhook_message(call: Call) -> Answer:
    """GET /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}."""
    if _is_interaction(call):
        return interactions.get_answer(call)
    _, message = webhooks.written(call.world, _held(call), call.id("message_id"), call.query_id("thread_id"))
    return Answer(payloads.message(call.world, message))


def update_webhook_message(call: Call) -> Answer:
    """PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}."""
    if _is_interaction(call):
        return interactions.update_answer(call)
    channel, message = webhooks.written(call.world, _held(call), call.id("message_id"), call.query_id("thread_id"))
    events = messages.revise(call.world, channel, message, read_draft(call.form, call.files))
    return Answer(payloads.message(call.world, message), events)


def delete_webhook_message(call: Call) -> Answer:
    """DELETE /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}."""
    if _is_interaction(call):
        return interactions.delete_answer(call)
    channel, message = webhooks.written(call.world, _held(call), call.id("message_id"), call.query_id("thread_id"))
    return Answer(events=messages.remove(call.world, channel, message))
