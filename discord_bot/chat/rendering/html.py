"""HTML that models leave in their text, turned into Discord's own marks.

The rule of this file: a tag is touched only where its meaning is known and it is well formed: both ends of it are
there, or it stands alone in its line. `List<String>` and `<name>` stay.
"""

# ruff: noqa: SIM905 - a list of names is read best as a line of words.
from __future__ import annotations

import html
import re
from typing import Final, NamedTuple

from discord_bot.chat.rendering.edits import Edit, line_start, next_line, prefix_at

TAG: Final = (
    r"""</?(?P<name>[a-zA-Z][a-zA-Z0-9]{0,14})"""
    r"""(?P<attributes>(?:\s+(?:open|[a-zA-Z][\w-]*\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'=<>`]+))){0,12})\s*/?>"""
)
RULE: Final = "─" * 12
"""A horizontal rule. Discord has none; it would show the three dashes."""

_SPANS: Final = {
    **dict.fromkeys(("b", "strong", "mark", "summary"), "**"),
    **dict.fromkeys(("i", "em", "cite", "var", "dfn"), "*"),
    **dict.fromkeys(("u", "ins"), "__"),
    **dict.fromkeys(("s", "del", "strike"), "~~"),
    **dict.fromkeys(("q",), '"'),
}
_HEADINGS: Final = {"h1": "# ", "h2": "## ", "h3": "### "}
_BOXES: Final = frozenset(
    "details p div span center font small big section article header footer main figure figcaption ul ol dl dt dd "
    "abbr label nav aside address time".split()
)
"""What is there for the sake of what is in it, and shows nothing itself."""

_ATTRIBUTE = re.compile(r"""([a-zA-Z][\w-]*)\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'=<>`]+))""")


class Tag(NamedTuple):
    """A tag as it stands in the text."""

    start: int
    end: int
    name: str
    closing: bool
    attributes: str

    @staticmethod
    def of(match: re.Match[str]) -> Tag:
        """The tag that `TAG` has found."""
        return Tag(*match.span(), match["name"].lower(), match[0].startswith("</"), match["attributes"] or "")

    def attribute(self, name: str) -> str:
        """The value of an attribute; empty for none."""
        for found in _ATTRIBUTE.finditer(self.attributes):
            if found[1].lower() == name:
                return html.unescape(found[2] or found[3] or found[4] or "")
        return ""


def edits(text: str, tags: list[Tag], *, heading: bool) -> list[Edit]:
    """What to replace so that these tags, all of a paragraph's, become marks."""
    found: list[Edit] = []
    partners = _partners(tags)
    lonely = _alone(text, tags)
    for index, tag in enumerate(tags):
        new = _single(text, tag, heading=heading)
        if new is None and (partner := partners.get(index)) is not None:
            new = _paired(text, tag, tags[partner])
        if new is None and tag.name in _BOXES and tag in lonely:
            new = ""
        if new is not None:
            found.append(Edit(*_with_line_end(text, tag, new), new))
    return found


def link(shown: str, address: str) -> str | None:
    """A link as Discord can show it, to the web alone; None where there is nothing to show."""
    shown = shown.strip()
    if not re.match(r"https?://[^\s/]", address, re.IGNORECASE):
        return shown or None
    if not shown or "://" in shown:  # a link that hides another is shown as text
        return address
    return f"[{shown}]({address})"


def _partners(tags: list[Tag]) -> dict[int, int]:
    """For each tag that has one, the tag that it belongs to."""
    partners: dict[int, int] = {}
    begun: dict[str, list[int]] = {}
    for index, tag in enumerate(tags):
        if not tag.closing:
            begun.setdefault(tag.name, []).append(index)
        elif begun.get(tag.name):
            opening = begun[tag.name].pop()
            partners[opening], partners[index] = index, opening
    return partners


def _alone(text: str, tags: list[Tag]) -> set[Tag]:
    """Those of the tags beside which nothing but tags stands in their lines, and `<details>` before its summary."""
    lonely: set[Tag] = set()
    position = 0
    while position < len(tags):
        begin = line_start(text, tags[position].start)
        line = [tag for tag in tags[position:] if line_start(text, tag.start) == begin]
        rest = text[begin:]
        stop = re.search(r"[\r\n]|\Z", rest)
        bare = rest[: stop.start()] if stop else rest
        for tag in reversed(line):
            bare = bare[: tag.start - begin] + bare[tag.end - begin :]
        if not bare.strip(" \t>"):
            lonely.update(line)
        lonely.update(tag for tag in line if tag.name == "details" and text.startswith("<summary", tag.end))
        position += len(line)
    return lonely


def _single(text: str, tag: Tag, *, heading: bool) -> str | None:
    """What a tag becomes that needs no other."""
    begin = line_start(text, tag.start)
    if tag.name == "br":
        if heading:
            return " "
        return "" if re.match(r"[ \t]*(?:[\r\n]|\Z)", text[tag.end : tag.end + 80]) else _new_line(text, begin)
    if tag.name == "hr":
        return RULE if not text[begin : tag.start].strip(" \t>") else None
    if tag.name == "img" and (address := tag.attribute("src")):
        return link(tag.attribute("alt"), address)
    return None


def _paired(text: str, tag: Tag, partner: Tag) -> str | None:
    """What one of two tags becomes that belong together."""
    begin = line_start(text, min(tag.start, partner.start))
    first = not text[begin : min(tag.start, partner.start)].strip(" \t>")
    if tag.name in _SPANS:
        return _SPANS[tag.name] if min(tag.end, partner.end) < max(tag.start, partner.start) else ""
    if tag.name in _BOXES:
        return ""
    if tag.name == "li" and first:
        return "" if tag.closing else "- "
    if tag.name in _HEADINGS and first:
        return "" if tag.closing else _HEADINGS[tag.name]
    if tag.name in ("h4", "h5", "h6") and first:
        return "**"
    if tag.name == "a":
        address = (partner if tag.closing else tag).attribute("href")
        if re.match(r"https?://[^\s/()]+[^\s()]*\Z", address):
            return f"]({address})" if tag.closing else "["
    return None


def _new_line(text: str, begin: int) -> str:
    return "\n" + next_line(prefix_at(text, begin))


def _with_line_end(text: str, tag: Tag, new: str) -> tuple[int, int]:
    """What is replaced: with the line's end where the tag is all that the line has, and it becomes nothing."""
    begin = line_start(text, tag.start)
    if (
        new == ""
        and tag.name != "br"
        and tag.start == begin
        and (end := re.match(r"\r\n|\n|\r", text[tag.end : tag.end + 2]))
    ):
        return tag.start, tag.end + end.end()
    return tag.start, tag.end
