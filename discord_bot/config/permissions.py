"""The keys of `permissions`: who is answered, and who may change what."""

from __future__ import annotations

from collections.abc import Collection

from pydantic import Field

from discord_bot.config.section import Section
from discord_bot.config.values import CommandPermission, Ids  # noqa: TC001  # pydantic reads the annotations


class IdLists(Section):
    """Whom to answer. Blocked ids are never answered; if any id is allowed, only those are."""

    allowed_ids: Ids = Field([], description="If any stands here, only these.")
    blocked_ids: Ids = Field([], description="Never these, whatever is allowed.")


class UserIdLists(IdLists):
    """Which people to answer, and who owns the bot."""

    admin_ids: Ids = Field([], description="They may run every command, and are answered in every channel.")


class PlacePermission(Section):
    """What it takes to change something for one channel."""

    here: CommandPermission = Field("manage_channels", description="Who may set and reset it for one channel.")


class SettingPermissions(Section):
    """What it takes to run the commands `set` and `reset`."""

    here: CommandPermission = Field("manage_channels", description="Who may set and reset it for one channel.")
    server: CommandPermission = Field("manage_guild", description="Who may set and reset it for the whole server.")


class PersonaPermissions(SettingPermissions):
    """What it takes to change who speaks, and what there is to choose from."""

    library: CommandPermission = Field("manage_guild", description="Who may change and export the server's personas.")


class Permissions(Section):
    """Whom to answer, and what people may change."""

    users: UserIdLists = Field(UserIdLists(), description="People, by user id.")
    roles: IdLists = Field(IdLists(), description="People, by a role that they have.")
    channels: IdLists = Field(IdLists(), description="Places: ids of channels, threads, or categories.")
    persona: PersonaPermissions = Field(
        PersonaPermissions(), description="Who may run /persona set and reset, and fill the server's library."
    )
    model: SettingPermissions = Field(SettingPermissions(), description="Who may run /model set and reset.")
    channel: PlacePermission = Field(PlacePermission(), description="Who may run /channel set and reset.")
    forget: CommandPermission = Field("everyone", description="Who may run /forget; it deletes nothing in Discord.")

    def admit(
        self,
        user_id: int,
        role_ids: Collection[int] = (),
        channel_ids: Collection[int] = (),
    ) -> bool:
        """Whether this person is answered in this place.

        `channel_ids` are the channel's own, its parent's and its category's; empty for a direct message. Whoever is
        allowed by id or by role is allowed; admins are allowed everywhere; what is blocked is blocked for everyone.
        """
        users, roles, channels = self.users, self.roles, self.channels
        admin = user_id in users.admin_ids
        wanted = (
            admin
            or not (users.allowed_ids or (roles.allowed_ids and channel_ids))
            or user_id in users.allowed_ids
            or not _apart(role_ids, roles.allowed_ids)
        )
        place = admin or not channel_ids or not channels.allowed_ids or not _apart(channel_ids, channels.allowed_ids)
        blocked = (
            user_id in users.blocked_ids
            or not _apart(role_ids, roles.blocked_ids)
            or not _apart(channel_ids, channels.blocked_ids)
        )
        return wanted and place and not blocked


def _apart(some: Collection[int], others: Collection[int]) -> bool:
    return set(some).isdisjoint(others)
