"""The HTTP client for chat completions: the only outbound aiohttp of the running bot, beside discord.py's own.

It sends, waits, and hands every byte to `chat.answer`, which knows what the bytes mean. What it adds is time and
failure: a connection that isn't made, an answer that doesn't begin, one that stops. Whatever goes wrong leaves here as
a CompletionError in which no key stands, neither ours nor what a server made of it.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import aiohttp
from yarl import URL

from discord_bot.chat.answer import Answer
from discord_bot.chat.redaction import redact
from discord_bot.chat.refusal import error_in, error_of_response, error_of_text
from discord_bot.chat.schema import ChatCompletionRequest, ModelInfo, ModelList, StreamOptions, decode_json
from discord_bot.errors import CompletionError, CompletionTimeout, NotFound, ServerError, StreamInterrupted, Unreachable

if TYPE_CHECKING:
    from discord_bot.chat.completion import Completion

MAX_ERROR_BYTES = 64 * 2**10
"""What is read of an error's body; more than that is a page for people."""

MAX_LIST_BYTES = 16 * 2**20
"""What is read of a list of models: OpenRouter's has half a megabyte."""

AFTER_FINISH = 5.0
"""Seconds that an answer which has named its end still gets for its usage and `[DONE]`."""

AFTER_DONE = 0.1
"""Seconds that a connection gets to end cleanly behind `[DONE]`, so that it can be used again."""

KEEPALIVE = 30.0
"""Seconds that a connection is kept for the next request."""


_PASSWORD = re.compile(r"//[^/@\s]*:([^/@\s]+)@")
"""The password in an address."""

_SECRET_NAME = re.compile(r"auth|key|token|secret|password|signature|credential", re.IGNORECASE)
"""How a header or a parameter is called whose value proves who we are."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait, in seconds."""

    connect: float = 10.0
    """For the connection, TLS included."""
    first_token: float = 120.0
    """From the request to the first thing that the model says. A server's signs of life don't lengthen it."""
    idle: float = 60.0
    """Between two reads, once the answer has begun. A server's signs of life count."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server that speaks chat completions. What may hold a secret is not in its repr."""

    name: str
    base_url: str
    """Up to and including `/v1`, with or without a slash at the end."""
    api_key: str | None = field(default=None, repr=False)
    timeouts: Timeouts = Timeouts()
    proxy: str | None = field(default=None, repr=False)
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    extra_query: Mapping[str, str] = field(default_factory=dict, repr=False)
    extra_body: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def url(self, path: str) -> URL:
        """The address of `chat/completions` or `models` there, with the extra query."""
        base = URL(self.base_url)
        trimmed = base.raw_path.rstrip("/").removesuffix("/chat/completions")
        return base.with_path(f"{trimmed}/{path}", encoded=True, keep_query=True).update_query(self.extra_query)

    @property
    def place(self) -> str:
        """The endpoint's name and host, to be told where nothing answers; no path, no query, no password."""
        try:
            return f"{self.name} at {URL(self.base_url).origin()}"
        except ValueError:
            return self.name

    def headers(self) -> dict[str, str]:
        """The headers of every request. Streams are not to be compressed: compressing collects what should flow."""
        headers = {"Accept-Encoding": "identity", "User-Agent": "discord-bot"}
        if self.api_key:
            headers["Authorization"] = f"Bearer {self.api_key.strip()}"
        return headers | dict(self.extra_headers)

    def secrets(self) -> list[str]:
        """What must never be told: the key, and whatever else proves who we are."""
        extras = [*self.extra_headers.items(), *self.extra_query.items()]
        secrets = [word for name, value in extras if _SECRET_NAME.search(name) for word in (value, *value.split())]
        return [self.api_key or "", *secrets, *_PASSWORD.findall(f"{self.base_url} {self.proxy}")]


