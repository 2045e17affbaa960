"""What is remembered of which channel, and whose turn it is."""

from __future__ import annotations

import asyncio
import gc
import random
import sys
from types import FunctionType, ModuleType

import pytest

from discord_bot.chat.buffered import Attached, BufferedMessage, Quoted
from discord_bot.chat.files import File, Reading
from discord_bot.chat.seen_pictures import KEPT, OVERHEAD, Seen, SeenPictures
from discord_bot.conversations import WEIGHED_EVERY, Conversation, Conversations


def said(message_id: int, content: str = "hello") -> BufferedMessage:
    return BufferedMessage(message_id, 7, "Ada", content)


def opened(**bounds: int) -> Conversations:
    usual = {"max_channels": 3, "max_memory": 10**9, "max_messages": 50, "max_tokens": 5_000, "parallel_replies": 2}
    return Conversations(**(usual | bounds))


def contents(conversation: Conversation) -> dict[int, str]:
    return {message.id: message.content for message in conversation.buffer.history(until=10**18).messages}


def test_the_channel_that_was_quiet_for_longest_is_forgotten_first() -> None:
    conversations = opened()
    for channel_id in (1, 2, 3, 1, 4):
        conversations.open(channel_id)
    assert conversations.find(2) is None
    assert all(conversations.find(channel_id) for channel_id in (1, 3, 4))


async def test_a_channel_in_which_somebody_is_being_answered_is_never_forgotten() -> None:
    conversations = opened(max_channels=1)
    answering = conversations.open(1)
    async with answering.turn(7):
        conversations.open(2)
        conversations.open(3)
        assert conversations.find(1) is answering
    conversations.open(4)
    assert len(conversations) == 1


def with_picture(message_id: int, picture_id: int, author_id: int = 7) -> BufferedMessage:
    return said(message_id)._replace(author_id=author_id, pictures=(Attached(picture_id, "https://cdn.test/a", 9),))


def test_a_picture_is_kept_for_as_long_as_its_message_is_remembered() -> None:
    conversations = opened()

    def keep(channel_id: int, *messages: BufferedMessage) -> None:
        for message in messages:
            conversations.open(channel_id).remember(message)
            conversations.keep_seen(channel_id, message, message.pictures[0], "data:")

    first, theirs, later, elsewhere = (
        with_picture(10, 100), with_picture(11, 110, author_id=9), with_picture(12, 120), with_picture(13, 130),
    )  # fmt: skip
    keep(1, first, theirs, later)
    keep(2, elsewhere)
    conversations.keep_seen(1, with_picture(20, 200), with_picture(20, 200).pictures[0], "data:")  # unknown
    conversations.keep_seen(3, first, first.pictures[0], "data:")  # of another channel
    conversations.keep_seen(1, first, with_picture(10, 101).pictures[0], "data:")  # not on it

    def kept() -> set[int]:
        return {each for each in (100, 101, 110, 120, 130, 200) if conversations.seen.get(each)}

    assert kept() == {100, 110, 120, 130}
    conversations.revise(1, 10, first._replace(content="edited"))
    assert kept() == {100, 110, 120, 130}
    conversations.forget(1, 10)
    assert kept() == {110, 120, 130}
    assert contents(conversations.open(1)) == {11: "hello", 12: "hello"}
    conversations.remove_unanswered(9)
    assert kept() == {120, 130}
    conversations.revise(1, 12, None)
    assert kept() == {130}
    conversations.mark_gap()
    assert kept() == set()


def test_a_message_that_there_is_no_more_room_for_still_takes_its_picture_along() -> None:
    conversations = opened(max_messages=4)
    conversation, old = conversations.open(1), with_picture(1, 100)
    conversation.remember(old)
    conversations.keep_seen(1, old, old.pictures[0], "data:")
    for number in range(2, 20):
        conversation.remember(said(number))
    assert conversation.buffer.get(1) is None
    assert conversations.seen.get(100)
    conversations.remove(1, (1, 2))
    assert conversations.seen.get(100) is None


