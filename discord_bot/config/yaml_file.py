"""YAML text -> plain values, with the line of each, and every `NAME_env` replaced by what the environment holds.

Everything that knows YAML lives here; what the keys mean is not known here. Values are JSON's: text, numbers, true and
false, null, lists, and mappings whose keys are always text, as written (`no:` is the key "no"). Whatever is wrong
is collected, not raised: the reader goes on and says all of it at once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import yaml

from discord_bot.config.sentences import problem

if TYPE_CHECKING:
    from discord_bot.errors import Problem

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"
KeyPath: TypeAlias = tuple[str | int, ...]

MAX_VALUES = 100_000
"""Values in one file, counted each time that an alias repeats them: a small file can stand for a huge one."""

MAX_DEPTH = 50
"""Keys beneath keys."""

ENV_SUFFIX = "_env"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SURELY_A_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
"""A variable's name as people write them. Anything else might be a key that was pasted there, and is never quoted."""

_HALF = re.compile("[\ud800-\udfff]")
"""Half a character, which only an escape such as "\\ud83d" can write: no UTF-8 can hold it."""
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What a key can't hold, because a path that is shown in one line couldn't."""

_TAG = "tag:yaml.org,2002:"
_AS_WRITTEN: Final = {_TAG + "str", _TAG + "timestamp", _TAG + "value"}
_CONSTRUCTED: Final = {_TAG + "int", _TAG + "float", _TAG + "bool", _TAG + "null"}


class FromEnvironment(str):
    """A value that an environment variable holds: text there, and read as whatever its key wants."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says."""

    value: Value
    lines: Mapping[KeyPath, int]
    """The line of each key and each item of a list, counted from 1; an `_env` key stands for the key without it."""
    unset: Mapping[KeyPath, str]
    """Keys whose environment variable is not set, and the variable's name where it surely is a name, else ""."""
    problems: tuple[Problem, ...]

    def line(self, path: KeyPath) -> int | None:
        """The line of that key, or of the nearest key above it that has one."""
        return next((self.lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self.lines), None)


def read_document(text: str, environ: Mapping[str, str]) -> Document:
    """What the YAML text says, with the values that it takes from the environment. Raises nothing."""
    reader = _Reader(environ)
    value: Value = None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        value = None if node is None else reader.read(node, ())
    except _TooManyError:
        reader.problems.append(problem("yaml_many", limit=MAX_VALUES))
    except RecursionError:
        reader.problems.append(problem("yaml_deep"))
    except yaml.MarkedYAMLError as error:
        reader.problems.append(_syntax_problem(error))
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, error.position - (before.rfind("\n") + 1) + 1
        reader.problems.append(problem("yaml_character", (), line, column=column))
    except (yaml.YAMLError, ValueError, OverflowError):  # such as "\UFFFFFFFF", beyond the last character
        reader.problems.append(problem("yaml_escape_somewhere"))
    return Document(value, reader.lines, reader.unset, tuple(reader.problems))


def read_variable(text: str) -> Value:
    """What an environment variable's text stands for where the key does not want text: YAML's reading of it.

    Text that is no YAML stays text, and the key then says what it wanted.
    """
    document = read_document(text, {})
    return text if document.problems else document.value


class _TooManyError(Exception):
    """More than MAX_VALUES values."""


