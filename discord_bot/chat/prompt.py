"""Persona + history + budget -> the messages to send, and a record of what was left out and why.

The beginning of a prompt stays the same from turn to turn: the system message depends on the persona alone, what
changes every turn (the time, who asks) stands at the very end, and when the history outgrows the budget its beginning
moves in large steps. https://platform.openai.com/docs/guides/prompt-caching

The order is that of the specifications of character cards: what the model is to be, the character with its lore before
and after, examples of how it speaks, the conversation with what is inserted into it, the instructions behind it. Lore
that comes and goes behind the character is inserted before the last message, where it changes nothing of what stands
before; lore that its author wants before the character, or in the midst of it, stands there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from discord_bot.chat.buffer import KEPT_AFTER_CUT
from discord_bot.chat.continuation import GO_ON
from discord_bot.chat.files import SHARE, File, told, within
from discord_bot.chat.lore.activation import Activation, Heard, Spot, activate
from discord_bot.chat.macros import Macros
from discord_bot.chat.schema import ChatMessage, ImagePart, ImageURL, TextPart
from discord_bot.chat.speakers import INDENT, excerpt, indented, plain
from discord_bot.chat.tokens import MESSAGE_OVERHEAD, Mix, estimate_tokens, mix_of

if TYPE_CHECKING:
    from discord_bot.chat.buffered import BufferedMessage
    from discord_bot.chat.history import History
    from discord_bot.chat.persona import Persona, Role

Content = str | list[TextPart | ImagePart]
Speakers = Literal["prefix", "none"]
"""Whether people's messages begin with their name."""

MAIN = "You are {{char}}. Stay in character: speak and act as {{char}} would, and leave to others what they say and do."
"""What stands first where a persona has no system prompt of its own; `{{original}}` in one."""
SETTING = (
    "You are {name}, in a Discord channel where several people may be talking. "
    "Answer the last message. Write Markdown as Discord shows it: no tables, no LaTeX, no headings deeper than three."
)
NAMED = (
    " Each message of other people begins with the name of who wrote it and a colon, its further lines are indented; "
    "never begin your own answer with a name."
)


LORE_SHARE = 4
"""A fourth of the budget is for lore where its book does not say how much, and never more than half."""
EXAMPLES_SHARE = 4
"""A fourth of the budget is for examples of how the character speaks, and only while all of the history fits beside."""
LORE_DEPTH = 1
"""Messages behind the lore that comes and goes: only the last one, so that all before stays as it was."""
NO_LORE = Activation()
PICTURE_TOKENS = 800
"""About what a picture of `sight.SIDE` pixels comes to; models differ between 300 and 1,600."""
NOTHING_SEEN: Mapping[int, str] = MappingProxyType({})
MOST_OF_IT = 0.75
"""The part of a budget that a message's files may have before they are cut anew, to what is theirs."""
SUMMARY_SHARE = 16
"""A sixteenth of the budget is for what was said before, where that is summarised."""
NEARLY_FULL = 0.8
"""The part of its room from which on the next step of the window is near."""
GRAIN = 64
"""Tokens to which the room for the history is rounded, so that an asker's longer name does not move its beginning."""
STEADY = 0.06
"""The part by which a budget, guessed anew each turn, may differ before the conversation's beginning follows it."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """The messages to send, and what they stand for."""

    messages: tuple[ChatMessage, ...]
    included: tuple[int, ...]
    """The ids of the Discord messages that are in it, oldest first."""
    left_out: tuple[int, ...]
    """The ids of those that the budget had no room for."""
    tokens: int
    """About how many tokens it is, by our own estimate."""
    lore: Activation = NO_LORE
    """Which entries of the persona's book came to mind, and which of them the budget had no room for."""
    files: Mapping[int, tuple[File, ...]] = field(default_factory=dict)
    """The files on the messages in it, by the messages' ids, with as much of their texts as is in it."""
    without_examples: bool = False
    """Whether the persona has examples of how it speaks that the budget had no room for, at least for some of them."""
    falling: tuple[int, ...] = ()
    """The ids of those that the next step of the window will leave out, once it is near."""
    with_summary: bool = False
    """Whether what was said before is in it as a summary."""

    @property
    def spare(self) -> bool:
        """Whether anything of it could be left out."""
        return len(self.included) > 1 or any(file.has_text for files in self.files.values() for file in files)

    @property
    def mix(self) -> Mix:
        """What its text is made of; nothing where there is more in it than text."""
        texts = [message.content for message in self.messages if isinstance(message.content, str)]
        return mix_of(texts) if len(texts) == len(self.messages) else Mix()


