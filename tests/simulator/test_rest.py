"""The REST API without a library: its rules, each with Discord's code, and the limits that Discord describes.

Each answer is held against that description too: see conftest.py.
"""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import aiohttp
import pytest

from discord_bot.simulator.rest.routes import ROUTES
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world import changes, emojis
from discord_bot.simulator.world.community import ALL_PRIVILEGED
from discord_bot.simulator.world.entities import ApplicationFlag
from discord_bot.simulator.world.forms import Form
from discord_bot.simulator.world.permissions import Permission
from discord_bot.simulator.world.refusals import Because, Refusal
from discord_bot.simulator.world.world import MESSAGES_PER_CHANNEL, World
from tests.simulator.conftest import Api, watched
from tests.simulator.openapi import REASON, description


@pytest.fixture
def general(simulator: Simulator) -> str:
    return f"/channels/{simulator.world.channel('general').id}"


def test_every_route_is_an_operation_of_discords() -> None:
    """Each line of the table bears the name, the method and the path of an operation that Discord describes."""
    known = description()
    if known is None:
        pytest.skip(REASON)
    for route in ROUTES:
        operation = known.operations[route.name]
        assert route.method == operation["method"], route.name
        assert _shape(route.path) == _shape(operation["path"]), route.name
    names = [route.name for route in ROUTES]
    assert len(names) == len(set(names))


def _shape(path: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


async def test_no_token_no_answer(simulator: Simulator, api: Api) -> None:
    """Without the bot's token everything is 401, what isn't served too; the gateway's address is for everybody."""
    for path in ("/users/@me", "/no/such/route"):
        assert await api("GET", path, token="wrong") == (401, {"message": "401: Unauthorized", "code": 0})
    assert await api("GET", "/gateway", token="wrong") == (200, {"url": simulator.gateway_url})


async def test_a_route_that_is_not_served_names_itself(simulator: Simulator, api: Api) -> None:
    """501, and in the log as a request without a route."""
    status, body = await api("GET", "/voice/regions")
    assert status == 501
    assert "GET /api/v10/voice/regions" in body["message"]
    assert simulator.requests[-1].route is None
    assert simulator.requests[-1].status == 501


async def test_who_the_bot_is(simulator: Simulator, api: Api) -> None:
    """User, application, guilds and gateway, as a bot asks for them when it starts."""
    assert (await api("GET", "/users/@me"))[1]["username"] == "assistant"
    application = (await api("GET", "/applications/@me"))[1]
    assert application == (await api("GET", "/oauth2/applications/@me"))[1]
    assert application["flags"] == int(ALL_PRIVILEGED)
    assert application["owner"]["username"] == "ada"
    assert [guild["name"] for guild in (await api("GET", "/users/@me/guilds"))[1]] == ["Harbour", "Workshop"]
    gateway = (await api("GET", "/gateway/bot"))[1]
    assert gateway["session_start_limit"]["max_concurrency"] == 1
    assert (await api("GET", f"/users/{simulator.world.user('kim').id}"))[1]["global_name"] == "Kim"
    assert (await api("PATCH", "/users/@me", {"username": "butler"}))[1]["username"] == "butler"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/channels/1", 404, 10003),
        ("GET", "/guilds/1", 404, 10004),
        ("GET", "/users/1", 404, 10013),
        ("GET", "/webhooks/1", 404, 10015),
        ("GET", "/webhooks/1/token", 404, 10015),
        ("GET", "{general}/messages/1", 404, 10008),
        ("PATCH", "{general}/messages/1", 404, 10008),
        ("DELETE", "{general}/messages/1", 404, 10008),
        ("GET", "{harbour}/members/1", 404, 10013),
        ("GET", "{harbour}/roles/1", 404, 10011),
        ("GET", "/applications/{app}/commands/1", 404, 10063),
        ("GET", "/applications/1/commands", 404, 10002),
        ("DELETE", "{general}/permissions/1", 403, 50013),
        ("POST", "{general}/messages/bulk-delete", 403, 50013),
        ("GET", "/channels/abc", 400, 50035),
        ("GET", "/channels/99999999999999999999", 400, 50035),
        ("GET", "{general}/messages?limit=101", 400, 50035),
        ("GET", "{general}/messages?limit=none", 400, 50035),
        ("PUT", "/applications/{app}/commands", 400, 50035),
    ],
)
async def test_refusals(simulator: Simulator, api: Api, method: str, path: str, status: int, code: int) -> None:
    """What is unknown, not permitted or no id is refused with the code that Discord has for it."""
    world = simulator.world
    named = path.format(
        general=f"/channels/{world.channel('general').id}",
        harbour=f"/guilds/{world.guild('Harbour').id}",
        app=world.application.id,
    )
    body: dict[str, Any] | None = {} if method in ("POST", "PATCH", "PUT") else None
    found, answer = await api(method, named, body)
    assert (found, answer["code"]) == (status, code)


