"""Money goes back: asked for by staff or by the rules, reserved on the payment it came from."""

from collections.abc import Collection, Mapping

from sqlalchemy import select, update

from shop.campaigns import services as campaigns
from shop.core import clock, idempotency, ids, outbox
from shop.core.db import db
from shop.core.errors import Conflict, Invalid
from shop.order import codes, goods, lock, returnable, shipping, timeline
from shop.order.models import Order, OrderLine
from shop.order.states import ORDER, OrderState
from shop.payment import ledger, refund_taxes
from shop.payment.models import Payment, PaymentAllocation, Refund, RefundLine
from shop.payment.refund_answers import finish
from shop.payment.refund_quotes import QuoteLine, quote, refundable
from shop.payment.states import BY_HAND, AttemptState, RefundState

MANUAL_GATEWAYS = frozenset({"cod"})
"""Whoever begins such a refund has the money in hand: it is done."""

REASONS = ("damaged", "not-as-described", "changed-mind", "late", "goodwill", "other")

UNSENT = ("customer", "out-of-stock", "address", "suspicious", "other")
"""Why units that were not sent yet are cancelled."""


def request(
    order_id: int,
    quantities: Mapping[str, int],
    *,
    include_delivery: bool,
    restock: Collection[str],
    reason: str,
    note: str,
    actor: str,
    key: str,
    written_off: Collection[str] = (),
    returning: str = "",
) -> str:
    """Ask for a refund of some units and, if wanted, the delivery; returns its number.

    Units not yet shipped are cancelled and their stock is given back; shipped ones are put back on
    hand when their line is in ``restock``, and count as returned without it when it is in ``written_off``.
    Codes and downloads of refunded units close. ``returning``: the return (public id) that this ends; units
    of others stay with them. The amount is reserved by a guarded update, so refunds at once never pass what
    was paid. Raises ``Invalid`` for nothing chosen or too many units and
    ``Conflict("refund-above-paid")``. The same ``key`` gives the same refund.
    """
    if reason not in REASONS and reason not in UNSENT:
        raise Invalid("reason-missing", field="reason")
    content = [order_id, dict(quantities), include_delivery, sorted(restock), reason, note]
    known = idempotency.begin("refund", key, content)
    if known is not None:
        return known
    order = lock.order(order_id)
    wanted = quote(order_id, quantities, include_delivery, returning=returning)
    if wanted.total_minor <= 0:
        raise Invalid("refund-empty", field="quantities")
    refund = _create(order, wanted.total_minor, wanted.delivery_minor, reason, note[:255], actor)
    taxes = [tax for part in wanted.lines for tax in part.taxes]
    refund_taxes.write(refund.id, [*taxes, *wanted.delivery_taxes])
    lines = {line.id: line for line in lock.lines(order_id)}
    goods.hold([lines[part.line_id] for part in wanted.lines if part.quantity])
    away = returnable.under_return(order_id, returning)
    free, back = [], []
    for part in wanted.lines:
        if part.quantity:
            line = lines[part.line_id]
            cancelled, returned = _book_units(
                order,
                line,
                part,
                refund.id,
                part.public_id in restock,
                written_off=part.public_id in written_off,
                away=away.get(part.line_id, 0),
            )
            free += [(line, cancelled)] if cancelled else []
            back += [(line, returned)] if returned else []
    goods.release(free)
    goods.put_back(back, actor=actor, source=f"order {order.number}")
    db.session.flush()  # what follows reads the lines
    _follow(order)
    _announce(refund, order)
    idempotency.finish("refund", key, refund.refund_no)
    return refund.refund_no


def whole(payment_id: int, order_id: int, *, reason: str, actor: str) -> str | None:
    """Give back all that is left of a payment's share for an order; None when nothing is."""
    order = lock.order(order_id)
    allocation = db.session.scalars(
        select(PaymentAllocation)
        .where(PaymentAllocation.payment_id == payment_id, PaymentAllocation.order_id == order_id)
        .execution_options(populate_existing=True)
    ).one()
    left = allocation.amount_minor - allocation.refunded_minor
    if left <= 0:
        return None
    # Before the refund is there: it is not given back yet.
    taxes = refund_taxes.charged(order.id).left()
    refund = _create(order, left, 0, reason, "", actor, payment_id=payment_id)
    if (
        db.session.get_one(Payment, payment_id).flag != ledger.SURPLUS
    ):  # no tax is in what was too much
        refund_taxes.write(refund.id, taxes)
    _announce(refund, order)
    return refund.refund_no


