"""The playground's protocol, over a real websocket."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from yarl import URL

from discord_bot.playground.door import Playground
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world import commands
from discord_bot.simulator.world.forms import Form
from tests.simulator.small_bot import STEPS, small_bot


class PageClient:
    """The page's half of the protocol."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.events: list[tuple[str, Any]] = []
        self.answers: dict[int, dict[str, Any]] = {}
        self.last = 0

    async def read(self) -> None:
        frame = await asyncio.wait_for(self.socket.receive_json(), 15)
        if "event" in frame:
            self.events.append((frame["event"], frame["data"]))
        else:
            self.answers[frame["id"]] = frame

    async def do(self, action: str, **details: Any) -> Any:
        """Do something; the answer's data, or AssertionError with the sentence that came instead."""
        answer = await self.ask(action, **details)
        assert "error" not in answer, answer["error"]
        return answer["data"]

    async def ask(self, action: str, **details: Any) -> dict[str, Any]:
        self.last += 1
        await self.socket.send_json({"id": self.last, "do": action, **details})
        while self.last not in self.answers:
            await self.read()
        return self.answers[self.last]

    async def hear(self, name: str, **expected: Any) -> Any:
        """The next event of a name whose data has these values."""
        while True:
            for index, (found, data) in enumerate(self.events):
                if found == name and all(data.get(key) == value for key, value in expected.items()):
                    del self.events[: index + 1]
                    return data
            await self.read()


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    simulator = Simulator()
    Playground(simulator)
    async with simulator:
        yield simulator


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@asynccontextmanager
async def page(simulator: Simulator, http: aiohttp.ClientSession, be: str) -> AsyncIterator[PageClient]:
    async with http.ws_connect(f"{simulator.url}/playground/socket?be={be}") as socket:
        yield PageClient(socket)


def channel(simulator: Simulator, name: str) -> str:
    return str(simulator.world.channel(name).id)


async def test_a_page_is_told_of_everything_that_its_person_sees(
    simulator: Simulator, http: aiohttp.ClientSession
) -> None:
    """READY names who one is and could be, and the servers that they are in, with what they may do in each channel."""
    async with page(simulator, http, "kim") as kim:
        ready = await kim.hear("READY")
        assert ready["me"]["username"] == "kim"
        assert {person["key"] for person in ready["people"]} == {"ada", "mo", "kim", "newcomer", "echo"}
        assert [guild["name"] for guild in ready["guilds"]] == ["Harbour", "Workshop"]
        assert not ready["bot"]["online"]
        assert all(int(known["permissions"]) for known in ready["guilds"][0]["channels"])
        await kim.do("be", person="mo")
        assert [guild["name"] for guild in (await kim.hear("READY"))["guilds"]] == ["Harbour"]


