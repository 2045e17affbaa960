"""Which HTTP proxy a connection goes through, and who said so.

The one place that reads `HTTPS_PROXY` and its relatives. Pure: an address and an environment in, a `Proxy` out; nothing
here opens a connection. Discord's REST, its gateway and the providers all ask here, so that they agree.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

DIRECT = "direct"
"""What a `proxy` key says to go without any proxy, whatever the environment says."""

SPOKEN = ("http", "https")
"""The kinds of proxy that aiohttp speaks; it knows no SOCKS."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy's address and where it was named: `key` for config.yaml, or the environment variable's name."""

    url: str = field(repr=False)
    source: str

    @property
    def shown(self) -> str:
        """The address for people's eyes: without a user name and password."""
        return without_credentials(self.url)


def proxy_for(url: str, configured: str | None, environ: Mapping[str, str]) -> Proxy | None:
    """The proxy for a connection to `url`, or None to go straight there.

    What config.yaml says wins. Otherwise the environment is read as curl and Python read it: `https_proxy` for https
    and wss, `http_proxy` for http and ws, then `all_proxy`, each in lower case first; `no_proxy` lists hosts that are
    reached directly, and this machine always is. A SOCKS proxy in the environment is passed over: `unsupported_proxy`.
    """
    if configured:
        return None if configured.lower() == DIRECT else Proxy(configured, "key")
    named = _from_environment(url, environ)
    return named if named is not None and urlsplit(named.url).scheme in SPOKEN else None


def unsupported_proxy(url: str, environ: Mapping[str, str]) -> str | None:
    """The variable that names a proxy for `url` of a kind that can't be used here (SOCKS), if there is one."""
    named = _from_environment(url, environ)
    return named.source if named is not None and urlsplit(named.url).scheme not in SPOKEN else None


def without_credentials(url: str) -> str:
    """The same address without the user name and password in it, for logs and for people's eyes."""
    return re.sub(r"(?<=://)[^/?#]*@", "", url)


def _from_environment(url: str, environ: Mapping[str, str]) -> Proxy | None:
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if not host or is_loopback(host):
        return None
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    for name in (f"{scheme}_proxy", "all_proxy"):
        for variable in (name, name.upper()):
            if value := environ.get(variable, "").strip():
                if _bypassed(host, parts.port, environ):
                    return None
                return Proxy(value if "://" in value else f"http://{value}", variable)
    return None


def is_loopback(host: str) -> bool:
    """Whether that host is this machine: `localhost`, a name under it, 127.0.0.0/8 or ::1."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _bypassed(host: str, port: int | None, environ: Mapping[str, str]) -> bool:
    """Whether `no_proxy` names the host: `*`, a name (and all under it), `name:port`, an address or a network."""
    listed = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    for entry in (part.strip().lower() for part in listed.split(",")):
        name = entry.removeprefix("*").removeprefix(".")
        if entry == "*" or (name and (host == name or host.endswith(f".{name}") or f"{host}:{port}" == name)):
            return True
        try:
            if ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False):
                return True
        except ValueError:
            continue
    return False
