"""The bot as a Discord client: what it may hear, what it may never do, what it owns, and where Discord is.

Everything that touches discord.py's internals stands here and nowhere else: the address of the API and of the gateway,
and what happens when the very first connection fails.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from discord_bot import reading
from discord_bot.answering import Answering, Observer, SummingUp
from discord_bot.bindings import in_force
from discord_bot.cast import Calls, Speaking, cast_of
from discord_bot.chat.dialect import Dialect
from discord_bot.commands import Commands, Descriptions, synchronise
from discord_bot.completions import Target
from discord_bot.conversations import Conversations
from discord_bot.delivery import Delivery
from discord_bot.errors import DiscordUnreachable, IntentRefused, TokenRefused
from discord_bot.files import Files
from discord_bot.hearing import Hearing
from discord_bot.interactions import UnderWay
from discord_bot.known_models import Model, Models
from discord_bot.sentences import Language, language_of
from discord_bot.sight import Sight
from discord_bot.stage.forms import Drafts
from discord_bot.voices import Voices

if TYPE_CHECKING:
    from discord_bot.chat.persona import Persona
    from discord_bot.chat.schema import ChatMessage
    from discord_bot.completions import CompletionsClient
    from discord_bot.config import Settings
    from discord_bot.config.values import CommandPermission
    from discord_bot.personas import Personas
    from discord_bot.store import BindingKind, ChannelState, Library, Place, Store

log = logging.getLogger(__name__)

COGS = (
    *("cogs.chat", "cogs.controls", "cogs.missed", "cogs.persona", "cogs.persona_library", "cogs.persona_files"),
    *("cogs.persona_copy", "cogs.persona_preview", "cogs.persona_cast", "cogs.model", "cogs.channel", "cogs.privacy"),
    *("cogs.ask", "cogs.forget", "cogs.seen", "cogs.servers"),
)
"""In this order: the ones that hold further commands of a group come behind the one that makes it."""
INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=True)
GUILDS_QUIET = 0.5
"""Seconds without a further guild after which all are taken to be known. Messages are answered before that too."""
GARBAGE = 10_000
"""New objects after which those are looked for that only hold each other."""
HEARD_ONLY = frozenset({"message", "socket_event_type"})
"""Events of which nobody is told who only listens: there are many, and no commands by prefix. The latter is the kind of
every event, told beside the event itself."""
GOODBYE = 30.0
"""Seconds that the gateway has to answer a close."""
HANDLED_WITHIN = 5.0
"""Seconds for what is being handled when the bot stops: commands, buttons, forms and events."""
LET_GO = 0.5
"""Seconds for what was cut short."""
HANDLERS = ("CommandTree-invoker", "discord-ui-", "discord.py: ")
"""How discord.py calls the tasks in which it lets these be handled: it keeps no list of them."""
CLOSE_TOKEN_REFUSED = 4004
"""https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes"""


Facts = Mapping[str, object]
"""What is known of a model, as plain facts by their names: numbers, texts, lists of names, parameters with values."""


class ChatBot(commands.Bot):
    """One application's bot. It owns nothing that outlives it: the store and the client are lent to it."""

    def __init__(
        self,
        settings: Settings,
        *,
        store: Store,
        completions: CompletionsClient,
        personas: Personas,
    ) -> None:
        proxy = settings.proxy_for(settings.discord.api_url, settings.discord.proxy)
        self.delivery = Delivery(settings.delivery.max_pages)
        # No voice here, so no advice on it either.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        super().__init__(
            command_prefix=(),
            intents=INTENTS,
            tree_cls=Commands,
            help_command=None,
            allowed_mentions=discord.AllowedMentions.none(),
            # What people write is remembered in our own buffers, and members come with their messages: discord.py's own
            # copies would only cost memory.
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=GUILDS_QUIET,
            proxy=proxy.url if proxy is not None else None,
            http_trace=self.delivery.gate.trace,
        )
        self.settings = settings
        self.store = store
        self.completions = completions
        self.personas = personas
        self.models = Models(settings.models, completions)
        self.conversations = Conversations(
            max_channels=settings.conversation.max_channels,
            max_memory=settings.conversation.max_memory * 2**20,
            max_messages=settings.conversation.max_messages,
            max_tokens=settings.conversation.max_tokens,
            parallel_replies=settings.conversation.parallel_replies,
        )
        self._hearers: dict[str, list[Callable[..., None]]] = {}
        self.let_hear(self.delivery)
        self.observer: Observer | None = None
        """Who is told where each answer comes from."""
        self.drafts = Drafts()
        self.sight = Sight(self.conversations)
        self.files = Files()
        self.hearing = Hearing(store, self.conversations.remove_unanswered)
        self.answering = Answering(self)
        self.under_way = UnderWay()
        self.summing_up = SummingUp(completions, settings.conversation.speakers)
        self.voices = Voices(self, personas.picture)
        self.calls = Calls(store)
        self._me: reading.Me | None = None
        self._beside: list[asyncio.Task[None]] = []
        # discord.py keeps the API's address on a class: one process, one Discord.
        Route.BASE = settings.discord.api_url.rstrip("/")
        self.http.ws_connect = self._open_gateway  # type: ignore[method-assign]  # the one seam there is

    # ---- where Discord is --------------------------------------------------------------------------------------------

    async def _open_gateway(self, url: str, *, compress: int = 0) -> aiohttp.ClientWebSocketResponse:
        """Opens the gateway's websocket, in the place of discord.py's own `HTTPClient.ws_connect`."""
        configured = self.settings.discord.gateway_url
        if configured is not None:
            # READY names an address to resume at; whoever configured one (a proxy, a simulator) wants to stay there.
            url = str(yarl.URL(configured).update_query(yarl.URL(url).query))
        proxy = self.settings.proxy_for(url, self.settings.discord.proxy)  # not always the API's
        session: aiohttp.ClientSession = self.http._HTTPClient__session  # type: ignore[attr-defined]
        try:
            return await session.ws_connect(
                url,
                proxy=proxy.url if proxy is not None else None,
                max_msg_size=0,  # a large guild is a large message
                timeout=aiohttp.ClientWSTimeout(ws_close=GOODBYE),
                autoclose=False,  # discord.py reads the close code itself
                headers={"User-Agent": self.http.user_agent},
                compress=compress,
            )
        except (aiohttp.ClientError, OSError) as error:
            if self.ws is None:  # discord.py tries again by resuming the session, and at first there is none
                raise _unreachable(url, error) from error
            raise

    async def login(self, token: str) -> None:
        """Logs in; whatever answers there must be Discord's API."""
        try:
            await super().login(token)
        except (KeyError, TypeError) as error:  # such as a page in the place of JSON: discord.py takes it apart unseen
            raise DiscordUnreachable(Route.BASE, "what answers there is not Discord's API") from error

    async def setup_hook(self) -> None:
        """Runs once, after the login and before the gateway: loads the cogs and finds the gateway."""
        await self.hearing.load()
        await self.tree.set_translator(Descriptions())
        for cog in COGS:
            await self.load_extension(cog)
        if self.settings.discord.gateway_url is None:
            _, address, _ = await self.http.get_bot_gateway()
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(address)
        beside = (synchronise(self.tree, self.store, Route.BASE), self.hearing.follow())
        self._beside = [asyncio.create_task(each) for each in beside]

    async def start(self, token: str, *, reconnect: bool = True) -> None:
        """Logs in and stays connected until the bot is closed.

        Raises TokenRefused, IntentRefused or DiscordUnreachable where Discord does not let it in.
        """
        try:
            await super().start(token, reconnect=reconnect)
        except discord.LoginFailure as error:
            raise TokenRefused from error
        except discord.PrivilegedIntentsRequired as error:
            raise IntentRefused from error
        except discord.ConnectionClosed as error:
            if error.code == CLOSE_TOKEN_REFUSED:
                raise TokenRefused from error
            raise DiscordUnreachable("gateway", f"closed with code {error.code}") from error
        except discord.HTTPException as error:
            raise DiscordUnreachable(Route.BASE, f"HTTP {error.status}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise _unreachable(Route.BASE, error) from error
        except AttributeError as error:
            if self.ws is not None:
                raise
            # A first connection that was made, but on which no HELLO came: see `_open_gateway`.
            raise DiscordUnreachable("gateway", "the connection says nothing") from error

    async def on_ready(self) -> None:
        """Tells the owner that a session has begun: it runs again after every lost session."""
        log.info(
            "connected as %s, in %d servers; %s answers, as %s",
            self.user,
            len(self.guilds),
            next(iter(self.models)),
            self.personas.default,
        )
        # What is there now stays. Where it need not be looked through again, collecting garbage stops the bot for a
        # millisecond or two instead of fifty. And of what comes, nearly all goes by itself: to look for the rest at
        # every 700 new objects, as Python does, takes a tenth of what an answer costs.
        gc.collect()
        gc.freeze()
        gc.set_threshold(GARBAGE)

    async def close(self) -> None:
        """Lets replies come to an end (the cogs see to that), and what else is being handled; and leaves Discord."""
        until = asyncio.get_running_loop().time() + HANDLED_WITHIN
        for each in self._beside:
            each.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)
        self.models.close()
        self.summing_up.close()
        for extension in tuple(self.extensions):
            with suppress(commands.ExtensionNotLoaded):  # somebody else is closing it, too
                await self.unload_extension(extension)
        await self._until_handled(until)
        await super().close()

    async def _until_handled(self, until: float) -> None:
        """Waits until nothing is being handled any more, and cuts short what is so later than that.

        Whatever that has asked of the store would be left without it, and without its connection.
        """
        all_tasks = asyncio.all_tasks() - {asyncio.current_task()}
        handling = [each for each in all_tasks if each.get_name().startswith(HANDLERS)]
        if handling:
            _, late = await asyncio.wait(handling, timeout=max(until - asyncio.get_running_loop().time(), 0))
            for each in late:
                each.cancel()
            if late:
                await asyncio.wait(late, timeout=LET_GO)

    @property
    def me(self) -> reading.Me:
        """Who the bot is, known since the login."""
        assert self.user is not None
        if self._me is None or self._me.name != self.user.name:
            self._me = reading.Me(self.user.id, self.user.name, self.application_id)
        return self._me

    def let_hear(self, hearer: object) -> None:
        """From here on, the methods on_<event> of a hearer hear of these events at once: they are no coroutines."""
        for name in dir(hearer):
            if name.startswith("on_"):
                self._hearers.setdefault(name.removeprefix("on_"), []).append(getattr(hearer, name))

    def let_hear_no_more(self, hearer: object) -> None:
        """Takes that back."""
        for name in dir(hearer):
            if name.startswith("on_"):
                self._hearers[name.removeprefix("on_")].remove(getattr(hearer, name))

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:
        """Tells of an event: first those who hear of it at once, then whoever listens.

        What changes what is remembered is heard at once: in the order in which it came, and without a task for each
        event and listener, which costs more than to hear most messages.
        """
        if self.loop is discord.utils.MISSING:
            return  # it has been closed, and discord.py still waited for a server before it told of being ready
        for hear in self._hearers.get(event_name, ()):
            try:
                hear(*args)
            except Exception:  # it would end the connection
                log.exception("an event, %s, was not heard to its end", event_name)
        if event_name not in HEARD_ONLY:
            super().dispatch(event_name, *args, **kwargs)

    def question_of(
        self, interaction: discord.Interaction, text: str, file: discord.Attachment | None
    ) -> discord.Message:
        """What was asked by a command as the message that it would be, with the interaction's id; it is never sent.

        discord.py makes a message only of what Discord says of one.
        """
        said = {"id": interaction.id, "type": 0, "content": text, "mentions": (), "mention_roles": (), "components": ()}
        state, channel = self._connection, interaction.channel
        message = discord.Message(state=state, channel=channel, data=said)  # type: ignore[arg-type]  # it is no more
        message.author, message.guild = interaction.user, interaction.guild
        message.attachments = [file] if file is not None else []
        return message

    # ---- who speaks, with which model, and who may say so ------------------------------------------------------------

    async def names_of(self, kind: BindingKind, library: Library) -> list[str]:
        """The names that can be set where people fill that library, the default first."""
        return list(self.models) if kind == "model" else [each.name for each in await self.personas.known(library)]

    async def persona_in(self, state: ChannelState, library: Library) -> Speaking:
        """Who speaks in a channel: the persona that was set nearest to it, or else the default.

        `library` is that of the server, or in a direct message that of the person: see `store.library_of`.
        """
        return (await self.speaking_in(state, library))[0]

    async def speaking_in(self, state: ChannelState, library: Library) -> tuple[Speaking, ...]:
        """All who speak in a channel, the main one first."""
        return await cast_of(state, library, self.personas)

    async def forget(self, channel: Place, message_id: int) -> None:
        """The message and all before it are no longer part of the channel's conversation."""
        await self.store.forget(channel, message_id)
        self.conversations.forget(channel.id, message_id)

    async def state_of(self, message: discord.Message) -> ChannelState:
        """What the store knows of the channel of a message."""
        guild_id = message.guild.id if message.guild is not None else None
        return await self.store.channel_state(guild_id, message.channel.id, reading.parent_of(message.channel))

    def model_in(self, state: ChannelState, persona: Persona | None = None) -> Model:
        """The model that answers in a channel: the persona's own, the one that was set nearest, or else the first."""
        own = persona.model if persona is not None and persona.model in self.models else None
        return self.models[own or in_force("model", state, self.models).name]

    def targets(self, model: Model, persona: Persona, messages: Sequence[ChatMessage]) -> list[Target]:
        """Whom the messages go to: the model, and those that stand in for it. A persona's parameters count for all."""
        own = {name: each.parameters for name, each in self.models.items()}
        return [
            Target.of(name, messages, {**own.get(name, {}), **persona.parameters})
            for name in (model.reference, *model.fallback)
        ]

    def known_of(self, model: Model) -> Facts:
        """What /model show tells of a model. A fact's sentence is `model_known_<fact>`; one that has none is named."""
        dialect = self.completions.known(model.reference).dialect  # configured, or learned since the start
        facts = {
            "context_length": model.context_length,
            "most": model.most,
            "parameters": model.parameters,
            "fallback": model.fallback,
            "dialect": "" if dialect == Dialect() else dialect.written(),
        }
        return {fact: value for fact, value in facts.items() if value}

    def admits(self, person: discord.User | discord.Member, channel: discord.abc.Snowflake | None) -> bool:
        """Whether the owner lets that person use the bot in that place."""
        roles = person.roles if isinstance(person, discord.Member) else []
        return self.settings.permissions.admit(person.id, [role.id for role in roles], reading.places(channel))

    def refusal(self, interaction: discord.Interaction, needed: CommandPermission) -> str | None:
        """The key of the sentence that says what a person lacks for a command; None if they may."""
        if interaction.user.id in self.settings.permissions.users.admin_ids:
            return None
        if not self.admits(interaction.user, interaction.channel):
            return "not_permitted"
        if needed == "everyone" or (interaction.guild_id is None and needed != "admins"):
            return None  # in a direct message everybody is their own manager
        if needed == "admins":
            return "needs_admin"
        return None if getattr(interaction.permissions, needed) else f"needs_{needed}"

    # ---- language ----------------------------------------------------------------------------------------------------

    @property
    def own_language(self) -> Language:
        """The language of the log: the configured one, or English."""
        return "en" if self.settings.language == "auto" else self.settings.language

    def language(self, locale: discord.Locale | None, text: str = "") -> Language:
        """The language for people there: the configured one, or else that of their locale or of what they wrote."""
        if self.settings.language != "auto":
            return self.settings.language
        if locale is not None and language_of(locale.value) == "zh":
            return "zh"
        return "zh" if any("一" <= character <= "鿿" for character in text) else "en"

    def language_for(self, interaction: discord.Interaction) -> Language:
        """The language of the person who runs a command."""
        return self.language(interaction.locale)


def _unreachable(url: str, error: Exception) -> DiscordUnreachable:
    """What a failed connection is to the owner; without the query, which is nobody's business."""
    return DiscordUnreachable(str(yarl.URL(url).with_query(None)), str(error) or type(error).__name__)
