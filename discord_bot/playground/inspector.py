"""What Discord hides of an answer: what the model was sent for it, what it said, and when what happened.

It looks from outside. The bot tells where each answer comes from (`answering.Observer`), the client lets it listen
(`completions.reading.Listening`), the gate and the simulator show each request. All of it is of the last answers only,
in memory, and of no message that no longer stands there.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from discord_bot.chat.schema import TextPart
from discord_bot.seen import account
from discord_bot.simulator.world import snowflakes

if TYPE_CHECKING:
    from discord_bot.chat.provenance import Provenance
    from discord_bot.chat.schema import ChatCompletionRequest, ChatMessage
    from discord_bot.delivery.ticket import Ticket
    from discord_bot.sentences import Language
    from discord_bot.simulator.rest.http import Request
    from discord_bot.simulator.server import Simulator
    from discord_bot.simulator.world.entities import Channel, Interaction, Message
    from discord_bot.simulator.world.events import Event

KEPT: Final = 100
"""Answers of which all is kept, in the whole world."""
MOST_RAW: Final = 256 * 2**10
"""Bytes that are kept of what a model sent for one request."""
CHANGES: Final = 5_000
"""Messages of which it is kept when they came and changed."""
PASSED: Final = 5_000
"""Requests of which it is kept how long they were held back."""
AT_ONCE: Final = 60.0
"""Seconds between a question and the request to the model beyond which one is not because of the other: the answer was
asked for again, or the question was edited."""
SETTLING: Final = 1.0
"""Seconds after an answer was told of in which what happens to it still belongs to it."""


@dataclass(slots=True)
class Asked:
    """One request to a model, and what came for it: a `completions.reading.Listener`."""

    provider: str
    body: bytes
    at: float
    status: int | None = None
    """None where nothing was answered."""
    raw: bytearray = field(default_factory=bytearray)
    pieces: int = 0
    """How many reads it came in."""
    is_cut: bool = False
    """Whether more came than is kept."""

    def begins(self, status: int) -> None:
        """It is answered."""
        self.status = status

    def hears(self, data: bytes) -> None:
        """So much more of the answer came."""
        if data:
            self.pieces += 1
            self.is_cut = self.is_cut or len(self.raw) + len(data) > MOST_RAW
            self.raw += data[: MOST_RAW - len(self.raw)]


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer, as far as its pages stand there."""

    provenance: Provenance
    request: ChatCompletionRequest
    """What the model was asked, before its dialect."""
    asked: Sequence[Asked]
    """Each request that was made for it, in their order."""
    page_ids: Sequence[int]
    at: float
    """When it stood there, or had failed."""
    unchanged: float | None
    """The part of the prompt's text that is the same as in the one before, from its beginning; None for a first one."""


@dataclass(frozen=True, slots=True)
class Passed:
    """One request that the gate let pass."""

    kind: str
    place: int
    """The channel's id, or the webhook's."""
    asked_at: float
    sent_at: float
    answered_at: float
    status: int


