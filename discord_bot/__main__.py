"""The commands, and the only place where the rooms are put together: one chain of `async with`.

Each command imports what it needs when it runs, so that `run` loads neither the simulator nor the page.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from discord_bot.errors import BotError, TokenMissing
from discord_bot.sentences import Language, language_of

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot
    from discord_bot.completions import Endpoint
    from discord_bot.config import Settings

log = logging.getLogger("discord_bot")

STOP_WITHIN = 9.0
"""Seconds from Ctrl-C or SIGTERM to the end of the process, whatever hangs."""

app = typer.Typer(
    help="A Discord chat bot with personas, for any OpenAI-compatible endpoint.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", help="The configuration; config.yaml in this directory, or else the built-in one, if left out."
    ),
]


@app.command()
def run(config: ConfigOption = None) -> None:
    """Run the bot in Discord until Ctrl-C."""
    settings = _settings(config)
    _log_to_stderr()
    _carry_out(lambda: _run(settings), settings)


# ---- putting the rooms together --------------------------------------------------------------------------------------


@asynccontextmanager
async def _assembled(settings: Settings) -> AsyncIterator[ChatBot]:
    """The bot with all that it needs, not yet connected; everything is closed in the reverse order."""
    from discord_bot.bot import ChatBot
    from discord_bot.chat.persona import Persona
    from discord_bot.completions import CompletionsClient
    from discord_bot.store import Store

    personas = {name: Persona(name, each.system_prompt, each.description) for name, each in settings.personas.items()}
    proxy = settings.proxy_for(settings.discord.api_url, settings.discord.proxy)
    async with (
        Store.open(settings.store.url) as store,
        CompletionsClient(_endpoints(settings)) as completions,
        ChatBot(
            settings, store=store, completions=completions, personas=personas, proxy=proxy.url if proxy else None
        ) as bot,
    ):
        yield bot


def _endpoints(settings: Settings) -> dict[str, Endpoint]:
    """The providers of the configuration as the client wants them."""
    from discord_bot.completions import Endpoint, Timeouts

    return {
        name: Endpoint(
            name=name,
            base_url=each.base_url,
            api_key=each.api_key.get_secret_value() if each.api_key is not None else None,
            timeouts=Timeouts(each.timeouts.connect, each.timeouts.first_token, each.timeouts.idle),
            proxy=proxy.url if (proxy := settings.proxy_for(each.base_url, each.proxy)) is not None else None,
            extra_headers=each.extra_headers,
            extra_query=each.extra_query,
            extra_body=each.extra_body,
        )
        for name, each in settings.providers.items()
    }


async def _run(settings: Settings) -> None:
    if settings.discord.token is None:
        raise TokenMissing
    async with _assembled(settings) as bot:
        await _until_stopped(bot.start(settings.discord.token.get_secret_value()), bot.close)


async def _until_stopped(work: Coroutine[Any, Any, None], stop: Callable[[], Coroutine[Any, Any, None]]) -> None:
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
                    await working
        else:
            await working
    finally:
        for task in (working, asking):
            task.cancel()
        await asyncio.gather(working, asking, return_exceptions=True)


# ---- speaking in the terminal ----------------------------------------------------------------------------------------


def _settings(config: Path | None) -> Settings:
    """The settings, or the end of the program with the sentences that say what is wrong with them."""
    from discord_bot.config import load_settings

    try:
        return load_settings(config)
    except BotError as error:
        _give_up(error)


def _carry_out(work: Callable[[], Coroutine[Any, Any, None]], settings: Settings | None = None) -> None:
    """Runs the program's one event loop; what we raise on purpose ends it with a sentence, not with a traceback."""
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(work())
    except BotError as error:
        _give_up(error, settings)
    except KeyboardInterrupt:
        return


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The event loop of uvloop where there is one (not on Windows), else Python's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _give_up(error: BotError, settings: Settings | None = None) -> NoReturn:
    """Says what is wrong and what to do, and ends the program with exit status 1."""
    from discord_bot.check import sentence_for

    typer.echo(sentence_for(error, _language(settings)), err=True)
    raise typer.Exit(1)


def _language(settings: Settings | None) -> Language:
    """The language for the terminal: the configured one, or else the terminal's own."""
    if settings is not None and settings.language != "auto":
        return settings.language
    return language_of(
        next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), None)
    )


def _log_to_stderr() -> None:
    """One line per event. Never a message's text, a token or a key: nothing of ours logs those."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S"))
    handler.addFilter(_without_network_tracebacks)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("discord").setLevel(logging.WARNING)


def _without_network_tracebacks(record: logging.LogRecord) -> bool:
    """A lost connection is a line, not a page: discord.py tries again by itself."""
    if (
        record.name.startswith("discord.")
        and record.exc_info
        and isinstance(record.exc_info[1], OSError | TimeoutError)
    ):
        record.msg = f"{record.getMessage()} ({record.exc_info[1]!r})"
        record.args, record.exc_info = (), None
    return True


def main() -> None:
    """The entry point of the command `discord-bot`."""
    app()


if __name__ == "__main__":
    main()
