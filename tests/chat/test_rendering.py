"""What stands in Discord of a reply that a model wrote: for any text, while it grows, and at its end."""

from __future__ import annotations

import re
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discord_bot.chat.characters import units
from discord_bot.chat.pages import PAGE_LIMIT
from discord_bot.chat.rendering import Page, Rendering, render

# A code block as Discord sees it: up to the next three backticks, and not of nothing.
DISCORD_BLOCK = re.compile(r"```(?:[A-Za-z0-9_+\-.#]+\n)?\n*[^\n].*?\n*```", re.DOTALL)

MARKUP = [
    *("```", "````", "`", "``", "~~~", "**", "*", "_", "__", "~~", "||", "\\", "\\`", "> ", ">>> ", "- ", "* ", "1. "),
    *("# Title\n", "#### Deep\n", "###### Deeper **x**\n", "Title\n===\n", "Title\n---\n", "\n---\n", "\n***\n", "-# "),
    *("```python\n", "\n```\n", "```\n", "~~~js\n", "\n~~~\n", "````md\n", "\n````\n", "text ```py\n", "  ```\n"),
    *("> ```js\n> a();\n> ```\n", "- ```sh\n  ls\n  ```\n", "    indented **code**\n", "\n\n    x = 1\n"),
    *("| a | b |\n", "|---|:-:|\n", "| `x|y` | 你好 |\n", "> | a |\n> |---|\n", "a | b\n--|--\n", "|", " | "),
    *("![alt](https://e.com/a.png)", "![", "[![b](https://i.io/b)](https://e.com)", "](", ")", "[a](https://e.com/x)"),
    *("- [ ] task\n", "- [x] done\n", "[^1]", "\n[^1]: note\n", "[^", "<br>", "<b>", "</b>", "<i>x</i>", "<details>\n"),
    *(
        "<summary>S</summary>\n",
        "\n</details>",
        "<!--",
        "-->",
        "<!-- c -->",
        "<sub>2</sub>",
        "<code>",
        "</code>",
        "<hr>",
    ),
    *(
        "&lt;",
        "&amp;",
        "&#42;",
        "&nope;",
        "&",
        "<",
        "<p>",
        '<a href="https://e.com">',
        "</a>",
        "<T>",
        "<@123>",
        "<:a_b:1>",
    ),
    *(
        "$x^2$",
        "$",
        "$$",
        "$5 and $10",
        r"\(x\)",
        r"\[",
        r"\]",
        r"\frac{a}{b}",
        r"\alpha",
        "^2",
        "_{i}",
        "{",
        "}",
        "$$\n",
    ),
]
PROSE = [
    "a",
    "word ",
    "x" * 30,
    "Sentence one. ",
    "你好",
    "。",
    "snake_case_name",
    "2 * 3 * 4",
    "https://e.com/a_b?c=d",
]
SPACES = ["\n", "\n\n", " ", "    ", "\t", "\r\n", "\r", "\xa0", "\u3000", "\u2028", "\0", "\u200b", "\u200f"]
CLUSTERS = ["👨‍👩‍👧‍👦", "🇩🇪", "👍🏽", "e\u0301", "\u200d", "\ufe0f", "क्षि", "\ud83d"]
PIECES = st.sampled_from(MARKUP + PROSE + SPACES + CLUSTERS)
DELTAS = st.one_of(
    st.lists(PIECES, max_size=60),
    st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=40),
    st.lists(st.text(max_size=20), max_size=20),
)
LIMITS = st.integers(64, 300)


def texts(view: Rendering) -> list[str]:
    return [page.text for page in view.pages]


def checked(view: Rendering, limit: int) -> Rendering:
    """The view, after everything was checked that holds for every one."""
    for page in view.pages:
        assert units(page.text) <= limit
        assert page.text == page.text.strip() != ""
        page.text.encode()
    ends = [page.source_end for page in view.pages]
    assert all(one <= other for one, other in pairwise([0, *ends, len(view.source)]))
    return view


