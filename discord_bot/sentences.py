"""What the bot says to people, in English and in Chinese, in one table; and what a failure means, to whom.

`say(key, language, **facts)` gives the sentence. Rooms that speak to people in the terminal (`check`, `config`) have
their own tables of the same shape, made with the same class.
"""

from __future__ import annotations

import math
from typing import Literal

from discord_bot.errors import CompletionError, RateLimited

QUOTED = 300
"""Characters of somebody else's words that are repeated."""

WORTH_SAYING = 5.0
"""Seconds from which it is said how long to wait; nobody types faster than that."""
UNITS = (("hours", 3600), ("minutes", 60), ("seconds", 1))

Language = Literal["en", "zh"]


class Sentences(dict[str, tuple[str, str]]):
    """Sentences by key, each an English and a Chinese one with the same `{facts}` in them."""

    def say(self, key: str, language: Language, /, **facts: object) -> str:
        """The sentence in that language, with the facts filled in (the facts themselves are never expanded)."""
        english, chinese = self[key]
        return (chinese if language == "zh" else english).format(**facts)


def language_of(locale: str | None) -> Language:
    """The language for a locale such as Discord's `zh-CN` or the terminal's `zh_CN.UTF-8`: Chinese, or else English."""
    return "zh" if locale is not None and locale.lower().startswith("zh") else "en"


