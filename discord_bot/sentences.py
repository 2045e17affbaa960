"""What the bot says to people, in English and in Chinese, in one table.

`say(key, language, **facts)` gives the sentence. Rooms that speak to people in the terminal (`check`, `config`) have
their own tables of the same shape, made with the same class.
"""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "zh"]


class Sentences(dict[str, tuple[str, str]]):
    """Sentences by key, each an English and a Chinese one with the same `{facts}` in them."""

    def say(self, key: str, language: Language, **facts: object) -> str:
        """The sentence in that language, with the facts filled in (the facts themselves are never expanded)."""
        english, chinese = self[key]
        return (chinese if language == "zh" else english).format(**facts)


def language_of(locale: str | None) -> Language:
    """The language for a locale such as Discord's `zh-CN` or the terminal's `zh_CN.UTF-8`: Chinese, or else English."""
    return "zh" if locale is not None and locale.lower().startswith("zh") else "en"


SAID = Sentences(
    {
        # ---- why there is no whole answer ----------------------------------------------------------------------------
        "RateLimited": (
            "The model is being asked too much right now. Please try again in a little while.",
            "模型现在请求过多，请过一会儿再试。",
        ),
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
        "Exception": (
            "Something went wrong here, and it has been written to the log. Please try again.",
            "这里出了点问题，已经记进日志，请再试一次。",
        ),
        # ---- how an answer ended -------------------------------------------------------------------------------------
        "length": (
            "The answer reached its greatest length and ends here.",
            "回答达到了最大长度，到此为止。",
        ),
        "content_filter": (
            "The model's provider stopped the answer here.",
            "模型的提供方在这里中止了回答。",
        ),
        "empty": (
            "The model gave an empty answer. Please ask again, or in other words.",
            "模型给了一个空的回答，请再问一次，或者换个说法。",
        ),
        # ---- mentions ------------------------------------------------------------------------------------------------
        "nothing_asked": (
            "You called? Write your question behind the mention.",
            "你叫我吗？请把问题写在提及的后面。",
        ),
        # ---- /persona ------------------------------------------------------------------------------------------------
        "persona_set_here": (
            "**{name}** speaks here from now on.",
            "从现在起，**{name}** 在这里说话。",
        ),
        "persona_set_server": (
            "**{name}** speaks in this server from now on, except where a channel has its own persona.",
            "从现在起，**{name}** 在这个服务器里说话；有自己角色的频道除外。",
        ),
        "persona_unknown": (
            "There is no persona called “{name}”. There are: {names}.",
            "没有叫“{name}”的角色。现有：{names}。",
        ),
        "persona_reset_here": (
            "This place has no persona of its own any more. **{name}** speaks here now.",
            "这里不再有自己的角色，现在由 **{name}** 说话。",
        ),
        "persona_reset_server": (
            "This server has no persona of its own any more. **{name}** speaks here now.",
            "这个服务器不再有自己的角色，现在这里由 **{name}** 说话。",
        ),
        "persona_reset_nothing": (
            "Nothing was set there. **{name}** speaks here.",
            "那里本来就没有设置。现在这里由 **{name}** 说话。",
        ),
        "persona_show": (
            "**{name}** speaks here: {why}.",
            "**{name}** 在这里说话：{why}。",
        ),
        "why_here": ("it was set for this place", "这是为这里设置的"),
        "why_parent": ("it was set for the channel of this thread", "这是为本子区所在的频道设置的"),
        "why_guild": ("it was set for the whole server", "这是为整个服务器设置的"),
        "why_default": ("nothing was set, so it is the default", "没有设置，所以用默认角色"),
        "why_gone": (
            "“{gone}” was set, but there is no such persona any more, so it is the default",
            "这里设置的是“{gone}”，但这个角色已经没有了，所以用默认角色",
        ),
        "persona_list": ("**Personas**", "**角色**"),
        "persona_default": ("(default)", "（默认）"),
        "persona_speaks_here": ("← speaks here", "← 在这里说话"),
        # ---- /forget -------------------------------------------------------------------------------------------------
        "forgotten": (
            "The conversation starts afresh here. What was written before is no longer read to the model; "
            "nothing was deleted from Discord.",
            "这里的对话重新开始。之前写的内容不会再给模型看；Discord 里的消息没有被删除。",
        ),
        # ---- commands that are not for everybody or not for everywhere -----------------------------------------------
        "needs_manage_channels": (
            "For this you need the permission “Manage Channels” here.",
            "这需要你在这里有“管理频道”权限。",
        ),
        "needs_manage_guild": (
            "For this you need the permission “Manage Server”.",
            "这需要你有“管理服务器”权限。",
        ),
        "needs_manage_messages": (
            "For this you need the permission “Manage Messages” here.",
            "这需要你在这里有“管理消息”权限。",
        ),
        "needs_admin": (
            "Only those whom the bot's owner named as admins can do this.",
            "只有机器人主人指定的管理员才能这样做。",
        ),
        "no_server_here": (
            "There is no server here; `where` can only be `here` in a direct message.",
            "这里没有服务器；在私信里 `where` 只能是 `here`。",
        ),
        "not_permitted": (
            "The bot's owner does not allow you, or this channel, to use the bot.",
            "机器人的主人没有允许你或这个频道使用机器人。",
        ),
    }
)
"""What is said in Discord. An exception's sentence stands under its class's name."""


DESCRIBED = Sentences(
    {
        "persona": ("Who speaks here", "谁在这里说话"),
        "persona set": ("Choose who speaks here", "选择由谁在这里说话"),
        "persona set name": ("The persona's name", "角色的名字"),
        "persona set where": (
            "Here, or in the whole server; here if left out",
            "这里，或者整个服务器；不填就是这里",
        ),
        "persona reset": ("Go back to the persona that speaks here otherwise", "回到原来在这里说话的角色"),
        "persona show": ("Who speaks here, and why", "谁在这里说话，为什么"),
        "persona list": ("All personas there are", "所有的角色"),
        "forget": ("Start the conversation here afresh; nothing is deleted", "这里的对话重新开始；什么都不会删除"),
    }
)
"""What Discord shows of the commands and their options while they are typed."""


def explain(error: BaseException, language: Language) -> str:
    """The one plain sentence for an exception: that of its class, or of the nearest class above it."""
    for kind in type(error).__mro__:
        if kind.__name__ in SAID:
            return SAID.say(kind.__name__, language)
    return SAID.say("Exception", language)
