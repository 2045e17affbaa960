"""The REST routes that answer interactions: the callback, and what its token can do afterwards."""

from __future__ import annotations

from discord_bot.simulator.rest.calls import Answer, Call
from discord_bot.simulator.world import interactions, payloads
from discord_bot.simulator.world.drafts import read_draft


def respond(call: Call) -> Answer:
    """POST /interactions/{interaction_id}/{interaction_token}/callback."""
    token = call.parameters["interaction_token"]
    interaction, events = interactions.acknowledge(call.world, call.id("interaction_id"), token, call.form, call.files)
    if not call.query_flag("with_response"):
        return Answer(events=events)
    return Answer(interactions.callback_response(call.world, interaction), events)


def create_followup(call: Call) -> Answer:
    """POST /webhooks/{application_id}/{interaction_token}."""
    interaction = interactions.by_token(call.world, call.parameters["webhook_token"])
    draft = read_draft(call.form, call.files)
    message, events = interactions.follow_up(call.world, interaction, draft)
    return Answer(payloads.message(call.world, message), events)


def _message_id(call: Call) -> int | None:
    return None if call.parameters["message_id"] == "@original" else call.id("message_id")


def get_answer(call: Call) -> Answer:
    """GET /webhooks/{application_id}/{interaction_token}/messages/{message_id}, also `@original`."""
    interaction = interactions.by_token(call.world, call.parameters["webhook_token"])
    message = interactions.answer_message(call.world, interaction, _message_id(call))
    return Answer(payloads.message(call.world, message))


def update_answer(call: Call) -> Answer:
    """PATCH /webhooks/{application_id}/{interaction_token}/messages/{message_id}, also `@original`."""
    interaction = interactions.by_token(call.world, call.parameters["webhook_token"])
    message = interactions.answer_message(call.world, interaction, _message_id(call))
    draft = read_draft(call.form, call.files)
    events = interactions.edit_answer(call.world, interaction, message, draft)
    return Answer(payloads.message(call.world, message), events)


def delete_answer(call: Call) -> Answer:
    """DELETE /webhooks/{application_id}/{interaction_token}/messages/{message_id}, also `@original`."""
    interaction = interactions.by_token(call.world, call.parameters["webhook_token"])
    message = interactions.answer_message(call.world, interaction, _message_id(call))
    return Answer(events=interactions.delete_answer(call.world, interaction, message))
