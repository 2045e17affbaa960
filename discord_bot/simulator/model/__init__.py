"""A chat completions endpoint on this machine: fixed scripts, named faults, and the stand-in model.

`endpoint` is the server; `scripts` is what it can be told to answer, `refusals` how it refuses, `performance` one
answer on its way, and `stand_in` the model that answers where no script says otherwise.
"""

from discord_bot.simulator.model.endpoint import ModelEndpoint
from discord_bot.simulator.model.scripts import Fault, Raw, Reply, Turn

__all__ = ["Fault", "ModelEndpoint", "Raw", "Reply", "Turn"]
