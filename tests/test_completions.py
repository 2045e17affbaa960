"""The client over a real socket: what is sent, what goes wrong, and how long it waits."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import re
import resource
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from types import ModuleType
from typing import Any

import pytest

from discord_bot import ask
from discord_bot.chat.completion import Completion
from discord_bot.chat.schema import ChatCompletionRequest, ChatMessage
from discord_bot.completions import CompletionsClient, Endpoint, Timeouts
from discord_bot.errors import (
    CompletionError,
    CompletionTimeout,
    ContextLengthExceeded,
    NotFound,
    QuotaExceeded,
    RateLimited,
    ServerError,
    StreamInterrupted,
    Unauthorized,
    Unreachable,
)
from discord_bot.simulator.model import Fault, ModelEndpoint, Raw, Reply
from tests import wire

REPLAY = wire.SHARED / "wire"
KEY = "sk-proj-Qx81mZ0tLrV7bN2yKd5w"


def request(text: str = "hi", **parameters: Any) -> ChatCompletionRequest:
    return ChatCompletionRequest(model="m", messages=[ChatMessage(role="user", content=text)], **parameters)


def client_of(base_url: str, **settings: Any) -> CompletionsClient:
    """A client that asks once: what comes of asking again stands in test_persistence.py."""
    return CompletionsClient({"x": Endpoint("x", base_url, **settings)}, persistent=False)


async def outcome(client: CompletionsClient, name: str, asked: ChatCompletionRequest) -> Completion | CompletionError:
    try:
        return await client.complete(name, asked)
    except CompletionError as error:
        return error


@asynccontextmanager
async def serving(
    handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], **options: Any
) -> AsyncIterator[str]:
    """A server that does just what `handle` does with each connection; gives its base URL."""

    open_now: set[asyncio.Task[None]] = set()

    async def handle_and_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_now.add(task)
        try:
            await handle(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            open_now.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    server = await asyncio.start_server(handle_and_close, "127.0.0.1", 0, **options)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        left = list(open_now)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def read_request(reader: asyncio.StreamReader) -> dict[str, Any]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    body: dict[str, Any] = json.loads(await reader.readexactly(int(length[1]))) if length else {}
    return body


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


def chunks(*events: str) -> bytes:
    """These events, each in an HTTP chunk of its own."""
    pieces = [f"data: {event}\n\n".encode() for event in events]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)


def delta(text: str, finish_reason: str | None = None) -> str:
    return json.dumps({"choices": [{"delta": {"content": text}, "finish_reason": finish_reason}]})


# --- what is sent -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", ["/v1", "/v1/", "/v1/chat/completions", "/v1?version=2"])
async def test_the_base_url_may_end_as_people_write_it(base: str) -> None:
    """With a slash, without one, with a query, or as the whole address that some documentation gives."""
    async with (
        ModelEndpoint(["hello"], pace=0) as model,
        client_of(model.base_url.removesuffix("/v1") + base) as client,
    ):
        assert (await client.complete("x", request())).text == "hello"


async def test_a_request_holds_what_was_asked_for_and_a_streams_usage() -> None:
    """Parameters as they stand, no defaults of ours beyond the stream and its usage; the key in its header."""
    async with ModelEndpoint(key=KEY, pace=0) as model, client_of(model.base_url, api_key=f"{KEY}\n") as client:
        await client.complete("x", request(temperature=0.5, top_p=None))
        assert model.requests[-1] == {
            "model": "m",
            "messages": [{"role": "user", "content": "hi"}],
            "temperature": 0.5,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        await client.complete("x", request(stream=True, stream_options=None))
        assert "stream_options" not in model.requests[-1]
        assert "Cookie" not in model.request_headers[-1]


async def test_what_the_configuration_adds_is_sent_as_it_is() -> None:
    """Headers, query and body; they win over ours."""
    extras: dict[str, Any] = {
        "extra_headers": {"X-Title": "harbour", "Authorization": "Token t"},
        "extra_query": {"api-version": "2025-01-01"},
        "extra_body": {"stream_options": None, "cache": {"ttl": None}},
    }
    async with ModelEndpoint(pace=0) as model, client_of(model.base_url, api_key=KEY, **extras) as client:
        await client.complete("x", request())
    assert model.requests[0]["cache"] == {"ttl": None}
    assert model.requests[0]["stream_options"] is None
    assert model.request_headers[0]["X-Title"] == "harbour"
    assert model.queries[0] == {"api-version": "2025-01-01"}


async def test_an_answer_in_one_piece_is_asked_for_where_the_request_says_so() -> None:
    """Without streaming there is one completion, and the stream's options are not sent."""
    async with ModelEndpoint(["all at once"], pace=0) as model, client_of(model.base_url) as client:
        texts = [each.text async for each in client.stream("x", request(stream=False, stream_options=None))]
    assert texts == ["all at once"]
    assert model.requests[0]["stream"] is False
    assert "stream_options" not in model.requests[0]