class Inspector:
    """Everything of the last answers in one world."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._heard: WeakKeyDictionary[asyncio.Task[Any], list[Asked]] = WeakKeyDictionary()
        self._answers: OrderedDict[int, Answered] = OrderedDict()  # by the id of the last page
        self._changes: OrderedDict[int, list[float]] = OrderedDict()
        self._passed: deque[Passed] = deque(maxlen=PASSED)
        self._last_prompts: dict[int, str] = {}
        self.watchers: list[Callable[[Sequence[int]], object]] = []
        """Who is told the ids of an answer's pages when it can be inspected."""
        self._now = simulator.world.now
        simulator.observe(self._happened)

    # ---- what it is told -------------------------------------------------------------------------------------------

    def listening(self, provider: str, body: bytes) -> Asked:
        """A request that is made of a model: `completions.reading.Listening`."""
        asked = Asked(provider, body, self._now())
        task = asyncio.current_task()
        if task is not None:
            self._heard.setdefault(task, []).append(asked)
        return asked

    def answered(self, provenance: Provenance, request: ChatCompletionRequest, page_ids: Sequence[int]) -> None:
        """An answer stands there, or has failed: `answering.Observer`. It was asked for in the same task."""
        task = asyncio.current_task()
        asked = self._heard.pop(task, []) if task is not None else []
        if not page_ids:
            return
        channel_id = self._channel_of(page_ids[-1])
        text = _text(request)
        before = self._last_prompts.get(channel_id)
        self._last_prompts[channel_id] = text
        unchanged = None if before is None else _same(before, text) / max(1, len(text))
        self._answers[page_ids[-1]] = Answered(provenance, request, asked, tuple(page_ids), self._now(), unchanged)
        while len(self._answers) > KEPT:
            self._answers.popitem(last=False)
        for watcher in list(self.watchers):
            watcher(page_ids)

    def passes(self, ticket: Ticket) -> None:
        """A request that shows text was answered: a watcher of the `Gate`."""
        if ticket.lane is None or ticket.sent_at is None:
            return
        skew = self._now() - asyncio.get_running_loop().time()
        times = (ticket.asked_at + skew, ticket.sent_at + skew, self._now())
        self._passed.append(Passed(ticket.lane.kind, ticket.lane.place_id, *times, ticket.status))

    def _happened(self, event: Event) -> None:
        if event.t in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
            self._changes.setdefault(int(event.d["id"]), []).append(self._now())
            while len(self._changes) > CHANGES:
                self._changes.popitem(last=False)
        elif event.t in ("MESSAGE_DELETE", "MESSAGE_DELETE_BULK"):
            gone = {int(each) for each in event.d.get("ids", [event.d.get("id")])}
            for last in [last for last, answer in self._answers.items() if gone.intersection(answer.page_ids)]:
                del self._answers[last]

    # ---- what it tells ---------------------------------------------------------------------------------------------

    def about(self, message: Message, language: Language, render: Callable[[str], str]) -> dict[str, Any] | None:
        """All that is known of an answer, or of a command's, by any of its messages; None where that is nothing.

        `render` makes HTML of Markdown.
        """
        for answer in reversed(self._answers.values()):
            if message.id in answer.page_ids:
                return self._answer(answer, message, language, render)
        for interaction in self._simulator.world.interactions.values():
            if message.id in (interaction.original_id, *interaction.message_ids):
                return {"interaction": self._interaction(interaction)}
        return None

    def _answer(
        self, answer: Answered, message: Message, language: Language, render: Callable[[str], str]
    ) -> dict[str, Any]:
        known, channel = answer.provenance, self._simulator.world.channel(message.channel_id)
        usage = known.usage
        return {
            "persona": known.persona,
            "model": known.answered_by or known.model,
            "failure": known.failure,
            "account": [
                render(line) for line in account(known, lambda message_id: _address(channel, message_id), language)
            ],
            "tokens": {
                "prompt": usage.prompt, "cached": usage.cached, "completion": usage.completion,
                "reasoning": usage.reasoning, "estimate": known.estimate, "budget": known.budget,
            },
            "unchanged": answer.unchanged,
            "prompt": [shown(each) for each in answer.request.messages],
            "timeline": self._timeline(answer),
            "requests": list(self._requests(answer, channel)),
            "pieces": sum(asked.pieces for asked in answer.asked),
            "asked": [
                {
                    "provider": asked.provider, "status": asked.status, "cut": asked.is_cut,
                    "body": _without_pictures(json.loads(asked.body)), "raw": asked.raw.decode("utf-8", "replace"),
                }
                for asked in answer.asked
            ],
        }  # fmt: skip

    def _timeline(self, answer: Answered) -> list[dict[str, Any]]:
        """What happened when, in milliseconds since the first of it."""
        known = answer.provenance
        asked_at = answer.asked[0].at if answer.asked else answer.at - (known.whole or 0.0)
        points: dict[str, float] = {"request": asked_at}
        question = known.sources.included[-1] if known.sources.included else None
        if question is not None and asked_at - AT_ONCE <= (said_at := snowflakes.snowflake_time(question)) <= asked_at:
            points = {"mention": said_at, **points}
        if known.first_token is not None:
            points["first-token"] = asked_at + known.first_token
        if known.whole is not None:
            points["last-token"] = asked_at + known.whole
        changes = sorted(
            each
            for page_id in answer.page_ids
            for each in self._changes.get(page_id, ())
            if asked_at <= each <= answer.at + SETTLING
        )
        if changes:
            points |= {"first-text": changes[0], "last-text": changes[-1]}
        began = min(points.values())
        return [
            {"what": what, "at": round(1000 * (at - began))}
            for what, at in sorted(points.items(), key=lambda one: one[1])
        ]

    def _requests(self, answer: Answered, channel: Channel) -> Iterator[dict[str, Any]]:
        """What was asked of Discord for it, in order, and for how long the gate held back what shows text."""
        began = answer.asked[0].at if answer.asked else answer.at
        since, until = began - SETTLING, answer.at + SETTLING
        webhooks = {hook.id for hook in self._simulator.world.webhooks.values() if hook.channel_id == channel.id}
        places = {channel.id, channel.parent_id, *webhooks}
        rows = [
            (each.asked_at, {"what": each.kind, "held": each.sent_at - each.asked_at,
                             "took": each.answered_at - each.sent_at, "status": each.status})
            for each in self._passed
            if since <= each.sent_at <= until and each.place in places
        ]  # fmt: skip
        rows += [
            (each.time, {"what": each.route or each.method, "held": None, "took": None, "status": each.status})
            for each in self._simulator.requests
            if since <= each.time <= until and _is_beside(each) and str(channel.id) in each.path
        ]
        for at, row in sorted(rows, key=lambda one: one[0]):
            yield {
                name: round(1000 * value) if isinstance(value, float) else value
                for name, value in ({"at": at - began} | row).items()
            }

    def _interaction(self, interaction: Interaction) -> dict[str, Any]:
        """What Discord sent the bot of it, without its token, and by what kind of callback it was acknowledged."""
        world = self._simulator.world
        return {
            "name": interaction.name,
            "type": interaction.type.name,
            "user": world.users[interaction.user_id].username,
            "data": interaction.data,
            "callback": interaction.callback,
            "answers": [str(each) for each in interaction.message_ids],
        }

    def _channel_of(self, message_id: int) -> int:
        messages = self._simulator.world.messages
        return next((channel_id for channel_id, standing in messages.items() if message_id in standing), 0)


