"""Refused at the door: goods to be paid on delivery that nobody took, and that came back unpaid."""

from sqlalchemy import update

from shop.campaigns import services as campaigns
from shop.core import clock, outbox
from shop.core.db import db
from shop.core.errors import Conflict
from shop.order import delivery, goods, lock, shipping, timeline
from shop.order.models import Shipment
from shop.order.states import ORDER, OrderState, PaymentState, ShippingState

REASON = "refused"
_SENT = (ShippingState.SHIPPED, ShippingState.PARTLY_SHIPPED)


def refuse(order_id: int, *, restock: bool, actor: str) -> None:
    """End a cash-on-delivery order whose parcel came back: what was sent is returned, and put back on hand
    with ``restock``; what was not sent yet is free again.

    Raises ``Conflict``: "order-closed", "not-to-be-refused" for one that is paid, that is not paid at the
    door, or that has not left.
    """
    row = lock.order(order_id)
    if row.state != OrderState.OPEN:
        raise Conflict("order-closed", number=row.number)
    sent = row.shipping_state in _SENT
    if row.method != "cod" or row.payment_state != PaymentState.UNPAID or not sent:
        raise Conflict("not-to-be-refused", number=row.number)
    ORDER.check(OrderState(row.state), OrderState.CANCELLED)
    lines = lock.lines(order_id)
    goods.hold(lines)
    unsent = [(line, line.quantity - line.cancelled - line.shipped) for line in lines]
    back = [(line, line.shipped - line.returned) for line in lines]
    goods.release([(line, units) for line, units in unsent if units])
    if restock:
        came = [(line, units) for line, units in back if units]
        goods.put_back(came, actor=actor, source=f"order {row.number}")
    for line, units in unsent:
        line.cancelled += units
    for line, units in back:
        line.returned += units
    db.session.flush()  # what follows reads the lines
    shipping.follow(row, lines)
    row.state = OrderState.CANCELLED
    row.cancelled_at = clock.now()
    row.cancel_reason = REASON
    row.auto_receive_at = None
    db.session.execute(
        update(Shipment)
        .where(Shipment.order_id == order_id)
        .values(poll_at=None)
        .execution_options(synchronize_session=False)
    )
    campaigns.release_order(row.id)
    delivery.release(row.id)
    timeline.note(row.id, "refused", actor=actor, restock=restock)
    outbox.record("order.cancelled", order_id=row.id, reason=REASON)
