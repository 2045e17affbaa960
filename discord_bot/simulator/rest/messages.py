"""The REST routes of channels' messages: each function reads its request, does the verb, shows the result."""

from __future__ import annotations

from discord_bot.simulator.rest.calls import Answer, Call
from discord_bot.simulator.world import changes, messages, payloads, reactions
from discord_bot.simulator.world.drafts import read_draft
from discord_bot.simulator.world.permissions import Permission
from discord_bot.simulator.world.refusals import Because, Refusal
from discord_bot.simulator.world.snowflakes import timestamp


def create_message(call: Call) -> Answer:
    """POST /channels/{channel_id}/messages."""
    channel = call.channel()
    draft = read_draft(call.form, call.files)
    message, events = messages.create(call.world, call.me, channel, draft)
    return Answer(call.shown(message), events)


def list_messages(call: Call) -> Answer:
    """GET /channels/{channel_id}/messages."""
    page = messages.history(
        call.world,
        call.me,
        call.channel(),
        before=call.query_id("before"),
        after=call.query_id("after"),
        around=call.query_id("around"),
        limit=call.query_number("limit", 50, most=messages.HISTORY_LIMIT),
    )
    return Answer([call.shown(message) for message in page])


def get_message(call: Call) -> Answer:
    """GET /channels/{channel_id}/messages/{message_id}."""
    channel, message = call.message()
    call.world.require(call.me, channel, Permission.READ_MESSAGE_HISTORY)
    return Answer(call.shown(message))


def update_message(call: Call) -> Answer:
    """PATCH /channels/{channel_id}/messages/{message_id}."""
    channel, message = call.message()
    draft = read_draft(call.form, call.files)
    events = messages.edit(call.world, call.me, channel, message, draft)
    return Answer(call.shown(message), events)


def delete_message(call: Call) -> Answer:
    """DELETE /channels/{channel_id}/messages/{message_id}."""
    channel, message = call.message()
    return Answer(events=messages.delete(call.world, call.me, channel, message))


def bulk_delete_messages(call: Call) -> Answer:
    """POST /channels/{channel_id}/messages/bulk-delete."""
    form = call.form
    ids = form.snowflakes("messages", most=1_000)
    form.done()
    return Answer(events=messages.bulk_delete(call.world, call.me, call.channel(), ids))


def trigger_typing_indicator(call: Call) -> Answer:
    """POST /channels/{channel_id}/typing."""
    return Answer(events=messages.typing(call.world, call.me, call.channel()))


def add_reaction(call: Call) -> Answer:
    """PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me."""
    channel, message = call.message()
    return Answer(events=reactions.react(call.world, call.me, channel, message, call.parameters["emoji_name"]))


def delete_reaction(call: Call) -> Answer:
    """DELETE /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/{user_id}, also `@me`."""
    channel, message = call.message()
    whose = call.id("user_id") if "user_id" in call.parameters else call.me
    emoji = call.parameters["emoji_name"]
    return Answer(events=reactions.unreact(call.world, call.me, channel, message, emoji, whose=whose))


def list_reactions(call: Call) -> Answer:
    """GET /channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}."""
    _, message = call.message()
    users = sorted(message.reactions.get(call.parameters["emoji_name"], ()))
    after = call.query_id("after") or 0
    page = [one for one in users if one > after][: call.query_number("limit", 25, most=100)]
    return Answer([payloads.user(call.world.users[one]) for one in page])


def delete_reactions(call: Call) -> Answer:
    """DELETE /channels/{channel_id}/messages/{message_id}/reactions, or of one emoji."""
    channel, message = call.message()
    return Answer(events=reactions.clear(call.world, call.me, channel, message, call.parameters.get("emoji_name")))


def create_pin(call: Call) -> Answer:
    """PUT /channels/{channel_id}/messages/pins/{message_id}."""
    channel, message = call.message()
    return Answer(events=reactions.pin(call.world, call.me, channel, message, pinned=True))


def delete_pin(call: Call) -> Answer:
    """DELETE /channels/{channel_id}/messages/pins/{message_id}."""
    channel, message = call.message()
    return Answer(events=reactions.pin(call.world, call.me, channel, message, pinned=False))


def list_pins(call: Call) -> Answer:
    """GET /channels/{channel_id}/messages/pins."""
    pins = reactions.pins(call.world, call.channel())
    items = [{"pinned_at": timestamp(pin.pinned_at or 0.0), "message": call.shown(pin)} for pin in pins]
    limit = call.query_number("limit", 50, most=50)
    return Answer({"items": items[:limit], "has_more": len(items) > limit})


def deprecated_list_pins(call: Call) -> Answer:
    """GET /channels/{channel_id}/pins."""
    return Answer([call.shown(pin) for pin in reactions.pins(call.world, call.channel())])


def create_dm(call: Call) -> Answer:
    """POST /users/@me/channels."""
    form = call.form
    user_id = form.snowflake("recipient_id", required=True)
    form.done()
    user = call.world.user(user_id or 0)
    if user.id == call.me:
        raise Refusal(Because.INVALID_RECIPIENT)
    channel, events = changes.open_direct_channel(call.world, call.me, user.id)
    return Answer(payloads.channel(call.world, channel), events)
