"""A model's Markdown -> Markdown that Discord can show, in pages.

`render` is all that others need. `sections` finds what is settled of a growing reply, text and code; `blocks` replaces
what Discord can't show of a text's blocks (`tables`), `inline` what is within them (`html`, `math`), `code` what is
around code, never what is in it; `edits` keeps all the rest as it is.
"""

from discord_bot.chat.rendering.render import File, Page, Rendering, render

__all__ = ["File", "Page", "Rendering", "render"]
