"""The three axes of an order and the moves each allows (issue: states of their own from the start)."""

from enum import StrEnum

from shop.core.states import Machine


class OrderState(StrEnum):
    """Where the order as a whole stands."""

    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class PaymentState(StrEnum):
    """What the money ledger says: paid − refunded against the total."""

    UNPAID = "unpaid"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"


AWAITING = (PaymentState.UNPAID, PaymentState.PARTLY_PAID)
"""Money is still to come: all of it, or what a gift card left."""


class ShippingState(StrEnum):
    """What the quantities of the lines say."""

    UNSHIPPED = "unshipped"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    RECEIVED = "received"


ORDER = Machine[OrderState](
    "order",
    {
        OrderState.OPEN: frozenset({OrderState.COMPLETED, OrderState.CANCELLED}),
        # Late money for a cancelled order takes its stock again, or is refunded whole.
        OrderState.CANCELLED: frozenset({OrderState.OPEN}),
    },
)

PAYMENT = Machine[PaymentState](
    "payment",
    {
        PaymentState.UNPAID: frozenset({PaymentState.PARTLY_PAID, PaymentState.PAID}),
        PaymentState.PARTLY_PAID: frozenset(
            {
                # What cards had paid of an order that ended is theirs again.
                PaymentState.UNPAID,
                PaymentState.PAID,
                PaymentState.PARTLY_REFUNDED,
                PaymentState.REFUNDED,
            }
        ),
        PaymentState.PAID: frozenset({PaymentState.PARTLY_REFUNDED, PaymentState.REFUNDED}),
        # A refund that the provider failed gives its amount back to the paid side.
        PaymentState.PARTLY_REFUNDED: frozenset({PaymentState.REFUNDED, PaymentState.PAID}),
        PaymentState.REFUNDED: frozenset({PaymentState.PARTLY_REFUNDED, PaymentState.PAID}),
    },
)

SHIPPING = Machine[ShippingState](
    "shipping",
    {
        ShippingState.UNSHIPPED: frozenset({ShippingState.PARTLY_SHIPPED, ShippingState.SHIPPED}),
        ShippingState.PARTLY_SHIPPED: frozenset({ShippingState.SHIPPED}),
        ShippingState.SHIPPED: frozenset({ShippingState.RECEIVED}),
    },
)


class ParcelState(StrEnum):
    """Where a parcel is, as its carrier tells: the kind of its latest event, delivered once it ever was."""

    SENT = "sent"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    EXCEPTION = "exception"
    DELIVERED = "delivered"


_UNDER_WAY = frozenset(
    {ParcelState.IN_TRANSIT, ParcelState.OUT_FOR_DELIVERY, ParcelState.EXCEPTION}
)

PARCEL = Machine[ParcelState](
    "parcel",
    {
        ParcelState.SENT: _UNDER_WAY | {ParcelState.DELIVERED},
        # Carriers go back and forth: a parcel out for delivery may return to the depot.
        **{one: (_UNDER_WAY - {one}) | {ParcelState.DELIVERED} for one in _UNDER_WAY},
    },
)
