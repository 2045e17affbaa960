"""What a persona greets with: its own words, under its own name and face, with ◀ ▶ for the others that it has.

A greeting answers the sentence that announces it: by a reference; or, through a webhook, which has none, by standing
right below it or by the line that leads to it. That tells it apart from an answer's further page, also when the channel
is read back; and it stands in the buffer at that sentence's place, behind the mark of what is forgotten.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import discord

from discord_bot import bindings, reading
from discord_bot.bindings import plain
from discord_bot.buttons import Button, Lasting, view
from discord_bot.chat.macros import Macros
from discord_bot.delivery import BotSender, Sent
from discord_bot.interactions import acknowledge, tell
from discord_bot.sentences import SAID, explain
from discord_bot.voices import webhook_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from discord_bot.bot import ChatBot
    from discord_bot.chat.persona import Persona
    from discord_bot.delivery import Reply, Sender
    from discord_bot.personas import Known
    from discord_bot.store import Voice

    Interaction = discord.Interaction[ChatBot]

NAMED_ABOVE: Final = 4
"""Messages above the last one of a greeting that its buttons have room to name."""


def greetings_of(persona: Persona) -> list[str]:
    """The greetings that there is something to read in."""
    return [persona.greetings[index] for index in persona.greets_with]


async def greet(
    interaction: Interaction,
    persona: Persona,
    known: Known,
    voice: Voice | None,
    *,
    behind: discord.Message,
) -> None:
    """Lets a persona say its first greeting behind the sentence that announced it."""
    bot = interaction.client
    if not bot.settings.conversation.greeting or not greetings_of(persona):
        return
    if not isinstance(interaction.channel, discord.abc.Messageable) or bindings.why_mute(interaction) is not None:
        return
    name = await _name_above(interaction, behind, persona)
    sender = await bot.voices.sender(behind, persona, voice, None, name)
    try:
        await _Greeting(interaction, persona, known, 0).stand(behind, sender)
    except discord.HTTPException as error:
        if isinstance(error, discord.DiscordServerError):
            raise
        await tell(interaction, SAID.say("greeting_forbidden", bot.language_for(interaction)))


async def _name_above(interaction: Interaction, said: discord.Message, persona: Persona) -> str | None:
    """What has to stand above a persona's words in that channel, as above its answers there."""
    bot = interaction.client
    cast = await bot.speaking_in(await bindings.state_of(interaction), bindings.library_here(interaction))
    name = reading.own_name(said, bot.me)
    return next((each.name_above(name) for each in cast if each.persona.name == persona.name), None)


class _Greeting:
    """One of a persona's greetings to somebody, as it stands in a channel."""

    def __init__(self, interaction: Interaction, persona: Persona, known: Known, index: int) -> None:
        self._bot, self._persona, self._known = interaction.client, persona, known
        self._explain = partial(explain, language=self._bot.language_for(interaction))
        self._index = index
        user = reading.name_of(interaction.user)
        self._text = Macros(persona.called, user, index).expand(greetings_of(persona)[index])

    async def stand(self, question: discord.Message, sender: Sender | None, standing: Sequence[Sent] = ()) -> bool:
        """Lets it stand there, in the place of an earlier one where there is one, and remembers it as said.

        False where that earlier one is out of reach, such as that of a webhook which somebody deleted.
        """
        reply = await self._delivered(question, sender, standing, self._leafing(()))
        if above := reply.sent[:-1]:  # the buttons name the messages above, which are known only now
            row = self._leafing([page.id for page in above])
            reply = await self._delivered(question, reply.sender, reply.sent, row)
        if not reply.gone:
            self._remember(question, reply, standing)
        return not reply.gone

    async def _delivered(
        self, question: discord.Message, sender: Sender | None, standing: Sequence[Sent], row: discord.ui.View | None
    ) -> Reply:
        reply = self._bot.delivery.reply(question, self._explain, standing=standing, sender=sender)
        async with reply:
            reply.controls = row
            await reply.finish(self._text)
        return reply

    def _remember(self, question: discord.Message, reply: Reply, before: Sequence[Sent]) -> None:
        """Lets the buffer hold what stands there; of a greeting that it does not reach back to, nothing."""
        conversation = self._bot.conversations.open(question.channel.id)
        known = {page.id: conversation.buffer.get(page.id) for page in before}
        first = next((each for each in known.values() if each is not None), None)
        conversation.remove(known.keys() - {page.id for page in reply.pages})
        if before and first is None:
            return
        name = reading.as_speaker(webhook_name(self._persona.called))
        for page in reply.pages:
            said = reading.answer(page, page.content, question, self._bot.me, name)._replace(
                first_page=reply.pages[0].id if page is not reply.pages[0] else None,
                greeting=self._index,
            )
            conversation.remember(said if first is None else said._replace(answers=first.answers))

    def _leafing(self, above: Sequence[int]) -> discord.ui.View | None:
        """The buttons below it, where there are others; they know the messages above that belong to it."""
        count = len(greetings_of(self._persona))
        if count < 2 or len(above) > NAMED_ABOVE:
            return None
        return view(
            Leaf.leading_to((self._index - 1) % count, "l", self._known, above),
            Leaf.counting(self._index + 1, count, self._known, above),
            Leaf.leading_to((self._index + 1) % count, "r", self._known, above),
        )


