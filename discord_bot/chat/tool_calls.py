"""Gathers the pieces of tool calls. Servers number them, name them, or do neither, and cut them as they like.

A call is given out once its arguments are whole: half a call must not be run.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from discord_bot.chat.text import joined_surrogates

if TYPE_CHECKING:
    from discord_bot.chat.schema import FunctionCall, ToolCallDelta

MAX_CALLS = 128
"""The most calls of one answer; OpenAI takes as many functions in a request. Those beyond are left out."""

MAX_DEPTH = 64
"""How deep arguments may be nested; deeper ones are no arguments, and Python could not write them down again."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function that the model wants called."""

    id: str
    name: str
    arguments: dict[str, Any]
    extra: dict[str, Any] = field(default_factory=dict)
    """What else the server sent with the call and wants to see again (Gemini's thought signature)."""


class ToolCalls:
    """The calls of one answer, in the order in which they began."""

    def __init__(self) -> None:
        self._calls: list[_Growing] = []
        self._at: dict[int, _Growing] = {}
        self._by_id: dict[str, _Growing] = {}
        self._only: _Growing | None = None

    @property
    def begun(self) -> bool:
        """Whether there is a call, be it whole or not."""
        return bool(self._calls)

    def feed(self, piece: ToolCallDelta) -> None:
        """Take a piece, or a whole call."""
        call = self._at.get(piece.index) if piece.index is not None else self._without_index(piece)
        name = _name_of(piece)
        if call is None or call.is_another(piece.id, name, numbered=piece.index is not None):
            if len(self._calls) >= MAX_CALLS:
                return
            call = self._begin()
            if piece.index is not None:
                self._at[piece.index] = call
        if piece.id:
            self._by_id.setdefault(piece.id, call)
        call.feed(piece.id, name, _arguments_of(piece), piece.model_extra or {})

    def feed_function_call(self, piece: FunctionCall) -> None:
        """Take a piece of the one call that older servers make; newer ones repeat a tool call so."""
        if self._only is None and not self._calls:
            self._only = self._begin()
        if self._only is not None:
            self._only.feed("", piece.name if isinstance(piece.name, str) else "", piece.arguments, {})

    def whole(self) -> list[ToolCall]:
        """The calls that are whole; one that came without an id gets one."""
        calls = [call.whole(f"call_{position}") for position, call in enumerate(self._calls)]
        return [call for call in calls if call is not None]

    def _begin(self) -> _Growing:
        call = _Growing()
        self._calls.append(call)
        return call

    def _without_index(self, piece: ToolCallDelta) -> _Growing | None:
        """The call with that id, else the last one."""
        known = self._by_id.get(piece.id) if piece.id else None
        return known or (self._calls[-1] if self._calls else None)


def _name_of(piece: ToolCallDelta) -> str:
    """The function's name, in its place or beside it."""
    name = piece.function.name if piece.function is not None else (piece.model_extra or {}).get("name")
    return name if isinstance(name, str) else ""


def _arguments_of(piece: ToolCallDelta) -> object:
    return piece.function.arguments if piece.function is not None else (piece.model_extra or {}).get("arguments")


class _Growing:
    """A call whose pieces are still coming."""

    def __init__(self) -> None:
        self._id = ""
        self._name = ""
        self._pieces: list[str] = []
        self._object: dict[str, Any] | None = None  # arguments that came as an object instead of JSON in a string
        self._extra: dict[str, Any] = {}

    def is_another(self, id_: str | None, name: str, *, numbered: bool) -> bool:
        """Whether a piece with that id and name, which comes under our number or under none, begins another call.

        An id of its own makes a call of its own: Gemini gives several calls the index 0. Without ids, another name
        does, and without a number the same one too, once this call may be whole. A piece without a name goes on,
        whatever its id: gateways make up a new one for each.
        """
        if not (name and self._name):
            return False
        if id_ and self._id:
            return id_ != self._id
        may_be_whole = self._object is not None or (bool(self._pieces) and self._pieces[-1].rstrip().endswith("}"))
        if name == self._name:
            return may_be_whole and not numbered
        return may_be_whole or not self._pieces

    def feed(self, id_: str | None, name: str, arguments: object, extra: dict[str, Any]) -> None:
        self._id = self._id or id_ or ""
        # llama-cpp-python sends the name with every piece, others an empty one: the first counts.
        self._name = self._name or name
        self._extra.update(extra)
        if isinstance(arguments, str) and arguments:
            self._pieces.append(arguments)
        elif isinstance(arguments, dict) and (arguments or self._object is None):
            self._object = arguments

    def whole(self, name: str) -> ToolCall | None:
        """The call under its id, or else under that name; None while it isn't whole."""
        arguments = self._object if self._object is not None else _parsed("".join(self._pieces))
        if not self._name or arguments is None:
            return None
        try:
            return ToolCall(self._id or name, joined_surrogates(self._name), _cleaned(arguments), self._extra)
        except RecursionError:
            return None


_DECODER = json.JSONDecoder(strict=False)  # models write raw line ends in strings
_SPACE = re.compile(r"\s*")


def _parsed(text: str, *, within: bool = False) -> dict[str, Any] | None:
    """The arguments in a text; None where they aren't whole.

    None at all are none, and so is the word null. Several objects, one behind another, are a server's repetition of
    which the last counts. JSON within a JSON string is read again, once.
    """
    found: object = None
    at = _SPACE.match(text).end()  # type: ignore[union-attr]  # it matches nothing, too
    while at < len(text):
        try:
            found, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return None
        at = _SPACE.match(text, at).end()  # type: ignore[union-attr]
    if isinstance(found, str) and not within:
        return _parsed(found, within=True)
    return {} if found is None else found if isinstance(found, dict) else None


def _cleaned(value: Any, depth: int = 0) -> Any:
    """The value with nothing in it that can't be encoded; raises RecursionError where it is too deep."""
    if isinstance(value, str):
        return joined_surrogates(value)
    if not isinstance(value, dict | list):
        return value
    if depth == MAX_DEPTH:
        raise RecursionError
    if isinstance(value, list):
        return [_cleaned(each, depth + 1) for each in value]
    return {joined_surrogates(name): _cleaned(each, depth + 1) for name, each in value.items()}