async def test_the_completion_grows_and_the_last_one_is_whole() -> None:
    """It is one object, yielded each time something new has come."""
    async with ModelEndpoint([Reply(["a", "b", "c"])], pace=0.02) as model, client_of(model.base_url) as client:
        seen = [(each.text, each.finish_reason, id(each)) async for each in client.stream("x", request())]
    assert [text for text, _, _ in seen if text] == sorted(text for text, _, _ in seen if text)
    assert {"a", "ab", "abc"} <= {text for text, _, _ in seen}
    assert seen[-1][:2] == ("abc", "stop")
    assert len({identity for _, _, identity in seen}) == 1


async def test_the_models_are_listed() -> None:
    """As the endpoint lists them, in any of the shapes of such a list; a refusal is one of our errors."""
    async with ModelEndpoint(model="tiny", key=KEY) as model:
        async with client_of(model.base_url, api_key=KEY) as client:
            assert [each.id for each in await client.models("x")] == ["tiny"]
        async with client_of(model.base_url) as client:
            with pytest.raises(Unauthorized):
                await client.models("x")


# --- through which way ------------------------------------------------------------------------------------------------


async def test_a_proxy_is_used_where_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The endpoint's own proxy, and no other: the environment's is the configuration's business."""
    async with ModelEndpoint(["through the proxy", "direct"], pace=0) as model:
        origin = model.base_url.removesuffix("/v1")
        async with client_of("http://model.invalid/v1", proxy=origin) as client:
            assert (await client.complete("x", request())).text == "through the proxy"
        assert model.request_headers[0]["Host"] == "model.invalid"
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        async with client_of(model.base_url) as client:
            assert (await client.complete("x", request())).text == "direct"


async def test_a_connection_is_used_again() -> None:
    """Request after request goes over one connection, as long as each answer comes to its end."""
    connections = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while True:
            await read_request(reader)
            writer.write(HEAD + chunks(delta("hi", "stop"), "[DONE]") + END)

    async with serving(answer) as base_url, client_of(base_url) as client:
        for _ in range(5):
            assert (await client.complete("x", request())).text == "hi"
    assert connections == 1


async def test_leaving_an_answer_closes_its_connection() -> None:
    """Who doesn't want the rest doesn't pay for it."""
    left = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(HEAD + chunks(delta("first"), delta("second")))
        await reader.read()
        left.set()

    async with serving(answer) as base_url, client_of(base_url) as client:
        async with aclosing(client.stream("x", request())) as completions:
            async for completion in completions:
                assert completion.text
                break
        async with asyncio.timeout(2):
            await left.wait()


