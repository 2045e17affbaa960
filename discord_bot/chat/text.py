"""Text as servers send it: in pieces, cut anywhere, perhaps inside a character."""

from __future__ import annotations

import re

_SURROGATE = re.compile("[\ud800-\udfff]")


class Text:
    """Text that comes in pieces. A surrogate pair that was cut in two is joined; a lone half becomes U+FFFD."""

    def __init__(self) -> None:
        self.length = 0
        """Characters that have come."""
        self._pieces: list[str] = []
        self._half = ""

    def append(self, piece: str) -> None:
        """Add a piece."""
        self.length += len(piece)
        if self._half or (not piece.isascii() and _SURROGATE.search(piece)):
            piece = self._half + piece
            self._half = piece[-1] if "\ud800" <= piece[-1:] <= "\udbff" else ""
            piece = joined_surrogates(piece[: len(piece) - len(self._half)])
        self._pieces.append(piece)

    def close(self) -> None:
        """No more comes: a half that waited for its other half stays alone."""
        if self._half:
            self._half = ""
            self._pieces.append("\ufffd")

    def __str__(self) -> str:
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""


def joined_surrogates(text: str) -> str:
    """The text with its surrogate pairs joined, and U+FFFD for lone halves: it can be encoded."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
