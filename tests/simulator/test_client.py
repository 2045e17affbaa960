"""An unmodified discord.py client lives in the simulator as it would in Discord."""

from __future__ import annotations

import asyncio
import io

import aiohttp
import discord
import pytest

from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world import changes
from discord_bot.simulator.world.entities import ApplicationFlag
from discord_bot.simulator.world.permissions import Permission
from discord_bot.simulator.world.world import World
from tests.simulator.conftest import Client, connected, watched


async def test_a_client_is_ready_with_all_that_it_may_see(client: Client) -> None:
    """READY and GUILD_CREATE give a client its user, its guilds, their channels, threads, roles and members."""
    assert client.user is not None
    assert client.user.name == "assistant"
    assert client.user.bot
    assert [guild.name for guild in client.guilds] == ["Harbour", "Workshop"]
    harbour = client.guilds[0]
    assert [channel.name for channel in harbour.text_channels] == ["general", "tavern", "support", "quiet"]
    assert [thread.name for thread in harbour.threads] == ["the long voyage"]
    assert {member.name for member in harbour.members} == {"ada", "mo", "kim", "newcomer", "echo", "assistant"}
    assert harbour.me.top_role.is_bot_managed()
    assert harbour.self_role == harbour.me.top_role
    assert harbour.owner is not None
    assert harbour.owner.name == "ada"


async def test_a_wrong_token_is_a_login_failure(simulator: Simulator) -> None:
    """Who has not the right token is told so by the REST API."""
    with pytest.raises(discord.LoginFailure):
        async with connected(simulator, Client(), token="wrong"):
            pass


@pytest.mark.parametrize("missing", ["GUILD_MEMBERS", "MESSAGE_CONTENT", "PRESENCE"])
async def test_an_intent_that_is_switched_off_ends_the_connection(missing: str) -> None:
    """The gateway closes with 4014 on who asks for a privileged intent that the application hasn't."""
    world = World.default()
    world.application.flags &= ~ApplicationFlag[f"GATEWAY_{missing}_LIMITED"]
    async with watched(Simulator(world)) as simulator:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            async with connected(simulator, Client()):
                pass


async def test_a_message_is_heard_answered_edited_and_deleted(simulator: Simulator, client: Client) -> None:
    """What a person writes reaches the client; its reply refers to it, changes, and goes."""
    ada = simulator.person("ada")
    heard = asyncio.create_task(client.wait_for("message", timeout=5))
    await asyncio.sleep(0)
    await ada.send("general", f"<@{simulator.world.bot.id}> hello")
    message = await heard
    assert message.author.name == "ada"
    assert message.guild is not None
    assert message.mentions == [message.guild.me]
    assert message.content == f"{client.user.mention} hello"  # type: ignore[union-attr]

    reply = await message.reply("hello, Ada")
    assert reply.type is discord.MessageType.reply
    assert reply.reference is not None
    assert reply.reference.message_id == message.id
    assert [user.name for user in reply.mentions] == ["ada"]

    edited = await reply.edit(content="hello again")
    assert edited.content == "hello again"
    assert edited.edited_at is not None
    assert [known["content"] for known in simulator.messages("general")][-1] == "hello again"

    await reply.delete()
    assert [known["author"]["username"] for known in simulator.messages("general")] == ["ada"]


async def test_people_edit_and_delete_before_the_clients_eyes(simulator: Simulator, client: Client) -> None:
    """Edits, single and bulk deletions of people reach the client as the events that they are."""
    ada, mo = simulator.person("ada"), simulator.person("mo")
    sent = [await ada.send("general", f"message {number}") for number in range(4)]

    edit = asyncio.create_task(client.wait_for("raw_message_edit", timeout=5))
    deletion = asyncio.create_task(client.wait_for("raw_message_delete", timeout=5))
    bulk = asyncio.create_task(client.wait_for("raw_bulk_message_delete", timeout=5))
    await asyncio.sleep(0)
    await ada.edit(sent[0], "changed")
    await mo.delete(sent[1])
    await mo.delete_many("general", sent[2:])
    assert (await edit).message.content == "changed"
    assert (await deletion).message_id == int(sent[1]["id"])
    assert (await bulk).message_ids == {int(message["id"]) for message in sent[2:]}


