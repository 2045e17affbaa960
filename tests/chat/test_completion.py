"""One growing completion out of chunks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discord_bot.chat.completion import Completion
from discord_bot.chat.schema import ChatCompletionChunk
from discord_bot.chat.text import Text
from discord_bot.chat.think_tags import ThinkTags, split_at_lone_closing
from discord_bot.errors import ServerError, StreamInterrupted


def chunk(**choice: object) -> ChatCompletionChunk:
    return ChatCompletionChunk.model_validate({"choices": [choice]})


def test_a_completion_grows_by_chunks() -> None:
    """Each chunk's text stands behind the text before it, and the same object has it."""
    completion = Completion()
    assert (completion.text, completion.started, completion.finish_reason) == ("", False, None)
    completion.feed(chunk(delta={"role": "assistant", "content": ""}))
    assert not completion.started
    completion.feed(chunk(delta={"content": "one "}))
    assert (completion.text, completion.started) == ("one ", True)
    completion.feed(chunk(delta={"content": "two"}, finish_reason="stop"))
    completion.close(done=True)
    assert (completion.text, completion.finish_reason) == ("one two", "stop")


def test_the_newest_usage_counts() -> None:
    """Servers that send the usage with every chunk send the sum so far; adding these up would be wrong."""
    completion = Completion()
    for tokens in (1, 2, 3):
        completion.feed(ChatCompletionChunk.model_validate({"choices": [], "usage": {"completion_tokens": tokens}}))
    assert completion.usage is not None
    assert completion.usage.completion_tokens == 3


def test_a_whole_message_beside_deltas_is_not_taken_twice() -> None:
    """Perplexity repeats all of the text so far beside each delta."""
    completion = Completion()
    completion.feed(chunk(delta={"content": "a"}, message={"content": "a"}))
    completion.feed(chunk(delta={"content": "b"}, message={"content": "ab"}))
    completion.feed(chunk(message={"content": "ab"}, finish_reason="stop"))
    assert completion.text == "ab"


def test_a_tool_call_keeps_what_it_does_not_know() -> None:
    """Gemini wants its thought signature back with the call."""
    completion = Completion()
    call = {"function": {"name": "tide", "arguments": "{}"}, "extra_content": {"google": {"thought_signature": "c2ln"}}}
    completion.feed(chunk(delta={"tool_calls": [call]}, finish_reason="stop"))
    (found,) = completion.tool_calls
    assert found.extra == {"extra_content": {"google": {"thought_signature": "c2ln"}}}
    assert found.id


def test_what_is_not_whole_is_said_at_the_end() -> None:
    """The end of the connection alone is no end of an answer."""
    completion = Completion()
    completion.feed(chunk(delta={"content": "half"}))
    with pytest.raises(StreamInterrupted) as caught:
        completion.close(done=False)
    assert caught.value.partial_text == "half"
    assert "half" not in str(caught.value)
    with pytest.raises(ServerError):
        Completion().close(done=True)


@given(st.text(alphabet=st.sampled_from("a文\ud83d\ude00\udcaf😀"), max_size=12), st.data())
def test_text_is_the_same_however_it_is_cut(text: str, data: st.DataObject) -> None:
    """Halves of surrogate pairs are joined where they meet, and everything can be encoded."""
    at = sorted(data.draw(st.sets(st.integers(0, len(text)))))
    grown = Text()
    for start, end in zip([0, *at], [*at, len(text)], strict=True):
        grown.append(text[start:end])
        str(grown).encode()
    grown.close()
    assert str(grown) == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


THOUGHTS = [
    ("<think>a</think>b", ("b", "a")),
    ("\n<thinking>\na < b\n</thinking>\n\n b", ("b", "\na < b\n")),
    ("<think></think>b", ("b", "")),
    ("<think>without end", ("", "without end")),
    ("<think>half </thi", ("", "half </thi")),
    ("<thin air>", ("<thin air>", "")),
    ("<", ("<", "")),
    ("  text", ("  text", "")),
    ("about <think>a</think>", ("about <think>a</think>", "")),
    ("<think>a</think><think>b</think>c", ("<think>b</think>c", "a")),
]


@pytest.mark.parametrize(("text", "expected"), THOUGHTS)
@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_think_tags_are_taken_out_of_the_beginning(text: str, expected: tuple[str, str], size: int) -> None:
    """However the tags are cut."""
    tags = ThinkTags()
    parts = [tags.feed(text[i : i + size]) for i in range(0, len(text), size)] + [tags.close()]
    assert ("".join(part[0] for part in parts), "".join(part[1] for part in parts)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I think\nso\n</think>\n\nYes.", ("Yes.", "I think\nso")),
        ("I think so</think>\nYes.", ("Yes.", "I think so")),
        ("The tag `</think>` ends it.", None),
        ("<think> and\n</think>\nare tags.", None),
        ("No tag.", None),
    ],
)
def test_a_lone_closing_tag_divides_what_stands_on_lines_of_their_own(
    text: str, expected: tuple[str, str] | None
) -> None:
    """Some templates open the thinking in the prompt; but who writes about tags must not lose their text."""
    assert split_at_lone_closing(text) == expected
