"""Everything that the playground's own side says to whoever has the page open, in English and in Chinese, in one table.

What the page itself says stands in `page/js/words.js`, what Discord says in world/refusals.py: only those of Discord's
refusals have a sentence here that a person is likely to meet.
"""

from __future__ import annotations

import re
from typing import Final

from discord_bot.errors import CardRefused, CompletionError, PersonaError, StoreError
from discord_bot.sentences import Language, Sentences, explain_to_owner, language_of
from discord_bot.sentences import explain as explain_to_people
from discord_bot.sentences.cards import refusal
from discord_bot.simulator.world.refusals import Because, Refusal

__all__ = ["SENTENCES", "Language", "NotUnderstoodError", "explain", "language_of", "say"]

SENTENCES = Sentences(
    {
        # ---- what Discord refuses ------------------------------------------------------------------------------------
        Because.MISSING_ACCESS.name: ("You can't see this channel.", "你看不到这个频道。"),
        Because.MISSING_PERMISSIONS.name: (
            "You don't have the permission for this here.",
            "你在这里没有做这件事的权限。",
        ),
        Because.EMPTY_MESSAGE.name: ("There is nothing in this message.", "这条消息是空的。"),
        Because.NOT_THE_AUTHOR.name: ("Only its author can change a message.", "只有作者本人能修改消息。"),
        Because.UNKNOWN_MESSAGE.name: ("This message is not there any more.", "这条消息已经不在了。"),
        Because.UNKNOWN_CHANNEL.name: ("This channel is not there any more.", "这个频道已经不在了。"),
        Because.UNKNOWN_COMMAND.name: ("The bot does not know this command any more.", "机器人已经没有这个命令了。"),
        Because.UNKNOWN_INTERACTION.name: ("This is over; start it again.", "这次操作已经结束，请重新开始。"),
        Because.CANNOT_MESSAGE_USER.name: ("You can't write to this user.", "你不能给这个用户发消息。"),
        Because.THREAD_EXISTS.name: ("This message has a thread already.", "这条消息已经有子区了。"),
        Because.THREAD_LOCKED.name: ("This thread is locked.", "这个子区已锁定。"),
        Because.SLOW_MODE.name: (
            "This channel is slow: wait a little before you write again.",
            "这个频道开启了慢速模式，请稍等再发。",
        ),
        Because.TOO_LARGE.name: (
            "This file is too large for Discord: 10 MiB at most.",
            "文件太大，Discord 最多接受 10 MiB。",
        ),
        "BASE_TYPE_MAX_LENGTH": (
            "Too long, or too many: Discord takes {limit} at most.",
            "太长或太多：Discord 最多接受 {limit}。",
        ),
        # ---- what was typed ------------------------------------------------------------------------------------------
        "no-such-command": (
            "There is no such command. There are: {commands}.",
            "没有这个命令。可用的命令：{commands}。",
        ),
        "no-more-files": ("/{command} takes no more files.", "/{command} 不再需要更多文件。"),
        "needs": ("/{command} needs “{option}”: {description}", "/{command} 需要“{option}”：{description}"),
        "needs-file": (
            "/{command} needs a file for “{option}”: {description}",
            "/{command} 需要为“{option}”附上一个文件：{description}",
        ),
        "nothing-more": (
            "/{command} takes nothing more than you have given.",
            "/{command} 不需要你给出的这么多内容。",
        ),
        "not-clear": (
            "What belongs to which option is not clear. Name them: /{command} {options}",
            "分不清哪个值属于哪个选项，请写出选项名：/{command} {options}",
        ),
        "one-of": ("“{option}” takes one of: {choices}.", "“{option}”只能是其中之一：{choices}。"),
        "not-here": ("“{option}”: nothing here is called {name}.", "“{option}”：这里没有叫 {name} 的。"),
        "whole-number": ("“{option}” takes a whole number.", "“{option}”需要一个整数。"),
        "number": ("“{option}” takes a number.", "“{option}”需要一个数字。"),
        "yes-or-no": ("“{option}” takes true or false.", "“{option}”需要“是”或“否”。"),
        "file-not-whole": (
            "A file did not arrive whole; attach it again.",
            "文件没有完整送达，请重新附上。",
        ),
        "not-saved-here": (
            "This file can't be loaded: it was not saved by this playground, or not by this version of it.",
            "这个文件无法载入：它不是由游乐场保存的，或者版本不同。",
        ),
        "no-address": (
            "This is no address of a server, such as https://api.openai.com/v1 or http://localhost:11434/v1.",
            "这不是服务器的地址，例如 https://api.openai.com/v1 或 http://localhost:11434/v1。",
        ),
        "no-model": ("Choose a model, or write its name.", "请选一个模型，或写出它的名字。"),
        "nothing-said": (
            "Nobody has written anything yet: there is nothing to play again.",
            "还没有人写过什么，没有可以重放的内容。",
        ),
        "no-bot": ("No bot was started here.", "这里没有启动机器人。"),
        "not-understood": (
            "The playground did not understand this ({what}).",
            "游乐场没有看懂这个请求（{what}）。",
        ),
        # ---- personas ------------------------------------------------------------------------------------------------
        "needs-name": ("A persona needs a name.", "角色需要一个名字。"),
        "parameters-not-read": (
            "The parameters can't be read: write one a line, such as “temperature: 0.8”.",
            "参数无法读取：请每行写一个，例如“temperature: 0.8”。",
        ),
        "no-config": (
            "The playground runs with the built-in configuration, which isn't yours to change: copy the text into a "
            "config.yaml of your own.",
            "游乐场用的是内置配置，不能修改：请把文本复制到你自己的 config.yaml 中。",
        ),
        "config-not-safe": (
            "{path} is written in a way in which nothing can be put in without touching the rest, so it was left "
            "alone: copy the text, and put it below “personas:”.",
            "{path} 的写法使得无法在不改动其余内容的情况下写入，因此没有动它：请复制文本，放到“personas:”下面。",
        ),
        "config-changed": (
            "{path} was changed just now by somebody else, so it was left alone: try again.",
            "{path} 刚刚被别的程序修改了，因此没有动它：请再试一次。",
        ),
        "config-unwritable": (
            "{path} can't be written ({reason}): copy the text instead.",
            "无法写入 {path}（{reason}）：请改为复制文本。",
        ),
        # ---- what people are -----------------------------------------------------------------------------------------
        "other-bot": ("another bot", "另一个机器人"),
        "owner": ("owner of {guild}", "{guild} 的所有者"),
        "member": ("member", "成员"),
    }
)


