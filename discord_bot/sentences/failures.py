"""What a failure means, to people and to whoever runs the bot. An exception's sentence bears its class's name."""

from __future__ import annotations

import math

from discord_bot.errors import CompletionError, RateLimited
from discord_bot.sentences.table import Language, Sentences

QUOTED = 300
"""Characters of somebody else's words that are repeated."""

WORTH_SAYING = 5.0
"""Seconds from which it is said how long to wait; nobody types faster than that."""
UNITS = (("hours", 3600), ("minutes", 60), ("seconds", 1))

FAILURES = Sentences(
    {
        "RateLimited": (
            "The model is being asked too much right now. Please try again in a little while.",
            "模型现在请求过多，请过一会儿再试。",
        ),
        "RateLimited.wait": (
            "The model is being asked too much right now. Please try again in {wait}.",
            "模型现在请求过多，请在{wait}后再试。",
        ),
        "seconds": ("{count} seconds", " {count} 秒"),
        "minutes": ("{count} minutes", " {count} 分钟"),
        "hours": ("{count} hours", " {count} 小时"),
        "QuotaExceeded": (
            "The credit for this model is used up. Please tell whoever runs this bot.",
            "这个模型的额度已经用完，请告诉管理这个机器人的人。",
        ),
        "Unauthorized": (
            "The model's server does not accept the bot's key. Please tell whoever runs this bot.",
            "模型服务器不接受机器人的密钥，请告诉管理这个机器人的人。",
        ),
        "NotFound": (
            "The model's server does not know this model. Please tell whoever runs this bot.",
            "模型服务器找不到这个模型，请告诉管理这个机器人的人。",
        ),
        "ContextLengthExceeded": (
            "This conversation has become too long for the model. `/forget` starts it afresh.",
            "这段对话对模型来说太长了，用 `/forget` 可以重新开始。",
        ),
        "BadRequest": (
            "The model's server did not accept the question in this form. Please tell whoever runs this bot.",
            "模型服务器没有接受这样的提问，请告诉管理这个机器人的人。",
        ),
        "ContentFiltered": (
            "The model's provider declined to answer this.",
            "模型的提供方拒绝回答这个问题。",
        ),
        "Unreachable": (
            "The model's server can't be reached right now. Please try again in a little while.",
            "现在连不上模型服务器，请过一会儿再试。",
        ),
        "ServerError": (
            "The model's server has a problem right now. Please try again in a little while.",
            "模型服务器出了点问题，请过一会儿再试。",
        ),
        "CompletionTimeout": (
            "The model took too long. Please try again.",
            "模型太久没有回应，请再试一次。",
        ),
        "StreamInterrupted": (
            "The answer broke off before its end. Please ask again.",
            "回答中途断了，请再问一次。",
        ),
        "StoreError": (
            "The bot can't read its own database right now. Please tell whoever runs this bot.",
            "机器人现在读不了自己的数据库，请告诉管理这个机器人的人。",
        ),
        "CommandNotFound": (
            "The bot has changed and no longer knows this command. Reload Discord, and it shows the new ones.",
            "机器人已经更新，不再有这个命令。重新加载 Discord 就能看到新的命令。",
        ),
        "CancelledError": (
            "The bot is being restarted, so this answer was interrupted. Please ask again in a minute.",
            "机器人正在重启，这个回答被中断了，请一分钟后再问。",
        ),
        "restarting": (
            "The bot is being restarted. Please try again in a minute.",
            "机器人正在重启，请一分钟后再试。",
        ),
        "discord_trouble": (
            "Discord had trouble just now, and this could not be finished. Please try again.",
            "刚才 Discord 出了点问题，没能完成。请再试一次。",
        ),
        "Exception": (
            "Something went wrong here, and it has been written to the log. Please try again.",
            "这里出了点问题，已经记进日志，请再试一次。",
        ),
        "TextRefused": (
            "Discord did not take this answer, or not all of it: there may be a link in it that Discord blocks.",
            "Discord 没有接受这个回答，或者只接受了一部分：里面可能有被 Discord 屏蔽的链接。",
        ),
        "FilesRefused": (
            "A file belongs here, but the bot may not attach any: it needs the permission to attach files.",
            "这里本来有附件，但机器人不能上传：需要“添加文件”权限。",
        ),
    }
)
"""What a failure means to people in Discord."""

