"""What is at rest, drawn as tables: ids, short names, marks, and the personas of a library with their pictures.

No column can hold the text of a message: those of `personas` hold what somebody wrote for keeping.

A change here needs a migration beside it (`migrations/versions/`) and the new `HEAD`; tests hold the three together.
Text is bounded by a CHECK as well as by its type, because SQLite takes the length in VARCHAR(n) for a comment:
https://www.sqlite.org/datatype3.html#determination_of_column_affinity
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    func,
)

HEAD: Final = "0008"
"""The revision that these tables are; a database that says so needs no migration."""

KIND_LENGTH: Final = 16
"""Characters in a word of ours, such as `persona`."""
NAME_LENGTH: Final = 200
"""Characters in the name of a persona or a model. Discord's choices end at 100; some models' paths are longer."""
FINGERPRINT_LENGTH: Final = 128
"""Characters in a fingerprint: a SHA-512 in hexadecimal."""

DIGEST_LENGTH: Final = 64
"""Characters of a SHA-256 in hexadecimal."""

metadata = MetaData()
"""What the program keeps."""

versions = Table(
    "alembic_version",
    MetaData(),  # Alembic's own, not one that it looks after
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""At which revision a database is, where Alembic keeps it.
https://alembic.sqlalchemy.org/en/latest/api/runtime.html#alembic.runtime.migration.MigrationContext
"""

