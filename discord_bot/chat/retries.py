"""When a failed question is worth asking again, and when a server is better left alone. Pure: `now` is an argument."""

from __future__ import annotations

from dataclasses import dataclass

from discord_bot.errors import (
    CompletionError,
    CompletionTimeout,
    NotFound,
    QuotaExceeded,
    RateLimited,
    ServerError,
    StreamInterrupted,
    Unauthorized,
    Unreachable,
)

TRIES = 4
"""How often one question is put to one model, as long as nothing of an answer has been shown."""
TRIES_WITHOUT_REASON = 2
"""The same, where nobody said what is wrong: no connection, no word, or something that is no answer."""
FIRST_PAUSE = 0.5
"""Seconds before the second try; each further pause is twice as long."""
LONGEST_PAUSE = 10.0
"""Seconds that a server may ask us to wait; people look at a typing sign meanwhile, so a longer wait is reported."""
PATIENCE = 20.0
"""Seconds from the question after which nothing is tried again."""
JITTER = 0.25
"""By what part a pause may be longer, so that many who were refused together don't come back together."""


def pause(error: CompletionError, tries: int, waited: float, chance: float) -> float | None:
    """Seconds to wait before the question is put again, or None where it isn't worth it.

    `tries` is how often it was put, `waited` how many seconds ago at first, `chance` a random number from 0 to 1.
    """
    if not error.retryable or tries >= (TRIES_WITHOUT_REASON if _without_reason(error) else TRIES):
        return None
    if isinstance(error, CompletionTimeout) and error.status is None:  # our own clock ran out: people have waited
        return None
    wanted = FIRST_PAUSE * 2 ** (tries - 1) if error.retry_after is None else error.retry_after
    if wanted > LONGEST_PAUSE or waited + wanted > PATIENCE:
        return None
    return wanted * (1 + JITTER * chance)


def _without_reason(error: CompletionError) -> bool:
    return isinstance(error, Unreachable | StreamInterrupted) or error.status is None or error.status < 300


def another_may_answer(error: CompletionError) -> bool:
    """Whether another model could answer what this one couldn't: the failure is the server's, not the question's."""
    return isinstance(
        error,
        RateLimited | QuotaExceeded | Unauthorized | NotFound | ServerError | CompletionTimeout | StreamInterrupted,
    )


FAILURES = 4
"""Questions in a row that a model fails to answer before it is left alone."""
FIRST_REST = 15.0
"""Seconds for which it is left alone at first; each further failure doubles them."""
LONGEST_REST = 240.0
"""Seconds for which it is left alone at most: somebody may have mended it."""


@dataclass(slots=True)
class CircuitBreaker:
    """One model's failures. A model that keeps failing is left alone, so that nobody waits for it in vain.

    https://martinfowler.com/bliki/CircuitBreaker.html
    """

    failures: int = 0
    """How many questions in a row weren't answered."""
    error: CompletionError | None = None
    """The last failure."""
    _closed_at: float = float("-inf")
    """When it may be asked again."""

    def rest(self, now: float) -> float:
        """Seconds for which the model is still left alone; 0 where it may be asked.

        When a rest is over, one question goes through; the others are kept off until its end is known.
        """
        if self.error is None or now >= self._closed_at:
            if self.failures >= FAILURES:
                self._closed_at = now + FIRST_REST
            return 0.0
        return self._closed_at - now

    def succeeded(self) -> None:
        """The model began to answer."""
        self.failures, self.error, self._closed_at = 0, None, float("-inf")

    def failed(self, error: CompletionError, now: float) -> None:
        """The model didn't answer, however often it was asked."""
        if isinstance(error, RateLimited | QuotaExceeded):
            if error.retry_after is not None and error.retry_after > LONGEST_PAUSE:
                self.error, self._closed_at = error, now + min(error.retry_after, LONGEST_REST)
        elif isinstance(error, ServerError | CompletionTimeout | StreamInterrupted):
            self.failures += 1
            if self.failures >= FAILURES:
                rest = min(FIRST_REST * 2 ** (self.failures - FAILURES), LONGEST_REST)
                self.error, self._closed_at = error, now + rest
        else:  # it is there, and refuses this question
            self.succeeded()
