"""Telling buyers, once, that a code of theirs ends soon."""

from collections.abc import Sequence

from sqlalchemy import update

from shop.core import clock, outbox
from shop.core.db import db
from shop.order.models import RedemptionCode


def remind(order_id: int, code_ids: Sequence[int], *, mail: bool) -> int:
    """Mark codes of one order as reminded, and ask for the mail; those that were marked before, or that
    were used up meanwhile, are left out. Returns how many were marked."""
    marked = db.session.scalars(
        update(RedemptionCode)
        .where(
            RedemptionCode.id.in_(code_ids),
            RedemptionCode.reminded_at.is_(None),
            RedemptionCode.state == "open",
        )
        .values(reminded_at=clock.now())
        .returning(RedemptionCode.id)
        .execution_options(synchronize_session=False)
    ).all()
    if marked and mail:
        outbox.record("codes.expiring", order_id=order_id, code_ids=sorted(marked))
    return len(marked)
