"""Money goes back: asked for by staff or by the rules, reserved on the payment it came from."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import func, or_, select, update

from shop.campaigns import services as campaigns
from shop.core import clock, idempotency, ids, outbox
from shop.core.db import db
from shop.core.errors import Conflict, Invalid
from shop.order import codes, goods, lock, returnable, shipping, timeline
from shop.order.models import Order, OrderLine
from shop.order.states import ORDER, OrderState, PaymentState
from shop.payment import card_refunds, cards, ledger, refund_taxes
from shop.payment.models import Payment, PaymentAllocation, Refund, RefundLine
from shop.payment.refund_answers import finish
from shop.payment.refund_quotes import QuoteLine, quote, refundable
from shop.payment.refund_split import cut, share
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
    of others stay with them. The amount is reserved by guarded updates, so refunds at once never pass what
    was paid: on what a provider was paid first, the rest goes back to the cards (docs/adr/0048) as refunds of
    their own, which name the first one. Raises ``Invalid`` for nothing chosen or too many units and
    ``Conflict``: "refund-above-paid", "refund-partly-paid". The same ``key`` gives the same refund.
    """
    if reason not in REASONS and reason not in UNSENT:
        raise Invalid("reason-missing", field="reason")
    content = [order_id, dict(quantities), include_delivery, sorted(restock), reason, note]
    known = idempotency.begin("refund", key, content)
    if known is not None:
        return known
    order = lock.order(order_id)
    if order.payment_state == PaymentState.PARTLY_PAID:
        # A card's share alone: it goes back whole when the order is cancelled.
        raise Conflict("refund-partly-paid", number=order.number)
    wanted = quote(order_id, quantities, include_delivery, returning=returning)
    if wanted.total_minor <= 0:
        raise Invalid("refund-empty", field="quantities")
    sources = _reserve(order, wanted.total_minor)
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
                part.public_id in restock,
                written_off=part.public_id in written_off,
                away=away.get(part.line_id, 0),
            )
            free += [(line, cancelled)] if cancelled else []
            back += [(line, returned)] if returned else []
    goods.release(free)
    goods.put_back(back, actor=actor, source=f"order {order.number}")
    restocked = {line.id for line, _ in back}
    made: list[Refund] = []
    for source, piece in zip(
        sources, cut(wanted, [one.amount_minor for one in sources]), strict=True
    ):
        refund = _write(order, source, piece.delivery_minor, reason, note[:255], actor)
        refund.rest_of_id = made[0].id if made else None
        refund_taxes.write(refund.id, piece.taxes)
        db.session.add_all(
            RefundLine(
                refund_id=refund.id,
                line_id=part.line_id,
                quantity=part.quantity,
                amount_minor=part.amount_minor,
                restock=part.line_id in restocked,
            )
            for part in piece.lines
        )
        made.append(refund)
    db.session.flush()  # what follows reads the lines
    _follow(order)
    for refund in made:
        _announce(refund, order)
    idempotency.finish("refund", key, made[0].refund_no)
    return made[0].refund_no


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
    taxes, of_all = refund_taxes.charged(order.id).left(), refundable(order.id)
    refund = _write(order, _reserve(order, left, payment_id)[0], 0, reason, "", actor)
    flag = db.session.get_one(Payment, payment_id).flag
    if flag != ledger.SURPLUS and order.paid_at is not None:
        # No tax is in what was too much, nor in a part of what was never paid whole.
        refund_taxes.write(refund.id, share(taxes, left, of_all)[0])
    _announce(refund, order)
    return refund.refund_no


@dataclass(frozen=True, slots=True)
class _Source:
    """A payment that money goes back to, and how much of it."""

    payment_id: int
    gateway: str
    amount_minor: int


def _reserve(order: Order, amount: int, payment_id: int | None = None) -> list[_Source]:
    """Reserve ``amount`` on the paid shares of the order, those of providers before those of cards.

    Raises ``Conflict("refund-above-paid")`` when less is left.
    """
    shares = (
        select(
            PaymentAllocation.id,
            Payment.id,
            Payment.gateway,
            PaymentAllocation.amount_minor - PaymentAllocation.refunded_minor,
        )
        .join(Payment, Payment.id == PaymentAllocation.payment_id)
        .where(PaymentAllocation.order_id == order.id, Payment.state == AttemptState.PAID)
        .order_by(Payment.gateway == cards.GATEWAY, PaymentAllocation.id)
    )
    if payment_id is not None:
        shares = shares.where(Payment.id == payment_id)
    else:
        shares = shares.where(Payment.flag != ledger.SURPLUS)
    found: list[_Source] = []
    for allocation_id, paid_by, gateway, left in db.session.execute(shares).all():
        part = min(amount, left)
        if part <= 0:
            continue
        reserved = db.session.execute(
            update(PaymentAllocation)
            .where(
                PaymentAllocation.id == allocation_id,
                PaymentAllocation.refunded_minor + part <= PaymentAllocation.amount_minor,
            )
            .values(refunded_minor=PaymentAllocation.refunded_minor + part)
            .returning(PaymentAllocation.id)
        ).scalar()
        if reserved is None:
            continue
        found.append(_Source(paid_by, gateway, part))
        amount -= part
    if amount:
        raise Conflict("refund-above-paid", refundable_minor=refundable(order.id))
    return found


def _write(
    order: Order, source: _Source, delivery: int, reason: str, note: str, actor: str
) -> Refund:
    """Write a refund down whose amount is reserved."""
    state = RefundState.MANUAL if source.gateway in MANUAL_GATEWAYS else RefundState.CREATED
    refund = Refund(
        refund_no=ids.attempt_number("RF"),
        payment_id=source.payment_id,
        order_id=order.id,
        amount_minor=source.amount_minor,
        delivery_minor=delivery,
        currency=order.currency,
        # Nobody needs to be asked for what a card gets back.
        state=RefundState.DONE if source.gateway == cards.GATEWAY else state,
        reason=reason,
        note=note,
        actor=actor,
        next_try_at=None if source.gateway in BY_HAND else clock.now(),
    )
    db.session.add(refund)
    db.session.flush()  # its lines and its event name its id
    return refund


def amount_of(refund_no: str) -> int:
    """What a request gives back in all: the refund of this number and those that are the rest of it."""
    first = select(Refund.id).where(Refund.refund_no == refund_no).scalar_subquery()
    total = select(func.sum(Refund.amount_minor)).where(
        or_(Refund.id == first, Refund.rest_of_id == first)
    )
    return int(db.session.scalar(total) or 0)


def _book_units(
    order: Order,
    line: OrderLine,
    part: QuoteLine,
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
    if refund.state == RefundState.DONE:
        card_refunds.give_back(refund, order)
    if refund.state in ledger.RETURNED:
        finish(refund, order)
    elif refund.next_try_at is not None:
        outbox.record("refund.requested", refund_id=refund.id)
