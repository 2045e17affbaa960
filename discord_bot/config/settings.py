"""What config.yaml may say: every key, typed and described. `models` and `permissions` have the keys of theirs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, PrivateAttr

from discord_bot.config.models import Models, Providers  # noqa: TC001  # pydantic reads the annotations
from discord_bot.config.permissions import Permissions
from discord_bot.config.proxies import Proxy, proxy_for
from discord_bot.config.section import Section
from discord_bot.config.values import (
    CONTROLS,
    Body,
    Controls,
    Count,
    HttpUrl,
    Names,
    Number,
    ProxyUrl,
    StoreUrl,
    Texts,
    Token,
    WebSocketUrl,
    as_mapping,
)


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


def _persona(value: object) -> object:
    return {"system_prompt": value} if isinstance(value, str) else value


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

    def read_from(self, source: str, environ: Mapping[str, str], unset: Mapping[str, str]) -> Self:
        """These settings, which know the file, the environment, and the keys whose variables were not set there."""
        self._source, self._environ, self._unset = source, environ, unset
        return self

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
