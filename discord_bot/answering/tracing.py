"""What becomes known of where an answer comes from, while it is written; and who is told of it beside who asked."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from discord_bot.chat.provenance import Provenance
from discord_bot.chat.schema import ChatCompletionRequest
from discord_bot.chat.usage import counted

if TYPE_CHECKING:
    import discord

    from discord_bot.chat.completion import Completion

Observer = Callable[[Provenance, ChatCompletionRequest, Sequence[int]], None]
"""Who is told of every answer when it stands, or has failed: where it comes from, what the model was asked, and the ids
of its pages. What the model was asked holds what people wrote; the bot itself does not keep it.
"""


@dataclass(frozen=True, slots=True)
class Traced:
    """An answer that stands in Discord, and where it comes from."""

    asker_id: int
    channel: discord.abc.MessageableChannel
    provenance: Provenance


class Traces:
    """So many of the last answers, by the ids of their pages."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._traced: OrderedDict[int, Traced] = OrderedDict()

    def keep(self, page_ids: Iterable[int], traced: Traced | None) -> None:
        """An answer has come to its end; None where no model was asked."""
        if traced is not None:
            self._traced.update(dict.fromkeys(page_ids, traced))
        while len(self._traced) > self._most:
            self._traced.popitem(last=False)

    def about(self, page_id: int) -> Traced | None:
        """The answer of which that message is a page, if it is still known."""
        return self._traced.get(page_id)


class Trace:
    """One answer's, while it is written."""

    def __init__(self) -> None:
        self.provenance: Provenance | None = None
        """What is known by now; None before the model was asked."""
        self.request: ChatCompletionRequest | None = None
        """What it was asked, before its dialect."""
        self._asked_at = 0.0

    def asks(self, provenance: Provenance, request: ChatCompletionRequest) -> None:
        """The model is asked; a second time where the first prompt was too long for it."""
        if self.provenance is None:
            self._asked_at = self._now()
        else:
            provenance = replace(provenance, refused=self.provenance.estimate)
        self.provenance, self.request = provenance, request

    def hears(self, completion: Completion) -> None:
        """The answer grows."""
        if self.provenance is not None and self.provenance.first_token is None and completion.started:
            self.provenance = replace(_answered(self.provenance, completion), first_token=self._passed())

    def ends(self, completion: Completion | None, failure: str | None = None) -> Provenance | None:
        """The answer is whole, or over; where it comes from."""
        if self.provenance is not None:
            known = self.provenance if completion is None else _answered(self.provenance, completion)
            self.provenance = replace(known, failure=failure, whole=self._passed())
        return self.provenance

    def _passed(self) -> float:
        return self._now() - self._asked_at

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def _answered(provenance: Provenance, completion: Completion) -> Provenance:
    return replace(
        provenance,
        answered_by=completion.answered_by or provenance.model,
        served_as=completion.model,
        course=completion.course,
        usage=counted(completion.usage),
    )
