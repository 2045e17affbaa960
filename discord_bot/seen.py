"""Where an answer comes from, in sentences: what "What did you see?" says. Messages are links, and nobody's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import discord

from discord_bot.bindings import plain
from discord_bot.sentences import SAID, Language, Sentences
from discord_bot.sight import TOO_LARGE, UNREACHABLE, UNREADABLE

if TYPE_CHECKING:
    from discord_bot.chat.lore.activation import Cause
    from discord_bot.chat.provenance import Provenance

MOST_LISTED: Final = 10
"""Links, or entries of a book, that are listed each for itself; of more, it is said how many."""
LONGEST_KEY: Final = 60
"""Characters of a key; a regular expression may be a page long."""

Link = Callable[[int], str]
"""A message's id -> its address in Discord."""

SEEN: Final = Sentences(
    {
        "heading": ("**What this answer was made from**", "**这个回答是根据什么写的**"),
        "persona": ("**{name}** answered: {why}.", "由 **{name}** 回答：{why}。"),
        "why_added": ("it was added here, and was spoken to", "它是添加到这里的，并且被叫到了"),
        "apart": ("The question was asked by a command.", "问题是用命令提的。"),
        "read_one": ("Read: [one message]({first}).", "读了：[一条消息]({first})。"),
        "read": (
            "Read: {count} messages, from [this one]({first}) to [this one]({last}).",
            "读了：{count} 条消息，从[这条]({first})到[这条]({last})。",
        ),
        "alone": (
            "Of all that was said here, only the asker's messages count, and the answers to them.",
            "这里说的话中，只算提问者的消息和对它们的回答。",
        ),
        "quoted": ("Also what some of them reply to: {links}.", "还有其中一些所回复的消息：{links}。"),
        "quoted_more": ("{links} and {count} more", "{links}，另外还有 {count} 条"),
        "left_out_one": (
            "Left out: [one older message]({first}), for want of room.",
            "没有读：[一条更早的消息]({first})，因为放不下。",
        ),
        "left_out": (
            "Left out: {count} older messages, from [this one]({first}) to [this one]({last}), for want of room.",
            "没有读：{count} 条更早的消息，从[这条]({first})到[这条]({last})，因为放不下。",
        ),
        "heard_only": (
            "Not read: what was written here before the bot heard of it. It lacks the permission “Read Message "
            "History”, or there was no time for that.",
            "没有读：机器人听到之前这里写的内容，因为它没有“读取消息历史”权限，或者当时来不及读。",
        ),
        "summary": (
            "Of older messages it read a summary, which the model had made before.",
            "更早的消息它只读了模型之前写的总结。",
        ),
        "forgotten": (
            "What was written before {time} does not count: the conversation started afresh then.",
            "{time} 之前写的不算：对话从那时重新开始。",
        ),
        "refused": (
            "A first prompt, of about {tokens} tokens, was too long for the model's server; so it was sent less.",
            "先发的提示约有 {tokens} 个 token，对模型服务器来说太长了，所以减少后又问了一次。",
        ),
        "examples": (
            "Left out: examples of how **{name}** speaks, for want of room.",
            "没有读：**{name}** 说话方式的一些示例，因为放不下。",
        ),
        "lore": ("Lore that came to mind:", "想起的世界书条目："),
        "lore_always": ("“{name}”, as always", "“{name}”，总是在"),
        "lore_said": ("“{name}”, because of `{key}`", "“{name}”，因为提到了 `{key}`"),
        "lore_earlier": ("“{name}”, because of `{key}` earlier", "“{name}”，因为之前提到了 `{key}`"),
        "lore_woken": (
            "“{name}”, because other lore speaks of `{key}`",
            "“{name}”，因为别的条目里提到了 `{key}`",
        ),
        "lore_left_out": ("“{name}”: left out, for want of room", "“{name}”：没有读，因为放不下"),
        "lore_more": ("and {count} more", "另外还有 {count} 条"),
        "pictures": ("Pictures that the model was shown: {count}.", "给模型看的图片：{count} 张。"),
        "pictures_blind": (
            "Pictures: {count}, of which this model was told only the names, because it can't see any.",
            "图片：{count} 张，这个模型看不了图片，只知道它们的名字。",
        ),
        "pictures_old": (
            "Pictures that were left out because there are newer ones: {count}.",
            "因有更新的而没看的图片：{count} 张。",
        ),
        "pictures_too_large": ("Pictures that were too large: {count}.", "太大的图片：{count} 张。"),
        "pictures_unreadable": ("Pictures that could not be read: {count}.", "读不了的图片：{count} 张。"),
        "pictures_unreachable": ("Pictures that could not be loaded: {count}.", "没能加载的图片：{count} 张。"),
        "files_whole": ("Files that were read: {count}.", "读了的文件：{count} 个。"),
        "files_cut": (
            "Files of which only the beginning was read, for want of room: {count}.",
            "只读了开头的文件，因为放不下：{count} 个。",
        ),
        "files_unread": (
            "Files of which the model was told only the names: {count}.",
            "模型只知道名字、没有读的文件：{count} 个。",
        ),
        "model": ("Model: **{name}**.", "模型：**{name}**。"),
        "model_served": (
            "Model: **{name}**, which its server calls **{served}**.",
            "模型：**{name}**，服务器称它为 **{served}**。",
        ),
        "fallback": ("Asked first, and could not answer now: {names}.", "先问过、但当时不能回答的：{names}。"),
        "retries": (
            "Because it failed at first, it was asked again; tries beside the last one: {count}.",
            "它起初失败了，所以又问了它；在最后一次之前试了 {count} 次。",
        ),
        "otherwise": (
            "Because the model refused something of the question's form, it was put otherwise: `{dialect}`.",
            "因为模型不接受提问的某种形式，所以换了方式：`{dialect}`。",
        ),
        "prompt": (
            "Prompt: {count} tokens (estimated: {estimate}; room for {budget}).",
            "提示：{count} 个 token（估计 {estimate} 个，最多 {budget} 个）。",
        ),
        "prompt_cached": (
            "Prompt: {count} tokens, {cached} of them cached (estimated: {estimate}; room for {budget}).",
            "提示：{count} 个 token，其中 {cached} 个来自缓存（估计 {estimate} 个，最多 {budget} 个）。",
        ),
        "prompt_uncounted": (
            "Prompt: about {estimate} tokens, which the server has not counted (room for {budget}).",
            "提示：约 {estimate} 个 token，服务器没有给出数目（最多 {budget} 个）。",
        ),
        "completion": ("Answer: {count} tokens.", "回答：{count} 个 token。"),
        "completion_thought": (
            "Answer: {count} tokens, {thought} of them thoughts.",
            "回答：{count} 个 token，其中 {thought} 个是思考。",
        ),
        "goes_on": (
            "This is about the part that was added when the answer went on.",
            "以上是继续回答时加上的那部分。",
        ),
        "time": ("First words after {first} s, over after {whole} s.", "{first} 秒后开始回答，{whole} 秒后结束。"),
        "time_growing": ("It is still being written.", "还在写。"),
        "time_none": ("No word came, within {whole} s.", "{whole} 秒内没有收到任何内容。"),
        "failed": (
            "It is not whole: something failed. What that was stands in the answer.",
            "它不完整，因为出了错；是什么错，写在回答里。",
        ),
        "kept": (
            "-# This is known of the last {count} answers at most, in memory, until the bot is restarted.",
            "-# 这些内容最多保留最近 {count} 个回答的，只在内存里，机器人重启后就没有了。",
        ),
        "unknown": (
            "I don't know what this was made from. That is kept of the last {count} answers at most, in memory, and is "
            "gone when the bot is restarted; and what no model has written, such as a greeting, was made from nothing.",
            "我不知道这是根据什么写的。这些内容最多保留最近 {count} 个回答的，只在内存里，机器人重启后就没有了；"
            "不是模型写的（例如开场白），就没有什么可说的。",
        ),
        "not_mine": (
            "This is no answer of the bot's. Choose one of its answers.",
            "这不是机器人的回答，请选它的一个回答。",
        ),
        "not_yours": (
            "Only who asked, and those with the permission “Manage Messages”, can see what an answer was made from.",
            "只有提问的人和有“管理消息”权限的人可以看回答是根据什么写的。",
        ),
    }
)
"""What is said about where an answer comes from."""


