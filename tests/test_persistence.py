"""How the client puts a question until it is answered: again, otherwise, or to another model. Over real sockets."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import aclosing
from typing import Any

import pytest

from discord_bot.chat.dialect import Dialect
from discord_bot.chat.retries import FAILURES
from discord_bot.chat.schema import ChatCompletionRequest, ChatMessage
from discord_bot.completions import CompletionsClient, Endpoint, Target, Timeouts
from discord_bot.errors import (
    BadRequest,
    CompletionError,
    CompletionTimeout,
    ContentFiltered,
    QuotaExceeded,
    RateLimited,
    ServerError,
    StreamInterrupted,
    Unauthorized,
    Unreachable,
)
from discord_bot.simulator.model import Fault, ModelEndpoint, Raw, Reply, Turn

KEY = "sk-proj-Qx81mZ0tLrV7bN2yKd5w"
NOWHERE = "http://127.0.0.1:9/v1"


def request(model: str = "m", **parameters: Any) -> ChatCompletionRequest:
    return ChatCompletionRequest(model=model, messages=[ChatMessage(role="user", content="hi")], **parameters)


def client_of(*base_urls: str, **options: Any) -> CompletionsClient:
    """A client for endpoints called a, b, c …"""
    endpoints = {
        name: Endpoint(name, url, api_key=KEY, timeouts=Timeouts(1, 1, 1))
        for name, url in zip("abc", base_urls, strict=False)
    }
    return CompletionsClient(endpoints, **options)


def refusal(status: int, message: str = "no", *, param: str | None = None, **headers: str) -> Raw:
    body = json.dumps({"error": {"message": message, "param": param}}).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Raw([body], status=status, content_type="application/json", headers=named)


BUSY = refusal(503, "Loading model", Retry_After="0")
CUT_BEFORE_A_WORD = Raw([b": working\n\n"], cut=True)


# --- again ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failures",
    [[BUSY], [BUSY, BUSY, BUSY], [refusal(429, "slow down", Retry_After="0.01")], [CUT_BEFORE_A_WORD]],
    ids=["once", "three times", "a limit", "cut before a word"],
)
async def test_what_passes_is_waited_for(failures: list[Raw]) -> None:
    """Nobody is told of a failure that a second try mends."""
    async with ModelEndpoint([*failures, "here"], pace=0) as model, client_of(model.base_url) as client:
        assert (await client.complete("a", request())).text == "here"
        assert len(model.requests) == len(failures) + 1


async def test_a_server_is_not_asked_sooner_than_it_wants() -> None:
    """The header with the exact time counts."""
    limited = refusal(429, "limit", retry_after_ms="150", Retry_After="9")
    clock = asyncio.get_running_loop().time
    async with ModelEndpoint([limited, "here"], pace=0) as model, client_of(model.base_url) as client:
        asked_at = clock()
        assert (await client.complete("a", request())).text == "here"
        assert clock() - asked_at >= 0.15


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (refusal(401, "Invalid key"), Unauthorized),
        (refusal(400, "Strange"), BadRequest),
        (refusal(429, "Come back tomorrow", Retry_After="86400"), RateLimited),
        (refusal(500, "broken", x_should_retry="false"), ServerError),
        (Fault.NO_QUOTA, QuotaExceeded),
        (Fault.HANG, CompletionTimeout),
    ],
)
async def test_what_does_not_pass_is_said_at_once(failure: Raw | Fault, kind: type[CompletionError]) -> None:
    """One request, and the failure that it was; a wait of hours is a fact of it."""
    async with ModelEndpoint([failure, "never"], pace=0) as model, client_of(model.base_url) as client:
        with pytest.raises(kind) as caught:
            await client.complete("a", request())
        assert len(model.requests) == 1
        assert caught.value.asked == "a/m"
        if kind is RateLimited:
            assert caught.value.retry_after == 86400


async def test_an_answer_that_was_begun_is_never_begun_again() -> None:
    """What was shown stays, and is said not to be whole."""
    async with ModelEndpoint([Fault.CUT, "never"], pace=0) as model, client_of(model.base_url) as client:
        with pytest.raises(StreamInterrupted) as caught:
            await client.complete("a", request())
        assert caught.value.partial_text == "This answer is not whole"
        assert len(model.requests) == 1


async def test_thoughts_are_no_answer_yet() -> None:
    """A stream that ends while the model still thinks is asked for again, and the lost thoughts leave no trace."""
    thought = b'data: {"choices":[{"delta":{"reasoning_content":"hmm"}}]}\n\n'
    async with ModelEndpoint([Raw([thought], cut=True), "here"], pace=0) as model, client_of(model.base_url) as client:
        completion = await client.complete("a", request())
    assert (completion.text, completion.reasoning) == ("here", "")


async def test_a_failure_that_stays_is_said_after_a_few_tries() -> None:
    """Its own words, and no key in them."""
    echo = refusal(503, f"Bearer {KEY} is busy", Retry_After="0")
    async with ModelEndpoint([echo] * 9, pace=0) as model, client_of(model.base_url) as client:
        with pytest.raises(ServerError) as caught:
            await client.complete("a", request())
        assert len(model.requests) == 4
        assert "is busy" in str(caught.value)
        assert KEY[:12] not in repr(caught.value)


# --- otherwise --------------------------------------------------------------------------------------------------------


UNWANTED = refusal(400, "Unsupported value: 'temperature' does not support 0.7", param="temperature")
RENAMED = refusal(400, "'max_tokens' is not supported. Use 'max_completion_tokens' instead.", param="max_tokens")
UNSTREAMED = refusal(400, "Your organization must be verified to stream this model.", param="stream")


async def test_a_refused_parameter_is_put_otherwise_and_remembered(caplog: pytest.LogCaptureFixture) -> None:
    """The first question takes the refusals on itself, the next one is put right at once. The owner is told once."""
    asked = request(temperature=0.7, max_tokens=9)
    async with (
        ModelEndpoint([UNWANTED, RENAMED, "first", "second"], pace=0) as model,
        client_of(model.base_url) as client,
    ):
        with caplog.at_level(logging.WARNING):
            assert (await client.complete("a", asked)).text == "first"
            assert (await client.complete("a", asked)).text == "second"
        assert len(model.requests) == 4
        for sent in list(model.requests)[2:]:
            assert "temperature" not in sent
            assert sent["max_completion_tokens"] == 9
        assert client.known("a/m").dialect == Dialect("max_completion_tokens", frozenset({"temperature"}))
        assert client.known("a/other").dialect == Dialect()
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 2
    assert "models: {a/m: {dialect: {max_tokens: max_completion_tokens, without: [temperature]}}}" in lines[1]


async def test_a_model_that_can_not_stream_answers_in_one_piece() -> None:
    """The stream's options go with the stream."""
    async with ModelEndpoint([UNSTREAMED, "whole"], pace=0) as model, client_of(model.base_url) as client:
        texts = [each.text async for each in client.stream("a", request())]
        assert texts == ["whole"]
        assert model.requests[-1]["stream"] is False
        assert "stream_options" not in model.requests[-1]


