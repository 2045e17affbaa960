"""What is said over the wire to a chat completions endpoint, with the wire's own names.

Strict in what goes out: a request holds what was asked for and nothing else. Tolerant of what comes in: fields that we
don't know are dropped, fields that are missing are None, and a value of the wrong type is left out instead of being an
error, because "OpenAI-compatible" servers differ in every one of these.

https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

MAX_MENDS = 8
"""Rounds in which misfits are left out one by one; in as many more, the whole field that holds one goes."""


class RequestModel(BaseModel):
    """Something that we send: exactly these fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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

    model_config = ConfigDict(extra="allow", frozen=True)

    include_usage: bool | None = None


class ChatCompletionRequest(BaseModel):
    """A request. Parameters such as `temperature` come from the configuration and are sent as they stand there."""

    model_config = ConfigDict(extra="allow", frozen=True)

    model: str
    messages: list[ChatMessage]
    stream: bool | None = None
    stream_options: StreamOptions | None = None

    def payload(self) -> dict[str, Any]:
        """The request's JSON object: what was set, without what is None."""
        return self.model_dump(mode="json", exclude_none=True)


class Incoming(BaseModel):
    """Something that a server sent."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    @classmethod
    def read(cls, data: bytes) -> Self:
        """The object in these bytes, which must be JSON; raises ValueError where they aren't.

        What fits is read in one go by pydantic's own JSON parser. Only where that fails, Python's parser is used, which
        accepts lone surrogates and NaN, and what doesn't fit is left out.
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
                    _leave_out(document, location)
        raise ValueError("nothing in it fits")


def decode_json(data: bytes) -> Any:
    """The JSON document in these bytes, whatever the encoding's faults; raises ValueError where it is none."""
    try:
        return json.loads(data.decode("utf-8-sig", "replace"))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _leave_out(document: dict[str, Any], location: tuple[int | str, ...]) -> None:
    """Remove the value at the location; where it names what isn't there (a union's member), the last that is."""
    holder: Any = document
    found: tuple[Any, int | str] | None = None
    for step in location:
        there = step in holder if isinstance(holder, dict) else isinstance(holder, list) and isinstance(step, int)
        if there:
            found = holder, step
            holder = holder[step]
    if found is not None:
        del found[0][found[1]]


class PromptTokensDetails(Incoming):
    """A part of the prompt's tokens."""

    cached_tokens: int | None = None
    """What the server had read before; billed at a fraction."""


class CompletionTokensDetails(Incoming):
    """A part of the answer's tokens."""

    reasoning_tokens: int | None = None
    """What the model thought and didn't say."""


class Usage(Incoming):
    """How many tokens an answer took, as the server counts them. Every number may be missing."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: PromptTokensDetails | None = None
    completion_tokens_details: CompletionTokensDetails | None = None
    prompt_cache_hit_tokens: int | None = None
    """DeepSeek's older name for the cached tokens: https://api-docs.deepseek.com/guides/kv_cache"""

    @property
    def cached_tokens(self) -> int | None:
        """The part of the prompt that the server had read before."""
        details = self.prompt_tokens_details
        if details is not None and details.cached_tokens is not None:
            return details.cached_tokens
        return self.prompt_cache_hit_tokens

    @property
    def reasoning_tokens(self) -> int | None:
        """The part of the answer that was thought and not said."""
        return self.completion_tokens_details.reasoning_tokens if self.completion_tokens_details is not None else None


class FunctionCall(Incoming):
    """A function to be called, or the next piece of it; whoever gathers the pieces looks at the types."""

    name: object = None
    arguments: object = None


class ToolCallDelta(Incoming):
    """A tool call, or the next piece of one. Keys that we don't know are kept: Gemini wants one of them back."""

    model_config = ConfigDict(extra="allow", frozen=True)

    index: int | None = None
    id: str | None = None
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
    tool_calls: Annotated[list[ToolCallDelta], Field(fail_fast=True)] | None = None
    images: object = None


class Choice(Incoming):
    """One of the answers asked for. `delta` stands in a chunk, `message` in a whole answer; some servers send both."""

    index: int | None = None
    delta: Delta | None = None
    message: Delta | None = None
    finish_reason: str | None = None
    usage: Usage | None = None


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
