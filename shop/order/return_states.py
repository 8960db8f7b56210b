"""The moves of a return: asked for, decided, sent, inspected, and how it ended."""

from enum import StrEnum

from shop.core.states import Machine


class ReturnState(StrEnum):
    """Where a return stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    IN_TRANSIT = "in_transit"
    REFUNDED = "refunded"
    WITHDRAWN = "withdrawn"
    EXCHANGED = "exchanged"
    REPAIRED = "repaired"


class Outcome(StrEnum):
    """What a shopper wants for their goods. ``MONEY``: nothing needs to come back, or nothing came."""

    REFUND = "refund"
    MONEY = "money"
    EXCHANGE = "exchange"
    REPAIR = "repair"


_ENDS = frozenset(
    {
        ReturnState.REFUNDED,
        ReturnState.EXCHANGED,
        ReturnState.REPAIRED,
        ReturnState.WITHDRAWN,
    }
)
"""How it may end once it was approved. Exchanged and repaired is only what was to be: a constraint."""


RETURN = Machine[ReturnState](
    "return",
    {
        ReturnState.REQUESTED: frozenset(
            {ReturnState.APPROVED, ReturnState.REFUSED, ReturnState.WITHDRAWN}
        ),
        # Brought to the shop by hand, goods arrive without a parcel.
        ReturnState.APPROVED: _ENDS | {ReturnState.IN_TRANSIT},
        ReturnState.IN_TRANSIT: _ENDS,
    },
)

ACTIVE = (ReturnState.REQUESTED, ReturnState.APPROVED, ReturnState.IN_TRANSIT)
"""Their units are under return: nothing else may be asked for them."""
