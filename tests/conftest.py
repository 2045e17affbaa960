"""What holds for all tests: nothing reaches beyond this machine."""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.tiny_proxy import TinyProxy, serving_proxy

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("here")

# asyncio's debug mode, in which the tests run, warns of every callback that took 0.1 s: on a busy machine any does, and
# a test that counts what the bot has logged would count it. What it says of lost tasks and exceptions is an error.
logging.getLogger("asyncio").setLevel(logging.ERROR)

LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0", "")  # compared with, never bound


def _refuse_the_outside(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: every connection and look-up of this process passes here, whichever library makes it."""
    if event == "socket.connect":
        opened, address = arguments
        if opened.family == socket.AF_UNIX:
            return
        host = str(address[0])
    elif event == "socket.getaddrinfo":
        host = str(arguments[0] or "")
    else:
        return
    if not host.startswith(LOOPBACK[:3]) and host not in LOOPBACK:
        pytest.fail(f"a test reached for {host}, which is not this machine")


sys.addaudithook(_refuse_the_outside)


@pytest.fixture
async def tiny_proxy() -> AsyncIterator[TinyProxy]:
    async with serving_proxy() as proxy:
        yield proxy
