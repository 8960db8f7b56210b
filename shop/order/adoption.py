"""A guest's orders join the account that the guest opens from the confirmation page."""

from sqlalchemy import select, update

from shop.core.db import db
from shop.order.models import Checkout, Order


def adopt(token: str, user_id: int) -> int:
    """Make a guest's checkout and its orders those of ``user_id``; returns how many orders.

    Holding the token is the proof: only the buyer has it. What belongs to somebody already, or was
    never there, is left alone.
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
    return len(
        db.session.scalars(
            update(Order)
            .where(Order.id.in_(mine))
            .values(user_id=user_id)
            .returning(Order.id)
            .execution_options(synchronize_session=False)
        ).all()
    )
