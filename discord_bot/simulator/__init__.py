"""A Discord on this machine; it knows neither the bot nor discord.py."""
