"""What Alembic runs around the revisions: it is given a connection that is already in a transaction."""

from __future__ import annotations

from alembic import context

from discord_bot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite can't alter most of a table in place
)
context.run_migrations()
