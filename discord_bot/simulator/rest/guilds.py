"""The REST routes of guilds, their channels, threads, roles and members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord_bot.simulator.rest.calls import Answer, Call
from discord_bot.simulator.world import avatars, changes, channels, payloads
from discord_bot.simulator.world.entities import ApplicationFlag, Channel, ChannelType
from discord_bot.simulator.world.permissions import Permission
from discord_bot.simulator.world.refusals import Because, Refusal
from discord_bot.simulator.world.snowflakes import timestamp

if TYPE_CHECKING:
    from discord_bot.simulator.world.events import Event

MEMBERS_LIMIT = 1_000
"""Members in one page."""

AVATAR_LENGTH = 10 * 1024 * 1024
"""Characters of a member's avatar or banner as a data URI."""

_MAY_LIST_MEMBERS = ApplicationFlag.GATEWAY_GUILD_MEMBERS | ApplicationFlag.GATEWAY_GUILD_MEMBERS_LIMITED
"""The members intent is what allows to list them over REST too."""


def get_guild(call: Call) -> Answer:
    """GET /guilds/{guild_id}."""
    guild = call.guild()
    shown = payloads.guild(call.world, guild)
    if call.query_flag("with_counts"):
        shown |= {"approximate_member_count": len(guild.members), "approximate_presence_count": len(guild.members)}
    return Answer(shown)


def list_guild_channels(call: Call) -> Answer:
    """GET /guilds/{guild_id}/channels."""
    return Answer([payloads.channel(call.world, known) for known in call.world.channels_of(call.guild().id)])


def create_guild_channel(call: Call) -> Answer:
    """POST /guilds/{guild_id}/channels."""
    channel, events = channels.create(call.world, call.me, call.guild(), call.form)
    return Answer(payloads.channel(call.world, channel), events, 201)


def list_guild_roles(call: Call) -> Answer:
    """GET /guilds/{guild_id}/roles."""
    return Answer([payloads.role(role) for role in call.guild().roles.values()])


def get_guild_role(call: Call) -> Answer:
    """GET /guilds/{guild_id}/roles/{role_id}."""
    return Answer(payloads.role(call.world.role(call.guild().id, call.id("role_id"))))


def get_guild_member(call: Call) -> Answer:
    """GET /guilds/{guild_id}/members/{user_id}."""
    call.world.user(call.id("user_id"))
    return Answer(payloads.member(call.world, call.world.member(call.guild().id, call.id("user_id"))))


def list_guild_members(call: Call) -> Answer:
    """GET /guilds/{guild_id}/members."""
    if not call.world.application.flags & _MAY_LIST_MEMBERS:
        raise Refusal(Because.MISSING_ACCESS)
    after = call.query_id("after") or 0
    members = [known for known in call.guild().members.values() if known.user_id > after]
    page = sorted(members, key=lambda member: member.user_id)[: call.query_number("limit", 1, most=MEMBERS_LIMIT)]
    return Answer([payloads.member(call.world, member) for member in page])


def search_guild_members(call: Call) -> Answer:
    """GET /guilds/{guild_id}/members/search."""
    query, users = call.query.get("query", "").lower(), call.world.users
    members = call.guild().members.values()
    found = [
        known
        for known in members
        if any(
            (name or "").lower().startswith(query)
            for name in (known.nick, users[known.user_id].username, users[known.user_id].global_name)
        )
    ]
    limit = call.query_number("limit", 1, most=MEMBERS_LIMIT)
    return Answer([payloads.member(call.world, known) for known in found[:limit]])


def update_my_guild_member(call: Call) -> Answer:
    """PATCH /guilds/{guild_id}/members/@me."""
    guild, form = call.guild(), call.form
    nick = form.text("nick", longest=32)
    bio = form.text("bio", longest=190)
    pictures = {key: form.text(key, longest=AVATAR_LENGTH) for key in ("avatar", "banner") if key in form}
    form.done()
    member = call.world.member(guild.id, call.me)
    if "nick" in form:
        call.world.require_in_guild(call.me, guild.id, Permission.CHANGE_NICKNAME)
        member.nick = nick or None
    kept = {key: avatars.keep(call.world, picture) for key, picture in pictures.items()}
    member.avatar, member.banner = kept.get("avatar", member.avatar), kept.get("banner", member.banner)
    member.bio = (bio or "") if "bio" in form else member.bio
    return Answer(payloads.member(call.world, member), [changes.member_updated(call.world, member)])


def get_channel(call: Call) -> Answer:
    """GET /channels/{channel_id}."""
    return Answer(payloads.channel(call.world, call.channel(), viewer=call.me))


