"""The world's own rules, without any server: permissions, mentions, ids, forms, limits, files."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discord_bot.simulator.gateway.sessions import SESSION_LIFETIME, CannotResumeError, Sessions
from discord_bot.simulator.rest.ratelimits import GLOBAL_LIMIT, INVALID_LIMIT, INVALID_WINDOW, Bucket, RateLimits
from discord_bot.simulator.world import avatars, changes
from discord_bot.simulator.world.entities import Channel, ChannelType, Overwrite, ThreadState
from discord_bot.simulator.world.events import ALL_INTENTS, Event, Intents
from discord_bot.simulator.world.files import content_type, dimensions, safe_name
from discord_bot.simulator.world.forms import Form
from discord_bot.simulator.world.permissions import ALL_PERMISSIONS, NO_PERMISSIONS, Permission
from discord_bot.simulator.world.refusals import Because, Refusal, invalid
from discord_bot.simulator.world.snowflakes import Snowflakes, snowflake_at, snowflake_time, timestamp
from discord_bot.simulator.world.world import FILES_SIZE, World

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("abc"), inner),
)
SEND = Permission.SEND_MESSAGES
VIEW = Permission.VIEW_CHANNEL


@pytest.fixture
def world() -> World:
    return World.default()


# Ids


def test_ids_only_grow_and_tell_their_time() -> None:
    """Ids made in the same millisecond, or while the clock goes back, still grow; each carries its moment."""
    moments = iter([1_750_000_000.5, 1_750_000_000.5, 1_749_999_999.0, 1_750_000_001.0])
    source = Snowflakes(lambda: next(moments))
    ids = [source.next() for _ in range(4)]
    assert ids == sorted(set(ids))
    assert snowflake_time(ids[0]) == 1_750_000_000.5
    assert snowflake_time(ids[-1]) == 1_750_000_001.0


def test_the_example_of_discords_reference() -> None:
    """The id and the time that Discord's reference shows. https://discord.com/developers/docs/reference#snowflakes."""
    assert timestamp(snowflake_time(175928847299117063)) == "2016-04-30T11:18:25.796000+00:00"
    assert snowflake_at(snowflake_time(175928847299117063)) >> 22 == 175928847299117063 >> 22


# Permissions


def test_who_may_do_what_in_the_default_community(world: World) -> None:
    """The owner everything, a moderator what the role says, the bot writes but not in #quiet, strangers nothing."""
    general, quiet = world.channel("general"), world.channel("#quiet")
    ada, mo, kim, bot = (world.user(name).id for name in ("ada", "mo", "kim", "assistant"))
    assert world.permissions(ada, quiet) == ALL_PERMISSIONS
    assert world.may(mo, general, Permission.MANAGE_MESSAGES | Permission.MANAGE_CHANNELS)
    assert not world.may(kim, general, Permission.MANAGE_MESSAGES)
    assert world.may(bot, general, SEND)
    assert world.may(bot, quiet, VIEW)
    assert not world.may(bot, quiet, SEND)
    assert world.permissions(mo, world.channel("workbench")) == NO_PERMISSIONS


def test_overwrites_in_their_order(world: World) -> None:
    """@everyone first, then all roles as one (allow beats deny), then the member; without view, nothing is left."""
    channel, guild, kim = world.channel("general"), world.guild("Harbour"), world.user("kim")
    everyone = world.role(guild.id, "@everyone")
    first, _ = changes.add_role(world, guild, "first")
    second, _ = changes.add_role(world, guild, "second")
    changes.set_member_roles(world, guild, kim, [first, second])
    changes.set_overwrite(world, channel, everyone, deny=SEND)
    assert not world.may(kim.id, channel, SEND)
    changes.set_overwrite(world, channel, first, deny=SEND)
    changes.set_overwrite(world, channel, second, allow=SEND)
    assert world.may(kim.id, channel, SEND)
    changes.set_overwrite(world, channel, kim, deny=VIEW)
    assert world.permissions(kim.id, channel) == NO_PERMISSIONS
    changes.set_role_permissions(first, Permission.ADMINISTRATOR)
    assert world.permissions(kim.id, channel) == ALL_PERMISSIONS


