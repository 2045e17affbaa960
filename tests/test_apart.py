"""Conversations stay apart: what was said in one never stands in a prompt of another."""

from __future__ import annotations

import asyncio
import random
import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace

from discord_bot.chat.pacing import Lane, Pacer, Worth
from discord_bot.simulator.model import ModelEndpoint
from discord_bot.simulator.people import Person
from discord_bot.simulator.server import Simulator
from discord_bot.simulator.world import changes
from discord_bot.simulator.world.channels import start_thread
from discord_bot.simulator.world.entities import Channel, ChannelType
from discord_bot.simulator.world.forms import Form
from discord_bot.store import ChannelRules, Place
from tests.running import Running, running

PEOPLE = 24
CHANNELS, THREADS = 300, 80
ALONE = 22
"""Channels in which everybody has a conversation of their own."""
OPENING, QUESTIONS = 24, 3
"""Channels in which the bot opens threads, and how many questions are asked in each."""
AT_ONCE = 60


class Unhurried(Pacer):
    """Everything may go at once, as the simulator has no limits here: this is not about time."""

    def delay(self, now: float, worth: Worth, *, by_token: bool = False) -> float:
        return 0.0

    def lane_delay(self, now: float, lane: Lane, kept: int = 0) -> float:
        return 0.0


@dataclass
class Talk:
    """One conversation: all that is said in it bears its number."""

    number: int
    place: Channel
    people: Sequence[Person]
    address: str
    """What is said before a question."""
    thread: int | None = None
    """Of a question that opens a thread, in which it goes on: the thread's id, and 0 before."""
    lines: int = 0

    async def line(self, here: Running, chance: random.Random, *, asks: bool) -> int:
        """Somebody says something; the message's id."""
        if self.thread:
            self.place = here.simulator.world.channels.get(self.thread, self.place)
        asks = asks if self.thread is None else self.thread == 0
        self.lines += 1
        text = f"secret-{self.number}-{self.lines} {chance.choice(('is it so', 'nobody knows', '你好'))}"
        said = await chance.choice(self.people).send(self.place, f"{self.address} {text}".strip() if asks else text)
        if self.thread == 0:
            self.thread = int(said["id"])
        return int(said["id"])


async def talks(here: Running) -> list[Talk]:
    """A thousand and some conversations, of every kind."""
    world = here.simulator.world
    guilds, people = [world.guild("Harbour"), world.guild("Workshop")], []
    for number in range(PEOPLE):
        user = changes.add_user(world, f"person{number}", f"Person {number}")
        people.append(here.simulator.person(user.username))
        for guild in guilds:
            here.simulator.dispatch(changes.add_member(world, guild, user))
    made: list[Talk] = []

    def place(name: str, number: int) -> Channel:
        channel, events = changes.add_channel(world, guilds[number % 2], f"{name}-{number}")
        here.simulator.dispatch(events)
        return channel

    def talk(channel: Channel, who: Sequence[Person], address: str = here.mention, thread: int | None = None) -> None:
        made.append(Talk(len(made), channel, who, address, thread))

    for number in range(CHANNELS):
        channel = place("shared", number)
        talk(channel, people)
        if number < THREADS:
            form = Form({"name": f"thread-{number}", "type": ChannelType.PUBLIC_THREAD.value})
            thread, events = start_thread(world, people[0].id, channel, form)
            here.simulator.dispatch(events)
            talk(thread, people)
    for person in people:
        talk(await person.open_dm(), [person], "")
    for number in range(ALONE):
        channel = place("alone", number)
        await here.bot.hearing.set_rules(Place("channel", channel.id), ChannelRules(conversation="person"))
        for person in people:
            talk(channel, [person])
    for number in range(OPENING):
        channel = place("opening", number)
        await here.bot.hearing.set_rules(Place("channel", channel.id), ChannelRules(replies="thread"))
        for person in people[:QUESTIONS]:
            talk(channel, [person], thread=0)
    return made


async def test_no_text_of_one_conversation_ever_stands_in_a_prompt_of_another(tmp_path: Path) -> None:
    """A thousand of them in one running bot, in no order: channels of two servers, threads, direct messages, channels
    in which each person has a conversation, and threads that the bot opens."""
    asyncio.get_running_loop().set_debug(False)  # which costs more than all that is tested here
    chance, heard = random.Random(6), set[int]()
    more = "conversation: {parallel_replies: 50, max_channels: 200}"
    answers = [f"answer-{number}." for number in range(5_000)]
    async with Simulator(limits=False) as simulator, ModelEndpoint(answers, pace=0.0) as model:
        model.requests = deque()
        async with running(simulator, model, tmp_path, more=more) as here:
            here.bot.delivery.gate._pacer = Unhurried()
            here.bot.let_hear(SimpleNamespace(on_message=lambda message: heard.add(message.id)))
            made = await talks(here)
            assert len(made) >= 1_000
            lines = [(talk, asks) for talk in made for asks in (False, True)] + [
                (talk, True) for talk in chance.sample(made, 100)
            ]
            chance.shuffle(lines)
            for start in range(0, len(lines), AT_ONCE):
                said = {await talk.line(here, chance, asks=asks) for talk, asks in lines[start : start + AT_ONCE]}
                await here.until(partial(said.issubset, heard), seconds=30)
                await here.idle()
            told = [str(request["messages"]) for request in model.requests]
    belongs: dict[int, int] = {}
    for number, text in enumerate(told):
        talked = {int(each) for each in re.findall(r"secret-(\d+)-", text)}
        talked |= {belongs[int(each)] for each in re.findall(r"answer-(\d+)\.", text)}
        (belongs[number],) = talked
    assert set(belongs.values()) == set(range(len(made)))
    assert sum(len(set(re.findall(r"secret-\d+-\d+|answer-\d+", text))) > 1 for text in told) > 500
