"""The statements about what /channel sets: each method is one transaction of one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from discord_bot.store.tables import channel_rules
from discord_bot.store.values import ChannelRules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from discord_bot.store.database import Database


class Channels:
    """Where and how the bot answers, channel by channel."""

    _database: Database

    async def channel_rules(self) -> Mapping[int, ChannelRules]:
        """What was set, for every channel where anything was: it is read once and then kept by the bot."""
        table = channel_rules.c
        query = select(table.channel_id, table.answers, table.words, table.conversation, table.replies)

        def read(connection: Connection) -> dict[int, ChannelRules]:
            return {channel_id: ChannelRules(*rest) for channel_id, *rest in connection.execute(query)}

        return await self._database.run(read)

    async def set_channel_rules(self, channel_id: int, rules: ChannelRules) -> None:
        """From now on, these hold in the channel, in the place of those that did."""
        facts = {
            "answers": rules.answers,
            "words": rules.words,
            "conversation": rules.conversation,
            "replies": rules.replies,
        }
        insert = self._database.insert(channel_rules).values(channel_id=channel_id, **facts)
        upsert = insert.on_conflict_do_update(index_elements=["channel_id"], set_=facts)
        await self._database.run(lambda connection: connection.execute(upsert).close())

    async def drop_channel_rules(self, channel_id: int) -> bool:
        """Nothing is set in the channel any more; False where nothing was."""
        statement = delete(channel_rules).where(channel_rules.c.channel_id == channel_id)
        return await self._database.run(lambda connection: connection.execute(statement).rowcount > 0)
