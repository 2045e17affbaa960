"""What is said over the wire to a chat completions endpoint, with the wire's own names.

Strict in what goes out: a request holds what was asked for and nothing else. Tolerant of what comes in: fields that we
don't know are dropped, fields that are missing are None, and a value of the wrong type is left out instead of being an
error, because "OpenAI-compatible" servers differ in every one of these.

https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field, ValidationError, model_validator

MAX_MENDS = 8
"""Rounds in which misfits are mended one by one; in as many more, the whole field that holds one goes."""

MAX_DIGITS = 400
"""Digits of a whole number that are read as one; Python reads 4,300 at most and raises beyond."""

MAX_COUNT = 2**53
"""The highest number of anything; what is higher is a mistake, and no store could keep it."""


class RequestModel(BaseModel):
    """Something that we send: exactly these fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class TextPart(RequestModel):
    """Text, in a message that is made of parts."""

    type: Literal["text"] = "text"
    text: str


class ImageURL(RequestModel):
    """Where an image is: an https address, or a `data:` URL that holds the image itself."""

    url: str
    detail: str | None = None


class ImagePart(RequestModel):
    """An image, in a message that is made of parts."""

    type: Literal["image_url"] = "image_url"
    image_url: ImageURL


class ChatMessage(RequestModel):
    """One message of the prompt. There is no `name`: several servers refuse it, so who speaks stands in the content."""

    role: str
    content: str | list[TextPart | ImagePart]


class StreamOptions(BaseModel):
    """What a stream should hold beside the text. Other options may be set, and are sent as they stand."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)

    include_usage: bool | None = None


class ChatCompletionRequest(BaseModel):
    """A request. Parameters such as `temperature` come from the configuration and are sent as they stand there."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)

    model: str
    messages: list[ChatMessage]
    stream: bool | None = None
    stream_options: StreamOptions | None = None

    @property
    def texts(self) -> Iterator[str]:
        """All that is said in it."""
        for message in self.messages:
            if isinstance(message.content, str):
                yield message.content
            else:
                yield from (part.text for part in message.content if isinstance(part, TextPart))

    def payload(self) -> dict[str, Any]:
        """The request's JSON object: what was set, without what is None."""
        return self.model_dump(mode="json", exclude_none=True)


class Incoming(BaseModel):
    """Something that a server sent."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    @classmethod
    def read(cls, data: bytes) -> Self:
        """The object in these bytes, which must be JSON; raises ValueError where they aren't.

        What fits is read in one go by pydantic's own JSON parser, in less time than json.loads alone takes. Only where
        that fails, Python's parser is used, which accepts lone surrogates and NaN, and what doesn't fit is mended.
        """
        try:
            return cls.model_validate_json(data)
        except ValidationError:
            return cls.mend(decode_json(data))

    @classmethod
    def mend(cls, document: object) -> Self:
        """The object in an already decoded document, without the values that don't fit; a list stands for its first."""
        while isinstance(document, list) and document:
            document = document[0]
        if not isinstance(document, dict):
            raise ValueError("not an object")  # noqa: TRY004 - data of another shape is a bad value, not a bug
        for attempt in range(2 * MAX_MENDS):
            try:
                return cls.model_validate(document)
            except ValidationError as error:
                for misfit in reversed(error.errors(include_url=False, include_context=False, include_input=False)):
                    location = misfit["loc"] if attempt < MAX_MENDS else misfit["loc"][:1]
                    _mend_at(document, location, misfit["type"])
        raise ValueError("nothing in it fits")


