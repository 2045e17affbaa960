"""Brings a database from the revision it is at to the one that the program knows.

The only place that imports Alembic, and imported only by a database that needs it (see `database.bring_up_to_date`).
Revisions stand in `versions/`, numbered; each says in its docstring why it is there. They are written by hand: what
they do must not change when `tables` does. The caller owns the transaction, so a revision that fails leaves nothing
behind, on SQLite too.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

if TYPE_CHECKING:
    from sqlalchemy import Connection


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Runs what is missing up to that revision, in the connection's transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def revisions() -> tuple[str, ...]:
    """Every revision that this program knows, the newest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _config() -> Config:
    config = Config()
    here = str(Path(__file__).parent)
    config.set_main_option("script_location", here.replace("%", "%%"))  # its parser expands %(name)s
    return config
