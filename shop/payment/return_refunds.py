"""Where a return meets its money: the amount is fixed when it is asked for, paid when it arrived, or at once
where nothing needs to come back."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select

from shop.catalog.images import Picture
from shop.core import clock, idempotency
from shop.core.db import db
from shop.core.errors import Conflict, Invalid
from shop.order import goods, lock, replacements, return_outcomes, returns, timeline
from shop.order.models import Order, OrderLine
from shop.order.return_models import ReturnLine, ReturnRequest
from shop.order.return_outcomes import Wanted
from shop.order.return_states import Outcome, ReturnState
from shop.payment import refunds
from shop.payment.models import Refund
from shop.payment.refund_quotes import RefundQuote, quote

Pairs = Sequence[tuple[ReturnLine, OrderLine]]
REFUND_REASONS = {
    "damaged": "damaged",
    "quality": "damaged",
    "wrong-item": "not-as-described",
    "not-as-described": "not-as-described",
    "changed-mind": "changed-mind",
    "size": "changed-mind",
}
"""Why goods go back → why money does; ``other`` for the rest and for several at once."""


def worth(
    order_id: int, units: Mapping[str, int], *, include_delivery: bool = False, returning: str = ""
) -> RefundQuote:
    """What units of an order (line public id → units) are worth now; those of a replacement are worth what
    was paid for the goods that they replace. ``returning``: the return that they are under. Raises ``Invalid`` for too many."""
    lines = [line for line in lock.lines(order_id) if units.get(line.public_id)]
    first = replacements.heads([line.id for line in lines])
    if not first:
        return quote(order_id, units, include_delivery, returning=returning)
    counts = {line.id: units[line.public_id] for line in lines}
    return quote(
        next(iter(first.values())).order_id,
        {first[line_id].public_id: many for line_id, many in counts.items()},
        include_delivery=False,
        freed={first[line_id].id: many for line_id, many in counts.items()},
    )


def request(
    order_id: int,
    wanted: Mapping[str, Wanted],
    text: str,
    *,
    actor: str,
    key: str,
    outcome: str = Outcome.REFUND,
    pictures: Sequence[Picture] = (),
) -> str:
    """Ask to return units (by line public id); returns the return's public id.

    Raises as ``returns.create``. The same ``key`` gives the same return.
    """
    units = {name: line.quantity for name, line in wanted.items() if line.quantity}
    content = [
        order_id,
        {n: [w.quantity, w.reason, w.note, w.variant] for n, w in wanted.items()},
        text,
        outcome,
        [picture.name for picture in pictures],
    ]
    known = idempotency.begin("return", key, content)
    if known is not None:
        return known
    lock.order(order_id)
    return_outcomes.check(returns.check(order_id, wanted), outcome)
    amount = worth(order_id, units).total_minor
    if amount <= 0:
        raise Invalid("return-empty", field="quantities")
    row = returns.create(
        order_id, wanted, amount, text, actor=actor, outcome=outcome, pictures=pictures
    )
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
    """The goods are here and looked at: refund them, whatever was wanted; returns the refund's number.

    Lines whose public id is in ``restock`` go back on hand, the others are written off; both count as
    returned. ``note`` is for colleagues. Raises ``Conflict`` unless the return is approved or on its way,
    and when the refund would not be ``expected_minor``.
    """
    row = returns.hold(public_id)
    if row.outcome == Outcome.MONEY:
        raise Conflict("return-nothing-to-send")
    returns.ask(row, ReturnState.REFUNDED)
    pairs = lines_of(row, restock)
    first = replacements.heads([bought.id for _, bought in pairs])
    if first:
        take_back(row, pairs, restock, actor=actor)
        number = _refund_heads(row, pairs, first, note, actor=actor)
    else:
        number = _refund(
            row,
            {bought.public_id: line.quantity for line, bought in pairs},
            pairs,
            note,
            include_delivery=include_delivery,
            restock=restock,
            written_off={bought.public_id for _, bought in pairs} - set(restock),
            actor=actor,
        )
    for line, bought in pairs:
        line.restocked = bought.public_id in restock
    _end(row, number, expected_minor, actor, "return_received")
    returns.tell(row, "return.received")
    return number


def give_back(public_id: str, *, actor: str, expected_minor: int | None = None) -> str:
    """Money only: agree, unless it was agreed to before, and refund; returns the refund's number.

    Goods stay where they are, codes of services are void. Raises ``Conflict`` as ``receive``.
    """
    row = returns.hold(public_id)
    if row.outcome != Outcome.MONEY:
        raise Conflict("return-moved-on", state=row.state)
    if row.state == ReturnState.REQUESTED:
        returns.agree(row, "", quiet=True)
        timeline.note(row.order_id, "return_approved", actor=actor, return_id=public_id)
    returns.ask(row, ReturnState.REFUNDED)
    pairs = lines_of(row)
    first = replacements.heads([bought.id for _, bought in pairs])
    if first:
        take_back(row, pairs, (), actor=actor)
        number = _refund_heads(row, pairs, first, "", actor=actor)
    else:
        units = {bought.public_id: line.quantity for line, bought in pairs}
        number = _refund(row, units, pairs, "", actor=actor)
    _end(row, number, expected_minor, actor, "return_paid")
    returns.tell(row, "return.paid")
    return number


def lines_of(
    row: ReturnRequest, restock: Collection[str] = ()
) -> list[tuple[ReturnLine, OrderLine]]:
    """The lines of a held return. Raises ``Invalid`` when ``restock`` names another one."""
    pairs = [
        (line, bought)
        for line, bought in db.session.execute(
            select(ReturnLine, OrderLine)
            .join(OrderLine, OrderLine.id == ReturnLine.line_id)
            .where(ReturnLine.return_id == row.id)
            .order_by(ReturnLine.id)
            .execution_options(populate_existing=True)
        )
    ]
    if set(restock) - {bought.public_id for _, bought in pairs}:
        raise Invalid("return-line-unknown", field="restock")
    return pairs


def take_back(row: ReturnRequest, pairs: Pairs, restock: Collection[str], *, actor: str) -> None:
    """Units of a held return are the shop's again without a refund of their own order."""
    number = db.session.scalar(select(Order.number).where(Order.id == row.order_id))
    goods.hold([bought for _, bought in pairs])
    for line, bought in pairs:
        bought.returned += line.quantity
        line.restocked = bought.public_id in restock
    whole = [(bought, line.quantity) for line, bought in pairs if line.restocked]
    goods.put_back(whole, actor=actor, source=f"order {number}")
    db.session.flush()  # what is worth how much reads the lines


