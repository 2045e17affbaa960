"""What can be wrong with config.yaml, each in one sentence, in English and in Chinese.

No sentence quotes a value from the file: it may be a key or a token. Names of keys, of environment variables and of
what would be right are quoted.
"""

from __future__ import annotations

from discord_bot.errors import ConfigError, Problem
from discord_bot.sentences import Language, Sentences

SENTENCES = Sentences(
    {
        # The file as a whole
        "file_missing": (
            "there is no such file; give the right path with --config, or leave --config out for the default settings",
            "找不到这个文件；请用 --config 给出正确的路径，或去掉 --config 使用默认配置",
        ),
        "file_directory": ("this is a directory; name the YAML file in it", "这是一个目录；请写出其中的 YAML 文件"),
        "file_unreadable": ("this file can't be read: {reason}", "无法读取这个文件：{reason}"),
        "file_large": (
            "this file is larger than {limit} KiB; a configuration is a few KiB of text",
            "文件超过 {limit} KiB；配置文件通常只有几 KiB 文本",
        ),
        "file_encoding": (
            "this is not UTF-8 text; save the file with the encoding UTF-8",
            "文件不是 UTF-8 文本；请以 UTF-8 编码保存",
        ),
        "file_empty": (
            "the file says nothing yet; it needs at least providers, models and personas",
            "文件是空的；至少需要 providers、models 和 personas",
        ),
        "file_no_mapping": (
            "the file should be a list of keys with values, such as `models:`, each at the start of a line",
            "文件应由“键: 值”组成，例如行首的 `models:`",
        ),
        # YAML
        "yaml_tab": (
            "column {column}: a tab stands where YAML allows only spaces; indent with spaces",
            "第 {column} 列：这里是制表符，YAML 只允许空格；请用空格缩进",
        ),
        "yaml_colon": (
            "column {column}: a colon is not expected here; check the indentation, or put the value in quotes",
            "第 {column} 列：此处不应有冒号；请检查缩进，或给值加上引号",
        ),
        "yaml_no_colon": (
            "column {column}: a colon and a space are missing after the key",
            "第 {column} 列：键的后面缺少冒号和空格",
        ),
        "yaml_indentation": (
            "column {column}: the indentation does not fit the lines above",
            "第 {column} 列：缩进与上面的行不一致",
        ),
        "yaml_bracket": (
            "column {column}: a comma or a closing bracket is missing in [ ] or {{ }}",
            "第 {column} 列：[ ] 或 {{ }} 中缺少逗号或右括号",
        ),
        "yaml_quote": (
            "column {column}: a quotation mark that is opened here is never closed",
            "第 {column} 列：这里的引号没有闭合",
        ),
        "yaml_escape": (
            "column {column}: in double quotes a backslash begins an escape, and this is none; use single quotes",
            "第 {column} 列：双引号中的反斜杠表示转义，但这里不是有效的转义；请改用单引号",
        ),
        "yaml_start": (
            "column {column}: a value can't begin with this character; put the value in quotes",
            "第 {column} 列：值不能以这个字符开头；请给值加上引号",
        ),
        "yaml_alias": (
            "column {column}: a value that begins with * stands for an anchor, and there is none of this name; "
            "put the value in quotes",
            "第 {column} 列：以 * 开头的值表示引用锚点，但没有这个锚点；请给值加上引号",
        ),
        "yaml_character": (
            "column {column}: a character that can't stand in YAML, such as a control character; remove it",
            "第 {column} 列：有 YAML 不允许的字符（如控制字符）；请删除",
        ),
        "yaml_documents": (
            "a second document begins here; remove the line `---`",
            "这里开始了第二个文档；请删除 `---` 这一行",
        ),
        "yaml_deep": ("the values are nested too deeply", "嵌套层数过多"),
        "yaml_many": ("the file holds more than {limit} values", "文件中的值超过 {limit} 个"),
        "yaml_broken": ("column {column}: this is not valid YAML", "第 {column} 列：不是有效的 YAML"),
        "yaml_broken_somewhere": ("this is not valid YAML", "不是有效的 YAML"),
        "yaml_escape_somewhere": (
            "an escape in double quotes stands for no character; use single quotes",
            "双引号中的某个转义不对应任何字符；请改用单引号",
        ),
        "yaml_itself": ("this value contains itself through an alias", "这个值通过别名包含了它自己"),
        "yaml_tag": (
            "values with a tag (an exclamation mark in front) are not read here; put the value in quotes",
            "不支持带标签（以叹号开头）的值；请给值加上引号",
        ),
        "yaml_scalar": ("this value can't be read; put it in quotes", "无法读取这个值；请加上引号"),
        "yaml_key": ("a key must be a plain word", "键必须是一个普通的词"),
        "yaml_merge": ("<< can only take in keys with values", "<< 只能并入由“键: 值”组成的内容"),
        "key_twice": (
            "this key stands already in line {first}; keep one of the two",
            "这个键在第 {first} 行已经出现过；请只保留一个",
        ),
        # Where a value comes from
        "env_name": (
            "expected the name of an environment variable, such as {example}; the value itself belongs in {plain}",
            "这里应写环境变量的名字，例如 {example}；值本身应写在 {plain} 中",
        ),
        "required": ("this key is required and has no value", "这个键是必需的，但没有值"),
        "required_env": (
            "this key is required, and the environment variable {variable} is not set",
            "这个键是必需的，但环境变量 {variable} 没有设置",
        ),
        "required_env_unnamed": (
            "this key is required, and the environment variable that {named} names is not set",
            "这个键是必需的，但 {named} 所指的环境变量没有设置",
        ),
        # Keys
        "unknown_key": ("unknown key; known here: {known}", "未知的键；此处可用：{known}"),
        "unknown_key_near": ("unknown key; did you mean {near}?", "未知的键；是否想写 {near}？"),
        "unknown_key_elsewhere": ("unknown key here; it belongs in {place}", "此处没有这个键；它应写在 {place}"),
        "unknown_key_gone": (
            "this key of other bots is not needed here; remove the line",
            "这是其他机器人的键，这里不需要；请删除这一行",
        ),
        # Values
        "want_text": ("expected text; put the value in quotes", "此处应为文本；请给值加上引号"),
        "want_whole_number": ("expected a whole number", "此处应为整数"),
        "want_number": ("expected a number", "此处应为数字"),
        "want_bool": ("expected true or false", "此处应为 true 或 false"),
        "want_list": ("expected a list, such as [1, 2]", "此处应为列表，例如 [1, 2]"),
        "want_mapping": (
            "expected keys with values beneath, not a single value",
            "此处应为下一级的“键: 值”，而不是单个值",
        ),
        "want_id": (
            "expected an id of Discord's: 17 to 20 digits, from Copy ID with the developer mode switched on",
            "此处应为 Discord 的 ID：17 到 20 位数字，开启开发者模式后可用“复制 ID”获得",
        ),
        "one_of": ("expected one of: {expected}", "此处应为以下之一：{expected}"),
        "at_least": ("expected {limit} or more", "此处应不小于 {limit}"),
        "more_than": ("expected more than {limit}", "此处应大于 {limit}"),
        "at_most": ("expected {limit} or less", "此处应不大于 {limit}"),
        "longest": ("at most {limit} characters", "最多 {limit} 个字符"),
        "shortest": ("this must not be empty", "不能为空"),
        "wrong": ("this value is not one that can be used here", "这个值不能用在此处"),
        # Addresses
        "url_http": (
            "expected an address that begins with http:// or https://, such as https://example.com/v1",
            "此处应为以 http:// 或 https:// 开头的地址，例如 https://example.com/v1",
        ),
        "url_websocket": (
            "expected an address that begins with wss:// or ws://, such as wss://gateway.discord.gg",
            "此处应为以 wss:// 或 ws:// 开头的地址，例如 wss://gateway.discord.gg",
        ),
        "proxy": (
            "expected an HTTP proxy, such as http://127.0.0.1:8080, or the word direct",
            "此处应为 HTTP 代理，例如 http://127.0.0.1:8080，或写 direct",
        ),
        "proxy_socks": (
            "SOCKS proxies are not supported; give the HTTP port of the same proxy, such as http://127.0.0.1:8080",
            "不支持 SOCKS 代理；请改用同一代理的 HTTP 端口，例如 http://127.0.0.1:8080",
        ),
        "store_url": (
            "expected sqlite:///path/to/file.db or postgresql://user:password@host/database",
            "此处应为 sqlite:///path/to/file.db 或 postgresql://user:password@host/database",
        ),
        "secret_characters": (
            "this holds a character that can't be sent in a header; copy it once more, without spaces or line breaks",
            "含有无法在请求头中发送的字符；请重新复制，不要带空格或换行",
        ),
        "header_name": ("this is not a name that an HTTP header can have", "这不是有效的 HTTP 请求头名称"),
        # The parts together
        "no_providers": (
            "no provider is named; name one with its base_url, such as openai: {{base_url: https://api.openai.com/v1}}",
            "没有任何 provider；请写出一个及其 base_url，例如 openai: {{base_url: https://api.openai.com/v1}}",
        ),
        "no_models": (
            "no model is named; name one as provider/model, such as openai/gpt-5-mini",
            "没有任何模型；请以 provider/model 的形式写出一个，例如 openai/gpt-5-mini",
        ),
        "no_personas": (
            "no persona is named; name one, such as assistant: You are a helpful assistant.",
            "没有任何角色；请写出一个，例如 assistant: 你是一个乐于助人的助手。",
        ),
        "model_name": (
            "expected provider/model, such as openai/gpt-5-mini",
            "此处应为 provider/model，例如 openai/gpt-5-mini",
        ),
        "model_provider": (
            "the provider {provider} is not named in providers; known: {known}",
            "providers 中没有 {provider}；可用：{known}",
        ),
        "model_provider_near": (
            "the provider {provider} is not named in providers; did you mean {near}?",
            "providers 中没有 {provider}；是否想写 {near}？",
        ),
        "model_length": (
            "a model's name is at most {limit} characters long",
            "模型的名字最多 {limit} 个字符",
        ),
        "fallback_itself": (
            "a model can't stand in for itself; name another one",
            "模型不能作自己的后备；请写另一个模型",
        ),
        "fallback_near": (
            "there is no such model, nor a provider for it; did you mean {near}?",
            "没有这个模型，也没有它的 provider；是否想写 {near}？",
        ),
        "fallback_unknown": (
            "expected provider/model, of one of these providers: {known}",
            "此处应为 provider/model，其中 provider 是：{known}",
        ),
        "persona_model": (
            "this model is not one of models; there are {known}",
            "models 中没有这个模型；可用：{known}",
        ),
        "persona_name": (
            "a persona's name is 1 to {limit} characters in one line",
            "角色的名字应为 1 到 {limit} 个字符，不能换行",
        ),
    }
)