async def test_a_wrong_form_tells_where(api: Api, general: str) -> None:
    """50035 mirrors the form, with `_errors` at each field that is wrong, all of them at once."""
    form = {
        "content": "x" * 2001,
        "nonce": "n" * 26,
        "embeds": [{"title": "fine"}, {"fields": [{"name": "n"}]}],
        "message_reference": {"message_id": "word"},
        "allowed_mentions": {"parse": ["users", "nobody"], "users": ["1"]},
        "components": [{"type": 2, "style": 1, "label": "no row", "custom_id": "x"}],
        "attachments": "none",
        "tts": "perhaps",
    }
    status, body = await api("POST", f"{general}/messages", form)
    assert status == 400
    assert (body["message"], body["code"]) == ("Invalid Form Body", 50035)
    errors = body["errors"]
    assert errors["content"]["_errors"] == [
        {"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 2000 or fewer in length."}
    ]
    assert errors["embeds"]["1"]["fields"]["0"]["value"]["_errors"][0]["code"] == "BASE_TYPE_REQUIRED"
    assert set(errors) == set(form)


@pytest.mark.parametrize("body", ["{", '"half \\ud83d"', "[1,", "\xff"])
async def test_broken_json(session: aiohttp.ClientSession, simulator: Simulator, general: str, body: str) -> None:
    """What is no JSON, or holds half a character, is 50109."""
    url, headers = f"{simulator.api_url}{general}/messages", {"Authorization": f"Bot {simulator.token}"}
    async with session.post(url, data=body.encode("latin-1"), headers=headers) as response:
        assert response.status == 400
        assert (await response.json())["code"] == 50109


def _too_much(schema: dict[str, Any]) -> list[Any]:
    """Values that go beyond the limits of a field's schema."""
    wrong: list[Any] = []
    if "maxLength" in schema:
        wrong.append("x" * (schema["maxLength"] + 1))
    if schema.get("minLength"):
        wrong.append("")
    if "maxItems" in schema:
        wrong.append([None] * (schema["maxItems"] + 1))
    if "maximum" in schema:
        wrong.append(schema["maximum"] + 1)
    if "minimum" in schema:
        wrong.append(schema["minimum"] - 1)
    return wrong


def _limits() -> list[Any]:
    """Each limit that Discord's description states for what a bot sends, as (route, form, field, wrong value)."""
    known = description()
    if known is None:
        return [pytest.param(None, {}, "", None, marks=pytest.mark.skip(REASON))]
    command = {"name": "ask", "description": "x"}
    option = {"type": 3, "name": "text", "description": "x"}
    # Where it is sent, what is right, the schema whose limits are tried, and where in the form its object stands.
    cases: list[tuple[str, dict[str, Any], str, str | None]] = [
        ("messages", {"content": "x"}, "MessageCreateRequest", None),
        ("messages", {"embeds": [{"title": "x"}]}, "RichEmbed", "embeds"),
        ("commands", command, "ApplicationCommandCreateRequest", None),
        ("commands", command | {"options": [option]}, "ApplicationCommandStringOption", "options"),
        ("threads", {"name": "x", "type": 11}, "CreateTextThreadWithoutMessageRequest", None),
    ]
    # Not simulated: stickers, and an embed's type, which Discord takes and drops.
    unread = {("MessageCreateRequest", "sticker_ids"), ("RichEmbed", "type")}
    found = []
    for route, form, schema, inside in cases:
        for field, limits in known.schema(schema)["properties"].items():
            for wrong in _too_much(limits) if (schema, field) not in unread else ():
                item = form | ({field: wrong} if inside is None else {inside: [form[inside][0] | {field: wrong}]})
                found.append(pytest.param(route, item, field, wrong, id=f"{schema}-{field}-{str(wrong)[:12]}"))
    return found


