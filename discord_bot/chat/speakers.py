"""Who speaks: one name for each person of a conversation, and texts that can't pose as somebody else's.

A prompt names who said what in plain text. So names must be told apart, must stay what they are (a name that changes
changes the whole prefix), and nothing that people write may look like the beginning of another person's message, like a
turn of the model's own chat template, or like one of the bot's notes in brackets.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from discord_bot.chat.characters import cluster_start

Speaker = tuple[int, str]
"""Who says something: an id; and for a webhook, which may be anybody, the name that it has given itself."""
Speakers = Literal["prefix", "none"]
"""Whether people's messages begin with their name."""

ROLES = ("system", "assistant", "user", "developer", "tool", "function", "model")
"""What a chat template calls its turns: whoever bears such a name is told apart from them, as from another person."""
INDENT = "  "
"""Before every further line of a message, so that none of them begins like somebody's message."""
QUOTE_LENGTH = 200
"""Characters of a message that are shown with a reply to it; the message itself mostly stands above."""

_MENTION = re.compile(r"<@!?(\d{1,20})>")
_TEMPLATE = re.compile(r"<(?=\|[^|<>\n]{1,40}\|>|/?s>|/?(?:start|end)_of_turn>|</?SYS>>)|\[(?=/?INST\])", re.IGNORECASE)
"""The marks of turns in the chat templates of today's models; servers turn them into tokens in people's text too."""
_NOTE = re.compile(
    r"((?:^|[\r\v\f\x1c-\x1e\x85\u2028\u2029])[ \t>]*)\["
    r"(?=\s*(?:replying|forwarded|earlier|end of|embed|poll|sticker|file|picture|video|audio|voice|text|page|it is)\b"
    r"(?!\s*\]))",
    re.IGNORECASE | re.MULTILINE,
)
_CODE = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]*(?:`|\n|\Z))", re.DOTALL)
"""Code, and what may yet become code: what stands behind a single backtick is left alone up to the line's end."""


class Names:
    """The names in one conversation: who was named first keeps the name, the next one of that name gets a number."""

    __slots__ = ("_given", "_taken")

    def __init__(self) -> None:
        self._given: dict[Speaker, str] = {}
        self._taken: dict[str, Speaker | None] = dict.fromkeys(ROLES)

    def __len__(self) -> int:
        return len(self._given)

    def learn(self, speaker: Speaker, name: str) -> None:
        """Gives somebody a name, unless they have one."""
        if speaker in self._given:
            return
        given, number = name, 1
        while _alike(given) in self._taken:
            number += 1
            given = f"{name} ({number})"
        self._given[speaker] = given
        self._taken[_alike(given)] = speaker

    def copy(self) -> Names:
        """The same names, to which others can be added."""
        copied = Names()
        copied._given, copied._taken = self._given.copy(), self._taken.copy()
        return copied

    def of(self, speaker: Speaker, otherwise: str) -> str:
        """Somebody's name."""
        return self._given.get(speaker, otherwise)

    def fill_in(self, text: str) -> str:
        """The text with names for the mentions of those who have one."""
        return _filled_in(text, lambda person: self._given.get((person, "")))


def plain(text: str) -> str:
    """What somebody wrote, so that it can be told from turns of a chat template, and from the bot's own notes."""
    if "<" not in text and "[" not in text:
        return text  # all of them begin with one of the two, and most texts have neither
    text = _TEMPLATE.sub(r"\g<0> ", text)
    return _NOTE.sub(r"\1\\[", text) if "[" in text else text


def indented(text: str) -> str:
    """A message behind its speaker's name: its further lines stand back."""
    # Whatever a model may take for a new line is one: `splitlines` knows them all.
    return f"\n{INDENT}".join(text.splitlines())


def excerpt(text: str, most: int = QUOTE_LENGTH) -> str:
    """The beginning of a text, on one line and between quotation marks."""
    flat = " ".join(text.split()).replace('"', "'")
    if len(flat) <= most:
        return f'"{flat}"'
    return f'"{flat[: cluster_start(flat, most - 1)].rstrip()}…"'


def unmentioned(text: str, people: Mapping[int, str]) -> str:
    """The text with names in the place of real mentions, as the model writes them: what `mentioning` is given."""
    return _filled_in(text, people.get)


def _filled_in(text: str, name_of: Callable[[int], str | None]) -> str:
    if "<@" not in text:
        return text
    return _MENTION.sub(lambda found: f"@{name}" if (name := name_of(int(found[1]))) else found.group(), text)


def mentioning(text: str, people: Mapping[int, str], *, complete: bool = False) -> str:
    """What the model wrote, with real mentions in the place of `@Name`, for those who are in the conversation.

    What it gives is the beginning of what it gives once the text has grown: a name that may yet become a longer one is
    held back, unless the text is complete. Code stays as it is.
    """
    if "@" not in text or not people:
        return text
    names = {name.casefold(): f"<@{person_id}>" for person_id, name in people.items()}
    pattern = re.compile(
        "@(?:" + "|".join(_ended(each) for each in sorted(names, key=len, reverse=True)) + ")", re.IGNORECASE
    )
    if not complete:
        text = text[: _settled(text, names)]
    return _outside_code(text, lambda piece: pattern.sub(lambda found: _named(found.group(), names), piece))


def _named(found: str, names: Mapping[str, str]) -> str:
    return names.get(found[1:].casefold(), found)


def _ended(name: str) -> str:
    """A pattern for a name, behind which no Latin letter stands that would make it another one."""
    return re.escape(name) + (r"(?![A-Za-z0-9_])" if name[-1].isascii() and name[-1].isalnum() else "")


def _settled(text: str, names: Iterable[str]) -> int:
    """How much of a growing text can be decided: up to the first `@` behind which a name may still be growing."""
    longest = max(map(len, names)) + 1
    start = max(0, len(text) - longest - 1)
    while (at := text.find("@", start)) >= 0:
        begun = text[at + 1 :].casefold()
        # A whole name is not settled either: a letter may follow, or the rest of a longer name.
        if any(name.startswith(begun) for name in names):
            return at
        start = at + 1
    return len(text)


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    return "".join(piece if index % 2 else change(piece) for index, piece in enumerate(_CODE.split(text)))


def _alike(name: str) -> str:
    """What two names have in common that people, or models, take for the same."""
    shown = (each for each in unicodedata.normalize("NFKC", name) if unicodedata.category(each) not in ("Cf", "Mn"))
    return "".join(shown).casefold().strip()
