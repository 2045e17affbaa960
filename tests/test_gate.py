"""In which order requests to Discord go, and what the bot learns from the answers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import yarl

from discord_bot.chat.pacing import BURST, LIMIT, REQUESTS_PER_SECOND, Allowance, Kind, Lane, Worth
from discord_bot.delivery.gate import Gate
from discord_bot.delivery.limits import allowance, lane_of, refusal
from discord_bot.delivery.ticket import Ticket
from discord_bot.simulator.model import Reply
from tests.running import community


def ticket(gate: Gate, worth: Worth, lane: Lane | None = None) -> Ticket:
    return Ticket(worth, lane, gate.now())


async def let_all_pass(gate: Gate, tickets: dict[str, Ticket], promoted: str | None = None) -> list[str]:
    """The names in the order in which they pass, when all of them stand there before the first one may."""
    passed: list[str] = []
    gate._pacer.refuse(gate.now(), 1.0)

    async def want(name: str) -> None:
        await gate.admit(tickets[name])
        passed.append(name)

    tasks = [asyncio.create_task(want(name)) for name in tickets]
    await asyncio.sleep(0)
    if promoted is not None:
        gate.promote(tickets[promoted], Worth.TEXT)
    await asyncio.gather(*tasks)
    return passed


async def test_the_most_urgent_passes_first() -> None:
    gate = Gate()
    tickets = {f"typing {number}": ticket(gate, Worth.TYPING) for number in range(BURST)}
    tickets["text"] = ticket(gate, Worth.TEXT)
    assert (await let_all_pass(gate, tickets))[0] == "text"


async def test_an_edit_that_has_become_the_last_text_overtakes_those_that_have_not() -> None:
    gate = Gate()
    tickets = {f"edit {number}": ticket(gate, Worth.EDIT) for number in range(BURST)}
    tickets |= {"one": ticket(gate, Worth.EDIT), "two": ticket(gate, Worth.EDIT)}
    passed = await let_all_pass(gate, tickets, promoted="two")
    assert (passed[0], passed[-1]) == ("two", "one")


async def test_what_was_refused_keeps_its_place() -> None:
    gate = Gate()
    again = ticket(gate, Worth.TEXT)
    again.asked_at -= 10
    tickets = {f"text {number}": ticket(gate, Worth.TEXT) for number in range(BURST + 5)} | {"again": again}
    assert (await let_all_pass(gate, tickets))[0] == "again"


async def test_what_answers_an_interaction_waits_for_nobody_and_makes_nobody_wait() -> None:
    gate = Gate()
    answers = [ticket(gate, Worth.TEXT, Lane("create", number, "interaction")) for number in range(3 * BURST)]
    gate._pacer.refuse(gate.now(), 60.0)  # nothing that Discord counts may go for a minute
    waiting = asyncio.create_task(gate.admit(ticket(gate, Worth.TEXT)))
    async with asyncio.timeout(1):
        await asyncio.gather(*map(gate.admit, answers))
    assert not waiting.done()
    waiting.cancel()
    assert gate._pacer._whole[False]._level == BURST


async def test_a_channel_that_is_full_does_not_hold_up_the_others() -> None:
    gate = Gate()
    tickets = {f"here {number}": ticket(gate, Worth.TEXT, Lane("edit", 1)) for number in range(LIMIT)}
    await let_all_pass(gate, tickets)
    waiting = asyncio.create_task(gate.admit(ticket(gate, Worth.TEXT, Lane("edit", 1))))
    async with asyncio.timeout(1):
        await gate.admit(ticket(gate, Worth.TEXT, Lane("edit", 2)))
    assert not waiting.done()
    waiting.cancel()


async def test_whoever_stops_waiting_leaves_no_trace() -> None:
    gate = Gate()
    tasks = [asyncio.create_task(gate.admit(ticket(gate, Worth.TYPING))) for _ in range(BURST + 3)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert not any(waiting for lists in gate._waiting.values() for waiting in lists.values())


async def test_it_is_busy_where_a_first_text_would_wait_for_long() -> None:
    gate = Gate()
    tasks = [asyncio.create_task(gate.admit(ticket(gate, Worth.TEXT))) for _ in range(BURST + int(REQUESTS_PER_SECOND))]
    await asyncio.sleep(0)
    assert gate.busy
    await asyncio.gather(*tasks)
    assert not gate.busy


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "/api/v10/channels/12/messages", "create"),
        ("PATCH", "/api/v10/channels/12/messages/34", "edit"),
        ("DELETE", "/channels/12/messages/34", "delete"),
        ("POST", "/api/v10/channels/12/typing", "typing"),
        ("GET", "/api/v10/channels/12/messages", None),
        ("PUT", "/api/v10/channels/12/messages/34/reactions/x/@me", None),
        ("GET", "/api/v10/users/@me", None),
    ],
)
def test_a_request_s_lane_is_read_off_its_path(method: str, path: str, kind: Kind | None) -> None:
    assert lane_of(method, yarl.URL(f"https://discord.com{path}")) == (Lane(kind, 12) if kind else None)


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "/api/v10/webhooks/12/to-ken_1", "create"),
        ("PATCH", "/api/v10/webhooks/12/to-ken_1/messages/34", "edit"),
        ("DELETE", "/webhooks/12/to-ken_1/messages/34", "delete"),
        ("GET", "/webhooks/12/to-ken_1/messages/34", None),
        ("PATCH", "/webhooks/12/to-ken_1", None),
        ("GET", "/channels/12/webhooks", None),
    ],
)
def test_a_webhook_has_lanes_of_its_own(method: str, path: str, kind: Kind | None) -> None:
    assert lane_of(method, yarl.URL(f"https://discord.com{path}")) == (Lane(kind, 12, "webhook") if kind else None)


def test_what_headers_say_of_a_lane() -> None:
    headers = {"X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "3", "X-RateLimit-Reset-After": "1.5"}
    assert allowance(headers) == Allowance(5, 3, 1.5)
    assert allowance(headers | {"X-RateLimit-Bucket": "b"}) == Allowance(5, 3, 1.5, "b")
    assert allowance({}) is None
    assert allowance(headers | {"X-RateLimit-Limit": "many"}) is None


def test_what_a_refusal_shuts() -> None:
    lane = Lane("edit", 1)
    assert refusal({"Via": "1.1 google", "Retry-After": "3", "X-RateLimit-Reset-After": "2.5"}, lane) == (2.5, lane)
    assert refusal({"Via": "1.1 google", "Retry-After": "3", "X-RateLimit-Global": "true"}, lane) == (3.0, None)
    assert refusal({"Retry-After": "600"}, lane) == (60.0, None)
    assert refusal({}, lane) == (1.0, None)


async def test_a_channel_that_takes_less_is_asked_for_less(tmp_path: Path) -> None:
    """The simulator's limits are learned from its headers; nothing is refused."""
    async with community(tmp_path, [Reply([f"piece {number}, " for number in range(100)])], limits=True) as here:
        here.model.pace = 0.03
        await here.ask("ada", "general", "hello")
        lane = Lane("edit", here.channel("general").id)
        assert here.bot.delivery.gate._pacer._buckets["channel", "edit"] != "channel edit"
        assert here.bot.delivery.gate.lane_delay(lane, kept=1) > 0
        assert not [each for each in here.simulator.requests if each.status == 429]


async def test_what_other_parts_of_the_bot_ask_is_counted_too(tmp_path: Path) -> None:
    async with community(tmp_path) as here:
        gate = here.bot.delivery.gate
        assert here.bot.user is not None
        await asyncio.gather(*(here.bot.fetch_user(here.bot.user.id) for _ in range(5)))
        assert len(gate._pacer._whole[False]._answered) >= 5
