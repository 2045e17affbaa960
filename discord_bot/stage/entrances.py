"""A persona enters a channel: it is set there, the conversation goes on or starts afresh, and it greets.

A greeting is the persona's own words. It is sent as a reply to the sentence that announces it, which tells it apart
from an answer's further page, also when the channel is read back; and it stands in the buffer at that sentence's place,
behind the mark of what is forgotten.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import discord

from discord_bot import bindings, reading
from discord_bot.bindings import HERE, plain
from discord_bot.buttons import Button, Lasting, view
from discord_bot.chat.buffer import BufferedMessage
from discord_bot.chat.macros import Macros
from discord_bot.chat.pacing import Worth
from discord_bot.chat.pages import paginate
from discord_bot.commands import tell
from discord_bot.persona_sentences import PERSONAS
from discord_bot.sentences import SAID
from discord_bot.voices import telling

if TYPE_CHECKING:
    from discord_bot.bot import ChatBot
    from discord_bot.chat.persona import Persona
    from discord_bot.personas import Known
    from discord_bot.sentences import Language
    from discord_bot.store import Voice

    Interaction = discord.Interaction[ChatBot]

GREETING_PAGES: Final = 5
"""Messages that a greeting may fill: what is longer is no greeting, and a button has no room for more ids."""


async def let_speak(
    interaction: Interaction,
    known: Known,
    where: str = HERE,
    *,
    voice: Voice | None = None,
    keep: bool = True,
    greet: bool = True,
) -> None:
    """Sets a persona for a place, tells everybody there, and lets it greet; or says why the person may not."""
    bot = interaction.client
    place = await bindings.place_for(interaction, "persona", where)
    if place is None:
        return
    if not keep and (refusal := bot.refusal(interaction, bot.settings.permissions.forget)):
        await bindings.say(interaction, refusal)
        return
    assert interaction.channel_id is not None  # a command always comes from a channel
    before = await telling.voice_before(interaction, where)
    await bot.store.bind("persona", place, known.name, voice)
    if not keep:
        await bot.store.forget(interaction.channel_id, interaction.id)
    language = bot.language_for(interaction)
    key = "persona_set_server" if place.kind == "guild" else "persona_set_here"
    sentence = SAID.say(key, language, name=plain(known.name))
    if keep:
        told = await interaction.response.send_message(sentence, view=view(Afresh.labelled(language)))
    else:
        told = await interaction.response.send_message(f"{sentence} {PERSONAS.say('persona_afresh', language)}")
    persona = await bot.personas.persona(bindings.library_here(interaction), known)
    await telling.settle(interaction, place, persona, voice, before)
    if greet and place.kind == "channel":
        await _greet(interaction, persona, known, told.message_id)


async def start_afresh(interaction: Interaction) -> None:
    """Marks that what was written before is no longer part of the conversation here, and lets the persona greet."""
    bot, language = interaction.client, interaction.client.language_for(interaction)
    if refusal := bot.refusal(interaction, bot.settings.permissions.forget):
        await interaction.response.send_message(SAID.say(refusal, language), ephemeral=True)
        return
    assert interaction.channel_id is not None  # a command always comes from a channel
    # The interaction's id is a snowflake of the same clock as the messages', so it stands between them.
    await bot.store.forget(interaction.channel_id, interaction.id)
    told = await interaction.response.send_message(SAID.say("forgotten", language))
    speaking = await bot.persona_in(await bindings.state_of(interaction), bindings.library_here(interaction))
    await _greet(interaction, speaking.persona, speaking.known, told.message_id)


# ---- greetings -------------------------------------------------------------------------------------------------------


def greetings_of(persona: Persona) -> list[str]:
    """The greetings that there is something to read in."""
    return [each for each in persona.greetings if each.strip()]


def pages_of(persona: Persona, index: int, user: str) -> list[str]:
    """One of its greetings to somebody, as Discord takes it."""
    text = Macros(persona.called, user, index).expand(greetings_of(persona)[index])
    return paginate(text)[:GREETING_PAGES]


async def _greet(interaction: Interaction, persona: Persona, known: Known, behind: int | None) -> None:
    """Sends the first greeting behind the sentence that announced it, and remembers it as the persona's words."""
    bot, channel = interaction.client, interaction.channel
    if not bot.settings.conversation.greeting or not greetings_of(persona) or behind is None:
        return
    if not isinstance(channel, discord.abc.Messageable):
        return
    conversation = bot.conversations.open(channel.id)
    reference = discord.MessageReference(message_id=behind, channel_id=channel.id, fail_if_not_exists=False)
    pages = pages_of(persona, 0, reading.name_of(interaction.user))
    ids: list[int] = []
    try:
        for page in pages:
            row = _leafing(persona, known, 0, ids) if len(ids) == len(pages) - 1 else None
            async with bot.delivery.gate.request(Worth.TEXT):
                sent = await _send(channel, page, row, None if ids else reference)
            ids.append(sent.id)
            conversation.remember(_as_own(bot, sent.id, page, behind))
    except discord.Forbidden:
        await tell(interaction, PERSONAS.say("greeting_forbidden", bot.language_for(interaction)))


async def _send(
    channel: discord.abc.Messageable,
    page: str,
    row: discord.ui.View | None,
    reference: discord.MessageReference | None = None,
) -> discord.Message:
    given: dict[str, Any] = {"view": row, "reference": reference}
    how = {key: value for key, value in given.items() if value is not None}
    message: discord.Message = await channel.send(page, mention_author=False, **how)
    return message


