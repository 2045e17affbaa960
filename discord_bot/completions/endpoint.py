"""Where a server is that speaks chat completions, how it is reached, and what of that must never be told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from yarl import URL

_PASSWORD = re.compile(r"//[^/@\s]*:([^/@\s]+)@")
"""The password in an address."""

_SECRET_NAME = re.compile(r"auth|key|token|secret|password|signature|credential", re.IGNORECASE)
"""How a header or a parameter is called whose value proves who we are."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait, in seconds."""

    connect: float = 10.0
    """For the connection, TLS included."""
    first_token: float = 120.0
    """From the request to the first thing that the model says. A server's signs of life don't lengthen it."""
    idle: float = 60.0
    """Between two reads, once the answer has begun. A server's signs of life count."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server that speaks chat completions. What may hold a secret is not in its repr."""

    name: str
    base_url: str
    """Up to and including `/v1`, with or without a slash at the end."""
    api_key: str | None = field(default=None, repr=False)
    timeouts: Timeouts = Timeouts()
    proxy: str | None = field(default=None, repr=False)
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    extra_query: Mapping[str, str] = field(default_factory=dict, repr=False)
    extra_body: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def url(self, path: str) -> URL:
        """The address of `chat/completions` or `models` there, with the extra query."""
        base = URL(self.base_url)
        trimmed = base.raw_path.rstrip("/").removesuffix("/chat/completions")
        return base.with_path(f"{trimmed}/{path}", encoded=True, keep_query=True).update_query(self.extra_query)

    @property
    def place(self) -> str:
        """The endpoint's name and host, to be told where nothing answers; no path, no query, no password."""
        try:
            return f"{self.name} at {URL(self.base_url).origin()}"
        except ValueError:
            return self.name

    def headers(self) -> dict[str, str]:
        """The headers of every request. Streams are not to be compressed: compressing collects what should flow."""
        headers = {"Accept-Encoding": "identity", "User-Agent": "discord-bot"}
        if self.api_key:
            headers["Authorization"] = f"Bearer {self.api_key.strip()}"
        return headers | dict(self.extra_headers)

    def secrets(self) -> list[str]:
        """What must never be told: the key, and whatever else proves who we are."""
        extras = [*self.extra_headers.items(), *self.extra_query.items()]
        secrets = [word for name, value in extras if _SECRET_NAME.search(name) for word in (value, *value.split())]
        return [self.api_key or "", *secrets, *_PASSWORD.findall(f"{self.base_url} {self.proxy}")]
