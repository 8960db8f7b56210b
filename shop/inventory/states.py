"""The moves that transfers, counts and purchase orders may make."""

from enum import StrEnum

from shop.core.states import Machine


class TransferState(StrEnum):
    """Where the goods of a transfer are."""

    DRAFT = "draft"
    SENT = "sent"
    DONE = "done"
    CANCELLED = "cancelled"


class CountState(StrEnum):
    """Whether a count goes on."""

    OPEN = "open"
    APPLIED = "applied"
    CANCELLED = "cancelled"


TRANSFER = Machine[TransferState](
    "transfer",
    {
        TransferState.DRAFT: frozenset({TransferState.SENT, TransferState.CANCELLED}),
        TransferState.SENT: frozenset({TransferState.DONE}),
    },
)

COUNT = Machine[CountState](
    "count", {CountState.OPEN: frozenset({CountState.APPLIED, CountState.CANCELLED})}
)


class PurchaseState(StrEnum):
    """How much of what was ordered has come."""

    DRAFT = "draft"
    ORDERED = "ordered"
    PARTLY_RECEIVED = "partly_received"
    RECEIVED = "received"
    CANCELLED = "cancelled"


PURCHASE = Machine[PurchaseState](
    "purchase",
    {
        PurchaseState.DRAFT: frozenset({PurchaseState.ORDERED, PurchaseState.CANCELLED}),
        PurchaseState.ORDERED: frozenset(
            {PurchaseState.PARTLY_RECEIVED, PurchaseState.RECEIVED, PurchaseState.CANCELLED}
        ),
        # Also closed by hand, when the rest will not come any more.
        PurchaseState.PARTLY_RECEIVED: frozenset({PurchaseState.RECEIVED}),
    },
)

EXPECTED = (PurchaseState.ORDERED, PurchaseState.PARTLY_RECEIVED)
"""States in which goods are still to come."""
