"""A small discord.py bot for the playground's tests: it answers mentions in steps, and has a command of each kind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

if TYPE_CHECKING:
    from discord_bot.simulator.server import Simulator

PERSONAS = ("assistant", "pirate", "poet")
STEPS = ("Hello", "Hello there", "Hello there, **sailor**.\n```py\nprint('ahoy')\n```")
"""What an answer looks like, edit by edit."""


class SmallBot(discord.Client):
    """Answers who mentions it; `received` holds the contents of all messages that it heard."""

    def __init__(self, simulator: Simulator) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=True)
        super().__init__(intents=intents, max_messages=None, chunk_guilds_at_startup=False, guild_ready_timeout=0.1)
        Route.BASE = simulator.api_url
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(simulator.gateway_url)
        self.received: list[discord.Message] = []
        self.answers = True
        self.step = asyncio.Event()
        self.step.set()
        self.tree = app_commands.CommandTree(self)
        self.tree.add_command(_persona())
        self.tree.add_command(_buttons)
        self.tree.add_command(_form)
        self.tree.add_command(_quote)
        self.tree.add_command(_ask_about)
        self.synchronised = asyncio.Event()

    async def setup_hook(self) -> None:
        await self.tree.sync()
        self.synchronised.set()

    async def on_message(self, message: discord.Message) -> None:
        if message.author == self.user:
            return
        self.received.append(message)
        if not self.answers or (message.guild is not None and self.user not in message.mentions):
            return
        async with message.channel.typing():
            await self.step.wait()
            reply = await message.reply(STEPS[0])
        for step in STEPS[1:]:
            await asyncio.sleep(0.15)
            await self.step.wait()
            await reply.edit(content=step)


def _persona() -> app_commands.Group:
    group = app_commands.Group(name="persona", description="Who answers here")

    @group.command(name="set", description="Let somebody else answer")
    @app_commands.describe(name="Who", where="Only here, or in the whole server")
    @app_commands.choices(
        where=[app_commands.Choice(name="here", value="here"), app_commands.Choice(name="server", value="server")]
    )
    async def set_persona(
        interaction: discord.Interaction, name: str, where: app_commands.Choice[str] | None = None
    ) -> None:
        place = where.value if where else "here"
        await interaction.response.send_message(f"{name} answers now ({place}).", ephemeral=True)

    @set_persona.autocomplete("name")
    async def complete(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=name, value=name) for name in PERSONAS if name.startswith(current.lower())]

    return group


class _Form(discord.ui.Modal, title="Tell me more"):
    answer: discord.ui.TextInput[_Form] = discord.ui.TextInput(label="Your answer", custom_id="answer")

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"You wrote: {self.answer.value}")


class _Buttons(discord.ui.View):
    @discord.ui.button(label="Again", style=discord.ButtonStyle.primary)
    async def again(self, interaction: discord.Interaction, _: discord.ui.Button[_Buttons]) -> None:
        await interaction.response.edit_message(content="Pressed.")

    @discord.ui.select(placeholder="Which one?", options=[discord.SelectOption(label=name) for name in PERSONAS])
    async def choose(self, interaction: discord.Interaction, select: discord.ui.Select[_Buttons]) -> None:
        await interaction.response.send_message(f"Chosen: {select.values[0]}", ephemeral=True)


@app_commands.command(name="buttons", description="Something to press")
async def _buttons(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("Press one.", view=_Buttons())


@app_commands.command(name="form", description="Something to fill in")
async def _form(interaction: discord.Interaction) -> None:
    await interaction.response.send_modal(_Form())


@app_commands.context_menu(name="Quote this")
async def _quote(interaction: discord.Interaction, message: discord.Message) -> None:
    await interaction.response.send_message(f"Quoted: {message.content}", ephemeral=True)


@app_commands.context_menu(name="Ask about this")
async def _ask_about(interaction: discord.Interaction, _: discord.Message) -> None:
    await interaction.response.send_modal(_Form())


@asynccontextmanager
async def small_bot(simulator: Simulator) -> AsyncIterator[SmallBot]:
    """The bot, connected and with its commands registered, while the context lasts."""
    bot = SmallBot(simulator)
    async with bot:
        running = asyncio.create_task(bot.start(simulator.token))
        await asyncio.wait_for(bot.synchronised.wait(), 10)
        await asyncio.wait_for(bot.wait_until_ready(), 10)
        yield bot
    await running