@settings(max_examples=400, deadline=None)
@given(DELTAS, LIMITS)
def test_a_view_that_grows_ends_as_the_whole_and_only_its_last_page_changes(deltas: list[str], limit: int) -> None:
    """For any text and any way of cutting it into deltas; whether or not one goes on from the view before."""
    source = ""
    view: Rendering | None = None
    for delta in deltas:
        source += delta
        before, view = view, checked(render(source, final=False, after=view, limit=limit), limit)
        afresh = render(source, final=False, limit=limit)
        known = min(len(view.pages), len(afresh.pages)) - 1
        assert texts(view)[: max(known, 0)] == texts(afresh)[: max(known, 0)]
        assert view.files == ()
        if before is not None:
            assert texts(view)[: max(0, len(before.pages) - 1)] == texts(before)[:-1]
    whole = checked(render(source, final=True, limit=limit), limit)
    assert render(source, final=True, after=view, limit=limit) == whole
    if view is not None:
        assert texts(whole)[: max(0, len(view.pages) - 1)] == texts(view)[:-1]
    assert bool(whole.pages) == bool(source.strip())


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join), LIMITS)
def test_it_grows_by_single_characters(source: str, limit: int) -> None:
    view = render("", final=False, limit=limit)
    for end in range(len(source) + 1):
        before, view = view, checked(render(source[:end], final=False, after=view, limit=limit), limit)
        assert texts(view)[: max(0, len(before.pages) - 1)] == texts(before)[:-1]
    assert render(source, final=True, after=view, limit=limit) == render(source, final=True, limit=limit)


DATA = Path(__file__).parent.parent / "data" / "markdown"
PAGE_BREAK = "\n===== next page =====\n"


@pytest.mark.parametrize(
    "source", sorted(DATA.glob("**/*.md")), ids=lambda path: str(path.relative_to(DATA).with_suffix(""))
)
def test_what_stands_in_discord(source: Path) -> None:
    """Each case is a file of what a model wrote, and one of what is shown; those in `pages` on very small pages."""
    view = render(source.read_bytes().decode(), final=True, limit=160 if source.parent.name == "pages" else PAGE_LIMIT)
    assert PAGE_BREAK.join(texts(view)) + "\n" == source.with_suffix(".shown").read_bytes().decode()


def in_discord(source: str) -> str:
    """What a short reply looks like in its one message."""
    (page,) = render(source, final=True).pages
    return page.text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2 * 3 * 4 = 24",
            "a ** b",
            "snake_case_name, __init__",
            "a < b && c > d",
            "AT&T",
            "[x](https://e.com)",
            "C:\\a",
        ),
        *("$5 and $10", "US$5-$10", "$HOME and $PATH", "it costs 5$ or 6$", "**bold** ||hidden|| <@1> <a:b:2> <t:1:R>"),
        *(
            "# One\n\n- a\n- b\n\n> c\n\n```py\n#### x\n```",
            "one | two",
            "a\r\nb\r\n\r\nc",
            "tab\there",
            "List<String>",
        ),
        *(
            "שלום עולם",
            "\u200bzero",
            "https://e.com/?a=1&lt=2",
            "x\n\n    indented\n\ny",
            "--\n==",
            "~~strike~~",
            "`` ` ``",
        ),
    ],
)
def test_what_discord_can_show_stays_byte_for_byte(text: str) -> None:
    assert in_discord(text) == text


CODE = st.lists(
    st.sampled_from(
        [piece for piece in MARKUP if "`" not in piece and "~" not in piece] + ["x = 1", "\n", "  ", "你好"]
    ),
    min_size=1,
    max_size=12,
).map(lambda pieces: "x" + "".join(pieces).replace("\r", "") + "x")
AROUND = st.lists(
    st.sampled_from(["word ", "**b** ", "$x^2$ ", "<b>c</b> ", "&lt; ", "![a](https://e.com) "]), max_size=4
)


@settings(max_examples=300, deadline=None)
@given(CODE, AROUND.map("".join), st.sampled_from(["```", "````", "~~~"]), st.sampled_from(["", "py", "c++"]))
def test_nothing_in_a_code_block_is_touched(code: str, around: str, marks: str, language: str) -> None:
    """Whatever it is; and what is shown of it is shown again as it is."""
    if len(code) > PAGE_LIMIT // 2:
        return
    shown = in_discord(f"{around}\n\n{marks}{language}\n{code}\n{marks}\n\n{around}")
    assert f"```{language}\n{code}\n```" in shown
    block = f"```{language}\n{code}\n```"
    assert in_discord(block) == block


@settings(max_examples=300, deadline=None)
@given(CODE, AROUND.map("".join))
def test_nothing_in_inline_code_is_touched(code: str, around: str) -> None:
    code = " ".join(code.split())
    assert f"``{code}``" in in_discord(f"{around}``{code}`` {around}")


@settings(max_examples=200, deadline=None)
@given(CODE)
def test_nothing_in_indented_code_is_touched(code: str) -> None:
    indented = "".join(f"    {line}\n" for line in code.split("\n") if line.strip())
    assert indented.strip() in in_discord(f"Look:\n\n{indented}\nThat <b>is</b> it.")