@pytest.mark.parametrize(("route", "form", "field", "wrong"), _limits())
async def test_the_limits_that_discord_describes(
    simulator: Simulator, api: Api, route: str, form: dict[str, Any], field: str, wrong: Any
) -> None:
    """No field takes more than Discord's description says that it takes."""
    world = simulator.world
    channel = f"/channels/{world.channel('general').id}"
    path = f"/applications/{world.application.id}/commands" if route == "commands" else f"{channel}/{route}"
    status, body = await api("POST", path, form)
    assert (status, body["code"]) == (400, 50035), f"{field} took {str(wrong)[:40]}"


# Messages


async def _send(api: Api, channel: str, **form: Any) -> dict[str, Any]:
    status, body = await api("POST", f"{channel}/messages", form)
    assert status == 200, body
    return dict(body)


async def test_allowed_mentions(simulator: Simulator, api: Api, general: str) -> None:
    """Without allowed mentions all are parsed; with them, what is allowed; everyone and roles need a permission."""
    world = simulator.world
    kim, mo = world.user("kim").id, world.user("mo").id
    harbour = world.guild("Harbour").id
    moderator, own = world.role(harbour, "Moderator").id, world.role(harbour, "assistant")
    text = f"<@{kim}> <@!{mo}> <@&{moderator}> <@&{own.id}> @everyone `<@{kim}>` ```<@{mo}>```"

    async def mentioned(**form: Any) -> tuple[set[int], set[int], bool]:
        sent = await _send(api, general, content=text, **form)
        users = {int(user["id"]) for user in sent["mentions"]}
        return users, {int(role) for role in sent["mention_roles"]}, sent["mention_everyone"]

    assert await mentioned() == ({kim, mo}, {moderator}, False)
    assert await mentioned(allowed_mentions={"parse": []}) == (set(), set(), False)
    assert await mentioned(allowed_mentions={"parse": ["roles"], "users": [str(kim)]}) == ({kim}, {moderator}, False)
    changes.set_role_permissions(own, own.permissions | Permission.MENTION_EVERYONE)
    assert await mentioned() == ({kim, mo}, {moderator, own.id}, True)
    assert await mentioned(allowed_mentions={"parse": ["users"]}) == ({kim, mo}, set(), False)
    only_code = await _send(api, general, content=f"`<@{kim}> @everyone`")
    assert (only_code["mentions"], only_code["mention_everyone"]) == ([], False)


@pytest.mark.parametrize(("allowed", "pings"), [(None, True), ({"parse": []}, False), ({"replied_user": True}, True)])
async def test_a_reply_mentions_whom_it_answers(
    simulator: Simulator, api: Api, general: str, allowed: Any, pings: bool
) -> None:
    """Unless allowed mentions leave it out; an edit keeps what was decided."""
    asked = await simulator.person("ada").send("general", "?")
    form = {"content": "!", "message_reference": {"message_id": asked["id"]}} | (
        {"allowed_mentions": allowed} if allowed is not None else {}
    )
    reply = await _send(api, general, **form)
    assert [user["username"] for user in reply["mentions"]] == (["ada"] if pings else [])
    assert reply["type"] == 19
    assert reply["referenced_message"]["content"] == "?"
    await simulator.person("ada").delete(asked)
    assert (await api("GET", f"{general}/messages/{reply['id']}"))[1]["referenced_message"] is None


async def test_content_is_trimmed(api: Api, general: str) -> None:
    """Whitespace around a text is dropped, within it kept."""
    assert (await _send(api, general, content="\n  a  b\n\n"))["content"] == "a  b"


async def test_edits(simulator: Simulator, api: Api, general: str) -> None:
    """An edit changes the fields that it names; it can't empty a message; other people's embeds can be hidden."""
    sent = await _send(api, general, content="text", embeds=[{"title": "T"}])
    path = f"{general}/messages/{sent['id']}"
    edited = (await api("PATCH", path, {"content": "other"}))[1]
    assert (edited["content"], edited["embeds"][0]["title"]) == ("other", "T")
    assert edited["edited_timestamp"] is not None
    assert (await api("PATCH", path, {"content": "", "embeds": []}))[1]["code"] == 50006
    assert (await api("PATCH", path, {"content": None}))[1]["content"] == ""
    ada = await simulator.person("ada").send("general", "link")
    assert (await api("PATCH", f"{general}/messages/{ada['id']}", {"flags": 4}))[1]["code"] == 50005