@dataclass(frozen=True, slots=True)
class _Insert:
    """A text that stands in the conversation, so many messages from its end."""

    depth: int
    role: Role
    text: str


def build(
    persona: Persona,
    history: History,
    *,
    budget: int,
    now: datetime,
    asker: str,
    speakers: Speakers = "prefix",
    greeting: int | None = 0,
    seen: Mapping[int, str] = NOTHING_SEEN,
    summary_before: Callable[[BufferedMessage], str] | None = None,
) -> Prompt:
    """The prompt that answers the last message of the history, within about `budget` tokens.

    The last message is always in it, and so is the persona, whatever the budget. What the persona's texts call
    `{{user}}` is who the conversation was begun with, whoever asks now: the beginning of the prompt stays, and so does
    whom the character knows. Only the instructions behind the conversation mean who is answered. `greeting` is the one
    of the persona's greetings that has opened the conversation, by which lore may go. `seen` are the pictures that can
    be shown, by their ids: as a `data:` address, or as a line that says why not. `summary_before` tells what was said
    before the message with which it begins; where that is None, there is no room for it either.
    """
    history = replace(history, messages=tuple(with_room(message, budget) for message in history.messages))
    asking = Macros(persona.called, asker, history.messages[-1].id if history.messages else 0)
    first = _first_answered(history)
    macros = asking if first is None else replace(asking, user=first.author_name)
    units = _units(history.messages)
    lore, reserved = _lore(persona, units, macros, budget, greeting)
    inserts = [each for each in _inserts(persona, lore, macros) if each.text.strip()]
    ending = asking.expand(persona.post_history_instructions, original="").strip()
    note = f"[It is {now:%A, %Y-%m-%d %H:%M} UTC. Answer {asker}.]"
    system = system_text(persona, speakers, lore, macros)
    settled = sum(estimate_tokens(each.text) for each in lore.active)
    fixed = sum(map(estimate_tokens, (system, note, ending))) + max(0, reserved - settled) + MESSAGE_OVERHEAD
    fixed += sum(MESSAGE_OVERHEAD + estimate_tokens(each.text) for each in inserts)
    for_summary = budget // SUMMARY_SHARE if summary_before is not None else 0

    settled_macros = macros if first is None else replace(macros, seed=first.id)
    examples, all_examples = _examples(persona, settled_macros, budget // EXAMPLES_SHARE)
    weight = estimate_tokens(examples)
    if history.origin or fixed + weight + sum(message.tokens for message in history.messages) > budget:
        examples, weight = "", 0
    room = max(1, (budget - fixed - weight - for_summary) // GRAIN * GRAIN)
    start = window_start(history, room)
    kept = history.messages[start:]

    turns = _conversation(_units(kept), inserts, _Telling(speakers, seen), note)
    summary = summary_before(kept[0]) if summary_before is not None and kept and (start or history.origin) else ""
    if summary:
        turns = _behind(_in_short(summary, for_summary), turns)
    parts = [part for turn in turns if not isinstance(turn.content, str) for part in turn.content]
    pictures = PICTURE_TOKENS * sum(isinstance(part, ImagePart) for part in parts)
    if ending:
        turns.append(ChatMessage(role="system", content=ending))
    return Prompt(
        messages=(ChatMessage(role="system", content="\n\n".join(filter(None, (system, examples)))), *turns),
        included=tuple(message.id for message in kept),
        left_out=tuple(message.id for message in history.messages[:start]),
        tokens=fixed
        - max(0, reserved - settled)
        + weight
        + for_summary
        + pictures
        + sum(message.tokens for message in kept),
        lore=lore,
        files={message.id: files for message in kept if (files := _told_of(message))},
        without_examples=examples != all_examples,
        falling=_falling(history, start, room),
        with_summary=bool(summary),
    )


def going_on(asked: Prompt, answered: str) -> Prompt:
    """The prompt that makes the model go on with an answer to the first prompt that stopped for its length."""
    more = (ChatMessage(role="assistant", content=answered), ChatMessage(role="user", content=GO_ON))
    tokens = estimate_tokens(answered) + estimate_tokens(GO_ON) + 2 * MESSAGE_OVERHEAD
    return replace(asked, messages=(*asked.messages, *more), tokens=asked.tokens + tokens)


def system_text(persona: Persona, speakers: Speakers, lore: Activation, macros: Macros) -> str:
    """Who the bot is and where: the same in every turn, but for lore that its author wants in the midst of it."""
    main = macros.expand(MAIN)
    setting = SETTING.replace("{name}", persona.called) + (NAMED if speakers == "prefix" else "")

    def at(*spots: Spot) -> list[str]:
        return [each.text for each in lore.at(*spots)]

    def part(text: str, label: str = "") -> str:
        expanded = macros.expand(text).strip()
        return f"{label}{expanded}" if expanded else ""

    parts = [
        macros.expand(persona.system_prompt, original=main).strip() or main,
        *at("before_char"),
        *at("before_desc"),
        part(persona.definition),
        *at("after_desc"),
        part(persona.personality, f"{persona.called}'s personality: "),
        *at("personality"),
        part(persona.scenario, "Scenario: "),
        *at("scenario"),
        *(each.text for each in lore.at("after_char") if each.settled),
        setting,
    ]
    return "\n\n".join(part for part in parts if part)


def _lore(
    persona: Persona, units: Sequence[Sequence[BufferedMessage]], macros: Macros, budget: int, greeting: int | None
) -> tuple[Activation, int]:
    """What comes to mind; and how much room lore is given in every turn, so that the history's beginning stays."""
    if persona.lore is None:
        return NO_LORE, 0
    wanted = persona.lore.token_budget
    room = budget // LORE_SHARE if wanted is None else min(wanted, budget // 2)
    heard = [Heard("\n".join(map(_says, unit)), unit[0].own) for unit in units]
    active = activate(persona.lore, heard, macros, budget=room, greeting=greeting)
    return active, min(room, persona.lore.characters // 3)


def _inserts(persona: Persona, lore: Activation, macros: Macros) -> list[_Insert]:
    """What stands in the conversation, the farthest from its end first."""
    inserts = [_Insert(each.depth, each.role, each.text) for each in lore.at("depth")]
    if persona.note is not None:
        inserts.append(_Insert(persona.note.depth, persona.note.role, macros.expand(persona.note.text)))
    passing = [each for each in lore.at("after_char") if not each.settled]
    if passing:  # above all others: it belongs to the character
        depth = max(LORE_DEPTH, *(each.depth for each in inserts)) if inserts else LORE_DEPTH
        inserts.insert(0, _Insert(depth, "system", "\n\n".join(each.text for each in passing)))
    return sorted(inserts, key=lambda each: -each.depth)


def _first_answered(history: History) -> BufferedMessage | None:
    """The question with which the conversation began: the first one that was answered; None before there was any."""
    answered = {message.answers for message in history.messages}
    return next((each for each in history.messages if each.id in answered and each.answers is None), None)


_START = re.compile(r"^[ \t]*<START>[ \t]*$", re.IGNORECASE | re.MULTILINE)


def _examples(persona: Persona, macros: Macros, budget: int) -> tuple[str, str]:
    """How the character speaks, as much of it as fits; and all of it."""
    blocks = [block.strip() for block in _START.split(macros.expand(persona.example_dialogue))]
    blocks = [block for block in blocks if block]
    if not blocks:
        return "", ""
    head = f"How {persona.called} speaks, in examples that are no part of the conversation:"
    fitting = [head]
    for block in blocks:
        budget -= estimate_tokens(block)
        if budget < 0:
            break
        fitting.append(block)
    return "\n\n".join(fitting) if len(fitting) > 1 else "", "\n\n".join((head, *blocks))


def with_room(message: BufferedMessage, budget: int) -> BufferedMessage:
    """A message with as much of what its files hold as there is room for: mostly as much as when they were read."""
    if not message.files or message.read_tokens <= budget * MOST_OF_IT:
        return message
    return message._replace(files=within(message.files, budget // SHARE))


def _told_of(message: BufferedMessage) -> tuple[File, ...]:
    """The files that a message tells of."""
    return tuple(file for file in message.files if file.of is None or file.reading is not None)


def _says(message: BufferedMessage) -> str:
    """What a message says, with what was read of its files."""
    return told(message.content, message.files) if message.files else message.content


def _units(messages: Iterable[BufferedMessage]) -> list[list[BufferedMessage]]:
    """The messages as lore counts them: the pages of one answer are one."""
    units: list[list[BufferedMessage]] = []
    for message in messages:
        if message.own and message.answer is not None and units and units[-1][0].answer == message.answer:
            units[-1].append(message)
        else:
            units.append([message])
    return units


def steady(before: int | None, budget: int) -> int:
    """The budget of a conversation that had one before: the same for as long as it is about that."""
    return before if before is not None and abs(budget - before) <= STEADY * before else budget


def window_start(history: History, budget: int, steps: int = 0) -> int:
    """The index of the first message that goes into a prompt of so many tokens; or will, after so many steps more.

    Positions are counted in tokens from the history's origin, and the window's beginning only ever stands at a multiple
    of a large step: so it stays where it is until the conversation has grown by a whole step.
    """
    weights = [message.tokens for message in history.messages]
    step = max(1, int(budget * (1 - KEPT_AFTER_CUT)))
    excess = history.origin + sum(weights) - budget + steps * step
    if excess <= 0 or not weights:
        return 0
    edge = -(-excess // step) * step
    position = history.origin
    for index, weight in enumerate(weights[:-1]):
        if position >= edge:
            return index
        position += weight
    return len(weights) - 1


def _falling(history: History, start: int, room: int) -> tuple[int, ...]:
    """The messages that the next step of the window leaves out, once the room is nearly full."""
    if sum(message.tokens for message in history.messages[start:]) < room * NEARLY_FULL:
        return ()
    return tuple(message.id for message in history.messages[start : window_start(history, room, steps=1)])


def _in_short(summary: str, tokens: int) -> str:
    """What was said before, as a note that nobody else can write, and no longer than it may be."""
    weight = estimate_tokens(summary)
    if weight > tokens:
        summary = f"{summary[: len(summary) * tokens // weight]}…"
    return f"[Earlier here, in short: {indented(plain(summary))}]"


def _behind(note: str, turns: list[ChatMessage]) -> list[ChatMessage]:
    """The turns of a conversation behind a note: with what people say first, or before what the bot does."""
    first = turns[0]
    if first.role != "user":
        return [ChatMessage(role="user", content=note), *turns]
    content = first.content
    told = f"{note}\n{content}" if isinstance(content, str) else [TextPart(text=note), *content]
    return [ChatMessage(role="user", content=told), *turns[1:]]


def _conversation(
    units: Sequence[list[BufferedMessage]], inserts: Sequence[_Insert], telling: _Telling, note: str
) -> list[ChatMessage]:
    """The conversation as turns, with what is inserted into it; the note stands with the last words of a person."""
    before: dict[int, list[_Insert]] = {}
    for insert in inserts:
        before.setdefault(max(0, len(units) - insert.depth), []).append(insert)
    turns: list[ChatMessage] = []
    edges = sorted({0, len(units), *before})
    for start, end in zip(edges, [*edges[1:], len(units)], strict=True):
        turns += [ChatMessage(role=insert.role, content=insert.text) for insert in before.get(start, ())]
        messages = [message for unit in units[start:end] for message in unit]
        spoken = [_turn(own, group, telling) for own, group in groupby(messages, key=lambda message: message.own)]
        if spoken and end == len(units) and spoken[-1].role == "user":
            spoken[-1] = ChatMessage(role="user", content=_with_note(spoken[-1].content, note))
        turns += spoken
    return turns


def _with_note(content: Content, note: str) -> Content:
    return f"{content}\n\n{note}" if isinstance(content, str) else [*content, TextPart(text=note)]


def _turn(own: bool, group: Iterable[BufferedMessage], telling: _Telling) -> ChatMessage:
    """Neighbouring messages of one side as one turn: many chat templates demand that the roles alternate."""
    if own:
        answers = groupby(group, key=lambda message: message.answer)
        texts = ["\n".join(page.content for page in pages) for _, pages in answers]
        return ChatMessage(role="assistant", content="\n\n".join(texts))
    return ChatMessage(role="user", content=telling.content(group))


@dataclass(frozen=True, slots=True)
class _Telling:
    """How people's messages are told, and which of their pictures are shown."""

    speakers: Speakers
    seen: Mapping[int, str]

    def content(self, messages: Iterable[BufferedMessage]) -> Content:
        """The messages as one text; as parts only where there is a picture to show, which stands below its message."""
        parts: list[TextPart | ImagePart] = []
        lines: list[str] = []
        for message in messages:
            lines.append(spoken(message, self.speakers))
            for picture in message.pictures:
                shown = self.seen.get(picture.id)
                if shown is None:
                    continue
                if not shown.startswith("data:"):
                    lines.append(f"{INDENT}{shown}")
                    continue
                parts += [TextPart(text="\n".join(lines))] if lines else []
                parts.append(ImagePart(image_url=ImageURL(url=shown)))
                lines = []
        text = "\n".join(lines)
        return [*parts, *([TextPart(text=text)] if text else [])] if parts else text


def spoken(message: BufferedMessage, speakers: Speakers) -> str:
    """A person's message, with what it replies to; its lines can't pose as somebody else's."""
    says = _says(message)
    text = f"{note} {says}" if (note := _replying(message)) else says
    return f"{message.author_name}: {indented(text)}" if speakers == "prefix" else text


def _replying(message: BufferedMessage) -> str:
    quoted = message.quoted
    if quoted is None:
        return ""
    if quoted.content is None:
        return "[replying to a message that is gone]"
    return f"[replying to {'you' if quoted.own else quoted.author_name}: {excerpt(quoted.content)}]"
