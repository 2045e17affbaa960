"""Whatever is sent, the simulator answers or refuses: no request and no gateway message breaks it."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from discord_bot.simulator.gateway.sessions import CannotResumeError, Closing, Sessions
from discord_bot.simulator.rest.calls import Answer, Call
from discord_bot.simulator.rest.routes import ROUTES, Route
from discord_bot.simulator.world import changes, payloads
from discord_bot.simulator.world.community import TOKEN
from discord_bot.simulator.world.drafts import Upload
from discord_bot.simulator.world.events import ALL_INTENTS
from discord_bot.simulator.world.permissions import ALL_PERMISSIONS
from discord_bot.simulator.world.refusals import Refusal
from discord_bot.simulator.world.world import World
from tests.simulator.openapi import description

KEYS = re.findall(
    r"\w+",
    """
    accessory allow allowed_mentions archived attachments author auto_archive_duration autocomplete avatar
    channel_types choices color component components content contexts custom_id data default_member_permissions
    default_values deny description embeds emoji enforce_nonce fields filename flags footer id image
    integration_types items label locked max_length max_values media message_id message_reference messages
    min_values name nick nonce options parent_id parse permission_overwrites placeholder position
    rate_limit_per_user recipient_id replied_user required roles style text thumbnail title topic tts type url
    username users value values
    """,
)
"""The fields that requests have, in any order and at any place."""

VALUES = (
    st.none() | st.booleans() | st.integers(-2, 20) | st.integers() | st.text(max_size=5) | st.sampled_from(("1", "x"))
)
BODIES = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)
)


def _like(schema: dict[str, Any], depth: int = 0) -> st.SearchStrategy[Any]:
    """Values with the fields that a schema describes, some of them right, some anything."""
    known = description()
    assert known is not None
    schema = known.resolved(schema)
    alternatives = schema.get("anyOf", [])
    if depth > 6:
        return VALUES
    if alternatives:
        return st.one_of(VALUES, *(_like(one, depth + 1) for one in alternatives))
    if "const" in schema:
        return st.just(schema["const"])
    if "properties" in schema:
        fields = {key: _later(value, depth + 1) for key, value in schema["properties"].items()}
        return st.fixed_dictionaries({}, optional=fields)
    if "items" in schema:
        return st.lists(_like(schema["items"], depth + 1), max_size=3) | VALUES
    return VALUES


def _later(schema: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
    """The same once it is needed: schemas hold each other."""
    return st.deferred(lambda: _like(schema, depth))


def _bodies(route: Route) -> st.SearchStrategy[Any]:
    """What a route might be sent, by Discord's description where it is at hand."""
    known = description()
    content = known.operations[route.name].get("requestBody", {}).get("content", {}) if known else {}
    return BODIES | _like(content["application/json"]["schema"]) if "application/json" in content else BODIES


def _world() -> World:
    """A world in which the bot may do everything, so that nothing is refused before it is read."""
    world = World.default()
    changes.set_role_permissions(world.role(world.guild("Harbour").id, "assistant"), ALL_PERMISSIONS)
    return world


@given(st.data())
def test_no_request_breaks_a_route(data: st.DataObject) -> None:
    """Each route, with any body and any query, gives an answer or Discord's no, and the world can still be told."""
    world = _world()
    route = data.draw(st.sampled_from(ROUTES))
    ids = {
        "channel_id": world.channel(data.draw(st.sampled_from(("general", "the long voyage")))).id,
        "guild_id": world.guild("Harbour").id,
        "application_id": world.application.id,
        "user_id": world.user("kim").id,
        "emoji_name": "👍",
    }
    parts = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
    parameters = {part: str(ids.get(part, data.draw(st.sampled_from(("1", "@original", "word"))))) for part in parts}
    query = data.draw(
        st.dictionaries(st.sampled_from(("limit", "before", "after", "around", "wait", "query")), st.text())
    )
    files = {0: Upload("a.txt", b"a")} if data.draw(st.booleans()) else {}
    with contextlib.suppress(Refusal):
        answer = route.serve(Call(world, parameters, query, data.draw(_bodies(route)), files))
        assert isinstance(answer, Answer)
        sessions = Sessions(world)
        sessions.welcome(sessions.identify({"token": TOKEN, "intents": ALL_INTENTS.value}))
        for channel_id in world.channels:
            for message in world.messages.get(channel_id, {}).values():
                json.dumps(payloads.message(world, message))


@given(BODIES)
def test_no_form_breaks_the_creation_of_a_message(body: Any) -> None:
    """What is most often sent, with fields of any type and depth."""
    world = _world()
    route = next(route for route in ROUTES if route.name == "create_message")
    fields = body if isinstance(body, dict) else {"content": body, "embeds": body, "components": body}
    with contextlib.suppress(Refusal):
        route.serve(Call(world, {"channel_id": str(world.channel("general").id)}, {}, fields))


@given(BODIES, BODIES)
def test_no_message_breaks_the_gateway(identity: Any, request: Any) -> None:
    """What a client says ends in a session, a chunk of members, or a closed connection."""
    sessions = Sessions(_world())
    for read in (sessions.identify, sessions.resume):
        with contextlib.suppress(Closing, CannotResumeError):
            read(identity if not isinstance(identity, dict) else identity | {"token": TOKEN})
    session = sessions.identify({"token": TOKEN, "intents": ALL_INTENTS.value})
    sessions.welcome(session)
    guild = str(sessions.world.guild("Harbour").id)
    fields = request if isinstance(request, dict) else {"user_ids": request, "query": request, "limit": request}
    with contextlib.suppress(Closing):
        sessions.send_members(session, fields | {"guild_id": guild})
