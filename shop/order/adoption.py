"""A guest's orders join the account that the guest opens from the confirmation page."""

from sqlalchemy import func, select, update

from shop.core.db import db
from shop.membership import services as membership
from shop.order import money
from shop.order.models import Checkout, Order


def adopt(token: str, user_id: int) -> int:
    """Make a guest's checkout and its orders those of ``user_id``; returns how many orders.

    Holding the token is the proof: only the buyer has it. What belongs to somebody already, or was
    never there, is left alone. What they paid counts for their membership from now on.
    """
    checkout_id = db.session.execute(
        update(Checkout)
        .where(Checkout.token == token, Checkout.user_id.is_(None))
        .values(user_id=user_id)
        .returning(Checkout.id)
    ).scalar()
    if checkout_id is None:
        return 0
    mine = select(Order.id).where(Order.checkout_id == checkout_id, Order.user_id.is_(None))
    adopted = db.session.execute(
        update(Order)
        .where(Order.id.in_(mine))
        .values(user_id=user_id)
        .returning(Order.id, Order.store_id, Order.total_minor)
        .execution_options(synchronize_session=False)
    ).all()
    for row in sorted(adopted, key=lambda row: row.store_id):
        if money.went_going(row.id):
            spent = row.total_minor - _returned(row.id)
            membership.add_spent(row.store_id, user_id, spent)
    return len(adopted)


def _returned(order_id: int) -> int:
    """What of the order's money went back already."""
    # The tables of money belong to a higher package: named as text, not imported.
    refund, payment = (Order.metadata.tables[name] for name in ("refund", "payment"))
    total = db.session.scalar(
        select(func.coalesce(func.sum(refund.c.amount_minor), 0))
        .join(payment, payment.c.id == refund.c.payment_id)
        .where(
            refund.c.order_id == order_id,
            refund.c.state.in_(("done", "manual")),
            payment.c.flag != "surplus",
        )
    )
    return int(total or 0)
