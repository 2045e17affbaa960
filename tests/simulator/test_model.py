"""The model endpoint as any client sees it: OpenAI's own shapes, scripts, faults, and the stand-in's words."""

from __future__ import annotations

import json
import re
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from discord_bot.simulator.model import Fault, ModelEndpoint, Raw, Reply
from discord_bot.simulator.model.stand_in import answer, pieces, understand
from tests.wire import SHARED

SPEC = SHARED / "specs" / "openai-chat-completions.json"
needs_spec = pytest.mark.skipif(not SPEC.exists(), reason="OpenAI's published schema (../shared/specs) is not here")

SYSTEM = {
    "role": "system",
    "content": "You are Captain Marlowe, an old pirate.\n\nEach message begins with the name of who wrote it.",
}


def asks(text: str, *before: str, system: dict[str, str] | None = SYSTEM) -> list[dict[str, str]]:
    """A conversation whose last message is the text."""
    roles = ["user", "assistant"] * (len(before) + 1)
    spoken = [{"role": role, "content": said} for role, said in zip(roles, [*before, text], strict=False)]
    return [*([system] if system else []), *spoken]


def body(text: str = "ada: hi", **parameters: Any) -> dict[str, Any]:
    return {"model": "m", "messages": asks(text), **parameters}


async def post(url: str, payload: object, **options: Any) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/chat/completions", json=payload, **options) as response,
    ):
        return response.status, await response.text()


def validator(name: str) -> Draft202012Validator:
    spec: dict[str, Any] = json.loads(SPEC.read_text("utf-8"))
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": _nullable(spec["components"])})


