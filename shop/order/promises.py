"""Promises of order lines: kept as they were made, whatever the policy of the variant becomes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from shop.core.db import db
from shop.core.lookups import Lookup, Rows, askable
from shop.inventory.policies import Promise
from shop.order import goods
from shop.order.models import OrderLine
from shop.order.promise_models import LinePromise


@dataclass(frozen=True, slots=True)
class LinePromiseView:
    """``backorder`` or ``preorder``, and the day from which on it leaves the house."""

    policy: str
    promised_on: date


def keep(promised: Sequence[tuple[OrderLine, Promise]]) -> None:
    """Write down what was promised for lines of new orders whose goods are not there. They are reserved."""
    if not promised:
        return
    there = goods.ready([(line, line.quantity) for line, _ in promised])
    for line, promise in promised:
        if promise.policy == "preorder" or there[line.id] < line.quantity:
            db.session.add(
                LinePromise(line_id=line.id, policy=promise.policy, promised_on=promise.promised_on)
            )


@askable
def of_lines(line_ids: Collection[int]) -> Lookup[dict[int, LinePromiseView]]:
    """Line → what was promised; those without a promise are left out. No statement for nothing, else one."""
    if not line_ids:
        return Lookup(dict)
    return Lookup(
        _read,
        select(LinePromise.line_id, LinePromise.policy, LinePromise.promised_on).where(
            LinePromise.line_id.in_(line_ids)
        ),
    )


def _read(rows: Rows) -> dict[int, LinePromiseView]:
    return {row.line_id: LinePromiseView(row.policy, row.promised_on) for row in rows}
