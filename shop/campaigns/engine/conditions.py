"""What must hold before an offer's step counts."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Ground:
    """What conditions are measured on: the lines an offer covers, and who buys."""

    goods_minor: int
    user_id: int | None


class Condition(Protocol):
    """A question to the ground."""

    def met(self, ground: Ground) -> bool:
        """Whether it holds."""


@dataclass(frozen=True, slots=True)
class GoodsFrom:
    """The goods covered are worth at least ``minor`` after the earlier lanes."""

    minor: int

    def met(self, ground: Ground) -> bool:
        """Whether the worth is reached; exactly the amount is enough."""
        return ground.goods_minor >= self.minor


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The customer is a user of the shop."""

    def met(self, ground: Ground) -> bool:
        """Whether the buyer is known."""
        return ground.user_id is not None