def problem(
    key: str, path: tuple[str | int, ...] = (), line: int | None = None, /, *, held_by: str = "", **facts: object
) -> Problem:
    """The problem that SENTENCES names `key`, at that path; `held_by` is the environment variable with the value."""
    said = SENTENCES.say(key, "en", **facts)
    if held_by:
        facts["held_by"] = held_by
        said = f"{said} (from the environment variable {held_by})"
    return Problem(said, dotted(path), line, key, facts)


def dotted(path: tuple[str | int, ...]) -> str:
    """A path as people write it: `permissions.users.allowed_ids[1]`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def render_problems(error: ConfigError, language: Language) -> str:
    """One line for each problem: `config.yaml:12: providers.openai.bas_url: unknown key; did you mean base_url?`."""
    return "\n".join(f"{_place(error.source, each)}: {_said(each, language)}" for each in error.problems)


def _place(source: str, each: Problem) -> str:
    place = source if each.line is None else f"{source}:{each.line}"
    return f"{place}: {each.path}" if each.path else place


def _said(each: Problem, language: Language) -> str:
    if language == "en" or each.key not in SENTENCES:
        return each.message
    facts = dict(each.facts)
    variable = facts.pop("held_by", None)
    said = SENTENCES.say(each.key, language, **facts)
    return f"{said}（来自环境变量 {variable}）" if variable else said
