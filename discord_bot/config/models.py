"""The keys of `providers` and `models`: where the models are, and how each of them is asked."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from pydantic import BeforeValidator, ConfigDict, Field, JsonValue, model_validator

from discord_bot.config.section import Section
from discord_bot.config.values import (
    Body,
    Count,
    Headers,
    HttpUrl,
    Key,
    Names,
    ProxyUrl,
    Query,
    Seconds,
    as_mapping,
    as_sent,
)


class TimeoutSettings(Section):
    """How many seconds to wait for a provider."""

    connect: Seconds = Field(10, description="Until the connection stands.")
    first_token: Seconds = Field(120, description="Until the first word of the answer; local models load first.")
    idle: Seconds = Field(60, description="Between two pieces of the answer.")


class ProviderSettings(Section):
    """A server that speaks OpenAI's chat completions API."""

    base_url: HttpUrl = Field(description="What stands before /chat/completions, such as https://api.openai.com/v1")
    api_key: Key = Field(
        None, description="The key, if the server wants one. Better kept out of this file: api_key_env"
    )
    timeouts: TimeoutSettings = Field(TimeoutSettings(), description="Seconds to wait.")
    proxy: ProxyUrl | None = Field(
        None, repr=False, description="HTTP proxy for this provider. Empty: HTTPS_PROXY decides; direct: none."
    )
    extra_headers: Headers = Field({}, repr=False, description="Headers to send along with every request.")
    extra_query: Query = Field({}, repr=False, description="Query parameters to send along, such as api-version.")
    extra_body: Body = Field({}, repr=False, description="Keys to send along in the body of every request.")


class DialectSettings(Section):
    """How a model wants to be asked where it differs. What isn't set is learned from what its server refuses."""

    max_tokens: Literal["max_tokens", "max_completion_tokens"] | None = Field(
        None, description="The name under which the limit of the answer is sent. Empty: the one that you wrote."
    )
    without: Names = Field([], description="Parameters that are not sent.")
    stream: bool = Field(True, description="Whether the answer may be streamed.")
    system_role: bool = Field(True, description="Whether there may be a system message; else it opens the first one.")
    alternate_roles: bool = Field(False, description="Whether people's and the model's messages must take turns.")
    images: bool = Field(True, description="Whether messages may hold pictures.")


class ModelSettings(Section):
    """A model. What isn't a key of ours is a parameter of the request and sent as it is: temperature, max_tokens."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, JsonValue]

    context_length: Annotated[Count, Field(ge=256)] | None = Field(
        None,
        description="Tokens that the model can read, question and answer together. Not sent; limits prompts.",
    )
    dialect: DialectSettings = Field(DialectSettings(), description="How the model wants to be asked. Not sent.")
    fallback: Names = Field(
        [], description="provider/model of those that are asked where this one can't answer, in this order. Not sent."
    )
    # Not called `reasoning`: that is a parameter of OpenRouter's, and sent as it is.
    show_reasoning: Literal["hidden", "subtext", "spoiler"] = Field(
        "hidden", description="Whether people see what the model thinks before it answers, and how. Not sent."
    )

    @model_validator(mode="before")
    @classmethod
    def _parameters(cls, value: object) -> object:
        value = as_mapping(value)
        if not isinstance(value, dict):
            return value
        return {key: each if key in cls.model_fields else as_sent(each) for key, each in value.items()}

    @property
    def parameters(self) -> dict[str, JsonValue]:
        """What is added to each request."""
        return dict(self.__pydantic_extra__)


Providers = Annotated[dict[str, ProviderSettings], BeforeValidator(as_mapping)]
Models = Annotated[
    dict[str, Annotated[ModelSettings, BeforeValidator(as_mapping, json_schema_input_type=ModelSettings | None)]],
    BeforeValidator(as_mapping),
]


class ModelName(NamedTuple):
    """A model as config.yaml names it, taken apart."""

    provider: str
    model: str


def split_model(name: str) -> ModelName:
    """`openrouter/x-ai/grok-4` is the model `x-ai/grok-4` of the provider `openrouter`: the first slash divides."""
    provider, _, model = name.partition("/")
    return ModelName(provider, model)
