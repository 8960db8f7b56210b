"""How much of everything: small in `make test`, full in `make soak`."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """The sizes of races, kills and property tests."""

    trials: int
    """How often a race is run."""
    sequences: int
    """How many random sequences a property test tries."""
    lives: int
    """How many lives of a shop are lived at random, over all databases: each step is checked whole."""
    steps: int
    """How long such a life is."""
    requests: int
    """How many hostile requests are sent."""
    kills: int
    """How often a process is killed in the middle of its work."""


SOAK = bool(os.environ.get("XIAOPU_SOAK"))
SIZES = Sizes(50, 5000, 2400, 25, 10_000, 20) if SOAK else Sizes(2, 100, 100, 15, 400, 2)
