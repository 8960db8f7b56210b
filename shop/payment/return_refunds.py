"""Where a return meets its money: the amount is fixed when it is asked for, paid when it arrived."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from shop.core import clock, idempotency
from shop.core.db import db
from shop.core.errors import Conflict, Invalid
from shop.order import lock, returns, timeline
from shop.order.models import OrderLine
from shop.order.return_models import ReturnLine
from shop.order.return_states import ReturnState
from shop.order.returns import Wanted
from shop.payment import refunds
from shop.payment.models import Refund
from shop.payment.refund_quotes import quote

REFUND_REASONS = {
    "damaged": "damaged",
    "quality": "damaged",
    "wrong-item": "not-as-described",
    "not-as-described": "not-as-described",
    "changed-mind": "changed-mind",
    "size": "changed-mind",
}
"""Why goods go back → why money does; ``other`` for the rest and for several at once."""


def request(order_id: int, wanted: Mapping[str, Wanted], text: str, *, actor: str, key: str) -> str:
    """Ask to return units (by line public id); returns the return's public id.

    Raises ``Invalid`` for what cannot go back. The same ``key`` gives the same return.
    """
    units = {name: line.quantity for name, line in wanted.items() if line.quantity}
    content = [order_id, {n: [w.quantity, w.reason] for n, w in wanted.items()}, text]
    known = idempotency.begin("return", key, content)
    if known is not None:
        return known
    lock.order(order_id)
    returns.check(order_id, wanted)
    amount = quote(order_id, units, include_delivery=False).total_minor
    if amount <= 0:
        raise Invalid("return-empty", field="quantities")
    row = returns.create(order_id, wanted, amount, text, actor=actor)
    idempotency.finish("return", key, row.public_id)
    return row.public_id


def receive(
    public_id: str,
    *,
    restock: Collection[str],
    include_delivery: bool,
    actor: str,
    note: str = "",
    expected_minor: int | None = None,
) -> str:
    """The goods are here and looked at: refund them; returns the refund's number.

    Lines whose public id is in ``restock`` go back on hand, the others are written off; both count as
    returned. ``note`` is for colleagues. Raises ``Conflict`` unless the return is approved or on its way,
    and when the refund would not be ``expected_minor``.
    """
    row = returns.hold(public_id)
    returns.ask(row, ReturnState.REFUNDED)
    pairs = db.session.execute(
        select(ReturnLine, OrderLine.public_id)
        .join(OrderLine, OrderLine.id == ReturnLine.line_id)
        .where(ReturnLine.return_id == row.id)
    ).all()
    strange = set(restock) - {name for _, name in pairs}
    if strange:
        raise Invalid("return-line-unknown", field="restock")
    reasons = {REFUND_REASONS.get(line.reason, "other") for line, _ in pairs}
    number = refunds.request(
        row.order_id,
        {name: line.quantity for line, name in pairs},
        include_delivery=include_delivery,
        restock=restock,
        reason=reasons.pop() if len(reasons) == 1 else "other",
        note=f"return {public_id}: {note}" if note else f"return {public_id}",
        actor=actor,
        key=f"return-{public_id}",
        written_off={name for _, name in pairs} - set(restock),
    )
    refund = db.session.scalars(select(Refund).where(Refund.refund_no == number)).one()
    if expected_minor not in (None, refund.amount_minor):
        raise Conflict("return-amount-changed")
    row.state = ReturnState.REFUNDED
    row.refund_id, row.amount_minor, row.ended_at = refund.id, refund.amount_minor, clock.now()
    for line, name in pairs:
        line.restocked = name in restock
    timeline.note(
        row.order_id,
        "return_received",
        actor=actor,
        return_id=public_id,
        amount_minor=refund.amount_minor,
    )
    returns.tell(row, "return.received")
    return number
