"""A command as a process: its settings, its one event loop, its log, and how it ends."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import typer

from discord_bot.errors import BotError

if TYPE_CHECKING:
    from discord_bot.config import Settings

log = logging.getLogger("discord_bot")

T = TypeVar("T")

STOP_WITHIN: Final = 9.0
"""Seconds from Ctrl-C or SIGTERM to the end of the process, whatever hangs."""


def settings_from(config: Path | None) -> Settings:
    """The settings, or the end of the program with the sentences that say what is wrong with them."""
    from discord_bot.config import load_settings

    try:
        return load_settings(config)
    except BotError as error:
        give_up(error)


def carry_out(work: Callable[[], Coroutine[Any, Any, T]], settings: Settings | None = None) -> T:
    """Runs the program's one event loop; what we raise on purpose ends it with a sentence, not with a traceback."""
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(work())
    except BotError as error:
        give_up(error, settings)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The event loop of uvloop where there is one (not on Windows), else Python's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def until_stopped(work: Coroutine[Any, Any, None], stop: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Does the work until it ends or somebody stops it (Ctrl-C, SIGTERM); then `stop` has its time to end it well."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: Ctrl-C arrives as KeyboardInterrupt
            loop.add_signal_handler(number, asked.set)
    working, asking = asyncio.create_task(work), asyncio.create_task(asked.wait())
    try:
        await asyncio.wait((working, asking), return_when=asyncio.FIRST_COMPLETED)
        if asked.is_set():
            log.info("stopping")
            with suppress(TimeoutError):
                async with asyncio.timeout(STOP_WITHIN):
                    await stop()
        else:
            await working
    finally:
        for task in (working, asking):
            task.cancel()
        await asyncio.gather(working, asking, return_exceptions=True)


def give_up(error: BotError, settings: Settings | None = None) -> NoReturn:
    """Says what is wrong and what to do, and ends the program with exit status 1."""
    from discord_bot.check import sentence_for, terminal_language

    typer.echo(sentence_for(error, terminal_language(settings)), err=True)
    raise typer.Exit(1)


def log_to_stderr() -> None:
    """One line per event. Never a message's text, a token or a key: nothing of ours logs those."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S"))
    handler.addFilter(without_network_tracebacks)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for quiet in ("discord", "alembic", "aiohttp"):
        logging.getLogger(quiet).setLevel(logging.WARNING)


def without_network_tracebacks(record: logging.LogRecord) -> bool:
    """What discord.py says of the network is a line, not a page; so it is with names that were suggested too late."""
    if record.exc_info and record.name.startswith("discord."):
        error = record.exc_info[1]
        tries_again = record.name == "discord.client" and record.msg.startswith("Attempting a reconnect")
        if tries_again or _is_no_defect(error):
            record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
            record.msg = f"{record.getMessage()} ({error!r})"
            record.args, record.exc_info = (), None
    return True


def _is_no_defect(error: BaseException | None) -> bool:
    """Whether an exception says all that there is to know of what went wrong."""
    return isinstance(error, (BotError, ConnectionError)) or type(error).__module__.startswith(
        ("aiohttp.", "discord.errors")
    )
