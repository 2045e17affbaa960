"""When a question is put again, when another model may answer, and when a server is left alone."""

from __future__ import annotations

import pytest

from discord_bot.chat.retries import (
    FAILURES,
    FIRST_PAUSE,
    FIRST_REST,
    LONGEST_PAUSE,
    LONGEST_REST,
    PATIENCE,
    TRIES,
    CircuitBreaker,
    another_may_answer,
    pause,
)
from discord_bot.errors import (
    BadRequest,
    CompletionError,
    CompletionTimeout,
    ContentFiltered,
    ContextLengthExceeded,
    NotFound,
    QuotaExceeded,
    RateLimited,
    ServerError,
    StreamInterrupted,
    Unauthorized,
    Unreachable,
)

OVERLOADED = ServerError("overloaded", status=503)


def test_each_further_pause_is_twice_as_long() -> None:
    """Until the question has been put often enough."""
    pauses = [pause(OVERLOADED, tries, 0, 0) for tries in range(1, TRIES + 1)]
    assert pauses == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE, None]


def test_a_pause_is_never_shorter_than_the_server_wants_it() -> None:
    """And a little longer by chance, so that not everybody comes back at once."""
    limited = RateLimited("slow down", status=429, retry_after=3)
    assert pause(limited, 1, 0, 0) == 3
    assert 3 < (pause(limited, 1, 0, 1) or 0) < 4
    assert pause(RateLimited("now", status=429, retry_after=0), 1, 0, 0) == 0


@pytest.mark.parametrize("wait", [LONGEST_PAUSE + 1, 86_400])
def test_a_long_wait_is_reported_and_not_slept(wait: float) -> None:
    """Nobody looks at a typing sign for hours."""
    assert pause(RateLimited("tomorrow", status=429, retry_after=wait), 1, 0, 0) is None


def test_nothing_is_tried_again_once_patience_is_over() -> None:
    """A gateway that answers after a minute has had its time."""
    assert pause(OVERLOADED, 1, PATIENCE, 0) is None


@pytest.mark.parametrize("failure", [Unreachable("refused"), StreamInterrupted("cut"), ServerError("?", status=200)])
def test_what_nobody_explains_is_tried_once_more(failure: CompletionError) -> None:
    """It may have been an accident of the network; it hardly is one twice."""
    assert pause(failure, 1, 0, 0) == FIRST_PAUSE
    assert pause(failure, 2, 1, 0) is None


@pytest.mark.parametrize(
    "failure",
    [
        Unauthorized("no", status=401),
        NotFound("no", status=404),
        BadRequest("no", status=400),
        ContextLengthExceeded("no", status=400),
        ContentFiltered("no", status=400),
        QuotaExceeded("no", status=429),
        CompletionTimeout("our own clock ran out"),
    ],
)
def test_what_waiting_does_not_mend_is_not_tried_again(failure: CompletionError) -> None:
    """The same request would get the same refusal; and our own clocks are long already."""
    assert pause(failure, 1, 0, 0) is None


def test_a_timeout_behind_a_gateway_is_tried_again() -> None:
    """It has a status: the gateway answered at once, and its server may be quicker the next time."""
    assert pause(CompletionTimeout("gateway timeout", status=504), 1, 1, 0) is not None


def test_a_server_that_says_not_to_come_back_is_obeyed() -> None:
    """`x-should-retry: false`."""
    failure = ServerError("broken", status=500)
    failure.retryable = False
    assert pause(failure, 1, 0, 0) is None


@pytest.mark.parametrize("kind", [Unreachable, ServerError, CompletionTimeout, RateLimited, QuotaExceeded, NotFound])
def test_another_model_may_answer_what_the_server_could_not(kind: type[CompletionError]) -> None:
    """The failure is the server's."""
    assert another_may_answer(kind("x"))


@pytest.mark.parametrize("kind", [BadRequest, ContextLengthExceeded, ContentFiltered])
def test_what_is_refused_for_the_question_itself_goes_to_nobody_else(kind: type[CompletionError]) -> None:
    """A provider's filter is not to be walked around."""
    assert not another_may_answer(kind("x"))


def test_a_model_that_keeps_failing_is_left_alone_for_a_while() -> None:
    """Then one question goes through, and the others wait for its end."""
    breaker = CircuitBreaker()
    for _ in range(FAILURES - 1):
        breaker.failed(OVERLOADED, 100)
        assert breaker.rest(100) == 0
    breaker.failed(OVERLOADED, 100)
    assert breaker.rest(101) == FIRST_REST - 1
    assert breaker.rest(100 + FIRST_REST) == 0
    assert breaker.rest(100 + FIRST_REST) > 0
    breaker.succeeded()
    assert breaker.rest(100 + FIRST_REST) == 0


def test_the_rest_grows_and_has_an_end() -> None:
    """Twice as long each time, and never longer than somebody needs to notice that it was mended."""
    breaker, now, rests = CircuitBreaker(), 0.0, []
    for _ in range(FAILURES + 9):
        breaker.failed(OVERLOADED, now)
        rests.append(breaker.rest(now))
        now += LONGEST_REST + 1
    assert rests[FAILURES - 1 : FAILURES + 2] == [FIRST_REST, 2 * FIRST_REST, 4 * FIRST_REST]
    assert max(rests) == LONGEST_REST


def test_a_limit_for_long_is_believed_at_once() -> None:
    """One refusal is enough where it says when to come back; a short one changes nothing."""
    breaker = CircuitBreaker()
    breaker.failed(RateLimited("a moment", retry_after=2), 0)
    assert breaker.rest(0) == 0
    breaker.failed(RateLimited("in a minute", retry_after=60), 0)
    assert (breaker.rest(0), breaker.rest(60)) == (60, 0)


@pytest.mark.parametrize("kind", [BadRequest, Unauthorized, ContentFiltered])
def test_a_server_that_refuses_is_there(kind: type[CompletionError]) -> None:
    """What it says no to is not its failure."""
    breaker = CircuitBreaker()
    for _ in range(FAILURES - 1):
        breaker.failed(OVERLOADED, 0)
    breaker.failed(kind("no"), 0)
    breaker.failed(OVERLOADED, 0)
    assert breaker.rest(0) == 0
