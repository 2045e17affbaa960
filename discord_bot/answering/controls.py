"""The buttons below a reply: how they look, and what each says of itself when it is pressed.

A button's custom id carries all that is needed to act on it, so that those from before a restart work too. What happens
when one is pressed is not known here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Self

import discord

from discord_bot.sentences import SAID

if TYPE_CHECKING:
    from discord_bot.answering.exchanges import Exchange
    from discord_bot.bot import ChatBot
    from discord_bot.chat.versions import Versions
    from discord_bot.sentences import Language


class Action(StrEnum):
    """What a button does."""

    STOP = "stop"
    AGAIN = "again"
    CONTINUE = "continue"
    EARLIER = "earlier"
    LATER = "later"

    @property
    def setting(self) -> str:
        """The word that allows it in `delivery.controls`: who may have new answers may leaf through them."""
        return "again" if self in (Action.EARLIER, Action.LATER) else self.value


TEMPLATE = (
    rf"reply:(?P<action>{'|'.join(Action)}):(?P<question>[0-9]{{1,20}}):(?P<asker>[0-9]{{1,20}})"
    r"(?::(?P<persona>[0-9a-f]{16}))?"
)
"""What a custom id looks like; at most 100 characters. Older ones say nothing of the persona.
https://discord.com/developers/docs/components/reference#anatomy-of-a-component-custom-id
"""
ARROWS = {Action.EARLIER: "◀", Action.LATER: "▶"}


@dataclass(frozen=True, slots=True)
class Press:
    """What a button says of itself: what to do, with the reply to which question, and who asked and answered that."""

    action: Action
    question_id: int
    asker_id: int
    persona: str = ""
    """The key of who answered; empty where that is not known."""

    @classmethod
    def of(cls, action: str, question_id: str, asker_id: str, persona: str) -> Self:
        """The press of a button whose custom id holds these, as its template finds them."""
        return cls(Action(action), int(question_id), int(asker_id), persona)

    @property
    def custom_id(self) -> str:
        """The button's custom id."""
        persona = f":{self.persona}" if self.persona else ""
        return f"reply:{self.action}:{self.question_id}:{self.asker_id}{persona}"


class Controls:
    """The buttons of one reply, in the language of who asked; those that the owner wants."""

    def __init__(self, press: Press, wanted: Collection[str], language: Language) -> None:
        """`press` is that of any of them: they differ in the action alone."""
        self._press = press
        self._wanted = frozenset(wanted)
        self._language = language

    def while_growing(self) -> discord.ui.View | None:
        """Below a reply that is being written; None for no buttons."""
        return self._view([self._button(Action.STOP)])

    def at_the_end(self, versions: Versions) -> discord.ui.View | None:
        """Below a reply that is whole: leafing where there are several answers, and what can be done with this one."""
        buttons: list[discord.ui.Button[discord.ui.View] | None] = []
        if len(versions) > 1:
            earlier = self._button(Action.EARLIER, disabled=versions.position == 1)
            later = self._button(Action.LATER, disabled=versions.position == len(versions))
            place = f"{versions.position}/{len(versions)}"
            buttons += [earlier, earlier and _label(place), later]
        if versions.shown is not None and versions.shown.unfinished:
            buttons.append(self._button(Action.CONTINUE))
        return self._view([*buttons, self._button(Action.AGAIN)])

    def _button(self, action: Action, *, disabled: bool = False) -> discord.ui.Button[discord.ui.View] | None:
        """The button; None where the owner does not want it."""
        if action.setting not in self._wanted:
            return None
        label = ARROWS.get(action) or SAID.say(f"button_{action}", self._language)
        custom_id = replace(self._press, action=action).custom_id
        return discord.ui.Button(label=label, custom_id=custom_id, disabled=disabled)

    def _view(self, buttons: list[discord.ui.Button[discord.ui.View] | None]) -> discord.ui.View | None:
        shown = [button for button in buttons if button is not None]
        if not shown:
            return None
        view = discord.ui.View(timeout=None)
        for button in shown:
            view.add_item(button)
        view.stop()  # so that discord.py does not keep it for this message: presses are recognised by their custom id
        return view


def controls_of(bot: ChatBot, exchange: Exchange, language: Language) -> Controls:
    """The buttons of the reply in that exchange."""
    press = Press(Action.AGAIN, exchange.message.id, exchange.message.author.id, exchange.key)
    return Controls(press, bot.settings.delivery.controls, language)


def _label(text: str) -> discord.ui.Button[discord.ui.View]:
    """Words between buttons: Discord has nothing else than a button that can't be pressed."""
    return discord.ui.Button(label=text, custom_id="reply:place", disabled=True)
