"""People use the application: commands, completion, buttons, menus and modals, answered by an unmodified discord.py."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import discord
import pytest
from discord import app_commands

from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world import channels
from discord_bot.simulator.world.interactions import ACKNOWLEDGE_WITHIN, TOKEN_LIFETIME
from discord_bot.simulator.world.refusals import Because, Refusal
from discord_bot.simulator.world.world import World
from tests.simulator.conftest import Api, Client, connected, watched
from tests.simulator.openapi import REASON, description

Interaction = discord.Interaction[Client]


class Buttons(discord.ui.View):
    """A button that answers, one that changes the message, one that asks, and a menu."""

    @discord.ui.button(label="Answer", custom_id="answer")
    async def answer(self, interaction: Interaction, _: discord.ui.Button[Any]) -> None:
        await interaction.response.send_message("pressed", ephemeral=True)

    @discord.ui.button(label="Change", custom_id="change")
    async def change(self, interaction: Interaction, _: discord.ui.Button[Any]) -> None:
        await interaction.response.edit_message(content="changed", view=None)

    @discord.ui.button(label="Later", custom_id="later")
    async def later(self, interaction: Interaction, _: discord.ui.Button[Any]) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="changed later")

    @discord.ui.button(label="Ask", custom_id="ask")
    async def ask(self, interaction: Interaction, _: discord.ui.Button[Any]) -> None:
        await interaction.response.send_modal(Question())

    @discord.ui.select(
        custom_id="menu", options=[discord.SelectOption(label=name) for name in ("one", "two", "three")], max_values=2
    )
    async def menu(self, interaction: Interaction, select: discord.ui.Select[Any]) -> None:
        await interaction.response.send_message(" and ".join(select.values))

    @discord.ui.select(cls=discord.ui.UserSelect, custom_id="who")
    async def who(self, interaction: Interaction, select: discord.ui.UserSelect[Any]) -> None:
        await interaction.response.send_message(f"{select.values[0].name}")


class Question(discord.ui.Modal, title="A question"):
    name: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Name", custom_id="name", max_length=10)
    story: discord.ui.TextInput[Any] = discord.ui.TextInput(
        label="Story", custom_id="story", style=discord.TextStyle.paragraph, required=False, default="none"
    )

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message(f"{self.name.value}: {self.story.value}")


def add_commands(tree: app_commands.CommandTree[Client]) -> None:
    """One command of each kind that a bot of this sort has."""
    persona = app_commands.Group(name="persona", description="Who answers")

    @persona.command(name="set", description="Choose")
    @app_commands.choices(where=[app_commands.Choice(name=one, value=one) for one in ("here", "server")])
    async def set_persona(interaction: Interaction, name: str, where: str = "here") -> None:
        await interaction.response.send_message(f"{name} {where}", ephemeral=True)

    @set_persona.autocomplete("name")
    async def suggest(_: Interaction, current: str) -> list[app_commands.Choice[str]]:
        names = ("pirate", "pilot", "poet")
        return [app_commands.Choice(name=name.title(), value=name) for name in names if name.startswith(current)]

    @tree.command(description="Everything that an option can be")
    async def everything(
        interaction: Interaction,
        number: app_commands.Range[int, 1, 10],
        fraction: float,
        really: bool,
        member: discord.Member,
        role: discord.Role,
        place: discord.TextChannel,
        file: discord.Attachment,
    ) -> None:
        data = await file.read()
        await interaction.response.send_message(
            f"{number} {fraction} {really} {member.name} {role.name} {place.name} {file.filename} {data.decode()}"
        )

    @tree.command(description="Thinks first")
    async def think(interaction: Interaction, hidden: bool = False) -> None:
        await interaction.response.defer(ephemeral=hidden, thinking=True)
        await interaction.followup.send("thought")
        await interaction.followup.send("and more")

    @tree.command(description="Sends a file")
    async def report(interaction: Interaction) -> None:
        await interaction.response.send_message(file=discord.File(io.BytesIO(b"first"), "a.txt"), ephemeral=True)
        await interaction.followup.send("more", file=discord.File(io.BytesIO(b"second"), "b.txt"))

    @tree.command(description="Says nothing")
    async def silent(interaction: Interaction) -> None:
        pass

    @tree.command(description="Shows buttons")
    async def buttons(interaction: Interaction) -> None:
        await interaction.response.send_message("press", view=Buttons())

    @tree.command(description="Asks")
    async def ask(interaction: Interaction) -> None:
        await interaction.response.send_modal(Question())

    @tree.command(description="For moderators")
    @app_commands.default_permissions(manage_messages=True)
    @app_commands.guild_only()
    async def moderate(interaction: Interaction) -> None:
        await interaction.response.send_message(str(interaction.permissions.manage_messages))

    @tree.command(description="Where am I")
    async def where(interaction: Interaction) -> None:
        message = await interaction.response.send_message(f"{interaction.locale} {interaction.guild_locale}")
        assert message.resource is not None
        edited = await interaction.edit_original_response(content=f"{interaction.locale} edited")
        await interaction.followup.send(f"{edited.id}", ephemeral=True)

    @tree.context_menu(name="Quote this")
    async def quote(interaction: Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"> {message.content}")

    @tree.context_menu(name="Who is this")
    async def describe(interaction: Interaction, member: discord.Member) -> None:
        await interaction.response.send_message(member.name)

    tree.add_command(persona)


@pytest.fixture
async def bot(simulator: Simulator) -> Any:
    client = Client(discord.Intents(guilds=True))
    add_commands(client.tree)
    async with connected(simulator, client):
        await client.tree.sync()
        yield client


async def test_a_command_with_its_subcommand_is_run_and_answered(simulator: Simulator, bot: Client) -> None:
    """A command's options arrive, and its ephemeral answer is seen by who ran it alone."""
    ada = simulator.person("ada")
    run = await ada.command("general", "persona set", name="pirate", where="server")
    assert (run.content, run.ephemeral, run.failed) == ("pirate server", True, False)
    assert simulator.messages("general") == []
    assert [message["content"] for message in await ada.history("general")] == ["pirate server"]
    assert await simulator.person("kim").history("general") == []
    response = run.response
    assert response is not None
    assert response["type"] == 20
    assert response["interaction_metadata"]["user"]["username"] == "ada"
    assert response["interaction"]["name"] == "persona set"
    await ada.dismiss(response)
    assert await ada.history("general") == []


