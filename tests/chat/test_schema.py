"""What goes out is strict, what comes in is tolerated."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from discord_bot.chat.schema import (
    ChatCompletionChunk,
    ChatCompletionRequest,
    ChatMessage,
    ImagePart,
    ImageURL,
    ModelList,
    StreamOptions,
    TextPart,
    Usage,
)
from tests.wire import SHARED

SPEC = SHARED / "specs" / "openai-chat-completions.json"

PICTURE = [TextPart(text="What is it?"), ImagePart(image_url=ImageURL(url="data:image/png;base64,AA=="))]

REQUESTS = [
    ChatCompletionRequest(model="gpt-5-mini", messages=[ChatMessage(role="user", content="hi")]),
    ChatCompletionRequest(
        model="gpt-5-mini",
        messages=[
            ChatMessage(role="system", content="You are brief."),
            ChatMessage(role="user", content=PICTURE),
            ChatMessage(role="assistant", content="A dot."),
            ChatMessage(role="user", content="Sure?"),
        ],
        stream=True,
        stream_options=StreamOptions(include_usage=True),
        temperature=1.0,
        max_completion_tokens=50,
        reasoning_effort="low",
        stop=["\n"],
        seed=None,
    ),
    ChatCompletionRequest(
        model="gpt-5-mini",
        messages=[ChatMessage(role="developer", content="You are brief."), ChatMessage(role="user", content="hi")],
        stream=False,
        max_tokens=50,
        top_p=0.9,
        presence_penalty=0.5,
        frequency_penalty=-0.5,
        logit_bias={"50256": -100},
        n=1,
        seed=7,
        stop="END",
        user="u-1",
        service_tier="flex",
        verbosity="low",
        response_format={"type": "json_object"},
        metadata={"from": "harbour"},
        prompt_cache_key="harbour",
    ),
]


@pytest.mark.skipif(not SPEC.exists(), reason="OpenAI's published schema (../shared/specs) is not here")
@pytest.mark.parametrize("request_", REQUESTS, ids=["least", "usual", "most"])
def test_a_request_is_what_openai_publishes(request_: ChatCompletionRequest) -> None:
    """Each request is valid by OpenAI's own schema, and the schema would notice if it weren't."""
    spec: dict[str, Any] = json.loads(SPEC.read_text("utf-8"))
    schema = {"$ref": "#/components/schemas/CreateChatCompletionRequest", "components": spec["components"]}
    validator = Draft202012Validator(schema)
    payload = request_.payload()
    validator.validate(payload)
    assert not validator.is_valid({**payload, "messages": [{"role": "captain", "content": "hi"}]})


def test_nothing_is_sent_that_was_not_asked_for() -> None:
    """No defaults, no nulls, no names."""
    assert REQUESTS[0].payload() == {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "hi"}]}
    assert REQUESTS[2].payload().keys() == REQUESTS[2].model_fields_set
    most = REQUESTS[1].payload()
    assert "seed" not in most
    assert most["messages"][1]["content"][1] == {
        "type": "image_url",
        "image_url": {"url": "data:image/png;base64,AA=="},
    }


def test_nulls_within_a_parameter_are_sent_as_they_stand() -> None:
    """A parameter set to null is none; a null inside one may mean something."""
    request = ChatCompletionRequest(model="m", messages=[], response_format={"default": None}, top_p=None)
    assert request.payload() == {"model": "m", "messages": [], "response_format": {"default": None}}


def test_a_message_has_a_role_and_content_and_nothing_else() -> None:
    """Mistral refuses `name`, and reasoning that is sent back."""
    with pytest.raises(ValidationError):
        ChatMessage.model_validate({"role": "user", "content": "hi", "name": "ada"})


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"prompt_tokens":3}', (3, None, None)),
        (b'{"prompt_tokens":"x","completion_tokens":4,"completion_tokens_details":[]}', (None, 4, None)),
        (b'{"prompt_tokens":3,"prompt_cache_hit_tokens":2}', (3, None, 2)),
        (b'{"prompt_tokens":3,"prompt_tokens_details":{"cached_tokens":1},"prompt_cache_hit_tokens":2}', (3, None, 1)),
        (b'[{"prompt_tokens":3}]', (3, None, None)),
        (b'\xef\xbb\xbf{"prompt_tokens":3,"x":"\\ud83d \xff"}', (3, None, None)),
        (b'{"input_tokens":3,"output_tokens":"4","cache_read_input_tokens":2.0}', (3, 4, 2)),
        (b'{"prompt_tokens":3,"cached_tokens":1}', (3, None, 1)),
        (b'{"prompt_tokens":-1,"completion_tokens":1e300}', (None, None, None)),
        (b'{"prompt_tokens":NaN,"completion_tokens":1e400}', (None, None, None)),
    ],
)
def test_what_fits_is_read_and_the_rest_left_out(data: bytes, expected: tuple[int | None, ...]) -> None:
    """One wrong value takes nothing else with it."""
    usage = Usage.read(data)
    assert (usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens) == expected


@pytest.mark.parametrize("data", [b"", b"{", b"7", b'"x"', b"null", b"[]", b"[1]", b"\x00"])
def test_what_is_no_object_is_a_value_error(data: bytes) -> None:
    """And no other error."""
    with pytest.raises(ValueError, match=r"\w"):
        ChatCompletionChunk.read(data)


def test_an_object_stands_for_a_list_of_it_and_a_list_for_its_first() -> None:
    """Where one was expected and the other came, nothing is lost."""
    chunk = ChatCompletionChunk.read(b'{"choices":{"delta":[{"content":"a"}]},"usage":[{"prompt_tokens":3}]}')
    assert chunk.choices is not None
    assert chunk.choices[0].delta is not None
    assert chunk.choices[0].delta.content == "a"
    assert chunk.usage is not None
    assert chunk.usage.prompt_tokens == 3


def test_a_list_keeps_its_good_members() -> None:
    """A member that can't be read goes alone."""
    listed = ModelList.mend({"data": [{"id": "a"}, {"name": "no id"}, 7, {"id": "b", "context_length": "long"}]})
    assert [(model.id, model.context_length) for model in listed.data or []] == [("a", None), ("b", None)]