async def test_plain_typing_mentions(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    """`@assistant` in a text is a mention of the bot's user, not of its role, and arrives rendered."""
    async with page(simulator, http, "kim") as kim:
        general = channel(simulator, "general")
        await kim.do("send", channel=general, content="@assistant hello **you**")
        said = await kim.hear("MESSAGE_CREATE")
        bot = simulator.world.bot
        assert said["content"] == f"<@{bot.id}> hello **you**"
        assert [user["id"] for user in said["mentions"]] == [str(bot.id)]
        assert said["html"].startswith(
            f'<p><span class="mention" data-user="{bot.id}">@assistant</span> hello <strong>'
        )


async def test_a_suggestion_that_was_taken_counts(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    """Where a role was picked from the list, the role is mentioned, though a user has the same name."""
    role = simulator.world.role(simulator.world.guild("Harbour").id, "assistant")
    async with page(simulator, http, "ada") as ada:
        picks = {"@assistant": f"<@&{role.id}>"}
        await ada.do("send", channel=channel(simulator, "general"), content="@assistant hello", picks=picks)
        assert (await ada.hear("MESSAGE_CREATE"))["mention_roles"] == [str(role.id)]


async def test_an_answer_streams_in(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    """Typing, the first text and each edit arrive in order, and the bot counts as online."""
    async with small_bot(simulator), page(simulator, http, "ada") as ada:
        await ada.do("send", channel=channel(simulator, "general"), content="@assistant hello")
        await ada.hear("TYPING_START")
        first = await ada.hear("MESSAGE_CREATE", content=STEPS[0])
        assert first["referenced_message"]["html"].endswith("hello</p>\n")
        for step in STEPS[1:]:
            assert (await ada.hear("MESSAGE_UPDATE", id=first["id"]))["content"] == step
        await ada.do("be", person="ada")
        assert (await ada.hear("READY", bot={"user": first["author"], "online": True}))["me"]["username"] == "ada"


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("/persona set pirate", "pirate answers now (here)."),
        ("/persona set name:pirate", "pirate answers now (here)."),
        ("/persona set name: pirate where: server", "pirate answers now (server)."),
    ],
)
async def test_a_command_typed_as_text_runs(
    simulator: Simulator, http: aiohttp.ClientSession, typed: str, answer: str
) -> None:
    """A command needs no picker; its ephemeral answer comes to who ran it alone."""
    async with small_bot(simulator), page(simulator, http, "ada") as ada, page(simulator, http, "mo") as mo:
        general = channel(simulator, "general")
        await ada.do("send", channel=general, content=typed)
        said = await ada.hear("MESSAGE_CREATE")
        assert (said["content"], said["flags"] & 64) == (answer, 64)
        assert said["id"] in {message["id"] for message in await ada.do("history", channel=general)}
        await ada.do("send", channel=general, content="after it")
        assert (await mo.hear("MESSAGE_CREATE"))["content"] == "after it"
        assert [message["content"] for message in await mo.do("history", channel=general)] == ["after it"]
        await ada.do("dismiss", message=said["id"])
        await ada.hear("MESSAGE_DELETE", id=said["id"])


async def test_commands_are_offered_and_completed(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    """The list of commands is the bot's own, and autocompletion asks the bot with what was typed."""
    async with small_bot(simulator), page(simulator, http, "ada") as ada:
        general = channel(simulator, "general")
        offered = await ada.do("commands", channel=general)
        assert [command["name"] for command in offered] == ["buttons", "form", "persona set"]
        choices = await ada.do(
            "autocomplete", channel=general, command="persona set", focused="name", value="pi", text="/persona set pi"
        )
        assert choices == [{"name": "pirate", "value": "pirate"}]


async def test_buttons_menus_and_modals(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    """What a bot puts under a message can be pressed and chosen from, and its modal filled in."""
    async with small_bot(simulator), page(simulator, http, "ada") as ada:
        general = channel(simulator, "general")
        await ada.do("send", channel=general, content="/buttons")
        said = await ada.hear("MESSAGE_CREATE")
        button, menu = (row["components"][0]["custom_id"] for row in said["components"])
        await ada.do("press", message=said["id"], custom_id=button)
        assert (await ada.hear("MESSAGE_UPDATE"))["content"] == "Pressed."
        await ada.do("select", message=said["id"], custom_id=menu, values=["poet"])
        assert (await ada.hear("MESSAGE_CREATE"))["content"] == "Chosen: poet"
        await ada.do("send", channel=general, content="/form")
        modal = await ada.hear("INTERACTION_MODAL_CREATE")
        await ada.do("submit", interaction=modal["id"], values={"answer": "ahoy"})
        assert (await ada.hear("MESSAGE_CREATE"))["content"] == "You wrote: ahoy"


async def test_commands_on_a_message(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    """A message's menu offers the bot's commands for messages, in one's own language; they run on that message."""
    async with small_bot(simulator), page(simulator, http, "ada") as ada, page(simulator, http, "kim") as kim:
        general = channel(simulator, "general")
        said = await simulator.person("mo").send("general", "quotable")
        offered = await ada.do("message_commands", channel=general)
        assert offered == [{"name": name, "label": name} for name in ("Ask about this", "Quote this")]
        await ada.do("run_on_message", message=said["id"], name="Quote this")
        assert (await ada.hear("MESSAGE_CREATE", content="Quoted: quotable"))["type"] == 23
        await ada.do("run_on_message", message=said["id"], name="Ask about this")
        await ada.hear("INTERACTION_MODAL_CREATE", title="Tell me more")
        assert "does not know" in (await ada.ask("run_on_message", message=said["id"], name="persona"))["error"]
        form = {"type": 3, "name": "Explain", "name_localizations": {"zh-CN": "解释"}}
        commands.create(simulator.world, Form(form), None)
        assert {"name": "Explain", "label": "解释"} in await kim.do("message_commands", channel=general)


EXPLAIN = {
    "type": 1,
    "name": "explain",
    "description": "Explain it",
    "description_localizations": {"zh-CN": "解释一下"},
    "options": [
        {
            "type": 3,
            "name": "how",
            "description": "How",
            "description_localizations": {"zh-CN": "怎样"},
            "choices": [{"name": "short", "name_localizations": {"zh-CN": "简短"}, "value": "short"}],
        }
    ],
}


async def test_a_chinese_page_is_a_client_in_chinese(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    """Commands are told in its language, whoever one is; the bot is told that language; so is what Discord refuses."""
    heard: list[str] = []
    simulator.observe(lambda event: heard.append(event.d["locale"]) if event.t == "INTERACTION_CREATE" else None)
    async with small_bot(simulator), page(simulator, http, "ada&language=zh") as ada, page(simulator, http, "mo") as mo:
        general = channel(simulator, "general")
        commands.create(simulator.world, Form(EXPLAIN), None)
        for who, described, how, choice in ((ada, "解释一下", "怎样", "简短"), (mo, "Explain it", "How", "short")):
            offered = {each["name"]: each for each in await who.do("commands", channel=general)}["explain"]
            (option,) = offered["options"]
            assert (offered["description"], option["name"], option["description"]) == (described, "how", how)
            assert [each["name"] for each in option["choices"]] == [choice]
            await who.do("send", channel=general, content="/persona set pirate")
        assert heard == ["zh-CN", "en-US"]
        long = await ada.ask("send", channel=general, content="长" * 2001)
        assert long["error"] == "太长或太多：Discord 最多接受 2000。"


async def test_what_one_does_with_messages(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    """Files, replies, edits, reactions, threads and deletions."""
    async with page(simulator, http, "ada") as ada:
        general = channel(simulator, "general")
        file = {"name": "a.txt", "base64": base64.b64encode(b"ahoy").decode()}
        await ada.do("send", channel=general, content="look", files=[file])
        said = await ada.hear("MESSAGE_CREATE")
        async with http.get(said["attachments"][0]["url"]) as response:
            assert await response.read() == b"ahoy"
            assert "sandbox" in response.headers["Content-Security-Policy"]
        await ada.do("send", channel=general, content="indeed", reply_to=said["id"])
        assert (await ada.hear("MESSAGE_CREATE"))["referenced_message"]["content"] == "look"
        await ada.do("edit", message=said["id"], content="look @mo")
        edited = await ada.hear("MESSAGE_UPDATE")
        assert [user["username"] for user in edited["mentions"]] == ["mo"]
        await ada.do("react", message=said["id"], emoji="👍")
        assert (await ada.hear("MESSAGE_REACTION_ADD"))["emoji"]["name"] == "👍"
        await ada.do("unreact", message=said["id"], emoji="👍")
        await ada.hear("MESSAGE_REACTION_REMOVE")
        thread = await ada.do("thread", message=said["id"], name="about it")
        threads = (await ada.hear("READY"))["guilds"][0]["threads"]
        assert thread["id"] in {known["id"] for known in threads}
        await ada.do("delete", message=said["id"])
        await ada.hear("MESSAGE_DELETE", id=said["id"])


async def test_a_direct_conversation(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    """One can write to the bot directly; nobody else hears of it."""
    async with small_bot(simulator), page(simulator, http, "kim") as kim, page(simulator, http, "mo") as mo:
        direct = await kim.do("open_dm", user=str(simulator.world.bot.id))
        await kim.do("send", channel=direct["id"], content="psst")
        await kim.hear("MESSAGE_CREATE", content=STEPS[0])
        assert "error" in await mo.ask("history", channel=direct["id"])
        assert not any(name == "MESSAGE_CREATE" for name, _ in mo.events)


async def test_a_fresh_start_can_be_taken_back(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    """Every page sees the other world, as who it was; the bot answers in it; and the one before comes back once."""
    async with small_bot(simulator), page(simulator, http, "kim") as kim:
        await kim.do("send", channel=channel(simulator, "general"), content="remember this")
        before = channel(simulator, "general")
        await kim.hear("READY", world=0, undo=False)
        await kim.do("start_afresh")
        ready = await kim.hear("READY", world=1, undo=True)
        assert ready["me"]["username"] == "kim"
        assert channel(simulator, "general") != before
        assert await kim.do("history", channel=channel(simulator, "general")) == []
        await kim.do("undo")
        await kim.hear("READY", world=2, undo=False)
        assert [said["content"] for said in await kim.do("history", channel=before)] == ["remember this"]
        await kim.do("undo")
        assert (await kim.ask("load", document="ahoy"))["error"].startswith("This file can't be loaded")
        async with http.get(f"{simulator.url}/playground/saved.json") as response:
            assert "attachment" in response.headers["Content-Disposition"]
            await kim.do("load", document=await response.text())
        await kim.hear("READY", world=3, undo=True)
        while not (await kim.hear("READY"))["bot"]["online"]:
            pass
        await kim.do("send", channel=channel(simulator, "general"), content="@assistant hello")
        await kim.hear("MESSAGE_CREATE", content=STEPS[0])


async def test_history_comes_in_pages(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    """A long channel is sent a hundred messages at a time, the newest first asked for, each page in order."""
    mo = simulator.person("mo")
    for number in range(230):
        await mo.send("general", str(number))
    async with page(simulator, http, "ada") as ada:
        general = channel(simulator, "general")
        newest = await ada.do("history", channel=general)
        assert [message["content"] for message in newest] == [str(number) for number in range(130, 230)]
        older = await ada.do("history", channel=general, before=newest[0]["id"])
        oldest = await ada.do("history", channel=general, before=older[0]["id"])
        assert [message["content"] for message in oldest] == [str(number) for number in range(30)]


@pytest.mark.parametrize(
    ("action", "details", "sentence"),
    [
        ("send", {"content": "  "}, "nothing in this message"),
        ("send", {"content": "x" * 2001}, "2000"),
        ("send", {"content": "look", "files": [{"name": "a", "base64": "?"}]}, "attach it again"),
        ("edit", {"message": "{message}", "content": "mine now"}, "Only its author"),
        ("delete", {"message": "{message}"}, "permission"),
        ("delete", {"message": "17"}, "not there any more"),
        ("send", {"channel": "17", "content": "x"}, "not there any more"),
        ("be", {"person": "nobody"}, "Unknown User"),
        ("dance", {}, "did not understand"),
        ("send", {}, "did not understand"),
    ],
)
async def test_what_does_not_work_is_answered_with_a_sentence(
    simulator: Simulator, http: aiohttp.ClientSession, action: str, details: dict[str, Any], sentence: str
) -> None:
    """Discord's refusals and nonsense alike come back as a sentence, and the page stays connected."""
    said = await simulator.person("ada").send("general", "hello")
    details = {"channel": channel(simulator, "general"), **details}
    details = {key: said["id"] if value == "{message}" else value for key, value in details.items()}
    async with page(simulator, http, "kim") as kim:
        assert sentence in (await kim.ask(action, **details))["error"]
        await kim.socket.send_str("[1]")
        await kim.do("history", channel=channel(simulator, "general"))


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:{port}"},
        {"Host": "localhost:1"},
        {"Host": "127.0.0.1"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:{port}"},
    ],
)
async def test_another_host_or_site_is_refused(
    simulator: Simulator, http: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    """A name that was made to point here, and a web site's own script, get 403 and a sentence, the websocket too."""
    port = simulator.url.rpartition(":")[2]
    headers = {name: value.replace("{port}", port) for name, value in headers.items()}
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    upgrade |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    for path in ("/", "/playground/page.css", "/playground/socket", "/api/v10/users/@me", "/playground/no"):
        async with http.get(simulator.url + path, headers=headers | upgrade) as response:
            assert response.status == 403, path
            assert "The playground" in await response.text()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_its_own_page_is_served(simulator: Simulator, http: aiohttp.ClientSession, host: str) -> None:
    """Under this machine's own names the page and its files come, with a policy that allows nothing from elsewhere."""
    port = simulator.url.rpartition(":")[2]
    headers = {"Host": f"{host}:{port}", "Origin": f"http://{host}:{port}"}
    for path, kind in {"/": "text/html", "/playground/js/app.js": "text/javascript"}.items():
        async with http.get(simulator.url + path, headers=headers) as response:
            assert response.status == 200
            assert response.content_type == kind
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy


async def test_nothing_but_the_page_is_served(simulator: Simulator, http: aiohttp.ClientSession) -> None:
    """No way leads out of the page's folder."""
    for path in ("nothing.js", "js", "%2e%2e/door.py", "js/..%2f..%2fdoor.py", "%2fetc/passwd", "__init__.py"):
        async with http.get(URL(f"{simulator.url}/playground/{path}", encoded=True)) as response:
            assert response.status == 404, path


async def test_an_open_page_does_not_hold_up_the_end(http: aiohttp.ClientSession) -> None:
    """When the simulator ends, open pages are told that it goes away, at once."""
    simulator = Simulator()
    Playground(simulator)
    async with simulator:
        socket = await http.ws_connect(f"{simulator.url}/playground/socket")
        await socket.receive()
        listening = asyncio.create_task(socket.receive())
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 1
    assert (await listening).data == aiohttp.WSCloseCode.GOING_AWAY
