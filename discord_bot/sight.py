"""The pictures that people post, as a model sees them: fetched when a question is answered, and made small.

Only the newest few are, from Discord's hosts alone (`uploads`), within bounds of bytes, pixels and time; decoding them
is for another thread, and one at a time, so that their memory has a bound, too. What was seen is kept a while with what
is remembered of their channel.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from discord_bot import uploads
from discord_bot.errors import CardRefused, PersonaError

if TYPE_CHECKING:
    from discord_bot.chat.buffered import Attached, BufferedMessage
    from discord_bot.config import Settings
    from discord_bot.conversations import Conversations

MAX_BYTES: Final = 20 << 20
"""Bytes of a picture that is fetched; Discord takes 10 MiB of people who pay nothing."""
PATIENCE: Final = 15.0
"""Seconds for fetching all pictures of a question: an answer without them is better than none."""
TOO_LARGE: Final = "[picture too large]"
UNREADABLE: Final = "[picture can't be read]"
UNREACHABLE: Final = "[picture can't be loaded]"


class Sight:
    """Looks at pictures, unless they were seen of late."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations
        self._decoding = asyncio.Semaphore(1)

    async def see(self, channel_id: int, messages: Iterable[BufferedMessage], settings: Settings) -> Mapping[int, str]:
        """The newest pictures of messages in a channel: each as a `data:` address, or as a line that says why not."""
        most = settings.conversation.max_images
        all_of_them = [(message, picture) for message in messages for picture in message.pictures]
        newest = all_of_them[-most:] if most else []
        shown = await asyncio.gather(*(self._one(channel_id, *each, settings) for each in newest))
        return dict(zip((picture.id for _, picture in newest), shown, strict=True))

    async def _one(self, channel_id: int, message: BufferedMessage, picture: Attached, settings: Settings) -> str:
        known = self._conversations.seen.get(picture.id)
        if known is not None:
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
        self._conversations.keep_seen(channel_id, message, picture, shown)
        return shown


def _as_address(data: bytes) -> str:
    """The picture as a model is sent it."""
    from discord_bot.portraits import for_a_model  # Pillow is loaded only where there is a picture

    return f"data:image/jpeg;base64,{base64.b64encode(for_a_model(data)).decode()}"
