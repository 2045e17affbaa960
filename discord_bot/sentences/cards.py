"""What is said of a character card: why it is refused, and what is worth knowing of one that was taken in.

One sentence each, in English and Chinese, for the terminal and for Discord alike. A key is the reason of a
`CardRefused` or a `PersonaError`, or the code of a card's warning. No sentence holds a card's text but its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord_bot.sentences.table import Language, Sentences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from discord_bot.errors import CardRefused, PersonaError

CARDS = Sentences(
    {
        # ---- what the file is ----------------------------------------------------------------------------------------
        "file_large": (
            "This file is larger than {limit} MiB, and a character card never is.",
            "这个文件超过 {limit} MiB，角色卡不会这么大。",
        ),
        "file_empty": ("This file is empty.", "这个文件是空的。"),
        "file_html": (
            "This is a web page and no character card: download the card itself, often behind a button beside it.",
            "这是一个网页，不是角色卡：请下载角色卡本身，下载按钮通常就在旁边。",
        ),
        "file_picture": (
            "This picture holds no character card: use the card's PNG as it was offered for download, "
            "because a picture that was converted or sent through a chat has lost it.",
            "这张图片里没有角色卡：请使用下载时的原始 PNG，经过转换或聊天软件转发的图片会丢失角色卡。",
        ),
        # ---- PNG -----------------------------------------------------------------------------------------------------
        "png_no_png": ("This is no PNG.", "这不是 PNG 文件。"),
        "png_no_card": (
            "This PNG holds no character card: use it as it was offered for download, "
            "because a picture that was edited or sent through a chat has lost it.",
            "这张 PNG 里没有角色卡：请使用下载时的原始文件，经过编辑或聊天软件转发的图片会丢失角色卡。",
        ),
        "png_broken": (
            "This PNG is damaged: please download it again.",
            "这个 PNG 文件已损坏：请重新下载。",
        ),
        "png_crc": (
            "This PNG is damaged (a checksum is wrong): please download it again.",
            "这个 PNG 文件已损坏（校验和不对）：请重新下载。",
        ),
        "png_no_end": (
            "This PNG breaks off before its end: please download it again.",
            "这个 PNG 文件不完整：请重新下载。",
        ),
        "png_chunks": (
            "This PNG is made of more than {limit} chunks, and no character card is.",
            "这个 PNG 由超过 {limit} 个数据块组成，角色卡不会这样。",
        ),
        "no_base64": (
            "The character card in this PNG can't be read (it is not base64): please download it again.",
            "这张 PNG 里的角色卡无法读取（不是 base64）：请重新下载。",
        ),
        # ---- CHARX ---------------------------------------------------------------------------------------------------
        "zip_broken": (
            "This CHARX file is damaged or packed in an unusual way: please download it again.",
            "这个 CHARX 文件已损坏，或打包方式不常见：请重新下载。",
        ),
        "zip_members": (
            "This ZIP file holds more than {limit} files, and a character card doesn't.",
            "这个 ZIP 文件包含超过 {limit} 个文件，角色卡不会这样。",
        ),
        "zip_no_card": (
            "This ZIP file holds no card.json at its top, so it is no character card.",
            "这个 ZIP 文件的顶层没有 card.json，不是角色卡。",
        ),
        "zip_encrypted": (
            "The card in this CHARX file is protected by a password, and can't be read without it.",
            "这个 CHARX 文件中的角色卡有密码保护，无法读取。",
        ),
        # ---- the card's JSON -----------------------------------------------------------------------------------------
        "text_large": (
            "The card's text is larger than {limit} MiB, which is more than is read.",
            "角色卡的文本超过 {limit} MiB，超出了读取上限。",
        ),
        "json_many": (
            "The card consists of more than {limit} values, which is more than is read.",
            "角色卡包含超过 {limit} 个值，超出了读取上限。",
        ),
        "json_deep": (
            "The card's values are nested more than {limit} levels deep, and a character card's never are.",
            "角色卡的嵌套超过 {limit} 层，角色卡不会这样。",
        ),
        "no_json": (
            "This is no character card: what should be its JSON can't be read as such.",
            "这不是角色卡：其中的 JSON 无法解析。",
        ),
        "not_utf8": (
            "The card's text is not UTF-8: save it again with the encoding UTF-8.",
            "角色卡的文本不是 UTF-8：请以 UTF-8 编码重新保存。",
        ),
        "encrypted": (
            "This card is encrypted by the program that made it, and only that program can read it.",
            "这张角色卡被制作它的程序加密，只有该程序能读取。",
        ),
        "no_card": (
            "This JSON is no character card: it has neither a name nor the data of one.",
            "这个 JSON 不是角色卡：其中既没有名字，也没有角色数据。",
        ),
        "other_spec": (
            "This is a card of another kind: Character Card V1, V2 and V3 can be read.",
            "这是另一种卡：可以读取的是 Character Card V1、V2 和 V3。",
        ),
        "only_lore": (
            "This is a lorebook without a character, and only a character card can become a persona.",
            "这是没有角色的世界书，只有角色卡才能成为角色。",
        ),
        "no_name": (
            "The character in this card has no name that could be shown, so nobody could call it.",
            "这张角色卡中的角色没有可以显示的名字，无法被称呼。",
        ),
        "book_entries": (
            "The card's lorebook has more than {limit} entries, which is more than is read.",
            "角色卡的世界书超过 {limit} 个条目，超出了读取上限。",
        ),
        # ---- pictures ------------------------------------------------------------------------------------------------
        "picture_unreadable": (
            "The persona's picture can't be read as a PNG, JPEG, WebP or GIF.",
            "角色的图片无法作为 PNG、JPEG、WebP 或 GIF 读取。",
        ),
        "picture_pixels": (
            "The persona's picture has more than {limit} million pixels, which is more than is read.",
            "角色的图片超过 {limit} 百万像素，超出了读取上限。",
        ),
        # ---- files and names in the terminal -------------------------------------------------------------------------
        "file_missing": ("There is no file {path}.", "没有 {path} 这个文件。"),
        "file_unreadable": ("The file {path} can't be read: {reason}.", "无法读取文件 {path}：{reason}。"),
        "file_unwritable": ("The file {path} can't be written: {reason}.", "无法写入文件 {path}：{reason}。"),
        "folder_unreadable": ("The folder {path} can't be read: {reason}.", "无法读取文件夹 {path}：{reason}。"),
        "suffix_unknown": (
            "What is to be written is seen by the suffix: --out must end in .png, .json or .charx.",
            "写成哪种格式由后缀决定：--out 必须以 .png、.json 或 .charx 结尾。",
        ),
        "persona_unknown": (
            "There is no persona {name}: discord-bot persona list shows those that there are.",
            "没有名为 {name} 的角色：discord-bot persona list 会列出所有角色。",
        ),
        # ---- libraries in Discord ------------------------------------------------------------------------------------
        "persona_gone": ("The persona {name} was deleted a moment ago.", "角色 {name} 刚刚被删除了。"),
        "name_taken": (
            "There is a persona called {name} already. Choose another name, or delete that one first.",
            "已经有名为 {name} 的角色。请换一个名字，或先删除那一个。",
        ),
        "name_taken_import": (
            "There is a persona called {name} already. "
            "Give the option `name` for another name, or set `replace` to let this one take its place.",
            "已经有名为 {name} 的角色。请用选项 `name` 另取名字，或用 `replace` 替换它。",
        ),
        "name_empty": ("A persona needs a name that can be seen.", "角色需要一个看得见的名字。"),
        "library_full": (
            "There is room for {limit} personas here, and it is used up: delete one first.",
            "这里最多存放 {limit} 个角色，已经满了：请先删除一个。",
        ),
        "model_not_yours": (
            "Giving a persona a model of its own takes what `/model set` takes for the whole server.",
            "给角色指定模型，需要和为整个服务器执行 `/model set` 一样的权限。",
        ),
        "model_unknown": ("There is no such model. There are: {known}.", "没有这个模型。可用：{known}。"),
        "parameters_wrong": (
            "Parameters are written like temperature: 0.8, top_p: 0.9. These can be set: {known}.",
            "参数的写法如 temperature: 0.8, top_p: 0.9。可以设置：{known}。",
        ),
        "text_no_utf8": (
            "This text file is not UTF-8: save it again with the encoding UTF-8.",
            "这个文本文件不是 UTF-8：请以 UTF-8 编码重新保存。",
        ),
        "upload_elsewhere": (
            "This file does not lie on Discord's own servers, and nothing is fetched from elsewhere.",
            "这个文件不在 Discord 自己的服务器上，不会从别处下载。",
        ),
        "upload_missing": (
            "The file could not be fetched from Discord. Please attach it again.",
            "无法从 Discord 取得这个文件，请重新上传。",
        ),
        "export_large": (
            "The file would have {size} MiB, and Discord takes {limit} here. Try the format json or charx.",
            "文件有 {size} MiB，而 Discord 在这里最多接受 {limit} MiB。请试试 json 或 charx 格式。",
        ),
        # ---- warnings ------------------------------------------------------------------------------------------------
        "newer-spec-version": (
            "This card is written for version {version} of its specification, newer than 3.0; "
            "what is new in it is kept, but not used.",
            "这张角色卡使用规范的 {version} 版本，比 3.0 更新；其中的新内容会保留，但不会使用。",
        ),
        "no-spec": (
            "This card does not say which specification it follows; it was read as V2.",
            "这张角色卡没有说明遵循哪个规范，已按 V2 读取。",
        ),
        "wrong-type": (
            "The card's field {key} held something else than it should, which was left out.",
            "角色卡的字段 {key} 类型不对，已略去。",
        ),
        "second-chunk": (
            "The better copy of the card in this PNG can't be read; the one under the keyword {keyword} was taken.",
            "这张 PNG 中较新的一份角色卡无法读取，已改用关键字 {keyword} 下的那一份。",
        ),
        "picture-large": (
            "The picture claims to have too many pixels and was not taken along.",
            "图片声称的像素过多，没有保留。",
        ),
        "files-lost": (
            "{number} of the files beside the card can't be kept: too large, or no plain files with plain names.",
            "角色卡附带的 {number} 个文件无法保留：过大，或不是普通文件、普通文件名。",
        ),
        "files-left-out": (
            "{number} of the files beside the card don't fit into this kind of file; .charx takes all of them.",
            "角色卡附带的 {number} 个文件无法放进这种格式；.charx 可以全部包含。",
        ),
        "name-changed": (
            "The card's name is shown as {name}, without what can't be shown or is too long.",
            "角色卡的名字显示为 {name}，去掉了无法显示或过长的部分。",
        ),
        "replaced": ("It takes the place of the persona that had this name.", "它替换了原来同名的角色。"),
    }
)


def refusal(error: CardRefused | PersonaError, language: Language) -> str:
    """The one sentence for a file that is no card, or a persona that can't be had."""
    return CARDS.say(error.reason, language, **error.facts)


def warning(code: str, facts: Mapping[str, object], language: Language) -> str:
    """The one sentence for what is worth knowing of a card."""
    return CARDS.say(code, language, **facts)
