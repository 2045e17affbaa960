"""What Discord can't remember for us, and nothing else: never the text of a message.

`values` is what comes in and goes out, `tables` what is at rest, `store` the statements between them, `libraries` those
about personas, `heard` about where it answers and whom it reads, `departures` about servers that it has left, `copies`
about all of it at once.
`database` names what differs between the two databases, which `sqlite` and `postgresql` hold. `migrations` brings an
older database up to date and is the only part that knows Alembic; it is imported only when a database needs it.
"""

from __future__ import annotations

from discord_bot.store.store import Store
from discord_bot.store.values import (
    AS_EVER,
    OWNER,
    Answers,
    Binding,
    BindingKind,
    ChannelRules,
    ChannelState,
    Companion,
    Heard,
    Library,
    LibraryKind,
    PersonaEntry,
    PersonaRecord,
    Place,
    Replies,
    Share,
    Voice,
    library_of,
    lookup_order,
)

__all__ = [
    "AS_EVER",
    "OWNER",
    "Answers",
    "Binding",
    "BindingKind",
    "ChannelRules",
    "ChannelState",
    "Companion",
    "Heard",
    "Library",
    "LibraryKind",
    "PersonaEntry",
    "PersonaRecord",
    "Place",
    "Replies",
    "Share",
    "Store",
    "Voice",
    "library_of",
    "lookup_order",
]
