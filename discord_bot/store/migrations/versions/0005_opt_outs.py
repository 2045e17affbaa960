"""Who does not want to be read: until now everybody was, in all channels that the bot can see."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Makes the table."""
    op.create_table("opt_outs", sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False))
