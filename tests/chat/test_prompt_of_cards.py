"""The prompt for a card is what its specification says it is: the spec's words, and the prompt beside them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

from discord_bot.chat import cards
from discord_bot.chat.buffer import ChannelBuffer
from discord_bot.chat.buffered import BufferedMessage
from discord_bot.chat.history import History
from discord_bot.chat.persona import Persona, from_card
from discord_bot.chat.prompt import Prompt, build
from discord_bot.chat.prompt.system_message import MAIN, NAMED, SETTING
from tests.chat.making_cards import Json, as_json, entry, v3

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
NOTE = "[It is Sunday, 2026-11-22 14:30 UTC. Answer Ada.]"
HERE = SETTING.replace("{name}", "Aria") + NAMED


def person(message_id: int, content: str) -> BufferedMessage:
    return BufferedMessage(message_id, 7, "Ada", content)


def own(message_id: int, content: str, question: int | None = None, first_page: int | None = None) -> BufferedMessage:
    return BufferedMessage(message_id, 1, "Aria", content, own=True, answers=question, first_page=first_page)


def persona(**fields: Any) -> Persona:
    return from_card(cards.read(as_json(v3(**fields))))


def prompt(who: Persona, *messages: BufferedMessage, budget: int = 8_000, origin: int = 0, **how: Any) -> Prompt:
    spoken = messages or (person(1, "Hello."),)
    return build(who, History(spoken, origin), budget=budget, now=NOW, asker="Ada", **how)


def texts(made: Prompt) -> list[tuple[str, str]]:
    return [(message.role, str(message.content)) for message in made.messages]


def system(made: Prompt) -> str:
    return str(made.messages[0].content)


def test_the_whole_of_it() -> None:
    """All parts of a card in one prompt, each at its place."""
    who = persona(
        system_prompt="{{original}} Write with clipped sentences.",
        description="{{char}} repairs clocks.",
        personality="brisk",
        scenario="{{user}} brings a clock.",
        mes_example="<START>\n{{user}}: Can you?\n{{char}}: I can ask it.\n<start>\n{{char}}: Hm.",
        post_history_instructions="Stay in the shop. {{original}}",
        extensions={"depth_prompt": {"prompt": "{{char}} hums.", "depth": 1, "role": "system"}},
        creator_notes="Never for the model.",
        tags=["secret tag"],
        creator="nobody",
        character_book={
            "name": "a name",
            "description": "a description",
            "entries": [
                entry("clock", content="Clocks have rivers' names.", position="before_char", comment="a comment"),
                entry(content="The shop is on Cockle Lane.", constant=True, insertion_order=1),
                entry("brother", content="Orrin is {{char}}'s twin.", insertion_order=2),
                entry("clock", content="@@depth 0\n@@role user\nIt ticks."),
            ],
        },
    )
    made = prompt(who, own(1, "Mind the rung."), person(2, "A clock for your brother."))
    assert texts(made) == [
        (
            "system",
            "\n\n".join(
                (
                    f"{MAIN.replace('{{char}}', 'Aria')} Write with clipped sentences.",
                    "Clocks have rivers' names.",
                    "Aria repairs clocks.",
                    "Aria's personality: brisk",
                    "Scenario: Ada brings a clock.",
                    "The shop is on Cockle Lane.",
                    HERE,
                    "How Aria speaks, in examples that are no part of the conversation:",
                    "Ada: Can you?\nAria: I can ask it.",
                    "Aria: Hm.",
                )
            ),
        ),
        ("assistant", "Mind the rung."),
        ("system", "Orrin is Aria's twin."),
        ("system", "Aria hums."),
        ("user", f"Ada: A clock for your brother.\n\n{NOTE}"),
        ("user", "It ticks."),
        ("system", "Stay in the shop."),
    ]
    assert [each.index for each in made.lore.active] == [1, 2, 0, 3]
    assert not made.without_examples


def test_a_system_prompt_replaces_ours_and_none_leaves_it() -> None:
    """V2: "Frontends' default behavior MUST be to replace what users understand to be the 'system prompt'."."""
    assert system(prompt(persona(system_prompt="Sing."))).startswith("Sing.\n\n")
    assert system(prompt(persona())).startswith(MAIN.replace("{{char}}", "Aria"))
    assert system(prompt(persona(system_prompt=" \n"))).startswith(MAIN.replace("{{char}}", "Aria"))


def test_the_instructions_after_the_history_are_the_last_thing() -> None:
    """V2: the field replaces what stands "after the message history"; an empty one adds nothing."""
    made = prompt(persona(post_history_instructions="Be brief, {{user}}."))
    assert texts(made)[-1] == ("system", "Be brief, Ada.")
    assert prompt(persona(post_history_instructions=" {{original}} ")).messages[-1].role == "user"


def test_what_is_for_people_is_not_for_the_model() -> None:
    """V2: creator_notes, creator and character_version "MUST NEVER be used inside prompts"."""
    made = prompt(persona(creator_notes="N0TE", creator="CRE4TOR", character_version="V3RSION", tags=["T4G"]))
    assert not any(word in str(texts(made)) for word in ("N0TE", "CRE4TOR", "V3RSION", "T4G"))


def test_a_nickname_stands_for_the_character() -> None:
    """V3: "the application should replace {{char}} … with the value of the nickname field instead of the name"."""
    made = prompt(persona(nickname="Ari", description="{{char}} <BOT>"))
    assert "Ari Ari" in system(made)
    assert "You are Ari, in a Discord channel" in system(made)
    assert "Aria Aria" in system(prompt(persona(nickname="", description="{{char}} <BOT>")))


def test_examples_are_the_first_thing_to_go() -> None:
    """V1: example dialogue "should be pruned first" when the context is full."""
    who = persona(mes_example="<START>\n{{char}}: " + "An example. " * 20)
    talk = [person(number, "words " * 60) for number in range(1, 10)]
    roomy = prompt(who, *talk, budget=3_000)
    tight = prompt(who, *talk, budget=roomy.tokens - 10)
    assert "An example." in system(roomy)
    assert "An example." not in system(tight)
    assert tight.without_examples
    assert tight.left_out == ()
    assert not prompt(persona()).without_examples


def test_examples_do_not_come_back_once_the_conversation_has_been_cut() -> None:
    who = persona(mes_example="<START>\n{{char}}: An example.")
    assert "An example." not in system(prompt(who, origin=500))


def test_very_long_examples_are_shortened_by_whole_blocks() -> None:
    who = persona(mes_example="".join(f"<START>\n{{{{char}}}}: {number} {'word ' * 100}\n" for number in range(9)))
    made = prompt(who, budget=2_000)
    assert "Aria: 0 word" in system(made)
    assert "Aria: 8 word" not in system(made)
    assert made.without_examples


def test_lore_and_examples_leave_most_of_every_prompt_as_it_was() -> None:
    """Sixty turns of two people: at least 85 % of what is sent stands in a prefix that the turn before had too."""
    old = entry(content="The shop is older than {{user}}.", constant=True)
    lore = [old, entry("question 7", content="Seven bells. " * 9)]
    who = persona(
        description="{{char}} repairs the clocks of {{user}}. " * 9,
        scenario="{{user}} brings a clock.",
        mes_example="<START>\n{{user}}: Can you?\n{{char}}: {{random:I can,I will}}.",
        character_book={"entries": [*lore, entry("answer 3", content="A third clock. " * 9)]},
    )
    remembered = ChannelBuffer(max_messages=200, max_tokens=8_000)
    before, same, total = "", 0, 0
    for turn in range(60):
        name = ("Ada", "Kim")[turn % 2]
        question = BufferedMessage(turn * 2 + 1, turn % 2, name, f"question {turn}: " + "and a few more words " * 30)
        remembered.add(question)
        made = build(who, remembered.history(until=question.id), budget=8_000, now=NOW, asker=name)
        assert made.tokens <= 8_000
        text = "\x00".join(f"{role}:{content}" for role, content in texts(made))
        same += sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(text, before, strict=False)))
        total += len(text)
        before = text
        remembered.add(own(turn * 2 + 2, f"answer {turn}: " + "said in some words " * 30, question.id))
    assert same / total >= 0.85


def test_the_user_of_a_card_is_who_the_conversation_was_begun_with_and_its_last_word_means_who_asks() -> None:
    """V1 has one person in mind; where several talk, that is the first who was answered, not who said something."""
    who = persona(
        system_prompt="{{original}} {{user}} is a friend.",
        mes_example="<START>\n{{user}}: Hm?",
        character_book={"entries": [entry("clock", content="{{user}} broke it.")]},
        post_history_instructions="Speak to {{user}}.",
        extensions={"depth_prompt": {"prompt": "{{user}} waits.", "depth": 1}},
    )
    kim = BufferedMessage(1, 8, "Kim", "anybody here?")
    talk = [kim, person(2, "a clock!"), own(3, "Show me.", 2), BufferedMessage(4, 8, "Kim", "that clock?")]
    first = build(who, History(tuple(talk[:2])), budget=9_000, now=NOW, asker="Ada")
    later = build(who, History(tuple(talk)), budget=9_000, now=NOW, asker="Kim")
    assert texts(first)[0] == texts(later)[0]
    told = "\n".join(text for _, text in texts(later))
    for text in ("Ada is a friend.", "Ada: Hm?", "Ada broke it.", "Ada waits.", "Speak to Kim.", "Answer Kim."):
        assert text in told
    for text in ("Kim is", "Kim: Hm?", "Kim broke", "Kim waits"):
        assert text not in told


def test_lore_has_its_share_and_what_has_no_room_is_told() -> None:
    lore = {"entries": [entry("a", content="word " * 400, priority=1), entry("a", content="Short.", priority=2)]}
    made = prompt(persona(character_book=lore), person(1, "a"), budget=1_000)
    assert [each.index for each in made.lore.active] == [1]
    assert made.lore.over_budget == (0,)
    whole = prompt(persona(character_book={**lore, "token_budget": 5_000}), person(1, "a"), budget=2_000)
    assert whole.lore.over_budget == ()


def test_inserts_are_counted_in_messages_from_the_end() -> None:
    """V3: `@@depth 1` stands before the newest message; more than there are is before the oldest."""

    def lore(depth: int) -> Persona:
        return persona(character_book={"entries": [entry(content=f"@@depth {depth}\nLORE", constant=True)]})

    talk = (person(1, "one"), own(2, "two", 1), own(3, "still two", 1, 2), person(4, "three"))
    places = [[role for role, text in texts(prompt(lore(depth), *talk))[1:]] for depth in (0, 1, 2, 3, 9)]
    assert places == [
        ["user", "assistant", "user", "system"],
        ["user", "assistant", "system", "user"],
        ["user", "system", "assistant", "user"],
        ["system", "user", "assistant", "user"],
        ["system", "user", "assistant", "user"],
    ]


def test_who_is_named_in_a_card_is_text() -> None:
    who = persona(nickname="{{user}}", description="{{char}} and {{user}}")
    assert "{{user}} and Ada" in system(prompt(who))


BOOK: Json = {
    "entries": [
        entry(content="Always there.", constant=True, insertion_order=1),
        *(entry(f"word{number}", content=f"Lore number {number}. " * 5, insertion_order=5) for number in range(10)),
    ]
}


def kept_of_sixty_turns(who: Persona) -> tuple[float, int]:
    """The part of all that is sent that stands in a prefix which the turn before had too; and how often lore fired."""
    remembered = ChannelBuffer(max_messages=200, max_tokens=8_000)
    before, same, total, fired = "", 0, 0, 0
    for turn in range(60):
        question = person(turn * 2 + 1, f"question {turn} word{turn % 10}: " + "and a few more words " * 30)
        remembered.add(question)
        made = build(who, remembered.history(until=question.id), budget=8_000, now=NOW, asker="Ada")
        text = "\x00".join(f"{message.role}:{message.content}" for message in made.messages)
        same += sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(text, before, strict=False)))
        total += len(text)
        before = text
        fired += len(made.lore.active)
        remembered.add(own(turn * 2 + 2, f"answer {turn}: " + "said in some words " * 30, question.id))
    return same / total, fired


def test_lore_that_comes_and_goes_leaves_the_prompt_as_it_was_but_for_itself() -> None:
    plain, _ = kept_of_sixty_turns(persona(description="A long description. " * 40))
    kept, fired = kept_of_sixty_turns(persona(description="A long description. " * 40, character_book=BOOK))
    assert fired >= 120
    assert plain >= 0.85
    assert kept >= 0.9 * plain


def test_a_prompt_keeps_to_its_budget_with_lore() -> None:
    who = persona(description="A long description. " * 40, character_book=BOOK)
    talk = [person(number, f"word{number % 10} and more words " * 20) for number in range(1, 80)]
    made = prompt(who, *talk, budget=2_000)
    assert made.left_out
    assert made.tokens <= 2_000