async def test_an_enforced_nonce(simulator: Simulator, api: Api, general: str) -> None:
    """The same nonce with enforce_nonce sends once, a number or a string; without it, or elsewhere, it doesn't hold."""
    first = await _send(api, general, content="a", nonce="7", enforce_nonce=True)
    again = await _send(api, general, content="b", nonce=7, enforce_nonce=True)
    assert again == first
    assert (await _send(api, general, content="c", nonce="7"))["id"] != first["id"]
    tavern = f"/channels/{simulator.world.channel('tavern').id}"
    assert (await _send(api, tavern, content="d", nonce="7", enforce_nonce=True))["content"] == "d"


async def test_bulk_deletion(simulator: Simulator, api: Api, general: str) -> None:
    """Two to a hundred, none older than two weeks; unknown ones don't matter; one event for all."""
    world = simulator.world
    own = world.role(world.guild("Harbour").id, "assistant")
    changes.set_role_permissions(own, own.permissions | Permission.MANAGE_MESSAGES)
    ids = [(await _send(api, general, content=str(number)))["id"] for number in range(3)]
    path = f"{general}/messages/bulk-delete"
    for count in (0, 1, 101):
        many = [str(int(ids[0]) + number) for number in range(count)]
        assert (await api("POST", path, {"messages": many}))[1]["code"] == 50016
    assert (await api("POST", path, {"messages": ["175928847299117063", *ids]}))[1]["code"] == 50034
    told = simulator.expect(lambda event: event.t == "MESSAGE_DELETE_BULK")
    assert await api("POST", path, {"messages": [*ids, str(int(ids[0]) + 99)]}) == (204, None)
    assert (await told).d["ids"] == ids
    assert simulator.messages("general") == []


async def test_history_without_the_permission_is_empty(simulator: Simulator, api: Api, general: str) -> None:
    """Who may not read history gets an empty page, and can't reply."""
    sent = await simulator.person("ada").send("general", "past")
    world = simulator.world
    everyone = world.role(world.guild("Harbour").id, "@everyone")
    bots = world.role(world.guild("Harbour").id, "assistant")
    for role in (everyone, bots):
        changes.set_role_permissions(role, role.permissions & ~Permission.READ_MESSAGE_HISTORY)
    assert await api("GET", f"{general}/messages") == (200, [])
    form = {"content": "reply", "message_reference": {"message_id": sent["id"]}}
    assert (await api("POST", f"{general}/messages", form))[1]["code"] == 160002


async def test_without_the_content_flag_the_api_blanks_too(simulator: Simulator, api: Api, general: str) -> None:
    """An application without MESSAGE_CONTENT reads none over REST either, but for its own and what mentions it."""
    world = simulator.world
    await simulator.person("ada").send("general", "secret")
    await simulator.person("ada").send("general", f"<@{world.bot.id}> open")
    world.application.flags &= ~ApplicationFlag.GATEWAY_MESSAGE_CONTENT_LIMITED
    await _send(api, general, content="mine")
    contents = [message["content"] for message in (await api("GET", f"{general}/messages"))[1]]
    assert contents == ["mine", f"<@{world.bot.id}> open", ""]


async def test_files(simulator: Simulator, api: Api, general: str, session: aiohttp.ClientSession) -> None:
    """Files come as parts with what is said of them beside; an edit keeps, drops and adds; too large is 40005."""
    form = aiohttp.FormData(quote_fields=False)
    described = [{"id": 0, "filename": "renamed.md", "description": "a text"}]
    form.add_field("payload_json", json.dumps({"content": "", "attachments": described}))
    form.add_field("files[0]", b"# hello", filename="a.md", content_type="text/markdown")
    form.add_field("files[1]", b"\0\1", filename="b.zzz")
    status, sent = await api("POST", f"{general}/messages", data=form)
    assert status == 200
    text, unknown = sent["attachments"]
    assert (text["filename"], text["description"]) == ("renamed.md", "a text")
    assert "content_type" not in unknown
    kept = {"attachments": [{"id": unknown["id"]}]}
    edited = (await api("PATCH", f"{general}/messages/{sent['id']}", kept))[1]
    assert [attachment["id"] for attachment in edited["attachments"]] == [unknown["id"]]
    async with session.get(text["url"]) as gone:
        assert gone.status == 404
    async with session.get(edited["attachments"][0]["url"]) as there:
        assert there.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    large = aiohttp.FormData()
    large.add_field("files[0]", io.BytesIO(b"x" * (10 * 1024 * 1024 + 1)), filename="large.bin")
    status, body = await api("POST", f"{general}/messages", data=large)
    assert (status, body["code"]) == (413, 40005)


