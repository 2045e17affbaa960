"""Persona + history + budget -> what is sent."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import takewhile

from hypothesis import given, settings
from hypothesis import strategies as st

from discord_bot.chat.buffer import KEPT_AFTER_CUT, ChannelBuffer
from discord_bot.chat.buffered import BufferedMessage
from discord_bot.chat.history import History
from discord_bot.chat.persona import Persona
from discord_bot.chat.prompt import Prompt, build
from discord_bot.chat.prompt.window import steady, window_start

PIRATE = Persona("pirate", "You are a pirate.")
NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)


def person(message_id: int, content: str, name: str = "Ada") -> BufferedMessage:
    return BufferedMessage(message_id, 7, name, content)


def own(message_id: int, content: str, question: int) -> BufferedMessage:
    return BufferedMessage(message_id, 1, "assistant", content, own=True, answers=question)


def prompt(*messages: BufferedMessage, budget: int = 10_000, origin: int = 0, asker: str = "Ada") -> Prompt:
    return build(PIRATE, History(messages, origin), budget=budget, now=NOW, asker=asker)


def test_the_persona_comes_first_and_the_roles_alternate() -> None:
    made = prompt(
        person(1, "ahoy"), person(2, "who is there?", "Kim"), own(3, "A pirate.", 2), own(4, "Arr.", 2), person(5, "hm")
    )
    assert [message.role for message in made.messages] == ["system", "user", "assistant", "user"]
    assert str(made.messages[0].content).startswith("You are a pirate.")
    assert made.messages[1].content == "Ada: ahoy\nKim: who is there?"


def test_what_changes_every_turn_stands_at_the_very_end() -> None:
    made = prompt(person(1, "what day is it?"))
    assert "2026-11-22" not in str(made.messages[0].content)
    assert str(made.messages[-1].content).startswith("Ada: what day is it?\n\n")
    assert "Sunday, 2026-11-22 14:30" in str(made.messages[-1].content)


def test_without_speakers_nobody_is_named_before_their_text() -> None:
    made = build(PIRATE, History((person(1, "ahoy"),)), budget=9_000, now=NOW, asker="Ada", speakers="none")
    assert str(made.messages[1].content).startswith("ahoy")


def test_the_question_and_the_persona_are_sent_whatever_the_budget() -> None:
    made = prompt(person(1, "old"), person(2, "question " * 500), budget=10)
    assert made.included == (2,)
    assert made.left_out == (1,)


def test_what_was_left_out_is_told() -> None:
    messages = [person(message_id, "some words " * 20) for message_id in range(1, 60)]
    made = prompt(*messages, budget=1_000)
    assert made.left_out + made.included == tuple(range(1, 60))
    assert made.left_out
    assert made.tokens <= 1_000


def test_sixty_turns_leave_most_of_every_prompt_as_it_was() -> None:
    """With the default budget, at least 85 % of all that is sent stands in a prefix that the turn before had too."""
    remembered = ChannelBuffer(max_messages=200, max_tokens=8_000)
    before, same, total = "", 0, 0
    for turn in range(60):
        question = person(turn * 2 + 1, f"question {turn}: " + "and a few more words " * 30)
        remembered.add(question)
        made = build(PIRATE, remembered.history(until=question.id), budget=8_000, now=NOW, asker="Ada")
        text = "\x00".join(f"{message.role}:{message.content}" for message in made.messages)
        same += sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(text, before, strict=False)))
        total += len(text)
        before = text
        remembered.add(own(turn * 2 + 2, f"answer {turn}: " + "said in some words " * 30, question.id))
    assert same / total >= 0.85


def test_a_budget_that_is_guessed_a_little_otherwise_stays_and_another_one_counts() -> None:
    assert steady(None, 8_000) == 8_000
    assert [steady(8_000, budget) for budget in (7_600, 8_400)] == [8_000, 8_000]
    assert [steady(8_000, budget) for budget in (7_000, 9_000)] == [7_000, 9_000]


@settings(max_examples=200)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=60), st.integers(50, 800))
def test_the_window_fits_the_budget_and_its_beginning_rests_for_a_whole_step(words: list[int], budget: int) -> None:
    messages = tuple(person(index, "word " * count) for index, count in enumerate(words, 1))
    starts = []
    for end in range(1, len(messages) + 1):
        start = window_start(History(messages[:end]), budget)
        kept = messages[start:end]
        assert sum(message.tokens for message in kept) <= budget or len(kept) == 1
        starts.append(start)
    assert starts == sorted(starts)
    moved = sum(message.tokens for message in messages[: starts[-1]])
    longest = max(message.tokens for message in messages)
    assert len(set(starts)) - 1 <= 1 + moved / (budget * (1 - KEPT_AFTER_CUT)) or longest > budget / 2
