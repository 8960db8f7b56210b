"""Money goes back: requested, reserved on the payment, submitted, and booked when it is done."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, update

from shop.campaigns import services as campaigns
from shop.campaigns.engine.refund import refund_share
from shop.core import clock, idempotency, ids, outbox
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound
from shop.inventory import reservations
from shop.inventory import services as inventory
from shop.membership import services as membership
from shop.order import lock, timeline
from shop.order.models import Adjustment, Order, OrderLine
from shop.order.states import ORDER, OrderState
from shop.payment import ledger
from shop.payment.models import Payment, PaymentAllocation, Refund, RefundLine
from shop.payment.states import ACTIVE_REFUNDS, REFUND, AttemptState, RefundState

MANUAL_GATEWAYS = frozenset({"cod"})
REASONS = ("damaged", "not-as-described", "changed-mind", "late", "goodwill", "other")


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """Units of a line to be refunded and their exact share after discounts."""

    line_id: int
    public_id: str
    quantity: int
    amount_minor: int
    most: int


@dataclass(frozen=True, slots=True)
class RefundQuote:
    """What a refund would be; ``refundable_minor`` is the most that is left to give back."""

    lines: list[QuoteLine]
    delivery_minor: int
    delivery_left_minor: int
    total_minor: int
    refundable_minor: int
    currency: str


def quote(order_id: int, quantities: Mapping[str, int], include_delivery: bool) -> RefundQuote:
    """Price a refund of ``quantities`` (line public id → units). Raises ``Invalid`` for too many."""
    order = db.session.get(Order, order_id, populate_existing=True)
    if order is None:
        raise NotFound("order-missing")
    before = _refunded_units(order_id)
    lines = []
    for line in lock.lines(order_id):
        done = before.get(line.id, 0)
        most = line.quantity - done
        wanted = quantities.get(line.public_id, 0)
        if not 0 <= wanted <= most:
            raise Invalid("refund-quantity", field=f"quantity-{line.public_id}", maximum=most)
        amount = refund_share(
            line.unit_price_minor, line.quantity, line.discount_minor, done, wanted
        )
        lines.append(QuoteLine(line.id, line.public_id, wanted, amount, most))
    delivery_left = _delivery_left(order)
    delivery = delivery_left if include_delivery else 0
    return RefundQuote(
        lines=lines,
        delivery_minor=delivery,
        delivery_left_minor=delivery_left,
        total_minor=sum(line.amount_minor for line in lines) + delivery,
        refundable_minor=_refundable(order_id),
        currency=order.currency,
    )


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
) -> str:
    """Ask for a refund of some units and, if wanted, the delivery; returns its number.

    Units not yet shipped are cancelled and their stock is given back; shipped ones are put back on
    hand when their line is in ``restock``. The amount is reserved by a guarded update, so refunds at
    once never pass what was paid. Raises ``Invalid`` for nothing chosen or too many units and
    ``Conflict("refund-above-paid")``. The same ``key`` gives the same refund.
    """
    if reason not in REASONS:
        raise Invalid("reason-missing", field="reason")
    content = [order_id, dict(quantities), include_delivery, sorted(restock), reason, note]
    known = idempotency.begin("refund", key, content)
    if known is not None:
        return known
    order = lock.order(order_id)
    wanted = quote(order_id, quantities, include_delivery)
    if wanted.total_minor <= 0:
        raise Invalid("refund-empty", field="quantities")
    refund = _create(order, wanted.total_minor, wanted.delivery_minor, reason, note[:255], actor)
    lines = {line.id: line for line in lock.lines(order_id)}
    for part in wanted.lines:
        if part.quantity:
            _book_units(
                order, lines[part.line_id], part, refund.id, part.public_id in restock, actor
            )
    db.session.flush()  # the check below reads the lines
    _close_if_empty(order)
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
    refund = _create(order, left, 0, reason, "", actor, payment_id=payment_id)
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
    for allocation_id, paid_by, gateway in db.session.execute(shares).tuples().all():
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
            next_try_at=clock.now(),
        )
        db.session.add(refund)
        db.session.flush()  # its lines and its event name its id
        return refund
    raise Conflict("refund-above-paid", refundable_minor=_refundable(order.id))


def _book_units(
    order: Order, line: OrderLine, part: QuoteLine, refund_id: int, restock: bool, actor: str
) -> None:
    unshipped = min(part.quantity, line.quantity - line.cancelled - line.shipped)
    if unshipped and order.state == OrderState.OPEN:
        if reservations.is_kept(line.variant_id):
            reservations.release_units(line.id, unshipped)
        line.cancelled += unshipped
    back = min(part.quantity - unshipped, line.shipped - line.returned)
    if restock and back > 0:
        line.returned += back
        location_id = reservations.location_of_sale(line.id)
        if location_id is not None and reservations.is_kept(line.variant_id):
            inventory.put_back(
                line.variant_id, location_id, back, actor=actor, source=f"order {order.number}"
            )
    db.session.add(
        RefundLine(
            refund_id=refund_id,
            line_id=line.id,
            quantity=part.quantity,
            amount_minor=part.amount_minor,
            restock=restock and back > 0,
        )
    )


def _close_if_empty(order: Order) -> None:
    """Every unit was cancelled by refunds before anything left: the order is over."""
    lines = lock.lines(order.id)
    if order.state == OrderState.OPEN and all(line.cancelled == line.quantity for line in lines):
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
        _finish(refund, order)
    else:
        outbox.record("refund.requested", refund_id=refund.id)


@dataclass(frozen=True, slots=True)
class Submission:
    """What a gateway needs to give money back."""

    refund_id: int
    gateway: str
    attempt_no: str
    refund_no: str
    amount_minor: int
    total_minor: int
    currency: str
    reason: str
    asked_before: bool


def claim(refund_id: int, lease: timedelta = timedelta(minutes=1)) -> Submission | None:
    """Take a refund for one try with its provider; None when it is done or another try is under way."""
    moment = clock.now()
    before = db.session.scalar(select(Refund.state).where(Refund.id == refund_id))
    taken = db.session.execute(
        update(Refund)
        .where(
            Refund.id == refund_id,
            Refund.state.in_(
                [
                    RefundState.CREATED,
                    RefundState.SUBMITTED,
                    RefundState.UNKNOWN,
                    RefundState.PROCESSING,
                ]
            ),
            Refund.next_try_at <= moment,
        )
        .values(attempts=Refund.attempts + 1, next_try_at=moment + lease)
        .returning(Refund.id)
    ).scalar()
    if taken is None:
        return None
    refund = db.session.get_one(Refund, taken, populate_existing=True)
    if refund.state == RefundState.CREATED:
        refund.state = RefundState.SUBMITTED
    payment = db.session.get_one(Payment, refund.payment_id)
    return Submission(
        refund.id,
        payment.gateway,
        payment.attempt_no,
        refund.refund_no,
        refund.amount_minor,
        payment.amount_minor,
        payment.currency,
        refund.reason,
        before != RefundState.CREATED,
    )


def answered(refund_id: int, status: RefundState, *, provider_refund_id: str | None = None) -> None:
    """Book what the provider said; repeating the same word changes nothing."""
    order_id = db.session.scalar(select(Refund.order_id).where(Refund.id == refund_id))
    if order_id is None:
        raise NotFound("refund-missing")
    order = lock.order(order_id)
    refund = db.session.get_one(Refund, refund_id, with_for_update=True, populate_existing=True)
    old = RefundState(refund.state)
    if provider_refund_id:
        refund.provider_refund_id = provider_refund_id
    if status in {RefundState.UNKNOWN, RefundState.PROCESSING}:
        refund.next_try_at = clock.now() + timedelta(
            seconds=min(3600, 10 * 2 ** min(refund.attempts, 9))
        )
    if status == old:
        return
    REFUND.check(old, status)
    refund.state = status
    if status in ledger.RETURNED:
        _finish(refund, order)
    elif status == RefundState.FAILED:
        db.session.execute(
            update(PaymentAllocation)
            .where(
                PaymentAllocation.payment_id == refund.payment_id,
                PaymentAllocation.order_id == order.id,
            )
            .values(refunded_minor=PaymentAllocation.refunded_minor - refund.amount_minor)
        )
        timeline.note(
            order.id,
            "refund_failed",
            actor="system",
            amount_minor=refund.amount_minor,
            refund_no=refund.refund_no,
        )


def _finish(refund: Refund, order: Order) -> None:
    refund.done_at = clock.now()
    refund.next_try_at = None
    timeline.note(
        order.id,
        "refunded",
        actor=refund.actor,
        amount_minor=refund.amount_minor,
        refund_no=refund.refund_no,
    )
    ledger.settle(order.id, actor=refund.actor)
    if order.user_id is not None and order.paid_at is not None:
        membership.add_spent(order.store_id, order.user_id, -refund.amount_minor)
    outbox.record("refund.done", refund_id=refund.id, order_id=order.id)


def _refunded_units(order_id: int) -> dict[int, int]:
    rows = db.session.execute(
        select(RefundLine.line_id, func.sum(RefundLine.quantity))
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.order_id == order_id, Refund.state.in_(ACTIVE_REFUNDS))
        .group_by(RefundLine.line_id)
    ).tuples()
    return {line_id: int(units) for line_id, units in rows}


def _delivery_left(order: Order) -> int:
    discount = db.session.scalar(
        select(func.coalesce(func.sum(Adjustment.amount_minor), 0)).where(
            Adjustment.order_id == order.id, Adjustment.line_id.is_(None)
        )
    )
    given = db.session.scalar(
        select(func.coalesce(func.sum(Refund.delivery_minor), 0)).where(
            Refund.order_id == order.id, Refund.state.in_(ACTIVE_REFUNDS)
        )
    )
    return max(0, order.delivery_minor + int(discount or 0) - int(given or 0))


def _refundable(order_id: int) -> int:
    left = db.session.scalar(
        select(
            func.coalesce(
                func.sum(PaymentAllocation.amount_minor - PaymentAllocation.refunded_minor), 0
            )
        )
        .join(Payment, Payment.id == PaymentAllocation.payment_id)
        .where(
            PaymentAllocation.order_id == order_id,
            Payment.state == AttemptState.PAID,
            Payment.flag != ledger.SURPLUS,
        )
    )
    return int(left or 0)