def test_without_sending_other_permissions_go_too(world: World) -> None:
    """Who may not send may not attach, embed or mention everyone either."""
    quiet, bot = world.channel("quiet"), world.user("assistant").id
    assert not world.permissions(bot, quiet) & (Permission.ATTACH_FILES | Permission.EMBED_LINKS)


def test_threads_inherit_and_private_ones_are_for_their_members(world: World) -> None:
    """A thread has its parent's overwrites; a private one is seen by members and who manages threads."""
    tavern, voyage, guild = world.channel("tavern"), world.channel("the long voyage"), world.guild("Harbour")
    kim, mo, ada = (world.user(name) for name in ("kim", "mo", "ada"))
    everyone = world.role(guild.id, "@everyone")
    changes.set_overwrite(world, tavern, everyone, deny=Permission.SEND_MESSAGES_IN_THREADS)
    assert not world.may(kim.id, voyage, Permission.SEND_MESSAGES_IN_THREADS)
    assert world.may(kim.id, tavern, SEND)
    private = Channel(world.new_id(), ChannelType.PRIVATE_THREAD, guild.id, "private", parent_id=tavern.id)
    private.thread = ThreadState(ada.id, 0.0, {kim.id: 0.0})
    world.channels[private.id] = private
    assert world.may(kim.id, private, VIEW)
    assert world.may(mo.id, private, VIEW)
    assert not world.may(world.user("newcomer").id, private, VIEW)


def test_a_time_out_leaves_reading(world: World) -> None:
    """A member in time-out sees and reads, until it is over."""
    moment = [1_750_000_000.0]
    world = World.default(lambda: moment[0])
    kim, general = world.user("kim"), world.channel("general")
    world.member(world.guild("Harbour").id, kim.id).timed_out_until = moment[0] + 60
    assert world.permissions(kim.id, general) == VIEW | Permission.READ_MESSAGE_HISTORY
    moment[0] += 61
    assert world.may(kim.id, general, SEND)


def test_who_sees_an_event(world: World) -> None:
    """An audience alone, a channel by its permission, a guild by membership, anything else everybody."""
    kim, mo = world.user("kim").id, world.user("mo").id
    workbench = world.channel("workbench")
    assert world.sees(kim, Event("X", {}, workbench.guild_id, workbench.id))
    assert not world.sees(mo, Event("X", {}, workbench.guild_id, workbench.id))
    assert not world.sees(mo, Event("X", {}, workbench.guild_id))
    assert not world.sees(mo, Event("X", {}, audience=frozenset({kim})))
    assert not world.sees(mo, Event("X", {}, channel_id=1))
    assert world.sees(mo, Event("X", {}, intent=Intents.GUILDS))


@pytest.mark.parametrize(
    ("look", "because"),
    [
        (lambda world: world.user("nobody"), Because.UNKNOWN_USER),
        (lambda world: world.guild(1), Because.UNKNOWN_GUILD),
        (lambda world: world.channel("nowhere"), Because.UNKNOWN_CHANNEL),
        (lambda world: world.message(1, 2), Because.UNKNOWN_MESSAGE),
        (lambda world: world.member(world.guild("Harbour").id, 1), Because.UNKNOWN_MEMBER),
        (lambda world: world.role(world.guild("Harbour").id, "captain"), Because.UNKNOWN_ROLE),
    ],
)
def test_what_is_not_there(world: World, look: Any, because: Because) -> None:
    """Looking for what isn't there is refused with the code that Discord has for it."""
    with pytest.raises(Refusal) as refused:
        look(world)
    assert refused.value.because is because


