"""States of a difference between our books and a provider's bill."""

from enum import StrEnum

from shop.core.states import Machine


class DifferenceState(StrEnum):
    """Open until somebody resolves it, or a later run no longer finds it."""

    OPEN = "open"
    RESOLVED = "resolved"


class DifferenceKind(StrEnum):
    """What does not agree. Here is the shop, there the provider."""

    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    AMOUNT = "amount"
    FEE = "fee"
    REFUND = "refund"


_S = DifferenceState
# Resolved opens again only when it had closed by itself and is found anew.
DIFFERENCE = Machine[DifferenceState](
    "reconciliation-difference",
    {_S.OPEN: frozenset({_S.RESOLVED}), _S.RESOLVED: frozenset({_S.OPEN})},
)