SPANS = st.sampled_from(
    [("**", "**"), ("*", "*"), ("~~", "~~"), ("||", "||"), ("__", "__"), ("***", "***"), ("`", "`"), ("", "")]
)
WORDS = st.lists(
    st.sampled_from(["the", "quick", "brown", "fox", "naïve", "👍🏽", "snake_case", "jumps,", "over."]),
    min_size=1,
    max_size=40,
)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.tuples(SPANS, WORDS), min_size=1, max_size=12),
    st.sampled_from(["", "> ", "-# "]),
    st.integers(110, 300),
)
def test_what_is_open_at_a_page_end_is_closed_there(
    parts: list[tuple[tuple[str, str], list[str]]], line: str, limit: int
) -> None:
    """Bold, spoilers and so on are balanced on every page; a quote is one on every page, and so is subtext."""
    source = line + " ".join(f"{opening}{' '.join(words)}{closing}" for (opening, closing), words in parts)
    for page in texts(checked(render(source, final=True, limit=limit), limit)):
        for mark in ("**", "~~", "||", "__", "`", "*"):
            assert page.replace("snake_case", "snake").count(mark) % 2 == 0, (mark, page)
        assert page.startswith(line.strip())
        assert "****" not in page
        assert "||||" not in page


@st.composite
def fenced(draw: st.DrawFn) -> str:
    """A code block as models write them, also in lists, of tildes, with three backticks in it."""
    line = draw(st.sampled_from(["call(1)", "if x:  # `y`", "a | b", "**bold**", "s = '```'", "<b>", "你好 👍🏽"]))
    before, marks, info = draw(
        st.one_of(
            st.tuples(
                st.sampled_from(["", "1. "]),
                st.sampled_from(["```", "````", "~~~", "~~~~~"]),
                st.sampled_from(["", "py", "c++", 'js title="a.js"', "yaml:a.yml"]),
            ),
            st.tuples(st.just("" if "```" in line else "Look: "), st.just("```"), st.sampled_from(["", "py"])),
        )
    )
    indent = draw(st.sampled_from(["", "  "]))
    return f"{before}{marks}{info}\n" + f"{indent}{line}\n" * draw(st.integers(1, 30)) + f"{indent}{marks}\n"


FENCED = fenced()
QUOTED = FENCED.map(lambda block: "".join(f"> {line}\n" for line in block.splitlines()))
PARAGRAPHS = st.lists(
    st.sampled_from(["Words, and more words. ", "`code` ", "**bold** "]), min_size=1, max_size=20
).map("".join)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(FENCED, QUOTED, PARAGRAPHS), min_size=1, max_size=6).map("\n".join), st.integers(150, 400))
def test_no_page_ever_has_half_a_fence(source: str, limit: int) -> None:
    """On every page of every view, what Discord sees as code begins and ends there."""
    view: Rendering | None = None
    for end in range(7, len(source) + 7, 7):
        view = checked(render(source[:end], final=end >= len(source), after=view, limit=limit), limit)
        for page in texts(view):
            assert "```" not in DISCORD_BLOCK.sub("", page), (source[:end], page)


def test_half_a_spoiler_is_hidden_already() -> None:
    """While a reply grows, what is open at its end is closed; at its end it stands as it was written."""
    assert texts(render("It was ||the but", final=False)) == ["It was ||the but||"]
    assert texts(render("It was ||the but", final=True)) == ["It was ||the but"]
    assert texts(render("It was ||", final=False)) == ["It was ||"]


def test_a_reply_has_no_more_pages_than_it_may() -> None:
    """What is beyond goes into a file, and nothing is lost."""
    source = "".join(f"Line {number} of some words.\n" for number in range(100)) + "```py\n" + "x = 1\n" * 100 + "```\n"
    view = render(source, final=True, max_pages=2, limit=200)
    assert texts(view) == texts(render(source, final=True, limit=200))[:2]
    (*_, rest) = view.files
    assert (rest.name, rest.page, rest.is_rest) == ("rest.txt", 1, True)
    assert " ".join((*texts(view), rest.content)).split() == source.split()
    assert len(render(source, final=False, max_pages=2, limit=200).pages) == 2


def test_the_rest_of_code_begins_as_code() -> None:
    view = render("```py\n" + "x = 1\n" * 100 + "```\n", final=True, max_pages=1, limit=200)
    assert view.files[-1].content.startswith("```py\nx = 1\n")


