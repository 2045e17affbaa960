"""What people and bots do with channels and threads, under Discord's rules: make, change, take away, join, leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord_bot.simulator.world import changes, messages, payloads
from discord_bot.simulator.world.entities import (
    THREAD_TYPES,
    Channel,
    ChannelType,
    Guild,
    Message,
    MessageFlag,
    MessageType,
    Overwrite,
    Reference,
    ThreadState,
)
from discord_bot.simulator.world.events import Event, Intents
from discord_bot.simulator.world.permissions import NO_PERMISSIONS, Permission
from discord_bot.simulator.world.refusals import Because, Refusal

if TYPE_CHECKING:
    from discord_bot.simulator.world.forms import Form
    from discord_bot.simulator.world.world import World

NAME_LENGTH = 100
TOPIC_LENGTH = 1_024
SLOWMODE = 21_600
"""Seconds that people may have to wait at most: six hours."""
AUTO_ARCHIVE = (60, 1_440, 4_320, 10_080)
"""Minutes of silence that a thread may be given."""
THREAD_PARENTS = frozenset({ChannelType.GUILD_TEXT, ChannelType.GUILD_ANNOUNCEMENT, ChannelType.GUILD_FORUM})


def create(world: World, who: int, guild: Guild, form: Form) -> tuple[Channel, list[Event]]:
    """Make a channel in a guild."""
    world.require_in_guild(who, guild.id, Permission.MANAGE_CHANNELS)
    kind = ChannelType(form.number("type", choices=sorted(set(ChannelType) - THREAD_TYPES - {1, 3})) or 0)
    name = form.text("name", shortest=1, longest=NAME_LENGTH, required=True) or ""
    _check_parent(world, guild.id, form)
    form.done()
    channel, _ = changes.add_channel(world, guild, name, kind)
    _read_fields(channel, form)
    return channel, [payloads.channel_event(world, "CHANNEL_CREATE", channel)]


def edit(world: World, who: int, channel: Channel, form: Form) -> list[Event]:
    """Change a channel's or a thread's fields."""
    if channel.guild_id is None:
        raise Refusal(Because.NOT_IN_DM)
    if channel.thread is not None:
        return _edit_thread(world, who, channel, form)
    world.require(who, channel, Permission.MANAGE_CHANNELS)
    _check_parent(world, channel.guild_id, form)
    _read_fields(channel, form)
    return [payloads.channel_event(world, "CHANNEL_UPDATE", channel)]


def _check_parent(world: World, guild_id: int, form: Form) -> None:
    """A channel stands under a category of its guild, or under none."""
    parent = world.channels.get(form.snowflake("parent_id") or 0)
    is_category = parent is not None and parent.type is ChannelType.GUILD_CATEGORY and parent.guild_id == guild_id
    if form.given("parent_id") and not is_category:
        form.wrong("parent_id", "CHANNEL_PARENT_INVALID", "Category does not exist")


def _read_fields(channel: Channel, form: Form) -> None:
    name = form.text("name", shortest=1, longest=NAME_LENGTH)
    topic = form.text("topic", longest=TOPIC_LENGTH)
    slowmode = form.number("rate_limit_per_user", least=0, most=SLOWMODE)
    position = form.number("position", least=0)
    parent_id = form.snowflake("parent_id")
    overwrites = [read_overwrite(one) for one in form.forms("permission_overwrites", most=100)]
    form.done()
    if name:
        # A text channel's name has no spaces and no capitals, whatever is asked for.
        is_text = channel.type in (ChannelType.GUILD_TEXT, ChannelType.GUILD_ANNOUNCEMENT)
        channel.name = name.lower().replace(" ", "-") if is_text else name
    channel.slowmode = channel.slowmode if slowmode is None else slowmode
    channel.position = channel.position if position is None else position
    channel.topic = topic if "topic" in form else channel.topic
    channel.parent_id = parent_id if "parent_id" in form else channel.parent_id
    channel.nsfw = form.flag("nsfw") if form.given("nsfw") else channel.nsfw
    if form.given("permission_overwrites"):
        channel.overwrites = {one.id: one for one in overwrites}


def read_overwrite(form: Form, overwrite_id: int | None = None) -> Overwrite:
    """A channel's overwrite as a request describes it."""
    target = form.snowflake("id", required=True) if overwrite_id is None else overwrite_id
    kind = form.number("type", choices=(0, 1)) or 0
    allow, deny = form.number("allow", least=0) or 0, form.number("deny", least=0) or 0
    return Overwrite(target or 0, bool(kind), Permission(allow), Permission(deny))


