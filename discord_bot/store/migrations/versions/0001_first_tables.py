"""The first tables: which persona and model a place uses, what was forgotten, which commands Discord knows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "bindings",
        sa.Column("kind", sa.String(16), sa.CheckConstraint("length(kind) <= 16"), nullable=False),
        sa.Column("place_kind", sa.String(16), sa.CheckConstraint("length(place_kind) <= 16"), nullable=False),
        sa.Column("place_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("name", sa.String(200), sa.CheckConstraint("length(name) <= 200"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("place_id", "place_kind", "kind"),
    )
    op.create_table(
        "forget_marks",
        sa.Column("channel_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("message_id", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "command_fingerprints",
        sa.Column("application_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("fingerprint", sa.String(128), sa.CheckConstraint("length(fingerprint) <= 128"), nullable=False),
    )
