"""A file's bytes -> its text. What it is shows in the bytes alone: neither its name nor what it claims to be counts.

What is UTF-8, as nearly all text is by now, or says by its first bytes that it is Unicode, is decoded here; all else is
for another process (`apart`), with limits that end it: guessing an encoding, and taking a PDF apart.
"""

from __future__ import annotations

import codecs
from typing import Final

from discord_bot.chat.files import Reading, of_pages, of_text
from discord_bot.files.apart import Work, work

CHARACTERS: Final = 5
"""Characters that a token may have, by the estimate: none has more, so no more need be decoded."""
BYTES: Final = 4
"""Bytes that a character may have, in each encoding that is known here."""
PDF: Final = b"%PDF-"
BEFORE: Final = b"\xef\xbb\xbf \t\r\n\f"
"""What may stand before it in any case; other things may, too, where the file is no text that only speaks of PDFs."""
HEAD: Final = 1024
"""Bytes in which a PDF must say that it is one, and by which UTF-16 is known that does not say what it is.

https://www.adobe.com/content/dam/acom/en/devnet/pdf/pdfs/pdf_reference_archives/PDFReference.pdf (appendix H, 3.4.1)
"""
SAMPLE: Final = 1 << 14
"""Bytes by which an encoding is guessed."""
BROKEN: Final = 10
"""A text is UTF-8, if so many of its characters beyond ASCII are right for each that is broken."""

FORGIVEN: Final = 3
"""Control characters that stand in a text by accident, beside one in a hundred."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins with the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NO_TEXT: Final = bytes({*range(0x20), 0x7F} - set(b"\t\n\v\f\r\x1b"))
"""What stands in no text of any encoding, but in a terminal's; escape sequences begin with one of the others."""


async def read(data: bytes, *, characters: int, pages: int) -> Reading:
    """What can be read of a file: about so many characters, and of a PDF so many pages."""
    if data[:HEAD].lstrip(BEFORE).startswith(PDF):
        return await _pdf(data, characters, pages)
    head, rest = data[: characters * BYTES], data[characters * BYTES :]
    encoding = unicode_of(head)
    if encoding is None and PDF in data[:HEAD]:
        return await _pdf(data, characters, pages)
    if encoding is None and not _is_binary(head):
        facts = await work(Work.ENCODING, head[:SAMPLE])
        if not facts:
            return Reading(why="demanding")
        encoding = facts[0]["encoding"]
    if encoding is None:
        return Reading(why="binary")
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head, final=not rest)
    if "\0" in text:
        return Reading(why="binary")
    kept, beyond = text[:characters], text[characters:]
    more = len(beyond) + len(rest)
    return of_text(kept, lines=beyond.count("\n") + rest.count(b"\n"), characters=more)


def unicode_of(head: bytes) -> str | None:
    """The encoding of what is Unicode by its first bytes, by its zeros, or because it could hardly be anything else."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    zeros = [head[parity:HEAD:2].count(0) for parity in (0, 1)]
    if max(zeros) > 3 * len(head[:HEAD]) // 10 and min(zeros) * 10 < max(zeros):
        return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
    if _is_binary(head):
        return None
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(head)
    broken = text.count("\ufffd")
    right = len(text) - len(text.encode("ascii", "ignore")) - broken
    return "utf-8" if broken * BROKEN <= right else None


def _is_binary(head: bytes) -> bool:
    return b"\0" in head or len(head) - len(head.translate(None, _NO_TEXT)) > FORGIVEN + len(head) // 100


async def _pdf(data: bytes, characters: int, pages: int) -> Reading:
    facts = await work(Work.PDF, data, pages, characters)
    count = next((fact["count"] for fact in facts if "count" in fact), 0)
    texts = [fact["text"] for fact in facts if "text" in fact]
    why = next((fact["why"] for fact in facts if "why" in fact), None if texts else "demanding")
    # A page may be too much for it, or broken; those before it are something.
    return Reading(why=why) if why is not None and not any(map(str.strip, texts)) else of_pages(texts, count)
