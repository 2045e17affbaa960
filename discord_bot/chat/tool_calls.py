"""Gathers the pieces of tool calls. Servers number them, name them, or do neither, and cut them as they like.

A call is given out once its arguments are whole: half a call must not be run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from discord_bot.chat.schema import ToolCallDelta


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

    @property
    def begun(self) -> bool:
        """Whether there is a call, be it whole or not."""
        return bool(self._calls)

    def feed(self, piece: ToolCallDelta) -> None:
        """Take a piece, or a whole call."""
        call = self._at.get(piece.index) if piece.index is not None else self._without_index(piece)
        # An id of its own makes a call of its own: Gemini gives several calls the index 0.
        if call is None or (piece.id and call.id and piece.id != call.id):
            call = _Growing()
            self._calls.append(call)
            if piece.index is not None:
                self._at[piece.index] = call
        call.feed(piece)

    def whole(self) -> list[ToolCall]:
        """The calls that are whole; one that came without an id gets one."""
        calls = [call.whole(f"call_{position}") for position, call in enumerate(self._calls)]
        return [call for call in calls if call is not None]

    def _without_index(self, piece: ToolCallDelta) -> _Growing | None:
        """The call with that id; without an id the last one, unless that one is whole and here begins another."""
        if piece.id:
            return next((call for call in self._calls if call.id == piece.id), None)
        begins = piece.function is not None and bool(piece.function.name)
        last = self._calls[-1] if self._calls else None
        return None if last is None or (begins and last.whole("") is not None) else last


class _Growing:
    """A call whose pieces are still coming."""

    def __init__(self) -> None:
        self.id = ""
        self._name = ""
        self._pieces: list[str] = []
        self._object: dict[str, Any] | None = None  # arguments that came as an object instead of JSON in a string
        self._extra: dict[str, Any] = {}

    def feed(self, piece: ToolCallDelta) -> None:
        self.id = self.id or piece.id or ""
        if piece.model_extra:
            self._extra.update(piece.model_extra)
        if piece.function is not None:
            # llama-cpp-python sends the name with every piece, others an empty one: the first counts.
            self._name = self._name or (piece.function.name if isinstance(piece.function.name, str) else "")
            if isinstance(piece.function.arguments, str):
                self._pieces.append(piece.function.arguments)
            elif isinstance(piece.function.arguments, dict):
                self._object = piece.function.arguments

    def whole(self, name: str) -> ToolCall | None:
        """The call under its id, or else under that name; None while it isn't whole."""
        arguments: Any = self._object
        if arguments is None:
            try:
                arguments = json.loads("".join(self._pieces).strip() or "{}")
            except (ValueError, RecursionError):
                return None
        arguments = {} if arguments is None else arguments  # the word null, from models that need no arguments
        if not self._name or not isinstance(arguments, dict):
            return None
        return ToolCall(self.id or name, self._name, arguments, self._extra)