say = SENTENCES.say


class NotUnderstoodError(Exception):
    """What was asked for can't be done as it stands; a sentence of the table says why to whoever asked."""

    def __init__(self, key: str, /, **facts: object) -> None:
        super().__init__(say(key, "en", **facts))
        self.key = key
        self.facts = facts

    def sentence(self, language: Language) -> str:
        """The sentence in that language."""
        return say(self.key, language, **self.facts)


EXPLAINED: Final = (NotUnderstoodError, Refusal, CardRefused, PersonaError, CompletionError, StoreError)
"""What a person reads a sentence about, where it keeps their action from being done."""


def explain(
    refused: NotUnderstoodError | Refusal | CardRefused | PersonaError | CompletionError | StoreError,
    language: Language,
) -> str:
    """What a person reads where their action was refused."""
    if isinstance(refused, NotUnderstoodError):
        return refused.sentence(language)
    if isinstance(refused, (CardRefused, PersonaError)):
        return refusal(refused, language)
    if isinstance(refused, StoreError):
        return explain_to_people(refused, language)
    if isinstance(refused, CompletionError):
        return " ".join(explain_to_owner(refused, language))
    if refused.because.name in SENTENCES:
        return say(refused.because.name, language)
    found = _first_error(refused.errors) if refused.errors else None
    if found is None:
        return f"{refused.because.message.rstrip('.')}."
    limit = re.search(r"\d+", found["message"])
    return say(found["code"], language, limit=limit[0]) if limit and found["code"] in SENTENCES else found["message"]


def _first_error(errors: dict[str, object]) -> dict[str, str] | None:
    """The first thing that is wrong in a form, such as a content that is too long: its code, and a message."""
    for key, inside in errors.items():
        if key == "_errors" and isinstance(inside, list):
            return dict(inside[0])
        found = _first_error(inside) if isinstance(inside, dict) else None
        if found:
            return found
    return None
