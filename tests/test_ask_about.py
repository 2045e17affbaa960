"""“Ask about this message”: a form at any message, and an answer about all that is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from discord_bot.simulator.model import Fault
from discord_bot.simulator.people import Invocation
from discord_bot.simulator.world.specials import Special
from tests.running import Running, Said, community, contents
from tests.test_ask_command import elsewhere, says, with_app
from tests.test_sight import picture, seen

NAME = "Ask about this message"


async def point_at(here: Running, message: Said, who: str = "ada") -> Invocation:
    """Somebody opens the form at a message."""
    return await here.person(who).run_on_message(message, NAME)


async def about(here: Running, message: Said, question: str, who: str = "ada", **chosen: Any) -> Invocation:
    """What is answered to a question about a message."""
    form = await point_at(here, message, who)
    assert form.modal is not None
    answer = await here.person(who).submit(form, {"question": question, **chosen})
    assert answer.acknowledged
    await answer.finished()
    await here.settled()
    await here.idle()
    return answer


async def test_only_who_asks_sees_the_answer_unless_they_choose_otherwise(tmp_path: Path) -> None:
    async with community(tmp_path, ["A bird.", "A parrot."]) as here:
        said = await here.person("kim").send(here.channel("general"), "Lora wants a nut")
        answer = await about(here, said, "who is\nLora?")
        address = f"https://discord.com/channels/{here.channel('general').guild_id}/{said['channel_id']}/{said['id']}"
        assert answer.content == f"-# [↪]({address}) who is Lora?\nA bird."
        assert answer.ephemeral
        assert contents(here.messages("general")) == ["Lora wants a nut"]
        open_one = await here.person("mo").submit(
            await point_at(here, said, "mo"), {"question": "what kind?", "who": "everybody"}
        )
        await open_one.finished()
        await here.idle()
        assert says(open_one) == "A parrot."
        assert contents(here.messages("general"))[-1] == open_one.content


async def test_the_model_is_told_the_whole_message_and_what_was_said_around_it(tmp_path: Path) -> None:
    async with community(tmp_path, ["Red.", "Hm."]) as here:
        place = here.channel("general")
        kim = here.person("kim")
        first = await kim.send(place, "look\n" + "at this " * 60, attachments=[("a.png", picture("png"))])
        await kim.send(place, "", special=Special(poll=("Which?", ("This", "That"))))
        await here.person("mo").send(place, "nice", reply_to=first)
        await about(here, first, "which colour?")
        whole, image, question = here.sent()[-1]["content"][:3]
        assert whole["text"].startswith("Kim: [poll: Which? — This; That]\nMo: [replying to Kim: ")
        assert whole["text"].endswith("at this  [picture: a.png]".replace("  ", "\n  "))
        assert "\nKim: look\n  at this at this" in whole["text"]
        assert question["text"] == "Ada: which colour?"
        assert len(seen(here.sent())) == 1
        assert image["type"] == "image_url"
        await here.ask("mo", "general", "well?")
        assert "which colour?" not in str(here.sent())


async def test_it_is_there_for_everything_that_people_and_bots_write_anywhere(tmp_path: Path) -> None:
    async with with_app(tmp_path, ["Hello.", "One.", "Two.", "Three.", "Four."]) as here:
        ada, mo, far = here.person("ada"), here.person("mo"), elsewhere(here)
        (own,) = await here.ask("mo", "general", "say hello")
        away, direct = await mo.send(far, "far away"), await mo.send(await ada.open_dm(mo.user), "among us")
        of_a_bot = await here.person("echo").send(here.channel("general"), "beep")
        told = ["assistant", "Mo: far away", "Mo: among us", "echo: beep"]
        for message, how in zip((own, away, direct, of_a_bot), told, strict=True):
            await about(here, message, "what does it mean?")
            last = here.sent()[-2:]
            if how == "assistant":
                assert last[0] == {"role": "assistant", "content": "Hello."}
            else:
                assert f"{how}\nAda: what does it mean?\n" in last[-1]["content"]


async def test_what_is_edited_or_deleted_meanwhile_is_read_as_it_is_then(tmp_path: Path) -> None:
    async with community(tmp_path, ["Hm."]) as here:
        kim, ada = here.person("kim"), here.person("ada")
        said = await kim.send(here.channel("general"), "the first version")
        form = await point_at(here, said)
        await kim.edit(said, "the second version")
        answer = await (await ada.submit(form, {"question": "what?"})).finished()
        await here.idle()
        assert says(answer) == "Hm."
        assert "Kim: the second version\nAda: what?" in here.sent()[-1]["content"]
        assert "first version" not in str(here.sent())
        form = await point_at(here, said)
        await kim.delete(said)
        answer = await (await ada.submit(form, {"question": "what?"})).finished()
        assert answer.content == "This message is not there any more."
        assert answer.ephemeral
        assert len(here.model.requests) == 1


async def test_who_is_not_read_is_not_read_by_this_either_but_by_themselves(tmp_path: Path) -> None:
    async with community(tmp_path, ["Yes."]) as here:
        kim, place = here.person("kim"), here.channel("general")
        said = await kim.send(place, "the secret")
        form = await point_at(here, said)
        await kim.command(place, "privacy", read="off")
        late = await (await here.person("ada").submit(form, {"question": "what?"})).finished()
        refused = await point_at(here, said)
        assert refused.modal is None
        assert refused.ephemeral
        assert refused.content == late.content != ""
        assert "does not want to be read" in refused.content
        quoting = await here.person("mo").send(place, "oh", reply_to=said)
        await about(here, quoting, "what do they mean?")
        assert "the secret" not in str(here.sent())
        here.model.script.append("Ah.")
        await about(here, said, "what have I said?", "kim")
        assert "Kim: the secret\nKim: what have I said?\n" in here.sent()[-1]["content"]


async def test_who_may_not_ask_gets_no_form_and_nothing_to_read_is_said_to_be_so(tmp_path: Path) -> None:
    more = "permissions: {channels: {allowed_ids: [123456789012345678]}}"
    async with community(tmp_path, more=more) as here:
        said = await here.person("kim").send(here.channel("general"), "hello")
        refused = await point_at(here, said)
        assert refused.modal is None
        assert "does not allow you" in refused.content


@pytest.mark.parametrize(
    ("who", "label", "choice"), [("ada", "Your question", "Only me"), ("kim", "你的问题", "只有我")]
)
async def test_the_form_and_what_goes_wrong_speak_the_persons_language(
    who: str, label: str, choice: str, tmp_path: Path
) -> None:
    async with community(tmp_path, [Fault.WRONG_KEY]) as here:
        said = await here.person("mo").send(here.channel("general"), "hello")
        names = [each["name_localizations"] or {} for each in here.simulator.world.commands.values()]
        assert any(each.get("zh-CN") == "就这条消息提问" for each in names)
        form = await point_at(here, said, who)
        assert form.modal is not None
        text, select = form.modal["components"]
        assert text["label"] == label
        assert [each["label"] for each in select["component"]["options"] if each.get("default")] == [choice]
        answer = await (await here.person(who).submit(form, {"question": "what?"})).finished()
        await here.idle()
        assert ("key" if who == "ada" else "密钥") in says(answer)
