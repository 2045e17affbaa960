"""What a refusal teaches, and what a request becomes by it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from discord_bot.chat.dialect import OPENING, UNSEEN, Dialect, learned
from discord_bot.chat.refusal import error_of_response
from discord_bot.config.models import DialectSettings
from discord_bot.errors import ContextLengthExceeded, RateLimited

SYSTEM = {"role": "system", "content": "You are brief."}
USER = {"role": "user", "content": "hello"}
ASSISTANT = {"role": "assistant", "content": "hi"}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
SEEN = {"role": "user", "content": [{"type": "text", "text": "What is this?"}, PICTURE]}


def payload(*messages: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    return {"model": "m", "messages": list(messages or (SYSTEM, USER)), "stream": True, **parameters}


def taught(body: object, sent: dict[str, Any], status: int = 400) -> Dialect | None:
    """What a server's refusal teaches, as it comes over the wire."""
    error = error_of_response(status, {}, json.dumps(body).encode(), now=0)
    return learned(Dialect(), error, sent)


def openai(message: str, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


@pytest.mark.parametrize(
    ("body", "parameters", "status", "dialect"),
    [
        (
            openai(
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' "
                "instead.",
                "max_tokens",
                "unsupported_parameter",
            ),
            {"max_tokens": 9},
            400,
            Dialect(max_tokens="max_completion_tokens"),
        ),
        (
            {
                "object": "error",
                "message": {
                    "detail": [
                        {
                            "type": "extra_forbidden",
                            "loc": ["body", "max_completion_tokens"],
                            "msg": "Extra inputs are not permitted",
                        }
                    ]
                },
            },
            {"max_completion_tokens": 9},
            422,
            Dialect(max_tokens="max_tokens"),
        ),
        (
            openai(
                "max_tokens is too large: 100000. This model supports at most 16384 completion tokens.",
                "max_tokens",
                "invalid_value",
            ),
            {"max_tokens": 100_000},
            400,
            Dialect(without=frozenset({"max_tokens"})),
        ),
        (
            openai(
                "Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) value is "
                "supported.",
                "temperature",
                "unsupported_value",
            ),
            {"temperature": 0.7},
            400,
            Dialect(without=frozenset({"temperature"})),
        ),
        (
            {
                "type": "error",
                "error": {
                    "type": "invalid_request_error",
                    "message": "`temperature` and `top_p` cannot both be specified for this model.",
                },
            },
            {"temperature": 0.7, "top_p": 0.9},
            400,
            Dialect(without=frozenset({"top_p"})),
        ),
        (
            {
                "code": "Client specified an invalid argument",
                "error": "Argument not supported on this model: presencePenalty",
            },
            {"presence_penalty": 0, "temperature": 1},
            400,
            Dialect(without=frozenset({"presence_penalty"})),
        ),
        (
            [
                {
                    "error": {
                        "code": 400,
                        "message": 'Invalid JSON payload received. Unknown name "stream_options": Cannot find field.',
                        "status": "INVALID_ARGUMENT",
                    }
                }
            ],
            {"stream_options": {"include_usage": True}},
            400,
            Dialect(without=frozenset({"stream_options"})),
        ),
        (
            {
                "detail": [
                    {"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"},
                    {"loc": ["body", "user"], "msg": "Extra inputs are not permitted"},
                ]
            },
            {"stream_options": {}, "user": "7"},
            422,
            Dialect(without=frozenset({"stream_options"})),
        ),
        (
            openai("property 'logit_bias' is unsupported, did you mean 'logprobs'?"),
            {"logit_bias": {}},
            400,
            Dialect(without=frozenset({"logit_bias"})),
        ),
        (
            openai("Your organization must be verified to stream this model.", "stream", "unsupported_value"),
            {},
            400,
            Dialect(stream=False),
        ),
        (openai("Streaming is not supported for this model."), {}, 400, Dialect(stream=False)),
        (
            openai("Unrecognized request argument supplied: stop"),
            {"stop": ["x"]},
            400,
            Dialect(without=frozenset({"stop"})),
        ),
    ],
)
def test_a_parameter_that_is_refused(body: object, parameters: dict[str, Any], status: int, dialect: Dialect) -> None:
    """Each in the words of a server that refuses it."""
    assert taught(body, payload(**parameters), status) == dialect


@pytest.mark.parametrize(
    ("body", "status", "messages", "dialect"),
    [
        (
            openai("Conversation roles must alternate user/assistant/user/assistant/..."),
            400,
            (SYSTEM, USER, USER),
            Dialect(alternate_roles=True),
        ),
        (
            {
                "error": {
                    "code": 500,
                    "message": "Jinja Exception: After the optional system message, conversation roles must "
                    "alternate user/assistant",
                    "type": "server_error",
                }
            },
            500,
            (SYSTEM, ASSISTANT, USER),
            Dialect(alternate_roles=True),
        ),
        (
            {
                "error": {
                    "message": "After the (optional) system message(s), user or tool message(s) should alternate with "
                    "assistant message(s).",
                    "type": "invalid_message",
                    "code": 400,
                }
            },
            400,
            (USER, USER),
            Dialect(alternate_roles=True),
        ),
        (openai("System role not supported"), 400, (SYSTEM, USER), Dialect(system_role=False)),
        (
            openai(
                "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
                "messages[0].role",
                "unsupported_value",
            ),
            400,
            (SYSTEM, USER),
            Dialect(system_role=False),
        ),
        (
            [
                {
                    "error": {
                        "code": 400,
                        "message": "Developer instruction is not enabled for models/gemma-3-4b-it",
                        "status": "INVALID_ARGUMENT",
                    }
                }
            ],
            400,
            (SYSTEM, USER),
            Dialect(system_role=False),
        ),
        (
            {
                "error": {
                    "code": 500,
                    "message": "image input is not supported - hint: if this is unexpected, you may need to "
                    "provide the mmproj",
                    "type": "server_error",
                }
            },
            500,
            (SEEN,),
            Dialect(images=False),
        ),
        (
            openai(
                "Invalid content type. image_url is only supported by certain models.", "messages.[0].content.[1].type"
            ),
            400,
            (SEEN,),
            Dialect(images=False),
        ),
        (openai("messages[0].content must be a string"), 400, (SEEN,), Dialect(images=False)),
        (
            openai("Failed to deserialize: unknown variant `image_url`, expected `text`"),
            422,
            (SEEN,),
            Dialect(images=False),
        ),
    ],
)
def test_messages_that_are_refused(
    body: object, status: int, messages: tuple[dict[str, Any], ...], dialect: Dialect
) -> None:
    """Roles and pictures, where there are any to complain of."""
    assert taught(body, payload(*messages), status) == dialect
    assert learned(dialect, error_of_response(status, {}, json.dumps(body).encode(), now=0), payload(*messages)) is None


@pytest.mark.parametrize(
    "body",
    [
        openai("Invalid value for 'messages'.", "messages"),
        openai("The prompt has a bad word in it; please stop."),
        openai("The model `m` is not available to this user."),
    ],
)
def test_what_can_not_be_put_otherwise_teaches_nothing(body: object) -> None:
    """Words that only look like parameters' names are none, and what was not sent can't be left out."""
    assert taught(body, payload(stop=["x"], user="7", seed=3)) is None


def test_only_what_is_wrong_with_the_request_teaches() -> None:
    """Not a limit, and not a prompt that is too long."""
    for failure in (RateLimited("temperature", param="temperature"), ContextLengthExceeded("t", param="max_tokens")):
        assert learned(Dialect(), failure, payload(temperature=1, max_tokens=9)) is None


def test_one_lesson_adds_to_another() -> None:
    """A model may refuse several things, one after the other."""
    first = taught(openai("no", "temperature"), payload(temperature=1, top_p=1))
    assert first is not None
    error = error_of_response(400, {}, json.dumps(openai("no", "top_p")).encode(), now=0)
    second = learned(first, error, first.spoken(payload(temperature=1, top_p=1)))
    assert second == Dialect(without=frozenset({"temperature", "top_p"}))


def test_no_dialect_changes_nothing() -> None:
    """What suits the server is sent as it is."""
    asked = payload(SYSTEM, USER, ASSISTANT, SEEN, temperature=1, stream_options={"include_usage": True})
    assert Dialect().spoken(asked) == asked


def test_what_a_request_becomes() -> None:
    """Each trait by itself, and all of them together."""
    asked = payload(SYSTEM, ASSISTANT, USER, SEEN, max_tokens=9, seed=1, stream_options={"include_usage": True})
    assert Dialect(max_tokens="max_completion_tokens").spoken(asked)["max_completion_tokens"] == 9
    assert "stream_options" not in Dialect(stream=False).spoken(asked)
    assert Dialect(system_role=False).spoken(asked)["messages"] == [
        ASSISTANT, {"role": "user", "content": "You are brief.\n\nhello"}, SEEN,
    ]  # fmt: skip
    assert Dialect(images=False).spoken(asked)["messages"][-1]["content"] == f"What is this?\n{UNSEEN}"
    assert Dialect(alternate_roles=True).spoken(asked)["messages"] == [
        SYSTEM,
        {"role": "user", "content": OPENING},
        ASSISTANT,
        {"role": "user", "content": [{"type": "text", "text": "hello"}, *SEEN["content"]]},
    ]
    everything = Dialect("max_tokens", frozenset({"seed"}), False, False, True, False).spoken(asked)
    assert everything == {
        "model": "m",
        "messages": [
            {"role": "user", "content": OPENING},
            ASSISTANT,
            {"role": "user", "content": f"You are brief.\n\nhello\n\nWhat is this?\n{UNSEEN}"},
        ],
        "stream": False,
        "max_tokens": 9,
    }  # fmt: skip


dialects = st.builds(
    Dialect,
    max_tokens=st.sampled_from([None, "max_tokens", "max_completion_tokens"]),
    without=st.frozensets(st.sampled_from(["temperature", "top_p", "seed"])),
    stream=st.booleans(),
    system_role=st.booleans(),
    alternate_roles=st.booleans(),
    images=st.booleans(),
)


@given(dialects, st.lists(st.sampled_from([SYSTEM, USER, ASSISTANT, SEEN]), min_size=1, max_size=8))
def test_nobodys_words_are_lost(dialect: Dialect, messages: list[dict[str, Any]]) -> None:
    """However a request is put, all that was said in it is still said, and putting it so again changes nothing."""
    asked = payload(*messages, temperature=1, max_tokens=9)
    said = dialect.spoken(asked)
    for word in ("You are brief.", "hello", "What is this?"):
        assert json.dumps(said).count(word) == json.dumps(asked).count(word)
    assert dialect.spoken(said) == said


@given(dialects)
def test_what_is_written_into_the_log_can_be_put_into_the_configuration(dialect: Dialect) -> None:
    """The line is YAML, and gives the same dialect."""
    written = DialectSettings.model_validate(yaml.safe_load(dialect.written()))
    assert Dialect(**{**dict(written), "without": frozenset(written.without)}) == dialect
