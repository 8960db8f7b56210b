"""The rows of lists of orders, and what some of them say: ready to be shipped, to be reviewed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select

from shop.core.i18n import pick
from shop.core.lookups import Lookup, Rows, askable
from shop.order.delivery_models import OrderDelivery
from shop.order.models import Checkout, Order, OrderContact, OrderLine, Shipment
from shop.order.return_models import Replacement
from shop.order.return_queries import newest_open
from shop.order.states import OrderState, PaymentState, ShippingState
from shop.order.views import OrderRow
from shop.store.models import StoreTranslation

PAID = (PaymentState.PAID, PaymentState.PARTLY_REFUNDED)


def ready() -> ColumnElement[bool]:
    """It can be shipped: open, not all sent, and paid or to be paid at the door."""
    return and_(
        Order.state == OrderState.OPEN,
        Order.shipping_state.in_([ShippingState.UNSHIPPED, ShippingState.PARTLY_SHIPPED]),
        or_(Order.payment_state.in_(PAID), Order.method == "cod"),
    )


def reviewable() -> ColumnElement[bool]:
    """It was received, and something of it was not reviewed."""
    # The review table belongs to a higher package: named as text, not imported.
    review = Order.metadata.tables["review"]
    return and_(
        Order.shipping_state == ShippingState.RECEIVED,
        exists().where(
            OrderLine.order_id == Order.id,
            ~exists().where(review.c.order_line_id == OrderLine.id),
            ~exists().where(Replacement.line_id == OrderLine.id),
        ),
    )


@askable
def rows_of(order_ids: Sequence[int], locale: str) -> Lookup[list[OrderRow]]:
    """The rows of some orders, in the given order."""
    if not order_ids:
        return Lookup(list)
    mine = Order.id.in_(order_ids)
    return Lookup(
        lambda *found: _rows(order_ids, locale, *found),
        select(
            *(Order.__table__.c[name] for name in _SHOWN),
            OrderContact.name.label("customer"),
            Checkout.token,
            ready().label("ready"),
            reviewable().label("reviewable"),
            OrderDelivery.pickup_state,
            newest_open().label("going_back"),
        )
        .join(Checkout, Checkout.id == Order.checkout_id)
        .outerjoin(OrderContact, OrderContact.order_id == Order.id)
        .outerjoin(OrderDelivery, OrderDelivery.order_id == Order.id)
        .where(mine),
        select(
            OrderLine.order_id,
            OrderLine.titles,
            OrderLine.options,
            OrderLine.quantity,
            OrderLine.image_name,
        )
        .where(OrderLine.order_id.in_(order_ids))
        .order_by(OrderLine.id),
        select(Shipment.order_id, Shipment.carrier, Shipment.tracking_number)
        .where(Shipment.order_id.in_(order_ids))
        .order_by(Shipment.id),
        select(StoreTranslation.store_id, StoreTranslation.locale, StoreTranslation.name).where(
            StoreTranslation.store_id.in_(select(Order.store_id).where(mine))
        ),
    )


_SHOWN = (
    "id", "number", "store_id", "state", "payment_state", "shipping_state", "method", "currency",
    "total_minor", "placed_at", "expires_at", "tendered_minor",
)  # fmt: skip


def _rows(
    order_ids: Sequence[int], locale: str, orders: Rows, bought: Rows, sent: Rows, texts: Rows
) -> list[OrderRow]:
    lines: dict[int, list[Any]] = {}
    for line in bought:
        lines.setdefault(line.order_id, []).append(line)
    parcels = {row.order_id: row for row in sent}
    names: dict[int, dict[str, str]] = {}
    for store_id, language, name in texts:
        names.setdefault(store_id, {})[language] = name
    found = {row.id: row for row in orders}
    result = []
    for order_id in order_ids:
        row = found[order_id]
        mine, parcel = lines.get(order_id, []), parcels.get(order_id)
        result.append(
            OrderRow(
                id=row.id,
                number=row.number,
                store_id=row.store_id,
                store_name=pick(names.get(row.store_id), locale),
                state=OrderState(row.state),
                payment_state=PaymentState(row.payment_state),
                shipping_state=ShippingState(row.shipping_state),
                method=row.method,
                currency=row.currency,
                total_minor=row.total_minor,
                placed_at=row.placed_at,
                expires_at=row.expires_at,
                customer=row.customer or "",
                first_title=pick(mine[0].titles, locale) if mine else "",
                first_options=pick(mine[0].options, locale) if mine else "",
                line_count=len(mine),
                units=sum(line.quantity for line in mine),
                thumbs=[line.image_name for line in mine if line.image_name][:4],
                carrier=parcel.carrier if parcel else "",
                tracking_number=parcel.tracking_number if parcel else "",
                checkout_token=row.token,
                ready_to_ship=bool(row.ready),
                reviewable=bool(row.reviewable),
                pickup=row.pickup_state or "",
                returning=row.going_back or "",
                tendered_minor=row.tendered_minor,
            )
        )
    return result
