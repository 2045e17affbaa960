"""Work with bytes that nobody can trust, in a process of its own: it gets them through a pipe, and ends when it must.

A library that runs in circles can't be stopped within a thread, and what it takes of memory is the bot's. The process
knows nothing of the bot, not even by its environment; `reader.py` is all that runs in it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from enum import Enum
from typing import Any, Final

from discord_bot.files import reader

log = logging.getLogger(__name__)

SECONDS: Final = 5
"""Seconds on the processor that a process may take …"""
PATIENCE: Final = 15.0
"""… and until it must be done."""
_PASSED_ON: Final = ("PATH", "PYTHONHOME", "PYTHONPATH", "HOME", "SYSTEMROOT", "LD_LIBRARY_PATH")
"""What Python needs to find itself and its packages. The environment holds the bot's secrets."""


class Work(Enum):
    """What is to be found out."""

    ENCODING = "encoding"
    PDF = "pdf"


async def work(kind: Work, data: bytes, *numbers: int, seconds: int = SECONDS) -> list[dict[str, Any]]:
    """What `reader.py` finds out about these bytes before a limit ends it."""
    try:
        process = await _started(kind, seconds, *numbers)
    except OSError as error:
        log.warning("no process can be started to read a file: %s", error)
        return []
    try:
        async with asyncio.timeout(PATIENCE):
            written, _ = await process.communicate(data)
    except TimeoutError:
        return []
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return [json.loads(line) for line in written.splitlines(keepends=True) if line.endswith(b"\n")]


async def _started(kind: Work, *numbers: int) -> asyncio.subprocess.Process:
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-P", reader.__file__, kind.value, *map(str, numbers),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env=environment | {"LC_ALL": "C", "PYTHONUTF8": "1"},
    )  # fmt: skip
