"""What an offer gives: how much comes off each of the lines it covers.

``shares`` answers amounts ≥ 0, one per line in the order given, none above what is left of its line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shop.core.money import percentage, split


class Benefit(Protocol):
    """A way to reduce lines. ``off_minor`` or ``off_bp`` tells people what it is."""

    @property
    def off_minor(self) -> int | None:
        """The fixed amount, if it is one."""

    @property
    def off_bp(self) -> int | None:
        """The basis points, if it is a percentage."""

    def shares(self, left: Sequence[int]) -> list[int]:
        """What comes off lines of which ``left`` minor units are left."""

    def worth(self, goods_minor: int) -> int:
        """What it would take off goods of that worth: to compare steps not reached yet."""


@dataclass(frozen=True, slots=True)
class AmountOff:
    """A fixed amount off all lines together, never more than there is."""

    minor: int

    @property
    def off_minor(self) -> int:
        """The amount."""
        return self.minor

    @property
    def off_bp(self) -> None:
        """Not a percentage."""
        return None

    def shares(self, left: Sequence[int]) -> list[int]:
        """The amount, split in proportion to what is left of each line."""
        return split(self.worth(sum(left)), left)

    def worth(self, goods_minor: int) -> int:
        """The amount, or all of the goods."""
        return min(self.minor, goods_minor)


@dataclass(frozen=True, slots=True)
class PercentageOff:
    """Basis points off the sum, rounded once and split over the lines."""

    basis_points: int

    @property
    def off_minor(self) -> None:
        """Not a fixed amount."""
        return None

    @property
    def off_bp(self) -> int:
        """The percentage."""
        return self.basis_points

    def shares(self, left: Sequence[int]) -> list[int]:
        """The rounded whole, split in proportion to what is left of each line."""
        return split(self.worth(sum(left)), left)

    def worth(self, goods_minor: int) -> int:
        """The percentage, half a minor unit rounded up."""
        return percentage(goods_minor, self.basis_points)


@dataclass(frozen=True, slots=True)
class PercentageOffEach:
    """Basis points off each line by itself: a price of its own, as a member's is."""

    basis_points: int

    @property
    def off_minor(self) -> None:
        """Not a fixed amount."""
        return None

    @property
    def off_bp(self) -> int:
        """The percentage."""
        return self.basis_points

    def shares(self, left: Sequence[int]) -> list[int]:
        """Each line's own percentage, half a minor unit rounded up."""
        return [percentage(amount, self.basis_points) for amount in left]

    def worth(self, goods_minor: int) -> int:
        """The percentage of the sum; single lines may round otherwise."""
        return percentage(goods_minor, self.basis_points)
