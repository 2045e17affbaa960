"""Running text: images, footnotes, formulas, entities; and where the HTML is, which `html` turns into marks.

The rule of this file: a link's address, inline code and what is escaped are passed by. Where something looks like
markup and is not quite, it stays.
"""

from __future__ import annotations

import html as entities
import re
from typing import TYPE_CHECKING, Final

from discord_bot.chat.rendering import html
from discord_bot.chat.rendering.edits import Edit, line_start, next_line, prefix_at
from discord_bot.chat.rendering.math import lowered, raised, readable

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_SPAN: Final = 1000
"""Characters of inline code, a formula, a comment. What goes on for longer is none."""

_DESTINATION = r"""\(\s*(?:<([^<>\n]*)>|((?:[^\s()<>]|\([^\s()]*\))*))(?:\s+(?:"[^"\n]*"|'[^'\n]*'))?\s*\)"""
_FOUND = re.compile(
    rf"""
      (?P<math> \\\( (?P<round> [^\n]{{1,300}}? ) \\\)
        | \$ (?P<dollar> [^\s$] (?: [^$\n]{{0,300}}? [^\s$\\] )? ) \$ (?![\w$])
        | \$\$ (?P<dollars> (?:(?!\$\$|\n[ \t>]*\n).){{1,{LONGEST_SPAN}}} ) \$\$
        | \\\[ (?P<square> (?:(?!\\[\[\]]|\n[ \t>]*\n).){{1,{LONGEST_SPAN}}} ) \\\] )
    | (?P<escaped> \\[!-/:-@\[-`{{-~] )
    | (?P<code> (?<!`) (?P<ticks> `{{1,16}} ) (?!`) (?: (?!\n[ \t>]*\n) . ){{1,{LONGEST_SPAN}}}? (?<!`) (?P=ticks) (?!`)
        | `+ )
    | (?P<url> https?:// [^\s<>\]]+ | <[@#:/]?[a-z]*:[^<>\s]*> )
    | (?P<picture> (?P<linked> \[ )? !\[ (?P<alt> [^\[\]\n]{{0,300}} ) \] {_DESTINATION}
        (?(linked) \] {_DESTINATION} ) )
    | (?P<address> \] {_DESTINATION} )
    | (?P<footnote> \[\^ (?P<label> [^\]\s^]{{1,20}} ) \] (?P<definition> :[ \t]* )? )
    | (?P<comment> <!-- (?: (?!-->) . ){{0,{LONGEST_SPAN}}} --> )
    | (?P<shift> <(?P<script>su[bp])> (?P<shifted> [^<>\n]{{1,40}} ) </(?P=script)> )
    | (?P<literal> <(?P<kind>code|kbd|samp|tt|pre)(?:\s[^<>]*)?> (?P<content> .{{1,{LONGEST_SPAN}}}? ) </(?P=kind)> )
    | (?P<tag> {html.TAG} )
    | (?P<entity> &(?:\#\d{{1,7}}|\#[xX][0-9A-Fa-f]{{1,6}}|[A-Za-z][A-Za-z0-9]{{1,30}}); )
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_FORMULA = re.compile(r"\\[A-Za-z]|[\^_=<>]")
_LETTERS = re.compile(r"(?=[^A-Za-z]*[A-Za-z])(?:[\d\W]|(?<![A-Za-z])[A-Za-z]{1,2}(?![A-Za-z]))+")
_SPECIAL = re.compile(r"([*_`~|\\])")


def edits(text: str, start: int, end: int, *, heading: bool = False) -> list[Edit]:
    """What to replace in a stretch of running text; a heading has but one line."""
    found: list[Edit] = []
    tags: list[html.Tag] = []
    for match in _FOUND.finditer(text, start, end):
        if match["tag"]:
            tags.append(html.Tag.of(match))
        elif (render := _RENDER.get(match.lastgroup or "")) and (new := render(text, match)) is not None:
            found.append(Edit(*match.span(), new))
    if tags:
        found = sorted([*found, *html.edits(text, tags, heading=heading)])
    return found


def _math(text: str, match: re.Match[str]) -> str | None:
    latex = (match["round"] or match["dollar"] or match["dollars"] or match["square"]).strip()
    if not (_FORMULA.search(latex) or (len(latex) <= 40 and _LETTERS.fullmatch(latex))):
        return None
    shown = readable(latex)
    begin = line_start(text, match.start())
    before, behind = text[begin : match.start()], text[match.end() :]
    prefix = prefix_at(text, begin)
    display = (match["dollars"] or match["square"]) and before == prefix and re.match(r"[ \t]*(?:\r|\n|\Z)", behind)
    if shown:
        return _SPECIAL.sub(r"\\\1", shown)
    if "`" in latex:
        return None
    if not display:
        return f"`{' '.join(latex.split())}`"
    indent = next_line(prefix)
    lines = [line.removeprefix(indent.rstrip()).strip() for line in latex.splitlines()]
    return f"\n{indent}".join(["```latex", *lines, "```"])


def _picture(_: str, match: re.Match[str]) -> str | None:
    # The groups of an address are the last ones; of a linked picture, the link counts.
    addresses = [each for each in match.groups()[_ADDRESSES : _ADDRESSES + 4] if each]
    if not addresses:
        return match["alt"]
    return html.link(match["alt"], addresses[-1] if match["linked"] else addresses[0])


def _footnote(text: str, match: re.Match[str]) -> str | None:
    label = match["label"]
    number = raised(label) if label.isascii() and label.isdigit() else f"[{label}]"
    if match["definition"] is None:
        return number
    begin = line_start(text, match.start())
    if text[begin : match.start()].strip(" \t"):
        return None
    return f"-# {number} "


def _shift(_: str, match: re.Match[str]) -> str | None:
    content = entities.unescape(match["shifted"])
    shifted = lowered(content) if match["script"].lower() == "sub" else raised(content)
    return shifted.replace("_", "\\_") if shifted[0] == "_" else shifted


def _literal(_: str, match: re.Match[str]) -> str | None:
    content = entities.unescape(match["content"])
    if "`" in content or "\n" in content or match["kind"].lower() == "pre" or not content.strip():
        return None
    return f"`{content}`"


def _entity(_: str, match: re.Match[str]) -> str | None:
    character = entities.unescape(match[0])
    if character == match[0]:
        return None
    if character in ("\xa0", "\u2002", "\u2003"):
        return " "
    return f"\\{character}" if character in "*_`~|\\<>#[]" else character


_RENDER: Final[dict[str, Callable[[str, re.Match[str]], str | None]]] = {
    "math": _math,
    "picture": _picture,
    "footnote": _footnote,
    "comment": lambda _text, _match: "",
    "shift": _shift,
    "literal": _literal,
    "entity": _entity,
}
_ADDRESSES: Final = _FOUND.groupindex["alt"]
