"""What `check` asks Discord: whether the API answers, whose the token is, what it may; whether the gateway says hello.

Only questions are asked: no session is begun at the gateway, so none of the day's log-ins is used up.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
from yarl import URL

from discord_bot.check.sentences import failed, invitation, row, way
from discord_bot.config.proxies import without_credentials
from discord_bot.errors import DiscordUnreachable, IntentRefused, TokenMissing, TokenRefused

if TYPE_CHECKING:
    from discord_bot.check.table import Row
    from discord_bot.config import Settings
    from discord_bot.config.proxies import Proxy
    from discord_bot.sentences import Language

MESSAGE_CONTENT = 1 << 18 | 1 << 19
"""Either flag of an application says that the intent is on (the second one: in fewer than 100 servers).
https://discord.com/developers/docs/resources/application#application-object-application-flags
"""
USER_INSTALL = "1"
"""https://discord.com/developers/docs/resources/application#application-object-application-integration-types"""
HELLO = 10
"""https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-opcodes"""
PATIENCE = 15.0
"""Seconds for each question to Discord."""
MAX_ANSWER = 1 << 20
"""Bytes of an answer; those to our questions have a few hundred."""
USER_AGENT = "DiscordBot (discord-bot, 1)"
"""Discord wants to know what kind of client asks: https://discord.com/developers/docs/reference#user-agent"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API answered; `body` is empty where it was no JSON object."""

    status: int
    body: dict[str, Any]

    def text(self, key: str) -> str:
        """The value of that key if it is text, and else nothing."""
        value = self.body.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> int | None:
        """The value of that key if it is a whole number."""
        value = self.body.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else None


