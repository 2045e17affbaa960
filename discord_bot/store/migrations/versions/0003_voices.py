"""How a persona speaks in a place, and which others speak beside it: until now all spoke as the bot, and alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds the column, and makes the table."""
    # SQLite can't add a constraint to a table, but a column that has one:
    # https://www.sqlite.org/lang_altertable.html#alter_table_add_column
    op.add_column(
        "bindings", sa.Column("voice", sa.String(16), sa.CheckConstraint("length(voice) <= 16"), nullable=True)
    )
    op.create_table(
        "companions",
        sa.Column("place_kind", sa.String(16), sa.CheckConstraint("length(place_kind) <= 16"), nullable=False),
        sa.Column("place_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("name_key", sa.String(200), sa.CheckConstraint("length(name_key) <= 200"), nullable=False),
        sa.Column("name", sa.String(200), sa.CheckConstraint("length(name) <= 200"), nullable=False),
        sa.Column("voice", sa.String(16), sa.CheckConstraint("length(voice) <= 16"), nullable=True),
        sa.PrimaryKeyConstraint("place_id", "place_kind", "name_key"),
    )
