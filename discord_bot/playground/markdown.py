"""Everything that turns a message's text into HTML lives here; this file knows neither the page nor the world.

Discord's Markdown is not CommonMark: each line break counts, `__` underlines, `||` hides, a quote ends with its line,
there are three sizes of headings, no tables, no images and no HTML. markdown-it parses; the rules below are Discord's.
What comes out is safe to put into a page: no tag or attribute comes from the text, and links lead to http(s) alone.
"""

# ruff: noqa: ARG001, ARG002 - the parser calls its rules with the same arguments, wanted or not.
from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock, list_block

from discord_bot.playground.highlighting import coloured

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.ruler import RuleOptionsType
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

_FENCE = re.compile(r"```(?:([\w+.#-]+)\n)?\n*([^\n].*?)\n*```", re.DOTALL)
"""A code block: it may begin and end in the middle of a line; one that never ends is plain text. A language counts only
where a line break follows it."""
_BEFORE_FENCE = re.compile(r" *(?:>(?:>>)? |[-*] |\d+\. )? *")
"""What may stand before a code block on its line without being text of its own: quote and list marks."""
_QUOTE_LINE = re.compile(r" *> (.*)|> *()$")
_QUOTE_REST = re.compile(r" *>>> ")
_HEADING = re.compile(r" {0,3}(#{1,3}|-#) +(\S.*)")
_LIST_MARK = re.compile(r"(?:[-*]|\d{1,9}\.) +\S")
_MENTION = re.compile(
    r"<(?:@!?(?P<user>\d{1,20})"
    r"|@&(?P<role>\d{1,20})"
    r"|#(?P<channel>\d{1,20})"
    r"|/(?P<command>[-_\w]+(?: [-_\w]+){0,2}):\d{1,20}"
    r"|a?:(?P<emoji>\w{2,32}):\d{1,20}"
    r"|t:(?P<time>-?\d{1,13})(?::(?P<style>[tTdDfFR]))?)>"
)
"""https://docs.discord.com/developers/reference#message-formatting"""
_EVERYONE = re.compile(r"@(?:everyone|here)\b")
_SPOILER = re.compile(r"\|\|(.+?)\|\|", re.DOTALL)
_URL = re.compile(r"https?://[^\s<]+[^<.,:;\"'\]\s*_~|]", re.IGNORECASE)
_SCHEME_BEHIND = re.compile(r"(?<![a-z0-9])https?$", re.IGNORECASE)


class Names(Protocol):
    """Whoever knows what the ids in a text are called; None for an id that nobody knows."""

    def user_name(self, user_id: str) -> str | None:
        """The name that people see for a user, without the @."""

    def role_name(self, role_id: str) -> str | None:
        """A role's name, without the @."""

    def channel_name(self, channel_id: str) -> str | None:
        """A channel's or thread's name, without the #."""


def render(content: str, names: Names) -> str:
    """The message's content as HTML, as Discord would show it."""
    html: str = _PARSER.render(content, {"names": names})
    return html


# --- blocks ---------------------------------------------------------------------------------------------------------


def _set_fences_apart(text: str) -> str:
    """The text with each code block on lines of its own, so that a rule for blocks finds it."""
    parts: list[str] = []
    done = 0
    for fence in _FENCE.finditer(text):
        before, after = text[done : fence.start()], text[fence.end() :]
        line = text[text.rfind("\n", 0, fence.start()) + 1 : fence.start()]
        if not _BEFORE_FENCE.fullmatch(line):
            before = before.removesuffix(" ") + "\n"
        parts += [before, fence.group()]
        if after and not after.startswith("\n"):
            parts.append("\n")
        done = fence.end()
    return "".join([*parts, text[done:]])


def _fences_apart(state: StateCore) -> None:
    state.src = _set_fences_apart(state.src)


def _fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    first = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("```", first):
        return False
    fence = _FENCE.match(state.getLines(start, end, state.sCount[start], keepLastLF=False))
    if fence is None:
        return False
    if not silent:
        state.line = start + fence.group().count("\n") + 1
        token = state.push("fence", "code", 0)
        token.map = [start, state.line]
        token.info = fence.group(1) or ""
        token.content = fence.group(2) + "\n"
    return True


