"""Whose a channel is for which something is set: until now nobody knew of a server that had been left unnoticed.

What was set before gets it as soon as the bot sees the channel. Of a server that was left, the channels were noted
beside it; that is told by each setting now, and the server is noted once.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

CHANNELS = {
    "bindings": "place_id",
    "companions": "place_id",
    "channel_rules": "channel_id",
    "forget_marks": "channel_id",
}
"""The tables of what is set in a server, and the column of each that says for which channel."""


def upgrade() -> None:
    """Adds the columns, fills in what is known, and leaves one row of each server that was left."""
    guild_id, place_id = sa.column("guild_id", sa.BigInteger), sa.column("place_id", sa.BigInteger)
    left_at = sa.column("left_at", sa.DateTime(timezone=True))
    departures = sa.table("departures", guild_id, place_id, left_at)
    for name, channel in CHANNELS.items():
        op.add_column(name, sa.Column("guild_id", sa.BigInteger, nullable=True))
        there = sa.table(name, sa.column(channel), sa.column("guild_id"), sa.column("place_kind"))
        of_left = sa.select(sa.func.min(departures.c.guild_id)).where(departures.c.place_id == there.c[channel])
        op.execute(sa.update(there).values(guild_id=of_left.scalar_subquery()))
        if channel == "place_id":
            op.execute(sa.update(there).where(there.c.place_kind == "guild").values(guild_id=there.c.place_id))

    left = op.get_bind().execute(
        sa.select(guild_id, sa.func.min(left_at).label("left_at")).select_from(departures).group_by(guild_id)
    )
    rows = [{"guild_id": row.guild_id, "left_at": row.left_at} for row in left]
    op.drop_table("departures")
    made = op.create_table(
        "departures",
        sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.bulk_insert(made, rows)