async def test_autocompletion_suggests_for_what_is_typed(simulator: Simulator, bot: Client) -> None:
    """The focused option is completed by the application."""
    ada = simulator.person("ada")
    choices = await ada.autocomplete("general", "persona set", focused="name", options={"name": "pi"})
    assert choices == [{"name": "Pirate", "value": "pirate"}, {"name": "Pilot", "value": "pilot"}]


async def test_options_of_every_type_are_resolved(simulator: Simulator, bot: Client) -> None:
    """Numbers, members, roles, channels and files arrive as what they are."""
    world = simulator.world
    values: dict[str, Any] = {
        "number": 7,
        "fraction": 0.5,
        "really": True,
        "member": world.user("kim"),
        "role": world.role(world.guild("Harbour").id, "Moderator"),
        "place": world.channel("tavern"),
        "file": ("note.txt", b"ahoy"),
    }
    run = await simulator.person("ada").command("general", "everything", **values)
    assert run.content == "7 0.5 True kim Moderator tavern note.txt ahoy"
    for wrong in ({"number": 11}, {"unknown": 1}):
        with pytest.raises(Refusal) as refused:
            await simulator.person("ada").command("general", "everything", **values | wrong)
        assert refused.value.because is Because.INVALID_FORM_BODY
    with pytest.raises(Refusal, match="required"):
        await simulator.person("ada").command("general", "everything")


