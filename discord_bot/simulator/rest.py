"""The REST API: one table of every route that is served. Any other route answers 501 and names itself.

A route's name is the operation's name in Discord's own OpenAPI description, so that the tests can hold what comes in
and goes out against it. What a route does stands in the function of the same line; how HTTP is spoken, in server.py.
https://discord.com/developers/docs/reference
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from . import rest_applications as applications
from . import rest_guilds as guilds
from . import rest_interactions as interactions
from . import rest_messages as messages
from . import rest_webhooks as webhooks
from .calls import Answer, Call
from .ratelimits import Bucket

ORDINARY = Bucket(10, 5.0)
"""Where Discord publishes no number and little depends on it."""
CREATE = Bucket(5, 5.0)
EDIT = Bucket(5, 5.0)
DELETE = Bucket(5, 1.0)
REACT = Bucket(1, 0.25)
HISTORY = Bucket(5, 1.0)
TYPING = Bucket(5, 5.0)
WEBHOOK = Bucket(5, 2.0)
COMMANDS = Bucket(5, 20.0)
"""Discord's numbers as its answers' headers show them; they are not published and can change."""


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the table."""

    method: str
    path: str
    name: str
    serve: Callable[[Call], Answer]
    bucket: Bucket = ORDINARY
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


_MESSAGE = "/channels/{channel_id}/messages/{message_id}"
_COMMANDS = "/applications/{application_id}/commands"
_GUILD_COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"
_WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"

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
    Route("GET", _COMMANDS + "/{command_id}", "get_application_command", applications.get_command, COMMANDS),
    Route("PATCH", _COMMANDS + "/{command_id}", "update_application_command", applications.update_command, COMMANDS),
    Route("DELETE", _COMMANDS + "/{command_id}", "delete_application_command", applications.delete_command, COMMANDS),
    Route("GET", _GUILD_COMMANDS, "list_guild_application_commands", applications.list_commands, COMMANDS),
    Route("POST", _GUILD_COMMANDS, "create_guild_application_command", applications.create_command, COMMANDS),
    Route("PUT", _GUILD_COMMANDS, "bulk_set_guild_application_commands", applications.bulk_set_commands, COMMANDS),
    Route("GET", _GUILD_COMMANDS + "/{command_id}", "get_guild_application_command", applications.get_command, COMMANDS),
    Route(
        "PATCH", _GUILD_COMMANDS + "/{command_id}", "update_guild_application_command", applications.update_command, COMMANDS
    ),
    Route(
        "DELETE", _GUILD_COMMANDS + "/{command_id}", "delete_guild_application_command", applications.delete_command, COMMANDS
    ),
    # Interactions: the callback, and follow-ups by the interaction's token, which look like a webhook's
    Route(
        "POST",
        "/interactions/{interaction_id}/{interaction_token}/callback",
        "create_interaction_response",
        interactions.create_interaction_response,
        by_token=True,
    ),
    # Messages
    Route("GET", "/channels/{channel_id}/messages", "list_messages", messages.list_messages, HISTORY),
    Route("POST", "/channels/{channel_id}/messages", "create_message", messages.create_message, CREATE),
    Route("POST", "/channels/{channel_id}/messages/bulk-delete", "bulk_delete_messages", messages.bulk_delete_messages),
    Route("GET", "/channels/{channel_id}/messages/pins", "list_pins", messages.list_pins),
    Route("PUT", "/channels/{channel_id}/messages/pins/{message_id}", "create_pin", messages.create_pin),
    Route("DELETE", "/channels/{channel_id}/messages/pins/{message_id}", "delete_pin", messages.delete_pin),
    Route("GET", "/channels/{channel_id}/pins", "deprecated_list_pins", messages.deprecated_list_pins),
    Route("PUT", "/channels/{channel_id}/pins/{message_id}", "deprecated_create_pin", messages.create_pin),
    Route("DELETE", "/channels/{channel_id}/pins/{message_id}", "deprecated_delete_pin", messages.delete_pin),
    Route("GET", _MESSAGE, "get_message", messages.get_message),
    Route("PATCH", _MESSAGE, "update_message", messages.update_message, EDIT),
    Route("DELETE", _MESSAGE, "delete_message", messages.delete_message, DELETE),
    Route("POST", "/channels/{channel_id}/typing", "trigger_typing_indicator", messages.trigger_typing_indicator, TYPING),
    # Reactions
    Route("DELETE", _MESSAGE + "/reactions", "delete_all_message_reactions", messages.delete_all_message_reactions),
    Route(
        "GET",
        _MESSAGE + "/reactions/{emoji_name}",
        "list_message_reactions_by_emoji",
        messages.list_message_reactions_by_emoji,
    ),
    Route(
        "DELETE",
        _MESSAGE + "/reactions/{emoji_name}",
        "delete_all_message_reactions_by_emoji",
        messages.delete_all_message_reactions,
    ),
    Route(
        "PUT",
        _MESSAGE + "/reactions/{emoji_name}/@me",
        "add_my_message_reaction",
        messages.add_my_message_reaction,
        REACT,
    ),
    Route(
        "DELETE",
        _MESSAGE + "/reactions/{emoji_name}/@me",
        "delete_my_message_reaction",
        messages.delete_user_message_reaction,
        REACT,
    ),
    Route(
        "DELETE",
        _MESSAGE + "/reactions/{emoji_name}/{user_id}",
        "delete_user_message_reaction",
        messages.delete_user_message_reaction,
        REACT,
    ),
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
    Route(
        "PUT",
        "/channels/{channel_id}/permissions/{overwrite_id}",
        "set_channel_permission_overwrite",
        guilds.set_channel_permission_overwrite,
    ),
    Route(
        "DELETE",
        "/channels/{channel_id}/permissions/{overwrite_id}",
        "delete_channel_permission_overwrite",
        guilds.delete_channel_permission_overwrite,
    ),
    # Threads
    Route("POST", _MESSAGE + "/threads", "create_thread_from_message", guilds.create_thread_from_message),
    Route("POST", "/channels/{channel_id}/threads", "create_thread", guilds.create_thread),
    Route(
        "GET",
        "/channels/{channel_id}/threads/archived/public",
        "list_public_archived_threads",
        guilds.list_public_archived_threads,
    ),
    Route(
        "GET",
        "/channels/{channel_id}/threads/archived/private",
        "list_private_archived_threads",
        guilds.list_private_archived_threads,
    ),
    Route("GET", "/channels/{channel_id}/thread-members", "list_thread_members", guilds.list_thread_members),
    Route("PUT", "/channels/{channel_id}/thread-members/@me", "join_thread", guilds.join_thread),
    Route("DELETE", "/channels/{channel_id}/thread-members/@me", "leave_thread", guilds.leave_thread),
    Route("PUT", "/channels/{channel_id}/thread-members/{user_id}", "add_thread_member", guilds.join_thread),
    Route("DELETE", "/channels/{channel_id}/thread-members/{user_id}", "delete_thread_member", guilds.leave_thread),
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
    Route("GET", _WEBHOOK + "/messages/{message_id}", "get_webhook_message", webhooks.get_webhook_message, by_token=True),
    Route(
        "PATCH",
        _WEBHOOK + "/messages/{message_id}",
        "update_webhook_message",
        webhooks.update_webhook_message,
        WEBHOOK,
        by_token=True,
    ),
    Route(
        "DELETE",
        _WEBHOOK + "/messages/{message_id}",
        "delete_webhook_message",
        webhooks.delete_webhook_message,
        WEBHOOK,
        by_token=True,
    ),
)

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
