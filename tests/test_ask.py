"""One question from the terminal, for people and for programs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from discord_bot.ask import Question, ask
from discord_bot.completions import CompletionsClient, Endpoint, Timeouts
from discord_bot.errors import RateLimited, StreamInterrupted
from discord_bot.simulator.model import Fault, ModelEndpoint, Raw, Reply, Turn


async def asked(*script: Turn, as_json: bool = False, **changes: Any) -> tuple[int, list[str], dict[str, Any]]:
    """(exit status, what was written piece by piece, what was sent)."""
    written: list[str] = []
    question = Question(**{"text": "Where is the tide?", "models": {"x/m": {}}, **changes})
    async with (
        ModelEndpoint(script, pace=0.01) as model,
        CompletionsClient({"x": Endpoint("x", model.base_url, timeouts=Timeouts(5, 5, 5))}, persistent=False) as client,
    ):
        status = await ask(client, question, written.append, as_json=as_json)
        return status, written, model.requests[0]


def event(choice: dict[str, Any]) -> bytes:
    return f"data: {json.dumps({'choices': [choice]})}\n\n".encode()


async def test_a_person_sees_the_answer_as_it_comes() -> None:
    """Piece by piece, with a line's end at its end."""
    status, written, _ = await asked(Reply(["It is ", "out ", "at sea."]))
    assert status == 0
    assert "".join(written) == "It is out at sea.\n"
    assert len([piece for piece in written if piece]) > 2


async def test_what_is_sent_is_the_question_in_the_persona() -> None:
    """The persona's system prompt first, then the question; the configuration's parameters, and a stream."""
    _, _, sent = await asked(
        "hi", system_prompt=" You are brief.\n", models={"x/m": {"temperature": 0.5, "stream": True}}
    )
    assert sent["messages"] == [
        {"role": "system", "content": "You are brief."},
        {"role": "user", "content": "Where is the tide?"},
    ]
    assert (sent["model"], sent["temperature"], sent["stream"]) == ("m", 0.5, True)
    _, _, sent = await asked("hi", stream=False, models={"x/m": {"stream": True}})
    assert sent["stream"] is False
    assert sent["messages"] == [{"role": "user", "content": "Where is the tide?"}]


@pytest.mark.parametrize("stream", [None, False])
async def test_a_program_gets_one_object(stream: bool | None) -> None:
    """With everything that there is to an answer."""
    status, written, _ = await asked(Reply(["out ", "at sea 🌊"]), as_json=True, stream=stream)
    assert status == 0
    assert "".join(written).count("\n") == 1
    answer = json.loads("".join(written))
    assert answer.pop("usage")["completion_tokens"] == 2
    assert answer == {
        "text": "out at sea 🌊",
        "reasoning": "",
        "finish_reason": "stop",
        "finish_reason_raw": "stop",
        "refusal": "",
        "tool_calls": [],
        "images": [],
    }


async def test_a_program_gets_a_failure_as_an_object() -> None:
    """With exit status 1."""
    status, written, _ = await asked(Fault.RATE_LIMITED, as_json=True)
    assert status == 1
    assert json.loads("".join(written)) == {
        "error": {
            "kind": "rate_limited",
            "message": "Rate limit reached. Try again in 2s.",
            "retry_after": 2.0,
            "retryable": True,
            "partial_text": "",
        }
    }
    _, written, _ = await asked(Fault.CUT, as_json=True)
    assert json.loads("".join(written))["error"]["partial_text"] == "This answer is not whole"


async def test_a_persons_failure_is_raised() -> None:
    """The command says the sentence for it; what had come stays on the screen."""
    with pytest.raises(RateLimited):
        await asked(Fault.RATE_LIMITED)
    written: list[str] = []
    async with (
        ModelEndpoint([Fault.CUT], pace=0) as model,
        CompletionsClient({"x": Endpoint("x", model.base_url)}) as client,
    ):
        with pytest.raises(StreamInterrupted):
            await ask(client, Question("hi", {"x/m": {}}), written.append)
    assert "".join(written) == "This answer is not whole\n"


CALL = {"id": "1", "function": {"name": "tide", "arguments": '{"at":"noon"}'}}


@pytest.mark.parametrize(
    ("delta", "finish_reason", "shown"),
    [
        ({}, "length", "(no text; finish_reason: length)\n"),
        ({"refusal": "I'd rather not."}, "stop", "I'd rather not.\n"),
        ({"tool_calls": [CALL]}, "stop", 'tide({"at": "noon"})\n'),
        ({"content": "thought\n</think>\nsaid"}, "stop", "thought\n</think>\nsaid\n\nsaid\n"),
    ],
)
async def test_an_answer_without_text_is_shown_as_what_it_is(
    delta: dict[str, Any], finish_reason: str, shown: str
) -> None:
    """Nobody looks at an empty line and wonders; and what turns out to be the text at the end is shown in the end."""
    _, written, _ = await asked(Raw([event({"delta": delta, "finish_reason": finish_reason})]))
    assert "".join(written) == shown


async def test_another_model_that_answered_is_named() -> None:
    """For people below the answer; a program finds the answer as always."""
    models = {"nowhere/m": {}, "x/n": {"temperature": 1}}
    for as_json in (False, True):
        written: list[str] = []
        async with (
            ModelEndpoint(["second"], pace=0) as model,
            CompletionsClient(
                {"nowhere": Endpoint("nowhere", "http://127.0.0.1:9/v1"), "x": Endpoint("x", model.base_url)}
            ) as client,
        ):
            assert await ask(client, Question("hi", models), written.append, as_json=as_json) == 0
        if as_json:
            assert json.loads("".join(written))["text"] == "second"
        else:
            assert "".join(written) == "second\n(x/n answered)\n"