SAID = Sentences(
    {
        "FilesRefused": (
            "A file belongs here, but the bot may not attach any: it needs the permission to attach files.",
            "这里本来有附件，但机器人不能上传：需要“添加文件”权限。",
        ),
        # ---- why there is no whole answer ----------------------------------------------------------------------------
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
        "discord_trouble": (
            "Discord had trouble just now, and this could not be finished. Please try again.",
            "刚才 Discord 出了点问题，没能完成。请再试一次。",
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
        "only_reasoning": (
            "The model thought about it and then said nothing. Please ask again, or in other words.",
            "模型想了想，却什么也没说。请再问一次，或者换个说法。",
        ),
        "only_reasoning_length": (
            "The model used up its greatest length with thinking, and nothing was left for an answer. "
            "Please ask for less, or tell whoever runs this bot.",
            "模型把最大长度都用在了思考上，没有留下回答。请问得简单一些，或者告诉管理这个机器人的人。",
        ),
        "answered_by": (
            "`{name}` answered here, because the model that was asked first could not.",
            "最先问的模型没能回答，这里由 `{name}` 回答。",
        ),
        "stopped": (
            "This answer was stopped here.",
            "这个回答在这里被停止了。",
        ),
        "stopped_early": (
            "Stopped before the answer began.",
            "还没开始回答就被停止了。",
        ),
        "out_of_time": (
            "Discord gives an answer to a command 15 minutes, and they are over: the rest is missing. Ask for less, or "
            "mention me in a channel.",
            "Discord 只给命令的回答 15 分钟，时间到了，后面的内容没有了。请问得简单一些，或者在频道里提及我。",
        ),
        "out_of_time_early": (
            "Discord gives an answer to a command 15 minutes, and they were over before it began. Please ask again.",
            "Discord 只给命令的回答 15 分钟，还没开始回答时间就到了，请再问一次。",
        ),
        "no_history": (
            "I may not read what was written here before (Read Message History): I know only what I have heard since.",
            "我没有“读取消息历史”权限，看不到这里以前的消息，只知道我上线之后听到的内容。",
        ),
        # ---- the buttons below a reply -------------------------------------------------------------------------------
        "button_stop": ("Stop", "停止"),
        "button_again": ("Again", "重新回答"),
        "button_continue": ("Continue", "继续"),
        "not_your_reply": (
            "Only who asked, and those with the permission “Manage Messages”, can use these buttons.",
            "只有提问的人和有“管理消息”权限的人可以用这些按钮。",
        ),
        "control_off": (
            "Whoever runs this bot has switched this button off.",
            "管理这个机器人的人关闭了这个按钮。",
        ),
        "control_waits": (
            "Another answer is still being written; this one comes next.",
            "还有一个回答没写完，写完就轮到这个。",
        ),
        "versions_gone": (
            "The earlier answers are not kept any more; only this one is left.",
            "之前的回答已经不再保留，只剩这一个。",
        ),
        "question_gone": (
            "The question to this answer is not there any more.",
            "这个回答对应的提问已经不在了。",
        ),
        "nothing_to_continue": (
            "There is nothing here to go on with.",
            "这里没有可以继续的内容。",
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
        "persona_show_others": (
            "When they are named, these answer here too: {names}.",
            "叫到名字时，这里还有这些角色回答：{names}。",
        ),
        "persona_added": (
            "**{name}** is here too from now on, and answers when it is named.",
            "从现在起，**{name}** 也在这里，叫到名字就回答。",
        ),
        "persona_removed": ("**{name}** does not answer to its name here any more.", "**{name}** 不再在这里应答了。"),
        "persona_removed_nothing": ("**{name}** had not been added there.", "那里本来就没有添加 **{name}**。"),
        "voice_webhook": ("It speaks under its own name and face.", "它用自己的名字和头像说话。"),
        "voice_profile": (
            "It speaks in the bot's profile of this server, which is the same in all channels.",
            "它用机器人在本服务器的个人资料说话，在所有频道都一样。",
        ),
        "voice_plain": ("It speaks as the bot itself.", "它以机器人自己的身份说话。"),
        "voice_lacks_webhooks": (
            "**{name}** speaks as the bot itself: for a name and a face of its own, the bot needs the permission "
            "“Manage Webhooks” here.",
            "**{name}** 以机器人自己的身份说话：要用它自己的名字和头像，机器人在这里需要“管理 Webhook”权限。",
        ),
        "voice_lacks_nickname": (
            "The bot keeps its name here, only its picture and bio are those of **{name}**: to take its name too, it "
            "needs the permission “Change Nickname”.",
            "机器人在这里保留自己的名字，只有头像和简介是 **{name}** 的：要改名字，它需要“更改昵称”权限。",
        ),
        "voice_not_here": (
            "**{name}** speaks as the bot itself: there is no other way in this place.",
            "**{name}** 以机器人自己的身份说话：这里没有别的方式。",
        ),
        "voice_profile_later": (
            "Discord does not let the bot change its profile right now; it wants that rarely. Run this command again "
            "in a few minutes, and **{name}** has it.",
            "Discord 现在不让机器人修改个人资料，它不允许频繁修改。请过几分钟再运行一次这个命令，**{name}** 就会用上。",
        ),
        "persona_list": ("**Personas**", "**角色**"),
        "persona_here_mark": ("← speaks here", "← 在这里说话"),
        # ---- /model --------------------------------------------------------------------------------------------------
        "model_set_here": (
            "**{name}** answers here from now on.",
            "从现在起，**{name}** 在这里回答。",
        ),
        "model_set_server": (
            "**{name}** answers in this server from now on, except where a channel has its own model.",
            "从现在起，**{name}** 在这个服务器里回答；有自己模型的频道除外。",
        ),
        "model_unknown": (
            "There is no model called “{name}”. There are: {names}.",
            "没有叫“{name}”的模型。现有：{names}。",
        ),
        "model_reset_here": (
            "This place has no model of its own any more. **{name}** answers here now.",
            "这里不再有自己的模型，现在由 **{name}** 回答。",
        ),
        "model_reset_server": (
            "This server has no model of its own any more. **{name}** answers here now.",
            "这个服务器不再有自己的模型，现在这里由 **{name}** 回答。",
        ),
        "model_reset_nothing": (
            "Nothing was set there. **{name}** answers here.",
            "那里本来就没有设置。现在这里由 **{name}** 回答。",
        ),
        "model_show": (
            "**{name}** answers here: {why}.",
            "**{name}** 在这里回答：{why}。",
        ),
        "model_known": ("{fact}: {value}", "{fact}：{value}"),
        "model_known_context_length": (
            "It can read {value} tokens, question and answer together.",
            "它最多能读 {value} 个 token，提问和回答合计。",
        ),
        "model_known_most": (
            "It has refused a prompt as too long, and is sent {value} tokens at most since then.",
            "它曾因提示过长而拒绝，此后每次最多发送 {value} 个 token。",
        ),
        "model_known_parameters": ("It is asked with {value}.", "提问时带有参数 {value}。"),
        "model_known_fallback": (
            "Where it can't answer, these are asked, in this order: {value}.",
            "它不能回答时，依次改问：{value}。",
        ),
        "model_known_dialect": ("It wants to be asked in its own way: {value}", "提问时要按它的方式：{value}"),
        "model_list": ("**Models**", "**模型**"),
        "model_here_mark": ("← answers here", "← 在这里回答"),
        # ---- which setting says so, of a persona and of a model ------------------------------------------------------
        "why_here": ("it was set for this place", "这是为这里设置的"),
        "why_parent": ("it was set for the channel of this thread", "这是为本子区所在的频道设置的"),
        "why_opened": ("this thread was opened for that", "这个子区就是为此而开的"),
        "why_guild": ("it was set for the whole server", "这是为整个服务器设置的"),
        "why_persona": ("**{persona}**, who speaks here, brings it along", "在这里说话的 **{persona}** 自带这个模型"),
        "why_default": ("nothing was set, so it is the default", "没有设置，所以用默认的"),
        "why_gone": (
            "“{gone}” was set, but there is none of that name any more, so it is the default",
            "这里设置的是“{gone}”，但它已经没有了，所以用默认的",
        ),
        "default_mark": ("(default)", "（默认）"),
        # ---- /forget -------------------------------------------------------------------------------------------------
        "forgotten": (
            "The conversation starts afresh here. What was written before is no longer read to the model; "
            "nothing was deleted from Discord.",
            "这里的对话重新开始。之前写的内容不会再给模型看；Discord 里的消息没有被删除。",
        ),
        # ---- /channel ------------------------------------------------------------------------------------------------
        "channel_set": ("From now on, here:", "从现在起，这里："),
        "channel_show": ("Here:", "这里："),
        "channel_line": ("- {what} ({why})", "- {what}（{why}）"),
        "channel_set_nothing": (
            "Nothing was chosen. Give at least one of the options, or look at `/channel show`.",
            "什么都没有选。请至少填一个选项，或者看看 `/channel show`。",
        ),
        "channel_reset_nothing": ("Nothing was set here. So:", "这里本来就没有设置。所以："),
        "channel_words_missing": (
            "Which names should the bot hear? Write them into `words`, with commas between them.",
            "机器人要听哪些名字？请写在 `words` 里，用逗号隔开。",
        ),
        "channel_words_refused": (
            "“{words}” can't be listened for: a name has at least two characters, and a pattern between slashes must "
            "be a regular expression.",
            "没法听“{words}”：名字至少要有两个字，斜杠之间的必须是正则表达式。",
        ),
        "channel_answers_mentioned": (
            "The bot answers what mentions it or replies to it.",
            "机器人回答提及它或回复它的消息。",
        ),
        "channel_answers_everything": (
            "The bot answers everything but what is said to somebody else.",
            "机器人回答所有消息，明显对别人说的除外。",
        ),
        "channel_answers_words": (
            "The bot answers what mentions it or replies to it, and what has one of these words: {words}.",
            "机器人回答提及它或回复它的消息，也回答含有这些词的消息：{words}。",
        ),
        "channel_answers_never": (
            "The bot answers nothing, whoever mentions it.",
            "机器人什么都不回答，提及它也一样。",
        ),
        "channel_conversation_shared": (
            "All talk with it together: the model reads what everybody has said.",
            "大家一起和它聊：模型会读到所有人说的话。",
        ),
        "channel_conversation_person": (
            "Each person talks with it alone: the model reads only their own messages and the answers to them.",
            "每个人单独和它聊：模型只读到这个人自己的消息和对它们的回答。",
        ),
        "channel_replies_channel": ("Answers stand in the channel.", "回答写在频道里。"),
        "channel_replies_thread": (
            "Answers stand in a thread that the bot opens at the question; in there it needs no mention.",
            "回答写在机器人为提问开的子区里，在那里不用再提及它。",
        ),
        "channel_lacks_threads": (
            "The bot may not open threads here yet: it needs the permissions “Create Public Threads” and "
            "“Send Messages in Threads”. Until then, answers stand in the channel.",
            "机器人在这里还不能开子区：它需要“创建公共子区”和“在子区内发送消息”权限。在那之前，回答写在频道里。",
        ),
        # ---- questions about a message -------------------------------------------------------------------------------
        "ask_about": ("Ask about this message", "就这条消息提问"),
        "ask_about_question": ("Your question", "你的问题"),
        "ask_about_who": ("Who sees the answer", "谁能看到回答"),
        "ask_about_me": ("Only me", "只有我"),
        "ask_about_everybody": ("Everybody here", "这里的所有人"),
        "ask_about_unread": (
            "Who wrote this message does not want to be read by the bot, so it can't be asked about.",
            "写这条消息的人不想被机器人读取，所以不能就它提问。",
        ),
        "ask_about_nothing": ("There is nothing in this message to read.", "这条消息里没有可以读的内容。"),
        "ask_about_gone": ("This message is not there any more.", "这条消息已经不在了。"),
        # ---- /privacy ------------------------------------------------------------------------------------------------
        "privacy": ("**What is held, and where**", "**保存了什么，在哪里**"),
        "privacy_memory": (
            "In memory: the last messages of each channel that the bot can see, at most {count} of each, with what it "
            "has read of their files, so that it knows what the talk is about, and its latest answers with what they "
            "were made from. What is edited or deleted in Discord is edited or deleted there too, and all of it is "
            "gone when the bot stops.",
            "内存里：机器人能看到的每个频道的最近消息，每个频道最多 {count} 条，连同从附件里读到的文字，"
            "这样它才知道在聊什么；"
            "还有它最近的回答，以及它们是根据什么写的。"
            "在 Discord 里修改或删除的消息，那里也会跟着修改或删除；机器人停止后就全没了。",
        ),
        "privacy_summary": (
            "In memory, too: what the model has summed up of a long conversation, until anything of that is edited, "
            "deleted or forgotten.",
            "内存里还有：模型对较长对话写的总结；其中任何内容被编辑、删除或遗忘后，总结随之消失。",
        ),
        "privacy_disk": (
            "On disk: what was set for channels and servers, up to where `/forget` goes, and ids of those who do not "
            "want to be read. No text of a message is on disk; only personas and their pictures, which people gave "
            "to be kept. What belongs to a server is deleted {days} days after the bot was removed from it.",
            "磁盘上：频道和服务器的设置、`/forget` 到哪里为止，以及不想被读取的人的 ID。"
            "磁盘上没有任何消息的文字；只有角色和它们的图片，那是人们为了保存而写的。"
            "机器人被移出服务器 {days} 天后，属于那个服务器的都会删除。",
        ),
        "privacy_model": (
            "To the model that answers, here **{model}**: with each question, what is remembered of its channel, with "
            "people's names, and the newest pictures and files. Whoever runs this bot has chosen where that model is.",
            "发给回答的模型（这里是 **{model}**）：每次提问时，所在频道里记住的内容，带有人们的名字，"
            "以及最新的图片和文件。模型在哪里由管理这个机器人的人选择。",
        ),
        "privacy_read_on": (
            "You are read like everybody else. With `/privacy read:off`, only what you say to the bot is.",
            "你的消息和大家的一样会被读取。用 `/privacy read:off`，就只读取你对机器人说的话。",
        ),
        "privacy_read_off": (
            "You are not read, but for what you say to the bot. `/privacy read:on` takes that back.",
            "你的消息不会被读取，除了你对机器人说的话。用 `/privacy read:on` 可以撤销。",
        ),
        "privacy_set_off": (
            "From now on, and in all servers, the bot does not read what you say, unless you mention it, reply to it, "
            "or write to it directly. What it remembered beside that is gone.",
            "从现在起，在所有服务器里，机器人不再读取你说的话，除非你提及它、回复它或给它发私信。"
            "除此之外它记住的内容已经清除。",
        ),
        "privacy_set_on": (
            "From now on, the bot reads what you say in the channels that it can see, like what everybody says.",
            "从现在起，机器人会读取你在它能看到的频道里说的话，和大家的一样。",
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


DESCRIBED = Sentences(
    {
        "ask": (
            "Ask something, also where the bot isn't a member; nothing of it is remembered",
            "提问，机器人不在的地方也可以；什么都不会记住",
        ),
        "ask message": ("What to ask", "要问什么"),
        "ask file": ("A picture, a text, code or a PDF to look at", "要看的图片、文本、代码或 PDF"),
        "ask private": ("Whether only you see the answer; no if left out", "是否只有你能看到回答；不填就是所有人"),
        "menu ask": ("Ask about this message", "就这条消息提问"),
        "persona": ("Who speaks here", "谁在这里说话"),
        "persona set": ("Choose who speaks here", "选择由谁在这里说话"),
        "persona set name": ("The persona's name", "角色的名字"),
        "persona set keep": (
            "Whether what was said so far still counts; yes if left out",
            "之前的对话是否继续有效；不填就是继续",
        ),
        "persona set greet": ("Whether it greets; yes if left out", "是否打招呼；不填就打招呼"),
        "persona set voice": (
            "How it speaks: under its own name and face, in the bot's profile, or as the bot",
            "怎样说话：用自己的名字和头像、用机器人的个人资料，或以机器人自己的身份",
        ),
        "persona add": ("Let another persona answer to its name here", "让另一个角色在这里叫到名字就回答"),
        "persona remove": ("Take back what /persona add did", "撤销 /persona add"),
        "persona reset": ("Go back to the persona that speaks here otherwise", "回到原来在这里说话的角色"),
        "persona show": (
            "Who speaks here, and why; or what a persona is",
            "谁在这里说话，为什么；或者某个角色是什么样的",
        ),
        "persona show name": ("A persona's name; if left out, who speaks here", "角色的名字；不填就是在这里说话的"),
        "persona preview": ("An answer that only you see; nothing is remembered", "只有你能看到的回答；什么都不会记住"),
        "persona preview name": ("Who answers", "由谁回答"),
        "persona preview message": ("What it answers to", "它要回应的内容"),
        "persona create": ("Make a persona", "创建角色"),
        "persona create file": (
            "A text (.txt, .md) with its instructions, if they are long",
            "较长的指示可以写在文本文件里（.txt、.md）",
        ),
        "persona edit": ("Change a persona", "修改角色"),
        "persona edit name": ("Which one", "哪一个"),
        "persona edit part": ("What of it; the character if left out", "修改哪一部分；不填就是人物设定"),
        "part character": ("character", "人物设定"),
        "part greetings": ("greetings", "开场白"),
        "part more": ("more", "其他"),
        "part settings": ("settings", "设置"),
        "persona edit file": (
            "Instead of a form: a card, a picture for its face, or a text with its instructions",
            "不用表单，改用文件：角色卡、头像图片，或写有指示的文本",
        ),
        "persona delete": ("Delete a persona; asks first", "删除角色；会先询问"),
        "persona delete name": ("Which one", "哪一个"),
        "persona copy": ("Copy a persona to another server", "把角色复制到另一个服务器"),
        "persona copy name": ("Which one", "哪一个"),
        "persona copy server": (
            "Where to: a server in which you may do this too",
            "复制到哪个服务器；你在那里也要有权限",
        ),
        "persona import": ("Take in a character card", "导入角色卡"),
        "persona import file": ("The card: PNG, JSON or CHARX", "角色卡：PNG、JSON 或 CHARX"),
        "persona import name": ("What to call it, if not as the card does", "另取名字；不填就用卡里的"),
        "persona import replace": ("Whether it may take the place of one of the same name", "是否可以替换同名的角色"),
        "persona export": ("Get a persona as a file", "把角色导出为文件"),
        "persona export name": ("Which one", "哪一个"),
        "persona export format": ("png if left out", "不填就是 png"),
        "persona list": ("All personas there are", "所有的角色"),
        "model": ("Which model answers here", "由哪个模型在这里回答"),
        "model set": ("Choose which model answers here", "选择由哪个模型在这里回答"),
        "model set name": ("The model's name", "模型的名字"),
        "model reset": ("Go back to the model that answers here otherwise", "回到原来在这里回答的模型"),
        "model show": (
            "Which model answers here, why, and what is known of it",
            "哪个模型在这里回答、为什么，以及它的情况",
        ),
        "model list": ("All models there are", "所有的模型"),
        "set where": (
            "Here, or in the whole server; here if left out",
            "这里，或者整个服务器；不填就是这里",
        ),
        "channel": ("Where and how the bot answers", "机器人在哪里、怎样回答"),
        "channel set": ("Choose what it answers here, and how", "选择它在这里回答什么、怎样回答"),
        "channel set answers": ("What it answers here", "它在这里回答什么"),
        "channel set words": (
            "The names that it hears, with commas between them; or /a regular expression/",
            "它会听的名字，用逗号隔开；或者 /正则表达式/",
        ),
        "channel set conversation": ("Who talks with it together", "谁和它一起聊"),
        "channel set replies": ("Where its answers stand", "它的回答写在哪里"),
        "channel answers mentioned": ("mentions and replies", "提及它或回复它的"),
        "channel answers everything": ("everything", "所有消息"),
        "channel answers words": ("mentions, and what has one of the words", "提及它的，和含有指定词的"),
        "channel answers never": ("nothing", "什么都不回答"),
        "channel conversation shared": ("everybody together", "大家一起"),
        "channel conversation person": ("each person alone", "每个人单独"),
        "channel replies channel": ("in the channel", "写在频道里"),
        "channel replies thread": ("in a thread at the question", "写在提问的子区里"),
        "channel reset": ("Take back what was set here", "撤销这里的设置"),
        "channel show": ("Where and how the bot answers here, and why", "机器人在这里怎样回答，为什么"),
        "privacy": (
            "What the bot holds and where, and whether it reads you",
            "机器人保存什么、存在哪里，以及是否读取你",
        ),
        "privacy read": ("Whether it may read what you say to others", "它是否可以读取你对别人说的话"),
        "privacy read on": ("on: read me", "开：读取我的消息"),
        "privacy read off": ("off: don't read me", "关：不要读取我的消息"),
        "menu seen": ("What did you see?", "你看到了什么？"),
        "forget": ("Start the conversation here afresh; nothing is deleted", "这里的对话重新开始；什么都不会删除"),
    }
)
"""What Discord shows of the commands and their options while they are typed."""


def explain(error: BaseException, language: Language) -> str:
    """The one plain sentence for an exception: that of its class, or of the nearest class above it.

    Where discord.py has an exception of the same name, it is another one.
    """
    if isinstance(error, RateLimited) and (error.retry_after or 0) >= WORTH_SAYING:
        return SAID.say("RateLimited.wait", language, wait=_in_words(error.retry_after or 0, language))
    kinds = (kind for kind in type(error).__mro__ if kind.__module__ != "discord.errors")
    return SAID.say(next(kind.__name__ for kind in kinds if kind.__name__ in SAID), language)


def _in_words(seconds: float, language: Language) -> str:
    """A time to wait, in a unit of which there are at least two."""
    unit, size = next(((unit, size) for unit, size in UNITS if seconds > 1.5 * size), ("seconds", 1))
    return SAID.say(unit, language, count=math.ceil(seconds / size))


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
