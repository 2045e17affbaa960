"""`discord-bot ask`: one question to the model from the terminal, with no Discord.

For people the answer is printed as it streams in; for programs it is one JSON object, and so is a failure.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from discord_bot.chat.persona import Persona
from discord_bot.chat.schema import ChatMessage
from discord_bot.completions import Target
from discord_bot.errors import CompletionError
from discord_bot.personas import Personas, configured, key_of
from discord_bot.store import OWNER, Store

if TYPE_CHECKING:
    from discord_bot.chat.completion import Completion
    from discord_bot.chat.schema import Usage
    from discord_bot.completions import CompletionsClient
    from discord_bot.config import Settings


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of whom."""

    text: str
    models: Mapping[str, Mapping[str, Any]]
    """Who is asked, as `provider/model`, with the request's parameters; the further ones if the first can't answer."""
    system_prompt: str = ""
    prompt: tuple[ChatMessage, ...] = ()
    """The whole prompt with the text in it, where a persona is more than a system prompt."""
    stream: bool | None = None
    """Whether the answer is to be streamed; None leaves it to the parameters, and so to streaming."""

    def asked_of(self, client: CompletionsClient) -> AsyncGenerator[Completion, None]:
        """The answer as it grows."""
        messages = list(self.prompt) or [ChatMessage(role="user", content=self.text)]
        if not self.prompt and self.system_prompt.strip():
            messages.insert(0, ChatMessage(role="system", content=self.system_prompt.strip()))
        chosen = {} if self.stream is None else {"stream": self.stream}
        first, *others = (Target.of(name, messages, {**given, **chosen}) for name, given in self.models.items())
        return client.stream(*first, others)


async def persona_named(settings: Settings, name: str) -> Persona | None:
    """The persona of that name, where case does not matter. The store is opened only for one that is not configured."""
    found = configured(settings)
    if name not in found:
        async with Store.open(settings.store.url) as store:
            personas = await Personas.open(settings, store)
            known = await personas.by_key(OWNER, key_of(name))
            return await personas.persona(OWNER, known) if known is not None else None
    return found[name]


def prompt_for(persona: Persona, text: str, budget: int, now: datetime) -> tuple[ChatMessage, ...]:
    """What the model is told for one question outside of Discord; nothing for who is no more than a system prompt."""
    if persona == Persona(persona.name, persona.system_prompt, persona.description):
        return ()
    from discord_bot.chat.buffered import BufferedMessage
    from discord_bot.chat.history import History
    from discord_bot.chat.macros import DEFAULT_USER
    from discord_bot.chat.prompt import build

    asked = History((BufferedMessage(1, 0, DEFAULT_USER, text),))
    return build(persona, asked, budget=budget, now=now, asker=DEFAULT_USER, speakers="none").messages


async def ask(
    client: CompletionsClient, question: Question, write: Callable[[str], object], *, as_json: bool = False
) -> int:
    """Ask, and write the answer; the exit status. `write` takes text as `sys.stdout.write` does, and shows it at once.

    Raises CompletionError, unless the failure is to be written as JSON.
    """
    if not as_json:
        await _show(client, question, write)
        return 0
    try:
        *_, completion = [each async for each in question.asked_of(client)]
        answer = answered(completion)
    except CompletionError as error:
        answer = {"error": failed(error)}
    write(json.dumps(answer) + "\n")
    return int("error" in answer)


async def _show(client: CompletionsClient, question: Question, write: Callable[[str], object]) -> None:
    """Write the text as it grows; where it turns out to be another one at its end, write that one below."""
    shown = ""
    text = ""
    try:
        async with aclosing(question.asked_of(client)) as completions:
            async for completion in completions:
                text = completion.text
                if text.startswith(shown):
                    write(text[len(shown) :])
                    shown = text
        if shown != text:
            write(f"\n\n{text}")
            shown = text
        if not text.strip():
            shown = _without_text(completion)
            write(shown)
        if completion.answered_by is not None:
            shown = f"\n({completion.answered_by} answered)"
            write(shown)
    finally:
        if shown and not shown.endswith("\n"):
            write("\n")


def _without_text(completion: Completion) -> str:
    """What there is to show of an answer without text."""
    calls = [f"{call.name}({json.dumps(call.arguments, ensure_ascii=False)})" for call in completion.tool_calls]
    lines = [completion.refusal, *calls, *(f"[image: {url[:80]}]" for url in completion.images)]
    return "\n".join(line for line in lines if line) or f"(no text; finish_reason: {completion.finish_reason})"


def answered(completion: Completion) -> dict[str, Any]:
    """An answer as `--json` writes it."""
    return {
        "text": completion.text,
        "reasoning": completion.reasoning,
        "finish_reason": completion.finish_reason,
        "finish_reason_raw": completion.finish_reason_raw,
        "refusal": completion.refusal,
        "tool_calls": [{"id": c.id, "name": c.name, "arguments": c.arguments} for c in completion.tool_calls],
        "usage": _usage(completion.usage),
        "images": completion.images,
    }


def failed(error: CompletionError) -> dict[str, Any]:
    """A failure as `--json` writes it."""
    return {
        "kind": error.kind,
        "message": error.message,
        "retry_after": error.retry_after,
        "retryable": error.retryable,
        "partial_text": error.partial_text,
    }


def _usage(usage: Usage | None) -> dict[str, int]:
    """The numbers that the server told."""
    names = ("prompt_tokens", "completion_tokens", "total_tokens", "cached_tokens", "reasoning_tokens")
    numbers = {name: getattr(usage, name, None) for name in names}
    return {name: number for name, number in numbers.items() if number is not None}