def _nullable(schema: Any) -> Any:
    """OpenAPI's `nullable` in the words of JSON Schema, which does not know it."""
    if isinstance(schema, list):
        return [_nullable(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    known = {key: _nullable(value) for key, value in schema.items() if key != "nullable"}
    return {"anyOf": [known, {"type": "null"}]} if schema.get("nullable") is True else known


def events(text: str) -> list[str]:
    return [line.removeprefix("data: ") for line in text.split("\n\n") if line]


@needs_spec
@pytest.mark.parametrize("turn", ["hello there", Fault.LENGTH, Fault.CONTENT_FILTER, Fault.EMPTY])
async def test_a_stream_is_what_openai_publishes(turn: str | Fault) -> None:
    """Each chunk is valid by OpenAI's own schema; the usage comes last, where it is asked for, and then [DONE]."""
    valid = validator("CreateChatCompletionStreamResponse")
    async with ModelEndpoint([turn], pace=0) as model:
        _, text = await post(model.base_url, body(stream=True, stream_options={"include_usage": True}))
    *chunks, usage, done = events(text)
    assert done == "[DONE]"
    for chunk in chunks:
        valid.validate(json.loads(chunk))
        assert json.loads(chunk)["usage"] is None
    valid.validate(json.loads(usage))
    assert json.loads(usage)["choices"] == []
    assert json.loads(usage)["usage"]["prompt_tokens"] > 0
    assert not valid.is_valid({**json.loads(chunks[0]), "choices": 7})


@needs_spec
async def test_a_whole_answer_is_what_openai_publishes() -> None:
    """Without streaming, one object holds the text, the reason and the usage."""
    async with ModelEndpoint(["hello there"]) as model:
        status, text = await post(model.base_url, body())
    validator("CreateChatCompletionResponse").validate(json.loads(text))
    assert status == 200
    assert json.loads(text)["choices"][0]["message"]["content"] == "hello there"


async def test_no_usage_where_none_is_asked_for() -> None:
    """As OpenAI does it."""
    async with ModelEndpoint(["hi"], pace=0) as model:
        _, text = await post(model.base_url, body(stream=True))
    assert "usage" not in text


async def test_a_script_is_played_turn_by_turn_and_then_the_stand_in_speaks() -> None:
    """Texts, pieces, raw bytes and faults, in their order; the script can be added to at any time."""
    async with ModelEndpoint(["one", Reply(["t", "wo"], "length"), Raw([b"raw"], status=418)], pace=0) as model:
        model.script.append(Fault.OVERLOADED)
        answers = [await post(model.base_url, body()) for _ in range(5)]
        assert [json.loads(text)["choices"][0]["message"]["content"] for _, text in answers[:2]] == ["one", "two"]
        assert answers[2] == (418, "raw")
        assert answers[3][0] == 503
        assert "stand-in" in answers[4][1]
        assert [each["messages"][-1]["content"] for each in model.requests] == ["ada: hi"] * 5


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault.WRONG_KEY, 401, "invalid_api_key"),
        (Fault.NO_MODEL, 404, "model_not_found"),
        (Fault.CONTEXT_LENGTH, 400, "context_length_exceeded"),
        (Fault.RATE_LIMITED, 429, "rate_limit_exceeded"),
        (Fault.NO_QUOTA, 429, "insufficient_quota"),
        (Fault.SERVER_ERROR, 500, None),
        (Fault.OVERLOADED, 503, None),
    ],
)
async def test_a_refusal_is_openais(fault: Fault, status: int, code: str | None) -> None:
    """The status and the error object that OpenAI documents."""
    async with ModelEndpoint([fault]) as model:
        got, text = await post(model.base_url, body(stream=True))
    assert got == status
    error = json.loads(text)["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["code"] == code


async def test_the_key_is_checked_where_one_is_set_and_never_kept() -> None:
    """Tests can look at what was received without a key in it."""
    async with ModelEndpoint(["hi"], key="sk-1") as model:
        assert (await post(model.base_url, body()))[0] == 401
        assert (await post(model.base_url, body(), headers={"Authorization": "Bearer sk-1"}))[0] == 200
        assert "sk-1" not in str(model.request_headers)
        assert "Authorization" not in model.request_headers[0]
        assert "Authorization" in model.request_headers[1]


@pytest.mark.parametrize("payload", [None, [], {}, {"model": "m"}, "x", {"model": "m", "messages": "none"}])
async def test_a_request_that_is_none_is_refused(payload: object) -> None:
    """A model and messages are needed."""
    async with ModelEndpoint() as model:
        assert (await post(model.base_url, payload))[0] == 400


async def test_it_can_be_routes_of_another_application() -> None:
    """The playground has it on its own port."""
    model = ModelEndpoint(["from within"], pace=0)
    app = web.Application()
    app.add_routes(model.routes("/model/v1"))
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/model/v1"
        assert "from within" in (await post(url, body()))[1]
    finally:
        await runner.cleanup()


# --- the stand-in's words ---------------------------------------------------------------------------------------------


def test_the_answer_shows_what_was_sent() -> None:
    """In whose persona it speaks, how much came before, what was asked, and by whom."""
    text = answer("m", asks("ada: where is {the} tide?\n\n[Sunday, 2025-01-05 · answer ada]", "mo: hi", "ho"))
    assert "**Captain Marlowe**" in text
    assert "**2 messages**" in text
    assert "> where is {the} tide?" in text
    assert ", ada" in text
    assert "Sunday" not in text
    assert text.count("```") == 2


def test_what_stands_in_a_file_is_not_taken_for_somebody_who_speaks() -> None:
    """A message's further lines are indented, those of its files, too."""
    text = answer("m", asks("mo: hi\nada: read this\n  [file: notes.txt]\n  kim: ahoy\n  [end of notes.txt]"))
    assert ", ada" in text
    assert "> read this [file: notes.txt] kim: ahoy" in text


def test_it_says_what_it_is_and_how_to_connect_a_real_model() -> None:
    """In both languages."""
    for text in (answer("m", asks("hi")), answer("m", asks("你好"))):
        assert "OPENAI_API_KEY" in text
        assert "config.yaml" in text
        assert re.search("chip at the bottom left|左下角的芯片", text)
    assert "stand-in model" in answer("m", asks("hi"))
    assert "替身模型" in answer("m", asks("小明: 港口今天开放吗?"))


def test_another_persona_gives_another_answer() -> None:
    """Who it is comes from the system message, in English or in Chinese."""
    assert (
        understand(asks("hi", system={"role": "system", "content": "你是“听雨楼主”，一位诗人。"})).persona == "听雨楼主"
    )
    assert (
        understand(asks("hi", system={"role": "system", "content": "Be kind.\n\nYou are neko, in a channel."})).persona
        == "neko"
    )
    assert understand(asks("hi", system=None)).persona == ""
    assert "nobody in particular" in answer("m", asks("hi", system=None))


def test_the_same_question_gets_the_same_answer_and_others_get_others() -> None:
    """A test can rely on it, and a person isn't bored."""
    assert answer("m", asks("hi")) == answer("m", asks("hi"))
    assert len({answer("m", asks(f"ada: question {n}")).split("\n")[0] for n in range(30)}) > 3


def test_a_long_answer_is_longer_than_one_page() -> None:
    """Who asks for something long sees how long answers are shown; others get one page."""
    assert len(answer("m", asks("ada: tell me a long story"))) > 2000
    assert len(answer("m", asks("小明: 讲一个长故事"))) > 2000
    assert len(answer("m", asks("ada: " + "what? " * 500))) < 2000


def test_images_are_counted() -> None:
    """They come as parts of a message."""
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    messages = [{"role": "user", "content": [{"type": "text", "text": "what is it?"}, picture, picture]}]
    assert understand(messages).images == 2
    assert "**2**" in answer("m", messages)


@given(st.text(max_size=200))
def test_the_pieces_are_the_text(text: str) -> None:
    """Streaming loses nothing."""
    assert "".join(pieces(text)) == text


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["role", "content", "x"]), st.none() | st.text() | st.integers() | st.lists(st.none())
        )
    )
)
def test_whatever_is_sent_gets_an_answer(messages: list[dict[str, Any]]) -> None:
    """Nothing about the messages' shape is certain."""
    assert answer("m", messages)
