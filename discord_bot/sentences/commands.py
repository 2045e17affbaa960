"""What /model, /channel, /forget and /privacy answer, and what is said to who may not run a command."""

from __future__ import annotations

from discord_bot.sentences.table import Sentences

COMMANDS = Sentences(
    {
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
        "channel_has_no_threads": (
            "No thread can be opened at a message in this place, so answers stand right here.",
            "这里的消息下开不了子区，所以回答就写在这里。",
        ),
        "mute_unseen": (
            "The bot can't see this place, so it answers commands here and nothing else: it needs the permission “View "
            "Channel”.",
            "机器人看不到这里，所以在这里只回应命令：它需要“查看频道”权限。",
        ),
        "mute_forbidden": (
            "The bot may not write here, so it answers commands and nothing else: it needs the permission “Send "
            "Messages”, in threads “Send Messages in Threads”.",
            "机器人不能在这里发言，所以只回应命令：它需要“发送消息”权限，在子区里是“在子区内发送消息”。",
        ),
        "mute_timed_out": (
            "The bot is in time-out in this server, so until that is over it answers commands and nothing else.",
            "机器人在本服务器被禁言了，在那之前只回应命令。",
        ),
        "channel_lacks_threads": (
            "The bot may not open threads here yet: it needs the permissions “Create Public Threads” and "
            "“Send Messages in Threads”. Until then, answers stand in the channel.",
            "机器人在这里还不能开子区：它需要“创建公共子区”和“在子区内发送消息”权限。在那之前，回答写在频道里。",
        ),
        # ---- /privacy ------------------------------------------------------------------------------------------------
        "privacy": ("**What is held, and where**", "**保存了什么，在哪里**"),
        "privacy_memory": (
            "In memory: the last messages of each channel that the bot can see, at most {count} of each, with what it "
            "has read of their files and the pictures that it has seen of late, so that it knows what the talk is "
            "about, and its latest answers with what they were made from. What is edited or deleted in Discord is "
            "edited or deleted there too, and all of it is gone when the bot stops.",
            "内存里：机器人能看到的每个频道的最近消息，每个频道最多 {count} 条，"
            "连同从附件里读到的文字和最近看过的图片，这样它才知道在聊什么；"
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