async def test_slow_mode(simulator: Simulator, api: Api, general: str) -> None:
    """In slow mode a second message has to wait, and is told how long; a moderator and a bot needn't."""
    simulator.world.channel("general").slowmode = 30
    await simulator.person("kim").send("general", "first")
    with pytest.raises(Refusal) as refused:
        await simulator.person("kim").send("general", "second")
    assert refused.value.because is Because.SLOW_MODE
    assert 0 < (refused.value.retry_after or 0) <= 30
    for number in range(2):
        await simulator.person("mo").send("general", str(number))
        await _send(api, general, content=str(number))


async def test_components_are_checked_and_numbered(api: Api, general: str) -> None:
    """Components get ids; the same custom id twice, a button without one, and text beside modern ones are refused."""
    button = {"type": 2, "style": 1, "label": "x", "custom_id": "a"}
    sent = await _send(api, general, content="x", components=[{"type": 1, "components": [button]}])
    row = sent["components"][0]
    assert (row["id"], row["components"][0]["id"]) == (1, 2)
    for wrong in ([button, button], [button | {"custom_id": None}], [button | {"label": None}], [button] * 6, []):
        form = {"content": "x", "components": [{"type": 1, "components": wrong}]}
        assert (await api("POST", f"{general}/messages", form))[1]["code"] == 50035
    modern = {"flags": 1 << 15, "components": [{"type": 10, "content": "text"}]}
    assert (await _send(api, general, **modern))["components"][0]["content"] == "text"
    assert (await api("POST", f"{general}/messages", modern | {"content": "x"}))[1]["code"] == 50035


# Commands


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Upper", "description": "x"},
        {"name": "with space", "description": "x"},
        {"name": "fine"},
        {"name": "fine", "description": "x", "type": 2},
        {"name": "fine", "description": "x", "options": [{"type": 99, "name": "a", "description": "x"}]},
        {"name": "fine", "description": "x", "options": [{"type": 3, "name": "a", "description": "x"}] * 2},
        {
            "name": "fine",
            "description": "x",
            "options": [
                {"type": 3, "name": "a", "description": "x"},
                {"type": 3, "name": "b", "description": "x", "required": True},
            ],
        },
        {
            "name": "fine",
            "description": "x",
            "options": [{"type": 1, "name": "a", "description": "x"}, {"type": 3, "name": "b", "description": "x"}],
        },
        {
            "name": "fine",
            "description": "x",
            "options": [
                {
                    "type": 3,
                    "name": "a",
                    "description": "x",
                    "autocomplete": True,
                    "choices": [{"name": "a", "value": "a"}],
                }
            ],
        },
    ],
)
async def test_commands_that_are_refused(simulator: Simulator, api: Api, wrong: dict[str, Any]) -> None:
    """A command's name, description and options keep Discord's rules."""
    path = f"/applications/{simulator.world.application.id}/commands"
    status, body = await api("POST", path, wrong)
    assert (status, body["code"]) == (400, 50035)
    status, body = await api("PUT", path, [wrong])
    assert status == 400
    assert set(body["errors"]) == {"0"}


async def test_commands_come_and_go(simulator: Simulator, api: Api) -> None:
    """Created with 201, replaced by name with 200, changed, read, deleted; a guild's are its own; names are unique."""
    world = simulator.world
    for place in ("", f"/guilds/{world.guild('Harbour').id}"):
        path = f"/applications/{world.application.id}{place}/commands"
        status, command = await api("POST", path, {"name": "größe", "description": "x"})
        assert status == 201
        status, again = await api("POST", path, {"name": "größe", "description": "y"})
        assert (status, again["id"]) == (200, command["id"])
        assert again["version"] != command["version"]
        one = f"{path}/{command['id']}"
        assert (await api("PATCH", one, {"description": "z"}))[1]["description"] == "z"
        assert (await api("GET", one))[1]["name"] == "größe"
        assert len((await api("GET", path))[1]) == 1
        twice = [{"name": "a", "description": "x"}] * 2
        assert (await api("PUT", path, twice))[1]["errors"]["1"]["name"]["_errors"][0]["code"].endswith(
            "DUPLICATE_NAME"
        )
        assert (await api("DELETE", one)) == (204, None)
        assert (await api("GET", path))[1] == []


