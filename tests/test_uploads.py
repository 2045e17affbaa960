"""Files that people attach: fetched from where Discord keeps them, and never more of one than is wanted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from discord_bot import uploads
from discord_bot.config import Settings, load_settings
from discord_bot.errors import CardRefused, PersonaError

MIB = 1 << 20


@asynccontextmanager
async def serving(answer: Any) -> AsyncIterator[str]:
    """A server that answers everything like that, and its address."""
    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def settings(directory: Path, address: str) -> Settings:
    file = directory / "config.yaml"
    file.write_text(
        f"""
discord: {{token: x, api_url: "{address}/api/v10"}}
providers: {{here: {{base_url: "http://127.0.0.1:9/v1"}}}}
models: {{here/small: {{}}}}
personas: {{assistant: You are the assistant.}}
"""
    )
    return load_settings(file, {})


@dataclass(frozen=True)
class File:
    """A file as Discord tells of it."""

    url: str
    size: int = 5


async def test_a_file_is_fetched_whole(tmp_path: Path) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=b"whole")

    async with serving(answer) as address:
        assert await uploads.fetch(File(f"{address}/a.png"), settings(tmp_path, address), most=MIB) == b"whole"


async def test_a_file_that_says_it_is_too_large_is_not_asked_for(tmp_path: Path) -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(body=b"")

    async with serving(answer) as address:
        with pytest.raises(CardRefused, match="file_large"):
            await uploads.fetch(File(f"{address}/a.png", MIB + 1), settings(tmp_path, address), most=MIB)
        assert asked == []


async def test_one_that_is_larger_than_it_says_is_not_read_to_its_end(tmp_path: Path) -> None:
    sent = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(1000):
            await response.write(b"x" * MIB)
            sent += 1
        return response

    async with serving(answer) as address:
        with pytest.raises(CardRefused, match="file_large"):
            await uploads.fetch(File(f"{address}/a.png"), settings(tmp_path, address), most=MIB)
        assert sent < 100


@pytest.mark.parametrize("status", [301, 302, 404, 500])
async def test_nothing_is_followed_and_what_is_gone_is_said_to_be(tmp_path: Path, status: int) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": "http://127.0.0.1:9/elsewhere"}, body=b"x")

    async with serving(answer) as address:
        with pytest.raises(PersonaError, match="upload_missing"):
            await uploads.fetch(File(f"{address}/a.png"), settings(tmp_path, address), most=MIB)


async def test_another_host_is_not_asked(tmp_path: Path) -> None:
    async def answer(_: web.Request) -> web.Response:
        raise AssertionError

    async with serving(answer) as address:
        for url in (f"{address.replace('127.0.0.1', 'localhost')}/a.png", "http://169.254.169.254/latest"):
            with pytest.raises(PersonaError, match="upload_elsewhere"):
                await uploads.fetch(File(url), settings(tmp_path, address), most=MIB)
