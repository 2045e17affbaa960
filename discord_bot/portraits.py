"""Portraits: the only room that decodes a picture, and draws one where a persona has none. Pillow is loaded only here.

All of it takes the processor for a while: off the event loop, please.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from typing import TYPE_CHECKING, Final

from discord_bot.errors import CardRefused

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_DECODED: Final = 12_000_000
"""Pixels of a picture that is decoded: at four bytes each, 48 MB."""
FACE: Final = 512
"""Pixels of an avatar's side: Discord shows no more than 4096, and people see a few dozen."""
DRAWN: Final = (400, 600)
"""Width and height of a picture that is drawn; cards stand upright."""
MAX_SEEN: Final = 25_000_000
"""Pixels of a picture that a model is to see, 100 MB; of a JPEG, which is decoded smaller, four times as many."""
SEEN: Final = 1_568
"""Pixels of its longer side: what is larger, models scale down.

https://docs.claude.com/en/docs/build-with-claude/vision
"""
QUALITY: Final = 85
FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")


def as_png(data: bytes) -> bytes:
    """The picture as a PNG of the same size. Raises CardRefused where it can't be decoded."""
    return _png(_decoded(data))


def face(data: bytes, most: int = FACE) -> bytes:
    """A square PNG for an avatar, cut from the upper middle, where faces are. Raises CardRefused.

    It is no more than `most` pixels wide.
    """
    from PIL.Image import Resampling

    picture = _decoded(data)
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 5
    cut = picture.crop((left, top, left + side, top + side))
    return _png(cut if side <= most else cut.resize((most, most), Resampling.LANCZOS))


def for_a_model(data: bytes) -> bytes:
    """The picture, or its first frame, as a JPEG of the size that models use. Raises CardRefused."""
    from PIL import Image, ImageOps, UnidentifiedImageError
    from PIL.Image import Resampling

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                most = MAX_SEEN * 4 if opened.format == "JPEG" else MAX_SEEN
                if opened.width * opened.height > most:
                    raise CardRefused("picture_pixels", limit=most // 1_000_000)
                opened.draft("RGB", (SEEN, SEEN))
                picture = opened if opened.format == "JPEG" else opened.convert("RGBA")
                picture.thumbnail((SEEN, SEEN), Resampling.BICUBIC)
                upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except Image.DecompressionBombError:
        raise CardRefused("picture_pixels", limit=MAX_SEEN // 1_000_000) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        raise CardRefused("picture_unreadable") from None
    ground = Image.new("RGBA", upright.size, "white")
    written = io.BytesIO()
    Image.alpha_composite(ground, upright).convert("RGB").save(written, "JPEG", quality=QUALITY)
    return written.getvalue()


def plain(name: str) -> bytes:
    """A picture for a persona that has none: two colours that go by its name."""
    from PIL import Image, ImageDraw

    hue = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[0] * 360 // 256
    width, height = DRAWN
    shade = Image.linear_gradient("L").resize(DRAWN)
    light, dark = (Image.new("RGB", DRAWN, f"hsl({hue}, 45%, {lightness}%)") for lightness in (72, 38))
    picture = Image.composite(dark, light, shade)
    draw = ImageDraw.Draw(picture)
    pale = f"hsl({hue}, 40%, 88%)"
    draw.ellipse((width * 3 // 10, height // 5, width * 7 // 10, height // 5 + width * 4 // 10), fill=pale)
    draw.ellipse((width // 8, height * 11 // 20, width * 7 // 8, height * 27 // 20), fill=pale)
    return _png(picture)


def _decoded(data: bytes) -> Image:
    """The first frame, in colours with transparency; never one of more pixels than the limit."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own limit is higher than ours
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                if opened.width * opened.height > MAX_DECODED:
                    raise CardRefused("picture_pixels", limit=MAX_DECODED // 1_000_000)
                return opened.convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError):
        raise CardRefused("picture_unreadable") from None


def _png(picture: Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()