@pytest.mark.parametrize("hidden", [False, True])
async def test_thinking_becomes_the_first_follow_up(simulator: Simulator, bot: Client, hidden: bool) -> None:
    """After a deferral the first follow-up takes its place, and is as visible as it; the second is a reply to it."""
    ada = simulator.person("ada")
    second = simulator.expect(lambda event: event.t == "MESSAGE_CREATE" and event.d["content"] == "and more")
    run = await (await ada.command("general", "think", hidden=hidden)).finished()
    assert (run.content, run.ephemeral) == ("thought", hidden)
    await second
    assert [message["content"] for message in run.messages] == ["thought", "and more"]
    assert run.messages[1]["message_reference"]["message_id"] == run.messages[0]["id"]
    assert len(simulator.messages("general")) == (1 if hidden else 2)


async def test_files_in_answers(simulator: Simulator, bot: Client) -> None:
    """A file comes with the first answer and with a follow-up; the ephemeral one says that it is."""
    second = simulator.expect(lambda event: event.t == "MESSAGE_CREATE" and event.d["content"] == "more")
    run = await simulator.person("ada").command("general", "report")
    await second
    first, other = (message["attachments"][0] for message in run.messages)
    assert (first["filename"], first["ephemeral"]) == ("a.txt", True)
    assert (other["filename"], "ephemeral" in other) == ("b.txt", False)
    assert simulator.world.files[int(other["id"])] == b"second"


async def test_an_answer_where_the_channel_is_gone(simulator: Simulator, api: Api) -> None:
    """Who answers in a channel that was deleted meanwhile is told that it is unknown."""
    d = await _ask(simulator, api)
    world = simulator.world
    ada = world.user("ada").id
    simulator.dispatch(channels.delete(world, ada, world.channel("general")))
    path = f"/interactions/{d['id']}/{d['token']}/callback"
    status, body = await api("POST", path, {"type": 4, "data": {"content": "hello?"}})
    assert (status, body["code"]) == (404, 10003)


