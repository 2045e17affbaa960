"""The statements about servers that the bot was removed from. A mix-in of `Store`, like the others.

A server that it was thrown out of by mistake finds everything as it was. What nobody came back for is deleted, all of
it: the server's own personas, and what was set for it and for its channels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, select, union, update

from discord_bot.store.heard import counted
from discord_bot.store.tables import bindings, channel_rules, companions, departures, forget_marks, personas

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from discord_bot.store.database import Database

SETTINGS: Final = {
    bindings: bindings.c.place_id,
    companions: companions.c.place_id,
    channel_rules: channel_rules.c.channel_id,
    forget_marks: forget_marks.c.channel_id,
}
"""The tables of what is set, and the column of each that says for which channel (or server); `guild_id` says whose."""


class Departures:
    """Who has left, and what then becomes of theirs. Each method is one transaction."""

    _database: Database

    async def servers(self) -> frozenset[int]:
        """The servers of which there are personas, or for which or in which something is set."""
        query = union(
            select(personas.c.library_id).where(personas.c.library_kind == "guild"),
            *(select(table.c.guild_id).where(table.c.guild_id.is_not(None)) for table in SETTINGS),
        )
        return await self._database.run(lambda connection: frozenset(connection.scalars(query)))

    async def channels_of_nobody(self) -> frozenset[int]:
        """The channels of which it is not known in which server they are: direct messages, and what is set of old."""
        query = union(*(select(channel).where(table.c.guild_id.is_(None)) for table, channel in SETTINGS.items()))
        return await self._database.run(lambda connection: frozenset(connection.scalars(query)))

    async def note_servers(self, guild_ids: Mapping[int, int]) -> None:
        """In which servers these channels are, by their ids: what is set for them goes with that server from now on."""
        rows = [{"channel": channel_id, "guild": guild_id} for channel_id, guild_id in guild_ids.items()]
        statements = [
            update(table)
            .where(channel == bindparam("channel"), table.c.guild_id.is_(None))
            .values(guild_id=bindparam("guild"))
            for table, channel in SETTINGS.items()
        ]

        def write(connection: Connection) -> None:
            for statement in statements:
                connection.execute(statement, rows).close()

        if rows:
            await self._database.run(write)

    async def note_departure(self, guild_id: int, now: datetime) -> None:
        """The bot is no longer in that server; where that is known already, nothing changes."""
        insert = self._database.insert(departures).values(guild_id=guild_id, left_at=now).on_conflict_do_nothing()
        await self._database.run(lambda connection: connection.execute(insert).close())

    async def departed(self, by: datetime | None = None) -> frozenset[int]:
        """The servers that the bot was removed from; of these, those that it had left by that moment."""
        query = select(departures.c.guild_id)
        if by is not None:
            query = query.where(departures.c.left_at <= by)
        return await self._database.run(lambda connection: frozenset(connection.scalars(query)))

    async def note_return(self, guild_id: int) -> None:
        """The bot is in that server again: what is kept of it stays."""
        statement = delete(departures).where(departures.c.guild_id == guild_id)
        await self._database.run(lambda connection: connection.execute(statement).close())

    async def forget_server(self, guild_id: int) -> list[str]:
        """Deletes all that is kept of a server which the bot has left; the SHA-256 of pictures that nobody has now."""
        theirs = (personas.c.library_kind == "guild") & (personas.c.library_id == guild_id)
        kept = select(personas.c.avatar).where(~theirs, personas.c.avatar.is_not(None))
        lost = select(personas.c.avatar).where(theirs, personas.c.avatar.not_in(kept)).distinct()
        unheard = counted(self._database, delete(channel_rules).where(channel_rules.c.guild_id == guild_id))
        statements = (
            delete(personas).where(theirs),
            *(
                delete(each).where(each.c.guild_id == guild_id)
                for each in (bindings, companions, forget_marks, departures)
            ),
        )

        def write(connection: Connection) -> list[str]:
            pictures = list(connection.scalars(lost))
            for statement in statements:
                connection.execute(statement).close()
            unheard(connection)
            return pictures

        return await self._database.run(write)
