"""Lore: a character book, and which of its entries come to mind in a conversation.

`book` is the book as a value, `decorators` the leading `@@` lines of an entry, `keys` what matches a text, and
`activation` the rules by which entries are found, weighed and placed.
"""

from discord_bot.chat.lore.book import Entry, Lorebook, lorebook

__all__ = ["Entry", "Lorebook", "lorebook"]
