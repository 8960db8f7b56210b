"""States of payment attempts and refunds (design: payments, States)."""

from enum import StrEnum

from shop.core.states import Machine


class AttemptState(StrEnum):
    """One attempt at a payment. Paid never goes back."""

    CREATED = "created"
    PENDING = "pending"
    UNKNOWN = "unknown"
    PAID = "paid"
    CLOSED = "closed"
    FAILED = "failed"


class RefundState(StrEnum):
    """One refund. Active ones reserve balance; failed ones do not."""

    CREATED = "created"
    SUBMITTED = "submitted"
    UNKNOWN = "unknown"
    PROCESSING = "processing"
    ABNORMAL = "abnormal"
    DONE = "done"
    MANUAL = "manual"
    FAILED = "failed"


_A = AttemptState
ATTEMPT = Machine[AttemptState](
    "payment-attempt",
    {
        _A.CREATED: frozenset({_A.PENDING, _A.UNKNOWN, _A.PAID, _A.CLOSED, _A.FAILED}),
        _A.PENDING: frozenset({_A.UNKNOWN, _A.PAID, _A.CLOSED, _A.FAILED}),
        _A.UNKNOWN: frozenset({_A.PENDING, _A.PAID, _A.CLOSED, _A.FAILED}),
        # Late money is legal: it takes the stock again or is refunded whole.
        _A.CLOSED: frozenset({_A.PAID}),
        _A.FAILED: frozenset({_A.PAID}),
    },
)

_R = RefundState
REFUND = Machine[RefundState](
    "refund",
    {
        _R.CREATED: frozenset({_R.SUBMITTED, _R.MANUAL, _R.FAILED}),
        _R.SUBMITTED: frozenset({_R.UNKNOWN, _R.PROCESSING, _R.ABNORMAL, _R.DONE, _R.FAILED}),
        _R.UNKNOWN: frozenset({_R.SUBMITTED, _R.PROCESSING, _R.ABNORMAL, _R.DONE, _R.FAILED}),
        _R.PROCESSING: frozenset({_R.DONE, _R.FAILED, _R.ABNORMAL}),
        _R.ABNORMAL: frozenset({_R.DONE, _R.MANUAL, _R.PROCESSING}),
        # Tried again under a new number, or done by hand: the share is reserved again first.
        _R.FAILED: frozenset({_R.CREATED, _R.MANUAL}),
    },
)

ACTIVE_REFUNDS = frozenset(RefundState) - {RefundState.FAILED}

BY_HAND = frozenset({"transfer"})
"""Gateways whose refunds nobody pays out but staff: they wait until one writes down how the money went."""
