"""A persona -> YAML, and into the text of a configuration, of which everything else stays as it is, byte for byte.

What can't be done so is not done: a result counts only if, read again, it says what the text said before, and the
persona what it is to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

import yaml

from discord_bot.config.yaml_file import Value, read_document

ENDLESS: Final = 1 << 20
"""Characters of a line: where texts are broken is theirs to say."""
STEP: Final = 2
"""Columns by which a key stands further in than the one above it."""

Span: TypeAlias = tuple[int, int]
Pair: TypeAlias = tuple[yaml.Node, yaml.Node]
_COMMENT: Final = re.compile(r"(?<!\S)#[^\r\n]*")


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as they are, lists with their dashes further in, and nothing twice by an alias."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def written(value: Mapping[str, Any]) -> str:
    """A mapping as YAML for people to read."""
    return str(yaml.dump(dict(value), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=ENDLESS, indent=STEP))


def parameters_in(text: str) -> dict[str, Any] | None:
    """The mapping that a YAML text is, an empty one for no text; None where it is something else."""
    document = read_document(text, {})
    if document.problems or not (document.value is None or isinstance(document.value, dict)):
        return None
    return document.value or {}


def with_persona(text: str, name: str, values: Mapping[str, Any]) -> str | None:
    """The configuration with these values for that persona, new or in the place of its own.

    None where the text is not of a form in which that can be done without touching anything else.
    """
    before = read_document(text, {})
    said = before.value.get("personas") if isinstance(before.value, dict) else None
    if before.problems or not isinstance(before.value, dict) or not isinstance(said, dict):
        return None
    personas = _below(yaml.compose(text, Loader=yaml.SafeLoader), "personas")
    if not isinstance(personas, yaml.MappingNode) or personas.flow_style or not personas.value:
        return None
    values = _with_the_same_space(values, said.get(name))
    newline = "\r\n" if "\r\n" in text else "\n"
    own = next((pair for pair in personas.value if pair[0].value == name), None)
    if own is None:
        result = _added(text, personas, written({name: dict(values)}), newline)
    elif isinstance(own[1], yaml.MappingNode) and not own[1].flow_style and own[1].value:
        result = _changed(text, own[1], said.get(name), values, newline)
    else:
        start, end = _span(text, own)
        result = text[:start] + _instead(text, own, written({name: dict(values)}), newline) + text[end:]
    wanted: dict[str, Value] = {**before.value, "personas": {**said, name: dict(values)}}
    after = read_document(result, {})
    return result if not after.problems and after.value == wanted and after.unset == before.unset else None


def _with_the_same_space(values: Mapping[str, Any], before: Value) -> dict[str, Any]:
    """The values, but a text that differs from the one before only by the space around it as that one."""
    was: Mapping[str, Value] = before if isinstance(before, dict) else {}

    def same(one: object, other: object) -> bool:
        return isinstance(one, str) and isinstance(other, str) and one.strip() == other.strip()

    return {key: was[key] if key in was and same(value, was[key]) else value for key, value in values.items()}


def _below(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)


def _added(text: str, personas: yaml.MappingNode, addition: str, newline: str) -> str:
    """The text with one more persona behind the last one, as far from it as the last one is from the one before."""
    spans = [_span(text, pair) for pair in personas.value]
    end = spans[-1][1]
    apart = len(spans) > 1 and not text[spans[-2][1] : spans[-1][0]].split("\n", 1)[0].strip()
    between = newline if apart and "\n" in text[spans[-2][1] : spans[-1][0]] else ""
    closing = "" if text[:end].endswith("\n") else newline
    column = personas.value[0][0].start_mark.column
    return text[:end] + closing + between + _set_in(addition, column, newline) + text[end:]


def _changed(text: str, node: yaml.MappingNode, before: Value, values: Mapping[str, Any], newline: str) -> str:
    """The text with what differs in a persona's mapping; a key that says the same already stays with its comments."""
    said = before if isinstance(before, dict) else {}
    column = node.value[0][0].start_mark.column
    spans = {pair[0].value: _span(text, pair) for pair in node.value}
    edits: list[tuple[Span, str]] = []
    for pair in node.value:
        key = pair[0].value
        if key not in values or said.get(key) != values[key]:
            new = written({key: values[key]}) if key in values else ""
            edits.append((spans[key], _instead(text, pair, new, newline)))
    more = {key: value for key, value in values.items() if key not in spans}
    end = max(end for _, end in spans.values())
    if more:
        closing = "" if text[:end].endswith("\n") else newline
        edits.append(((end, end), closing + _set_in(written(more), column, newline)))
    for (start, stop), replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[stop:]
    return text


def _span(text: str, pair: Pair) -> Span:
    """The whole lines of a key and its value, without comments and blank lines behind that are not within it."""
    key, value = pair
    start = text.rfind("\n", 0, key.start_mark.index) + 1
    end = max(key.end_mark.index, value.end_mark.index)
    line = text.rfind("\n", 0, end) + 1
    # The end of what stands in lines of its own is where the next thing begins.
    end = line if not text[line:end].strip() else text.find("\n", end) + 1 or len(text)
    lines = text[start:end].splitlines(keepends=True)
    while len(lines) > 1 and _is_beyond(lines[-1], key.start_mark.column):
        lines.pop()
    return start, start + sum(map(len, lines))


def _instead(text: str, pair: Pair, lines: str, newline: str) -> str:
    """The lines in the place of a key and its value, with the comments that stood among these."""
    column, comments = pair[0].start_mark.column, _comments(text, pair)
    if len(comments) == 1 and lines.count("\n") == 1 and not lines.startswith("#"):
        return _set_in(f"{lines.rstrip()}  {comments[0]}", column, newline)
    kept = "".join(f"{comment}\n" for comment in comments) + lines
    return _set_in(kept, column, newline) if kept else ""


def _comments(text: str, pair: Pair) -> list[str]:
    """The comments in the lines of a key and its value: whatever begins with # and is not within one of its scalars."""
    _, end = _span(text, pair)
    comments: list[str] = []
    position = pair[0].end_mark.index
    for leaf in _leaves(pair[1]):
        between = text[position : leaf.start_mark.index]
        if leaf.style in ("|", ">"):  # behind its sign, up to the line's end
            between += text[leaf.start_mark.index :].split("\n", 1)[0]
        comments += _COMMENT.findall(between)
        position = leaf.end_mark.index
    return [comment.rstrip() for comment in comments + _COMMENT.findall(text[position:end])]


def _leaves(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    else:
        for each in node.value:
            for part in each if isinstance(each, tuple) else (each,):
                yield from _leaves(part)


def _is_beyond(line: str, column: int) -> bool:
    """Whether a line is blank, or a comment that stands no further in than the key."""
    content = line.lstrip(" ")
    return not content.strip() or (content.startswith("#") and len(line) - len(content) <= column)


def _set_in(lines: str, column: int, newline: str) -> str:
    """The lines so many columns further in."""
    return "".join(
        f"{' ' * column}{line}{newline}" if line else newline for line in lines.removesuffix("\n").split("\n")
    )
