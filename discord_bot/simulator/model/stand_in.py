"""What the stand-in model says: nothing clever, but it shows what it was sent. Pure: the messages in, a text out.

The same messages always get the same answer, so that a test can rely on it; other messages get other words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

LONGEST_QUOTE = 240
"""Characters of the question that the answer quotes."""

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_LETTER = re.compile(r"[^\W\d_]")
_WHO = re.compile(
    r"\b(?:You are|You're|I am) ([^\n]+?)(?:[,.;:!?\n]| who | that | and |$)|你是([^\n]+?)(?:[，。；：！？\n]|$)"
)
_LAST_NOTE = re.compile(r"\n\n\[[^\n\]]*\]\s*$")
_NAMED = re.compile(r"^([^\s:：][^\n:：]{0,31}): ", re.MULTILINE)  # a message's further lines are indented
_LONG = re.compile(r"\blong(?:er)?\b|\bessay\b|\bstory\b|长|故事|小说", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks, as far as a stand-in can tell."""

    persona: str
    """Who it should be, in the system message's own words; empty where there is none."""
    question: str
    asker: str
    """Who asks, where the messages begin with names; else empty."""
    earlier: int
    """How many messages of the conversation came before the question."""
    images: int
    chinese: bool
    wants_length: bool


def understand(messages: Sequence[Any]) -> Asked:
    """What these messages ask. They are as they came over the wire, so nothing about their shape is certain."""
    texts = [(str(m.get("role")), _text(m.get("content"))) for m in messages if isinstance(m, dict)]
    spoken = [text for role, text in texts if role not in {"system", "developer"}]
    question = _LAST_NOTE.sub("", spoken[-1]) if spoken else ""
    system = "\n".join(text for role, text in texts if role in {"system", "developer"})
    asker, question = _asker(question) if "name" in system else ("", question)
    return Asked(
        persona=_persona(system),
        question=" ".join(question.split()),
        asker=asker,
        earlier=max(0, len(spoken) - 1),
        images=_images(messages),
        chinese=_mostly_chinese(question or system),
        wants_length=bool(_LONG.search(question)),
    )


def answer(model: str, messages: Sequence[Any]) -> str:
    """The stand-in's answer to these messages, in Markdown, in the question's language."""
    asked = understand(messages)
    words = CHINESE if asked.chinese else ENGLISH
    choice = crc32(f"{asked.question}|{asked.persona}|{asked.earlier}".encode("utf-8", "replace"))
    facts = {
        "persona": asked.persona or words.nobody,
        "asker": words.to.format(asker=asked.asker) if asked.asker else "",
        "question": _clipped(asked.question),
        "earlier": words.earlier[min(asked.earlier, 2)].format(n=asked.earlier),
        "images": words.images.format(n=asked.images) if asked.images else "",
        "request": _as_json(model, asked),
    }
    parts = [
        words.openings[choice % len(words.openings)],
        words.quote if asked.question else words.no_question,
        words.saw,
        *(words.long if asked.wants_length else ()),
        words.code[(choice >> 4) % len(words.code)],
        words.connect,
    ]
    return "\n\n".join(part.format(**facts) for part in parts)


def pieces(text: str) -> list[str]:
    """The text as a model would write it: a few characters at a time."""
    return re.findall(r"\s*[\u3400-\u9fff]{1,2}|\s*[^\s\u3400-\u9fff]{1,6}|\s+", text)


def _text(content: object) -> str:
    if isinstance(content, list):
        return "\n".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _images(messages: Sequence[Any]) -> int:
    contents = [message.get("content") for message in messages if isinstance(message, dict)]
    parts = [part for content in contents if isinstance(content, list) for part in content if isinstance(part, dict)]
    return sum(part.get("type") == "image_url" for part in parts)


def _persona(system: str) -> str:
    found = _WHO.search(system)
    if found is None:
        return ""
    words = (found[1] or found[2]).strip().strip("“”\"'「」")
    return words if len(words) <= 60 else words[:60].rsplit(" ", 1)[0] + "…"


def _asker(text: str) -> tuple[str, str]:
    """(who, what) of the last message in a turn in which each begins with a name."""
    names = list(_NAMED.finditer(text))
    return (names[-1][1], text[names[-1].end() :]) if names else ("", text)


def _mostly_chinese(text: str) -> bool:
    letters = len(_LETTER.findall(text))
    return letters > 0 and len(_CHINESE.findall(text)) * 3 >= letters


def _clipped(question: str) -> str:
    return question if len(question) <= LONGEST_QUOTE else question[: LONGEST_QUOTE - 1] + "…"


def _as_json(model: str, asked: Asked) -> str:
    """What was sent, in short, for the code block; nothing in it may end the block."""
    seen = {"model": model, "persona": asked.persona, "earlier_messages": asked.earlier, "images": asked.images}
    return json.dumps(seen, ensure_ascii=False, indent=2).replace("```", "…")


# --- the words --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """What the stand-in says in one language. Each is a template; `{facts}` are filled in once, and never expanded."""

    nobody: str
    to: str
    openings: tuple[str, ...]
    quote: str
    no_question: str
    saw: str
    earlier: tuple[str, str, str]
    """Nothing came before, one message, several."""
    images: str
    code: tuple[str, ...]
    connect: str
    long: tuple[str, ...]
    """A logbook that is longer than one Discord message, for those who ask for something long."""