async def test_history_is_read_back_in_pages(simulator: Simulator, client: Client) -> None:
    """History pages by before, after and around, the newest first, as discord.py walks it."""
    ada = simulator.person("ada")
    sent = [await ada.send("tavern", str(number)) for number in range(130)]
    channel = client.text("tavern")
    assert [message.content async for message in channel.history(limit=None)] == [str(n) for n in range(129, -1, -1)]
    after = discord.Object(int(sent[99]["id"]))
    assert [message.content async for message in channel.history(after=after)] == [str(n) for n in range(100, 130)]
    before = discord.Object(int(sent[3]["id"]))
    assert [message.content async for message in channel.history(before=before)] == ["2", "1", "0"]
    around = discord.Object(int(sent[50]["id"]))
    assert [message.content async for message in channel.history(around=around, limit=5)] == [
        "52",
        "51",
        "50",
        "49",
        "48",
    ]


async def test_typing_shows(simulator: Simulator, client: Client) -> None:
    """Typing is seen on both sides."""
    shown = simulator.expect(lambda event: event.t == "TYPING_START")
    async with client.text("general").typing():
        assert (await shown).d["user_id"] == str(client.user.id)  # type: ignore[union-attr]
    seen = asyncio.create_task(client.wait_for("typing", check=lambda _, user, __: user.name == "kim", timeout=5))
    await asyncio.sleep(0)
    await simulator.person("kim").type("general")
    channel, user, _ = await seen
    assert (channel.name, user.name) == ("general", "kim")


async def test_files_go_both_ways(simulator: Simulator, client: Client, session: aiohttp.ClientSession) -> None:
    """A file keeps its bytes, its name and its content type, and is read back from the CDN's address."""
    picture = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000030000000208") + b"\0" * 20
    await client.text("general").send(
        "look", files=[discord.File(io.BytesIO(b"ahoy"), "a note.txt"), discord.File(io.BytesIO(picture), "p.png")]
    )
    note, shown = simulator.messages("general")[-1]["attachments"]
    assert note["filename"] == "a_note.txt"
    assert note["content_type"] == "text/plain; charset=utf-8"
    assert note["size"] == 4
    assert (shown["width"], shown["height"], shown["content_type"]) == (3, 2, "image/png")
    async with session.get(note["url"]) as response:
        assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert await response.read() == b"ahoy"

    heard = asyncio.create_task(client.wait_for("message", timeout=5))
    await asyncio.sleep(0)
    await simulator.person("ada").send("general", attachments=[("log.txt", b"line")])
    message = await heard
    assert await message.attachments[0].read() == b"line"
    await simulator.person("ada").delete(message.id)
    with pytest.raises(discord.NotFound):
        await message.attachments[0].read()


async def test_reactions_come_and_go(simulator: Simulator, client: Client) -> None:
    """Reactions are added, seen, listed and taken away."""
    sent = await simulator.person("ada").send("general", "vote")
    message = await client.text("general").fetch_message(int(sent["id"]))
    await message.add_reaction("👍")
    kim = simulator.world.user("kim")
    added = asyncio.create_task(
        client.wait_for("raw_reaction_add", check=lambda payload: payload.user_id == kim.id, timeout=5)
    )
    await asyncio.sleep(0)
    await simulator.person("kim").react(sent, "👍")
    assert (await added).emoji.name == "👍"
    message = await message.fetch()
    assert (message.reactions[0].count, message.reactions[0].me) == (2, True)
    assert {user.name async for user in message.reactions[0].users()} == {"kim", "assistant"}
    assert client.user is not None
    await message.remove_reaction("👍", client.user)
    await simulator.person("kim").unreact(sent, "👍")
    assert simulator.messages("general")[-1].get("reactions") is None
    with pytest.raises(discord.HTTPException) as refused:
        await message.add_reaction("word")
    assert refused.value.code == 10014


