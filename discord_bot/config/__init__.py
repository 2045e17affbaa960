"""config.yaml and the environment -> `Settings`, every key typed; a wrong file is answered with sentences.

`settings` lists the keys; `sources` fetches the values and `yaml_file` knows YAML; `values` says what a single value
may be; `problems` turns what is wrong into `sentences`; `schema` publishes the keys for editors, `environment` reads
variables that override them, and `proxies` knows which way a connection goes. Neither aiohttp nor discord is loaded.
"""

from discord_bot.config.sentences import render_problems
from discord_bot.config.settings import (
    ModelSettings,
    ProviderSettings,
    Settings,
    load_settings,
    split_model,
)

__all__ = ["ModelSettings", "ProviderSettings", "Settings", "load_settings", "render_problems", "split_model"]