@pytest.mark.parametrize(
    ("info", "name"),
    [
        *(("python", "code.py"), ("", "code.txt"), ("c++", "code.cpp"), ("brainfuck", "code.txt")),
        *(("js:src/app.js", "app.js"), ('py title="my_main.py"', "my_main.py"), ("../../etc/passwd", "code.txt")),
    ],
)
def test_code_that_no_message_can_hold_is_a_file_too(info: str, name: str) -> None:
    """It can be copied in one go there; and it stays in the pages, where it has been read while it grew."""
    code = "call(1)  # <b>\n" * 150
    view = render(f"- item\n\n```{info}\n{code}```\nDone.", final=True)
    assert [(file.name, file.content, file.page) for file in view.files] == [(name, code, len(view.pages) - 1)]
    assert render(f"```{info}\n{code[:300]}\n```", final=True).files == ()


@pytest.mark.parametrize("inside", ["```sh\nls\n```", "print('```', '```')", "````"])
def test_code_with_fences_in_it_is_shown_as_one_block_and_is_a_file_too(inside: str) -> None:
    """Discord knows no fence that could hold it: something invisible stands in it, and the file has it as it is."""
    view = render(f"~~~~~md\nBegin\n{inside}\nEnd\n~~~~~", final=True)
    assert [file.content for file in view.files] == [f"Begin\n{inside}\nEnd\n"]
    assert re.fullmatch(r"```md\nBegin\n(?:(?!```).)*\nEnd\n```", view.pages[0].text, re.DOTALL)
    assert view.pages[0].text.replace("\u200b", "") == f"```md\nBegin\n{inside}\nEnd\n```"


def test_files_have_names_of_their_own() -> None:
    view = render(("```py\n" + "x = 1\n" * 400 + "```\n\n") * 12, final=True)
    assert [file.name for file in view.files] == ["code.py", *(f"code-{number}.py" for number in range(2, 10))]


def test_each_page_says_where_its_source_ends() -> None:
    """The source can be put together again from the pages; what was replaced belongs to the page that shows its end."""
    source = "One &lt; two. " * 20 + "\n\n| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 30 + "\nThe end."
    view = render(source, final=True, limit=200)
    parts = [source[begin.source_end : end.source_end] for begin, end in pairwise([Page("", 0), *view.pages])]
    assert len(parts) >= 3
    assert "".join(parts) == source
    assert parts[0].replace("&lt;", "\\<").strip() == view.pages[0].text


def test_a_table_that_grows_stays_on_the_last_page() -> None:
    """Its columns move while it grows; what is behind it waits until it has ended."""
    rows = "| a | b |\n|---|---|\n" + "".join(f"| {number} | {number**3} |\n" for number in range(60))
    view = render(rows, final=False, limit=200)
    assert len(view.pages) == 1
    assert len(render(rows + "\nAnd more.", final=False, after=view, limit=200).pages) > 3


def test_nothing_but_what_is_not_shown_is_shown_nevertheless() -> None:
    """A reply is never lost because all of it looks like something that is left out."""
    assert in_discord("<!-- only this -->") == "<!-- only this -->"


def test_long_replies_stream_at_little_cost() -> None:
    """8,000 tokens in 2,000 deltas cost less than a millisecond each, at the end as at the beginning."""
    text = "Some **words** with `code` and more.\n\n- item\n- $x^2$\n\n"
    block = text + "```py\n" + "x = 1\n" * 20 + "```\n\n| a | b |\n|--|--|\n| 1 | 2 |\n\n"
    source = (block * 300)[:32_000]
    view: Rendering | None = None
    began = time.process_time()
    for end in range(16, len(source) + 1, 16):
        view = render(source[:end], final=False, after=view)
    assert time.process_time() - began < 4
    assert view is not None
    assert render(source, final=True, after=view) == render(source, final=True)


STRANGE = [
    *("a", " ", "\n", "\r", "<b", "<a href=", "$x", "\\(", "[a](", "![a](", "`a`", "`` ` ", "| a ", "|-", "- ", "> "),
    *("{", "\\frac{", "$\\frac{", "**a", "||a ", "_a", "***a* "),
]


@pytest.mark.parametrize("piece", [*MARKUP, *STRANGE])
def test_strange_replies_take_no_time(piece: str) -> None:
    """It ends within the tests' own time limit: what grows faster than the text would take minutes."""
    view = render((piece * 100_000)[:100_000], final=True)
    assert all(units(page.text) <= PAGE_LIMIT for page in view.pages)
