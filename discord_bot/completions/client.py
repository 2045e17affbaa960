"""How a question is put until it is answered: again after a pause, in the model's own dialect, or to another model.

Each of these ends as soon as something of an answer was shown: a person never sees an answer begin twice. Whatever goes
wrong leaves here as a CompletionError in which no key stands, neither ours nor what a server made of it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from discord_bot.chat.answer import Answer
from discord_bot.chat.dialect import Dialect, learned
from discord_bot.chat.provenance import Course
from discord_bot.chat.redaction import redact, without_echoes
from discord_bot.chat.refusal import error_in, error_of_text
from discord_bot.chat.retries import CircuitBreaker, another_may_answer, pause
from discord_bot.chat.schema import ChatCompletionRequest, ModelInfo, ModelList, decode_json
from discord_bot.errors import CompletionError, ServerError

if TYPE_CHECKING:
    from discord_bot.chat.completion import Completion
    from discord_bot.chat.schema import ChatMessage
    from discord_bot.completions.endpoint import Endpoint
    from discord_bot.completions.reading import Connections, Listening

log = logging.getLogger(__name__)

MAX_LIST_BYTES = 16 * 2**20
"""What is read of a list of models: OpenRouter's has half a megabyte."""

Gather = Callable[[], float]
"""Says, each time, for how many seconds what comes is gathered before it is read."""

_ENCODER = json.JSONEncoder(separators=(",", ":"))

MAX_LESSONS = 6
"""What a model may refuse of one question, one thing after the other, until its refusal is the answer."""


class Target(NamedTuple):
    """A question, and the endpoint that it is for."""

    provider: str
    request: ChatCompletionRequest

    @property
    def name(self) -> str:
        """The model as config.yaml names it."""
        return f"{self.provider}/{self.request.model}"

    @classmethod
    def of(cls, name: str, messages: Sequence[ChatMessage], parameters: Mapping[str, Any]) -> Self:
        """These messages for the model that config.yaml calls so, with parameters of the request."""
        provider, _, model = name.partition("/")
        return cls(provider, ChatCompletionRequest(**{**parameters, "model": model, "messages": list(messages)}))


@dataclass(slots=True)
class Known:
    """What is known of a model since the program was started."""

    dialect: Dialect
    breaker: CircuitBreaker


