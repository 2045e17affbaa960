"""How many tokens a text is."""

from __future__ import annotations

import pytest

from discord_bot.chat.tokens import TokenEstimator, estimate_tokens


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


@pytest.mark.parametrize("truth", [0.6, 1.0, 1.8])
def test_five_replies_teach_the_factor_of_a_model(truth: float) -> None:
    estimator = TokenEstimator()
    for _ in range(5):
        estimator.learn(1_000, int(1_000 * truth))
    assert estimator.allowance(1_000) == pytest.approx(1_000 / truth, rel=0.1)


def test_a_nonsensical_report_does_not_ruin_the_budget() -> None:
    estimator = TokenEstimator()
    for _ in range(20):
        estimator.learn(1_000, 10**9)
    estimator.learn(0, 5)
    assert estimator.allowance(9_000) >= 3_000
