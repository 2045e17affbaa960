"""A question and its replies: who is answered and when, and what becomes of them until nobody can change them any more.

`Answering` is the whole bot's. A `Question` has an `Exchange` for each who answers it, which is one reply; a `Writing`
is what is written there.

    answering.py       who is answered; what edits and deletions of a question do to its replies
    presses.py         what people press below a reply
    turns.py           who waits for whom
    replies.py         a reply from when it is opened until what stands there is remembered
    writing.py         what becomes of one reply, however the answer ends
    straight_line.py   a question -> who answers -> what the model is told -> what it says
    asking.py          what is set and remembered -> the prompt, and all that goes with it
    showing.py         a completion -> what is shown of it
    catching_up.py     what stands in Discord -> what is remembered
    apart.py           what is asked by a command, also from where the bot isn't a member
    questions.py       one question, and who answers it
    exchanges.py       one reply to it; those that are being written, and those that were of late
    recall.py          exchanges from before a restart
    summing_up.py      what a prompt has no more room for -> a summary
    controls.py        the buttons below a reply
    tracing.py         where an answer comes from
"""

from discord_bot.answering.answering import Answering
from discord_bot.answering.apart import as_it_stands, question_apart
from discord_bot.answering.asking import Work
from discord_bot.answering.controls import TEMPLATE, Action, Press
from discord_bot.answering.exchanges import KEPT, Exchange
from discord_bot.answering.summing_up import SummingUp
from discord_bot.answering.tracing import Observer
from discord_bot.answering.turns import GRACE, LAST_WORDS

__all__ = [
    "GRACE",
    "KEPT",
    "LAST_WORDS",
    "TEMPLATE",
    "Action",
    "Answering",
    "Exchange",
    "Observer",
    "Press",
    "SummingUp",
    "Work",
    "as_it_stands",
    "question_apart",
]
