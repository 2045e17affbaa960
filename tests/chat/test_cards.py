"""Character cards: what is read from a file, and that what is written is the same card."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discord_bot.chat import cards
from discord_bot.chat.cards import Card, png
from discord_bot.chat.cards.assets import asset_bytes, main_icon
from discord_bot.chat.persona import DepthNote, Own, from_card, summary
from discord_bot.chat.shown_name import shown_name
from discord_bot.errors import CardRefused
from tests.chat.making_cards import (
    END,
    PICTURE,
    PIXELS,
    SIGNATURE,
    Json,
    as_json,
    book,
    charx,
    entry,
    header,
    text,
    v1,
    v2,
    v3,
)
from tests.chat.making_cards import png as a_png


def chunk_of(file: bytes, keyword: str) -> Json:
    """The JSON in a chunk that we wrote."""
    found = dict(png.card_texts(png.chunks(file)))
    card: Json = json.loads(base64.b64decode(png.text(found[keyword]), validate=True))
    return card


# ---- which card a file holds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt"])
@pytest.mark.parametrize("keyword", ["chara", "Chara", "CCV3"])
def test_a_card_is_found_in_every_kind_of_text_whatever_its_case(kind: bytes, keyword: str) -> None:
    assert cards.read(a_png(text(keyword, v2(), kind))).name == "Aria"
    assert cards.read(SIGNATURE + header() + text(keyword, v2(), kind) + PIXELS + END).name == "Aria"


def test_of_two_chunks_v3_counts_and_of_two_equal_ones_the_first() -> None:
    assert cards.read(a_png(text("chara", v2("Old")), text("ccv3", v3("New")))).name == "New"
    assert cards.read(a_png(text("chara", v2("Full")), text("Chara", v2("Poor")))).name == "Full"


def test_an_unreadable_v3_leaves_the_v2_beside_it_and_says_so() -> None:
    card = cards.read(a_png(text("ccv3", b"!!"), text("chara", v2("Old"))))
    assert card.name == "Old"
    assert [each.code for each in card.warnings] == ["second-chunk"]


def test_base64_is_read_leniently_and_so_is_bare_json() -> None:
    packed = base64.b64encode(as_json(v2("Ärger?>~")))
    folded = b"\r\n".join(packed[start : start + 60] for start in range(0, len(packed), 60)).rstrip(b"=")
    assert cards.read(a_png(text("chara", folded))).name == "Ärger?>~"
    assert cards.read(a_png(text("chara", base64.urlsafe_b64encode(as_json(v2("Ärger?>~")))))).name == "Ärger?>~"
    assert cards.read(a_png(text("chara", as_json(v2())))).name == "Aria"


def test_what_comes_behind_the_end_of_a_png_is_nobodys() -> None:
    card = cards.read(a_png(text("chara", v2())) + b"<script>")
    assert card.picture is not None
    assert card.picture.data == PICTURE


@pytest.mark.parametrize(
    ("written", "spec", "warned"),
    [
        (v1(), "v1", []),
        (v2(), "v2", []),
        (v3(), "v3", []),
        ({**v2(), "spec_version": 2}, "v2", []),
        ({**v3(), "spec_version": 3.0}, "v3", []),
        ({**v3(), "spec_version": "2.0"}, "v3", []),
        ({**v3(), "spec_version": "3.1"}, "v3", ["newer-spec-version"]),
        ({**v3(), "spec_version": 4}, "v3", ["newer-spec-version"]),
        ({**v3(), "spec_version": "soon"}, "v3", []),
        ({"data": v1()}, "v2", ["no-spec"]),
        ({"char_name": "Aria", "char_persona": "a bird"}, "v1", []),
    ],
)
def test_which_specification_a_card_follows(written: Json, spec: str, warned: list[str]) -> None:
    card = cards.read(as_json(written))
    assert (card.document.spec, [each.code for each in card.warnings]) == (spec, warned)
    assert card.name == "Aria"


def test_an_old_notebooks_fields_are_those_of_v1() -> None:
    card = cards.read(as_json({"char_name": "Aria", "char_persona": "a bird", "world_scenario": "a tree", "x": 1}))
    assert (card.data["description"], card.data["scenario"], card.data["x"]) == ("a bird", "a tree", 1)
    assert "char_persona" not in card.data


def test_an_empty_name_is_looked_for_at_the_root() -> None:
    assert cards.read(as_json({**v2(""), "name": "Aria"})).data["name"] == "Aria"
    assert cards.read(as_json(v2(7))).data["name"] == "7"  # type: ignore[arg-type]


# ---- fields ----------------------------------------------------------------------------------------------------------


def test_what_was_meant_by_a_wrong_type() -> None:
    card = cards.read(
        as_json(
            v2(
                alternate_greetings="Hello.",
                tags="sea, tower,, ",
                character_version=1.5,
                creation_date="1700000000",
                extensions=None,
                personality=None,
                character_book={
                    "scan_depth": "3",
                    "recursive_scanning": "FALSE",
                    "entries": {
                        "1": {"key": ["a"], "content": None, "order": "7", "disable": True},
                        "0": {"keys": "b, c", "enabled": 0, "insertion_order": "-2.5", "position": 0, "priority": ""},
                    },
                },
            )
        )
    )
    data, lore = card.data, card.data["character_book"]
    assert (data["alternate_greetings"], data["tags"]) == (["Hello."], ["sea", "tower"])
    assert (data["character_version"], data["creation_date"]) == ("1.5", 1700000000)
    assert (data["extensions"], data["personality"]) == ({}, "")
    assert (lore["scan_depth"], lore["recursive_scanning"]) == (3, False)
    first, second = lore["entries"]
    assert (first["keys"], first["insertion_order"], first["enabled"], first["content"]) == (["a"], 7, False, "")
    assert (second["keys"], second["enabled"], second["insertion_order"]) == (["b", "c"], False, -2.5)
    assert second["position"] == "before_char"
    assert "priority" not in second
    assert card.warnings == ()


def test_what_can_be_nothing_that_was_meant_is_left_out_and_told_of() -> None:
    card = cards.read(as_json(v2(description=["a"], nickname={}, character_book=5, assets=["a", {"type": "icon"}])))
    assert card.data["description"] == ""
    assert "nickname" not in card.data
    assert "character_book" not in card.data
    assert card.data["assets"] == [{"type": "icon"}]
    assert {str(each.facts["key"]) for each in card.warnings} == {"description", "character_book", "assets"}


def test_extensions_and_unknown_keys_are_nobodys_business() -> None:
    """Numbers written as text, nulls, empty keys: as they came, at every level."""
    strange = {"": None, "scan_depth": "7", "tags": "a, b", "big": 10**25, "deep": [{"enabled": "true"}]}
    lore = book({"extensions": strange, "x": strange}, extensions=strange, x=strange)
    card = cards.read(as_json({**v3(extensions=strange, x=strange, character_book=lore), "root": strange}))
    assert card.data["extensions"] == card.data["x"] == card.document.root["root"] == strange
    assert card.data["character_book"] == {**lore, "entries": [{**entry(), "extensions": strange, "x": strange}]}


def test_a_name_is_shown_without_what_deceives() -> None:
    assert shown_name("Eve\0.png\x1b[2J\u202egnp\n  two") == "Eve.png[2Jgnp two"
    assert shown_name("N" * 10_000) == "N" * 100
    assert shown_name("👩🏽‍🚀 نورة 林小檐") == "👩🏽‍🚀 نورة 林小檐"
    assert shown_name("\u2066\u2069\0 ") == ""


# ---- what a persona is made of ---------------------------------------------------------------------------------------


def test_a_persona_has_what_its_card_says_and_what_its_owner_chose() -> None:
    card = cards.read(
        a_png(
            text(
                "ccv3",
                v3(
                    "Brother Pilchard",
                    description="Blesses nets.",
                    first_mes="Bless you.",
                    alternate_greetings=["", "Low tide."],
                    group_only_greetings=["A crowd!"],
                    nickname="Pilchard",
                    creator_notes="\n# Works best at sea\nand so on",
                    tags=["pier"],
                    extensions={"depth_prompt": {"prompt": "It is foggy.", "depth": 2, "role": "user"}},
                    character_book=book(entry("net")),
                ),
            )
        )
    )
    persona = from_card(card, Own("openai/gpt-5-mini", {"temperature": 0.5}, ("Brother",)))
    assert (persona.name, persona.called, persona.definition) == ("Brother Pilchard", "Pilchard", "Blesses nets.")
    assert persona.greetings == ("Bless you.", "", "Low tide.")
    assert persona.group_greetings == ("A crowd!",)
    assert persona.known_as == ("Brother Pilchard", "Pilchard", "Brother")
    assert persona.description == "Works best at sea"
    assert persona.note == DepthNote("It is foggy.", 2, "user")
    assert (persona.model, persona.parameters) == ("openai/gpt-5-mini", {"temperature": 0.5})
    assert persona.avatar == hashlib.sha256(PICTURE).hexdigest()
    assert persona.lore is not None
    assert persona.lore.entries[0].keys == ("net",)


def test_no_card_chooses_a_model() -> None:
    card = cards.read(as_json(v3(model="a/b", extensions={"discord_bot": {"model": "a/b"}, "depth_prompt": "x"})))
    persona = from_card(card)
    assert (persona.model, persona.parameters, persona.note) == (None, {}, None)


def test_the_line_for_people_is_short() -> None:
    assert summary("", ["sea", "tower"]) == "sea, tower"
    assert len(summary("x" * 5000, [])) == 200


# ---- nothing is lost -------------------------------------------------------------------------------------------------

plain_text = st.text(max_size=12)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | plain_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain_text, inner, max_size=3),
    max_leaves=6,
)
unknown = st.dictionaries(plain_text.map(lambda key: f"x_{key}"), anything, max_size=3)
numbers = st.integers(-1000, 1000) | st.floats(-1000, 1000)
entries = st.fixed_dictionaries(
    {
        "keys": st.lists(plain_text, max_size=3),
        "content": plain_text,
        "extensions": st.dictionaries(plain_text, anything, max_size=2),
        "enabled": st.booleans(),
        "insertion_order": numbers,
        "use_regex": st.booleans(),
    },
    optional={
        "case_sensitive": st.booleans(),
        "constant": st.booleans(),
        "name": plain_text,
        "comment": plain_text,
        "id": st.integers() | plain_text,
        "priority": numbers,
        "selective": st.booleans(),
        "secondary_keys": st.lists(plain_text, max_size=2),
        "position": st.sampled_from(["before_char", "after_char"]),
    },
)
books = st.fixed_dictionaries(
    {"extensions": st.dictionaries(plain_text, anything, max_size=2), "entries": st.lists(entries, max_size=3)},
    optional={
        "name": plain_text,
        "description": plain_text,
        "scan_depth": st.integers(0, 50),
        "token_budget": st.integers(0, 5000),
        "recursive_scanning": st.booleans(),
    },
)
TEXTS = (
    *("description", "personality", "scenario", "first_mes", "mes_example", "creator_notes", "system_prompt"),
    *("post_history_instructions", "creator", "character_version"),
)
texts = dict.fromkeys(TEXTS, plain_text)
data = st.builds(
    lambda known, more: {**more, **known},
    st.fixed_dictionaries(
        {
            **texts,
            "name": plain_text.map(lambda name: f"A{name}"),
            "alternate_greetings": st.lists(plain_text, max_size=3),
            "tags": st.lists(plain_text, max_size=3),
            "group_only_greetings": st.lists(plain_text, max_size=2),
            "extensions": st.dictionaries(plain_text, anything, max_size=3),
        },
        optional={
            "nickname": plain_text,
            "character_book": books,
            "creator_notes_multilingual": st.dictionaries(plain_text, plain_text, max_size=2),
            "source": st.lists(plain_text, max_size=2),
            "creation_date": st.integers(0, 2**40),
            "assets": st.lists(
                st.fixed_dictionaries(
                    {
                        "type": st.sampled_from(["icon", "emotion", "x_relic"]),
                        "uri": st.sampled_from(["ccdefault:", "embeded://a/b.png", "https://example.invalid/a"]),
                        "name": st.sampled_from(["main", "other"]),
                        "ext": st.just("png"),
                    }
                ),
                max_size=3,
            ),
        },
    ),
    unknown,
)


def is_the_same(again: Json, before: Json) -> bool:
    """But for what may follow the container: where the assets are, and the picture as one main icon more."""

    def parts(fields: Json) -> tuple[Json, list[Json]]:
        assets = [{key: value for key, value in each.items() if key != "uri"} for each in fields.get("assets", ())]
        return {key: value for key, value in fields.items() if key not in ("assets", "modification_date")}, assets

    (fields, assets), (fields_before, assets_before) = parts(again), parts(before)
    icon = {"type": "icon", "name": "main", "ext": "png"}
    return fields == fields_before and assets in (assets_before, [*assets_before, icon])


def files_of(card: Card) -> dict[str, bytes]:
    """The card in every container."""
    return {
        "json": cards.write_json(card)[0],
        "png": cards.write_png(card, PICTURE)[0],
        "charx": cards.write_charx(card),
    }


@settings(max_examples=100)
@given(data, unknown)
def test_a_card_comes_back_from_every_container_as_it_went(fields: Json, root: Json) -> None:
    file = as_json({"spec": "chara_card_v3", "spec_version": "3.0", "data": fields, **root})
    card = cards.read(file)
    assert card.data == fields
    for container, written in files_of(card).items():
        again = cards.read(written)
        assert is_the_same(again.data, fields), container
        assert again.document.root == root
        assert (again.document.spec, again.document.version) == ("v3", "3.0")
        assert all(is_the_same(cards.read(twice).data, fields) for twice in files_of(again).values()), container
    kept = cards.from_json(cards.to_json(card), PICTURE)
    assert (kept.data, kept.document.root) == (fields, root)


@settings(max_examples=80)
@given(data)
def test_older_cards_come_out_as_v3_with_a_v2_beside_it(fields: Json) -> None:
    reduced = {key: value for key, value in fields.items() if key not in ("nickname", "source", "group_only_greetings")}
    for file in (as_json({"spec": "chara_card_v2", "data": reduced}), as_json(reduced)):
        card = cards.read(file)
        written, _ = cards.write_png(card, PICTURE)
        whole, older = chunk_of(written, "ccv3"), chunk_of(written, "chara")
        assert (whole["spec"], whole["spec_version"]) == ("chara_card_v3", "3.0")
        assert_is_v3(whole["data"])
        assert reduced.items() <= whole["data"].items()
        assert (older["spec"], older["spec_version"]) == ("chara_card_v2", "2.0")
        assert older["data"].keys() == whole["data"].keys() - {
            *("group_only_greetings", "assets", "creation_date", "creator_notes_multilingual"),
        }


def assert_is_v3(fields: Json) -> None:
    """Each required field is there and of its type."""
    assert all(isinstance(fields[key], str) for key in (*TEXTS, "name"))
    assert all(isinstance(fields[key], list) for key in ("tags", "alternate_greetings", "group_only_greetings"))
    assert isinstance(fields["extensions"], dict)
    for each in fields.get("character_book", {}).get("entries", ()):
        assert isinstance(each["keys"], list)
        assert isinstance(each["use_regex"], bool)
        assert isinstance(each["enabled"], bool)
        assert isinstance(each["insertion_order"], (int, float))


def test_the_copy_for_v2_says_what_it_is_and_has_no_decorators() -> None:
    lore = book(entry("a", content="@@depth 4\n@@@role user\nThe text."))
    card = cards.read(as_json(v3(creator_notes="Notes.", nickname="A", character_book=lore)))
    written, _ = cards.write_png(card, PICTURE)
    older, whole = chunk_of(written, "chara")["data"], chunk_of(written, "ccv3")["data"]
    assert older["creator_notes"].startswith("Notes.\n\n[This is a Character Card V3.")
    assert older["character_book"]["entries"][0]["content"] == "The text."
    assert "use_regex" not in older["character_book"]["entries"][0]
    assert whole["creator_notes"] == "Notes."
    assert whole["character_book"] == lore


def test_every_text_of_a_card_is_replaced_and_the_others_stay() -> None:
    """Also those that are compressed or written in capitals, which other programs leave behind."""
    note = text("Comment", b"kept")
    file = a_png(note, text("CHARA", v2("Old"), b"zTXt"), text("ccv3", v3("Old"), b"iTXt"), text("Chara", v2("Old")))
    written, _ = cards.write_png(cards.read(as_json(v3("New"))), file)
    assert written.count(b"tEXt") == 3
    assert b"zTXt" not in written
    assert note in written
    assert [chunk_of(written, keyword)["data"]["name"] for keyword in ("ccv3", "chara")] == ["New", "New"]


def test_a_newer_version_stays_what_it_is() -> None:
    card = cards.read(as_json({**v3(future={"n": 1}), "spec_version": "3.7"}))
    again = json.loads(cards.write_json(card)[0])
    assert (again["spec_version"], again["data"]["future"]) == ("3.7", {"n": 1})


# ---- pictures and files beside the card ------------------------------------------------------------------------------

FACE = {"type": "icon", "uri": "embeded://assets/icon/images/main.png", "name": "main", "ext": "png"}
SONG = {"type": "x_song", "uri": "embeded://assets/other/audio/Moss Song?.mp3", "name": "song", "ext": "mp3"}
MEMBERS = {"assets/icon/images/main.png": PICTURE, "assets/other/audio/Moss Song?.mp3": b"ID3", "module.risum": b"\1"}


def test_a_charx_keeps_what_lies_in_it_and_its_icon_is_the_picture() -> None:
    card = cards.read(charx(v3(assets=[FACE, SONG]), MEMBERS))
    assert card.picture is not None
    assert card.picture.data == PICTURE
    again = cards.read(cards.write_charx(card))
    assert (again.files, again.data, again.picture) == (MEMBERS, card.data, card.picture)


def test_assets_go_along_into_json_and_png() -> None:
    card = cards.read(charx(v3(assets=[FACE, SONG]), MEMBERS))
    for written, lost in (cards.write_json(card), cards.write_png(card, PICTURE)):
        again = cards.read(written)
        assert lost == 1  # nothing names module.risum
        assert again.picture == card.picture
        assert asset_bytes(again, again.data["assets"][1]) == b"ID3"
    assert chunk_of(written, "ccv3")["data"]["assets"][0]["uri"] == "ccdefault:"


def test_a_picture_goes_along_wherever_a_card_goes() -> None:
    card = cards.read(a_png(text("chara", v2())))
    assert card.picture is not None
    for written in files_of(card).values():
        assert cards.read(written).picture == card.picture
        assert cards.read(cards.write_charx(cards.read(written))).picture == card.picture
    assert main_icon(card.data) is None


def test_assets_in_chunks_become_members() -> None:
    shown = {"type": "emotion", "uri": "__asset:7", "name": "smile", "ext": "png"}
    for keyword in ("chara-ext-asset_:7", "chara-ext-asset_7"):
        card = cards.read(a_png(text(keyword, base64.b64encode(b"smile")), text("ccv3", v3(assets=[shown]))))
        again = cards.read(cards.write_charx(card))
        assert asset_bytes(again, again.data["assets"][0]) == b"smile"
        assert b"chara-ext" not in cards.write_png(card, PICTURE)[0]


def test_a_jpeg_before_the_zip_is_the_picture_where_there_is_no_icon() -> None:
    jpeg = b"\xff\xd8\xff\xe0 a picture \xff\xd9"
    card = cards.read(jpeg + charx(v3()))
    assert card.picture is not None
    assert (card.picture.kind, card.picture.data) == ("jpeg", jpeg)
    iconic = cards.read(jpeg + charx(v3(assets=[FACE]), MEMBERS))
    assert iconic.picture is not None
    assert iconic.picture.data == PICTURE


@pytest.mark.parametrize(
    "uri",
    [
        "https://example.invalid/a.png",
        "file:///etc/passwd",
        "FILE:/etc/hostname",
        "\\\\198.51.100.7\\x.png",
        "embeded:///etc/passwd",
        "embeded://../../etc/passwd",
        "Embeded://assets/icon/images/main.png",
        "embeded://assets/icon/images/MAIN.png",
        "data:image/png,abc",
        "data:image/png;base64,%%%",
        "",
    ],
)
def test_nothing_that_an_address_names_is_fetched_or_opened(uri: str) -> None:
    card = cards.read(charx(v3(assets=[{**FACE, "uri": uri}]), MEMBERS))
    assert card.picture is None
    assert asset_bytes(card, card.data["assets"][0]) is None
    assert cards.read(cards.write_charx(card)).data["assets"][0]["uri"] == uri


def test_large_files_stay_behind_where_the_json_stands_alone() -> None:
    large = {**MEMBERS, "assets/other/audio/Moss Song?.mp3": random.Random(1).randbytes(4 << 20)}
    card = cards.read(charx(v3(assets=[FACE, SONG]), large))
    written, lost = cards.write_json(card)
    assert lost == 2
    assert cards.read(written).data["assets"][1] == SONG
    assert cards.read(cards.write_charx(card)).files == large


def test_what_was_taken_in_can_always_be_read_again() -> None:
    """A card at the limit grows when its defaults are filled in; a library must still be able to read it."""
    lore: Json = {"entries": [{} for _ in range(5_000)]}
    card = cards.read(as_json(v2(description="x" * ((5 << 20) - 30_000), character_book=lore)))
    assert cards.from_json(cards.to_json(card)).data == card.data
    full = as_json(v2(x=[[]] * 99_000, character_book=lore))
    assert cards.from_json(cards.to_json(cards.read(full))).data["x"] == [[]] * 99_000


# ---- changing a card -------------------------------------------------------------------------------------------------


def test_an_edit_changes_one_field_and_its_copy_at_the_root() -> None:
    card = cards.read(as_json({**v2("Aria", x=1), "name": "Aria", "chat": "old"}))
    edited = card.edited(name="Bria", description="new")
    assert (edited.name, edited.data["description"], edited.data["x"]) == ("Bria", "new", 1)
    assert edited.document.root == {"name": "Bria", "chat": "old"}
    assert card.name == "Aria"


def test_a_card_can_be_made_from_nothing_but_a_name() -> None:
    card = cards.made("Aria", system_prompt="Sing.", tags="sea, sky")
    assert_is_v3(card.data)
    assert card.data["tags"] == ["sea", "sky"]
    with pytest.raises(CardRefused):
        cards.made(" ")


def test_equal_cards_are_equal_files() -> None:
    card = cards.read(charx(v3(assets=[FACE]), MEMBERS))
    assert cards.write_charx(card) == cards.write_charx(cards.read(cards.write_charx(card)))


def test_when_it_was_written_is_said_only_where_it_is_wanted() -> None:
    card = cards.read(as_json(v3(creation_date=5)))
    written: Any = json.loads(cards.write_json(card, modified=1_800_000_000)[0])
    assert (written["data"]["creation_date"], written["data"]["modification_date"]) == (5, 1_800_000_000)
    assert "modification_date" not in json.loads(cards.write_json(card)[0])["data"]
