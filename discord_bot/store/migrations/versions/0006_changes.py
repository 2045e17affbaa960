"""How often something was set that the bot keeps in memory: until now, other processes saw it after a restart only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "changes",
        sa.Column("what", sa.String(16), sa.CheckConstraint("length(what) <= 16"), primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
    )
