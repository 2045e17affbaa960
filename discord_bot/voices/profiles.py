"""The bot's own name, picture and bio in a server: those of a persona, for who prefers that to a webhook.

A server has one, so whoever was set last is shown there, in all of its channels. Discord lets it be changed rarely; so
it changes with a command, never with a message, and only in what differs.
https://discord.com/developers/docs/resources/guild#modify-current-member
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import discord

from discord_bot import portraits
from discord_bot.errors import BotError
from discord_bot.voices.names import bio, nickname

if TYPE_CHECKING:
    from discord_bot.chat.persona import Persona
    from discord_bot.voices.faces import Picture

log = logging.getLogger(__name__)

PATIENCE: Final = 10.0
"""Seconds that a change may take. Discord answers too many with a wait of minutes, which nobody sits out."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a server shows of the bot."""

    nick: str | None = None
    avatar: str | None = None
    """The SHA-256 of its picture."""
    bio: str = ""


class Profiles:
    """What was put on in each server since the start."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._worn: dict[int, Profile] = {}

    async def put_on(self, guild: discord.Guild, persona: Persona) -> bool:
        """Shows the persona in that server; False where Discord does not let it, or not now."""
        return await self._change(
            guild, Profile(nickname(persona.called), persona.avatar, bio(persona.description)), nameable(guild)
        )

    async def take_off(self, guild: discord.Guild) -> bool:
        """Shows the bot as itself again."""
        return await self._change(guild, Profile(), nameable(guild))

    async def _change(self, guild: discord.Guild, wanted: Profile, may_be_named: bool) -> bool:
        worn = self._worn.get(guild.id)
        changes: dict[str, Any] = {}
        if may_be_named and guild.me.nick != wanted.nick:
            changes["nick"] = wanted.nick
        try:
            if worn is None or worn.avatar != wanted.avatar:
                changes["avatar"] = await self._avatar(wanted.avatar)
            if worn is None or worn.bio != wanted.bio:
                changes["bio"] = wanted.bio
            if worn is None and guild.me.guild_avatar is None and changes.get("avatar") is None:
                changes.pop("avatar", None)
            if changes:
                async with asyncio.timeout(PATIENCE):
                    await guild.me.edit(**changes)
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError, BotError) as error:
            log.warning("the profile in server %s stays as it is: %s", guild.id, type(error).__name__)
            return False
        self._worn[guild.id] = wanted
        return may_be_named

    async def _avatar(self, digest: str | None) -> bytes | None:
        data = await self._picture(digest) if digest is not None else None
        return await asyncio.to_thread(portraits.face, data) if data is not None else None


def nameable(guild: discord.Guild) -> bool:
    """Whether the bot may change its nickname there."""
    return guild.me.guild_permissions.change_nickname
