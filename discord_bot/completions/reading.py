"""One request and its answer over the network: what comes, in time, or the failure that it is.

Every byte goes to whoever reads; what is added here is time and failure: a connection that isn't made, an answer that
doesn't begin, one that stops.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

import aiohttp

from discord_bot.chat.refusal import error_of_response
from discord_bot.errors import CompletionError, CompletionTimeout, NotFound, ServerError, StreamInterrupted, Unreachable

if TYPE_CHECKING:
    from discord_bot.chat.completion import Completion
    from discord_bot.completions.endpoint import Endpoint, Timeouts

MAX_ERROR_BYTES = 64 * 2**10
"""What is read of an error's body; more than that is a page for people."""

AFTER_FINISH = 5.0
"""Seconds that an answer which has named its end still gets for its usage and `[DONE]`."""

KEEPALIVE = 30.0
"""Seconds that a connection is kept for the next request."""

AFTER_DONE = 0.1
"""Seconds that a connection gets to end cleanly behind `[DONE]`, so that it can be used again."""


class Listener(Protocol):
    """Who hears one answer as it comes over the network."""

    def begins(self, status: int) -> None:
        """It begins, with that HTTP status."""

    def hears(self, data: bytes) -> None:
        """So much more of it came."""


Listening = Callable[[str, bytes], Listener]
"""A provider's name, and the body of the request that is sent to it -> who hears its answer. No key is in it."""


class Connections:
    """The connections to all endpoints, in one session; an async context manager."""

    def __init__(self, listening: Listening | None = None) -> None:
        self._listening = listening

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,
                keepalive_timeout=KEEPALIVE,
                resolver=aiohttp.ThreadedResolver(),  # the system's own: it knows VPNs, containers and mDNS
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,  # each endpoint names its own proxy
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._session.close()

    def asked(self, endpoint: Endpoint, method: str, path: str, body: bytes | None = None) -> Reading:
        """One request and its answer."""
        listener = None if self._listening is None or body is None else self._listening(endpoint.name, body)
        return Reading(_send(self._session, endpoint, method, path, body), endpoint.timeouts, listener)


async def _send(
    session: aiohttp.ClientSession, endpoint: Endpoint, method: str, path: str, body: bytes | None
) -> aiohttp.ClientResponse:
    headers = endpoint.headers()
    if body is not None:
        headers.setdefault("Content-Type", "application/json")
    timeouts = endpoint.timeouts
    try:
        async with asyncio.timeout(timeouts.first_token):
            return await session.request(
                method,
                endpoint.url(path),
                data=body,
                headers=headers,
                proxy=endpoint.proxy,
                allow_redirects=False,  # a redirected POST becomes a GET, and the key would go somewhere else
                timeout=aiohttp.ClientTimeout(total=None, connect=timeouts.connect, sock_connect=timeouts.connect),
            )
    except (aiohttp.ClientError, OSError, ValueError) as error:  # TimeoutError is an OSError
        raise _no_answer(endpoint, error) from None


def _no_answer(endpoint: Endpoint, error: Exception) -> CompletionError:
    """What it means that there was no answer at all."""
    match error:
        case aiohttp.ConnectionTimeoutError():
            return Unreachable(f"{endpoint.place}: no connection within {endpoint.timeouts.connect:g} s")
        case aiohttp.ClientHttpProxyError():
            return Unreachable(f"{endpoint.place}: the proxy answered {error.status} {error.message}")
        case aiohttp.ClientProxyConnectionError():
            return Unreachable(f"{endpoint.place}: no connection to the proxy: {_reason(error.os_error)}")
        case aiohttp.ClientConnectorCertificateError():
            return Unreachable(f"{endpoint.place}: its certificate is not trusted: {error.certificate_error}")
        case aiohttp.ClientConnectorError():
            return Unreachable(f"{endpoint.place}: {_reason(error.os_error)}")
        case aiohttp.InvalidURL() | ValueError():
            return NotFound(f"{endpoint.name}: what is configured makes no request that can be sent")
        case TimeoutError():
            return CompletionTimeout(f"{endpoint.place}: no answer within {endpoint.timeouts.first_token:g} s")
        case aiohttp.ClientResponseError():
            return ServerError(f"{endpoint.place}: what answers there doesn't speak HTTP")
    return Unreachable(f"{endpoint.place}: the connection ended before the answer began")


def _reason(error: OSError) -> str:
    """The system's own words for why there is no connection."""
    if error.errno and error.errno > 0 and not isinstance(error, socket.gaierror):
        return os.strerror(error.errno)  # asyncio puts the address in the place of the words
    return error.strerror or str(error)