async def test_what_the_configuration_says_needs_no_refusal() -> None:
    """The dialect of config.yaml is spoken from the first question on."""
    dialects = {"a/m": Dialect(without=frozenset({"temperature"}))}
    async with ModelEndpoint(["here"], pace=0) as model, client_of(model.base_url, dialects=dialects) as client:
        assert (await client.complete("a", request(temperature=0.7))).text == "here"
        assert "temperature" not in model.requests[0]


async def test_many_who_learn_the_same_at_once_learn_it_once(caplog: pytest.LogCaptureFixture) -> None:
    """Questions on their way when another one learned are put in the new way, too."""
    async with (
        ModelEndpoint([UNWANTED] * 8 + ["here"] * 8, pace=0) as model,
        client_of(model.base_url) as client,
    ):
        with caplog.at_level(logging.WARNING):
            answers = await asyncio.gather(*(client.complete("a", request(temperature=0.7)) for _ in range(8)))
        assert [each.text for each in answers] == ["here"] * 8
        assert len(model.requests) == 16
    assert len(caplog.records) == 1


async def test_a_server_that_refuses_whatever_is_sent_ends_it() -> None:
    """Each refusal teaches at most once, so that nobody goes round in a circle."""
    async with ModelEndpoint([UNWANTED] * 9, pace=0) as model, client_of(model.base_url) as client:
        with pytest.raises(BadRequest) as caught:
            await client.complete("a", request(temperature=0.7))
        assert caught.value.param == "temperature"
        assert len(model.requests) == 2