async def test_two_hundred_creations_a_day(simulator: Simulator, api: Api) -> None:
    """The 201st new command of a day is refused with 30034; what is only changed doesn't count."""
    path = f"/applications/{simulator.world.application.id}/commands"
    for batch in range(2):
        commands = [{"name": f"c{batch}-{number}", "description": "x"} for number in range(100)]
        assert (await api("PUT", path, commands))[0] == 200
    assert (await api("PUT", path, commands))[0] == 200
    status, body = await api("PUT", path, [{"name": "one-more", "description": "x"}])
    assert (status, body["code"]) == (400, 30034)


# Rate limits


async def test_a_routes_bucket(strict: Simulator, session: aiohttp.ClientSession) -> None:
    """Headers count down; the sixth create in five seconds is 429 with all that a client needs; elsewhere is free."""
    api = Api(session, strict)
    general, tavern = (f"/channels/{strict.world.channel(name).id}" for name in ("general", "tavern"))
    for left in (4, 3, 2, 1, 0):
        await _send(api, general, content="x")
        assert api.headers["X-RateLimit-Limit"] == "5"
        assert api.headers["X-RateLimit-Remaining"] == str(left)
        assert 0 < float(api.headers["X-RateLimit-Reset-After"]) <= 5
    bucket = api.headers["X-RateLimit-Bucket"]
    status, body = await api("POST", f"{general}/messages", {"content": "x"})
    assert status == 429
    assert body["global"] is False
    assert 0 < body["retry_after"] <= 5
    assert api.headers["Via"]
    assert int(api.headers["Retry-After"]) >= body["retry_after"]
    assert api.headers["X-RateLimit-Scope"] == "user"
    await _send(api, tavern, content="x")
    assert api.headers["X-RateLimit-Bucket"] == bucket


async def test_the_bots_bucket(strict: Simulator, session: aiohttp.ClientSession) -> None:
    """The 51st request in a second is a global 429; what answers interactions isn't counted."""
    api = Api(session, strict)
    channel = strict.world.channel("general").id
    answers = await asyncio.gather(*(Api(session, strict)("GET", f"/channels/{channel}/messages") for _ in range(60)))
    refused = [body for status, body in answers if status == 429]
    assert refused
    assert all(body["global"] for body in refused)
    status, body = await api("POST", "/interactions/1/token/callback", {"type": 5})
    assert (status, body["code"]) == (404, 10062)
    strict.rest.limits = False
    assert (await api("GET", f"/channels/{channel}/messages"))[0] == 200


async def test_ten_thousand_invalid_requests(strict: Simulator, session: aiohttp.ClientSession) -> None:
    """Who is refused ten thousand times in ten minutes meets a 429 that isn't Discord's own."""
    api = Api(session, strict)
    for _ in range(10_000):
        strict.rest.note_invalid()
    status, body = await api("GET", "/users/@me")
    assert (status, body) == (429, "error code: 1015")
    assert "Via" not in api.headers


# Webhooks


async def test_a_webhooks_token_is_enough(simulator: Simulator, api: Api) -> None:
    """Who has the token reads, writes, changes and deletes without the bot's; a wrong token is 50027."""
    world = simulator.world
    tavern = f"/channels/{world.channel('tavern').id}"
    picture = "data:image/png;base64,iVBORw0KGgo="
    webhook = (await api("POST", f"{tavern}/webhooks", {"name": "crew", "avatar": picture}))[1]
    path = f"/webhooks/{webhook['id']}/{webhook['token']}"
    assert "user" not in (await api("GET", path, token="none"))[1]
    assert await api("POST", path, {"content": "quiet"}, token="none") == (204, None)
    sent = (await api("POST", f"{path}?wait=true", {"content": "hi @everyone", "username": "Mate"}, token="none"))[1]
    assert sent["author"]["username"] == "Mate"
    assert sent["author"]["avatar"] == webhook["avatar"]
    assert (await api("GET", f"{path}/messages/{sent['id']}", token="none"))[1]["content"] == "hi @everyone"
    assert (await api("PATCH", f"{path}/messages/{sent['id']}", {"content": "bye"}, token="none"))[0] == 200
    assert await api("DELETE", f"{path}/messages/{sent['id']}", token="none") == (204, None)
    assert (await api("PATCH", path, {"name": "mates"}, token="none"))[1]["name"] == "mates"
    assert (await api("POST", f"/webhooks/{webhook['id']}/wrong", {"content": "x"}))[1]["code"] == 50027
    assert (await api("POST", path, {"content": " "}))[1]["code"] == 50006
    assert (await api("POST", f"{path}?thread_id=1", {"content": "x"}))[1]["code"] == 10003
    assert len((await api("GET", f"/guilds/{world.guild('Harbour').id}/webhooks"))[1]) == 1
    assert await api("DELETE", path, token="none") == (204, None)
    for _ in range(15):
        assert (await api("POST", f"{tavern}/webhooks", {"name": "many"}))[0] == 200
    assert (await api("POST", f"{tavern}/webhooks", {"name": "many"}))[1]["code"] == 30007


