"""Libraries of personas: until now all of them stood in config.yaml, where only the owner can write."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "personas",
        sa.Column("library_kind", sa.String(16), sa.CheckConstraint("length(library_kind) <= 16"), nullable=False),
        sa.Column("library_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("name_key", sa.String(200), sa.CheckConstraint("length(name_key) <= 200"), nullable=False),
        sa.Column("name", sa.String(200), sa.CheckConstraint("length(name) <= 200"), nullable=False),
        sa.Column("description", sa.String(200), sa.CheckConstraint("length(description) <= 200"), nullable=False),
        sa.Column("avatar", sa.String(64), sa.CheckConstraint("length(avatar) <= 64"), nullable=True),
        sa.Column("card", sa.Text, nullable=False),
        sa.Column("own", sa.Text, nullable=False),
        sa.Column("picture", sa.LargeBinary, nullable=True),
        sa.Column("made_by", sa.BigInteger, nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("library_kind", "library_id", "name_key"),
    )
    op.create_table(
        "persona_files",
        sa.Column("library_kind", sa.String(16), sa.CheckConstraint("length(library_kind) <= 16"), nullable=False),
        sa.Column("library_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("name_key", sa.String(200), sa.CheckConstraint("length(name_key) <= 200"), nullable=False),
        sa.Column("path", sa.String(200), sa.CheckConstraint("length(path) <= 200"), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("library_kind", "library_id", "name_key", "path"),
        sa.ForeignKeyConstraint(
            ["library_kind", "library_id", "name_key"],
            ["personas.library_kind", "personas.library_id", "personas.name_key"],
            name="fk_persona_files_personas",
            ondelete="CASCADE",
        ),
    )
