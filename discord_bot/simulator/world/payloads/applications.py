"""The application, and what is made by one: its emojis, webhooks and interactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord_bot.simulator.world.payloads.people import user
from discord_bot.simulator.world.snowflakes import id_text

if TYPE_CHECKING:
    from discord_bot.simulator.world.entities import Application, Emoji, Interaction, Webhook
    from discord_bot.simulator.world.world import World


def application(world: World, application: Application) -> dict[str, Any]:
    """The application as its own bot sees it."""
    return {
        "id": str(application.id),
        "name": application.name,
        "icon": None,
        "description": application.description,
        "type": None,
        "bot": user(world.users[application.bot_id]),
        "bot_public": application.public,
        "bot_require_code_grant": False,
        "verify_key": f"{application.id:064x}",
        "flags": int(application.flags),
        "flags_new": str(int(application.flags)),
        "tags": [],
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user(world.users[application.owner_id]),
        "approximate_guild_count": sum(application.bot_id in guild.members for guild in world.guilds.values()),
        "approximate_user_install_count": len(application.installed_by),
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
        "integration_types_config": {"0": {}, "1": {}} if application.user_installable else {"0": {}},
    }


def own_emoji(world: World, emoji: Emoji) -> dict[str, Any]:
    """An emoji of the application's."""
    return {
        "id": str(emoji.id),
        "name": emoji.name,
        "user": user(world.bot),
        "roles": [],
        "require_colons": True,
        "managed": False,
        "animated": False,
        "available": True,
    }


def webhook(world: World, webhook: Webhook, *, with_user: bool = True) -> dict[str, Any]:
    """A webhook; who asks by its token alone isn't told who made it."""
    payload: dict[str, Any] = {
        "application_id": id_text(webhook.application_id),
        "avatar": webhook.avatar,
        "channel_id": str(webhook.channel_id),
        "guild_id": str(webhook.guild_id),
        "id": str(webhook.id),
        "name": webhook.name,
        "type": 1,
        "token": webhook.token,
        "url": f"{world.cdn_url}/api/webhooks/{webhook.id}/{webhook.token}",
    }
    if with_user:
        payload["user"] = user(world.users[webhook.creator_id])
    return payload


def interaction_metadata(world: World, interaction: Interaction, **more: Any) -> dict[str, Any]:
    """What a message tells of the interaction that it answers."""
    return {
        "id": str(interaction.id),
        "type": int(interaction.type),
        "user": user(world.users[interaction.user_id]),
        "authorizing_integration_owners": interaction.owners,
        **more,
    }
