"""The models that the configuration names, and what has been learned of each since the start.

How much a model reads is said by the configuration, else by the list of its server, which is asked for once and in the
background; and by a refusal, which is believed most. Nothing of it is kept beyond the process.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from discord_bot.chat.tokens import Mix, TokenEstimator
from discord_bot.config import split_model
from discord_bot.errors import CompletionError

if TYPE_CHECKING:
    from discord_bot.completions import CompletionsClient
    from discord_bot.config import ModelSettings

log = logging.getLogger(__name__)

ANSWER_SHARE = 4
"""A fourth of what a model reads is left for its answer, or more where so much is asked for, …"""
PROMPT_SHARE = 4
"""… and a fourth is for the prompt in any case."""
LEAST = 256
"""Tokens that a prompt may have, however often one was refused; what has to be in it may be more."""
MAX_TOKENS = ("max_completion_tokens", "max_tokens")
"""The parameters that say how long an answer may be."""


class Model:
    """A model that the configuration names, and what has been learned of it."""

    def __init__(self, reference: str, settings: ModelSettings) -> None:
        self.reference = reference
        self.provider, self.name = split_model(reference)
        self.parameters = settings.parameters
        self.context_length = settings.context_length
        """How many tokens it reads, question and answer together, as far as that is known."""
        self.most: int | None = None
        """How many a prompt may have, since one was refused by a server that didn't say, or knew it wrong."""
        self.fallback = tuple(settings.fallback)
        """The references of those that are asked where this one can't answer."""
        self.show_reasoning = settings.show_reasoning
        self.estimator = TokenEstimator()

    @property
    def readable(self) -> int | None:
        """How many of its tokens a prompt may have, so that an answer has room, too; None where that is not known."""
        limits = [] if self.most is None else [self.most]
        if (context := self.context_length) is not None:
            answers = [each for name in MAX_TOKENS if isinstance(each := self.parameters.get(name), int)]
            room = max(context // ANSWER_SHARE, *answers, 0)
            limits.append(max(context - room, context // PROMPT_SHARE))
        return min(limits, default=None)

    def room(self, wanted: int) -> int:
        """How many of its tokens a prompt may have: what is wanted, or what the model reads if that is less."""
        return wanted if self.readable is None else min(wanted, self.readable)

    def budget(self, wanted: int, mix: Mix) -> int:
        """The same by our guess, of a conversation that is made of such a mix."""
        return self.estimator.allowance(self.room(wanted), mix)

    def learn_limit(self, told: int | None, mix: Mix | None) -> None:
        """Takes in that a prompt was too long; `told` is what the server says that the model reads.

        Where it says nothing, or the prompt should have fitted into that, half of the prompt is all from now on. `mix`
        is what the prompt was made of, where anything of it could have been left out; else half of it is no help.
        """
        if told is not None and (self.context_length is None or told < self.context_length):
            self.context_length = told
        sent = self.estimator.estimate(mix) if mix is not None else 0
        readable = self.readable
        if sent and (readable is None or sent <= readable):
            self.most = max(sent // 2, LEAST)
        log.warning(
            "%s refused a prompt as too long; known of it now: context_length %s, at most %s tokens in a prompt",
            self.reference, self.context_length, self.readable,
        )  # fmt: skip


class Models(Mapping[str, Model]):
    """All of them by their names, the default first."""

    def __init__(self, configured: Mapping[str, ModelSettings], completions: CompletionsClient) -> None:
        self._models = {reference: Model(reference, each) for reference, each in configured.items()}
        self._completions = completions
        self._asked: set[str] = set()
        self._asking: set[asyncio.Task[None]] = set()

    def __getitem__(self, reference: str) -> Model:
        return self._models[reference]

    def __iter__(self) -> Iterator[str]:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)

    def get_to_know(self, model: Model) -> None:
        """Asks the model's server how much it reads, where nobody has said so yet: once, and in the background."""
        if model.context_length is None and model.provider not in self._asked:
            self._asked.add(model.provider)
            asking = asyncio.create_task(self._ask(model.provider))
            self._asking.add(asking)
            asking.add_done_callback(self._asking.discard)

    def close(self) -> None:
        """Asks no longer."""
        for asking in self._asking:
            asking.cancel()

    async def _ask(self, provider: str) -> None:
        try:
            listed = await self._completions.models(provider)
        except CompletionError as error:  # a server without such a list answers all the same
            log.debug("%s does not list its models: %s", provider, error.kind)
            return
        lengths = {each.id.removeprefix("models/"): each.context for each in listed}  # as Gemini's list has it
        for model in self._models.values():
            if model.provider == provider and model.context_length is None:
                model.context_length = lengths.get(model.name)
