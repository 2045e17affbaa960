"""Where an answer comes from: told of a prompt by ids and names alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from discord_bot.chat.buffer import ChannelBuffer
from discord_bot.chat.buffered import Attached, BufferedMessage, Quoted
from discord_bot.chat.files import File, Reading
from discord_bot.chat.lore.activation import Heard, activate
from discord_bot.chat.lore.book import lorebook
from discord_bot.chat.macros import Macros
from discord_bot.chat.persona import Persona
from discord_bot.chat.prompt import build
from discord_bot.chat.provenance import Filed, Pictured, Sources
from tests.chat.making_cards import Json, entry

NOW = datetime(2026, 3, 7, 20, 30, tzinfo=UTC)
SECRET = "the secret text"


def sources(*messages: BufferedMessage, budget: int = 10_000, persona: Persona | None = None) -> Sources:
    buffer = ChannelBuffer(max_messages=500, max_tokens=50_000)
    for message in messages:
        buffer.add(message)
    history = buffer.history(until=messages[-1].id)
    persona = persona or Persona("assistant", "You help.")
    seen = {1: "data:image/jpeg;base64,AAAA", 2: "[picture too large]"}
    asked = build(persona, history, budget=budget, now=NOW, asker="Ada", seen=seen)
    return Sources.of(asked, history.messages, seen, persona.lore)


def said(number: int, text: str = SECRET, **more: object) -> BufferedMessage:
    return BufferedMessage(number, 7, "Ada", text)._replace(**more)  # type: ignore[arg-type]  # by name, in a test


def test_what_stood_there_and_what_only_as_what_others_reply_to() -> None:
    quoted = Quoted(3, 8, "Mo", SECRET)
    told = sources(said(10, quoted=quoted), said(11, quoted=Quoted(10)), said(12, quoted=Quoted(4)))
    assert (told.included, told.left_out, told.quoted) == ((10, 11, 12), (), (3,))
    assert SECRET not in repr(told)


def test_what_was_left_out_is_older_than_what_stood_there() -> None:
    told = sources(*(said(each, "many words " * 40) for each in range(1, 41)), budget=1_500)
    assert told.left_out == tuple(range(1, 41 - len(told.included)))
    assert told.included[-1] == 40


def test_pictures_that_were_shown_and_why_the_others_were_not() -> None:
    pictures = tuple(Attached(number, "https://cdn.example/a.png", 9) for number in (1, 2, 3))
    assert sources(said(10, pictures=pictures)).pictures == (
        Pictured(10, None), Pictured(10, "[picture too large]"), Pictured(10, ""),
    )  # fmt: skip


def test_files_that_were_read_or_only_their_beginning_or_nothing() -> None:
    readings = (Reading(SECRET), Reading(SECRET, lines=3), Reading(why="binary"), None)
    files = tuple(File(number, "", 9, "a.txt", "[file: a.txt]", each) for number, each in enumerate(readings))
    told = sources(said(10, files=files))
    assert told.files == (Filed(10, "whole"), Filed(10, "cut"), Filed(10, "unread"), Filed(10, "unread"))
    assert SECRET not in repr(told)


def test_lore_by_its_name_and_why_it_came_to_mind() -> None:
    book = lorebook(
        {
            "entries": [
                entry("lamp", content="Of the lighthouse.", name="Lighthouse"),
                entry("tide", "moon", comment="Tides"),
                entry("gull"),
                entry("", constant=True, content="x"),
                entry("lamp", content="word " * 4_000, name="Too long"),
            ]
        }
    )
    told = sources(said(10, "the lamp and the moon"), persona=Persona("Mira", "You are Mira.", lore=book))
    assert [(each.name, each.cause.way, each.cause.key) for each in told.lore] == [
        ("Lighthouse", "said", "lamp"),
        ("Tides", "said", "moon"),
        ("#4", "always", ""),
    ]
    assert told.lore_left_out == ("Too long",)


@pytest.mark.parametrize(
    ("book", "said", "cause"),
    [
        ({"entries": [entry("/l[aá]mp/i", use_regex=True)]}, ["a LAMP"], ("said", "/l[aá]mp/i")),
        ({"entries": [entry("lamp", content="@@activate\nx")]}, ["nothing"], ("always", "")),
        (
            {"entries": [entry("lamp", content="@@keep_activate_after_match\nx")]},
            ["a lamp", Heard("Yes.", own=True), "and", "so", "on"],
            ("earlier", "lamp"),
        ),
        (
            {"entries": [entry("harbour"), entry("ship", content="in the harbour")], "recursive_scanning": True},
            ["a ship"],
            ("woken", "harbour"),
        ),
    ],
    ids=["a pattern", "a decorator", "an earlier turn", "another entry"],
)
def test_why_an_entry_comes_to_mind(book: Json, said: list[str | Heard], cause: tuple[str, str]) -> None:
    heard = [each if isinstance(each, Heard) else Heard(each) for each in said]
    first = activate(lorebook(book), heard, Macros("Mira", "Ada"), budget=1_000).active[0]
    assert (first.cause.way, first.cause.key) == cause