class Leaf(Lasting, template=reading.GREETING):
    """Lets another one of a persona's greetings stand there."""

    @classmethod
    def leading_to(cls, index: int, direction: str, known: Known, above: Iterable[int]) -> Leaf:
        """The button that leads to that greeting."""
        ids = ".".join(_short(each) for each in above)
        return cls(
            Button(
                label="◀" if direction == "l" else "▶",
                style=discord.ButtonStyle.secondary,
                custom_id=f"greeting:{known.key}:{index}{direction}:{ids}",
            )
        )

    @classmethod
    def counting(cls, number: int, count: int, known: Known, above: Iterable[int]) -> Leaf:
        """What stands between the two: which greeting this is, of how many."""
        leaf = cls.leading_to(number - 1, "c", known, above)
        leaf.item.label, leaf.item.disabled = f"{number}/{count}", True
        return leaf

    async def press(self, interaction: Interaction) -> None:
        """Who may start a conversation afresh may choose how it begins."""
        bot, language = interaction.client, interaction.client.language_for(interaction)
        if refusal := bot.refusal(interaction, bot.settings.permissions.forget):
            await tell(interaction, SAID.say(refusal, language))
            return
        key, index, _, above = self.facts
        library = bindings.library_here(interaction)
        known = await bot.personas.by_key(library, key)
        persona = await bot.personas.persona(library, known) if known is not None else None
        if known is None or persona is None or not greetings_of(persona):
            await tell(interaction, SAID.say("greeting_gone", language))
            return
        await acknowledge(interaction.response.defer)
        page = interaction.message
        assert page is not None  # a button stands below a message
        ids = [int(each, 36) for each in above.split(".") if each]
        sender: Sender = BotSender(page, await _name_above(interaction, page, persona))
        if written := _through_webhook(bot, page, ids):
            again = await bot.voices.again(page, written)
            if again is None:
                await tell(interaction, SAID.say("voice_lacks_webhooks", language, name=plain(persona.name)))
                return
            sender = await bot.voices.sender(page, persona, "webhook", again)  # a longer one needs further messages
        assert not isinstance(page.channel, discord.GroupChannel)  # in which no bot ever is
        standing = [*(Sent(page.channel.get_partial_message(each)) for each in ids), Sent(page)]
        greeting = _Greeting(interaction, persona, known, int(index) % len(greetings_of(persona)))
        if not await greeting.stand(page, sender, standing):
            await tell(interaction, SAID.say("greeting_gone", language))


def _through_webhook(bot: ChatBot, page: discord.Message, above: Iterable[int]) -> set[int]:
    """Which messages of a greeting went through a webhook; of those that are not remembered, what the last one did."""
    buffer = bot.conversations.open(page.channel.id).buffer
    written = {page.id} if page.webhook_id is not None else set()
    for message_id in above:
        known = buffer.get(message_id)
        if page.webhook_id is not None if known is None else known.author_id != bot.me.id:
            written.add(message_id)
    return written


def _short(number: int) -> str:
    """A number in the digits and letters of base 36."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    written = ""
    while number:
        number, rest = divmod(number, 36)
        written = digits[rest] + written
    return written or "0"
