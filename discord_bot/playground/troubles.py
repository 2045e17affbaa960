"""What can be made to go wrong with one click: each a named fault of Discord's, of the model's, or a permission less.

A trouble is on until it is switched off. Whether it is on is read from where it acts, so it holds for every open page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from discord_bot.simulator.model import Fault, ModelEndpoint
from discord_bot.simulator.world import changes
from discord_bot.simulator.world.permissions import NO_PERMISSIONS, Permission

if TYPE_CHECKING:
    from discord_bot.simulator.faults import Faults, RestFault
    from discord_bot.simulator.server import Simulator
    from discord_bot.simulator.world.entities import Channel

PATIENCE = 2.0
"""Seconds that Discord wants to be left alone for where it answers 429."""


class Trouble(Protocol):
    """Something that can go wrong."""

    @property
    def is_on(self) -> bool:
        """Whether it goes wrong now."""

    def switch(self, *, on: bool) -> None:
        """Let it go wrong, or right again."""


class _OfModel:
    """A fault of the model's; of the stand-in, because nobody's real model is to be broken from here."""

    def __init__(self, model: ModelEndpoint, fault: Fault) -> None:
        self._model, self._fault = model, fault

    @property
    def is_on(self) -> bool:
        return self._fault in self._model.standing

    def switch(self, *, on: bool) -> None:
        (self._model.standing.add if on else self._model.standing.discard)(self._fault)


class _OfRest:
    """A fault of the REST API, for each `every`th request."""

    def __init__(self, faults: Faults, fault: RestFault, every: int = 1) -> None:
        self._faults, self._fault, self._every = faults, fault, every
        self._withdraw: Callable[[], None] | None = None

    @property
    def is_on(self) -> bool:
        return self._withdraw is not None

    def switch(self, *, on: bool) -> None:
        if self._withdraw is not None:
            self._withdraw()
        self._withdraw = self._faults.rest(self._fault, times=None, seconds=PATIENCE, every=self._every) if on else None


class _OfGateway:
    """The gateway's sockets break, and no new one can be opened."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    @property
    def is_on(self) -> bool:
        return not self._simulator.gateway.is_open

    def switch(self, *, on: bool) -> None:
        if on:
            self._simulator.faults.gateway("closed")
        else:
            self._simulator.gateway.is_open = True


class _OfPermissions:
    """Permissions that the bot has lost in every channel, by overwrites such as a server's owner would set."""

    def __init__(self, simulator: Simulator, lost: Permission) -> None:
        self._simulator, self._lost = simulator, lost

    @property
    def is_on(self) -> bool:
        return any(self._denied(channel) & self._lost for channel in self._channels())

    def switch(self, *, on: bool) -> None:
        world = self._simulator.world
        for channel in self._channels():
            known = channel.overwrites.get(world.bot.id)
            denied = self._denied(channel)
            denied = denied | self._lost if on else denied & ~self._lost
            allowed = known.allow if known else NO_PERMISSIONS
            self._simulator.dispatch(changes.set_overwrite(world, channel, world.bot, allow=allowed, deny=denied))

    def _channels(self) -> list[Channel]:
        world = self._simulator.world
        return [channel for guild_id in world.guilds for channel in world.channels_of(guild_id)]

    def _denied(self, channel: Channel) -> Permission:
        known = channel.overwrites.get(self._simulator.world.bot.id)
        return known.deny if known else NO_PERMISSIONS


class Troubles:
    """The troubles of one playground, by name; where the stand-in is not asked, there are none of the model's."""

    def __init__(self, simulator: Simulator, model: ModelEndpoint | None) -> None:
        of_model: dict[str, Trouble] = {}
        if model is not None:
            of_model = {
                "slow-model": _OfModel(model, Fault.SLOW),
                "cut-stream": _OfModel(model, Fault.CUT),
                "model-429": _OfModel(model, Fault.RATE_LIMITED),
            }
        self._all: Mapping[str, Trouble] = of_model | {
            "discord-down": _OfRest(simulator.faults, "500"),
            "discord-429": _OfRest(simulator.faults, "429", every=2),
            "gateway-lost": _OfGateway(simulator),
            "no-webhooks": _OfPermissions(simulator, Permission.MANAGE_WEBHOOKS),
            "no-writing": _OfPermissions(simulator, Permission.SEND_MESSAGES | Permission.SEND_MESSAGES_IN_THREADS),
            "no-history": _OfPermissions(simulator, Permission.READ_MESSAGE_HISTORY),
        }

    def state(self) -> dict[str, bool]:
        """Which troubles there are, and whether each is on."""
        return {name: trouble.is_on for name, trouble in self._all.items()}

    def switch(self, name: str, *, on: bool) -> None:
        """Let one go wrong, or right again; KeyError for one that isn't there."""
        trouble = self._all[name]
        if trouble.is_on != on:
            trouble.switch(on=on)

    def end(self) -> None:
        """Let everything go right again."""
        for trouble in self._all.values():
            if trouble.is_on:
                trouble.switch(on=False)
