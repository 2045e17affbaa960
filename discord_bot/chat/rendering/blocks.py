"""A section of text: what of its blocks Discord can't show as they are, and what is shown instead.

The rule of this file: markdown-it says where the blocks are; what is replaced are whole lines or marks within them, and
all the rest stays as it is. Discord's own Markdown is described here:
https://support.discord.com/hc/en-us/articles/210298617
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from discord_bot.chat.rendering import inline, tables
from discord_bot.chat.rendering.edits import Edit, apart, next_line, prefix_at
from discord_bot.chat.rendering.html import RULE

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LONGEST_HEADER: Final = 300
"""Characters of a line that the next one can make a heading, or the first row of a table."""
LONGEST_TITLE: Final = 80
"""Characters of a line that `---` below it makes a heading. Below a longer one it is meant as a rule."""

CONVERTIBLE: Final = re.compile(
    r"""
    [\#!\[<&$\\|*_=-] (?:                         # one of these is there, and behind it the rest of
        (?<=\#) \#{3}                              # deeper headings
      | (?<=!) \[ | (?<=\[) (?: \^ | [ xX]\][ \t] )  # images, footnotes, tasks
      | (?<=<) (?: /?[a-zA-Z] | !-- ) | (?<=&) [\#a-zA-Z]\w*;  # HTML
      | (?<=\$) | (?<=\\) [(\[]                     # formulas
      | (?<=\|) (?<!\|\|) (?!\|)                   # tables
      | (?<=[-*_=]) (?: [ \t]*[-*_=] ){2,} [ \t]*(?=[\r\n]|\Z)  # rules, and headings with a line below them
    )
    """,
    re.VERBOSE,
)
"""What every text has that something is to be replaced in. All others are not even parsed."""

_BREAKS = re.compile(r"\r\n|\n|\r")
_TASK = re.compile(r"\[([ xX])\](?=[ \t])")
_DEEP = re.compile(r"#{4,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*\Z")
_SENTENCE_END = re.compile(r"[.!?:;,。！？：；，]\W*\Z")
_PIPES_IN_CODE = re.compile(r"(`+)(?!`)[^`\n]*?\|[^`\n]*?(?<!`)\1(?!`)")


def edits(text: str, indent: int) -> list[Edit]:
    """What to replace in a section that stands in a list with this indentation."""
    if not CONVERTIBLE.search(text):
        return []
    reader = _Reader(text, indent)
    reader.read()
    return apart(reader.edits)


class _Reader:
    """Goes through the blocks of a section once."""

    def __init__(self, text: str, indent: int) -> None:
        self._text = text
        self._starts = [0, *(found.end() for found in _BREAKS.finditer(text))]
        self._ends = [*(found.start() for found in _BREAKS.finditer(text)), len(text)]
        self._indent = indent
        self.edits: list[Edit] = []

    def read(self) -> None:
        tokens = _parser().parse(self._parsable())
        index = 0
        while index < len(tokens):
            token = tokens[index]
            index += 1
            if token.type == "table_open":
                self._table(token)
                while tokens[index].type != "table_close" or tokens[index].level != token.level:
                    index += 1
            elif token.type == "hr":
                self._rule(*self._lines(token))
            elif token.type == "list_item_open":
                self._task(self._lines(token)[0])
            elif token.type == "heading_open":
                self._heading(token)
                index += 1
            elif token.type == "inline":
                first, last = self._lines(token)
                self._running_text(self._starts[first], self._ends[last])

    def _parsable(self) -> str:
        """The text for the parser: with the same lines, but without the indentation of the list that it stands in."""
        lines = [self._text[start:end] for start, end in zip(self._starts, self._ends, strict=True)]
        leading = len(lines[0]) - len(lines[0].lstrip(" "))
        within = min(leading, self._indent)
        if within:
            lines = [line[min(within, len(line) - len(line.lstrip(" "))) :] for line in lines]
        # A pipe in inline code is no end of a cell to those who write it.
        return "\n".join(
            _PIPES_IN_CODE.sub(lambda found: found[0].replace("|", "/"), line) if "|" in line and "`" in line else line
            for line in lines
        )

    def _lines(self, token: Token) -> tuple[int, int]:
        """The first and the last line of a block that have text."""
        first, stop = token.map or (0, 1)
        last = min(stop, len(self._starts)) - 1
        while last > first and not self._line(last).strip():
            last -= 1
        return first, last

    def _line(self, index: int) -> str:
        return self._text[self._starts[index] : self._ends[index]]

    def _running_text(self, start: int, end: int, *, heading: bool = False) -> None:
        self.edits += inline.edits(self._text, start, end, heading=heading)

    def _table(self, token: Token) -> None:
        first, last = self._lines(token)
        if len(self._line(first)) > LONGEST_HEADER:
            return
        prefix = prefix_at(self._text, self._starts[first])
        quote = re.compile(r"[ \t>]*") if ">" in prefix else re.compile(r"[ \t]*")
        lines = [self._line(first)[len(prefix) :]]
        lines += [quote.sub("", self._line(index), count=1) for index in range(first + 1, last + 1)]
        start = self._starts[first] + len(prefix)
        self.edits.append(Edit(start, self._ends[last], tables.render(lines, next_line(prefix))))

    def _rule(self, line: int, _: int) -> None:
        text = self._line(line)
        mark = re.search(r"(?:[-*_][ \t]*){3,}\Z", text)
        if mark:
            self.edits.append(Edit(self._starts[line] + mark.start(), self._ends[line], RULE))

    def _task(self, line: int) -> None:
        prefix = len(prefix_at(self._text, self._starts[line]))
        if found := _TASK.match(self._text, self._starts[line] + prefix):
            self.edits.append(Edit(*found.span(), "☐" if found[1] == " " else "☑"))

    def _heading(self, token: Token) -> None:
        first, last = self._lines(token)
        start = self._starts[first] + len(prefix_at(self._text, self._starts[first]))
        if token.markup in ("=", "-"):
            self._running_text(start, self._ends[last - 1], heading=last - first == 1)
            self._underlined(first, last, start, token.markup)
            return
        self._running_text(start, self._ends[last], heading=True)
        found = _DEEP.match(self._text[start : self._ends[last]])
        if found is None or not found[1]:
            return
        # A heading of the fourth size is bold text; where there is some bold in it, it is one of the third.
        content = found[1]
        bold = "**" not in content
        opening = "**" if bold else "" if content.startswith("**") and content.endswith("**") else "### "
        self.edits.append(Edit(start, start + found.start(1), opening))
        self.edits.append(Edit(start + found.end(1), self._ends[last], "**" if bold else ""))

    def _underlined(self, first: int, last: int, start: int, mark: str) -> None:
        """A heading with a line below it; or a rule without the empty line before it that it should have."""
        title = self._text[start : self._ends[first]]
        single = last - first == 1
        if mark == "=" and not (single and len(self._line(first)) <= LONGEST_HEADER):
            return
        if mark == "-" and not (single and len(title) <= LONGEST_TITLE and not _SENTENCE_END.search(title)):
            if len(self._line(last).strip(" \t>")) >= 3:
                self._rule(last, last)
            return
        if len(self._line(last).strip(" \t>")) < 3:
            return
        self.edits.append(Edit(start, start, "# " if mark == "=" else "## "))
        self.edits.append(Edit(self._ends[first], self._ends[last], ""))


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # most replies have nothing for it

    parser = MarkdownIt("zero")
    parser.block.ruler.enableOnly(["table", "code", "blockquote", "hr", "list", "heading", "lheading", "paragraph"])
    parser.core.ruler.enableOnly(["normalize", "block"])  # what is within a line is none of its business
    return parser