def _quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.env.get("quoted"):  # Discord's quotes don't nest
        return False
    lines = state.src[state.bMarks[start] : state.eMarks[end - 1]].split("\n")
    rest = _QUOTE_REST.match(lines[0])
    if rest is not None:
        text, taken = "\n".join(lines)[rest.end() :], len(lines)
    else:
        quoted = []
        for line in lines:
            match = _QUOTE_LINE.fullmatch(line)
            if match is None:
                break
            quoted.append(match.group(1) or "")
        text, taken = "\n".join(quoted), len(quoted)
    if not taken:
        return False
    if not silent:
        state.line = start + taken
        state.push("blockquote_open", "blockquote", 1).map = [start, state.line]
        state.md.block.parse(_set_fences_apart(text), state.md, {**state.env, "quoted": True}, state.tokens)
        state.push("blockquote_close", "blockquote", -1)
    return True


def _heading(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`#`, `##`, `###`, and `-#`, the small text under something."""
    match = _HEADING.fullmatch(state.getLines(start, start + 1, state.blkIndent, keepLastLF=False))
    if match is None:
        return False
    if not silent:
        state.line = start + 1
        tag = "small" if match.group(1) == "-#" else f"h{len(match.group(1))}"
        _push_inline(state, "heading", tag, match.group(2).rstrip(), start)
    return True


def _list(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """CommonMark's list, but only with Discord's marks: `-`, `*` and `1.`."""
    if not _LIST_MARK.match(state.src, state.bMarks[start] + state.tShift[start], state.eMarks[start]):
        return False
    return list_block(state, start, end, silent)


def _paragraph(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Lines up to the next other block. Outside lists empty lines are part of it: Discord shows each of them."""
    terminators = state.md.block.ruler.getRules("paragraph")
    parent, state.parentType = state.parentType, "paragraph"
    line = start + 1
    while line < end and state.sCount[line] >= state.blkIndent:
        if state.isEmpty(line) and state.blkIndent:
            break
        if not state.isEmpty(line) and any(rule(state, line, end, True) for rule in terminators):
            break
        line += 1
    state.line = line
    content = state.getLines(start, line, state.blkIndent, keepLastLF=False).strip()
    _push_inline(state, "paragraph", "p", content, start)
    state.parentType = parent
    return True


def _push_inline(state: StateBlock, kind: str, tag: str, content: str, start: int) -> None:
    state.push(f"{kind}_open", tag, 1).map = [start, state.line]
    token = state.push("inline", "", 0)
    token.content = content
    token.children = []
    state.push(f"{kind}_close", tag, -1)


def _set_apart(state: StateCore) -> None:
    """Mark each block that an empty line stands before: Discord shows that line, the page leaves room for it."""
    lines = state.src.split("\n")
    depth = 0
    for token in state.tokens:
        if depth == 0 and token.map and 0 < token.map[0] <= len(lines) and not lines[token.map[0] - 1].strip():
            token.attrJoin("class", "apart")
        depth += token.nesting


# --- within a line ----------------------------------------------------------------------------------------------------


def _spoiler(state: StateInline, silent: bool) -> bool:
    match = _SPOILER.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        end = state.posMax
        state.push("spoiler_open", "span", 1)
        state.pos, state.posMax = match.span(1)
        state.md.inline.tokenize(state)
        state.posMax = end
        state.push("spoiler_close", "span", -1)
    state.pos = match.end()
    return True


def _mention(state: StateInline, silent: bool) -> bool:
    match = _MENTION.match(state.src, state.pos, state.posMax)
    if match is None or match.lastgroup is None:
        return False
    if not silent:
        token = state.push("mention", "", 0)
        token.info = "time" if match.lastgroup == "style" else match.lastgroup
        token.content = match[token.info]
        token.meta = {"style": match["style"] or "f", "source": match.group()}
    state.pos = match.end()
    return True


def _everyone(state: StateInline, silent: bool) -> bool:
    match = _EVERYONE.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        token = state.push("mention", "", 0)
        token.info, token.content = "everyone", match.group()
    state.pos = match.end()
    return True


def _bare_link(state: StateInline, silent: bool) -> bool:
    """`https://…` in the running text; the scheme was already taken for text when its colon is met."""
    scheme = _SCHEME_BEHIND.search(state.pending)
    if state.linkLevel or scheme is None:
        return False
    start = state.pos - len(scheme.group())
    match = _URL.match(state.src, start, state.posMax)
    if match is None:
        return False
    url = match.group()
    while url.endswith(")") and url.count(")") > url.count("("):
        url = url[:-1]
    target = state.md.normalizeLink(url)
    if not _is_web_address(target):
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme.group())]
        state.push("link_open", "a", 1).attrSet("href", target)
        state.push("text", "", 0).content = url
        state.push("link_close", "a", -1)
    state.pos = start + len(url)
    return True


