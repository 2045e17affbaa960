"""What people do with an application and how it answers: commands, autocompletion, components and modals.

https://discord.com/developers/docs/interactions/receiving-and-responding
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from discord_bot.simulator.world import messages, payloads
from discord_bot.simulator.world.components import read_modal
from discord_bot.simulator.world.drafts import Draft, read_draft
from discord_bot.simulator.world.entities import (
    Channel,
    Interaction,
    InteractionType,
    Message,
    MessageFlag,
    MessageType,
    Reference,
)
from discord_bot.simulator.world.events import Event
from discord_bot.simulator.world.forms import Form
from discord_bot.simulator.world.installations import FOLLOW_UPS, is_brought_along
from discord_bot.simulator.world.permissions import Permission
from discord_bot.simulator.world.refusals import Because, Refusal

if TYPE_CHECKING:
    from discord_bot.simulator.world.world import World

ACKNOWLEDGE_WITHIN = 3.0
"""Seconds until an interaction that nobody acknowledged is unknown."""

TOKEN_LIFETIME = 15 * 60
"""Seconds in which an interaction's token can be used for follow-ups."""

CHOICES = 25
"""Suggestions of one autocompletion."""
CHOICE_LENGTH = 100


class Callback(IntEnum):
    """How an interaction is acknowledged."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    AUTOCOMPLETE = 8
    MODAL = 9


_ANSWERS_TO = {
    InteractionType.APPLICATION_COMMAND: {Callback.MESSAGE, Callback.DEFERRED_MESSAGE, Callback.MODAL},
    InteractionType.MESSAGE_COMPONENT: set(Callback) - {Callback.AUTOCOMPLETE},
    InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE: {Callback.AUTOCOMPLETE},
    InteractionType.MODAL_SUBMIT: set(Callback) - {Callback.AUTOCOMPLETE, Callback.MODAL},
}
"""Which callbacks an interaction takes."""


def by_token(world: World, token: str) -> Interaction:
    """The interaction whose token this is, while the token lasts."""
    for interaction in world.interactions.values():
        if interaction.token == token and world.now() - interaction.created_at <= TOKEN_LIFETIME:
            return interaction
    raise Refusal(Because.INVALID_WEBHOOK_TOKEN)


def acknowledge(
    world: World, interaction_id: int, token: str, form: Form, files: Any
) -> tuple[Interaction, list[Event]]:
    """Answer an interaction for the first time."""
    interaction = world.interactions.get(interaction_id)
    if interaction is None or interaction.token != token:
        raise Refusal(Because.UNKNOWN_INTERACTION)
    if interaction.callback is not None:
        raise Refusal(Because.ALREADY_ACKNOWLEDGED)
    if world.now() - interaction.created_at > ACKNOWLEDGE_WITHIN:
        raise Refusal(Because.UNKNOWN_INTERACTION)
    kind = form.number("type", choices=sorted(_ANSWERS_TO[interaction.type]), required=True)
    form.done()
    callback = Callback(kind or 0)
    if callback in (Callback.UPDATE, Callback.DEFERRED_UPDATE) and interaction.message_id is None:
        form.wrong("type", "BASE_TYPE_CHOICES", value="{4, 5}")
        form.done()
    data = form.form("data", required=callback in (Callback.MESSAGE, Callback.AUTOCOMPLETE, Callback.MODAL)) or Form({})
    form.done()
    events = _respond(world, interaction, callback, data, files)
    interaction.callback = callback
    return interaction, [*events, _told(interaction, "INTERACTION_SUCCESS")]


def _respond(world: World, interaction: Interaction, callback: Callback, data: Form, files: Any) -> list[Event]:
    match callback:
        case Callback.MESSAGE:
            return _answer(world, interaction, read_draft(data, files))[1]
        case Callback.DEFERRED_MESSAGE:
            flags = MessageFlag(data.number("flags", least=0) or 0) & MessageFlag.EPHEMERAL
            return _answer(world, interaction, Draft(flags=flags | MessageFlag.LOADING))[1]
        case Callback.UPDATE | Callback.DEFERRED_UPDATE:
            interaction.original_id = interaction.message_id
            if callback is Callback.DEFERRED_UPDATE:
                return []
            channel = world.channel(interaction.channel_id)
            message = world.message(channel.id, interaction.message_id or 0)
            return messages.revise(world, channel, message, read_draft(data, files))
        case Callback.AUTOCOMPLETE:
            interaction.choices = _read_choices(data)
            more = {"choices": interaction.choices}
            return [_told(interaction, "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE", more)]
        case Callback.MODAL:
            interaction.modal = read_modal(data)
            return [_told(interaction, "INTERACTION_MODAL_CREATE", interaction.modal)]


def _read_choices(form: Form) -> list[dict[str, Any]]:
    choices = []
    for choice in form.forms("choices", most=CHOICES):
        name = choice.text("name", shortest=1, longest=CHOICE_LENGTH, required=True)
        value = choice.fields.get("value")
        if isinstance(value, str):
            choice.text("value", longest=CHOICE_LENGTH)
        elif value is None:
            choice.wrong("value", "BASE_TYPE_REQUIRED")
        choices.append({"name": name, "value": value})
    form.done()
    return choices


def _told(interaction: Interaction, name: str, more: dict[str, Any] | None = None) -> Event:
    """What the person's own client hears of an interaction; bots never do."""
    d = {"id": str(interaction.id), "nonce": str(interaction.id), **(more or {})}
    return Event(name, d, audience=frozenset({interaction.user_id}))


