"""The cogs: Discord in, one call into the rooms of discord_bot, Discord out. A cog never imports a cog."""
