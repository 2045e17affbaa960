"""Discord's Markdown as HTML: what each mark shows, and that nothing dangerous comes out."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import ClassVar
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discord_bot.playground.highlighting import coloured
from discord_bot.playground.markdown import render


class Names:
    """One user, one role, one channel."""

    def user_name(self, user_id: str) -> str | None:
        return "Ada <3" if user_id == "1" else None

    def role_name(self, role_id: str) -> str | None:
        return "mods" if role_id == "2" else None

    def channel_name(self, channel_id: str) -> str | None:
        return "general" if channel_id == "3" else None


def html(text: str) -> str:
    return render(text, Names()).replace("\n", "")


def in_line(text: str) -> str:
    """What a line of text becomes, without its paragraph."""
    return html(text).removeprefix("<p>").removesuffix("</p>")


LINK = '<a href="{0}" target="_blank" rel="noopener noreferrer">{1}</a>'
SPOILER = (
    '<span class="spoiler" role="button" tabindex="0" aria-label="Spoiler"><span class="spoiled">{0}</span></span>'
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*a* _b_", "<em>a</em> <em>b</em>"),
        ("**a** __b__ ~~c~~", "<strong>a</strong> <u>b</u> <s>c</s>"),
        ("***a*** __**b**__", "<em><strong>a</strong></em> <u><strong>b</strong></u>"),
        ("||a **b** c||", SPOILER.format("a <strong>b</strong> c")),
        ("||a", "||a"),
        ("a | b || c", "a | b || c"),
        ("`a **b**` ``c ` d``", "<code>a **b**</code> <code>c ` d</code>"),
        ("snake_case_name \\*a\\*", "snake_case_name *a*"),
        ("a\nb\n\n\nc", "a<br>b<br><br><br>c"),
        ("**a\n\nb**", "<strong>a<br><br>b</strong>"),
        ("a  \nb\\", "a<br>b\\"),
        ("&amp; <b>a</b>", "&amp;amp; &lt;b&gt;a&lt;/b&gt;"),
    ],
)
def test_marks_within_a_line(text: str, shown: str) -> None:
    """Emphasis, underline, strikethrough, spoilers, code, escapes, and line breaks as they are."""
    assert in_line(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# a\n## b\n### c\nd", "<h1>a</h1><h2>b</h2><h3>c</h3><p>d</p>"),
        ("#### a\n#b\n#", "<p>#### a<br>#b<br>#</p>"),
        ("a\n-# b", "<p>a</p><small>b</small>"),
        ("- a\n- b\n  - c\nd", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul><p>d</p>"),
        ("a\n1. b\n2. c", "<p>a</p><ol><li>b</li><li>c</li></ol>"),
        ("7. a", '<ol start="7"><li>a</li></ol>'),
        ("+ a\n1) b\n-", "<p>+ a<br>1) b<br>-</p>"),
        ("> a\n> b\nc", "<blockquote><p>a<br>b</p></blockquote><p>c</p>"),
        ("a\n>>> b\n\nc\n> d", "<p>a</p><blockquote><p>b<br><br>c<br>&gt; d</p></blockquote>"),
        (">a", "<p>&gt;a</p>"),
        ("> # a\n> - b", "<blockquote><h1>a</h1><ul><li>b</li></ul></blockquote>"),
        ("a\n---\n***\n| b |\n|---|", "<p>a<br>---<br>***<br>| b |<br>|---|</p>"),
        ("    a\n\tb", "<p>a<br>b</p>"),
        ("a\n\n> b\nc", '<p>a</p><blockquote class="apart"><p>b</p></blockquote><p>c</p>'),
        (
            "- a\n\n# b\n\n> c\n>\n> d",
            '<ul><li>a</li></ul><h1 class="apart">b</h1><blockquote class="apart"><p>c<br><br>d</p></blockquote>',
        ),
    ],
)
def test_blocks(text: str, shown: str) -> None:
    """Headings of three sizes, subtext, lists, quotes; no rules, no tables, no indented code."""
    assert html(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("```py\na = c\n\nb\n```", '<pre data-language="py"><code>a = c⏎⏎b</code></pre>'),
        ("```a```", "<pre><code>a</code></pre>"),
        ("```py a\n```", "<pre><code>py a</code></pre>"),
        ("a ```\nb\n``` c", "<p>a</p>⏎<pre><code>b</code></pre>⏎<p>c</p>"),
        ("```\n> a **b** <@1>\n```", "<pre><code>&gt; a **b** &lt;@1&gt;</code></pre>"),
        ("```py\na", "<p>```py<br>⏎a</p>"),
        ("> ```\n> a\n> ```\nb", "<blockquote>⏎<pre><code>a</code></pre>⏎</blockquote>⏎<p>b</p>"),
        ("- ```\n  a\n   b\n  ```\n- c", "<ul>⏎<li>⏎<pre><code>a⏎ b</code></pre>⏎</li>⏎<li>c</li>⏎</ul>"),
        ("```c++\na\n```\n```b```", '<pre data-language="c++"><code>a</code></pre>⏎<pre><code>b</code></pre>'),
    ],
)
def test_code_blocks(text: str, shown: str) -> None:
    """They may begin within a line, keep every character, and are plain text while they have no end."""
    assert render(text, Names()).strip().replace("\n", "⏎") == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<@1> <@!1>", '<span class="mention" data-user="1">@Ada &lt;3</span> ' * 2),
        ("<@9>", '<span class="mention" data-user="9">@unknown-user</span>'),
        ("<@&2>", '<span class="mention" data-role="2">@mods</span>'),
        ("<#3>", '<a class="mention" href="#3" data-channel="3">#general</a>'),
        ("<#4>", '<span class="mention"># unknown</span>'),
        ("@everyone @here", '<span class="mention">@everyone</span> <span class="mention">@here</span>'),
        ("</persona set:5>", '<span class="mention">/persona set</span>'),
        ("<:ahoy:5> <a:wave:6>", '<span class="emoji">:ahoy:</span> <span class="emoji">:wave:</span>'),
        ("<t:0:R>", '<time datetime="1970-01-01T00:00:00Z" data-style="R">1970-01-01 00:00 UTC</time>'),
        ("<t:9999999999999>", "&lt;t:9999999999999&gt;"),
        ("`<@1>`", "<code>&lt;@1&gt;</code>"),
    ],
)
def test_mentions(text: str, shown: str) -> None:
    """Ids become names, and a name is text, whatever it holds."""
    assert in_line(text) == shown.strip()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://a.org/b_c(d)?e=1&f=2.", LINK.format(*["https://a.org/b_c(d)?e=1&amp;f=2"] * 2) + "."),
        ("(see http://a.org)", "(see " + LINK.format("http://a.org", "http://a.org") + ")"),
        ("**https://a.org**", f"<strong>{LINK.format('https://a.org', 'https://a.org')}</strong>"),
        ("||https://a.org||", SPOILER.format(LINK.format("https://a.org", "https://a.org"))),
        ("<https://a.org/>", LINK.format("https://a.org/", "https://a.org/")),
        ("[*a*](https://a.org)", LINK.format("https://a.org", "<em>a</em>")),
        ("![a](https://a.org/b.png)", "!" + LINK.format("https://a.org/b.png", "a")),
        ("[a](javascript:b)", "[a](javascript:b)"),
        ("[a](/b) [c](data:d) [e](//f)", "[a](/b) [c](data:d) [e](//f)"),
        ("<javascript:a> ftp://b.org xhttps://c.org", "&lt;javascript:a&gt; ftp://b.org xhttps://c.org"),
        ("http:// https:// ://", "http:// https:// ://"),
    ],
)  # fmt: skip
def test_links(text: str, shown: str) -> None:
    """Only the web is linked, in a new tab that learns nothing of this one."""
    assert in_line(text) == shown


class Inspector(HTMLParser):
    """Fails at any tag, attribute or address that the renderer has no business to make."""

    ALLOWED: ClassVar = {
        "a": {"href", "target", "rel", "title", "class", "data-channel"},
        "span": {"class", "role", "tabindex", "aria-label", "data-user", "data-role"},
        "pre": {"data-language", "class"},
        "time": {"datetime", "data-style"},
        "ol": {"start", "class"},
        **{tag: {"class"} for tag in ("p", "h1", "h2", "h3", "small", "ul", "blockquote")},
    }
    PLAIN: ClassVar = {"br", "strong", "em", "u", "s", "code", "li"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.PLAIN | set(self.ALLOWED), tag
        assert {name for name, _ in attrs} <= self.ALLOWED.get(tag, set()), (tag, attrs)
        for name, value in attrs:
            if name == "href" and value is not None:
                assert value.startswith("#") or urlsplit(value).scheme in ("http", "https"), value
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


MARKS = st.sampled_from([
    "*", "**", "_", "__", "~~", "||", "`", "```", "```py\n", "\n", "\n\n", "> ", ">>> ", "# ", "-# ", "- ", "1. ",
    "  ", "\\", "<", ">", "<@1>", "<#3>", "<t:1>", "<:a:1>", "@here", "[", "](", ")", "https://", "javascript:", '"',
    "'", "&", "\t", "<script>", "</p>", "<img src=x onerror=y>", "a", "b c", "你", "👍", "\0", "\r\n", "\u2028",
])  # fmt: skip


@settings(max_examples=500)
@given(st.lists(MARKS | st.text(max_size=3), max_size=40).map("".join))
def test_whatever_is_written_the_html_is_safe_and_whole(text: str) -> None:
    """For any text: only the tags and attributes that are meant, web addresses alone, and every tag closed in order."""
    inspector = Inspector()
    inspector.feed(render(text, Names()))
    inspector.close()
    assert inspector.open == []


@pytest.mark.parametrize(
    "piece", ["||", "*a", "__a__ **", "> ", "- ", "```", "`", "[", "[a](", "<@1", "https://", "  - a\n", "\n> a\n"]
)
def test_long_nonsense_is_rendered_at_once(piece: str) -> None:
    """The worst of 4,000 characters takes no longer than a moment."""
    render((piece * 4000)[:4000], Names())


@pytest.mark.parametrize("language", ["python", "json", "html", "diff", "console", "c++", "php", "nothing"])
@pytest.mark.parametrize(
    "code", ["x = '<b>' # &amp;", "<script>alert(1)</script>\n'", "\n\n  a\t\n", "$ ls\n>>> 🎉 `'"]
)
def test_coloured_code_is_the_same_text(language: str, code: str) -> None:
    """Colours are spans around the escaped text, whatever its lexer makes of it."""
    shown = coloured(code, language)
    assert unescape(re.sub(r'<span class="code-[a-z]+">|</span>', "", shown)) == code
    assert "<script" not in shown


def test_code_has_colours() -> None:
    block = render("```python\ndef greet():  # hi\n    return 'ahoy'\n```", Names())
    for kind, word in {"keyword": "def", "name": "greet", "comment": "# hi", "string": "&#x27;ahoy&#x27;"}.items():
        assert f'<span class="code-{kind}">{word}</span>' in block
    assert "code-" not in render("```\ndef greet(): pass\n```", Names())
