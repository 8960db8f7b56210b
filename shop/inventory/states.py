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
