"""The REST routes of who the bot is, of its application's commands, and of where its gateway is."""

from __future__ import annotations

from discord_bot.simulator.rest.calls import Answer, Call
from discord_bot.simulator.world import commands, payloads


def get_my_user(call: Call) -> Answer:
    """GET /users/@me."""
    return Answer(payloads.own_user(call.world.bot))


def update_my_user(call: Call) -> Answer:
    """PATCH /users/@me."""
    form, bot = call.form, call.world.bot
    name = form.text("username", shortest=2, longest=32)
    form.done()
    bot.username = name or bot.username
    return Answer(payloads.own_user(bot))


def get_user(call: Call) -> Answer:
    """GET /users/{user_id}."""
    return Answer(payloads.user(call.world.user(call.id("user_id"))))


def list_my_guilds(call: Call) -> Answer:
    """GET /users/@me/guilds."""
    after = call.query_id("after") or 0
    mine = [guild for guild in call.world.guilds.values() if call.me in guild.members and guild.id > after]
    shown: list[dict[str, object]] = [
        {
            "id": str(guild.id),
            "name": guild.name,
            "icon": None,
            "banner": None,
            "owner": guild.owner_id == call.me,
            "permissions": str(int(call.world.permissions(call.me, guild_id=guild.id))),
            "features": [],
        }
        for guild in mine
    ]
    return Answer(shown[: call.query_number("limit", 200, most=200)])


def get_my_application(call: Call) -> Answer:
    """GET /applications/@me and GET /oauth2/applications/@me."""
    return Answer(payloads.application(call.world, call.world.application))


def get_gateway(call: Call) -> Answer:
    """GET /gateway."""
    return Answer({"url": call.world.gateway_url})


def get_bot_gateway(call: Call) -> Answer:
    """GET /gateway/bot."""
    limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
    return Answer({"url": call.world.gateway_url, "shards": 1, "session_start_limit": limit})


def _place(call: Call) -> int | None:
    """Where the commands are: the path's guild, or everywhere."""
    call.application()
    return call.guild().id if "guild_id" in call.parameters else None


def list_commands(call: Call) -> Answer:
    """GET /applications/{application_id}/commands, or a guild's."""
    return Answer(commands.registered(call.world, _place(call)))


def create_command(call: Call) -> Answer:
    """POST /applications/{application_id}/commands, or a guild's: 201 for a new one, 200 for one that was replaced."""
    command, is_new = commands.create(call.world, call.form, _place(call))
    return Answer(command, status=201 if is_new else 200)


def bulk_set_commands(call: Call) -> Answer:
    """PUT /applications/{application_id}/commands, or a guild's."""
    return Answer(commands.replace_all(call.world, call.forms, _place(call)))


def get_command(call: Call) -> Answer:
    """GET /applications/{application_id}/commands/{command_id}, or a guild's."""
    return Answer(commands.find(call.world, call.id("command_id"), _place(call)))


def update_command(call: Call) -> Answer:
    """PATCH /applications/{application_id}/commands/{command_id}, or a guild's."""
    return Answer(commands.edit(call.world, call.id("command_id"), call.form, _place(call)))


def delete_command(call: Call) -> Answer:
    """DELETE /applications/{application_id}/commands/{command_id}, or a guild's."""
    command = commands.find(call.world, call.id("command_id"), _place(call))
    del call.world.commands[int(command["id"])]
    return Answer()