async def test_who_lets_words_gather_reads_them_together() -> None:
    """Not one by one as they come; and nothing of them is lost."""
    words = [f"word{number} " for number in range(40)]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(HEAD + chunks(delta("first ")))
        for word in words:
            writer.write(chunks(delta(word)))
            await asyncio.sleep(0.01)
        writer.write(chunks(delta("", "stop"), "[DONE]") + END)

    async with serving(answer) as base_url, client_of(base_url) as client:
        seen = [each.text async for each in client.stream("x", request(), gather=lambda: 0.5)]
    assert seen[-1] == "first " + "".join(words)
    assert len(seen) < len(words)


async def test_leaving_an_answer_while_its_words_gather_closes_its_connection() -> None:
    """Nobody has to wait for what gathers."""
    begun, left = asyncio.Event(), asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(HEAD + chunks(delta("first")))
        await reader.read()
        left.set()

    def gather() -> float:
        begun.set()
        return 1000.0

    async def read(client: CompletionsClient) -> None:
        async for _ in client.stream("x", request(), gather=gather):
            pass

    async with serving(answer) as base_url, client_of(base_url) as client:
        reading = asyncio.create_task(read(client))
        await begun.wait()
        reading.cancel()
        async with asyncio.timeout(10):
            await left.wait()


async def test_a_thousand_streams_at_once() -> None:
    """All are open at the same time, and none is mixed with another."""
    many = 1000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 3 * many:
        pytest.skip(f"this process may only open {hard} files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 3 * many), hard))
    everybody = asyncio.Barrier(many)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        question = (await read_request(reader))["messages"][0]["content"]
        writer.write(HEAD + chunks(delta("it is ")))
        await everybody.wait()
        writer.write(chunks(delta(question), delta("", "stop"), "[DONE]") + END)

    unhurried = Timeouts(connect=120.0)  # a thousand connections in debug mode take their time on a busy machine
    async with serving(answer, backlog=many) as base_url, client_of(base_url, timeouts=unhurried) as client:
        answers = await asyncio.gather(*(client.complete("x", request(f"no. {n}")) for n in range(many)))
    assert [each.text for each in answers] == [f"it is no. {n}" for n in range(many)]


# --- what goes wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.WRONG_KEY, Unauthorized),
        (Fault.NO_MODEL, NotFound),
        (Fault.CONTEXT_LENGTH, ContextLengthExceeded),
        (Fault.RATE_LIMITED, RateLimited),
        (Fault.NO_QUOTA, QuotaExceeded),
        (Fault.SERVER_ERROR, ServerError),
        (Fault.OVERLOADED, ServerError),
        (Fault.CUT, StreamInterrupted),
        (Fault.ERROR_IN_STREAM, ServerError),
        (Fault.STALL, CompletionTimeout),
        (Fault.HANG, CompletionTimeout),
        (Fault.ONLY_COMMENTS, CompletionTimeout),
    ],
)
@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
async def test_each_fault_is_one_exception(fault: Fault, kind: type[CompletionError], stream: bool) -> None:
    """What goes wrong has its own kind, and what had arrived is kept; the next question is answered."""
    timeouts = Timeouts(connect=5, first_token=1.2, idle=0.6)
    async with (
        ModelEndpoint([fault, "well again"], pace=0.001) as model,
        client_of(model.base_url, timeouts=timeouts) as client,
    ):
        failure = await outcome(client, "x", request(stream=stream))
        half = stream and fault in {Fault.CUT, Fault.ERROR_IN_STREAM, Fault.STALL}
        if fault is Fault.CUT and not stream:
            kind = Unreachable
        assert type(failure) is kind
        assert failure.partial_text == ("This answer is not whole" if half else "")
        assert failure.retry_after == (2 if fault is Fault.RATE_LIMITED else None)
        assert (await client.complete("x", request())).text == "well again"