def _logbook(entry: str, nights: int, *columns: tuple[str, ...]) -> tuple[str, ...]:
    """Nights in a lighthouse. The columns' lengths have no common factor, so it takes long until a night comes back."""
    return tuple(entry.format(night + 1, *(each[night % len(each)] for each in columns)) for night in range(nights))


ENGLISH = Words(
    nobody="nobody in particular",
    to=", {asker}",
    openings=(
        "Here speaks **{persona}**{asker}.",
        "You have reached **{persona}**{asker}. Well met!",
        "As **{persona}** I would say something clever now{asker}.",
        "**{persona}** is listening{asker}.",
        "A good question for **{persona}**{asker}.",
    ),
    quote="You wrote:\n> {question}",
    no_question="There was no question in what I was sent, so I answer the silence.",
    saw=(
        "I am only the *stand-in model*: I can't think, but I can show you what I was sent.\n"
        "- My part: **{persona}**\n- {earlier}{images}"
    ),
    earlier=(
        "Before your message: **nothing**, this is where the conversation begins",
        "Before your message: **1 message** of this conversation",
        "Before your message: **{n} messages** of this conversation",
    ),
    images="\n- Images: **{n}**",
    code=(
        "This is what came over the wire, in short:\n```json\n{request}\n```",
        'Code looks like this:\n```python\ndef greet(name: str) -> str:\n    return f"Hello, {{name}}!"\n\n\n'
        'print(greet("harbour"))\n```',
        'And this is how code arrives:\n```javascript\nconst tides = ["ebb", "flow"];\n'
        "tides.forEach((tide) => console.log(tide));\n```",
    ),
    connect=(
        "To hear a real model instead of me, connect one here, in the playground: the chip at the bottom left does it. "
        "Or set `OPENAI_API_KEY` and start again, or name any OpenAI-compatible server in `config.yaml`."
    ),
    long=(
        "You want it long. From the logbook of a lighthouse, then:",
        *_logbook(
            "**Night {}.** Wind from the {}. {} {}",
            16,
            ("north, with sleet", "west, steady", "south, warm as breath", "east, and in no hurry"),
            (
                "A freighter asked for the way to the harbour, and I pointed with the light.",
                "The gulls held a meeting on the gallery and came to no decision.",
                "Someone far out played the accordion, badly and with great feeling.",
                "I polished the lens until I could see tomorrow in it.",
                "The radio told of storms elsewhere.",
            ),
            (
                "Nothing was lost that could not be found again.",
                "I wrote it all down, so that it would have happened.",
                "The lamp did what lamps do, and so did I.",
            ),
        ),
    ),
)

CHINESE = Words(
    nobody="一个没有名字的人",
    to="，{asker}",
    openings=(
        "我是**{persona}**{asker}。",
        "**{persona}**在此，幸会{asker}！",
        "若我真是**{persona}**，此刻该说一句妙语了{asker}。",
        "**{persona}**正听着呢{asker}。",
        "这一问，正好请**{persona}**来答{asker}。",
    ),
    quote="你写道：\n> {question}",
    no_question="我收到的内容里没有问题，那就当作回答这片安静吧。",
    saw="我只是*替身模型*：我不会思考，但可以让你看看我收到了什么。\n- 我的角色：**{persona}**\n- {earlier}{images}",
    earlier=(
        "在你这条消息之前：**什么都没有**，对话从此刻开始",
        "在你这条消息之前：这次对话里有 **1 条消息**",
        "在你这条消息之前：这次对话里有 **{n} 条消息**",
    ),
    images="\n- 图片：**{n}** 张",
    code=(
        "收到的请求大致如下：\n```json\n{request}\n```",
        '代码会这样显示：\n```python\ndef greet(name: str) -> str:\n    return f"你好，{{name}}！"\n\n\n'
        'print(greet("港口"))\n```',
        '代码块是这个样子：\n```javascript\nconst tides = ["潮起", "潮落"];\n'
        "tides.forEach((tide) => console.log(tide));\n```",
    ),
    connect=(
        "想换成真正的模型，可以就在游乐场里连接一个：点左下角的芯片图标。"
        "也可以设置环境变量 `OPENAI_API_KEY` 后重新启动，"
        "或在 `config.yaml` 里写上任何兼容 OpenAI 接口的服务。"
    ),
    long=(
        "既然要长一些，那就抄一段灯塔守夜人的日志：",
        *_logbook(
            "**第 {} 夜**　{}。{}{}",
            36,
            ("北风夹雪", "西风平稳", "南风和暖", "东风不急不慢"),
            (
                "有货轮打听进港的路，我用灯光指给它看。",
                "海鸥在栏杆上开会，没有得出结论。",
                "远处有人拉手风琴，拉得不好，却很动情。",
                "我把透镜擦了又擦，直到能从里面看见明天。",
                "收音机里说，风暴在别处。",
            ),
            ("丢失的东西，后来都找到了。", "我一一写下，好让它们真的发生过。", "灯做灯该做的事，我也一样。"),
        ),
    ),
)
