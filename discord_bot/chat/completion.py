"""Chunks to one growing completion: text, reasoning, refusal, tool calls, images, usage and why it ended.

This file knows what servers put into a chunk, and that they don't agree; it does not know how a chunk got here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from discord_bot.chat.think_tags import ThinkTags, split_at_lone_closing
from discord_bot.chat.tool_calls import ToolCall, ToolCalls
from discord_bot.errors import ServerError, StreamInterrupted

if TYPE_CHECKING:
    from discord_bot.chat.schema import ChatCompletionChunk, Choice, Delta, Usage

NO_REASONS = frozenset({"", "null"})
"""Finish reasons that are none: KoboldCpp and old Ollama servers send them in every chunk."""

FINISH_REASONS = {
    "stop": "stop",
    "eos": "stop",  # Together
    "eos_token": "stop",  # text-generation-inference
    "end_turn": "stop",  # Anthropic's word, passed through
    "stop_sequence": "stop",
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",  # Mistral: the context is full
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "tool_call": "tool_calls",
    "tool_use": "tool_calls",
    "content_filter": "content_filter",
    "refusal": "content_filter",  # Anthropic's word, passed through
    "safety": "content_filter",  # Gemini's words, passed through
    "recitation": "content_filter",
    "prohibited_content": "content_filter",
}
"""What servers write, lower case -> OpenAI's word for it. Any other reason is `unknown`."""

FAILED_REASONS = frozenset({"error", "insufficient_system_resource"})
"""Finish reasons that say that the answer is not whole (Mistral and OpenRouter; DeepSeek)."""

MAX_NESTING = 4
"""How deep text may lie in parts of parts."""

_SURROGATE = re.compile("[\ud800-\udfff]")


