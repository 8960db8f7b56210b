"""What happens to an order that is fetched, until it is handed over."""

from enum import StrEnum

from shop.core.states import Machine


class PickupState(StrEnum):
    """Where the goods of a pick-up stand."""

    WAITING = "waiting"
    READY = "ready"
    COLLECTED = "collected"


PICKUP = Machine[PickupState](
    "pickup",
    {
        # Who comes before the shop said "ready" gets the goods all the same.
        PickupState.WAITING: frozenset({PickupState.READY, PickupState.COLLECTED}),
        PickupState.READY: frozenset({PickupState.COLLECTED}),
    },
)
