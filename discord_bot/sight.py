"""The pictures that people post, as a model sees them: fetched when a question is answered, made small, kept a while.

Only the newest few are, from Discord's hosts alone (`uploads`), within bounds of bytes, pixels and time; decoding them
is for another thread, and one at a time, so that their memory has a bound, too.
"""

from __future__ import annotations

import asyncio
import base64
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from discord_bot import uploads
from discord_bot.errors import CardRefused, PersonaError

if TYPE_CHECKING:
    from discord_bot.chat.buffered import Attached, BufferedMessage
    from discord_bot.config import Settings

MAX_BYTES: Final = 20 << 20
"""Bytes of a picture that is fetched; Discord takes 10 MiB of people who pay nothing."""
PATIENCE: Final = 15.0
"""Seconds for fetching all pictures of a question: an answer without them is better than none."""
KEPT: Final = 16 << 20
"""Characters of pictures that are kept for the next questions."""
TOO_LARGE: Final = "[picture too large]"
UNREADABLE: Final = "[picture can't be read]"
UNREACHABLE: Final = "[picture can't be loaded]"


class Sight:
    """What was seen of late, by the attachments' ids, bounded."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, str] = OrderedDict()
        self._size = 0
        self._decoding = asyncio.Semaphore(1)

    async def see(self, messages: Iterable[BufferedMessage], settings: Settings) -> Mapping[int, str]:
        """The newest pictures of these messages: each as a `data:` address, or as a line that says why not."""
        most = settings.conversation.max_images
        newest = [picture for message in messages for picture in message.pictures][-most:] if most else []
        return dict(zip((each.id for each in newest), await self._all(newest, settings), strict=True)) if newest else {}

    async def _all(self, pictures: list[Attached], settings: Settings) -> list[str]:
        return await asyncio.gather(*(self._one(each, settings) for each in pictures))

    async def _one(self, picture: Attached, settings: Settings) -> str:
        known = self._kept.get(picture.id)
        if known is not None:
            self._kept.move_to_end(picture.id)
            return known
        try:
            async with asyncio.timeout(PATIENCE):
                data = await uploads.fetch(picture, settings, most=MAX_BYTES)
            async with self._decoding:
                shown = await asyncio.to_thread(_as_address, data)
        except CardRefused as refused:
            shown = UNREADABLE if refused.reason == "picture_unreadable" else TOO_LARGE
        except (PersonaError, TimeoutError):
            return UNREACHABLE  # perhaps the next question has more luck
        self._keep(picture.id, shown)
        return shown

    def _keep(self, picture_id: int, shown: str) -> None:
        self._size += len(shown) - len(self._kept.pop(picture_id, ""))
        self._kept[picture_id] = shown
        while self._size > KEPT and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._size -= len(oldest)


def _as_address(data: bytes) -> str:
    """The picture as a model is sent it."""
    from discord_bot.portraits import for_a_model  # Pillow is loaded only where there is a picture

    return f"data:image/jpeg;base64,{base64.b64encode(for_a_model(data)).decode()}"