def test_changes_tell_their_events(world: World) -> None:
    """What changes by the world's own hand returns the events by which others hear of it."""
    guild = world.guild("Harbour")
    user = changes.add_user(world, "late", "Late")
    assert [event.t for event in changes.add_member(world, guild, user)] == ["GUILD_MEMBER_ADD"]
    role, events = changes.add_role(world, guild, "crew")
    assert [event.t for event in events] == ["GUILD_ROLE_CREATE"]
    assert [event.t for event in changes.set_member_roles(world, guild, user, [role])] == ["GUILD_MEMBER_UPDATE"]
    assert [event.t for event in changes.set_role_permissions(role, SEND)] == ["GUILD_ROLE_UPDATE"]
    channel, events = changes.add_channel(world, guild, "deck", overwrites=[Overwrite(role.id, False, SEND)])
    assert [event.t for event in events] == ["CHANNEL_CREATE"]
    assert events[0].d["permission_overwrites"] == [
        {"id": str(role.id), "type": 0, "allow": str(int(SEND)), "deny": "0"}
    ]
    assert [event.t for event in changes.set_overwrite(world, channel, user)] == ["CHANNEL_UPDATE"]
    assert [event.t for event in changes.remove_member(guild, user)] == ["GUILD_MEMBER_REMOVE"]
    dm, events = changes.open_direct_channel(world, user.id, world.bot.id)
    assert [event.audience for event in events] == [frozenset({user.id})]
    assert changes.open_direct_channel(world, world.bot.id, user.id) == (dm, [])


# Files


def test_the_oldest_files_go_first(world: World) -> None:
    """The bytes of attachments are bounded in all, and so is the number of avatars."""
    size = FILES_SIZE // 4
    for number in range(6):
        world.keep_file(number, bytes(size))
    assert list(world.files) == [2, 3, 4, 5]
    hashes = [avatars.keep(world, f"https://example.invalid/{number}.png") for number in range(300)]
    assert hashes[-1] in world.avatars
    assert len(world.avatars) <= 256


@pytest.mark.parametrize(
    ("name", "kept"),
    [("a b.txt", "a_b.txt"), ("../../etc/passwd", "passwd"), ("C:\\x\\ä ö.png", "ä_ö.png"), ("///", "unknown")],
)
def test_names_of_files_are_made_safe(name: str, kept: str) -> None:
    """No path, no spaces."""
    assert safe_name(name) == kept


def test_content_types() -> None:
    """Told by the name; text with its charset if it is UTF-8; unknown is None."""
    assert content_type("a.txt", "ä".encode()) == "text/plain; charset=utf-8"
    assert content_type("a.txt", b"\xff") == "text/plain"
    assert content_type("a.png", b"") == "image/png"
    assert content_type("a.unheardof", b"") is None


PICTURES = {
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 30, 20),
    "gif": b"GIF89a" + struct.pack("<HH", 30, 20),
    "jpeg": b"\xff\xd8\xff\xe0\0\4xx\xff\xc0\0\x11\x08" + struct.pack(">HH", 20, 30),
    "webp": b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x1d\0\0\x13\0\0",
}


@pytest.mark.parametrize("kind", PICTURES)
def test_sizes_of_pictures(kind: str) -> None:
    """Width and height from the first bytes; with any of them missing, or none of it a picture, there is no size."""
    data = PICTURES[kind]
    assert dimensions(data) == (30, 20)
    assert dimensions(data + b"rest") == (30, 20)
    for length in range(len(data)):
        assert dimensions(data[:length]) is None


@given(st.binary(max_size=64))
def test_no_bytes_break_the_reader_of_pictures(data: bytes) -> None:
    """Whatever is uploaded, reading its size doesn't fail."""
    for start in (b"", *(picture[:8] for picture in PICTURES.values())):
        dimensions(start + data)


# Forms


def test_a_form_notes_everything_that_is_wrong() -> None:
    """Fields are read by type and limit; what is wrong is noted where it stands, and told at the end."""
    form = Form({"a": "x" * 5, "b": "no", "c": [1, 2], "d": {"e": None}, "f": 3, "g": "12", "h": True})
    form.text("a", longest=4)
    form.number("b")
    form.values("c", most=1)
    inner = form.form("d")
    assert inner is not None
    inner.text("e", required=True)
    assert form.number("f", least=4) is None
    assert form.snowflake("g") == 12
    assert form.flag("h")
    form.text("missing", required=True)
    with pytest.raises(Refusal) as refused:
        form.done()
    errors = refused.value.body["errors"]
    assert {key: errors[key].get("_errors", [{"code": None}])[0]["code"] for key in errors} == {
        "a": "BASE_TYPE_MAX_LENGTH",
        "b": "NUMBER_TYPE_COERCE",
        "c": "BASE_TYPE_MAX_LENGTH",
        "d": None,
        "f": "NUMBER_TYPE_MIN",
        "missing": "BASE_TYPE_REQUIRED",
    }
    assert errors["d"]["e"]["_errors"][0]["code"] == "BASE_TYPE_REQUIRED"