def set_overwrite(world: World, who: int, channel: Channel, overwrite: Overwrite) -> list[Event]:
    """Let a role or a member do more or less in a channel."""
    world.require(who, channel, Permission.MANAGE_ROLES)
    channel.overwrites[overwrite.id] = overwrite
    return [payloads.channel_event(world, "CHANNEL_UPDATE", channel)]


def delete_overwrite(world: World, who: int, channel: Channel, overwrite_id: int) -> list[Event]:
    """Let a role or a member do in a channel what they may do anywhere."""
    world.require(who, channel, Permission.MANAGE_ROLES)
    if channel.overwrites.pop(overwrite_id, None) is None:
        raise Refusal(Because.UNKNOWN_OVERWRITE)
    return [payloads.channel_event(world, "CHANNEL_UPDATE", channel)]


def delete(world: World, who: int, channel: Channel) -> list[Event]:
    """Take a channel away with its threads and everything written there."""
    if channel.guild_id is None:
        world.require(who, channel)
        return []
    needed = Permission.MANAGE_CHANNELS if channel.thread is None else Permission.MANAGE_THREADS
    world.require(who, channel, needed)
    threads = world.threads_of(channel.guild_id, parent_id=channel.id) if channel.thread is None else []
    # Who sees it now is told; afterwards nobody could be found by the channel's permissions.
    event = _deleted(world, channel)
    for gone in (*threads, channel):
        for message in world.messages.pop(gone.id, {}).values():
            world.forget_files(message)
        del world.channels[gone.id]
    for webhook in [known for known in world.webhooks.values() if known.channel_id == channel.id]:
        del world.webhooks[webhook.id]
    return [event]


def _deleted(world: World, channel: Channel) -> Event:
    if channel.thread is None:
        return payloads.channel_event(world, "CHANNEL_DELETE", channel)
    told = payloads.channel(world, channel)
    d = {key: told[key] for key in ("id", "guild_id", "parent_id", "type")}
    members = world.guilds[channel.guild_id or 0].members
    audience = frozenset(one for one in members if world.may(one, channel, Permission.VIEW_CHANNEL))
    return Event("THREAD_DELETE", d, channel.guild_id, intent=Intents.GUILDS, audience=audience)


# Threads


def start_thread(
    world: World, who: int, parent: Channel, form: Form, source: Message | None = None
) -> tuple[Channel, list[Event]]:
    """Begin a thread in a channel, at a message or on its own."""
    if parent.type not in THREAD_PARENTS or parent.guild_id is None:
        raise Refusal(Because.WRONG_CHANNEL_TYPE)
    kind = ChannelType.PUBLIC_THREAD
    if source is None and parent.type is not ChannelType.GUILD_FORUM:
        kind = ChannelType(form.number("type", choices=(10, 11, 12)) or ChannelType.PRIVATE_THREAD)
    name = form.text("name", shortest=1, longest=NAME_LENGTH, required=True) or ""
    minutes = form.number("auto_archive_duration", choices=AUTO_ARCHIVE) or 1_440
    slowmode = form.number("rate_limit_per_user", least=0, most=SLOWMODE) or 0
    form.done()
    private = kind is ChannelType.PRIVATE_THREAD
    world.require(who, parent, Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS)
    if source is not None and source.id in world.channels:
        raise Refusal(Because.THREAD_EXISTS)
    # A thread at a message has the message's id.
    thread_id = source.id if source else world.new_id()
    thread = Channel(thread_id, kind, parent.guild_id, name, parent_id=parent.id, slowmode=slowmode)
    thread.thread = ThreadState(who, world.now(), {who: world.now()}, auto_archive_duration=minutes)
    thread.thread.invitable = form.flag("invitable") if form.given("invitable") else True
    world.channels[thread.id] = thread
    events = [payloads.thread_event(world, "THREAD_CREATE", thread, newly_created=True)]
    if source is not None:
        events += _tell_at_message(world, who, thread, parent, source)
    elif kind is not ChannelType.PRIVATE_THREAD and parent.type is not ChannelType.GUILD_FORUM:
        notice = Message(world.new_id(), parent.id, who, name, MessageType.THREAD_CREATED)
        notice.reference = Reference(thread.id, None, parent.guild_id)
        events += messages.post(world, notice, parent)
    return thread, events


