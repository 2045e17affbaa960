"""Keys: whether a text holds what wakes an entry. Plain ones are looked for as they are, `/pattern/flags` as a regex.

Whoever writes a card writes its patterns, so each search has little time, and all of them together have not much more:
what was not found in time does not match.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from discord_bot.chat.lore.book import Entry, Logic
    from discord_bot.chat.macros import Macros

MAX_PATTERN: Final = 500
"""Characters of a regular expression."""
FIRST_LOOK: Final = 0.0003
"""Seconds of the processor for a search; a sound pattern needs a tenth of that."""
SEARCH_TIME: Final = 0.004
"""Seconds for one that has used those up and is begun again."""
MAX_OVERRUNS: Final = 5
"""How many are begun again in one turn. After as many that came to no end even so, nothing more is searched for."""
MAX_SLOW: Final = 50
"""How many may use up their first look. After as many, nothing more is searched for."""
MAX_SEARCHES: Final = 500
"""Searches with regular expressions in one turn."""
MAX_PATTERNS: Final = 10_000
"""Characters of all regular expressions that are tried in one turn: reading one takes time as well."""
MAX_GROUPS: Final = 50
"""Brackets in a pattern."""
MAX_REPEATS: Final = 1_000
"""The product of all counted repetitions in a pattern, which is how large its program can grow."""
MAX_SCANNED: Final = 20_000
"""Characters of a text in which keys are looked for, the newest ones."""

_FORM: Final = re.compile(r"/(.+)/([A-Za-z]*)", re.DOTALL)
_FLAGS: Final = frozenset("gimsuy")


class Scanner:
    """Looks for keys in one turn, with one allowance for all its regular expressions."""

    def __init__(self, macros: Macros) -> None:
        self._macros = macros
        self._searches = self._characters = self._slow = 0
        self._patterns: dict[tuple[str, str], Any | None] = {}
        self._found: dict[tuple[str, str, Texts], bool] = {}
        self.overruns = 0
        """Searches that came to no end in their time."""

    def wakes(self, entry: Entry, texts: Texts) -> str | None:
        """The primary key by which the texts wake the entry, as it is written there; None where they don't.

        What its secondary keys and its decorators demand comes behind.
        """
        found = next((key for key in entry.keys if self._has(key, entry, texts)), None)
        if found is None:
            return None
        if entry.secondary_keys and not self._logic(entry.logic, entry, texts):
            return None
        if not all(self._any(words, entry, texts) for words in entry.decorators.additional_keys):
            return None
        excluded = entry.decorators.exclude_keys
        return found if entry.use_regex or not excluded or not self._any(excluded, entry, texts) else None

    def _logic(self, logic: Logic, entry: Entry, texts: Texts) -> bool:
        found = [self._has(key, entry, texts) for key in entry.secondary_keys if key.strip()]
        match logic:
            case "any":
                return any(found) or not found
            case "not_all":
                return not all(found)
            case "not_any":
                return not any(found)
            case "all":
                return all(found)

    def _any(self, keys: Iterable[str], entry: Entry, texts: Texts) -> bool:
        return any(self._has(key, entry, texts) for key in keys)

    def _has(self, key: str, entry: Entry, texts: Texts) -> bool:
        if "{" in key or "<" in key:
            key = self._macros.expand(key)
        key = key.strip()
        if not key:
            return False  # which would be found everywhere
        if entry.use_regex and key[0] == "/" and (form := _FORM.fullmatch(key)):
            return self._matches(form[1], form[2], texts)
        if not entry.case_sensitive:
            key = key.casefold()
        text = texts.plain if entry.case_sensitive else texts.folded
        if key not in text:
            return False
        return not entry.whole_words or re.search(rf"(?<!\w){re.escape(key)}(?!\w)", text) is not None

    def _matches(self, pattern: str, flags: str, texts: Texts) -> bool:
        """Whether a pattern is found; the same one in the same texts is searched for once."""
        known = pattern, flags, texts
        if known not in self._found:
            self._found[known] = self._search(pattern, flags, texts)
        return self._found[known]

    def _search(self, pattern: str, flags: str, texts: Texts) -> bool:
        self._searches += 1
        if self.overruns >= MAX_OVERRUNS or self._slow >= MAX_SLOW or self._searches > MAX_SEARCHES:
            return False
        if (pattern, flags) not in self._patterns:
            self._characters += len(pattern)
            affordable = self._characters <= MAX_PATTERNS
            self._patterns[pattern, flags] = compile_javascript(pattern, flags) if affordable else None
        compiled = self._patterns[pattern, flags]
        if compiled is None:
            return False
        try:
            return compiled.search(texts.plain, timeout=FIRST_LOOK) is not None
        except TimeoutError:
            self._slow += 1
        try:
            return self._slow <= MAX_OVERRUNS and compiled.search(texts.plain, timeout=SEARCH_TIME) is not None
        except TimeoutError:
            self.overruns += 1
            return False


class Texts:
    """The texts that are scanned together, with and without case."""

    __slots__ = ("folded", "plain")

    def __init__(self, texts: Sequence[str]) -> None:
        self.plain = "\n".join(texts)[-MAX_SCANNED:]
        self.folded = self.plain.casefold()


_ESCAPES: Final = re.compile(
    r"\\(?:u\{(?P<code>[0-9A-Fa-f]{1,6})\}|k<(?P<name>\w+)>|(?P<python>[AZGKLNQREX]|[<>])|.)"
    r"|(?P<brace>\{(?!\d+(?:,\d*)?\}))|(?P<group>\(\?(?!<?[=!]|:|<[A-Za-z_]\w*>))|(?P<possessive>[*+?}]\+)",
    re.DOTALL,
)
"""What another dialect of regular expressions would understand differently from JavaScript."""


@lru_cache(maxsize=512)
def compile_javascript(pattern: str, flags: str) -> Any | None:
    """A JavaScript pattern as one of ours; None where it is none there, or can't be said here."""
    import regex  # type: ignore[import-untyped]

    if (
        len(pattern) > MAX_PATTERN
        or pattern.count("(") > MAX_GROUPS
        or not _FLAGS.issuperset(flags)
        or len(set(flags)) < len(flags)
    ):
        return None
    refused = False

    def said_here(match: re.Match[str]) -> str:
        nonlocal refused
        if match["code"] is not None:
            return f"\\U{int(match['code'], 16):08x}"
        if match["name"] is not None:
            return f"(?P={match['name']})"
        if match["python"] is not None:
            return match["python"]  # in JavaScript a needless backslash
        if match["brace"] is not None:
            return "\\{"
        if match["group"] is not None or match["possessive"] is not None:
            refused = True  # inline flags, atomic groups, possessive repetition: not JavaScript's
        return match[0]

    try:
        translated = _ESCAPES.sub(said_here, pattern)
        if refused or _repeats(pattern) > MAX_REPEATS:
            return None
        chosen = regex.VERSION0
        for flag, meaning in (("i", regex.IGNORECASE), ("m", regex.MULTILINE), ("s", regex.DOTALL)):
            chosen |= meaning if flag in flags else 0
        return regex.compile(translated, chosen, cache_pattern=False)
    except (regex.error, ValueError, OverflowError, RecursionError, MemoryError):
        return None


def _repeats(pattern: str) -> int:
    product = 1
    for low, high in re.findall(r"\{(\d{1,9})(?:,(\d{0,9}))?\}", pattern):
        product *= max(int(low or 1), int(high or 1), 1)
    return product