def account(provenance: Provenance, link: Link, language: Language) -> list[str]:
    """An answer's provenance as lines of Markdown: who and with what, what was left out, what it took."""
    lines = [*_persona(provenance, language), *_messages(provenance, link, language)]
    lines += [*_pictures(provenance, language), *_files(provenance, language)]
    lines += [*_model(provenance, language), *_numbers(provenance, language)]
    return [*(f"- {line}" if not line.startswith(" ") else line for line in lines)]


def _persona(known: Provenance, language: Language) -> Iterator[str]:
    if known.setting == "added":
        why = SEEN.say("why_added", language)
    else:
        why = SAID.say(f"why_{known.setting}", language, gone=plain(known.gone or ""))
    yield SEEN.say("persona", language, name=plain(known.persona), why=why)


def _messages(known: Provenance, link: Link, language: Language) -> Iterator[str]:
    sources = known.sources
    if known.apart:
        yield SEEN.say("apart", language)
    yield from _stretch("read", sources.included, link, language)
    if known.alone:
        yield SEEN.say("alone", language)
    if sources.quoted:
        links = " ".join(f"[{number}]({link(each)})" for number, each in enumerate(sources.quoted[:MOST_LISTED], 1))
        if (more := len(sources.quoted) - MOST_LISTED) > 0:
            links = SEEN.say("quoted_more", language, links=links, count=more)
        yield SEEN.say("quoted", language, links=links)
    yield from _stretch("left_out", sources.left_out, link, language)
    if known.heard_only:
        yield SEEN.say("heard_only", language)
    if sources.with_summary:
        yield SEEN.say("summary", language)
    if known.forgotten_up_to is not None:
        time = discord.utils.format_dt(discord.utils.snowflake_time(known.forgotten_up_to))
        yield SEEN.say("forgotten", language, time=time)
    if known.refused is not None:
        yield SEEN.say("refused", language, tokens=f"{known.refused:,}")
    if sources.without_examples:
        yield SEEN.say("examples", language, name=plain(known.persona))
    yield from _lore(known, language)


