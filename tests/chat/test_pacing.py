"""When the next request may go."""

from __future__ import annotations

import heapq
from itertools import pairwise
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discord_bot.chat.pacing import (
    BURST,
    IN_ANY_SECOND,
    LIMIT,
    REQUESTS_PER_SECOND,
    WINDOW,
    Allowance,
    Lane,
    Pacer,
    Worth,
    hold_back,
)

EDITS = Lane("edit", 1)


def busiest(moments: list[float], seconds: float) -> int:
    """The most that lies within any stretch of so many seconds."""
    return max(sum(moment <= each < moment + seconds for each in moments) for moment in moments)


def as_fast_as_it_goes(
    pacer: Pacer, worth: Worth, lane: Lane | None, until: float, kept: int = 0, latency: float = 0.06
) -> list[float]:
    """When requests go if there is always one more, and each is answered after so many seconds."""
    now, sent, answers = 0.0, list[float](), list[float]()
    while now < until:
        while answers and answers[0] <= now:
            pacer.answered(answers.pop(0))
        delay = max(pacer.delay(now, worth), pacer.lane_delay(now, lane, kept) if lane else 0.0)
        if delay > 1e-9:
            now = min(now + delay, *(answers[:1] or [inf]))
            continue
        pacer.spend(now, lane)
        sent.append(now)
        answers.append(now + latency)
    return sent


def test_the_whole_bot_sends_what_discord_allows_and_hardly_less() -> None:
    sent = as_fast_as_it_goes(Pacer(), Worth.TEXT, None, 10.0)
    assert busiest(sent, 1.0) <= 50
    assert len(sent) >= 440


@settings(max_examples=25)
@given(st.lists(st.tuples(st.floats(0, 1.5), st.floats(0, 0.5)), min_size=200, max_size=400))
def test_discord_never_counts_too_many_in_a_second_however_late_requests_and_answers_are(
    ways: list[tuple[float, float]],
) -> None:
    pacer, now, arrived, answers = Pacer(), 0.0, list[float](), list[float]()
    for there, back in ways:
        while True:
            while answers and answers[0] <= now:
                pacer.answered(heapq.heappop(answers))
            if (delay := pacer.delay(now, Worth.TEXT)) <= 0:
                break
            now += max(delay, 1e-6)
        pacer.spend(now)
        arrived.append(now + there)
        heapq.heappush(answers, now + there + back)
    assert busiest(arrived, 1.0) <= IN_ANY_SECOND


def test_what_is_less_worth_leaves_room_for_what_is_more() -> None:
    pacer = Pacer()
    for _ in range(BURST):
        if pacer.delay(0.0, Worth.EDIT) == 0:
            pacer.spend(0.0)
    assert pacer.delay(0.0, Worth.EDIT) > 0
    assert pacer.delay(0.0, Worth.TYPING) > pacer.delay(0.0, Worth.EDIT)
    assert pacer.delay(0.0, Worth.TEXT) == 0


@pytest.mark.parametrize("kept", [1, 2, 4])
def test_edits_in_between_leave_room_in_their_channel_for_last_texts(kept: int) -> None:
    sent = as_fast_as_it_goes(Pacer(), Worth.EDIT, EDITS, 60.0, kept)
    assert busiest(sent, WINDOW - 0.01) <= LIMIT - kept
    assert min(after - before for before, after in pairwise(sent)) >= 1.0


def test_a_last_text_goes_at_once_where_there_is_room_and_else_when_there_is_again() -> None:
    pacer = Pacer()
    for moment in (0.0, 1.25, 2.5, 3.75):
        pacer.spend(moment, EDITS)
    assert pacer.lane_delay(3.8, EDITS) == 0
    assert pacer.lane_delay(3.8, EDITS, kept=1) == pytest.approx(1.2)
    pacer.spend(3.8, EDITS)
    assert pacer.lane_delay(3.9, EDITS) == pytest.approx(1.1)
    assert pacer.lane_delay(3.9, Lane("create", 1)) == 0
    assert pacer.lane_delay(3.9, Lane("edit", 2)) == 0


def test_it_believes_what_discord_says_of_a_channel_and_expects_it_of_others() -> None:
    pacer = Pacer()
    pacer.spend(0.0, EDITS)
    pacer.learn(0.1, EDITS, Allowance(limit=2, remaining=1, reset_after=10.0))
    assert pacer.lane_delay(0.2, EDITS) == 0
    assert pacer.lane_delay(0.2, EDITS, kept=1) == pytest.approx(9.9)
    pacer.spend(0.2, EDITS)
    assert pacer.lane_delay(0.3, EDITS) == pytest.approx(9.8)
    other = Lane("edit", 2)
    for moment in (0.0, 0.1):
        pacer.spend(moment, other)
    assert pacer.lane_delay(0.2, other) == pytest.approx(9.8)


