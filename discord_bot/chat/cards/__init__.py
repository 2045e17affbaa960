"""Character cards V1, V2 and V3 <-> bytes, in PNG, JSON and CHARX.

`card` is the value and how it is read, `writing` the way back; `document` knows the JSON and `fields` its known keys,
`png` and `charx` the containers, `assets` where an address within a card leads, and `limits` how much of a file is
read. It is loaded when there is a card. Pure: what a card points to is never fetched, and no picture is decoded.
"""

from discord_bot.chat.cards.card import Card, Container, Picture, from_json, made, read, with_picture
from discord_bot.chat.cards.document import Document
from discord_bot.chat.cards.fields import Warned
from discord_bot.chat.cards.limits import MAX_FILE
from discord_bot.chat.cards.writing import to_json, write_charx, write_json, write_png

__all__ = [
    "MAX_FILE",
    "Card",
    "Container",
    "Document",
    "Picture",
    "Warned",
    "from_json",
    "made",
    "read",
    "to_json",
    "with_picture",
    "write_charx",
    "write_json",
    "write_png",
]
