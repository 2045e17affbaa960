"""The newest files that people posted -> what was read of them: fetched when a question is answered, never before.

What was read belongs to the message in its channel's buffer (`ChannelBuffer.note_readings`), and goes when that goes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from discord_bot import uploads
from discord_bot.chat.files import SHARE, Reading
from discord_bot.errors import CardRefused, PersonaError
from discord_bot.files import formats

if TYPE_CHECKING:
    from discord_bot.chat.buffered import BufferedMessage
    from discord_bot.chat.files import File, FileKey
    from discord_bot.config import Settings

AT_ONCE: Final = 2
"""Files that are fetched and read at once in the whole bot, so that their memory has a bound."""
FETCHING: Final = 15.0
"""Seconds for fetching one of them."""
PATIENCE: Final = 30.0
"""Seconds for all files of a question: an answer without them is better than none."""


class Files:
    """Reads what people attach."""

    def __init__(self) -> None:
        self._reading = asyncio.Semaphore(AT_ONCE)

    async def read_newest(
        self, messages: Sequence[BufferedMessage], settings: Settings, asked: Collection[int]
    ) -> Mapping[FileKey, Reading]:
        """The newest files on these messages, as far as they were not read before, by their keys.

        `asked` are the ids of the messages that are the question: a file of theirs that is too many is told of, too,
        and those of what it replies to are read with it, unless that stands right above or was read where it stands.
        """
        most = settings.conversation.max_files
        read = {(message.id, file.id) for message in messages for file in message.files if file.has_text}
        files = [
            (file, message.id in asked)
            for message in messages
            for file in message.files
            if file.of is None or (message.id in asked and message.quoted is not None and file.key not in read)
        ]
        again = {file.id for file, _ in files if file.of is not None}
        files = [(file, own) for file, own in files if file.of is not None or own or file.id not in again]
        newest, older = (files[-most:], files[:-most]) if most else ([], [])
        too_many = {file.key: Reading(why="many") for file, own in older if own and file.is_to_be_read}
        return too_many | await self._read_all([file for file, _ in newest if file.is_to_be_read], settings)

    async def _read_all(self, files: list[File], settings: Settings) -> dict[FileKey, Reading]:
        if not files:
            return {}
        tasks = {file.key: asyncio.create_task(self.read(file, settings)) for file in files}
        try:
            await asyncio.wait(tasks.values(), timeout=PATIENCE)
        finally:
            late = [task for task in tasks.values() if task.cancel()]
            await asyncio.gather(*late, return_exceptions=True)
        return {key: Reading(why="late") if task.cancelled() else task.result() for key, task in tasks.items()}

    async def read(self, file: File, settings: Settings) -> Reading:
        """What can be read of a file, wherever it was attached: its beginning, or why there is nothing."""
        conversation = settings.conversation
        async with self._reading:
            try:
                async with asyncio.timeout(FETCHING):
                    data = await uploads.fetch(file, settings, most=conversation.max_file_bytes)
            except CardRefused:
                return Reading(why="large")
            except (PersonaError, TimeoutError):
                return Reading(why="unreachable")
            most = conversation.max_tokens // SHARE
            reading = await formats.read(data, characters=most * formats.CHARACTERS, pages=conversation.max_pdf_pages)
        return reading.beginning(most)