bindings = Table(
    "bindings",
    metadata,
    Column("kind", String(KIND_LENGTH), CheckConstraint(f"length(kind) <= {KIND_LENGTH}"), nullable=False),
    Column("place_kind", String(KIND_LENGTH), CheckConstraint(f"length(place_kind) <= {KIND_LENGTH}"), nullable=False),
    Column("place_id", BigInteger, nullable=False, autoincrement=False),
    Column("name", String(NAME_LENGTH), CheckConstraint(f"length(name) <= {NAME_LENGTH}"), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("voice", String(KIND_LENGTH), CheckConstraint(f"length(voice) <= {KIND_LENGTH}"), nullable=True),
    Column("guild_id", BigInteger, nullable=True),
    PrimaryKeyConstraint("place_id", "place_kind", "kind"),  # by place: that is how they are looked up
)
"""Which persona and which model a guild or a channel uses, and how the persona speaks there.

`guild_id` is the guild that it is, or that the channel is in, here as in all that is set: so it goes with that guild.
It is NULL for direct messages, and where the channel was not seen since the column is there.
"""

companions = Table(
    "companions",
    metadata,
    Column("place_kind", String(KIND_LENGTH), CheckConstraint(f"length(place_kind) <= {KIND_LENGTH}"), nullable=False),
    Column("place_id", BigInteger, nullable=False, autoincrement=False),
    Column("name_key", String(NAME_LENGTH), CheckConstraint(f"length(name_key) <= {NAME_LENGTH}"), nullable=False),
    Column("name", String(NAME_LENGTH), CheckConstraint(f"length(name) <= {NAME_LENGTH}"), nullable=False),
    Column("voice", String(KIND_LENGTH), CheckConstraint(f"length(voice) <= {KIND_LENGTH}"), nullable=True),
    Column("guild_id", BigInteger, nullable=True),
    PrimaryKeyConstraint("place_id", "place_kind", "name_key"),
)
"""The personas that answer to their names in a guild or a channel, beside the one that is bound there."""

forget_marks = Table(
    "forget_marks",
    metadata,
    Column("channel_id", BigInteger, primary_key=True, autoincrement=False),
    Column("message_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger, nullable=True),
)
"""The last message that `/forget` covers in a channel; it and all older ones are no longer part of the conversation."""

channel_rules = Table(
    "channel_rules",
    metadata,
    Column("channel_id", BigInteger, primary_key=True, autoincrement=False),
    Column("answers", String(KIND_LENGTH), CheckConstraint(f"length(answers) <= {KIND_LENGTH}"), nullable=True),
    Column("words", String(NAME_LENGTH), CheckConstraint(f"length(words) <= {NAME_LENGTH}"), nullable=True),
    Column(
        "conversation", String(KIND_LENGTH), CheckConstraint(f"length(conversation) <= {KIND_LENGTH}"), nullable=True
    ),
    Column("replies", String(KIND_LENGTH), CheckConstraint(f"length(replies) <= {KIND_LENGTH}"), nullable=True),
    Column("guild_id", BigInteger, nullable=True),
)
"""Where and how the bot answers in a channel or thread; what is NULL is as in the thread's channel, or the default.
`words` are the names that it hears there.
"""

opt_outs = Table(
    "opt_outs",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
)
"""The people who do not want the bot to read what they say to others."""

departures = Table(
    "departures",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False),
    Column("left_at", DateTime(timezone=True), nullable=False),
)
"""The servers that the bot was removed from, and when."""

changes = Table(
    "changes",
    metadata,
    Column("what", String(KIND_LENGTH), CheckConstraint(f"length(what) <= {KIND_LENGTH}"), primary_key=True),
    Column("number", BigInteger, nullable=False),
)
"""How often something was changed that each process keeps in memory: so the others see that they have to read it again.
"""

command_fingerprints = Table(
    "command_fingerprints",
    metadata,
    Column("application_id", BigInteger, primary_key=True, autoincrement=False),
    Column(
        "fingerprint",
        String(FINGERPRINT_LENGTH),
        CheckConstraint(f"length(fingerprint) <= {FINGERPRINT_LENGTH}"),
        nullable=False,
    ),
)
"""What the commands looked like when Discord was last told of them; it takes no more than 200 creations a day."""

personas = Table(
    "personas",
    metadata,
    Column(
        "library_kind", String(KIND_LENGTH), CheckConstraint(f"length(library_kind) <= {KIND_LENGTH}"), nullable=False
    ),
    Column("library_id", BigInteger, nullable=False, autoincrement=False),
    Column("name_key", String(NAME_LENGTH), CheckConstraint(f"length(name_key) <= {NAME_LENGTH}"), nullable=False),
    Column("name", String(NAME_LENGTH), CheckConstraint(f"length(name) <= {NAME_LENGTH}"), nullable=False),
    Column(
        "description", String(NAME_LENGTH), CheckConstraint(f"length(description) <= {NAME_LENGTH}"), nullable=False
    ),
    Column("avatar", String(DIGEST_LENGTH), CheckConstraint(f"length(avatar) <= {DIGEST_LENGTH}"), nullable=True),
    Column("card", Text, nullable=False),
    Column("own", Text, nullable=False),
    Column("picture", LargeBinary, nullable=True),
    Column("made_by", BigInteger, nullable=True),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("library_kind", "library_id", "name_key"),
)
"""The personas of the libraries. `name_key` is the name without case, `card` a character card's JSON, whole."""

persona_files = Table(
    "persona_files",
    metadata,
    Column(
        "library_kind", String(KIND_LENGTH), CheckConstraint(f"length(library_kind) <= {KIND_LENGTH}"), nullable=False
    ),
    Column("library_id", BigInteger, nullable=False, autoincrement=False),
    Column("name_key", String(NAME_LENGTH), CheckConstraint(f"length(name_key) <= {NAME_LENGTH}"), nullable=False),
    Column("path", String(NAME_LENGTH), CheckConstraint(f"length(path) <= {NAME_LENGTH}"), nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("library_kind", "library_id", "name_key", "path"),
    ForeignKeyConstraint(
        ["library_kind", "library_id", "name_key"],
        ["personas.library_kind", "personas.library_id", "personas.name_key"],
        name="fk_persona_files_personas",
        ondelete="CASCADE",
    ),
)
"""What lay beside a card in its file, such as other pictures, so that an export brings it back."""
