"""How a model wants to be asked, as far as it differs from how it was asked: learned from what its server refuses.

No request suits every server: one refuses `max_tokens`, another `max_completion_tokens`; one wants no temperature, one
no system message, one no images. A refusal says so in words, and `learned` takes from it what to do otherwise. What a
dialect changes is a request's JSON object, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from itertools import groupby
from typing import Any, Literal

from discord_bot.chat.error_body import words
from discord_bot.errors import BadRequest, CompletionError, ContextLengthExceeded

TokenLimit = Literal["max_tokens", "max_completion_tokens"]
TOKEN_LIMITS: tuple[TokenLimit, TokenLimit] = ("max_tokens", "max_completion_tokens")
"""The two names of one parameter. OpenAI's reasoning models refuse the first, Mistral the second:
https://platform.openai.com/docs/api-reference/chat/create
"""

NEEDED = frozenset({"model", "messages", "stream"})
"""What no request can do without."""

UNSEEN = "[a picture that this model can't see]"
"""What stands where a picture was."""

OPENING = "(The conversation goes on.)"
"""What a person is made to say where roles must alternate and the conversation would begin with the model's words."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What is done otherwise for one model. The names are those of the `dialect` key in config.yaml."""

    max_tokens: TokenLimit | None = None
    """The name under which the limit of the answer is sent; None: the one that was asked for."""
    without: frozenset[str] = frozenset()
    """Parameters that are not sent."""
    stream: bool = True
    """Whether answers can be streamed."""
    system_role: bool = True
    """Whether there may be a system message; else its text opens the first message of a person."""
    alternate_roles: bool = False
    """Whether a person's and the model's messages must take turns, a person's being the first."""
    images: bool = True
    """Whether messages may hold pictures; else a line stands for each, and every content is a plain text."""

    def spoken(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """A request's JSON object as this model wants it."""
        said = {name: value for name, value in payload.items() if name not in self.without}
        for name in TOKEN_LIMITS:
            if self.max_tokens not in {None, name} and name in said:
                said[str(self.max_tokens)] = said.pop(name)
        if not self.stream and said.get("stream"):
            said["stream"] = False
            said.pop("stream_options", None)
        messages = said.get("messages", [])
        if not self.images:
            messages = [{**message, "content": _without_images(message["content"])} for message in messages]
        if not self.system_role:
            messages = _without_system(messages)
        if self.alternate_roles:
            messages = _alternating(messages)
        return {**said, "messages": messages}

    def written(self) -> str:
        """What differs, as one line of YAML for config.yaml; such as `{without: [temperature]}`."""
        said = []
        for each in fields(self):
            value = getattr(self, each.name)
            if value == each.default:
                continue
            if isinstance(value, frozenset):
                value = f"[{', '.join(sorted(value))}]"
            said.append(f"{each.name}: {str(value).lower() if isinstance(value, bool) else value}")
        return f"{{{', '.join(said)}}}"


def learned(dialect: Dialect, error: CompletionError, payload: Mapping[str, Any]) -> Dialect | None:
    """The dialect that this refusal teaches somebody who sent `payload`; None where it teaches nothing new."""
    if not isinstance(error, BadRequest) or isinstance(error, ContextLengthExceeded):
        return None
    better = next((each for each in _suggested(dialect, error, payload) if each != dialect), None)
    return better if better is not None and better.spoken(payload) != payload else None


def _suggested(dialect: Dialect, error: BadRequest, payload: Mapping[str, Any]) -> Iterable[Dialect]:
    """What may help, the likeliest first."""
    said, messages = error.message, payload.get("messages", [])
    about = re.split(r"[.\[]", error.param or "")[0]
    if _ALTERNATE.search(said):
        yield replace(dialect, alternate_roles=True)
    if any(message["role"] == "system" for message in messages) and _NO_SYSTEM.search(said):
        yield replace(dialect, system_role=False)
    if any(not isinstance(message["content"], str) for message in messages) and (
        _NO_IMAGES.search(said) or about in {"messages", "content"}
    ):
        yield replace(dialect, images=False)
    if payload.get("stream") and (about == "stream" or (not about and _NO_STREAM.search(said))):
        yield replace(dialect, stream=False)
    refused = _refused(about, said, payload)
    for name in TOKEN_LIMITS:
        other = TOKEN_LIMITS[name == TOKEN_LIMITS[0]]
        if name in refused and dialect.max_tokens is None and (other in said or _UNWANTED.search(said)):
            yield replace(dialect, max_tokens=other)
    if refused:
        yield replace(dialect, without=dialect.without | refused)


def _refused(about: str, said: str, payload: Mapping[str, Any]) -> frozenset[str]:
    """The parameters of the request that a refusal complains of: the one that it names apart, or those in its words."""
    sent = payload.keys() - NEEDED
    if about in sent:
        return frozenset({about})
    if not _UNWANTED.search(said):
        return frozenset()
    spelt = re.sub(r"(?<=[a-z])([A-Z])", lambda letter: "_" + letter[1].lower(), said)  # xAI: presencePenalty
    return frozenset(name for name in sent if _names(spelt, name))


def _names(said: str, name: str) -> bool:
    """Whether the words name the parameter: one that could be an ordinary word must be marked as a name."""
    plain = re.escape(name)
    if "_" in name or name == "temperature":
        return re.search(rf"(?<!\w){plain}(?!\w)", said) is not None
    return re.search(rf"['\"`]{plain}['\"`]|: {plain}\b|\({plain}\)|\.{plain}\)", said) is not None


_ALTERNATE = words(
    r"roles? (must|should) alternate",
    r"should alternate with",
    r"must alternate",
    r"alternat\w+ between",
    r"unexpected role .{1,20} after role",
    r"consecutive .{0,40}(messages|roles)",
    r"first message must (be|use) .{0,10}user",
)
"""Templates of Gemma and Mistral, and Perplexity: https://docs.perplexity.ai"""
_NO_SYSTEM = words(
    r"system (role|message|prompt|instruction)s? .{0,20}(not|n't|un)[ -]?(supported|enabled|allowed)",
    r"(not|n't|un)[ -]?support(ed)? .{0,30}\bsystem\b",
    r"developer instruction is not enabled",
    r"role.{0,30}['\"`]system['\"`].{0,40}(not|unsupported|invalid)",
    r"only (the )?user and assistant roles",
)
_NO_IMAGES = words(
    r"image", r"vision", r"mmproj", r"multi-?modal", r"modalit", r"content.{0,40}(must|should) be .{0,10}str"
)
_NO_STREAM = words(
    r"\bstream(ing)?(?!_)\b.{0,60}(not|n't|un)[ -]?(supported|available|allowed)",
    r"(not|n't|un)[ -]?support(ed|s)? .{0,20}\bstream(ing)?(?!_)\b",
    r"verified to stream",
)
_UNWANTED = words(
    r"(not|n't|un)[ -]?(support|permit|allow|recogni[sz]ed|expected|known|available|implemented)",
    r"unknown name",
    r"extra (inputs?|fields?)",
    r"additional propert",
    r"only the default",
    r"cannot both",
    r"deprecated",
    r"unexpected keyword",
    r"invalid (argument|param|field|key)",
)


def _without_images(content: str | list[dict[str, Any]]) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(str(part["text"]) if part.get("type") == "text" else UNSEEN for part in content)


def _joined(contents: Iterable[str | list[dict[str, Any]]]) -> str | list[dict[str, Any]]:
    """Several contents as one: a text, or parts where any of them has parts."""
    whole = list(contents)
    texts = [content for content in whole if isinstance(content, str)]
    if len(texts) == len(whole):
        return "\n\n".join(texts)
    parts: list[dict[str, Any]] = []
    for content in whole:
        parts += [{"type": "text", "text": content}] if isinstance(content, str) else content
    return parts


def _without_system(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The system messages' text at the beginning of the first message of a person."""
    system = [message["content"] for message in messages if message["role"] == "system"]
    others = [message for message in messages if message["role"] != "system"]
    first = next((index for index, message in enumerate(others) if message["role"] == "user"), None)
    if not system:
        return messages
    if first is None:
        return [{"role": "user", "content": _joined(system)}, *others]
    opened = {**others[first], "content": _joined([*system, others[first]["content"]])}
    return [*others[:first], opened, *others[first + 1 :]]


def _alternating(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One system message first, then turns: what stands under one role side by side is joined."""
    system = [message["content"] for message in messages if message["role"] == "system"]
    spoken = [message for message in messages if message["role"] != "system"]
    turns = [
        {"role": role, "content": _joined(message["content"] for message in group)}
        for role, group in groupby(spoken, key=lambda message: message["role"])
    ]
    if turns and turns[0]["role"] != "user":
        turns.insert(0, {"role": "user", "content": OPENING})
    return [{"role": "system", "content": _joined(system)}, *turns] if system else turns