# --- to another model -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure",
    [
        refusal(429, "for long", Retry_After="3600"),
        refusal(402, "no credits"),
        refusal(401, "no such key"),
        refusal(404, "model not found"),
        refusal(500, "broken", x_should_retry="false"),
        Fault.HANG,
    ],
)
async def test_another_model_answers(failure: Raw | Fault) -> None:
    """And the completion names it."""
    async with (
        ModelEndpoint([failure], pace=0) as first,
        ModelEndpoint(["second"], pace=0) as second,
        client_of(first.base_url, second.base_url) as client,
    ):
        completion = await client.complete("a", request(), [Target("b", request("n", temperature=1))])
        assert (completion.text, completion.answered_by) == ("second", "b/n")
        assert (second.requests[0]["model"], second.requests[0]["temperature"]) == ("n", 1)


async def test_the_model_that_was_asked_is_not_named() -> None:
    """Only what is out of the ordinary is said."""
    async with ModelEndpoint(["first"], pace=0) as model, client_of(model.base_url, NOWHERE) as client:
        completion = await client.complete("a", request(), [Target("b", request())])
    assert (completion.text, completion.answered_by) == ("first", None)


async def test_where_nobody_answers_the_first_failure_is_told() -> None:
    """It is about the model that people know of; the others stand in the log."""
    async with ModelEndpoint([Fault.NO_QUOTA], pace=0) as model, client_of(NOWHERE, NOWHERE, model.base_url) as client:
        with pytest.raises(Unreachable) as caught:
            await client.complete("a", request(), [Target("b", request()), Target("c", request())])
        assert caught.value.asked == "a/m"


@pytest.mark.parametrize("failure", [refusal(400, "blocked by our content policy"), Fault.CUT, Fault.CONTEXT_LENGTH])
async def test_nobody_else_is_asked(failure: Raw | Fault) -> None:
    """Not behind a filter's back, not with a prompt that is too long, and not once an answer was begun."""
    async with (
        ModelEndpoint([failure], pace=0) as first,
        ModelEndpoint(["never"], pace=0) as second,
        client_of(first.base_url, second.base_url) as client,
    ):
        with pytest.raises((ContentFiltered, StreamInterrupted, BadRequest)):
            await client.complete("a", request(), [Target("b", request())])
        assert not second.requests


async def test_leaving_an_answer_of_another_model_closes_its_connection() -> None:
    """However deep it comes from, the iterator's end is the connection's."""
    async with (
        ModelEndpoint([Reply(["a "] * 500)], pace=0.01) as model,
        client_of(NOWHERE, model.base_url) as client,
    ):
        async with aclosing(client.stream("a", request(), [Target("b", request())])) as completions:
            async for completion in completions:
                if completion.text:
                    break
        connector = client._connections._session.connector
        assert connector is not None
        assert not connector._acquired  # the connections in use


# --- a server that keeps failing --------------------------------------------------------------------------------------


async def test_a_model_that_keeps_failing_is_left_alone() -> None:
    """Nobody waits for it any more: its failure is told at once, or another model answers at once."""
    broken = refusal(500, "broken", x_should_retry="false")
    async with (
        ModelEndpoint([broken] * (FAILURES + 1), pace=0) as first,
        ModelEndpoint(["second"] * 9, pace=0) as second,
        client_of(first.base_url, second.base_url) as client,
    ):
        for _ in range(FAILURES):
            with pytest.raises(ServerError):
                await client.complete("a", request())
        with pytest.raises(ServerError, match=r"not asked for 1[45] s more, after: broken") as caught:
            await client.complete("a", request())
        assert 10 < (caught.value.retry_after or 0) <= 15
        assert (await client.complete("a", request(), [Target("b", request())])).text == "second"
        assert len(first.requests) == FAILURES


async def test_an_answer_makes_up_for_failures() -> None:
    """Only failures in a row count."""
    broken = refusal(500, "broken", x_should_retry="false")
    script: list[Turn] = [*[broken] * (FAILURES - 1), "well"] * 3
    async with ModelEndpoint(script, pace=0) as model, client_of(model.base_url) as client:
        for turn in script:
            if turn == "well":
                assert (await client.complete("a", request())).text == "well"
            else:
                with pytest.raises(ServerError):
                    await client.complete("a", request())
        assert len(model.requests) == len(script)