def failed(interaction: Interaction) -> Event:
    """The person's client gives up: the application did not respond."""
    return _told(interaction, "INTERACTION_FAILURE")


def _answer(world: World, interaction: Interaction, draft: Draft) -> tuple[Message, list[Event]]:
    """Put a message of the application's into the channel, or before the one person's eyes."""
    if draft.is_empty and not draft.flags & MessageFlag.LOADING:
        raise Refusal(Because.EMPTY_MESSAGE)
    channel = world.channel(interaction.channel_id)
    application = world.application
    message = Message(world.new_id(), channel.id, application.bot_id)
    message.webhook_id = message.application_id = application.id
    message.flags, message.tts = draft.flags, draft.tts
    if is_brought_along(interaction) and not _may_answer_openly(world, interaction, channel):
        message.flags |= MessageFlag.EPHEMERAL
    if message.flags & MessageFlag.EPHEMERAL:
        message.only_for = interaction.user_id
    message.type, message.reference = _type_of_answer(interaction, channel)
    message.interaction = interaction.metadata
    messages.fill(world, message, draft, channel)
    if interaction.original_id is None and interaction.type is InteractionType.APPLICATION_COMMAND:
        message.command_name = interaction.name
    if interaction.original_id is None:
        interaction.original_id = message.id
    interaction.message_ids.append(message.id)
    return message, messages.post(world, message, channel)


def _may_answer_openly(world: World, interaction: Interaction, channel: Channel) -> bool:
    """Whether what a person has brought along may say something there that everybody sees."""
    return channel.guild_id is None or world.may(interaction.user_id, channel, Permission.USE_EXTERNAL_APPS)


def _type_of_answer(interaction: Interaction, channel: Channel) -> tuple[MessageType, Reference | None]:
    """A first answer to a command shows the command; everything later, and answers to components, are replies."""
    replied_to = interaction.original_id or interaction.message_id
    if replied_to is not None:
        return MessageType.REPLY, Reference(channel.id, replied_to, channel.guild_id)
    if interaction.data.get("type", 1) == 1:
        return MessageType.CHAT_INPUT_COMMAND, None
    return MessageType.CONTEXT_MENU_COMMAND, None


def follow_up(world: World, interaction: Interaction, draft: Draft) -> tuple[Message, list[Event]]:
    """Send a further message; after a deferral, the first one takes the place of "thinking…"."""
    if interaction.callback is None:
        raise Refusal(Because.UNKNOWN_WEBHOOK)
    if interaction.callback == Callback.DEFERRED_MESSAGE:
        known = world.messages.get(interaction.channel_id, {}).get(interaction.original_id or 0)
        if known is not None and known.flags & MessageFlag.LOADING:
            return known, edit_answer(world, interaction, known, draft)
    if is_brought_along(interaction) and len(interaction.message_ids) > FOLLOW_UPS:
        raise Refusal(Because.TOO_MANY_FOLLOW_UPS)
    return _answer(world, interaction, draft)


def answer_message(world: World, interaction: Interaction, message_id: int | None) -> Message:
    """A message that answers an interaction; None for the first one (`@original`)."""
    wanted = interaction.original_id if message_id is None else message_id
    if wanted is None or wanted not in {interaction.original_id, *interaction.message_ids}:
        raise Refusal(Because.UNKNOWN_MESSAGE)
    return world.message(interaction.channel_id, wanted)


def edit_answer(world: World, interaction: Interaction, message: Message, draft: Draft) -> list[Event]:
    """Change a message that answers an interaction; one that was "thinking…" isn't any more."""
    channel = world.channel(interaction.channel_id)
    was_loading = bool(message.flags & MessageFlag.LOADING)
    if was_loading and draft.is_empty:
        raise Refusal(Because.EMPTY_MESSAGE)
    events = messages.revise(world, channel, message, draft)
    message.flags &= ~MessageFlag.LOADING
    if was_loading:
        message.edited_at = None
    return [payloads.message_event(world, event.t, message) for event in events]


def delete_answer(world: World, interaction: Interaction, message: Message) -> list[Event]:
    """Take away a message that answers an interaction."""
    return messages.remove(world, world.channel(interaction.channel_id), message)


def callback_response(world: World, interaction: Interaction) -> dict[str, Any]:
    """What a callback with `with_response` is answered with."""
    told: dict[str, Any] = {
        "id": str(interaction.id),
        "type": int(interaction.type),
        "channel_id": str(interaction.channel_id),
    }
    if interaction.guild_id is not None:
        told["guild_id"] = str(interaction.guild_id)
    response: dict[str, Any] = {"interaction": told}
    if interaction.original_id is not None:
        message = world.message(interaction.channel_id, interaction.original_id)
        told["response_message_id"] = str(message.id)
        told["response_message_loading"] = bool(message.flags & MessageFlag.LOADING)
        told["response_message_ephemeral"] = message.only_for is not None
        if interaction.callback in (Callback.MESSAGE, Callback.UPDATE):
            response["resource"] = {"type": interaction.callback, "message": payloads.message(world, message)}
    return response