class DiscordCheck:
    """Asks Discord one question after the other; each answer is a row."""

    def __init__(self, settings: Settings, language: Language) -> None:
        self._settings = settings
        self._language = language
        self._token = settings.discord.token.get_secret_value() if settings.discord.token is not None else ""
        self._session: aiohttp.ClientSession

    async def rows(self) -> AsyncGenerator[Row, None]:
        """API, token, intents, servers and gateway, as far as each can be learned without the one before."""
        async with aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=PATIENCE), cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
        ) as self._session:
            gateway: Answer | None = None
            try:
                if not self._token:
                    yield failed(self._language, "token", TokenMissing())
                    await self._ask("gateway")
                    yield self._api_answers()
                else:
                    me = await self._ask("users/@me")
                    known = me.status == 200 and bool(me.text("id"))
                    yield self._api_row(me)
                    if me.status == 401:
                        yield failed(self._language, "token", TokenRefused())
                    elif known:
                        yield row(self._language, "token", "ok", "token", name=_name(me), id=me.text("id"))
                        for each in await self._application_rows(me.text("id")):
                            yield each
                        gateway = await self._ask("gateway/bot")
            except DiscordUnreachable as error:
                yield failed(self._language, "api", error)
            if self._settings.discord.gateway_url is not None or (gateway is not None and gateway.text("url")):
                yield await self._gateway_row(gateway)

    # ---- the API -----------------------------------------------------------------------------------------------------

    def _api_answers(self) -> Row:
        return self._said("api", "api")

    def _api_row(self, me: Answer) -> Row:
        if me.status == 401 or (me.status == 200 and me.text("id")):
            return self._api_answers()
        if me.status == 200 or (300 <= me.status < 500 and me.status != 429):
            return self._said("api", "api_strange", wrong=True)
        return self._said("api", "api_status", wrong=True, status=me.status)

    def _said(self, subject: str, key: str, *, wrong: bool = False, **facts: Any) -> Row:
        url = self._settings.discord.api_url
        return row(
            self._language,
            subject,
            "wrong" if wrong else "ok",
            key,
            where=without_credentials(url),
            way=self._way(url),
            **facts,
        )

    async def _application_rows(self, bot_id: str) -> list[Row]:
        """The intents, whether the bot has been invited anywhere, and who can install it."""
        application = await self._ask("applications/@me")
        if application.number("flags") is None:
            application = await self._ask("oauth2/applications/@me")
        flags = application.number("flags")
        rows = []
        if flags is None:
            rows.append(row(self._language, "intents", "warning", "intents_unknown"))
        elif flags & MESSAGE_CONTENT:
            rows.append(row(self._language, "intents", "ok", "intents"))
        else:
            rows.append(failed(self._language, "intents", IntentRefused()))
        servers = application.number("approximate_guild_count")
        if servers == 0:
            invite = invitation(application.text("id") or bot_id)
            rows.append(row(self._language, "servers", "warning", "servers_none", invite=invite))
        elif servers is not None:
            rows.append(row(self._language, "servers", "ok", "servers", number=servers))
        installations = application.body.get("integration_types_config")
        if isinstance(installations, dict):
            said = "brought_along" if USER_INSTALL in installations else "not_brought_along"
            rows.append(row(self._language, "install", "ok", said))
        return rows

    async def _ask(self, path: str) -> Answer:
        """GET that path; raises DiscordUnreachable."""
        url = f"{self._settings.discord.api_url}/{path}"
        headers = {"User-Agent": USER_AGENT} | ({"Authorization": f"Bot {self._token}"} if self._token else {})
        try:
            async with self._session.get(
                url, headers=headers, proxy=self._proxy_url(url), allow_redirects=False
            ) as response:
                return Answer(response.status, _object(await response.content.read(MAX_ANSWER)))
        except (aiohttp.ClientError, OSError, ValueError) as error:  # TimeoutError is an OSError
            raise DiscordUnreachable(_host(url), reason_of(error, PATIENCE)) from None

    # ---- the gateway -------------------------------------------------------------------------------------------------

    async def _gateway_row(self, answer: Answer | None) -> Row:
        """The gateway says hello, and there are log-ins left."""
        limit = answer.body.get("session_start_limit") if answer is not None else None
        limit = limit if isinstance(limit, dict) else {}
        remaining, total, reset_after = (limit.get(key) for key in ("remaining", "total", "reset_after"))
        if remaining == 0:
            minutes = -(-int(reset_after or 0) // 60_000)  # from milliseconds, rounded up
            return row(self._language, "gateway", "wrong", "gateway_used_up", total=total, minutes=minutes)
        url = self._settings.discord.gateway_url or (answer.text("url") if answer is not None else "")
        facts: dict[str, str] = {"where": without_credentials(url), "way": self._way(url)}
        try:
            if not await self._says_hello(url):
                return row(self._language, "gateway", "wrong", "gateway_strange", **facts)
        except DiscordUnreachable as error:
            return failed(self._language, "gateway", error)
        if remaining is None:
            return row(self._language, "gateway", "ok", "gateway_alone", **facts)
        return row(self._language, "gateway", "ok", "gateway", remaining=remaining, total=total, **facts)

    async def _says_hello(self, url: str) -> bool:
        try:
            address = URL(url).update_query(v="10", encoding="json")
            async with self._session.ws_connect(
                address, proxy=self._proxy_url(url), max_msg_size=MAX_ANSWER, headers={"User-Agent": USER_AGENT}
            ) as socket:
                first = await socket.receive(timeout=PATIENCE)
                return first.type is aiohttp.WSMsgType.TEXT and _object(first.data).get("op") == HELLO
        except aiohttp.WSServerHandshakeError:
            return False
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise DiscordUnreachable(_host(url), reason_of(error, PATIENCE)) from None

    # ---- the way there -----------------------------------------------------------------------------------------------

    def _proxy(self, url: str) -> Proxy | None:
        return self._settings.proxy_for(url, self._settings.discord.proxy)

    def _proxy_url(self, url: str) -> str | None:
        proxy = self._proxy(url)
        return None if proxy is None else proxy.url

    def _way(self, url: str) -> str:
        return way(self._language, self._proxy(url), "discord.proxy")


def reason_of(error: BaseException, patience: float) -> str:
    """Why there is no connection, in a few words and without an address that could hold a password."""
    match error:
        case TimeoutError():
            return f"no answer within {patience:g} s"
        case aiohttp.ClientHttpProxyError():
            return f"the proxy answers {error.status} {error.message}"
        case aiohttp.ClientConnectorCertificateError():
            return "its certificate is not trusted here"
        case aiohttp.ClientProxyConnectionError():
            return f"the proxy can't be reached ({error.os_error.strerror or error.os_error})"
        case aiohttp.ClientConnectorError():
            return error.os_error.strerror or str(error.os_error)
        case OSError():
            return error.strerror or type(error).__name__
        case _:
            return type(error).__name__


def _object(data: str | bytes) -> dict[str, Any]:
    """The JSON object in an answer, or an empty one."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _name(user: Answer) -> str:
    printable = "".join(each for each in user.text("username") if each.isprintable())
    return printable or "?"


def _host(url: str) -> str:
    parts = URL(url)
    return f"{parts.host}:{parts.port}" if parts.explicit_port else parts.host or url
