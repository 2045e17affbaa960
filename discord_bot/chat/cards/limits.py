"""How much of a file is read, so that a hostile one costs a moment and a few MiB.

Real cards stay far below: a long one has 100 KiB of text, a picture 2 MiB. Other programs' limits are of the same size.
"""

from __future__ import annotations

from typing import Final

MIB: Final = 1 << 20

MAX_FILE: Final = 32 * MIB
"""Bytes of a whole file."""
MAX_TEXT: Final = 5 * MIB
"""Bytes of the card's JSON, inflated and decoded."""
MAX_VALUES: Final = 300_000
"""Commas and opening brackets in the JSON, which bound how many values it can hold. Commas in prose count too."""
MAX_NESTING: Final = 128
"""Brackets within brackets."""
MAX_ENTRIES: Final = 5_000
"""Entries of a character book."""
MAX_CHUNKS: Final = 10_000
"""Chunks of a PNG."""
MAX_PIXELS: Final = 40_000_000
"""Pixels that a picture may claim; one with more is not kept."""
MAX_MEMBERS: Final = 512
"""Members of a ZIP."""
MAX_DIRECTORY: Final = 128 << 10
"""Bytes of a ZIP's central directory, which is read whole before anything can be counted."""
MAX_FILES: Final = 16 * MIB
"""Bytes of all that lies beside the card, inflated."""
MAX_RATIO: Final = 100
"""How many times larger a member of a ZIP may be than its compressed form, if it is larger than 1 MiB."""
MAX_PATH: Final = 200
"""Characters in the path of a file beside the card."""
MAX_INLINE: Final = 3 * MIB
"""Bytes of pictures and other files that are written into the JSON itself, where it stands alone."""