@dataclass(slots=True)
class _Reader:
    environ: Mapping[str, str]
    lines: dict[KeyPath, int] = field(default_factory=dict)
    unset: dict[KeyPath, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    values: int = 0
    loader: yaml.SafeLoader = field(default_factory=lambda: yaml.SafeLoader(""))
    open: set[int] = field(default_factory=set)
    """The nodes that are being read: one that is met again contains itself."""

    def read(self, node: yaml.Node, path: KeyPath) -> Value:
        self.values += 1
        if self.values > MAX_VALUES:
            raise _TooManyError
        if len(path) > MAX_DEPTH:
            raise RecursionError
        if id(node) in self.open:
            return self._wrong("yaml_itself", node, path)
        self.open.add(id(node))
        try:
            match node:
                case yaml.MappingNode() if node.tag == _TAG + "map":
                    return self._mapping(node, path)
                case yaml.SequenceNode() if node.tag == _TAG + "seq":
                    return self._sequence(node, path)
                case yaml.ScalarNode():
                    return self._scalar(node, path)
                case _:
                    return self._wrong("yaml_tag", node, path)
        finally:
            self.open.discard(id(node))

    def _wrong(self, key: str, node: yaml.Node, path: KeyPath, **facts: Any) -> Value:
        """Notes what is wrong there; what is read instead is nothing."""
        self.problems.append(problem(key, path, _line(node), **facts))
        return None

    def _sequence(self, node: yaml.SequenceNode, path: KeyPath) -> list[Value]:
        values = []
        for index, item in enumerate(node.value):
            self.lines.setdefault((*path, index), _line(item))
            values.append(self.read(item, (*path, index)))
        return values

    def _scalar(self, node: yaml.ScalarNode, path: KeyPath) -> Value:
        text: str = node.value
        if _HALF.search(text):
            return self._wrong("yaml_scalar", node, path)
        if node.tag in _AS_WRITTEN:
            return text
        if node.tag not in _CONSTRUCTED:
            return self._wrong("yaml_tag", node, path)
        try:
            value: Value = self.loader.construct_object(node)
        except (ValueError, KeyError, IndexError, OverflowError):  # such as `!!int x`, `0b`, or 5,000 digits
            return self._wrong("yaml_scalar", node, path)
        if isinstance(value, float) and not math.isfinite(value):  # JSON has no such number
            return self._wrong("yaml_scalar", node, path)
        return value

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Value]:
        written: dict[str, Value] = {}
        merged: dict[str, Value] = {}
        first: dict[str, int] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _TAG + "merge":
                for name, value in self._merged(value_node, path):
                    merged.setdefault(name, value)
                continue
            name = key_node.value
            if not isinstance(key_node, yaml.ScalarNode) or _UNFIT.search(name):
                self._wrong("yaml_key", key_node, path)
                continue
            if name in first:
                self._wrong("key_twice", key_node, (*path, name), first=first[name])
                continue
            first[name] = _line(key_node)
            self.lines[*path, name] = _line(key_node)
            written[name] = self.read(value_node, (*path, name))
        return self._with_environment({**merged, **written} if merged else written, path)

    def _merged(self, node: yaml.Node, path: KeyPath) -> Iterator[tuple[str, Value]]:
        """What `<<: *anchor` takes in: one mapping, or a list of them of which the first one wins."""
        for each in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            if isinstance(taken := self.read(each, path), dict):
                yield from taken.items()
            else:
                self._wrong("yaml_merge", each, path)

    def _with_environment(self, values: dict[str, Value], path: KeyPath) -> dict[str, Value]:
        """Each `NAME_env: VARIABLE` replaced by `NAME` with what the variable holds; one that is empty is not set.

        Where `NAME` is given too, it is what holds while the variable is not set.
        """
        result: dict[str, Value] = {}
        for name, value in values.items():
            key = name.removesuffix(ENV_SUFFIX)
            if not key or key == name:
                result.setdefault(name, value)
                continue
            here = (*path, key)
            line = self.lines.get((*path, name))
            if line is not None and key not in values:
                self.lines[here] = line
            if not isinstance(value, str) or not _VARIABLE.fullmatch(value):
                named = [part for part in (*path[-1:], key) if isinstance(part, str)]  # openai.api_key: OPENAI_API_KEY
                example = re.sub("[^A-Z0-9]+", "_", "_".join(named).upper()).strip("_") or "NAME"
                self.problems.append(problem("env_name", (*path, name), line, example=example, plain=key))
            elif held := self.environ.get(value, "").strip():
                result[key] = FromEnvironment(held)
            elif key not in values:
                self.unset[here] = value if _SURELY_A_NAME.fullmatch(value) else ""
        return result


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


_SYNTAX: Final = (
    # What PyYAML's own words contain, and our sentence for it; the first that fits is used.
    (r"character '\\t'", "yaml_tab"),
    ("mapping values are not allowed", "yaml_colon"),
    ("could not find expected ':'", "yaml_no_colon"),
    ("unknown escape|escape sequence", "yaml_escape"),
    ("quoted scalar", "yaml_quote"),
    ("flow (sequence|mapping)|expected ',' or", "yaml_bracket"),
    ("undefined alias", "yaml_alias"),
    ("cannot start any token|expected alphabetic", "yaml_start"),
    ("single document", "yaml_documents"),
    ("block (mapping|collection|end)|not allowed here|expected <block end>", "yaml_indentation"),
)


def _syntax_problem(error: yaml.MarkedYAMLError) -> Problem:
    """Where the file stops being YAML, in our words: PyYAML's quote the file, and there may be a key in it."""
    words = f"{error.problem or ''} {error.context or ''}"
    key = next((key for pattern, key in _SYNTAX if re.search(pattern, words)), "yaml_broken")
    # That a quotation mark is never closed is noticed at the file's end; where it was opened is what helps.
    mark = (
        (error.context_mark if key in ("yaml_quote", "yaml_no_colon") else None)
        or error.problem_mark
        or error.context_mark
    )
    if mark is None:
        return problem("yaml_broken_somewhere")
    return problem(key, (), mark.line + 1, column=mark.column + 1)
