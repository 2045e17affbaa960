"""Files that mean harm are refused with a sentence or contained, at little cost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from discord_bot.chat import cards
from discord_bot.chat.persona import from_card
from discord_bot.chat.shown_name import MAX_NAME
from discord_bot.errors import CardRefused
from discord_bot.sentences.cards import CARDS, refusal
from tests.chat.hostile_cards import FILES, Refused

PROCESSOR = 0.050
"""Seconds of the processor for one file."""
MEMORY = 64
"""MiB for one file, besides the file itself."""


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_with_a_sentence_or_contained(name: str) -> None:
    make, reason = FILES[name]
    refused: Refused = None
    try:
        card = cards.read(make())
    except CardRefused as error:
        refused, said = error.reason, [refusal(error, "en"), refusal(error, "zh")]
    else:
        said = []
        persona = from_card(card)
        assert 0 < len(persona.name) <= MAX_NAME
        assert persona.name.isprintable()
        assert all(each.code in CARDS for each in card.warnings)
        for path in card.files:
            assert not {"..", "", "."} & set(path.split("/"))
        assert not any(b"root:x:0:0" in data for data in card.files.values())
    assert refused == reason
    assert not any("\n" in sentence for sentence in said)


def test_none_of_them_costs_more_than_a_moment_and_some_memory(tmp_path: Path) -> None:
    """Measured in a process of its own, each in a fresh child: what the processor did, and what the memory grew by."""
    paths = []
    for number, (make, _) in enumerate(FILES.values()):
        path = tmp_path / str(number)
        path.write_bytes(make())
        paths.append(str(path))
    command = [sys.executable, "-m", "tests.chat.hostile_cards", *paths]
    ran = [
        [json.loads(line) for line in subprocess.run(command, capture_output=True, check=True).stdout.splitlines()]
        for _ in range(2)
    ]
    for name, *costs in zip(FILES, *ran, strict=True):
        assert [reason for reason, _, _ in costs] == [FILES[name][1]] * 2
        assert min(seconds for _, seconds, _ in costs) < PROCESSOR, name
        assert min(mebibytes for _, _, mebibytes in costs) < MEMORY, name
