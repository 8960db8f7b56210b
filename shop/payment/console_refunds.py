"""What somebody gave back at a provider's console becomes a refund of ours, exactly once."""

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from shop.core import clock, ids, money, outbox
from shop.core.db import db
from shop.core.errors import Conflict
from shop.order import lock, timeline
from shop.payment import ledger, refund_answers, refund_taxes
from shop.payment.bills.base import BillRow
from shop.payment.matching import number_of
from shop.payment.models import Payment, PaymentAllocation, PaymentEvent, Refund
from shop.payment.states import AttemptState, RefundState

REASON = "provider-console"


def take(gateway: str, payment_id: int, row: BillRow) -> bool:
    """Write down that money went back: the orders' payment states follow, no stock moves, stores are told.

    A payment for several orders is given back in proportion to what is left of their shares. False
    when it is known already, or more than is left: then it stays a difference.
    """
    order_ids = db.session.scalars(
        select(PaymentAllocation.order_id)
        .where(PaymentAllocation.payment_id == payment_id)
        .order_by(PaymentAllocation.order_id)
    ).all()
    orders = {order_id: lock.order(order_id) for order_id in order_ids}
    payment = db.session.get_one(Payment, payment_id, with_for_update=True, populate_existing=True)
    if payment.state != AttemptState.PAID or not _write(gateway, payment_id, row):
        return False
    shares = db.session.scalars(
        select(PaymentAllocation)
        .where(PaymentAllocation.payment_id == payment_id)
        .order_by(PaymentAllocation.order_id)
        .execution_options(populate_existing=True)
    ).all()
    left = [share.amount_minor - share.refunded_minor for share in shares]
    if row.refunded_minor > sum(left):
        raise Conflict("refund-above-paid", refundable_minor=sum(left))
    actor = f"provider:{gateway}"
    for share, rest, amount in zip(
        shares, left, money.split(row.refunded_minor, left), strict=True
    ):
        if not amount:
            continue
        taxes = [
            refund_taxes.TaxPart(
                part.order_tax_id, part.net_minor * amount // rest, part.tax_minor * amount // rest
            )
            for part in refund_taxes.charged(share.order_id).left()
        ]
        _reserve(share.id, amount)
        refund = Refund(
            refund_no=ids.attempt_number("RF"),
            payment_id=payment_id,
            order_id=share.order_id,
            amount_minor=amount,
            currency=payment.currency,
            state=RefundState.DONE,
            reason=REASON,
            actor=actor,
            reference=number_of(row),
            provider_refund_id=row.provider_refund_id or None,
        )
        db.session.add(refund)
        db.session.flush()  # its taxes and its event name its id
        if payment.flag != ledger.SURPLUS:  # no tax is in what was too much
            refund_taxes.write(refund.id, taxes)
        timeline.note(
            share.order_id,
            "refund_imported",
            actor=actor,
            amount_minor=amount,
            refund_no=refund.refund_no,
            reference=refund.reference,
            reason=REASON,
        )
        refund_answers.finish(refund, orders[share.order_id])
        outbox.record("refund.imported", refund_id=refund.id, order_id=share.order_id)
    return True


def _reserve(share_id: int, amount: int) -> None:
    reserved = db.session.execute(
        update(PaymentAllocation)
        .where(
            PaymentAllocation.id == share_id,
            PaymentAllocation.refunded_minor + amount <= PaymentAllocation.amount_minor,
        )
        .values(refunded_minor=PaymentAllocation.refunded_minor + amount)
        .returning(PaymentAllocation.id)
    ).scalar()
    if reserved is None:
        raise Conflict("refund-above-paid")


def _write(gateway: str, payment_id: int, row: BillRow) -> bool:
    """The event is what makes it happen once: two runs at once write it only one time."""
    insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(PaymentEvent)
    written = db.session.execute(
        insert.values(
            payment_id=payment_id,
            gateway=gateway,
            provider_event_id=f"refunded:{row.no}:{number_of(row)}"[:120],
            kind="refunded",
            amount_minor=row.refunded_minor,
            detail={"by": "bill", "refund": number_of(row)},
            at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["gateway", "provider_event_id"])
        .returning(PaymentEvent.id)
    ).scalar()
    return written is not None
