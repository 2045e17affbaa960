"""What servers send, over a real socket: cut anywhere, compressed, a thousand at once."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import gzip
import importlib.util
import json
import re
import resource
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from discord_bot import ask
from discord_bot.chat.completion import Completion
from discord_bot.chat.schema import ChatCompletionRequest, ChatMessage
from discord_bot.completions import CompletionsClient, Endpoint, Timeouts
from discord_bot.errors import CompletionError
from tests import wire

REPLAY = wire.SHARED / "wire"

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"

Answering = Callable[[str, asyncio.StreamWriter], Awaitable[None]]
"""Writes the answer to the request for a path."""


def framed(piece: bytes) -> bytes:
    """These bytes as one HTTP chunk; nothing is the end."""
    return b"%x\r\n%b\r\n" % (len(piece), piece)


@asynccontextmanager
async def serving(answer: Answering) -> AsyncIterator[str]:
    """A server that answers by the path; gives its address."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            await reader.readexactly(int(length[1]) if length else 0)
            await answer(head.split()[1].decode(), writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, backlog=1000)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def request(*, stream: bool = True) -> ChatCompletionRequest:
    return ChatCompletionRequest(model="m", messages=[ChatMessage(role="user", content="hi")], stream=stream)


async def outcome(client: CompletionsClient, name: str, *, stream: bool = True) -> Completion | CompletionError:
    try:
        return await client.complete(name, request(stream=stream))
    except CompletionError as error:
        return error


# --- the cases of our own ---------------------------------------------------------------------------------------------

CASES = [*wire.cases("streams"), *wire.cases("variants")]


@pytest.mark.parametrize("how", ["whole", "byte by byte", "in lines", "in sevens"])
async def test_every_recorded_answer_arrives_however_it_is_cut(how: str) -> None:
    """Each piece in an HTTP chunk and a write of its own, all of the cases at the same time."""

    async def answer(path: str, writer: asyncio.StreamWriter) -> None:
        case = CASES[int(path.split("/")[1])]
        writer.write(HEAD + b"\r\n")
        for piece in filter(None, wire.cuts(wire.body(case))[how]):
            writer.write(framed(piece))
            await asyncio.sleep(0)
        writer.write(framed(b""))

    async with serving(answer) as address:
        endpoints = {str(n): Endpoint(str(n), f"{address}/{n}/v1") for n in range(len(CASES))}
        async with CompletionsClient(endpoints, persistent=False) as client:
            outcomes = await asyncio.gather(*(outcome(client, name) for name in endpoints))
    complaints = {
        case["name"]: found
        for case, each in zip(CASES, outcomes, strict=True)
        if (found := wire.complaints(case, each))
    }
    assert not complaints


# --- how bytes are wrapped --------------------------------------------------------------------------------------------

STREAM = 'data: {"choices":[{"delta":{"content":"Grüße, 世界"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'.encode()


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("Content-Encoding: gzip", gzip.compress(STREAM)),
        ("Content-Encoding: deflate", zlib.compress(STREAM)),
        ("Content-Encoding: identity", STREAM),
        ("X-Content-Type: text/event-stream; charset=iso-8859-1", STREAM),
        ("Content-Disposition: attachment", STREAM),
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
async def test_an_answer_is_unwrapped_although_nobody_asked_for_a_wrapping(header: str, body: bytes, size: int) -> None:
    """Some gateways compress whatever was asked, and name another encoding than that of an event stream."""

    async def answer(path: str, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + header.encode() + b"\r\n\r\n")
        for at in range(0, len(body), size):
            writer.write(framed(body[at : at + size]))
            await asyncio.sleep(0)
        writer.write(framed(b""))

    async with serving(answer) as address, CompletionsClient({"x": Endpoint("x", f"{address}/v1")}) as client:
        assert (await client.complete("x", request())).text == "Grüße, 世界"


# --- many at once -----------------------------------------------------------------------------------------------------

TEXT = "0123456789 " * 500