class CompletionsClient:
    """Asks the endpoints; an async context manager that owns one session with its connections."""

    def __init__(self, endpoints: Mapping[str, Endpoint]) -> None:
        self._endpoints = endpoints
        self._session: aiohttp.ClientSession

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

    async def stream(self, provider: str, request: ChatCompletionRequest) -> AsyncGenerator[Completion, None]:
        """Yields the growing completion (the same object) each time something new has come; the last one is whole.

        Raises CompletionError. Closing the iterator closes the connection. Where `request.stream` is False, the answer
        is asked for and yielded in one piece.
        """
        endpoint = self._endpoints[provider]
        answer = Answer()
        try:
            # Retrying belongs here: around one attempt, as long as nothing has been yielded.
            async with self._open(endpoint, "POST", "chat/completions", _body(endpoint, request)) as reading:
                while not answer.done and (data := await reading.read()):
                    if answer.feed(data):
                        reading.look_at(answer.completion)
                        yield answer.completion
                answer.close(reading.failure)
                if answer.done:
                    await reading.drain()
            yield answer.completion
        except CompletionError as error:
            _clean(error, endpoint)
            raise

    async def complete(self, provider: str, request: ChatCompletionRequest) -> Completion:
        """The whole completion; raises CompletionError."""
        *_, completion = [completion async for completion in self.stream(provider, request)]
        return completion

    async def models(self, provider: str) -> list[ModelInfo]:
        """The models that the endpoint lists; raises CompletionError."""
        endpoint = self._endpoints[provider]
        try:
            async with self._open(endpoint, "GET", "models") as reading:
                data = await reading.read_all(MAX_LIST_BYTES)
                if reading.failure is not None:
                    raise reading.failure
                return _model_list(data)
        except CompletionError as error:
            _clean(error, endpoint)
            raise

    @asynccontextmanager
    async def _open(
        self, endpoint: Endpoint, method: str, path: str, body: bytes | None = None
    ) -> AsyncIterator[_Reading]:
        """One request and its answer, if that has a status of success; raises CompletionError."""
        asked_at = asyncio.get_running_loop().time()
        response = await self._send(endpoint, method, path, body)
        async with response, _Reading(response, endpoint.timeouts, asked_at) as reading:
            if response.status >= 300:
                data = await reading.read_all(MAX_ERROR_BYTES)
                raise error_of_response(response.status, response.headers, data, now=time.time())
            yield reading

    async def _send(self, endpoint: Endpoint, method: str, path: str, body: bytes | None) -> aiohttp.ClientResponse:
        headers = endpoint.headers()
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        timeouts = endpoint.timeouts
        try:
            async with asyncio.timeout(timeouts.first_token):
                return await self._session.request(
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


class _Reading:
    """Reads an answer as it comes, and ends the connection when it doesn't come in time.

    One timer per answer, which looks at what has happened each time it goes off: a timer per read would cost more than
    reading. Time counts only while somebody reads.
    """

    def __init__(self, response: aiohttp.ClientResponse, timeouts: Timeouts, asked_at: float) -> None:
        self.failure: CompletionError | None = None
        """Why reading ended, if it wasn't the answer's end."""
        self._response = response
        self._content = response.content
        self._loop = asyncio.get_running_loop()
        self._idle = timeouts.idle
        self._timeouts = timeouts
        self._first_token_due: float | None = asked_at + timeouts.first_token
        self._reading_since: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        self._set_timer()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()

    async def read(self) -> bytes:
        """What has come; b"" at the end, or after a failure."""
        if self.failure is not None:
            return b""
        self._reading_since = self._loop.time()
        try:
            return await self._content.readany()
        except (aiohttp.ClientError, ConnectionError, TimeoutError):
            if self.failure is None:
                self.failure = StreamInterrupted("the connection was cut")
            return self._left_over()
        finally:
            self._reading_since = None

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


def _body(endpoint: Endpoint, request: ChatCompletionRequest) -> bytes:
    """The request as JSON. A stream is asked for, and its usage, unless the request says otherwise."""
    asked = request.model_fields_set
    update: dict[str, Any] = {}
    if request.stream is False:
        update["stream_options"] = None
    else:
        update["stream"] = True
        if "stream_options" not in asked:
            update["stream_options"] = StreamOptions(include_usage=True)
    payload = request.model_copy(update=update).payload()
    return json.dumps(payload | dict(endpoint.extra_body), separators=(",", ":")).encode()


def _model_list(data: bytes) -> list[ModelInfo]:
    try:
        document = decode_json(data)
    except ValueError:
        raise error_of_text(200, data) from None
    if isinstance(document, list):
        document = {"data": document}
    if (error := error_in(document)) is not None:
        raise error
    if not isinstance(document, dict):
        raise ServerError("the list of models is none")
    return ModelList.mend(document).data or []


def _clean(error: CompletionError, endpoint: Endpoint) -> None:
    """Take what is secret out of an error: the keys in its words, and what led to it, which may hold the request."""
    error.message = redact(error.message, endpoint.secrets())
    error.args = (error.message,)
    error.__cause__ = error.__context__ = None
