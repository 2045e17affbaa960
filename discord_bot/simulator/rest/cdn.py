"""The CDN: the bytes of attachments and avatars, served back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import hdrs, web

if TYPE_CHECKING:
    from discord_bot.simulator.world.world import World

_UNTRUSTED = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
"""What people upload is never shown as a page of this address, which is the playground's too."""

_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da6364f80f00010501012718e366"
    "0000000049454e44ae426082"
)
"""A picture of one pixel: the avatar of who has none."""


class Cdn:
    """The files of a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Serve the files under the paths that payloads name."""
        router.add_get(r"/attachments/{channel_id:\d+}/{attachment_id:\d+}/{filename}", self.serve_attachment)
        router.add_get(r"/avatars/{user_id:\d+}/{filename}", self.serve_avatar)
        router.add_get(r"/guilds/{guild_id:\d+}/users/{user_id:\d+}/avatars/{filename}", self.serve_avatar)
        router.add_get(r"/emojis/{emoji_id:\d+}.{suffix:\w+}", self.serve_emoji)
        router.add_get("/embed/avatars/{filename}", self.serve_avatar)

    async def serve_attachment(self, request: web.Request) -> web.Response:
        """The bytes of a file that stands on a message."""
        attachment_id = int(request.match_info["attachment_id"])
        data = self._world.files.get(attachment_id)
        if data is None:
            return web.Response(status=404, text="This content is no longer available.")
        kind = self._content_type(int(request.match_info["channel_id"]), attachment_id)
        return web.Response(body=data, headers=_UNTRUSTED | {hdrs.CONTENT_TYPE: kind})

    def _content_type(self, channel_id: int, attachment_id: int) -> str:
        for message in self._world.messages.get(channel_id, {}).values():
            for attachment in message.attachments:
                if attachment.id == attachment_id:
                    return attachment.content_type or "application/octet-stream"
        return "application/octet-stream"

    async def serve_emoji(self, request: web.Request) -> web.Response:
        """The picture of an emoji that the application owns."""
        emoji = self._world.emojis.get(int(request.match_info["emoji_id"]))
        if emoji is None:
            return web.Response(status=404)
        return web.Response(body=emoji.image, headers=_UNTRUSTED | {hdrs.CONTENT_TYPE: "image/png"})

    async def serve_avatar(self, request: web.Request) -> web.Response:
        """An avatar by its hash; one that was only named by its address is sent for there."""
        avatar = self._world.avatars.get(request.match_info["filename"].partition(".")[0], _PIXEL)
        if isinstance(avatar, str):
            raise web.HTTPFound(avatar)
        return web.Response(body=avatar, headers=_UNTRUSTED | {hdrs.CONTENT_TYPE: "image/png"})
