"""The statements about what the bot keeps in memory: what was set for channels, and who does not want to be read.

Several processes may use one database. Each change is counted in its own transaction, so that one small query says
whether there is anything to be read again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select

from discord_bot.store.tables import changes, channel_rules, opt_outs
from discord_bot.store.values import ChannelRules, Heard

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Executable

    from discord_bot.store.database import Database
    from discord_bot.store.values import Place

HEARD: Final = "heard"
"""What is counted, as the row of `changes` calls it."""


class WhatIsHeard:
    """What says what the bot hears: each method is one transaction."""

    _database: Database

    async def heard(self, known: int = -1) -> Heard | None:
        """All that is set; None where it is still what it was at the change of that number."""
        number = select(changes.c.number).where(changes.c.what == HEARD)
        rules = channel_rules.c
        set_there = select(rules.channel_id, rules.answers, rules.words, rules.conversation, rules.replies)

        def read(connection: Connection) -> Heard | None:
            now = connection.scalar(number) or 0  # first: what is read below may be newer, and never older
            if now == known:
                return None
            rows = connection.execute(set_there)
            unread = frozenset(connection.scalars(select(opt_outs.c.user_id)))
            return Heard(now, {channel_id: ChannelRules(*rest) for channel_id, *rest in rows}, unread)

        return await self._database.run(read)

    async def set_channel_rules(self, channel: Place, rules: ChannelRules) -> None:
        """From now on, these hold in the channel, in the place of those that did."""
        facts = {
            "guild_id": channel.home,
            "answers": rules.answers,
            "words": rules.words,
            "conversation": rules.conversation,
            "replies": rules.replies,
        }
        insert = self._database.insert(channel_rules).values(channel_id=channel.id, **facts)
        await self._change(insert.on_conflict_do_update(index_elements=["channel_id"], set_=facts))

    async def drop_channel_rules(self, channel_id: int) -> bool:
        """Nothing is set in the channel any more; False where nothing was."""
        return await self._change(delete(channel_rules).where(channel_rules.c.channel_id == channel_id))

    async def opt_out(self, user_id: int) -> None:
        """From now on, that person does not want to be read."""
        insert = self._database.insert(opt_outs).values(user_id=user_id)
        await self._change(insert.on_conflict_do_nothing(index_elements=["user_id"]))

    async def opt_in(self, user_id: int) -> None:
        """That person may be read again."""
        await self._change(delete(opt_outs).where(opt_outs.c.user_id == user_id))

    async def _change(self, statement: Executable) -> bool:
        """Carries it out and counts it, if it changes anything; whether it does."""
        return await self._database.run(counted(self._database, statement))


def counted(database: Database, statement: Executable) -> Callable[[Connection], bool]:
    """The work that carries a change out and counts it, if it changes anything; it returns whether it does."""
    first = database.insert(changes).values(what=HEARD, number=1)
    count = first.on_conflict_do_update(index_elements=["what"], set_={"number": changes.c.number + 1})

    def work(connection: Connection) -> bool:
        changed = connection.execute(statement).rowcount > 0
        if changed:
            connection.execute(count).close()
        return changed

    return work