async def test_threads_are_made_written_in_and_archived(simulator: Simulator, client: Client) -> None:
    """A thread at a message and one of its own; what is written there; archived, it wakes by a message."""
    sent = await simulator.person("ada").send("general", "a long story")
    message = await client.text("general").fetch_message(int(sent["id"]))
    thread = await message.create_thread(name="story")
    assert thread.id == message.id
    await thread.send("once upon a time")
    assert [known["content"] for known in simulator.messages(thread.id)][-1] == "once upon a time"
    starter = await anext(thread.history(limit=1, oldest_first=True))
    assert starter.type is discord.MessageType.thread_starter_message
    assert starter.reference is not None
    assert isinstance(starter.reference.resolved, discord.Message)
    assert starter.reference.resolved.content == "a long story"

    with pytest.raises(discord.HTTPException) as refused:
        await message.create_thread(name="again")
    assert refused.value.code == 160004

    alone = await client.text("general").create_thread(name="alone", type=discord.ChannelType.public_thread)
    assert simulator.messages("general")[-1]["type"] == 18
    changes.set_role_permissions(
        simulator.world.role(simulator.world.guild("Harbour").id, "assistant"),
        Permission.VIEW_CHANNEL | Permission.MANAGE_THREADS | Permission.SEND_MESSAGES_IN_THREADS,
    )
    await alone.edit(archived=True)
    archived = [known async for known in client.text("general").archived_threads()]
    assert [known.name for known in archived] == ["alone"]
    await simulator.person("kim").send(alone.id, "wake up")
    active = await client.guilds[0].active_threads()
    assert {known.name for known in active} == {"the long voyage", "story", "alone"}
    voyage = discord.utils.get(active, name="the long voyage")
    assert voyage is not None
    await voyage.join()
    assert client.user is not None
    assert client.user.id in {member.id for member in await voyage.fetch_members()}
    await voyage.leave()


async def test_webhooks_write_under_any_name(
    simulator: Simulator, client: Client, session: aiohttp.ClientSession
) -> None:
    """A webhook writes as who it likes, in a thread too, and its messages are changed and deleted by its token."""
    webhook = await client.text("tavern").create_webhook(name="personas")
    assert [known.id for known in await client.text("tavern").webhooks()] == [webhook.id]
    message = await webhook.send("Arr!", username="Pirate", avatar_url="https://example.invalid/p.png", wait=True)
    assert message.author.name == "Pirate"
    assert message.webhook_id == webhook.id
    shown = simulator.messages("tavern")[-1]
    assert shown["author"]["bot"]
    assert shown["author"]["discriminator"] == "0000"
    await webhook.edit_message(message.id, content="Arr, changed!")
    assert (await webhook.fetch_message(message.id)).content == "Arr, changed!"

    voyage = simulator.world.channel("the long voyage")
    await webhook.send("in the thread", thread=discord.Object(voyage.id))
    assert simulator.messages(voyage)[-1]["content"] == "in the thread"

    partial = discord.Webhook.from_url(
        f"https://discord.com/api/webhooks/{webhook.id}/{webhook.token}", session=session
    )
    await partial.delete_message(message.id)
    assert simulator.messages("tavern") == []
    await webhook.edit(name="other")
    assert (await client.fetch_webhook(webhook.id)).name == "other"
    await webhook.delete()
    with pytest.raises(discord.NotFound):
        await partial.send("nobody")
    with pytest.raises(discord.HTTPException, match="Username cannot contain"):
        await client.text("tavern").create_webhook(name="Clyde")