def _create(
    order: Order,
    amount: int,
    delivery: int,
    reason: str,
    note: str,
    actor: str,
    payment_id: int | None = None,
) -> Refund:
    """Reserve ``amount`` on a paid share of the order and write the refund down."""
    shares = (
        select(PaymentAllocation.id, Payment.id, Payment.gateway)
        .join(Payment, Payment.id == PaymentAllocation.payment_id)
        .where(PaymentAllocation.order_id == order.id, Payment.state == AttemptState.PAID)
        .order_by(PaymentAllocation.id)
    )
    if payment_id is not None:
        shares = shares.where(Payment.id == payment_id)
    else:
        shares = shares.where(Payment.flag != ledger.SURPLUS)
    for allocation_id, paid_by, gateway in db.session.execute(shares).all():
        reserved = db.session.execute(
            update(PaymentAllocation)
            .where(
                PaymentAllocation.id == allocation_id,
                PaymentAllocation.refunded_minor + amount <= PaymentAllocation.amount_minor,
            )
            .values(refunded_minor=PaymentAllocation.refunded_minor + amount)
            .returning(PaymentAllocation.id)
        ).scalar()
        if reserved is None:
            continue
        refund = Refund(
            refund_no=ids.attempt_number("RF"),
            payment_id=paid_by,
            order_id=order.id,
            amount_minor=amount,
            delivery_minor=delivery,
            currency=order.currency,
            state=RefundState.MANUAL if gateway in MANUAL_GATEWAYS else RefundState.CREATED,
            reason=reason,
            note=note,
            actor=actor,
            next_try_at=None if gateway in BY_HAND else clock.now(),
        )
        db.session.add(refund)
        db.session.flush()  # its lines and its event name its id
        return refund
    raise Conflict("refund-above-paid", refundable_minor=refundable(order.id))


def _book_units(
    order: Order,
    line: OrderLine,
    part: QuoteLine,
    refund_id: int,
    restock: bool,
    *,
    written_off: bool,
    away: int,
) -> tuple[int, int]:
    """Units of the line that stock is freed of, and that go back on hand.

    ``away``: units that come back by a return. Of a refund that follows one which failed, the goods may
    be here already: then no more of them count as returned.
    """
    unshipped = min(part.quantity, line.quantity - line.cancelled - line.shipped)
    cancelled = unshipped if order.state == OrderState.OPEN else 0
    line.cancelled += cancelled
    back = min(part.quantity - unshipped, line.shipped - line.returned - away)
    if line.kind == "service":
        codes.void(line.id, part.quantity)
    if back > 0 and (restock or written_off or line.kind != "physical"):
        line.returned += back
    db.session.add(
        RefundLine(
            refund_id=refund_id,
            line_id=line.id,
            quantity=part.quantity,
            amount_minor=part.amount_minor,
            restock=restock and back > 0,
        )
    )
    return cancelled, back if restock and back > 0 else 0


def _follow(order: Order) -> None:
    """When nothing is left to be sent, the order is shipped; when nothing was sent at all, it is over."""
    lines = lock.lines(order.id)
    if order.state != OrderState.OPEN:
        return
    shipping.follow(order, lines)
    if all(line.cancelled == line.quantity for line in lines):
        ORDER.check(OrderState(order.state), OrderState.CANCELLED)
        order.state = OrderState.CANCELLED
        order.cancelled_at = clock.now()
        order.cancel_reason = "refunded"
        campaigns.release_order(order.id)


def _announce(refund: Refund, order: Order) -> None:
    timeline.note(
        order.id,
        "refund_requested",
        actor=refund.actor,
        amount_minor=refund.amount_minor,
        refund_no=refund.refund_no,
        reason=refund.reason,
    )
    if refund.state == RefundState.MANUAL:
        finish(refund, order)
    elif refund.next_try_at is not None:
        outbox.record("refund.requested", refund_id=refund.id)