def _is_web_address(url: str) -> bool:
    return re.match(r"https?://[^/]", url, re.IGNORECASE) is not None


# --- HTML -------------------------------------------------------------------------------------------------------------


class _Renderer(RendererHTML):
    def strong_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "<u>" if tokens[idx].markup == "__" else "<strong>"

    def strong_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "</u>" if tokens[idx].markup == "__" else "</strong>"

    def spoiler_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return '<span class="spoiler" role="button" tabindex="0" aria-label="Spoiler"><span class="spoiled">'

    def spoiler_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "</span></span>"

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        tokens[idx].attrSet("target", "_blank")
        tokens[idx].attrSet("rel", "noopener noreferrer")
        return self.renderToken(tokens, idx, options, env)

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        if token.info:
            token.attrSet("data-language", token.info)
        code = token.content.removesuffix("\n")
        shown = coloured(code, token.info) if token.info else escapeHtml(code)
        return f"<pre{self.renderAttrs(token)}><code>{shown}</code></pre>\n"

    def mention(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        return _mention_html(token.info, token.content, token.meta, env["names"])


def _mention_html(kind: str, value: str, meta: dict[str, Any], names: Names) -> str:
    if kind == "user":
        name = names.user_name(value)
        return f'<span class="mention" data-user="{value}">@{escapeHtml(name or "unknown-user")}</span>'
    if kind == "role":
        name = names.role_name(value)
        return f'<span class="mention" data-role="{value}">@{escapeHtml(name or "unknown-role")}</span>'
    if kind == "channel":
        name = names.channel_name(value)
        if name is None:
            return '<span class="mention"># unknown</span>'
        return f'<a class="mention" href="#{value}" data-channel="{value}">#{escapeHtml(name)}</a>'
    if kind == "time":
        return _time_html(int(value), meta)
    shown = {"command": f"/{value}", "emoji": f":{value}:"}.get(kind, value)
    return f'<span class="{"emoji" if kind == "emoji" else "mention"}">{escapeHtml(shown)}</span>'


def _time_html(seconds: int, meta: dict[str, Any]) -> str:
    """A moment; the page shows it in the reader's own time zone, and without the page it is in UTC."""
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return escapeHtml(meta["source"])
    iso = moment.isoformat().replace("+00:00", "Z")
    return f'<time datetime="{iso}" data-style="{meta["style"]}">{moment:%Y-%m-%d %H:%M} UTC</time>'


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"breaks": True, "html": False}, renderer_cls=_Renderer)
    parser.enable(["newline", "escape", "backticks", "strikethrough", "emphasis", "link", "autolink"])
    parser.enable(["fence", "blockquote", "heading", "list"])
    parser.core.ruler.after("normalize", "fences_apart", _fences_apart)
    parser.core.ruler.after("block", "set_apart", _set_apart)
    everywhere: RuleOptionsType = {"alt": ["paragraph", "list"]}
    parser.block.ruler.at("fence", _fence, everywhere)
    parser.block.ruler.at("blockquote", _quote, everywhere)
    parser.block.ruler.at("heading", _heading, everywhere)
    parser.block.ruler.at("list", _list, {"alt": ["paragraph"]})
    parser.block.ruler.at("paragraph", _paragraph)
    parser.inline.ruler.before("escape", "mention", _mention)
    parser.inline.ruler.before("escape", "everyone", _everyone)
    parser.inline.ruler.before("escape", "spoiler", _spoiler)
    parser.inline.ruler.before("escape", "bare_link", _bare_link)
    parser.inline.add_terminator_char("|")
    parser.validateLink = _is_web_address  # type: ignore[method-assign]
    return parser


_PARSER = _make_parser()
