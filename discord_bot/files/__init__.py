"""The files that people attach: bytes -> what a model can read of them, or why it can't. Nothing is kept here."""

from discord_bot.files.files import Files

__all__ = ["Files"]