class Text:
    """Text that comes in pieces. A surrogate pair that was cut in two is joined; a lone half becomes U+FFFD."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._half = ""

    def append(self, piece: str) -> None:
        """Add a piece."""
        if self._half or (not piece.isascii() and _SURROGATE.search(piece)):
            piece = self._half + piece
            self._half = piece[-1] if "\ud800" <= piece[-1:] <= "\udbff" else ""
            piece = _without_surrogates(piece[: len(piece) - len(self._half)])
        self._pieces.append(piece)

    def close(self) -> None:
        """No more comes: a half that waited for its other half stays alone."""
        if self._half:
            self._half = ""
            self._pieces.append("\ufffd")

    def __str__(self) -> str:
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""


def _without_surrogates(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Completion:
    """The answer so far. It grows by `feed` and ends with `close`."""

    def __init__(self) -> None:
        self.model: str | None = None
        """The model that the server says it used."""
        self.answered_by: str | None = None
        """The model that answered as config.yaml names it, where it wasn't the one that was asked first."""
        self.usage: Usage | None = None
        """The newest count: servers that send several send the sum each time."""
        self.finish_reason_raw: str | None = None
        """Why it ended, in the server's own word."""
        self.images: list[str] = []
        """The URLs of images that the model made, mostly `data:` ones."""
        self.started = False
        """Whether anything has arrived that a model made: text, reasoning, a refusal, a call or an image."""
        self._answered = False  # a choice has been seen, be it empty
        self._has_deltas = False
        self._text = Text()
        self._reasoning = Text()
        self._refusal = Text()
        self._tags: ThinkTags | None = ThinkTags()
        self._calls = ToolCalls()

    @property
    def text(self) -> str:
        """The visible answer so far."""
        return str(self._text)

    @property
    def reasoning(self) -> str:
        """What the model thought so far, where the server tells."""
        return str(self._reasoning)

    @property
    def refusal(self) -> str:
        """Why the model doesn't answer, where it says so apart from the text."""
        return str(self._refusal)

    @property
    def tool_calls(self) -> list[ToolCall]:
        """The calls that are whole, in the order of their arrival."""
        return self._calls.whole()

    @property
    def finish_reason(self) -> str | None:
        """Why it ended: stop, length, tool_calls or content_filter, else unknown; None where it didn't say."""
        if self.finish_reason_raw is None:
            return None
        reason = FINISH_REASONS.get(self.finish_reason_raw.lower(), "unknown")
        return "tool_calls" if reason == "stop" and self._calls.begun else reason

    def feed(self, chunk: ChatCompletionChunk) -> None:
        """Grow by one chunk, or by a whole answer."""
        if self.model is None and chunk.model:
            self.model = chunk.model
        if chunk.usage is not None:
            self.usage = chunk.usage
        elif chunk.x_groq is not None and chunk.x_groq.usage is not None:
            self.usage = chunk.x_groq.usage
        if chunk.choices:
            for choice in chunk.choices:
                if not choice.index:  # 0 or none: the only one that we asked for
                    self._feed_choice(choice)

    def close(self, *, done: bool) -> None:
        """No more comes; `done` says whether the server has said so itself, by `[DONE]`.

        Raises StreamInterrupted where the answer is not whole, ServerError where it was none.
        """
        self._close_text()
        if self.finish_reason_raw is not None and self.finish_reason_raw.lower() in FAILED_REASONS:
            raise StreamInterrupted(f"the server ended with {self.finish_reason_raw!r}", partial_text=self.text)
        if self.finish_reason_raw is not None:
            return
        if not done:
            message = "the answer stopped before its end" if self.started else "the answer ended before it began"
            raise StreamInterrupted(message, partial_text=self.text)
        if not self._answered:
            raise ServerError("the server ended without an answer")

    def _feed_choice(self, choice: Choice) -> None:
        self._answered = True
        # The content comes first, then the reason: vLLM sends the last token and the reason together.
        if choice.delta is not None:
            self._has_deltas = True
            self._feed_delta(choice.delta)
        elif choice.message is not None and not self._has_deltas:
            self._feed_delta(choice.message)
        if choice.finish_reason is not None and choice.finish_reason not in NO_REASONS:
            self.finish_reason_raw = choice.finish_reason
        if choice.usage is not None:
            self.usage = choice.usage

    def _feed_delta(self, delta: Delta) -> None:
        if delta.content:
            if isinstance(delta.content, str):
                self._feed_text(delta.content)
            else:
                self._feed_parts(delta.content)
        if reasoning := delta.reasoning_content or delta.reasoning:
            self._feed_reasoning(_plain(reasoning))
        if delta.refusal and isinstance(delta.refusal, str):
            self._refusal.append(delta.refusal)
            self.started = True
        if delta.tool_calls:
            self.started = True
            for piece in delta.tool_calls:
                self._calls.feed(piece)
        if delta.images:
            self._feed_parts(delta.images)

    def _feed_text(self, piece: str) -> None:
        self.started = True
        if self._tags is not None:
            piece, reasoning = self._tags.feed(piece)
            if reasoning:
                self._reasoning.append(reasoning)
            if self._tags.settled:
                self._tags = None
            if not piece:
                return
        self._text.append(piece)

    def _feed_reasoning(self, piece: str) -> None:
        if piece:
            self.started = True
            self._reasoning.append(piece)

    def _feed_parts(self, parts: object) -> None:
        """Content as a list of parts: Mistral's text and thinking, OpenRouter's images."""
        for part in parts if isinstance(parts, list) else [parts]:
            if isinstance(part, str):
                self._feed_text(part)
            elif isinstance(part, dict):
                if part.get("type") in {"thinking", "reasoning"}:
                    self._feed_reasoning(_plain(part.get("thinking") or part.get("reasoning") or part.get("text")))
                elif url := _image_url(part):
                    self.started = True
                    self.images.append(url)
                elif isinstance(text := part.get("text"), str) and text:
                    self._feed_text(text)

    def _close_text(self) -> None:
        if self._tags is not None:
            text, reasoning = self._tags.close()
            self._text.append(text)
            self._reasoning.append(reasoning)
            self._tags = None
        for text_so_far in (self._text, self._reasoning, self._refusal):
            text_so_far.close()
        if not self.reasoning and "</think>" in self.text and (parts := split_at_lone_closing(self.text)):
            self._text, self._reasoning = Text(), Text()
            self._text.append(parts[0])
            self._reasoning.append(parts[1])


def _plain(value: object, depth: int = 0) -> str:
    """The text in what a server sends as text: a string, a part, or a list of these."""
    if isinstance(value, str):
        return value
    if depth == MAX_NESTING:
        return ""
    if isinstance(value, dict):
        return _plain(value.get("text"), depth + 1)
    return "".join(_plain(part, depth + 1) for part in value) if isinstance(value, list) else ""


def _image_url(part: dict[str, Any]) -> str | None:
    image = part.get("image_url")
    url = image.get("url") if isinstance(image, dict) else image
    return url if isinstance(url, str) and url else None