@pytest.mark.parametrize(
    ("fault", "text", "finish_reason"),
    [
        (Fault.EMPTY, "", "stop"),
        (Fault.LENGTH, "This answer is not whole", "length"),
        (Fault.CONTENT_FILTER, "This answer is not whole", "content_filter"),
    ],
)
async def test_how_an_answer_ended_is_no_failure(fault: Fault, text: str, finish_reason: str) -> None:
    """Whoever shows it says what is to be said of it."""
    async with ModelEndpoint([fault], pace=0) as model, client_of(model.base_url) as client:
        completion = await client.complete("x", request())
    assert (completion.text, completion.finish_reason) == (text, finish_reason)


@pytest.mark.parametrize("case", wire.cases("streams"), ids=lambda case: str(case["name"]))
async def test_a_recorded_answer_over_a_socket(case: wire.Case) -> None:
    """What the decoder makes of an answer arrives at the caller."""
    for how, chunks in wire.cuts(wire.body(case)).items():
        if how == "byte by byte":
            continue  # hundreds of writes: the decoder's own tests have it
        async with ModelEndpoint([Raw(chunks)]) as model, client_of(model.base_url) as client:
            assert not wire.complaints(case, await outcome(client, "x", request())), how


@pytest.mark.parametrize("case", wire.cases("refusals"), ids=lambda case: str(case["name"]))
async def test_a_recorded_refusal_over_a_socket(case: wire.Case) -> None:
    """A refusal's status, headers and body arrive together; dates apart, which the tests' own clock reads."""
    headers = {name: value for name, value in case.get("headers", {}).items() if "GMT" not in value}
    wanted = {key: value for key, value in case.items() if key != "retry_after" or headers == case.get("headers", {})}
    raw = Raw([wire.body(case)], status=case["status"], headers=headers)
    async with ModelEndpoint([raw]) as model, client_of(model.base_url) as client:
        assert not wire.complaints(wanted, await outcome(client, "x", request()))


async def test_where_nobody_listens_is_unreachable() -> None:
    """The message names the endpoint and its host, and says what the system said."""
    async with ModelEndpoint() as model:
        base_url = model.base_url
    async with client_of(base_url) as client:
        with pytest.raises(Unreachable, match=r"x at http://127.0.0.1:\d+: .*refused"):
            await client.complete("x", request())
    async with client_of("http://model.invalid/v1", proxy=base_url.removesuffix("/v1")) as client:
        with pytest.raises(Unreachable, match="proxy"):
            await client.complete("x", request())


async def test_what_is_no_http_is_an_error_of_the_server() -> None:
    """Another protocol on that port, or a connection that ends at once."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"220 harbour ESMTP ready\r\n\r\n")

    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)

    async with serving(greet) as base_url, client_of(base_url) as client:
        with pytest.raises(ServerError, match="HTTP"):
            await client.complete("x", request())
    async with serving(leave) as base_url, client_of(base_url) as client:
        with pytest.raises(Unreachable, match="ended before"):
            await client.complete("x", request())


@pytest.mark.parametrize("base_url", ["localhost:1234/v1", "", "ftp://127.0.0.1/v1", "http://[::1/v1", "nonsense"])
async def test_an_address_that_is_none_is_said_to_be(base_url: str) -> None:
    """It is an error like any other, not a ValueError out of a library."""
    async with client_of(base_url) as client:
        with pytest.raises(CompletionError):
            await client.complete("x", request())


@pytest.mark.parametrize("cut", [True, False], ids=["cut", "ended"])
async def test_what_had_arrived_before_the_end_is_kept(cut: bool) -> None:
    """Text that came in the same moment as the end of the connection counts."""
    body = f"data: {delta('all that ')}\n\ndata: {delta('was said')}\n\n".encode()
    async with ModelEndpoint([Raw([body], cut=cut)]) as model, client_of(model.base_url) as client:
        failure = await outcome(client, "x", request())
    assert isinstance(failure, StreamInterrupted)
    assert failure.partial_text == "all that was said"


async def test_text_that_was_not_read_yet_when_the_connection_broke_is_kept() -> None:
    """Also where the reader was busy with what came before."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(HEAD + chunks(delta("one ")))
        await asyncio.sleep(0.05)
        writer.write(chunks(delta("two")))
        await writer.drain()
        writer.close()

    async def read_slowly(completions: AsyncIterator[Completion]) -> None:
        async for _ in completions:
            await asyncio.sleep(0.2)

    async with serving(answer) as base_url, client_of(base_url) as client:
        with pytest.raises(StreamInterrupted) as caught:
            await read_slowly(client.stream("x", request()))
    assert caught.value.partial_text == "one two"


