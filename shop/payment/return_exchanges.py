"""Goods for goods: what came back is replaced by an order that costs nothing, and its money stays."""

from collections.abc import Collection

from sqlalchemy import select

from shop.core import clock
from shop.core.db import db
from shop.core.errors import Conflict
from shop.inventory import levels
from shop.order import lock, replacements, returns, timeline
from shop.order.models import OrderLine
from shop.order.return_models import Replacement
from shop.order.return_states import Outcome, ReturnState
from shop.payment import refunds
from shop.payment.return_refunds import lines_of, take_back, worth


def exchange(public_id: str, *, restock: Collection[str], actor: str) -> str:
    """The goods are here and looked at: send what was wanted instead; returns the number of its order.

    ``restock`` as of ``return_refunds.receive``. Raises ``Conflict("return-exchange-gone")`` when what was
    wanted is not there any more, and ``Invalid("refund-quantity")`` when the units were paid back meanwhile.
    Nothing is kept in these cases: the return can still be refunded.
    """
    row = returns.hold(public_id)
    if row.outcome != Outcome.EXCHANGE:
        raise Conflict("return-moved-on", state=row.state)
    returns.ask(row, ReturnState.EXCHANGED)
    pairs = lines_of(row, restock)
    units = {bought.public_id: line.quantity for line, bought in pairs}
    worth(row.order_id, units, returning=row.public_id)
    wanted = select(Replacement.variant_id).where(
        Replacement.return_line_id.in_([line.id for line, _ in pairs])
    )
    levels.hold({bought.variant_id for _, bought in pairs} | set(db.session.scalars(wanted)))
    # Before the goods that came back are on the shelf: nobody gets their own again.
    order = replacements.send(row, pairs, actor=actor)
    take_back(row, pairs, restock, actor=actor)
    row.state, row.ended_at = ReturnState.EXCHANGED, clock.now()
    timeline.note(
        row.order_id, "return_exchanged", actor=actor, return_id=public_id, number=order.number
    )
    returns.tell(row, "return.exchanged")
    return order.number


def refund_cancelled(order_id: int, *, reason: str, actor: str) -> list[str]:
    """An order that replaced goods was cancelled: the money that paid for it goes back; returns the numbers
    of the refunds. Nothing for any other order."""
    lines = {line.id: line for line in lock.lines(order_id)}
    begun = []
    for line_id, first in sorted(replacements.heads(lines).items()):
        line: OrderLine = lines[line_id]
        if not line.cancelled:
            continue
        begun.append(
            refunds.request(
                first.order_id,
                {first.public_id: line.cancelled},
                include_delivery=False,
                restock=(),
                reason=reason if reason in refunds.UNSENT else "other",
                note=f"order line {line.public_id}",
                actor=actor,
                key=f"replacement-{line.public_id}",
            )
        )
    return begun
