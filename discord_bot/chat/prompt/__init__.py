"""Persona + history + budget -> the messages to send, and a record of what was left out and why.

`prompt` puts it together. `system_message` is what stands at its beginning, `inserts` what the persona brings into the
conversation, `turns` how what was said is told; `window` settles where the conversation begins, so that it stays there.
"""

from discord_bot.chat.prompt.prompt import Prompt, build, going_on
from discord_bot.chat.prompt.window import steady

__all__ = ["Prompt", "build", "going_on", "steady"]
