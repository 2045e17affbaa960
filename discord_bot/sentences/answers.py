"""What is said around an answer: how it ended, on the buttons below it, and where a command asks for one."""

from __future__ import annotations

from discord_bot.sentences.table import Sentences

ANSWERS = Sentences(
    {
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
        "question_unread": (
            "I may not read what was written here before (Read Message History), so I can't find the question again.",
            "我没有“读取消息历史”权限，找不回这个提问了。",
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
    }
)