async def test_avatars_are_served(simulator: Simulator, api: Api, session: aiohttp.ClientSession) -> None:
    """An avatar's bytes come back by its hash; nobody's is a picture all the same."""
    tavern = f"/channels/{simulator.world.channel('tavern').id}"
    form = {"name": "crew", "avatar": "data:image/png;base64,aGVsbG8="}
    avatar = (await api("POST", f"{tavern}/webhooks", form))[1]["avatar"]
    async with session.get(f"{simulator.url}/avatars/1/{avatar}.png?size=64") as response:
        assert await response.read() == b"hello"
    async with session.get(f"{simulator.url}/embed/avatars/3.png") as response:
        assert (await response.read()).startswith(b"\x89PNG")
    assert (await api("POST", f"{tavern}/webhooks", form | {"avatar": "data:image/png;base64,?"}))[1]["code"] == 50035


async def test_the_applications_emojis_are_pictures_at_an_address_of_their_own(
    simulator: Simulator, api: Api, session: aiohttp.ClientSession
) -> None:
    """A webhook's message that names one as its avatar keeps the picture, also when the emoji is gone."""
    path = f"/applications/{simulator.world.application.id}/emojis"
    form = {"name": "face_1", "image": "data:image/png;base64,aGVsbG8="}
    status, emoji = await api("POST", path, form)
    assert (status, emoji["name"]) == (201, "face_1")
    assert [each["id"] for each in (await api("GET", path))[1]["items"]] == [emoji["id"]]
    assert (await api("PATCH", f"{path}/{emoji['id']}", {"name": "face_2"}))[1]["name"] == "face_2"
    async with session.get(f"{simulator.url}/emojis/{emoji['id']}.png") as response:
        assert await response.read() == b"hello"
    tavern = f"/channels/{simulator.world.channel('tavern').id}"
    webhook = (await api("POST", f"{tavern}/webhooks", {"name": "crew"}))[1]
    address = f"https://cdn.discordapp.com/emojis/{emoji['id']}.png"
    said = {"content": "hi", "username": "Mate", "avatar_url": address}
    sent = (await api("POST", f"/webhooks/{webhook['id']}/{webhook['token']}?wait=true", said))[1]
    assert sent["application_id"] == str(simulator.world.application.id)
    assert await api("DELETE", f"{path}/{emoji['id']}") == (204, None)
    async with session.get(f"{simulator.url}/avatars/{webhook['id']}/{sent['author']['avatar']}.png") as response:
        assert await response.read() == b"hello"
    for wrong in ({"name": "a b"}, {"image": "aGVsbG8="}, {"image": "data:image/png;base64," + "A" * 400_000}):
        assert (await api("POST", path, form | wrong))[1]["code"] == 50035
    assert (await api("GET", f"{path}/{emoji['id']}"))[1]["code"] == 10014
    for _ in range(2_000):
        emojis.create(simulator.world, Form(form))
    assert (await api("POST", path, form))[1]["code"] == 30008