async def test_direct_messages(simulator: Simulator, client: Client) -> None:
    """A direct conversation has no guild, and needs no intent for its content."""
    ada = simulator.person("ada")
    dm = await ada.open_dm()
    heard = asyncio.create_task(client.wait_for("message", timeout=5))
    await asyncio.sleep(0)
    await ada.send(dm, "psst")
    message = await heard
    assert message.guild is None
    assert isinstance(message.channel, discord.DMChannel)
    await message.reply("yes?")
    assert [known["content"] for known in simulator.messages(dm)] == ["psst", "yes?"]
    user = await client.fetch_user(simulator.world.user("kim").id)
    await user.send("hello Kim")
    assert simulator.messages(await simulator.person("kim").open_dm())[-1]["content"] == "hello Kim"


async def test_permissions_are_enforced(simulator: Simulator, client: Client) -> None:
    """A bot writes where it may; what it may not is refused with Discord's codes."""
    with pytest.raises(discord.Forbidden) as refused:
        await client.text("quiet").send("hello")
    assert refused.value.code == 50013
    kims = await simulator.person("kim").send("general", "mine")
    message = await client.text("general").fetch_message(int(kims["id"]))
    with pytest.raises(discord.Forbidden) as refused:
        await message.delete()
    assert refused.value.code == 50013
    with pytest.raises(discord.Forbidden) as refused:
        await message.edit(content="not mine")
    assert refused.value.code == 50005
    world = simulator.world
    everyone = world.role(world.guild("Harbour").id, "@everyone")
    simulator.dispatch(changes.set_overwrite(world, world.channel("support"), everyone, deny=Permission.VIEW_CHANNEL))
    with pytest.raises(discord.Forbidden) as refused:
        await client.text("support").send("hello")
    assert refused.value.code == 50001


async def test_two_thousand_characters_and_no_more(simulator: Simulator, client: Client) -> None:
    """Content is counted in code points; more than 2,000 are refused, and so is nothing at all."""
    channel = client.text("general")
    await channel.send("🙂" * 2000)
    with pytest.raises(discord.HTTPException, match="Must be 2000 or fewer in length") as refused:
        await channel.send("x" * 2001)
    assert refused.value.code == 50035
    for nothing in ("", " \n\t", "\u2003"):
        with pytest.raises(discord.HTTPException) as refused:
            await channel.send(nothing)
        assert refused.value.code == 50006
    assert len(simulator.messages("general")) == 1


async def test_a_reply_to_what_is_gone(simulator: Simulator, client: Client) -> None:
    """A reply to an unknown message is refused, unless it needn't be there: then it is no reply."""
    gone = await simulator.person("ada").send("general", "soon gone")
    reference = discord.MessageReference(message_id=int(gone["id"]), channel_id=int(gone["channel_id"]))
    await simulator.person("ada").delete(gone)
    with pytest.raises(discord.HTTPException, match="Unknown message") as refused:
        await client.text("general").send("to nobody", reference=reference)
    assert refused.value.code == 50035
    reference.fail_if_not_exists = False
    sent = await client.text("general").send("to nobody", reference=reference)
    assert sent.reference is None
    assert sent.type is discord.MessageType.default


async def test_the_same_enforced_nonce_sends_once(simulator: Simulator, client: Client) -> None:
    """A create that is repeated with its nonce answers with the message that is there."""
    first = await client.text("general").send("once", nonce="n-1")
    again = await client.text("general").send("once", nonce="n-1")
    assert first.id == again.id
    assert len(simulator.messages("general")) == 1


async def test_members_are_found(simulator: Simulator, client: Client) -> None:
    """Members are fetched, searched, and asked for through the gateway."""
    guild = client.guilds[0]
    kim = simulator.world.user("kim")
    assert (await guild.fetch_member(kim.id)).name == "kim"
    assert [member.name for member in await guild.query_members("ki")] == ["kim"]
    assert [member.name for member in await guild.query_members(user_ids=[kim.id])] == ["kim"]
    assert len([member async for member in guild.fetch_members()]) == 6
    with pytest.raises(discord.NotFound) as refused:
        await guild.fetch_member(1)
    assert refused.value.code == 10013
    renamed = asyncio.create_task(client.wait_for("member_update", timeout=5))
    await guild.me.edit(nick="Helper")
    await renamed
    assert guild.me.nick == "Helper"