async def test_nobody_answers(simulator: Simulator, bot: Client) -> None:
    """Without an acknowledgement in three seconds the interaction has failed."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    run = await simulator.person("ada").command("general", "silent")
    assert run.failed
    assert not run.acknowledged
    assert loop.time() - began == pytest.approx(ACKNOWLEDGE_WITHIN, abs=0.5)


async def test_buttons_and_menus(simulator: Simulator, bot: Client) -> None:
    """Components are used by people; answers are replies, changes change the message, menus carry values."""
    ada = simulator.person("ada")
    shown = (await ada.command("general", "buttons")).response
    assert shown is not None
    assert (await ada.press(shown, "answer")).content == "pressed"
    menu = await ada.select(shown, "menu", ["one", "three"])
    assert menu.content == "one and three"
    assert menu.response is not None
    assert menu.response["type"] == 19
    assert menu.response["message_reference"]["message_id"] == shown["id"]
    assert (await ada.select(shown, "who", [str(simulator.world.user("kim").id)])).content == "kim"
    for wrong in (["one", "two", "three"], ["four"], []):
        with pytest.raises(Refusal):
            await ada.select(shown, "menu", wrong)
    with pytest.raises(Refusal):
        await ada.press(shown, "no such button")

    later = simulator.expect(lambda event: event.t == "MESSAGE_UPDATE")
    await ada.press(shown, "later")
    assert (await later).d["content"] == "changed later"
    await ada.press(shown, "change")
    changed = next(message for message in simulator.messages("general") if message["id"] == shown["id"])
    assert (changed["content"], changed["components"]) == ("changed", [])


@pytest.mark.parametrize("by_button", [False, True])
async def test_modals(simulator: Simulator, bot: Client, by_button: bool) -> None:
    """A modal opens from a command or a button; what is filled in arrives; what doesn't fit isn't sent."""
    ada = simulator.person("ada")
    shown = (await ada.command("general", "buttons")).response
    assert shown is not None
    for filled_in, arrives in (({"name": "Ada", "story": "long"}, "Ada: long"), ({"name": "Ada"}, "Ada: none")):
        opened = await (ada.press(shown, "ask") if by_button else ada.command("general", "ask"))
        assert opened.modal is not None
        assert opened.modal["title"] == "A question"
        assert opened.response is None
        for wrong in ({"name": ""}, {"name": "x" * 11}, {"name": "Ada", "what": "?"}):
            with pytest.raises(Refusal):
                await ada.submit(opened, wrong)
        assert (await ada.submit(opened, filled_in)).content == arrives


async def test_context_menus(simulator: Simulator, bot: Client) -> None:
    """Commands on a message and on a user."""
    ada = simulator.person("ada")
    sent = await simulator.person("kim").send("general", "quotable")
    quoted = await ada.run_on_message(sent, "Quote this")
    assert quoted.content == "> quotable"
    assert quoted.response is not None
    assert quoted.response["type"] == 23
    assert (await ada.run_on_user("general", simulator.person("kim"), "Who is this")).content == "kim"


async def test_who_may_run_what(simulator: Simulator, bot: Client) -> None:
    """A command's default permissions decide who is offered it; one for guilds only isn't in a DM."""
    ada, mo, kim = (simulator.person(name) for name in ("ada", "mo", "kim"))
    assert (await mo.command("general", "moderate")).content == "True"
    with pytest.raises(Refusal) as refused:
        await kim.command("general", "moderate")
    assert refused.value.because is Because.MISSING_PERMISSIONS
    assert "moderate" not in {command["name"] for command in kim.commands("general")}
    with pytest.raises(Refusal) as refused:
        await ada.command("general", "nothing like it")
    assert refused.value.because is Because.UNKNOWN_COMMAND
    dm = await ada.open_dm()
    assert "moderate" not in {command["name"] for command in ada.commands(dm)}
    assert (await ada.command(dm, "where")).content == "en-US None"
    assert ada.commands(await ada.open_dm("kim")) == []


async def test_locale_and_edits_of_the_answer(simulator: Simulator, bot: Client) -> None:
    """A person's language is told; the answer is edited by the token; an ephemeral follow-up is theirs alone."""
    kim = simulator.person("kim")
    follow_up = simulator.expect(lambda event: event.t == "MESSAGE_CREATE" and event.audience == frozenset({kim.id}))
    run = await kim.command("general", "where")
    await follow_up
    assert run.content == "zh-CN edited"
    assert run.messages[1]["content"] == run.messages[0]["id"]
    assert [message["content"] for message in simulator.messages("general")] == ["zh-CN edited"]


async def test_commands_are_kept_as_discord_keeps_them(simulator: Simulator, bot: Client) -> None:
    """What is synchronised is read back as it was; again the same, nothing is new; and less takes away."""
    synced = await bot.tree.fetch_commands()
    assert {command.name for command in synced} >= {"persona", "everything", "Quote this"}
    before = {command_id: command["version"] for command_id, command in simulator.world.commands.items()}
    await bot.tree.sync()
    assert {command_id: command["version"] for command_id, command in simulator.world.commands.items()} == before
    bot.tree.remove_command("silent")
    await bot.tree.sync()
    assert set(simulator.world.commands) < set(before)
    guild = bot.guilds[0]
    bot.tree.copy_global_to(guild=guild)
    await bot.tree.sync(guild=guild)
    names = [command["name"] for command in simulator.person("ada").commands("general")]
    assert len(names) == len(set(names)), "a guild's command stands before the global one of its name"


