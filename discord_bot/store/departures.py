"""The statements about servers that the bot was removed from. A mix-in of `Store`, like the others.

A server that it was thrown out of by mistake finds everything as it was. What nobody came back for is deleted, all of
it: the server's own personas, and what was set for it and for its channels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, union

from discord_bot.store.tables import bindings, channel_rules, companions, departures, forget_marks, personas

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection

    from discord_bot.store.database import Database


class Departures:
    """Who has left, and what then becomes of theirs. Each method is one transaction."""

    _database: Database

    async def servers(self) -> frozenset[int]:
        """The servers of which there are personas, or for which something is set."""
        query = union(
            select(personas.c.library_id).where(personas.c.library_kind == "guild"),
            select(bindings.c.place_id).where(bindings.c.place_kind == "guild"),
            select(companions.c.place_id).where(companions.c.place_kind == "guild"),
        )
        return await self._database.run(lambda connection: frozenset(connection.scalars(query)))

    async def note_departure(self, guild_id: int, channel_ids: Collection[int], now: datetime) -> None:
        """The bot is no longer in that server, which has these channels; where that is known already, nothing changes.

        Of the channels only those are noted for which something is set: later, nobody could tell whose they are.
        """
        ours = union(
            select(bindings.c.place_id).where(bindings.c.place_id.in_(channel_ids)),
            select(companions.c.place_id).where(companions.c.place_id.in_(channel_ids)),
            select(channel_rules.c.channel_id).where(channel_rules.c.channel_id.in_(channel_ids)),
            select(forget_marks.c.channel_id).where(forget_marks.c.channel_id.in_(channel_ids)),
        )
        insert = self._database.insert(departures).on_conflict_do_nothing()

        def write(connection: Connection) -> None:
            places = [guild_id, *(connection.scalars(ours) if channel_ids else ())]
            rows = [{"guild_id": guild_id, "place_id": place, "left_at": now} for place in places]
            connection.execute(insert, rows).close()

        await self._database.run(write)

    async def departed(self, by: datetime | None = None) -> frozenset[int]:
        """The servers that the bot was removed from; of these, those that it had left by that moment."""
        query = select(departures.c.guild_id).distinct()
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
        places = select(departures.c.place_id).where(departures.c.guild_id == guild_id)
        statements = (
            delete(personas).where(theirs),
            delete(bindings).where(bindings.c.place_id.in_(places)),
            delete(companions).where(companions.c.place_id.in_(places)),
            delete(channel_rules).where(channel_rules.c.channel_id.in_(places)),
            delete(forget_marks).where(forget_marks.c.channel_id.in_(places)),
            delete(departures).where(departures.c.guild_id == guild_id),
        )

        def write(connection: Connection) -> list[str]:
            pictures = list(connection.scalars(lost))
            for statement in statements:
                connection.execute(statement).close()
            return pictures

        return await self._database.run(write)
