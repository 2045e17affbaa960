"""What config.yaml may say: every key, typed and described; and where its values come from.

`load_settings` puts together, the later ones winning: the file, with each `NAME_env` taken from the environment; and
variables such as `DISCORD_BOT_STORE__URL`. A file named `.env`, beside the configuration or in the working directory,
is part of the environment and never overrides the real one. All that is wrong is said at once, in one `ConfigError`.

This file is long because it lists all keys.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PrivateAttr,
    ValidationError,
    model_validator,
)

from discord_bot.config.problems import (
    problems_between_keys,
    problems_of,
    unknown_variables,
    without_consequences,
)
from discord_bot.config.proxies import Proxy, proxy_for
from discord_bot.config.sentences import dotted, problem, render_problems
from discord_bot.config.sources import (
    default_path,
    is_given,
    merged,
    overrides_in,
    read_dotenv,
    read_text,
    with_token,
)
from discord_bot.config.values import (
    CONTROLS,
    Body,
    CommandPermission,
    Controls,
    Count,
    Headers,
    HttpUrl,
    Ids,
    Key,
    Names,
    Number,
    ProxyUrl,
    Query,
    Seconds,
    StoreUrl,
    Texts,
    Token,
    WebSocketUrl,
    as_mapping,
    as_sent,
)
from discord_bot.config.yaml_file import read_document
from discord_bot.errors import ConfigError, Problem

__all__ = ["Settings", "load_settings", "render_problems", "split_model"]


class Section(BaseModel):
    """A part of the file. A key with nothing after it counts as not given, so that its default holds."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _as_written(cls, value: object) -> object:
        value = as_mapping(value)
        if not isinstance(value, dict):
            return value
        return {key: each for key, each in value.items() if each is not None or key not in cls.model_fields}


