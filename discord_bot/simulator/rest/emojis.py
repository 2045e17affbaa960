"""The REST routes of the application's own emojis."""

from __future__ import annotations

from discord_bot.simulator.rest.calls import Answer, Call
from discord_bot.simulator.world import emojis, payloads


def list_application_emojis(call: Call) -> Answer:
    """GET /applications/{application_id}/emojis."""
    call.application()
    return Answer({"items": [payloads.own_emoji(call.world, known) for known in call.world.emojis.values()]})


def create_application_emoji(call: Call) -> Answer:
    """POST /applications/{application_id}/emojis."""
    call.application()
    return Answer(payloads.own_emoji(call.world, emojis.create(call.world, call.form)), status=201)


def get_application_emoji(call: Call) -> Answer:
    """GET /applications/{application_id}/emojis/{emoji_id}."""
    call.application()
    return Answer(payloads.own_emoji(call.world, emojis.find(call.world, call.id("emoji_id"))))


def update_application_emoji(call: Call) -> Answer:
    """PATCH /applications/{application_id}/emojis/{emoji_id}."""
    call.application()
    emoji = emojis.find(call.world, call.id("emoji_id"))
    emojis.rename(emoji, call.form)
    return Answer(payloads.own_emoji(call.world, emoji))


def delete_application_emoji(call: Call) -> Answer:
    """DELETE /applications/{application_id}/emojis/{emoji_id}."""
    call.application()
    del call.world.emojis[emojis.find(call.world, call.id("emoji_id")).id]
    return Answer()