def test_what_is_under_way_counts_although_discord_has_not_counted_it_yet() -> None:
    pacer = Pacer()
    for _ in range(LIMIT):
        pacer.spend(0.0, EDITS)
    pacer.learn(0.1, EDITS, Allowance(limit=LIMIT, remaining=LIMIT - 1, reset_after=WINDOW))
    assert pacer.lane_delay(0.2, EDITS) > 0


def test_kinds_of_one_bucket_are_counted_together() -> None:
    pacer, creates = Pacer(), Lane("create", 1)
    for lane in (EDITS, creates):
        pacer.spend(0.0, lane)
        pacer.learn(0.0, lane, Allowance(limit=3, remaining=2, reset_after=5.0, bucket="same"))
    for _ in range(2):
        pacer.spend(0.1, EDITS)
    assert pacer.lane_delay(0.2, creates) > 0


def test_what_is_known_of_other_channels_stays_known_when_the_bucket_s_name_is_learned() -> None:
    pacer, other = Pacer(), Lane("edit", 2)
    for _ in range(LIMIT):
        pacer.spend(0.0, other)
    pacer.spend(0.0, EDITS)
    pacer.learn(0.1, EDITS, Allowance(limit=LIMIT, remaining=LIMIT - 1, reset_after=WINDOW, bucket="name"))
    assert pacer.lane_delay(0.2, other) > 0


def test_a_refusal_shuts_its_channel_or_everything_for_its_time() -> None:
    pacer = Pacer()
    pacer.refuse(0.0, 3.0, EDITS)
    assert pacer.lane_delay(1.0, EDITS) == pytest.approx(2.0)
    assert pacer.delay(1.0, Worth.TEXT) == 0
    pacer.refuse(1.0, 4.0)
    assert pacer.delay(2.0, Worth.TEXT) == pytest.approx(3.0)
    assert pacer.delay(5.1, Worth.TEXT) == 0


def test_what_goes_through_webhooks_is_counted_apart_and_a_refusal_of_everything_shuts_both() -> None:
    pacer, webhook = Pacer(), Lane("create", 1, "webhook")
    for _ in range(BURST):
        pacer.spend(0.0, webhook)
    assert pacer.delay(0.0, Worth.TEXT, by_token=True) > 0
    assert pacer.delay(0.0, Worth.TEXT) == 0
    pacer.learn(0.0, webhook, Allowance(5, 0, 2.0, "b"))
    assert pacer.lane_delay(0.0, webhook) == 2.0
    assert pacer.lane_delay(0.0, Lane("create", 1)) == 0
    pacer.refuse(0.0, 9.0)
    assert pacer.delay(0.0, Worth.TEXT) == pacer.delay(0.0, Worth.TEXT, by_token=True) == 9.0


def test_what_was_given_back_can_be_spent_again() -> None:
    pacer = Pacer()
    for _ in range(10):
        pacer.spend(0.0, EDITS)
        pacer.give_back(0.0, EDITS)
    assert pacer.lane_delay(0.0, EDITS) == 0
    assert as_fast_as_it_goes(pacer, Worth.TEXT, None, 0.01)[BURST - 1] == 0


def test_requests_that_are_never_answered_do_not_shut_the_bot_up() -> None:
    sent = as_fast_as_it_goes(Pacer(), Worth.TEXT, None, 30.0, latency=inf)
    assert len(sent) >= 6 * IN_ANY_SECOND
    assert len(sent) < 30 * REQUESTS_PER_SECOND


def test_the_channels_of_long_ago_are_forgotten() -> None:
    pacer = Pacer()
    for number in range(10_000):
        pacer.spend(float(number), Lane("edit", number))
    assert len(pacer._windows) < 3_000


def test_a_first_text_is_a_few_words_or_what_there_is_after_a_moment_and_never_one_token() -> None:
    assert hold_back("The", 1, 5.0) == inf
    assert hold_back("The answer", 2, 0.03) == pytest.approx(0.05)
    assert hold_back("The answer", 2, 0.2) == 0
    assert hold_back("The answer to your question", 1, 0.0) == 0
