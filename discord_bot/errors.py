"""The exceptions of this project, in one tree.

An exception carries facts; the sentences that people read stand in `discord_bot.sentences`. No exception carries a
key, a token or the text of a message.

    BotError
    ├── ConfigError                   config.yaml is missing or wrong: what is wrong, and at which line
    ├── StoreError                    the database can't be opened or written
    ├── PortTaken                     the playground's port is in use
    ├── CardRefused                   a file is no character card that can be taken in
    ├── PersonaError                  a persona can't be had: no such one, or a file that can't be read or written
    ├── FilesRefused                  Discord lets the bot attach no files in a channel
    ├── TextRefused                   Discord does not take what an answer says
    ├── DiscordError                  Discord itself refuses the set-up
    │   ├── TokenMissing              no token was given
    │   ├── TokenRefused              Discord does not know the token
    │   ├── IntentRefused             a privileged intent is switched off
    │   └── DiscordUnreachable        no connection to the API or the gateway
    └── CompletionError               the chat completions endpoint gave no whole answer
        ├── RateLimited               kind rate_limited
        ├── QuotaExceeded             kind quota
        ├── Unauthorized              kind auth
        ├── NotFound                  kind not_found: no such model, or no such address
        ├── BadRequest                kind bad_request
        │   └── ContextLengthExceeded kind context_length
        ├── ContentFiltered           kind content_filter
        ├── ServerError               kind server
        │   └── Unreachable           … no connection at all
        ├── CompletionTimeout         kind timeout
        └── StreamInterrupted         kind stream_interrupted: the answer stopped before its end
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar


class BotError(Exception):
    """Whatever this project raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in the configuration: where it stands and what would be right."""

    message: str
    path: str = ""
    """The key's path with dots, such as `providers.openai.base_url`; empty for the file as a whole."""
    line: int | None = None
    """The line in the file, counted from 1; None where the value came from elsewhere, such as the environment."""
    key: str = ""
    """Which sentence of `discord_bot.config.sentences` says it in other languages; `message` is the English one."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """What is filled into that sentence. Never a value from the file, which may be a secret."""


class ConfigError(BotError):
    """The configuration can't be used; `problems` says why, in the order of the file."""

    def __init__(self, source: str, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{source}: {len(problems)} problem(s)")
        self.source = source
        self.problems = problems


class StoreError(BotError):
    """The database can't be used; `url` names it without a password, `reason` is the driver's own words."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason


class PortTaken(BotError):
    """Nothing can be served on `port` of this machine; `reason` is the operating system's own words."""

    def __init__(self, port: int, reason: str) -> None:
        super().__init__(f"port {port}: {reason}")
        self.port = port
        self.reason = reason


class FilesRefused(BotError):
    """The bot may write in a channel, but not attach files there."""


class TextRefused(BotError):
    """Discord does not take what an answer says, or not all of it."""


class CardRefused(BotError):
    """A file is no character card that can be taken in; `reason` is a key of `discord_bot.sentences.cards`.

    The facts that it brings are numbers and short words, never the card's text.
    """

    def __init__(self, reason: str, /, **facts: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = facts


class PersonaError(BotError):
    """A persona can't be had; `reason` is a key of `discord_bot.sentences.cards`, with the facts for its sentence."""

    def __init__(self, reason: str, /, **facts: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = facts


class DiscordError(BotError):
    """Discord itself does not let the bot in."""


class TokenMissing(DiscordError):
    """There is no token to log in with."""


class TokenRefused(DiscordError):
    """Discord answers 401 to the token, or the gateway closes with 4004."""


class IntentRefused(DiscordError):
    """The gateway closes with 4014: a privileged intent is asked for that is not switched on."""


class DiscordUnreachable(DiscordError):
    """No connection to `where` could be made; `reason` is the operating system's own words."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason


class CompletionError(BotError):
    """The chat completions endpoint gave no whole answer. The message is the provider's own, for the log only."""

    kind: ClassVar[str] = "server"
    retryable: bool = False
    """Whether the same request may succeed later without anybody changing anything; a server may know better."""
    asked: str | None = None
    """The model that failed, as config.yaml names it."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        param: str | None = None,
        retry_after: float | None = None,
        partial_text: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        """The HTTP status, where there was one."""
        self.param = param
        """The request's parameter that the server complains about, where it names one."""
        self.retry_after = retry_after
        """Seconds after which the server wants to be asked again."""
        self.partial_text = partial_text
        """What had arrived before the failure. Never in the exception's message, so that no log holds it."""


class RateLimited(CompletionError):
    """Too many requests; wait `retry_after` seconds."""

    kind = "rate_limited"
    retryable = True


class QuotaExceeded(CompletionError):
    """The account has no credit left; waiting does not help."""

    kind = "quota"


class Unauthorized(CompletionError):
    """The key is missing, wrong, or not allowed to do this."""

    kind = "auth"


class NotFound(CompletionError):
    """The model, or the address itself, does not exist there."""

    kind = "not_found"


class BadRequest(CompletionError):
    """The server does not accept the request as it is."""

    kind = "bad_request"


class ContextLengthExceeded(BadRequest):
    """The prompt is longer than the model can read."""

    kind = "context_length"
    limit: int | None = None
    """How many tokens the model reads, where the server said so."""


class ContentFiltered(CompletionError):
    """The provider's filter refused the prompt or the answer."""

    kind = "content_filter"


class ServerError(CompletionError):
    """The server failed, is overloaded, or answered something that is no chat completion."""

    kind = "server"
    retryable = True


class Unreachable(ServerError):
    """No connection to the server could be made, or it ended before the answer began."""


class CompletionTimeout(CompletionError):
    """Nothing arrived in time; `partial_text` holds what had."""

    kind = "timeout"
    retryable = True


class StreamInterrupted(CompletionError):
    """The answer stopped before its end; `partial_text` holds what had arrived."""

    kind = "stream_interrupted"
    retryable = True
