"""Where personas are written: taken from wherever there are some, talked to beside any channel, and saved.

It asks as the bot would (its model, its prompt, its budget), but nothing of it stands anywhere: what was said is told
by the page with each question.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from discord_bot.chat.buffered import BufferedMessage
from discord_bot.chat.history import History
from discord_bot.chat.in_character import in_character
from discord_bot.chat.macros import Macros
from discord_bot.chat.prompt import Prompt, build
from discord_bot.chat.tokens import mix_of
from discord_bot.chat.usage import counted
from discord_bot.config.writing import with_persona, written
from discord_bot.errors import PersonaError
from discord_bot.library import filename, record_of, written_as
from discord_bot.personas import key_of
from discord_bot.playground.drafts import card_of, draft_of, for_config, persona_of
from discord_bot.playground.inspector import shown
from discord_bot.playground.sentences import NotUnderstoodError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from discord_bot.chat.persona import Persona
    from discord_bot.config import Settings
    from discord_bot.known_models import Model
    from discord_bot.personas import Known, Personas
    from discord_bot.playground.running import Running
    from discord_bot.store import Library

TOLD_EVERY: Final = 0.1
"""Seconds between two states of a growing answer that the page is told."""
MAX_SAVED: Final = 1 << 20
"""Bytes of a configuration that is written into; more is none."""
ASKER, SPEAKER = 1, 2
"""Ids that stand for whoever asks and for the persona; there is nobody else."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what was answered; no question where the persona greeted."""

    question: str
    answer: str = ""


