"""A chat completions endpoint on this machine: fixed scripts and named faults, and `stand_in`, the stand-in model."""
