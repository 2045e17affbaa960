"""Code in colours: a text and the name of its language -> HTML with a class for each kind of word.

Pygments knows the languages. It is imported with the first code block that names one, and each of its lexers with the
first block in that language. What comes out is the text itself, escaped, in spans; nothing else.
"""

from __future__ import annotations

from functools import cache, lru_cache
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

REMEMBERED = 256
"""Blocks whose colours are kept: every edit of a growing answer shows those again that stand already."""

_KINDS = {
    "Keyword": "keyword",
    "Name.Tag": "keyword",
    "Operator.Word": "keyword",
    "Comment": "comment",
    "Literal.String": "string",
    "Literal.Number": "number",
    "Literal.Date": "number",
    "Name.Function": "name",
    "Name.Class": "name",
    "Name.Decorator": "name",
    "Name.Builtin": "builtin",
    "Name.Attribute": "builtin",
    "Name.Constant": "builtin",
    "Name.Variable": "builtin",
    "Generic.Inserted": "inserted",
    "Generic.Deleted": "deleted",
    "Generic.Heading": "keyword",
    "Generic.Subheading": "keyword",
    "Generic.Prompt": "comment",
}
"""Pygments' kinds of words that have a colour, and which: a few that are told apart at a glance."""


@lru_cache(maxsize=REMEMBERED)
def coloured(code: str, language: str) -> str:
    """The code as HTML: in colours where the language is known, else as it is."""
    lexer = _lexer(language.lower())
    if lexer is None:
        return escape(code)
    whole = code + "\n"  # many a language's last word is known by the end of its line
    words = [(_class_of(kind), text) for kind, text in lexer.get_tokens(whole)]
    if "".join(text for _, text in words) != whole:  # some lexers drop what they don't understand
        return escape(code)
    shown = "".join(
        f'<span class="code-{name}">{text}</span>' if name else text
        for name, run in groupby(words, key=lambda word: word[0])
        if (text := escape("".join(text for _, text in run)))
    )
    return _without_last_line_break(shown)


def _without_last_line_break(shown: str) -> str:
    before, _, after = shown.rpartition("\n")
    return before + after


@lru_cache(maxsize=REMEMBERED)
def _lexer(language: str) -> Lexer | None:
    """The language's lexer, which is to change nothing of a text; None for a language that nobody knows."""
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


@cache
def _class_of(kind: _TokenType) -> str | None:
    """The colour of a kind of word: its own, or that of the kind that it is one of."""
    while kind.parent is not None:
        if (name := str(kind).removeprefix("Token.")) in _KINDS:
            return _KINDS[name]
        kind = kind.parent
    return None
