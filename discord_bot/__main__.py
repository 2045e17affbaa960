"""The commands, and the only place where the rooms are put together: one chain of `async with`.

Each command imports what it needs when it runs, so that `run` loads neither the simulator nor the page.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from discord_bot.errors import PortTaken, TokenMissing
from discord_bot.process import carry_out, log_to_stderr, settings_from, until_stopped

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot
    from discord_bot.config import Settings
    from discord_bot.persona_commands import Terminal
    from discord_bot.playground.inspector import Inspector

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
    settings = settings_from(config)
    log_to_stderr()
    carry_out(lambda: _run(settings), settings)


@app.command()
def playground(
    config: ConfigOption = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The page's port on this machine; 0 for any free one.")
    ] = 8420,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Whether to open the page in a browser.")
    ] = True,
) -> None:
    """Try the bot in a chat server of its own, in the browser: no Discord account, no key."""
    settings = settings_from(config)
    log_to_stderr()
    carry_out(lambda: _playground(settings, config, port, browser), settings)


@app.command()
def check(config: ConfigOption = None) -> None:
    """Say in plain words what is wrong with the set-up, and what to do about it."""
    from discord_bot.check import check as look_at_everything

    if not carry_out(lambda: look_at_everything(config)):
        raise typer.Exit(1)


@app.command()
def ask(
    text: Annotated[str, typer.Argument(help="The question.")],
    config: ConfigOption = None,
    model: Annotated[
        str | None, typer.Option(help="provider/model; the first one of the configuration if left out.")
    ] = None,
    persona: Annotated[str | None, typer.Option(help="Who answers; the first persona if left out.")] = None,
    no_stream: Annotated[bool, typer.Option("--no-stream", help="Ask for the answer in one piece.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")] = False,
) -> None:
    """Ask the model one question from the terminal, without Discord."""
    settings = settings_from(config)
    if status := carry_out(lambda: _ask(settings, text, model, persona, no_stream, as_json), settings):
        raise typer.Exit(status)


@app.command()
def models(
    words: Annotated[list[str] | None, typer.Argument(help="Show only models whose names hold these words.")] = None,
    config: ConfigOption = None,
    provider: Annotated[str | None, typer.Option(help="Ask only this provider of the configuration.")] = None,
) -> None:
    """List the models that the providers offer, and mark those that the configuration uses."""
    settings = settings_from(config)
    if not carry_out(lambda: _models(settings, words or [], provider), settings):
        raise typer.Exit(1)


@app.command()
def schema() -> None:
    """Print the JSON Schema of config.yaml, with which editors complete it."""
    from discord_bot.config.schema import schema_text

    typer.echo(schema_text(), nl=False)


# ---- personas: the owner's library -----------------------------------------------------------------------------------

persona_app = typer.Typer(
    help="Import, export and show personas: character cards, there in every server.", no_args_is_help=True
)
app.add_typer(persona_app, name="persona")
NameArgument = Annotated[str, typer.Argument(help="The persona's name.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@persona_app.command("import")
def import_persona(
    file: Annotated[Path, typer.Argument(help="A character card: PNG, JSON or CHARX.")], config: ConfigOption = None
) -> None:
    """Take a character card into the library; the last line is the persona's name."""
    from discord_bot.persona_commands import import_card

    settings = settings_from(config)
    carry_out(lambda: import_card(settings, file, _terminal(settings)), settings)


@persona_app.command("export")
def export_persona(
    name: NameArgument,
    out: Annotated[Path, typer.Option("--out", help="The file to write: .png, .json or .charx.")],
    config: ConfigOption = None,
) -> None:
    """Write a persona as a character card."""
    from discord_bot.persona_commands import export_card

    settings = settings_from(config)
    carry_out(lambda: export_card(settings, name, out, _terminal(settings)), settings)