def _refund_heads(
    row: ReturnRequest, pairs: Pairs, first: Mapping[int, OrderLine], note: str, *, actor: str
) -> str:
    """The money of a replacement lies with the order that it replaces goods of."""
    units = {first[bought.id].public_id: line.quantity for line, bought in pairs}
    order_id = next(iter(first.values())).order_id
    return _refund(row, units, pairs, note, actor=actor, order_id=order_id)


def _refund(
    row: ReturnRequest,
    units: Mapping[str, int],
    pairs: Pairs,
    note: str,
    *,
    actor: str,
    order_id: int | None = None,
    include_delivery: bool = False,
    restock: Collection[str] = (),
    written_off: Collection[str] = (),
) -> str:
    reasons = {REFUND_REASONS.get(line.reason, "other") for line, _ in pairs}
    return refunds.request(
        row.order_id if order_id is None else order_id,
        units,
        include_delivery=include_delivery,
        restock=restock,
        reason=reasons.pop() if len(reasons) == 1 else "other",
        note=f"return {row.public_id}: {note}" if note else f"return {row.public_id}",
        actor=actor,
        key=f"return-{row.public_id}",
        written_off=written_off,
        returning=row.public_id,
    )


def _end(
    row: ReturnRequest, number: str, expected_minor: int | None, actor: str, kind: str
) -> None:
    refund = db.session.scalars(select(Refund).where(Refund.refund_no == number)).one()
    amount = refunds.amount_of(number)
    if expected_minor not in (None, amount):
        raise Conflict("return-amount-changed")
    row.state = ReturnState.REFUNDED
    row.refund_id, row.amount_minor, row.ended_at = refund.id, amount, clock.now()
    timeline.note(
        row.order_id,
        kind,
        actor=actor,
        return_id=row.public_id,
        amount_minor=amount,
    )
