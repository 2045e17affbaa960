"""The statements about who does not want to be read: each method is one transaction of one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from discord_bot.store.tables import opt_outs

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from discord_bot.store.database import Database


class Privacy:
    """What people have said about themselves by /privacy."""

    _database: Database

    async def opt_outs(self) -> frozenset[int]:
        """The ids of all who do not want to be read: it is read once and then kept by the bot."""

        def read(connection: Connection) -> frozenset[int]:
            return frozenset(connection.scalars(select(opt_outs.c.user_id)))

        return await self._database.run(read)

    async def opt_out(self, user_id: int) -> None:
        """From now on, that person does not want to be read."""
        insert = self._database.insert(opt_outs).values(user_id=user_id)
        once = insert.on_conflict_do_nothing(index_elements=["user_id"])
        await self._database.run(lambda connection: connection.execute(once).close())

    async def opt_in(self, user_id: int) -> None:
        """That person may be read again."""
        statement = delete(opt_outs).where(opt_outs.c.user_id == user_id)
        await self._database.run(lambda connection: connection.execute(statement).close())