class Reading:
    """One request, and its answer as it comes: an async context manager, which gives the answer up at its end.

    Entering it asks, and raises CompletionError where the answer has no status of success. An answer that doesn't come
    in time is ended. One timer per answer looks at what has happened each time it goes off: a timer per read would cost
    more than reading. Time counts only while somebody reads.
    """

    def __init__(
        self, asking: Coroutine[None, None, aiohttp.ClientResponse], timeouts: Timeouts, listener: Listener | None
    ) -> None:
        self.failure: CompletionError | None = None
        """Why reading ended, if it wasn't the answer's end."""
        self._asking = asking
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._timeouts = timeouts
        self._idle = timeouts.idle
        self._first_token_due: float | None = self._loop.time() + timeouts.first_token
        self._reading_since: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        self._response = response = await self._asking
        self._content = response.content
        if self._listener is not None:
            self._listener.begins(response.status)
        self._set_timer()
        if response.status >= 300:
            try:
                data = await self.read_all(MAX_ERROR_BYTES)
            finally:
                await self._give_back()
            raise error_of_response(response.status, response.headers, data, now=time.time())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._give_back()

    async def _give_back(self) -> None:
        """The connection goes back to the others, or is closed where the answer isn't over."""
        if self._timer is not None:
            self._timer.cancel()
        await self._response.__aexit__(None, None, None)

    async def read(self, gather: float = 0.0) -> bytes:
        """What has come; b"" at the end, or after a failure. What comes in the next `gather` seconds comes as one."""
        if gather:
            await self._gather(gather)
        if self.failure is not None:
            return b""
        self._reading_since = self._loop.time()
        try:
            data = await self._content.readany()
        except (aiohttp.ClientError, ConnectionError, TimeoutError):
            if self.failure is None:
                self.failure = StreamInterrupted("the connection was cut")
            data = self._left_over()
        finally:
            self._reading_since = None
        if self._listener is not None:
            self._listener.hears(data)
        return data

    async def _gather(self, seconds: float) -> None:
        """Lets the operating system keep what comes: it is the waking up for every few bytes that costs, not the bytes.

        There is no connection any more where the answer has come to its end.
        """
        transport = self._response.connection.transport if self._response.connection is not None else None
        if transport is not None:
            transport.pause_reading()
            await asyncio.sleep(seconds - self._loop.time() % seconds)
            transport.resume_reading()

    async def read_all(self, limit: int) -> bytes:
        """All that comes, up to a limit in bytes, and no longer than the server may be silent."""
        read = bytearray()
        self._first_token_due = None
        try:
            async with asyncio.timeout(self._idle):
                while len(read) < limit and (data := await self.read()):
                    read += data
        except TimeoutError:
            self.failure = CompletionTimeout(f"what came was not whole within {self._idle:g} s")
        return bytes(read[:limit])

    async def drain(self) -> None:
        """Let the answer end cleanly, so that the connection can be used again."""
        if self._content.at_eof():
            return
        try:
            async with asyncio.timeout(AFTER_DONE):
                while await self._content.readany():
                    pass
        except (aiohttp.ClientError, ConnectionError, TimeoutError):
            self._response.close()

    def look_at(self, completion: Completion) -> None:
        """See what the answer has become, and so how long to wait for more."""
        if self._first_token_due is not None and completion.started:
            self._first_token_due = None
        if completion.finish_reason_raw is not None and completion.text and self._idle > AFTER_FINISH:
            self._idle = AFTER_FINISH
            self._set_timer()

    def _left_over(self) -> bytes:
        """What came before the end and wasn't read: aiohttp tells of the end first."""
        self._content.set_exception(None)  # type: ignore[arg-type]
        return self._content.read_nowait()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        now = self._loop.time()
        due = (now if self._reading_since is None else self._reading_since) + self._idle
        if self._first_token_due is not None:
            due = min(due, self._first_token_due)
        self._timer = self._loop.call_at(max(due, now), self._look_at_the_clock)

    def _look_at_the_clock(self) -> None:
        now = self._loop.time()
        if self._reading_since is None:  # the answer waits for us
            self._timer = self._loop.call_later(self._idle, self._look_at_the_clock)
        elif self._first_token_due is not None and now >= self._first_token_due:
            self._give_up(f"nothing was said within {self._timeouts.first_token:g} s")
        elif now - self._reading_since >= self._idle:
            self._give_up(f"nothing came for {self._idle:g} s")
        else:
            self._set_timer()

    def _give_up(self, reason: str) -> None:
        self.failure = CompletionTimeout(reason)
        self._response.close()