class Workshop:
    """What is done about personas in one playground."""

    def __init__(self, running: Running) -> None:
        self._running = running

    @property
    def _settings(self) -> Settings:
        return self._running.settings

    @property
    def models(self) -> list[str]:
        """The models that can be asked, the one that is asked by itself first."""
        return list(self._settings.models)

    @property
    def config(self) -> Path | None:
        """The configuration that the playground was started with; None where it is the one that is built in."""
        path = Path(self._settings.source).resolve()
        return None if path.parent == Path(__file__).parent.parent or not path.is_file() else path

    # ---- where personas are from -------------------------------------------------------------------------------------

    async def known(self, library: Library) -> list[dict[str, str]]:
        """All personas that there are for that library, and whose they are."""
        bot = await self._running.bot()
        known = await bot.personas.known(library)
        return [{"name": each.name, "whose": each.whose, "description": each.description} for each in known]

    async def take(self, library: Library, name: str) -> dict[str, Any]:
        """A draft of one of them."""
        personas, known = await self._named(library, name)
        return draft_of(*await personas.card(library, known))

    async def persona(self, library: Library, name: str) -> Persona:
        """One of them, as it stands."""
        personas, known = await self._named(library, name)
        return await personas.persona(library, known)

    async def _named(self, library: Library, name: str) -> tuple[Personas, Known]:
        personas = (await self._running.bot()).personas
        known = await personas.by_key(library, key_of(name))
        if known is None:
            raise PersonaError("persona_unknown", name=name)
        return personas, known

    # ---- talking to them ---------------------------------------------------------------------------------------------

    async def ask(
        self, persona: Persona, turns: Sequence[Turn], asker: str, model: str, tell: Callable[[str], None]
    ) -> dict[str, Any]:
        """The answer to the last of the turns; `tell` is told the text as it grows. Raises CompletionError.

        `model` names the one that is asked; empty, it is the persona's own, or else the first.
        """
        bot = await self._running.bot()
        wished = (model, persona.model or "", self.models[0])
        asked = bot.models[next(each for each in wished if each in bot.models)]
        prompt = self._prompt(persona, turns, asker, asked)
        named = self._settings.conversation.speakers == "prefix"
        first, *others = bot.targets(asked, persona, prompt.messages)
        began = told = time.monotonic()
        text = ""
        async with aclosing(bot.completions.stream(*first, others)) as completions:
            async for completion in completions:
                if (now := time.monotonic()) - told >= TOLD_EVERY:
                    told, text = now, completion.text
                    tell(in_character(text, persona.known_as, [asker]) if named else text)
        text = completion.text or completion.refusal
        usage = counted(completion.usage)
        return {
            "text": in_character(text, persona.known_as, [asker], complete=True) if named else text,
            "reason": completion.finish_reason,
            "model": completion.answered_by or asked.reference,
            "seconds": round(time.monotonic() - began, 1),
            "tokens": {"prompt": usage.prompt or prompt.tokens, "completion": usage.completion},
            "prompt": [shown(each) for each in prompt.messages],
        }

    def _prompt(self, persona: Persona, turns: Sequence[Turn], asker: str, model: Model) -> Prompt:
        """What the bot would send in a channel in which nothing else was said."""
        messages: list[BufferedMessage] = []
        for number, turn in enumerate(turns):
            question = 2 * number + 1
            if turn.question:
                messages.append(BufferedMessage(question, ASKER, asker, turn.question))
            if turn.answer:
                greeting = None if turn.question else 0
                answers = question if turn.question else None
                messages.append(BufferedMessage(
                    question + 1, SPEAKER, persona.called, turn.answer, own=True, answers=answers, greeting=greeting
                ))  # fmt: skip
        remembering = self._settings.conversation
        return build(
            persona,
            History(tuple(messages)),
            budget=model.budget(remembering.max_tokens, mix_of(each.content for each in messages)),
            now=datetime.now(UTC),
            asker=asker,
            speakers=remembering.speakers,
        )

    @staticmethod
    def greeting(persona: Persona, asker: str) -> str:
        """How it opens a conversation with whoever asks; empty where it doesn't."""
        text = next((text for text in persona.greetings if text.strip()), "")
        return Macros(persona.called, asker, 1).expand(text).strip()

    # ---- saving them -------------------------------------------------------------------------------------------------

    async def export(self, draft: Mapping[str, Any], kind: str) -> tuple[str, bytes, int]:
        """The draft as a card: a file's name, the file, and how many files beside the card had no room in it."""
        card, _ = card_of(draft)
        file, lost = await asyncio.to_thread(written_as, card, kind, int(time.time()))
        return f"{filename(card.name)}.{kind}", file, lost

    async def save(self, draft: Mapping[str, Any], library: Library, made_by: int, *, replaces: bool) -> str:
        """Puts the draft into a library, where /persona set finds it at once; its name.

        Raises PersonaError where the name is taken, or the library is full.
        """
        bot = await self._running.bot()
        card, own = card_of(draft)
        record = await asyncio.to_thread(record_of, card, library, own=own, made_by=made_by)
        await bot.personas.save(record, replaces=replaces)
        return record.name

    def section(self, draft: Mapping[str, Any]) -> dict[str, Any]:
        """The draft as a persona of config.yaml, the fields that have no place there, and where it could be written."""
        persona = persona_of(draft)
        values, without = for_config(persona)
        path = self.config
        return {
            "text": written({persona.name: values}),
            "without": without,
            "path": str(path) if path is not None else None,
        }

    async def write(self, draft: Mapping[str, Any]) -> str:
        """Writes the draft into the configuration, of which all else stays as it is; the file's path."""
        path = self.config
        if path is None:
            raise NotUnderstoodError("no-config")
        persona = persona_of(draft)
        values, _ = for_config(persona)
        await asyncio.to_thread(_write_into, path, persona.name, values)
        return str(path)


def _write_into(path: Path, name: str, values: Mapping[str, Any]) -> None:
    """Lets a file hold a persona: all of the new text or all of the old, whatever happens."""
    try:
        before = path.read_bytes()
        text = before.decode("utf-8") if len(before) <= MAX_SAVED else None
        after = with_persona(text, name, values) if text is not None else None
    except UnicodeDecodeError:
        after = None
    except OSError as error:
        raise NotUnderstoodError("config-unwritable", path=path, reason=error.strerror or error) from None
    if after is None:
        raise NotUnderstoodError("config-not-safe", path=path)
    try:
        handle, beside = tempfile.mkstemp(prefix=".config-", suffix=".yaml", dir=path.parent)
    except OSError as error:
        raise NotUnderstoodError("config-unwritable", path=path, reason=error.strerror or error) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(after.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(path.stat().st_mode & 0o7777)
        if path.read_bytes() != before:  # somebody saved it meanwhile
            raise NotUnderstoodError("config-changed", path=path)
        Path(beside).replace(path)
    except OSError as error:
        raise NotUnderstoodError("config-unwritable", path=path, reason=error.strerror or error) from None
    finally:
        with suppress(FileNotFoundError):
            Path(beside).unlink()
