"""What must hold of money, whatever happened: for ``flask doctor`` and for tests."""

from sqlalchemy import Subquery, case, func, select

from shop.core.db import db
from shop.membership.models import Membership
from shop.order import money as order_money
from shop.order.models import Order, OrderLine, TimelineEntry
from shop.order.states import PaymentState
from shop.payment import card_checks, ledger, reconcile_queries, refund_taxes, transfer_checks
from shop.payment.models import Payment, PaymentAllocation, PaymentEvent, Refund, RefundLine
from shop.payment.states import ACTIVE_REFUNDS, AttemptState


def differences() -> list[str]:
    """Payments, shares, refunds and order states that do not agree: a sentence each, with ids."""
    return [
        *_allocations(),
        *_refunded(),
        *_shares(),
        *_events(),
        *_orders(),
        *_members(),
        *card_checks.differences(),
        *refund_taxes.differences(),
        *reconcile_queries.sums_apart(),
        *transfer_checks.differences(),
    ]


def _allocations() -> list[str]:
    total = func.coalesce(func.sum(PaymentAllocation.amount_minor), 0)
    rows = db.session.execute(
        select(Payment.id, Payment.amount_minor, total)
        .outerjoin(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .group_by(Payment.id, Payment.amount_minor)
        .having(Payment.amount_minor != total)
    )
    return [f"payment {pid}: amount {amount}, shares sum to {real}" for pid, amount, real in rows]


def refunded_apart() -> list[tuple[int, int, int]]:
    """Shares whose refunded sum is not that of their refunds: id, what is kept, what is right."""
    total = func.coalesce(
        func.sum(case((Refund.state.in_(ACTIVE_REFUNDS), Refund.amount_minor), else_=0)), 0
    )
    rows = db.session.execute(
        select(PaymentAllocation.id, PaymentAllocation.refunded_minor, total)
        .outerjoin(
            Refund,
            (Refund.payment_id == PaymentAllocation.payment_id)
            & (Refund.order_id == PaymentAllocation.order_id),
        )
        .group_by(PaymentAllocation.id, PaymentAllocation.refunded_minor)
        .having(PaymentAllocation.refunded_minor != total)
    )
    return [(aid, kept, int(real)) for aid, kept, real in rows]


def _refunded() -> list[str]:
    return [
        f"payment_allocation {aid}: refunded {kept}, refunds sum to {real}"
        for aid, kept, real in refunded_apart()
    ]


def _shares() -> list[str]:
    """What went back for units of a line is their share of it: as many cents a unit as the line has,
    rounded down or up."""
    units, given = func.sum(RefundLine.quantity), func.sum(RefundLine.amount_minor)
    rows = db.session.execute(
        select(
            OrderLine.id,
            OrderLine.quantity,
            (OrderLine.unit_price_minor * OrderLine.quantity + OrderLine.discount_minor),
            case((Order.prices_include_tax, 0), else_=OrderLine.tax_minor),
            units,
            given,
            func.min(RefundLine.quantity),
        )
        .join(Order, Order.id == OrderLine.order_id)
        .join(RefundLine, RefundLine.line_id == OrderLine.id)
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(Refund.state.in_(ACTIVE_REFUNDS))
        .group_by(
            OrderLine.id,
            OrderLine.quantity,
            OrderLine.unit_price_minor,
            OrderLine.discount_minor,
            OrderLine.tax_minor,
            Order.prices_include_tax,
        )
    )
    wrong = []
    for lid, quantity, net, tax, many, back, fewest in rows:
        total = net + tax
        # Each added tax is rounded by itself: a cent more or less a unit for each.
        slack = 2 if tax else 0
        low = int(many) * (total // quantity - slack)
        high = int(many) * (-(-total // quantity) + slack)
        if not fewest:  # in part given back apart from its units, which may be asked for once more
            high = total
        if many > quantity or not low <= back <= min(high, total):
            wrong.append(
                f"order_line {lid}: {back} refunded for {many} of {quantity} units, which cost {total}"
            )
    return wrong


def _events() -> list[str]:
    rows = db.session.scalars(
        select(Payment.id).where(
            Payment.state == AttemptState.PAID,
            Payment.amount_minor > 0,
            ~select(PaymentEvent.id)
            .where(PaymentEvent.payment_id == Payment.id, PaymentEvent.kind == "paid")
            .exists(),
        )
    )
    return [f"payment {pid}: paid, yet no event says so" for pid in rows]


def orders_apart() -> list[tuple[int, str, str, int, int, int, PaymentState]]:
    """Orders whose payment state is not the one that their money means: id, number, state, total, paid,
    refunded, the right state."""
    back = _returned()
    paid = (
        select(PaymentAllocation.order_id, func.sum(PaymentAllocation.amount_minor).label("total"))
        .join(Payment, Payment.id == PaymentAllocation.payment_id)
        .where(Payment.state == AttemptState.PAID, Payment.flag != ledger.SURPLUS)
        .group_by(PaymentAllocation.order_id)
        .subquery()
    )
    parts = func.coalesce(ledger.parts(Order.id), 0)
    rows = db.session.execute(
        select(
            Order.id,
            Order.number,
            Order.payment_state,
            Order.total_minor,
            func.coalesce(paid.c.total, 0) + parts,
            func.coalesce(back.c.total, 0),
        )
        .outerjoin(paid, paid.c.order_id == Order.id)
        .outerjoin(back, back.c.order_id == Order.id)
    )
    wrong = []
    for oid, number, state, total, received, returned in rows:
        meant = order_money.derive(total, int(received), int(returned))
        if PaymentState(state) != meant:
            wrong.append((oid, number, state, total, int(received), int(returned), meant))
    return wrong


def _orders() -> list[str]:
    return [
        f"order {oid} ({number}): payment state {state}, but paid {received} and refunded {returned} of "
        f"{total} mean {meant}"
        for oid, number, state, total, received, returned, meant in orders_apart()
    ]


def members_apart() -> list[tuple[int, int, int]]:
    """Memberships that say otherwise (id, what is kept, what is right): what a member spent is what the orders that were set going cost, less what went back."""
    back = _returned()
    going = (
        select(TimelineEntry.order_id).where(TimelineEntry.kind == order_money.GOING).distinct()
    ).subquery()
    spent = (
        select(
            Order.store_id,
            Order.user_id,
            func.sum(Order.total_minor - func.coalesce(back.c.total, 0)).label("total"),
        )
        .join(going, going.c.order_id == Order.id)
        .outerjoin(back, back.c.order_id == Order.id)
        .where(Order.user_id.is_not(None))
        .group_by(Order.store_id, Order.user_id)
        .subquery()
    )
    real = func.coalesce(spent.c.total, 0)
    rows = db.session.execute(
        select(Membership.id, Membership.spent_minor, real)
        .outerjoin(
            spent,
            (spent.c.store_id == Membership.store_id) & (spent.c.user_id == Membership.user_id),
        )
        .where(Membership.spent_minor != real)
    )
    return [(mid, kept, int(due)) for mid, kept, due in rows]


def _members() -> list[str]:
    return [
        f"membership {mid}: spent {kept}, orders say {due}" for mid, kept, due in members_apart()
    ]


def _returned() -> Subquery:
    """What went back of each order's money, without surplus."""
    return (
        select(Refund.order_id, func.sum(Refund.amount_minor).label("total"))
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.state.in_(ledger.RETURNED), Payment.flag != ledger.SURPLUS)
        .group_by(Refund.order_id)
        .subquery()
    )
