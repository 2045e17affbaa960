"""What a Discord message is to the bot. Only here are messages read.

`messages` makes of one what is remembered, `contents` what it says in words; `authors` knows who wrote it, `addressing`
whom it speaks to, `channels` where it stands; `history` puts a stretch of a channel together.
"""

from discord_bot.reading.addressing import addresses, replies_to, speaks_to_another, spoken_to
from discord_bot.reading.authors import Me, as_speaker, is_own, name_of, own_name
from discord_bot.reading.channels import address_of, may_read_back, parent_of, places
from discord_bot.reading.history import in_order
from discord_bot.reading.messages import GREETING, answer, custom_ids, own_words, remembered, told, was_edited_within

__all__ = [
    "GREETING",
    "Me",
    "address_of",
    "addresses",
    "answer",
    "as_speaker",
    "custom_ids",
    "in_order",
    "is_own",
    "may_read_back",
    "name_of",
    "own_name",
    "own_words",
    "parent_of",
    "places",
    "remembered",
    "replies_to",
    "speaks_to_another",
    "spoken_to",
    "told",
    "was_edited_within",
]
