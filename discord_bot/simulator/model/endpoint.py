"""A chat completions endpoint on this machine: the stand-in model, fixed scripts, and named faults.

It answers as OpenAI documents it (https://platform.openai.com/docs/api-reference/chat), streamed or not, and keeps what
it was sent. It can be a server of its own, or routes in another application. It knows nothing of who asks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import count
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from discord_bot.simulator.model.performance import Performance, send_raw, until_gone
from discord_bot.simulator.model.refusals import REFUSALS, error, refusal
from discord_bot.simulator.model.scripts import Fault, Raw, Turn
from discord_bot.simulator.model.stand_in import answer

NATURAL_PACE = 0.02
"""Seconds between two pieces of an answer: about the speed at which people read."""

SLOWNESS = 15
"""How many times longer everything takes where the model is slow."""

KEPT_REQUESTS = 2000
"""Requests whose bodies are remembered; the oldest go first."""

MAX_REQUEST_BYTES = 64 * 2**20
"""Images come inside the request, so some megabytes are usual."""


class ModelEndpoint:
    """The endpoint. It answers by its script, turn by turn, and when that is over, as the stand-in model."""

    def __init__(
        self,
        script: Iterable[Turn] = (),
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        pace: float = NATURAL_PACE,
        key: str | None = None,
        model: str = "stand-in",
        context_length: int | None = None,
    ) -> None:
        self.script: deque[Turn] = deque(script)
        """What comes next. May be added to at any time."""
        self.standing: set[Fault] = set()
        """What goes wrong with every turn, whatever the script says, for as long as it stands here."""
        self.requests: deque[dict[str, Any]] = deque(maxlen=KEPT_REQUESTS)
        """The bodies received, the oldest first."""
        self.request_headers: deque[dict[str, str]] = deque(maxlen=KEPT_REQUESTS)
        """Their headers, in the same order; of the key only that there was one."""
        self.queries: deque[dict[str, str]] = deque(maxlen=KEPT_REQUESTS)
        """Their addresses' queries, in the same order."""
        self.pace = pace
        """Seconds between two pieces of an answer."""
        self.base_url = ""
        """What a client is configured with; known once it serves on a port of its own."""
        self._host, self._port = host, port
        self._key = key
        self._model = model
        self._context_length = context_length
        self.lists = 0
        """How often its list of models was asked for."""
        self._ids = count(1)
        self._runner: web.AppRunner

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MAX_REQUEST_BYTES)
        app.add_routes(self.routes("/v1"))
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self.base_url = f"http://{self._host}:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """The routes, for another application; the prefix is the base URL's path, such as `/v1`."""
        return [
            web.post(f"{prefix}/chat/completions", self._complete),
            web.get(f"{prefix}/models", self._list_models),
        ]

    async def _list_models(self, request: web.Request) -> web.Response:
        if not self._knows(request):
            return refusal(Fault.WRONG_KEY)
        self.lists += 1
        model = {"id": self._model, "object": "model", "created": 0, "owned_by": "this machine"}
        if self._context_length is not None:
            model["context_length"] = self._context_length
        return web.json_response({"object": "list", "data": [model]})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await request.json()
            messages = body["messages"]
            model = str(body["model"])
        except (ValueError, KeyError, TypeError):
            messages = None
        if not isinstance(messages, list):
            return error(400, {"message": "The body needs a model and messages.", "type": "invalid_request_error"})
        self.requests.append(body)
        self.request_headers.append(_without_key(request))
        self.queries.append(dict(request.query))
        if not self._knows(request):
            return refusal(Fault.WRONG_KEY)
        turn = self._next_turn(model, messages)
        if isinstance(turn, Raw):
            return await send_raw(request, turn)
        if isinstance(turn, Fault):
            if turn in REFUSALS:
                return refusal(turn)
            if turn is Fault.HANG:
                await until_gone(request)
                return web.Response(status=499)
        pace = self.pace * (SLOWNESS if Fault.SLOW in (turn, *self.standing) else 1)
        if turn is Fault.SLOW:
            turn = answer(model, messages)
        performance = Performance(f"chatcmpl-{next(self._ids)}", model, turn, body, pace)
        return await (performance.stream(request) if body.get("stream") else performance.whole(request))

    def _next_turn(self, model: str, messages: list[Any]) -> Turn:
        spoiling = sorted(self.standing - {Fault.SLOW})
        if spoiling:
            return spoiling[0]
        return self.script.popleft() if self.script else answer(model, messages)

    def _knows(self, request: web.Request) -> bool:
        return self._key is None or request.headers.get("Authorization") == f"Bearer {self._key}"


def _without_key(request: web.Request) -> dict[str, str]:
    return {name: "[a key]" if name.lower() == "authorization" else value for name, value in request.headers.items()}