@given(JSON)
def test_no_form_breaks_its_reader(value: Any) -> None:
    """Whatever JSON is sent, each way of reading it ends with a value or a note."""
    form = Form(value)
    for key in "abc":
        form.text(key, shortest=1, longest=3)
        form.number(key, least=0, most=3, choices=(1, 2))
        form.snowflake(key)
        form.snowflakes(key, most=2)
        form.flag(key)
        form.forms(key, most=2)
        form.form(key)


def test_one_field_wrong() -> None:
    """The refusal of one field mirrors its path."""
    refusal = invalid("a.0.b", "CODE", "words")
    assert refusal.body["errors"] == {"a": {"0": {"b": {"_errors": [{"code": "CODE", "message": "words"}]}}}}


# Rate limits


def test_a_bucket_is_full_and_empties() -> None:
    """So many in a window; the wait that is told is enough, and a millisecond less isn't."""
    limits, bucket = RateLimits(), Bucket(2, 5.0)
    take = [limits.take(100.0 + number, "r", "c", bucket, counts_globally=False) for number in range(3)]
    assert [verdict.allowed for verdict in take] == [True, True, False]
    wait = take[2].retry_after
    assert wait == 3.0
    assert not limits.take(102.0 + wait - 0.001, "r", "c", bucket, counts_globally=False).allowed
    assert limits.take(102.0 + wait, "r", "c", bucket, counts_globally=False).allowed
    assert limits.take(102.0, "r", "elsewhere", bucket, counts_globally=False).allowed
    assert limits.take(102.0, "another", "c", bucket, counts_globally=False).allowed


def test_routes_can_share_a_bucket() -> None:
    """Two routes with one named bucket count together."""
    limits, bucket = RateLimits(), Bucket(1, 0.25, "shared")
    assert limits.take(1.0, "put", "c", bucket, counts_globally=False).allowed
    assert not limits.take(1.0, "delete", "c", bucket, counts_globally=False).allowed


def test_the_bots_own_bucket() -> None:
    """Fifty a second over all routes; a route without a bucket counts too, one by token doesn't."""
    limits = RateLimits()
    for number in range(GLOBAL_LIMIT):
        assert limits.take(1.0, f"r{number}", "", None, counts_globally=True).allowed
    refused = limits.take(1.5, "any", "", None, counts_globally=True)
    assert (refused.allowed, refused.is_global, refused.retry_after) == (False, True, 0.5)
    assert limits.take(1.5, "any", "", None, counts_globally=False).allowed
    assert limits.take(2.0, "any", "", None, counts_globally=True).allowed


def test_a_ban_ends() -> None:
    """Ten thousand invalid requests in ten minutes ban; after the window it is over."""
    limits = RateLimits()
    for _ in range(INVALID_LIMIT):
        assert not limits.is_banned(5.0)
        limits.note_invalid(5.0)
    assert limits.is_banned(6.0)
    assert not limits.is_banned(5.0 + INVALID_WINDOW)


# Sessions


def test_a_session_waits_for_its_client_for_five_minutes() -> None:
    """Away a session keeps what it misses; after its lifetime it is forgotten and can't be resumed."""
    moment = [1_750_000_000.0]
    sessions = Sessions(World.default(lambda: moment[0]))
    identity = {"token": sessions.world.application.token, "intents": ALL_INTENTS.value}
    session = sessions.identify(identity)
    sessions.welcome(session)
    event = Event("TYPING_START", {})
    moment[0] += SESSION_LIFETIME
    sessions.deliver(event)
    resume = identity | {"session_id": session.id, "seq": 3}
    assert sessions.resume(resume)[1] == [session.sent[-1][1]]
    moment[0] += 1
    sessions.deliver(event)
    with pytest.raises(CannotResumeError):
        sessions.resume(resume)
