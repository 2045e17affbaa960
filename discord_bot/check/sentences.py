"""What is said in the terminal to whoever runs the bot: what is wrong, and what to do about it.

A sentence stands under a key, what to do about it under the same key with `.do`. `check` says them in its table, and
`run` and `ask` say the same ones before they end. An exception's sentence stands under its class's name.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from discord_bot.check.table import Mark, Row
from discord_bot.config.sentences import render_problems
from discord_bot.errors import (
    BotError,
    CardRefused,
    CompletionError,
    ConfigError,
    DiscordUnreachable,
    PersonaError,
    PortTaken,
    StoreError,
)
from discord_bot.sentences import FOR_OWNERS, Language, Sentences, explain_to_owner, in_one_line, language_of
from discord_bot.sentences.cards import refusal

if TYPE_CHECKING:
    from discord_bot.config import Settings
    from discord_bot.config.proxies import Proxy

PORTAL = "https://discord.com/developers/applications"
INVITE = "https://discord.com/oauth2/authorize"
PERMISSIONS = 309841726528
"""View Channels, Send Messages, Send Messages in Threads, Read Message History, Add Reactions; for files, Attach Files;
for personas under their own name, Manage Webhooks, or Change Nickname; and for answers in threads of their own, Create
Public Threads.
https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags
"""

TERMINAL = Sentences(
    {
        # ---- what a row is about -------------------------------------------------------------------------------------
        "subject_settings": ("Settings", "配置"),
        "subject_proxy": ("Proxy", "代理"),
        "subject_store": ("Store", "数据库"),
        "subject_personas": ("Personas", "角色"),
        "subject_api": ("Discord", "Discord"),
        "subject_token": ("Token", "令牌"),
        "subject_intents": ("Intents", "意图"),
        "subject_servers": ("Servers", "服务器"),
        "subject_install": ("Install", "安装"),
        "subject_gateway": ("Gateway", "网关"),
        "way": (", through the proxy {proxy} (from {source})", "，经由代理 {proxy}（来自 {source}）"),
        # ---- the settings --------------------------------------------------------------------------------------------
        "settings": (
            "{source} is right. Models: {models}. Personas: {personas}.",
            "{source} 没有问题。模型：{models}。角色：{personas}。",
        ),
        "settings_wrong": ("{problem}", "{problem}"),
        "settings_wrong.do": (
            "Mend the lines that are named; the default config.yaml shows every key.",
            "请修改上面指出的行；默认的 config.yaml 列出了所有的键。",
        ),
        "socks": (
            "{variable} names a SOCKS proxy, which is not supported, so it is not used.",
            "{variable} 指定的是 SOCKS 代理，这里不支持，因此没有使用。",
        ),
        "socks.do": (
            "If a proxy is needed, set HTTPS_PROXY to the HTTP port of the same program, "
            "such as http://127.0.0.1:7890.",
            "如果需要代理，请把 HTTPS_PROXY 设为同一程序的 HTTP 端口，例如 http://127.0.0.1:7890。",
        ),
        # ---- the store -----------------------------------------------------------------------------------------------
        "store": ("{url} opens and can be written.", "{url} 可以打开并写入。"),
        "StoreError": ("The database {url} can't be used: {reason}.", "数据库 {url} 无法使用：{reason}。"),
        "StoreError.do": (
            "Check store.url in config.yaml, and that whoever runs the bot may write there.",
            "请检查 config.yaml 中的 store.url，并确认运行机器人的用户可以写入。",
        ),
        # ---- the folder of cards -------------------------------------------------------------------------------------
        "personas": (
            "{number} cards in {folder} are personas too.",
            "{folder} 中有 {number} 张角色卡。",
        ),
        "persona_file": ("{file}: {sentence}", "{file}：{sentence}"),
        # ---- Discord -------------------------------------------------------------------------------------------------
        "api": ("{where} answers{way}.", "{where} 有回应{way}。"),
        "api_status": (
            "{where} answers with the status {status}, which it should not{way}.",
            "{where} 返回了异常状态 {status}{way}。",
        ),
        "api_status.do": (
            "Try again in a few minutes; https://discordstatus.com says whether Discord has a problem.",
            "请几分钟后再试；https://discordstatus.com 会说明 Discord 是否出了问题。",
        ),
        "api_strange": (
            "{where} answers, but not as Discord does{way}.",
            "{where} 有回应，但不是 Discord 的回应{way}。",
        ),
        "api_strange.do": (
            "Check discord.api_url; Discord's own is https://discord.com/api/v10. Some networks show a log-in page.",
            "请检查 discord.api_url；Discord 官方地址是 https://discord.com/api/v10。也可能是网络的登录页面。",
        ),
        "DiscordUnreachable": ("No connection to {where}: {reason}.", "无法连接到 {where}：{reason}。"),
        "DiscordUnreachable.do": (
            "Check the network. Behind a proxy, set HTTPS_PROXY or discord.proxy in config.yaml.",
            "请检查网络。如果需要代理，请设置 HTTPS_PROXY 或 config.yaml 中的 discord.proxy。",
        ),
        "token": ("The bot is {name} (id {id}).", "机器人是 {name}（ID {id}）。"),
        "TokenMissing": ("There is no token to log in to Discord with.", "没有用来登录 Discord 的令牌。"),
        "TokenMissing.do": (
            f"Set DISCORD_TOKEN, in the environment or in a file named .env. You find it at {PORTAL}: "
            "your application, Bot, Reset Token. Without Discord, try: discord-bot playground",
            f"请在环境变量或名为 .env 的文件中设置 DISCORD_TOKEN。令牌在 {PORTAL} ："
            "你的应用 → Bot → Reset Token。不连接 Discord 也可以试用：discord-bot playground",
        ),
        "TokenRefused": ("Discord does not accept the token.", "Discord 不接受这个令牌。"),
        "TokenRefused.do": (
            f"Make a new one and put it in the old one's place. At {PORTAL}: your application, Bot, Reset Token. "
            "It is not the client secret, nor the public key.",
            f"请生成新的令牌并替换。在 {PORTAL} ：你的应用 → Bot → Reset Token。"
            "不是 client secret，也不是 public key。",
        ),
        "intents": (
            "The Message Content Intent is switched on; no other privileged one is needed.",
            "Message Content Intent 已开启；不需要其他特权意图。",
        ),
        "intents_unknown": (
            "Which intents are switched on could not be learned.",
            "无法得知开启了哪些意图。",
        ),
        "intents_unknown.do": (
            f"See at {PORTAL}: your application, Bot, Privileged Gateway Intents. Message Content Intent must be on.",
            f"请在 {PORTAL} 查看：你的应用 → Bot → Privileged Gateway Intents，Message Content Intent 必须开启。",
        ),
        "IntentRefused": (
            "The Message Content Intent is switched off, and without it the bot can't read what people write.",
            "Message Content Intent 没有开启，没有它机器人读不到大家写的内容。",
        ),
        "IntentRefused.do": (
            f"Switch it on at {PORTAL}: your application, Bot, Privileged Gateway Intents, Message Content Intent, "
            "Save Changes.",
            f"请在 {PORTAL} 开启：你的应用 → Bot → Privileged Gateway Intents → Message Content Intent，"
            "然后 Save Changes。",
        ),
        "servers": ("The bot is in {number} of them.", "机器人在 {number} 个服务器中。"),
        "servers_none": ("The bot is in no server yet.", "机器人还没有加入任何服务器。"),
        "servers_none.do": (
            "Open this link and invite it: {invite}",
            "请打开这个链接邀请它：{invite}",
        ),
        "brought_along": (
            "Servers can install it, and people for themselves: then /ask works wherever they are.",
            "服务器可以安装它，个人也可以：这样在哪里都能用 /ask。",
        ),
        "not_brought_along": (
            f"Only servers can install it. For /ask where the bot isn't, tick User Install at {PORTAL}: your "
            "application, Installation.",
            f"只有服务器可以安装它。想在机器人不在的地方用 /ask，请在 {PORTAL} 勾选：你的应用 → Installation → "
            "User Install。",
        ),
        "gateway": (
            "{where} says hello{way}. {remaining} of {total} log-ins are left today.",
            "{where} 连接正常{way}。今天还可以登录 {remaining}/{total} 次。",
        ),
        "gateway_alone": ("{where} says hello{way}.", "{where} 连接正常{way}。"),
        "gateway_used_up": (
            "All {total} log-ins of this day are used up; Discord allows the next one in {minutes} minutes.",
            "今天的 {total} 次登录已用完；{minutes} 分钟后才能再登录。",
        ),
        "gateway_used_up.do": (
            "Wait that long, and find out what starts the bot again and again.",
            "请等待，并查明是什么在反复启动机器人。",
        ),
        "gateway_strange": (
            "{where} answers, but does not say hello as a gateway does{way}.",
            "{where} 有回应，但不是网关的回应{way}。",
        ),
        "gateway_strange.do": (
            "Check discord.gateway_url, or leave it out, so that Discord is asked for it.",
            "请检查 discord.gateway_url，或去掉它，由程序向 Discord 询问。",
        ),
        # ---- the providers -------------------------------------------------------------------------------------------
        "model": (
            "{model} answers, its first words after {seconds} s{way}.",
            "{model} 可以回答，{seconds} 秒后开始{way}。",
        ),
        "model_empty": (
            "{model} answers, but with no text ({reason}){way}.",
            "{model} 有回应，但没有文字（{reason}）{way}。",
        ),
        "model_empty.do": (
            "Look at the model's parameters in config.yaml: too small a max_tokens leaves room for thinking only.",
            "请检查 config.yaml 中该模型的参数：max_tokens 太小时，可能只够思考用。",
        ),
        "models_there": ("{models}: in its list of models{way}.", "{models}：在它的模型列表中{way}。"),
        "models_unlisted": (
            "It does not list its models, so {models} could not be looked up{way}.",
            "它不提供模型列表，无法查证 {models}{way}。",
        ),
        "model_missing": ("{model} is not in its list of models.", "{model} 不在它的模型列表中。"),
        "model_missing.do": (
            "Check the name in config.yaml. It has: {known}",
            "请检查 config.yaml 中的名字。它有：{known}",
        ),
        "at": ("{model}: {sentence}", "{model}：{sentence}"),
        "key_missing.do": (
            "{variable} is not set: set it to your key, in the environment or in a file named .env.",
            "{variable} 没有设置：请在环境变量或名为 .env 的文件中填入你的密钥。",
        ),
        "unreachable_here.do": (
            "Start the server there. In a container, localhost is the container itself: use the host's name.",
            "请启动那里的服务。在容器中 localhost 指容器自身，请改用宿主机的名字。",
        ),
        "PortTaken": ("Port {port} can't be used: {reason}.", "端口 {port} 无法使用：{reason}。"),
        "PortTaken.do": (
            "Choose another one with --port, or --port 0 for any free one.",
            "请用 --port 指定其他端口；--port 0 表示任意空闲端口。",
        ),
        "BotError": ("Something is wrong with the set-up.", "设置有问题。"),
        "BotError.do": ("discord-bot check says what.", "请运行 discord-bot check 查看。"),
        # ---- discord-bot models --------------------------------------------------------------------------------------
        "models_listed": ("{provider}: {number} listed", "{provider}：共 {number} 个模型"),
        "models_found": ("{provider}: {shown} of {number} listed", "{provider}：{number} 个模型中的 {shown} 个"),
        "models_default": ("(default)", "（默认）"),
        "models_missing": ("(not in its list; it has: {known})", "（不在它的列表中；它有：{known}）"),
        "models_no_list": ("It does not list its models.", "它不提供模型列表。"),
        "models_no_list.do": (
            "If it should, check that base_url is what stands before /models, often with /v1.",
            "如果它本应提供，请检查 base_url 是否正是 /models 之前的部分（通常以 /v1 结尾）。",
        ),
        "models_legend": (
            "{ok} used in the configuration   {wrong} used there, but not listed   "
            "Numbers are context lengths in tokens, where the server tells them.",
            "{ok} 配置中使用   {wrong} 配置中使用，但不在列表中   数字是上下文长度（token），服务器提供时才显示。",
        ),
        # ---- the end -------------------------------------------------------------------------------------------------
        "all_well": ("All is well: discord-bot run starts the bot.", "一切正常：用 discord-bot run 启动机器人。"),
        "usable": (
            "It works; what is marked with ! could be better.",
            "可以使用；标有 ! 的地方可以改进。",
        ),
        "not_well": (
            "What is marked with ✗ must be mended first.",
            "请先解决标有 ✗ 的问题。",
        ),
        **FOR_OWNERS,
    }
)


def sentence_for(error: BotError, language: Language) -> str:
    """What an exception means for whoever runs the bot, and in a second line what to do."""
    if isinstance(error, ConfigError):
        return render_problems(error, language)
    if isinstance(error, (CardRefused, PersonaError)):
        return refusal(error, language)  # one sentence says both
    sentence, to_do = explained(error, language)
    return f"{sentence}\n→ {to_do}"


def explained(error: BotError, language: Language) -> tuple[str, str]:
    """An exception's sentence, and what to do about it. A provider's own words are quoted, shortened."""
    facts: Mapping[str, object] = {}
    match error:
        case StoreError():
            facts = {"url": error.url, "reason": in_one_line(error.reason)}
        case PortTaken():
            facts = {"port": error.port, "reason": in_one_line(error.reason)}
        case DiscordUnreachable():
            facts = {"where": error.where, "reason": in_one_line(error.reason)}
    if isinstance(error, CompletionError):
        return explain_to_owner(error, language)
    key = next(kind.__name__ for kind in type(error).__mro__ if kind.__name__ in TERMINAL)
    return TERMINAL.say(key, language, **facts), TERMINAL.say(f"{key}.do", language)


def row(language: Language, subject: str, mark: Mark, key: str, *, do: str | None = None, **facts: Any) -> Row:
    """A row with the sentence of that key, and what to do, if the table knows something (`do`: under another key)."""
    named = TERMINAL.say(f"subject_{subject}", language) if f"subject_{subject}" in TERMINAL else subject
    do = do or f"{key}.do"
    to_do = TERMINAL.say(do, language, **facts) if do in TERMINAL else ""
    return Row(named, mark, TERMINAL.say(key, language, **facts), to_do)


def failed(language: Language, subject: str, error: BotError) -> Row:
    """A row for an exception."""
    named = TERMINAL.say(f"subject_{subject}", language) if f"subject_{subject}" in TERMINAL else subject
    return Row(named, "wrong", *explained(error, language))


def way(language: Language, proxy: Proxy | None, key: str) -> str:
    """Through which proxy a connection goes, as the end of a sentence; empty where it goes straight.

    `key` is the path of the `proxy` key in config.yaml, which is named if the proxy stands there.
    """
    if proxy is None:
        return ""
    return TERMINAL.say("way", language, proxy=proxy.shown, source=key if proxy.source == "key" else proxy.source)


def invitation(application_id: str) -> str:
    """The link that invites the bot, with the scopes and permissions that it needs."""
    return f"{INVITE}?client_id={application_id}&scope=bot+applications.commands&permissions={PERMISSIONS}"


def terminal_language(settings: Settings | None, environ: Mapping[str, str] | None = None) -> Language:
    """The language for the terminal: the configured one, or else that of the terminal's locale."""
    if settings is not None and settings.language != "auto":
        return settings.language
    environ = os.environ if environ is None else environ
    return language_of(next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), None))
