"""Characters: how many Discord counts, which belong together, and how wide they stand.

Discord counts code points (a developer of it: https://github.com/discord/discord-api-docs/issues/1315), its own client
UTF-16 code units. We count the latter: code points are never more, so a text fits whichever way somebody counts.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex  # type: ignore[import-untyped]


def units(text: str) -> int:
    """The UTF-16 code units of a text."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def fitting(text: str, room: int) -> int:
    """How many of the text's first characters are at most `room` UTF-16 code units."""
    text = text[: max(0, room)]
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le")[: 2 * room].decode("utf-16-le", "ignore"))


def encodable(text: str) -> str:
    """The text, with what no one could send (half an emoji: a lone surrogate) replaced one for one."""
    return text if text.isascii() else re.sub("[\ud800-\udfff]", "\ufffd", text)


def cluster_start(text: str, position: int) -> int:
    """The last place at or before `position` that is not within a grapheme cluster (an emoji, a letter with marks)."""
    while 0 < position < len(text) and not _apart(text[position - 1], text[position]):
        known = next((index for index in range(position - 1, 0, -1) if _plain(text[index])), 0)
        start = known
        for cluster in _clusters().finditer(text, known):
            if cluster.end() > position:
                break
            start = cluster.end()
        if start > known or start == position:
            return start
        position = start
    return position


def width(text: str) -> int:
    """The columns that a text takes where all letters are equally wide: two for a Chinese character or an emoji."""
    if text.isascii():
        return len(text)
    return sum(map(_cluster_width, _clusters().findall(text)))


_EMOJI_STYLE = "\ufe0f"
_FLAG_LETTERS = re.compile("[\U0001f1e6-\U0001f1ff]{2}")


def _cluster_width(cluster: str) -> int:
    if _EMOJI_STYLE in cluster or _FLAG_LETTERS.match(cluster):
        return 2
    if unicodedata.category(cluster[0]) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    return 2 if unicodedata.east_asian_width(cluster[0]) in ("W", "F") else 1


def _plain(character: str) -> bool:
    """Whether the character begins a cluster, or ends one with nothing of it being of interest to what follows."""
    return " " <= character <= "~" or "\u3400" <= character <= "\u9fff"


def _apart(one: str, other: str) -> bool:
    return _plain(one) and _plain(other)


@cache
def _clusters() -> regex.Pattern[str]:
    import regex  # most texts are cut without it

    return regex.compile(r"\X")