FOR_OWNERS = Sentences(
    {
        "said": ("{sentence} It says: {words}", "{sentence}对方说：{words}"),
        "noticed": ("{sentence} ({words})", "{sentence}（{words}）"),
        "RateLimited": ("Too many requests, or too little credit for them.", "请求过多，或额度不够。"),
        "RateLimited.do": (
            "Try again in a minute. If it stays so, look at the limits and the credit of your account there.",
            "请一分钟后再试。如果一直这样，请查看你在那里的账户限额和余额。",
        ),
        "QuotaExceeded": ("The credit of this account is used up.", "这个账户的额度已用完。"),
        "QuotaExceeded.do": ("Add credit to your account there, or use another provider.", "请充值，或改用其他服务。"),
        "Unauthorized": ("The key is not accepted.", "密钥不被接受。"),
        "Unauthorized.do": (
            "Check the provider's api_key, or the variable that api_key_env names.",
            "请检查该服务的 api_key，或 api_key_env 所指的环境变量。",
        ),
        "NotFound": ("There is no such model, or no such address.", "没有这个模型，或地址不对。"),
        "NotFound.do": (
            "Check the model's name, and that base_url is what stands before /chat/completions, often with /v1.",
            "请检查模型名称，以及 base_url 是否正是 /chat/completions 之前的部分（通常以 /v1 结尾）。",
        ),
        "ContextLengthExceeded": ("The prompt is longer than the model can read.", "提示超过了模型能读的长度。"),
        "ContextLengthExceeded.do": (
            "Lower conversation.max_tokens, or set the model's context_length.",
            "请降低 conversation.max_tokens，或设置该模型的 context_length。",
        ),
        "BadRequest": ("The request is not accepted as it is.", "请求不被接受。"),
        "BadRequest.do": (
            "Look at the model's parameters in config.yaml, and at extra_body and extra_query.",
            "请检查 config.yaml 中该模型的参数，以及 extra_body 和 extra_query。",
        ),
        "ContentFiltered": ("The provider's filter refused this.", "被服务方的内容过滤拒绝。"),
        "ContentFiltered.do": ("Ask something else, or use another model.", "请换个问题，或换个模型。"),
        "Unreachable": ("No connection.", "无法连接。"),
        "Unreachable.do": (
            "Check base_url and the network. Behind a proxy, set HTTPS_PROXY or the provider's proxy.",
            "请检查 base_url 和网络。如果需要代理，请设置 HTTPS_PROXY 或该服务的 proxy。",
        ),
        "ServerError": ("The server has a problem.", "服务器出了问题。"),
        "ServerError.do": (
            "Try again in a few minutes; if it stays so, check base_url.",
            "请几分钟后再试；如果一直这样，请检查 base_url。",
        ),
        "CompletionTimeout": ("No answer in time.", "没有及时回答。"),
        "CompletionTimeout.do": (
            "A local model may still be loading: try again, or raise the provider's timeouts.first_token.",
            "本地模型可能还在加载：请再试，或调大该服务的 timeouts.first_token。",
        ),
        "StreamInterrupted": ("The answer broke off before its end.", "回答中途断了。"),
        "StreamInterrupted.do": (
            "Try again; a proxy on the way may cut long answers.",
            "请再试；途中的代理可能会切断较长的回答。",
        ),
        "CompletionError": ("There was no whole answer.", "没有得到完整的回答。"),
        "CompletionError.do": ("Try again.", "请再试。"),
    }
)
"""What a failure of the model's means to whoever runs the bot, and with `.do`, what to do about it; under its class's
name. It is said in the log and in the terminal, never in Discord.
"""


def explain(error: BaseException, language: Language) -> str:
    """The one plain sentence for an exception: that of its class, or of the nearest class above it.

    Where discord.py has an exception of the same name, it is another one.
    """
    if isinstance(error, RateLimited) and (error.retry_after or 0) >= WORTH_SAYING:
        return FAILURES.say("RateLimited.wait", language, wait=_in_words(error.retry_after or 0, language))
    kinds = (kind for kind in type(error).__mro__ if kind.__module__ != "discord.errors")
    return FAILURES.say(next(kind.__name__ for kind in kinds if kind.__name__ in FAILURES), language)


def _in_words(seconds: float, language: Language) -> str:
    """A time to wait, in a unit of which there are at least two."""
    unit, size = next(((unit, size) for unit, size in UNITS if seconds > 1.5 * size), ("seconds", 1))
    return FAILURES.say(unit, language, count=math.ceil(seconds / size))


def explain_to_owner(error: CompletionError, language: Language) -> tuple[str, str]:
    """A failure's sentence for whoever runs the bot, with the provider's own words, shortened; and what to do."""
    key = next(kind.__name__ for kind in type(error).__mro__ if kind.__name__ in FOR_OWNERS)
    sentence = FOR_OWNERS.say(key, language)
    if words := in_one_line(error.message):
        whose = "noticed" if error.status is None else "said"  # without a status nobody answered, so the words are ours
        sentence = FOR_OWNERS.say(whose, language, sentence=sentence, words=words)
    return sentence, FOR_OWNERS.say(f"{key}.do", language)


def in_one_line(text: str) -> str:
    """Somebody else's words: printable, on one line, not too many, and without the full stop that we set."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    words = " ".join(printable.split()).rstrip(".")
    return words if len(words) <= QUOTED else f"{words[:QUOTED]}…"