_TOLD_OF: Final = frozenset({
    "create_message", "update_message", "delete_message", "execute_webhook", "update_webhook_message",
    "delete_webhook_message", "trigger_typing_indicator",
})  # fmt: skip
"""The routes of whose requests the gate tells more."""


def _is_beside(request: Request) -> bool:
    return request.route not in _TOLD_OF


def _address(channel: Channel, message_id: int) -> str:
    """Where a message stands, as Discord links to it."""
    return f"https://discord.com/channels/{channel.guild_id or '@me'}/{channel.id}/{message_id}"


def _text(request: ChatCompletionRequest) -> str:
    """The prompt as one text, for comparing it with another."""
    return json.dumps([shown(each) for each in request.messages], ensure_ascii=False)


def shown(message: ChatMessage) -> dict[str, Any]:
    """A message of a prompt: its role, and its texts and pictures."""
    content = message.content
    if isinstance(content, str):
        return {"role": message.role, "parts": [{"text": content}]}
    parts = [{"text": part.text} if isinstance(part, TextPart) else {"picture": part.image_url.url} for part in content]
    return {"role": message.role, "parts": parts}


def _same(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    return next((at for at, a, b in zip(count(), one, other, strict=False) if a != b), min(len(one), len(other)))


def _without_pictures(value: Any) -> Any:
    """A request's body without the pictures' data, which is shown with the prompt."""
    if isinstance(value, Mapping):
        return {name: _without_pictures(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_pictures(each) for each in value]
    if isinstance(value, str) and value.startswith("data:"):
        return f"{value[:40]}… ({len(value):,} characters)"
    return value
