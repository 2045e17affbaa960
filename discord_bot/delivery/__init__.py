"""Shows a growing text in Discord: first text soon, the newest text wins, the last text never waits for its turn.

`Delivery` is the whole bot's: every request that shows text passes its gate, in the order of what it is worth. `Reply`
is one answer: `show` says what the text is now and returns at once, so that reading the model never waits for Discord;
a task of its own brings Discord up to the newest text.

    notices.py   the bot's own small print on a page
    senders.py   a page's requests to Discord: create, edit, delete, look up
    webhooks.py  the same for a persona that speaks under its own name and face
    interactions.py  the same for an answer to a command, also where the bot isn't a member
    draft.py     what should stand there of one answer
    ticket.py    a request's place at the gate, and what became of it
    gate.py      when a request may go: the pacer's answer, carried out
    limits.py    what a request and its answer say of Discord's limits
    standing.py  what does stand there, and the request that changes it
    writer.py    brings what stands there up to the draft, when each request may go
    reply.py     one answer, as the rest of the bot sees it
    delivery.py  what all answers share
"""

from discord_bot.delivery.delivery import Delivery
from discord_bot.delivery.gate import Gate
from discord_bot.delivery.interactions import InteractionSender
from discord_bot.delivery.notices import named_on, with_notice, without_name, without_notice
from discord_bot.delivery.reply import Reply
from discord_bot.delivery.senders import Attachment, BotSender, Content, Sender
from discord_bot.delivery.standing import Page, Sent
from discord_bot.delivery.webhooks import Face, WebhookSender, answered_by, without_line

__all__ = [
    "Attachment",
    "BotSender",
    "Content",
    "Delivery",
    "Face",
    "Gate",
    "InteractionSender",
    "Page",
    "Reply",
    "Sender",
    "Sent",
    "WebhookSender",
    "answered_by",
    "named_on",
    "with_notice",
    "without_line",
    "without_name",
    "without_notice",
]
