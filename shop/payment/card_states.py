"""States of gift cards and balances."""

from enum import StrEnum

from shop.core.states import Machine


class CardState(StrEnum):
    """Whether a card may pay. What is over stays over: money that comes back then goes to a new one."""

    ACTIVE = "active"
    EXPIRED = "expired"
    VOID = "void"


CARD = Machine[CardState](
    "gift-card", {CardState.ACTIVE: frozenset({CardState.EXPIRED, CardState.VOID})}
)


class EntryKind(StrEnum):
    """Why money moved on a card."""

    ISSUED = "issued"
    CREDITED = "credited"
    PAID = "paid"
    RETURNED = "returned"
    EXPIRED = "expired"
    VOIDED = "voided"
