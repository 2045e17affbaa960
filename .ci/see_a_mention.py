"""Opens the playground at the given address as its page does, mentions the bot, and prints what it answers."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import aiohttp

PATIENCE = 60.0
"""Seconds until the answer must have come."""


def channel_named(name: str, data: Any) -> str | None:
    """The id of a channel in what the page is told at first."""
    if isinstance(data, dict):
        if data.get("name") == name and "id" in data and "type" in data:
            return str(data["id"])
        data = list(data.values())
    if isinstance(data, list):
        return next((found for each in data if (found := channel_named(name, each))), None)
    return None


async def main(url: str) -> int:
    """0 if the mention was answered."""
    asked = False
    async with (
        asyncio.timeout(PATIENCE),
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{url.rstrip('/')}/playground/socket", origin=url.rstrip("/")) as socket,
    ):
        async for message in socket:
            frame = json.loads(message.data)
            data = frame.get("data")
            if frame.get("event") == "READY" and data["bot"]["online"] and not asked:
                asked = True
                await socket.send_json(
                    {"id": 1, "do": "send", "channel": channel_named("general", data), "content": "@assistant hello"}
                )
            elif frame.get("event") in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
                said = data.get("message", data)
                if said["author"].get("bot") and "OPENAI_API_KEY" in said["content"]:  # the stand-in's last sentence
                    print(said["content"])
                    return 0
    return 1


sys.exit(asyncio.run(main(sys.argv[1])))
