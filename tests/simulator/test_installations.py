"""The application is brought along by who has installed it: where, as whose, and how little it may do there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
from discord import app_commands

from discord_bot.simulator.people import Invocation
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world import changes
from discord_bot.simulator.world.entities import Channel
from discord_bot.simulator.world.permissions import DEFAULT_PERMISSIONS, Permission
from tests.simulator.conftest import Client, connected

Interaction = discord.Interaction[Client]


@pytest.fixture
async def bot(simulator: Simulator) -> AsyncIterator[Client]:
    """A bot with a command for everywhere, one for servers, and one on messages."""
    client = Client(discord.Intents(guilds=True))

    @client.tree.command(description="Everywhere")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def anywhere(interaction: Interaction, more: int = 0) -> None:
        await interaction.response.defer(thinking=True)
        bits = interaction.context.to_array()
        owners = interaction.is_guild_integration(), interaction.is_user_integration()
        await interaction.edit_original_response(content=f"{bits} {owners} {interaction.app_permissions.send_messages}")
        try:
            for number in range(more):
                await interaction.followup.send(str(number))
        except discord.HTTPException as error:
            await interaction.edit_original_response(content=f"refused: {error.code}")

    @client.tree.command(description="In servers")
    async def here(interaction: Interaction) -> None:
        await interaction.response.send_message("here")

    @client.tree.context_menu(name="Read")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def read(interaction: Interaction, message: discord.Message) -> None:
        modal = discord.ui.Modal(title=message.content)
        modal.add_item(discord.ui.TextInput(label="Why", custom_id="why"))

        async def submitted(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.send_message(f"{interaction.is_user_integration()}")

        modal.on_submit = submitted  # type: ignore[method-assign]
        await interaction.response.send_modal(modal)

    async with connected(simulator, client):
        await client.tree.sync()
        yield client


def elsewhere(simulator: Simulator) -> Channel:
    world = simulator.world
    guild, _ = changes.add_guild(world, "Elsewhere", world.user("kim"))
    changes.add_member(world, guild, world.user("ada"))
    return changes.add_channel(world, guild, "far-away")[0]


async def run(simulator: Simulator, channel: Channel, **options: Any) -> Invocation:
    invocation = await simulator.person("ada").command(channel, "anywhere", **options)
    async with asyncio.timeout(8):
        while not invocation.content or len(invocation.messages) < min(6, 1 + options.get("more", 0)):
            await asyncio.sleep(0.01)
    return invocation


async def test_a_command_says_where_it_was_run_and_by_whose_installation(simulator: Simulator, bot: Client) -> None:
    """Guild, bot DM and private channel; the guild's installation, the person's, or both."""
    ada, mo = simulator.person("ada"), simulator.person("mo")
    assert (await run(simulator, simulator.world.channel("general"))).content == "[0] (True, False) True"
    ada.install()
    assert (await run(simulator, simulator.world.channel("general"))).content == "[0] (True, True) True"
    assert (await run(simulator, await ada.open_dm())).content == "[1] (False, True) True"
    for private in (await ada.open_dm(mo.user), await ada.open_group(mo, simulator.person("kim"))):
        assert (await run(simulator, private)).content == "[2] (False, True) False"
    assert (await run(simulator, elsewhere(simulator))).content == "[0] (False, True) False"


async def test_only_who_has_installed_it_is_offered_what_may_be_brought_along(
    simulator: Simulator, bot: Client
) -> None:
    """Commands for guilds alone stay where the bot is a member."""
    ada, place = simulator.person("ada"), elsewhere(simulator)
    assert ada.commands(place) == []
    ada.install()
    assert {each["name"] for each in ada.commands(place)} == {"anywhere", "Read"}
    assert {each["name"] for each in ada.commands("general")} == {"anywhere", "Read", "here"}


async def test_brought_along_it_has_five_follow_ups(simulator: Simulator, bot: Client) -> None:
    """The sixth is refused with 40094, and not where the bot is a member."""
    simulator.person("ada").install()
    far = await run(simulator, elsewhere(simulator), more=7)
    async with asyncio.timeout(8):
        while far.content != "refused: 40094":
            await asyncio.sleep(0.01)
    assert len(far.messages) == 6
    near = await run(simulator, simulator.world.channel("general"), more=7)
    async with asyncio.timeout(8):
        while len(near.messages) < 8:
            await asyncio.sleep(0.01)


async def test_without_a_permission_what_is_brought_along_answers_that_person_alone(
    simulator: Simulator, bot: Client
) -> None:
    """Without Use External Apps every answer is ephemeral."""
    place = elsewhere(simulator)
    simulator.person("ada").install()
    everyone = simulator.world.role(place.guild_id or 0, place.guild_id or 0)
    assert not (await run(simulator, place)).ephemeral
    simulator.dispatch(changes.set_role_permissions(everyone, DEFAULT_PERMISSIONS & ~Permission.USE_EXTERNAL_APPS))
    answer = await run(simulator, place, more=1)
    assert [bool(each["flags"] & 64) for each in answer.messages] == [True, True]


async def test_a_form_that_was_opened_at_a_message_belongs_to_the_same_installation(
    simulator: Simulator, bot: Client
) -> None:
    """A message command gives the whole message, and the modal it opens is sent in by the same authority."""
    place, ada = elsewhere(simulator), simulator.person("ada")
    ada.install()
    said = await ada.send(place, "far away")
    form = await ada.run_on_message(said, "Read")
    assert form.modal is not None
    assert form.modal["title"] == "far away"
    assert (await ada.submit(form, {"why": "so"})).content == "True"