def _stretch(key: str, ids: Sequence[int], link: Link, language: Language) -> Iterator[str]:
    """Messages that stand one below the other, by the first and the last of them."""
    if ids:
        key = f"{key}_one" if len(ids) == 1 else key
        yield SEEN.say(key, language, count=f"{len(ids):,}", first=link(ids[0]), last=link(ids[-1]))


def _lore(known: Provenance, language: Language) -> Iterator[str]:
    sources = known.sources
    entries = [_recalled(each.name, each.cause, language) for each in sources.lore]
    entries += [SEEN.say("lore_left_out", language, name=plain(name)) for name in sources.lore_left_out]
    if not entries:
        return
    yield SEEN.say("lore", language)
    yield from (f"  - {each}" for each in entries[:MOST_LISTED])
    if (more := len(entries) - MOST_LISTED) > 0:
        yield f"  - {SEEN.say('lore_more', language, count=more)}"


def _recalled(name: str, cause: Cause, language: Language) -> str:
    return SEEN.say(f"lore_{cause.way}", language, name=plain(name), key=_code(cause.key))


def _code(text: str) -> str:
    """Somebody's text between backticks: on one line, not too long, and without a backtick that would end it."""
    line = " ".join(text.split()).replace("`", "'")
    return line if len(line) <= LONGEST_KEY else f"{line[:LONGEST_KEY]}…"


_NOTES: Final = {
    None: "pictures", "": "pictures_old", TOO_LARGE: "pictures_too_large", UNREADABLE: "pictures_unreadable",
    UNREACHABLE: "pictures_unreachable",
}  # fmt: skip
"""What the model was told in a picture's place -> the sentence about it."""


def _pictures(known: Provenance, language: Language) -> Iterator[str]:
    pictures = known.sources.pictures
    if pictures and known.blind:
        yield SEEN.say("pictures_blind", language, count=len(pictures))
        return
    counts = Counter(each.note for each in pictures)
    for note, key in _NOTES.items():
        if counts[note]:
            yield SEEN.say(key, language, count=counts[note])


def _files(known: Provenance, language: Language) -> Iterator[str]:
    counts = Counter(each.state for each in known.sources.files)
    for state in ("whole", "cut", "unread"):
        if counts[state]:
            yield SEEN.say(f"files_{state}", language, count=counts[state])


def _model(known: Provenance, language: Language) -> Iterator[str]:
    name, course = known.answered_by or known.model, known.course
    served = known.served_as
    if served is None or name.endswith(served):
        yield SEEN.say("model", language, name=plain(name))
    else:
        yield SEEN.say("model_served", language, name=plain(name), served=plain(served))
    if course.failed:
        yield SEEN.say("fallback", language, names=", ".join(f"**{plain(each)}**" for each, _ in course.failed))
    if course.retries:
        yield SEEN.say("retries", language, count=course.retries)
    if course.otherwise:
        yield SEEN.say("otherwise", language, dialect=_code(course.dialect.written()))


def _numbers(known: Provenance, language: Language) -> Iterator[str]:
    usage, estimate, budget = known.usage, f"{known.estimate:,}", f"{known.budget:,}"
    if usage.prompt:
        facts = {"count": f"{usage.prompt:,}", "cached": f"{usage.cached:,}", "estimate": estimate, "budget": budget}
        yield SEEN.say("prompt_cached" if usage.cached else "prompt", language, **facts)
    else:
        yield SEEN.say("prompt_uncounted", language, estimate=estimate, budget=budget)
    if usage.completion:
        key = "completion_thought" if usage.reasoning else "completion"
        yield SEEN.say(key, language, count=f"{usage.completion:,}", thought=f"{usage.reasoning:,}")
    if known.whole is None:
        yield SEEN.say("time_growing", language)
    elif known.first_token is None:
        yield SEEN.say("time_none", language, whole=_seconds(known.whole))
    else:
        yield SEEN.say("time", language, first=_seconds(known.first_token), whole=_seconds(known.whole))
    if known.failure is not None:
        yield SEEN.say("failed", language)
    if known.goes_on:
        yield SEEN.say("goes_on", language)


def _seconds(seconds: float) -> str:
    """Seconds as people compare them: a tenth is enough above one."""
    return f"{seconds:.1f}" if seconds >= 1 else f"{seconds:.2f}"
