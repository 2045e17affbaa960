"""Chunks to one growing completion: text, reasoning, refusal, tool calls, images, usage and why it ended.

This file knows what servers put into a chunk, and that they don't agree; it does not know how a chunk got here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord_bot.chat.images import image_in
from discord_bot.chat.provenance import STRAIGHT
from discord_bot.chat.text import Text, joined_surrogates
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
    "max_output_tokens": "length",
    "max_new_tokens": "length",
    "model_context_window_exceeded": "length",  # Anthropic's word, passed through
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "tool_call": "tool_calls",
    "tool_use": "tool_calls",
    "content_filter": "content_filter",
    "refusal": "content_filter",  # Anthropic's word, passed through
    "safety": "content_filter",  # Gemini's words, passed through
    "recitation": "content_filter",
    "prohibited_content": "content_filter",
    "blocklist": "content_filter",
    "spii": "content_filter",
    "image_safety": "content_filter",
    "sensitive": "content_filter",  # Zhipu
}
"""What servers write, lower case -> OpenAI's word for it. Any other reason is `unknown`."""

FAILED_REASONS = frozenset({"error", "insufficient_system_resource", "network_error"})
"""Finish reasons that say that the answer is not whole (Mistral and OpenRouter; DeepSeek; Zhipu)."""

STOPPED = "the answer stopped before its end"
NOTHING = "the answer ended before it began (some servers do that where the prompt is longer than the model's context)"

MAX_TEXT = 4 * 2**20
"""The most characters of text and reasoning together; a model that goes on beyond has lost its way."""

MAX_IMAGES = 32
"""The most images of one answer; those beyond are left out."""

MAX_NESTING = 4
"""How deep text may lie in parts of parts."""

_THOUGHT = frozenset({"thinking", "reasoning", "reasoning.text", "reasoning.summary", "reasoning_content"})
"""The types of parts that hold reasoning."""

_TEXT_KEYS = ("text", "thinking", "reasoning", "reasoning_content", "summary", "refusal", "content", "value")
"""Where the text of a part may stand."""


