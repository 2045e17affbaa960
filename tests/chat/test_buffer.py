"""What one channel remembers."""

from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from discord_bot.chat.buffer import ChannelBuffer
from discord_bot.chat.buffered import BufferedMessage, Quoted
from discord_bot.chat.prompt.window import window_start


def said(message_id: int, content: str = "hello", *, answers: int | None = None) -> BufferedMessage:
    return BufferedMessage(message_id, 7, "Ada", content, own=answers is not None, answers=answers)


def buffer(*messages: BufferedMessage, max_messages: int = 100, max_tokens: int = 10_000) -> ChannelBuffer:
    made = ChannelBuffer(max_messages=max_messages, max_tokens=max_tokens)
    for message in messages:
        made.add(message)
    return made


def ids(made: ChannelBuffer) -> list[int]:
    return [message.id for message in made.history(until=10**18).messages]


def test_an_answer_stands_right_behind_its_question_with_its_pages_in_order() -> None:
    assert ids(buffer(said(1), said(2), said(5, answers=1), said(4, answers=2), said(6, answers=1))) == [1, 5, 6, 2, 4]


def test_of_two_answers_to_a_message_each_has_its_pages_together_and_one_hears_the_other() -> None:
    answers = [BufferedMessage(each, 7, "Mira", "…", own=True, answers=1, first_page=first)
               for each, first in ((3, None), (4, None), (5, 3), (6, 4))]  # fmt: skip
    made = buffer(said(1), said(2), *answers)
    assert ids(made) == [1, 3, 5, 4, 6, 2]
    assert [[page.id for page in pages] for pages in made.answers_to(1)] == [[3, 5], [4, 6]]
    assert [each.id for each in made.history(until=1).messages] == [1]
    assert [each.id for each in made.history(until=1, heard={3, 5}).messages] == [1, 3, 5]


def test_an_edit_replaces_and_an_unknown_edit_does_nothing() -> None:
    made = buffer(said(1, "old"), said(2))
    made.replace(said(1, "new"))
    made.replace(said(3, "never seen"))
    assert [message.content for message in made.history(until=9).messages] == ["new", "hello"]


def test_a_message_that_comes_twice_is_remembered_once() -> None:
    assert ids(buffer(said(1), said(2), said(1), said(2))) == [1, 2]


def test_the_history_of_a_question_ends_with_it_and_begins_behind_the_mark() -> None:
    made = buffer(said(1), said(2), said(3), said(4, answers=2), said(5))
    assert [message.id for message in made.history(until=3, after=1).messages] == [2, 4, 3]


def test_a_full_buffer_is_cut_back_in_one_large_step() -> None:
    made = buffer(max_messages=100)
    lengths = []
    for message_id in range(1, 400):
        made.add(said(message_id))
        lengths.append(len(made))
    cuts = sum(after < before for before, after in pairwise(lengths))
    assert max(lengths) == 100
    assert cuts == 6  # once in fifty messages, not at each
    assert ids(made)[-1] == 399


@given(st.permutations(range(1, 20)), st.randoms())
def test_a_stretch_of_the_past_is_remembered_as_if_it_had_been_heard(order: list[int], rng: random.Random) -> None:
    messages = [
        said(each, f"text {each}", answers=rng.choice([None, None, each - 1]))._replace(
            author_id=rng.randint(1, 3),
            author_name=rng.choice(["Ada", "ada", "Kim"]),
            quoted=rng.choice([None, Quoted(rng.randrange(each))]),
        )
        for each in sorted(order)
    ]
    one_by_one, at_once = buffer(*messages), buffer()
    at_once.add_all(messages[each - 1] for each in order)
    assert at_once.history(until=99) == one_by_one.history(until=99)
    assert at_once.tokens == one_by_one.tokens


WORDS = "some words that are ten tokens or so"
WEIGHT = said(1, WORDS).tokens


def begins_at(made: ChannelBuffer, newest: int, budget: int = 1_000) -> int:
    """The message with which a prompt of so many tokens begins."""
    history = made.history(until=newest)
    return history.messages[window_start(history, budget)].id


def test_a_prompt_is_well_filled_from_a_past_that_is_longer() -> None:
    """However long that is; and it begins where it did until a fourth of it has been said."""
    for length in range(110, 190, 7):
        made, begun = ChannelBuffer(max_messages=1_000, max_tokens=1_000), set()
        made.add_all(said(each, WORDS) for each in range(1, length + 1))
        assert 700 <= (length + 1 - begins_at(made, length)) * WEIGHT <= 800
        for newer in range(length, length + 15):
            made.add(said(newer, WORDS))
            begun.add(begins_at(made, newer))
        assert len(begun) == 1


def test_a_cut_does_not_move_where_a_prompt_begins() -> None:
    made = ChannelBuffer(max_messages=1_000, max_tokens=1_000)
    begun = []
    for newest in range(1, 801):
        made.add(said(newest, WORDS))
        begun.append(begins_at(made, newest, 900))
    moves = [after - before for before, after in pairwise(begun) if after != before]
    assert min(moves) * WEIGHT >= 430  # half of the budget, each time


def test_one_message_beyond_every_bound_is_still_remembered() -> None:
    assert ids(buffer(said(1), said(2, "word " * 9_000), max_tokens=100)) == [2]


@given(st.lists(st.tuples(st.sampled_from(["add", "answer", "edit", "remove"]), st.integers(1, 30)), max_size=120))
def test_after_any_changes_the_buffer_is_what_stands_in_discord(changes: list[tuple[str, int]]) -> None:
    made, truth = buffer(), dict[int, BufferedMessage]()
    shuffle = random.Random(len(changes))
    for change, message_id in changes:
        match change:
            case "add" | "answer":
                message = said(message_id, answers=shuffle.randint(1, 30) if change == "answer" else None)
                made.remove([message_id])
                made.add(message)
                truth[message_id] = message
            case "edit" if message_id in truth:
                edited = BufferedMessage(
                    message_id, 7, "Ada", f"edited {len(truth)}", truth[message_id].own, truth[message_id].answers
                )
                made.replace(edited)
                truth[message_id] = edited
            case "remove":
                made.remove([message_id])
                truth.pop(message_id, None)
    expected = sorted(truth.values(), key=lambda message: message.order)
    assert list(made.history(until=10**18).messages) == expected
    assert made.tokens == sum(message.tokens for message in expected)