class DiscordSettings(Section):
    """How the bot reaches Discord."""

    token: Token = Field(None, description="The bot's token. Better kept out of this file: token_env: DISCORD_TOKEN")
    api_url: HttpUrl = Field(
        "https://discord.com/api/v10", description="Discord's API, or a REST proxy or simulator in its place."
    )
    gateway_url: WebSocketUrl | None = Field(
        None, description="The gateway's address. Empty: the API is asked for it, as Discord recommends."
    )
    proxy: ProxyUrl | None = Field(
        None,
        repr=False,
        description="HTTP proxy for Discord's API and gateway. Empty: HTTPS_PROXY decides; direct: none.",
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


class PersonaSettings(Section):
    """Who the bot is. A plain text in its place is the system prompt."""

    system_prompt: str = Field(description="What the model is told about who it is, before the conversation.")
    description: str = Field("", description="One line about it, shown by /persona list.")
    personality: str = Field("", description="A few words on its character.")
    scenario: str = Field("", description="Where it is and what is going on.")
    greetings: Texts = Field([], description="How it may open a conversation; the first one is the usual one.")
    example_dialogue: str = Field(
        "", description="How it speaks: lines of {{user}} and {{char}}, blocks divided by <START>."
    )
    post_history_instructions: str = Field("", description="What the model is told again after the conversation.")
    nickname: str = Field("", description="What {{char}} says in the place of the name.")
    names: Names = Field([], description="Further names that it is called by.")
    model: str | None = Field(None, description="The model that answers as it, one of models. Empty: the channel's.")
    parameters: Body = Field({}, description="Parameters of its requests, over those of the model.")
    tags: Names = Field([], description="Words to find it by.")


class IdLists(Section):
    """Whom to answer. Blocked ids are never answered; if any id is allowed, only those are."""

    allowed_ids: Ids = Field([], description="If any stands here, only these.")
    blocked_ids: Ids = Field([], description="Never these, whatever is allowed.")


class UserIdLists(IdLists):
    """Which people to answer, and who owns the bot."""

    admin_ids: Ids = Field([], description="They may run every command, and are answered in every channel.")


class PlacePermission(Section):
    """What it takes to change something for one channel."""

    here: CommandPermission = Field("manage_channels", description="Who may set and reset it for one channel.")


class SettingPermissions(Section):
    """What it takes to run the commands `set` and `reset`."""

    here: CommandPermission = Field("manage_channels", description="Who may set and reset it for one channel.")
    server: CommandPermission = Field("manage_guild", description="Who may set and reset it for the whole server.")


class PersonaPermissions(SettingPermissions):
    """What it takes to change who speaks, and what there is to choose from."""

    library: CommandPermission = Field("manage_guild", description="Who may change and export the server's personas.")


class Permissions(Section):
    """Whom to answer, and what people may change."""

    users: UserIdLists = Field(UserIdLists(), description="People, by user id.")
    roles: IdLists = Field(IdLists(), description="People, by a role that they have.")
    channels: IdLists = Field(IdLists(), description="Places: ids of channels, threads, or categories.")
    persona: PersonaPermissions = Field(
        PersonaPermissions(), description="Who may run /persona set and reset, and fill the server's library."
    )
    model: SettingPermissions = Field(SettingPermissions(), description="Who may run /model set and reset.")
    channel: PlacePermission = Field(PlacePermission(), description="Who may run /channel set and reset.")
    forget: CommandPermission = Field("everyone", description="Who may run /forget; it deletes nothing in Discord.")

    def admit(
        self,
        user_id: int,
        role_ids: Collection[int] = (),
        channel_ids: Collection[int] = (),
    ) -> bool:
        """Whether this person is answered in this place.

        `channel_ids` are the channel's own, its parent's and its category's; empty for a direct message. Whoever is
        allowed by id or by role is allowed; admins are allowed everywhere; what is blocked is blocked for everyone.
        """
        users, roles, channels = self.users, self.roles, self.channels
        admin = user_id in users.admin_ids
        wanted = (
            admin
            or not (users.allowed_ids or (roles.allowed_ids and channel_ids))
            or user_id in users.allowed_ids
            or not _apart(role_ids, roles.allowed_ids)
        )
        place = admin or not channel_ids or not channels.allowed_ids or not _apart(channel_ids, channels.allowed_ids)
        blocked = (
            user_id in users.blocked_ids
            or not _apart(role_ids, roles.blocked_ids)
            or not _apart(channel_ids, channels.blocked_ids)
        )
        return wanted and place and not blocked


def _apart(some: Collection[int], others: Collection[int]) -> bool:
    return set(some).isdisjoint(others)


class ConversationSettings(Section):
    """What the bot remembers, and how much of it the model reads."""

    max_messages: Annotated[Count, Field(ge=1, le=10_000)] = Field(
        1000, description="Messages remembered in each channel at most; mostly it is max_tokens that says how many."
    )
    max_tokens: Annotated[Count, Field(ge=256)] = Field(
        8000,
        description="Tokens of conversation that the model reads with each question; more cost more. So much of a "
        "channel is read back after a restart, too, a call to Discord for each 100 messages.",
    )
    max_channels: Annotated[Count, Field(ge=1)] = Field(
        1000, description="Channels remembered at once; those silent for longest are read from Discord again."
    )
    max_memory: Annotated[Count, Field(ge=1)] = Field(
        100, description="MiB of memory for all that is remembered; channels silent for longest make room."
    )
    summarise: bool = Field(
        False,
        description="Whether the model sums up what it has no more room to read, in the background: a further question "
        "to it now and then. Kept in memory, and dropped with any message that it tells.",
    )
    parallel_replies: Annotated[Count, Field(ge=1, le=50)] = Field(
        4, description="People answered at once in one channel; the next ones wait."
    )
    speakers: Literal["prefix", "none"] = Field(
        "prefix", description="How the model learns who speaks: prefix writes the name before each message; none: not."
    )
    max_images: Annotated[int, Field(ge=0, le=20)] = Field(
        3, description="Pictures that the model sees with each question, the newest ones; 0: none."
    )
    max_files: Annotated[int, Field(ge=0, le=20)] = Field(
        5, description="Text files, code and PDFs that the model reads with each question, the newest ones; 0: none."
    )
    max_file_bytes: Annotated[Count, Field(ge=1_000, le=100_000_000)] = Field(
        10_000_000, description="Bytes of a file that is fetched to be read; a larger one is not read."
    )
    max_pdf_pages: Annotated[Count, Field(ge=1, le=1_000)] = Field(
        20, description="Pages of a PDF that are read, the first ones."
    )
    greeting: bool = Field(
        True, description="Whether a persona greets when it is set for a channel, and after /forget."
    )


class DeliverySettings(Section):
    """What people see of an answer beside its text, and what their own edits do to it."""

    max_pages: Annotated[Count, Field(ge=1, le=50)] = Field(
        10, description="Messages that an answer may fill; the rest is attached to the last one as a text file."
    )
    controls: Controls = Field(
        list(CONTROLS),
        description="Buttons below a reply: stop while it grows, again for another answer, continue where the model "
        "stopped for length. For who asked, and for those with Manage Messages. true: all; false or []: none.",
    )
    revise_within: Annotated[Number, Field(ge=0, le=86_400)] = Field(
        60,
        description="Seconds after an answer in which an edit of the question still makes a new answer in its place; "
        "0: edits change nothing.",
    )


class StoreSettings(Section):
    """Where the bot keeps what Discord can't remember: which channel speaks in which persona. Never messages."""

    url: StoreUrl = Field(
        "sqlite:///data/discord-bot.db",
        repr=False,
        description="sqlite:///path/to/file.db, or postgresql://user:password@host/database",
    )
    keep_left_servers: Annotated[int, Field(ge=0, le=3_650)] = Field(
        30,
        description="Days for which a server's personas and settings are kept after the bot was removed from it.",
    )


class ModelName(NamedTuple):
    """A model as config.yaml names it, taken apart."""

    provider: str
    model: str


def split_model(name: str) -> ModelName:
    """`openrouter/x-ai/grok-4` is the model `x-ai/grok-4` of the provider `openrouter`: the first slash divides."""
    provider, _, model = name.partition("/")
    return ModelName(provider, model)


def _persona(value: object) -> object:
    return {"system_prompt": value} if isinstance(value, str) else value


Providers = Annotated[dict[str, ProviderSettings], BeforeValidator(as_mapping)]
Models = Annotated[
    dict[str, Annotated[ModelSettings, BeforeValidator(as_mapping, json_schema_input_type=ModelSettings | None)]],
    BeforeValidator(as_mapping),
]
Personas = Annotated[
    dict[str, Annotated[PersonaSettings, BeforeValidator(_persona, json_schema_input_type=PersonaSettings | str)]],
    BeforeValidator(as_mapping),
]


class Settings(Section):
    """The whole configuration of the bot."""

    discord: DiscordSettings = Field(DiscordSettings(), description="The token, and the way to Discord.")
    providers: Providers = Field(description="Servers that run models, each under a name of yours.")
    models: Models = Field(description="provider/model: parameters. The first one is the default.")
    personas: Personas = Field(description="Who the bot can be, each under its name. The first one is the default.")
    permissions: Permissions = Field(Permissions(), description="Who is answered, where, and who may change things.")
    allow_dms: bool = Field(True, description="Whether direct messages are answered.")
    persona_folder: str | None = Field(
        None, description="A folder of character cards (.png, .json, .charx), each a persona too; beside this file."
    )
    voice: Literal["auto", "webhook", "profile", "plain"] = Field(
        "auto",
        description="How personas speak where /persona set does not say. webhook: under their own name and face; "
        "profile: in the bot's profile of the server; plain: as the bot itself. auto: webhook, but for the default "
        "persona plain, if it has no picture.",
    )
    conversation: ConversationSettings = Field(ConversationSettings(), description="What the bot remembers.")
    delivery: DeliverySettings = Field(DeliverySettings(), description="How answers are shown.")
    store: StoreSettings = Field(StoreSettings(), description="Where the bot keeps what Discord can't remember.")
    language: Literal["auto", "en", "zh"] = Field(
        "auto", description="The language of the bot's own sentences. auto: each person's, as Discord tells it."
    )

    _source: str = PrivateAttr("config.yaml")
    _environ: Mapping[str, str] = PrivateAttr(default_factory=dict)
    _unset: Mapping[str, str] = PrivateAttr(default_factory=dict)

    @property
    def source(self) -> str:
        """The file that this was read from."""
        return self._source

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment that this was read with, `.env` included. It holds secrets."""
        return self._environ

    @property
    def unset(self) -> Mapping[str, str]:
        """Keys such as `discord.token` that name a variable which is not set, and the variable's name."""
        return self._unset

    @property
    def default_model(self) -> str:
        """The first of `models`."""
        return next(iter(self.models))

    @property
    def default_persona(self) -> str:
        """The first of `personas`."""
        return next(iter(self.personas))

    @property
    def cards(self) -> Path | None:
        """The folder of character cards, seen from the working directory."""
        return None if self.persona_folder is None else Path(self._source).parent / self.persona_folder

    def proxy_for(self, url: str, configured: str | None) -> Proxy | None:
        """The proxy for a connection to `url`; `configured` is the `proxy` key of `discord` or of the provider."""
        return proxy_for(url, configured, self._environ)


def load_settings(path: Path | None, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings from that file, or from ./config.yaml, or, where there is none, the default ones.

    `environ` is the process's own if it is None. Raises ConfigError, and nothing else, with every problem in it.
    """
    path = path or default_path()
    environ = {**read_dotenv(path), **(os.environ if environ is None else environ)}
    document = read_document(read_text(path), environ)
    overrides, variables = overrides_in(environ, Settings)
    if document.value is None and not document.problems:
        raise ConfigError(str(path), (problem("file_empty"),))
    if not isinstance(document.value, dict):
        raise ConfigError(str(path), document.problems or (problem("file_no_mapping", (), 1),))
    values = with_token(merged(document.value, overrides), document, environ)
    found: list[Problem] = [
        *document.problems,
        *unknown_variables(Settings, document),
        *problems_between_keys(values, document, variables),
    ]
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        found += problems_of(error, Settings, document, variables)
    if settings is None or found:
        raise ConfigError(str(path), without_consequences(found)) from None
    settings._source = str(path)
    settings._environ = environ
    settings._unset = {dotted(key): name for key, name in document.unset.items() if not is_given(values, key)}
    return settings