# --- how long it waits ------------------------------------------------------------------------------------------------


async def test_a_connection_that_is_not_made_in_time_is_given_up() -> None:
    """The time for connecting includes the handshake of TLS."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(silent) as base_url:
        async with client_of(base_url.replace("http:", "https:"), timeouts=Timeouts(connect=0.2)) as client:
            begun = time.monotonic()
            with pytest.raises(Unreachable, match=r"within 0\.2 s"):
                await client.complete("x", request())
            assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("fault", "timeouts", "message"),
    [
        (Fault.HANG, Timeouts(first_token=0.3, idle=30), "within 0.3 s"),
        (Fault.ONLY_COMMENTS, Timeouts(first_token=1, idle=0.5), "within 1 s"),
        (Fault.STALL, Timeouts(first_token=0.5, idle=0.8), "for 0.8 s"),
    ],
)
async def test_the_right_clock_runs_out(fault: Fault, timeouts: Timeouts, message: str) -> None:
    """Signs of life put off the end of silence, but not the first word's; a word stops the first word's clock."""
    async with ModelEndpoint([fault], pace=0) as model, client_of(model.base_url, timeouts=timeouts) as client:
        with pytest.raises(CompletionTimeout, match=message):
            await client.complete("x", request())


async def test_a_slow_reader_is_not_the_servers_fault() -> None:
    """Time counts only while somebody waits for the server."""
    timeouts = Timeouts(first_token=0.5, idle=0.5)
    async with (
        ModelEndpoint([Reply(["a", "b"])], pace=0.01) as model,
        client_of(model.base_url, timeouts=timeouts) as client,
    ):
        texts = []
        async for completion in client.stream("x", request()):
            await asyncio.sleep(0.7)
            texts.append(completion.text)
    assert texts[-1] == "ab"


async def test_an_answer_that_has_ended_is_not_waited_for() -> None:
    """A server that keeps the connection open behind [DONE] keeps nobody waiting."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(HEAD + chunks(delta("done", "stop"), "[DONE]"))
        await reader.read()

    async with serving(answer) as base_url, client_of(base_url) as client:
        async with asyncio.timeout(2):
            assert (await client.complete("x", request())).text == "done"


# --- what is never told -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        Raw([json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}"}}).encode()], status=401),
        Raw([json.dumps({"error": {"message": f"key {KEY[:8]}****{KEY[-4:]} is wrong"}}).encode()], status=401),
        Raw([f"<title>{KEY}</title>".encode()], status=502),
        Raw([f"<title>{KEY}</title>".encode()], content_type="text/html"),
        Raw([f'data: {{"error":"upstream said: Bearer {KEY}"}}\n\n'.encode()]),
        Raw([f"event: error\ndata: {KEY}\n\n".encode()]),
        Raw([f"data: {KEY}\n\n".encode()]),
        Raw([b'{"error":{"message":"header X-Secret: a-second-secret-0815"}}'], status=400),
    ],
)
async def test_no_key_is_in_an_exception(raw: Raw) -> None:
    """Not in its message, its repr, its traceback, or in what led to it, even where the server says it."""
    settings = {"api_key": KEY, "extra_headers": {"X-Secret": "a-second-secret-0815"}}
    async with ModelEndpoint([raw]) as model, client_of(model.base_url, **settings) as client:
        failure = await outcome(client, "x", request())
    assert isinstance(failure, CompletionError)
    told = "".join([*traceback.format_exception(failure), repr(failure), str(failure.args), repr(vars(failure))])
    assert KEY not in told
    assert KEY[-6:] not in told
    assert "a-second-secret" not in told
    assert failure.__context__ is None
    assert failure.__cause__ is None