async def test_what_an_interaction_tells(simulator: Simulator, bot: Client) -> None:
    """INTERACTION_CREATE holds the objects that Discord describes, and the fields that libraries read."""
    known = description()
    if known is None:
        pytest.skip(REASON)
    told = simulator.expect(lambda event: event.t == "INTERACTION_CREATE")
    values = {"name": "pirate"}
    await simulator.person("mo").command("general", "persona set", **values)
    d = (await told).d
    assert known.check_object("GuildMemberResponse", d["member"]) == []
    assert known.check_object("GuildChannelResponse", d["channel"]) == []
    assert int(d["member"]["permissions"]) & discord.Permissions.manage_messages.flag
    assert d["data"]["options"] == [
        {"type": 1, "name": "set", "options": [{"type": 3, "name": "name", "value": "pirate"}]}
    ]
    assert d["context"] == 0
    assert d["authorizing_integration_owners"] == {"0": d["guild_id"]}
    assert (d["locale"], d["guild_locale"], d["version"], d["entitlements"]) == ("en-US", "en-US", 1, [])


# Without a library: the rules of the callback


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.moment = 1_750_000_000.0

    def __call__(self) -> float:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def simulator_with_clock(clock: Clock) -> Any:
    async with watched(Simulator(World.default(clock), limits=False)) as simulator:
        yield simulator


async def _ask(simulator: Simulator, api: Api) -> dict[str, Any]:
    """An interaction that nobody has answered."""
    world = simulator.world
    await api("POST", f"/applications/{world.application.id}/commands", {"name": "ask", "description": "x"})
    told = simulator.expect(lambda event: event.t == "INTERACTION_CREATE")
    running = asyncio.create_task(simulator.person("ada").command("general", "ask"))
    d = (await told).d
    running.cancel()
    return d


async def test_an_interaction_is_acknowledged_once(simulator: Simulator, api: Api) -> None:
    """The second callback is refused with 40060, a strange token with 10062, a wrong type with 50035."""
    d = await _ask(simulator, api)
    path = f"/interactions/{d['id']}/{d['token']}/callback"
    status, body = await api("POST", f"/interactions/{d['id']}/strange/callback", {"type": 5})
    assert (status, body["code"]) == (404, 10062)
    status, body = await api("POST", path, {"type": 8, "data": {"choices": []}})
    assert (status, body["code"]) == (400, 50035)
    status, body = await api("POST", path, {"type": 7, "data": {"content": "no message to change"}})
    assert (status, body["code"]) == (400, 50035)
    status, body = await api("POST", f"{path}?with_response=true", {"type": 4, "data": {"content": "yes"}})
    assert status == 200
    assert body["resource"]["message"]["content"] == "yes"
    status, body = await api("POST", path, {"type": 4, "data": {"content": "yes"}})
    assert (status, body["code"]) == (400, 40060)


async def test_no_follow_up_before_the_answer(simulator: Simulator, api: Api) -> None:
    """An interaction's token is no webhook until it was acknowledged."""
    d = await _ask(simulator, api)
    status, body = await api("POST", f"/webhooks/{d['application_id']}/{d['token']}", {"content": "early"})
    assert (status, body["code"]) == (404, 10015)
    status, body = await api("GET", f"/webhooks/{d['application_id']}/{d['token']}/messages/@original")
    assert (status, body["code"]) == (404, 10008)


async def test_three_seconds_and_fifteen_minutes(simulator_with_clock: Simulator, clock: Clock, session: Any) -> None:
    """Acknowledged too late an interaction is unknown; its token lasts a quarter of an hour."""
    simulator = simulator_with_clock
    api = Api(session, simulator)
    late = await _ask(simulator, api)
    clock.moment += ACKNOWLEDGE_WITHIN + 0.1
    status, body = await api("POST", f"/interactions/{late['id']}/{late['token']}/callback", {"type": 5})
    assert (status, body["code"]) == (404, 10062)

    d = await _ask(simulator, api)
    assert await api("POST", f"/interactions/{d['id']}/{d['token']}/callback", {"type": 5}) == (204, None)
    clock.moment += TOKEN_LIFETIME - 1
    original = f"/webhooks/{d['application_id']}/{d['token']}/messages/@original"
    assert (await api("PATCH", original, {"content": "in time"}))[0] == 200
    clock.moment += 2
    status, body = await api("PATCH", original, {"content": "too late"})
    assert (status, body["code"]) == (401, 50027)
