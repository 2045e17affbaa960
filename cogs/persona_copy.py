"""/persona copy: into the library of another server in which one may do that too."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from discord_bot import bindings
from discord_bot.bindings import CHOICE_LENGTH, CHOICES, plain
from discord_bot.commands import described
from discord_bot.interactions import think
from discord_bot.sentences import SAID
from discord_bot.stage import shelves

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot

    Interaction = discord.Interaction[ChatBot]

GUILDS_ASKED = 25
"""Servers of which Discord is asked whether somebody may manage them: each is a request."""
REMEMBERED = 60.0
"""Seconds for which the answer counts."""
ASKERS = 256
"""People whose answers are kept."""


async def _copy(interaction: Interaction, name: str, server: str) -> None:
    """Puts a persona into another server's library too."""
    known = await shelves.to_hand_out(interaction, name)
    if known is None:
        return
    await think(interaction)
    language = interaction.client.language_for(interaction)
    if str(interaction.guild_id) == server or (interaction.guild is not None and interaction.guild.name == server):
        await interaction.edit_original_response(content=SAID.say("persona_copy_here", language))
        return
    guild = await server_meant(interaction, server)
    if guild is None:
        said = SAID.say("server_unknown", language, name=plain(server))
        await interaction.edit_original_response(content=said)
        return
    await shelves.copy(interaction, known, guild)
    said = SAID.say("persona_copied", language, name=plain(known.name), server=plain(guild.name))
    await interaction.edit_original_response(content=said)


class Managers:
    """Which servers somebody may fill the library of. Discord is asked, because members are not known here."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, tuple[float, list[discord.Guild]]] = OrderedDict()

    async def guilds_of(self, interaction: Interaction) -> list[discord.Guild]:
        """Other servers than this one, by name; in a bot of very many servers those that the person owns."""
        user_id = interaction.user.id
        expires, guilds = self._known.get(user_id, (0.0, []))
        if expires < time.monotonic():
            bot = interaction.client
            asked = bot.guilds if len(bot.guilds) <= GUILDS_ASKED else [g for g in bot.guilds if g.owner_id == user_id]
            may = await asyncio.gather(*(may_fill(interaction, guild) for guild in asked[:GUILDS_ASKED]))
            guilds = sorted((g for g, yes in zip(asked, may, strict=False) if yes), key=lambda each: each.name)
            self._known[user_id] = (time.monotonic() + REMEMBERED, guilds)
            while len(self._known) > ASKERS:
                self._known.popitem(last=False)
        return [guild for guild in guilds if guild.id != interaction.guild_id]


async def may_fill(interaction: Interaction, guild: discord.Guild) -> bool:
    """Whether the person may change the personas of that server."""
    bot = interaction.client
    permissions = bot.settings.permissions
    if interaction.user.id in permissions.users.admin_ids:
        return True
    try:
        member = await guild.fetch_member(interaction.user.id)
    except discord.HTTPException:
        return False
    if permissions.persona.library == "admins" or not bot.admits(member, None):
        return False
    needed: Any = permissions.persona.library
    return needed == "everyone" or bool(getattr(member.guild_permissions, needed))


async def server_meant(interaction: Interaction, typed: str) -> discord.Guild | None:
    """The server that somebody chose, or typed the name or the id of, where they may fill its library."""
    wanted = typed.strip().casefold()
    for guild in interaction.client.guilds:
        if wanted in (str(guild.id), guild.name.casefold()) and await may_fill(interaction, guild):
            return guild
    return None


async def setup(bot: ChatBot) -> None:
    """How discord.py adds it: to the group that `cogs.persona` has made."""
    managers = Managers()

    @app_commands.command(name="copy", description=described("persona copy"))
    @app_commands.describe(name=described("persona copy name"), server=described("persona copy server"))
    async def copy(interaction: Interaction, name: str, server: str) -> None:
        await _copy(interaction, name, server)

    @copy.autocomplete("name")
    async def suggest(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await bindings.personas_suggested(interaction, typed)

    @copy.autocomplete("server")
    async def suggest_servers(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        wanted = typed.strip().casefold()
        found = [each for each in await managers.guilds_of(interaction) if wanted in each.name.casefold()]
        return [app_commands.Choice(name=each.name[:CHOICE_LENGTH], value=str(each.id)) for each in found[:CHOICES]]

    group = bot.tree.get_command("persona")
    assert isinstance(group, app_commands.Group)
    group.add_command(copy)
