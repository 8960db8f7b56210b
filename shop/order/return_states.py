"""The moves of a return: asked for, decided, sent, inspected, paid back."""

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


RETURN = Machine[ReturnState](
    "return",
    {
        ReturnState.REQUESTED: frozenset(
            {ReturnState.APPROVED, ReturnState.REFUSED, ReturnState.WITHDRAWN}
        ),
        # Brought to the shop by hand, goods arrive without a parcel.
        ReturnState.APPROVED: frozenset(
            {ReturnState.IN_TRANSIT, ReturnState.REFUNDED, ReturnState.WITHDRAWN}
        ),
        ReturnState.IN_TRANSIT: frozenset({ReturnState.REFUNDED, ReturnState.WITHDRAWN}),
    },
)

ACTIVE = (ReturnState.REQUESTED, ReturnState.APPROVED, ReturnState.IN_TRANSIT)
"""Their units are under return: nothing else may be asked for them."""
