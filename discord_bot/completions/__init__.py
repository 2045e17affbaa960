"""The HTTP client for chat completions: the only outbound aiohttp of the running bot, beside discord.py's own.

`endpoint` is where a server is, `reading` one request and its answer over the network, `client` how a question is put:
again, otherwise, or to another model, until there is an answer or a CompletionError.
"""

from discord_bot.completions.client import CompletionsClient, Known, Target
from discord_bot.completions.endpoint import Endpoint, Timeouts

__all__ = ["CompletionsClient", "Endpoint", "Known", "Target", "Timeouts"]
