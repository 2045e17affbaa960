"""The bot: chat in Discord, in a persona, through any OpenAI-compatible chat completions endpoint."""