async def test_the_bot_is_thrown_out_and_invited_again(simulator: Simulator, client: Client) -> None:
    """GUILD_DELETE and GUILD_CREATE follow the bot's membership."""
    world = simulator.world
    workshop = world.guild("Workshop")
    left = asyncio.create_task(client.wait_for("guild_remove", timeout=5))
    await asyncio.sleep(0)
    simulator.dispatch(changes.remove_member(workshop, world.bot))
    assert (await left).name == "Workshop"
    with pytest.raises(discord.Forbidden):
        await client.fetch_channel(world.channel("workbench").id)
    joined = asyncio.create_task(client.wait_for("guild_join", timeout=5))
    await asyncio.sleep(0)
    simulator.dispatch(changes.add_member(world, workshop, world.bot))
    assert [channel.name for channel in (await joined).channels] == ["workbench"]


async def test_channels_are_made_changed_and_taken_away(simulator: Simulator, client: Client) -> None:
    """With the permission, channels come and go, and everybody's client knows."""
    world = simulator.world
    guild = client.guilds[0]
    with pytest.raises(discord.Forbidden):
        await guild.create_text_channel("new")
    changes.set_role_permissions(world.role(guild.id, "assistant"), Permission.ADMINISTRATOR)
    channel = await guild.create_text_channel("new", topic="fresh")
    await channel.edit(name="Newer One", slowmode_delay=5)
    assert world.channel(channel.id).name == "newer-one"
    await channel.set_permissions(guild.default_role, send_messages=False)
    assert world.channel(channel.id).overwrites[guild.id].deny == Permission.SEND_MESSAGES
    await channel.set_permissions(guild.default_role, overwrite=None)
    await channel.delete()
    with pytest.raises(discord.NotFound):
        await client.fetch_channel(channel.id)


async def test_pins(simulator: Simulator, client: Client) -> None:
    """A pin is listed, and told in the channel."""
    world = simulator.world
    changes.set_role_permissions(world.role(client.guilds[0].id, "assistant"), Permission.ADMINISTRATOR)
    message = await client.text("general").send("remember this")
    await message.pin()
    assert [pin.content async for pin in client.text("general").pins()] == ["remember this"]
    assert simulator.messages("general")[-1]["type"] == 6
    await message.unpin()
    assert [pin async for pin in client.text("general").pins()] == []


async def test_a_preview_of_a_link_is_an_update_but_no_edit(simulator: Simulator, client: Client) -> None:
    """Discord shows a page behind a link by itself: MESSAGE_UPDATE comes, but the message was never edited."""
    sent = await simulator.person("ada").send("general", "look: https://example.invalid/page")
    told = asyncio.create_task(client.wait_for("raw_message_edit", timeout=5))
    await asyncio.sleep(0)
    simulator.unfurl("general", int(sent["id"]), "https://example.invalid/page", "A page")
    payload = await told
    assert payload.message.edited_at is None
    assert payload.message.content == sent["content"]
    assert payload.message.embeds[0].title == "A page"


async def test_embeds_are_kept_and_limited(client: Client) -> None:
    """An embed comes back as it was; each of its limits is held."""
    embed = discord.Embed(title="T", description="D", color=0x123456).set_footer(text="f").set_author(name="a")
    embed.add_field(name="n", value="v").set_image(url="https://example.invalid/i.png")
    sent = await client.text("general").send(embed=embed)
    assert sent.embeds[0].to_dict() | {"image": None} == embed.to_dict() | {"image": None, "flags": 0}
    with pytest.raises(discord.HTTPException, match=r"In embeds\.0\.title: Must be 256 or fewer in length"):
        await client.text("general").send(embed=discord.Embed(title="x" * 257))
    large = [discord.Embed(description="x" * 4000), discord.Embed(description="x" * 2001)]
    with pytest.raises(discord.HTTPException, match="Embed size exceeds maximum size of 6000"):
        await client.text("general").send(embeds=large)


