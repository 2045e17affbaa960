"""The newest files that people posted -> what was read of them: fetched when a question is answered, never before.

What was read belongs to the message in its channel's buffer (`ChannelBuffer.note_readings`), and goes when that goes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Final

from discord_bot import uploads
from discord_bot.chat.files import SHARE, Reading
from discord_bot.errors import CardRefused, PersonaError
from discord_bot.files import formats

if TYPE_CHECKING:
    from discord_bot.chat.buffer import BufferedMessage
    from discord_bot.chat.files import File
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
        self, messages: Iterable[BufferedMessage], settings: Settings, asked: Collection[int]
    ) -> Mapping[int, Reading]:
        """The newest files on these messages, as far as they were not read before, by their ids.

        `asked` are the ids of the messages that are the question: a file of theirs that is too many is told of, too,
        and those of what it replies to count as the newest but for its own.
        """
        most = settings.conversation.max_files
        told = list(messages)
        meant = {each.quoted.id for each in told if each.id in asked and each.quoted is not None}
        told.sort(key=lambda message: (message.id in asked, message.id in meant))
        files = [(file, message.id in asked) for message in told for file in message.files]
        newest, older = (files[-most:], files[:-most]) if most else ([], [])
        too_many = {file.id: Reading(why="many") for file, own in older if own and file.is_to_be_read}
        return too_many | await self._read_all([file for file, _ in newest if file.is_to_be_read], settings)

    async def _read_all(self, files: list[File], settings: Settings) -> dict[int, Reading]:
        if not files:
            return {}
        tasks = {file.id: asyncio.create_task(self.read(file, settings)) for file in files}
        try:
            await asyncio.wait(tasks.values(), timeout=PATIENCE)
        finally:
            late = [task for task in tasks.values() if task.cancel()]
            await asyncio.gather(*late, return_exceptions=True)
        return {file_id: Reading(why="late") if task.cancelled() else task.result() for file_id, task in tasks.items()}

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
