"""Where and how the bot answers, channel by channel: until now it was the same everywhere."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "channel_rules",
        sa.Column("channel_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("answers", sa.String(16), sa.CheckConstraint("length(answers) <= 16"), nullable=True),
        sa.Column("words", sa.String(200), sa.CheckConstraint("length(words) <= 200"), nullable=True),
        sa.Column("conversation", sa.String(16), sa.CheckConstraint("length(conversation) <= 16"), nullable=True),
        sa.Column("replies", sa.String(16), sa.CheckConstraint("length(replies) <= 16"), nullable=True),
    )
