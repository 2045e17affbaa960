"""config.yaml and the environment -> `Settings`, every key typed; a wrong file is answered with sentences.

`settings` lists the keys, those of `models` and `permissions` with their own files; `loading` puts the values together,
which `sources` fetches, and `yaml_file` knows YAML; `values` says what a single value may be; `problems` turns what is
wrong into `sentences`; `schema` publishes the keys for editors, `environment` reads variables that override them, and
`proxies` knows which way a connection goes. Neither aiohttp nor discord is loaded.
"""

from discord_bot.config.loading import load_settings
from discord_bot.config.models import ModelSettings, ProviderSettings, split_model
from discord_bot.config.sentences import render_problems
from discord_bot.config.settings import Settings

__all__ = ["ModelSettings", "ProviderSettings", "Settings", "load_settings", "render_problems", "split_model"]
