"""Lore: which entries come to mind, which of them have room, and where they go."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discord_bot.chat.lore import activation
from discord_bot.chat.lore.activation import Activation, Heard, activate
from discord_bot.chat.lore.book import lorebook
from discord_bot.chat.lore.decorators import Decorators, parse, without_decorators
from discord_bot.chat.lore.keys import MAX_OVERRUNS, compile_javascript
from discord_bot.chat.macros import Macros
from tests.chat.hostile_cards import PATTERNS
from tests.chat.making_cards import Json, entry

ARIA = Macros("Aria", "Ada")


def found(lore: Json, *said: str | Heard, budget: int = 10_000, greeting: int | None = 0) -> Activation:
    messages = [each if isinstance(each, Heard) else Heard(each) for each in said]
    return activate(lorebook(lore), messages, ARIA, budget=budget, greeting=greeting)


def active(lore: Json, *said: str | Heard, **how: Any) -> list[int]:
    return sorted(each.index for each in found(lore, *said, **how).active)


# ---- keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "said", "wakes"),
    [
        (entry("ladder"), "The LADDER?", True),
        (entry("ladder"), "ladders", True),
        (entry("ladder"), "lad", False),
        (entry("Orrin", case_sensitive=True), "orrin", False),
        (entry("Orrin", case_sensitive=True), "Orrin", True),
        (entry("Straße"), "STRASSE", True),
        (entry("КРЫША"), "крыша течёт", True),
        (entry("茶"), "来一杯茶吧", True),
        (entry("cat", extensions={"match_whole_words": True}), "concatenate", False),
        (entry("cat", extensions={"match_whole_words": True}), "the Cat!", True),
        (entry("", "  "), "anything", False),
        (entry("{{char}}"), "is aria here?", True),
        (entry("{{user}}'s ship"), "Ada's ship", True),
        (entry("a", content=""), "a", False),
        (entry("a", content="@@depth 3"), "a", False),
        (entry("a", enabled=False, constant=True), "a", False),
        (entry(constant=True), "", True),
        (entry(constant=True, use_regex=True), "", True),
        (entry("a", constant=False), "b", False),
        (entry("a"), "{{// a}} {{comment: a}}", False),
    ],
)
def test_what_wakes_an_entry(written: Json, said: str, wakes: bool) -> None:
    assert active({"entries": [written]}, said) == ([0] if wakes else [])


@pytest.mark.parametrize(
    ("key", "said", "wakes"),
    [
        ("/\\btyres?\\b/i", "TYRE marks", True),
        ("/\\btyres?\\b/i", "retyred", False),
        ("/gr[ae]vel/", "Gravel", False),
        ("/(unclosed/", "(unclosed", False),
        ("/a\\/b/", "a/b", True),
        ("/^b/m", "a\nb", True),
        ("/a.b/s", "a\nb", True),
        ("/a.b/", "a\nb", False),
        ("/(?<year>\\d{4}) \\k<year>/", "1999 1999", True),
        ("/\\u{1F600}/u", "😀", True),
        ("/{char}/", "{char}", True),
        ("/a{2}/", "aa", True),
        ("/(?i)a/", "A", False),
        ("/(?>a)/", "a", False),
        ("/a++/", "aa", False),
        ("/a/x", "a", False),
        ("/a/gg", "a", False),
        ("/\\A/", "A", True),
        ("plain", "it is plain", True),
        ("/half", "/half", True),
    ],
)
def test_patterns_are_javascripts(key: str, said: str, wakes: bool) -> None:
    assert active({"entries": [entry(key, use_regex=True)]}, said) == ([0] if wakes else [])


def test_without_use_regex_slashes_are_text() -> None:
    lore = {"entries": [entry("/a/")]}
    assert active(lore, "a") == []
    assert active(lore, "an /A/ b") == [0]


@pytest.mark.parametrize(
    ("logic", "said", "wakes"),
    [
        (0, "clock night", True),
        (0, "clock", False),
        (1, "clock night dawn", False),
        (1, "clock night", True),
        (2, "clock", True),
        (2, "clock dawn", False),
        (3, "clock night", False),
        (3, "clock dawn night", True),
        (0, "night", False),
    ],
)
def test_secondary_keys(logic: int, said: str, wakes: bool) -> None:
    written = entry("clock", selective=True, secondary_keys=["night", "dawn"], extensions={"selectiveLogic": logic})
    assert active({"entries": [written]}, said) == ([0] if wakes else [])


def test_secondary_keys_do_not_count_where_the_entry_is_not_selective() -> None:
    assert active({"entries": [entry("clock", selective=False, secondary_keys=["night"])]}, "clock") == [0]
    assert active({"entries": [entry("clock", selective=True, secondary_keys=[])]}, "clock") == [0]


# ---- how far back ----------------------------------------------------------------------------------------------------


def test_only_the_last_messages_are_scanned() -> None:
    lore = {"entries": [entry("rung")], "scan_depth": 2}
    assert active(lore, "the rung", Heard("Hm.", own=True), "well") == []
    assert active(lore, Heard("the rung", own=True), "well") == [0]
    assert active({**lore, "scan_depth": 0}, "the rung") == []
    assert active({"entries": [entry("rung")]}, "the rung", "a", "b") == []  # two, where nobody says


def test_an_entry_may_look_less_far_or_farther() -> None:
    said = ("fog", "a", "b", "c")
    assert active({"entries": [entry("fog", content="@@scan_depth 4\nFog.")], "scan_depth": 1}, *said) == [0]
    assert active({"entries": [entry("fog", extensions={"scan_depth": 4})], "scan_depth": 1}, *said) == [0]
    assert active({"entries": [entry("fog", content="@@scan_depth 1\nFog.")], "scan_depth": 9}, *said) == []


# ---- decorators ------------------------------------------------------------------------------------------------------


def test_decorators_are_the_leading_lines_and_vanish() -> None:
    assert parse("@@depth 2\n@@role user\n\nText.\n@@depth 9") == (Decorators(depth=2, role="user"), "Text.\n@@depth 9")
    assert parse("Text @@depth 2") == (Decorators(), "Text @@depth 2")
    assert parse("\n  Text.\n") == (Decorators(), "\n  Text.\n")
    assert parse("@@unknown 4\n@@depth x\n@@role king\nText.") == (Decorators(), "Text.")
    assert parse("@@depth 1\n@@depth 2\nText.")[0].depth == 1
    assert without_decorators("@@activate\r\nText.") == "Text."


def test_a_fallback_counts_only_where_the_line_above_does_not() -> None:
    assert parse("@@unknown\n@@@depth 1\n@@@depth 2\nx")[0] == Decorators(depth=1)
    assert parse("@@a\n@@@b\n@@@c\n@@@d\n@@@e\n@@@depth 5\nx")[0] == Decorators(depth=5)
    assert parse("@@depth 0\n@@@dont_activate\nx")[0] == Decorators(depth=0)
    assert parse("@@instruct_depth 3\n@@@depth 2\nx")[0] == Decorators(depth=2)


@settings(max_examples=200)
@given(st.lists(st.sampled_from(["@@depth 2", "@@@role user", "@@x", "text", "", " @@y", "@"]), max_size=8))
def test_no_text_is_lost_with_the_decorators(lines: list[str]) -> None:
    content = "\n".join(lines)
    _, text = parse(content)
    assert text == "" or content.endswith(text) or content.rstrip("\n").endswith(text)
    first = next((line for line in lines if line.strip() and not line.strip().startswith("@@")), "")
    assert first in text


@pytest.mark.parametrize(
    ("content", "said", "wakes"),
    [
        ("@@activate\n@@dont_activate\nx", "b", True),
        ("@@dont_activate\nx", "a", False),
        ("@@exclude_keys silk,nylon\nx", "a silk", False),
        ("@@exclude_keys silk,nylon\nx", "a", True),
        ("@@additional_keys egg,nest\nx", "a", False),
        ("@@additional_keys egg,nest\nx", "a nest", True),
        ("@@additional_keys egg\n@@additional_keys nest\nx", "a nest", False),
        ("@@additional_keys egg\n@@additional_keys nest\nx", "a nest, an egg", True),
        ("@@activate_only_every 0\nx", "a", True),
        ("@@is_greeting 0\nx", "a", True),
        ("@@is_greeting 1\nx", "a", False),
        ("@@is_user_icon who\nx", "a", True),
    ],
)
def test_what_decorators_demand(content: str, said: str, wakes: bool) -> None:
    assert active({"entries": [entry("a", content=content)]}, said) == ([0] if wakes else [])


def test_decorators_that_count_what_the_character_has_said() -> None:
    after = {"entries": [entry("a", content="@@activate_only_after 2\nx")], "scan_depth": 1}
    every = {"entries": [entry("a", content="@@activate_only_every 2\nx")], "scan_depth": 1}
    own = Heard("said", own=True)
    assert [active(after, *[own] * count, "a") for count in range(4)] == [[], [], [0], [0]]
    assert [active(every, *[own] * count, "a") for count in range(4)] == [[0], [], [0], []]


def test_decorators_that_remember() -> None:
    """What matched in an earlier turn: the conversation itself is the memory."""
    own = Heard("hm", own=True)
    keep = {"entries": [entry("a", content="@@keep_activate_after_match\nx")], "scan_depth": 1}
    once = {"entries": [entry("a", content="@@dont_activate_after_match\nx")], "scan_depth": 9}
    assert active(keep, "a", own, "b", own, "c") == [0]
    assert active(keep, "z", own, "c") == []
    assert active(once, "z", own, "a") == [0]
    assert active(once, "a", own, "a") == []


def test_a_greeting_chooses() -> None:
    lore = {"entries": [entry("a", content="@@is_greeting 1\nx")]}
    assert active(lore, "a", greeting=1) == [0]
    assert active(lore, "a", greeting=None) == []


# ---- recursion -------------------------------------------------------------------------------------------------------


def chain(**more: Any) -> Json:
    return {
        "entries": [
            entry("island", content="The island of Korrin."),
            entry("Korrin", content="The Speaker.{{hidden_key:lamplight}}", **more),
            entry("Speaker", content="He lost his voice. {{// tower }}"),
            entry("lamplight", content="Hidden."),
            entry("voice", enabled=False),
            entry("tower", content="Never."),
        ],
        "recursive_scanning": True,
    }


def test_what_was_found_may_wake_others() -> None:
    assert active(chain(), "island") == [0, 1, 2, 3]
    assert active({**chain(), "recursive_scanning": False}, "island") == [0]
    assert active({"entries": chain()["entries"]}, "island") == [0]


def test_sillytaverns_words_on_recursion() -> None:
    assert active(chain(extensions={"exclude_recursion": True}), "island") == [0]
    assert active(chain(extensions={"prevent_recursion": True}), "island") == [0, 1]
    assert active(chain(extensions={"delay_until_recursion": True}), "Korrin") == []
    assert active(chain(extensions={"delay_until_recursion": True}), "island") == [0, 1, 2, 3]


def test_a_circle_comes_to_an_end() -> None:
    lore = {"entries": [entry("a", content="b"), entry("b", content="a")], "recursive_scanning": True}
    assert active(lore, "a") == [0, 1]


# ---- room and order --------------------------------------------------------------------------------------------------

LONG = "word " * 160


def test_what_matters_least_goes_first_and_the_rest_keeps_its_order() -> None:
    lore = {
        "entries": [
            entry("a", content=LONG, priority=10, insertion_order=1),
            entry("a", content=LONG, priority=50, insertion_order=9),
            entry("a", content=LONG, priority=30, insertion_order=5),
            entry(content="Short.", constant=True, priority=90, insertion_order=3),
        ],
        "token_budget": 250,
    }
    result = activate(lorebook(lore), [Heard("a")], ARIA, budget=250)
    assert [each.index for each in result.active] == [3, 1]
    assert result.over_budget == (0, 2)


def test_what_does_not_fit_is_skipped_and_smaller_ones_follow() -> None:
    lore = {"entries": [entry("a", content=LONG, priority=9), entry("a", content="Short.", priority=1)]}
    result = found(lore, "a", budget=20)
    assert ([each.index for each in result.active], result.over_budget) == ([1], (0,))


def test_the_decorator_for_a_full_context_goes_before_every_priority() -> None:
    lore = {"entries": [entry("a", content="@@ignore_on_max_context\n" + LONG, priority=99), entry("a", content=LONG)]}
    assert active(lore, "a", budget=200) == [1]


def test_without_a_priority_the_order_counts() -> None:
    lore = {"entries": [entry("a", content=LONG, insertion_order=1), entry("a", content=LONG, insertion_order=2)]}
    assert active(lore, "a", budget=200) == [1]


@pytest.mark.parametrize(
    ("written", "place"),
    [
        (entry("a"), ("after_char", 0, "system")),
        (entry("a", position="before_char"), ("before_char", 0, "system")),
        (entry("a", position="somewhere"), ("after_char", 0, "system")),
        (entry("a", content="@@position scenario\nx"), ("scenario", 0, "system")),
        (entry("a", content="@@depth 2\n@@role assistant\nx"), ("depth", 2, "assistant")),
        (entry("a", content="@@depth -3\nx"), ("depth", 0, "system")),
        (entry("a", content="@@depth 2\n@@position before_desc\nx"), ("before_desc", 2, "system")),
        (entry("a", content="@@reverse_depth 1\nx"), ("depth", 2, "system")),
        (entry("a", extensions={"position": 4, "depth": 3, "role": 1}), ("depth", 3, "user")),
        (entry("a", extensions={"position": 4}), ("depth", 4, "system")),
        (entry("a", extensions={"position": 0}, position="after_char"), ("before_char", 0, "system")),
        (entry("a", extensions={"position": True, "depth": "x", "role": "king"}), ("after_char", 0, "system")),
    ],
)
def test_where_an_entry_goes(written: Json, place: tuple[str, int, str]) -> None:
    (only,) = found({"entries": [written], "scan_depth": 3}, "x", "y", "a").active
    assert (only.spot, only.depth if place[1] else 0, only.role) == place


def test_only_what_lasts_above_all_that_passes_is_settled() -> None:
    """Constant entries stand still in the prompt until the first one in their place that comes and goes."""
    lore = {
        "entries": [
            entry(constant=True, insertion_order=1),
            entry("a", insertion_order=5),
            entry(constant=True, insertion_order=9),
            entry("b", insertion_order=0, position="before_char"),
        ]
    }
    for said in ("a", "nothing"):
        settled = {each.index: each.settled for each in found(lore, said).active}
        assert settled[0]
        assert not settled[2]


# ---- patterns that never end -----------------------------------------------------------------------------------------


def test_patterns_that_never_end_do_not_match_and_the_rest_does() -> None:
    said = "a" * 60 + "! " + "x" * 60 + " " + "ab" * 60
    slow = "/(?:a|[a-y])*?(?:x+x+)+y/"
    lore = {"entries": [*[entry(f"/{n}{slow[1:]}", use_regex=True) for n in range(100)], entry("x")]}
    result = found(lore, said)
    assert [each.index for each in result.active] == [100]
    assert result.overruns <= MAX_OVERRUNS
    assert active({"entries": [*[entry(*PATTERNS, use_regex=True)] * 50, entry("!")]}, said)[-1] == 50


def test_a_pattern_that_is_too_large_is_none() -> None:
    assert compile_javascript("a" * 501, "") is None
    assert compile_javascript("(" * 60 + ")" * 60, "") is None
    assert compile_javascript("(a{1000}){1000}", "") is None


@settings(max_examples=300)
@given(st.text(alphabet="ab(){}[]?*+|\\^$.,1<>=!:Pk/", max_size=20), st.sampled_from(["", "i", "gimsuy"]))
def test_whatever_somebody_writes_as_a_pattern_is_one_or_none(pattern: str, flags: str) -> None:
    compile_javascript(pattern, flags)


def test_as_many_rounds_as_there_are_entries_but_not_without_end() -> None:
    lore = {
        "entries": [entry(f"<{n}>", content=f"<{n + 1}>") for n in range(100)],
        "recursive_scanning": True,
    }
    assert len(active(lore, "<0>")) == activation.MAX_ROUNDS + 1
