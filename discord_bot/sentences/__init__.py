"""What the bot says, in English and in Chinese side by side, one table per matter.

`SAID` is all that it says in Discord, whatever the matter: `SAID.say(key, language, **facts)` gives the sentence.

    table.py         a table of sentences, and the languages
    failures.py      what a failure means: to people, and to whoever runs the bot
    answers.py       how an answer ended, the buttons below it, questions by a command
    personas.py      who speaks where and how; the library and its forms
    commands.py      what the other commands answer, and who may not run one
    descriptions.py  what Discord shows of the commands while they are typed
    cards.py         why a character card is refused, and what is worth knowing of one
    files.py         which files were not read

Rooms that speak to people in the terminal or on the playground's page (`check`, `config`, `playground`) have their own.
"""

from discord_bot.sentences.answers import ANSWERS
from discord_bot.sentences.commands import COMMANDS
from discord_bot.sentences.descriptions import DESCRIBED
from discord_bot.sentences.failures import FAILURES, FOR_OWNERS, explain, explain_to_owner, in_one_line
from discord_bot.sentences.personas import PERSONAS
from discord_bot.sentences.table import Language, Sentences, language_of

SAID = Sentences(FAILURES | ANSWERS | PERSONAS | COMMANDS)

__all__ = [
    "DESCRIBED",
    "FOR_OWNERS",
    "SAID",
    "Language",
    "Sentences",
    "explain",
    "explain_to_owner",
    "in_one_line",
    "language_of",
]
