"""Embeds: the limits that they are read under, and the shape in which they come back.

https://discord.com/developers/docs/resources/message#embed-object-embed-limits
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from discord_bot.simulator.world.forms import Form

EMBEDS = 10
"""Embeds on one message."""
TITLE_LENGTH = 256
DESCRIPTION_LENGTH = 4_096
FIELDS = 25
FIELD_NAME_LENGTH = 256
FIELD_VALUE_LENGTH = 1_024
FOOTER_LENGTH = 2_048
AUTHOR_LENGTH = 256
URL_LENGTH = 2_048
LARGEST_COLOR = 0xFFFFFF
TOTAL_LENGTH = 6_000
"""Code points of all titles, descriptions, field names and values, footers and authors of one message together."""


def read_embeds(form: Form) -> tuple[dict[str, Any], ...]:
    """A form's `embeds`, with what is wrong noted in the form."""
    embeds = form.forms("embeds", most=EMBEDS)
    read = tuple(_read_embed(embed) for embed in embeds)
    if sum(map(_length, read)) > TOTAL_LENGTH:
        form.wrong("embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {TOTAL_LENGTH}")
    return read


def _read_embed(form: Form) -> dict[str, Any]:
    embed: dict[str, Any] = {"type": "rich"}
    limits = {"title": TITLE_LENGTH, "description": DESCRIPTION_LENGTH, "url": URL_LENGTH, "timestamp": None}
    for key, longest in limits.items():
        text = form.text(key, longest=longest)
        if text:
            embed[key] = text
    color = form.number("color", least=0, most=LARGEST_COLOR)
    if color is not None:
        embed["color"] = color
    embed |= _read_parts(form)
    fields = [_read_field(field) for field in form.forms("fields", most=FIELDS)]
    if fields:
        embed["fields"] = fields
    return embed


def _read_parts(form: Form) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    footer = form.form("footer")
    if footer:
        parts["footer"] = {"text": footer.text("text", longest=FOOTER_LENGTH) or ""}
    author = form.form("author")
    if author:
        parts["author"] = {"name": author.text("name", longest=AUTHOR_LENGTH) or ""}
    for part in filter(None, (footer, author)):
        icon = part.text("icon_url", longest=URL_LENGTH)
        if icon:
            parts["footer" if part is footer else "author"]["icon_url"] = icon
    for key in ("image", "thumbnail"):
        picture = form.form(key)
        if picture:
            parts[key] = {"url": picture.text("url", longest=URL_LENGTH, required=True) or "", "width": 0, "height": 0}
    return parts


def _read_field(form: Form) -> dict[str, Any]:
    return {
        "name": form.text("name", longest=FIELD_NAME_LENGTH, required=True) or "",
        "value": form.text("value", longest=FIELD_VALUE_LENGTH, required=True) or "",
        "inline": form.flag("inline"),
    }


def _length(embed: dict[str, Any]) -> int:
    texts = [embed.get("title", ""), embed.get("description", "")]
    texts += [embed.get("footer", {}).get("text", ""), embed.get("author", {}).get("name", "")]
    texts += [text for field in embed.get("fields", ()) for text in (field["name"], field["value"])]
    return sum(map(len, texts))