def _as_own(bot: ChatBot, message_id: int, page: str, answers: int | None) -> BufferedMessage:
    return BufferedMessage(message_id, bot.me.id, bot.me.name, page, own=True, answers=answers)


def _leafing(persona: Persona, known: Known, index: int, before: list[int]) -> discord.ui.View | None:
    """The buttons below a greeting, where there is more than one; they know the messages above of the same greeting."""
    count = len(greetings_of(persona))
    if count < 2:
        return None
    return view(
        Leaf.leading_to((index - 1) % count, "l", known, before),
        Leaf.counting(index + 1, count, known, before),
        Leaf.leading_to((index + 1) % count, "r", known, before),
    )


class Leaf(
    Lasting,
    template=r"greeting:(?P<key>[0-9a-f]{16}):(?P<index>\d{1,5})(?P<direction>[lrc]):(?P<before>[0-9a-z.]*)",
):
    """Lets another one of a persona's greetings stand there."""

    @classmethod
    def leading_to(cls, index: int, direction: str, known: Known, before: list[int]) -> Leaf:
        """The button that leads to that greeting."""
        ids = ".".join(_short(each) for each in before)
        return cls(
            Button(
                label="◀" if direction == "l" else "▶",
                style=discord.ButtonStyle.secondary,
                custom_id=f"greeting:{known.key}:{index}{direction}:{ids}",
            )
        )

    @classmethod
    def counting(cls, number: int, count: int, known: Known, before: list[int]) -> Leaf:
        """What stands between the two: which greeting this is, of how many."""
        leaf = cls.leading_to(number - 1, "c", known, before)
        leaf.item.label, leaf.item.disabled = f"{number}/{count}", True
        return leaf

    async def press(self, interaction: Interaction) -> None:
        """Who may start a conversation afresh may choose how it begins."""
        bot, language = interaction.client, interaction.client.language_for(interaction)
        if refusal := bot.refusal(interaction, bot.settings.permissions.forget):
            await tell(interaction, SAID.say(refusal, language))
            return
        key, index, _, before = self.facts
        library = bindings.library_here(interaction)
        known = await bot.personas.by_key(library, key)
        persona = await bot.personas.persona(library, known) if known is not None else None
        if known is None or persona is None or not greetings_of(persona):
            await tell(interaction, PERSONAS.say("greeting_gone", language))
            return
        await interaction.response.defer()
        assert interaction.message is not None  # a button stands below a message
        ids = [*(int(each, 36) for each in before.split(".") if each), interaction.message.id]
        await _replace(interaction, persona, known, int(index) % len(greetings_of(persona)), ids)


async def _replace(interaction: Interaction, persona: Persona, known: Known, index: int, ids: list[int]) -> None:
    """Lets another greeting stand in these messages: in fewer of them, or in more, where it is shorter or longer."""
    bot, channel = interaction.client, interaction.channel
    if not isinstance(channel, (discord.abc.Messageable, discord.PartialMessageable)) or not hasattr(
        channel, "get_partial_message"
    ):
        return
    conversation = bot.conversations.open(channel.id)
    first = conversation.buffer.get(ids[0])
    pages = pages_of(persona, index, reading.name_of(interaction.user))
    standing: list[int] = []
    for number, page in enumerate(pages):
        row = _leafing(persona, known, index, standing) if number == len(pages) - 1 else None
        if number < len(ids):
            async with bot.delivery.gate.request(Worth.TEXT):
                await channel.get_partial_message(ids[number]).edit(content=page, view=row)
            standing.append(ids[number])
            if (remembered := conversation.buffer.get(ids[number])) is not None:
                conversation.revise(replace(remembered, content=page))
        else:
            async with bot.delivery.gate.request(Worth.TEXT):
                standing.append((await _send(channel, page, row)).id)
            conversation.remember(_as_own(bot, standing[-1], page, first.answers if first is not None else None))
    for spare in ids[len(pages) :]:
        async with bot.delivery.gate.request(Worth.TEXT):
            await channel.get_partial_message(spare).delete()
        conversation.remove((spare,))


def _short(number: int) -> str:
    """A number in the digits and letters of base 36."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    written = ""
    while number:
        number, rest = divmod(number, 36)
        written = digits[rest] + written
    return written or "0"


# ---- buttons ---------------------------------------------------------------------------------------------------------


class Afresh(Lasting, template=r"persona:afresh"):
    """Starts the conversation afresh, as /forget does."""

    @classmethod
    def labelled(cls, language: Language) -> Afresh:
        """The button, in that language."""
        return cls(Button(label=PERSONAS.say("button_afresh", language), custom_id="persona:afresh"))

    async def press(self, interaction: Interaction) -> None:
        """Like the command."""
        await start_afresh(interaction)


class Speak(Lasting, template=r"persona:speak:(?P<key>[0-9a-f]{16})"):
    """Lets a persona speak in the channel in which its button stands."""

    @classmethod
    def of(cls, known: Known, language: Language) -> Speak:
        """The button for a persona."""
        return cls(
            Button(
                label=PERSONAS.say("button_speak", language),
                style=discord.ButtonStyle.primary,
                custom_id=f"persona:speak:{known.key}",
            )
        )

    async def press(self, interaction: Interaction) -> None:
        """Like /persona set."""
        bot = interaction.client
        known = await bot.personas.by_key(bindings.library_here(interaction), self.facts[0])
        if known is None:
            await tell(interaction, PERSONAS.say("button_persona_gone", bot.language_for(interaction)))
        else:
            await let_speak(interaction, known)