class CompletionsClient:
    """Asks the endpoints; an async context manager that owns one session with its connections.

    `dialects` is what the configuration says of a model, by its name as `provider/model`; the rest is learned.
    `persistent` says whether a failed question is put again; without it there is one try, and nothing is left alone.
    `listening` hears what goes over the network.
    """

    def __init__(
        self,
        endpoints: Mapping[str, Endpoint],
        *,
        dialects: Mapping[str, Dialect] | None = None,
        persistent: bool = True,
        listening: Listening | None = None,
    ) -> None:
        self._endpoints = endpoints
        self._dialects = dialects or {}
        self._persistent = persistent
        self._listening = listening
        self._known: dict[str, Known] = {}
        self._connections: Connections

    async def __aenter__(self) -> Self:
        from discord_bot.completions.reading import Connections  # aiohttp is loaded only where something is asked

        self._connections = await Connections(self._listening).__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._connections.__aexit__(kind, error, traceback)

    def known(self, name: str) -> Known:
        """What is known of the model that config.yaml calls so."""
        if name not in self._known:
            self._known[name] = Known(self._dialects.get(name, Dialect()), CircuitBreaker())
        return self._known[name]

    async def stream(
        self,
        provider: str,
        request: ChatCompletionRequest,
        fallback: Sequence[Target] = (),
        gather: Gather = lambda: 0.0,
    ) -> AsyncGenerator[Completion, None]:
        """Yields the growing completion (the same object) each time something new has come; the last one is whole.

        Where the model can't answer, those of `fallback` are asked, in their order; `Completion.answered_by` names the
        one that answers then. Raises CompletionError, that of the first model. Closing the iterator closes the
        connection. Where `request.stream` is False, the answer is asked for and yielded in one piece. Who has better
        things to do than to look at every word lets some of them `gather`.
        """
        failure: CompletionError | None = None
        failed: list[tuple[str, str]] = []
        for target in (Target(provider, request), *fallback):
            try:
                async with aclosing(self._persistently(target, gather)) as completions:
                    async for completion in completions:
                        if failure is not None and completion.answered_by is None:
                            completion.answered_by = target.name
                            completion.course = replace(completion.course, failed=tuple(failed))
                        yield completion
            except CompletionError as error:
                failure = failure or error
                failed.append((target.name, error.kind))
                if error.partial_text or not another_may_answer(error):
                    raise failure from None
                if fallback:
                    log.warning("%s can't answer: %s: %s", target.name, error.kind, error)
            else:
                return
        assert failure is not None
        raise failure

    async def complete(
        self, provider: str, request: ChatCompletionRequest, fallback: Sequence[Target] = ()
    ) -> Completion:
        """The whole completion; raises CompletionError."""
        *_, completion = [completion async for completion in self.stream(provider, request, fallback)]
        return completion

    async def models(self, provider: str) -> list[ModelInfo]:
        """The models that the endpoint lists; raises CompletionError."""
        endpoint = self._endpoints[provider]
        try:
            async with self._connections.asked(endpoint, "GET", "models") as reading:
                data = await reading.read_all(MAX_LIST_BYTES)
                if reading.failure is not None:
                    raise reading.failure
                return _model_list(data)
        except CompletionError as error:
            _clean(error, endpoint)
            raise

    async def _persistently(self, target: Target, gather: Gather) -> AsyncGenerator[Completion, None]:
        """One model's answer. While nothing was shown, what was refused is put otherwise, what failed tried again."""
        endpoint, known = self._endpoints[target.provider], self.known(target.name)
        clock = asyncio.get_running_loop().time
        asked_at, tries, lessons = clock(), 0, 0
        if self._persistent and (rest := known.breaker.rest(asked_at)) and known.breaker.error is not None:
            raise _left_alone(known.breaker.error, rest)
        plain = _payload(endpoint, target.request)
        while True:
            answer, dialect = Answer(), known.dialect
            answer.completion.course = Course(retries=tries, otherwise=lessons, dialect=dialect)
            payload = dialect.spoken(plain)
            try:
                async with aclosing(self._attempt(endpoint, payload, answer, gather)) as completions:
                    async for completion in completions:
                        known.breaker.succeeded()
                        yield completion
            except CompletionError as error:
                _clean(error, endpoint, target.request)
                error.asked = target.name
                if _is_shown(answer.completion):
                    raise
                if lessons < MAX_LESSONS and self._learn(target.name, dialect, error, payload):
                    lessons += 1
                    continue
                tries += 1
                chance = random.random()  # noqa: S311  # no secret depends on it
                waiting = pause(error, tries, clock() - asked_at, chance) if self._persistent else None
                if waiting is None:
                    known.breaker.failed(error, clock())
                    raise
                log.info("%s: %s: %s; asked again in %.1f s", target.name, error.kind, error, waiting)
                await asyncio.sleep(waiting)
            else:
                return

    async def _attempt(
        self, endpoint: Endpoint, payload: dict[str, Any], answer: Answer, gather: Gather
    ) -> AsyncGenerator[Completion, None]:
        """One request, and its answer as it grows."""
        body = _ENCODER.encode(payload).encode()
        async with self._connections.asked(endpoint, "POST", "chat/completions", body) as reading:
            while not answer.done and (data := await reading.read(0.0 if answer.completion.ending else gather())):
                if answer.feed(data):
                    reading.look_at(answer.completion)
                    yield answer.completion
            answer.close(reading.failure)
            if answer.done:
                await reading.drain()
        yield answer.completion

    def _learn(self, name: str, spoken: Dialect, error: CompletionError, payload: Mapping[str, Any]) -> bool:
        """Whether there is another way to put the question now: just learned, or by another question meanwhile."""
        known = self.known(name)
        if known.dialect != spoken:
            return True
        dialect = learned(spoken, error, payload)
        if dialect is None:
            return False
        known.dialect = dialect
        log.warning(
            "learned how %s wants to be asked; in config.yaml it spares the refusals: models: {%s: {dialect: %s}}",
            name, name, dialect.written(),
        )  # fmt: skip
        return True


def _payload(endpoint: Endpoint, request: ChatCompletionRequest) -> dict[str, Any]:
    """The request's JSON object. A stream is asked for, and its usage, unless the request says otherwise."""
    payload = request.payload()
    if request.stream is False:
        payload.pop("stream_options", None)
    else:
        payload["stream"] = True
        if "stream_options" not in request.model_fields_set:
            payload["stream_options"] = {"include_usage": True}
    return payload | dict(endpoint.extra_body)


def _is_shown(completion: Completion) -> bool:
    """Whether anything of it may have been shown; what the model thinks is not, before it speaks."""
    return bool(completion.text or completion.refusal or completion.images or completion.tool_calls)


def _left_alone(last: CompletionError, rest: float) -> CompletionError:
    """The failure of a question that isn't put, because those before it failed too."""
    return type(last)(f"not asked for {rest:.0f} s more, after: {last.message}", status=last.status, retry_after=rest)


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


def _clean(error: CompletionError, endpoint: Endpoint, request: ChatCompletionRequest | None = None) -> None:
    """Take what is secret out of an error: keys and the request's texts in its words, and what led to it."""
    error.message = redact(error.message, endpoint.secrets())
    if request is not None:
        error.message = without_echoes(error.message, request.texts)
    error.args = (error.message,)
    error.__cause__ = error.__context__ = None
