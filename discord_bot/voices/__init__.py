"""How a persona speaks: through a webhook with its own name and face, in the bot's profile, or as the bot itself.

names.py     what it may be called
webhooks.py  the bot's own webhooks, one in each channel
faces.py     its picture -> an address that Discord can fetch it from
profiles.py  the bot's profile in a server
voices.py    which of these, and what is missing for it
"""

from discord_bot.voices.names import webhook_name
from discord_bot.voices.voices import Lack, Spoken, Voices, Way

__all__ = ["Lack", "Spoken", "Voices", "Way", "webhook_name"]
