"""Files as people attach them, and as nobody should: PDFs written by hand."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from io import BytesIO

from pypdf import PdfReader, PdfWriter


def _pdf(objects: Sequence[bytes], root: int = 1, trailer: bytes = b"") -> bytes:
    """A PDF of these objects, which are numbered from 1."""
    written, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start, size = len(written), len(objects) + 1
    written += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for place in places:
        written += b"%010d 00000 n \n" % place
    written += b"trailer\n<< /Size %d /Root %d 0 R %b >>\nstartxref\n%d\n%%%%EOF\n" % (size, root, trailer, start)
    return bytes(written)


def _stream(data: bytes, more: bytes = b"") -> bytes:
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(data), more, data)


def _pages(streams: Sequence[bytes]) -> bytes:
    """A document of one page for each stream, with one font."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * index) for index in range(len(streams)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%b] >>" % (len(streams), kids),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for index, stream in enumerate(streams):
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % (5 + 2 * index),
            stream,
        ]
    return _pdf(objects)


def pdf(*texts: str) -> bytes:
    """A PDF of one page for each text."""
    return _pages([_shown(text) for text in texts])


def _shown(text: str) -> bytes:
    lines = b" ".join(b"(%b) Tj T*" % line.encode("latin-1") for line in text.split("\n"))
    return _stream(b"BT /F1 12 Tf 14 TL 72 760 Td %b ET" % lines)


def encrypted_pdf(text: str, password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf(text))))
    writer.encrypt(password, "owner", algorithm="RC4-128")
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def pdf_of_pictures() -> bytes:
    """Pages on which something is drawn and nothing written."""
    return _pages([_stream(b"0 0 m 100 100 l S")])


def pdf_bomb() -> bytes:
    """A page whose few hundred kilobytes are hundreds of megabytes of nothing."""
    return _pages([_compressed(b"", bytes(1 << 20), 300)])


def endless_pdf() -> bytes:
    """A table of places that names itself as the one before it."""
    body = pdf("round")
    start = body.rindex(b"startxref\n") + len(b"startxref\n")
    place = int(body[start : body.index(b"\n", start)])
    return body.replace(b"trailer\n<< ", b"trailer\n<< /Prev %d " % place)


def pdf_of_many_words(*before: str) -> bytes:
    """A document whose last page takes pypdf longer than anybody would wait."""
    return _pages([*map(_shown, before), _compressed(b"BT /F1 12 Tf ", b"(x) Tj 1 0 0 1 0 0 Tm " * 3_000, 1_000)])


def _compressed(begun: bytes, repeated: bytes, times: int) -> bytes:
    """A stream that says the same for many times, made piece by piece."""
    packing = zlib.compressobj(9)
    packed = packing.compress(begun) + b"".join(packing.compress(repeated) for _ in range(times)) + packing.flush()
    return _stream(packed, b"/Filter /FlateDecode")