async def test_a_bots_profile_in_a_server(simulator: Simulator, api: Api, session: aiohttp.ClientSession) -> None:
    """Its nickname, for which it needs a permission, and its picture and bio, for which it needs none."""
    world = simulator.world
    guild = world.guild("Harbour")
    path = f"/guilds/{guild.id}/members/@me"
    form = {"nick": "Mira", "avatar": "data:image/png;base64,aGVsbG8=", "bio": "A sailor."}
    member = (await api("PATCH", path, form))[1]
    assert (member["nick"], world.member(guild.id, world.bot.id).bio) == ("Mira", "A sailor.")
    async with session.get(f"{simulator.url}/guilds/{guild.id}/users/1/avatars/{member['avatar']}.png") as response:
        assert await response.read() == b"hello"
    assert (await api("PATCH", path, {"nick": None}))[1]["avatar"] == member["avatar"]
    assert (await api("PATCH", path, {"avatar": None, "bio": None}))[1]["avatar"] is None
    assert (await api("PATCH", path, {"bio": "x" * 191}))[1]["code"] == 50035
    role = next(each for each in guild.roles.values() if each.managed_by == world.application.bot_id)
    for each in (role, guild.roles[guild.id]):
        each.permissions &= ~Permission.CHANGE_NICKNAME
    assert (await api("PATCH", path, {"nick": "Mira"}))[1]["code"] == 50013


# Threads


async def test_threads(simulator: Simulator, api: Api, general: str) -> None:
    """Kinds of threads, their members, locking and archiving, with what is refused."""
    world = simulator.world
    status, private = await api("POST", f"{general}/threads", {"name": "secret"})
    assert (status, private["type"]) == (201, 12)
    thread = f"/channels/{private['id']}"
    kim = world.user("kim").id
    with pytest.raises(Exception, match="50001"):
        await simulator.person("kim").send(int(private["id"]), "hello?")
    assert await api("PUT", f"{thread}/thread-members/{kim}") == (204, None)
    await simulator.person("kim").send(int(private["id"]), "hello")
    assert len((await api("GET", f"{thread}/thread-members"))[1]) == 2
    assert (await api("GET", f"{thread}/thread-members/{kim}"))[1]["user_id"] == str(kim)
    assert await api("DELETE", f"{thread}/thread-members/{kim}") == (204, None)
    assert (await api("GET", f"{thread}/thread-members/{kim}"))[1]["code"] == 10007
    assert (await api("PATCH", thread, {"locked": True}))[1]["code"] == 50013
    assert (await api("PATCH", thread, {"archived": True}))[1]["thread_metadata"]["archived"] is True
    assert (await api("PATCH", thread, {"name": "other"}))[1]["code"] == 50083
    assert await api("POST", f"{thread}/messages", {"content": "awake"}) != (400, None)
    assert (await api("GET", thread))[1]["thread_metadata"]["archived"] is False
    world.channel(int(private["id"])).thread.locked = True  # type: ignore[union-attr]
    assert (await api("POST", f"{thread}/messages", {"content": "x"}))[1]["code"] == 160005
    assert (await api("POST", f"{thread}/threads", {"name": "inner"}))[1]["code"] == 50024
    assert (await api("DELETE", thread))[1]["code"] == 50013
    assert (await api("GET", f"{general}/threads/archived/private"))[1]["code"] == 50013


# The server


async def test_latency_and_the_log() -> None:
    """With latency an answer takes its time; the log has each request once, with its route and its status."""
    async with watched(Simulator(limits=False, latency=0.1)) as simulator, aiohttp.ClientSession() as session:
        api, loop = Api(session, simulator), asyncio.get_running_loop()
        began = loop.time()
        await api("GET", "/users/@me")
        assert loop.time() - began >= 0.1
        request = simulator.requests[-1]
        assert (request.method, request.path, request.route, request.status) == (
            "GET",
            "/api/v10/users/@me",
            "get_my_user",
            200,
        )


async def test_a_taken_port_is_said() -> None:
    """A port in use is an OSError, and nothing is left open."""
    async with Simulator() as first:
        with pytest.raises(OSError, match="in use"):
            async with Simulator(port=int(first.url.rsplit(":", 1)[1])):
                pass


async def test_memory_is_bounded() -> None:
    """A channel keeps its newest messages only; commands, requests and files are bounded as well."""
    world = World.default()
    async with Simulator(world, limits=False) as simulator:
        ada = simulator.person("ada")
        first = await ada.send("general", "first", attachments=[("a.txt", b"a")])
        assert len(world.files) == 1
        for _ in range(MESSAGES_PER_CHANNEL):
            await ada.send("general", "x")
        standing = world.messages[world.channel("general").id]
        assert len(standing) == MESSAGES_PER_CHANNEL
        assert int(first["id"]) not in standing
        assert world.files == {}