async def held_while_open(many: int) -> tuple[int, int, int]:
    """Bytes that are held before, while so many streams are open that have brought half of their text, and after."""
    half_way = asyncio.Barrier(many + 1)
    go_on = asyncio.Event()

    async def answer(path: str, writer: asyncio.StreamWriter) -> None:
        name = path.split("/")[1]
        chunk = framed(f"data: {json.dumps({'choices': [{'delta': {'content': name + TEXT}}]})}\n\n".encode())
        writer.write(HEAD + b"\r\n" + chunk)
        await go_on.wait()
        writer.write(chunk + framed(b"data: [DONE]\n\n") + framed(b""))

    async def read(client: CompletionsClient, name: str) -> str:
        stream = client.stream(name, request())
        completion = await anext(stream)
        assert completion.text == name + TEXT
        await half_way.wait()
        async for _ in stream:
            pass
        return completion.text

    async with serving(answer) as address:
        endpoints = {str(n): Endpoint(str(n), f"{address}/{n}/v1") for n in range(many)}
        async with CompletionsClient(endpoints, persistent=False) as client:
            gc.collect()
            before = tracemalloc.get_traced_memory()[0]
            async with asyncio.TaskGroup() as group:
                reading = [group.create_task(read(client, name)) for name in endpoints]
                await half_way.wait()
                gc.collect()
                during = tracemalloc.get_traced_memory()[0]
                go_on.set()
            assert [task.result() for task in reading] == [2 * (name + TEXT) for name in endpoints]
            del reading
    gc.collect()
    return before, during, tracemalloc.get_traced_memory()[0]


async def test_a_thousand_streams_hold_what_is_in_flight_and_no_more() -> None:
    """None is mixed with another; what is held grows with their number, and goes when they have ended."""
    asyncio.get_running_loop().set_debug(False)  # which keeps where each future was made
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 3000:
        pytest.skip(f"this process may only open {hard} files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 3000), hard))
    tracemalloc.start()
    try:
        few_before, few_during, _ = await held_while_open(100)
        before, during, after = await held_while_open(1000)
    finally:
        tracemalloc.stop()
    few, many = few_during - few_before, during - before
    assert many < 12 * few
    assert many / 1000 < 12 * len(TEXT), "each holds its text, and its connection on both sides"
    assert after - before < many / 20


# --- the cases of every server ----------------------------------------------------------------------------------------

MOST_PIECES = 2000
"""Writes for one case; what has more bytes is cut into longer pieces, and one by one in the decoder's own tests."""


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"wire_{name}", REPLAY / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def recut(case: dict[str, Any], to_bytes: Callable[[Any], bytes], *, finely: bool) -> dict[str, Any]:
    """The case with its bytes one by one, or all in one between its pauses."""
    chunks: list[Any] = []
    for item in [*case.get("chunks", []), None]:
        if item is None or "sleep" in item:
            chunks += [item] if item is not None else []
        elif finely or not chunks or not isinstance(chunks[-1], bytes):
            chunks.append(to_bytes(item))
        else:
            chunks[-1] += to_bytes(item)
    size = 1 + sum(len(chunk) for chunk in chunks if isinstance(chunk, bytes)) // MOST_PIECES if finely else 2**30
    cut = [
        {"b64": base64.b64encode(chunk[at : at + size]).decode()} if isinstance(chunk, bytes) else chunk
        for chunk in chunks
        for at in (range(0, len(chunk), size) if isinstance(chunk, bytes) else [0])
    ]
    return {**{key: value for key, value in case.items() if key != "delay"}, "chunks": cut}


@pytest.mark.skipif(not REPLAY.exists(), reason="the recorded cases of ../shared/wire are not here")
@pytest.mark.parametrize("finely", [True, False], ids=["finely", "in one"])
async def test_the_cases_of_every_server_however_they_are_cut(finely: bool, tmp_path: Path) -> None:
    """Refusals, cut connections and silence included; what is given out as it stands is `test_completions`' matter."""
    asyncio.get_running_loop().set_debug(False)  # a hundred thousand writes
    replay, check = load("replay"), load("check")
    cases = {
        name: recut(case, replay.to_bytes, finely=finely)
        for name, case in replay.load([REPLAY / "cases"]).items()
        if "status_sequence" not in case
    }
    for name, case in cases.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(case), "utf-8")
    runner, port = await replay.start([tmp_path], delay=0)
    timeouts = {
        name: Timeouts(10, case.get("client_first_token_timeout", 30), case.get("client_idle_timeout", 30))
        for name, case in cases.items()
    }
    endpoints = {
        name: Endpoint(name, f"http://127.0.0.1:{port}/{name}/v1", "sk-test", timeouts[name]) for name in cases
    }
    try:
        async with CompletionsClient(endpoints, persistent=False) as client:
            asked = (outcome(client, name, stream=case["mode"] == "stream") for name, case in cases.items())
            outcomes = dict(zip(cases, await asyncio.gather(*asked), strict=True))
    finally:
        await runner.cleanup()
    complaints = {}
    for name, result in outcomes.items():
        said = {"error": ask.failed(result)} if isinstance(result, CompletionError) else ask.answered(result)
        if found := check.check(cases[name], said):
            complaints[name] = found
    assert not complaints
    assert len(cases) > 130