def decode_json(data: bytes) -> Any:
    """The JSON document in these bytes, whatever the encoding's faults; raises ValueError where it is none."""
    try:
        return json.loads(data.decode("utf-8-sig", "replace"), strict=False, parse_int=_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _number(digits: str) -> int | float:
    """A whole number; one of thousands of digits, which Python refuses to read, is as good as infinite."""
    return int(digits) if len(digits) <= MAX_DIGITS else float(digits)


def _mend_at(document: dict[str, Any], location: tuple[int | str, ...], misfit: str) -> None:
    """Mend the value at the location; where it names what isn't there (a union's member), the last that is.

    An object where a list should be stands for a list of it, or of what it numbers; a list where an object should be,
    for its first; anything else is left out.
    """
    holder: Any = document
    found: tuple[Any, int | str] | None = None
    for step in location:
        there = step in holder if isinstance(holder, dict) else isinstance(holder, list) and isinstance(step, int)
        if there:
            found = holder, step
            holder = holder[step]
    if found is None:
        return
    if misfit == "list_type" and isinstance(holder, dict):
        numbered = holder and all(isinstance(value, dict) for value in holder.values())
        found[0][found[1]] = list(holder.values()) if numbered and all(map(str.isdigit, holder)) else [holder]
    elif misfit == "model_type" and isinstance(holder, list) and holder:
        found[0][found[1]] = holder[0]
    else:
        del found[0][found[1]]


def _first_of(*paths: str) -> AliasChoices:
    """The first of these names, or paths with dots, under which there is a value."""
    return AliasChoices(*(AliasPath(*path.split(".")) for path in paths))


Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
"""A number of tokens."""


class Usage(Incoming):
    """How many tokens an answer took, as the server counts them. Every number may be missing.

    The other names are those of Anthropic and of OpenAI's newer API, which gateways pass through.
    """

    prompt_tokens: Count | None = Field(None, validation_alias=_first_of("prompt_tokens", "input_tokens"))
    completion_tokens: Count | None = Field(None, validation_alias=_first_of("completion_tokens", "output_tokens"))
    total_tokens: Count | None = None
    cached_tokens: Count | None = Field(
        None,
        validation_alias=_first_of(
            "prompt_tokens_details.cached_tokens",
            "input_tokens_details.cached_tokens",
            "prompt_cache_hit_tokens",  # DeepSeek: https://api-docs.deepseek.com/guides/kv_cache
            "cached_tokens",  # Moonshot: https://github.com/vercel/ai/pull/12352
            "cache_read_input_tokens",  # Anthropic
        ),
    )
    """The part of the prompt that the server had read before; billed at a fraction."""
    reasoning_tokens: Count | None = Field(
        None,
        validation_alias=_first_of(
            "completion_tokens_details.reasoning_tokens",
            "output_tokens_details.reasoning_tokens",
            "reasoning_tokens",  # Perplexity
        ),
    )
    """The part of the answer that was thought and not said."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, usage: object) -> object:
        """What is null under one name may be a number under another."""
        if not isinstance(usage, dict):
            return usage
        return {name: _present(value) if isinstance(value, dict) else value for name, value in _present(usage).items()}

    def after(self, earlier: Usage | None) -> Usage:
        """The newer of two counts, with the numbers of the earlier one where it says nothing."""
        if earlier is None:
            return self
        told = {name: number for name in Usage.model_fields if (number := getattr(self, name))}
        return earlier.model_copy(update=told)


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


class FunctionCall(Incoming):
    """A function to be called, or the next piece of it; whoever gathers the pieces looks at the types."""

    name: object = None
    arguments: object = None


class ToolCallDelta(Incoming):
    """A tool call, or the next piece of one. Keys that we don't know are kept: Gemini wants one of them back."""

    model_config = ConfigDict(extra="allow")

    index: int | None = None
    id: Annotated[str, Field(coerce_numbers_to_str=True)] | None = None
    type: object = None
    function: FunctionCall | None = None


class Delta(Incoming):
    """What a chunk adds; of a whole answer, the message itself.

    The leaves are `object`: text for nearly everybody, but a list of parts for Mistral, and lone surrogates must pass.
    `chat.completion` looks at what they are.
    """

    content: object = None
    refusal: object = None
    reasoning_content: object = None
    reasoning: object = None
    reasoning_text: object = None
    """The same in GitHub Copilot's words."""
    thinking: object = None
    """The same in Ollama's own."""
    reasoning_details: object = None
    """OpenRouter's list of it, mostly beside `reasoning`."""
    tool_calls: Annotated[list[ToolCallDelta], Field(fail_fast=True)] | None = None
    function_call: FunctionCall | None = None
    """The one call that OpenAI's API knew before `tool_calls`."""
    images: object = None


class Choice(Incoming):
    """One of the answers asked for. `delta` stands in a chunk, `message` in a whole answer; some servers send both."""

    index: int | None = None
    delta: Delta | None = None
    message: Delta | None = None
    text: object = None
    """What stands in the place of both where a server speaks of completions and not of chats."""
    finish_reason: str | None = None
    usage: Usage | None = None
    error: object = None
    """Why there is no more of it: https://openrouter.ai/docs/api/reference/errors-and-debugging"""


class GroqExtras(Incoming):
    """What Groq sends beside the rest."""

    usage: Usage | None = None
    error: object = None


class ChatCompletionChunk(Incoming):
    """A piece of an answer: a chunk of a stream, or all of it where the server doesn't stream."""

    model: str | None = None
    choices: Annotated[list[Choice], Field(fail_fast=True)] | None = None
    usage: Usage | None = None
    error: object = None
    x_groq: GroqExtras | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it is nothing but a piece of an answer: no error in it, and none where an answer should be."""
        if self.choices is None or self.error or self.x_groq is not None:
            return False
        return not (self.choices and self.choices[0].error)


class ModelMeta(Incoming):
    """What llama.cpp tells of a model beside the rest."""

    n_ctx_train: int | None = None


class ModelInfo(Incoming):
    """A model that an endpoint offers."""

    id: str
    owned_by: str | None = None
    context_length: int | None = None
    """How many tokens it reads, where the server says so (OpenRouter, Together)."""
    max_model_len: int | None = None
    """The same in vLLM's words."""
    context_window: int | None = None
    """… in Groq's."""
    max_context_length: int | None = None
    """… in those of Mistral and LM Studio."""
    meta: ModelMeta | None = None
    """… in llama.cpp's."""

    @property
    def context(self) -> int | None:
        """How many tokens it reads, in whichever words the server says so; what it was started with comes first."""
        trained = self.meta.n_ctx_train if self.meta is not None else None
        told = (self.max_model_len, self.context_length, self.context_window, self.max_context_length, trained)
        return next((each for each in told if each is not None and each > 0), None)


class ModelList(Incoming):
    """The answer of `GET /models`."""

    data: Annotated[list[ModelInfo], Field(fail_fast=True)] | None = None
    error: object = None
