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

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from discord_bot.chat.continuation import GO_ON
from discord_bot.chat.macros import Macros
from discord_bot.chat.prompt.inserts import NO_LORE, inserts_of, lore_of
from discord_bot.chat.prompt.system_message import examples, system_text
from discord_bot.chat.prompt.turns import Telling, behind_summary, conversation, units_of
from discord_bot.chat.prompt.window import falling, window_start, with_room
from discord_bot.chat.schema import ChatMessage, ImagePart
from discord_bot.chat.tokens import MESSAGE_OVERHEAD, Mix, estimate_tokens, mix_of

if TYPE_CHECKING:
    from discord_bot.chat.buffered import BufferedMessage
    from discord_bot.chat.files import File
    from discord_bot.chat.history import History
    from discord_bot.chat.lore.activation import Activation
    from discord_bot.chat.persona import Persona
    from discord_bot.chat.speakers import Speakers

EXAMPLES_SHARE = 4
"""A fourth of the budget is for examples of how the character speaks, and only while all of the history fits beside."""
SUMMARY_SHARE = 16
"""A sixteenth of the budget is for what was said before, where that is summarised."""
PICTURE_TOKENS = 800
"""About what a picture of `sight.SIDE` pixels comes to; models differ between 300 and 1,600."""
GRAIN = 64
"""Tokens to which the room for the history is rounded, so that an asker's longer name does not move its beginning."""
NOTHING_SEEN: Mapping[int, str] = MappingProxyType({})


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
    first = history.first_answered
    macros = asking if first is None else replace(asking, user=first.author_name)
    lore, reserved = lore_of(persona, units_of(history.messages), macros, budget, greeting)
    inserts = inserts_of(persona, lore, macros)
    system = system_text(persona, speakers, lore, macros)
    note = f"[It is {now:%A, %Y-%m-%d %H:%M} UTC. Answer {asker}.]"
    ending = asking.expand(persona.post_history_instructions, original="").strip()
    weight = sum(map(estimate_tokens, (system, note, ending))) + MESSAGE_OVERHEAD
    weight += sum(MESSAGE_OVERHEAD + estimate_tokens(each.text) for each in inserts)
    kept_for_lore = max(0, reserved - sum(estimate_tokens(each.text) for each in lore.active))
    kept_for_summary = budget // SUMMARY_SHARE if summary_before is not None else 0

    settled_macros = macros if first is None else replace(macros, seed=first.id)
    shown, all_examples = examples(persona, settled_macros, budget // EXAMPLES_SHARE)
    for_examples = estimate_tokens(shown)
    said = sum(message.tokens for message in history.messages)
    if history.origin or weight + kept_for_lore + for_examples + said > budget:
        shown, for_examples = "", 0
    room = max(1, (budget - weight - kept_for_lore - for_examples - kept_for_summary) // GRAIN * GRAIN)
    start = window_start(history, room)
    kept = history.messages[start:]

    turns = conversation(units_of(kept), inserts, Telling(speakers, seen), note)
    summary = summary_before(kept[0]) if summary_before is not None and kept and (start or history.origin) else ""
    if summary:
        turns = behind_summary(turns, summary, kept_for_summary)
    parts = [part for turn in turns if not isinstance(turn.content, str) for part in turn.content]
    pictures = PICTURE_TOKENS * sum(isinstance(part, ImagePart) for part in parts)
    if ending:
        turns.append(ChatMessage(role="system", content=ending))
    return Prompt(
        messages=(ChatMessage(role="system", content="\n\n".join(filter(None, (system, shown)))), *turns),
        included=tuple(message.id for message in kept),
        left_out=tuple(message.id for message in history.messages[:start]),
        tokens=weight + for_examples + kept_for_summary + pictures + sum(message.tokens for message in kept),
        lore=lore,
        files={message.id: files for message in kept if (files := _told_of(message))},
        without_examples=shown != all_examples,
        falling=falling(history, start, room),
        with_summary=bool(summary),
    )


def _told_of(message: BufferedMessage) -> tuple[File, ...]:
    """The files that a message tells of."""
    return tuple(file for file in message.files if file.of is None or file.reading is not None)


def going_on(asked: Prompt, answered: str) -> Prompt:
    """The prompt that makes the model go on with an answer to the first prompt that stopped for its length."""
    more = (ChatMessage(role="assistant", content=answered), ChatMessage(role="user", content=GO_ON))
    tokens = estimate_tokens(answered) + estimate_tokens(GO_ON) + 2 * MESSAGE_OVERHEAD
    return replace(asked, messages=(*asked.messages, *more), tokens=asked.tokens + tokens)
