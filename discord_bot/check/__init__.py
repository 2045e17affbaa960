"""`discord-bot check`: what is wrong with the set-up, and what to do about it, in plain sentences.

`set_up` goes through all of it, `discord` and `providers` look at their part, `table` lays the rows out, and
`sentences` are what `run` says too where it can't start.
"""

from discord_bot.check.sentences import sentence_for, terminal_language
from discord_bot.check.set_up import check, rows, tell
from discord_bot.check.table import Row

__all__ = ["Row", "check", "rows", "sentence_for", "tell", "terminal_language"]