def update_channel(call: Call) -> Answer:
    """PATCH /channels/{channel_id}."""
    channel = call.channel()
    events = channels.edit(call.world, call.me, channel, call.form)
    return Answer(payloads.channel(call.world, channel, viewer=call.me), events)


def delete_channel(call: Call) -> Answer:
    """DELETE /channels/{channel_id}."""
    channel = call.channel()
    shown = payloads.channel(call.world, channel, viewer=call.me)
    return Answer(shown, channels.delete(call.world, call.me, channel))


def set_overwrite(call: Call) -> Answer:
    """PUT /channels/{channel_id}/permissions/{overwrite_id}."""
    form = call.form
    overwrite = channels.read_overwrite(form, call.id("overwrite_id"))
    form.done()
    return Answer(events=channels.set_overwrite(call.world, call.me, call.channel(), overwrite))


def delete_overwrite(call: Call) -> Answer:
    """DELETE /channels/{channel_id}/permissions/{overwrite_id}."""
    return Answer(events=channels.delete_overwrite(call.world, call.me, call.channel(), call.id("overwrite_id")))


# Threads


def create_thread_from_message(call: Call) -> Answer:
    """POST /channels/{channel_id}/messages/{message_id}/threads."""
    channel, message = call.message()
    return _started(call, *channels.start_thread(call.world, call.me, channel, call.form, message))


def create_thread(call: Call) -> Answer:
    """POST /channels/{channel_id}/threads."""
    return _started(call, *channels.start_thread(call.world, call.me, call.channel(), call.form))


def _started(call: Call, thread: Channel, events: list[Event]) -> Answer:
    return Answer(payloads.channel(call.world, thread, viewer=call.me), events, 201)


def list_thread_members(call: Call) -> Answer:
    """GET /channels/{channel_id}/thread-members."""
    thread = call.channel()
    members = thread.thread.members if thread.thread else {}
    return Answer([payloads.thread_member(thread, user_id) for user_id in members])


def get_thread_member(call: Call) -> Answer:
    """GET /channels/{channel_id}/thread-members/{user_id}."""
    thread, user_id = call.channel(), call.id("user_id")
    if thread.thread is None or user_id not in thread.thread.members:
        raise Refusal(Because.UNKNOWN_MEMBER)
    return Answer(payloads.thread_member(thread, user_id))


def join_thread(call: Call) -> Answer:
    """PUT /channels/{channel_id}/thread-members/{user_id}, also `@me`."""
    return Answer(events=channels.join_thread(call.world, call.me, call.channel(), _who(call)))


def leave_thread(call: Call) -> Answer:
    """DELETE /channels/{channel_id}/thread-members/{user_id}, also `@me`."""
    return Answer(events=channels.leave_thread(call.world, call.me, call.channel(), _who(call)))


def _who(call: Call) -> int:
    return call.id("user_id") if "user_id" in call.parameters else call.me


def get_active_guild_threads(call: Call) -> Answer:
    """GET /guilds/{guild_id}/threads/active."""
    threads = [known for known in call.world.threads_of(call.guild().id) if known.thread and not known.thread.archived]
    visible = [known for known in threads if call.world.may(call.me, known, Permission.VIEW_CHANNEL)]
    return Answer(_thread_list(call, visible))


def list_public_archived_threads(call: Call) -> Answer:
    """GET /channels/{channel_id}/threads/archived/public."""
    return _archived(call, call.channel(), private=False)


def list_private_archived_threads(call: Call) -> Answer:
    """GET /channels/{channel_id}/threads/archived/private."""
    channel = call.channel()
    call.world.require(call.me, channel, Permission.MANAGE_THREADS)
    return _archived(call, channel, private=True)


def _archived(call: Call, channel: Channel, *, private: bool) -> Answer:
    call.world.require(call.me, channel, Permission.READ_MESSAGE_HISTORY)
    archived = [
        known
        for known in call.world.threads_of(channel.guild_id or 0, parent_id=channel.id)
        if known.thread and known.thread.archived and (known.type is ChannelType.PRIVATE_THREAD) == private
    ]
    before = call.query.get("before")
    newest = sorted(archived, key=lambda known: known.thread.archived_at if known.thread else 0.0, reverse=True)
    page = [
        known for known in newest if not before or timestamp(known.thread.archived_at if known.thread else 0) < before
    ]
    limit = call.query_number("limit", 50, least=2, most=100)
    return Answer(_thread_list(call, page[:limit]) | {"has_more": len(page) > limit})


def _thread_list(call: Call, threads: list[Channel]) -> dict[str, object]:
    mine = [known for known in threads if known.thread and call.me in known.thread.members]
    return {
        "threads": [payloads.channel(call.world, known, viewer=call.me) for known in threads],
        "members": [payloads.thread_member(known, call.me) for known in mine],
        "has_more": False,
    }