async def test_a_picture_of_the_message_itself_is_shown_in_an_embed_and_no_longer_beside_it(
    simulator: Simulator, client: Client
) -> None:
    """`attachment://` leads to the file, with its size; an edit that takes the files away leaves none."""
    picture = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000002000000030800000000") + b"\0" * 20
    files = [discord.File(io.BytesIO(picture), "face.png"), discord.File(io.BytesIO(b"x"), "other.txt")]
    embed = discord.Embed(title="T").set_thumbnail(url="attachment://face.png").set_image(url="attachment://none.png")
    sent = await client.text("general").send(embed=embed, files=files)
    shown = sent.embeds[0]
    assert shown.thumbnail.url is not None
    assert shown.thumbnail.url.startswith(f"{simulator.world.cdn_url}/attachments/")
    assert (shown.thumbnail.width, shown.thumbnail.height) == (2, 3)
    assert shown.image.url == "attachment://none.png"
    assert [each.filename for each in sent.attachments] == ["other.txt"]
    again = discord.Embed(title="T").set_thumbnail(url="attachment://face2.png")
    edited = await sent.edit(embed=again, attachments=[discord.File(io.BytesIO(picture), "face2.png")])
    assert edited.attachments == []
    assert str(edited.embeds[0].thumbnail.url).partition("?")[0].endswith("/face2.png")


async def test_without_the_content_intent_text_is_blank(simulator: Simulator) -> None:
    """MESSAGE_CONTENT guards what people write, but not where the bot is mentioned, in DMs, or its own words."""
    intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
    async with connected(simulator, Client(intents)) as client:
        ada, heard = simulator.person("ada"), []

        async def on_message(message: discord.Message) -> None:
            heard.append((message.content, len(message.attachments)))

        client.event(on_message)
        await ada.send("general", "secret", attachments=[("a.txt", b"a")])
        await ada.send("general", f"{client.user.mention} open")  # type: ignore[union-attr]
        await ada.send(await ada.open_dm(), "direct")
        await client.text("general").send("mine")
        answered = await ada.send("general", "and this", reply_to=simulator.messages("general")[-1])
        while len(heard) < 5:
            await asyncio.sleep(0.01)
        assert heard[0] == ("", 0)
        assert {content for content, _ in heard} == {"", f"{client.user.mention} open", "direct", "mine", "and this"}  # type: ignore[union-attr]
        assert answered["mentions"][0]["id"] == str(simulator.world.bot.id)


async def test_429s_are_waited_out(strict: Simulator) -> None:
    """discord.py, told by the headers, waits its turn: everything arrives, in order, and nothing is refused."""
    async with connected(strict, Client()) as client:
        for number in range(7):
            await client.text("general").send(str(number))
        assert [message["content"] for message in strict.messages("general")] == [str(n) for n in range(7)]
        statuses = [request.status for request in strict.requests if request.route == "create_message"]
        assert statuses == [200] * 7


async def test_the_bots_fifty_a_second(strict: Simulator) -> None:
    """More than 50 requests in a second meet the bot's own 429, and discord.py waits for its end."""
    async with connected(strict, Client()) as client:
        world = strict.world
        guild = world.guild("Harbour")
        channels = [changes.add_channel(world, guild, f"c{number}")[0] for number in range(60)]
        clock, moment = world.now, world.now()
        world.now = lambda: moment  # so they come in one second, however busy the machine is
        sending = asyncio.gather(*(client.http.send_message(channel.id, params=_params("hi")) for channel in channels))
        async with asyncio.timeout(30):
            while not any(request.status == 429 for request in strict.requests):
                await asyncio.sleep(0.01)
        world.now = clock
        await sending
        assert all(len(strict.messages(channel)) == 1 for channel in channels)


def _params(content: str) -> discord.http.MultipartParameters:
    return discord.http.handle_message_parameters(content=content)
