"""Staff take back some units that were not sent yet: cancelled, free to be sold, and their money goes back.

Only of what was paid: docs/adr/0034 says why.
"""

from collections.abc import Mapping

from shop.core.errors import Conflict, Invalid
from shop.order import lock, timeline
from shop.order.states import OrderState, PaymentState
from shop.payment import refund_quotes, refunds, settlement


def cancel_lines(
    order_id: int, quantities: Mapping[str, int], *, reason: str, actor: str, key: str
) -> list[str]:
    """Cancel ``quantities`` (line public id → units not sent yet); returns the refunds this began.

    With everything that is left of an order that sent nothing, the order itself is cancelled, delivery
    and all. Raises ``Invalid``: "reason-missing", "cancel-nothing", "cancel-units"; ``Conflict``:
    "order-closed", "cancel-unpaid" (cash that is still to be collected, too).
    """
    if reason not in refunds.UNSENT:
        raise Invalid("reason-missing", field="reason")
    order = lock.order(order_id)
    if order.state != OrderState.OPEN:
        raise Conflict("order-closed", number=order.number)
    lines = lock.lines(order_id)
    left = {line.public_id: line.quantity - line.cancelled - line.shipped for line in lines}
    chosen = {line: units for line, units in quantities.items() if units}
    for line, units in chosen.items():
        most = left.get(line, 0)
        if not 0 < units <= most:
            raise Invalid("cancel-units", field=f"quantity-{line}", maximum=most)
    if not chosen:
        raise Invalid("cancel-nothing", field="quantities")
    refundable = refund_quotes.refundable(order_id)
    everything = sum(chosen.values()) == sum(left.values())
    if refundable and everything and not any(line.shipped for line in lines):
        return settlement.cancel_order(order_id, reason=reason, actor=actor)
    if order.payment_state == PaymentState.PARTLY_PAID or not refundable:
        # A card's share alone: the rest is still to come, and nobody knows of which units it would be.
        raise Conflict("cancel-unpaid", number=order.number)
    number = refunds.request(
        order_id,
        chosen,
        include_delivery=False,
        restock=(),
        reason=reason,
        note="",
        actor=actor,
        key=key,
    )
    timeline.note(
        order_id, "lines_cancelled", actor=actor, reason=reason, units=sum(chosen.values())
    )
    return [number]
