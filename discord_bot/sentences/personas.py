"""What is said of personas in Discord: who speaks where and how, in the library, in its forms, and in the list."""

from __future__ import annotations

from discord_bot.sentences.table import Sentences

PERSONAS = Sentences(
    {
        # ---- who speaks here -----------------------------------------------------------------------------------------
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
        "persona_afresh": (
            "The conversation starts afresh.",
            "对话重新开始。",
        ),
        "persona_gone_mark": ("{name} (gone)", "{name}（已不存在）"),
        "level_thread": ("This thread: ", "这个子区："),
        "level_channel": ("This channel: ", "这个频道："),
        "level_parent": ("Its channel: ", "所在频道："),
        "level_dm": ("This conversation: ", "这段私信："),
        "level_guild": ("The server: ", "服务器："),
        "level_default": ("The default: ", "默认："),
        "whose_guild": ("This server's own", "本服务器的角色"),
        "whose_user": ("Your own", "你自己的角色"),
        "whose_owner": ("From the bot's owner", "来自机器人主人的角色库"),
        "whose_folder": ("From the bot's owner", "来自机器人主人的文件夹"),
        "whose_config": ("From the bot's owner", "来自机器人主人的配置"),
        "persona_hides": (
            "stands in the place of one of the owner's with the same name",
            "取代了主人的同名角色",
        ),
        "fact_nickname": ("Called", "称呼"),
        "fact_names": ("Also answers to", "也回应"),
        "fact_creator": ("Made by", "作者"),
        "fact_tags": ("Tags", "标签"),
        "fact_greetings": ("Greetings", "开场白"),
        "fact_lore": ("Lore entries", "世界书条目"),
        "fact_model": ("Model of its own", "自带模型"),
        "fact_parameters": ("Parameters", "参数"),
        "persona_read_only": (
            "**{name}** belongs to the bot's owner and can't be changed here. "
            "`/persona create` makes one of your own, of the same name if you like.",
            "**{name}** 属于机器人的主人，不能在这里修改。用 `/persona create` 可以创建自己的角色，同名也可以。",
        ),
        "persona_private": (
            "**{name}** belongs to the bot's owner, and only they can hand it out.",
            "**{name}** 属于机器人的主人，只有主人能把它交给别人。",
        ),
        "persona_created": ("**{name}** is there now.", "**{name}** 已经创建。"),
        "persona_changed": ("**{name}** is changed.", "**{name}** 已经修改。"),
        "persona_imported": ("**{name}** was imported.", "**{name}** 已经导入。"),
        "persona_exported": ("Here is **{name}**.", "这是 **{name}**。"),
        "persona_copied": (
            "**{name}** is now in {server} too.",
            "**{name}** 现在也在 {server} 里了。",
        ),
        "persona_copy_here": (
            "That is this server. Choose another one.",
            "那就是这个服务器，请选择另一个。",
        ),
        "server_unknown": (
            "There is no server called “{name}” in which both you and the bot may do this. "
            "In the other server you need the same permission as here.",
            "没有叫“{name}”的、你和机器人都能这样做的服务器。你在那个服务器里需要和这里一样的权限。",
        ),
        "persona_delete": (
            "Delete **{name}**? There is no way back; `/persona export` keeps a copy.",
            "要删除 **{name}** 吗？删除后无法恢复；`/persona export` 可以保留一份。",
        ),
        "persona_in_use": (
            "It speaks in {places}; from then on the bot's default speaks there.",
            "它在 {places} 说话；删除后那里由默认角色说话。",
        ),
        "the_server": ("the whole server", "整个服务器"),
        "and_more": ("and {count} more", "以及另外 {count} 处"),
        "button_delete": ("Delete", "删除"),
        "button_keep": ("Keep it", "保留"),
        "persona_deleted": ("**{name}** is deleted.", "**{name}** 已经删除。"),
        "persona_kept": ("**{name}** stays.", "**{name}** 保留了下来。"),
        "button_afresh": ("Start afresh", "重新开始"),
        "button_speak": ("Let it speak here", "让它在这里说话"),
        "button_form_again": ("Open the form again", "重新打开表单"),
        "button_persona_gone": (
            "There is no such persona any more.",
            "这个角色已经不存在了。",
        ),
        "greeting_gone": (
            "There is no such greeting any more.",
            "这个开场白已经不存在了。",
        ),
        "greeting_forbidden": (
            "It would have greeted, but the bot may not write here: it needs the permission to send messages.",
            "它本来要打招呼，但机器人不能在这里发言：需要“发送消息”权限。",
        ),
        "preview_of": ("-# {name}, only for you; nothing of this is remembered", "-# {name}，只有你能看到，不会记住"),
        "preview_busy": (
            "One preview at a time, please: yours is still being written.",
            "请一次预览一个：上一个还没写完。",
        ),
        "preview_empty": ("Write what it should answer to.", "请写下要它回应的内容。"),
        # ---- the form of a persona -----------------------------------------------------------------------------------
        "form_gone": (
            "The bot was started anew, and what was written is no longer there. Please open an empty form.",
            "机器人已经重新启动，写过的内容没有了。请重新打开表单。",
        ),
        "form_create": ("A new persona", "新角色"),
        "form_edit": ("Change a persona", "修改角色"),
        "form_long": (
            "**{label}**: {count} characters, more than a form can hold. It stays as it is; a file can change it.",
            "**{label}**：{count} 个字符，表单放不下，会保持原样；可以用文件修改。",
        ),
        "form_from_file": ("**{label}**: from your file.", "**{label}**：来自你的文件。"),
        "field_name": ("Name", "名字"),
        "field_system_prompt": ("Instructions", "指示"),
        "field_description": ("Who it is, at length", "详细设定"),
        "field_first_mes": ("Greeting", "开场白"),
        "field_mes_example": ("How it speaks, in examples", "对话示例"),
        "field_personality": ("Its character in a few words", "性格"),
        "field_scenario": ("Where it is, what is going on", "场景"),
        "field_post_history_instructions": ("Instructions after the conversation", "对话之后的指示"),
        "field_creator_notes": ("For people: what it is about", "给人看的说明"),
        "field_tags": ("Tags, divided by commas", "标签，用逗号分隔"),
        "field_nickname": ("What it calls itself", "自称"),
        "field_names": ("Further names that it answers to", "还回应哪些名字"),
        "field_model": ("Its own model", "自己的模型"),
        "field_parameters": ("Its own parameters", "自己的参数"),
        "field_greeting": ("Greeting {number}", "开场白 {number}"),
        "hint_parameters": ("such as temperature: 0.8, top_p: 0.9", "例如 temperature: 0.8, top_p: 0.9"),
        "hint_names": ("divided by commas", "用逗号分隔"),
    }
)
