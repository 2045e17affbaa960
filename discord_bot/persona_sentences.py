"""What the bot says of personas in Discord: in the library, in its forms, and where one enters a channel.

English and Chinese in one table, as in `discord_bot.sentences`.
"""

from __future__ import annotations

from discord_bot.sentences import Sentences

PERSONAS = Sentences(
    {
        # ---- who speaks here -----------------------------------------------------------------------------------------
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
        "button_again": ("Open the form again", "重新打开表单"),
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
