"""The bot's settings in the playground: the same, but with this machine for Discord."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord_bot.config import ModelSettings, ProviderSettings, split_model

if TYPE_CHECKING:
    from pathlib import Path

    from discord_bot.config import Settings
    from discord_bot.simulator.server import Simulator


def lacks_key(settings: Settings) -> bool:
    """Whether the default model's key was to come from a variable that isn't set."""
    return f"providers.{split_model(settings.default_model).provider}.api_key" in settings.unset


def on_this_machine(settings: Settings, simulator: Simulator, directory: Path) -> Settings:
    """The same settings, but with the simulator for Discord, and a store in that directory."""
    discord = settings.discord.model_copy(
        update={"api_url": simulator.api_url, "gateway_url": simulator.gateway_url, "proxy": None}
    )
    return settings.model_copy(
        update={
            "discord": discord,
            "store": settings.store.model_copy(update={"url": f"sqlite:///{directory / 'playground.db'}"}),
        }
    )


def with_stand_in(settings: Settings, base_url: str) -> Settings:
    """The same settings, but with the stand-in for the model."""
    return settings.model_copy(
        update={
            "providers": {"stand-in": ProviderSettings(base_url=base_url)},
            "models": {"stand-in/stand-in": ModelSettings()},
        }
    )