def test_pictures_have_a_bound_and_what_was_not_looked_at_for_longest_goes_first() -> None:
    pictures = SeenPictures()
    for number in range(4):
        pictures.keep(Seen(number, 1, number, 7, "x" * (KEPT // 4)))
        assert pictures.get(0)
    assert [number for number in range(4) if pictures.get(number)] == [0, 2, 3]
    pictures.keep(Seen(-1, 1, 9, 7, "x" * KEPT))
    assert len(pictures) == 1
    for number in range(KEPT // OVERHEAD):
        pictures.keep(Seen(number, 1, number, 7, ""))
    assert pictures.get(-1) is None
    assert len(pictures) <= KEPT // OVERHEAD


def test_who_is_not_to_be_read_any_more_is_gone_from_what_others_have_replied_to_them() -> None:
    """Also where their own message is too old to be remembered."""
    conversations = opened()
    conversation = conversations.open(1)
    theirs = Quoted(3, author_id=9, author_name="Kim", content="the secret")
    conversation.remember(said(10)._replace(quoted=theirs))
    conversation.remember(said(11)._replace(quoted=Quoted(4, author_id=8, author_name="Mo", content="lunch?")))
    conversations.remove_unanswered(9)
    quoted = [each.quoted for each in conversation.buffer.history(until=10**18).messages]
    assert [each and each.content for each in quoted] == [None, "lunch?"]


async def test_one_person_is_answered_in_order_and_two_people_at_once() -> None:
    conversation = opened().open(1)
    told: list[str] = []

    async def ask(person: int, name: str, seconds: float) -> None:
        async with conversation.turn(person):
            told.append(f"{name} begins")
            await asyncio.sleep(seconds)
            told.append(f"{name} ends")

    await asyncio.gather(ask(1, "Ada's first", 0.06), ask(1, "Ada's second", 0), ask(2, "Kim's", 0.02))
    assert told == [
        "Ada's first begins", "Kim's begins", "Kim's ends", "Ada's first ends", "Ada's second begins",
        "Ada's second ends",
    ]  # fmt: skip
    assert not conversation.busy


async def test_no_more_people_than_the_limit_are_answered_at_once() -> None:
    conversation = opened(parallel_replies=2).open(1)
    at_once, most = 0, 0

    async def ask(person: int) -> None:
        nonlocal at_once, most
        async with conversation.turn(person):
            at_once += 1
            most = max(most, at_once)
            await asyncio.sleep(0.01)
            at_once -= 1

    await asyncio.gather(*map(ask, range(6)))
    assert most == 2


async def test_what_the_gateway_tells_during_the_reading_wins_over_what_was_fetched() -> None:
    conversation = opened().open(1)
    conversation.remember(said(5, "heard before"))

    async def fetch() -> list[BufferedMessage]:
        conversation.remove([2])
        conversation.remember(said(6, "came meanwhile"))
        conversation.remember(said(3, "edited meanwhile"))
        return [said(1), said(2), said(3, "old"), said(5, "heard before")]

    await conversation.read_back(fetch)
    assert contents(conversation) == {1: "hello", 3: "edited meanwhile", 5: "heard before", 6: "came meanwhile"}


async def test_after_a_gap_a_message_that_no_longer_stands_in_discord_is_gone() -> None:
    conversation = opened().open(1)
    for message_id in (1, 2, 3):
        conversation.remember(said(message_id))

    async def fetch() -> list[BufferedMessage]:
        return [said(1), said(3, "edited while the bot was away")]

    await conversation.read_back(fetch)
    assert contents(conversation) == {1: "hello", 3: "edited while the bot was away"}


async def test_history_is_read_once_and_again_after_a_gap_and_after_a_failure() -> None:
    conversations = opened()
    calls = 0

    async def fetch() -> list[BufferedMessage]:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OSError("no connection")
        return []

    with pytest.raises(OSError, match="no connection"):
        await conversations.open(1).read_back(fetch)
    await asyncio.gather(*(conversations.open(1).read_back(fetch) for _ in range(5)))
    assert calls == 2
    conversations.mark_gap()
    await conversations.open(1).read_back(fetch)
    assert calls == 3


# ---- memory ----------------------------------------------------------------------------------------------------------


def bytes_of(root: object) -> int:
    """What an object takes in memory with all that only it reaches: no classes, functions and modules."""
    seen: dict[int, object] = {}
    found = [root]
    while found:
        each = found.pop()
        if id(each) not in seen and not isinstance(each, (type, FunctionType, ModuleType)):
            seen[id(each)] = each
            found += gc.get_referents(each)
    return sum(map(sys.getsizeof, seen.values()))


def some_message(rng: random.Random, message_id: int) -> BufferedMessage:
    """A message of any kind; each text is one of its own in memory, as those are that Discord sends."""

    def text(most: int) -> str:
        return "".join(rng.choices(rng.choice(ALPHABETS), k=rng.randint(1, most)))

    def identity() -> int:
        return rng.randint(10**18, 2 * 10**18)

    quoted = (
        Quoted(identity(), identity(), text(32), text(400), answer=(identity(), identity()))
        if rng.random() < 0.4
        else None
    )
    return BufferedMessage(
        10**18 + message_id,
        identity(),
        text(32),
        text(200),
        quoted=quoted,
        mentions=tuple((identity(), text(32)) for _ in range(rng.choice((0, 0, 0, 1, 5)))),
        files=tuple(
            File(identity(), text(250), 10**6, text(100), text(110), Reading(text(2000), lines=identity()), identity())
            for _ in range(rng.choice((0, 0, 0, 0, 0, 1, 3)))
        ),
        pictures=tuple(Attached(identity(), text(250), 10**6) for _ in range(rng.choice((0, 0, 0, 1, 10)))),
        by_name=rng.random() < 0.1,
    )


ALPHABETS = ("abcdefghij klmnop", "äöü abc", "中文的字", "a b c 🦉🐌")


def test_what_is_remembered_is_counted_with_no_byte_too_few_and_stays_below_the_bound() -> None:
    rng, bound = random.Random(7), 500_000
    conversations = opened(max_channels=500, max_memory=bound)
    for message_id in range(WEIGHED_EVERY):
        conversation = conversations.open(rng.randint(1, 300))
        conversation.remember(some_message(rng, message_id))
        if rng.random() < 0.1:
            conversation.revise(some_message(rng, message_id))
        if rng.random() < 0.1:
            conversation.remove((10**18 + message_id,))
        if rng.random() < 0.05:
            told = [some_message(rng, -rng.randint(1, 10**6)) for _ in range(10)]
            making, _ = conversation.summaries.begin(message_id, told) or pytest.fail("nothing is made of them")
            conversation.summaries.end(message_id, making, text=str(message_id) * 100)
    assert bytes_of(conversations) <= conversations.size < 2 * bytes_of(conversations)
    assert conversations.size > bound
    conversations.open(1)
    assert 0.8 * bound < conversations.size <= bound


def test_of_the_channel_where_people_speak_nothing_is_forgotten_for_the_bound() -> None:
    conversations = opened(max_memory=1)
    for _ in range(WEIGHED_EVERY + 1):
        conversations.open(1)
    assert conversations.find(1) is not None
    for _ in range(WEIGHED_EVERY + 1):
        conversations.open(2)
    assert conversations.find(1) is None