class Completion:
    """The answer so far. It grows by `feed` and ends with `close`."""

    def __init__(self) -> None:
        self.model: str | None = None
        """The model that the server says it used."""
        self.answered_by: str | None = None
        """The model that answered as config.yaml names it, where it wasn't the one that was asked first."""
        self.course = STRAIGHT
        """What the question went through until this began."""
        self.usage: Usage | None = None
        """The newest count: servers that send several send the sum each time."""
        self.finish_reason_raw: str | None = None
        """Why it ended, in the server's own word."""
        self.images: list[str] = []
        """The URLs of images that the model made, mostly `data:` ones."""
        self.started = False
        """Whether anything has arrived that a model made: text, reasoning, a refusal, a call or an image."""
        self._answered = False  # the first choice has been seen
        self._others: list[Choice] = []  # further choices, in case that the server counts from 1
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
    def ending(self) -> bool:
        """Whether it has said why it ends: little comes behind that, and soon."""
        return self.finish_reason_raw is not None

    @property
    def finish_reason(self) -> str | None:
        """Why it ended: stop, length, tool_calls or content_filter, else unknown; None where it didn't say."""
        if self.finish_reason_raw is None:
            return None
        reason = FINISH_REASONS.get(self.finish_reason_raw.lower(), "unknown")
        return "tool_calls" if reason == "stop" and self._calls.begun else reason

    def feed(self, chunk: ChatCompletionChunk) -> None:
        """Grow by one chunk, or by a whole answer; raises StreamInterrupted where it grows beyond `MAX_TEXT`."""
        if self.model is None and chunk.model:
            self.model = chunk.model
        if chunk.usage is not None:
            self.usage = chunk.usage.after(self.usage)
        elif chunk.x_groq is not None and chunk.x_groq.usage is not None:
            self.usage = chunk.x_groq.usage.after(self.usage)
        if chunk.choices:
            for choice in chunk.choices:
                if choice.index:
                    self.started = True
                    self._others.append(choice)
                else:  # 0 or none: the only one that we asked for
                    self._answered = True
                    self._feed_choice(choice)
            if self._text.length + self._reasoning.length > MAX_TEXT:
                raise StreamInterrupted(f"an answer of more than {MAX_TEXT} characters", partial_text=self.text)

    def close(self, *, done: bool) -> None:
        """No more comes; `done` says whether the server has said so itself, by `[DONE]`.

        Raises StreamInterrupted where the answer is not whole, ServerError where it was none.
        """
        if self._others and not self._answered:
            first = min(choice.index or 0 for choice in self._others)
            for choice in self._others:
                if choice.index == first:
                    self._feed_choice(choice)
        self._close_text()
        if self.finish_reason_raw is not None and self.finish_reason_raw.lower() in FAILED_REASONS:
            raise StreamInterrupted(f"the server ended with {self.finish_reason_raw!r}", partial_text=self.text)
        if self.finish_reason_raw is not None:
            return
        if not done:
            message = STOPPED if self.started else NOTHING
            raise StreamInterrupted(message, partial_text=self.text)
        if not self.started:
            raise ServerError("the server ended without an answer")

    def _feed_choice(self, choice: Choice) -> None:
        # The content comes first, then the reason: vLLM sends the last token and the reason together.
        if choice.delta is not None:
            self._has_deltas = True
            self._feed_delta(choice.delta)
        if choice.message is not None and not (self._has_deltas and (self.started or choice.finish_reason is None)):
            self._feed_delta(choice.message)
        if choice.text and choice.delta is None and choice.message is None:
            self._feed_content(choice.text)
        if choice.finish_reason is not None and choice.finish_reason not in NO_REASONS:
            self.finish_reason_raw = choice.finish_reason
        if choice.usage is not None:
            self.usage = choice.usage.after(self.usage)

    def _feed_delta(self, delta: Delta) -> None:
        if delta.content is not None:
            self._feed_content(delta.content)
        # Whoever names it twice says the same twice.
        if reasoning := delta.reasoning_content or delta.reasoning or delta.reasoning_text or delta.thinking:
            self._feed_reasoning(_plain(reasoning))
        elif delta.reasoning_details:
            self._feed_reasoning(_plain(delta.reasoning_details))
        if delta.refusal:
            self._feed_refusal(_plain(delta.refusal))
        if delta.tool_calls:
            self.started = True
            for piece in delta.tool_calls:
                self._calls.feed(piece)
        elif delta.function_call is not None:
            self.started = True
            self._calls.feed_function_call(delta.function_call)
        if delta.images:
            for image in delta.images if isinstance(delta.images, list) else [delta.images]:
                self._feed_image(image_in(image))

    def _feed_content(self, content: object) -> None:
        """Content is text for nearly everybody; a list of parts for Mistral; a number where a template went wrong."""
        if isinstance(content, str):
            if content:
                self._feed_text(content)
        elif isinstance(content, int | float) and not isinstance(content, bool):
            self._feed_text(str(content))
        else:
            for part in content if isinstance(content, list) else [content]:
                self._feed_part(part)

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

    def _feed_refusal(self, piece: str) -> None:
        if piece:
            self.started = True
            self._refusal.append(piece)

    def _feed_image(self, url: str | None) -> None:
        if url and len(self.images) < MAX_IMAGES and url not in self.images:
            self.started = True
            self.images.append(joined_surrogates(url))

    def _feed_part(self, part: object) -> None:
        """A part of content: Mistral's text and thinking, OpenRouter's images."""
        if isinstance(part, str):
            self._feed_text(part)
        elif isinstance(part, dict):
            kind = part.get("type")
            if (isinstance(kind, str) and kind in _THOUGHT) or part.get("thought") is True:
                self._feed_reasoning(_plain(part))
            elif kind == "refusal":
                self._feed_refusal(_plain(part))
            elif text := _plain(part):
                self._feed_text(text)
            elif kind is None or "image" in str(kind):
                self._feed_image(image_in(part))

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
        return next((text for key in _TEXT_KEYS if (text := _plain(value.get(key), depth + 1))), "")
    return "".join(_plain(part, depth + 1) for part in value) if isinstance(value, list) else ""