@persona_app.command("list")
def list_personas(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the personas that are there in every server."""
    from discord_bot.persona_commands import list_personas as list_all

    settings = settings_from(config)
    carry_out(lambda: list_all(settings, _terminal(settings), as_json=as_json), settings)


@persona_app.command("show")
def show_persona(name: NameArgument, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show what a persona is; --json shows the whole card."""
    from discord_bot.persona_commands import show_persona as show_one

    settings = settings_from(config)
    carry_out(lambda: show_one(settings, name, _terminal(settings), as_json=as_json), settings)


def _terminal(settings: Settings) -> Terminal:
    from discord_bot.check import terminal_language
    from discord_bot.persona_commands import Terminal

    return Terminal(typer.echo, lambda line: typer.echo(line, err=True), terminal_language(settings))


# ---- putting the rooms together --------------------------------------------------------------------------------------


@asynccontextmanager
async def assembled(settings: Settings, inspector: Inspector | None = None) -> AsyncIterator[ChatBot]:
    """The bot with all that it needs, not yet connected; everything is closed in the reverse order.

    `inspector` is told where its answers come from, what models are asked and send, and what is asked of Discord.
    """
    from discord_bot.bot import ChatBot
    from discord_bot.endpoints import client_for
    from discord_bot.personas import Personas
    from discord_bot.store import Store

    listening = None if inspector is None else inspector.listening
    async with Store.open(settings.store.url) as store, client_for(settings, listening=listening) as completions:
        personas = await Personas.open(settings, store)
        made = ChatBot(settings, store=store, completions=completions, personas=personas)
        if inspector is not None:
            made.observer = inspector.answered
            made.delivery.gate.watchers.append(inspector.passes)
        async with made as bot:
            yield bot


async def _run(settings: Settings) -> None:
    if settings.discord.token is None:
        raise TokenMissing
    async with assembled(settings) as bot:
        await until_stopped(bot.start(settings.discord.token.get_secret_value()), bot.close)


async def _ask(
    settings: Settings, text: str, model: str | None, persona: str | None, no_stream: bool, as_json: bool
) -> int:
    """Asks, and gives the exit status."""
    from discord_bot.ask import Question, persona_named, prompt_for
    from discord_bot.ask import ask as put
    from discord_bot.config import ModelSettings, split_model
    from discord_bot.endpoints import client_for

    speaker = persona or settings.default_persona
    who = await persona_named(settings, speaker)
    if who is None:
        raise typer.BadParameter(
            f"no persona {speaker!r} in {settings.source}; there are {', '.join(settings.personas)}, "
            "and those that discord-bot persona list shows"
        )
    name = model or who.model or settings.default_model
    provider, _ = split_model(name)
    if provider not in settings.providers:
        raise typer.BadParameter(
            f"no provider {provider!r} in {settings.source}; a model is one of {', '.join(settings.models)}"
        )
    fallback = settings.models[name].fallback if name in settings.models else []
    given = {each: settings.models.get(each, ModelSettings()).parameters for each in (name, *fallback)}
    question = Question(
        text=text,
        models={each: {**parameters, **who.parameters} for each, parameters in given.items()},
        system_prompt=who.system_prompt,
        prompt=prompt_for(who, text, settings.conversation.max_tokens, datetime.now(UTC)),
        stream=False if no_stream else None,
    )
    async with client_for(settings) as client:
        return await put(client, question, lambda piece: typer.echo(piece, nl=False), as_json=as_json)


async def _models(settings: Settings, words: list[str], provider: str | None) -> bool:
    """Asks the providers, and says whether any of them told what it has."""
    from discord_bot.check import tell, terminal_language
    from discord_bot.endpoints import client_for
    from discord_bot.models import models as list_them

    if provider is not None and provider not in settings.providers:
        raise typer.BadParameter(
            f"no provider {provider!r} in {settings.source}; there are {', '.join(settings.providers)}"
        )
    asked = [provider] if provider is not None else list(settings.providers)
    async with client_for(settings, persistent=False) as client:
        return await list_them(settings, client, tell, terminal_language(settings), providers=asked, words=words)


async def _playground(settings: Settings, config: Path | None, port: int, browser: bool) -> None:
    """The bot on a simulator instead of Discord, and a page; with a stand-in where the model's key is not there.

    Where the configuration was named, its model is used in any case.
    """
    import webbrowser

    from discord_bot.config import load_settings
    from discord_bot.playground.door import Playground
    from discord_bot.playground.inspector import Inspector
    from discord_bot.playground.running import Running
    from discord_bot.playground.settings import lacks_key, on_this_machine, with_stand_in
    from discord_bot.simulator.model import ModelEndpoint
    from discord_bot.simulator.server import Simulator

    simulator = Simulator(port=port)
    stand_in = ModelEndpoint()
    has_key = config is not None or not lacks_key(settings)
    inspector = Inspector(simulator)
    page = Playground(simulator, None if has_key else stand_in, inspector)
    simulator.app.add_routes(stand_in.routes("/stand-in/v1"))
    async with AsyncExitStack() as stack:
        kept = stack.enter_context(TemporaryDirectory(prefix="discord-bot-"))  # gone when the playground ends
        try:
            await stack.enter_async_context(simulator)
        except OSError as error:
            raise PortTaken(port, error.strerror or str(error)) from error
        here = on_this_machine(settings, simulator, Path(kept))
        if not has_key:
            here = with_stand_in(here, f"{simulator.url}/stand-in/v1")
        running = Running(here, lambda chosen: assembled(chosen, inspector), simulator.token)
        page.runs(running, lambda: load_settings(config))

        async def open_page() -> None:
            await running.until_ready()
            typer.echo(f"The playground is open at {page.url} (Ctrl-C ends it). The model is {here.default_model}.")
            if browser:
                await asyncio.to_thread(webbrowser.open, page.url)

        opening = asyncio.create_task(open_page())
        stack.callback(opening.cancel)
        await until_stopped(running.run(), running.stop)


def main() -> None:
    """The entry point of the command `discord-bot`."""
    app()


if __name__ == "__main__":
    main()