async def test_no_key_is_in_an_exception_of_a_connection() -> None:
    """Nor the password of a proxy, nor a query that holds a key."""
    proxy = "http://user:hunter2hunter2@127.0.0.1:9"
    settings: dict[str, Any] = {"api_key": KEY, "proxy": proxy, "extra_query": {"key": KEY}}
    async with client_of(f"http://127.0.0.1:9/v1?key={KEY}", **settings) as client:
        failure = await outcome(client, "x", request())
    assert isinstance(failure, Unreachable)
    told = "".join(traceback.format_exception(failure)) + repr(failure)
    assert KEY not in told
    assert "hunter2" not in told
    assert failure.__context__ is None


def test_an_endpoint_does_not_show_its_secrets() -> None:
    """Not even to who prints it."""
    endpoint = Endpoint("x", "http://127.0.0.1/v1", KEY, extra_headers={"X-Secret": "a-second-secret"})
    assert KEY not in repr(endpoint)
    assert "a-second-secret" not in repr(endpoint)


# --- the cases of every server ----------------------------------------------------------------------------------------


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"wire_{name}", REPLAY / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def needs_retrying(case: dict[str, Any]) -> bool:
    return bool(case.get("expect_requests", {}).get("count", 1) > 1)


def as_json(result: Completion | CompletionError) -> dict[str, Any]:
    return {"error": ask.failed(result)} if isinstance(result, CompletionError) else ask.answered(result)


@pytest.mark.skipif(not REPLAY.exists(), reason="the recorded cases of ../shared/wire are not here")
async def test_the_cases_of_every_server() -> None:
    """All of them, at the same time through one client; those that ask for a second request are for retrying."""
    replay, check = load("replay"), load("check")
    cases = {name: case for name, case in replay.load([REPLAY / "cases"]).items() if not needs_retrying(case)}
    runner, port = await replay.start([REPLAY / "cases"], delay=0.001)

    def endpoint(name: str, case: dict[str, Any]) -> Endpoint:
        timeouts = Timeouts(10, case.get("client_first_token_timeout", 30), case.get("client_idle_timeout", 30))
        return Endpoint(name, f"http://127.0.0.1:{port}/{name}/v1", "sk-test", timeouts)

    try:
        async with CompletionsClient({name: endpoint(name, case) for name, case in cases.items()}) as client:
            asked = [request(stream=case["mode"] == "stream") for case in cases.values()]
            results = await asyncio.gather(*(outcome(client, name, r) for name, r in zip(cases, asked, strict=True)))
    finally:
        await runner.cleanup()
    complaints = {
        name: found
        for (name, case), result in zip(cases.items(), results, strict=True)
        if (found := check.check(case, as_json(result)))
    }
    assert not complaints
    assert len(cases) > 140


@pytest.mark.skipif(not REPLAY.exists(), reason="the recorded cases of ../shared/wire are not here")
def test_the_streams_of_every_server_however_they_are_cut() -> None:
    """Whatever ended well or badly by its bytes alone does so in one block, byte by byte, and in sevens."""
    replay, check = load("replay"), load("check")
    complaints = {}
    for name, case in replay.load([REPLAY / "cases"]).items():
        if case.get("status", 200) != 200 or case.get("end", "clean") != "clean" or "status_sequence" in case:
            continue
        data = b"".join(
            replay.to_bytes(item) for item in case["chunks"] if not isinstance(item, dict) or "sleep" not in item
        )
        for how, pieces in wire.cuts(data).items():
            if found := check.check(case, as_json(wire.decoded(pieces))):
                complaints[name, how] = found
    assert not complaints
