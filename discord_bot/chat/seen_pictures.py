"""The pictures that were seen of late, as a model is sent them: bounded, and gone with the messages that they are on.

They are known by their attachments' ids. On which message one is, where and by whom that was written is noted with it:
a message may be deleted, or its author opt out, when the channel's buffer has no more room for it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple

KEPT: Final = 16 << 20
"""Characters of pictures that are kept for the next questions."""
OVERHEAD: Final = 1000
"""Characters that a picture counts for beside what it is: so there is a bound for those that can't be read, too."""


class Seen(NamedTuple):
    """A picture on a message, as a model is sent it."""

    id: int
    channel_id: int
    message_id: int
    author_id: int
    shown: str


class SeenPictures:
    """What was seen of late; what was not looked at for longest makes room."""

    def __init__(self) -> None:
        self._seen: OrderedDict[int, Seen] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return len(self._seen)

    def get(self, picture_id: int) -> str | None:
        """The picture, if it was seen of late."""
        seen = self._seen.get(picture_id)
        if seen is None:
            return None
        self._seen.move_to_end(picture_id)
        return seen.shown

    def keep(self, seen: Seen) -> None:
        """Keeps a picture, as the one that was looked at last."""
        self._take_out(seen.id)
        self._seen[seen.id] = seen
        self._size += _size(seen)
        while self._size > KEPT and len(self._seen) > 1:
            self._take_out(next(iter(self._seen)))

    def drop(self, gone: Callable[[Seen], bool]) -> None:
        """Forgets the pictures of which that is true."""
        for each in [each.id for each in self._seen.values() if gone(each)]:
            self._take_out(each)

    def _take_out(self, picture_id: int) -> None:
        seen = self._seen.pop(picture_id, None)
        if seen is not None:
            self._size -= _size(seen)


def _size(seen: Seen) -> int:
    return OVERHEAD + len(seen.shown)