def _tell_at_message(world: World, who: int, thread: Channel, parent: Channel, source: Message) -> list[Event]:
    """The message is marked, and the thread begins with a copy of it, which doesn't count as one of its messages."""
    source.flags |= MessageFlag.HAS_THREAD
    starter = Message(world.new_id(), thread.id, who, type=MessageType.THREAD_STARTER_MESSAGE)
    starter.reference = Reference(parent.id, source.id, parent.guild_id)
    world.keep_message(starter)
    return [
        payloads.message_event(world, "MESSAGE_UPDATE", source),
        payloads.message_event(world, "MESSAGE_CREATE", starter),
    ]


def _edit_thread(world: World, who: int, thread: Channel, form: Form) -> list[Event]:
    state = thread.thread
    assert state is not None
    manages = world.may(who, thread, Permission.MANAGE_THREADS)
    world.require(who, thread)
    reopening = form.given("archived") and not form.flag("archived") and not state.locked
    if not manages and who != state.owner_id and not (set(form.fields) == {"archived"} and reopening):
        raise Refusal(Because.MISSING_PERMISSIONS)
    if state.archived and not form.given("archived"):
        raise Refusal(Because.THREAD_ARCHIVED)
    if form.given("locked") and not manages:
        raise Refusal(Because.MISSING_PERMISSIONS)
    name = form.text("name", shortest=1, longest=NAME_LENGTH)
    minutes = form.number("auto_archive_duration", choices=AUTO_ARCHIVE)
    slowmode = form.number("rate_limit_per_user", least=0, most=SLOWMODE)
    form.done()
    thread.name = name or thread.name
    thread.slowmode = thread.slowmode if slowmode is None else slowmode
    state.auto_archive_duration = minutes or state.auto_archive_duration
    state.locked = form.flag("locked") if form.given("locked") else state.locked
    state.invitable = form.flag("invitable") if form.given("invitable") else state.invitable
    if form.given("archived") and form.flag("archived") != state.archived:
        state.archived, state.archived_at = form.flag("archived"), world.now()
    return [payloads.thread_event(world, "THREAD_UPDATE", thread)]


def join_thread(world: World, who: int, thread: Channel, user_id: int) -> list[Event]:
    """Become a member of a thread, or make somebody one."""
    state = _open_state(thread)
    world.require(who, thread, NO_PERMISSIONS if who == user_id else Permission.SEND_MESSAGES_IN_THREADS)
    if user_id not in world.guilds[thread.guild_id or 0].members:
        raise Refusal(Because.UNKNOWN_MEMBER)
    if user_id in state.members:
        return []
    state.members[user_id] = world.now()
    return _members_changed(world, thread, added=user_id)


def leave_thread(world: World, who: int, thread: Channel, user_id: int) -> list[Event]:
    """Leave a thread, or take somebody out of it."""
    state = _open_state(thread)
    owns_private = thread.type is ChannelType.PRIVATE_THREAD and state.owner_id == who
    world.require(who, thread, NO_PERMISSIONS if who == user_id or owns_private else Permission.MANAGE_THREADS)
    if user_id not in state.members:
        raise Refusal(Because.UNKNOWN_MEMBER)
    del state.members[user_id]
    return _members_changed(world, thread, removed=user_id)


def _open_state(thread: Channel) -> ThreadState:
    if thread.thread is None:
        raise Refusal(Because.WRONG_CHANNEL_TYPE)
    if thread.thread.archived:
        raise Refusal(Because.THREAD_ARCHIVED)
    return thread.thread


def _members_changed(
    world: World, thread: Channel, *, added: int | None = None, removed: int | None = None
) -> list[Event]:
    """Bots are told of themselves without the members intent, of others with it."""
    told = payloads.channel(world, thread)
    d: dict[str, Any] = {key: told[key] for key in ("id", "guild_id", "member_count")}
    if added is not None:
        member = world.member(thread.guild_id or 0, added)
        whole = payloads.thread_member(thread, added) | {"member": payloads.member(world, member), "presence": None}
        d["added_members"] = [whole]
    if removed is not None:
        d["removed_member_ids"] = [str(removed)]
    is_bot = world.application.bot_id in (added, removed)
    intent = Intents.GUILDS if is_bot else Intents.GUILD_MEMBERS
    return [Event("THREAD_MEMBERS_UPDATE", d, thread.guild_id, thread.id, intent)]
