"""Code: fences that Discord knows around it, and a file for what no single message can hold.

The rule of this file: what is in the code stays as it is. There is one exception, because Discord knows no fence that
could hold them: between three backticks in code, invisible spaces are put, and the code itself is added as a file.
"""

# ruff: noqa: SIM905 - a table is read best as lines of words.
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from discord_bot.chat.characters import units
from discord_bot.chat.rendering.edits import Edit, next_line
from discord_bot.chat.rendering.sections import Place, line_at, sections

if TYPE_CHECKING:
    from collections.abc import Iterator

    from discord_bot.chat.rendering.sections import CodeFence, Section

FENCE: Final = "```"
"""The one fence that Discord knows. https://support.discord.com/hc/en-us/articles/210298617"""
MOST_FILES: Final = 9
"""Files for code. A message can have ten, and one may be for the rest of a reply.
https://discord.com/developers/docs/resources/message#create-message-jsonform-params
"""
EXTENSIONS: Final = dict(
    pair.split(":")
    for pair in (
        "python:py py:py python3:py javascript:js js:js jsx:jsx typescript:ts ts:ts tsx:tsx java:java kotlin:kt "
        "kt:kt c:c h:h cpp:cpp c++:cpp cc:cpp csharp:cs cs:cs c#:cs go:go golang:go rust:rs rs:rs ruby:rb rb:rb "
        "php:php swift:swift scala:scala dart:dart lua:lua perl:pl pl:pl r:r julia:jl jl:jl haskell:hs hs:hs "
        "elixir:ex ex:ex erlang:erl clojure:clj clj:clj ocaml:ml ml:ml fsharp:fs f#:fs zig:zig nim:nim sql:sql "
        "bash:sh sh:sh shell:sh zsh:sh powershell:ps1 ps1:ps1 bat:bat batch:bat cmd:bat html:html xml:xml svg:svg "
        "css:css scss:scss sass:sass less:less json:json json5:json5 jsonc:jsonc yaml:yaml yml:yml toml:toml "
        "ini:ini csv:csv tsv:tsv markdown:md md:md latex:tex tex:tex diff:diff patch:patch makefile:mk "
        "cmake:cmake dockerfile:dockerfile graphql:graphql proto:proto protobuf:proto vue:vue svelte:svelte "
        "groovy:groovy gradle:gradle asm:asm nasm:asm matlab:m objective-c:m objectivec:m vb:vb pascal:pas "
        "fortran:f90 lisp:lisp scheme:scm racket:rkt vim:vim nix:nix terraform:tf hcl:tf solidity:sol gdscript:gd "
        "glsl:glsl wgsl:wgsl mermaid:mmd"
    ).split()
)
"""The name of a language, as models write it behind a fence -> how its files end. All others end in .txt."""

_THREE_BACKTICKS = re.compile("``(?=`)")
_FENCES = re.compile(r"(^[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?)?(`{3,}|~{3,})([^\s`~]*)", re.MULTILINE)
_APART: Final = "``\u200b"
_FILE_NAME = re.compile(r"(?:\A|[\s:=\"'/])([\w-][\w.-]{0,60}\.[A-Za-z0-9]{1,8})(?=[\s\"'}]|\Z)")


@dataclass(frozen=True, slots=True)
class CodeFile:
    """A code block as a file."""

    name: str
    content: str


def edits(text: str, section: Section) -> list[Edit]:
    """What to replace in a section of code, by positions in it."""
    fence = section.begin.fence
    assert fence is not None
    found: list[Edit] = []
    inside, outside = _content(text, section, fence)
    if not section.begin.begun:
        marked = 0 if fence.in_line else len(fence.prefix)
        line_end = marked + len(fence.marks) + len(fence.info)
        if fence.marks != FENCE or fence.info.strip() != fence.language:
            found.append(Edit(marked, line_end, FENCE + fence.language))
    if FENCE in text:
        found += (Edit(*ticks.span(), _APART) for ticks in _THREE_BACKTICKS.finditer(text, inside, outside))
    if section.closes and fence.marks != FENCE and not fence.in_line:
        found.append(Edit(outside, len(text.rstrip()), FENCE))
    return found


def files(source: str, room: int) -> list[CodeFile]:
    """The code blocks that go out as files, too.

    Those are the ones that no message of `room` characters can hold, which nobody could copy in one go; and the ones
    that had to be shown with something in between. They stay in the pages: what people have read is not taken away.
    """
    found: list[CodeFile] = []
    if _all_small(source, room):
        return found
    for fence, content in _blocks(source):
        shown = len(fence.language) + 2 * len(FENCE) + 2
        if units(content) + shown > room or _THREE_BACKTICKS.search(content):
            found.append(CodeFile(_name(fence, {file.name for file in found}), content))
    return found[:MOST_FILES]


def _all_small(source: str, room: int) -> bool:
    """Whether it can be seen at a glance that no code block is long or has fences in it: nearly always."""
    if FENCE not in source and "~~~" not in source:
        return True
    fences = list(_FENCES.finditer(source))
    for one, other in zip(fences[::2], fences[1::2], strict=False):
        if one[1] is None or other[1] is None or other[3] or not one[2] == other[2] == FENCE:
            return False
        if 2 * (other.end() - one.start()) > room and units(source[one.start() : other.end()]) > room:
            return False
    return len(fences) % 2 == 0


def _blocks(source: str) -> Iterator[tuple[CodeFence, str]]:
    """Each code block of a reply: its fence, and what is in it."""
    content = ""
    for section in sections(source, Place(), ended=True):
        fence = section.begin.fence
        if fence is None:
            continue
        text = source[section.begin.position : section.after.position]
        content = ("" if not section.begin.begun else content) + text[slice(*_content(text, section, fence))]
        if section.after.fence is None or not section.after.begun or section.after.position == len(source):
            yield fence, _without_prefix(content, fence)


def _content(text: str, section: Section, fence: CodeFence) -> tuple[int, int]:
    """Where in a section the code begins and ends."""
    inside = 0 if section.begin.begun else len(line_at(text, 0))
    if not section.closes:
        return inside, len(text)
    last = max(text.rstrip().rfind("\n"), text.rstrip().rfind("\r")) + 1
    closer = fence.closer(text[last:])
    return inside, max(inside, last + closer[0] if closer else len(text))


def _without_prefix(content: str, fence: CodeFence) -> str:
    prefix = "" if fence.in_line else next_line(fence.prefix)
    lines = content.splitlines(keepends=True)
    if fence.quoted:
        lines = [re.sub(r"\A[ \t]*>[ \t]?", "", line) for line in lines]
    elif prefix:
        lines = [line[min(len(prefix), len(line) - len(line.lstrip(" \t"))) :] for line in lines]
    return "".join(lines).rstrip() + "\n"


def _name(fence: CodeFence, taken: set[str]) -> str:
    named = _FILE_NAME.search(fence.info)
    stem, _, extension = (
        named[1].rpartition(".") if named else ("code", ".", EXTENSIONS.get(fence.language.lower(), "txt"))
    )
    name, number = f"{stem}.{extension}", 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}.{extension}"
    return name
