"""`discord-bot ask`: one question to the model from the terminal, with no Discord.

For people the answer is printed as it streams in; for programs it is one JSON object, and so is a failure.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from discord_bot.chat.schema import ChatCompletionRequest, ChatMessage
from discord_bot.errors import CompletionError

if TYPE_CHECKING:
    from discord_bot.chat.completion import Completion
    from discord_bot.chat.schema import Usage
    from discord_bot.completions import CompletionsClient


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of whom."""

    text: str
    provider: str
    """The endpoint's name, as the client knows it."""
    model: str
    system_prompt: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Of the request, as the configuration has them."""
    stream: bool | None = None
    """Whether the answer is to be streamed; None leaves it to the parameters, and so to streaming."""

    def request(self) -> ChatCompletionRequest:
        """The request that asks it."""
        messages = [ChatMessage(role="user", content=self.text)]
        if self.system_prompt.strip():
            messages.insert(0, ChatMessage(role="system", content=self.system_prompt.strip()))
        chosen = {} if self.stream is None else {"stream": self.stream}
        return ChatCompletionRequest(**{**self.parameters, "model": self.model, "messages": messages, **chosen})


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
        answer = answered(await client.complete(question.provider, question.request()))
    except CompletionError as error:
        answer = {"error": failed(error)}
    write(json.dumps(answer) + "\n")
    return int("error" in answer)


async def _show(client: CompletionsClient, question: Question, write: Callable[[str], object]) -> None:
    """Write the text as it grows; where it turns out to be another one at its end, write that one below."""
    shown = ""
    text = ""
    try:
        async with aclosing(client.stream(question.provider, question.request())) as completions:
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
