"""The REST API: one table of every route that is served. Any other route answers 501 and names itself.

A route's name is the operation's name in Discord's own OpenAPI description, so that the tests can hold what comes in
and goes out against it. What a route does stands in the function of the same line; how HTTP is spoken, in server.py.
https://discord.com/developers/docs/reference
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from discord_bot.simulator.rest import applications, emojis, guilds, interactions, messages, webhooks
from discord_bot.simulator.rest.ratelimits import Bucket

if TYPE_CHECKING:
    from discord_bot.simulator.rest.calls import Answer, Call

ORDINARY = Bucket(10, 5.0)
"""Where little depends on the number."""
CREATE = Bucket(5, 5.0)
EDIT = Bucket(5, 5.0)
DELETE = Bucket(5, 1.0)
TYPING = Bucket(5, 5.0)
REACT = Bucket(1, 0.25, "reactions")
"""Adding and taking away share it. https://github.com/discord/discord-api-docs/issues/981"""
WEBHOOK = Bucket(5, 2.0)
COMMANDS = Bucket(5, 20.0)
FREE = None
"""Counted for the bot alone, as Discord does where messages are read: its answers there bear no bucket.
https://github.com/discord/discord-api-docs/issues/1135

Discord publishes no numbers; these are those that its answers' headers have shown.
"""


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the table."""

    method: str
    path: str
    name: str
    serve: Callable[[Call], Answer]
    bucket: Bucket | None = ORDINARY
    by_token: bool = False
    """The token in the path is proof enough; the request doesn't count for the bot's 50 a second either."""

    def parameters(self, parts: list[str]) -> dict[str, str] | None:
        """The path's parameters if `parts` are this route's path, else None."""
        own = self.path.split("/")[1:]
        if len(own) != len(parts):
            return None
        found = {}
        for mine, given in zip(own, parts, strict=True):
            if mine.startswith("{"):
                found[mine[1:-1]] = given
            elif mine != given:
                return None
        return found


_MESSAGES = "/channels/{channel_id}/messages"
_MESSAGE = _MESSAGES + "/{message_id}"
_REACTIONS = _MESSAGE + "/reactions"
_REACTION = _REACTIONS + "/{emoji_name}"
_TYPING = "/channels/{channel_id}/typing"
_THREADS = "/channels/{channel_id}/threads"
_MEMBERS = "/channels/{channel_id}/thread-members"
_OVERWRITE = "/channels/{channel_id}/permissions/{overwrite_id}"
_COMMANDS = "/applications/{application_id}/commands"
_GUILD_COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"
_COMMAND = _COMMANDS + "/{command_id}"
_GUILD_COMMAND = _GUILD_COMMANDS + "/{command_id}"
_EMOJIS = "/applications/{application_id}/emojis"
_EMOJI = _EMOJIS + "/{emoji_id}"
_CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
_WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"
_WRITTEN = _WEBHOOK + "/messages/{message_id}"

# fmt: off
ROUTES = (
    # Who the bot is, and where the gateway
    Route("GET", "/users/@me", "get_my_user", applications.get_my_user),
    Route("PATCH", "/users/@me", "update_my_user", applications.update_my_user),
    Route("GET", "/users/@me/guilds", "list_my_guilds", applications.list_my_guilds),
    Route("POST", "/users/@me/channels", "create_dm", messages.create_dm),
    Route("GET", "/users/{user_id}", "get_user", applications.get_user),
    Route("GET", "/applications/@me", "get_my_application", applications.get_my_application),
    Route("GET", "/oauth2/applications/@me", "get_my_oauth2_application", applications.get_my_application),
    Route("GET", "/gateway", "get_gateway", applications.get_gateway, by_token=True),
    Route("GET", "/gateway/bot", "get_bot_gateway", applications.get_bot_gateway),
    # Commands
    Route("GET", _COMMANDS, "list_application_commands", applications.list_commands, COMMANDS),
    Route("POST", _COMMANDS, "create_application_command", applications.create_command, COMMANDS),
    Route("PUT", _COMMANDS, "bulk_set_application_commands", applications.bulk_set_commands, COMMANDS),
    Route("GET", _COMMAND, "get_application_command", applications.get_command, COMMANDS),
    Route("PATCH", _COMMAND, "update_application_command", applications.update_command, COMMANDS),
    Route("DELETE", _COMMAND, "delete_application_command", applications.delete_command, COMMANDS),
    # … and those of one guild
    Route("GET", _GUILD_COMMANDS, "list_guild_application_commands", applications.list_commands, COMMANDS),
    Route("POST", _GUILD_COMMANDS, "create_guild_application_command", applications.create_command, COMMANDS),
    Route("PUT", _GUILD_COMMANDS, "bulk_set_guild_application_commands", applications.bulk_set_commands, COMMANDS),
    Route("GET", _GUILD_COMMAND, "get_guild_application_command", applications.get_command, COMMANDS),
    Route("PATCH", _GUILD_COMMAND, "update_guild_application_command", applications.update_command, COMMANDS),
    Route("DELETE", _GUILD_COMMAND, "delete_guild_application_command", applications.delete_command, COMMANDS),
    # The application's emojis
    Route("GET", _EMOJIS, "list_application_emojis", emojis.list_application_emojis),
    Route("POST", _EMOJIS, "create_application_emoji", emojis.create_application_emoji),
    Route("GET", _EMOJI, "get_application_emoji", emojis.get_application_emoji),
    Route("PATCH", _EMOJI, "update_application_emoji", emojis.update_application_emoji),
    Route("DELETE", _EMOJI, "delete_application_emoji", emojis.delete_application_emoji),
    # Interactions: the callback here, all that follows by the interaction's token among the webhooks below
    Route("POST", _CALLBACK, "create_interaction_response", interactions.respond, FREE, by_token=True),
    # Messages
    Route("GET", _MESSAGES, "list_messages", messages.list_messages, FREE),
    Route("POST", _MESSAGES, "create_message", messages.create_message, CREATE),
    Route("POST", _MESSAGES + "/bulk-delete", "bulk_delete_messages", messages.bulk_delete_messages),
    Route("GET", _MESSAGES + "/pins", "list_pins", messages.list_pins),
    Route("PUT", _MESSAGES + "/pins/{message_id}", "create_pin", messages.create_pin),
    Route("DELETE", _MESSAGES + "/pins/{message_id}", "delete_pin", messages.delete_pin),
    Route("GET", "/channels/{channel_id}/pins", "deprecated_list_pins", messages.deprecated_list_pins),
    Route("PUT", "/channels/{channel_id}/pins/{message_id}", "deprecated_create_pin", messages.create_pin),
    Route("DELETE", "/channels/{channel_id}/pins/{message_id}", "deprecated_delete_pin", messages.delete_pin),
    Route("GET", _MESSAGE, "get_message", messages.get_message, FREE),
    Route("PATCH", _MESSAGE, "update_message", messages.update_message, EDIT),
    Route("DELETE", _MESSAGE, "delete_message", messages.delete_message, DELETE),
    Route("POST", _TYPING, "trigger_typing_indicator", messages.trigger_typing_indicator, TYPING),
    # Reactions
    Route("DELETE", _REACTIONS, "delete_all_message_reactions", messages.delete_reactions),
    Route("GET", _REACTION, "list_message_reactions_by_emoji", messages.list_reactions, FREE),
    Route("DELETE", _REACTION, "delete_all_message_reactions_by_emoji", messages.delete_reactions, REACT),
    Route("PUT", _REACTION + "/@me", "add_my_message_reaction", messages.add_reaction, REACT),
    Route("DELETE", _REACTION + "/@me", "delete_my_message_reaction", messages.delete_reaction, REACT),
    Route("DELETE", _REACTION + "/{user_id}", "delete_user_message_reaction", messages.delete_reaction, REACT),
    # Guilds, channels, members
    Route("GET", "/guilds/{guild_id}", "get_guild", guilds.get_guild),
    Route("GET", "/guilds/{guild_id}/channels", "list_guild_channels", guilds.list_guild_channels),
    Route("POST", "/guilds/{guild_id}/channels", "create_guild_channel", guilds.create_guild_channel),
    Route("GET", "/guilds/{guild_id}/roles", "list_guild_roles", guilds.list_guild_roles),
    Route("GET", "/guilds/{guild_id}/roles/{role_id}", "get_guild_role", guilds.get_guild_role),
    Route("GET", "/guilds/{guild_id}/members", "list_guild_members", guilds.list_guild_members),
    Route("GET", "/guilds/{guild_id}/members/search", "search_guild_members", guilds.search_guild_members),
    Route("PATCH", "/guilds/{guild_id}/members/@me", "update_my_guild_member", guilds.update_my_guild_member),
    Route("GET", "/guilds/{guild_id}/members/{user_id}", "get_guild_member", guilds.get_guild_member),
    Route("GET", "/guilds/{guild_id}/threads/active", "get_active_guild_threads", guilds.get_active_guild_threads),
    Route("GET", "/guilds/{guild_id}/webhooks", "get_guild_webhooks", webhooks.list_guild_webhooks),
    Route("GET", "/channels/{channel_id}", "get_channel", guilds.get_channel),
    Route("PATCH", "/channels/{channel_id}", "update_channel", guilds.update_channel),
    Route("DELETE", "/channels/{channel_id}", "delete_channel", guilds.delete_channel),
    Route("PUT", _OVERWRITE, "set_channel_permission_overwrite", guilds.set_overwrite),
    Route("DELETE", _OVERWRITE, "delete_channel_permission_overwrite", guilds.delete_overwrite),
    # Threads
    Route("POST", _MESSAGE + "/threads", "create_thread_from_message", guilds.create_thread_from_message),
    Route("POST", _THREADS, "create_thread", guilds.create_thread),
    Route("GET", _THREADS + "/archived/public", "list_public_archived_threads", guilds.list_public_archived_threads),
    Route("GET", _THREADS + "/archived/private", "list_private_archived_threads", guilds.list_private_archived_threads),
    Route("GET", _MEMBERS, "list_thread_members", guilds.list_thread_members),
    Route("PUT", _MEMBERS + "/@me", "join_thread", guilds.join_thread),
    Route("DELETE", _MEMBERS + "/@me", "leave_thread", guilds.leave_thread),
    Route("GET", _MEMBERS + "/{user_id}", "get_thread_member", guilds.get_thread_member),
    Route("PUT", _MEMBERS + "/{user_id}", "add_thread_member", guilds.join_thread),
    Route("DELETE", _MEMBERS + "/{user_id}", "delete_thread_member", guilds.leave_thread),
    # Webhooks, with the bot's own right or with the token's
    Route("GET", "/channels/{channel_id}/webhooks", "list_channel_webhooks", webhooks.list_channel_webhooks),
    Route("POST", "/channels/{channel_id}/webhooks", "create_webhook", webhooks.create_webhook),
    Route("GET", "/webhooks/{webhook_id}", "get_webhook", webhooks.get_webhook),
    Route("PATCH", "/webhooks/{webhook_id}", "update_webhook", webhooks.update_webhook),
    Route("DELETE", "/webhooks/{webhook_id}", "delete_webhook", webhooks.delete_webhook),
    Route("GET", _WEBHOOK, "get_webhook_by_token", webhooks.get_webhook_by_token, by_token=True),
    Route("PATCH", _WEBHOOK, "update_webhook_by_token", webhooks.update_webhook_by_token, by_token=True),
    Route("DELETE", _WEBHOOK, "delete_webhook_by_token", webhooks.delete_webhook_by_token, by_token=True),
    Route("POST", _WEBHOOK, "execute_webhook", webhooks.execute_webhook, WEBHOOK, by_token=True),
    Route("GET", _WRITTEN, "get_webhook_message", webhooks.get_webhook_message, WEBHOOK, by_token=True),
    Route("PATCH", _WRITTEN, "update_webhook_message", webhooks.update_webhook_message, WEBHOOK, by_token=True),
    Route("DELETE", _WRITTEN, "delete_webhook_message", webhooks.delete_webhook_message, WEBHOOK, by_token=True),
)
# fmt: on

_BY_SHAPE: dict[tuple[str, int], list[Route]] = {}
for _route in ROUTES:
    _BY_SHAPE.setdefault((_route.method, _route.path.count("/")), []).append(_route)


def find_route(method: str, parts: list[str]) -> tuple[Route, Mapping[str, str]] | None:
    """The route of a request's method and path, and the path's parameters; the table's first one that fits."""
    for route in _BY_SHAPE.get((method, len(parts)), ()):
        parameters = route.parameters(parts)
        if parameters is not None:
            return route, parameters
    return None


def place_of(parameters: Mapping[str, str]) -> str:
    """What a route's rate limit is counted for: the channel, guild or webhook in the path.

    https://discord.com/developers/docs/topics/rate-limits#rate-limits
    """
    return " ".join(
        parameters[name] for name in ("channel_id", "guild_id", "webhook_id", "webhook_token") if name in parameters
    )
