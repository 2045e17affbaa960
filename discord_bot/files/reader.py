"""What runs apart from the bot: bytes from the standard input -> facts on the standard output, a JSON object a line.

It has so much memory and so much time, writes to no file, and leaves nothing behind: what it has found out before it
reaches a limit counts. It imports nothing of the bot, and the bot nothing of what is imported here.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from charset_normalizer import CharsetMatch

MEMORY = 400 << 20
"""Bytes of addresses; Python and pypdf take some 60 MiB of them."""
BEHIND = 10
"""How much less it matters than the bot: Unix calls that niceness."""
ENCODINGS = (
    *("gb18030", "cp932", "big5", "euc_jp", "cp949", "cp1252", "cp1251", "cp1250"),
    *("koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "cp874"),
)
"""What texts are in that are not Unicode; where a short one could be in several, it is in the first of them."""


Fact = dict[str, "str | int | None"]


def encoding(data: bytes) -> Iterator[Fact]:
    """What the bytes are encoded in; None for what is no text."""
    from charset_normalizer import from_bytes

    def unlikely(match: CharsetMatch) -> tuple[bool, float, float, int]:
        return _is_narrow(str(match)), match.chaos, -match.coherence, ENCODINGS.index(match.encoding)

    best = min(from_bytes(data, cp_isolation=list(ENCODINGS), enable_fallback=False), key=unlikely, default=None)
    yield {"encoding": None if best is None else best.encoding}


def _is_narrow(text: str) -> bool:
    """Whether a text is mostly in half-width katakana, which hardly anybody writes; read as Shift_JIS, much is."""
    narrow = sum("\uff61" <= character <= "\uff9f" for character in text)
    return 2 * narrow > sum(not character.isascii() for character in text)


def pdf(data: bytes, pages: int, characters: int) -> Iterator[Fact]:
    """How many pages it has; and the texts of the first ones, until there are enough characters."""
    from pypdf import PasswordType, PdfReader
    from pypdf.errors import DependencyError, LimitReachedError

    try:
        document = PdfReader(BytesIO(data))
        if document.is_encrypted and document.decrypt("") is PasswordType.NOT_DECRYPTED:
            yield {"why": "encrypted"}
            return
        count = len(document.pages)
        yield {"count": count}
        for index in range(min(pages, count)):
            text = document.pages[index].extract_text()
            yield {"text": text}
            characters -= len(text)
            if characters <= 0:
                return
    except DependencyError:  # AES, for which pypdf wants another library
        yield {"why": "encrypted"}
    except (LimitReachedError, RecursionError):
        yield {"why": "demanding"}
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  # what is wrong with such a file has no end
        yield {"why": "damaged"}


def _limit(seconds: int) -> None:
    """Binds the process to its limits, as far as the system knows them."""
    with suppress(ImportError):  # Windows: there, only the bot's patience ends it
        import resource

        limits = (
            (resource.RLIMIT_AS, MEMORY),
            (resource.RLIMIT_CPU, seconds),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, 0),
        )
        for limit, most in limits:
            with suppress(ValueError, OSError):
                resource.setrlimit(limit, (most, most))
        os.nice(BEHIND)


def main() -> None:
    """Finds out what the first argument names, and says so line by line."""
    kind, (seconds, *numbers) = sys.argv[1], map(int, sys.argv[2:])
    # Before the limits, so that Python can keep what it has compiled.
    import_module("pypdf" if kind == "pdf" else "charset_normalizer")
    _limit(seconds)
    try:
        data = sys.stdin.buffer.read()
        for fact in pdf(data, *numbers) if kind == "pdf" else encoding(data):
            print(json.dumps(fact), flush=True)  # noqa: T201  # it is what is asked for
    except MemoryError:
        print('{"why": "demanding"}', flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
